/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "mutant-environment.h"
#include "world.h"

#include <string.h>

#define KEYS 6

WorldPlan
world_plan_default (void)
{
  return (WorldPlan){
      .ca = {.mode = CA_HOLDS, .part1_octets = 32, .look_seconds = 5, .order_seconds = 7 * 86400},
      .seed = 1,
      .trigger_wait = 600,
      .transport = "smtp",
      .agree_terms = TRUE,
      .keyrings = {"files:/tmp/none", NULL},
      .mail_seconds = 3,
      .reply_seconds = 2,
      .queue_seconds = 30,
  };
}

static void
task_free (gpointer p)
{
  Task *task = p;

  mc_http_request_free (task->request);
  g_free (task->subject);
  g_free (task->message_id);
  g_clear_pointer (&task->reply, g_bytes_unref);
  mc_http_response_free (task->response);
  g_clear_error (&task->error);
  g_clear_pointer (&task->key, g_bytes_unref);
  mail_free (task->mail);
  g_free (task);
}

/* P-256, made once a program. */
GBytes *
world_key (World *w, gboolean for_account)
{
  static GBytes *pool[KEYS], *of_accounts[KEYS], *sealed;
  const gboolean under_passphrase = !for_account && w->plan.key_protected;
  const guint n = w->next_key++ % KEYS;
  GBytes **place = under_passphrase ? &sealed : for_account ? &of_accounts[n] : &pool[n];

  if (*place == NULL) {
    g_autoptr (EVP_PKEY) key = mc_key_new (MC_KEY_P256, NULL);

    *place = mc_key_compose (key, under_passphrase ? WORLD_PASSPHRASE : NULL, NULL);
  }
  return g_bytes_ref (*place);
}

World *
world_new (const WorldPlan *plan)
{
  World *w = g_new0 (World, 1);

  mutant_from_environment ();
  w->plan = *plan;
  w->now = WORLD_START;
  w->random = g_rand_new_with_seed (plan->seed);
  w->ca = ca_new (&plan->ca, plan->seed, post_challenge, w);
  w->back = plan->back_new != NULL ? plan->back_new () : back_memory_new ();
  w->drives = g_ptr_array_new_with_free_func (drive_free);
  w->tasks = g_ptr_array_new_with_free_func (task_free);
  w->mails = g_ptr_array_new_with_free_func (mail_free);
  w->queue = g_ptr_array_new_with_free_func (queued_free);
  w->faults = g_array_new (FALSE, FALSE, sizeof (Fault));
  w->fates = g_array_new (FALSE, FALSE, sizeof (MailFate));
  w->was_fates = g_array_new (FALSE, FALSE, sizeof (MailFate));
  w->calls = g_array_new (FALSE, FALSE, sizeof (McActionKind));
  w->left = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  w->handed = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  w->downtime = 5;
  return w;
}

void
world_free (World *w)
{
  errand_leave (w);
  g_ptr_array_unref (w->tasks);
  g_ptr_array_unref (w->drives);
  g_ptr_array_unref (w->mails);
  g_ptr_array_unref (w->queue);
  g_array_unref (w->faults);
  g_array_unref (w->fates);
  g_array_unref (w->was_fates);
  g_array_unref (w->calls);
  g_hash_table_unref (w->left);
  g_hash_table_unref (w->handed);
  w->back->free (w->back);
  ca_free (w->ca);
  g_rand_free (w->random);
  g_free (w);
}

gint64
world_clock (const World *w)
{
  return w->now + w->skew;
}

guint
world_adopt (World *w, McEnrollment *e)
{
  g_assert_cmpint (w->back->save (w->back, e, NULL), ==, BACK_SAVED);
  g_ptr_array_add (w->drives, drive_new (w, e->id));
  return w->drives->len - 1;
}

guint
world_enroll (World *w, const char *const *addresses, McUsage usage, gint after)
{
  g_autoptr (McEnrollment) e = mc_enrollment_new ("world", CA_DIRECTORY_URL, addresses, world_clock (w));

  e->usage = usage;
  e->key_kind = MC_KEY_P256;
  if (after >= 0)
    e->after = ((Drive *)g_ptr_array_index (w->drives, (guint)after))->id;
  for (guint i = 0; w->plan.keyrings[i] != NULL; i++)
    mc_enrollment_keyring (e, w->plan.keyrings[i]);
  return world_adopt (w, e);
}

guint
world_enroll_one (World *w)
{
  const char *const addresses[] = {WORLD_ADDRESS, NULL};

  return world_enroll (w, addresses, MC_USAGE_BOTH, -1);
}

McEnrollment *
world_enrollment (const World *w, guint index)
{
  return ((Drive *)g_ptr_array_index (w->drives, index))->enrollment;
}

McEnrollmentAddress *
world_address (const World *w, guint index)
{
  return mc_enrollment_address (world_enrollment (w, 0), index);
}

void
world_fault (World *w, Fault fault)
{
  g_array_append_val (w->faults, fault);
}

void
world_fate (World *w, MailFate fate)
{
  g_array_append_val (w->fates, fate);
}

void
world_was_fate (World *w, MailFate fate)
{
  g_array_append_val (w->was_fates, fate);
}

/* --- time --- */

gboolean
world_misfortune (World *w, guint per_mille)
{
  if (per_mille == 0 || (w->wild.calm_at != 0 && w->now >= w->wild.calm_at))
    return FALSE;
  return (guint)g_rand_int_range (w->random, 0, 1000) < per_mille;
}

gint64
world_delay (World *w, gint64 usual)
{
  if (usual >= 0 && world_misfortune (w, w->wild.slow))
    return usual + g_rand_int_range (w->random, 0, g_rand_boolean (w->random) ? 20 : 3600);
  return usual;
}

Task *
world_task (World *w, TaskKind kind, gint64 delay)
{
  Task *task = g_new0 (Task, 1);

  task->kind = kind;
  task->at = w->now + delay;
  task->order = ++w->last_task;
  g_ptr_array_add (w->tasks, task);
  return task;
}

gboolean
world_strikes (World *w, KillKind kind)
{
  w->points[kind]++;
  if (kind == w->kill_kind && w->points[kind] == w->kill_at) {
    w->kill_kind = KILL_NEVER;
    w->dead = TRUE;
  }
  return w->dead;
}

/* What came while no process ran lies there together. */
static void
deliver_due (World *w)
{
  for (guint i = 0; i < w->tasks->len;) {
    Task *task = g_ptr_array_index (w->tasks, i);

    if (task->kind == TASK_MAIL && task->at <= w->now) {
      post_deliver (w, task);
      g_ptr_array_remove_index (w->tasks, i);
    } else
      i++;
  }
}

void
world_end_process (World *w)
{
  for (guint i = w->tasks->len; i-- > 0;) {
    const Task *task = g_ptr_array_index (w->tasks, i);

    if (task->kind == TASK_EFFECT || task->kind == TASK_FEED)
      g_ptr_array_remove_index (w->tasks, i);
  }
  w->back->restart (w->back);
}

static void
begin_process (World *w)
{
  for (guint i = 0; i < w->drives->len; i++)
    drive_load (w, g_ptr_array_index (w->drives, i));
}

void
world_restart (World *w)
{
  w->dead = FALSE;
  w->deaths++;
  errand_die (w);
  world_end_process (w);
  w->now += w->downtime;
  deliver_due (w);
  begin_process (w);
}

static gint
earliest_task (const World *w)
{
  gint found = -1;

  for (guint i = 0; i < w->tasks->len; i++) {
    const Task *task = g_ptr_array_index (w->tasks, i);
    const Task *best = found >= 0 ? g_ptr_array_index (w->tasks, (guint)found) : NULL;

    if (best == NULL || task->at < best->at || (task->at == best->at && task->order < best->order))
      found = (gint)i;
  }
  return found;
}

static void
feed (World *w, const Task *task)
{
  Drive *drive;

  if (task->drive == WORLD_ERRAND) {
    errand_feed (w, &task->event);
    return;
  }
  drive = g_ptr_array_index (w->drives, task->drive);
  drive->busy--;
  post_told (w, task);
  drive_feed (w, drive, &task->event);
}

static void
do_task (World *w, guint index)
{
  Task *task = g_ptr_array_steal_index (w->tasks, index);

  w->steps++;
  switch (task->kind) {
  case TASK_EFFECT:
    if (world_strikes (w, KILL_AT_START))
      break;
    effect_happen (w, task);
    if (world_strikes (w, KILL_AFTER_EFFECT) || task->kind == TASK_EFFECT) /* else it goes on as FEED */
      break;
    task->order = ++w->last_task;
    g_ptr_array_add (w->tasks, task);
    return;
  case TASK_FEED:
    feed (w, task);
    break;
  case TASK_MAIL:
    post_deliver (w, task);
    break;
  case TASK_QUEUE:
    post_release (w, task);
    break;
  case TASK_REPLY:
    post_arrive (w, task);
    break;
  }
  task_free (task);
}

/* What is due next, in true time; 0 = nothing. */
static gint64
next_hour (const World *w, gint task)
{
  gint64 next = task >= 0 ? ((Task *)g_ptr_array_index (w->tasks, (guint)task))->at : 0;
  const gint64 errand = errand_hour (w);

  if (errand != 0 && (next == 0 || errand < next))
    next = errand;
  for (guint i = 0; i < w->drives->len && !errand_is_under_way (w); i++) {
    const Drive *drive = g_ptr_array_index (w->drives, i);
    const gint64 wake = drive->wake - w->skew;

    if (drive->wake != 0 && !drive->over && (next == 0 || wake < next))
      next = wake;
  }
  if (w->plan.forget_at > w->now && (next == 0 || w->plan.forget_at < next))
    next = w->plan.forget_at;
  return next;
}

static gboolean
all_over (const World *w)
{
  if (errand_is_under_way (w) || errand_hour (w) != 0)
    return FALSE;
  for (guint i = 0; i < w->drives->len; i++)
    if (!((Drive *)g_ptr_array_index (w->drives, i))->over)
      return FALSE;
  return TRUE;
}

void
world_pass (World *w, gint64 until)
{
  for (;;) {
    gint task;
    gint64 next;

    if (errand_step (w))
      begin_process (w);
    for (guint i = 0; i < w->drives->len && !w->dead && !errand_is_under_way (w); i++)
      do
        drive_step (w, i);
      while (!w->dead && drive_take_mail (w, i));
    if (!w->dead && world_misfortune (w, w->wild.crash))
      w->dead = TRUE;
    if (w->dead) {
      world_restart (w);
      continue;
    }
    task = earliest_task (w);
    next = next_hour (w, task);
    if (next == 0 || all_over (w) || (until != 0 && next > until))
      break;
    w->now = MAX (w->now, next);
    if (task >= 0 && ((Task *)g_ptr_array_index (w->tasks, (guint)task))->at <= w->now)
      do_task (w, (guint)task);
  }
  if (until != 0)
    w->now = MAX (w->now, until);
}

void
world_run_until (World *w, gint64 until)
{
  world_pass (w, until);
  world_check (w);
}

void
world_run (World *w)
{
  world_run_until (w, 0);
}
