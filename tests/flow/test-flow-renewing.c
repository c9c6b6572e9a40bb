/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "renewals.h"

#include "acme/revocation.h"

#include <string.h>

#define BOB "bob@example.org"

/* Which certificate is renewed, by what order, and what its failure leads to. */

/* --- the order --- */

static void
test_key_policy (void)
{
  for (guint reuse = 0; reuse < 2; reuse++) {
    WorldPlan plan = renewals_plan ();
    g_autoptr (World) w = renewals_installed (&plan);

    w->now = world_enrollment (w, 0)->renew_at;
    renewals_order (w, reuse != 0);
    world_run (w);
    world_check_installed (w, 1);
    g_assert_true (g_bytes_equal (world_enrollment (w, 0)->key, world_enrollment (w, 1)->key) == (reuse != 0));
  }
}

/* B30: the account's key, or that of an account at another CA, is in no CSR, however it came to be the certificate's.
 */
static void
test_account_key (void)
{
  for (guint other = 0; other < 2; other++) {
    WorldPlan plan = renewals_plan ();
    g_autoptr (World) w = renewals_installed (&plan);
    g_autoptr (GPtrArray) all = renewals_all (w);
    g_autoptr (McEnrollment) order = mc_renewal_order (all, 0, FALSE, world_clock (w));
    Drive *d = g_ptr_array_index (w->drives, 0);
    g_autoptr (GPtrArray) keys = g_ptr_array_new ();

    order->key = g_bytes_ref (other != 0 ? world_enrollment (w, 0)->key : d->account->key);
    g_ptr_array_add (keys, order->key);
    world_adopt (w, order);
    d = g_ptr_array_index (w->drives, 1);
    if (other != 0) {
      d->settings.account_keys = keys;
      drive_load (w, d);
    }
    world_run (w);
    g_assert_cmpint (world_enrollment (w, 1)->state, ==, MC_ENROLLMENT_FAILED);
    g_assert_cmpstr (world_enrollment (w, 1)->problem->type, ==, "mailcert:account-key");
    g_assert_null (world_enrollment (w, 1)->csr);
    g_assert_null (world_enrollment (w, 1)->chain);
  }
}

/* The key went with a certificate that was revoked for it: this one has the same, and its successor must not. */
static void
test_compromised (void)
{
  WorldPlan plan = renewals_plan ();
  g_autoptr (World) w = renewals_installed (&plan);
  McEnrollment *first = world_enrollment (w, 0);

  w->now = first->renew_at;
  renewals_order (w, TRUE);
  world_run (w);
  world_check_installed (w, 1);
  g_assert_true (g_bytes_equal (first->key, world_enrollment (w, 1)->key));
  g_assert_cmpint (renewals_plan_of (w, 1).state, ==, MC_RENEWAL_LATER);
  first->revocation = g_strdup (mc_reason_name (MC_REASON_KEY_COMPROMISE));
  g_assert_cmpint (renewals_plan_of (w, 0).state, ==, MC_RENEWAL_NONE);
  g_assert_cmpint (renewals_plan_of (w, 1).state, ==, MC_RENEWAL_DUE); /* long before its hour */
  g_assert_cmpuint (renewals_order (w, TRUE), ==, 1);
  g_assert_null (world_enrollment (w, 2)->key);
}

/* Sign and encrypt: the second waits for the first and needs no mail of its own (T-09). */
static void
test_separate (void)
{
  const char *const addresses[] = {WORLD_ADDRESS, BOB, NULL};
  WorldPlan plan = renewals_plan ();
  g_autoptr (World) w = world_new (&plan);
  guint mails;

  world_enroll (w, addresses, MC_USAGE_SIGN, -1);
  world_enroll (w, addresses, MC_USAGE_ENCRYPT, 0);
  world_run (w);
  mails = ca_mails (w->ca);
  w->now = MAX (world_enrollment (w, 0)->renew_at, world_enrollment (w, 1)->renew_at);
  g_assert_cmpuint (renewals_order (w, FALSE), ==, 2);
  g_assert_cmpint (world_enrollment (w, 3)->after, ==, world_enrollment (w, 2)->id);
  world_run (w);
  world_check_installed (w, 2);
  world_check_installed (w, 3);
  g_assert_cmpuint (ca_mails (w->ca), ==, mails + 2);
  g_assert_cmpint (world_enrollment (w, 3)->usage, ==, MC_USAGE_ENCRYPT);
  g_assert_cmpuint (renewals_order (w, FALSE), ==, 0);
}

/* --- failures --- */

/* Twice as long after each, up to a day; what the CA says is respected; told from 7 days before the end. */
static void
test_back_off (void)
{
  static const gint64 rests[] = {6 * HOUR, 12 * HOUR, DAY, DAY};
  WorldPlan plan = world_plan_default ();
  g_autoptr (World) w = renewals_installed (&plan);
  const McEnrollment *e = world_enrollment (w, 0);
  const gint64 end = e->not_after;

  w->ca->order_errors = 1000;
  w->now = e->renew_at;
  for (guint i = 0; i < G_N_ELEMENTS (rests); i++) {
    g_autoptr (GPtrArray) all = NULL;
    const McEnrollment *attempt;

    g_assert_cmpuint (renewals_order (w, FALSE), ==, 1);
    world_run (w);
    attempt = world_enrollment (w, w->drives->len - 1);
    g_assert_cmpint (attempt->state, ==, MC_ENROLLMENT_FAILED);
    g_assert_cmpuint (attempt->tries, ==, i);
    g_assert_cmpint (attempt->failing_since, ==, i == 0 ? 0 : world_enrollment (w, 1)->created);
    g_assert_cmpint (renewals_plan_of (w, 0).state, ==, MC_RENEWAL_RESTS);
    g_assert_cmpint (renewals_plan_of (w, 0).at, ==, attempt->since + rests[i]);
    all = renewals_all (w);
    g_assert_cmpint (mc_renewal_wake (all, w->now), ==, attempt->since + rests[i]);
    g_assert_false (mc_renewal_is_failing (all, 0, w->now));
    g_assert_false (mc_renewal_is_failing (all, 0, end - MC_RENEWAL_TELL_SECONDS - 1));
    g_assert_true (mc_renewal_is_failing (all, 0, end - MC_RENEWAL_TELL_SECONDS));
    g_assert_true (mc_renewal_is_failing (all, 0, end + DAY));
    w->now = renewals_plan_of (w, 0).at - 1;
    g_assert_cmpuint (renewals_order (w, FALSE), ==, 0);
    w->now++;
  }
  /* A clock that was ahead when it failed, and is right again. */
  w->skew = -30 * HOUR;
  g_assert_cmpint (renewals_plan_of (w, 0).state, ==, MC_RENEWAL_DUE);
  w->skew = 0;
  w->ca->order_errors = 0;
  renewals_order (w, FALSE);
  world_run (w);
  world_check_installed (w, w->drives->len - 1);
}

static void
test_retry_at (void)
{
  WorldPlan plan = renewals_plan ();
  g_autoptr (World) w = renewals_installed (&plan);
  McEnrollment *attempt;

  w->ca->order_errors = 1;
  w->now = world_enrollment (w, 0)->renew_at;
  renewals_order (w, FALSE);
  world_run (w);
  attempt = world_enrollment (w, 1);
  attempt->problem->retry_at = w->now + 20 * HOUR;
  g_assert_cmpint (renewals_plan_of (w, 0).at, ==, w->now + 20 * HOUR);
}

/* A CA that dates its certificates back, and wants each to be renewed at once: an order a day all the same. */
static void
test_dated_back (void)
{
  WorldPlan plan = renewals_plan ();
  g_autoptr (World) w = renewals_installed (&plan);
  McEnrollment *e = world_enrollment (w, 0);
  const gint64 created = e->created;

  e->not_before -= 70 * DAY;
  e->renew_at = e->not_before;
  g_assert_cmpint (renewals_plan_of (w, 0).state, ==, MC_RENEWAL_DUE); /* nothing was renewed yet */
  e->predecessor = 7;
  g_assert_cmpint (renewals_plan_of (w, 0).state, ==, MC_RENEWAL_LATER);
  g_assert_cmpint (renewals_plan_of (w, 0).at, ==, created + DAY);
  w->now = created + DAY;
  g_assert_cmpint (renewals_plan_of (w, 0).state, ==, MC_RENEWAL_DUE);
  /* Made under a clock that was far ahead: that says nothing. */
  e->created = w->now + 1000 * DAY;
  g_assert_cmpint (renewals_plan_of (w, 0).state, ==, MC_RENEWAL_DUE);
}

/* Records of earlier versions do not have the certificate's dates. */
static void
test_older_record (void)
{
  static const char *const members[] = {"not_before", "not_after", "renewal_id"};
  WorldPlan plan = world_plan_default ();
  g_autoptr (World) w = renewals_installed (&plan);
  const McEnrollment *e = world_enrollment (w, 0);
  g_autofree char *text = mc_enrollment_compose (e);
  g_autoptr (McEnrollment) older = NULL;
  g_autoptr (GError) error = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (members); i++) {
    g_autofree char *name = g_strdup_printf ("\"%s\"", members[i]);
    char *found = strstr (text, name);

    g_assert_nonnull (found);
    found[1] = 'x'; /* a member that nobody knows */
  }
  older = mc_enrollment_parse (text, strlen (text), &error);
  g_assert_no_error (error);
  g_assert_cmpint (older->not_before, ==, e->not_before);
  g_assert_cmpint (older->not_after, ==, e->not_after);
  g_assert_cmpstr (older->renewal_id, ==, e->renewal_id);
}

/* --- whose turn it is --- */

static void
add (GPtrArray *all, const char *const *addresses, const char *directory, McUsage usage, McEnrollmentState state)
{
  McEnrollment *e = mc_enrollment_new ("world", directory, addresses, 1000);

  e->id = all->len + 1;
  e->usage = usage;
  e->state = state;
  if (state == MC_ENROLLMENT_INSTALLED || state == MC_ENROLLMENT_ISSUED) {
    e->chain = g_strdup ("chain");
    e->not_before = 1000;
    e->not_after = 1000 + 90 * DAY;
  }
  g_ptr_array_add (all, e);
}

/* The certificate for A and B (index 0), due; and then came what the text says: who+usage+state, "o"ther CA. */
static void
test_turns (void)
{
  static const char *const who_a[] = {WORLD_ADDRESS, NULL}, *const who_b[] = {BOB, NULL},
                           *const who_ab[] = {BOB, WORLD_ADDRESS, NULL};
  static const struct {
    const char *later;
    McRenewalState state;
  } cases[] = {
      {"", MC_RENEWAL_DUE},
      {"AB both done", MC_RENEWAL_NONE},
      {"AB both done other", MC_RENEWAL_NONE}, /* or the default would go back to it */
      {"AB sign done", MC_RENEWAL_DUE},
      {"AB sign done, AB encrypt done", MC_RENEWAL_NONE},
      {"A both done", MC_RENEWAL_DUE},
      {"A both done, B both done other", MC_RENEWAL_NONE},
      {"AB both open", MC_RENEWAL_OPEN},
      {"AB both issued", MC_RENEWAL_OPEN},
      {"AB sign open other", MC_RENEWAL_OPEN},
      {"B encrypt open", MC_RENEWAL_OPEN},
      {"B encrypt issued", MC_RENEWAL_DUE}, /* may wait for its keyring for long */
      {"AB both failed", MC_RENEWAL_RESTS},
      {"AB both failed other", MC_RENEWAL_DUE},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GPtrArray) all = g_ptr_array_new_with_free_func ((GDestroyNotify)mc_enrollment_free);
    g_auto (GStrv) parts = g_strsplit (cases[i].later, ", ", -1);

    add (all, who_ab, "https://ca.example/", MC_USAGE_BOTH, MC_ENROLLMENT_INSTALLED);
    for (guint p = 0; parts[p] != NULL && *parts[p] != '\0'; p++) {
      g_auto (GStrv) words = g_strsplit (parts[p], " ", -1);
      McUsage usage;

      g_assert_true (mc_usage_parse (words[1], &usage, NULL));
      add (all,
           strcmp (words[0], "AB") == 0 ? who_ab
           : *words[0] == 'A'           ? who_a
                                        : who_b,
           words[3] != NULL ? "https://other.example/" : "https://ca.example/", usage,
           *words[2] == 'd'   ? MC_ENROLLMENT_INSTALLED
           : *words[2] == 'i' ? MC_ENROLLMENT_ISSUED
           : *words[2] == 'o' ? MC_ENROLLMENT_ORDERED
                              : MC_ENROLLMENT_FAILED);
      ((McEnrollment *)g_ptr_array_index (all, all->len - 1))->since = 1000 + 60 * DAY;
    }
    g_test_message ("%s", cases[i].later);
    g_assert_cmpint (mc_renewal_plan (all, 0, 1000 + 60 * DAY - 1).state, !=, MC_RENEWAL_DUE);
    g_assert_cmpint (mc_renewal_plan (all, 0, 1000 + 60 * DAY).state, ==, cases[i].state);
  }
}

/* A pair has taken the place of one for both uses: at the same CA it is past, another CA's stays to be seen. */
static void
test_pair_instead (void)
{
  const char *const addresses[] = {WORLD_ADDRESS, NULL};
  static const McUsage usages[] = {MC_USAGE_BOTH, MC_USAGE_SIGN, MC_USAGE_ENCRYPT};
  g_autoptr (GPtrArray) all = g_ptr_array_new_with_free_func ((GDestroyNotify)mc_enrollment_free);

  for (guint i = 0; i < G_N_ELEMENTS (usages); i++) {
    McEnrollment *e = mc_enrollment_new ("world", CA_DIRECTORY_URL, addresses, 1000);

    e->state = MC_ENROLLMENT_INSTALLED;
    e->usage = usages[i];
    g_ptr_array_add (all, e);
  }
  for (guint i = 0; i < G_N_ELEMENTS (usages); i++)
    g_assert_true (mc_renewal_is_past (all, i) == (i == 0));
  ((McEnrollment *)g_ptr_array_index (all, 2))->state = MC_ENROLLMENT_FAILED;
  g_assert_false (mc_renewal_is_past (all, 0));
  ((McEnrollment *)g_ptr_array_index (all, 2))->state = MC_ENROLLMENT_INSTALLED;
  g_free (((McEnrollment *)g_ptr_array_index (all, 0))->directory);
  ((McEnrollment *)g_ptr_array_index (all, 0))->directory = g_strdup ("https://other.example/");
  g_assert_false (mc_renewal_is_past (all, 0));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/flow/renewal/account-key", test_account_key);
  g_test_add_func ("/flow/renewal/key-policy", test_key_policy);
  g_test_add_func ("/flow/renewal/compromised", test_compromised);
  g_test_add_func ("/flow/renewal/dated-back", test_dated_back);
  g_test_add_func ("/flow/renewal/separate", test_separate);
  g_test_add_func ("/flow/renewal/back-off", test_back_off);
  g_test_add_func ("/flow/renewal/retry-at", test_retry_at);
  g_test_add_func ("/flow/renewal/pair-instead", test_pair_instead);
  g_test_add_func ("/flow/renewal/older-record", test_older_record);
  g_test_add_func ("/flow/renewal/turns", test_turns);
  return g_test_run ();
}
