/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "exit-status.h"
#include "json.h"
#include "text.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

G_DEFINE_QUARK (mc - cli - error - quark, mc_cli_error)

void
mc_cli_set_error (GError **error, McError code, const char *format, ...)
{
  g_autofree char *text = NULL;
  g_autofree char *clean = NULL;
  va_list list;

  va_start (list, format);
  text = g_strdup_vprintf (format, list);
  va_end (list);
  clean = mc_text_sanitize (text, 2000); /* quotes what was typed */
  g_set_error_literal (error, MC_CLI_ERROR, (gint)code, clean);
}

void
mc_cli_say (FILE *stream, const char *text)
{
  const char *charset;
  g_autofree char *converted = NULL;

  if (!g_get_charset (&charset))
    converted = g_convert_with_fallback (text, -1, charset, "UTF-8", "?", NULL, NULL, NULL);
  fputs (converted != NULL ? converted : text, stream);
  fputc ('\n', stream);
  fflush (stream);
}

void
mc_cli_complain (const char *sentence, const char *next)
{
  g_autofree char *line = g_strdup_printf ("mailcert: %s", sentence);

  mc_cli_say (stderr, line);
  if (next != NULL) {
    /* Translators: what can be done about it; it stands on a line of its own below a sentence. */
    g_autofree char *step = g_strdup_printf (_ ("Next: %s"), next);

    mc_cli_say (stderr, step);
  }
}

static gboolean
takes_passphrase (const McVerb *verb)
{
  for (const McOption *o = verb->options; o != NULL && o->name != NULL; o++)
    if (strcmp (o->name, "passphrase-fd") == 0)
      return TRUE;
  return FALSE;
}

static char *
next_step (const McCli *cli, McError code)
{
  const char *address = mc_cli_operand (cli, 0);

  if (code == MC_ERROR_USAGE && cli->verb != NULL && !cli->implied)
    return g_strdup_printf (_ ("\"mailcert %s --help\" lists what there is."), cli->verb->name);
  if (code == MC_ERROR_USAGE)
    return g_strdup (_ ("\"mailcert --help\" lists what there is."));
  if (code == MC_ERROR_CONFIG && cli->verb == &mc_verb_get)
    return g_strdup_printf (_ ("\"mailcert ca\" lists the CAs that are known here; then: mailcert get --ca NAME %s"),
                            address);
  if (code == MC_ERROR_CONFIG && (cli->verb == &mc_verb_ca || mc_cli_has (cli, "ca")))
    return g_strdup (_ ("\"mailcert ca\" lists the CAs that are known here."));
  if (code == MC_ERROR_KEYRING && cli->verb != NULL && takes_passphrase (cli->verb))
    return g_strdup (_ ("Type it at a terminal, or give it with --passphrase-fd."));
  if (code == MC_ERROR_WRITE)
    return g_strdup (_ ("Look at the free space and the permissions there, then try again."));
  if (code != MC_ERROR_NO_INPUT)
    return NULL;
  if (cli->verb == &mc_verb_status)
    return g_strdup_printf ("mailcert get %s", address != NULL ? address : "ADDRESS");
  if (cli->verb == &mc_verb_get || strstr (cli->verb->operands, "FILE") != NULL)
    return g_strdup (_ ("Check the name of the file, and whether you may read it."));
  if (cli->verb == &mc_verb_revoke && mc_cli_has (cli, "serial"))
    return g_strdup (_ ("\"mailcert status -v\" shows the serial numbers."));
  return g_strdup (_ ("\"mailcert status\" lists what there is."));
}

int
mc_cli_fail (McCli *cli, GError *error_take)
{
  g_autoptr (GError) error = error_take;
  McError code = mc_exit_code_of_error (error);
  g_autofree char *next = NULL;
  g_autofree char *sentence = NULL;

  if (error->domain == MC_CLI_ERROR) {
    sentence = g_strdup (error->message);
    next = next_step (cli, code);
  } else
    sentence = mc_text_error (error, &next);
  mc_cli_complain (sentence, next);
  if (cli->json) {
    g_autoptr (McJson) report = mc_report_new ();
    g_autoptr (McJson) object = mc_report_error (code, sentence, next, NULL);

    mc_json_set (report, "error", object);
    mc_report_print (report);
  }
  return mc_exit_status_of_code (code);
}

int
mc_cli_finish (int status)
{
  if (fflush (stdout) == 0 && !ferror (stdout))
    return status;
  /* Who closed the pipe has seen enough. */
  if (errno == EPIPE)
    return status;
  mc_cli_complain (_ ("The output could not be written."), NULL);
  return status == MC_EXIT_DONE ? MC_EXIT_WRITE : status;
}

gboolean
mc_cli_is_attended (const McCli *cli)
{
  return !cli->json && !cli->quiet && isatty (STDIN_FILENO) && isatty (STDERR_FILENO);
}

gboolean
mc_cli_is_talkative (const McCli *cli)
{
  return !cli->json && !cli->quiet && (cli->verbose > 0 || isatty (STDOUT_FILENO));
}

gint64
mc_cli_now (void)
{
  return g_get_real_time () / G_USEC_PER_SEC;
}

gboolean
mc_cli_load_config (McCli *cli, GError **error)
{
  if (cli->config == NULL)
    cli->config = mc_config_new (mc_cli_value (cli, "config"), mc_cli_value (cli, "data-dir"), MC_CA_DIR, error);
  return cli->config != NULL;
}
