/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "keyring-set.h"

#include <glib/gstdio.h>
#include <string.h>

/* Certificates of 90 days, each renewed after 60, the last one for the key of the one before (key-policy = reuse), in
 * the real gpgsm by a clock of its own: mail that came to the first ones is read after the last, when all have long
 * ended. */

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

/* By a friend: she has the certificate and no gpgsm; and by gpgsm itself, to be kept in "Sent". */
static void
send_mail (const Box *box, const Leaf *leaf, guint generation)
{
  g_autofree char *text = g_build_filename (box->issuer->top, "text", NULL);
  g_autofree char *certificate = path_of (box, "certificate", generation);
  g_autofree char *friends = path_of (box, "friend", generation);
  g_autofree char *own = path_of (box, "own", generation);
  g_autofree char *pem = maker_pem (mc_chain_certificate (leaf->chain, 0), NULL);

  g_assert_true (g_file_set_contents (text, TEXT, -1, NULL));
  g_assert_true (g_file_set_contents (certificate, pem, -1, NULL));
  g_free (run_program ("openssl", "cms", "-encrypt", "-binary", "-aes256", "-outform", "DER", "-in", text, "-out",
                       friends, certificate, NULL));
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

static void
test_generations (void)
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
  g_assert_cmpuint (entries->len, ==, GENERATIONS);
  for (guint i = 0; i < GENERATIONS; i++) {
    const McKeyringEntry *entry = g_ptr_array_index (entries, i);

    g_assert_cmpstr (entry->key_id, ==, leaves[GENERATIONS - 1 - i]->info->sha1);
    g_assert_true (entry->is_default == (i == 0));
  }
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
  g_test_add_func ("/keyring/generations", test_generations);
  return g_test_run ();
}
