/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "exit-status.h"
#include "json.h"

static int
run (McCli *cli)
{
  GError *error = NULL;
  g_autoptr (GBytes) mail = NULL;
  g_autoptr (GBytes) reply = NULL;
  g_autoptr (McRunner) runner = NULL;
  const char *bytes;
  gsize length;

  if (!mc_cli_load_config (cli, &error))
    return mc_cli_fail (cli, error);
  mail = mc_cli_read_mail (mc_cli_operand (cli, 0), &error);
  runner = mail != NULL ? mc_runner_new (cli->config, NULL, &error) : NULL;
  reply = runner != NULL ? mc_runner_reply (runner, mail, &error) : NULL;
  if (reply == NULL)
    return mc_cli_fail (cli, error);
  bytes = g_bytes_get_data (reply, &length);
  if (cli->json) {
    g_autoptr (McJson) report = mc_report_new ();
    g_autofree char *text = g_strndup (bytes, length);

    mc_report_set_text (report, "reply", text);
    mc_report_print (report);
  } else
    fwrite (bytes, 1, length, stdout);
  return MC_EXIT_DONE;
}

const McVerb mc_verb_reply = {
    "reply", "[FILE]", 0,
    1,       "@file",  N_ ("Prints the reply to a CA's check, once, for a mail program that sends it itself."),
    NULL,    run,
};
