/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/secret.h"
#include "exit-status.h"
#include "json.h"
#include "prompt.h"
#include "request.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static const McOption options[] = {
    {"p12", 0, "FILE", "@file",
     N_ ("key and certificates, for other programs and devices (\"-\" is the standard output)"), FALSE},
    {"compat", 0, NULL, NULL, N_ ("with --p12: a weaker form that old programs, too, can read"), FALSE},
    {"pem", 0, "FILE", "@file", N_ ("key and certificates as PEM text"), FALSE},
    {"cert", 0, "FILE", "@file", N_ ("only the certificates, as PEM text, to give to others"), FALSE},
    {"passphrase-fd", 0, "NUMBER", NULL, N_ ("read the passphrase for the file from this file descriptor"), FALSE},
    {.name = NULL},
};

typedef struct {
  McExportForm form;
  const char *file;
} McExport;

static gboolean
read_form (const McCli *cli, McExport *out, GError **error)
{
  static const struct {
    const char *option;
    McExportForm form;
  } forms[] = {{"p12", MC_EXPORT_P12}, {"pem", MC_EXPORT_PEM}, {"cert", MC_EXPORT_CERTIFICATE}};
  guint count = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (forms); i++) {
    if (!mc_cli_has (cli, forms[i].option))
      continue;
    count++;
    out->form = forms[i].form;
    out->file = mc_cli_value (cli, forms[i].option);
  }
  if (count != 1 || *out->file == '\0') {
    mc_cli_set_error (error, MC_ERROR_USAGE, _ ("One of --p12 FILE, --pem FILE and --cert FILE is needed."));
    return FALSE;
  }
  if (mc_cli_has (cli, "compat") && out->form != MC_EXPORT_P12) {
    mc_cli_set_error (error, MC_ERROR_USAGE, _ ("--compat goes with --p12 only."));
    return FALSE;
  }
  if (strcmp (out->file, "-") == 0 && (cli->json || (out->form == MC_EXPORT_P12 && isatty (STDOUT_FILENO)))) {
    mc_cli_set_error (error, MC_ERROR_USAGE, _ ("This does not fit on the standard output; name a file."));
    return FALSE;
  }
  if (mc_cli_has (cli, "compat"))
    out->form = MC_EXPORT_P12_COMPATIBLE;
  return TRUE;
}

/* A file beside the final one, then rename: never half a key, never readable by others. */
static gboolean
write_file (const char *file, GBytes *bytes, GError **error)
{
  gsize length;
  const char *data = g_bytes_get_data (bytes, &length);
  g_autoptr (GError) local = NULL;

  if (strcmp (file, "-") == 0) {
    fwrite (data, 1, length, stdout);
    if (fflush (stdout) == 0)
      return TRUE;
    mc_cli_set_error (error, MC_ERROR_WRITE, _ ("The output could not be written."));
    return FALSE;
  }
  if (g_file_set_contents_full (file, data, (gssize)length,
                                G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, 0600, &local))
    return TRUE;
  mc_cli_set_error (error, MC_ERROR_WRITE, _ ("The file %s could not be written: %s."), file, local->message);
  return FALSE;
}

static gboolean
is_secret (McExportForm form)
{
  return form != MC_EXPORT_CERTIFICATE;
}

/* What is there may be somebody's only key. A script knows what it does. */
static gboolean
check_file (const McCli *cli, const char *file, GError **error)
{
  g_autofree char *name = g_filename_display_name (file);
  g_autofree char *question = NULL;

  if (strcmp (file, "-") == 0 || !mc_cli_is_attended (cli) || !g_file_test (file, G_FILE_TEST_IS_REGULAR))
    return TRUE;
  /* Translators: a file. The letters in brackets are the answers yes and no. */
  question = g_strdup_printf (_ ("%s is there already. Write over it? [y/N] "), name);
  if (mc_prompt_question (question, -1) == MC_ANSWER_YES)
    return TRUE;
  mc_cli_set_error (error, MC_ERROR_WRITE, _ ("%s is there already; name another file."), name);
  return FALSE;
}

/* PKCS#12 always has one; PEM if one is given, or if the key is under one anyway. */
static gboolean
get_passphrase (const McCli *cli, McExportForm form, char **out, GError **error)
{
  gboolean p12 = form == MC_EXPORT_P12 || form == MC_EXPORT_P12_COMPATIBLE;

  if (!is_secret (form) || (!p12 && !mc_cli_has (cli, "passphrase-fd") && !cli->config->passphrase)) {
    *out = NULL;
    return TRUE;
  }
  if (cli->config->passphrase)
    *out = mc_prompt_passphrase (cli, _ ("Passphrase of your key: "), FALSE, error);
  else
    *out = mc_prompt_passphrase (cli, _ ("Passphrase for the file: "), TRUE, error);
  return *out != NULL;
}

static gboolean
do_export (McCli *cli, const McExport *what, GError **error)
{
  const char *address = mc_cli_operand (cli, 0);
  g_autoptr (McSecretString) passphrase = NULL;
  g_autoptr (McRunner) runner = NULL;
  g_autoptr (GBytes) bytes = NULL;
  gint64 id;

  if (!mc_cli_load_config (cli, error) || !mc_request_check_known (cli, address, error) ||
      !check_file (cli, what->file, error) || !get_passphrase (cli, what->form, &passphrase, error))
    return FALSE;
  runner = mc_runner_new (cli->config, NULL, error);
  if (runner == NULL)
    return FALSE;
  if (cli->config->passphrase && passphrase != NULL)
    mc_runner_set_passphrase (runner, passphrase);
  bytes = mc_runner_export (runner, address, what->form, passphrase, &id, error);
  if (bytes == NULL || !write_file (what->file, bytes, error))
    return FALSE;
  return !is_secret (what->form) || mc_runner_exported (runner, id, error);
}

static int
run (McCli *cli)
{
  GError *error = NULL;
  McExport what = {0};

  if (!read_form (cli, &what, &error) || !do_export (cli, &what, &error))
    return mc_cli_fail (cli, error);
  if (cli->json) {
    g_autoptr (McJson) report = mc_report_new ();

    mc_report_set_text (report, "file", what.file);
    mc_json_set_boolean (report, "key", is_secret (what.form));
    mc_report_print (report);
  } else if (mc_cli_is_talkative (cli) && strcmp (what.file, "-") != 0) {
    g_autofree char *name = g_filename_display_name (what.file);
    g_autofree char *line =
        is_secret (what.form)
            ? g_strdup_printf (_ ("Your key and certificate are in %s. Keep this file to yourself."), name)
            : g_strdup_printf (_ ("Your certificate is in %s. You can give it to anybody."), name);

    mc_cli_say (stdout, line);
  }
  return MC_EXIT_DONE;
}

const McVerb mc_verb_export = {"export", "ADDRESS",  1,
                               1,        "@address", N_ ("Writes a certificate, with its key or without, into a file."),
                               options,  run};
