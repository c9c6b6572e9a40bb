/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "exit-status.h"
#include "json.h"
#include "progress.h"
#include "prompt.h"
#include "request.h"
#include "store/store.h"
#include "text-finding.h"
#include "text.h"

#include <string.h>

static const McOption options[] = {
    {"full", 0, NULL, NULL, N_ ("show addresses, servers and their words too: not for a public bug report"), FALSE},
    {"ca", 0, "NAME|URL", "@ca", N_ ("look at this CA, by its name or the address of its directory"), FALSE},
    {"send-mail", 0, NULL, NULL, N_ ("send one mail to yourself where nothing else shows how your mail is signed"),
     FALSE},
    {.name = NULL},
};

typedef struct {
  McCli *cli;
  McProgress *progress;
} Round;

static gboolean
may_send (gpointer data)
{
  Round *round = data;
  gboolean yes;

  if (mc_cli_has (round->cli, "send-mail"))
    return TRUE;
  if (!mc_cli_is_attended (round->cli))
    return FALSE;
  mc_progress_wait (round->progress, NULL);
  yes = mc_prompt_question (
            _ ("Nothing shows how your mail is signed. May one mail be sent from you to yourself? [y/N] "), -1) ==
        MC_ANSWER_YES;
  if (yes)
    mc_progress_wait (round->progress, _ ("Waiting for the mail to yourself."));
  return yes;
}

static void
show_progress (const char *group, gpointer data)
{
  Round *round = data;
  /* Translators: what is looked at, such as "Your mail" or "The CA". */
  g_autofree char *line = g_strdup_printf (_ ("Looking at: %s"), mc_text_finding_group (group));

  mc_progress_wait (round->progress, line);
}

/* The one address that is known here, or NULL. */
static char *
only_address (const McCli *cli)
{
  g_autoptr (McStore) store = mc_store_open (cli->config->data_dir, TRUE, NULL);
  g_autoptr (GPtrArray) all = store != NULL ? mc_store_enrollments (store, FALSE, NULL) : NULL;
  g_autoptr (GHashTable) known = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  GHashTableIter iter;
  gpointer address = NULL;

  g_hash_table_iter_init (&iter, cli->config->accounts);
  while (g_hash_table_iter_next (&iter, &address, NULL))
    g_hash_table_add (known, g_strdup (address));
  for (guint i = 0; all != NULL && i < all->len; i++) {
    const McEnrollment *e = g_ptr_array_index (all, i);

    for (guint j = 0; j < e->addresses->len; j++)
      g_hash_table_add (known, g_strdup (mc_enrollment_address (e, j)->address));
  }
  if (g_hash_table_size (known) != 1)
    return NULL;
  g_hash_table_iter_init (&iter, known);
  return g_hash_table_iter_next (&iter, &address, NULL) ? g_strdup (address) : NULL;
}

/* A configuration with a mistake is a finding: the rest is looked at without it. */
static gboolean
load_config (McCli *cli, GError **mistake, GError **error)
{
  if (mc_cli_load_config (cli, mistake))
    return TRUE;
  cli->config = mc_config_new ("/dev/null", mc_cli_value (cli, "data-dir"), MC_CA_DIR, error);
  return cli->config != NULL;
}

static int
status_of (const GPtrArray *findings)
{
  int status = MC_EXIT_DONE;

  for (guint i = 0; i < findings->len; i++) {
    const McFinding *finding = g_ptr_array_index (findings, i);

    if (finding->outcome == MC_FINDING_TROUBLE)
      status = mc_exit_worse (status, mc_exit_status_of_code (finding->code));
  }
  return status;
}

static void
print_json (const GPtrArray *findings, gboolean full)
{
  g_autoptr (McJson) report = mc_report_new ();
  g_autoptr (McJson) array = mc_json_array_new ();

  for (guint i = 0; i < findings->len; i++) {
    const McFinding *finding = g_ptr_array_index (findings, i);
    g_autoptr (McJson) object = mc_json_object_new ();
    g_autofree char *next = NULL;
    g_autofree char *sentence = mc_text_finding (finding, &next);

    mc_report_set_text (object, "check", finding->check);
    mc_report_set_text (object, "outcome", mc_finding_outcome_name (finding->outcome));
    mc_report_set_text (object, "sentence", sentence);
    mc_report_set_text (object, "next_step", next);
    mc_report_set_text (object, "detail", full ? finding->detail : NULL);
    mc_json_append (array, object);
  }
  mc_json_set (report, "findings", array);
  mc_report_print (report);
}

static void
print_finding (const McFinding *finding, gboolean full)
{
  g_autofree char *next = NULL;
  g_autofree char *sentence = mc_text_finding (finding, &next);
  g_autofree char *step = NULL;
  g_autofree char *detail = NULL;
  gboolean skipped = finding->outcome == MC_FINDING_SKIPPED;
  /* The names of programs say what their versions are of, and the others what was not looked at. */
  gboolean named = skipped || strcmp (finding->group, "programs") == 0 || strcmp (finding->group, "client") == 0;
  g_autofree char *line = g_strdup_printf ("  %-8s %s%s%s", mc_text_finding_outcome (finding->outcome),
                                           named ? finding->check : "", named ? ": " : "", sentence);

  mc_cli_say (stdout, line);
  if (next != NULL && !skipped) {
    /* Translators: what can be done about it; it stands on a line of its own below a sentence. */
    step = g_strdup_printf (_ ("Next: %s"), next);
    detail = g_strdup_printf ("           %s", step);
    mc_cli_say (stdout, detail);
  }
  if (full && finding->detail != NULL) {
    g_free (detail);
    detail = g_strdup_printf ("           (%s)", finding->detail);
    mc_cli_say (stdout, detail);
  }
}

static gboolean
is_shown (const McCli *cli, const McFinding *finding)
{
  if (cli->quiet)
    return finding->outcome == MC_FINDING_TROUBLE;
  return finding->outcome != MC_FINDING_SKIPPED || cli->verbose > 0;
}

static void
print_text (const McCli *cli, const GPtrArray *findings)
{
  gboolean full = mc_cli_has (cli, "full");
  const char *group = NULL;

  for (guint i = 0; i < findings->len; i++) {
    const McFinding *finding = g_ptr_array_index (findings, i);

    if (!is_shown (cli, finding))
      continue;
    if (g_strcmp0 (group, finding->group) != 0 && !cli->quiet)
      mc_cli_say (stdout, mc_text_finding_group (finding->group));
    group = finding->group;
    print_finding (finding, full);
  }
}

static int
visit (McCli *cli, const char *address, const GError *mistake)
{
  g_autoptr (McProgress) progress = mc_progress_new (cli);
  Round state = {cli, progress};
  McDoctorOptions wanted = {.config_error = mistake,
                            .address = address,
                            .ca = mc_cli_value (cli, "ca"),
                            .may_send = may_send,
                            /* The mail itself is not translated: it is ASCII, and shows how mail is signed. */
                            .mail_subject = "mailcert: a mail to yourself",
                            .mail_text = "mailcert has sent this to see how your mail is signed. You can delete it.",
                            .progress = show_progress,
                            .data = &state};
  g_autoptr (GPtrArray) findings = mc_doctor_run (cli->config, &wanted);

  mc_progress_wait (progress, NULL);
  mc_external_doctor (cli, address, findings);
  if (cli->json)
    print_json (findings, mc_cli_has (cli, "full"));
  else
    print_text (cli, findings);
  return status_of (findings);
}

static int
run (McCli *cli)
{
  g_autoptr (GError) mistake = NULL;
  g_autofree char *address = g_strdup (mc_cli_operand (cli, 0));
  GError *error = NULL;

  if ((address != NULL && !mc_request_check_address (address, &error)) || !load_config (cli, &mistake, &error) ||
      /* A CA that was named and is not known is no finding: something else was meant. */
      (mistake == NULL && !mc_request_check_ca (cli, &error)))
    return mc_cli_fail (cli, error);
  if (address == NULL)
    address = only_address (cli);
  return visit (cli, address, mistake);
}

const McVerb mc_verb_doctor = {
    "doctor", "[ADDRESS]", 0, 1, "@address", N_ ("Looks for whatever would keep you from getting a certificate."),
    options,  run};
