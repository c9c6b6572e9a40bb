/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "mail/subject.h"

#include "base/base64url.h"
#include "mail/message.h"

#include <string.h>

/* A control character that was encoded is none that a field can hold, least of all the end of a line: it becomes
 * something that no token has, never white space that may stand in one. */
static void
append_octet (GString *out, guint octet)
{
  g_string_append_c (out, octet < ' ' && octet != '\t' ? '?' : (char)octet);
}

static gboolean
decode_q (const char *text, gsize length, GString *out)
{
  for (gsize i = 0; i < length; i++) {
    if (text[i] == '_')
      g_string_append_c (out, ' ');
    else if (text[i] != '=')
      g_string_append_c (out, text[i]);
    else if (length - i < 3 || !g_ascii_isxdigit (text[i + 1]) || !g_ascii_isxdigit (text[i + 2]))
      return FALSE;
    else {
      append_octet (out, (guint)(g_ascii_xdigit_value (text[i + 1]) << 4 | g_ascii_xdigit_value (text[i + 2])));
      i += 2;
    }
  }
  return TRUE;
}

static gboolean
decode_b (const char *text, gsize length, GString *out)
{
  g_autoptr (GBytes) octets = mc_base64_parse (text, length, NULL);
  gsize n;
  const guint8 *data;

  if (octets == NULL)
    return FALSE;
  data = g_bytes_get_data (octets, &n);
  for (gsize i = 0; i < n; i++)
    append_octet (out, data[i]);
  return TRUE;
}

static gboolean
is_charset (const char *name, gsize length, const char *charset)
{
  return length == strlen (charset) && g_ascii_strncasecmp (name, charset, length) == 0;
}

/* The length of the encoded-word "=?charset[*lang]?Q|B?text?=" at P, which it appends decoded; 0 if there is none. */
static gsize
decode_word (const char *p, GString *out, gboolean *foreign)
{
  gsize length = strcspn (p, " \t");
  const char *charset = p + 2;
  const char *encoding;
  const char *text;
  gsize before = out->len;
  gsize charset_length;
  gboolean q;

  if (length < 8 || memcmp (p, "=?", 2) != 0 || memcmp (p + length - 2, "?=", 2) != 0)
    return 0;
  encoding = memchr (charset, '?', length - 4);
  if (encoding == NULL || encoding == charset || p + length - encoding < 6 || encoding[2] != '?')
    return 0;
  text = encoding + 3;
  q = encoding[1] == 'Q' || encoding[1] == 'q';
  length = (gsize)(p + length - 2 - text);
  if ((!q && encoding[1] != 'B' && encoding[1] != 'b') || memchr (text, '?', length) != NULL ||
      !(q ? decode_q : decode_b) (text, length, out)) {
    g_string_truncate (out, before);
    return 0;
  }
  charset_length = strcspn (charset, "*?");
  if (!is_charset (charset, charset_length, "utf-8") && !is_charset (charset, charset_length, "us-ascii"))
    *foreign = TRUE;
  return (gsize)(text + length + 2 - p);
}

char *
mc_subject_decode (const char *value, gboolean *foreign)
{
  GString *out = g_string_new (NULL);
  gboolean after_word = FALSE;

  *foreign = FALSE;
  for (const char *p = value; *p != '\0';) {
    gsize blanks = strspn (p, " \t");
    gsize before = out->len;
    gsize word;

    g_string_append_len (out, p, (gssize)blanks);
    p += blanks;
    word = decode_word (p, out, foreign);
    if (word > 0 && after_word)
      g_string_erase (out, (gssize)before, (gssize)blanks);
    after_word = word > 0;
    if (word == 0) {
      word = strcspn (p, " \t");
      g_string_append_len (out, p, (gssize)word);
    }
    p += word;
  }
  return mc_message_strip (g_string_free (out, FALSE));
}
