/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/runner-private.h"

#include "base/error.h"

#include <string.h>

/* One hand-over: its strings live until the carrier has answered, whatever becomes of the record meanwhile. */
typedef struct {
  McTicket *ticket;
  McOutgoing mail;
  gboolean withdrawn;
  McSendOutcome outcome;
  GError *error;
} McHandover;

static void
handover_ended (McRunner *runner, gpointer data)
{
  McHandover *handover = data;
  const McTicket *ticket = handover->ticket;
  McEvent event = {.kind = MC_EVENT_SENT, .id = ticket->action, .outcome = handover->outcome, .error = handover->error};

  g_ptr_array_remove_fast (runner->sends, handover);
  if (handover->outcome == MC_SEND_SENT)
    runner->replies++;
  mc_ticket_deliver (runner, ticket->drive_id, ticket->life, &event);
  g_clear_error (&handover->error);
  g_free ((char *)handover->mail.from);
  g_free ((char *)handover->mail.to);
  g_free ((char *)handover->mail.message_id);
  g_free ((char *)handover->mail.in_reply_to);
  g_bytes_unref (handover->mail.rfc822);
  g_free (handover->ticket);
  g_free (handover);
}

/* Any thread. */
static void
send_done (gpointer token, McSendOutcome outcome, const GError *error)
{
  McHandover *handover = token;

  handover->outcome = outcome;
  if (error != NULL)
    handover->error = g_error_copy (error);
  else if (outcome != MC_SEND_SENT && outcome != MC_SEND_QUEUED)
    handover->error = g_error_new_literal (MC_ERROR, MC_ERROR_LATER, mc_send_outcome_name (outcome));
  mc_runner_post (handover->ticket->runner, handover_ended, handover);
}

static McHandover *
handover_new (McDrive *drive, const McAction *action)
{
  const McEnrollmentAddress *address = action->address;
  McHandover *handover = g_new0 (McHandover, 1);

  handover->ticket = mc_ticket_new (drive, action);
  handover->mail = (McOutgoing){
      .from = g_strdup (address->address),
      .to = g_strdup (address->reply_to),
      .message_id = g_strdup (address->reply_message_id),
      .in_reply_to = g_strdup (address->challenge_message_id),
      .rfc822 = g_bytes_ref (address->reply),
  };
  g_ptr_array_add (drive->runner->sends, handover);
  return handover;
}

/* --- our own carriers, on a worker --- */

typedef struct {
  McJob job;
  McHandover *handover;
  gboolean sendmail;
  McMailAccount *account;
  McSendOutcome outcome;
  GError *error;
} McSendJob;

static void
send_run (McJob *job)
{
  McSendJob *self = (McSendJob *)job;
  const McOutgoing *mail = &self->handover->mail;
  /* A Reply-To may name several (A47). */
  g_autoptr (GPtrArray) list = mc_address_list_parse (mail->to, strlen (mail->to), &self->error);
  McSendOutcome (*send) (const McMailAccount *, const char *, const char *const *, GBytes *, GCancellable *,
                         GError **) = self->sendmail ? mc_sendmail_send : mc_smtp_send;

  self->outcome = MC_SEND_REFUSED;
  if (list == NULL)
    return;
  g_ptr_array_add (list, NULL);
  self->outcome = send (self->account, mail->from, (const char *const *)list->pdata, mail->rfc822, NULL, &self->error);
}

static void
send_job_done (McJob *job)
{
  McSendJob *self = (McSendJob *)job;

  send_done (self->handover, self->outcome, self->error);
}

static void
send_free (McJob *job)
{
  McSendJob *self = (McSendJob *)job;

  mc_mail_account_free (self->account);
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
  const McTransport *transport = runner->adapter.transport;
  const McMailAccount *account = mc_config_account (runner->config, action->address->address);
  McHandover *handover = handover_new (drive, action);
  McSendJob *self;

  if (transport != NULL) {
    transport->send (transport->self, &handover->mail, send_done, handover);
    return;
  }
  if (account == NULL || (account->sendmail == NULL && account->smtp == NULL)) {
    g_autoptr (GError) error =
        g_error_new (MC_ERROR, MC_ERROR_CONFIG, "there is no [account %s] with smtp or sendmail", handover->mail.from);

    send_done (handover, MC_SEND_NOT_SENT, error);
    return;
  }
  self = g_new0 (McSendJob, 1);
  self->job = (McJob){.run = send_run, .done = send_job_done, .free = send_free};
  self->handover = handover;
  self->sendmail = account->sendmail != NULL;
  self->account = mc_mail_account_copy (account);
  mc_runner_start_job (runner, &self->job);
}

void
mc_port_was_sent (McDrive *drive, const McAction *action)
{
  const McTransport *transport = drive->runner->adapter.transport;
  McHandover *handover = handover_new (drive, action);

  /* Only the carrier that was used can know; SMTP and sendmail keep no list that could be asked. */
  if (transport != NULL && transport->was_sent != NULL && g_strcmp0 (action->address->transport, transport->name) == 0)
    transport->was_sent (transport->self, &handover->mail, send_done, handover);
  else
    send_done (handover, MC_SEND_UNKNOWN, NULL);
}

/* Its order is open, and the reply is still the one that is wanted. */
static gboolean
is_wanted (McRunner *runner, const McHandover *handover)
{
  const McDrive *drive = mc_runner_drive_of (runner, handover->ticket->drive_id, handover->ticket->life);
  const McEnrollmentAddress *address =
      drive != NULL ? mc_enrollment_find (drive->enrollment, handover->mail.from) : NULL;

  return address != NULL && drive->enrollment->state == MC_ENROLLMENT_ORDERED &&
         g_strcmp0 (address->reply_message_id, handover->mail.message_id) == 0;
}

void
mc_port_withdraw_unneeded (McRunner *runner)
{
  const McTransport *transport = runner->adapter.transport;

  for (guint i = 0; transport != NULL && transport->withdraw != NULL && i < runner->sends->len; i++) {
    McHandover *handover = g_ptr_array_index (runner->sends, i);

    if (handover->withdrawn || is_wanted (runner, handover))
      continue;
    handover->withdrawn = TRUE;
    transport->withdraw (transport->self, handover->mail.message_id);
  }
}
