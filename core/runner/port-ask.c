/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/runner-private.h"

#include "base/error.h"

#include <string.h>

/* A question that is out: its strings live until it is answered, whatever becomes of the record meanwhile. */
typedef struct {
  McRunner *runner;
  McAskedFunc answered;
  gpointer data;
  McQuestion question;
  McAnswer answer;
} McAsked;

static void
asked_over (McRunner *runner, gpointer data)
{
  McAsked *asked = data;

  runner->questions--;
  asked->answered (runner, asked->answer, asked->data);
  g_free ((char *)asked->question.ca);
  g_free ((char *)asked->question.url);
  g_free ((char *)asked->question.fingerprint);
  g_free ((char *)asked->question.name);
  g_free ((char *)asked->question.address);
  g_free (asked);
}

/* Any thread. */
static void
asked_done (gpointer token, McAnswer answer)
{
  McAsked *asked = token;

  asked->answer = answer;
  mc_runner_post (asked->runner, asked_over, asked);
}

void
mc_runner_ask (McRunner *runner, const McQuestion *question, McAskedFunc answered, gpointer data)
{
  McAsked *asked = g_new0 (McAsked, 1);

  asked->runner = runner;
  asked->answered = answered;
  asked->data = data;
  asked->question = (McQuestion){
      .kind = question->kind,
      .ca = g_strdup (question->ca),
      .url = g_strdup (question->url),
      .fingerprint = g_strdup (question->fingerprint),
      .name = g_strdup (question->name),
      .address = g_strdup (question->address),
      .again = question->again,
  };
  runner->questions++;
  if (runner->adapter.ask != NULL)
    runner->adapter.ask (runner->adapter.self, &asked->question, asked_done, asked);
  else
    asked_done (asked, MC_ANSWER_NOBODY);
}

static void
flow_answered (McRunner *runner, McAnswer answer, gpointer data)
{
  McTicket *ticket = data;
  McEvent event = {
      .kind = MC_EVENT_ANSWER,
      .id = ticket->action,
      .yes = answer == MC_ANSWER_YES,
      .nobody = answer == MC_ANSWER_NOBODY,
  };

  McDrive *drive = mc_runner_drive_of (runner, ticket->drive_id, ticket->life);

  if (answer != MC_ANSWER_INTERRUPTED)
    mc_ticket_deliver (runner, ticket->drive_id, ticket->life, &event);
  else if (drive != NULL) /* the next run asks again */
    drive->busy--;
  g_free (ticket);
}

static char *
root_name (const McDrive *drive)
{
  const char *pem = drive->enrollment->chain;
  g_autoptr (McChain) chain = pem != NULL ? mc_chain_parse (pem, strlen (pem), NULL) : NULL;
  X509 *root = chain != NULL ? mc_root_find (chain, drive->ca) : NULL;
  g_autoptr (McCertificateInfo) info = root != NULL ? mc_certificate_info_new (root, NULL) : NULL;

  X509_free (root);
  return mc_text_sanitize (info != NULL ? info->subject : NULL, 200);
}

void
mc_port_ask (McDrive *drive, const McAction *action)
{
  g_autofree char *name = action->ask == MC_ASK_ROOT ? root_name (drive) : NULL;
  McQuestion question = {.ca = drive->enrollment->ca, .name = name};

  question.kind = action->ask == MC_ASK_ROOT ? MC_QUESTION_ROOT : MC_QUESTION_TERMS;
  if (action->ask == MC_ASK_ROOT)
    question.fingerprint = action->subject;
  else
    question.url = action->subject;
  mc_runner_ask (drive->runner, &question, flow_answered, mc_ticket_new (drive, action));
}
