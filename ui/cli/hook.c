/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "exit-status.h"
#include "here.h"
#include "json.h"
#include "notify.h"
#include "mail/message.h"
#include "runner/presence.h"
#include "text.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static const McOption options[] = {
    {"detach", 0, NULL, NULL, N_ ("return as soon as the mail is kept, and carry the order on in the background"),
     FALSE},
    {.name = NULL},
};

static int
report (McCli *cli, gboolean bounce, gboolean spooled)
{
  g_autoptr (McJson) object = NULL;

  if (cli->json) {
    object = mc_report_new ();
    mc_json_set_boolean (object, "spooled", spooled);
    mc_report_print (object);
  } else if (mc_cli_is_talkative (cli) && bounce && spooled)
    mc_cli_say (stdout, _ ("This mail says that a reply of yours did not arrive; it is kept."));
  else if (mc_cli_is_talkative (cli))
    mc_cli_say (stdout, spooled ? _ ("This may be a mail that we wait for; it is kept.")
                                : _ ("This mail is not one that we wait for."));
  return mc_cli_finish (MC_EXIT_DONE);
}

/* Whatever keeps the mail from being spooled is 75: mail filters then keep it and try again. */
static int
fail_spool (McCli *cli, GError *error)
{
  mc_cli_fail (cli, error);
  return MC_EXIT_LATER;
}

/* A person who hands over a mail by hand hears what mailcert thinks of it. */
static void
say_verdict (McCli *cli, GBytes *mail)
{
  McInspectOptions asked = {0};
  g_autoptr (McInspection) inspection = NULL;
  g_autofree char *next = NULL;
  g_autofree char *sentence = NULL;

  if (!mc_cli_is_talkative (cli))
    return;
  inspection = mc_inspect (cli->config, mail, &asked, NULL);
  if (inspection == NULL)
    return;
  sentence = mc_text_verdict (&inspection->verdict, &next);
  mc_cli_say (stdout, sentence);
  if (next != NULL) {
    g_autofree char *step = g_strdup_printf (_ ("Next: %s"), next);

    mc_cli_say (stdout, step);
  }
}

static void
watch (const McEnrollment *e, const McHistoryEntry *entry, gpointer data G_GNUC_UNUSED)
{
  g_autofree char *step = entry != NULL ? mc_text_step (e, entry) : NULL;

  if (step != NULL)
    mc_cli_say (stdout, step);
}

/* What a verdict or the CA says about the mail is no affair of the mail filter: it stands in the record. */
static void
carry_on (McCli *cli, McRunner *runner, McNotifier *notifier)
{
  g_autoptr (GError) error = NULL;
  guint count;

  if (mc_cli_is_talkative (cli))
    mc_runner_set_watch (runner, watch, NULL);
  if (cli->config->notify && !isatty (STDERR_FILENO)) /* nobody reads what is said here */
    mc_runner_set_tell (runner, mc_notifier_tell, notifier);
  if (mc_runner_follow_open (runner, &count, &error) && mc_runner_run (runner, 0, NULL, &error))
    return;
  if (cli->verbose > 0) {
    g_autofree char *next = NULL;
    g_autofree char *sentence = mc_text_error (error, &next);

    mc_cli_complain (sentence, next);
  }
}

static void
let_go (int *tell, int status)
{
  char octet = (char)status;
  int null;

  if (*tell < 0)
    return;
  /* The parent that reads it is gone only if somebody ended it; the mail is kept all the same. */
  while (write (*tell, &octet, 1) < 0 && errno == EINTR)
    continue;
  close (*tell);
  *tell = -1;
  null = open ("/dev/null", O_RDWR | O_CLOEXEC);
  for (int fd = 0; null >= 0 && fd <= 2; fd++)
    dup2 (null, fd);
  if (null > 2)
    close (null);
}

/* TELL: where the parent waits for the exit status, or -1. */
static int
answer (McCli *cli, GBytes *mail, int tell)
{
  const gboolean bounce = mc_peek (g_bytes_get_data (mail, NULL), g_bytes_get_size (mail)) == MC_PEEK_BOUNCE;
  g_autoptr (McNotifier) notifier = mc_notifier_new (); /* outlives the runner */
  g_autoptr (McRunner) runner = NULL;
  GError *error = NULL;
  gboolean spooled = FALSE, crowded = FALSE;
  int status = MC_EXIT_DONE;

  if (!mc_here_follow (cli, &error) || !mc_cli_load_config (cli, &error) ||
      (runner = mc_runner_new (cli->config, NULL, &error)) == NULL ||
      !mc_runner_spool (runner, mail, &spooled, &error)) {
    crowded = runner != NULL && g_error_matches (error, MC_ERROR, MC_ERROR_LATER);
    status = fail_spool (cli, error);
  } else
    status = report (cli, bounce, spooled);
  if (status == MC_EXIT_DONE && tell < 0 && !bounce)
    say_verdict (cli, mail);
  if (spooled) /* whoever called us sees the mail */
    mc_presence_leave ();
  let_go (&tell, status);
  if ((status == MC_EXIT_DONE && spooled) || crowded) /* there is no room before the others have been looked at */
    carry_on (cli, runner, notifier);
  return status;
}

static int
wait_for_child (McCli *cli, int from)
{
  GError *error = NULL;
  char octet;
  ssize_t n;

  do
    n = read (from, &octet, 1);
  while (n < 0 && errno == EINTR);
  close (from);
  if (n == 1)
    return (unsigned char)octet;
  /* It died, or could not say how it went and carries on, perhaps for hours: nobody waits for that. A mail that was
   * kept and comes again is known. */
  mc_cli_set_error (&error, MC_ERROR_LATER, "%s",
                    _ ("Whether this mail is kept is not known: the part of mailcert that keeps it was cut off. Hand "
                       "it over again."));
  return mc_cli_fail (cli, error);
}

/* Forks before there are threads or open databases; the parent stays until the mail is kept. */
static int
answer_detached (McCli *cli, GBytes *mail)
{
  int ends[2];
  pid_t child;

  fflush (stdout);
  if (pipe2 (ends, O_CLOEXEC) != 0)
    return answer (cli, mail, -1);
  child = fork ();
  if (child < 0) {
    close (ends[0]);
    close (ends[1]);
    return answer (cli, mail, -1);
  }
  if (child > 0) {
    close (ends[1]);
    return wait_for_child (cli, ends[0]);
  }
  close (ends[0]);
  setsid ();
  return answer (cli, mail, ends[1]);
}

static int
run (McCli *cli)
{
  GError *error = NULL;
  g_autoptr (GBytes) mail = mc_cli_read_mail (mc_cli_operand (cli, 0), &error);
  gsize length;
  const char *bytes;

  if (mail == NULL)
    return mc_cli_fail (cli, error);
  bytes = g_bytes_get_data (mail, &length);
  if (length > MC_MESSAGE_MAX || !mc_peek (bytes, length))
    return report (cli, FALSE, FALSE);
  return mc_cli_has (cli, "detach") ? answer_detached (cli, mail) : answer (cli, mail, -1);
}

const McVerb mc_verb_hook = {
    "hook",  "[FILE]", 0, 1, "@file", N_ ("Takes one mail and answers it if it is a CA's check that we wait for."),
    options, run};
