/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "session-private.h"

/* What may take its time and needs no runner: on a thread, one after the other. */

typedef struct {
  McSession *session;
  McRelayFunc work, told;
  gpointer data;
} McWork;

static void
run (gpointer data, gpointer pool_data)
{
  McWork *work = data;

  (void)pool_data;
  work->work (work->data);
  mc_relay_post_named (work->session->relay, work->told, "work", work->data);
  g_free (work);
}

void
mc_work_begin (McSession *session, McRelayFunc func, McRelayFunc told, gpointer data)
{
  McWork *work = g_new (McWork, 1);

  work->session = session;
  work->work = func;
  work->told = told;
  work->data = data;
  if (session->workers == NULL)
    session->workers = g_thread_pool_new (run, NULL, 1, FALSE, NULL);
  g_thread_pool_push (session->workers, work, NULL);
}

void
mc_work_end (McSession *session)
{
  if (session->workers != NULL)
    g_thread_pool_free (session->workers, FALSE, TRUE);
  session->workers = NULL;
}
