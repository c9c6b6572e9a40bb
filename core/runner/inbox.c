/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/runner-private.h"

#include "base/error.h"
#include "net/imap.h"

/* One address whose folders we watch by IMAP, on a thread of its own. */
typedef struct {
  McRunner *runner;
  char *address;
  McMailAccount *account;
  gint64 since;
  GCancellable *cancel;
  GThread *thread;
  GError *error; /* set by the thread before its note */
} McInboxWatch;

static void
found (GBytes *rfc822, gpointer data)
{
  McInboxWatch *watch = data;

  mc_runner_offer (watch->runner, rfc822);
}

/* A login that failed is told to every drive that needs this address. */
static void
watch_failed (McRunner *runner, gpointer data)
{
  McInboxWatch *watch = data;

  for (guint i = 0; i < runner->drives->len; i++) {
    McDrive *drive = g_ptr_array_index (runner->drives, i);

    if (drive->flow != NULL && mc_enrollment_find (drive->enrollment, watch->address) != NULL &&
        mc_enrollment_is_open (drive->enrollment))
      mc_drive_mail_trouble (drive, watch->error);
  }
}

static gpointer
watch_thread (gpointer data)
{
  McInboxWatch *watch = data;

  if (!mc_imap_watch (watch->account, watch->since, watch->cancel, found, NULL, watch, &watch->error))
    mc_runner_post (watch->runner, watch_failed, watch);
  return NULL;
}

static void
watch_begin (McRunner *runner, const McMailAccount *account, gint64 since)
{
  McInboxWatch *watch = g_new0 (McInboxWatch, 1);

  watch->runner = runner;
  watch->address = g_strdup (account->address);
  watch->account = mc_mail_account_copy (account);
  watch->since = since;
  watch->cancel = g_cancellable_new ();
  g_hash_table_insert (runner->inboxes, g_strdup (watch->address), watch);
  watch->thread = g_thread_new ("inbox", watch_thread, watch);
}

/* Its thread's note may lie in the queue until the runner's end: freed after the queue. */
static void
watch_free (McInboxWatch *watch)
{
  g_object_unref (watch->cancel);
  mc_mail_account_free (watch->account);
  g_clear_error (&watch->error);
  g_free (watch->address);
  g_free (watch);
}

/* --- can the account be used at all? Asked before an order is opened, in parallel --- */

typedef struct {
  McJob job;
  McMailAccount *account;
  gboolean imap;
  GError *error;
} McCheckJob;

static void
check_run (McJob *job)
{
  McCheckJob *self = (McCheckJob *)job;
  gboolean idle;

  if (self->imap)
    mc_imap_check (self->account, NULL, &idle, &self->error);
  else
    mc_smtp_check (self->account, NULL, &self->error);
}

static void
check_done (McJob *job)
{
  McCheckJob *self = (McCheckJob *)job;
  McDrive *drive = mc_runner_drive_of (job->runner, job->drive_id, job->life);

  if (drive == NULL)
    return;
  drive->checks--;
  /* A server that is away for the moment is no reason not to begin; a wrong password or name is. */
  if (self->error != NULL && !g_error_matches (self->error, MC_ERROR, MC_ERROR_LATER))
    mc_drive_mail_trouble (drive, self->error);
}

static void
check_free (McJob *job)
{
  McCheckJob *self = (McCheckJob *)job;

  mc_mail_account_free (self->account);
  g_clear_error (&self->error);
  g_free (self);
}

static void
check_begin (McDrive *drive, const McMailAccount *account, gboolean imap)
{
  McCheckJob *self = g_new0 (McCheckJob, 1);

  self->job = (McJob){.run = check_run, .done = check_done, .free = check_free};
  self->job.drive_id = drive->id;
  self->job.life = drive->life;
  self->account = mc_mail_account_copy (account);
  self->imap = imap;
  drive->checks++;
  mc_runner_start_job (drive->runner, &self->job);
}

static gboolean
is_needed (const McEnrollment *e)
{
  return e->state == MC_ENROLLMENT_ACCOUNT || mc_enrollment_awaits_mail (e);
}

/* Checks once, before anything is ordered; then watches each address that waits for a mail. */
void
mc_inbox_begin (McDrive *drive)
{
  McRunner *runner = drive->runner;
  const McEnrollment *e = drive->enrollment;

  for (guint i = 0; i < e->addresses->len; i++) {
    const char *address = mc_enrollment_address (e, i)->address;
    const McMailAccount *account = mc_config_account (runner->config, address);

    if (!drive->checked && e->state < MC_ENROLLMENT_ORDERED && account != NULL) {
      if (account->imap != NULL && runner->adapter.inbox == NULL)
        check_begin (drive, account, TRUE);
      if (account->smtp != NULL && account->sendmail == NULL && runner->adapter.transport == NULL)
        check_begin (drive, account, FALSE);
    }
    if (!is_needed (e) || g_hash_table_contains (runner->inboxes, address))
      continue;
    if (runner->adapter.inbox != NULL) {
      /* No thread of ours: the adapter offers. Remembered so that it is told the end. */
      g_hash_table_insert (runner->inboxes, g_strdup (address), NULL);
      runner->adapter.inbox->watch (runner->adapter.inbox->self, address, e->ordered_at);
    } else if (account != NULL && account->imap != NULL)
      watch_begin (runner, account, e->ordered_at > 0 ? e->ordered_at : mc_runner_now ());
  }
  drive->checked = TRUE;
}

void
mc_inbox_end_unneeded (McRunner *runner)
{
  GHashTableIter iter;
  gpointer address, watch;

  g_hash_table_iter_init (&iter, runner->inboxes);
  while (g_hash_table_iter_next (&iter, &address, &watch)) {
    gboolean needed = FALSE;

    for (guint i = 0; i < runner->drives->len && !needed; i++) {
      const McDrive *drive = g_ptr_array_index (runner->drives, i);

      needed = drive->flow != NULL && is_needed (drive->enrollment) && !mc_drive_is_blocked (drive) &&
               mc_enrollment_find (drive->enrollment, address) != NULL;
    }
    if (needed)
      continue;
    if (watch != NULL) {
      g_cancellable_cancel (((McInboxWatch *)watch)->cancel);
      g_ptr_array_add (runner->retired, watch);
    } else
      runner->adapter.inbox->unwatch (runner->adapter.inbox->self, address);
    g_hash_table_iter_remove (&iter);
  }
}

void
mc_inbox_stop_all (McRunner *runner)
{
  g_ptr_array_set_size (runner->drives, 0);
  mc_inbox_end_unneeded (runner);
  for (guint i = 0; i < runner->retired->len; i++) {
    McInboxWatch *watch = g_ptr_array_index (runner->retired, i);

    g_thread_join (watch->thread);
  }
}

void
mc_inbox_free_all (McRunner *runner)
{
  for (guint i = 0; i < runner->retired->len; i++)
    watch_free (g_ptr_array_index (runner->retired, i));
  g_ptr_array_set_size (runner->retired, 0);
}
