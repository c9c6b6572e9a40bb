/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The jose program as an independent judge of signatures and thumbprints. Skipped, with the reason, where it is not
 * installed. */

#include "acme/jws.h"
#include "base/cleanup.h"
#include "base/json.h"
#include "pki/key.h"

#include <glib/gstdio.h>
#include <string.h>

static char *
run (const char *const *argv, gboolean *success)
{
  g_autoptr (GError) error = NULL;
  char *out = NULL;
  gint status = -1;

  g_spawn_sync (NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &out, NULL, &status, &error);
  g_assert_no_error (error);
  *success = g_spawn_check_wait_status (status, NULL);
  return g_strchomp (out);
}

static char *
write_file (const char *dir, const char *name, const char *text)
{
  char *path = g_build_filename (dir, name, NULL);
  g_autoptr (GError) error = NULL;

  g_file_set_contents (path, text, -1, &error);
  g_assert_no_error (error);
  return path;
}

static void
check_jws (const char *dir, const char *jwk_path, EVP_PKEY *key)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *jws =
      mc_jws_compose (key, "https://ca.example/acct/1", "n", "https://ca.example/x", "{\"a\":1}", &error);
  g_autofree char *path = write_file (dir, "jws.json", jws);
  const char *argv[] = {"jose", "jws", "ver", "-i", path, "-k", jwk_path, "-O", "-", NULL};
  gboolean good = FALSE;
  g_autofree char *payload = run (argv, &good);
  g_autofree char *damaged_path = NULL, *ignored = NULL;
  char *signature = strstr (jws, "\"signature\":\"") + strlen ("\"signature\":\"");

  g_assert_no_error (error);
  g_assert_true (good);
  g_assert_cmpstr (payload, ==, "{\"a\":1}");
  signature[5] = signature[5] == 'A' ? 'B' : 'A';
  damaged_path = write_file (dir, "jws.json", jws);
  ignored = run (argv, &good);
  g_assert_false (good);
  g_unlink (path);
}

static void
test_kind (gconstpointer data)
{
  McKeyKind kind = *(const McKeyKind *)data;
  g_autofree char *jose = g_find_program_in_path ("jose");
  g_autoptr (GError) error = NULL;
  g_autofree char *dir = NULL, *jwk = NULL, *path = NULL, *ours = NULL, *theirs = NULL;
  g_autoptr (EVP_PKEY) key = NULL;
  gboolean good = FALSE;

  if (jose == NULL) {
    g_test_skip ("the jose program is not installed");
    return;
  }
  dir = g_dir_make_tmp ("mailcert-jose-XXXXXX", &error);
  g_assert_no_error (error);
  key = mc_key_new (kind, &error);
  g_assert_no_error (error);
  jwk = mc_jwk_compose (key, &error);
  path = write_file (dir, "jwk.json", jwk);
  ours = mc_jwk_thumbprint (key, &error);
  theirs = run ((const char *[]){"jose", "jwk", "thp", "-i", path, "-a", "S256", NULL}, &good);
  g_assert_true (good);
  g_assert_cmpstr (ours, ==, theirs);
  check_jws (dir, path, key);
  g_unlink (path);
  g_assert_cmpint (g_rmdir (dir), ==, 0);
}

int
main (int argc, char **argv)
{
  static const McKeyKind kinds[] = {MC_KEY_P256, MC_KEY_P384, MC_KEY_RSA3072};

  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/jose/p256", &kinds[0], test_kind);
  g_test_add_data_func ("/jose/p384", &kinds[1], test_kind);
  g_test_add_data_func ("/jose/rsa3072", &kinds[2], test_kind);
  return g_test_run ();
}
