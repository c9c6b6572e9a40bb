/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/timer.h"

#include "base/error.h"
#include "net/process.h"

#include <string.h>
#include <sys/wait.h>

#define SECONDS 20
#define OUTPUT_MAX (256 * 1024)

/* Its end is for the caller to judge. */
static McProcess *
run (const char *const *argv, GError **error)
{
  const McProcessOptions options = {
      .argv = argv, .keep_stdout = TRUE, .keep_stderr = TRUE, .max_output = OUTPUT_MAX, .seconds = SECONDS};
  g_autoptr (GError) why = NULL;
  g_autoptr (McProcess) process = mc_process_run (&options, &why);

  if (why == NULL)
    return g_steal_pointer (&process);
  g_propagate_error (error, g_steal_pointer (&why));
  return NULL;
}

static gboolean
succeeded (const McProcess *process)
{
  return process != NULL && WIFEXITED (process->wait_status) && WEXITSTATUS (process->wait_status) == 0;
}

static gboolean
is_enabled (const char *dir)
{
  g_autofree char *path = g_build_filename (dir, "timers.target.wants", MC_TIMER_UNIT, NULL);

  return g_file_test (path, G_FILE_TEST_IS_SYMLINK) || g_file_test (path, G_FILE_TEST_EXISTS);
}

static gboolean
is_in_crontab (void)
{
  static const char *const argv[] = {"crontab", "-l", NULL};
  g_autofree char *program = g_find_program_in_path (argv[0]);
  g_autoptr (McProcess) table = program != NULL ? run (argv, NULL) : NULL;
  g_auto (GStrv) lines = g_strsplit (table != NULL ? (const char *)table->out->data : "", "\n", -1);

  for (gsize i = 0; lines[i] != NULL; i++) {
    const char *line = g_strchug (lines[i]);

    if (*line != '#' && strstr (line, "mailcert") != NULL && strstr (line, "renew") != NULL)
      return TRUE;
  }
  return FALSE;
}

McTimer
mc_timer_find (void)
{
  g_autofree char *own = g_build_filename (g_get_user_config_dir (), "systemd", "user", NULL);

  if (is_enabled (own) || is_enabled ("/etc/systemd/user"))
    return MC_TIMER_SYSTEMD;
  return is_in_crontab () ? MC_TIMER_CRON : MC_TIMER_NONE;
}

gboolean
mc_timer_is_known (void)
{
  static const char *const argv[] = {"systemctl", "--user", "cat", MC_TIMER_UNIT, NULL};
  g_autofree char *program = g_find_program_in_path (argv[0]);
  g_autoptr (McProcess) process = program != NULL ? run (argv, NULL) : NULL;

  return succeeded (process);
}

gboolean
mc_timer_enable (GError **error)
{
  static const char *const argv[] = {"systemctl", "--user", "enable", "--now", MC_TIMER_UNIT, NULL};
  g_autoptr (McProcess) process = run (argv, error);
  g_autofree char *words = NULL;

  if (process == NULL)
    return FALSE;
  if (succeeded (process))
    return TRUE;
  words = mc_text_sanitize ((const char *)process->err->data, 300);
  g_set_error (error, MC_ERROR, MC_ERROR_CONFIG, "systemctl: %s", words);
  return FALSE;
}
