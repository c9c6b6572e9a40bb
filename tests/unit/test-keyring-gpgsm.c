/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/error.h"
#include "keyring-kill.h"
#include "keyring-set.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

/* The real gpgsm, in a GNUPGHOME of its own. */

typedef struct {
  Issuer *issuer;
  char *home;
} Box;

static void
box_set_up (Box *box, gconstpointer data)
{
  (void)data;
  box->issuer = issuer_new ();
  box->home = g_build_filename (box->issuer->top, "h", NULL);
  g_setenv ("GNUPGHOME", box->home, TRUE);
}

static void
box_tear_down (Box *box, gconstpointer data)
{
  (void)data;
  g_free (run_program ("gpgconf", "--kill", "all", NULL));
  g_free (box->home);
  issuer_free (box->issuer);
}

static McKeyringOutcome
install (const McKeyringItem *item, char **message)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (McCertificateInfo) info = mc_certificate_info_new (mc_chain_certificate (item->chain, 0), NULL);
  g_autofree char *id = NULL;
  McKeyringOutcome outcome = mc_keyring_install ("gpgsm", item, NULL, &id, &error);

  g_assert_cmpstr (id, ==, outcome == MC_KEYRING_FAILED ? NULL : info->sha1);
  g_assert_true ((outcome == MC_KEYRING_READY) == (error == NULL));
  if (error != NULL) {
    g_test_message ("%s", error->message);
    g_assert_true (error->domain == MC_ERROR);
    g_assert_null (strchr (error->message, '\n'));
  }
  if (message != NULL)
    *message = error != NULL ? g_strdup (error->message) : NULL;
  return outcome;
}

static void
must_install (const McKeyringItem *item)
{
  g_autofree char *message = NULL;

  g_assert_cmpint (install (item, &message), ==, MC_KEYRING_READY);
}

static char *
read_in (const Box *box, const char *name)
{
  g_autofree char *path = g_build_filename (box->home, name, NULL);
  char *text = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  return text;
}

/* What a mail program would do, and what its recipient would: `openssl cms -verify` with the root alone. */
static void
sign_and_verify (const Box *box, const Leaf *leaf)
{
  g_autofree char *mail = g_build_filename (box->issuer->top, "mail", NULL);
  g_autofree char *signature = g_build_filename (box->issuer->top, "sig", NULL);
  g_autofree char *root = g_build_filename (box->issuer->top, "root.pem", NULL);
  g_autofree char *signer = g_build_filename (box->issuer->top, "signer.pem", NULL);
  g_autofree char *pem = maker_pem (box->issuer->root, NULL);
  g_autofree char *leaf_pem = maker_pem (mc_chain_certificate (leaf->chain, 0), NULL);
  g_autofree char *seen = NULL;

  g_assert_true (g_file_set_contents (mail, "Hello\r\n", -1, NULL));
  g_assert_true (g_file_set_contents (root, pem, -1, NULL));
  g_unlink (signature);
  g_free (run_program ("gpgsm", "--batch", "--pinentry-mode", "loopback", "--local-user", leaf->info->sha1, "--output",
                       signature, "--detach-sign", mail, NULL));
  g_free (run_program ("openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", signature, "-content", mail,
                       "-CAfile", root, "-purpose", "smimesign", "-signer", signer, NULL));
  g_assert_true (g_file_get_contents (signer, &seen, NULL, NULL));
  g_assert_nonnull (strstr (seen, leaf_pem));
}

static void
test_trust (Box *box, gconstpointer data)
{
  g_autoptr (Leaf) leaf = leaf_new (box->issuer, (LeafPlan){0});
  g_autofree char *message = NULL;
  g_autofree char *path = g_build_filename (box->home, "trustlist.txt", NULL);
  g_autofree char *wrong = g_strnfill (64, '0');
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  struct stat is;

  (void)data;
  g_assert_cmpint (install (&leaf->item, &message), ==, MC_KEYRING_UNTRUSTED);
  g_assert_nonnull (strstr (message, "Test Root"));
  g_assert_nonnull (strstr (message, box->issuer->root_sha256));
  g_assert_cmpint (stat (path, &is), ==, 0); /* so that the agent can ask */
  g_assert_cmpint (is.st_mode & 07777, ==, 0600);
  g_assert_cmpint (is.st_size, ==, 0);

  g_assert_true (g_file_set_contents (path, "# mine\r\n\n  0123456789ABCDEF0123456789ABCDEF01234567 P S", -1, NULL));
  g_chmod (path, 0640);
  before = read_in (box, "trustlist.txt");
  leaf->item.trust_root = wrong;
  g_assert_cmpint (install (&leaf->item, NULL), ==, MC_KEYRING_UNTRUSTED);
  after = read_in (box, "trustlist.txt");
  g_assert_cmpstr (after, ==, before);

  leaf->item.trust_root = box->issuer->root_sha256;
  must_install (&leaf->item);
  g_free (after);
  after = read_in (box, "trustlist.txt");
  g_assert_true (g_str_has_prefix (after, before));
  g_assert_nonnull (strstr (after, " S relax\n"));
  g_assert_cmpint (stat (path, &is), ==, 0);
  g_assert_cmpint (is.st_mode & 07777, ==, 0640);
  sign_and_verify (box, leaf);
  leaf->item.trust_root = NULL; /* it is remembered */
  must_install (&leaf->item);
}

static char *
listing (const Box *box)
{
  return run_program ("find", box->home, "-type", "f", "!", "-name", "*.lock", "!", "-name", "random_seed", "-printf",
                      "%p %s %T@ %i\n", NULL);
}

static void
test_twice (Box *box, gconstpointer data)
{
  g_autoptr (Leaf) leaf = leaf_new (box->issuer, (LeafPlan){0});
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;

  (void)data;
  leaf->item.trust_root = box->issuer->root_sha256;
  must_install (&leaf->item);
  must_install (&leaf->item); /* the box's last housekeeping */
  before = listing (box);
  must_install (&leaf->item);
  after = listing (box);
  g_assert_cmpstr (before, ==, after);
}

static void
test_renewal (Box *box, gconstpointer data)
{
  g_autoptr (Leaf) old = leaf_new (box->issuer, (LeafPlan){.age = 86400});
  g_autoptr (Leaf) newer = leaf_new (box->issuer, (LeafPlan){0});
  g_autofree char *keys = NULL;
  g_autoptr (GPtrArray) entries = NULL;

  (void)data;
  old->item.trust_root = box->issuer->root_sha256;
  must_install (&old->item);
  must_install (&newer->item);
  sign_and_verify (box, old);
  sign_and_verify (box, newer);
  keys = run_program ("gpgsm", "--batch", "--with-colons", "-K", LEAF_ADDRESS, NULL);
  g_assert_nonnull (strstr (keys, old->info->sha1));
  g_assert_nonnull (strstr (keys, newer->info->sha1));
  entries = mc_keyring_list ("gpgsm", LEAF_ADDRESS, NULL, NULL);
  g_assert_cmpuint (entries->len, ==, 2);
  g_assert_cmpstr (((McKeyringEntry *)g_ptr_array_index (entries, 0))->key_id, ==, newer->info->sha1);
  g_assert_true (((McKeyringEntry *)g_ptr_array_index (entries, 0))->is_default);
}

static char *
private_keys (const Box *box)
{
  g_autofree char *dir = g_build_filename (box->home, "private-keys-v1.d", NULL);
  g_autofree char *command = g_strdup_printf ("cat %s/* 2>/dev/null; :", dir);

  return run_program ("sh", "-c", command, NULL);
}

static void
test_passphrase (Box *box, gconstpointer data)
{
  g_autoptr (Leaf) leaf = leaf_new (box->issuer, (LeafPlan){.passphrase = "sesame \"'$"});
  g_autofree char *keys = NULL;
  g_autofree char *message = NULL;

  (void)data;
  leaf->item.trust_root = box->issuer->root_sha256;
  leaf->item.passphrase = NULL;
  g_assert_cmpint (install (&leaf->item, &message), ==, MC_KEYRING_FAILED);
  g_clear_pointer (&message, g_free);
  leaf->item.passphrase = "wrong";
  g_assert_cmpint (install (&leaf->item, &message), ==, MC_KEYRING_FAILED);
  leaf->item.passphrase = "sesame \"'$";
  must_install (&leaf->item);
  keys = private_keys (box);
  g_assert_nonnull (strstr (keys, "protected-private-key"));
}

static void
test_no_passphrase (Box *box, gconstpointer data)
{
  g_autoptr (Leaf) leaf = leaf_new (box->issuer, (LeafPlan){0});
  g_autofree char *keys = NULL;

  (void)data;
  leaf->item.trust_root = box->issuer->root_sha256;
  must_install (&leaf->item);
  keys = private_keys (box);
  g_assert_nonnull (strstr (keys, "(private-key"));
  g_assert_null (strstr (keys, "protected-private-key"));
}

static void
test_encryption_only (Box *box, gconstpointer data)
{
  g_autoptr (Leaf) leaf = leaf_new (box->issuer, (LeafPlan){.key_usage = "critical,keyEncipherment"});

  (void)data;
  g_assert_cmpint (install (&leaf->item, NULL), ==, MC_KEYRING_UNTRUSTED);
  leaf->item.trust_root = box->issuer->root_sha256;
  must_install (&leaf->item);
}

static void
test_elliptic_curve (Box *box, gconstpointer data)
{
  g_autoptr (Leaf) leaf = leaf_new (box->issuer, (LeafPlan){.ec = TRUE});
  g_autofree char *version = run_program ("gpgsm", "--version", NULL);
  g_autofree char *message = NULL;

  (void)data;
  leaf->item.trust_root = box->issuer->root_sha256;
  if (!g_str_has_prefix (version, "gpgsm (GnuPG) 2.2")) {
    g_test_skip ("this gpgsm takes elliptic-curve keys");
    return;
  }
  g_assert_cmpint (install (&leaf->item, &message), ==, MC_KEYRING_FAILED);
  g_assert_nonnull (strstr (message, "RSA"));
  g_assert_false (g_file_test (box->home, G_FILE_TEST_EXISTS)); /* nothing was half done */
}

/* Port 1 of this machine: nobody there. */
static void
test_crl_out_of_reach (Box *box, gconstpointer data)
{
  g_autoptr (Leaf) leaf = leaf_new (box->issuer, (LeafPlan){.crl = "http://127.0.0.1:1/test.crl"});
  g_autofree char *message = NULL;
  g_autofree char *conf = g_build_filename (box->home, "gpgsm.conf", NULL);

  (void)data;
  g_assert_cmpint (install (&leaf->item, &message), ==, MC_KEYRING_UNTRUSTED);
  g_clear_pointer (&message, g_free);
  leaf->item.trust_root = box->issuer->root_sha256;
  g_assert_cmpint (install (&leaf->item, &message), ==, MC_KEYRING_FAILED);
  g_assert_nonnull (strstr (message, "http://127.0.0.1:1/test.crl"));
  g_assert_nonnull (strstr (message, "disable-crl-checks"));
  g_assert_false (g_file_test (conf, G_FILE_TEST_EXISTS)); /* that is for the person to decide */
  g_assert_true (g_file_set_contents (conf, "disable-crl-checks\n", -1, NULL));
  must_install (&leaf->item);
}

static void
test_distrusted (Box *box, gconstpointer data)
{
  g_autoptr (Leaf) leaf = leaf_new (box->issuer, (LeafPlan){0});
  g_autoptr (McCertificateInfo) root = mc_certificate_info_new (box->issuer->root, NULL);
  g_autofree char *path = g_build_filename (box->home, "trustlist.txt", NULL);
  g_autofree char *line = g_strdup_printf ("!%s S\n", root->sha1);
  g_autofree char *message = NULL;
  g_autofree char *after = NULL;

  (void)data;
  g_assert_cmpint (g_mkdir (box->home, 0700), ==, 0);
  g_assert_true (g_file_set_contents (path, line, -1, NULL));
  leaf->item.trust_root = box->issuer->root_sha256;
  g_assert_cmpint (install (&leaf->item, &message), ==, MC_KEYRING_FAILED);
  g_assert_nonnull (strstr (message, "not to be trusted"));
  after = read_in (box, "trustlist.txt");
  g_assert_cmpstr (after, ==, line);
}

static void
test_root_unknown (Box *box, gconstpointer data)
{
  g_autoptr (Leaf) leaf = leaf_new (box->issuer, (LeafPlan){0});
  g_autofree char *message = NULL;

  (void)data;
  leaf->item.root = NULL;
  leaf->item.trust_root = box->issuer->root_sha256;
  g_assert_cmpint (install (&leaf->item, &message), !=, MC_KEYRING_READY);
}

static void
test_cancelled (Box *box, gconstpointer data)
{
  g_autoptr (Leaf) leaf = leaf_new (box->issuer, (LeafPlan){0});
  g_autoptr (GCancellable) cancel = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  (void)data;
  g_cancellable_cancel (cancel);
  g_assert_cmpint (mc_keyring_install ("gpgsm", &leaf->item, cancel, NULL, &error), ==, MC_KEYRING_FAILED);
  g_assert_error (error, MC_ERROR, MC_ERROR_LATER);
}

/* Dead before each of the programs that it runs: once more, and all is as it would have been. */
static void
test_killed (Box *box, gconstpointer data)
{
  g_autoptr (Leaf) leaf = leaf_new (box->issuer, (LeafPlan){0});
  guint steps = 0;

  (void)data;
  leaf->item.trust_root = box->issuer->root_sha256;
  for (gboolean died = TRUE; died;) {
    g_autofree char *trust = NULL;
    g_autoptr (GPtrArray) entries = NULL;

    g_free (run_program ("gpgconf", "--kill", "all", NULL));
    g_free (run_program ("rm", "-rf", box->home, NULL));
    died = install_killed ("gpgsm", &leaf->item, ++steps);
    must_install (&leaf->item);
    entries = mc_keyring_list ("gpgsm", LEAF_ADDRESS, NULL, NULL);
    g_assert_cmpuint (entries->len, ==, 1);
    trust = read_in (box, "trustlist.txt");
    g_assert_nonnull (strstr (trust, " S relax\n"));
    g_assert_true (strstr (trust, " S relax\n") == g_strrstr (trust, " S relax\n"));
  }
  g_assert_cmpuint (steps, >, 8); /* issuers, the list twice, the key, the list of trust, three programs of proof */
}

static void
test_not_installed (Box *box, gconstpointer data)
{
  g_autoptr (Leaf) leaf = leaf_new (box->issuer, (LeafPlan){0});
  g_autofree char *path = g_strdup (g_getenv ("PATH"));
  g_autofree char *message = NULL;
  g_autofree char *fallback = NULL;
  g_autofree char *usual = mc_keyring_default ("/data", MC_KEY_RSA3072);
  McKeyringOutcome outcome;

  (void)data;
  g_setenv ("PATH", "/nonexistent", TRUE);
  outcome = install (&leaf->item, &message);
  fallback = mc_keyring_default ("/data", MC_KEY_RSA3072);
  g_setenv ("PATH", path, TRUE);
  g_assert_cmpint (outcome, ==, MC_KEYRING_FAILED);
  g_assert_nonnull (strstr (message, "not installed"));
  g_assert_cmpstr (fallback, ==, "files:/data/certificates");
  g_assert_cmpstr (usual, ==, "gpgsm");
}

#define ADD(path, function) g_test_add ("/keyring/gpgsm/" path, Box, NULL, box_set_up, function, box_tear_down)

int
main (int argc, char **argv)
{
  g_autofree char *gpgsm = g_find_program_in_path ("gpgsm");

  g_test_init (&argc, &argv, NULL);
  g_unsetenv ("GPG_AGENT_INFO");
  if (gpgsm == NULL) {
    g_print ("1..0 # SKIP gpgsm is not installed\n");
    return 77;
  }
  ADD ("trust", test_trust);
  ADD ("twice", test_twice);
  ADD ("renewal", test_renewal);
  ADD ("passphrase", test_passphrase);
  ADD ("no-passphrase", test_no_passphrase);
  ADD ("encryption-only", test_encryption_only);
  ADD ("elliptic-curve", test_elliptic_curve);
  ADD ("crl-out-of-reach", test_crl_out_of_reach);
  ADD ("distrusted", test_distrusted);
  ADD ("root-unknown", test_root_unknown);
  ADD ("cancelled", test_cancelled);
  ADD ("killed", test_killed);
  ADD ("not-installed", test_not_installed);
  return g_test_run ();
}
