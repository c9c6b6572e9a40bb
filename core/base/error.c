/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/error.h"

#include <string.h>

/* The layout would take the name for a subtraction and put spaces into it. */
/* clang-format off */
G_DEFINE_QUARK (mc-error-quark, mc_error)
/* clang-format on */

const char *
mc_error_name (gint code)
{
  static const char *const names[] = {"internal", "usage", "malformed", "refused", "no-input", "ca",
                                      "write",    "later", "keyring",   "config",  "login",    "tls"};

  if (code < 0 || (gsize)code >= G_N_ELEMENTS (names))
    return "internal";
  return names[code];
}

static gboolean
is_harmless (gunichar c)
{
  if (c < 0x20 || (c >= 0x7f && c < 0xa0))
    return FALSE;
  /* Bidirectional controls could make a sentence read as its opposite. */
  if ((c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0x200e || c == 0x200f)
    return FALSE;
  return c != 0x2028 && c != 0x2029;
}

char *
mc_text_sanitize (const char *text, gsize max)
{
  GString *out = g_string_new (NULL);
  g_autofree char *valid = g_utf8_make_valid (text != NULL ? text : "", -1);

  for (const char *p = valid; *p != '\0'; p = g_utf8_next_char (p)) {
    gsize width = (gsize)(g_utf8_next_char (p) - p);

    if (out->len + width > max)
      break;
    if (is_harmless (g_utf8_get_char (p)))
      g_string_append_len (out, p, (gssize)width);
    else
      g_string_append_c (out, ' ');
  }
  return g_string_free (out, FALSE);
}
