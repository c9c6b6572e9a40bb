/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/error.h"
#include "keyring-kill.h"
#include "keyring-set.h"
#include "pki/key.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* Names of keyrings, and plain files. */

typedef struct {
  Issuer *issuer;
  char *dir;
  char *spec;
} Shelf;

static void
shelf_set_up (Shelf *shelf, gconstpointer data)
{
  (void)data;
  shelf->issuer = issuer_new ();
  shelf->dir = g_build_filename (shelf->issuer->top, "a b", "keys", NULL);
  shelf->spec = g_strconcat ("files:", shelf->dir, NULL);
}

static void
shelf_tear_down (Shelf *shelf, gconstpointer data)
{
  (void)data;
  g_free (shelf->dir);
  g_free (shelf->spec);
  issuer_free (shelf->issuer);
}

static void
must_install (const Shelf *shelf, const McKeyringItem *item)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *id = NULL;
  g_autofree char *key = NULL;
  McKeyringOutcome outcome = mc_keyring_install (shelf->spec, item, NULL, &id, &error);

  g_assert_no_error (error);
  g_assert_cmpint (outcome, ==, MC_KEYRING_READY);
  key = g_build_filename (id, "key.pem", NULL);
  g_assert_true (g_path_is_absolute (id) && g_file_test (key, G_FILE_TEST_IS_REGULAR));
}

static void
refused (const Shelf *shelf, const McKeyringItem *item, const char *message)
{
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (mc_keyring_install (shelf->spec, item, NULL, NULL, &error), ==, MC_KEYRING_FAILED);
  g_assert_nonnull (error);
  g_assert_true (error->domain == MC_ERROR);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, message));
}

static char *
path_of (const Shelf *shelf, const char *set, const char *name)
{
  return g_build_filename (shelf->dir, LEAF_ADDRESS, set, name, NULL);
}

static char *
text_of (const Shelf *shelf, const char *set, const char *name)
{
  g_autofree char *path = path_of (shelf, set, name);
  char *text = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  return text;
}

static char *
set_name (const Leaf *leaf)
{
  g_autoptr (GDateTime) start = g_date_time_new_from_unix_utc (leaf->info->not_before);
  g_autofree char *day = g_date_time_format (start, "%Y%m%d");

  return g_strdup_printf ("%s-%.8s", day, leaf->info->sha256);
}

static void
points_to (const Shelf *shelf, const char *pointer, const Leaf *leaf)
{
  g_autofree char *link = g_build_filename (shelf->dir, LEAF_ADDRESS, pointer, NULL);
  g_autofree char *target = g_file_read_link (link, NULL);
  g_autofree char *name = set_name (leaf);

  g_assert_cmpstr (target, ==, name);
}

static void
test_files (Shelf *shelf, gconstpointer data)
{
  static const struct {
    const char *name;
    mode_t mode;
  } files[] = {{"certificate.pem", 0644},
               {"chain.pem", 0644},
               {"key.pem", 0600},
               {"modern.p12", 0600},
               {"compatible.p12", 0600}};
  mode_t mask = umask (0);
  g_autoptr (Leaf) leaf = leaf_new (shelf->issuer, (LeafPlan){0});
  g_autofree char *certificate = NULL;
  g_autofree char *chain = NULL;
  g_autofree char *expected = maker_pem (mc_chain_certificate (leaf->chain, 0), NULL);
  g_autofree char *issuers = maker_pem (shelf->issuer->ca, shelf->issuer->root, NULL);
  struct stat is;

  (void)data;
  must_install (shelf, &leaf->item);
  umask (mask);
  for (gsize i = 0; i < G_N_ELEMENTS (files); i++) {
    g_autofree char *path = path_of (shelf, "current", files[i].name);

    g_assert_cmpint (stat (path, &is), ==, 0);
    g_assert_cmpint (is.st_mode & 07777, ==, files[i].mode);
    if (g_str_has_suffix (path, ".p12"))
      g_free (run_program ("openssl", "pkcs12", "-in", path, "-noout", "-passin", "pass:", NULL));
    else if (strcmp (files[i].name, "key.pem") == 0)
      g_free (run_program ("openssl", "pkey", "-in", path, "-noout", "-check", NULL));
  }
  g_assert_cmpint (stat (shelf->dir, &is), ==, 0);
  g_assert_cmpint (is.st_mode & 07777, ==, 0700);
  certificate = text_of (shelf, "current", "certificate.pem");
  chain = text_of (shelf, "current", "chain.pem");
  g_assert_cmpstr (certificate, ==, expected);
  g_assert_cmpstr (chain, ==, issuers);
  points_to (shelf, "current", leaf);
}

static char *
listing (const Shelf *shelf)
{
  return run_program ("find", shelf->dir, "-printf", "%p %l %s %T@ %C@ %i\n", NULL);
}

static void
test_twice (Shelf *shelf, gconstpointer data)
{
  g_autoptr (Leaf) leaf = leaf_new (shelf->issuer, (LeafPlan){0});
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;

  (void)data;
  must_install (shelf, &leaf->item);
  before = listing (shelf);
  must_install (shelf, &leaf->item);
  after = listing (shelf);
  g_assert_cmpstr (before, ==, after);
}

static void
test_renewal (Shelf *shelf, gconstpointer data)
{
  g_autoptr (Leaf) old = leaf_new (shelf->issuer, (LeafPlan){.age = 100 * 86400});
  g_autoptr (Leaf) newer = leaf_new (shelf->issuer, (LeafPlan){0});
  g_autoptr (Leaf) secret = leaf_new (shelf->issuer, (LeafPlan){.key_usage = "critical,keyEncipherment"});
  g_autofree char *old_name = set_name (old);
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;

  (void)data;
  must_install (shelf, &old->item);
  points_to (shelf, "current", old);
  before = text_of (shelf, old_name, "key.pem");
  must_install (shelf, &newer->item);
  points_to (shelf, "current", newer);
  must_install (shelf, &secret->item);
  points_to (shelf, "current", newer);
  points_to (shelf, "current-encrypt", secret);
  must_install (shelf, &old->item); /* does not point back */
  points_to (shelf, "current", newer);
  after = text_of (shelf, old_name, "key.pem");
  g_assert_cmpstr (before, ==, after);
}

static void
test_other_key (Shelf *shelf, gconstpointer data)
{
  g_autoptr (Leaf) leaf = leaf_new (shelf->issuer, (LeafPlan){0});
  g_autoptr (Leaf) other = leaf_new (shelf->issuer, (LeafPlan){0});
  g_autofree char *path = path_of (shelf, "current", "key.pem");
  g_autofree char *pem = mc_key_compose_pem (other->pkcs8);
  g_autofree char *after = NULL;

  (void)data;
  must_install (shelf, &leaf->item);
  g_assert_true (g_file_set_contents (path, pem, -1, NULL));
  refused (shelf, &leaf->item, "another key");
  after = text_of (shelf, "current", "key.pem");
  g_assert_cmpstr (after, ==, pem);
  g_assert_true (g_file_set_contents (path, "no key", -1, NULL));
  refused (shelf, &leaf->item, "another key");
}

static void
test_completes (Shelf *shelf, gconstpointer data)
{
  g_autoptr (Leaf) leaf = leaf_new (shelf->issuer, (LeafPlan){0});
  g_autofree char *name = set_name (leaf);
  g_autofree char *p12 = path_of (shelf, name, "modern.p12");
  g_autofree char *key = path_of (shelf, name, "key.pem");
  g_autofree char *pointer = g_build_filename (shelf->dir, LEAF_ADDRESS, "current", NULL);

  (void)data;
  must_install (shelf, &leaf->item);
  g_assert_cmpint (g_unlink (p12), ==, 0);
  g_assert_cmpint (g_unlink (key), ==, 0);
  g_assert_cmpint (g_unlink (pointer), ==, 0);
  must_install (shelf, &leaf->item);
  g_assert_true (g_file_test (p12, G_FILE_TEST_IS_REGULAR));
  g_assert_true (g_file_test (key, G_FILE_TEST_IS_REGULAR));
  points_to (shelf, "current", leaf);
}

static void
test_passphrase (Shelf *shelf, gconstpointer data)
{
  g_autoptr (Leaf) leaf = leaf_new (shelf->issuer, (LeafPlan){.passphrase = "sesame"});
  g_autofree char *p12 = path_of (shelf, "current", "compatible.p12");
  g_autofree char *key = NULL;

  (void)data;
  leaf->item.passphrase = NULL;
  refused (shelf, &leaf->item, "passphrase");
  leaf->item.passphrase = "sesame";
  must_install (shelf, &leaf->item);
  key = text_of (shelf, "current", "key.pem");
  g_assert_true (g_str_has_prefix (key, "-----BEGIN ENCRYPTED PRIVATE KEY-----\n"));
  g_free (run_program ("openssl", "pkcs12", "-in", p12, "-noout", "-passin", "pass:sesame", NULL));
  leaf->item.passphrase = "other";
  refused (shelf, &leaf->item, "passphrase");
}

static void
test_elliptic_curve (Shelf *shelf, gconstpointer data)
{
  g_autoptr (Leaf) leaf = leaf_new (shelf->issuer, (LeafPlan){.ec = TRUE});

  (void)data;
  must_install (shelf, &leaf->item);
}

static void
test_foreign_key (Shelf *shelf, gconstpointer data)
{
  g_autoptr (Leaf) leaf = leaf_new (shelf->issuer, (LeafPlan){0});
  g_autoptr (Leaf) other = leaf_new (shelf->issuer, (LeafPlan){0});

  (void)data;
  leaf->item.key = other->pkcs8;
  refused (shelf, &leaf->item, "for another key");
  g_assert_false (g_file_test (shelf->dir, G_FILE_TEST_EXISTS));
}

static void
test_hostile_names (Shelf *shelf, gconstpointer data)
{
  static const char *const addresses[] = {"../../x@example.org", "a/b@example.org", ".x@example.org"};
  g_autoptr (Leaf) leaf = leaf_new (shelf->issuer, (LeafPlan){0});
  g_autofree char *tree = NULL;
  g_autofree char *parent = g_path_get_dirname (shelf->dir);

  (void)data;
  for (gsize i = 0; i < G_N_ELEMENTS (addresses); i++) {
    leaf->item.address = addresses[i];
    must_install (shelf, &leaf->item);
  }
  tree = run_program ("find", parent, "-mindepth", "1", "-maxdepth", "2", "-printf", "%P\n", NULL);
  g_assert_nonnull (strstr (tree, "keys/_._.._x@example.org\n"));
  g_assert_nonnull (strstr (tree, "keys/a_b@example.org\n"));
  g_assert_nonnull (strstr (tree, "keys/_x@example.org\n"));
}

static void
test_bad_folder (Shelf *shelf, gconstpointer data)
{
  g_autoptr (Leaf) leaf = leaf_new (shelf->issuer, (LeafPlan){0});
  g_autofree char *pointer = g_build_filename (shelf->dir, LEAF_ADDRESS, "current", NULL);
  g_autofree char *folder = g_path_get_dirname (pointer);

  (void)data;
  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  g_chmod (shelf->dir, 0777);
  refused (shelf, &leaf->item, "anybody may write");
  g_chmod (shelf->dir, 0755);
  g_assert_true (g_file_set_contents (pointer, "mine", -1, NULL));
  refused (shelf, &leaf->item, "current");
  {
    g_autofree char *text = NULL;

    g_assert_true (g_file_get_contents (pointer, &text, NULL, NULL));
    g_assert_cmpstr (text, ==, "mine");
  }
}

/* A disk that takes no more: no half set under its name, and nothing of it left behind. */
static void
test_full (Shelf *shelf, gconstpointer data)
{
  g_autoptr (Leaf) leaf = leaf_new (shelf->issuer, (LeafPlan){0});
  g_autofree char *tree = NULL;
  g_autofree char *expected = g_strconcat (LEAF_ADDRESS, "\n", NULL);
  int status;
  pid_t child = fork ();

  (void)data;
  if (child == 0) {
    struct rlimit limit = {2000, 2000}; /* the key fits, the PKCS#12 does not */

    gboolean failed;

    signal (SIGXFSZ, SIG_IGN);
    setrlimit (RLIMIT_FSIZE, &limit);
    failed = mc_keyring_install (shelf->spec, &leaf->item, NULL, NULL, NULL) == MC_KEYRING_FAILED;
    g_clear_pointer (&leaf, leaf_free); /* valgrind looks at children, too */
    _exit (failed ? 0 : 1);
  }
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFEXITED (status));
  g_assert_cmpint (WEXITSTATUS (status), ==, 0);
  tree = run_program ("find", shelf->dir, "-mindepth", "1", "-printf", "%P\n", NULL);
  g_assert_cmpstr (tree, ==, expected);
}

static void
test_killed (Shelf *shelf, gconstpointer data)
{
  g_autoptr (Leaf) leaf = leaf_new (shelf->issuer, (LeafPlan){0});
  guint steps = 0;

  (void)data;
  for (gboolean died = TRUE; died;) {
    g_free (run_program ("rm", "-rf", shelf->dir, NULL));
    died = install_killed (shelf->spec, &leaf->item, ++steps);
    must_install (shelf, &leaf->item);
    points_to (shelf, "current", leaf);
  }
  g_assert_cmpuint (steps, ==, 8); /* five files, their folder, the pointer */
}

static void
test_spec (void)
{
  static const char *const good[] = {"gpgsm", "smime-keys", "smime-keys:/a", "nss:/a", "files:/a", "files:/a:b"};
  static const char *const bad[] = {"",       "gpg",         "gpgsm:",        "gpgsm:/a", "files",
                                    "files:", "files:a",     "filesystem:/a", "Files:/a", "nss",
                                    "nss:a",  "smime-keys:", "smime-keys:a",  "\x1b[2J",  "files:~/a"};

  for (gsize i = 0; i < G_N_ELEMENTS (good); i++)
    g_assert_true (mc_keyring_spec_check (good[i], NULL));
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autoptr (GError) error = NULL;

    g_assert_false (mc_keyring_spec_check (bad[i], &error));
    g_assert_error (error, MC_ERROR, MC_ERROR_USAGE);
    g_assert_null (strchr (error->message, '\x1b'));
  }
  g_assert_cmpstr (mc_keyring_outcome_name (MC_KEYRING_READY), ==, "ready");
  g_assert_cmpstr (mc_keyring_outcome_name (MC_KEYRING_UNTRUSTED), ==, "untrusted");
  g_assert_cmpstr (mc_keyring_outcome_name (MC_KEYRING_FAILED), ==, "failed");
}

#define ADD(path, function) g_test_add ("/keyring/files/" path, Shelf, NULL, shelf_set_up, function, shelf_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/keyring/spec", test_spec);
  ADD ("whole", test_files);
  ADD ("twice", test_twice);
  ADD ("renewal", test_renewal);
  ADD ("other-key", test_other_key);
  ADD ("completes", test_completes);
  ADD ("passphrase", test_passphrase);
  ADD ("elliptic-curve", test_elliptic_curve);
  ADD ("foreign-key", test_foreign_key);
  ADD ("hostile-names", test_hostile_names);
  ADD ("bad-folder", test_bad_folder);
  ADD ("full", test_full);
  ADD ("killed", test_killed);
  return g_test_run ();
}
