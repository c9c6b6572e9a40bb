/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/doctor-private.h"

#include <string.h>

void
mc_check_account (McDoctor *doctor, McFinding *finding)
{
  const McMailAccount *account = doctor->account;

  if (account == NULL) {
    mc_finding_set (finding, MC_FINDING_NOTE, "none");
    return;
  }
  if (account->imap == NULL)
    mc_finding_set (finding, MC_FINDING_NOTE, "no-imap");
  else if (account->smtp == NULL && account->sendmail == NULL)
    mc_finding_set (finding, MC_FINDING_NOTE, "no-sending");
  else
    mc_finding_set (finding, MC_FINDING_OK, "fine");
  mc_finding_detail (finding, account->address);
}

void
mc_check_imap (McDoctor *doctor, McFinding *finding)
{
  if (mc_doctor_survey (doctor) == NULL) {
    mc_finding_error (finding, doctor->imap.error);
    return;
  }
  mc_finding_set (finding, MC_FINDING_OK, "fine");
  mc_finding_detail (finding, doctor->account->imap);
}

void
mc_check_idle (McDoctor *doctor, McFinding *finding)
{
  const McImapSurvey *survey = mc_doctor_survey (doctor);

  if (survey == NULL)
    mc_finding_set (finding, MC_FINDING_SKIPPED, "no-answer");
  else
    mc_finding_set (finding, survey->idle ? MC_FINDING_OK : MC_FINDING_NOTE, survey->idle ? "fine" : "none");
}

/* Only that it is there: what it does with a mail shows when there is one. */
static void
check_sendmail (const McMailAccount *account, McFinding *finding)
{
  g_auto (GStrv) argv = NULL;
  g_autofree char *program = NULL;

  if (g_shell_parse_argv (account->sendmail, NULL, &argv, NULL))
    program = g_find_program_in_path (argv[0]);
  if (program != NULL)
    mc_finding_set (finding, MC_FINDING_OK, "sendmail");
  else
    mc_finding_trouble (finding, MC_ERROR_CONFIG, "no-sendmail");
  mc_finding_detail (finding, account->sendmail);
}

void
mc_check_sending (McDoctor *doctor, McFinding *finding)
{
  const McMailAccount *account = doctor->account;

  if (account == NULL || (account->smtp == NULL && account->sendmail == NULL)) {
    mc_finding_set (finding, MC_FINDING_SKIPPED, "by-client");
    return;
  }
  if (account->smtp == NULL) {
    check_sendmail (account, finding);
    return;
  }
  if (!mc_doctor_smtp (doctor)) {
    mc_finding_error (finding, doctor->smtp.error);
    return;
  }
  mc_finding_set (finding, MC_FINDING_OK, "fine");
  mc_finding_detail (finding, account->smtp);
}

/* RFC 2142: names that are read by several people, or by none. */
static gboolean
is_a_role (const char *address)
{
  static const char *const roles[] = {"abuse",  "admin",      "hostmaster", "info",     "list",    "marketing", "noc",
                                      "office", "postmaster", "sales",      "security", "support", "webmaster"};
  gsize length = strcspn (address, "@");

  for (gsize i = 0; i < G_N_ELEMENTS (roles); i++)
    if (strlen (roles[i]) == length && g_ascii_strncasecmp (roles[i], address, length) == 0)
      return TRUE;
  return FALSE;
}

void
mc_check_list (McDoctor *doctor, McFinding *finding)
{
  gboolean has_imap = doctor->options->config_error == NULL && doctor->account != NULL && doctor->account->imap != NULL;
  const McImapSurvey *survey = has_imap ? mc_doctor_survey (doctor) : NULL;

  if (survey != NULL && survey->list)
    mc_finding_set (finding, MC_FINDING_NOTE, "list");
  else if (is_a_role (doctor->address))
    mc_finding_set (finding, MC_FINDING_NOTE, "role");
  else
    mc_finding_set (finding, MC_FINDING_OK, "fine");
}
