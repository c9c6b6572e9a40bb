/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "world.h"

#include "base/secret.h"
#include "pki/chain.h"

#include <string.h>

/* What must hold at the end of a run, whatever happened in it. */

guint
world_requests (const World *w)
{
  guint sum = 0;

  for (guint i = 0; i < CA_ROUTES; i++)
    sum += w->ca->requests[i];
  return sum;
}

/* Only somebody who types can move it: what it waits for must be said in its problem. */
gboolean
world_needs_a_person (const Drive *d)
{
  const McEnrollment *e = d->enrollment;

  if (mc_problem_is (e->problem, "mailcert:terms") || mc_problem_is (e->problem, "userActionRequired"))
    return e->state < MC_ENROLLMENT_ISSUED; /* a CA may change its terms at any time */
  if (e->state == MC_ENROLLMENT_ISSUED)
    return mc_problem_is (e->problem, "mailcert:untrusted") || mc_problem_is (e->problem, "mailcert:keyring");
  return e->state == MC_ENROLLMENT_READY && mc_problem_is (e->problem, "mailcert:passphrase");
}

/* Every open record has something under way, an hour, or a person to wait for; every closed one says why. */
static void
check_prospect (const Drive *d)
{
  const McEnrollment *e = d->enrollment;

  if (mc_enrollment_is_open (e)) {
    if (e->state >= MC_ENROLLMENT_ORDERED && e->state < MC_ENROLLMENT_ISSUED)
      g_assert_cmpint (e->deadline, >, 0);
    if (d->busy == 0 && d->wake == 0 && !world_needs_a_person (d)) {
      g_autofree char *record = mc_enrollment_compose (e);

      g_error ("nothing will ever move this: %s", record);
    }
  } else if (e->state != MC_ENROLLMENT_INSTALLED)
    g_assert_nonnull (e->problem);
}

/* What stands in memory is what was committed, but for what a new life begins afresh. */
static void
check_record (World *w, const Drive *d)
{
  g_autoptr (McEnrollment) stored = w->back->enrollment (w->back, d->id);

  g_assert_cmpint (stored->version, ==, d->enrollment->version);
  g_assert_cmpint (stored->state, ==, d->enrollment->state);
  for (guint i = 0; i < stored->addresses->len; i++)
    g_assert_cmpint (mc_enrollment_address (stored, i)->state, ==, mc_enrollment_address (d->enrollment, i)->state);
}

/* No secret outlives its use, none ever stands in the history. */
static void
check_secrets (const Drive *d)
{
  const McEnrollment *e = d->enrollment;

  for (guint i = 0; i < e->addresses->len; i++) {
    const McEnrollmentAddress *address = mc_enrollment_address (e, i);

    if (address->state == MC_ADDRESS_VALID)
      g_assert_true (address->token_part2 == NULL && address->reply == NULL);
    for (guint j = 0; j < e->history->len; j++) {
      const char *detail = ((McHistoryEntry *)g_ptr_array_index (e->history, j))->detail;

      g_assert_true (detail == NULL || address->token_part1 == NULL || strstr (detail, address->token_part1) == NULL);
      g_assert_true (detail == NULL || address->token_part2 == NULL || strstr (detail, address->token_part2) == NULL);
    }
  }
}

void
world_check (World *w)
{
  GHashTableIter iter;
  gpointer replies;

  g_assert_cmpuint (ca_posts_most (w->ca), <=, 1);
  g_assert_cmpuint (w->ca->certificates, <=, w->drives->len);
  g_hash_table_iter_init (&iter, w->left);
  while (g_hash_table_iter_next (&iter, NULL, &replies))
    g_assert_cmpuint (GPOINTER_TO_UINT (replies), ==, 1);
  for (guint i = 0; i < w->drives->len; i++) {
    const Drive *d = g_ptr_array_index (w->drives, i);

    check_prospect (d);
    check_record (w, d);
    check_secrets (d);
  }
}

void
world_check_installed (World *w, guint index)
{
  const Drive *d = g_ptr_array_index (w->drives, index);
  g_autoptr (McEnrollment) e = w->back->enrollment (w->back, d->id);
  g_autoptr (GPtrArray) addresses = g_ptr_array_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (McChain) chain = NULL;
  EVP_PKEY *key;

  if (e->state != MC_ENROLLMENT_INSTALLED) {
    g_autofree char *record = mc_enrollment_compose (e);

    g_error ("not installed: %s", record);
  }
  g_assert_nonnull (e->chain);
  chain = mc_chain_parse (e->chain, strlen (e->chain), &error);
  g_assert_no_error (error);
  key = effect_key (e->key);
  for (guint i = 0; i < e->addresses->len; i++)
    g_ptr_array_add (addresses, mc_enrollment_address (e, i)->address);
  g_ptr_array_add (addresses, NULL);
  mc_chain_check (chain, key, (const char *const *)addresses->pdata, e->usage, e->since, &error);
  g_assert_no_error (error);
  g_assert_cmpint (e->renew_at, >, e->since);
  g_assert_null (e->problem);
  for (guint i = 0; i < e->keyrings->len; i++) {
    const McEnrollmentKeyring *keyring = g_ptr_array_index (e->keyrings, i);

    g_assert_cmpstr (keyring->state, ==, "ready");
    g_assert_cmpstr (keyring->key_id, ==, "0011.0");
  }
}
