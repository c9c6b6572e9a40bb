/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "keyring-set.h"

#include <glib/gstdio.h>
#include <string.h>

/* What smime-keys has written, in the hands of the clients' own script smime_keys and of openssl as mutt runs it. */

typedef struct {
  Issuer *issuer;
  Leaf *leaf;
  char *dir;
  char *id;
} Shelf;

static void
shelf_set_up (Shelf *shelf, gconstpointer data)
{
  g_autofree char *spec = NULL;

  (void)data;
  shelf->issuer = issuer_new ();
  shelf->leaf = leaf_new (shelf->issuer, (LeafPlan){0});
  shelf->leaf->item.trust_root = shelf->issuer->root_sha256;
  shelf->dir = g_build_filename (shelf->issuer->top, ".smime", NULL);
  spec = g_strconcat ("smime-keys:", shelf->dir, NULL);
  g_assert_cmpint (mc_keyring_install (spec, &shelf->leaf->item, NULL, &shelf->id, NULL), ==, MC_KEYRING_READY);
}

static void
shelf_tear_down (Shelf *shelf, gconstpointer data)
{
  (void)data;
  g_free (shelf->dir);
  g_free (shelf->id);
  leaf_free (shelf->leaf);
  issuer_free (shelf->issuer);
}

static char *
index_of (const Shelf *shelf)
{
  g_autofree char *path = g_build_filename (shelf->dir, "certificates", ".index", NULL);
  char *text = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  return text;
}

/* It lists the pair, and its own judgement of the chain ("refresh") is the one that we have written. */
static void
read_by (Shelf *shelf, const char *program, const char *script)
{
  g_autofree char *rc = g_build_filename (shelf->issuer->top, "rc", NULL);
  g_autofree char *settings =
      g_strdup_printf ("set smime_certificates=\"%s/certificates\"\nset smime_keys=\"%s/keys\"\n"
                       "set smime_ca_location=\"%s/ca-bundle.crt\"\n",
                       shelf->dir, shelf->dir, shelf->dir);
  g_autofree char *variable = g_strdup_printf ("MUTT_CMDLINE=%s -n -F %s", program, rc);
  g_autofree char *before = index_of (shelf);
  g_autofree char *after = NULL;
  g_autofree char *list = NULL;

  if (!g_file_test (script, G_FILE_TEST_IS_EXECUTABLE)) {
    g_test_skip ("it is not installed");
    return;
  }
  g_assert_true (g_file_set_contents (rc, settings, -1, NULL));
  list = run_program ("env", variable, script, "list", NULL);
  g_assert_nonnull (strstr (list, shelf->id));
  g_assert_nonnull (strstr (list, "(Trusted)"));
  g_assert_nonnull (strstr (list, "Matching private key installed"));
  g_free (run_program ("env", variable, script, "refresh", NULL));
  after = index_of (shelf);
  g_assert_cmpstr (after, ==, before);
}

static void
test_mutt (Shelf *shelf, gconstpointer data)
{
  (void)data;
  read_by (shelf, "mutt", "/usr/bin/smime_keys");
}

static void
test_neomutt (Shelf *shelf, gconstpointer data)
{
  (void)data;
  read_by (shelf, "neomutt", "/usr/libexec/neomutt/smime_keys");
}

/* smime_sign_command and smime_verify_command of Debian's smime.rc. */
static void
test_openssl (Shelf *shelf, gconstpointer data)
{
  g_autofree char *certificate = g_build_filename (shelf->dir, "certificates", shelf->id, NULL);
  g_autofree char *key = g_build_filename (shelf->dir, "keys", shelf->id, NULL);
  g_autofree char *bundle = g_build_filename (shelf->dir, "ca-bundle.crt", NULL);
  g_autofree char *mail = g_build_filename (shelf->issuer->top, "mail", NULL);
  g_autofree char *signature = g_build_filename (shelf->issuer->top, "signature", NULL);
  g_autofree char *index = index_of (shelf);
  g_auto (GStrv) fields = g_strsplit (index, " ", -1);
  g_autofree char *issuers = g_build_filename (shelf->dir, "certificates", fields[3], NULL);

  (void)data;
  g_assert_true (g_file_set_contents (mail, "Hello\r\n", -1, NULL));
  g_free (run_program ("openssl", "smime", "-sign", "-md", "sha256", "-signer", certificate, "-inkey", key, "-in", mail,
                       "-certfile", issuers, "-outform", "DER", "-out", signature, NULL));
  g_free (run_program ("openssl", "smime", "-verify", "-inform", "DER", "-in", signature, "-CAfile", bundle, "-content",
                       mail, NULL));
}

/* A bundle with one root takes none of the system's away: openssl looks into its own folder besides. */
static void
test_system_roots (Shelf *shelf, gconstpointer data)
{
  g_autofree char *bundle = g_build_filename (shelf->dir, "ca-bundle.crt", NULL);
  g_autofree char *roots = run_program ("sh", "-c", "ls /etc/ssl/certs/*.0 2>/dev/null || :", NULL);
  g_autofree char *first = g_strndup (roots, strcspn (roots, "\n"));

  (void)data;
  if (*first == '\0')
    g_test_skip ("this system has no roots");
  else
    g_free (run_program ("openssl", "verify", "-CAfile", bundle, first, NULL));
}

#define ADD(path, function)                                                                                            \
  g_test_add ("/keyring/smime-keys/" path, Shelf, NULL, shelf_set_up, function, shelf_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("mutt", test_mutt);
  ADD ("neomutt", test_neomutt);
  ADD ("openssl", test_openssl);
  ADD ("system-roots", test_system_roots);
  return g_test_run ();
}
