/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "keyring/smime-index.h"

#include <string.h>

enum { MAILBOX, NAME, LABEL, ISSUER, TRUST, PURPOSE, N_FIELDS };

typedef struct {
  const char *start;
  gsize length;
} Field;

static gboolean
field_equal (const Field *field, const char *text)
{
  return strlen (text) == field->length && g_ascii_strncasecmp (field->start, text, field->length) == 0;
}

/* The fields of the line at *TEXT, which moves on to the next; missing ones are empty. FALSE at the end. */
static gboolean
next_line (const char **text, Field fields[N_FIELDS])
{
  const char *p = *text;
  const char *end = p + strcspn (p, "\n");

  if (*p == '\0')
    return FALSE;
  *text = *end == '\n' ? end + 1 : end;
  for (int i = 0; i < N_FIELDS; i++) {
    while (p < end && g_ascii_isspace (*p))
      p++;
    fields[i].start = p;
    while (p < end && !g_ascii_isspace (*p))
      p++;
    fields[i].length = (gsize)(p - fields[i].start);
  }
  return TRUE;
}

static gboolean
is_ours (const Field fields[N_FIELDS])
{
  return fields[LABEL].length > strlen (MC_SMIME_LABEL) && g_str_has_prefix (fields[LABEL].start, MC_SMIME_LABEL);
}

char *
mc_smime_index_add (const char *text, const McSmimeLine *line)
{
  Field fields[N_FIELDS];
  gsize length = strlen (text);

  for (const char *p = text; next_line (&p, fields);)
    if (field_equal (&fields[MAILBOX], line->mailbox) && field_equal (&fields[NAME], line->name))
      return g_strdup (text);
  return g_strdup_printf ("%s%s%s %s %s %s v %s\n", text, length > 0 && text[length - 1] != '\n' ? "\n" : "",
                          line->mailbox, line->name, line->label, line->issuer, line->purpose);
}

char **
mc_smime_index_names (const char *text, const char *mailbox, gboolean ours)
{
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();
  Field fields[N_FIELDS];

  while (next_line (&text, fields))
    if (field_equal (&fields[MAILBOX], mailbox) && (!ours || is_ours (fields))) {
      g_autofree char *name = g_strndup (fields[NAME].start, fields[NAME].length);

      g_strv_builder_add (names, name);
    }
  return g_strv_builder_end (names);
}

void
mc_smime_index_trust (char *text, const char *mailbox, const char *const *trusted)
{
  Field fields[N_FIELDS];

  for (const char *p = text; next_line (&p, fields);) {
    const Field *trust = &fields[TRUST];
    gboolean wanted = FALSE;

    if (!is_ours (fields) || !field_equal (&fields[MAILBOX], mailbox) || trust->length != 1 ||
        strchr ("tv", *trust->start) == NULL)
      continue;
    for (gsize i = 0; trusted[i] != NULL; i++)
      wanted = wanted || field_equal (&fields[NAME], trusted[i]);
    text[trust->start - text] = wanted ? 't' : 'v';
  }
}
