/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "flow/flow-private.h"

#include "base/error.h"

#include <string.h>

#define DEACTIVATION_TRIES 4 /* over half a minute */

void
mc_flow_not_a_directory (McFlow *flow, const char *detail, McProblem *problem_take, gint64 now)
{
  if (flow->enrollment->state != MC_ENROLLMENT_NEW || flow->account->url != NULL) {
    mc_flow_trouble (flow, now, problem_take->retry_at, problem_take);
    return;
  }
  mc_problem_free (problem_take);
  mc_flow_fail (flow, now, mc_problem_new ("mailcert:not-a-directory", detail));
}

/* Refused before it was looked at: the same request may leave again, also a challenge POST, which the CA has not
 * counted. */
static void
forget_post (McFlow *flow, const McPending *pending)
{
  if (pending->purpose == MC_PURPOSE_POST) {
    mc_enrollment_address (flow->enrollment, pending->index)->posted_at = 0;
    flow->changed = TRUE;
  }
}

/* newAccount. */
static void
refused_account (McFlow *flow, McProblem *problem_take, gint64 now)
{
  g_autoptr (McProblem) problem = problem_take;

  if (flow->account->deactivated && problem->status == 401) {
    mc_flow_account_closed (flow, now);
    return;
  }
  if (mc_problem_is (problem, "externalAccountRequired") && flow->settings.binding_kid == NULL) {
    g_free (problem->type);
    problem->type = g_strdup ("mailcert:eab");
  }
  mc_flow_fail (flow, now, g_steal_pointer (&problem));
}

/* The CA refused for good, for what it was asked. */
static void
refused (McFlow *flow, const McPending *pending, McProblem *problem_take, gint64 now)
{
  McEnrollment *e = flow->enrollment;
  g_autoptr (McProblem) problem = problem_take;

  switch (pending->purpose) {
  case MC_PURPOSE_DEACTIVATE: /* it is over there, or never was: either way nothing more can be done */
    g_ptr_array_remove_index (e->abandoned, 0);
    flow->changed = TRUE;
    return;
  case MC_PURPOSE_POST: {
    /* Why is written in the authorization (CA-BEHAVIOUR 1: some answer 400 to what came in by mail meanwhile). */
    McEnrollmentAddress *address = mc_enrollment_address (e, pending->index);

    address->retry_at = now + MC_FLOW_POLL_LEAST;
    mc_flow_set_problem (flow, g_steal_pointer (&problem));
    return;
  }
  case MC_PURPOSE_FINALIZE:
    if (mc_problem_is (problem, "orderNotReady")) { /* B46 */
      e->retry_at = now + MIN (MC_FLOW_POLL_MOST, MC_FLOW_POLL_LEAST << MIN (flow->order_polls, 5));
      flow->order_polls++;
      flow->changed = TRUE;
      return;
    }
    break;
  case MC_PURPOSE_DIRECTORY: {
    g_autofree char *detail = g_strdup (problem->detail);

    mc_flow_not_a_directory (flow, detail, g_steal_pointer (&problem), now);
    return;
  }
  case MC_PURPOSE_NONCE: /* likewise nothing that was asked for is refused */
    mc_flow_trouble (flow, now, problem->retry_at, mc_problem_copy (problem));
    return;
  case MC_PURPOSE_CERTIFICATE:
    if (flow->alternates != NULL && flow->alternates[flow->next_alternate] != NULL) {
      flow->next_alternate++;
      return;
    }
    break;
  case MC_PURPOSE_ORDER:
    if (mc_flow_drop_replaces (flow, problem, now))
      return;
    break;
  case MC_PURPOSE_AGREE:
    mc_flow_await_terms (flow, now);
    return;
  case MC_PURPOSE_ACCOUNT:
    refused_account (flow, g_steal_pointer (&problem), now);
    return;
  default:
    break;
  }
  mc_flow_fail (flow, now, g_steal_pointer (&problem));
}

/* Signed by the account: what the CA says of its signer is about the account (B29). Where that is known to be closed,
 * its key is shown once more before another one takes its place. */
static gboolean
is_of_account (McFlow *flow, const McPending *pending)
{
  if (pending->purpose == MC_PURPOSE_ACCOUNT && flow->account->deactivated)
    return FALSE;
  return pending->purpose != MC_PURPOSE_DIRECTORY && pending->purpose != MC_PURPOSE_NONCE &&
         pending->purpose != MC_PURPOSE_RENEWAL_INFO;
}

/* An answer of 400 and more. */
static void
feed_problem (McFlow *flow, const McPending *pending, const McHttpResponse *response, gint64 now)
{
  g_autoptr (McProblem) problem = mc_problem_from_response (response, now);

  if (mc_exchange_is_bad_nonce (&flow->exchange, problem)) {
    /* B10: the same again with the nonce that came with the error. Were the order looked at in between, that would be
     * an answer that ends the count, and it would never end. */
    forget_post (flow, pending);
    flow->finalize_due = flow->finalize_due || pending->purpose == MC_PURPOSE_FINALIZE;
    return;
  }
  if (mc_problem_is (problem, "accountDoesNotExist") && !flow->account_renewed && flow->account->url != NULL) {
    /* The CA has forgotten us: the same key opens the account again, once. */
    flow->account_renewed = TRUE;
    g_clear_pointer (&flow->account->url, g_free);
    flow->account_changed = flow->changed = TRUE;
    if (flow->enrollment->state == MC_ENROLLMENT_ACCOUNT)
      return;
  }
  if (mc_flow_terms_changed (flow, problem, response, now)) {
    forget_post (flow, pending);
    return;
  }
  if (response->status == 401 && mc_problem_is (problem, "unauthorized") && is_of_account (flow, pending)) {
    mc_flow_account_closed (flow, now);
    return;
  }
  if (response->status == 429 || response->status >= 500 || mc_problem_is (problem, "rateLimited") ||
      mc_problem_is (problem, "badNonce")) {
    if (response->status == 429 || mc_problem_is (problem, "rateLimited") || mc_problem_is (problem, "badNonce"))
      forget_post (flow, pending);
    mc_flow_trouble (flow, now, problem->retry_at, mc_problem_copy (problem));
    return;
  }
  refused (flow, pending, g_steal_pointer (&problem), now);
}

/* Giving an authorization up is worth a few tries, not the order that waits behind it. */
static void
give_up_deactivation (McEnrollment *e)
{
  if (e->failures >= DEACTIVATION_TRIES && e->abandoned->len > 0)
    g_ptr_array_remove_index (e->abandoned, 0);
}

static void
feed_http (McFlow *flow, const McPending *pending, const McEvent *event, gint64 now)
{
  McEnrollment *e = flow->enrollment;
  const McHttpResponse *response = event->response;
  guint failures;

  mc_exchange_take_nonce (&flow->exchange, response);
  if (response == NULL) {
    if (g_error_matches (event->error, MC_ERROR, MC_ERROR_MALFORMED) && pending->purpose == MC_PURPOSE_DIRECTORY)
      mc_flow_not_a_directory (flow, event->error->message, mc_flow_problem_from_error (event->error), now);
    else
      mc_flow_trouble (flow, now, 0, mc_flow_problem_from_error (event->error));
    return;
  }
  /* Given up meanwhile: only the giving up itself goes on. */
  if (!mc_enrollment_is_open (e) && pending->purpose != MC_PURPOSE_DIRECTORY && pending->purpose != MC_PURPOSE_NONCE &&
      pending->purpose != MC_PURPOSE_DEACTIVATE)
    return;
  if (response->status >= 400) {
    feed_problem (flow, pending, response, now);
    return;
  }
  if (response->status >= 300 || response->status < 200) {
    McProblem *problem = mc_problem_from_response (response, now);

    if (pending->purpose == MC_PURPOSE_DIRECTORY) { /* elsewhere, but redirects are not followed */
      g_autofree char *detail = g_strdup (problem->detail);

      mc_flow_not_a_directory (flow, detail, problem, now);
    } else
      mc_flow_trouble (flow, now, 0, problem);
    return;
  }
  if (pending->purpose == MC_PURPOSE_NONCE && flow->exchange.nonce == NULL) {
    mc_flow_trouble (flow, now, 0, mc_problem_new ("mailcert:malformed", "the CA gave no nonce"));
    return;
  }
  /* Only an answer to something signed shows that nonces are taken again. */
  if (pending->purpose != MC_PURPOSE_NONCE && pending->purpose != MC_PURPOSE_DIRECTORY)
    flow->exchange.bad_nonces = 0;
  failures = e->failures;
  mc_flow_answer (flow, pending, response, now);
  /* "Ready" where finalize has failed only leads there again: it ends no back-off. */
  if (pending->purpose != MC_PURPOSE_NONCE && !(pending->purpose == MC_PURPOSE_POLL_ORDER && flow->finalize_due) &&
      e->failures == failures && failures > 0) {
    e->failures = 0;
    flow->changed = TRUE;
  }
}

gboolean
mc_flow_feed_http (McFlow *flow, const McPending *pending, const McEvent *event, gint64 now, GError **error)
{
  const guint failures = flow->enrollment->failures;

  g_return_val_if_fail (event->response != NULL || event->error != NULL, FALSE);
  (void)error;
  if (flow->enrollment->chain != NULL) { /* the certificate is there: nothing of this touches it */
    mc_flow_feed_renewal (flow, pending, event->response, now);
    return TRUE;
  }
  feed_http (flow, pending, event, now);
  if (pending->purpose == MC_PURPOSE_DEACTIVATE && flow->enrollment->failures > failures)
    give_up_deactivation (flow->enrollment);
  return TRUE;
}
