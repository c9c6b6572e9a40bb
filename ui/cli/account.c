/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "acme/jws.h"
#include "exit-status.h"
#include "json.h"
#include "pki/key.h"
#include "prompt.h"
#include "request.h"
#include "store/store.h"
#include "text.h"
#include "visit.h"

#include <string.h>

static const McOption options[] = {
    {"ca", 0, "NAME|URL", "@ca", N_ ("the account at this CA"), FALSE},
    {"agree-tos", 0, NULL, NULL, N_ ("agree to the CA's terms"), FALSE},
    {"yes", 0, NULL, NULL, N_ ("close the account without asking"), FALSE},
    {.name = NULL},
};

/* Of the account at DIRECTORY as it is stored now; NULL with ERROR. */
static McAccount *
load (const McCli *cli, const char *directory, GError **error)
{
  g_autoptr (McStore) store = mc_store_open (cli->config->data_dir, TRUE, error);
  g_autoptr (GError) why = NULL;
  McAccount *account = store != NULL ? mc_store_account (store, directory, &why) : NULL;

  if (why != NULL)
    g_propagate_error (error, g_steal_pointer (&why));
  else if (account == NULL && store != NULL)
    mc_cli_set_error (error, MC_ERROR_NO_INPUT, _ ("There is no account at %s here."), directory);
  return account;
}

/* The directories that are meant: of --ca, else all that have an account here. */
static GPtrArray *
choose (McCli *cli, GError **error)
{
  g_autoptr (McStore) store = mc_store_open (cli->config->data_dir, TRUE, error);
  g_autoptr (GPtrArray) all = store != NULL ? mc_store_accounts (store, error) : NULL;
  g_autoptr (McCaProfile) ca = NULL;

  if (all == NULL)
    return NULL;
  if (mc_cli_has (cli, "ca")) {
    ca = mc_request_ca (cli, mc_cli_value (cli, "ca"), error);
    if (ca == NULL)
      return NULL;
    for (guint i = all->len; i > 0; i--)
      if (strcmp (g_ptr_array_index (all, i - 1), ca->directory) != 0)
        g_ptr_array_remove_index (all, i - 1);
  }
  if (all->len > 0)
    return g_steal_pointer (&all);
  if (ca != NULL)
    mc_cli_set_error (error, MC_ERROR_NO_INPUT, _ ("There is no account at %s here."), ca->name);
  else
    mc_cli_set_error (error, MC_ERROR_NO_INPUT, _ ("There is no account here yet."));
  return NULL;
}

/* What changes one account must know which. */
static char *
choose_one (McCli *cli, GError **error)
{
  g_autoptr (GPtrArray) all = choose (cli, error);

  if (all == NULL)
    return NULL;
  if (all->len == 1)
    return g_strdup (g_ptr_array_index (all, 0));
  mc_cli_set_error (error, MC_ERROR_USAGE, _ ("There are accounts at %u CAs; say which one with --ca."), all->len);
  return NULL;
}

static const char *
state_of (const McAccount *account)
{
  if (account->deactivated)
    return "deactivated";
  return account->url != NULL ? "valid" : "unknown";
}

static char *
thumbprint_of (const McAccount *account)
{
  EVP_PKEY *key = account->key != NULL ? mc_key_parse (account->key, NULL, NULL) : NULL;
  char *thumbprint = key != NULL ? mc_jwk_thumbprint (key, NULL) : NULL;

  EVP_PKEY_free (key);
  return thumbprint;
}

static McJson *
report_account (const McCaProfile *ca, const McAccount *account)
{
  McJson *object = mc_json_object_new ();
  g_autofree char *thumbprint = thumbprint_of (account);

  mc_report_set_text (object, "ca", ca->name);
  mc_report_set_text (object, "directory", account->directory);
  mc_report_set_text (object, "url", account->url);
  mc_report_set_text (object, "state", state_of (account));
  mc_report_set_text (object, "terms", account->terms);
  mc_report_set_text (object, "eab_kid", account->binding_kid);
  mc_report_set_text (object, "thumbprint", thumbprint);
  mc_json_set_boolean (object, "rollover_open", account->new_key != NULL);
  return object;
}

static void
say_line (const char *label, const char *text)
{
  g_autofree char *clean = text != NULL ? mc_text_sanitize (text, 1000) : NULL;
  g_autofree char *line = clean != NULL ? g_strdup_printf ("  %s %s", label, clean) : NULL;

  if (line != NULL)
    mc_cli_say (stdout, line);
}

static void
say_account (const McCaProfile *ca, const McAccount *account)
{
  g_autofree char *name = mc_text_sanitize (ca->name, 200);
  g_autofree char *title = g_strdup_printf ("%s (%s)", name, account->directory);
  g_autofree char *thumbprint = thumbprint_of (account);

  mc_cli_say (stdout, title);
  if (account->deactivated)
    mc_cli_say (stdout, _ ("  This account is closed."));
  say_line (_ ("Account:"), account->url);
  say_line (_ ("Terms agreed to:"), account->terms);
  say_line (_ ("Key ID of the account on its website:"), account->binding_kid);
  /* Translators: a number made from the public key by which a CA or a DNS record can name it. */
  say_line (_ ("Thumbprint of its key:"), thumbprint);
}

/* One account as the CA sees it; ACCOUNTS gets it as JSON. The exit status. */
static int
show_one (McCli *cli, McVisit *visit, const char *directory, McJson *accounts)
{
  GError *error = NULL;
  McProblem *problem = NULL;
  g_autoptr (McCaProfile) ca = mc_config_ca (cli->config, directory, &error);
  g_autoptr (McAccount) account = NULL;
  g_autoptr (McJson) object = NULL;
  int status = MC_EXIT_DONE;

  if (ca == NULL)
    return mc_cli_fail (cli, error);
  if (!mc_runner_look_at_account (visit->runner, ca, mc_cli_has (cli, "agree-tos"), &problem, &error)) {
    g_autoptr (McJson) why = NULL;

    status = mc_visit_tell (ca->name, problem, error, &why);
    error = NULL;
    account = load (cli, directory, NULL);
    object = account != NULL ? report_account (ca, account) : mc_json_object_new ();
    mc_json_set (object, "error", why);
  } else {
    account = load (cli, directory, &error);
    if (account == NULL)
      return mc_cli_fail (cli, error);
    object = report_account (ca, account);
    mc_json_set_null (object, "error");
  }
  mc_json_append (accounts, object);
  if (!cli->json && !cli->quiet && account != NULL)
    say_account (ca, account);
  return status;
}

static int
show (McCli *cli)
{
  GError *error = NULL;
  g_autoptr (GPtrArray) all = choose (cli, &error);
  g_autoptr (McVisit) visit = all != NULL ? mc_visit_new (cli, &error) : NULL;
  g_autoptr (McJson) report = mc_report_new ();
  g_autoptr (McJson) accounts = mc_json_array_new ();
  int status = MC_EXIT_DONE;

  if (visit == NULL)
    return mc_cli_fail (cli, error);
  for (guint i = 0; i < all->len; i++)
    status = mc_exit_worse (status, show_one (cli, visit, g_ptr_array_index (all, i), accounts));
  mc_json_set (report, "accounts", accounts);
  if (cli->json)
    mc_report_print (report);
  return status;
}

static int
report_changed (McCli *cli, const McCaProfile *ca, gboolean changed, const char *sentence)
{
  GError *error = NULL;
  g_autoptr (McAccount) account = load (cli, ca->directory, &error);
  g_autoptr (McJson) report = mc_report_new ();
  g_autoptr (McJson) accounts = mc_json_array_new ();
  g_autoptr (McJson) object = NULL;

  if (account == NULL)
    return mc_cli_fail (cli, error);
  object = report_account (ca, account);
  mc_json_set_null (object, "error");
  mc_json_append (accounts, object);
  mc_json_set_boolean (report, "changed", changed);
  mc_json_set (report, "accounts", accounts);
  if (cli->json)
    mc_report_print (report);
  else if (mc_cli_is_talkative (cli))
    mc_cli_say (stdout, sentence);
  return MC_EXIT_DONE;
}

static int
roll_over (McCli *cli)
{
  GError *error = NULL;
  McProblem *problem = NULL;
  g_autofree char *directory = choose_one (cli, &error);
  g_autoptr (McCaProfile) ca = directory != NULL ? mc_config_ca (cli->config, directory, &error) : NULL;
  g_autoptr (McVisit) visit = ca != NULL ? mc_visit_new (cli, &error) : NULL;
  g_autofree char *name = NULL;
  g_autofree char *sentence = NULL;

  if (visit == NULL || !mc_runner_roll_over (visit->runner, ca, mc_cli_has (cli, "agree-tos"), &problem, &error))
    return mc_visit_fail (cli, ca != NULL ? ca->name : NULL, problem, error);
  name = mc_text_sanitize (ca->name, 200);
  sentence = g_strdup_printf (_ ("The account at %s has a new key. Certificates are not affected."), name);
  return report_changed (cli, ca, TRUE, sentence);
}

/* What cannot be brought back: a person is asked, a script must say it. */
static gboolean
is_meant (McCli *cli, const McCaProfile *ca, GError **error)
{
  g_autofree char *name = mc_text_sanitize (ca->name, 200);
  g_autofree char *question = NULL;

  if (mc_cli_has (cli, "yes"))
    return TRUE;
  if (!mc_cli_is_attended (cli)) {
    mc_cli_set_error (error, MC_ERROR_USAGE,
                      _ ("Closing an account cannot be taken back; say that you mean it with --yes."));
    return FALSE;
  }
  /* Translators: CA. The letters in brackets are the answers yes and no. */
  question = g_strdup_printf (_ ("This closes the account at %s for ever: requests that are open there end, and "
                                 "nothing can be renewed with it. Certificates that you have stay good. Do it? [y/N] "),
                              name);
  return mc_prompt_question (question, -1) == MC_ANSWER_YES;
}

static int
deactivate (McCli *cli)
{
  GError *error = NULL;
  McProblem *problem = NULL;
  g_autofree char *directory = choose_one (cli, &error);
  g_autoptr (McCaProfile) ca = directory != NULL ? mc_config_ca (cli->config, directory, &error) : NULL;
  g_autoptr (McVisit) visit = NULL;
  g_autoptr (McAccount) before = ca != NULL ? load (cli, directory, &error) : NULL;
  g_autofree char *name = NULL;
  g_autofree char *sentence = NULL;

  if (before == NULL)
    return mc_cli_fail (cli, error);
  if (!is_meant (cli, ca, &error)) {
    if (error != NULL)
      return mc_cli_fail (cli, error);
    mc_cli_say (stderr, _ ("Nothing was changed."));
    return MC_EXIT_DONE;
  }
  if (!before->deactivated) {
    visit = mc_visit_new (cli, &error);
    if (visit == NULL || !mc_runner_deactivate (visit->runner, ca, &problem, &error))
      return mc_visit_fail (cli, ca->name, problem, error);
  }
  name = mc_text_sanitize (ca->name, 200);
  sentence = g_strdup_printf (_ ("The account at %s is closed."), name);
  return report_changed (cli, ca, !before->deactivated, sentence);
}

static int
run (McCli *cli)
{
  static const struct {
    const char *word;
    int (*run) (McCli *cli);
  } words[] = {{"show", show}, {"rollover", roll_over}, {"deactivate", deactivate}};
  const char *word = mc_cli_operand (cli, 0);
  GError *error = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (words); i++) {
    if (word != NULL && strcmp (word, words[i].word) != 0)
      continue;
    return mc_cli_load_config (cli, &error) ? words[i].run (cli) : mc_cli_fail (cli, error);
  }
  mc_cli_set_error (&error, MC_ERROR_USAGE,
                    _ ("\"%s\" is nothing that can be done with an account: show, rollover or "
                       "deactivate."),
                    word);
  return mc_cli_fail (cli, error);
}

const McVerb mc_verb_account = {
    "account",
    "[show|rollover|deactivate]",
    0,
    1,
    "show rollover deactivate",
    N_ ("Shows your account at a CA, gives it a new key, or closes it."),
    options,
    run,
};
