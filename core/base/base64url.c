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

static gint
sextet (char c)
{
  if (c >= 'A' && c <= 'Z')
    return c - 'A';
  if (c >= 'a' && c <= 'z')
    return c - 'a' + 26;
  if (c >= '0' && c <= '9')
    return c - '0' + 52;
  if (c == '-')
    return 62;
  return c == '_' ? 63 : -1;
}

GBytes *
mc_base64url_parse (const char *text, GError **error)
{
  gsize length = strlen (text);
  g_autofree guint8 *out = g_malloc (length / 4 * 3 + 3);
  gsize n = 0;
  guint32 bits = 0;
  guint have = 0;

  for (gsize i = 0; i < length; i++) {
    gint value = sextet (text[i]);

    if (value < 0) {
      OPENSSL_cleanse (out, n);
      g_set_error_literal (error, MC_ERROR, MC_ERROR_MALFORMED, "not base64url");
      return NULL;
    }
    bits = (bits << 6) | (guint32)value;
    have += 6;
    if (have >= 8) {
      have -= 8;
      out[n++] = (guint8)(bits >> have);
    }
  }
  if (length % 4 == 1 || (bits & ((1u << have) - 1)) != 0) {
    OPENSSL_cleanse (out, n);
    g_set_error_literal (error, MC_ERROR, MC_ERROR_MALFORMED, "not base64url: stray bits at the end");
    return NULL;
  }
  return g_bytes_new_take (g_steal_pointer (&out), n);
}

GBytes *
mc_base64_parse (const char *text, gsize length, GError **error)
{
  g_autofree char *plain = g_strndup (text, length);

  for (guint padding = 0; padding < 2 && length > 0 && plain[length - 1] == '='; padding++)
    plain[--length] = '\0';
  for (gsize i = 0; i < length; i++)
    plain[i] = plain[i] == '+' ? '-' : plain[i] == '/' ? '_' : g_ascii_isalnum (plain[i]) ? plain[i] : '=';
  return mc_base64url_parse (plain, error);
}

GBytes *
mc_base64_any_parse (const char *text, GError **error)
{
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
  OPENSSL_cleanse (plain, strlen (plain));
  return bytes;
}
