/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "flow/errand-private.h"

#include "acme/account.h"
#include "base/error.h"
#include "base/mutant.h"
#include "flow/flow-private.h"

/* Something that passes: again after a while, a few times; what then is still in the way is said. */
static void
trouble (McErrand *errand, gint64 now, McProblem *problem_take)
{
  const gint64 pause = (gint64)MC_FLOW_POLL_LEAST << MIN (errand->failures, 5);
  const gint64 retry_at = MAX (problem_take->retry_at, now + pause);

  if (++errand->failures >= MC_ERRAND_FAILURES_MAX || retry_at > now + MC_ERRAND_WAIT_MOST) {
    mc_errand_finish (errand, MC_ERRAND_LATER, problem_take);
    return;
  }
  mc_problem_free (problem_take);
  errand->retry_at = retry_at;
  /* Whether it was carried out nobody knows: the CA is asked, before the same is asked for again. */
  if (errand->step == MC_STEP_CHANGE_KEY && !errand->prelude)
    errand->step = MC_STEP_FIND_NEW;
}

static void
malformed (McErrand *errand, gint64 now, const char *what, const GError *error)
{
  g_autofree char *detail = g_strdup_printf ("%s: %s", what, error->message);

  trouble (errand, now, mc_problem_new ("mailcert:malformed", detail));
}

/* --- a rollover's end --- */

/* The CA knows the new key, and only that. */
static void
take_new_key (McErrand *errand)
{
  McAccount *account = errand->account;

  if (account->key != NULL)
    g_bytes_unref (account->key);
  account->key = g_steal_pointer (&account->new_key);
  mc_errand_drop_keys (errand);
  g_clear_pointer (&errand->refusal, mc_problem_free);
  errand->changed = TRUE;
  if (errand->wish.kind == MC_ERRAND_ROLL_OVER)
    mc_errand_finish (errand, MC_ERRAND_DONE, NULL);
  else
    mc_errand_begin (errand);
}

/* It knows the old key, not the new one, and has refused to change them. */
static void
drop_new_key (McErrand *errand)
{
  g_clear_pointer (&errand->account->new_key, g_bytes_unref);
  mc_errand_drop_keys (errand);
  errand->changed = TRUE;
  if (errand->wish.kind == MC_ERRAND_ROLL_OVER)
    mc_errand_finish (errand, MC_ERRAND_REFUSED, g_steal_pointer (&errand->refusal));
  else
    mc_errand_begin (errand);
}

/* --- what the CA knows --- */

static void
closed (McErrand *errand)
{
  mc_account_close (errand->account);
  errand->changed = TRUE;
  if (errand->wish.kind == MC_ERRAND_DEACTIVATE)
    mc_errand_finish (errand, MC_ERRAND_DONE, NULL);
  else
    mc_errand_finish (errand, MC_ERRAND_REFUSED, mc_problem_new ("mailcert:account-closed", ""));
}

/* An account's object: FALSE where it says that there is nothing more to do, or makes no sense. */
static gboolean
read_account (McErrand *errand, const McHttpResponse *response, gint64 now)
{
  McAccountStatus status;
  g_autoptr (GError) error = NULL;

  if (!mc_account_parse (response->body, &status, &error)) {
    malformed (errand, now, "account", error);
    return FALSE;
  }
  if (status == MC_ACCOUNT_VALID)
    return TRUE;
  closed (errand);
  return FALSE;
}

/* onlyReturnExisting has found it (B24). */
static void
found (McErrand *errand, const McHttpResponse *response, gint64 now)
{
  McAccount *account = errand->account;
  const char *url = mc_http_response_header (response, "location");
  g_autoptr (GError) error = NULL;

  if (!mc_url_is_acceptable (url)) {
    g_set_error_literal (&error, MC_ERROR, MC_ERROR_MALFORMED, "no usable Location");
    malformed (errand, now, "newAccount", error);
    return;
  }
  if (!read_account (errand, response, now))
    return;
  if (g_strcmp0 (url, account->url) != 0 || account->deactivated) {
    g_free (account->url);
    account->url = g_strdup (url);
    account->deactivated = FALSE;
    errand->changed = TRUE;
  }
  if (errand->step == MC_STEP_FIND_NEW)
    take_new_key (errand);
  else if (account->new_key == NULL)
    mc_errand_begin (errand);
  else if (errand->refusal != NULL)
    drop_new_key (errand);
  else /* it has moved meanwhile: now its URL is known */
    errand->step = MC_STEP_CHANGE_KEY;
}

/* onlyReturnExisting has not found it. */
static void
not_found (McErrand *errand, McProblem *problem_take, gint64 now)
{
  if (errand->step == MC_STEP_FIND_NEW && errand->key_changed) {
    /* Not yet, or its word was worth nothing: both keys stay until one answers. */
    mc_problem_free (problem_take);
    trouble (errand, now, mc_problem_new ("mailcert:malformed", "the CA took the new key and does not know it"));
    return;
  }
  if (errand->step == MC_STEP_FIND_NEW) {
    /* Not carried out: the same new key again, unless the CA has said why it will not. */
    errand->step = errand->refusal == NULL && errand->account->url != NULL ? MC_STEP_CHANGE_KEY : MC_STEP_FIND;
    mc_problem_free (problem_take);
    return;
  }
  mc_errand_finish (errand, MC_ERRAND_REFUSED, problem_take);
}

/* --- refusals --- */

/* The account's own request for changed terms (B25): the person is asked, once. */
static gboolean
wants_agreement (McErrand *errand, const McProblem *problem, const McHttpResponse *response)
{
  g_auto (GStrv) links = NULL;

  /* Agreeing itself is never what waits for an agreement. */
  if (!mc_problem_is (problem, "userActionRequired") || errand->terms_agreed || errand->step == MC_STEP_AGREE ||
      errand->account->url == NULL)
    return FALSE;
  links = mc_http_response_links (response, "terms-of-service");
  g_free (errand->terms);
  errand->terms = g_strdup (links[0] != NULL ? links[0] : errand->exchange.directory->terms);
  if (errand->terms == NULL)
    return FALSE;
  errand->interrupted = errand->step;
  errand->step = MC_STEP_ASK_TERMS;
  return TRUE;
}

static void
refused_revocation (McErrand *errand, McProblem *problem_take)
{
  g_autoptr (McProblem) problem = problem_take;

  if (mc_problem_is (problem, "alreadyRevoked")) {
    mc_errand_finish (errand, MC_ERRAND_DONE, NULL);
    return;
  }
  /* Not this account's, or it has none any more: whoever has the certificate's key may say so, too (B63). And there are
   * CAs that take keyCompromise from that key alone. */
  if (errand->step == MC_STEP_REVOKE && errand->wish.certificate_key != NULL &&
      (mc_problem_is (problem, "unauthorized") || mc_problem_is (problem, "accountDoesNotExist") ||
       (mc_problem_is (problem, "badRevocationReason") && errand->wish.reason == MC_REASON_KEY_COMPROMISE))) {
    errand->step = MC_STEP_REVOKE_BY_KEY;
    return;
  }
  mc_errand_finish (errand, MC_ERRAND_REFUSED, g_steal_pointer (&problem));
}

static void
refused (McErrand *errand, McProblem *problem_take, guint status, gint64 now)
{
  g_autoptr (McProblem) problem = problem_take;

  if (errand->prelude) {
    mc_errand_finish (errand, MC_ERRAND_REFUSED, mc_problem_new ("mailcert:not-a-directory", problem->detail));
    return;
  }
  if (errand->step == MC_STEP_CHANGE_KEY) {
    /* Perhaps only because it was carried out before, and the old key is none any more (409 and its like, B28). */
    errand->refusal = g_steal_pointer (&problem);
    if (MC_MUTANT ("errand-refusal-believed"))
      drop_new_key (errand);
    else
      errand->step = MC_STEP_FIND_NEW;
    return;
  }
  if (errand->wish.kind == MC_ERRAND_REVOKE && errand->step != MC_STEP_AGREE) {
    refused_revocation (errand, g_steal_pointer (&problem));
    return;
  }
  if (status == 401 && mc_problem_is (problem, "unauthorized")) {
    closed (errand);
    return;
  }
  if ((errand->step == MC_STEP_FIND || errand->step == MC_STEP_FIND_NEW) &&
      mc_problem_is (problem, "accountDoesNotExist")) {
    not_found (errand, g_steal_pointer (&problem), now);
    return;
  }
  if (mc_problem_is (problem, "accountDoesNotExist") && !errand->looked_for) {
    /* By this URL; perhaps by its key (a CA that moved). A CA that knows the one and not the other is not asked again.
     */
    errand->looked_for = TRUE;
    g_clear_pointer (&errand->account->url, g_free);
    errand->changed = TRUE;
    errand->step = MC_STEP_FIND;
    return;
  }
  mc_errand_finish (errand, MC_ERRAND_REFUSED, g_steal_pointer (&problem));
}

static void
feed_problem (McErrand *errand, const McHttpResponse *response, gint64 now)
{
  g_autoptr (McProblem) problem = mc_problem_from_response (response, now);

  if (mc_exchange_is_bad_nonce (&errand->exchange, problem))
    return;
  if (response->status == 429 || response->status >= 500 || mc_problem_is (problem, "rateLimited") ||
      mc_problem_is (problem, "badNonce"))
    trouble (errand, now, g_steal_pointer (&problem));
  else if (!wants_agreement (errand, problem, response))
    refused (errand, g_steal_pointer (&problem), response->status, now);
}

/* --- good answers --- */

static void
answer_prelude (McErrand *errand, const McHttpResponse *response, gint64 now)
{
  g_autoptr (GError) error = NULL;

  if (errand->exchange.directory == NULL) {
    errand->exchange.directory = mc_directory_parse (response->body, &error);
    if (errand->exchange.directory == NULL)
      mc_errand_finish (errand, MC_ERRAND_REFUSED, mc_problem_new ("mailcert:not-a-directory", error->message));
  } else if (errand->exchange.nonce == NULL)
    trouble (errand, now, mc_problem_new ("mailcert:malformed", "the CA gave no nonce"));
}

static void
answer (McErrand *errand, const McHttpResponse *response, gint64 now)
{
  switch (errand->step) {
  case MC_STEP_CHANGE_KEY: /* the old key is not thrown away for a word: a proxy's page may have said it */
    errand->key_changed = TRUE;
    errand->step = MC_STEP_FIND_NEW;
    break;
  case MC_STEP_FIND:
  case MC_STEP_FIND_NEW:
    found (errand, response, now);
    break;
  case MC_STEP_LOOK:
    if (read_account (errand, response, now))
      mc_errand_finish (errand, MC_ERRAND_DONE, NULL);
    break;
  case MC_STEP_DEACTIVATE:
    if (read_account (errand, response, now))
      trouble (errand, now, mc_problem_new ("mailcert:malformed", "the CA says that the account is still open"));
    break;
  case MC_STEP_AGREE:
    errand->terms_agreed = TRUE;
    g_free (errand->account->terms);
    errand->account->terms = g_strdup (errand->terms);
    errand->changed = TRUE;
    errand->step = errand->interrupted;
    break;
  default: /* a revocation has no body */
    mc_errand_finish (errand, MC_ERRAND_DONE, NULL);
  }
}

/* No CA answers so; what stands in front of one may, with a status of 200. */
static gboolean
is_web_page (const McHttpResponse *response)
{
  g_autofree char *type = mc_http_response_media_type (response);

  return g_strcmp0 (type, "text/html") == 0;
}

void
mc_errand_feed_http (McErrand *errand, const McEvent *event, gint64 now)
{
  const McHttpResponse *response = event->response;
  const guint failures = errand->failures;

  mc_exchange_take_nonce (&errand->exchange, response);
  if (response == NULL)
    trouble (errand, now, mc_flow_problem_from_error (event->error));
  else if (response->status >= 400)
    feed_problem (errand, response, now);
  else if (response->status < 200 || response->status >= 300)
    trouble (errand, now, mc_problem_from_response (response, now));
  else if (errand->prelude)
    answer_prelude (errand, response, now);
  else if (is_web_page (response))
    trouble (errand, now, mc_problem_new ("mailcert:malformed", "a web page"));
  else {
    errand->exchange.bad_nonces = 0;
    answer (errand, response, now);
    if (errand->failures == failures) /* one that could not be read is a failure more */
      errand->failures = 0;
  }
}
