/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The digest of the reply against tests/data/vectors.json. */

#include "base/error.h"
#include "base/json.h"
#include "mail/token.h"

#include <string.h>

static McJson *
read_vectors (void)
{
  g_autofree char *path = g_build_filename (g_getenv ("MC_TEST_DATA"), "vectors.json", NULL);
  g_autofree char *text = NULL;
  gsize length;
  g_autoptr (GError) error = NULL;
  McJson *json;

  g_file_get_contents (path, &text, &length, &error);
  g_assert_no_error (error);
  json = mc_json_parse (text, length, &error);
  g_assert_no_error (error);
  return json;
}

static const char *
member (const McJson *object, const char *name)
{
  const char *text = mc_json_string_or (object, name, NULL);

  g_assert_nonnull (text);
  return text;
}

static void
check (const McJson *vector, McTokenJoin join, const char *digest_name)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *digest = mc_token_digest (member (vector, "token_part1"), member (vector, "token_part2"),
                                             member (vector, "jwk_thumbprint"), join, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (strlen (digest), ==, 43);
  g_assert_cmpstr (digest, ==, member (vector, digest_name));
}

static void
test_vectors (void)
{
  g_autoptr (McJson) json = read_vectors ();
  g_autoptr (McJson) vectors = NULL;

  g_assert_true (mc_json_array (json, "key_authorization", &vectors, NULL));
  g_assert_cmpuint (mc_json_length (vectors), >=, 3);
  for (gsize i = 0; i < mc_json_length (vectors); i++) {
    g_autoptr (McJson) vector = mc_json_element (vectors, i);

    check (vector, MC_TOKEN_JOIN_STRING, "digest_string");
    check (vector, MC_TOKEN_JOIN_BYTES, "digest_binary");
  }
}

static void
test_refused (void)
{
  static const char *const tokens[] = {"", "a b", "a+b", "a/b", "a\r\nb", "a.b", "=", "a=b", "a===", "\303\244"};
  const char *good = "V4nE8NhYh6edBpfQTg5qqQ";

  for (guint i = 0; i < G_N_ELEMENTS (tokens); i++) {
    g_autoptr (GError) error = NULL;

    g_test_message ("%s", tokens[i]);
    g_assert_false (mc_token_is_valid (tokens[i]));
    g_assert_null (mc_token_digest (tokens[i], good, good, MC_TOKEN_JOIN_STRING, &error));
    g_assert_error (error, MC_ERROR, MC_ERROR_MALFORMED);
    g_assert_null (mc_token_digest (good, tokens[i], good, MC_TOKEN_JOIN_STRING, NULL));
    g_assert_null (mc_token_digest (good, good, tokens[i], MC_TOKEN_JOIN_BYTES, NULL));
  }
}

/* Five characters decode to no number of octets: as text they join, as octets they do not. */
static void
test_undecodable (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *digest = mc_token_digest ("AAAAA", "AAAA", "AAAA", MC_TOKEN_JOIN_STRING, NULL);

  g_assert_nonnull (digest);
  g_assert_null (mc_token_digest ("AAAAA", "AAAA", "AAAA", MC_TOKEN_JOIN_BYTES, &error));
  g_assert_error (error, MC_ERROR, MC_ERROR_MALFORMED);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/token/vectors", test_vectors);
  g_test_add_func ("/token/refused", test_refused);
  g_test_add_func ("/token/undecodable", test_undecodable);
  return g_test_run ();
}
