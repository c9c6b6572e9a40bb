/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "mail/smime-entity.h"

#include "base/base64url.h"
#include "mail/address.h"

#include <string.h>

#define BOUNDARY_MAX 70 /* RFC 2046 5.1.1 */

/* --- Content-Type --- */

/* Past white space and comments; FALSE on a comment that does not end or nests too deep. */
static gboolean
skip_comments (const char **cursor)
{
  guint depth = 0;
  const char *p = *cursor;

  for (; *p != '\0'; p++) {
    if (*p == '(') {
      if (++depth > MC_ADDRESS_COMMENT_DEPTH)
        return FALSE;
    } else if (depth > 0 && *p == ')')
      depth--;
    else if (depth > 0 && *p == '\\' && p[1] != '\0')
      p++;
    else if (depth == 0 && *p != ' ' && *p != '\t')
      break;
  }
  *cursor = p;
  return depth == 0;
}

/* RFC 2045 5.1: printable ASCII but blanks and tspecials. NULL where none stands at the cursor. */
static char *
parse_token (const char **cursor)
{
  const char *p = *cursor;
  char *token;

  while (*p > 32 && *p < 127 && strchr ("()<>@,;:\\\"/[]?=", *p) == NULL)
    p++;
  if (p == *cursor)
    return NULL;
  token = g_strndup (*cursor, (gsize)(p - *cursor));
  *cursor = p;
  return token;
}

static char *
parse_lower_token (const char **cursor)
{
  g_autofree char *token = parse_token (cursor);

  return token == NULL ? NULL : g_ascii_strdown (token, -1);
}

static char *
parse_parameter_value (const char **cursor)
{
  g_autoptr (GString) text = NULL;
  const char *p = *cursor;

  if (*p != '"')
    return parse_token (cursor);
  text = g_string_new (NULL);
  for (p++; *p != '"'; p++) {
    if (*p == '\\')
      p++;
    if (*p == '\0')
      return NULL;
    g_string_append_c (text, *p);
  }
  *cursor = p + 1;
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* One whose value would change what is verified or used: in pieces or with a charset (RFC 2231) other readers would
 * find what this one does not. */
static gboolean
is_torn (const char *name)
{
  static const char *const used[] = {"boundary",  "protocol",          "smime-type", "hp",
                                     "forwarded", "protected-headers", NULL};
  const char *star = strchr (name, '*');
  g_autofree char *whole = star == NULL ? NULL : g_strndup (name, (gsize)(star - name));

  return whole != NULL && g_strv_contains (used, whole);
}

/* ";" name "=" value, or the ";" that some programs leave at the end. */
static gboolean
parse_parameter (const char **cursor, McContentType *type)
{
  g_autofree char *name = NULL;
  g_autofree char *value = NULL;

  if (*(*cursor)++ != ';' || !skip_comments (cursor))
    return FALSE;
  if (**cursor == '\0')
    return TRUE;
  name = parse_lower_token (cursor);
  if (name == NULL || is_torn (name) || mc_content_type_parameter (type, name) != NULL ||
      type->names->len >= MC_CONTENT_TYPE_PARAMETERS_MAX)
    return FALSE;
  if (!skip_comments (cursor) || *(*cursor)++ != '=' || !skip_comments (cursor))
    return FALSE;
  value = parse_parameter_value (cursor);
  if (value == NULL || !skip_comments (cursor))
    return FALSE;
  g_ptr_array_add (type->names, g_steal_pointer (&name));
  g_ptr_array_add (type->values, g_steal_pointer (&value));
  return TRUE;
}

McContentType *
mc_content_type_parse (const char *value)
{
  g_autofree char *major = NULL;
  g_autofree char *minor = NULL;
  const char *cursor = value;
  McContentType *type;

  if (!skip_comments (&cursor) || (major = parse_lower_token (&cursor)) == NULL || !skip_comments (&cursor) ||
      *cursor++ != '/' || !skip_comments (&cursor) || (minor = parse_lower_token (&cursor)) == NULL)
    return NULL;
  type = g_new0 (McContentType, 1);
  type->type = g_strconcat (major, "/", minor, NULL);
  type->names = g_ptr_array_new_with_free_func (g_free);
  type->values = g_ptr_array_new_with_free_func (g_free);
  type->broken = !skip_comments (&cursor);
  while (!type->broken && *cursor != '\0')
    type->broken = !parse_parameter (&cursor, type);
  return type;
}

void
mc_content_type_free (McContentType *type)
{
  if (type == NULL)
    return;
  g_free (type->type);
  g_ptr_array_unref (type->names);
  g_ptr_array_unref (type->values);
  g_free (type);
}

McContentType *
mc_content_type_of (const McMessage *entity)
{
  g_autofree char *value = mc_message_value (entity, "Content-Type");
  McContentType *type = value == NULL ? NULL : mc_content_type_parse (value);

  if (type != NULL && mc_message_count (entity, "Content-Type") > 1)
    type->broken = TRUE;
  return type;
}

const char *
mc_content_type_parameter (const McContentType *type, const char *name)
{
  for (guint i = 0; i < type->values->len; i++) {
    if (strcmp (type->names->pdata[i], name) == 0)
      return type->values->pdata[i];
  }
  return NULL;
}

gboolean
mc_content_type_says (const McContentType *type, const char *name, const char *value)
{
  const char *own = mc_content_type_parameter (type, name);

  return own != NULL && g_ascii_strcasecmp (own, value) == 0;
}

/* --- multipart --- */

typedef enum {
  LINE_TEXT,
  LINE_OPENS,
  LINE_CLOSES,
  LINE_DOUBTFUL,
} Line;

static gboolean
is_blank (const char *text, gsize length)
{
  for (gsize i = 0; i < length; i++) {
    if (text[i] != ' ' && text[i] != '\t')
      return FALSE;
  }
  return TRUE;
}

/* RFC 2046 lets a reader take every line that begins with the delimiter for one; others want nothing but blanks behind
 * it: where that makes a difference the line is doubtful. */
static Line
line_kind (const char *line, gsize length, const char *boundary, gsize boundary_length)
{
  if (length < boundary_length + 2 || line[0] != '-' || line[1] != '-' ||
      memcmp (line + 2, boundary, boundary_length) != 0)
    return LINE_TEXT;
  line += boundary_length + 2;
  length -= boundary_length + 2;
  if (is_blank (line, length))
    return LINE_OPENS;
  return length >= 2 && line[0] == '-' && line[1] == '-' && is_blank (line + 2, length - 2) ? LINE_CLOSES
                                                                                            : LINE_DOUBTFUL;
}

static gboolean
boundary_is_valid (const char *boundary)
{
  gsize length = strlen (boundary);

  if (length == 0 || length > BOUNDARY_MAX || boundary[length - 1] == ' ')
    return FALSE;
  for (const char *p = boundary; *p != '\0'; p++) {
    if (!g_ascii_isalnum (*p) && strchr ("'()+_,-./:=? ", *p) == NULL)
      return FALSE;
  }
  return TRUE;
}

/* Offsets of what the delimiters enclose. */
typedef struct {
  gsize start[2];
  gsize end[2];
  guint opened;
  gboolean closed;
} Cuts;

/* A delimiter at [LINE, NEXT): NULL, or what is wrong with it. The line end before it is its own. */
static const char *
cut (Cuts *cuts, Line kind, gsize line, gsize next)
{
  if (kind == LINE_DOUBTFUL)
    return "a line begins as a delimiter of the parts and is none";
  if (cuts->closed)
    return "a part follows the last one";
  if (kind == LINE_CLOSES ? cuts->opened != 2 : cuts->opened == 2)
    return "there are not two parts";
  if (cuts->opened > 0) {
    if (line < cuts->start[cuts->opened - 1] + 2)
      return "a part is empty";
    cuts->end[cuts->opened - 1] = line - 2;
  }
  if (kind == LINE_CLOSES)
    cuts->closed = TRUE;
  else
    cuts->start[cuts->opened++] = next;
  return NULL;
}

gboolean
mc_multipart_split (const McMessage *mail, const char *boundary, GBytes *parts[2], const char **fault)
{
  Cuts cuts = {{0, 0}, {0, 0}, 0, FALSE};
  gsize next;

  *fault = boundary == NULL || !boundary_is_valid (boundary) ? "the boundary of the parts cannot be read" : NULL;
  for (gsize line = mail->body; *fault == NULL && line < mail->length; line = next) {
    const char *end = memchr (mail->data + line, '\n', mail->length - line);
    gsize line_end = end == NULL ? mail->length : (gsize)(end - mail->data) - 1; /* CRLF throughout */
    Line kind = line_kind (mail->data + line, line_end - line, boundary, strlen (boundary));

    next = end == NULL ? mail->length : line_end + 2;
    if (kind != LINE_TEXT)
      *fault = cut (&cuts, kind, line, next);
  }
  if (*fault == NULL && !cuts.closed)
    *fault = "the last part does not end";
  for (guint i = 0; *fault == NULL && i < 2; i++)
    parts[i] = g_bytes_new_from_bytes (mail->bytes, cuts.start[i], cuts.end[i] - cuts.start[i]);
  return *fault == NULL;
}

/* --- Content-Transfer-Encoding --- */

/* In lower case, comments dropped; NULL where there is none, "" where it cannot be read. */
static char *
encoding_of (const McMessage *entity)
{
  g_autofree char *value = mc_message_value (entity, "Content-Transfer-Encoding");
  g_autofree char *token = NULL;
  const char *cursor = value;

  if (value == NULL)
    return NULL;
  if (mc_message_count (entity, "Content-Transfer-Encoding") > 1 || !skip_comments (&cursor) ||
      (token = parse_lower_token (&cursor)) == NULL || !skip_comments (&cursor) || *cursor != '\0')
    return g_strdup ("");
  return g_steal_pointer (&token);
}

static gboolean
is_identity (const char *encoding)
{
  return encoding == NULL || strcmp (encoding, "7bit") == 0 || strcmp (encoding, "8bit") == 0 ||
         strcmp (encoding, "binary") == 0;
}

gboolean
mc_transfer_is_identity (const McMessage *entity)
{
  g_autofree char *encoding = encoding_of (entity);

  return is_identity (encoding);
}

static GBytes *
decode_base64 (const char *text, gsize length)
{
  g_autoptr (GString) bare = g_string_sized_new (length);

  for (gsize i = 0; i < length; i++) {
    if (text[i] != ' ' && text[i] != '\t' && text[i] != '\r' && text[i] != '\n')
      g_string_append_c (bare, text[i]);
  }
  return mc_base64_parse (bare->str, bare->len, NULL);
}

static GBytes *
decode_quoted_printable (const char *text, gsize length)
{
  g_autoptr (GByteArray) out = g_byte_array_sized_new ((guint)length);

  for (gsize i = 0; i < length; i++) {
    guint8 octet = (guint8)text[i];

    if (text[i] == '=' && length - i > 2 && g_ascii_isxdigit (text[i + 1]) && g_ascii_isxdigit (text[i + 2])) {
      octet = (guint8)(g_ascii_xdigit_value (text[i + 1]) << 4 | g_ascii_xdigit_value (text[i + 2]));
      i += 2;
    } else if (text[i] == '=' && length - i > 2 && text[i + 1] == '\r' && text[i + 2] == '\n') {
      i += 2;
      continue;
    } else if (text[i] == '=')
      return NULL;
    g_byte_array_append (out, &octet, 1);
  }
  return g_byte_array_free_to_bytes (g_steal_pointer (&out));
}

GBytes *
mc_transfer_decode (const McMessage *entity, const char **fault)
{
  g_autofree char *encoding = encoding_of (entity);
  const char *body = entity->data + entity->body;
  gsize length = entity->length - entity->body;
  GBytes *decoded = NULL;

  *fault = "its transfer encoding is broken";
  if (is_identity (encoding))
    decoded = g_bytes_new_from_bytes (entity->bytes, entity->body, length);
  else if (strcmp (encoding, "base64") == 0)
    decoded = decode_base64 (body, length);
  else if (strcmp (encoding, "quoted-printable") == 0)
    decoded = decode_quoted_printable (body, length);
  else
    *fault = "its transfer encoding is unknown";
  return decoded;
}
