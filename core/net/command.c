/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/submission.h"

#include "base/error.h"
#include "base/secret.h"
#include "net/process.h"

#include <string.h>
#include <sys/wait.h>

#define MAX_SECRET (16 * 1024)
#define KEEP_SECONDS 60 /* the logins of one enrollment come close together: nobody is to be asked three times */
#define SECONDS 60      /* somebody may have to type a passphrase for it */

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

typedef struct {
  char *secret;
  gint64 until; /* monotonic */
} McKept;

static GMutex kept_lock; /* held while the command runs: whoever else wants the same secret waits for that one */
static GHashTable *kept; /* command -> McKept */

static void
kept_free (gpointer p)
{
  McKept *entry = p;

  mc_secret_string_free (entry->secret);
  g_free (entry);
}

static gboolean
is_over (gpointer command, gpointer entry, gpointer now)
{
  (void)command;
  return ((const McKept *)entry)->until <= *(const gint64 *)now;
}

char *
mc_command_secret_kept (const char *command, GCancellable *cancel, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&kept_lock);
  gint64 now = g_get_monotonic_time ();
  McKept *entry;
  char *secret;

  if (kept == NULL)
    kept = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, kept_free);
  g_hash_table_foreach_remove (kept, is_over, &now);
  entry = g_hash_table_lookup (kept, command);
  if (entry != NULL)
    return g_strdup (entry->secret);
  secret = mc_command_secret (command, cancel, error);
  if (secret == NULL)
    return NULL;
  entry = g_new (McKept, 1);
  entry->secret = g_strdup (secret);
  entry->until = g_get_monotonic_time () + KEEP_SECONDS * G_USEC_PER_SEC;
  g_hash_table_insert (kept, g_strdup (command), entry);
  return secret;
}

void
mc_command_forget (void)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&kept_lock);

  g_clear_pointer (&kept, g_hash_table_unref);
}
