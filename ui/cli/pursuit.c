/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "pursuit.h"

#include "ends.h"
#include "interrupt.h"
#include "notify.h"
#include "terminal.h"
#include "text.h"

#include <string.h>
#include <unistd.h>

#define FOR_EVER (14 * 24 * 60 * 60) /* beyond any deadline */

struct McPursuit {
  McCli *cli;
  McRunner *runner;
  McTerminal *terminal;
  McProgress *progress;
  McNotifier *notifier; /* NULL = the person reads what is said here, or wants none */
  GArray *ids;          /* gint64 */
};

static void
show_wait (McPursuit *pursuit, const McEnrollment *e)
{
  g_autofree char *since = NULL;
  g_autofree char *until = NULL;
  g_autofree char *line = NULL;
  gint64 now = mc_cli_now ();

  if (e->state == MC_ENROLLMENT_ORDERED && e->deadline > 0) {
    since = mc_text_time (e->ordered_at > 0 ? e->ordered_at : e->since, now);
    until = mc_text_time (e->deadline, now);
    /* Translators: two times such as "today 14:02" and "tomorrow 14:02". */
    line = g_strdup_printf (_ ("Waiting since %s until %s. Ctrl-C ends only the waiting."), since, until);
  }
  mc_progress_wait (pursuit->progress, line);
}

/* The end of each is told once, by mc_pursuit_report. */
static gboolean
is_end (const McHistoryEntry *entry)
{
  return entry->address == NULL && (strcmp (entry->state, "INSTALLED") == 0 || strcmp (entry->state, "FAILED") == 0 ||
                                    strcmp (entry->state, "EXPIRED") == 0);
}

static void
watch (const McEnrollment *e, const McHistoryEntry *entry, gpointer data)
{
  McPursuit *pursuit = data;
  g_autofree char *step = entry != NULL && !is_end (entry) ? mc_text_step (e, entry) : NULL;

  if (step != NULL)
    mc_progress_step (pursuit->progress, step);
  show_wait (pursuit, e);
}

McPursuit *
mc_pursuit_new (McCli *cli, GError **error)
{
  g_autoptr (McPursuit) pursuit = g_new0 (McPursuit, 1);

  pursuit->cli = cli;
  pursuit->ids = g_array_new (FALSE, FALSE, sizeof (gint64));
  pursuit->progress = mc_progress_new (cli);
  pursuit->terminal = mc_terminal_new (cli, pursuit->progress);
  pursuit->runner = mc_runner_new (cli->config, mc_terminal_adapter (pursuit->terminal), error);
  if (pursuit->runner == NULL)
    return NULL;
  mc_runner_set_watch (pursuit->runner, watch, pursuit);
  if (cli->config->notify && !isatty (STDERR_FILENO)) {
    pursuit->notifier = mc_notifier_new ();
    mc_runner_set_tell (pursuit->runner, mc_notifier_tell, pursuit->notifier);
  }
  return g_steal_pointer (&pursuit);
}

void
mc_pursuit_free (McPursuit *pursuit)
{
  if (pursuit == NULL)
    return;
  if (pursuit->terminal != NULL)
    mc_terminal_close (pursuit->terminal);
  g_clear_pointer (&pursuit->runner, mc_runner_free);
  g_clear_pointer (&pursuit->notifier, mc_notifier_free);
  g_clear_pointer (&pursuit->terminal, mc_terminal_free);
  mc_progress_free (pursuit->progress);
  g_array_unref (pursuit->ids);
  g_free (pursuit);
}

McRunner *
mc_pursuit_runner (McPursuit *pursuit)
{
  return pursuit->runner;
}

void
mc_pursuit_add (McPursuit *pursuit, gint64 id)
{
  for (guint i = 0; i < pursuit->ids->len; i++)
    if (g_array_index (pursuit->ids, gint64, i) == id)
      return;
  g_array_append_val (pursuit->ids, id);
}

guint
mc_pursuit_count (const McPursuit *pursuit)
{
  return pursuit->ids->len;
}

gboolean
mc_pursuit_until (const McCli *cli, const char *const *addresses, gint64 *until, GError **error)
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

/* Who carries on a request that is open for long sees at once where it stands. */
static void
say_standing (McPursuit *pursuit)
{
  for (guint i = 0; i < pursuit->ids->len; i++) {
    const McEnrollment *e = mc_runner_enrollment (pursuit->runner, g_array_index (pursuit->ids, gint64, i));
    g_autofree char *sentence = NULL;

    if (e == NULL || e->state == MC_ENROLLMENT_NEW)
      continue;
    sentence = mc_text_enrollment (e, mc_cli_now (), NULL);
    mc_progress_step (pursuit->progress, sentence);
    show_wait (pursuit, e);
  }
}

gboolean
mc_pursuit_run (McPursuit *pursuit, gint64 until, GError **error)
{
  gboolean ok;

  mc_interrupt_watch (pursuit->runner);
  say_standing (pursuit);
  ok = mc_interrupt_came () || mc_runner_run (pursuit->runner, until, NULL, error);
  mc_interrupt_unwatch ();
  mc_progress_wait (pursuit->progress, NULL);
  mc_terminal_close (pursuit->terminal); /* a question that is still open has nobody to answer to */
  if (pursuit->cli->verbose > 0 && !pursuit->cli->json && !pursuit->cli->quiet) {
    McRunnerCounts counts = mc_runner_counts (pursuit->runner);
    g_autofree char *line = g_strdup_printf (_ ("Requests: %u, connections: %u, replies: %u."), counts.requests,
                                             counts.connections, counts.replies);

    mc_cli_say (stderr, line);
  }
  return ok;
}

int
mc_pursuit_report (McPursuit *pursuit)
{
  return mc_ends_report (pursuit->cli, pursuit->ids);
}
