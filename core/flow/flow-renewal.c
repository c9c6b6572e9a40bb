/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "flow/flow-private.h"

#include "acme/renewal-info.h"
#include "flow/renewal.h"
#include "pki/chain.h"

#include <string.h>

/* When a certificate is to be renewed: its CA's word for it (RFC 9773), else two thirds of its life. All of this
 * happens after the certificate is there, and no trouble with it is a trouble of the enrollment. */

#define MARGIN_PARTS 10 /* the last part of a life that no window may take */

void
mc_flow_plan_renewal (McFlow *flow, const McChain *chain, gint64 now)
{
  McEnrollment *e = flow->enrollment;
  g_autoptr (McCertificateInfo) info = mc_certificate_info_new (mc_chain_certificate (chain, 0), NULL);

  if (info == NULL)
    return;
  mc_enrollment_know_certificate (e, info);
  e->renew_at = mc_renewal_usual_at (e);
  /* C07: asked right after issuance. */
  e->renewal_check_at = flow->exchange.directory->renewal_info != NULL && e->renewal_id != NULL ? now : 0;
}

McPurpose
mc_flow_renewal_request (const McFlow *flow, gint64 now)
{
  if (!mc_renewal_check_is_due (flow->enrollment, now))
    return MC_PURPOSE_NONE;
  return flow->exchange.directory == NULL ? MC_PURPOSE_DIRECTORY : MC_PURPOSE_RENEWAL_INFO;
}

char *
mc_flow_renewal_url (const McFlow *flow)
{
  const char *base = flow->exchange.directory->renewal_info;

  return g_strconcat (base, g_str_has_suffix (base, "/") ? "" : "/", flow->enrollment->renewal_id, NULL); /* C02 */
}

/* No answer, or none that is of use. What passes is asked again soon, and less and less; the rest in six hours (C09).
 */
static void
missed (McFlow *flow, const McHttpResponse *response, gboolean passes, gint64 now)
{
  McEnrollment *e = flow->enrollment;
  gint64 wait = MC_RENEWAL_CHECK_USUAL;

  if (passes)
    wait = MIN (wait, (gint64)MC_RENEWAL_CHECK_LEAST << MIN (e->renewal_failures, 20));
  e->renewal_failures++;
  e->renewal_check_at = now + wait;
  if (response != NULL)
    e->renewal_check_at = MAX (
        e->renewal_check_at, mc_http_response_retry_at (response, now, MC_RENEWAL_CHECK_LEAST, MC_RENEWAL_CHECK_MOST));
  flow->changed = TRUE;
}

/* C04: any hour of the window is as good as another. Past hours mean now. A window over the end of the certificate
 * would leave the person without one. */
static gint64
draw_hour (McFlow *flow, const McRenewalInfo *window)
{
  const McEnrollment *e = flow->enrollment;
  const gint64 margin = MIN ((gint64)MC_RENEWAL_MARGIN_MOST, (e->not_after - e->not_before) / MARGIN_PARTS);
  guint64 random;

  flow->settings.random (flow->settings.random_self, (guint8 *)&random, sizeof random);
  return CLAMP (window->start + (gint64)(random % (guint64)(window->end - window->start)), 1, e->not_after - margin);
}

static void
take_window (McFlow *flow, const McRenewalInfo *window, gint64 now)
{
  McEnrollment *e = flow->enrollment;
  const gint64 start = MAX (window->start, 1), end = MAX (window->end, 1); /* 0 is no time of the record */

  /* The same window is not drawn from again: whoever asks often would renew early. */
  if (e->renew_at != 0 && start == e->renewal_start && end == e->renewal_end)
    return;
  e->renewal_start = start;
  e->renewal_end = end;
  e->renew_at = draw_hour (flow, window);
  if (window->explanation != NULL && g_strcmp0 (window->explanation, e->renewal_explanation) != 0)
    mc_enrollment_note (e, now, "NOTE", NULL, window->explanation);
}

static void
answer_renewal_info (McFlow *flow, const McHttpResponse *response, gint64 now)
{
  McEnrollment *e = flow->enrollment;
  g_autoptr (McRenewalInfo) window = mc_renewal_info_parse (response->body, NULL);
  gint64 again;

  if (window == NULL) { /* C06 among others */
    missed (flow, response, FALSE, now);
    return;
  }
  take_window (flow, window, now);
  g_free (e->renewal_explanation);
  e->renewal_explanation = g_strdup (window->explanation);
  again = mc_http_response_retry_at (response, now, MC_RENEWAL_CHECK_LEAST, MC_RENEWAL_CHECK_MOST);
  e->renewal_check_at = again != 0 ? again : now + MC_RENEWAL_CHECK_USUAL;
  e->renewal_failures = 0;
  flow->changed = TRUE;
}

static void
answer_directory (McFlow *flow, const McHttpResponse *response, gint64 now)
{
  flow->exchange.directory = mc_directory_parse (response->body, NULL);
  if (flow->exchange.directory == NULL)
    missed (flow, response, FALSE, now);
  else if (flow->exchange.directory->renewal_info == NULL) { /* it gives none any more: what it said last stands */
    flow->enrollment->renewal_check_at = 0;
    flow->changed = TRUE;
  }
}

void
mc_flow_feed_renewal (McFlow *flow, const McPending *pending, const McHttpResponse *response, gint64 now)
{
  if (response == NULL || response->status == 429 || response->status >= 500)
    missed (flow, response, TRUE, now);
  else if (response->status != 200)
    missed (flow, response, FALSE, now);
  else if (pending->purpose == MC_PURPOSE_DIRECTORY)
    answer_directory (flow, response, now);
  else if (pending->purpose == MC_PURPOSE_RENEWAL_INFO)
    answer_renewal_info (flow, response, now);
}

gboolean
mc_flow_drop_replaces (McFlow *flow, const McProblem *problem, gint64 now)
{
  McEnrollment *e = flow->enrollment;
  g_autofree char *sentence = NULL;

  if (e->replaces == NULL || !(mc_problem_is (problem, "alreadyReplaced") || mc_problem_is (problem, "malformed") ||
                               mc_problem_is (problem, "unauthorized") || problem->status == 409))
    return FALSE;
  sentence = mc_problem_sentence (problem);
  g_clear_pointer (&e->replaces, g_free);
  mc_enrollment_note (e, now, "NOTE", NULL, sentence);
  flow->changed = TRUE;
  return TRUE;
}
