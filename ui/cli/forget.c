/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "exit-status.h"
#include "json.h"
#include "request.h"

static gboolean
forget (McCli *cli, GError **error)
{
  const char *address = mc_cli_operand (cli, 0);
  g_autoptr (McRunner) runner = NULL;

  if (!mc_cli_load_config (cli, error) || !mc_request_check_known (cli, address, error))
    return FALSE;
  runner = mc_runner_new (cli->config, NULL, error);
  return runner != NULL && mc_runner_forget (runner, address, error);
}

static int
run (McCli *cli)
{
  GError *error = NULL;

  if (!forget (cli, &error))
    return mc_cli_fail (cli, error);
  if (cli->json) {
    g_autoptr (McJson) report = mc_report_new ();

    mc_report_set_text (report, "forgotten", mc_cli_operand (cli, 0));
    mc_report_print (report);
  } else if (mc_cli_is_talkative (cli)) {
    g_autofree char *line = g_strdup_printf (
        _ ("mailcert no longer looks after %s. What is in your keyrings stays there."), mc_cli_operand (cli, 0));

    mc_cli_say (stdout, line);
  }
  return MC_EXIT_DONE;
}

const McVerb mc_verb_forget = {
    "forget", "ADDRESS",  1,
    1,        "@address", N_ ("Removes mailcert's own records of an address; keyrings keep what they have."),
    NULL,     run,
};
