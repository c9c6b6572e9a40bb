/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "flow/flow-private.h"

/* The CA has changed its terms and does nothing more for the account before they are agreed to (RFC 8555 7.3.3, B25).
 * The person is asked, and the account updated; a CA that takes agreement on its website alone says the same again,
 * and then the person is sent there. */

static void
forget_terms (McFlow *flow)
{
  g_clear_pointer (&flow->new_terms, g_free);
  g_clear_pointer (&flow->terms_problem, mc_problem_free);
}

/* Nothing goes on in this life; the next one asks the CA again. */
void
mc_flow_await_terms (McFlow *flow, gint64 now)
{
  g_autofree char *sentence = mc_problem_sentence (flow->terms_problem);

  mc_enrollment_note (flow->enrollment, now, "NOTE", NULL, sentence);
  mc_flow_set_problem (flow, g_steal_pointer (&flow->terms_problem));
  flow->terms_unanswered = TRUE;
  forget_terms (flow);
}

gboolean
mc_flow_terms_changed (McFlow *flow, const McProblem *problem, const McHttpResponse *response, gint64 now)
{
  const McDirectory *directory = flow->exchange.directory;
  g_auto (GStrv) links = NULL;

  if (!mc_problem_is (problem, "userActionRequired") || !mc_enrollment_is_open (flow->enrollment))
    return FALSE;
  links = mc_http_response_links (response, "terms-of-service");
  forget_terms (flow);
  flow->terms_problem = mc_problem_copy (problem);
  flow->new_terms = g_strdup (links[0] != NULL ? links[0] : directory != NULL ? directory->terms : NULL);
  if (flow->new_terms == NULL || flow->terms_told)
    mc_flow_await_terms (flow, now);
  return TRUE;
}

void
mc_flow_terms_agreed (McFlow *flow)
{
  g_free (flow->account->terms);
  flow->account->terms = g_steal_pointer (&flow->new_terms);
  flow->account_changed = flow->changed = TRUE;
  flow->terms_told = TRUE;
  forget_terms (flow);
}

gboolean
mc_flow_next_terms (McFlow *flow, McAction *action)
{
  McPending *pending;

  if (flow->new_terms == NULL)
    return TRUE;
  if (flow->agreed) {
    if (flow->account->url == NULL) /* newAccount says it */
      mc_flow_terms_agreed (flow);
    return TRUE;
  }
  if (flow->terms_unanswered || mc_flow_is_pending (flow, MC_ACTION_ASK, -1))
    return FALSE;
  pending = mc_flow_start (flow, action, MC_ACTION_ASK);
  pending->ask = action->ask = MC_ASK_TERMS;
  pending->subject = g_strdup (flow->new_terms);
  action->subject = pending->subject;
  return FALSE;
}

void
mc_flow_account_closed (McFlow *flow, gint64 now)
{
  if (flow->account->deactivated) { /* known: its key was shown once more, and another one takes its place */
    flow->replace_key = TRUE;
    return;
  }
  mc_account_close (flow->account);
  flow->account_changed = flow->changed = TRUE;
  mc_flow_fail (flow, now, mc_problem_new ("mailcert:account-closed", ""));
  /* Nobody can sign for that any more. */
  g_ptr_array_set_size (flow->enrollment->abandoned, 0);
}
