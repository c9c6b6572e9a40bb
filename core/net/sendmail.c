/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/submission.h"

#include "base/error.h"
#include "net/envelope.h"
#include "net/process.h"

#include <string.h>
#include <sys/wait.h>
#include <sysexits.h>

#define SECONDS 300 /* msmtp talks to the server itself */
#define MAX_COMPLAINT 4096

/* The local convention of mail programs: LF alone. */
static GByteArray *
to_lf (GBytes *rfc822)
{
  gsize size;
  const guint8 *bytes = g_bytes_get_data (rfc822, &size);
  GByteArray *text = g_byte_array_sized_new ((guint)size + 1);

  for (gsize i = 0; i < size; i++)
    if (bytes[i] != '\r' || i + 1 == size || bytes[i + 1] != '\n')
      g_byte_array_append (text, bytes + i, 1);
  return text;
}

static char **
arguments (const McMailAccount *account, const char *const *to, GError **error)
{
  g_autoptr (GPtrArray) argv = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) reason = NULL;
  g_auto (GStrv) words = NULL;

  if (account->sendmail == NULL || !g_shell_parse_argv (account->sendmail, NULL, &words, &reason)) {
    g_set_error (error, MC_ERROR, MC_ERROR_CONFIG, "sendmail: %s", reason != NULL ? reason->message : "not configured");
    return NULL;
  }
  for (char **word = words; *word != NULL; word++)
    g_ptr_array_add (argv, g_strdup (*word));
  g_ptr_array_add (argv, g_strdup ("--"));
  for (const char *const *address = to; *address != NULL; address++)
    g_ptr_array_add (argv, g_strdup (*address));
  g_ptr_array_add (argv, NULL);
  return (char **)g_ptr_array_steal (argv, NULL);
}

/* sysexits.h, as sendmail, postfix, exim and msmtp use it. */
static McSendOutcome
read_exit (int status, gint *code)
{
  *code = MC_ERROR_REFUSED;
  switch (status) {
  case EX_OK:
    return MC_SEND_SENT;
  case EX_TEMPFAIL:
    *code = MC_ERROR_LATER;
    return MC_SEND_NOT_SENT;
  case EX_NOPERM: /* msmtp: login refused */
    *code = MC_ERROR_LOGIN;
    return MC_SEND_NOT_SENT;
  case EX_CONFIG:
  case EX_USAGE:
    *code = MC_ERROR_CONFIG;
    return MC_SEND_NOT_SENT;
  case EX_IOERR: /* msmtp: the connection broke, and it does not say where */
  case EX_PROTOCOL:
    *code = MC_ERROR_LATER;
    return MC_SEND_UNKNOWN;
  default:
    return MC_SEND_REFUSED;
  }
}

static McSendOutcome
judge (const McProcess *process, GError **error)
{
  g_autofree char *complaint = mc_text_sanitize ((const char *)process->err->data, 300);
  const char *said = *g_strstrip (complaint) != '\0' ? complaint : "it did not say why";
  McSendOutcome outcome;
  gint code;

  if (WIFSIGNALED (process->wait_status)) {
    g_set_error (error, MC_ERROR, MC_ERROR_LATER, "ended by signal %d: %s", WTERMSIG (process->wait_status), said);
    return MC_SEND_UNKNOWN;
  }
  outcome = read_exit (WEXITSTATUS (process->wait_status), &code);
  if (outcome != MC_SEND_SENT)
    g_set_error (error, MC_ERROR, code, "status %d: %s", WEXITSTATUS (process->wait_status), said);
  return outcome;
}

McSendOutcome
mc_sendmail_send (const McMailAccount *account, const char *from, const char *const *to, GBytes *rfc822,
                  GCancellable *cancel, GError **error)
{
  g_auto (GStrv) argv = NULL;
  g_autoptr (GByteArray) text = to_lf (rfc822);
  g_autoptr (GError) reason = NULL;
  McProcessOptions options = {.input = text->data,
                              .input_length = text->len,
                              .keep_stderr = TRUE,
                              .max_output = MAX_COMPLAINT,
                              .seconds = SECONDS,
                              .cancel = cancel};
  g_autoptr (McProcess) process = NULL;
  McSendOutcome outcome = MC_SEND_NOT_SENT;

  if (!mc_envelope_check (from, to, error) || (argv = arguments (account, to, error)) == NULL)
    return MC_SEND_NOT_SENT;
  options.argv = (const char *const *)argv;
  process = mc_process_run (&options, &reason);
  if (process->ended)
    outcome = judge (process, &reason);
  else if (process->started) /* killed: a child of it may still send what it had read */
    outcome = MC_SEND_UNKNOWN;
  if (outcome == MC_SEND_SENT && process->taken < text->len) {
    g_set_error_literal (&reason, MC_ERROR, MC_ERROR_LATER, "it did not read the whole mail");
    outcome = MC_SEND_UNKNOWN;
  }
  if (outcome != MC_SEND_SENT)
    g_propagate_prefixed_error (error, g_steal_pointer (&reason), "sendmail: ");
  return outcome;
}
