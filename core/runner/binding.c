/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/runner-private.h"

#include "base/base64url.h"
#include "base/error.h"
#include "base/json.h"
#include "base/secret.h"
#include "runner/file.h"

#include <openssl/crypto.h>
#include <string.h>

#define BINDING_MAX_BYTES (16 * 1024)

static gboolean
take (const char *kid, const char *key_text, char **kid_out, GBytes **key_out, GError **error)
{
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) why = NULL;

  if (kid == NULL || *kid == '\0' || key_text == NULL || *key_text == '\0') {
    g_set_error_literal (error, MC_ERROR, MC_ERROR_CONFIG,
                         "it needs two lines, \"kid = KEY-ID\" and \"hmac-key = KEY\"");
    return FALSE;
  }
  for (const char *p = kid; *p != '\0'; p++)
    if (!g_ascii_isgraph (*p)) { /* B26: ASCII */
      g_set_error_literal (error, MC_ERROR, MC_ERROR_CONFIG, "kid has characters that no key identifier has");
      return FALSE;
    }
  bytes = mc_base64_any_parse (key_text, &why);
  if (bytes == NULL || g_bytes_get_size (bytes) < 16) {
    g_set_error_literal (error, MC_ERROR, MC_ERROR_CONFIG, "hmac-key is not the base64 that the CA gave");
    return FALSE;
  }
  *kid_out = g_strdup (kid);
  *key_out = mc_secret_new (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  OPENSSL_cleanse ((void *)g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  return TRUE;
}

static gboolean
parse_json (const char *text, char **kid, GBytes **key, GError **error)
{
  g_autoptr (GError) why = NULL;
  g_autoptr (McJson) json = mc_json_parse (text, strlen (text), &why);
  const char *hmac;

  if (json == NULL) {
    g_set_error (error, MC_ERROR, MC_ERROR_CONFIG, "it is %s", why->message);
    return FALSE;
  }
  hmac = mc_json_string_or (json, "hmac-key", mc_json_string_or (json, "hmac_key", NULL));
  return take (mc_json_string_or (json, "kid", NULL), hmac, kid, key, error);
}

gboolean
mc_binding_parse (const char *text, char **kid, GBytes **key, GError **error)
{
  g_autofree char *copy = NULL; /* wiped whole: names, keys and the NULs put between them */
  const char *found_kid = NULL, *found_key = NULL;
  gsize length;
  gboolean ok;

  while (g_ascii_isspace (*text))
    text++;
  if (*text == '{')
    return parse_json (text, kid, key, error);
  length = strlen (text);
  copy = g_strndup (text, length);
  for (char *line = copy, *next; line != NULL; line = next) {
    char *equals;

    next = strpbrk (line, "\r\n");
    if (next != NULL)
      *next++ = '\0';
    equals = strchr (g_strchug (line), '=');
    if (equals == NULL || *line == '#')
      continue;
    *equals = '\0';
    if (g_str_equal (g_strchomp (line), "kid"))
      found_kid = g_strstrip (equals + 1);
    else if (g_str_equal (line, "hmac-key"))
      found_key = g_strstrip (equals + 1);
  }
  ok = take (found_kid, found_key, kid, key, error);
  OPENSSL_cleanse (copy, length);
  return ok;
}

gboolean
mc_binding_read (const char *path, char **kid, GBytes **key, GError **error)
{
  g_autoptr (McSecretString) text = NULL;
  gsize length;
  g_autoptr (GError) why = NULL;

  if (!mc_file_read (path, BINDING_MAX_BYTES, TRUE, &text, &length, &why)) {
    g_set_error (error, MC_ERROR, MC_ERROR_CONFIG, "the account binding cannot be read: %s", why->message);
    return FALSE;
  }
  if (strlen (text) != length) {
    g_set_error (error, MC_ERROR, MC_ERROR_CONFIG, "%s is no account binding", path);
    return FALSE;
  }
  if (!mc_binding_parse (text, kid, key, error)) {
    g_prefix_error (error, "%s: ", path);
    return FALSE;
  }
  return TRUE;
}
