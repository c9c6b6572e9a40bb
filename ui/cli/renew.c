/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/json.h"
#include "base/secret.h"
#include "pursuit.h"
#include "exit-status.h"
#include "here.h"
#include "interrupt.h"
#include "json.h"
#include "prompt.h"
#include "request.h"
#include "runner/renewal.h"
#include "text.h"

static const McOption options[] = {
    {"due", 0, NULL, NULL,
     N_ ("for timers: only what is due, only where somebody can finish it, and not right after a failure"), FALSE},
    {"force", 0, NULL, NULL, N_ ("renew what is not due yet, too"), FALSE},
    {"agree-tos", 0, NULL, NULL, N_ ("agree to the CA's terms of service"), FALSE},
    {"revoke-first", 0, NULL, NULL,
     N_ ("agree that the old certificate is revoked before the new one is there, where the CA wants that"), FALSE},
    {"passphrase-fd", 0, "NUMBER", NULL, N_ ("read the passphrase of the keys from this file descriptor"), FALSE},
    {"wait", 0, "SECONDS", NULL, N_ ("wait this long at most"), FALSE},
    {"no-wait", 0, NULL, NULL, N_ ("do not wait for the CA's mail"), FALSE},
    {.name = NULL},
};

static McRenewHow
read_how (McCli *cli)
{
  if (mc_cli_has (cli, "due"))
    return MC_RENEW_DUE;
  return mc_cli_has (cli, "force") ? MC_RENEW_FORCED : MC_RENEW_ASKED;
}

/* From the store alone: a timer mostly has nothing to do, and that is to cost next to nothing. */
static McRenewalList *
look_around (McCli *cli, GError **error)
{
  g_autoptr (McStore) store = mc_store_open (cli->config->data_dir, TRUE, error);

  return store == NULL ? NULL
                       : mc_renewal_list_new (store, cli->config, mc_cli_is_attended (cli), mc_cli_operand (cli, 0),
                                              read_how (cli), mc_cli_now (), error);
}

static gboolean
find_until (McCli *cli, const McRenewalList *list, gint64 *until, GError **error)
{
  const GPtrArray *lists[] = {list->open, list->fresh, list->doomed};
  g_autoptr (GPtrArray) addresses = g_ptr_array_new ();

  for (gsize l = 0; l < G_N_ELEMENTS (lists); l++) {
    for (guint i = 0; i < lists[l]->len; i++) {
      const McEnrollment *e = g_ptr_array_index (lists[l], i);

      for (guint j = 0; j < e->addresses->len; j++)
        g_ptr_array_add (addresses, mc_enrollment_address (e, j)->address);
    }
  }
  g_ptr_array_add (addresses, NULL);
  return mc_pursuit_until (cli, (const char *const *)addresses->pdata, until, error);
}

/* Adds to PURSUIT what is there to do. */
static gboolean
begin (McCli *cli, McPursuit *pursuit, McRenewHow how, GError **error)
{
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (gint64));

  if (!mc_runner_renew (mc_pursuit_runner (pursuit), mc_cli_operand (cli, 0), how, ids, error))
    return FALSE;
  for (guint i = 0; i < ids->len; i++) {
    mc_pursuit_add (pursuit, g_array_index (ids, gint64, i));
    if (mc_cli_has (cli, "agree-tos"))
      mc_runner_agree_to_terms (mc_pursuit_runner (pursuit), g_array_index (ids, gint64, i));
  }
  return TRUE;
}

/* Until nothing more becomes due: a CA that is asked may say that it is time. */
static gboolean
renew (McCli *cli, McPursuit *pursuit, gint64 until, GError **error)
{
  guint known;

  if (!begin (cli, pursuit, read_how (cli), error))
    return FALSE;
  do {
    known = mc_pursuit_count (pursuit);
    if (!mc_pursuit_run (pursuit, until, error))
      return FALSE;
    if (mc_interrupt_came () || !mc_cli_has (cli, "due"))
      return TRUE;
    if (!begin (cli, pursuit, MC_RENEW_DUE, error))
      return FALSE;
  } while (mc_pursuit_count (pursuit) > known);
  return TRUE;
}

/* A timer has nobody to ask: then the keys stay locked, and each enrollment says so when it needs its own. */
static gboolean
set_passphrase (McCli *cli, McPursuit *pursuit, GError **error)
{
  g_autoptr (McSecretString) passphrase = NULL;

  if (!mc_cli_has (cli, "passphrase-fd") && (!cli->config->passphrase || !mc_cli_is_attended (cli)))
    return TRUE;
  passphrase = mc_prompt_passphrase (cli, _ ("Passphrase of your keys: "), FALSE, error);
  if (passphrase == NULL)
    return FALSE;
  mc_runner_set_passphrase (mc_pursuit_runner (pursuit), passphrase);
  return TRUE;
}

static int
report_nothing (McCli *cli)
{
  if (cli->json) {
    g_autoptr (McJson) report = mc_report_new ();
    g_autoptr (McJson) none = mc_json_array_new ();

    mc_json_set_boolean (report, "changed", FALSE);
    mc_json_set (report, "enrollments", none);
    mc_report_print (report);
  } else if (mc_cli_is_talkative (cli))
    mc_cli_say (stdout, _ ("Nothing is due for renewal, and no request is open."));
  return MC_EXIT_DONE;
}

/* A certificate is given up for one that is not there yet: never without the person's word. */
static gboolean
agrees_to_revoke (McCli *cli, const McEnrollment *e, GError **error)
{
  g_autofree char *addresses = mc_text_addresses (e);
  g_autofree char *question = NULL;

  if (mc_cli_has (cli, "revoke-first") || e->revocation != NULL)
    return TRUE;
  if (!mc_cli_is_attended (cli)) {
    mc_cli_set_error (
        error, MC_ERROR_USAGE,
        _ ("%s gives no second certificate for %s while the first one is valid. To have it revoked first: "
           "--revoke-first."),
        e->ca, addresses);
    return FALSE;
  }
  /* Translators: CA, addresses. The letters in brackets are the answers yes and no. */
  question =
      g_strdup_printf (_ ("%s gives no second certificate for %s while the first one is valid. Shall it be revoked "
                          "now? Until the new one is there, you can sign nothing new. [y/N] "),
                       e->ca, addresses);
  if (mc_prompt_question (question, -1) == MC_ANSWER_YES)
    return TRUE;
  mc_cli_set_error (error, MC_ERROR_USAGE, _ ("Nothing was revoked, and the certificate for %s was not renewed."),
                    addresses);
  return FALSE;
}

static gboolean
revoke_doomed (McCli *cli, McPursuit *pursuit, const McRenewalList *list, GError **error)
{
  for (guint i = 0; i < list->doomed->len; i++) {
    const McEnrollment *e = g_ptr_array_index (list->doomed, i);

    if (!agrees_to_revoke (cli, e, error) ||
        !mc_runner_revoke (mc_pursuit_runner (pursuit), e->id, MC_REASON_SUPERSEDED, FALSE, NULL, error))
      return FALSE;
  }
  return TRUE;
}

static int
run (McCli *cli)
{
  const char *address = mc_cli_operand (cli, 0);
  g_autoptr (McRenewalList) list = NULL;
  g_autoptr (McPursuit) pursuit = NULL;
  GError *error = NULL;
  gint64 until;

  if (mc_cli_has (cli, "due") && mc_cli_has (cli, "force")) {
    mc_cli_set_error (&error, MC_ERROR_USAGE, _ ("--due and --force contradict each other."));
    return mc_cli_fail (cli, error);
  }
  /* A timer has a bare environment, as mail filters have. */
  if (mc_cli_has (cli, "due") && !mc_here_follow (cli, &error))
    return mc_cli_fail (cli, error);
  if (!mc_cli_load_config (cli, &error) || (address != NULL && !mc_request_check_known (cli, address, &error)))
    return mc_cli_fail (cli, error);
  list = look_around (cli, &error);
  if (list == NULL || !find_until (cli, list, &until, &error))
    return mc_cli_fail (cli, error);
  if (mc_renewal_list_is_empty (list))
    return report_nothing (cli);
  pursuit = mc_pursuit_new (cli, &error);
  if (pursuit == NULL || !set_passphrase (cli, pursuit, &error) || !revoke_doomed (cli, pursuit, list, &error) ||
      !renew (cli, pursuit, until, &error))
    return mc_cli_fail (cli, error);
  return mc_pursuit_count (pursuit) > 0 ? mc_pursuit_report (pursuit) : report_nothing (cli);
}

const McVerb mc_verb_renew = {
    "renew", "[ADDRESS]", 0, 1, "@address", N_ ("Renews what is due, and carries every open request on."), options, run,
};
