/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/secret.h"
#include "exit-status.h"
#include "json.h"
#include "next.h"
#include "prompt.h"
#include "request.h"
#include "store/store.h"
#include "text.h"

#include <string.h>

static const McOption options[] = {
    {"keyring", 0, "KEYRING", "@keyring",
     N_ ("into this keyring instead of the usual: gpgsm, smime-keys, nss:DIR, files:DIR; may be repeated"), TRUE},
    {"trust-root", 0, "SHA256", NULL, N_ ("trust the CA's root certificate with this fingerprint"), FALSE},
    {"passphrase-fd", 0, "NUMBER", NULL, N_ ("read the passphrase of the key from this file descriptor"), FALSE},
    {.name = NULL},
};

static gboolean
set_passphrase (McCli *cli, McRunner *runner, GError **error)
{
  g_autoptr (McSecretString) passphrase = NULL;

  if (!cli->config->passphrase && !mc_cli_has (cli, "passphrase-fd"))
    return TRUE;
  passphrase = mc_prompt_passphrase (cli, _ ("Passphrase of your key: "), FALSE, error);
  if (passphrase == NULL)
    return FALSE;
  mc_runner_set_passphrase (runner, passphrase);
  return TRUE;
}

static gboolean
install (McCli *cli, GError **error)
{
  const char *address = mc_cli_operand (cli, 0);
  g_autoptr (McRunner) runner = NULL;
  g_auto (GStrv) keyrings = NULL;
  g_autofree char *root = NULL;

  if (!mc_request_keyrings (cli, &keyrings, error) || !mc_request_trust_root (cli, &root, error) ||
      !mc_cli_load_config (cli, error) || !mc_request_check_known (cli, address, error))
    return FALSE;
  runner = mc_runner_new (cli->config, NULL, error);
  return runner != NULL && set_passphrase (cli, runner, error) &&
         mc_runner_install (runner, address, (const char *const *)keyrings, root, error);
}

static McEnrollment *
load (const McCli *cli)
{
  g_autoptr (McStore) store = cli->config != NULL ? mc_store_open (cli->config->data_dir, TRUE, NULL) : NULL;

  return store != NULL ? mc_store_certificate (store, mc_cli_operand (cli, 0), NULL, NULL) : NULL;
}

static const McEnrollmentKeyring *
find_unready (const McEnrollment *e)
{
  for (guint i = 0; i < e->keyrings->len; i++) {
    const McEnrollmentKeyring *keyring = g_ptr_array_index (e->keyrings, i);

    if (strcmp (keyring->state, "untrusted") == 0 || strcmp (keyring->state, "failed") == 0)
      return keyring;
  }
  return NULL;
}

static void
print_json (const McConfig *config, const McEnrollment *e, McJson *error)
{
  g_autoptr (McJson) report = mc_report_new ();
  g_autoptr (McJson) array = mc_json_array_new ();

  if (e != NULL) {
    g_autoptr (McJson) object = mc_report_enrollment (config, e, mc_cli_now ());

    mc_json_append (array, object);
  }
  mc_json_set (report, "enrollments", array);
  if (error != NULL)
    mc_json_set (report, "error", error);
  mc_report_print (report);
}

/* The record says how a keyring took it, and what to do, better than the one error that there is. */
static int
report_unready (McCli *cli, const McEnrollment *e, const McEnrollmentKeyring *keyring)
{
  g_autofree char *sentence = mc_text_keyring (e, keyring, NULL);
  g_autofree char *next = mc_cli_keyring_next (cli->config, e);

  mc_cli_complain (sentence, next);
  if (cli->json) {
    g_autoptr (McJson) error = mc_report_error (MC_ERROR_KEYRING, sentence, next, NULL);

    print_json (cli->config, e, error);
  }
  return MC_EXIT_KEYRING;
}

/* Comparing has shown a difference: nothing was done, whatever state the keyrings are in. */
static gboolean
is_other_root (const McCli *cli, const McEnrollment *e, char **next)
{
  g_autofree char *given = NULL;
  g_autofree char *has = e != NULL ? mc_runner_root_fingerprint (cli->config, e) : NULL;

  if (!mc_request_trust_root (cli, &given, NULL) || given == NULL || has == NULL || strcmp (given, has) == 0)
    return FALSE;
  *next = g_strdup_printf (
      _ ("Ask the CA which is right; only if it confirms this one: mailcert install %s --trust-root %s"),
      mc_cli_operand (cli, 0), has);
  return TRUE;
}

static int
report_other_root (McCli *cli, const McEnrollment *e, GError *error_take, const char *next)
{
  g_autoptr (GError) error = error_take;
  g_autofree char *sentence = mc_text_error (error, NULL);

  mc_cli_complain (sentence, next);
  if (cli->json) {
    g_autoptr (McJson) why = mc_report_error (MC_ERROR_KEYRING, sentence, next, NULL);

    print_json (cli->config, e, why);
  }
  return MC_EXIT_KEYRING;
}

static int
report_ready (McCli *cli, const McEnrollment *e)
{
  for (guint i = 0; e != NULL && mc_cli_is_talkative (cli) && i < e->keyrings->len; i++) {
    g_autofree char *text = mc_text_keyring (e, g_ptr_array_index (e->keyrings, i), NULL);

    mc_cli_say (stdout, text);
  }
  if (cli->json)
    print_json (cli->config, e, NULL);
  return MC_EXIT_DONE;
}

static int
run (McCli *cli)
{
  GError *error = NULL;
  gboolean ok = install (cli, &error);
  g_autoptr (McEnrollment) e = load (cli);
  g_autofree char *next = NULL;
  const McEnrollmentKeyring *unready = e != NULL ? find_unready (e) : NULL;

  if (ok)
    return report_ready (cli, e);
  if (is_other_root (cli, e, &next))
    return report_other_root (cli, e, error, next);
  if (unready == NULL || !g_error_matches (error, MC_ERROR, MC_ERROR_KEYRING))
    return mc_cli_fail (cli, error);
  g_error_free (error);
  return report_unready (cli, e, unready);
}

const McVerb mc_verb_install = {
    "install", "ADDRESS",  1,
    1,         "@address", N_ ("Puts a certificate that is there into a keyring again, or into another one."),
    options,   run,
};
