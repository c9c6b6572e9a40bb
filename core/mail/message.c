/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "mail/message.h"

#include "base/mutant.h"
#include <string.h>

const char *const mc_message_signed_fields[] = {
    "From",
    "To",
    "Subject",
    "Message-ID",
    "Date",
    "Auto-Submitted",
    "Sender",
    "Reply-To",
    "Cc",
    "In-Reply-To",
    "References",
    "Content-Type",
    "Content-Transfer-Encoding",
    NULL,
};

typedef struct {
  gsize crlf; /* lines that end in CRLF */
  gsize lf;   /* in LF alone */
  gsize cr;   /* CR that no LF follows */
} LineEnds;

static LineEnds
count_line_ends (const char *data, gsize length)
{
  LineEnds ends = {0, 0, 0};
  const char *end = data + length;

  for (const char *p = data; p < end && (p = memchr (p, '\n', (gsize)(end - p))) != NULL; p++) {
    if (p > data && p[-1] == '\r')
      ends.crlf++;
    else
      ends.lf++;
  }
  for (const char *p = data; p < end && (p = memchr (p, '\r', (gsize)(end - p))) != NULL; p++)
    ends.cr++;
  ends.cr -= ends.crlf;
  return ends;
}

static GBytes *
crlf_from_lf (const char *data, gsize length, gsize lines)
{
  char *out = g_malloc (length + lines + 1);
  char *to = out;
  const char *end = data + length;

  for (const char *from = data; from < end;) {
    const char *line_end = memchr (from, '\n', (gsize)(end - from));
    gsize n = (gsize)((line_end != NULL ? line_end : end) - from);

    memcpy (to, from, n);
    to += n;
    from += n;
    if (line_end != NULL) {
      *to++ = '\r';
      *to++ = '\n';
      from++;
    }
  }
  return g_bytes_new_take (out, (gsize)(to - out));
}

/* How many octets the mbox separator takes that a delivery agent or an archive has left in front. */
static gsize
mbox_line_length (const char *data, gsize length)
{
  const char *line_end;

  if ((length < 5 || memcmp (data, "From ", 5) != 0) && (length < 6 || memcmp (data, ">From ", 6) != 0))
    return 0;
  line_end = memchr (data, '\n', length);
  return line_end == NULL ? length : (gsize)(line_end + 1 - data);
}

/* Name and colon of the field at START. FALSE when the line is no field. */
static gboolean
index_name (const char *data, gsize start, gsize line_end, McField *field)
{
  gsize i = start;

  while (i < line_end && data[i] > 32 && data[i] < 127 && data[i] != ':')
    i++;
  field->start = (guint32)start;
  field->name_length = (guint32)(i - start);
  while (i < line_end && (data[i] == ' ' || data[i] == '\t'))
    i++;
  field->value = (guint32)(i + 1);
  return field->name_length > 0 && i < line_end && data[i] == ':';
}

/* Fills the index; NULL, or what is wrong. */
static const char *
index_fields (McMessage *mail)
{
  g_autoptr (GArray) fields = g_array_new (FALSE, FALSE, sizeof (McField));
  McField *last = NULL;
  const char *data = mail->data;
  gsize next;

  for (gsize start = 0; start < mail->length; start = next) {
    const char *line_end = memchr (data + start, '\n', mail->length - start);
    McField field = {0};

    if (line_end == NULL)
      return "the header section is cut off within a line";
    next = (gsize)(line_end + 1 - data);
    if (data[start] == '\r') {
      mail->body = next;
      break;
    }
    if (data[start] == ' ' || data[start] == '\t') {
      if (last == NULL)
        return "the first line is a continuation";
      last->value_end = (guint32)(next - 2);
      last->end = (guint32)next;
    } else {
      if (!index_name (data, start, next - 2, &field))
        return "a line of the header section is no field";
      field.value_end = (guint32)(next - 2);
      field.end = (guint32)next;
      g_array_append_val (fields, field);
      last = &g_array_index (fields, McField, fields->len - 1);
      if (fields->len > MC_MESSAGE_FIELDS_MAX)
        return "too many fields";
    }
    if (last->end - last->start > MC_MESSAGE_FIELD_MAX)
      return "a field is too long";
  }
  if (memchr (data, '\0', mail->body) != NULL && !MC_MUTANT ("nul-in-header"))
    return "a NUL in the header section";
  mail->n_fields = fields->len;
  mail->fields = (McField *)(void *)g_array_free (g_steal_pointer (&fields), FALSE);
  return NULL;
}

static void
set_bytes (McMessage *mail, GBytes *bytes)
{
  g_clear_pointer (&mail->bytes, g_bytes_unref);
  mail->bytes = bytes;
  mail->data = g_bytes_get_data (bytes, &mail->length);
  if (mail->data == NULL)
    mail->data = "";
  mail->body = mail->length;
}

static void
set_defect (McMessage *mail, McMessageDefect defect, const char *detail)
{
  set_bytes (mail, g_bytes_new_static ("", 0));
  mail->defect = defect;
  mail->defect_detail = detail;
}

McMessage *
mc_message_parse (GBytes *rfc822)
{
  McMessage *mail = g_new0 (McMessage, 1);
  gsize size;
  const char *data = g_bytes_get_data (rfc822, &size);
  gsize skip;
  LineEnds ends;
  const char *fault;

  if (data == NULL)
    data = "";
  if (size > MC_MESSAGE_MAX) {
    set_defect (mail, MC_MESSAGE_TOO_LARGE, "larger than 256 KiB");
    return mail;
  }
  ends = count_line_ends (data, size);
  if ((ends.cr > 0 && !MC_MUTANT ("lone-cr")) || (ends.crlf > 0 && ends.lf > 0)) {
    set_defect (mail, MC_MESSAGE_MALFORMED, ends.cr > 0 ? "a lone CR" : "some lines end in CRLF and some in LF");
    return mail;
  }
  skip = mbox_line_length (data, size);
  if (ends.lf > 0)
    set_bytes (mail, crlf_from_lf (data + skip, size - skip, ends.lf));
  else
    set_bytes (mail, g_bytes_new_from_bytes (rfc822, skip, size - skip));
  fault = index_fields (mail);
  if (fault != NULL)
    set_defect (mail, MC_MESSAGE_MALFORMED, fault);
  return mail;
}

void
mc_message_free (McMessage *mail)
{
  if (mail == NULL)
    return;
  g_bytes_unref (mail->bytes);
  g_free (mail->fields);
  g_free (mail);
}

static char
lower (char c)
{
  return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

/* Asked some hundred times of one mail: a call for each comparison would show. */
static gboolean
is_named (const McMessage *mail, const McField *field, const char *name, gsize length)
{
  const char *own = mail->data + field->start;

  if (field->name_length != length)
    return FALSE;
  for (gsize i = 0; i < length; i++)
    if (lower (own[i]) != lower (name[i]))
      return FALSE;
  return TRUE;
}

gboolean
mc_message_field_is (const McMessage *mail, const McField *field, const char *name)
{
  return is_named (mail, field, name, strlen (name));
}

guint
mc_message_count (const McMessage *mail, const char *name)
{
  gsize length = strlen (name);
  guint count = 0;

  for (guint i = 0; i < mail->n_fields; i++)
    count += is_named (mail, &mail->fields[i], name, length) ? 1 : 0;
  return count;
}

const McField *
mc_message_find (const McMessage *mail, const char *name)
{
  gsize length = strlen (name);

  for (guint i = 0; i < mail->n_fields; i++) {
    if (is_named (mail, &mail->fields[i], name, length))
      return &mail->fields[i];
  }
  return NULL;
}

char *
mc_message_strip (char *text)
{
  gsize start = strspn (text, " \t\r\n");
  gsize end = strlen (text);

  while (end > start && strchr (" \t\r\n", text[end - 1]) != NULL)
    end--;
  memmove (text, text + start, end - start);
  text[end - start] = '\0';
  return text;
}

char *
mc_message_unfold (const McMessage *mail, const McField *field)
{
  char *text = g_malloc (field->value_end - field->value + 1);
  char *to = text;

  for (const char *p = mail->data + field->value; p < mail->data + field->value_end; p++) {
    if (*p != '\r' && *p != '\n')
      *to++ = *p;
  }
  *to = '\0';
  return mc_message_strip (text);
}

char *
mc_message_value (const McMessage *mail, const char *name)
{
  const McField *field = mc_message_find (mail, name);

  return field == NULL ? NULL : mc_message_unfold (mail, field);
}
