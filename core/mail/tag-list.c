/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "mail/tag-list.h"

#include "base/base64url.h"
#include "base/error.h"

#include <string.h>

static gboolean
is_white (char c)
{
  return c <= ' ' && (c == ' ' || c == '\t' || c == '\r' || c == '\n');
}

static void
trim (const char **start, const char **end)
{
  while (*start < *end && is_white (**start))
    ++*start;
  while (*end > *start && is_white ((*end)[-1]))
    --*end;
}

/* ALPHA *ALNUMPUNC */
static gboolean
is_name (const char *name, gsize length)
{
  if (length == 0 || !g_ascii_isalpha (name[0]))
    return FALSE;
  for (gsize i = 1; i < length; i++) {
    if (!g_ascii_isalnum (name[i]) && name[i] != '_')
      return FALSE;
  }
  return TRUE;
}

static const McTag *
find (const McTagList *list, const char *name, gsize length)
{
  for (guint i = 0; i < list->n; i++) {
    if (list->tags[i].name_length == length && memcmp (list->tags[i].name, name, length) == 0)
      return &list->tags[i];
  }
  return NULL;
}

/* One "name = value" in [START, END). */
static gboolean
append_tag (McTagList *list, const char *start, const char *end)
{
  const char *equals = memchr (start, '=', (gsize)(end - start));
  McTag tag;
  const char *name_end = equals;
  const char *value_end = end;

  if (equals == NULL || list->n == MC_TAG_LIST_MAX)
    return FALSE;
  tag = (McTag){.name = start, .start = equals + 1, .end = end, .value = equals + 1};
  trim (&tag.name, &name_end);
  trim (&tag.value, &value_end);
  tag.name_length = (gsize)(name_end - tag.name);
  tag.length = (gsize)(value_end - tag.value);
  if (!is_name (tag.name, tag.name_length) || find (list, tag.name, tag.name_length) != NULL)
    return FALSE;
  list->tags[list->n++] = tag;
  return TRUE;
}

gboolean
mc_tag_list_parse (const char *text, gsize length, McTagList *list, GError **error)
{
  /* An empty TXT record is NULL, and a text with a NUL no list at all. */
  const char *end = length == 0 || memchr (text, '\0', length) != NULL ? text : text + length;
  const char *next;

  list->n = 0;
  for (const char *p = text; p < end; p = next) {
    const char *semicolon = memchr (p, ';', (gsize)(end - p));
    const char *start = p;
    const char *tag_end = semicolon != NULL ? semicolon : end;

    next = semicolon != NULL ? semicolon + 1 : end;
    trim (&start, &tag_end);
    if (start == tag_end && semicolon == NULL && list->n > 0) /* after the last ";" */
      break;
    if (!append_tag (list, p, semicolon != NULL ? semicolon : end)) {
      g_set_error_literal (error, MC_ERROR, MC_ERROR_MALFORMED, "not a tag list");
      return FALSE;
    }
  }
  if (list->n == 0)
    g_set_error_literal (error, MC_ERROR, MC_ERROR_MALFORMED, "an empty tag list");
  return list->n > 0;
}

const McTag *
mc_tag_list_find (const McTagList *list, const char *name)
{
  return find (list, name, strlen (name));
}

char *
mc_tag_list_text (const McTagList *list, const char *name)
{
  const McTag *tag = mc_tag_list_find (list, name);

  return tag == NULL ? NULL : g_strndup (tag->value, tag->length);
}

GBytes *
mc_tag_list_base64 (const McTagList *list, const char *name)
{
  const McTag *tag = mc_tag_list_find (list, name);
  g_autofree char *compact = NULL;
  gsize length = 0;

  if (tag == NULL || tag->length == 0)
    return NULL;
  compact = g_malloc (tag->length);
  for (const char *p = tag->value, *end = p + tag->length, *run; p < end;) {
    for (run = p; p < end && !is_white (*p); p++)
      ;
    memcpy (compact + length, run, (gsize)(p - run));
    length += (gsize)(p - run);
    while (p < end && is_white (*p))
      p++;
  }
  return mc_base64_parse (compact, length, NULL);
}

static gboolean
is_text (const char *start, const char *end, const char *text)
{
  return (gsize)(end - start) == strlen (text) && memcmp (start, text, (gsize)(end - start)) == 0;
}

gboolean
mc_tag_list_says (const McTagList *list, const char *name, const char *text)
{
  const McTag *tag = mc_tag_list_find (list, name);

  return tag != NULL && is_text (tag->value, tag->value + tag->length, text);
}

gboolean
mc_tag_list_lists (const McTagList *list, const char *name, const char *word)
{
  const McTag *tag = mc_tag_list_find (list, name);
  const char *end = tag == NULL ? NULL : tag->value + tag->length;
  const char *colon;

  for (const char *p = tag == NULL ? NULL : tag->value; p != NULL; p = colon == NULL ? NULL : colon + 1) {
    const char *start = p;
    const char *word_end;

    colon = memchr (p, ':', (gsize)(end - p));
    word_end = colon == NULL ? end : colon;
    trim (&start, &word_end);
    if (is_text (start, word_end, word))
      return TRUE;
  }
  return FALSE;
}
