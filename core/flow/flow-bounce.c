/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "flow/flow-private.h"

#include "base/mutant.h"

/* The reply came back. Anybody may have written that: it explains and decides nothing. No second reply leaves (A13), no
 * order is given up; the CA's word or the deadline ends it, and what was said stands beside that. */

gboolean
mc_flow_reply_is_out (const McEnrollmentAddress *address)
{
  return address->state >= MC_ADDRESS_SENDING && address->state < MC_ADDRESS_VALID;
}

McEnrollmentAddress *
mc_flow_bounced_address (const McEnrollment *e, const McBounce *bounce)
{
  for (guint i = 0; e->state == MC_ENROLLMENT_ORDERED && i < e->addresses->len; i++) {
    McEnrollmentAddress *address = mc_enrollment_address (e, i);

    if (mc_flow_reply_is_out (address) && address->bounced == NULL &&
        (mc_bounce_is_of (bounce, address->reply_message_id) || MC_MUTANT ("flow-bounce-of-any")))
      return address;
  }
  return NULL;
}

void
mc_flow_feed_bounce (McFlow *flow, const McEvent *event, gint64 now)
{
  McEnrollmentAddress *address = mc_flow_bounced_address (flow->enrollment, event->bounce);
  const char *words = *event->bounce->words != '\0' ? event->bounce->words : "returned without a reason";

  if (address == NULL)
    return;
  address->bounced = g_strdup (words);
  if (MC_MUTANT ("flow-bounce-ends-it")) {
    mc_flow_fail (flow, now, mc_problem_new ("mailcert:bounced", words));
    return;
  }
  if (MC_MUTANT ("flow-bounce-answers-again") && address->state == MC_ADDRESS_SENDING) {
    mc_flow_move_address (flow, address, MC_ADDRESS_REPLY_READY, now, words);
    return;
  }
  mc_enrollment_note (flow->enrollment, now, "NOTE", address->address, words);
  mc_flow_set_problem (flow, mc_problem_new ("mailcert:bounced", words));
}
