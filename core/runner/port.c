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

/* --- keys, on a worker --- */

typedef struct {
  McJob job;
  McKeyKind kind;
  char *passphrase;
  GBytes *key;
  GError *error;
} McKeyJob;

static void
key_run (McJob *job)
{
  McKeyJob *self = (McKeyJob *)job;
  EVP_PKEY *key = mc_key_new (self->kind, &self->error);

  if (key != NULL)
    self->key = mc_key_compose (key, self->passphrase, &self->error);
  EVP_PKEY_free (key);
}

static void
key_done (McJob *job)
{
  McKeyJob *self = (McKeyJob *)job;
  McEvent event = {.kind = MC_EVENT_KEY, .id = job->action, .key = self->key, .error = self->error};

  mc_ticket_deliver (job->runner, job->drive_id, job->life, &event);
}

static void
key_free (McJob *job)
{
  McKeyJob *self = (McKeyJob *)job;

  mc_secret_string_free (self->passphrase);
  g_clear_pointer (&self->key, g_bytes_unref);
  g_clear_error (&self->error);
  g_free (self);
}

void
mc_port_start_job (McJob *job, McDrive *drive, const McAction *action)
{
  job->drive_id = drive->id;
  job->life = drive->life;
  job->action = action->id;
  drive->busy++;
  mc_runner_start_job (drive->runner, job);
}

/* key-protection = passphrase: without one no key of a certificate is made at all. */
static void
key_run_refused (McJob *job)
{
  g_set_error_literal (&((McKeyJob *)job)->error, MC_ERROR, MC_ERROR_KEYRING,
                       "the key is to be kept under a passphrase, and none was given");
}

static void
start_key (McDrive *drive, const McAction *action)
{
  McKeyJob *self = g_new0 (McKeyJob, 1);

  self->job = (McJob){.run = key_run, .done = key_done, .free = key_free};
  self->kind = action->key_kind;
  self->passphrase = action->for_account ? NULL : g_strdup (drive->runner->passphrase);
  if (!action->for_account && drive->runner->config->passphrase && self->passphrase == NULL)
    self->job.run = key_run_refused;
  mc_port_start_job (&self->job, drive, action);
}

void
mc_port_start (McDrive *drive, const McAction *action)
{
  switch (action->kind) {
  case MC_ACTION_HTTP:
    start_request (drive, action);
    break;
  case MC_ACTION_MAKE_KEY:
    start_key (drive, action);
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
