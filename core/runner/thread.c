/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/runner-private.h"

#include "base/error.h"

#define FOR_EVER (14 * 24 * 60 * 60) /* beyond any deadline */

struct McRunnerThread {
  const McAdapter *adapter;
  McRunnerThreadEvents events;
  GMutex lock; /* what follows */
  const McConfig *config;
  GThread *thread;
  gboolean at_work; /* the thread has not decided to end */
  gboolean closing;
  gboolean renewed; /* the runner that is at work has an old configuration */
  McRunner *runner; /* while it takes notes */
  GQueue waiting;   /* of McCall: for a runner that is not open yet */
};

typedef struct {
  McRunnerThreadFunc func;
  gpointer data;
} McCall;

static void
call_run (McCall *call, McRunner *runner, const GError *error)
{
  if (call->func != NULL)
    call->func (runner, error, call->data);
  g_free (call);
}

static void
call_noted (McRunner *runner, gpointer data)
{
  call_run (data, runner, NULL);
}

static void
refuse_waiting (McRunnerThread *self, const GError *error)
{
  for (;;) {
    McCall *call;

    g_mutex_lock (&self->lock);
    call = g_queue_pop_head (&self->waiting);
    g_mutex_unlock (&self->lock);
    if (call == NULL)
      return;
    call_run (call, NULL, error);
  }
}

/* From now on calls go straight to the loop. */
static void
let_in (McRunnerThread *self, McRunner *runner)
{
  McCall *call;

  g_mutex_lock (&self->lock);
  while ((call = g_queue_pop_head (&self->waiting)) != NULL)
    mc_runner_post (runner, call_noted, call);
  self->runner = runner;
  if (self->closing || self->renewed)
    mc_runner_stop (runner);
  g_mutex_unlock (&self->lock);
}

/* Nothing more gets in, unless something has come meanwhile, or there is MORE to do. */
static gboolean
shut_out (McRunnerThread *self, McRunner *runner, gboolean failed, gboolean more)
{
  gboolean empty;

  g_mutex_lock (&self->lock);
  empty = failed || self->closing || self->renewed || (!more && g_async_queue_length (runner->notes) <= 0);
  if (empty)
    self->runner = NULL;
  g_mutex_unlock (&self->lock);
  return empty;
}

/* A mail client is at work here: timers may open orders, since somebody will answer (DESIGN 2). */
static gboolean
tell_presence (McRunner *runner, GError **error)
{
  g_autofree char *now = g_strdup_printf ("%" G_GINT64_FORMAT, mc_runner_now ());

  return runner->adapter.inbox == NULL || mc_store_set_fact (runner->store, "adapter-seen", now, error);
}

/* Who was asked to renew goes on doing so: a CA may just have said that it is time. */
static gboolean
renew_again (McRunner *runner, gboolean *more, GError **error)
{
  const guint before = runner->drives->len;

  *more = FALSE;
  if (!runner->renews)
    return TRUE;
  if (!mc_runner_renew (runner, NULL, MC_RENEW_DUE, NULL, error))
    return FALSE;
  *more = runner->drives->len > before;
  return TRUE;
}

static gboolean
find_wake (McRunner *runner, gint64 *next_wake, GError **error)
{
  gint64 renewal;

  if (!mc_runner_renewal_wake (runner, &renewal, error))
    return FALSE;
  if (renewal != 0 && (*next_wake == 0 || renewal < *next_wake))
    *next_wake = renewal;
  return TRUE;
}

static const McConfig *
config_now (McRunnerThread *self)
{
  const McConfig *config;

  g_mutex_lock (&self->lock);
  config = self->config;
  self->renewed = FALSE;
  g_mutex_unlock (&self->lock);
  return config;
}

/* One runner's life: until nothing is under way any more. */
static gboolean
carry_on (McRunnerThread *self, gint64 *next_wake, GError **error)
{
  g_autoptr (McRunner) runner = mc_runner_new (config_now (self), self->adapter, error);
  gboolean ok = TRUE;
  gboolean more = FALSE;

  if (runner == NULL || !tell_presence (runner, error))
    return FALSE;
  mc_runner_set_watch (runner, self->events.watch, self->events.data);
  mc_runner_set_tell (runner, runner->config->notify ? self->events.tell : NULL, self->events.data);
  let_in (self, runner);
  do
    ok = mc_runner_follow_open (runner, NULL, error) &&
         mc_runner_run (runner, mc_runner_now () + FOR_EVER, next_wake, error) && renew_again (runner, &more, error) &&
         find_wake (runner, next_wake, error);
  while (!shut_out (self, runner, !ok, more));
  return ok;
}

/* Has something come that needs another runner? Who asks as the LAST thing is not at work any more if not. */
static gboolean
goes_on (McRunnerThread *self, gboolean last)
{
  gboolean again;

  g_mutex_lock (&self->lock);
  again = !self->closing && (self->renewed || !g_queue_is_empty (&self->waiting));
  self->at_work = again || !last;
  g_mutex_unlock (&self->lock);
  return again;
}

static gpointer
work (gpointer data)
{
  McRunnerThread *self = data;
  gboolean again;

  do {
    g_autoptr (GError) error = NULL;
    gint64 next_wake = 0;

    if (!carry_on (self, &next_wake, &error))
      refuse_waiting (self, error);
    again = goes_on (self, FALSE);
    if (!again && self->events.rested != NULL)
      self->events.rested (next_wake, error, self->events.data);
    /* A call that came while that was told must not be left waiting. */
    again = goes_on (self, TRUE);
  } while (again);
  return NULL;
}

McRunnerThread *
mc_runner_thread_new (const McConfig *config, const McAdapter *adapter, const McRunnerThreadEvents *events)
{
  McRunnerThread *self = g_new0 (McRunnerThread, 1);

  self->config = config;
  self->adapter = adapter;
  if (events != NULL)
    self->events = *events;
  g_mutex_init (&self->lock);
  g_queue_init (&self->waiting);
  return self;
}

void
mc_runner_thread_call (McRunnerThread *self, McRunnerThreadFunc func, gpointer data)
{
  McCall *call = g_new (McCall, 1);

  call->func = func;
  call->data = data;
  g_mutex_lock (&self->lock);
  if (self->runner != NULL)
    mc_runner_post (self->runner, call_noted, call);
  else
    g_queue_push_tail (&self->waiting, call);
  if (!self->at_work && !self->closing) {
    if (self->thread != NULL)
      g_thread_join (self->thread); /* it has nothing left to do but return */
    self->at_work = TRUE;
    self->thread = g_thread_new ("mailcert", work, self);
  }
  g_mutex_unlock (&self->lock);
}

void
mc_runner_thread_reconfigure (McRunnerThread *self, const McConfig *config)
{
  g_mutex_lock (&self->lock);
  self->config = config;
  self->renewed = self->at_work;
  if (self->runner != NULL)
    mc_runner_stop (self->runner);
  g_mutex_unlock (&self->lock);
}

static void
offer (McRunner *runner, const GError *error, gpointer data)
{
  GBytes *rfc822 = data;

  if (runner != NULL)
    mc_runner_offer (runner, rfc822);
  else
    g_warning ("a mail could not be kept: %s", error->message);
  g_bytes_unref (rfc822);
}

void
mc_runner_thread_offer (McRunnerThread *self, GBytes *rfc822)
{
  mc_runner_thread_call (self, offer, g_bytes_ref (rfc822));
}

gboolean
mc_runner_thread_is_at_work (McRunnerThread *self)
{
  gboolean at_work;

  g_mutex_lock (&self->lock);
  at_work = self->at_work;
  g_mutex_unlock (&self->lock);
  return at_work;
}

void
mc_runner_thread_free (McRunnerThread *self)
{
  g_autoptr (GError) error = g_error_new_literal (MC_ERROR, MC_ERROR_LATER, "the program is about to end");

  if (self == NULL)
    return;
  g_mutex_lock (&self->lock);
  self->closing = TRUE;
  if (self->runner != NULL)
    mc_runner_stop (self->runner);
  g_mutex_unlock (&self->lock);
  if (self->thread != NULL)
    g_thread_join (self->thread);
  refuse_waiting (self, error);
  g_mutex_clear (&self->lock);
  g_free (self);
}
