/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "world.h"

#include "pki/chain.h"

/* An errand in the world: a command of its own, for which the process that drives the enrollments has ended. Nobody
 * else uses the account meanwhile (core/runner/errand.c in small). */

#define ASKED_MOST 4    /* times, by the same person */
#define ASKED_AGAIN 120 /* seconds later */

/* Refused, or of no use: while the CA waits for a reply that was made out to the present key (T-26), and before there
 * is an account. */
static gboolean
is_premature (const World *w)
{
  g_autoptr (McAccount) account = w->back->account (w->back, CA_DIRECTORY_URL);

  if (account == NULL)
    return TRUE;
  for (guint i = 0; i < w->drives->len && w->plan.errand == MC_ERRAND_ROLL_OVER && account->new_key == NULL; i++)
    if (mc_enrollment_has_challenge (world_enrollment (w, i)))
      return TRUE;
  return FALSE;
}

gboolean
errand_is_under_way (const World *w)
{
  return w->errand.errand != NULL;
}

gint64
errand_hour (const World *w)
{
  const gint64 start = MAX (w->plan.errand_at, w->errand.again_at);

  if (w->plan.errand_at == 0 || w->errand.over)
    return 0;
  if (errand_is_under_way (w))
    return w->errand.wake;
  return w->now >= start && is_premature (w) ? 0 : start;
}

void
errand_leave (World *w)
{
  g_clear_pointer (&w->errand.errand, mc_errand_free);
  g_clear_pointer (&w->errand.account, mc_account_free);
  g_clear_pointer (&w->errand.certificate, g_bytes_unref);
  w->errand.wake = 0;
}

/* Whoever is struck down, or told to come back later, types it again; or leaves it to the next enrollment. */
void
errand_die (World *w)
{
  if (w->errand.errand != NULL && w->plan.errand_once)
    w->errand.over = TRUE;
  errand_leave (w);
}

static GBytes *
leaf_of (const McEnrollment *e)
{
  g_autoptr (McChain) chain = mc_chain_parse (e->chain, strlen (e->chain), NULL);
  guint8 *der = NULL;
  const int length = i2d_X509 (mc_chain_certificate (chain, 0), &der);
  GBytes *bytes = g_bytes_new (der, (gsize)length);

  OPENSSL_free (der);
  return bytes;
}

static void
begin (World *w)
{
  McErrandWish wish = {.kind = w->plan.errand, .agree_terms = TRUE};

  world_end_process (w);
  w->errand.asked++;
  w->errand.account = w->back->account (w->back, CA_DIRECTORY_URL);
  if (w->plan.errand == MC_ERRAND_REVOKE) {
    wish.certificate = w->errand.certificate = leaf_of (world_enrollment (w, 0));
    wish.certificate_key = effect_key (world_enrollment (w, 0)->key);
  }
  w->errand.errand = mc_errand_new (w->errand.account, &wish);
}

/* FALSE: the process died. */
static gboolean
commit (World *w)
{
  if (!mc_errand_is_changed (w->errand.errand))
    return TRUE;
  if (world_strikes (w, KILL_BEFORE_COMMIT))
    return FALSE;
  g_assert_cmpint (w->back->save_account (w->back, w->errand.account), ==, BACK_SAVED);
  mc_errand_committed (w->errand.errand);
  if (w->dead) /* with it: a power cut */
    return FALSE;
  effect_check_account (w);
  return !world_strikes (w, KILL_AFTER_COMMIT);
}

static void
start (World *w, const McAction *action)
{
  Task *task = world_task (w, TASK_EFFECT, action->kind == MC_ACTION_HTTP ? w->plan.request_seconds : 0);

  task->drive = WORLD_ERRAND;
  task_take_action (task, action);
  task->subject = g_strdup (action->subject);
}

static void
end (World *w)
{
  w->errand.end = mc_errand_end (w->errand.errand);
  w->errand.over = w->errand.end == MC_ERRAND_DONE || w->plan.errand_once || w->errand.asked >= ASKED_MOST;
  w->errand.again_at = w->now + ASKED_AGAIN;
  errand_leave (w);
}

/* TRUE: there is something to start. */
static gboolean
next (World *w, McAction *action)
{
  g_autoptr (GError) error = NULL;
  gboolean ok = mc_errand_next (w->errand.errand, world_clock (w), action, &error);

  w->steps++;
  g_assert_no_error (error);
  g_assert_true (ok);
  w->errand.wake = action->wake;
  return commit (w) && action->kind != MC_ACTION_NONE;
}

gboolean
errand_step (World *w)
{
  const gint64 hour = errand_hour (w);
  McAction action;

  if (!errand_is_under_way (w)) {
    if (hour == 0 || hour > w->now)
      return FALSE;
    begin (w);
  }
  while (next (w, &action))
    start (w, &action);
  if (w->dead || mc_errand_end (w->errand.errand) == MC_ERRAND_UNDER_WAY)
    return FALSE;
  end (w);
  return TRUE;
}

void
errand_feed (World *w, const McEvent *event)
{
  g_assert_true (mc_errand_feed (w->errand.errand, event, world_clock (w), NULL));
  commit (w);
}

/* --- what must hold --- */

/* One key is left, the one that the CA takes. */
static void
check_account (World *w)
{
  g_autoptr (McAccount) stored = w->back->account (w->back, CA_DIRECTORY_URL);
  const CaAccount *account = ca_last_account (w->ca);

  effect_check_account (w);
  g_assert_null (stored->new_key);
  g_assert_cmpint (stored->deactivated, ==, account->closed);
  if (!account->closed)
    g_assert_cmpstr (stored->url, ==, account->url);
}

void
world_check_errand (World *w)
{
  const CaAccount *account = w->ca->accounts->len > 0 ? g_ptr_array_index (w->ca->accounts, 0) : NULL;

  if (account == NULL && w->plan.errand_once) /* no enrollment has come as far as that */
    return;
  g_assert_nonnull (account);
  check_account (w);
  g_assert_true (w->errand.over);
  if (w->plan.errand_once) /* it may have been struck down before anything was done */
    return;
  g_assert_cmpint (w->errand.end, ==, MC_ERRAND_DONE);
  if (w->plan.errand == MC_ERRAND_ROLL_OVER)
    g_assert_cmpuint (account->key_changes, >=, 1);
  else if (w->plan.errand == MC_ERRAND_REVOKE)
    g_assert_true (((CaOrder *)g_ptr_array_index (w->ca->orders, 0))->revoked);
  else
    g_assert_true (account->closed);
}
