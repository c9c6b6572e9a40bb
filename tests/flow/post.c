/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "world.h"

#include "base/error.h"

#include <string.h>

/* A carrier with a queue of its own, as Claws Mail has one. */
typedef struct {
  char *message_id; /* of the reply */
  GBytes *reply;
  gboolean released;
} Queued;

void
queued_free (gpointer p)
{
  Queued *queued = p;

  g_free (queued->message_id);
  g_bytes_unref (queued->reply);
  g_free (queued);
}

void
mail_free (gpointer p)
{
  Mail *mail = p;

  if (mail == NULL)
    return;
  g_free (mail->to);
  g_free (mail->from);
  g_free (mail->message_id);
  mc_challenge_free (mail->challenge);
  g_free (mail);
}

/* --- the challenge's way --- */

void
post_challenge (gpointer self, const CaAuthorization *a)
{
  World *w = self;
  Mail *mail;

  if (w->plan.mail_seconds < 0)
    return;
  mail = g_new0 (Mail, 1);
  mail->to = g_strdup (a->address);
  mail->from = g_strdup (a->from);
  mail->message_id = g_strdup (a->message_id);
  mail->challenge = g_new0 (McChallenge, 1);
  mail->challenge->token_part1 = g_strdup (a->part1);
  mail->challenge->from = g_strdup (a->from);
  mail->challenge->to = g_strdup (a->address);
  mail->challenge->reply_to = g_strdup (a->reply_to);
  mail->challenge->message_id = g_strdup (a->message_id);
  mail->challenge->subject = g_strconcat ("ACME: ", a->part1, NULL);
  mail->challenge->date = w->now;
  world_task (w, TASK_MAIL, world_delay (w, w->plan.mail_seconds))->mail = mail;
}

void
post_deliver (World *w, Task *task)
{
  g_ptr_array_add (w->mails, g_steal_pointer (&task->mail));
}

/* --- the reply's way --- */

static char *
in_reply_to (GBytes *reply)
{
  gsize length;
  const char *bytes = g_bytes_get_data (reply, &length);
  g_autofree char *text = g_strndup (bytes, length);
  const char *field = strstr (text, "\r\nIn-Reply-To: ");

  g_assert_nonnull (field);
  field += strlen ("\r\nIn-Reply-To: ");
  return g_strndup (field, strcspn (field, "\r"));
}

void
post_leave (World *w, GBytes *reply, gint64 seconds)
{
  char *challenge = in_reply_to (reply);
  const guint before = GPOINTER_TO_UINT (g_hash_table_lookup (w->left, challenge));

  g_assert_cmpuint (before, ==, 0); /* A13: never a second answer to the same challenge mail */
  g_hash_table_insert (w->left, challenge, GUINT_TO_POINTER (before + 1));
  world_task (w, TASK_REPLY, world_delay (w, seconds))->reply = g_bytes_ref (reply);
}

void
post_arrive (World *w, const Task *task)
{
  gsize length;
  const char *bytes = g_bytes_get_data (task->reply, &length);

  ca_receive (w->ca, bytes, length, w->now);
}

static gboolean
next_fate (GArray *fates, MailFate *out)
{
  if (fates->len == 0)
    return FALSE;
  *out = g_array_index (fates, MailFate, 0);
  g_array_remove_index (fates, 0);
  return TRUE;
}

/* Fills the event's outcome and error. */
static void
conclude (Task *task, MailFate fate)
{
  static const McSendOutcome outcomes[] = {
      [FATE_SENT] = MC_SEND_SENT,
      [FATE_NOT_SENT] = MC_SEND_NOT_SENT,
      [FATE_REFUSED] = MC_SEND_REFUSED,
      [FATE_UNKNOWN_LEFT] = MC_SEND_UNKNOWN,
      [FATE_UNKNOWN_LOST] = MC_SEND_UNKNOWN,
      [FATE_QUEUED] = MC_SEND_QUEUED,
  };

  task->event.kind = MC_EVENT_SENT;
  task->event.outcome = outcomes[fate];
  if (fate == FATE_SENT || fate == FATE_QUEUED)
    return;
  g_set_error (&task->error, MC_ERROR, fate == FATE_REFUSED ? MC_ERROR_REFUSED : MC_ERROR_LATER, "carrier says: %s",
               mc_send_outcome_name (outcomes[fate]));
  task->event.error = task->error;
}

void
post_told (World *w, const Task *task)
{
  if (task->event.kind == MC_EVENT_SENT && task->event.outcome == MC_SEND_NOT_SENT)
    g_hash_table_remove (w->handed, task->message_id);
}

gboolean
post_send (World *w, Task *task)
{
  const gboolean claws = g_strcmp0 (w->plan.transport, "claws") == 0;
  MailFate fate = claws ? FATE_QUEUED : FATE_SENT;

  if (!next_fate (w->fates, &fate) && world_misfortune (w, w->wild.fate))
    fate = claws ? FATE_NOT_SENT : (MailFate)g_rand_int_range (w->random, FATE_NOT_SENT, FATE_QUEUED);
  if (fate == FATE_REFUSED && w->wild.fate > 0) /* an end that nothing can mend: the model leaves it out */
    fate = FATE_NOT_SENT;
  if (ports_fail (w, MC_ACTION_SEND))
    fate = w->failure->fate;
  w->sends++;
  /* T-32: a second time only what the carrier has said not to have sent; after a crash it is asked first. */
  g_assert_true (g_hash_table_add (w->handed, g_strdup (task->message_id)));
  if (fate == FATE_SILENT)
    return FALSE;
  if (fate == FATE_SENT || fate == FATE_UNKNOWN_LEFT)
    post_leave (w, task->reply, w->plan.reply_seconds);
  if (fate == FATE_QUEUED) {
    Queued *queued = g_new0 (Queued, 1);

    queued->message_id = g_strdup (task->message_id);
    queued->reply = g_bytes_ref (task->reply);
    g_ptr_array_add (w->queue, queued);
    if (w->plan.queue_seconds >= 0)
      world_task (w, TASK_QUEUE, world_delay (w, w->plan.queue_seconds))->message_id = g_strdup (task->message_id);
  }
  conclude (task, fate);
  return TRUE;
}

static Queued *
find_queued (const World *w, const char *message_id)
{
  for (guint i = 0; i < w->queue->len; i++) {
    Queued *queued = g_ptr_array_index (w->queue, i);

    if (strcmp (queued->message_id, message_id) == 0)
      return queued;
  }
  return NULL;
}

void
post_release (World *w, Task *task)
{
  Queued *queued = find_queued (w, task->message_id);

  if (queued == NULL) /* taken out of the queue by hand */
    return;
  queued->released = TRUE;
  post_leave (w, queued->reply, w->plan.reply_seconds);
}

void
post_was_sent (World *w, Task *task)
{
  const gboolean claws = g_strcmp0 (w->plan.transport, "claws") == 0;
  MailFate fate;

  w->was_sents++;
  if (ports_fail (w, MC_ACTION_WAS_SENT))
    fate = w->failure->fate;
  else if (!next_fate (w->was_fates, &fate)) {
    const Queued *queued = find_queued (w, task->message_id);

    if (!claws) /* SMTP keeps no list that could be asked */
      fate = FATE_UNKNOWN_LOST;
    else if (queued == NULL)
      fate = FATE_NOT_SENT;
    else
      fate = queued->released ? FATE_SENT : FATE_QUEUED;
  }
  if (fate == FATE_NOT_SENT) {
    Queued *queued = find_queued (w, task->message_id);

    if (queued != NULL) /* it was taken out of the queue */
      g_ptr_array_remove (w->queue, queued);
  }
  conclude (task, fate);
}
