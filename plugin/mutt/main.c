/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "mutt.h"

#include "base/error.h"
#include "base/json.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

/* "mailcert mutt VERB". */

typedef struct {
  const char *name;
  gboolean (*run) (const McMutt *mutt, char **words, int *status, GError **error);
} Verb;

static const Verb verbs[] = {{"setup", mc_mutt_setup},     {"rc", mc_mutt_rc},       {"send", mc_mutt_send},
                             {"decrypt", mc_mutt_decrypt}, {"adopt", mc_mutt_adopt}, {"settings", mc_mutt_settings},
                             {"doctor", mc_mutt_doctor}};

McConfig *
mc_mutt_load_config (const McMutt *mutt, GError **error)
{
  return mc_config_new (mutt->config, mutt->data_dir, MC_CA_DIR, error);
}

gboolean
mc_mutt_write_file (const char *path, const char *text, GError **error)
{
  g_autofree char *dir = g_path_get_dirname (path);
  g_autofree char *there = NULL;
  g_autoptr (GError) reason = NULL;

  if (g_file_get_contents (path, &there, NULL, NULL) && strcmp (there, text) == 0)
    return TRUE;
  if (g_mkdir_with_parents (dir, 0700) != 0) {
    g_set_error (error, MC_ERROR, MC_ERROR_WRITE, "%s: %s", dir, g_strerror (errno));
    return FALSE;
  }
  if (g_file_set_contents_full (path, text, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0600, &reason))
    return TRUE;
  g_set_error_literal (error, MC_ERROR, MC_ERROR_WRITE, reason->message);
  return FALSE;
}

/* The client's own language is no place for odd names: they stand in quotes there, and in commands. */
static gboolean
check_path (const char *path, GError **error)
{
  if (strpbrk (path, "\"'`$\\\n;|%") == NULL)
    return TRUE;
  g_set_error (error, MC_ERROR, MC_ERROR_CONFIG, _ ("The file name %s cannot be written into a configuration of mutt."),
               path);
  return FALSE;
}

static void
make_absolute (char **path)
{
  char *absolute = *path != NULL ? g_canonicalize_filename (*path, NULL) : NULL;

  g_free (*path);
  *path = absolute;
}

static gboolean
find_paths (McMutt *mutt, GError **error)
{
  g_autofree char *here = NULL;

  make_absolute (&mutt->rc_file); /* we do not stay in this folder */
  if (mutt->rc_file != NULL && !mutt->remove && g_access (mutt->rc_file, R_OK) != 0) {
    g_set_error (error, MC_ERROR, MC_ERROR_CONFIG, "%s: %s", mutt->rc_file, g_strerror (errno));
    return FALSE;
  }
  make_absolute (&mutt->config);
  make_absolute (&mutt->data_dir);
  make_absolute (&mutt->dir);

  mutt->self = g_file_read_link ("/proc/self/exe", error);
  if (mutt->self == NULL)
    return FALSE;
  here = g_path_get_dirname (mutt->self);
  mutt->hook = g_build_filename (here, "mailcert-hook", NULL); /* where nothing is installed */
  if (!g_file_test (mutt->hook, G_FILE_TEST_IS_EXECUTABLE)) {
    g_free (mutt->hook);
    mutt->hook = g_strdup (MC_BINDIR "/mailcert-hook");
  }
  if (mutt->dir == NULL)
    mutt->dir = g_build_filename (g_get_user_config_dir (), "mailcert", "mutt", NULL);
  return check_path (mutt->self, error) && check_path (mutt->hook, error) && check_path (mutt->dir, error);
}

static int
exit_status (const GError *error)
{
  static const struct {
    gint code;
    int status;
  } map[] = {{MC_ERROR_USAGE, EX_USAGE},     {MC_ERROR_NO_INPUT, EX_NOINPUT}, {MC_ERROR_MALFORMED, EX_DATAERR},
             {MC_ERROR_WRITE, EX_CANTCREAT}, {MC_ERROR_LATER, EX_TEMPFAIL},   {MC_ERROR_KEYRING, EX_NOPERM},
             {MC_ERROR_CONFIG, EX_CONFIG}};

  for (gsize i = 0; i < G_N_ELEMENTS (map); i++)
    if (g_error_matches (error, MC_ERROR, map[i].code))
      return map[i].status;
  return error->domain == G_OPTION_ERROR ? EX_USAGE : EX_SOFTWARE;
}

static gboolean
take_words (McMutt *mutt, int *argc, char ***argv, GError **error)
{
  g_autofree char *ignored = NULL;
  gboolean quiet = FALSE;
  GOptionEntry entries[] = {
      {"neomutt", 0, 0, G_OPTION_ARG_NONE, &mutt->neomutt, N_ ("neomutt is meant, not mutt"), NULL},
      {"write", 0, 0, G_OPTION_ARG_NONE, &mutt->write, N_ ("setup: write it, instead of showing it"), NULL},
      {"remove", 0, 0, G_OPTION_ARG_NONE, &mutt->remove, N_ ("setup: take away what was written"), NULL},
      {"rc-file", 'F', 0, G_OPTION_ARG_FILENAME, &mutt->rc_file, N_ ("the mail program's configuration"), "FILE"},
      {"config", 0, 0, G_OPTION_ARG_FILENAME, &mutt->config, N_ ("mailcert's configuration"), "FILE"},
      {"data-dir", 0, 0, G_OPTION_ARG_FILENAME, &mutt->data_dir, N_ ("the folder of mailcert's records"), "DIR"},
      {"dir", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_FILENAME, &mutt->dir, NULL, NULL},
      {"envelope-from", 'f', G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_STRING, &ignored, NULL, NULL},
      {"json", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_NONE, &mutt->json, NULL, NULL},
      {"quiet", 'q', G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_NONE, &quiet, NULL, NULL},
      {NULL},
  };
  g_autoptr (GOptionContext) context = g_option_context_new ("setup|rc|send|decrypt");

  g_set_prgname ("mailcert mutt");
  g_option_context_set_summary (context, _ ("What mailcert does for mutt and neomutt; mailcert-mutt(7) explains it."));
  g_option_context_add_main_entries (context, entries, PACKAGE);
  return g_option_context_parse (context, argc, argv, error);
}

static void
mutt_clear (McMutt *mutt)
{
  g_free (mutt->rc_file);
  g_free (mutt->config);
  g_free (mutt->data_dir);
  g_free (mutt->dir);
  g_free (mutt->self);
  g_free (mutt->hook);
}

static int
run (McMutt *mutt, int argc, char **argv, GError **error)
{
  int status = EX_SOFTWARE;

  if (!take_words (mutt, &argc, &argv, error) || !find_paths (mutt, error))
    return exit_status (*error);
  if (mutt->json) {
    g_set_error_literal (error, MC_ERROR, MC_ERROR_USAGE,
                         _ ("What it prints is for mutt to read; programs ask \"mailcert status --json\"."));
    return EX_USAGE;
  }
  if (argc > 2 && strcmp (argv[2], "--") == 0) /* GLib leaves it where words follow */
    memmove (&argv[2], &argv[3], (size_t)(argc - 2) * sizeof argv[0]);
  for (gsize i = 0; argc > 1 && i < G_N_ELEMENTS (verbs); i++) {
    if (strcmp (verbs[i].name, argv[1]) == 0)
      return verbs[i].run (mutt, argv + 2, &status, error) ? status : exit_status (*error);
  }
  g_set_error_literal (error, MC_ERROR, MC_ERROR_USAGE, _ ("It is mailcert mutt setup, rc, send or decrypt."));
  return EX_USAGE;
}

/* To whoever asked for JSON, the error is one object, too (mailcert-json(5)). */
static void
print_error (const char *sentence)
{
  g_autoptr (McJson) report = mc_json_object_new ();
  g_autoptr (McJson) error = mc_json_object_new ();
  g_autofree char *text = NULL;

  mc_json_set_integer (report, "schema", 1);
  mc_json_set_string (error, "code", mc_error_name (MC_ERROR_USAGE));
  mc_json_set_string (error, "message", sentence);
  mc_json_set_null (error, "next");
  mc_json_set_null (error, "problem");
  mc_json_set (report, "error", error);
  text = mc_json_compose (report);
  g_print ("%s\n", text);
}

int
main (int argc, char **argv)
{
  McMutt mutt = {0};
  g_autoptr (GError) error = NULL;
  int status;

  setlocale (LC_ALL, "");
#ifdef ENABLE_NLS
  bindtextdomain (PACKAGE, LOCALEDIR);
  bind_textdomain_codeset (PACKAGE, "UTF-8");
  textdomain (PACKAGE);
#endif
  status = run (&mutt, argc, argv, &error);
  if (error != NULL) {
    g_autofree char *shown = mc_text_sanitize (error->message, 1000);

    g_printerr ("mailcert mutt: %s\n", shown);
    if (mutt.json)
      print_error (shown);
  }
  mutt_clear (&mutt);
  return status;
}
