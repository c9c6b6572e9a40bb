/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "mail/token.h"

#include "base/base64url.h"
#include "base/error.h"

#include <openssl/evp.h>
#include <string.h>

gboolean
mc_token_is_valid (const char *token)
{
  gsize n = 0;

  while (g_ascii_isalnum (token[n]) || token[n] == '-' || token[n] == '_')
    n++;
  return n > 0 && (strcmp (token + n, "") == 0 || strcmp (token + n, "=") == 0 || strcmp (token + n, "==") == 0);
}

/* Appends what TOKEN decodes to; CASTLE takes padded ones too. */
static gboolean
append_octets (GByteArray *octets, const char *token, GError **error)
{
  g_autofree char *plain = g_strndup (token, strcspn (token, "="));
  g_autoptr (GBytes) bytes = mc_base64url_parse (plain, error);

  if (bytes == NULL) {
    g_prefix_error (error, "a part of the token: ");
    return FALSE;
  }
  g_byte_array_append (octets, g_bytes_get_data (bytes, NULL), (guint)g_bytes_get_size (bytes));
  return TRUE;
}

static char *
join (const char *part1, const char *part2, McTokenJoin how, GError **error)
{
  g_autoptr (GByteArray) octets = NULL;

  if (how == MC_TOKEN_JOIN_STRING)
    return g_strconcat (part1, part2, NULL);
  octets = g_byte_array_new ();
  if (!append_octets (octets, part1, error) || !append_octets (octets, part2, error))
    return NULL;
  return mc_base64url_compose (octets->data, octets->len);
}

char *
mc_token_digest (const char *part1, const char *part2, const char *thumbprint, McTokenJoin how, GError **error)
{
  g_autofree char *token = NULL;
  g_autofree char *key_authorization = NULL;
  guint8 digest[32];

  if (!mc_token_is_valid (part1) || !mc_token_is_valid (part2) || !mc_token_is_valid (thumbprint)) {
    g_set_error_literal (error, MC_ERROR, MC_ERROR_MALFORMED, "a part of the key authorization is not base64url");
    return NULL;
  }
  token = join (part1, part2, how, error);
  if (token == NULL)
    return NULL;
  key_authorization = g_strconcat (token, ".", thumbprint, NULL);
  if (!EVP_Digest (key_authorization, strlen (key_authorization), digest, NULL, EVP_sha256 (), NULL)) {
    g_set_error_literal (error, MC_ERROR, MC_ERROR_INTERNAL, "SHA-256 failed");
    return NULL;
  }
  return mc_base64url_compose (digest, sizeof digest);
}
