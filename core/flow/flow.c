/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "flow/errand.h"
#include "flow/flow-private.h"

#include "base/error.h"
#include "base/mutant.h"

#include <string.h>

static void
pending_free (gpointer p)
{
  McPending *pending = p;

  g_free (pending->subject);
  g_free (pending->trusted);
  g_free (pending);
}

McFlow *
mc_flow_new (McEnrollment *enrollment, McAccount *account, const McFlowSettings *settings)
{
  McFlow *flow = g_new0 (McFlow, 1);

  flow->enrollment = enrollment;
  flow->account = account;
  flow->settings = *settings;
  flow->agreed = settings->agree_terms;
  flow->pending = g_ptr_array_new_with_free_func (pending_free);
  flow->lives = g_new0 (McAddressLife, enrollment->addresses->len);
  flow->asked_roots = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  return flow;
}

void
mc_flow_free (McFlow *flow)
{
  if (flow == NULL)
    return;
  g_ptr_array_unref (flow->pending);
  EVP_PKEY_free (flow->account_key);
  mc_exchange_clear (&flow->exchange);
  g_strfreev (flow->alternates);
  g_free (flow->lives);
  g_hash_table_unref (flow->asked_roots);
  g_free (flow->root_to_ask);
  mc_errand_free (flow->rollover);
  g_free (flow->new_terms);
  mc_problem_free (flow->terms_problem);
  g_free (flow);
}

void
mc_flow_set_passphrase (McFlow *flow, const char *passphrase)
{
  flow->settings.passphrase = passphrase;
  flow->key_unusable = FALSE;
}

gboolean
mc_flow_is_pending (const McFlow *flow, McActionKind kind, gint index)
{
  for (guint i = 0; i < flow->pending->len; i++) {
    const McPending *pending = g_ptr_array_index (flow->pending, i);

    if (pending->kind == kind && (index < 0 || pending->index == (guint)index))
      return TRUE;
  }
  return FALSE;
}

McPending *
mc_flow_start (McFlow *flow, McAction *action, McActionKind kind)
{
  McPending *pending = g_new0 (McPending, 1);

  pending->id = ++flow->last_id;
  pending->kind = kind;
  g_ptr_array_add (flow->pending, pending);
  action->kind = kind;
  action->id = pending->id;
  return pending;
}

static gboolean
check_broken (const McFlow *flow, GError **error)
{
  if (!flow->broken)
    return TRUE;
  g_set_error (error, MC_ERROR, MC_ERROR_INTERNAL,
               "enrollment %" G_GINT64_FORMAT " made a move that is not in the table", flow->enrollment->id);
  return FALSE;
}

/* A clock that was set back leaves hours behind that nobody ever meant: what has happened lies in the past, and no wait
 * is longer than its kind can be. Else the enrollment would stand still for as long as the clock had been wrong. */
static gboolean
mend_hour (gint64 *hour, gint64 most)
{
  if (*hour <= most || MC_MUTANT ("flow-hours-kept"))
    return FALSE;
  *hour = most;
  return TRUE;
}

static void
mend_hours (McFlow *flow, gint64 now)
{
  McEnrollment *e = flow->enrollment;
  gboolean mended = mend_hour (&e->retry_at, now + MC_FLOW_MAIL_SECONDS);

  if (e->problem == NULL || e->problem->retry_at == 0) /* our own back-off */
    mended |= mend_hour (&e->retry_at, now + MC_FLOW_RETRY_MOST);
  for (guint i = 0; i < e->addresses->len; i++) {
    McEnrollmentAddress *address = mc_enrollment_address (e, i);

    mended |= mend_hour (&address->fetched_at, now) | mend_hour (&address->posted_at, now) |
              mend_hour (&address->replied_at, now + MC_FLOW_POLL_MOST) |
              mend_hour (&address->retry_at, now + MC_FLOW_UNSURE_SECONDS);
  }
  flow->changed = flow->changed || mended;
}

gboolean
mc_flow_next (McFlow *flow, gint64 now, McAction *action, GError **error)
{
  McEnrollment *e = flow->enrollment;
  gint64 wake = 0, end;

  memset (action, 0, sizeof *action);
  if (!check_broken (flow, error))
    return FALSE;
  mend_hours (flow, now);
  end = mc_flow_end (e);
  if (end > 0 && now >= end && !MC_MUTANT ("flow-no-deadline"))
    mc_flow_expire (flow, now);

  /* Mail first: a reply must not wait for a request that another address needs. */
  if (e->state == MC_ENROLLMENT_ORDERED)
    mc_flow_next_mail (flow, now, action, &wake);
  if (action->kind == MC_ACTION_NONE)
    mc_flow_next_cert (flow, now, action, &wake);
  if (action->kind == MC_ACTION_NONE && !mc_flow_next_request (flow, now, action, &wake, error))
    return FALSE;
  if (action->kind == MC_ACTION_NONE)
    mc_flow_wake_at (&wake, mc_flow_end (e));
  action->wake = action->kind == MC_ACTION_NONE && !MC_MUTANT ("flow-no-wake") ? wake : 0;
  return check_broken (flow, error);
}

static void
feed_key (McFlow *flow, const McPending *pending, const McEvent *event, gint64 now)
{
  McEnrollment *e = flow->enrollment;

  if (event->error != NULL) {
    if (mc_enrollment_is_open (e)) /* else nobody wants it any more */
      mc_flow_trouble (flow, now, 0, mc_flow_problem_from_error (event->error));
    return;
  }
  if (pending->for_account) {
    if (flow->replace_key) {
      g_clear_pointer (&flow->account->key, g_bytes_unref);
      g_clear_pointer (&flow->account_key, EVP_PKEY_free);
      flow->account->deactivated = flow->replace_key = FALSE;
    }
    if (flow->account->key == NULL)
      flow->account->key = g_bytes_ref (event->key);
    flow->account_changed = flow->changed = !MC_MUTANT ("flow-account-unsaved");
  } else if (e->key == NULL) {
    e->key = g_bytes_ref (event->key);
    flow->changed = TRUE;
  }
}

static void
feed_answer (McFlow *flow, const McPending *pending, const McEvent *event, gint64 now)
{
  McEnrollment *e = flow->enrollment;

  if (pending->ask == MC_ASK_ROOT) {
    if (event->yes)
      mc_flow_trust (flow, pending->subject);
    return;
  }
  if (event->yes)
    flow->agreed = TRUE;
  else {
    /* Nothing has left this machine: the enrollment stays NEW and asks again in its next life. */
    flow->terms_unanswered = TRUE;
    mc_flow_set_problem (flow, mc_problem_new ("mailcert:terms", pending->subject));
    mc_enrollment_note (e, now, "NOTE", NULL, event->nobody ? NULL : "terms not agreed");
  }
}

gboolean
mc_flow_feed (McFlow *flow, const McEvent *event, gint64 now, GError **error)
{
  McPending *pending = NULL;
  gboolean ok = TRUE;

  if (!check_broken (flow, error))
    return FALSE;
  if (event->kind == MC_EVENT_CHALLENGE)
    return mc_flow_feed_challenge (flow, event, now, error) && check_broken (flow, error);
  if (event->kind == MC_EVENT_BOUNCE) {
    mc_flow_feed_bounce (flow, event, now);
    return check_broken (flow, error);
  }
  for (guint i = 0; i < flow->pending->len && pending == NULL; i++) {
    McPending *candidate = g_ptr_array_index (flow->pending, i);

    if (candidate->id == event->id)
      pending = g_ptr_array_steal_index (flow->pending, i);
  }
  if (pending == NULL)
    return TRUE;
  if (pending->purpose == MC_PURPOSE_ROLLOVER) {
    ok = mc_flow_feed_rollover (flow, pending, event, now, error);
    pending_free (pending);
    return ok && check_broken (flow, error);
  }
  switch (event->kind) {
  case MC_EVENT_HTTP:
    ok = mc_flow_feed_http (flow, pending, event, now, error);
    break;
  case MC_EVENT_KEY:
    feed_key (flow, pending, event, now);
    break;
  case MC_EVENT_SENT:
    mc_flow_feed_sent (flow, pending, event, now);
    break;
  case MC_EVENT_INSTALLED:
    mc_flow_feed_installed (flow, pending, event, now);
    break;
  case MC_EVENT_ANSWER:
    feed_answer (flow, pending, event, now);
    break;
  case MC_EVENT_CHALLENGE:
  case MC_EVENT_BOUNCE:
    break;
  }
  pending_free (pending);
  return ok && check_broken (flow, error);
}

gboolean
mc_flow_is_posting (const McFlow *flow)
{
  for (guint i = 0; i < flow->pending->len; i++)
    if (((const McPending *)g_ptr_array_index (flow->pending, i))->purpose == MC_PURPOSE_POST)
      return TRUE;
  return FALSE;
}

gboolean
mc_flow_is_changed (const McFlow *flow)
{
  return flow->changed;
}

gboolean
mc_flow_account_is_changed (const McFlow *flow)
{
  return flow->account_changed;
}

void
mc_flow_committed (McFlow *flow)
{
  flow->changed = flow->account_changed = FALSE;
}

void
mc_flow_abandon (McFlow *flow, const char *type, const char *detail, gint64 now)
{
  if (flow->enrollment->state < MC_ENROLLMENT_ISSUED)
    mc_flow_fail (flow, now, mc_problem_new (type, detail));
}

void
mc_flow_note_trouble (McFlow *flow, const GError *error, gint64 now)
{
  McProblem *problem = mc_flow_problem_from_error (error);

  mc_enrollment_note (flow->enrollment, now, "NOTE", NULL, problem->detail);
  mc_flow_set_problem (flow, problem);
}

void
mc_flow_allow (McFlow *flow, gboolean agree_terms, const char *trust_root)
{
  if (agree_terms && !flow->agreed) {
    flow->agreed = TRUE;
    flow->terms_unanswered = FALSE;
  }
  if (trust_root != NULL && g_strcmp0 (trust_root, flow->enrollment->trust_root) != 0)
    mc_flow_trust (flow, trust_root);
}
