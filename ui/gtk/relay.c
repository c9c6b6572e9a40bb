/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "relay.h"

#include "timing.h"

struct McRelay {
  GMutex lock;
  GQueue waiting; /* of McErrand */
  guint source;
};

typedef struct {
  McRelayFunc func;
  const char *name;
  gpointer data;
} McErrand;

static gboolean
run_one (McRelay *relay)
{
  McErrand *errand;

  g_mutex_lock (&relay->lock);
  errand = g_queue_pop_head (&relay->waiting);
  if (errand == NULL)
    relay->source = 0;
  g_mutex_unlock (&relay->lock);
  if (errand == NULL)
    return FALSE;
  mc_timing_begin (errand->name);
  errand->func (errand->data);
  mc_timing_end ();
  g_free (errand);
  return TRUE;
}

static gboolean
dispatch (gpointer data)
{
  return run_one (data) ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

McRelay *
mc_relay_new (void)
{
  McRelay *relay = g_new0 (McRelay, 1);

  g_mutex_init (&relay->lock);
  g_queue_init (&relay->waiting);
  return relay;
}

void
mc_relay_post_named (McRelay *relay, McRelayFunc func, const char *name, gpointer data)
{
  McErrand *errand = g_new (McErrand, 1);

  errand->func = func;
  errand->name = name;
  errand->data = data;
  g_mutex_lock (&relay->lock);
  g_queue_push_tail (&relay->waiting, errand);
  /* Not g_main_context_invoke: before the main loop has begun it would run FUNC right here, on this thread. */
  if (relay->source == 0)
    relay->source = g_idle_add_full (G_PRIORITY_DEFAULT, dispatch, relay, NULL);
  g_mutex_unlock (&relay->lock);
}

void
mc_relay_free (McRelay *relay)
{
  guint source;

  if (relay == NULL)
    return;
  g_mutex_lock (&relay->lock);
  source = relay->source;
  g_mutex_unlock (&relay->lock);
  if (source != 0)
    g_source_remove (source);
  while (run_one (relay))
    continue;
  g_mutex_clear (&relay->lock);
  g_free (relay);
}
