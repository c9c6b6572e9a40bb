/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "exit-status.h"
#include "json.h"
#include "store/store.h"

#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#ifndef PACKAGE_VERSION
#define PACKAGE_VERSION "0"
#endif

const McVerb *const mc_cli_verbs[] = {&mc_verb_get,     &mc_verb_status,
                                      &mc_verb_renew,   &mc_verb_hook,
                                      &mc_verb_inspect, &mc_verb_reply,
                                      &mc_verb_export,  &mc_verb_install,
                                      &mc_verb_revoke,  &mc_verb_forget,
                                      &mc_verb_account, &mc_verb_ca,
                                      &mc_verb_doctor,  NULL};

/* Those without help are for the build, the tests and the completions. */
const McOption mc_cli_options[] = {
    {"config", 0, "FILE", "@file", N_ ("read this configuration file"), FALSE},
    {"data-dir", 0, "DIR", "@dir", N_ ("keep the records in this folder"), FALSE},
    {"json", 0, NULL, NULL, N_ ("print one JSON object instead of sentences"), FALSE},
    {"verbose", 'v', NULL, NULL, N_ ("say each step"), FALSE},
    {"quiet", 'q', NULL, NULL, N_ ("say nothing but errors"), FALSE},
    {"version", 0, NULL, NULL, N_ ("print the version"), FALSE},
    {"help", 'h', NULL, NULL, N_ ("print this help"), FALSE},
    {"options", 0, NULL, NULL, NULL, FALSE},
    {"config-keys", 0, NULL, NULL, NULL, FALSE},
    {"list", 0, "WORD", NULL, NULL, FALSE},
    {.name = NULL},
};

#ifdef ENABLE_NLS
/* MAILCERT_LOCALE_PATH: the translations of a mailcert that is not installed. */
static void
find_translations (void)
{
  const char *dir = g_getenv ("MAILCERT_LOCALE_PATH");

  bindtextdomain (GETTEXT_PACKAGE, dir != NULL && *dir != '\0' ? dir : LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
}
#endif

static void
set_locale (int argc, char **argv)
{
  setlocale (LC_ALL, "");
  /* JSON is for programs: its messages are the same everywhere. */
  for (int i = 1; i < argc && strcmp (argv[i], "--") != 0; i++) {
    if (strcmp (argv[i], "--json") == 0) {
      setlocale (LC_MESSAGES, "C");
      setlocale (LC_TIME, "C");
    }
  }
#ifdef ENABLE_NLS
  find_translations ();
#endif
}

static int
print_version (McCli *cli)
{
  g_autoptr (McJson) report = NULL;

  if (!cli->json) {
    mc_cli_say (stdout, "mailcert " PACKAGE_VERSION);
    mc_cli_say (stdout,
                _ ("Free software under the GNU General Public License, version 3 or later; there is no warranty."));
    return MC_EXIT_DONE;
  }
  report = mc_report_new ();
  mc_json_set_string (report, "version", PACKAGE_VERSION);
  mc_report_print (report);
  return MC_EXIT_DONE;
}

static void
list_addresses (McCli *cli)
{
  g_autoptr (McStore) store = mc_store_open (cli->config->data_dir, TRUE, NULL);
  g_autoptr (GPtrArray) all = store != NULL ? mc_store_enrollments (store, FALSE, NULL) : NULL;
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; all != NULL && i < all->len; i++) {
    const McEnrollment *e = g_ptr_array_index (all, i);

    for (guint j = 0; j < e->addresses->len; j++)
      if (g_hash_table_add (seen, mc_enrollment_address (e, j)->address))
        puts (mc_enrollment_address (e, j)->address);
  }
}

/* What completion asks for; it must never get in the way, so there are no errors. */
static int
print_list (McCli *cli)
{
  GHashTableIter iter;
  gpointer name;

  if (!mc_cli_load_config (cli, NULL))
    return MC_EXIT_DONE;
  if (g_str_equal (mc_cli_value (cli, "list"), "addresses"))
    list_addresses (cli);
  g_hash_table_iter_init (&iter, cli->config->cas);
  while (g_str_equal (mc_cli_value (cli, "list"), "cas") && g_hash_table_iter_next (&iter, &name, NULL))
    puts (name);
  return MC_EXIT_DONE;
}

static int
run (McCli *cli)
{
  if (mc_cli_has (cli, "help")) {
    mc_cli_print_help (cli->implied ? NULL : cli->verb);
    return MC_EXIT_DONE;
  }
  if (mc_cli_has (cli, "version"))
    return print_version (cli);
  if (mc_cli_has (cli, "options")) {
    mc_cli_print_options ();
    return MC_EXIT_DONE;
  }
  if (mc_cli_has (cli, "config-keys")) {
    mc_cli_print_config_keys ();
    return MC_EXIT_DONE;
  }
  if (mc_cli_has (cli, "list"))
    return print_list (cli);
  return cli->verb->run (cli);
}

int
main (int argc, char **argv)
{
  McCli cli = {0};
  GError *error = NULL;
  int status;

  set_locale (argc, argv);
  /* A reader or a mail server that goes away is an error where it is written to, not the end of us. */
  signal (SIGPIPE, SIG_IGN);
  if (!mc_cli_parse (&cli, argc, argv, &error)) {
    /* The parser may not have come as far as --json. */
    for (int i = 1; i < argc; i++)
      cli.json |= strcmp (argv[i], "--json") == 0;
    status = mc_cli_fail (&cli, error);
  } else if (cli.external != NULL && !mc_external_exec (cli.external, &error))
    status = mc_cli_fail (&cli, error);
  else
    status = run (&cli);
  mc_cli_clear (&cli);
  return mc_cli_finish (status);
}
