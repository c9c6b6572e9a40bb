/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "flow/flow-private.h"

#include "base/error.h"
#include "base/mutant.h"
#include "base/secret.h"

#include <string.h>

#define DETAIL_MAX 1000
#define N_STATES (MC_ENROLLMENT_EXPIRED + 1)
#define N_ADDRESS_STATES (MC_ADDRESS_VALID + 1)

/* DESIGN 2's table. A new order (reorder) leads from ORDERED back to ACCOUNT; every open state may fail or expire. */
static const guint16 moves[N_STATES] = {
    [MC_ENROLLMENT_NEW] = 1 << MC_ENROLLMENT_ACCOUNT | 1 << MC_ENROLLMENT_FAILED,
    [MC_ENROLLMENT_ACCOUNT] = 1 << MC_ENROLLMENT_ORDERED | 1 << MC_ENROLLMENT_FAILED,
    [MC_ENROLLMENT_ORDERED] =
        1 << MC_ENROLLMENT_ACCOUNT | 1 << MC_ENROLLMENT_READY | 1 << MC_ENROLLMENT_FAILED | 1 << MC_ENROLLMENT_EXPIRED,
    [MC_ENROLLMENT_READY] = 1 << MC_ENROLLMENT_FINALIZING | 1 << MC_ENROLLMENT_FAILED | 1 << MC_ENROLLMENT_EXPIRED,
    [MC_ENROLLMENT_FINALIZING] = 1 << MC_ENROLLMENT_ISSUED | 1 << MC_ENROLLMENT_FAILED | 1 << MC_ENROLLMENT_EXPIRED,
    [MC_ENROLLMENT_ISSUED] = 1 << MC_ENROLLMENT_INSTALLED,
};

static const guint16 address_moves[N_ADDRESS_STATES] = {
    [MC_ADDRESS_NEW] = 1 << MC_ADDRESS_AWAIT_MAIL | 1 << MC_ADDRESS_VALID,
    [MC_ADDRESS_AWAIT_MAIL] = 1 << MC_ADDRESS_REPLY_READY | 1 << MC_ADDRESS_VALID | 1 << MC_ADDRESS_NEW,
    [MC_ADDRESS_REPLY_READY] = 1 << MC_ADDRESS_SENDING | 1 << MC_ADDRESS_VALID | 1 << MC_ADDRESS_NEW,
    [MC_ADDRESS_SENDING] = 1 << MC_ADDRESS_REPLY_READY | 1 << MC_ADDRESS_QUEUED | 1 << MC_ADDRESS_REPLIED |
                           1 << MC_ADDRESS_VALID | 1 << MC_ADDRESS_NEW,
    [MC_ADDRESS_QUEUED] =
        1 << MC_ADDRESS_REPLY_READY | 1 << MC_ADDRESS_REPLIED | 1 << MC_ADDRESS_VALID | 1 << MC_ADDRESS_NEW,
    [MC_ADDRESS_REPLIED] = 1 << MC_ADDRESS_POSTED | 1 << MC_ADDRESS_VALID | 1 << MC_ADDRESS_NEW,
    [MC_ADDRESS_POSTED] = 1 << MC_ADDRESS_VALID | 1 << MC_ADDRESS_NEW,
    [MC_ADDRESS_VALID] = 1 << MC_ADDRESS_NEW, /* a new order: its authorization says itself whether it is still valid */
};

gboolean
mc_flow_may_move (McEnrollmentState from, McEnrollmentState to)
{
  return (moves[from] & (1 << to)) != 0;
}

gboolean
mc_flow_address_may_move (McAddressState from, McAddressState to)
{
  return (address_moves[from] & (1 << to)) != 0;
}

/* The only writer of the order's state. */
void
mc_flow_move (McFlow *flow, McEnrollmentState state, gint64 now, const char *detail)
{
  McEnrollment *e = flow->enrollment;

  if (!mc_flow_may_move (e->state, state)) {
    flow->broken = TRUE;
    return;
  }
  e->state = state;
  e->since = now;
  e->failures = 0;
  e->retry_at = 0;
  mc_enrollment_note (e, now, mc_enrollment_state_name (state), NULL, detail);
  flow->changed = TRUE;
}

/* The only writer of an address's state. */
void
mc_flow_move_address (McFlow *flow, McEnrollmentAddress *address, McAddressState state, gint64 now, const char *detail)
{
  if (!mc_flow_address_may_move (address->state, state)) {
    flow->broken = TRUE;
    return;
  }
  address->state = state;
  address->since = now;
  address->retry_at = 0;
  mc_enrollment_note (flow->enrollment, now, mc_address_state_name (state), address->address, detail);
  flow->changed = TRUE;
}

void
mc_flow_set_problem (McFlow *flow, McProblem *problem_take)
{
  /* Words of servers and libraries too: kept as they will be read back (mc_problem_parse). */
  char *detail = mc_text_sanitize (problem_take->detail, DETAIL_MAX);

  g_free (problem_take->detail);
  problem_take->detail = detail;
  g_clear_pointer (&flow->enrollment->problem, mc_problem_free);
  flow->enrollment->problem = problem_take;
  flow->changed = TRUE;
}

void
mc_flow_abandon_authorizations (McFlow *flow)
{
  McEnrollment *e = flow->enrollment;

  /* A valid one stays: it may serve the next order (B42). Giving up the others keeps a late challenge from being
   * worth anything (B52); also those whose first answer was lost, for their mail may be on its way. */
  for (guint i = 0; i < e->authorization_urls->len && !MC_MUTANT ("flow-nothing-deactivated"); i++) {
    const char *url = g_ptr_array_index (e->authorization_urls, i);
    gboolean valid = FALSE;

    for (guint j = 0; j < e->addresses->len && !valid; j++)
      valid = mc_enrollment_address (e, j)->state == MC_ADDRESS_VALID &&
              g_strcmp0 (mc_enrollment_address (e, j)->authorization_url, url) == 0;
    if (!valid)
      g_ptr_array_add (e->abandoned, g_strdup (url));
  }
}

void
mc_flow_fail (McFlow *flow, gint64 now, McProblem *problem_take)
{
  g_autofree char *sentence = mc_problem_sentence (problem_take);

  /* A certificate that is there is not lost to a later trouble. */
  if (flow->enrollment->state >= MC_ENROLLMENT_ISSUED) {
    mc_problem_free (problem_take);
    return;
  }
  mc_flow_abandon_authorizations (flow);
  mc_flow_set_problem (flow, problem_take);
  mc_flow_move (flow, MC_ENROLLMENT_FAILED, now, sentence);
}

void
mc_flow_expire (McFlow *flow, gint64 now)
{
  mc_flow_abandon_authorizations (flow);
  if (flow->enrollment->problem == NULL)
    mc_flow_set_problem (flow, mc_problem_new ("mailcert:deadline", ""));
  mc_flow_move (flow, MC_ENROLLMENT_EXPIRED, now, NULL);
}

void
mc_flow_trouble (McFlow *flow, gint64 now, gint64 retry_at, McProblem *problem_take)
{
  McEnrollment *e = flow->enrollment;
  const gint64 end = mc_flow_end (e);
  g_autofree char *sentence = mc_problem_sentence (problem_take);

  if (!mc_enrollment_is_open (e)) {
    /* Only deactivations are left then, and those are a courtesy: not worth another life. */
    g_ptr_array_set_size (e->abandoned, 0);
    flow->changed = TRUE;
    mc_problem_free (problem_take);
    return;
  }
  e->failures++;
  /* Backing off also where a Retry-After says "at once", again and again. */
  retry_at =
      MAX (retry_at, now + MIN ((gint64)MC_FLOW_RETRY_MOST, (gint64)MC_FLOW_POLL_LEAST << MIN (e->failures - 1, 20)));
  /* A Retry-After over the end would be the end: halfway to it costs the CA one request, not asking costs the order. */
  if (end > now && retry_at >= end && !MC_MUTANT ("flow-retry-after-end"))
    retry_at = now + MAX (MC_FLOW_POLL_LEAST, (end - now) / 2);
  e->retry_at = retry_at;
  /* One entry for a trouble that repeats: the history is for people. */
  if (e->problem == NULL || g_strcmp0 (e->problem->type, problem_take->type) != 0 || e->failures == 1)
    mc_enrollment_note (e, now, "NOTE", NULL, sentence);
  mc_flow_set_problem (flow, problem_take);
}

McProblem *
mc_flow_problem_from_error (const GError *error)
{
  const char *type = "mailcert:network";

  if (error == NULL)
    return mc_problem_new (type, "");
  if (g_error_matches (error, MC_ERROR, MC_ERROR_TLS))
    type = "mailcert:tls";
  else if (g_error_matches (error, MC_ERROR, MC_ERROR_LOGIN))
    type = "mailcert:login";
  else if (g_error_matches (error, MC_ERROR, MC_ERROR_CONFIG))
    type = "mailcert:config";
  else if (g_error_matches (error, MC_ERROR, MC_ERROR_KEYRING)) /* keyrings have a way of their own (INSTALLED) */
    type = "mailcert:passphrase";
  else if (g_error_matches (error, MC_ERROR, MC_ERROR_WRITE))
    type = "mailcert:store";
  else if (g_error_matches (error, MC_ERROR, MC_ERROR_MALFORMED))
    type = "mailcert:malformed";
  return mc_problem_new (type, error->message);
}

/* Between clocks that differ by more than a certificate of the web lives there is no TLS: so it is no clock that is
 * wrong, but a Date that means nothing. */
#define CLOCKS_DIFFER_MOST (398 * 24 * 60 * 60)

gint64
mc_flow_ca_hour (const McHttpResponse *response, gint64 now)
{
  const gint64 date = mc_http_response_date (response);

  return ABS (date - now) <= CLOCKS_DIFFER_MOST ? date : 0;
}

/* What the CA calls AT, where our clock was ahead of its when the order was made: else what is ordered under a clock
 * that is a day ahead would be over at once. */
static gint64
by_our_clock (const McEnrollment *e, gint64 at)
{
  return at + (e->ca_ordered_at != 0 ? MAX (e->ordered_at - e->ca_ordered_at, 0) : 0);
}

gint64
mc_flow_deadline (const McEnrollment *e)
{
  /* Whoever's clock was ahead: a day too late is the CA's to judge, a day too early would be the end. */
  gint64 deadline = MAX (e->ordered_at, e->ca_ordered_at) + MC_FLOW_MAIL_SECONDS;

  if (e->order_expires > 0)
    deadline = MIN (deadline, by_our_clock (e, e->order_expires));
  for (guint i = 0; i < e->addresses->len; i++) {
    const McEnrollmentAddress *address = mc_enrollment_address (e, i);

    if (address->expires > 0 && address->state != MC_ADDRESS_VALID)
      deadline = MIN (deadline, by_our_clock (e, address->expires));
  }
  return deadline;
}

gint64
mc_flow_end (const McEnrollment *e)
{
  switch (e->state) {
  case MC_ENROLLMENT_ORDERED:
    return e->deadline;
  case MC_ENROLLMENT_READY:
  case MC_ENROLLMENT_FINALIZING:
    return (e->order_expires > 0 ? by_our_clock (e, e->order_expires) : e->ordered_at + MC_FLOW_ORDER_SECONDS) +
           MC_FLOW_RETRY_MOST;
  default:
    return 0;
  }
}

static void
address_forget_challenge (McEnrollmentAddress *a)
{
  g_clear_pointer (&a->authorization_url, g_free);
  g_clear_pointer (&a->challenge_url, g_free);
  g_clear_pointer (&a->token_part2, mc_secret_string_free);
  g_clear_pointer (&a->from, g_free);
  g_clear_pointer (&a->token_part1, mc_secret_string_free);
  g_clear_pointer (&a->challenge_message_id, g_free);
  g_clear_pointer (&a->signed_by, g_free);
  g_clear_pointer (&a->reply_to, g_free);
  g_clear_pointer (&a->reply_message_id, g_free);
  g_clear_pointer (&a->reply, g_bytes_unref);
  g_clear_pointer (&a->transport, g_free);
  g_clear_pointer (&a->bounced, g_free);
  a->expires = a->fetched_at = a->replied_at = a->posted_at = a->retry_at = 0;
  a->unsure = a->post_answered = FALSE;
  a->send_failures = 0;
}

void
mc_flow_reset_order (McFlow *flow, gint64 now)
{
  McEnrollment *e = flow->enrollment;

  mc_flow_abandon_authorizations (flow);
  for (guint i = 0; i < e->addresses->len; i++) {
    McEnrollmentAddress *address = mc_enrollment_address (e, i);

    address_forget_challenge (address);
    if (address->state != MC_ADDRESS_NEW)
      mc_flow_move_address (flow, address, MC_ADDRESS_NEW, now, NULL);
    memset (&flow->lives[i], 0, sizeof flow->lives[i]);
  }
  g_clear_pointer (&e->order_url, g_free);
  g_clear_pointer (&e->finalize_url, g_free);
  g_clear_pointer (&e->certificate_url, g_free);
  g_ptr_array_set_size (e->authorization_urls, 0);
  e->ordered_at = e->ca_ordered_at = e->order_expires = e->deadline = 0;
  flow->changed = TRUE;
}

void
mc_flow_reorder (McFlow *flow, gint64 now, const char *why)
{
  if (flow->enrollment->attempts >= MC_FLOW_ATTEMPTS_MAX) {
    mc_flow_fail (flow, now, mc_problem_new ("mailcert:attempts", why));
    return;
  }
  mc_flow_reset_order (flow, now);
  mc_flow_move (flow, MC_ENROLLMENT_ACCOUNT, now, why);
}

char *
mc_flow_random_id (McFlow *flow)
{
  guint8 bytes[16];
  GString *text = g_string_sized_new (2 * sizeof bytes);

  flow->settings.random (flow->settings.random_self, bytes, sizeof bytes);
  for (gsize i = 0; i < sizeof bytes; i++)
    g_string_append_printf (text, "%02x", bytes[i]);
  return g_string_free (text, FALSE);
}
