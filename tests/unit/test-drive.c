/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "mailcert.h"
#include "runner/runner-private.h"
#include "store-place.h"

/* What the runner gives a flow to go by. */

/* The keys of all accounts, whatever their CA: none of them may get into a certificate (B30). */
static void
test_account_keys (Place *place, gconstpointer data)
{
  g_autofree char *path = g_build_filename (place->top, "mailcert.conf", NULL);
  g_autoptr (McAccount) own = mc_account_new ("https://ca.example/dir");
  g_autoptr (McAccount) other = mc_account_new ("https://other.example/dir");
  g_autoptr (McEnrollment) e = new_enrollment ("ana@example.org");
  g_autoptr (GError) error = NULL;
  McConfig *config;
  McRunner *runner;
  McDrive *drive;

  (void)data;
  g_assert_true (g_file_set_contents (path, "[ca test]\ndirectory = https://ca.example/dir\n", -1, NULL));
  own->key = mc_secret_new ("one", 3);
  other->key = mc_secret_new ("two", 3);
  {
    g_autoptr (McStore) store = must_open (place);

    must_save (store, e, own);
    g_assert_true (mc_store_save_account (store, other, NULL));
  }
  config = mc_config_new (path, place->dir, NULL, &error);
  g_assert_no_error (error);
  runner = mc_runner_new (config, NULL, &error);
  g_assert_no_error (error);
  drive = mc_drive_new (runner, e->id, &error);
  g_assert_no_error (error);
  g_assert_nonnull (drive->flow);
  g_assert_nonnull (drive->settings.account_keys);
  g_assert_cmpuint (drive->settings.account_keys->len, ==, 2);
  for (guint i = 0; i < 2; i++) {
    GBytes *key = g_ptr_array_index (drive->settings.account_keys, i);

    g_assert_true (g_bytes_equal (key, own->key) || g_bytes_equal (key, other->key));
  }
  mc_drive_free (drive);
  mc_runner_free (runner);
  mc_config_free (config);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/drive/account-keys", Place, NULL, place_set_up, test_account_keys, place_tear_down);
  return g_test_run ();
}
