/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/error.h"
#include "keyring-kill.h"
#include "keyring-set.h"

#include <glib/gstdio.h>
#include <string.h>

/* A real NSS database, judged by NSS's own programs. */

typedef struct {
  Issuer *issuer;
  char *dir;
  char *spec;
  char *database;
} Profile;

static void
profile_set_up (Profile *profile, gconstpointer data)
{
  (void)data;
  profile->issuer = issuer_new ();
  profile->dir = g_build_filename (profile->issuer->top, "a profile", NULL);
  profile->spec = g_strconcat ("nss:", profile->dir, NULL);
  profile->database = g_strconcat ("sql:", profile->dir, NULL);
}

static void
profile_tear_down (Profile *profile, gconstpointer data)
{
  (void)data;
  g_free (profile->dir);
  g_free (profile->spec);
  g_free (profile->database);
  issuer_free (profile->issuer);
}

static McKeyringOutcome
install (const Profile *profile, const McKeyringItem *item, char **id, char **message)
{
  g_autoptr (GError) error = NULL;
  McKeyringOutcome outcome = mc_keyring_install (profile->spec, item, NULL, id, &error);

  g_assert_true ((outcome == MC_KEYRING_READY) == (error == NULL));
  if (error != NULL) {
    g_test_message ("%s", error->message);
    g_assert_true (error->domain == MC_ERROR);
    g_assert_null (strchr (error->message, '\n'));
    *message = g_strdup (error->message);
  }
  return outcome;
}

static char *
must_install (const Profile *profile, const McKeyringItem *item)
{
  g_autofree char *message = NULL;
  char *id = NULL;

  g_assert_cmpint (install (profile, item, &id, &message), ==, MC_KEYRING_READY);
  g_assert_cmpstr (id, ==, LEAF_ADDRESS);
  return id;
}

static void
refused (const Profile *profile, const McKeyringItem *item, const char *words)
{
  g_autofree char *message = NULL;

  g_assert_cmpint (install (profile, item, NULL, &message), ==, MC_KEYRING_FAILED);
  g_assert_nonnull (strstr (message, words));
}

static char *
names (const Profile *profile)
{
  return run_program ("certutil", "-L", "-d", profile->database, NULL);
}

/* The flags of trust behind NAME. */
static void
has_flags (const Profile *profile, const char *name, const char *flags)
{
  g_autofree char *listing = names (profile);
  const char *line = strstr (listing, name);
  g_autofree char *found = line != NULL ? g_strndup (line + strlen (name), strcspn (line, "\n") - strlen (name)) : NULL;

  g_assert_nonnull (found);
  g_assert_cmpstr (g_strstrip (found), ==, flags);
}

static void
put_password (const Profile *profile, const char *password)
{
  g_autofree char *path = g_build_filename (profile->issuer->top, "password", NULL);
  g_autofree char *line = g_strconcat (password, "\n", NULL);

  g_assert_true (g_file_set_contents (path, line, -1, NULL));
  g_assert_cmpint (g_mkdir_with_parents (profile->dir, 0700), ==, 0);
  g_free (run_program ("certutil", "-N", "-d", profile->database, "-f", path, NULL));
}

static void
test_trust (Profile *profile, gconstpointer data)
{
  g_autoptr (Leaf) leaf = leaf_new (profile->issuer, (LeafPlan){0});
  g_autofree char *wrong = g_strnfill (64, '0');
  g_autofree char *message = NULL;
  g_autofree char *id = NULL;

  (void)data;
  leaf->item.trust_root = wrong;
  g_assert_cmpint (install (profile, &leaf->item, &id, &message), ==, MC_KEYRING_UNTRUSTED);
  g_assert_cmpstr (id, ==, LEAF_ADDRESS);
  g_assert_nonnull (strstr (message, profile->issuer->root_sha256));
  has_flags (profile, "Test Root", ",,");
  leaf->item.trust_root = profile->issuer->root_sha256;
  g_free (must_install (profile, &leaf->item));
  has_flags (profile, "Test Root", ",C,");
  has_flags (profile, LEAF_ADDRESS, "u,u,u");
  leaf->item.trust_root = NULL; /* it is remembered */
  g_free (must_install (profile, &leaf->item));
  g_free (run_program ("certutil", "-V", "-u", "S", "-d", profile->database, "-n", LEAF_ADDRESS, NULL));
}

/* A chain that ends below its root, which the profile has under a name and with flags of its own. */
static void
test_known_root (Profile *profile, gconstpointer data)
{
  g_autoptr (Leaf) leaf = leaf_new (profile->issuer, (LeafPlan){0});
  g_autofree char *root = g_build_filename (profile->issuer->top, "root.pem", NULL);
  g_autofree char *pem = maker_pem (profile->issuer->root, NULL);

  (void)data;
  put_password (profile, "");
  g_assert_true (g_file_set_contents (root, pem, -1, NULL));
  g_free (run_program ("certutil", "-A", "-d", profile->database, "-n", "my root", "-t", "C,,", "-i", root, NULL));
  leaf->item.trust_root = profile->issuer->root_sha256;
  g_free (must_install (profile, &leaf->item));
  has_flags (profile, "my root", "C,C,");
  g_free (run_program ("certutil", "-M", "-d", profile->database, "-n", "my root", "-t", "C,p,", NULL));
  refused (profile, &leaf->item, "not to be trusted");
  has_flags (profile, "my root", "C,p,");
}

/* What others have there, and renewal: everything stays, under the one nickname that NSS gives to one subject. */
static void
test_renewal (Profile *profile, gconstpointer data)
{
  g_autoptr (Leaf) old = leaf_new (profile->issuer, (LeafPlan){.age = 86400});
  g_autoptr (Leaf) leaf = leaf_new (profile->issuer, (LeafPlan){0});
  g_autofree char *other = g_build_filename (profile->issuer->top, "other.pem", NULL);
  g_autofree char *prefs = g_build_filename (profile->dir, "prefs.js", NULL);
  g_autofree char *pem = maker_pem (profile->issuer->ca, NULL);
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;
  g_autofree char *text = NULL;
  g_autofree char *mine = NULL;
  g_autoptr (GPtrArray) entries = NULL;

  (void)data;
  put_password (profile, "");
  g_assert_true (g_file_set_contents (prefs, "mine", -1, NULL));
  g_assert_true (g_file_set_contents (other, pem, -1, NULL));
  g_free (run_program ("certutil", "-A", "-d", profile->database, "-n", "some CA", "-t", ",c,", "-i", other, NULL));
  old->item.trust_root = leaf->item.trust_root = profile->issuer->root_sha256;
  g_free (must_install (profile, &old->item));
  g_free (must_install (profile, &leaf->item));
  first = names (profile);
  g_free (must_install (profile, &leaf->item));
  g_free (must_install (profile, &old->item)); /* the newer one signs under this name, and that is right */
  second = names (profile);
  g_assert_cmpstr (first, ==, second);
  has_flags (profile, "some CA", ",c,");
  g_assert_true (g_file_get_contents (prefs, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, "mine");
  mine = run_program ("certutil", "-L", "-a", "-d", profile->database, "-n", "some CA", NULL);
  g_strdelimit (mine, "\r", ' ');
  entries = mc_keyring_list (profile->spec, LEAF_ADDRESS, NULL, NULL);
  g_assert_cmpuint (entries->len, ==, 2);
  g_assert_cmpstr (((McKeyringEntry *)g_ptr_array_index (entries, 0))->info->sha256, ==, leaf->info->sha256);
  g_assert_true (((McKeyringEntry *)g_ptr_array_index (entries, 0))->is_default);
  g_assert_false (((McKeyringEntry *)g_ptr_array_index (entries, 1))->is_default);
}

static void
test_password (Profile *profile, gconstpointer data)
{
  g_autoptr (Leaf) open = leaf_new (profile->issuer, (LeafPlan){0});
  g_autoptr (Leaf) locked = leaf_new (profile->issuer, (LeafPlan){.passphrase = "sesame"});
  g_autoptr (Leaf) other = leaf_new (profile->issuer, (LeafPlan){.passphrase = "another"});
  g_autofree char *listing = NULL;

  (void)data;
  put_password (profile, "sesame");
  refused (profile, &open->item, "primary password");
  refused (profile, &other->item, "primary password");
  listing = names (profile);
  g_assert_null (strstr (listing, LEAF_ADDRESS));
  locked->item.trust_root = profile->issuer->root_sha256;
  g_free (must_install (profile, &locked->item));
}

static void
test_folders (Profile *profile, gconstpointer data)
{
  g_autoptr (Leaf) leaf = leaf_new (profile->issuer, (LeafPlan){0});
  g_autofree char *file = g_build_filename (profile->dir, "letter.txt", NULL);
  g_autoptr (GPtrArray) entries = mc_keyring_list (profile->spec, LEAF_ADDRESS, NULL, NULL);

  (void)data;
  g_assert_cmpuint (entries->len, ==, 0);
  g_assert_false (g_file_test (profile->dir, G_FILE_TEST_EXISTS));
  g_assert_cmpint (g_mkdir (profile->dir, 0700), ==, 0);
  g_assert_true (g_file_set_contents (file, "mine", -1, NULL));
  refused (profile, &leaf->item, "no NSS database");
  g_assert_cmpint (g_unlink (file), ==, 0);
  leaf->item.trust_root = profile->issuer->root_sha256;
  g_free (must_install (profile, &leaf->item));
}

static void
test_usages (Profile *profile, gconstpointer data)
{
  g_autoptr (Leaf) signs = leaf_new (profile->issuer, (LeafPlan){.key_usage = "critical,digitalSignature"});
  g_autoptr (Leaf) opens = leaf_new (profile->issuer, (LeafPlan){.key_usage = "critical,keyEncipherment"});
  g_autoptr (Leaf) curve = leaf_new (profile->issuer, (LeafPlan){.ec = TRUE});
  g_autofree char *message = NULL;

  (void)data;
  g_assert_cmpint (install (profile, &opens->item, NULL, &message), ==, MC_KEYRING_UNTRUSTED);
  signs->item.trust_root = profile->issuer->root_sha256;
  g_free (must_install (profile, &signs->item));
  g_free (must_install (profile, &opens->item));
  refused (profile, &curve->item, "cannot decrypt"); /* NSS 3.87: RSA only */
}

static void
test_killed (Profile *profile, gconstpointer data)
{
  g_autoptr (Leaf) leaf = leaf_new (profile->issuer, (LeafPlan){0});
  guint steps = 0;
  g_autofree char *wanted = NULL;

  (void)data;
  leaf->item.trust_root = profile->issuer->root_sha256;
  for (gboolean died = TRUE; died;) {
    g_autofree char *listing = NULL;

    g_free (run_program ("rm", "-rf", profile->dir, NULL));
    died = install_killed (profile->spec, &leaf->item, ++steps);
    g_free (must_install (profile, &leaf->item));
    listing = names (profile);
    if (wanted == NULL)
      wanted = g_strdup (listing);
    g_assert_cmpstr (listing, ==, wanted);
  }
  g_test_message ("%u steps", steps - 1);
  g_assert_cmpuint (steps, >, 6);
}

#define ADD(path, function)                                                                                            \
  g_test_add ("/keyring/nss/" path, Profile, NULL, profile_set_up, function, profile_tear_down)

int
main (int argc, char **argv)
{
  g_autofree char *certutil = g_find_program_in_path ("certutil");

  g_test_init (&argc, &argv, NULL);
  if (certutil == NULL) {
    g_print ("1..0 # SKIP certutil (libnss3-tools) is not installed\n");
    return 77;
  }
  ADD ("trust", test_trust);
  ADD ("known-root", test_known_root);
  ADD ("renewal", test_renewal);
  ADD ("password", test_password);
  ADD ("folders", test_folders);
  ADD ("usages", test_usages);
  ADD ("killed", test_killed);
  return g_test_run ();
}
