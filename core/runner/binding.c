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
  bytes = mc_base64_any_parse (key_text, &why); /* T-27 */
  if (bytes == NULL || g_bytes_get_size (bytes) < 16) {
    g_set_error_literal (error, MC_ERROR, MC_ERROR_CONFIG, "hmac-key is not the base64 that the CA gave");
    return FALSE;
  }
  *kid_out = g_strdup (kid);
  *key_out = mc_secret_new (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  OPENSSL_cleanse ((void *)g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  return TRUE;
}

/* What CAs and other clients call the two, in the snippets that a website shows for copying. */
static const char *const kid_names[] = {"kid", "eab-kid", "eab_kid", "key-id", "key_id", "keyId", NULL};
static const char *const key_names[] = {"hmac-key",     "hmac_key", "hmac",      "eab-hmac-key",
                                        "eab_hmac_key", "mac-key",  "b64MacKey", NULL};

static const char *
find_member (const McJson *json, const char *const *names)
{
  for (guint i = 0; names[i] != NULL; i++) {
    const char *value = mc_json_string_or (json, names[i], NULL);

    if (value != NULL)
      return value;
  }
  return NULL;
}

static gboolean
parse_json (const char *text, char **kid, GBytes **key, GError **error)
{
  g_autoptr (GError) why = NULL;
  g_autoptr (McJson) json = mc_json_parse (text, strlen (text), &why);

  if (json == NULL) {
    g_set_error (error, MC_ERROR, MC_ERROR_CONFIG, "it is %s", why->message);
    return FALSE;
  }
  return take (find_member (json, kid_names), find_member (json, key_names), kid, key, error);
}

static gboolean
is_named (const char *name, const char *const *names)
{
  for (guint i = 0; names[i] != NULL; i++)
    if (g_ascii_strcasecmp (name, names[i]) == 0)
      return TRUE;
  return FALSE;
}

/* In place: without the spaces, quotes and commas of a configuration, or of JSON that was not copied whole. */
static char *
bare (char *text)
{
  char *end;

  text += strspn (text, " \t\"'");
  end = text + strlen (text);
  while (end > text && strchr (" \t\"',;", end[-1]) != NULL)
    *--end = '\0';
  return text;
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
    char *value;

    next = strpbrk (line, "\r\n");
    if (next != NULL)
      *next++ = '\0';
    value = strpbrk (g_strchug (line), "=:");
    if (value == NULL || *line == '#')
      continue;
    *value++ = '\0';
    if (is_named (bare (line), kid_names))
      found_kid = bare (value);
    else if (is_named (bare (line), key_names))
      found_key = bare (value);
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

/* Remembered until the account is open, so that a later life can still open it: the path of a file that was named on
 * the command line, or what was typed or came through a pipe, which stands in no file. */
static char *
path_fact (const char *directory)
{
  return g_strconcat ("eab-file:", directory, NULL);
}

static char *
text_fact (const char *directory)
{
  return g_strconcat ("eab-text:", directory, NULL);
}

gboolean
mc_binding_remember (McStore *store, const char *directory, const char *file, const char *text, GError **error)
{
  g_autofree char *path_name = path_fact (directory);
  g_autofree char *text_name = text_fact (directory);
  g_autofree char *path = file != NULL ? g_canonicalize_filename (file, NULL) : NULL;
  g_autofree char *kid = NULL;
  g_autoptr (GBytes) key = NULL;

  if (path == NULL && text == NULL)
    return TRUE;
  /* Read once now: a wrong one is said before anything is asked for. */
  return (text != NULL ? mc_binding_parse (text, &kid, &key, error) : mc_binding_read (path, &kid, &key, error)) &&
         mc_store_set_fact (store, path_name, text != NULL ? NULL : path, error) &&
         mc_store_set_fact (store, text_name, text, error);
}

gboolean
mc_binding_find (McStore *store, const McCaProfile *ca, const char *directory, char **kid, GBytes **key, GError **error)
{
  g_autofree char *path_name = path_fact (directory);
  g_autofree char *text_name = text_fact (directory);
  g_autoptr (McSecretString) text = store != NULL ? mc_store_fact (store, text_name) : NULL;
  g_autofree char *path = store != NULL ? mc_store_fact (store, path_name) : NULL;

  if (text != NULL)
    return mc_binding_parse (text, kid, key, error);
  if (path == NULL)
    path = g_strdup (ca->eab_file);
  return path == NULL || mc_binding_read (path, kid, key, error);
}

gboolean
mc_binding_forget_text (McStore *store, const char *directory, GError **error)
{
  g_autofree char *name = text_fact (directory);

  return mc_store_set_fact (store, name, NULL, error);
}
