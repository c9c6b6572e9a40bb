/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/runner-private.h"

#include "base/error.h"
#include "base/secret.h"

McTicket *
mc_ticket_new (McDrive *drive, const McAction *action)
{
  McTicket *ticket = g_new (McTicket, 1);

  *ticket = (McTicket){drive->runner, drive->id, drive->life, action->id};
  drive->busy++;
  return ticket;
}

/* On the loop: the event goes to the life that asked for it. A failure of the store ends the run at the next turn: the
 * record is unchanged then and the step meets the same error. */
void
mc_ticket_deliver (McRunner *runner, gint64 drive_id, guint life, McEvent *event)
{
  McDrive *drive = mc_runner_drive_of (runner, drive_id, life);
  g_autoptr (GError) error = NULL;

  if (drive == NULL)
    return;
  drive->busy--;
  if (!mc_drive_feed (drive, event, &error))
    g_debug ("enrollment %" G_GINT64_FORMAT ": %s", drive->id, error->message);
}

/* --- HTTP --- */

static void
http_done (gpointer owner, const McHttpResponse *response, const GError *error)
{
  McTicket *ticket = owner;
  McEvent event = {.kind = MC_EVENT_HTTP, .id = ticket->action, .response = response, .error = error};

  mc_ticket_deliver (ticket->runner, ticket->drive_id, ticket->life, &event);
  g_hash_table_remove (ticket->runner->requests, ticket);
}

/* A request that is dropped with the runner has no end: the runner frees its ticket. */
static void
start_request (McDrive *drive, const McAction *action)
{
  McTicket *ticket = mc_ticket_new (drive, action);

  g_hash_table_add (drive->runner->requests, ticket);
  mc_http_start (drive->runner->http, action->request, drive->ca->ca_file, http_done, ticket);
}

void
mc_port_begin_job (McJob *job, McDrive *drive, const McAction *action)
{
  job->runner = drive->runner;
  job->drive_id = drive->id;
  job->life = drive->life;
  job->action = action->id;
  drive->busy++;
}

void
mc_port_start_job (McJob *job, McDrive *drive, const McAction *action)
{
  mc_port_begin_job (job, drive, action);
  mc_runner_start_job (drive->runner, job);
}

void
mc_port_start (McDrive *drive, const McAction *action)
{
  switch (action->kind) {
  case MC_ACTION_HTTP:
    start_request (drive, action);
    break;
  case MC_ACTION_MAKE_KEY:
    mc_port_make_key (drive, action);
    break;
  case MC_ACTION_AWAIT_MAIL: /* the inbox is watched already, and the spool is looked at after every commit */
    break;
  case MC_ACTION_SEND:
    mc_port_send (drive, action);
    break;
  case MC_ACTION_WAS_SENT:
    mc_port_was_sent (drive, action);
    break;
  case MC_ACTION_INSTALL:
    mc_port_install (drive, action);
    break;
  case MC_ACTION_ASK:
    mc_port_ask (drive, action);
    break;
  case MC_ACTION_NONE:
    break;
  }
}
