/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/error.h"
#include "keyring-kill.h"
#include "keyring-set.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

/* The folder of mutt's classic S/MIME: every byte of it. */

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
  shelf->dir = g_build_filename (shelf->issuer->top, ".smime", NULL);
  shelf->spec = g_strconcat ("smime-keys:", shelf->dir, NULL);
}

static void
shelf_tear_down (Shelf *shelf, gconstpointer data)
{
  (void)data;
  g_free (shelf->dir);
  g_free (shelf->spec);
  issuer_free (shelf->issuer);
}

static char *
must_install (const Shelf *shelf, const McKeyringItem *item)
{
  g_autoptr (GError) error = NULL;
  char *id = NULL;
  McKeyringOutcome outcome = mc_keyring_install (shelf->spec, item, NULL, &id, &error);

  g_assert_no_error (error);
  g_assert_cmpint (outcome, ==, MC_KEYRING_READY);
  return id;
}

static void
refused (const Shelf *shelf, const McKeyringItem *item, const char *message)
{
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (mc_keyring_install (shelf->spec, item, NULL, NULL, &error), ==, MC_KEYRING_FAILED);
  g_assert_nonnull (error);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, message));
}

static char *
path_of (const Shelf *shelf, const char *folder, const char *name)
{
  return g_build_filename (shelf->dir, folder, name, NULL);
}

static char *
text_of (const Shelf *shelf, const char *folder, const char *name)
{
  g_autofree char *path = path_of (shelf, folder, name);
  char *text = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  return text;
}

static void
put (const Shelf *shelf, const char *folder, const char *name, const char *text, int mode)
{
  g_autofree char *parent = path_of (shelf, folder, NULL);
  g_autofree char *path = path_of (shelf, folder, name);

  g_assert_cmpint (g_mkdir_with_parents (parent, 0700), ==, 0);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  g_assert_cmpint (g_chmod (path, (mode_t)mode), ==, 0);
}

static int
mode_of (const Shelf *shelf, const char *folder, const char *name)
{
  g_autofree char *path = path_of (shelf, folder, name);
  struct stat is;

  g_assert_cmpint (stat (path, &is), ==, 0);
  return is.st_mode & 07777;
}

static char *
line_of (const Leaf *leaf, const char *name, const char *issuer, char trust, const char *purpose)
{
  g_autoptr (GDateTime) start = g_date_time_new_from_unix_utc (leaf->info->not_before);
  g_autofree char *day = g_date_time_format (start, "%Y%m%d");

  return g_strdup_printf (LEAF_ADDRESS " %s mailcert-%s %s %c %s\n", name, day, issuer, trust, purpose);
}

/* The name that OpenSSL's own program gives it. */
static char *
name_of (const Shelf *shelf, X509 *certificate, guint number)
{
  g_autofree char *path = g_build_filename (shelf->issuer->top, "one.pem", NULL);
  g_autofree char *pem = maker_pem (certificate, NULL);
  g_autofree char *hash = NULL;

  g_assert_true (g_file_set_contents (path, pem, -1, NULL));
  hash = run_program ("openssl", "x509", "-in", path, "-noout", "-subject_hash", NULL);
  return g_strdup_printf ("%s.%u", g_strstrip (hash), number);
}

static void
test_whole (Shelf *shelf, gconstpointer data)
{
  mode_t mask = umask (0);
  g_autoptr (Leaf) leaf = leaf_new (shelf->issuer, (LeafPlan){0});
  g_autofree char *id = must_install (shelf, &leaf->item);
  g_autofree char *expected = name_of (shelf, mc_chain_certificate (leaf->chain, 0), 0);
  g_autofree char *issuers = name_of (shelf, shelf->issuer->ca, 0);
  g_autofree char *certificate = text_of (shelf, "certificates", id);
  g_autofree char *certificate_pem = maker_pem (mc_chain_certificate (leaf->chain, 0), NULL);
  g_autofree char *intermediate = text_of (shelf, "certificates", issuers);
  g_autofree char *intermediate_pem = maker_pem (shelf->issuer->ca, NULL);
  g_autofree char *index = text_of (shelf, "certificates", ".index");
  g_autofree char *key_index = text_of (shelf, "keys", ".index");
  g_autofree char *line = line_of (leaf, id, issuers, 't', "se");
  g_autofree char *key_line = line_of (leaf, id, "?", 't', "se");
  g_autofree char *tree = tree_of (shelf->dir);

  (void)data;
  umask (mask);
  g_assert_cmpstr (id, ==, expected);
  g_assert_cmpstr (certificate, ==, certificate_pem);
  g_assert_cmpstr (intermediate, ==, intermediate_pem);
  g_assert_cmpstr (index, ==, line);
  g_assert_cmpstr (key_index, ==, key_line);
  g_assert_cmpint (mode_of (shelf, "keys", id), ==, 0600);
  g_assert_cmpint (mode_of (shelf, "keys", NULL), ==, 0700);
  g_assert_cmpint (mode_of (shelf, "certificates", ".index"), ==, 0600);
  g_assert_null (strstr (tree, "ca-bundle")); /* no root was trusted */
}

/* What others have there: a certificate of the same subject, one of the same name without a key, odd lines. */
static void
test_foreign (Shelf *shelf, gconstpointer data)
{
  g_autoptr (Leaf) other = leaf_new (shelf->issuer, (LeafPlan){.age = 86400});
  g_autoptr (Leaf) leaf = leaf_new (shelf->issuer, (LeafPlan){0});
  g_autofree char *first = name_of (shelf, mc_chain_certificate (other->chain, 0), 0);
  g_autofree char *second = name_of (shelf, mc_chain_certificate (other->chain, 0), 1);
  g_autofree char *third = name_of (shelf, mc_chain_certificate (other->chain, 0), 2);
  g_autofree char *issuers = name_of (shelf, shelf->issuer->ca, 0);
  g_autofree char *pem = maker_pem (mc_chain_certificate (other->chain, 0), NULL);
  g_autofree char *key = mc_key_compose_pem (other->pkcs8);
  g_autofree char *text =
      g_strdup_printf ("# mine\r\n\n%s  %s me ? t -\n\tbob@example.org  0a0b0c0d.0", LEAF_ADDRESS, first);
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  g_autofree char *index = NULL;
  g_autofree char *id = NULL;

  (void)data;
  put (shelf, "certificates", first, pem, 0640);
  put (shelf, "keys", first, key, 0600);
  put (shelf, "keys", second, key, 0600); /* a key without a certificate */
  put (shelf, "certificates", issuers, "something else", 0644);
  put (shelf, "certificates", ".cache", "junk", 0644);
  put (shelf, ".", "ca-bundle.crt", "# my roots\n", 0600);
  before = tree_of (shelf->dir);
  put (shelf, "certificates", ".index", text, 0644);
  put (shelf, "keys", ".index", text, 0644);
  leaf->item.trust_root = NULL;
  id = must_install (shelf, &leaf->item);
  g_assert_cmpstr (id, ==, third);
  after = tree_of (shelf->dir);
  assert_kept (before, after);
  for (guint i = 0; i < 2; i++) {
    g_autofree char *now = text_of (shelf, i == 0 ? "certificates" : "keys", ".index");

    g_assert_true (g_str_has_prefix (now, text));
    g_assert_cmpuint (strlen (now), >, strlen (text));
    g_assert_cmpint (mode_of (shelf, i == 0 ? "certificates" : "keys", ".index"), ==, 0644);
  }
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
  leaf->item.trust_root = shelf->issuer->root_sha256;
  g_free (must_install (shelf, &leaf->item));
  before = listing (shelf);
  g_free (must_install (shelf, &leaf->item));
  after = listing (shelf);
  g_assert_cmpstr (before, ==, after);
}

/* One trusted certificate per mailbox and use; ours that are older stay, as valid ones; what "smime_keys refresh" has
 * marked stays marked. */
static void
test_renewal (Shelf *shelf, gconstpointer data)
{
  g_autoptr (Leaf) old = leaf_new (shelf->issuer, (LeafPlan){.age = 100 * 86400});
  g_autoptr (Leaf) newer = leaf_new (shelf->issuer, (LeafPlan){.age = 50 * 86400});
  g_autoptr (Leaf) secret = leaf_new (shelf->issuer, (LeafPlan){.key_usage = "critical,keyEncipherment"});
  g_autofree char *issuers = name_of (shelf, shelf->issuer->ca, 0);
  g_autofree char *id = must_install (shelf, &old->item);
  g_autofree char *newer_id = must_install (shelf, &newer->item);
  g_autofree char *secret_id = must_install (shelf, &secret->item);
  g_autofree char *again = must_install (shelf, &old->item);
  g_autofree char *index = text_of (shelf, "certificates", ".index");
  g_autofree char *old_line = line_of (old, id, issuers, 'v', "se");
  g_autofree char *newer_line = line_of (newer, newer_id, issuers, 't', "se");
  g_autofree char *secret_line = line_of (secret, secret_id, issuers, 't', "e");
  g_autofree char *expected = g_strconcat (old_line, newer_line, secret_line, NULL);
  g_autoptr (GPtrArray) entries = mc_keyring_list (shelf->spec, LEAF_ADDRESS, NULL, NULL);
  const McKeyringEntry *entry;

  (void)data;
  g_assert_cmpstr (again, ==, id);
  g_assert_true (g_str_has_suffix (newer_id, ".1") && g_str_has_suffix (secret_id, ".2"));
  g_assert_cmpstr (index, ==, expected);
  g_assert_cmpuint (entries->len, ==, 3);
  entry = g_ptr_array_index (entries, 0);
  g_assert_cmpstr (entry->key_id, ==, secret_id);
  g_assert_false (entry->is_default);
  entry = g_ptr_array_index (entries, 1);
  g_assert_cmpstr (entry->key_id, ==, newer_id);
  g_assert_true (entry->is_default);
  g_assert_cmpstr (entry->info->sha256, ==, newer->info->sha256);
  {
    g_autofree char *text = g_strdup (index);

    *strstr (text, " v se") = '\0';
    g_free (index);
    index = g_strconcat (text, " i se\n", newer_line, secret_line, NULL);
    put (shelf, "certificates", ".index", index, 0600);
    g_free (must_install (shelf, &newer->item));
    g_free (expected);
    expected = text_of (shelf, "certificates", ".index");
    g_assert_cmpstr (index, ==, expected);
  }
}

static void
test_killed (Shelf *shelf, gconstpointer data)
{
  g_autoptr (Leaf) old = leaf_new (shelf->issuer, (LeafPlan){.age = 86400});
  g_autoptr (Leaf) leaf = leaf_new (shelf->issuer, (LeafPlan){0});
  g_autofree char *wanted = NULL;
  guint steps = 0;

  (void)data;
  g_free (must_install (shelf, &old->item));
  leaf->item.trust_root = shelf->issuer->root_sha256;
  for (gboolean died = TRUE; died;) {
    g_autofree char *start = g_strconcat (shelf->dir, ".start", NULL);
    g_autofree char *tree = NULL;

    if (steps == 0)
      g_free (run_program ("cp", "-a", shelf->dir, start, NULL));
    g_free (run_program ("rm", "-rf", shelf->dir, NULL));
    g_free (run_program ("cp", "-a", start, shelf->dir, NULL));
    died = install_killed (shelf->spec, &leaf->item, ++steps);
    g_free (must_install (shelf, &leaf->item));
    g_free (run_program ("find", shelf->dir, "-name", "*.??????", "!", "-name", "ca-bundle.crt", "-delete", NULL));
    tree = tree_of (shelf->dir);
    if (wanted == NULL)
      wanted = g_strdup (tree);
    g_assert_cmpstr (tree, ==, wanted);
  }
  g_test_message ("%u steps", steps - 1);
  g_assert_cmpuint (steps, >=, 10); /* key, certificate, 3 programs' worth, two indexes twice, the root */
}

/* The root only by the person's word, behind what is there, and the system's roots count as before. */
static void
test_root (Shelf *shelf, gconstpointer data)
{
  g_autoptr (Leaf) leaf = leaf_new (shelf->issuer, (LeafPlan){0});
  g_autofree char *wrong = g_strnfill (64, '0');
  g_autofree char *root = maker_pem (shelf->issuer->root, NULL);
  static const char mine[] = "# mine";
  g_autofree char *expected = g_strconcat (mine, "\n", root, NULL);
  g_autofree char *text = NULL;
  g_autofree char *made = NULL;
  g_autofree char *bundle = path_of (shelf, ".", "ca-bundle.crt");

  (void)data;
  leaf->item.trust_root = wrong;
  g_free (must_install (shelf, &leaf->item));
  g_assert_false (g_file_test (bundle, G_FILE_TEST_EXISTS));
  leaf->item.trust_root = shelf->issuer->root_sha256;
  g_free (must_install (shelf, &leaf->item));
  made = text_of (shelf, ".", "ca-bundle.crt");
  g_assert_cmpstr (made, ==, root);
  put (shelf, ".", "ca-bundle.crt", mine, 0640);
  g_free (must_install (shelf, &leaf->item));
  g_free (must_install (shelf, &leaf->item));
  text = text_of (shelf, ".", "ca-bundle.crt");
  g_assert_cmpstr (text, ==, expected);
  g_assert_cmpint (mode_of (shelf, ".", "ca-bundle.crt"), ==, 0640);
  put (shelf, ".", "ca-certificates.crt", mine, 0640); /* the one that mutt takes first */
  g_free (must_install (shelf, &leaf->item));
  g_free (text);
  text = text_of (shelf, ".", "ca-certificates.crt");
  g_assert_cmpstr (text, ==, expected);
}

static void
test_keys (Shelf *shelf, gconstpointer data)
{
  g_autoptr (Leaf) curve = leaf_new (shelf->issuer, (LeafPlan){.ec = TRUE});
  g_autoptr (Leaf) locked = leaf_new (shelf->issuer, (LeafPlan){.passphrase = "sesame \"'$"});
  g_autoptr (Leaf) other = leaf_new (shelf->issuer, (LeafPlan){0});
  g_autofree char *id = must_install (shelf, &curve->item);
  g_autofree char *index = text_of (shelf, "keys", ".index");
  g_autofree char *key = NULL;

  (void)data;
  g_assert_nonnull (strstr (index, " t se\n")); /* smime_keys would write "s", and mutt would not decrypt */
  g_free (id);
  id = must_install (shelf, &locked->item);
  key = text_of (shelf, "keys", id);
  g_assert_true (g_str_has_prefix (key, "-----BEGIN ENCRYPTED PRIVATE KEY-----\n"));
  put (shelf, "keys", id, "no key", 0600);
  refused (shelf, &locked->item, "another key");
  other->item.key = curve->pkcs8;
  refused (shelf, &other->item, "for another key");
  locked->item.passphrase = "wrong";
  refused (shelf, &locked->item, "passphrase");
}

static void
test_bad_folder (Shelf *shelf, gconstpointer data)
{
  g_autoptr (Leaf) leaf = leaf_new (shelf->issuer, (LeafPlan){0});
  g_autofree char *index = path_of (shelf, "keys", ".index");
  g_autofree char *after = NULL;
  static const char binary[] = "a\0b\n";
  gsize length;

  (void)data;
  put (shelf, "keys", ".index", "", 0600);
  g_assert_true (g_file_set_contents (index, binary, sizeof binary - 1, NULL));
  refused (shelf, &leaf->item, "read as text");
  g_assert_true (g_file_get_contents (index, &after, &length, NULL));
  g_assert_cmpmem (after, length, binary, sizeof binary - 1);
  g_chmod (shelf->dir, 0777);
  refused (shelf, &leaf->item, "anybody may write");
}

#define ADD(path, function)                                                                                            \
  g_test_add ("/keyring/smime-keys/" path, Shelf, NULL, shelf_set_up, function, shelf_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("whole", test_whole);
  ADD ("foreign", test_foreign);
  ADD ("twice", test_twice);
  ADD ("renewal", test_renewal);
  ADD ("killed", test_killed);
  ADD ("root", test_root);
  ADD ("keys", test_keys);
  ADD ("bad-folder", test_bad_folder);
  return g_test_run ();
}
