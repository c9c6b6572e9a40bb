/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli.h"

#include "net/process.h"
#include "runner/doctor.h"
#include "store/store.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#define DOCTOR_SECONDS 150 /* mutt's asks mutt twice, which may run commands of its own for a minute each */
#define DOCTOR_OUTPUT (256 * 1024)

/* As git does: "mailcert NAME" is the program mailcert-NAME in our own libexec folder, never in $PATH.
 * MAILCERT_EXEC_PATH names another folder. */

char *
mc_external_dir (void)
{
  const char *dir = g_getenv ("MAILCERT_EXEC_PATH");

  return g_strdup (dir != NULL && *dir != '\0' ? dir : MC_LIBEXECDIR);
}

static char *
program (const char *verb)
{
  g_autofree char *dir = mc_external_dir ();

  return g_strdup_printf ("%s/mailcert-%s", dir, verb);
}

gboolean
mc_external_exists (const char *verb)
{
  g_autofree char *path = NULL;

  for (const char *p = verb; *p != '\0'; p++)
    if (!g_ascii_isalnum (*p) && *p != '-')
      return FALSE;
  path = program (verb);
  return g_file_test (path, G_FILE_TEST_IS_EXECUTABLE) && !g_file_test (path, G_FILE_TEST_IS_DIR);
}

gboolean
mc_external_exec (char **argv, GError **error)
{
  g_autofree char *path = program (argv[0]);
  g_autofree char *name = g_path_get_basename (path);
  g_autofree char **words = g_new0 (char *, g_strv_length (argv) + 1);

  words[0] = name;
  for (guint i = 1; argv[i] != NULL; i++)
    words[i] = argv[i];
  signal (SIGPIPE, SIG_DFL); /* as every program expects it */
  execv (path, words);
  mc_cli_set_error (error, MC_ERROR_INTERNAL, _ ("%s cannot be started: %s."), path, g_strerror (errno));
  return FALSE;
}

/* PATH, the options that say which mailcert is meant, and ADDRESS where there is one. */
static void
fill_words (const McCli *cli, char *path, const char *address, char *words[7])
{
  guint count = 0;

  words[count++] = path;
  for (const char *const *option = (const char *const[]){"config", "data-dir", NULL}; *option != NULL; option++) {
    if (!mc_cli_has (cli, *option))
      continue;
    words[count++] = (char *)(*option[0] == 'c' ? "--config" : "--data-dir");
    words[count++] = (char *)mc_cli_value (cli, *option);
  }
  words[count++] = (char *)address;
  words[count] = NULL;
}

static void
ask_account (const McCli *cli, char *path, const char *address, gpointer data)
{
  char *words[7];
  g_autoptr (GError) error = NULL;

  fill_words (cli, path, address, words);
  /* What it has to say it says itself; without it, things are as they were. */
  if (!g_spawn_sync (NULL, words, NULL, G_SPAWN_STDOUT_TO_DEV_NULL, NULL, NULL, NULL, NULL, NULL, &error))
    g_warning ("%s could not be run: %s", path, error->message);
}

/* "KEYRING=ID ..." of the newest certificate of ADDRESS that is in a keyring. */
static char *
keys_of (const McCli *cli, const char *address)
{
  g_autoptr (McStore) store = mc_store_open (cli->config->data_dir, TRUE, NULL);
  g_autoptr (GPtrArray) all = store != NULL ? mc_store_enrollments (store, FALSE, NULL) : NULL;
  GString *keys = g_string_new (NULL);

  for (guint i = all != NULL ? all->len : 0; i > 0 && keys->len == 0 && address != NULL; i--) {
    const McEnrollment *e = g_ptr_array_index (all, i - 1);

    for (guint j = 0; mc_enrollment_find (e, address) != NULL && j < e->keyrings->len; j++) {
      const McEnrollmentKeyring *keyring = g_ptr_array_index (e->keyrings, j);

      if (keyring->key_id != NULL && strcmp (keyring->state, "ready") == 0 && e->usage != MC_USAGE_ENCRYPT &&
          strpbrk (keyring->spec, " =") == NULL)
        g_string_append_printf (keys, "%s=%s ", keyring->spec, keyring->key_id);
    }
  }
  return g_string_free (keys, FALSE);
}

static void
ask_doctor (const McCli *cli, char *path, const char *address, gpointer data)
{
  GPtrArray *findings = data;
  g_autoptr (GPtrArray) more = NULL;
  g_auto (GStrv) environment = g_get_environ ();
  g_autofree char *keys = keys_of (cli, address);
  McProcessOptions options = {
      .keep_stdout = TRUE, .keep_stderr = TRUE, .max_output = DOCTOR_OUTPUT, .seconds = DOCTOR_SECONDS};
  g_autoptr (McProcess) process = NULL;
  g_autoptr (GError) error = NULL;
  char *words[7];

  fill_words (cli, path, address, words);
  environment = g_environ_setenv (environment, "MAILCERT_KEYS", keys, TRUE);
  if (cli->json) /* never translated */
    environment = g_environ_setenv (environment, "LC_ALL", "C.UTF-8", TRUE);
  options.argv = (const char *const *)words;
  options.environment = environment;
  process = mc_process_run (&options, &error);
  if (!process->started) /* it is not about our own programs */
    return;
  if (!process->ended) {
    g_ptr_array_add (findings, mc_doctor_broken (path, error->message));
    return;
  }
  more = mc_doctor_parse ((const char *)process->out->data, process->out->len);
  while (more->len > 0)
    g_ptr_array_add (findings, g_ptr_array_steal_index (more, 0));
}

typedef void (*AskFunc) (const McCli *cli, char *path, const char *address, gpointer data);

static void
ask_each (const McCli *cli, const char *folder, const char *address, AskFunc ask, gpointer data)
{
  g_autofree char *libexec = mc_external_dir ();
  g_autofree char *path = g_build_filename (libexec, folder, NULL);
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL); /* none is fine */
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *program = g_build_filename (path, name, NULL);

    if (*name != '.' && g_file_test (program, G_FILE_TEST_IS_EXECUTABLE))
      ask (cli, program, address, data);
  }
}

void
mc_external_ask (const McCli *cli, const char *address)
{
  ask_each (cli, "account", address, ask_account, NULL);
}

void
mc_external_doctor (const McCli *cli, const char *address, GPtrArray *findings)
{
  ask_each (cli, "doctor", address, ask_doctor, findings);
}
