/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/runner-private.h"

#include "base/error.h"
#include "net/imap.h"

#define CHECK_SECONDS 10 /* a mail server that says nothing for so long does not keep an order from being opened */

/* One address whose folders we watch by IMAP, on a thread of its own. */
typedef struct {
  McRunner *runner;
  char *address;
  McMailAccount *account;
  gint64 since;
  GCancellable *cancel;
  GThread *thread;
  GError *error;     /* set by the thread before its note */
  gboolean reported; /* loop: whether the login works has been told to who waited for it */
} McInboxWatch;

static void
found (GBytes *rfc822, gpointer data)
{
  McInboxWatch *watch = data;

  mc_runner_offer (watch->runner, rfc822);
}

/* From the start: the first login proves the account before anything is ordered. */
static gboolean
needs_challenge (const McEnrollment *e)
{
  return e->state < MC_ENROLLMENT_ORDERED || mc_enrollment_awaits_mail (e);
}

/* The account's folders can be read: what waited for that to be known goes on. */
static void
check_over (McDrive *drive)
{
  if (drive->checks > 0)
    drive->checks--;
}

static void
drives_checked (McInboxWatch *watch, const GError *error)
{
  McRunner *runner = watch->runner;

  for (guint i = 0; i < runner->drives->len; i++) {
    McDrive *drive = g_ptr_array_index (runner->drives, i);

    if (drive->flow == NULL || mc_enrollment_find (drive->enrollment, watch->address) == NULL ||
        !mc_enrollment_is_open (drive->enrollment))
      continue;
    if (!watch->reported)
      check_over (drive);
    if (error != NULL && needs_challenge (drive->enrollment))
      mc_drive_mail_trouble (drive, error);
  }
  watch->reported = TRUE;
}

static void
watch_ready (McRunner *runner, gpointer data)
{
  (void)runner;
  drives_checked (data, NULL);
}

static void
ready (gboolean idle, gpointer data)
{
  McInboxWatch *watch = data;

  (void)idle;
  mc_runner_post (watch->runner, watch_ready, watch);
}

/* A login that failed is told to every drive that needs this address. */
static void
watch_failed (McRunner *runner, gpointer data)
{
  McInboxWatch *watch = data;

  (void)runner;
  drives_checked (watch, watch->error);
}

static gpointer
watch_thread (gpointer data)
{
  McInboxWatch *watch = data;

  if (!mc_imap_watch (watch->account, watch->since, watch->cancel, found, ready, watch, &watch->error))
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

/* --- can the account send? Asked before an order is opened; that it can read shows the watch itself --- */

typedef struct {
  McJob job;
  McMailAccount *account;
  GError *error;
} McCheckJob;

static void
find_sendmail (const char *command, GError **error)
{
  g_auto (GStrv) argv = NULL;
  g_autofree char *program = NULL;

  if (g_shell_parse_argv (command, NULL, &argv, NULL))
    program = g_find_program_in_path (argv[0]);
  if (program == NULL)
    g_set_error (error, MC_ERROR, MC_ERROR_CONFIG, "sendmail: there is no program \"%s\"",
                 argv != NULL ? argv[0] : command);
}

static void
check_run (McJob *job)
{
  McCheckJob *self = (McCheckJob *)job;

  if (self->account->sendmail == NULL)
    mc_smtp_check (self->account, job->runner->cancel, &self->error);
  else
    find_sendmail (self->account->sendmail, &self->error);
}

static void
check_done (McJob *job)
{
  McCheckJob *self = (McCheckJob *)job;
  McDrive *drive = mc_runner_drive_of (job->runner, job->drive_id, job->life);

  if (drive == NULL)
    return;
  check_over (drive);
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
check_begin (McDrive *drive, const McMailAccount *account)
{
  McCheckJob *self = g_new0 (McCheckJob, 1);

  self->job = (McJob){.run = check_run, .done = check_done, .free = check_free};
  self->job.drive_id = drive->id;
  self->job.life = drive->life;
  self->account = mc_mail_account_copy (account);
  drive->checks++;
  mc_runner_start_job (drive->runner, &self->job);
}

/* Also while a reply is out: it may come back, or a second challenge come. */
static gboolean
is_needed (const McEnrollment *e)
{
  gboolean out = FALSE;

  for (guint i = 0; e->state == MC_ENROLLMENT_ORDERED && i < e->addresses->len; i++)
    out = out || mc_flow_reply_is_out (mc_enrollment_address (e, i));
  return out || needs_challenge (e);
}

/* Watches each address that a mail may come for, and counts what must be known before anything is ordered. */
void
mc_inbox_begin (McDrive *drive)
{
  McRunner *runner = drive->runner;
  const McEnrollment *e = drive->enrollment;
  const gboolean check = !drive->checked && e->state < MC_ENROLLMENT_ORDERED;

  drive->checked = TRUE;
  if (check)
    drive->checks_until = mc_runner_now () + CHECK_SECONDS;
  for (guint i = 0; i < e->addresses->len; i++) {
    const char *address = mc_enrollment_address (e, i)->address;
    const McMailAccount *account = mc_config_account (runner->config, address);

    if (check && account != NULL && (account->smtp != NULL || account->sendmail != NULL) &&
        runner->adapter.transport == NULL)
      check_begin (drive, account);
    if (!is_needed (e) || g_hash_table_contains (runner->inboxes, address))
      continue;
    if (runner->adapter.inbox != NULL) {
      /* No thread of ours: the adapter offers. Remembered so that it is told the end. */
      g_hash_table_insert (runner->inboxes, g_strdup (address), NULL);
      runner->adapter.inbox->watch (runner->adapter.inbox->self, address, mc_enrollment_ordered_since (e));
    } else if (account != NULL && account->imap != NULL) {
      watch_begin (runner, account, e->ordered_at > 0 ? mc_enrollment_ordered_since (e) : mc_runner_now ());
      drive->checks += check ? 1 : 0;
    }
  }
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
