/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "text-parts.h"

/* The certificate is good until then; what stands in the way of the next one, as a whole sentence. */
static char *
say_renewal_failing (const McOccasion *occasion, char **next)
{
  const McEnrollment *attempt = occasion->attempt;
  const McProblem *trouble = attempt != NULL ? attempt->problem : NULL;
  g_autoptr (McCertificateInfo) info = mc_text_certificate (occasion->enrollment);
  g_autofree char *addresses = mc_text_addresses (occasion->enrollment);
  g_autofree char *end = info != NULL ? mc_text_day (info->not_after) : g_strdup ("-");
  g_autofree char *why = trouble != NULL ? mc_text_problem (attempt->ca, trouble, next) : NULL;

  if (why == NULL) {
    mc_text_set_next (next, _ ("Renew it now."));
    /* Translators: addresses, then a day. */
    return g_strdup_printf (_ ("The certificate for %s ends on %s, and it has not been renewed yet."), addresses, end);
  }
  /* Translators: addresses, a day, then a whole sentence that says why. */
  return g_strdup_printf (_ ("The certificate for %s ends on %s, and it could not be renewed yet. %s"), addresses, end,
                          why);
}

char *
mc_text_occasion (const McOccasion *occasion, gint64 now, char **next)
{
  mc_text_set_next (next, NULL);
  switch (occasion->kind) {
  case MC_OCCASION_RENEWAL_FAILING:
    return say_renewal_failing (occasion, next);
  case MC_OCCASION_UNASKED: {
    McVerdict verdict = *occasion->verdict;

    verdict.code = MC_VERDICT_NOT_EXPECTED; /* what a judge says that is asked whether to answer it */
    return mc_text_verdict (&verdict, next);
  }
  case MC_OCCASION_INSTALLED:
  case MC_OCCASION_ACTION_NEEDED:
  case MC_OCCASION_FAILED:
    break;
  }
  return mc_text_enrollment (occasion->enrollment, now, next);
}
