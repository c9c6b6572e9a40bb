/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "flow/flow-private.h"

#include "acme/account.h"
#include "base/error.h"
#include "base/secret.h"
#include "mail/address.h"

#include <string.h>

#define SOON_LOOKS 60 /* so often a Retry-After of a few seconds is obeyed */

/* An answer that makes no sense is a passing trouble until it has come too often: a proxy's page, a CA in mid-repair.
 */
void
mc_flow_senseless (McFlow *flow, const char *what, const GError *error, gint64 now)
{
  g_autofree char *detail = g_strdup_printf ("%s: %s", what, error->message);

  if (flow->enrollment->failures >= 4)
    mc_flow_fail (flow, now, mc_problem_new ("mailcert:malformed", detail));
  else
    mc_flow_trouble (flow, now, 0, mc_problem_new ("mailcert:malformed", detail));
}

static void
answer_directory (McFlow *flow, const McHttpResponse *response, gint64 now)
{
  g_autoptr (GError) error = NULL;

  flow->exchange.directory = mc_directory_parse (response->body, &error);
  if (flow->exchange.directory == NULL)
    mc_flow_not_a_directory (flow, error->message, mc_problem_new ("mailcert:malformed", error->message), now);
}

static void
answer_account (McFlow *flow, const McHttpResponse *response, gint64 now)
{
  const char *url = mc_http_response_header (response, "location");
  McAccountStatus status = MC_ACCOUNT_VALID;
  g_autoptr (GError) error = NULL;

  if (!mc_url_is_acceptable (url))
    g_set_error_literal (&error, MC_ERROR, MC_ERROR_MALFORMED, "no usable Location");
  else if (mc_account_parse (response->body, &status, &error) && status != MC_ACCOUNT_VALID) {
    mc_flow_account_closed (flow, now);
    return;
  }
  if (error != NULL) {
    mc_flow_senseless (flow, "newAccount", error, now);
    return;
  }
  g_free (flow->account->url);
  flow->account->url = g_strdup (url);
  flow->account->deactivated = FALSE; /* another client has asked the CA to open it again */
  g_free (flow->account->binding_kid);
  flow->account->binding_kid = g_strdup (flow->settings.binding_kid);
  flow->account_changed = flow->changed = TRUE;
}

/* The order's identifiers must be ours, no more and no less (B41, B45). */
static gboolean
order_is_ours (const McEnrollment *e, const McOrder *order)
{
  if (g_strv_length (order->addresses) != e->addresses->len ||
      g_strv_length (order->authorizations) < e->addresses->len)
    return FALSE;
  for (guint i = 0; order->addresses[i] != NULL; i++) {
    gboolean found = FALSE;

    for (guint j = 0; j < e->addresses->len && !found; j++)
      found = mc_address_equal (mc_enrollment_address (e, j)->address, order->addresses[i]);
    if (!found)
      return FALSE;
  }
  return TRUE;
}

static void
answer_new_order (McFlow *flow, const McHttpResponse *response, gint64 now)
{
  McEnrollment *e = flow->enrollment;
  const char *url = mc_http_response_header (response, "location");
  g_autoptr (GError) error = NULL;
  g_autoptr (McOrder) order = mc_order_parse (response->body, &error);

  if (order != NULL && !mc_url_is_acceptable (url))
    g_set_error_literal (&error, MC_ERROR, MC_ERROR_MALFORMED, "no usable Location");
  else if (order != NULL && order->status == MC_ORDER_INVALID) {
    mc_flow_fail (flow, now,
                  order->problem != NULL ? mc_problem_copy (order->problem)
                                         : mc_problem_new ("mailcert:order-invalid", "order invalid"));
    return;
  } else if (order != NULL && !order_is_ours (e, order))
    g_set_error_literal (&error, MC_ERROR, MC_ERROR_MALFORMED, "the order is for other addresses than were asked for");
  if (error != NULL) {
    mc_flow_senseless (flow, "newOrder", error, now);
    return;
  }
  e->order_url = g_strdup (url);
  e->finalize_url = g_strdup (order->finalize);
  e->order_expires = order->expires;
  e->ca_ordered_at = mc_flow_ca_hour (response, now);
  for (guint i = 0; order->authorizations[i] != NULL; i++)
    g_ptr_array_add (e->authorization_urls, g_strdup (order->authorizations[i]));
  e->attempts++;
  e->deadline = mc_flow_deadline (e);
  g_clear_pointer (&e->problem, mc_problem_free);
  mc_flow_move (flow, MC_ENROLLMENT_ORDERED, now, NULL);
}

/* The next look at the CA's hour, else after 2 s backing off to 60; that also where the CA's hour has always been soon.
 */
static gint64
next_look (const McHttpResponse *response, guint polls, gint64 now)
{
  const gint64 wanted = mc_http_response_retry_at (response, now, 1, 600);
  const gint64 usual = now + MIN (MC_FLOW_POLL_MOST, MC_FLOW_POLL_LEAST << MIN (polls, 5));

  return wanted == 0 || polls >= SOON_LOOKS ? MAX (wanted, usual) : wanted;
}

/* Still pending. Where the mail came while this look was under way, it says nothing about the reply's hours. */
static void
look_later (McFlow *flow, McEnrollmentAddress *address, const McHttpResponse *response, gint64 now)
{
  guint index;

  if (address->state != MC_ADDRESS_AWAIT_MAIL && address->state != MC_ADDRESS_POSTED)
    return;
  g_ptr_array_find (flow->enrollment->addresses, address, &index);
  address->retry_at = next_look (response, flow->lives[index].polls++, now);
  flow->changed = TRUE;
}

static void
when_all_valid (McFlow *flow, gint64 now)
{
  McEnrollment *e = flow->enrollment;

  if (e->state != MC_ENROLLMENT_ORDERED)
    return;
  for (guint i = 0; i < e->addresses->len; i++)
    if (mc_enrollment_address (e, i)->state != MC_ADDRESS_VALID)
      return;
  mc_flow_move (flow, MC_ENROLLMENT_READY, now, NULL);
}

static void
address_valid (McFlow *flow, McEnrollmentAddress *address, gint64 now)
{
  /* The secrets have done their work. */
  g_clear_pointer (&address->token_part2, mc_secret_string_free);
  g_clear_pointer (&address->reply, g_bytes_unref);
  g_clear_pointer (&flow->enrollment->problem, mc_problem_free);
  if (address->state != MC_ADDRESS_VALID)
    mc_flow_move_address (flow, address, MC_ADDRESS_VALID, now, NULL);
  when_all_valid (flow, now);
}

/* The CA has judged. Where nobody knew whether the reply had left, that judgement is on its absence as likely as not: a
 * new order (DESIGN 2); else it stands. FALLBACK: the type to tell where the CA gives no reason. */
static void
judged_invalid (McFlow *flow, const McProblem *problem, const char *fallback, const char *what, gint64 now)
{
  const GPtrArray *addresses = flow->enrollment->addresses;

  for (guint i = 0; flow->enrollment->state == MC_ENROLLMENT_ORDERED && i < addresses->len; i++)
    if (mc_enrollment_address (flow->enrollment, i)->unsure) {
      mc_flow_reorder (flow, now, what);
      return;
    }
  mc_flow_fail (flow, now, problem != NULL ? mc_problem_copy (problem) : mc_problem_new (fallback, what));
}

static void
address_failed (McFlow *flow, const McEnrollmentAddress *address, const McProblem *problem, const char *what,
                gint64 now)
{
  mc_enrollment_note (flow->enrollment, now, "NOTE", address->address, what);
  judged_invalid (flow, problem, "mailcert:challenge-invalid", what, now);
}

void
mc_flow_authorization_seen (McFlow *flow, McEnrollmentAddress *address, const McAuthorization *authorization,
                            const McHttpResponse *response, gint64 now)
{
  const McChallengeObject *challenge = authorization->challenge;
  gint64 until;

  if (authorization->expires > 0 && authorization->expires != address->expires) {
    address->expires = authorization->expires;
    flow->enrollment->deadline = mc_flow_deadline (flow->enrollment);
    flow->changed = TRUE;
  }
  switch (authorization->status) {
  case MC_AUTHORIZATION_VALID:
    address_valid (flow, address, now);
    return;
  case MC_AUTHORIZATION_PENDING:
    /* Erratum 5732: an error while processing does not end it, invalid does. */
    if (challenge != NULL && challenge->status == MC_CHALLENGE_INVALID) {
      address_failed (flow, address, challenge->problem, "challenge invalid", now);
      return;
    }
    until = mc_flow_doubt_until (address);
    if (until > 0 && until <= now) {
      mc_flow_reorder (flow, now, "nobody knows whether the reply or its notice reached the CA");
      return;
    }
    look_later (flow, address, response, now);
    return;
  default:
    address_failed (flow, address, challenge != NULL ? challenge->problem : NULL, "authorization invalid", now);
  }
}

/* First fetch: which address it is, where its mail will come from. */
static void
answer_authorization (McFlow *flow, const McPending *pending, const McHttpResponse *response, gint64 now)
{
  McEnrollment *e = flow->enrollment;
  const char *url = g_ptr_array_index (e->authorization_urls, pending->index);
  g_autoptr (GError) error = NULL;
  g_autoptr (McAuthorization) authorization = mc_authorization_parse (response->body, &error);
  McEnrollmentAddress *address = NULL;

  for (guint i = 0; authorization != NULL && authorization->address != NULL && i < e->addresses->len; i++) {
    McEnrollmentAddress *candidate = mc_enrollment_address (e, i);

    if (candidate->authorization_url == NULL && mc_address_equal (candidate->address, authorization->address))
      address = candidate;
  }
  if (authorization != NULL && address == NULL)
    g_set_error_literal (&error, MC_ERROR, MC_ERROR_MALFORMED,
                         "the authorization is for an address that was not asked for");
  if (error != NULL) {
    mc_flow_senseless (flow, "authorization", error, now);
    return;
  }
  address->authorization_url = g_strdup (url);
  address->fetched_at = now;
  flow->changed = TRUE;
  if (authorization->status == MC_AUTHORIZATION_PENDING) {
    const McChallengeObject *challenge = authorization->challenge;

    if (challenge == NULL) {
      mc_flow_fail (flow, now, mc_problem_new ("mailcert:no-email-reply", address->address));
      return;
    }
    address->challenge_url = g_strdup (challenge->url);
    address->token_part2 = g_strdup (challenge->token);
    address->from = g_strdup (challenge->from);
    if (challenge->status != MC_CHALLENGE_INVALID)
      mc_flow_move_address (flow, address, MC_ADDRESS_AWAIT_MAIL, now, challenge->from);
  }
  mc_flow_authorization_seen (flow, address, authorization, response, now);
  e->deadline = mc_flow_deadline (e);
}

static void
answer_poll (McFlow *flow, const McPending *pending, const McHttpResponse *response, gint64 now)
{
  McEnrollmentAddress *address = mc_enrollment_address (flow->enrollment, pending->index);
  g_autoptr (GError) error = NULL;
  g_autoptr (McAuthorization) authorization = mc_authorization_parse (response->body, &error);

  if (authorization == NULL) {
    mc_flow_senseless (flow, "authorization", error, now);
    return;
  }
  if (authorization->challenge != NULL && authorization->challenge->status == MC_CHALLENGE_PROCESSING &&
      !address->post_answered) {
    /* It took our POST, though the answer got lost. */
    address->post_answered = TRUE;
    flow->changed = TRUE;
  }
  mc_flow_authorization_seen (flow, address, authorization, response, now);
}

static void
answer_post (McFlow *flow, const McPending *pending, const McHttpResponse *response, gint64 now)
{
  McEnrollmentAddress *address = mc_enrollment_address (flow->enrollment, pending->index);
  g_autoptr (McChallengeObject) challenge = mc_challenge_object_parse (response->body, NULL);

  address->post_answered = TRUE;
  flow->lives[pending->index].polls = 0; /* however long the mail took, now it goes quickly */
  look_later (flow, address, response, now);
  flow->changed = TRUE;
  /* An answer that does not parse was still one: the authorization tells the rest. */
  if (challenge == NULL)
    return;
  if (challenge->status == MC_CHALLENGE_VALID)
    address_valid (flow, address, now);
  else if (challenge->status == MC_CHALLENGE_INVALID)
    address_failed (flow, address, challenge->problem, "challenge invalid", now);
}

/* The order in the place of the authorization INDEX: it is one look, and the next one comes as late as after any. */
static void
address_order_seen (McFlow *flow, guint index, const McOrder *order, const McHttpResponse *response, gint64 now)
{
  McEnrollment *e = flow->enrollment;
  McEnrollmentAddress *address = mc_enrollment_address (e, index);

  if (e->state != MC_ENROLLMENT_ORDERED)
    return;
  if (order->status == MC_ORDER_PENDING) {
    look_later (flow, address, response, now);
    return;
  }
  for (guint i = 0; i < e->addresses->len; i++)
    address_valid (flow, mc_enrollment_address (e, i), now);
}

/* Polled while its addresses are validated, and from FINALIZING on: also the answer to finalize. */
static void
answer_order (McFlow *flow, const McPending *pending, const McHttpResponse *response, gint64 now)
{
  McEnrollment *e = flow->enrollment;
  g_autoptr (GError) error = NULL;
  g_autoptr (McOrder) order = mc_order_parse (response->body, &error);

  if (order == NULL) {
    mc_flow_senseless (flow, "order", error, now);
    return;
  }
  if (order->status == MC_ORDER_INVALID) {
    judged_invalid (flow, order->problem, "mailcert:order-invalid", "order invalid", now);
    return;
  }
  if (e->state != MC_ENROLLMENT_FINALIZING) {
    address_order_seen (flow, pending->index, order, response, now);
    return;
  }
  if (order->status == MC_ORDER_VALID && order->certificate != NULL) {
    e->certificate_url = g_strdup (order->certificate);
    flow->changed = TRUE;
    return;
  }
  if (order->status == MC_ORDER_READY && pending->purpose == MC_PURPOSE_POLL_ORDER) {
    flow->finalize_due = TRUE;
    return;
  }
  e->retry_at = next_look (response, flow->order_polls++, now);
  flow->changed = TRUE;
}

static void
answer_deactivate (McFlow *flow)
{
  g_ptr_array_remove_index (flow->enrollment->abandoned, 0);
  flow->changed = TRUE;
}

void
mc_flow_answer (McFlow *flow, const McPending *pending, const McHttpResponse *response, gint64 now)
{
  switch (pending->purpose) {
  case MC_PURPOSE_DIRECTORY:
    answer_directory (flow, response, now);
    break;
  case MC_PURPOSE_ACCOUNT:
    answer_account (flow, response, now);
    break;
  case MC_PURPOSE_ORDER:
    answer_new_order (flow, response, now);
    break;
  case MC_PURPOSE_AUTHORIZATION:
    answer_authorization (flow, pending, response, now);
    break;
  case MC_PURPOSE_POST:
    answer_post (flow, pending, response, now);
    break;
  case MC_PURPOSE_POLL:
    answer_poll (flow, pending, response, now);
    break;
  case MC_PURPOSE_POLL_ORDER:
  case MC_PURPOSE_FINALIZE:
    answer_order (flow, pending, response, now);
    break;
  case MC_PURPOSE_CERTIFICATE:
    mc_flow_take_chain (flow, response, now);
    break;
  case MC_PURPOSE_DEACTIVATE:
    answer_deactivate (flow);
    break;
  case MC_PURPOSE_AGREE:
    mc_flow_terms_agreed (flow);
    break;
  case MC_PURPOSE_RENEWAL_INFO: /* flow-renewal.c */
  case MC_PURPOSE_ROLLOVER:
  case MC_PURPOSE_NONCE:
  case MC_PURPOSE_NONE:
    break;
  }
}
