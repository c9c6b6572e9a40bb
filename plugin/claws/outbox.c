/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "claws.h"

#include "base/error.h"
#include "gtk/relay.h"
#include "gtk/timing.h"

#include <hooks.h>
#include <inc.h>
#include <log.h>
#include <string.h>

#define AGAIN_MS 100 /* Claws Mail says to nobody when it has become free */

/* One reply that the runner wants to leave, or asks about. */
typedef struct {
  const McOutgoing *mail; /* the runner's, until done is called */
  char *message_id;
  McSendDoneFunc done;
  gpointer token;
  gboolean ask; /* was_sent */
} McJob;

typedef struct McEnd McEnd;

/* What the network log said while Claws Mail was sending. */
typedef struct {
  gboolean complete; /* the last octet of the mail has left */
  int answer;        /* first digit of the server's answer to it, 0 = none */
  gint64 answered_at;
} McTrail;

static struct {
  McTransport port;
  McRelay *relay;
  GMutex lock; /* of closed and waiting, which the runner's thread sees */
  gboolean closed;
  GQueue waiting; /* of McJob, oldest first; the main loop takes them out */
  McJob *leaving; /* Claws Mail runs a main loop of its own while it sends */
  gulong offline_hook;
  guint timer;
  McTrail trail;
  McEnd *end; /* to be judged next */
} outbox;

static gboolean next (gpointer data);

static void
next_soon (guint ms)
{
  if (outbox.timer == 0)
    outbox.timer = g_timeout_add (ms, next, NULL);
}

static void
finish (McJob *job, McSendOutcome outcome, GError *error)
{
  g_autoptr (GError) owned = error;

  job->done (job->token, outcome, owned);
  g_free (job->message_id);
  g_free (job);
}

static char *
without_brackets (const char *message_id)
{
  return g_strndup (message_id + 1, strlen (message_id) - 2);
}

/* --- sending --- */

static gboolean
log_line (gpointer source, gpointer data)
{
  const char *line = mc_fields_log_line (source);
  const char *answer = line != NULL ? strstr (line, "SMTP< ") : NULL;

  (void)data;
  if (line != NULL && strstr (line, "SMTP> . (EOM)") != NULL) {
    outbox.trail.complete = TRUE;
    outbox.trail.answer = 0;
  } else if (answer != NULL && outbox.trail.complete && outbox.trail.answer == 0) {
    outbox.trail.answer = answer[strlen ("SMTP< ")] - '0';
    outbox.trail.answered_at = g_get_monotonic_time ();
  }
  return FALSE;
}

struct McEnd {
  gulong hook;
  guint source;
  int ok;
  char *words;
};

static void
end_free (McEnd *end)
{
  hooks_unregister_hook (get_log_hook (LOG_PROTOCOL), end->hook);
  g_free (end->words);
  g_free (end);
}

/* Claws Mail hands its log lines to the main loop: this comes after them. */
static gboolean
judge (gpointer data)
{
  McEnd *end = data;
  McJob *job = outbox.leaving;
  const McTrail *trail = &outbox.trail;
  McSendOutcome outcome = MC_SEND_NOT_SENT;
  GError *error = NULL;

  outbox.leaving = NULL;
  outbox.end = NULL;
  if (end->ok == 0) {
    outcome = MC_SEND_SENT;
    g_debug ("reply accepted %" G_GINT64_FORMAT " ms after its folder was updated",
             (trail->answered_at - mc_claws_inbox_offered_at ()) / 1000);
  }
  if (end->ok != 0 && trail->complete && trail->answer == 5)
    outcome = MC_SEND_REFUSED;
  else if (end->ok != 0 && trail->complete && trail->answer != 4)
    outcome = MC_SEND_UNKNOWN; /* T-32: no answer to the last octet */
  if (end->ok != 0)
    error = g_error_new_literal (MC_ERROR, MC_ERROR_LATER,
                                 end->words != NULL ? g_strstrip (end->words) : "Claws Mail could not send it");
  end_free (end);
  finish (job, outcome, error);
  next_soon (0);
  return G_SOURCE_REMOVE;
}

/* Runs a main loop of its own until the server has answered. */
static void
leave (FolderItem *queue, int number)
{
  McEnd *end = g_new0 (McEnd, 1);
  g_autofree char *path = folder_item_fetch_msg (queue, number);
  gboolean removed = FALSE, shown;
  gint64 left;

  memset (&outbox.trail, 0, sizeof outbox.trail);
  end->hook = hooks_register_hook (get_log_hook (LOG_PROTOCOL), log_line, NULL);
  shown = mc_fields_hide_sending (TRUE);
  left = mc_timing_leave ();
  end->ok = path != NULL ? procmsg_send_message_queue_with_lock (path, &end->words, queue, number, &removed) : -1;
  mc_timing_return (left, "sending", "sent");
  mc_fields_hide_sending (shown);
  /* Left in the queue it would be sent with the next mail, beside the one that the runner sends then. */
  if (!removed)
    folder_item_remove_msg (queue, number);
  if (outbox.closed) { /* unloaded meanwhile: whoever waited was answered then */
    end_free (end);
    return;
  }
  outbox.end = end;
  end->source = g_timeout_add (0, judge, end);
}

static void
send_now (McJob *job)
{
  PrefsAccount *account = mc_claws_account_of (job->mail->from);
  FolderItem *queue = account != NULL ? mc_claws_queue_of (account) : NULL;
  GError *error = NULL;
  int number = -1;

  if (account == NULL)
    g_set_error (&error, MC_ERROR, MC_ERROR_CONFIG, "no account of Claws Mail has the address %s", job->mail->from);
  else if (queue == NULL)
    g_set_error_literal (&error, MC_ERROR, MC_ERROR_CONFIG, "Claws Mail has no queue folder");
  else
    number = mc_claws_queue_put (account, queue, job->mail, &error);
  if (number < 0) {
    finish (job, MC_SEND_NOT_SENT, error);
    next_soon (0);
    return;
  }
  outbox.leaving = job;
  leave (queue, number);
}

/* After a crash: what is in Sent was sent. What is still in the queue was being handed over when Claws Mail ended, and
 * nobody knows how far that came: it is taken out, so that no later "Send" repeats it. A folder that cannot be read
 * now, as one of IMAP without its server, proves nothing. */
static void
look_up (McJob *job)
{
  PrefsAccount *account = mc_claws_account_of (job->mail->from);
  FolderItem *queue = account != NULL ? mc_claws_queue_of (account) : NULL;
  FolderItem *sent = account != NULL ? account_get_special_folder (account, F_OUTBOX) : NULL;
  g_autofree char *bare = without_brackets (job->message_id);
  McSendOutcome outcome = MC_SEND_UNKNOWN;
  const gint64 left = mc_timing_leave ();
  MsgInfo *found;

  if (queue != NULL && folder_item_scan (queue) >= 0 && sent != NULL && folder_item_scan (sent) >= 0)
    outcome = MC_SEND_NOT_SENT;
  if (queue != NULL) {
    found = folder_item_get_msginfo_by_msgid (queue, bare);
    if (found != NULL) {
      outcome = MC_SEND_UNKNOWN;
      folder_item_remove_msg (queue, (gint)mc_fields_number (found));
    }
    procmsg_msginfo_free (&found);
  }
  if (sent != NULL) {
    found = folder_item_get_msginfo_by_msgid (sent, bare);
    if (found != NULL)
      outcome = MC_SEND_SENT;
    procmsg_msginfo_free (&found);
  }
  mc_timing_return (left, "looking into Queue and Sent", "looked up");
  finish (job, outcome, NULL);
  next_soon (0);
}

/* --- one after the other --- */

static gboolean
went_online (gpointer source, gpointer data)
{
  (void)source, (void)data;
  next_soon (0);
  return FALSE;
}

static McJob *
take_next (void)
{
  McJob *job;

  g_mutex_lock (&outbox.lock);
  job = g_queue_peek_head (&outbox.waiting);
  if (job != NULL && !job->ask && mc_fields_is_offline ()) {
    /* The hook says when it goes on. */
    if (outbox.offline_hook == HOOK_NONE)
      outbox.offline_hook = hooks_register_hook (OFFLINE_SWITCH_HOOKLIST, went_online, NULL);
    job = NULL;
  } else if (job != NULL && mc_claws_is_busy ()) {
    next_soon (AGAIN_MS);
    job = NULL;
  } else
    g_queue_pop_head (&outbox.waiting);
  g_mutex_unlock (&outbox.lock);
  return job;
}

static gboolean
next (gpointer data)
{
  McJob *job;

  (void)data;
  outbox.timer = 0;
  if (outbox.leaving != NULL)
    return G_SOURCE_REMOVE; /* its end calls this again */
  mc_timing_begin ("next");
  job = take_next ();
  if (job != NULL && job->ask)
    look_up (job);
  else if (job != NULL)
    send_now (job);
  mc_timing_end ();
  return G_SOURCE_REMOVE;
}

static void
begin_work (gpointer data)
{
  (void)data;
  next_soon (0);
}

/* --- the port, on the runner's thread --- */

static void
take (const McOutgoing *mail, McSendDoneFunc done, gpointer token, gboolean ask)
{
  McJob *job = NULL;

  g_mutex_lock (&outbox.lock);
  if (!outbox.closed) {
    job = g_new0 (McJob, 1);
    job->mail = mail;
    job->message_id = g_strdup (mail->message_id);
    job->done = done;
    job->token = token;
    job->ask = ask;
    g_queue_push_tail (&outbox.waiting, job);
    mc_relay_post (outbox.relay, begin_work, NULL);
  }
  g_mutex_unlock (&outbox.lock);
  if (job == NULL) {
    g_autoptr (GError) error = g_error_new_literal (MC_ERROR, MC_ERROR_LATER, "Claws Mail was about to end");

    /* What an earlier life did is not known here; what this one was asked to send has not left. */
    done (token, ask ? MC_SEND_QUEUED : MC_SEND_NOT_SENT, error);
  }
}

static void
send (gpointer self, const McOutgoing *mail, McSendDoneFunc done, gpointer token)
{
  (void)self;
  take (mail, done, token, FALSE);
}

static void
was_sent (gpointer self, const McOutgoing *mail, McSendDoneFunc done, gpointer token)
{
  (void)self;
  take (mail, done, token, TRUE);
}

/* It waits for the network, or for Claws Mail: then it is not sent at all. */
static void
withdraw (gpointer self, const char *message_id)
{
  McJob *found = NULL;

  (void)self;
  g_mutex_lock (&outbox.lock);
  for (GList *at = outbox.waiting.head; at != NULL && found == NULL; at = at->next)
    if (g_str_equal (((McJob *)at->data)->message_id, message_id)) {
      found = at->data;
      g_queue_delete_link (&outbox.waiting, at);
    }
  g_mutex_unlock (&outbox.lock);
  if (found != NULL)
    finish (found, MC_SEND_NOT_SENT, NULL);
}

const McTransport *
mc_claws_outbox_begin (void)
{
  memset (&outbox, 0, sizeof outbox);
  g_mutex_init (&outbox.lock);
  g_queue_init (&outbox.waiting);
  outbox.relay = mc_relay_new ();
  outbox.port = (McTransport){.name = "claws", .send = send, .was_sent = was_sent, .withdraw = withdraw};
  return &outbox.port;
}

void
mc_claws_outbox_close (void)
{
  McJob *job;

  g_mutex_lock (&outbox.lock);
  outbox.closed = TRUE;
  g_mutex_unlock (&outbox.lock);
  /* Nobody adds to it any more. */
  while ((job = g_queue_pop_head (&outbox.waiting)) != NULL)
    finish (job, job->ask ? MC_SEND_QUEUED : MC_SEND_NOT_SENT,
            g_error_new_literal (MC_ERROR, MC_ERROR_LATER, "Claws Mail was about to end"));
  if (outbox.leaving != NULL)
    finish (g_steal_pointer (&outbox.leaving), MC_SEND_UNKNOWN, NULL);
}

void
mc_claws_outbox_end (void)
{
  mc_relay_free (outbox.relay);
  if (outbox.timer != 0)
    g_source_remove (outbox.timer);
  if (outbox.end != NULL) {
    g_source_remove (outbox.end->source);
    end_free (outbox.end);
  }
  if (outbox.offline_hook != HOOK_NONE)
    hooks_unregister_hook (OFFLINE_SWITCH_HOOKLIST, outbox.offline_hook);
  g_mutex_clear (&outbox.lock);
}
