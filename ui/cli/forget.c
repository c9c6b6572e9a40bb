/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "exit-status.h"
#include "json.h"
#include "prompt.h"
#include "request.h"
#include "store/store.h"
#include "text.h"

#include <string.h>

static const McOption options[] = {
    {"ca", 0, "NAME|URL", "@ca", N_ ("only what was asked of this CA"), FALSE},
    {.name = NULL},
};

/* Whom it concerns: what was asked for several addresses is forgotten as a whole. */
static char *
load_addresses (const McCli *cli, const McCaProfile *ca, GError **error)
{
  const char *operand = mc_cli_operand (cli, 0);
  g_autoptr (McStore) store = mc_store_open (cli->config->data_dir, TRUE, error);
  g_autoptr (GPtrArray) all = store != NULL ? mc_store_enrollments (store, FALSE, error) : NULL;
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);

  if (all == NULL)
    return NULL;
  for (guint i = 0; i < all->len; i++) {
    const McEnrollment *e = g_ptr_array_index (all, i);

    if (mc_enrollment_find (e, operand) == NULL || (ca != NULL && strcmp (e->directory, ca->directory) != 0))
      continue;
    for (guint j = 0; j < e->addresses->len; j++) {
      g_autofree char *name = mc_text_sanitize (mc_enrollment_address (e, j)->address, 320);

      if (!g_ptr_array_find_with_equal_func (names, name, g_str_equal, NULL))
        g_ptr_array_add (names, g_steal_pointer (&name));
    }
  }
  if (names->len == 0)
    g_ptr_array_add (names, g_strdup (operand));
  g_ptr_array_add (names, NULL);
  return g_strjoinv (", ", (char **)names->pdata);
}

/* What cannot be brought back is asked about where somebody is there to say no. */
static gboolean
is_meant (McCli *cli, const char *addresses)
{
  g_autofree char *question = NULL;

  if (!mc_cli_is_attended (cli))
    return TRUE;
  /* Translators: mail addresses. The letters in brackets are the answers yes and no. */
  question = g_strdup_printf (_ ("This ends what is open for %s, removes mailcert's records of it, and nothing is "
                                 "renewed any more. Do it? [y/N] "),
                              addresses);
  return mc_prompt_question (question, -1) == MC_ANSWER_YES;
}

static gboolean
forget (McCli *cli, char **addresses, gboolean *done, GError **error)
{
  const char *address = mc_cli_operand (cli, 0);
  g_autoptr (McCaProfile) ca = NULL;
  g_autoptr (McRunner) runner = NULL;

  if (!mc_cli_load_config (cli, error) || !mc_request_check_known (cli, address, error))
    return FALSE;
  if (mc_cli_has (cli, "ca")) {
    ca = mc_request_ca (cli, mc_cli_value (cli, "ca"), error);
    if (ca == NULL)
      return FALSE;
  }
  *addresses = load_addresses (cli, ca, error);
  if (*addresses == NULL)
    return FALSE;
  *done = is_meant (cli, *addresses);
  if (!*done)
    return TRUE;
  runner = mc_runner_new (cli->config, NULL, error);
  return runner != NULL && mc_runner_forget (runner, address, ca != NULL ? ca->directory : NULL, error);
}

static int
run (McCli *cli)
{
  GError *error = NULL;
  g_autofree char *addresses = NULL;
  gboolean done = FALSE;

  if (!forget (cli, &addresses, &done, &error))
    return mc_cli_fail (cli, error);
  if (!done) {
    mc_cli_say (stderr, _ ("Nothing was changed."));
    return MC_EXIT_DONE;
  }
  if (cli->json) {
    g_autoptr (McJson) report = mc_report_new ();

    mc_report_set_text (report, "forgotten", mc_cli_operand (cli, 0));
    mc_report_print (report);
  } else if (mc_cli_is_talkative (cli)) {
    g_autofree char *line =
        g_strdup_printf (_ ("mailcert no longer looks after %s. What is in your keyrings stays there."), addresses);

    mc_cli_say (stdout, line);
  }
  return MC_EXIT_DONE;
}

const McVerb mc_verb_forget = {
    "forget", "ADDRESS",  1,
    1,        "@address", N_ ("Removes mailcert's own records of an address; keyrings keep what they have."),
    options,  run,
};
