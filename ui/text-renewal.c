/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "text-parts.h"

static char *
say_later (const McEnrollment *e, gint64 at)
{
  g_autofree char *day = mc_text_day (at);
  g_autofree char *page = mc_text_words (e->renewal_explanation);

  if (e->renewal_explanation == NULL)
    return g_strdup_printf (_ ("It will be renewed on %s."), day);
  /* Translators: a day, then the address of a web page of the CA. */
  return g_strdup_printf (_ ("It will be renewed on %s. Its CA says why: %s"), day, page);
}

static char *
say_due (const GPtrArray *all, const McEnrollment *e)
{
  g_autofree char *page = mc_text_words (e->renewal_explanation);

  if (mc_enrollment_is_compromised (all, e))
    return g_strdup (
        _ ("Its key is also that of a certificate that was given up because others may have the key, so it "
           "is renewed with a new one."));
  if (e->renewal_explanation == NULL)
    return g_strdup (_ ("It is due for renewal."));
  /* Translators: the address of a web page of the CA. */
  return g_strdup_printf (_ ("Its CA wants it to be renewed now, and says why: %s"), page);
}

static char *
say_failed (const McEnrollment *attempt, const McRenewal *plan, gint64 now)
{
  const McProblem *trouble = mc_text_trouble (attempt);
  g_autofree char *since = mc_text_time (attempt->failing_since != 0 ? attempt->failing_since : attempt->created, now);
  g_autofree char *why =
      trouble != NULL ? mc_text_problem (attempt->ca, trouble, NULL) : mc_text_enrollment (attempt, now, NULL);
  g_autofree char *again = NULL;

  if (plan->state != MC_RENEWAL_RESTS)
    /* Translators: a time such as "Fri 27 Nov 14:02", then a whole sentence that says why. */
    return g_strdup_printf (_ ("It could not be renewed since %s. %s"), since, why);
  again = mc_text_time (plan->at, now);
  /* Translators: as above, then a time. */
  return g_strdup_printf (_ ("It could not be renewed since %s. %s It is tried again %s."), since, why, again);
}

char *
mc_text_renewal (const GPtrArray *all, guint index, gint64 now)
{
  const McEnrollment *e = g_ptr_array_index (all, index);
  const McRenewal plan = mc_renewal_plan (all, index, now);
  const McEnrollment *attempt = mc_renewal_attempt (all, index);
  g_autofree char *sentence = NULL;

  if (e->state != MC_ENROLLMENT_INSTALLED)
    return NULL;
  switch (plan.state) {
  case MC_RENEWAL_NONE:
    return mc_renewal_is_past (all, index) || mc_enrollment_is_revoked (e) /* that sentence says enough */
               ? NULL
               : g_strdup (_ ("A newer certificate has taken its place, so it is not renewed."));
  case MC_RENEWAL_LATER:
    return say_later (e, plan.at);
  case MC_RENEWAL_RESTS:
    return say_failed (attempt, &plan, now);
  case MC_RENEWAL_DUE:
    return attempt != NULL ? say_failed (attempt, &plan, now) : say_due (all, e);
  case MC_RENEWAL_OPEN:
    break;
  }
  if (mc_text_trouble (plan.attempt) != NULL)
    return say_failed (plan.attempt, &plan, now);
  sentence = mc_text_enrollment (plan.attempt, now, NULL);
  /* Translators: a whole sentence follows that says how far it has come. */
  return g_strdup_printf (_ ("It is being renewed. %s"), sentence);
}
