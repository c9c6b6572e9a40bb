/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "drive.h"

#include "ends.h"
#include "exit-status.h"
#include "interrupt.h"
#include "store/store.h"
#include "terminal.h"
#include "text.h"

#include <string.h>
#include <unistd.h>

#define FOR_EVER (14 * 24 * 60 * 60) /* beyond any deadline */

struct McDrive {
  McCli *cli;
  McRunner *runner;
  McTerminal *terminal;
  McProgress *progress;
  GArray *ids; /* gint64 */

  GMutex lock;      /* for what follows: settled () may come from the thread that asks */
  GHashTable *ends; /* id -> McEnd */
  gboolean root_settled;
};

typedef enum {
  MC_END_OPEN,
  MC_END_ASKING, /* over unless the person trusts a root */
  MC_END_OVER    /* over, or stuck until somebody does something that this process cannot wait for */
} McEnd;

static McEnd
judge_end (const McEnrollment *e)
{
  if (!mc_exit_needs_person (e))
    return MC_END_OPEN;
  for (guint i = 0; e->state == MC_ENROLLMENT_ISSUED && i < e->keyrings->len; i++) {
    const McEnrollmentKeyring *keyring = g_ptr_array_index (e->keyrings, i);

    if (strcmp (keyring->state, "untrusted") == 0)
      return MC_END_ASKING;
  }
  return MC_END_OVER;
}

/* With the lock held. */
static gboolean
is_all_over (const McDrive *drive)
{
  for (guint i = 0; i < drive->ids->len; i++) {
    gint64 id = g_array_index (drive->ids, gint64, i);
    McEnd end = (McEnd)GPOINTER_TO_INT (g_hash_table_lookup (drive->ends, &id));

    if (end == MC_END_OPEN || (end == MC_END_ASKING && !drive->root_settled))
      return FALSE;
  }
  return TRUE;
}

static void
settled (gpointer data)
{
  McDrive *drive = data;
  gboolean over;

  g_mutex_lock (&drive->lock);
  drive->root_settled = TRUE;
  over = is_all_over (drive);
  g_mutex_unlock (&drive->lock);
  if (over)
    mc_runner_stop (drive->runner);
}

static void
show_wait (McDrive *drive, const McEnrollment *e)
{
  g_autofree char *since = NULL;
  g_autofree char *until = NULL;
  g_autofree char *line = NULL;
  gint64 now = mc_cli_now ();

  if (e->state == MC_ENROLLMENT_ORDERED && e->deadline > 0) {
    since = mc_text_time (e->ordered_at > 0 ? e->ordered_at : e->since, now);
    until = mc_text_time (e->deadline, now);
    /* Translators: two times such as "today 14:02" and "tomorrow 14:02". */
    line = g_strdup_printf (_ ("Waiting since %s until %s. Ctrl-C ends the waiting, not the request."), since, until);
  }
  mc_progress_wait (drive->progress, line);
}

/* The end of each is told once, by mc_drive_report. */
static gboolean
is_end (const McHistoryEntry *entry)
{
  return entry->address == NULL && (strcmp (entry->state, "INSTALLED") == 0 || strcmp (entry->state, "FAILED") == 0 ||
                                    strcmp (entry->state, "EXPIRED") == 0);
}

static void
watch (const McEnrollment *e, const McHistoryEntry *entry, gpointer data)
{
  McDrive *drive = data;
  g_autofree char *step = entry != NULL && !is_end (entry) ? mc_text_step (e, entry) : NULL;
  gint64 *id = g_new (gint64, 1);
  gboolean over;

  if (step != NULL)
    mc_progress_step (drive->progress, step);
  show_wait (drive, e);
  *id = e->id;
  g_mutex_lock (&drive->lock);
  g_hash_table_insert (drive->ends, id, GINT_TO_POINTER (judge_end (e)));
  over = is_all_over (drive);
  g_mutex_unlock (&drive->lock);
  if (over)
    mc_runner_stop (drive->runner);
}

McDrive *
mc_drive_new (McCli *cli, GError **error)
{
  g_autoptr (McDrive) drive = g_new0 (McDrive, 1);

  drive->cli = cli;
  drive->ids = g_array_new (FALSE, FALSE, sizeof (gint64));
  drive->ends = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  g_mutex_init (&drive->lock);
  drive->progress = mc_progress_new (cli);
  drive->terminal = mc_terminal_new (cli, drive->progress, settled, drive);
  drive->runner = mc_runner_new (cli->config, mc_terminal_adapter (drive->terminal), error);
  if (drive->runner == NULL)
    return NULL;
  mc_runner_set_watch (drive->runner, watch, drive);
  return g_steal_pointer (&drive);
}

void
mc_drive_free (McDrive *drive)
{
  if (drive == NULL)
    return;
  if (drive->terminal != NULL)
    mc_terminal_close (drive->terminal);
  g_clear_pointer (&drive->runner, mc_runner_free);
  g_clear_pointer (&drive->terminal, mc_terminal_free);
  mc_progress_free (drive->progress);
  g_array_unref (drive->ids);
  g_hash_table_unref (drive->ends);
  g_mutex_clear (&drive->lock);
  g_free (drive);
}

McRunner *
mc_drive_runner (McDrive *drive)
{
  return drive->runner;
}

void
mc_drive_add (McDrive *drive, gint64 id)
{
  for (guint i = 0; i < drive->ids->len; i++)
    if (g_array_index (drive->ids, gint64, i) == id)
      return;
  g_array_append_val (drive->ids, id);
}

guint
mc_drive_count (const McDrive *drive)
{
  return drive->ids->len;
}

gboolean
mc_drive_until (const McCli *cli, const char *const *addresses, gint64 *until, GError **error)
{
  gint64 seconds;

  if (mc_cli_has (cli, "wait") && mc_cli_has (cli, "no-wait")) {
    mc_cli_set_error (error, MC_ERROR_USAGE, _ ("--wait and --no-wait contradict each other."));
    return FALSE;
  }
  *until = 0;
  if (mc_cli_has (cli, "no-wait"))
    return TRUE;
  if (mc_cli_has (cli, "wait")) {
    if (!mc_cli_number (cli, "wait", G_MAXINT32, &seconds, error))
      return FALSE;
    *until = seconds > 0 ? mc_cli_now () + seconds : 0;
    return TRUE;
  }
  if (!isatty (STDIN_FILENO) || !isatty (STDERR_FILENO)) {
    for (guint i = 0; addresses[i] != NULL; i++) {
      const McMailAccount *account = mc_config_account (cli->config, addresses[i]);

      if (account == NULL || account->imap == NULL)
        return TRUE;
    }
  }
  *until = mc_cli_now () + FOR_EVER;
  return TRUE;
}

gboolean
mc_drive_run (McDrive *drive, gint64 until, GError **error)
{
  gboolean ok;

  mc_interrupt_watch (drive->runner);
  ok = mc_interrupt_came () || mc_runner_run (drive->runner, until, NULL, error);
  mc_interrupt_unwatch ();
  mc_progress_wait (drive->progress, NULL);
  mc_terminal_close (drive->terminal); /* a question that is still open has nobody to answer to */
  if (drive->cli->verbose > 0 && !drive->cli->json && !drive->cli->quiet) {
    McRunnerCounts counts = mc_runner_counts (drive->runner);
    g_autofree char *line = g_strdup_printf (_ ("Requests: %u, connections: %u, replies: %u."), counts.requests,
                                             counts.connections, counts.replies);

    mc_cli_say (stderr, line);
  }
  return ok;
}

int
mc_drive_report (McDrive *drive)
{
  return mc_ends_report (drive->cli, drive->ids);
}
