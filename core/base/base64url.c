/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/base64url.h"

#include "base/error.h"

#include <openssl/crypto.h>
#include <string.h>

char *
mc_base64url_compose (const void *bytes, gsize length)
{
  char *text = g_base64_encode (bytes, length);

  for (char *p = text; *p != '\0'; p++) {
    if (*p == '+')
      *p = '-';
    else if (*p == '/')
      *p = '_';
    else if (*p == '=') {
      *p = '\0';
      break;
    }
  }
  return text;
}

static const char url_alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* Four characters as 24 bits; negative where one is none of the alphabet's. */
static gint32
decode_group (const gint8 sextets[256], const char text[4])
{
  return (gint32)((guint32)sextets[(guchar)text[0]] << 18 | (guint32)sextets[(guchar)text[1]] << 12 |
                  (guint32)sextets[(guchar)text[2]] << 6 | (guint32)sextets[(guchar)text[3]]);
}

/* LENGTH of the 64 CHARACTERS, no padding. */
static GBytes *
decode (const char *text, gsize length, const char *characters, GError **error)
{
  g_autofree guint8 *out = g_malloc (length / 4 * 3 + 3);
  gint8 sextets[256];
  gsize n = 0;
  gint32 bits = 0;

  memset (sextets, -1, sizeof sextets);
  for (gint8 i = 0; i < 64; i++)
    sextets[(guchar)characters[i]] = i;
  for (gsize i = 0; i < length && bits >= 0; i += 4) {
    char last[4] = {characters[0], characters[0], characters[0], characters[0]};

    if (length - i < 4)
      memcpy (last, text + i, length - i);
    bits = decode_group (sextets, length - i < 4 ? last : text + i);
    out[n++] = (guint8)(bits >> 16);
    out[n++] = (guint8)(bits >> 8);
    out[n++] = (guint8)bits;
  }
  /* What a last group of two or three characters says beyond its octets must be nothing. */
  if (bits < 0 || length % 4 == 1 || (length % 4 == 2 && (bits & 0xffff) != 0) ||
      (length % 4 == 3 && (bits & 0xff) != 0)) {
    OPENSSL_cleanse (out, n);
    g_set_error_literal (error, MC_ERROR, MC_ERROR_MALFORMED,
                         bits < 0 ? "not base64" : "not base64: stray bits at the end");
    return NULL;
  }
  return g_bytes_new_take (g_steal_pointer (&out), length * 3 / 4);
}

GBytes *
mc_base64url_parse (const char *text, GError **error)
{
  return decode (text, strlen (text), url_alphabet, error);
}

GBytes *
mc_base64_parse (const char *text, gsize length, GError **error)
{
  for (guint padding = 0; padding < 2 && length > 0 && text[length - 1] == '='; padding++)
    length--;
  return decode (text, length, alphabet, error);
}

GBytes *
mc_base64_any_parse (const char *text, GError **error)
{
  gsize length = strlen (text);
  g_autofree char *plain = g_strdup (text);
  GBytes *bytes;
  char *end = plain;

  for (const char *p = text; *p != '\0'; p++) {
    if (g_ascii_isspace (*p))
      continue;
    *end++ = *p == '+' ? '-' : *p == '/' ? '_' : *p;
  }
  while (end > plain && end[-1] == '=')
    end--;
  *end = '\0';
  bytes = mc_base64url_parse (plain, error);
  OPENSSL_cleanse (plain, length);
  return bytes;
}
