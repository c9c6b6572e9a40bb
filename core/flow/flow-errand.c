/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "flow/errand.h"
#include "flow/flow-private.h"

#include "base/mutant.h"

/* A rollover that another life did not finish: nobody knows which of the two keys the CA takes, so nothing is signed
 * before that is found out. The errand does it; the flow only lends it the driver. */

static void
take_changes (McFlow *flow)
{
  if (!mc_errand_is_changed (flow->rollover))
    return;
  mc_errand_committed (flow->rollover);
  flow->account_changed = flow->changed = TRUE;
  g_clear_pointer (&flow->account_key, EVP_PKEY_free);
}

gboolean
mc_flow_needs_rollover (const McFlow *flow)
{
  return flow->rollover != NULL || (flow->account->new_key != NULL && mc_enrollment_needs_account (flow->enrollment) &&
                                    !MC_MUTANT ("flow-rollover-left"));
}

static void
end_rollover (McFlow *flow, gint64 now)
{
  const McProblem *problem = mc_errand_problem (flow->rollover);

  /* Refused, but settled: the old key is good, and that is all that is asked here. */
  if (flow->account->deactivated)
    mc_flow_fail (flow, now, mc_problem_copy (problem));
  else if (flow->account->new_key != NULL)
    mc_flow_trouble (flow, now, problem->retry_at, mc_problem_copy (problem));
  g_clear_pointer (&flow->rollover, mc_errand_free);
}

gboolean
mc_flow_next_rollover (McFlow *flow, gint64 now, McAction *action, gint64 *wake, GError **error)
{
  const McErrandWish wish = {.kind = MC_ERRAND_ROLL_OVER, .agree_terms = flow->agreed};
  McAction inner;
  McPending *pending;

  if (flow->enrollment->retry_at > now) {
    mc_flow_wake_at (wake, flow->enrollment->retry_at);
    return TRUE;
  }
  if (flow->rollover == NULL)
    flow->rollover = mc_errand_new (flow->account, &wish);
  if (!mc_errand_next (flow->rollover, now, &inner, error))
    return FALSE;
  take_changes (flow);
  mc_flow_wake_at (wake, inner.wake);
  if (inner.kind != MC_ACTION_NONE) {
    pending = mc_flow_start (flow, action, inner.kind);
    pending->purpose = MC_PURPOSE_ROLLOVER;
    pending->index = inner.id;
    inner.id = action->id;
    *action = inner;
  } else if (mc_errand_end (flow->rollover) != MC_ERRAND_UNDER_WAY) {
    end_rollover (flow, now);
    mc_flow_wake_at (wake, flow->enrollment->retry_at);
  }
  return TRUE;
}

gboolean
mc_flow_feed_rollover (McFlow *flow, const McPending *pending, const McEvent *event, gint64 now, GError **error)
{
  McEvent inner = *event;

  if (flow->rollover == NULL) /* given up meanwhile */
    return TRUE;
  inner.id = pending->index;
  if (!mc_errand_feed (flow->rollover, &inner, now, error))
    return FALSE;
  take_changes (flow);
  return TRUE;
}
