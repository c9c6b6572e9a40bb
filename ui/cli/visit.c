/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "visit.h"

#include "exit-status.h"
#include "interrupt.h"
#include "json.h"
#include "text.h"

McVisit *
mc_visit_new (McCli *cli, GError **error)
{
  g_autoptr (McVisit) visit = g_new0 (McVisit, 1);

  visit->progress = mc_progress_new (cli);
  visit->terminal = mc_terminal_new (cli, visit->progress);
  visit->runner = mc_runner_new (cli->config, mc_terminal_adapter (visit->terminal), error);
  if (visit->runner == NULL)
    return NULL;
  mc_interrupt_watch (visit->runner);
  return g_steal_pointer (&visit);
}

void
mc_visit_free (McVisit *visit)
{
  if (visit == NULL)
    return;
  if (visit->runner != NULL)
    mc_interrupt_unwatch ();
  mc_terminal_close (visit->terminal);
  g_clear_pointer (&visit->runner, mc_runner_free);
  mc_terminal_free (visit->terminal);
  mc_progress_free (visit->progress);
  g_free (visit);
}

int
mc_visit_tell (const char *ca, McProblem *problem_take, GError *error_take, McJson **report)
{
  g_autoptr (McProblem) problem = problem_take;
  g_autoptr (GError) error = error_take;
  g_autofree char *next = NULL;
  g_autofree char *sentence = NULL;
  McError code = mc_exit_code_of_error (error);

  if (problem != NULL) {
    mc_exit_code_of_trouble (problem, &code);
    sentence = mc_text_problem (ca, problem, &next);
  } else
    sentence = mc_text_error (error, &next);
  mc_cli_complain (sentence, next);
  *report = mc_report_error (code, sentence, next, problem);
  return mc_exit_status_of_code (code);
}

int
mc_visit_fail (McCli *cli, const char *ca, McProblem *problem_take, GError *error_take)
{
  g_autoptr (McJson) report = mc_report_new ();
  g_autoptr (McJson) why = NULL;
  int status;

  if (problem_take == NULL)
    return mc_cli_fail (cli, error_take);
  status = mc_visit_tell (ca, problem_take, error_take, &why);
  mc_json_set (report, "error", why);
  if (cli->json)
    mc_report_print (report);
  return status;
}
