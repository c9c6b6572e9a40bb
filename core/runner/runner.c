/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/runner-private.h"

#include "base/error.h"
#include "base/secret.h"

#define WORKERS 4

typedef struct {
  McNoteFunc func;
  gpointer data;
} McNote;

gint64
mc_runner_now (void)
{
  return g_get_real_time () / G_USEC_PER_SEC;
}

void
mc_runner_post (McRunner *runner, McNoteFunc func, gpointer data)
{
  McNote *note = g_new (McNote, 1);

  note->func = func;
  note->data = data;
  g_async_queue_push (runner->notes, note);
  mc_http_wake (runner->http);
}

static void
job_ended (McRunner *runner, gpointer data)
{
  McJob *job = data;

  runner->jobs--;
  job->done (job);
  job->free (job);
}

static void
work (gpointer data, gpointer runner)
{
  McJob *job = data;

  job->run (job);
  mc_runner_post (runner, job_ended, job);
}

void
mc_runner_start_job (McRunner *runner, McJob *job)
{
  job->runner = runner;
  runner->jobs++;
  g_thread_pool_push (runner->workers, job, NULL);
}

McRunner *
mc_runner_new (const McConfig *config, const McAdapter *adapter, GError **error)
{
  g_autoptr (McStore) store = mc_store_open (config->data_dir, FALSE, error);
  g_autoptr (McHttp) http = NULL;
  McRunner *runner;

  if (store == NULL)
    return NULL;
  http = mc_http_new (error);
  if (http == NULL)
    return NULL;
  runner = g_new0 (McRunner, 1);
  runner->config = config;
  if (adapter != NULL)
    runner->adapter = *adapter;
  runner->store = g_steal_pointer (&store);
  runner->http = g_steal_pointer (&http);
  runner->workers = g_thread_pool_new (work, runner, WORKERS, FALSE, NULL);
  runner->notes = g_async_queue_new ();
  runner->sends = g_ptr_array_new ();
  runner->drives = g_ptr_array_new_with_free_func ((GDestroyNotify)mc_drive_free);
  runner->inboxes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  runner->retired = g_ptr_array_new ();
  runner->crowded = mc_spool_crowded_new ();
  runner->judging = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  runner->requests = g_hash_table_new_full (NULL, NULL, g_free, NULL);
  runner->allowed = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  runner->unasked = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  runner->unanswered = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  runner->cancel = g_cancellable_new ();
  runner->data_version = mc_store_data_version (runner->store);
  return runner;
}

static void
take_note (McRunner *runner, McNote *note)
{
  note->func (runner, note->data);
  g_free (note);
}

/* Notes that come after the loop has ended still own their jobs. */
void
mc_runner_take_notes (McRunner *runner)
{
  McNote *note;

  while ((note = g_async_queue_try_pop (runner->notes)) != NULL)
    take_note (runner, note);
}

/* Whoever was asked something will call back, and needs us until then. */
static void
await_adapter (McRunner *runner)
{
  mc_port_withdraw_unneeded (runner);
  while (runner->sends->len > 0 || runner->questions > 0)
    take_note (runner, g_async_queue_pop (runner->notes));
}

void
mc_runner_free (McRunner *runner)
{
  if (runner == NULL)
    return;
  /* Jobs end by themselves (each is bounded); their results find no drive any more. */
  g_cancellable_cancel (runner->cancel);
  mc_inbox_stop_all (runner);
  g_thread_pool_free (runner->workers, FALSE, TRUE);
  mc_runner_take_notes (runner);
  await_adapter (runner);
  mc_inbox_free_all (runner);
  g_ptr_array_unref (runner->retired);
  g_ptr_array_unref (runner->sends);
  g_ptr_array_unref (runner->drives);
  g_hash_table_unref (runner->inboxes);
  g_hash_table_unref (runner->judging);
  g_hash_table_unref (runner->crowded);
  g_hash_table_unref (runner->allowed);
  g_hash_table_unref (runner->unasked);
  g_hash_table_unref (runner->unanswered);
  g_object_unref (runner->cancel);
  g_async_queue_unref (runner->notes);
  mc_dns_free (runner->dns);
  mc_http_free (runner->http);
  g_hash_table_unref (runner->requests);
  mc_store_close (runner->store);
  mc_secret_string_free (runner->passphrase);
  mc_command_forget ();
  mc_command_look (TRUE);
  g_free (runner);
}

void
mc_runner_set_watch (McRunner *runner, McRunnerWatchFunc watch, gpointer data)
{
  runner->watch = watch;
  runner->watch_data = data;
}

void
mc_runner_set_tell (McRunner *runner, McRunnerTellFunc tell, gpointer data)
{
  runner->tell = tell;
  runner->tell_data = data;
}

void
mc_runner_set_passphrase (McRunner *runner, const char *passphrase)
{
  mc_secret_string_free (runner->passphrase);
  runner->passphrase = g_strdup (passphrase);
  for (guint i = 0; i < runner->drives->len; i++)
    mc_drive_passphrase_changed (g_ptr_array_index (runner->drives, i));
}

McDrive *
mc_runner_drive (McRunner *runner, gint64 id)
{
  for (guint i = 0; i < runner->drives->len; i++) {
    McDrive *drive = g_ptr_array_index (runner->drives, i);

    if (drive->id == id)
      return drive;
  }
  return NULL;
}

McDrive *
mc_runner_drive_of (McRunner *runner, gint64 id, guint life)
{
  McDrive *drive = mc_runner_drive (runner, id);

  return drive != NULL && drive->life == life ? drive : NULL;
}

gboolean
mc_runner_follow (McRunner *runner, gint64 id, GError **error)
{
  McDrive *drive = mc_runner_drive (runner, id);

  if (drive != NULL)
    return TRUE;
  drive = mc_drive_new (runner, id, error);
  if (drive == NULL)
    return FALSE;
  g_ptr_array_add (runner->drives, drive);
  runner->spool_due = TRUE;
  return TRUE;
}

gboolean
mc_runner_follow_open (McRunner *runner, guint *count, GError **error)
{
  g_autoptr (GPtrArray) open = mc_store_enrollments (runner->store, TRUE, error);

  if (open == NULL)
    return FALSE;
  for (guint i = 0; i < open->len; i++)
    if (!mc_runner_follow (runner, ((McEnrollment *)g_ptr_array_index (open, i))->id, error))
      return FALSE;
  if (count != NULL)
    *count = open->len;
  return TRUE;
}

const McEnrollment *
mc_runner_enrollment (McRunner *runner, gint64 id)
{
  const McDrive *drive = mc_runner_drive (runner, id);

  return drive != NULL ? drive->enrollment : NULL;
}

McRunnerCounts
mc_runner_counts (const McRunner *runner)
{
  McHttpCounts http = mc_http_counts (runner->http);

  return (McRunnerCounts){.requests = http.requests, .connections = http.connections, .replies = runner->replies};
}

void
mc_runner_stop (McRunner *runner)
{
  g_atomic_int_set (&runner->stopping, 1);
  mc_http_wake (runner->http);
}

static void
offered (McRunner *runner, gpointer data)
{
  GBytes *rfc822 = data;

  mc_spool_take_offered (runner, rfc822);
  runner->spool_due = TRUE;
  g_bytes_unref (rfc822);
}

void
mc_runner_offer (McRunner *runner, GBytes *rfc822)
{
  mc_runner_post (runner, offered, g_bytes_ref (rfc822));
}

/* Another process has committed: what it spooled may be for us. And where it held a lease and is gone, we take over. */
static gboolean
look_at_store (McRunner *runner, GError **error)
{
  const gint64 version = mc_store_data_version (runner->store);
  const gboolean moved = version != runner->data_version;

  runner->data_version = version;
  runner->spool_due = runner->spool_due || moved;
  for (guint i = 0; i < runner->drives->len; i++) {
    McDrive *drive = g_ptr_array_index (runner->drives, i);

    if (drive->lease == NULL && !mc_drive_watch (drive, moved, error))
      return FALSE;
  }
  return TRUE;
}

static gboolean
turn (McRunner *runner, GError **error)
{
  mc_runner_take_notes (runner);
  if (!look_at_store (runner, error))
    return FALSE;
  for (guint i = 0; i < runner->drives->len; i++)
    if (!mc_drive_step (g_ptr_array_index (runner->drives, i), error))
      return FALSE;
  mc_inbox_end_unneeded (runner);
  mc_port_withdraw_unneeded (runner);
  return mc_spool_judge (runner, error);
}

gboolean
mc_runner_run (McRunner *runner, gint64 until, gint64 *next_wake, GError **error)
{
  McOutlook look;

  runner->spool_due = TRUE;
  for (;;) {
    gint64 now;

    if (!turn (runner, error))
      return FALSE;
    now = mc_runner_now ();
    look = mc_outlook (runner, now, until);
    if (runner->sends->len == 0) {
      if (g_atomic_int_get (&runner->stopping))
        break;
      if (look.all_over || (until == 0 && !look.hold && g_async_queue_length (runner->notes) <= 0) ||
          (until > 0 && now >= until && !look.posting))
        break;
    }
    /* A stop waits for the mail that is just being handed over: whether it left must be written down. */
    if (!mc_http_wait (runner->http, mc_outlook_sleep_ms (&look, now, until), error))
      return FALSE;
  }
  g_atomic_int_set (&runner->stopping, 0);
  if (next_wake != NULL)
    *next_wake = look.wake;
  return TRUE;
}
