/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "acme/directory.h"
#include "exit-status.h"
#include "json.h"
#include "request.h"
#include "runner/doctor.h"
#include "text-finding.h"

#include <string.h>

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

static GPtrArray *
sorted_names (const McConfig *config)
{
  GPtrArray *names = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer name;

  g_hash_table_iter_init (&iter, config->cas);
  while (g_hash_table_iter_next (&iter, &name, NULL))
    g_ptr_array_add (names, name);
  g_ptr_array_sort (names, compare_names);
  return names;
}

static gboolean
is_default (const McConfig *config, const McCaProfile *ca)
{
  return g_strcmp0 (config->default_ca, ca->name) == 0 || g_strcmp0 (config->default_ca, ca->directory) == 0;
}

static const char *
root_of (const McCaProfile *ca)
{
  return ca->root != NULL ? ca->root : "unknown";
}

static void
list_json (const McConfig *config, const GPtrArray *names)
{
  g_autoptr (McJson) report = mc_report_new ();
  g_autoptr (McJson) array = mc_json_array_new ();

  for (guint i = 0; i < names->len; i++) {
    const McCaProfile *ca = g_hash_table_lookup (config->cas, g_ptr_array_index (names, i));
    g_autoptr (McJson) object = mc_json_object_new ();

    mc_report_set_text (object, "name", g_ptr_array_index (names, i));
    mc_report_set_text (object, "directory", ca->directory);
    mc_json_set_boolean (object, "default", is_default (config, ca));
    mc_report_set_text (object, "root", root_of (ca));
    mc_json_append (array, object);
  }
  mc_json_set (report, "cas", array);
  mc_report_print (report);
}

static int
list (McCli *cli)
{
  g_autoptr (GPtrArray) names = sorted_names (cli->config);

  if (cli->json) {
    list_json (cli->config, names);
    return MC_EXIT_DONE;
  }
  if (names->len == 0)
    mc_cli_say (
        stdout,
        _ ("No CA is known here. Any can be named by the address of its ACME directory, or in mailcert.conf(5)."));
  for (guint i = 0; i < names->len; i++) {
    const McCaProfile *ca = g_hash_table_lookup (cli->config->cas, g_ptr_array_index (names, i));
    g_autofree char *line =
        g_strdup_printf ("%-16s %s%s%s", (const char *)g_ptr_array_index (names, i),
                         ca->directory != NULL ? ca->directory : "-", is_default (cli->config, ca) ? " " : "",
                         /* Translators: marks the CA that is asked when none is named. */
                         is_default (cli->config, ca) ? _ ("(default)") : "");

    mc_cli_say (stdout, line);
  }
  return MC_EXIT_DONE;
}

static void
show_json (const McCaProfile *ca, const McDirectory *directory, const McFinding *finding)
{
  g_autoptr (McJson) report = mc_report_new ();
  g_autoptr (McJson) object = mc_json_object_new ();
  g_autoptr (McJson) profiles = mc_json_array_new ();

  for (guint i = 0; i < directory->profiles->len; i++) {
    const McProfile *profile = g_ptr_array_index (directory->profiles, i);
    g_autoptr (McJson) entry = mc_json_object_new ();

    mc_report_set_text (entry, "name", profile->name);
    mc_report_set_text (entry, "description", profile->description);
    mc_json_append (profiles, entry);
  }
  mc_report_set_text (object, "name", ca->name);
  mc_report_set_text (object, "directory", ca->directory);
  mc_report_set_text (object, "website", directory->website);
  mc_report_set_text (object, "terms", directory->terms);
  mc_json_set_boolean (object, "eab_required", directory->binding_required);
  mc_json_set_boolean (object, "renewal_info", directory->renewal_info != NULL);
  mc_json_set_boolean (object, "revocation", directory->revoke_cert != NULL);
  mc_json_set_boolean (object, "key_change", directory->key_change != NULL);
  mc_report_set_text (object, "root", root_of (ca));
  mc_report_set_text (object, "nss_root", finding->reason);
  mc_json_set (object, "profiles", profiles);
  mc_json_set (report, "ca", object);
  mc_report_print (report);
}

static void
say_clean (const char *before, const char *text)
{
  g_autofree char *clean = mc_text_sanitize (text, 1000);
  g_autofree char *line = g_strdup_printf (*clean != '\0' ? "  %s %s" : "  %s", before, clean);

  mc_cli_say (stdout, line);
}

/* What was seen, and in which store; else no more than what the CA's description claims. */
static void
say_root (const McCaProfile *ca, const McFinding *finding)
{
  static const char *const seen[] = {"mail", "other", "absent", NULL};

  if (finding->reason != NULL && g_strv_contains (seen, finding->reason)) {
    g_autofree char *sentence = mc_text_finding (finding, NULL);

    say_clean (sentence, "");
  } else if (strcmp (root_of (ca), "private") == 0)
    say_clean (
        _ ("Its root is its own: mail programs do not trust it by themselves. You must, and so must whoever is to "
           "trust your signatures."),
        "");
  else
    say_clean (_ ("Whether mail programs trust its root is not known here; a keyring that does not says so when the "
                  "certificate is there."),
               "");
}

static void
show_text (const McCaProfile *ca, const McDirectory *directory, const McFinding *finding)
{
  g_autofree char *name = mc_text_sanitize (ca->name, 200);
  g_autofree char *title = g_strdup_printf ("%s (%s)", name, ca->directory);

  mc_cli_say (stdout, title);
  if (directory->website != NULL)
    say_clean (_ ("Website:"), directory->website);
  if (directory->terms != NULL)
    say_clean (_ ("Terms, to be agreed to with --agree-tos:"), directory->terms);
  if (directory->binding_required)
    say_clean (_ ("Only for those who have an account on its website (--eab FILE)."), "");
  for (guint i = 0; i < directory->profiles->len; i++) {
    const McProfile *profile = g_ptr_array_index (directory->profiles, i);
    g_autofree char *text = g_strdup_printf ("%s: %s", profile->name, profile->description);

    say_clean (_ ("Profile"), text);
  }
  if (directory->renewal_info != NULL)
    say_clean (_ ("It says when a certificate should be renewed."), "");
  say_root (ca, finding);
  say_clean (_ ("Whether it checks mail addresses shows when a certificate is asked for."), "");
}

static gboolean
show (McCli *cli, GError **error)
{
  g_autoptr (McCaProfile) ca = mc_request_ca (cli, mc_cli_operand (cli, 0), error);
  g_autoptr (McRunner) runner = ca != NULL ? mc_runner_new (cli->config, NULL, error) : NULL;
  g_autoptr (McDirectory) directory = runner != NULL ? mc_runner_directory (runner, ca, error) : NULL;
  const McDoctorOptions wanted = {.ca = mc_cli_operand (cli, 0)};
  g_autoptr (McFinding) finding = NULL;

  if (directory == NULL)
    return FALSE;
  finding = mc_doctor_check (cli->config, &wanted, "nss-root");
  if (cli->json)
    show_json (ca, directory, finding);
  else
    show_text (ca, directory, finding);
  return TRUE;
}

static int
run (McCli *cli)
{
  GError *error = NULL;

  if (!mc_cli_load_config (cli, &error))
    return mc_cli_fail (cli, error);
  if (mc_cli_operand (cli, 0) == NULL)
    return list (cli);
  return show (cli, &error) ? MC_EXIT_DONE : mc_cli_fail (cli, error);
}

const McVerb mc_verb_ca = {
    "ca", "[NAME]", 0, 1, "@ca", N_ ("Lists the CAs that are known here, or asks one what it offers."), NULL, run};
