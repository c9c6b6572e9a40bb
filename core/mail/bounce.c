/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "mail/bounce.h"

#include "base/error.h"
#include "mail/challenge.h"
#include "mail/peek.h"

#include <string.h>

/* The body is read line by line, whatever its parts are called: delivery status, returned header and plain text stand
 * at the start of lines in all forms that there are, and nothing here depends on where a part ends. */

#define IDS_MAX 32
#define VALUE_MAX 2048 /* octets of one field of the body, folds included */
#define WORDS_MAX 300
#define TEXT_LINES 4 /* of plain text, from the one with the code on */

/* The fields that are looked for in the body. */
static const char *const names[] = {"message-id:", "action:", "status:", "diagnostic-code:"};
enum { FIELD_MESSAGE_ID, FIELD_ACTION, FIELD_STATUS, FIELD_DIAGNOSTIC, FIELD_NONE };

typedef struct {
  GPtrArray *ids;
  guint field;     /* the one that is being read, FIELD_NONE = none */
  GString *value;  /* of it, so far */
  char *status;    /* of the recipient that is being read */
  char *words;     /* of the same */
  gboolean failed; /* the same */
  gboolean told;   /* some recipient's fate was told */
  char *reason;    /* of the first that failed, or NULL */
  GString *text;   /* plain words with a code in them */
  guint text_left; /* lines that may still belong to them */
} Reader;

static void
take_ids (GPtrArray *ids, const char *value)
{
  const char *p = value;

  while (ids->len < IDS_MAX && (p = strchr (p, '<')) != NULL) {
    const char *end = strchr (p, '>');
    g_autofree char *id = end != NULL ? g_strndup (p, (gsize)(end + 1 - p)) : NULL;

    if (id == NULL)
      return;
    if (mc_message_id_is_valid (id))
      g_ptr_array_add (ids, g_steal_pointer (&id));
    p = end;
  }
}

/* "smtp; 550 ..." (RFC 3464 2.3.6). */
static char *
after_type (const char *value)
{
  const char *semicolon = strchr (value, ';');

  if (semicolon != NULL && strcspn (value, " \t") > (gsize)(semicolon - value))
    value = semicolon + 1;
  return g_strdup (value + strspn (value, " \t"));
}

static void
end_field (Reader *reader)
{
  char *value = mc_message_strip (reader->value->str);

  switch (reader->field) {
  case FIELD_MESSAGE_ID:
    take_ids (reader->ids, value);
    break;
  case FIELD_ACTION:
    reader->told = TRUE;
    reader->failed = g_ascii_strncasecmp (value, "failed", 6) == 0;
    break;
  case FIELD_STATUS:
    g_free (reader->status);
    reader->status = g_strdup (value);
    break;
  case FIELD_DIAGNOSTIC:
    g_free (reader->words);
    reader->words = after_type (value);
    break;
  default:
    break;
  }
  reader->field = FIELD_NONE;
  g_string_truncate (reader->value, 0);
}

/* An empty line ends what is said of one recipient. */
static void
end_recipient (Reader *reader)
{
  end_field (reader);
  if (reader->failed && reader->reason == NULL)
    reader->reason = g_strdup (reader->words != NULL ? reader->words : reader->status != NULL ? reader->status : "");
  reader->failed = FALSE;
  g_clear_pointer (&reader->status, g_free);
  g_clear_pointer (&reader->words, g_free);
}

/* A reply code of SMTP that says no for good, or the enhanced one as qmail writes it. */
static const char *
find_code (const char *line, gsize length)
{
  for (gsize i = 0; i + 4 < length; i++) {
    if (line[i] == '5' && g_ascii_isdigit (line[i + 1]) && g_ascii_isdigit (line[i + 2]) &&
        (line[i + 3] == ' ' || line[i + 3] == '-') && (i == 0 || line[i - 1] == ' ' || line[i - 1] == '\t'))
      return line + i;
    if (strncmp (line + i, "(#5.", 4) == 0)
      return line;
  }
  return NULL;
}

/* Only the first such words, with what stands below them up to an empty line. */
static void
read_text (Reader *reader, const char *line, gsize length)
{
  const char *from = line;

  if (reader->text->len == 0 && (from = find_code (line, length)) != NULL)
    reader->text_left = TEXT_LINES;
  if (length == 0)
    reader->text_left = 0;
  if (reader->text_left == 0 || from == NULL)
    return;
  reader->text_left--;
  g_string_append_len (reader->text, from, (gssize)MIN (length - (gsize)(from - line), VALUE_MAX));
  g_string_append_c (reader->text, ' ');
}

static void
read_line (Reader *reader, const char *line, gsize length)
{
  if (length > 0 && (*line == ' ' || *line == '\t') && reader->field != FIELD_NONE) {
    if (reader->value->len + length <= VALUE_MAX)
      g_string_append_len (reader->value, line, (gssize)length);
    return;
  }
  if (length == 0) {
    end_recipient (reader);
    read_text (reader, line, length);
    return;
  }
  end_field (reader);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    const gsize name = strlen (names[i]);

    if (length < name || g_ascii_strncasecmp (line, names[i], name) != 0)
      continue;
    reader->field = i;
    g_string_append_len (reader->value, line + name, (gssize)MIN (length - name, VALUE_MAX));
    return;
  }
  read_text (reader, line, length);
}

static void
read_body (Reader *reader, const McMessage *mail)
{
  const char *end = mail->data + mail->length;

  for (const char *p = mail->data + mail->body; p < end;) {
    const char *line_end = memchr (p, '\n', (gsize)(end - p));
    const char *next = line_end != NULL ? line_end + 1 : end;
    gsize length = (gsize)((line_end != NULL ? line_end : end) - p);

    if (length > 0 && p[length - 1] == '\r')
      length--;
    read_line (reader, p, length);
    p = next;
  }
  end_recipient (reader);
}

static void
take_header (GPtrArray *ids, const McMessage *mail, const char *name)
{
  g_autofree char *value = mc_message_value (mail, name);

  if (value != NULL)
    take_ids (ids, value);
}

/* Folds and line ends have left more blanks than one. Caller frees. */
static char *
tidy (const char *words)
{
  g_autofree char *clean = mc_text_sanitize (words, 2 * WORDS_MAX);
  g_auto (GStrv) parts = g_strsplit (clean, " ", -1);
  GString *text = g_string_new (NULL);
  g_autofree char *all = NULL;

  for (guint i = 0; parts[i] != NULL; i++)
    if (*parts[i] != '\0')
      g_string_append_printf (text, "%s%s", text->len > 0 ? " " : "", parts[i]);
  all = g_string_free (text, FALSE);
  return mc_text_sanitize (all, WORDS_MAX);
}

/* Where no recipient's fate is told, a code or the field that exim and Gmail add says that it is a failure. */
static char *
reason_of (const Reader *reader, const McMessage *mail)
{
  const char *reason = reader->reason;

  if (reader->told && reason == NULL)
    return NULL;
  if (!reader->told && reader->text->len == 0 && mc_message_count (mail, "X-Failed-Recipients") == 0)
    return NULL;
  if (reason == NULL || *reason == '\0')
    reason = reader->text->str;
  return tidy (reason);
}

McBounce *
mc_bounce_parse (const McMessage *mail)
{
  Reader reader = {.field = FIELD_NONE};
  g_autoptr (McBounce) bounce = NULL;

  if (mail->defect != MC_MESSAGE_FINE || mc_peek_header (mail->data, mail->body) != MC_PEEK_BOUNCE)
    return NULL;
  bounce = g_new0 (McBounce, 1);
  bounce->message_ids = reader.ids = g_ptr_array_new_with_free_func (g_free);
  reader.value = g_string_new (NULL);
  reader.text = g_string_new (NULL);
  take_header (reader.ids, mail, "In-Reply-To");
  take_header (reader.ids, mail, "References");
  read_body (&reader, mail);
  bounce->words = reason_of (&reader, mail);
  g_string_free (reader.value, TRUE);
  g_string_free (reader.text, TRUE);
  g_free (reader.reason);
  return bounce->words != NULL ? g_steal_pointer (&bounce) : NULL;
}

void
mc_bounce_free (McBounce *bounce)
{
  if (bounce == NULL)
    return;
  g_ptr_array_unref (bounce->message_ids);
  g_free (bounce->words);
  g_free (bounce);
}

gboolean
mc_bounce_is_of (const McBounce *bounce, const char *message_id)
{
  return message_id != NULL && g_ptr_array_find_with_equal_func (bounce->message_ids, message_id, g_str_equal, NULL);
}
