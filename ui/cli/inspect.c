/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "exit-status.h"
#include "json.h"
#include "request.h"
#include "text.h"

static const McOption options[] = {
    {"ca", 0, "NAME", "@ca", N_ ("judge by the rules of this CA"), FALSE},
    {"expect-from", 0, "ADDRESS", NULL, N_ ("as if a mail from this address were waited for"), FALSE},
    {"expect-to", 0, "ADDRESS", "@address", N_ ("as if a mail to this address were waited for"), FALSE},
    {.name = NULL},
};

static void
say_checks (const McVerdict *verdict)
{
  for (guint i = 0; verdict->checks != NULL && i < verdict->checks->len; i++) {
    const McCheck *check = g_ptr_array_index (verdict->checks, i);
    g_autofree char *detail = mc_text_sanitize (check->detail, 300);
    /* Translators: how one check of a mail ended; keep both equally short. */
    const char *outcome = check->ok ? C_ ("check", "good") : C_ ("check", "bad ");
    g_autofree char *line = g_strdup_printf ("  %s  %-18s %s", outcome, check->name, detail);

    mc_cli_say (stdout, g_strchomp (line));
  }
}

static void
say_inspection (McCli *cli, const McInspection *inspection)
{
  g_autofree char *next = NULL;
  g_autofree char *sentence = mc_text_verdict (&inspection->verdict, &next);

  mc_cli_say (stdout, sentence);
  if (next != NULL) {
    g_autofree char *step = g_strdup_printf (_ ("Next: %s"), next);

    mc_cli_say (stdout, step);
  }
  if (inspection->verdict.kind != MC_MAIL_OTHER || cli->verbose > 0)
    say_checks (&inspection->verdict);
}

static int
status_of (McVerdictCode code)
{
  switch (code) {
  case MC_VERDICT_AUTHENTIC:
  case MC_VERDICT_NOT_A_CHALLENGE:
    return MC_EXIT_DONE;
  case MC_VERDICT_DNS_UNAVAILABLE: /* nothing is decided yet */
    return MC_EXIT_LATER;
  default:
    return MC_EXIT_REFUSED;
  }
}

static int
run (McCli *cli)
{
  McInspectOptions asked = {mc_cli_value (cli, "ca"), mc_cli_value (cli, "expect-from"),
                            mc_cli_value (cli, "expect-to")};
  g_autoptr (McInspection) inspection = NULL;
  g_autoptr (GBytes) mail = NULL;
  GError *error = NULL;

  if ((asked.expect_from != NULL && !mc_request_check_address (asked.expect_from, &error)) ||
      (asked.expect_to != NULL && !mc_request_check_address (asked.expect_to, &error)) ||
      !mc_cli_load_config (cli, &error) || !mc_request_check_ca (cli, &error))
    return mc_cli_fail (cli, error);
  mail = mc_cli_read_mail (mc_cli_operand (cli, 0), &error);
  inspection = mail != NULL ? mc_inspect (cli->config, mail, &asked, &error) : NULL;
  if (inspection == NULL)
    return mc_cli_fail (cli, error);
  if (cli->json) {
    g_autoptr (McJson) report = mc_report_inspection (inspection);

    mc_report_print (report);
  } else if (!cli->quiet)
    say_inspection (cli, inspection);
  return status_of (inspection->verdict.code);
}

const McVerb mc_verb_inspect = {
    "inspect", "[FILE]", 0, 1, "@file", N_ ("Says why a mail would be answered or not; changes nothing."), options, run,
};
