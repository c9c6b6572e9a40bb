/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/runner-private.h"

#include "base/error.h"

#include <string.h>

typedef struct {
  McTicket *ticket;
  McSendOutcome outcome;
  GError *error;
} McSendNote;

static void
send_noted (McRunner *runner, gpointer data)
{
  McSendNote *note = data;
  McEvent event = {.kind = MC_EVENT_SENT, .id = note->ticket->action, .outcome = note->outcome, .error = note->error};

  runner->sends--;
  if (note->outcome == MC_SEND_SENT)
    runner->replies++;
  mc_ticket_deliver (runner, note->ticket->drive_id, note->ticket->life, &event);
  g_clear_error (&note->error);
  g_free (note->ticket);
  g_free (note);
}

/* Any thread. */
static void
send_done (gpointer token, McSendOutcome outcome, const GError *error)
{
  McTicket *ticket = token;
  McSendNote *note = g_new0 (McSendNote, 1);

  note->ticket = ticket;
  note->outcome = outcome;
  if (error != NULL)
    note->error = g_error_copy (error);
  else if (outcome != MC_SEND_SENT && outcome != MC_SEND_QUEUED)
    note->error = g_error_new_literal (MC_ERROR, MC_ERROR_LATER, mc_send_outcome_name (outcome));
  mc_runner_post (ticket->runner, send_noted, note);
}

typedef struct {
  McJob job;
  McTicket *ticket;
  gboolean sendmail;
  McMailAccount *account;
  char *from;
  char *to;
  GBytes *reply;
  McSendOutcome outcome;
  GError *error;
} McSendJob;

static void
send_run (McJob *job)
{
  McSendJob *self = (McSendJob *)job;
  /* A Reply-To may name several (A47). */
  g_autoptr (GPtrArray) list = mc_address_list_parse (self->to, strlen (self->to), &self->error);

  if (list == NULL) {
    self->outcome = MC_SEND_REFUSED;
    return;
  }
  g_ptr_array_add (list, NULL);
  self->outcome = (self->sendmail ? mc_sendmail_send : mc_smtp_send) (
      self->account, self->from, (const char *const *)list->pdata, self->reply, NULL, &self->error);
}

static void
send_job_done (McJob *job)
{
  McSendJob *self = (McSendJob *)job;

  send_done (self->ticket, self->outcome, self->error);
}

static void
send_free (McJob *job)
{
  McSendJob *self = (McSendJob *)job;

  mc_mail_account_free (self->account);
  g_free (self->from);
  g_free (self->to);
  g_bytes_unref (self->reply);
  g_clear_error (&self->error);
  g_free (self);
}

const char *
mc_port_transport_name (McRunner *runner, const McEnrollment *enrollment)
{
  const McMailAccount *account = mc_config_account (runner->config, mc_enrollment_address (enrollment, 0)->address);

  if (runner->adapter.transport != NULL)
    return runner->adapter.transport->name;
  if (account == NULL)
    return NULL;
  return account->sendmail != NULL ? "sendmail" : account->smtp != NULL ? "smtp" : NULL;
}

void
mc_port_send (McDrive *drive, const McAction *action)
{
  McRunner *runner = drive->runner;
  const McEnrollmentAddress *address = action->address;
  const McMailAccount *account = mc_config_account (runner->config, address->address);
  McTicket *ticket = mc_ticket_new (drive, action);
  McSendJob *self;

  runner->sends++;
  if (runner->adapter.transport != NULL) {
    runner->adapter.transport->send (runner->adapter.transport->self, address, send_done, ticket);
    return;
  }
  if (account == NULL) {
    g_autoptr (GError) error =
        g_error_new (MC_ERROR, MC_ERROR_CONFIG, "there is no [account %s] with smtp or sendmail", address->address);

    send_done (ticket, MC_SEND_NOT_SENT, error);
    return;
  }
  self = g_new0 (McSendJob, 1);
  self->job = (McJob){.run = send_run, .done = send_job_done, .free = send_free};
  self->ticket = ticket;
  self->sendmail = account->sendmail != NULL;
  self->account = mc_mail_account_copy (account);
  self->from = g_strdup (address->address);
  self->to = g_strdup (address->reply_to);
  self->reply = g_bytes_ref (address->reply);
  mc_runner_start_job (runner, &self->job);
}

void
mc_port_was_sent (McDrive *drive, const McAction *action)
{
  const McTransport *transport = drive->runner->adapter.transport;
  McTicket *ticket = mc_ticket_new (drive, action);

  drive->runner->sends++;
  /* Only the carrier that was used can know; SMTP and sendmail keep no list that could be asked. */
  if (transport != NULL && transport->was_sent != NULL && g_strcmp0 (action->address->transport, transport->name) == 0)
    transport->was_sent (transport->self, action->address, send_done, ticket);
  else
    send_done (ticket, MC_SEND_UNKNOWN, NULL);
}
