/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What the store keeps beside enrollments: accounts and facts. */

#include "store-place.h"

static void
test_account (Place *place, gconstpointer data)
{
  g_autoptr (McStore) store = must_open (place);
  g_autoptr (McAccount) account = mc_account_new ("https://ca.example/dir");
  g_autoptr (McAccount) twin = mc_account_new ("https://ca.example/dir");
  g_autoptr (McAccount) back = NULL;
  g_autoptr (McEnrollment) e = new_enrollment ("ana@example.org");
  g_autoptr (McEnrollment) f = new_enrollment ("bob@example.org");
  g_autoptr (GError) error = NULL;

  (void)data;
  g_assert_null (mc_store_account (store, "https://ca.example/dir", &error));
  g_assert_no_error (error);
  account->key = mc_secret_new ("k1", 2);
  must_save (store, e, account);
  g_assert_cmpint (account->version, ==, 1);
  account->new_key = mc_secret_new ("k2", 2);
  account->url = g_strdup ("https://ca.example/acct/1");
  account->terms = g_strdup ("https://ca.example/terms");
  account->binding_kid = g_strdup ("kid");
  account->learned_trigger = g_strdup ("rfc");
  account->deactivated = TRUE;
  g_assert_true (mc_store_save_account (store, account, NULL));
  back = mc_store_account (store, "https://ca.example/dir", NULL);
  g_assert_cmpint (back->version, ==, 2);
  g_assert_true (g_bytes_equal (back->key, account->key));
  g_assert_true (g_bytes_equal (back->new_key, account->new_key));
  g_assert_cmpstr (back->url, ==, account->url);
  g_assert_cmpstr (back->terms, ==, account->terms);
  g_assert_cmpstr (back->binding_kid, ==, "kid");
  g_assert_cmpstr (back->learned_trigger, ==, "rfc");
  g_assert_true (back->deactivated);

  /* A second account at one CA, or an outdated one, takes the enrollment's change back with it. */
  twin->key = mc_secret_new ("k3", 2);
  g_assert_false (mc_store_save (store, f, twin, &error));
  g_assert_error (error, MC_STORE_ERROR, MC_STORE_CONFLICT);
  g_clear_error (&error);
  g_assert_cmpint (f->id, ==, 0);
  back->version = 1;
  g_assert_false (mc_store_save (store, f, back, &error));
  g_assert_error (error, MC_STORE_ERROR, MC_STORE_CONFLICT);
  {
    g_autoptr (GPtrArray) all = mc_store_enrollments (store, FALSE, NULL);

    g_assert_cmpuint (all->len, ==, 1);
  }
}

static void
test_facts (Place *place, gconstpointer data)
{
  g_autoptr (McStore) store = must_open (place);
  g_autofree char *value = NULL;

  (void)data;
  g_assert_true (mc_store_set_fact (store, "adapter-seen", "1", NULL));
  g_assert_true (mc_store_set_fact (store, "adapter-seen", "it's 2", NULL));
  value = mc_store_fact (store, "adapter-seen");
  g_assert_cmpstr (value, ==, "it's 2");
  g_assert_true (mc_store_set_fact (store, "adapter-seen", NULL, NULL));
  g_assert_null (mc_store_fact (store, "adapter-seen"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("account", test_account);
  ADD ("facts", test_facts);
  return g_test_run ();
}
