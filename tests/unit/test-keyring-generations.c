/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "keyring-set.h"

#include <glib/gstdio.h>
#include <string.h>

/* Certificates of 90 days, each renewed after 60, the last one for the key of the one before (key-policy = reuse): mail
 * that came to the first ones is read after the last. In the real gpgsm, by a clock of its own, when all have long
 * ended; in mutt's folder, and in a database of NSS, which has the real clock alone: there they live longer. */

#define DAY (24 * 60 * 60)
#define GENERATIONS 4
#define RENEWED_AFTER (60 * DAY)
#define LIFE (90 * DAY)
#define TEXT "Dear Ana,\r\nthis is for you alone, for ever.\r\n"

typedef struct {
  Issuer *issuer;
  char *home;
  gint64 now;
} Box;

/* What gpgsm takes for the present from here on. */
static void
set_clock (const Box *box, gint64 when)
{
  g_autofree char *path = g_build_filename (box->home, "gpgsm.conf", NULL);
  g_autoptr (GDateTime) then = g_date_time_new_from_unix_utc (when);
  g_autofree char *option = g_date_time_format (then, "faked-system-time %Y%m%dT%H%M%S\n");

  g_mkdir (box->home, 0700);
  g_assert_true (g_file_set_contents (path, option, -1, NULL));
}

static char *
path_of (const Box *box, const char *what, guint generation)
{
  g_autofree char *name = g_strdup_printf ("%s%u", what, generation);

  return g_build_filename (box->issuer->top, name, NULL);
}

/* By a friend: she has the certificate and OpenSSL. */
static void
send_by_friend (const Box *box, const Leaf *leaf, guint generation)
{
  g_autofree char *text = g_build_filename (box->issuer->top, "text", NULL);
  g_autofree char *certificate = path_of (box, "certificate", generation);
  g_autofree char *friends = path_of (box, "friend", generation);
  g_autofree char *pem = maker_pem (mc_chain_certificate (leaf->chain, 0), NULL);

  g_assert_true (g_file_set_contents (text, TEXT, -1, NULL));
  g_assert_true (g_file_set_contents (certificate, pem, -1, NULL));
  g_free (run_program ("openssl", "cms", "-encrypt", "-binary", "-aes256", "-outform", "DER", "-in", text, "-out",
                       friends, certificate, NULL));
}

/* And by gpgsm itself, to be kept in "Sent". */
static void
send_mail (const Box *box, const Leaf *leaf, guint generation)
{
  g_autofree char *text = g_build_filename (box->issuer->top, "text", NULL);
  g_autofree char *own = path_of (box, "own", generation);

  send_by_friend (box, leaf, generation);
  g_free (run_program ("gpgsm", "--batch", "--recipient", leaf->info->sha1, "--output", own, "--encrypt", text, NULL));
}

static void
read_mail (const Box *box, guint generation)
{
  g_autofree char *friends = path_of (box, "friend", generation);
  g_autofree char *own = path_of (box, "own", generation);
  g_autofree char *first = run_program ("gpgsm", "--batch", "--decrypt", friends, NULL);
  g_autofree char *second = run_program ("gpgsm", "--batch", "--decrypt", own, NULL);

  g_assert_cmpstr (first, ==, TEXT);
  g_assert_cmpstr (second, ==, TEXT);
}

static void
sign (const Box *box, const Leaf *leaf)
{
  g_autofree char *text = g_build_filename (box->issuer->top, "text", NULL);
  g_autofree char *signature = g_build_filename (box->issuer->top, "signature", NULL);

  g_unlink (signature);
  g_free (run_program ("gpgsm", "--batch", "--local-user", leaf->info->sha1, "--output", signature, "--detach-sign",
                       text, NULL));
  g_free (run_program ("gpgsm", "--batch", "--verify", signature, text, NULL));
}

static void
renew (Box *box, Leaf **leaf, EVP_PKEY *key, guint generation)
{
  const gint64 age = (gint64)(GENERATIONS - 1 - generation) * RENEWED_AFTER;
  g_autoptr (GError) error = NULL;

  set_clock (box, box->now - age);
  *leaf = leaf_new (box->issuer, (LeafPlan){.age = age, .life = LIFE, .key = key});
  if (generation == 0)
    (*leaf)->item.trust_root = box->issuer->root_sha256;
  mc_keyring_install ("gpgsm", &(*leaf)->item, NULL, NULL, &error);
  g_assert_no_error (error);
  send_mail (box, *leaf, generation);
  sign (box, *leaf);
  for (guint i = 0; i <= generation; i++)
    read_mail (box, i);
}

/* All are there, the newest first, and that one is taken. */
static void
check_entries (const GPtrArray *entries, Leaf *const *leaves)
{
  g_assert_cmpuint (entries->len, ==, GENERATIONS);
  for (guint i = 0; i < GENERATIONS; i++) {
    const McKeyringEntry *entry = g_ptr_array_index (entries, i);

    g_assert_cmpstr (entry->info->sha256, ==, leaves[GENERATIONS - 1 - i]->info->sha256);
    g_assert_true (entry->is_default == (i == 0));
  }
}

static void
test_gpgsm (void)
{
  Box box = {.issuer = issuer_new (), .now = g_get_real_time () / G_USEC_PER_SEC};
  Leaf *leaves[GENERATIONS] = {NULL};
  g_autoptr (GPtrArray) entries = NULL;
  g_autofree char *command = NULL;

  box.home = g_build_filename (box.issuer->top, "h", NULL);
  g_setenv ("GNUPGHOME", box.home, TRUE);
  for (guint i = 0; i < GENERATIONS; i++)
    renew (&box, &leaves[i], i == GENERATIONS - 1 ? leaves[i - 1]->key : NULL, i);
  entries = mc_keyring_list ("gpgsm", LEAF_ADDRESS, NULL, NULL);
  check_entries (entries, leaves);
  for (guint i = 0; i < GENERATIONS; i++)
    g_assert_cmpstr (((McKeyringEntry *)g_ptr_array_index (entries, i))->key_id, ==,
                     leaves[GENERATIONS - 1 - i]->info->sha1);
  /* Years later: gpgsm takes none of them for anything new. */
  set_clock (&box, box.now + 3000 * (gint64)DAY);
  command = g_strdup_printf ("! gpgsm --batch --local-user %s --output /dev/null --detach-sign %s/text",
                             leaves[GENERATIONS - 1]->info->sha1, box.issuer->top);
  g_free (run_program ("sh", "-c", command, NULL));
  for (guint i = 0; i < GENERATIONS; i++)
    read_mail (&box, i);
  g_free (run_program ("gpgconf", "--kill", "all", NULL));
  for (guint i = 0; i < GENERATIONS; i++)
    leaf_free (leaves[i]);
  g_free (box.home);
  issuer_free (box.issuer);
}

/* --- mutt's folder and NSS --- */

/* Opens the friend's mail to GENERATION as the keyring's mail program does; KEY_ID is what the keyring calls it. */
typedef char *(*OpenFunc) (const Box *box, const char *key_id, guint generation);

static char *
open_by_smime_keys (const Box *box, const char *key_id, guint generation)
{
  g_autofree char *friends = path_of (box, "friend", generation);
  g_autofree char *key = g_build_filename (box->home, "keys", key_id, NULL);
  g_autofree char *certificate = g_build_filename (box->home, "certificates", key_id, NULL);

  return run_program ("openssl", "smime", "-decrypt", "-inform", "DER", "-in", friends, "-inkey", key, "-recip",
                      certificate, NULL);
}

static char *
open_by_nss (const Box *box, const char *key_id, guint generation)
{
  g_autofree char *friends = path_of (box, "friend", generation);
  g_autofree char *database = g_strconcat ("sql:", box->home, NULL);

  g_assert_cmpstr (key_id, ==, LEAF_ADDRESS); /* one for all: NSS finds the key by what stands in the mail */
  return run_program ("cmsutil", "-D", "-d", database, "-i", friends, NULL);
}

static void
check_keyring (const char *kind, OpenFunc open)
{
  Box box = {.issuer = issuer_new ()};
  Leaf *leaves[GENERATIONS] = {NULL};
  char *key_ids[GENERATIONS] = {NULL};
  g_autoptr (GPtrArray) entries = NULL;
  g_autofree char *spec = NULL;

  box.home = g_build_filename (box.issuer->top, "keyring", NULL);
  spec = g_strconcat (kind, ":", box.home, NULL);
  for (guint i = 0; i < GENERATIONS; i++) {
    g_autoptr (GError) error = NULL;

    leaves[i] = leaf_new (box.issuer, (LeafPlan){.age = (gint64)(GENERATIONS - 1 - i) * RENEWED_AFTER,
                                                 .key = i == GENERATIONS - 1 ? leaves[i - 1]->key : NULL});
    leaves[i]->item.trust_root = box.issuer->root_sha256;
    mc_keyring_install (spec, &leaves[i]->item, NULL, &key_ids[i], &error);
    g_assert_no_error (error);
    send_by_friend (&box, leaves[i], i);
    for (guint old = 0; old <= i; old++) {
      g_autofree char *text = open (&box, key_ids[old], old);

      g_assert_cmpstr (text, ==, TEXT);
    }
  }
  entries = mc_keyring_list (spec, LEAF_ADDRESS, NULL, NULL);
  check_entries (entries, leaves);
  for (guint i = 0; i < GENERATIONS; i++) {
    leaf_free (leaves[i]);
    g_free (key_ids[i]);
  }
  g_free (box.home);
  issuer_free (box.issuer);
}

static void
test_smime_keys (void)
{
  check_keyring ("smime-keys", open_by_smime_keys);
}

static void
test_nss (void)
{
  check_keyring ("nss", open_by_nss);
}

static void
add (const char *path, GTestFunc function, const char *program)
{
  g_autofree char *found = g_find_program_in_path (program);

  if (found != NULL)
    g_test_add_func (path, function);
  else
    g_printerr ("%s: %s is not installed\n", path, program);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_unsetenv ("GPG_AGENT_INFO");
  add ("/keyring/generations/gpgsm", test_gpgsm, "gpgsm");
  add ("/keyring/generations/smime-keys", test_smime_keys, "openssl");
  add ("/keyring/generations/nss", test_nss, "cmsutil");
  return g_test_run ();
}
