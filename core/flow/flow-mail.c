/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "flow/flow-private.h"

#include "acme/jws.h"
#include "base/error.h"
#include "base/mutant.h"
#include "base/secret.h"
#include "mail/address.h"
#include "mail/reply.h"
#include "mail/token.h"

#define QUEUE_LOOK_SECONDS 60 /* how often a carrier's queue is asked */
#define SEND_RETRY_MOST 300
#define LEARNED_RFC_FACTOR 6 /* a CA that has mailed by itself before gets that much longer than trigger-wait */
#define BY_HAND_SECONDS 60   /* a person needs that long to paste and send what 'mailcert reply' printed */

static void
action_for (McFlow *flow, McAction *action, McActionKind kind, guint index)
{
  mc_flow_start (flow, action, kind)->index = index;
  action->address = mc_enrollment_address (flow->enrollment, index);
  action->deadline = flow->enrollment->deadline;
}

/* What one address needs of the mail; TRUE = ACTION is filled. */
static gboolean
next_for (McFlow *flow, guint index, gint64 now, McAction *action, gint64 *wake)
{
  McEnrollmentAddress *address = mc_enrollment_address (flow->enrollment, index);
  const gboolean busy = mc_flow_is_pending (flow, MC_ACTION_SEND, (gint)index) ||
                        mc_flow_is_pending (flow, MC_ACTION_WAS_SENT, (gint)index);

  switch (address->state) {
  case MC_ADDRESS_AWAIT_MAIL:
    if (flow->lives[index].awaited)
      return FALSE;
    flow->lives[index].awaited = TRUE;
    action_for (flow, action, MC_ACTION_AWAIT_MAIL, index);
    return TRUE;
  case MC_ADDRESS_REPLY_READY:
    if (busy)
      return FALSE;
    if (flow->settings.transport == NULL) {
      if (!mc_problem_is (flow->enrollment->problem, "mailcert:no-transport"))
        mc_flow_set_problem (flow, mc_problem_new ("mailcert:no-transport", address->address));
      return FALSE;
    }
    if (address->retry_at > now) {
      mc_flow_wake_at (wake, address->retry_at);
      return FALSE;
    }
    /* Saved before done: the commit between this call and the action holds SENDING, the Message-ID and the carrier's
     * name. */
    g_free (address->transport);
    address->transport = g_strdup (flow->settings.transport);
    mc_flow_move_address (flow, address, MC_ADDRESS_SENDING, now, address->transport);
    if (MC_MUTANT ("flow-send-unsaved"))
      flow->changed = FALSE;
    action_for (flow, action, MC_ACTION_SEND, index);
    return TRUE;
  case MC_ADDRESS_SENDING: /* found so at the start of a life: nobody knows how far it came */
  case MC_ADDRESS_QUEUED:
    if (busy)
      return FALSE;
    if (address->retry_at > now) {
      mc_flow_wake_at (wake, address->retry_at);
      return FALSE;
    }
    action_for (flow, action, MC_ACTION_WAS_SENT, index);
    return TRUE;
  default:
    return FALSE;
  }
}

void
mc_flow_next_mail (McFlow *flow, gint64 now, McAction *action, gint64 *wake)
{
  for (guint i = 0; i < flow->enrollment->addresses->len; i++)
    if (next_for (flow, i, now, action, wake))
      return;
}

/* When a challenge that still waits for its mail is to be POSTed: 0 = never (T-05). */
static gint64
trigger_at (const McFlow *flow, const McEnrollmentAddress *address)
{
  const McCaProfile *ca = flow->settings.ca;
  const char *learned = flow->account->learned_trigger;

  if (ca->trigger == MC_TRIGGER_POST_FIRST ||
      (ca->trigger == MC_TRIGGER_AUTO && g_strcmp0 (learned, "post-first") == 0))
    return address->fetched_at;
  if (ca->trigger == MC_TRIGGER_RFC)
    return 0;
  return address->fetched_at + ca->trigger_wait * (g_strcmp0 (learned, "rfc") == 0 ? LEARNED_RFC_FACTOR : 1);
}

gint64
mc_flow_doubt_until (const McEnrollmentAddress *address)
{
  const gboolean posted =
      address->posted_at != 0 && (address->state == MC_ADDRESS_POSTED || address->state == MC_ADDRESS_AWAIT_MAIL);

  if (!posted || (!address->unsure && address->post_answered) || MC_MUTANT ("flow-no-doubt"))
    return 0;
  return MAX (address->posted_at, address->replied_at) + MC_FLOW_UNSURE_SECONDS;
}

static McPurpose
request_for (McFlow *flow, guint index, gint64 now, gint64 *wake)
{
  McEnrollmentAddress *address = mc_enrollment_address (flow->enrollment, index);
  gint64 due;

  switch (address->state) {
  case MC_ADDRESS_AWAIT_MAIL:
    if (address->posted_at == 0) {
      due = trigger_at (flow, address);
      if (due > 0 && due <= now)
        return MC_PURPOSE_POST;
      mc_flow_wake_at (wake, due);
      return MC_PURPOSE_NONE;
    }
    break; /* it was POSTed to bring the mail: whether that arrived is seen in the authorization */
  case MC_ADDRESS_REPLIED:
    due = address->replied_at + flow->settings.ca->post_delay;
    if (due <= now)
      return MC_PURPOSE_POST;
    mc_flow_wake_at (wake, due);
    return MC_PURPOSE_NONE;
  case MC_ADDRESS_POSTED:
    if (address->posted_at == 0 || (MC_MUTANT ("flow-post-again") && !address->post_answered))
      return MC_PURPOSE_POST;
    break;
  default:
    return MC_PURPOSE_NONE;
  }
  due = mc_flow_doubt_until (address);
  if (due > 0 && due <= now)
    return MC_PURPOSE_POLL;
  mc_flow_wake_at (wake, due);
  if (address->retry_at > now) {
    mc_flow_wake_at (wake, address->retry_at);
    return MC_PURPOSE_NONE;
  }
  /* An order may die while its authorization stays pending: every fourth look is at the order. */
  return flow->lives[index].polls % 4 == 3 ? MC_PURPOSE_POLL_ORDER : MC_PURPOSE_POLL;
}

McPurpose
mc_flow_address_request (McFlow *flow, gint64 now, guint *index, gint64 *wake)
{
  for (guint i = 0; i < flow->enrollment->addresses->len; i++) {
    McPurpose purpose = request_for (flow, i, now, wake);

    if (purpose != MC_PURPOSE_NONE) {
      *index = i;
      return purpose;
    }
  }
  return MC_PURPOSE_NONE;
}

static GBytes *
compose_reply (McFlow *flow, McEnrollmentAddress *address, const McChallenge *challenge, gint64 now, GError **error)
{
  EVP_PKEY *key = mc_flow_account_key (flow, error);
  g_autofree char *thumbprint = key != NULL ? mc_jwk_thumbprint (key, error) : NULL;
  g_autoptr (McSecretString) digest = NULL;
  g_autofree char *random = mc_flow_random_id (flow);
  const char *token_part2 =
      MC_MUTANT ("flow-other-token") ? mc_enrollment_address (flow->enrollment, 0)->token_part2 : address->token_part2;
  McReply reply = {
      .from = address->address,
      .to = challenge->reply_to != NULL ? challenge->reply_to : challenge->from,
      .token_part1 = challenge->token_part1,
      .in_reply_to = challenge->message_id,
      .references = challenge->references,
      .date = now,
  };

  if (thumbprint == NULL)
    return NULL;
  digest = mc_token_digest (challenge->token_part1, token_part2, thumbprint, flow->settings.ca->token_join, error);
  if (digest == NULL)
    return NULL;
  g_free (address->reply_message_id);
  address->reply_message_id = g_strdup_printf ("<%s@%s>", random, mc_address_domain (address->address));
  reply.digest = digest;
  reply.message_id = address->reply_message_id;
  return mc_reply_compose (&reply, error);
}

/* The signed Date by our clock, as far as the order's answer has told how the two differ. */
static gint64
date_here (const McEnrollment *e, const McChallenge *challenge)
{
  return challenge->date - (e->ca_ordered_at != 0 ? e->ca_ordered_at - e->ordered_at : 0);
}

/* Whether our POST or the fetch brought the mail: the one that its signed Date lies nearer to. That it came after the
 * POST says nothing: it may only have been slow. */
static gboolean
came_by_post (const McEnrollment *e, const McEnrollmentAddress *address, const McChallenge *challenge)
{
  const gint64 date = date_here (e, challenge);

  return address->posted_at != 0 && date - address->fetched_at >= address->posted_at - date;
}

gint64
mc_flow_challenge_distance (const McEnrollment *e, const McChallenge *challenge)
{
  const McEnrollmentAddress *address = mc_enrollment_find (e, challenge->to);
  const gint64 date = date_here (e, challenge);
  gint64 distance;

  if (address == NULL || address->fetched_at == 0)
    return G_MAXINT64;
  distance = ABS (date - address->fetched_at);
  if (address->posted_at != 0)
    distance = MIN (distance, ABS (date - address->posted_at));
  return MC_MUTANT ("flow-farthest-first") ? G_MAXINT64 - distance : distance;
}

/* Wrongly learned, a POST too many burns the next order where the CA looks once. */
static void
learn_trigger (McFlow *flow, gboolean by_post)
{
  const char *learned = by_post ? "post-first" : "rfc";

  if (g_strcmp0 (flow->account->learned_trigger, learned) == 0)
    return;
  g_free (flow->account->learned_trigger);
  flow->account->learned_trigger = g_strdup (learned);
  flow->account_changed = TRUE;
}

/* A second genuine challenge, with another token, for what was answered already: of two computers or of an order that
 * was given up, both from one From. Nobody can say which of them is this order's. */
static gboolean
is_another (const McFlow *flow, const McEnrollmentAddress *address, const McChallenge *challenge)
{
  return flow->enrollment->state == MC_ENROLLMENT_ORDERED && address != NULL &&
         address->state > MC_ADDRESS_AWAIT_MAIL && address->state < MC_ADDRESS_VALID && !address->unsure &&
         g_strcmp0 (address->token_part1, challenge->token_part1) != 0;
}

/* One authorization gets one reply (A13), so the CA's word decides as after T-32: polled for ten minutes, and where it
 * stays pending, or is invalid, a new order with a new challenge; not the silence until the deadline. */
static void
doubt_reply (McFlow *flow, McEnrollmentAddress *address, gint64 now)
{
  address->unsure = TRUE;
  mc_enrollment_note (flow->enrollment, now, "NOTE", address->address, "another genuine challenge came");
  flow->changed = TRUE;
}

gboolean
mc_flow_feed_challenge (McFlow *flow, const McEvent *event, gint64 now, GError **error)
{
  McEnrollmentAddress *address = mc_enrollment_find (flow->enrollment, event->address);
  const McChallenge *challenge = event->challenge;
  g_autoptr (GBytes) reply = NULL;

  if (is_another (flow, address, challenge) && !MC_MUTANT ("flow-never-doubts")) {
    doubt_reply (flow, address, now);
    return TRUE;
  }
  /* Only what is awaited, only once: the same mail again changes nothing (A13). */
  if (flow->enrollment->state != MC_ENROLLMENT_ORDERED || address == NULL ||
      (address->state != MC_ADDRESS_AWAIT_MAIL && !MC_MUTANT ("flow-second-answer")))
    return TRUE;
  reply = compose_reply (flow, address, challenge, now, error);
  if (reply == NULL) {
    g_prefix_error (error, "composing the reply: ");
    return FALSE;
  }
  address->reply = g_steal_pointer (&reply);
  address->token_part1 = g_strdup (challenge->token_part1);
  address->challenge_message_id = g_strdup (challenge->message_id);
  address->signed_by = g_strdup (event->signed_by);
  address->reply_to = g_strdup (challenge->reply_to != NULL ? challenge->reply_to : challenge->from);
  if (flow->settings.ca->trigger == MC_TRIGGER_AUTO)
    learn_trigger (flow, came_by_post (flow->enrollment, address, challenge));
  if (came_by_post (flow->enrollment, address, challenge)) /* so the CA took it, though its answer may be lost */
    address->post_answered = TRUE;
  mc_flow_move_address (flow, address, MC_ADDRESS_REPLY_READY, now, event->signed_by);
  return TRUE;
}

gboolean
mc_flow_reply_by_hand (McFlow *flow, const McEvent *event, gint64 now, GError **error)
{
  McEnrollmentAddress *address;

  if (!mc_flow_feed_challenge (flow, event, now, error))
    return FALSE;
  address = mc_enrollment_find (flow->enrollment, event->address);
  if (address == NULL || address->state != MC_ADDRESS_REPLY_READY) {
    g_set_error_literal (error, MC_ERROR, MC_ERROR_REFUSED, "not-expected");
    return FALSE;
  }
  if (mc_problem_is (flow->enrollment->problem, "mailcert:no-transport"))
    g_clear_pointer (&flow->enrollment->problem, mc_problem_free);
  g_free (address->transport);
  address->transport = g_strdup ("stdout");
  mc_flow_move_address (flow, address, MC_ADDRESS_SENDING, now, "stdout");
  mc_flow_move_address (flow, address, MC_ADDRESS_REPLIED, now, "stdout");
  address->replied_at = now + BY_HAND_SECONDS;
  if (address->posted_at != 0) /* as in reply_left: there is no second POST */
    mc_flow_move_address (flow, address, MC_ADDRESS_POSTED, now, NULL);
  return !flow->broken;
}

static void
reply_left (McFlow *flow, guint index, const char *detail, gint64 now)
{
  McEnrollmentAddress *address = mc_enrollment_address (flow->enrollment, index);

  mc_flow_move_address (flow, address, MC_ADDRESS_REPLIED, now, detail);
  address->replied_at = now;
  g_clear_pointer (&flow->enrollment->problem, mc_problem_free);
  if (address->posted_at != 0) { /* it was the POST that brought the mail: there is no second one */
    mc_flow_move_address (flow, address, MC_ADDRESS_POSTED, now, NULL);
    flow->lives[index].polls = 0;
  }
}

void
mc_flow_feed_sent (McFlow *flow, const McPending *pending, const McEvent *event, gint64 now)
{
  McEnrollmentAddress *address = mc_enrollment_address (flow->enrollment, pending->index);
  g_autofree char *why = mc_text_sanitize (event->error != NULL ? event->error->message : NULL, 300);

  /* The order was given up meanwhile. */
  if (flow->enrollment->state != MC_ENROLLMENT_ORDERED ||
      (address->state != MC_ADDRESS_SENDING && address->state != MC_ADDRESS_QUEUED))
    return;
  switch (event->outcome) {
  case MC_SEND_SENT:
    reply_left (flow, pending->index, address->transport, now);
    break;
  case MC_SEND_QUEUED:
    if (address->state != MC_ADDRESS_QUEUED)
      mc_flow_move_address (flow, address, MC_ADDRESS_QUEUED, now, address->transport);
    address->retry_at = now + QUEUE_LOOK_SECONDS;
    flow->changed = TRUE;
    break;
  case MC_SEND_NOT_SENT:
    mc_flow_move_address (flow, address, MC_ADDRESS_REPLY_READY, now, why);
    if (pending->kind == MC_ACTION_SEND) {
      address->send_failures++;
      address->retry_at = now + MIN (SEND_RETRY_MOST, 5 << MIN (address->send_failures - 1, 6));
      mc_flow_set_problem (flow, g_error_matches (event->error, MC_ERROR, MC_ERROR_LATER)
                                     ? mc_problem_new ("mailcert:mail", why)
                                     : mc_flow_problem_from_error (event->error));
    }
    break;
  case MC_SEND_REFUSED:
    mc_flow_fail (flow, now, mc_problem_new ("mailcert:mail", why));
    break;
  case MC_SEND_UNKNOWN:
    if (MC_MUTANT ("flow-send-again")) {
      mc_flow_move_address (flow, address, MC_ADDRESS_REPLY_READY, now, why);
      break;
    }
    /* T-32: it may have arrived. Nothing is sent again; the CA's own word decides. */
    address->unsure = TRUE;
    reply_left (flow, pending->index, why, now);
    break;
  }
}
