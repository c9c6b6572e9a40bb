/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "flow/renewal.h"

#include "acme/revocation.h"
#include "base/mutant.h"

#include <string.h>

#define LIFE_PARTS 3                   /* renewed after two thirds of the life, where the CA says nothing (UX.md) */
#define SHORT_LIFE_PARTS 12            /* rests and warnings take no more than this part of a life */
#define ATTEMPT_SECONDS (24 * 60 * 60) /* so long an attempt takes without anything being wrong */
#define YOUNG_SECONDS (24 * 60 * 60)
#define BIT_SIGN 1u
#define BIT_ENCRYPT 2u

static guint
usage_bits (McUsage usage)
{
  if (usage == MC_USAGE_BOTH)
    return BIT_SIGN | BIT_ENCRYPT;
  return usage == MC_USAGE_SIGN ? BIT_SIGN : BIT_ENCRYPT;
}

static gint64
part_of_life (const McEnrollment *e, gint64 most)
{
  return MIN (most, MAX (e->not_after - e->not_before, 0) / SHORT_LIFE_PARTS);
}

/* Revoked for a new one to come. For any other reason whoever still wants one asks. */
static gboolean
is_superseded (const McEnrollment *e)
{
  return g_strcmp0 (e->revocation, mc_reason_name (MC_REASON_SUPERSEDED)) == 0;
}

gint64
mc_renewal_usual_at (const McEnrollment *e)
{
  return e->not_before + (e->not_after - e->not_before) / LIFE_PARTS * (LIFE_PARTS - 1);
}

static gint64
due_at (const McEnrollment *e, gint64 now)
{
  /* Its dates are the CA's, who may date it back; of a renewal the hour of the order counts too, unless our clock was
   * ahead. The first of a line may be due at once: it is renewed once. */
  const gint64 young_since = MAX (e->not_before, e->predecessor != 0 && e->created <= now ? e->created : 0);

  if (is_superseded (e))
    return e->not_before;
  /* A CA that wants each new certificate to be renewed at once gets an order a day, no more. */
  return MAX (e->renew_at != 0 ? e->renew_at : mc_renewal_usual_at (e), young_since + part_of_life (e, YOUNG_SECONDS));
}

gboolean
mc_renewal_is_due (const McEnrollment *e, gint64 now)
{
  if (mc_enrollment_is_revoked (e) && !is_superseded (e))
    return FALSE;
  return e->chain != NULL && e->not_after != 0 && due_at (e, now) <= now;
}

gboolean
mc_renewal_check_is_due (const McEnrollment *e, gint64 now)
{
  if (e->renewal_check_at == 0 || e->chain == NULL || now >= e->not_after) /* C07 */
    return FALSE;
  if (MC_MUTANT ("renewal-asks-always"))
    return TRUE;
  /* Further away than any Retry-After is kept: the clock was set back. */
  return e->renewal_check_at <= now || e->renewal_check_at > now + MC_RENEWAL_CHECK_MOST;
}

gboolean
mc_renewal_is_same (const McEnrollment *earlier, const McEnrollment *later)
{
  if (earlier->id != 0 && later->predecessor == earlier->id)
    return TRUE;
  if (earlier->usage != later->usage || earlier->addresses->len != later->addresses->len ||
      strcmp (earlier->directory, later->directory) != 0)
    return FALSE;
  for (guint i = 0; i < earlier->addresses->len; i++)
    if (mc_enrollment_find (later, mc_enrollment_address (earlier, i)->address) == NULL)
      return FALSE;
  return TRUE;
}

static gboolean
has_certificate (const McEnrollment *e)
{
  return e->state == MC_ENROLLMENT_INSTALLED || e->state == MC_ENROLLMENT_ISSUED;
}

const McEnrollment *
mc_renewal_attempt (const GPtrArray *all, guint index)
{
  const McEnrollment *e = g_ptr_array_index (all, index);
  const McEnrollment *attempt = NULL;

  for (guint i = index + 1; i < all->len; i++) {
    const McEnrollment *later = g_ptr_array_index (all, i);

    if (mc_renewal_is_same (e, later))
      attempt = has_certificate (later) ? NULL : later;
  }
  return attempt;
}

static gboolean
shares_address (const McEnrollment *a, const McEnrollment *b)
{
  for (guint i = 0; i < a->addresses->len; i++)
    if (mc_enrollment_find (b, mc_enrollment_address (a, i)->address) != NULL)
      return TRUE;
  return FALSE;
}

/* Newer certificates, of whichever CA or of the same one, do all that the one at INDEX does: mail programs have been
 * given those, and to renew this one would take the default back to it. */
static gboolean
is_covered (const GPtrArray *all, guint index, gboolean by_same_ca)
{
  const McEnrollment *e = g_ptr_array_index (all, index);

  for (guint i = 0; i < e->addresses->len; i++) {
    guint missing = usage_bits (e->usage);

    for (guint j = index + 1; j < all->len && missing != 0; j++) {
      const McEnrollment *later = g_ptr_array_index (all, j);

      if (later->state == MC_ENROLLMENT_INSTALLED && (!by_same_ca || strcmp (e->directory, later->directory) == 0) &&
          mc_enrollment_find (later, mc_enrollment_address (e, i)->address) != NULL)
        missing &= ~usage_bits (later->usage);
    }
    if (missing != 0)
      return FALSE;
  }
  return TRUE;
}

gboolean
mc_renewal_is_past (const GPtrArray *all, guint index)
{
  const McEnrollment *e = g_ptr_array_index (all, index);

  if (mc_enrollment_is_open (e))
    return FALSE;
  for (guint i = index + 1; i < all->len; i++) {
    const McEnrollment *later = g_ptr_array_index (all, i);

    if (mc_renewal_is_same (e, later) && (has_certificate (later) || !has_certificate (e)))
      return TRUE;
  }
  return e->state == MC_ENROLLMENT_INSTALLED && is_covered (all, index, TRUE);
}

/* What is open for an address and usage of E, whoever asked for it. One that is issued and waits for a keyring stands
 * in nobody's way but its own predecessor's. */
static const McEnrollment *
open_order (const GPtrArray *all, guint index)
{
  const McEnrollment *e = g_ptr_array_index (all, index);

  for (guint i = 0; i < all->len; i++) {
    const McEnrollment *other = g_ptr_array_index (all, i);

    if (i == index || !mc_enrollment_is_open (other) || MC_MUTANT ("renewal-second-order"))
      continue;
    if (i > index && mc_renewal_is_same (e, other))
      return other;
    if (other->state < MC_ENROLLMENT_ISSUED && (usage_bits (e->usage) & usage_bits (other->usage)) != 0 &&
        shares_address (e, other))
      return other;
  }
  return NULL;
}

/* Twice as long after each failure. Hours that lie further away than they were meant to be are of a clock that has been
 * set back since: they hold nobody up. */
static gint64
rests_until (const McEnrollment *e, const McEnrollment *attempt, gint64 now)
{
  const gint64 most = part_of_life (e, MC_RENEWAL_REST_MOST);
  const gint64 rest = MIN ((gint64)MC_RENEWAL_REST_LEAST << MIN (attempt->tries, 8), most);
  const gint64 retry_at = attempt->problem != NULL ? attempt->problem->retry_at : 0;

  return MAX (attempt->since <= now ? attempt->since + rest : 0, retry_at <= now + MC_RENEWAL_REST_MOST ? retry_at : 0);
}

McRenewal
mc_renewal_plan (const GPtrArray *all, guint index, gint64 now)
{
  const McEnrollment *e = g_ptr_array_index (all, index);
  McRenewal plan = {.state = MC_RENEWAL_NONE};
  const McEnrollment *attempt;

  if (e->state != MC_ENROLLMENT_INSTALLED || e->chain == NULL || e->not_after == 0 || is_covered (all, index, FALSE) ||
      (mc_enrollment_is_revoked (e) && !is_superseded (e)))
    return plan;
  if (e->renewal_check_at != 0 && now < e->not_after)
    plan.check_at = mc_renewal_check_is_due (e, now) ? MIN (e->renewal_check_at, now) : e->renewal_check_at;
  plan.attempt = open_order (all, index);
  if (plan.attempt != NULL) {
    plan.state = MC_RENEWAL_OPEN;
    return plan;
  }
  plan.at = mc_enrollment_is_compromised (all, e) ? e->not_before : due_at (e, now);
  plan.state = plan.at > now ? MC_RENEWAL_LATER : MC_RENEWAL_DUE;
  attempt = mc_renewal_attempt (all, index);
  if (plan.state == MC_RENEWAL_LATER || attempt == NULL)
    return plan;
  plan.at = rests_until (e, attempt, now);
  if (plan.at > now) {
    plan.state = MC_RENEWAL_RESTS;
    plan.attempt = attempt;
  }
  return plan;
}

static void
wake_at (gint64 *wake, gint64 at)
{
  if (at != 0 && (*wake == 0 || at < *wake))
    *wake = at;
}

gint64
mc_renewal_wake (const GPtrArray *all, gint64 now)
{
  gint64 wake = 0;

  for (guint i = 0; i < all->len; i++) {
    const McRenewal plan = mc_renewal_plan (all, i, now);

    wake_at (&wake, plan.check_at);
    if (plan.state == MC_RENEWAL_DUE)
      wake_at (&wake, now);
    else if (plan.state == MC_RENEWAL_LATER || plan.state == MC_RENEWAL_RESTS)
      wake_at (&wake, plan.at);
  }
  return wake != 0 ? MAX (wake, now) : 0;
}

gboolean
mc_renewal_is_failing (const GPtrArray *all, guint index, gint64 now)
{
  const McEnrollment *e = g_ptr_array_index (all, index);
  const McRenewal plan = mc_renewal_plan (all, index, now);

  if (plan.state == MC_RENEWAL_NONE || plan.state == MC_RENEWAL_LATER ||
      now < e->not_after - part_of_life (e, MC_RENEWAL_TELL_SECONDS) || !mc_renewal_is_due (e, now))
    return FALSE;
  return plan.state != MC_RENEWAL_OPEN || plan.attempt->tries > 0 ||
         now - plan.attempt->created > part_of_life (e, ATTEMPT_SECONDS);
}

gint64
mc_renewal_goes_after (const GPtrArray *all, const McEnrollment *e)
{
  gint64 after = 0;

  for (guint i = 0; i < all->len; i++) {
    const McEnrollment *other = g_ptr_array_index (all, i);

    if (mc_enrollment_is_open (other) && other->state < MC_ENROLLMENT_READY && shares_address (e, other) &&
        strcmp (e->directory, other->directory) == 0)
      after = other->id;
  }
  return after;
}

McEnrollment *
mc_renewal_order (const GPtrArray *all, guint index, gboolean reuse_key, gint64 now)
{
  const McEnrollment *e = g_ptr_array_index (all, index);
  const McEnrollment *failed = mc_renewal_attempt (all, index);
  g_autofree const char **addresses = g_new0 (const char *, e->addresses->len + 1);
  McEnrollment *order;

  for (guint i = 0; i < e->addresses->len; i++)
    addresses[i] = mc_enrollment_address (e, i)->address;
  order = mc_enrollment_new (e->ca, e->directory, addresses, now);
  order->usage = e->usage;
  order->key_kind = e->key_kind;
  order->profile = g_strdup (e->profile);
  order->trust_root = g_strdup (e->trust_root);
  order->predecessor = e->id;
  order->replaces = g_strdup (e->renewal_id);
  order->tries = failed != NULL ? failed->tries + 1 : 0;
  order->failing_since = failed == NULL ? 0 : failed->failing_since != 0 ? failed->failing_since : failed->created;
  for (guint i = 0; i < e->keyrings->len; i++)
    mc_enrollment_keyring (order, ((McEnrollmentKeyring *)g_ptr_array_index (e->keyrings, i))->spec);
  if (reuse_key && e->key != NULL && !mc_enrollment_is_compromised (all, e))
    order->key = g_bytes_ref (e->key);
  return order;
}
