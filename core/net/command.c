/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/submission.h"

#include "base/error.h"
#include "base/secret.h"
#include "net/process.h"

#include <string.h>
#include <sys/wait.h>

#define MAX_SECRET (16 * 1024)
#define SECONDS 60 /* somebody may have to type a passphrase for it */

char *
mc_command_secret (const char *command, GCancellable *cancel, GError **error)
{
  const char *const argv[] = {"/bin/sh", "-c", command, NULL};
  const McProcessOptions options = {
      .argv = argv, .keep_stdout = TRUE, .max_output = MAX_SECRET, .seconds = SECONDS, .cancel = cancel};
  g_autoptr (GError) reason = NULL;
  g_autoptr (McProcess) process = mc_process_run (&options, &reason);
  const char *line = (const char *)process->out->data;
  gsize length = strcspn (line, "\r\n");
  int status = process->wait_status;

  /* Neither the command nor what it printed is repeated: either may hold the secret. */
  if (reason != NULL)
    g_set_error (error, MC_ERROR, g_cancellable_is_cancelled (cancel) ? MC_ERROR_LATER : MC_ERROR_LOGIN, "%s",
                 reason->message);
  else if (WIFSIGNALED (status))
    g_set_error (error, MC_ERROR, MC_ERROR_LOGIN, "it was ended by signal %d", WTERMSIG (status));
  else if (WEXITSTATUS (status) != 0)
    g_set_error (error, MC_ERROR, MC_ERROR_LOGIN, "it ended with status %d", WEXITSTATUS (status));
  else if (length == 0)
    g_set_error_literal (error, MC_ERROR, MC_ERROR_LOGIN, "it printed nothing");
  else
    return g_strndup (line, length);
  return NULL;
}
