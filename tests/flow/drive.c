/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "world.h"

#include "mail/address.h"
#include "mail/authenticity.h"

#include <string.h>

/* The driver: next, commit, start; feed, commit (core/runner/drive.c in small). */

static void
random_bytes (gpointer self, guint8 *bytes, gsize length)
{
  for (gsize i = 0; i < length; i++)
    bytes[i] = (guint8)g_rand_int_range (self, 0, 256);
}

static void
unload (Drive *d)
{
  g_clear_pointer (&d->flow, mc_flow_free);
  g_clear_pointer (&d->enrollment, mc_enrollment_free);
  g_clear_pointer (&d->account, mc_account_free);
  d->busy = 0;
  d->wake = 0;
  d->over = FALSE;
}

/* What a new run of the runner does: needs of a person and waits are tried again. */
static void
begin_afresh (McEnrollment *e)
{
  if (e->problem == NULL || !mc_problem_is (e->problem, "rateLimited"))
    e->retry_at = 0;
  e->failures = 0;
  for (guint i = 0; e->state == MC_ENROLLMENT_ISSUED && i < e->keyrings->len; i++) {
    McEnrollmentKeyring *keyring = g_ptr_array_index (e->keyrings, i);

    g_free (keyring->state);
    keyring->state = g_strdup ("pending");
  }
}

static void
load (World *w, Drive *d)
{
  unload (d);
  d->life++;
  d->enrollment = w->back->enrollment (w->back, d->id);
  d->account = w->back->account (w->back, d->enrollment->directory);
  if (d->account == NULL)
    d->account = mc_account_new (d->enrollment->directory);
  d->flow = mc_flow_new (d->enrollment, d->account, &d->settings);
}

void
drive_load (World *w, Drive *d)
{
  load (w, d);
  begin_afresh (d->enrollment);
}

Drive *
drive_new (World *w, gint64 id)
{
  Drive *d = g_new0 (Drive, 1);

  d->id = id;
  d->ca = mc_ca_profile_new ();
  d->ca->name = g_strdup ("world");
  d->ca->directory = g_strdup (CA_DIRECTORY_URL);
  d->ca->trigger = w->plan.trigger;
  d->ca->trigger_wait = w->plan.trigger_wait;
  d->ca->post_delay = w->plan.post_delay;
  d->ca->token_join = w->plan.join;
  d->settings = (McFlowSettings){
      .ca = d->ca,
      .random = random_bytes,
      .random_self = w->random,
      .transport = w->plan.transport,
      .agree_terms = w->plan.agree_terms,
      .passphrase = w->plan.key_protected && !w->plan.no_passphrase ? WORLD_PASSPHRASE : NULL,
  };
  if (w->plan.ca.binding_kid != NULL && !w->plan.no_binding) {
    d->binding_key = g_bytes_new (w->plan.ca.binding_key, strlen (w->plan.ca.binding_key));
    d->settings.binding_kid = w->plan.ca.binding_kid;
    d->settings.binding_key = d->binding_key;
  }
  drive_load (w, d);
  return d;
}

void
drive_free (gpointer p)
{
  Drive *d = p;

  unload (d);
  mc_ca_profile_free (d->ca);
  g_clear_pointer (&d->binding_key, g_bytes_unref);
  g_free (d);
}

gboolean world_moves[16][16], world_address_moves[16][16];

/* The moves are the ones that the history tells: it is written by the same call that makes them. */
void
world_note_moves (Drive *d)
{
  const GPtrArray *history = d->enrollment->history;
  McEnrollmentState state = MC_ENROLLMENT_NEW;
  McAddressState addresses[8] = {MC_ADDRESS_NEW};

  if (history->len >= 127) /* the oldest are gone */
    return;
  for (guint i = 0; i < history->len; i++) {
    const McHistoryEntry *entry = g_ptr_array_index (history, i);

    for (guint s = 0; entry->address == NULL && s <= MC_ENROLLMENT_EXPIRED; s++)
      if (g_str_equal (entry->state, mc_enrollment_state_name (s))) {
        world_moves[state][s] = TRUE;
        state = (McEnrollmentState)s;
      }
    for (guint a = 0; entry->address != NULL && a < d->enrollment->addresses->len; a++)
      for (guint s = 0; s <= MC_ADDRESS_VALID; s++)
        if (g_str_equal (entry->address, mc_enrollment_address (d->enrollment, a)->address) &&
            g_str_equal (entry->state, mc_address_state_name (s))) {
          world_address_moves[addresses[a]][s] = TRUE;
          addresses[a] = (McAddressState)s;
        }
  }
  g_assert_cmpint (state, ==, d->enrollment->state);
}

/* FALSE: the process died, or somebody else wrote first and the record was loaded again. */
static gboolean
commit (World *w, Drive *d)
{
  if (!mc_flow_is_changed (d->flow)) {
    g_assert_false (mc_flow_account_is_changed (d->flow)); /* the driver would not see it */
    return TRUE;
  }
  if (world_strikes (w, KILL_BEFORE_COMMIT))
    return FALSE;
  if (ports_fail (w, MC_ACTION_NONE)) { /* another process was quicker */
    g_autoptr (McEnrollment) other = w->back->enrollment (w->back, d->id);

    g_assert_cmpint (w->back->save (w->back, other, NULL), ==, BACK_SAVED);
  }
  if (w->back->save (w->back, d->enrollment, mc_flow_account_is_changed (d->flow) ? d->account : NULL) ==
      BACK_CONFLICT) {
    load (w, d);
    return FALSE;
  }
  mc_flow_committed (d->flow);
  world_note_moves (d);
  return !world_strikes (w, KILL_AFTER_COMMIT);
}

/* The second of two orders for one address waits until the first one's addresses are valid (T-09). */
static gboolean
predecessor_is_under_way (World *w, const Drive *d)
{
  if (d->enrollment->after == 0 || d->enrollment->state != MC_ENROLLMENT_NEW)
    return FALSE;
  return w->back->state (w->back, d->enrollment->after) < MC_ENROLLMENT_READY;
}

/* With --verbose: what the flow wants, hour by hour. */
static void
trace (const World *w, const McAction *action)
{
  static const char *const names[] = {"wait", "http", "key", "await", "send", "was-sent", "install", "ask"};

  if (g_test_verbose ())
    g_test_message ("%6" G_GINT64_FORMAT " %s %s", w->now - WORLD_START, names[action->kind],
                    action->request != NULL ? action->request->url : "");
}

static void
count_next (World *w, Drive *d)
{
  if (d->next_instant != w->now) {
    d->next_instant = w->now;
    d->next_calls = 0;
  }
  d->next_calls++;
  w->steps++;
  if (d->next_calls > WORLD_NEXT_MOST) {
    g_autofree char *record = mc_enrollment_compose (d->enrollment);

    g_error ("a busy loop: %s", record);
  }
}

void
drive_step (World *w, guint index)
{
  Drive *d = g_ptr_array_index (w->drives, index);

  d->wake = 0;
  if (d->over)
    return;
  if (d->enrollment->retry_at == 0 && predecessor_is_under_way (w, d)) {
    d->wake = world_clock (w) + 1;
    return;
  }
  if (w->plan.forget_at != 0 && w->now >= w->plan.forget_at && mc_enrollment_is_open (d->enrollment))
    mc_flow_abandon (d->flow, "mailcert:forgotten", "", world_clock (w));
  for (;;) {
    McAction action;
    g_autoptr (GError) error = NULL;
    gboolean ok;

    count_next (w, d);
    ok = mc_flow_next (d->flow, world_clock (w), &action, &error);
    g_assert_no_error (error);
    g_assert_true (ok);
    if (!commit (w, d)) {
      if (w->dead)
        return;
      continue;
    }
    trace (w, &action);
    if (action.kind == MC_ACTION_NONE) {
      d->wake = action.wake;
      d->over = !mc_enrollment_is_open (d->enrollment) && d->busy == 0;
      return;
    }
    effect_start (w, index, &action);
  }
}

void
drive_feed (World *w, Drive *d, const McEvent *event)
{
  g_autoptr (GError) error = NULL;
  gboolean ok = mc_flow_feed (d->flow, event, world_clock (w), &error);

  g_assert_no_error (error);
  g_assert_true (ok);
  if (!commit (w, d))
    return;
  if (world_misfortune (w, w->wild.twice)) {
    McEvent stranger = *event;

    /* The same again, and an answer to a question that this life never asked. */
    mc_flow_feed (d->flow, event, world_clock (w), NULL);
    stranger.id = 100000 + (guint)g_rand_int_range (w->random, 0, 1000);
    if (stranger.kind != MC_EVENT_CHALLENGE)
      mc_flow_feed (d->flow, &stranger, world_clock (w), NULL);
    g_assert_false (mc_flow_is_changed (d->flow));
  }
}

/* 'mailcert reply': committed like a send, then printed, and a person sends it. */
static void
reply_by_hand (World *w, Drive *d, const McEvent *event)
{
  g_autoptr (GError) error = NULL;
  gboolean ok = mc_flow_reply_by_hand (d->flow, event, world_clock (w), &error);

  g_assert_no_error (error);
  g_assert_true (ok);
  if (!commit (w, d) || world_strikes (w, KILL_AT_START))
    return;
  post_leave (w, mc_enrollment_find (d->enrollment, event->address)->reply, 20);
  world_strikes (w, KILL_AFTER_EFFECT);
  /* The second time is refused. */
  if (!w->dead) {
    g_assert_false (mc_flow_reply_by_hand (d->flow, event, world_clock (w), NULL));
    g_assert_false (mc_flow_is_changed (d->flow));
  }
}

/* As core/runner's judge has it: neither older than the order nor answered already. */
static gboolean
is_for (World *w, const Drive *d, const Mail *mail)
{
  const McEnrollmentAddress *address = mc_enrollment_find (d->enrollment, mail->to);

  return address != NULL && address->state >= MC_ADDRESS_AWAIT_MAIL && address->state < MC_ADDRESS_VALID &&
         mc_address_equal (address->from, mail->from) && !w->back->is_answered (w->back, mail->message_id) &&
         g_strcmp0 (address->challenge_message_id, mail->message_id) != 0 &&
         mail->challenge->date >= mc_enrollment_ordered_since (d->enrollment) - MC_AUTHENTICITY_CLOCK_SKEW;
}

/* Of several the one that fits best, else the oldest. */
static gint
find_mail (World *w, const Drive *d)
{
  gint64 least = 0;
  gint found = -1;

  for (guint i = 0; i < w->mails->len; i++) {
    const Mail *mail = g_ptr_array_index (w->mails, i);
    const gint64 distance = mc_flow_challenge_distance (d->enrollment, mail->challenge);

    if (!is_for (w, d, mail) || (found >= 0 && distance >= least))
      continue;
    found = (gint)i;
    least = distance;
  }
  return found;
}

gboolean
drive_take_mail (World *w, guint index)
{
  Drive *d = g_ptr_array_index (w->drives, index);
  const gint found = d->over || d->enrollment->state != MC_ENROLLMENT_ORDERED ? -1 : find_mail (w, d);
  const Mail *mail = found >= 0 ? g_ptr_array_index (w->mails, (guint)found) : NULL;
  McEvent event = {.kind = MC_EVENT_CHALLENGE, .signed_by = "ca.example (DKIM)"};

  if (mail == NULL)
    return FALSE;
  event.address = mail->to;
  event.challenge = mail->challenge;
  if (mc_enrollment_find (d->enrollment, mail->to)->state > MC_ADDRESS_AWAIT_MAIL) {
    /* Another one than was answered: judged once, then out of the spool. */
    drive_feed (w, d, &event);
    g_ptr_array_remove_index (w->mails, (guint)found);
  } else if (w->plan.by_hand)
    reply_by_hand (w, d, &event);
  else
    drive_feed (w, d, &event);
  return TRUE;
}
