/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/runner-private.h"

#include "base/error.h"

#include <string.h>

typedef struct {
  McTicket *ticket;
  McAnswer answer;
} McAnswerNote;

static void
answer_noted (McRunner *runner, gpointer data)
{
  McAnswerNote *note = data;
  McEvent event = {
      .kind = MC_EVENT_ANSWER,
      .id = note->ticket->action,
      .yes = note->answer == MC_ANSWER_YES,
      .nobody = note->answer == MC_ANSWER_NOBODY,
  };

  mc_ticket_deliver (runner, note->ticket->drive_id, note->ticket->life, &event);
  g_free (note->ticket);
  g_free (note);
}

/* Any thread. */
static void
answered (gpointer token, McAnswer answer)
{
  McTicket *ticket = token;
  McAnswerNote *note = g_new (McAnswerNote, 1);

  note->ticket = ticket;
  note->answer = answer;
  mc_runner_post (ticket->runner, answer_noted, note);
}

void
mc_port_ask (McDrive *drive, const McAction *action)
{
  const McAdapter *adapter = &drive->runner->adapter;
  McTicket *ticket = mc_ticket_new (drive, action);
  g_autofree char *name = NULL;
  McQuestion question = {.ca = drive->enrollment->ca};

  if (adapter->ask == NULL) {
    answered (ticket, MC_ANSWER_NOBODY);
    return;
  }
  if (action->ask == MC_ASK_TERMS) {
    question.kind = MC_QUESTION_TERMS;
    question.url = action->subject;
  } else {
    g_autoptr (McChain) chain = mc_chain_parse (drive->enrollment->chain, strlen (drive->enrollment->chain), NULL);
    X509 *root = chain != NULL ? mc_root_find (chain, drive->ca) : NULL;
    g_autoptr (McCertificateInfo) info = root != NULL ? mc_certificate_info_new (root, NULL) : NULL;

    name = mc_text_sanitize (info != NULL ? info->subject : NULL, 200);
    X509_free (root);
    question.kind = MC_QUESTION_ROOT;
    question.fingerprint = action->subject;
    question.name = name;
  }
  adapter->ask (adapter->self, &question, answered, ticket);
}
