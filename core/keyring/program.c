/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* memfd_create */
#endif

#include "keyring/program.h"

#include "base/error.h"
#include "base/secret.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define OUTPUT_MAX (1024 * 1024)
#define FLOOD (16 * 1024 * 1024) /* in memory: a program that writes more has lost its mind */
#define LOOK_MS 100              /* how often that is looked at: no event tells of it */
#define WORDS_MAX 300

enum { INPUT, OUTPUT, ERRORS, STATUS, SECRET, N_FILES };

typedef struct {
  int files[N_FILES];
} Files;

static void
files_clear (Files *files)
{
  for (int i = 0; i < N_FILES; i++)
    if (files->files[i] >= 0)
      close (files->files[i]);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Files, files_clear)

static gboolean
write_whole (int fd, const char *bytes, gsize length)
{
  for (gsize done = 0; done < length;) {
    ssize_t n = write (fd, bytes + done, length - done);

    if (n < 0 && errno != EINTR)
      return FALSE;
    done += n > 0 ? (gsize)n : 0;
  }
  return TRUE;
}

static gboolean
fill (int fd, const void *bytes, gsize length)
{
  return write_whole (fd, bytes, length) && lseek (fd, 0, SEEK_SET) == 0;
}

static gboolean
files_open (Files *files, const McProgram *program)
{
  const char *secret = program->secret != NULL ? program->secret : "";
  gsize length = 0;
  const void *input = program->input != NULL ? g_bytes_get_data (program->input, &length) : NULL;

  for (int i = 0; i < N_FILES; i++) {
    files->files[i] = memfd_create ("mailcert", MFD_CLOEXEC);
    if (files->files[i] < 0)
      return FALSE;
  }
  return fill (files->files[INPUT], input != NULL ? input : "", length) &&
         write_whole (files->files[SECRET], secret, strlen (secret)) && write_whole (files->files[SECRET], "\n", 1) &&
         lseek (files->files[SECRET], 0, SEEK_SET) == 0;
}

/* What the program wrote: the offset is shared with it, so the file is read from its start. */
static GBytes *
slurp (int fd)
{
  off_t size = lseek (fd, 0, SEEK_END);
  gsize length = size > 0 ? (gsize)MIN (size, OUTPUT_MAX) : 0;
  guint8 *bytes = g_malloc (length + 1);
  gsize have = 0;

  while (have < length) {
    ssize_t n = pread (fd, bytes + have, length - have, (off_t)have);

    if (n == 0 || (n < 0 && errno != EINTR))
      break;
    have += n > 0 ? (gsize)n : 0;
  }
  bytes[have] = '\0';
  return mc_secret_new_take (bytes, have);
}

static char *
slurp_text (int fd)
{
  g_autoptr (GBytes) bytes = slurp (fd);
  gsize length;
  const char *text = g_bytes_get_data (bytes, &length);

  return g_strndup (text, length);
}

static gboolean
launch (const McProgram *program, const Files *files, GPid *pid, GError **error)
{
  const int sources[] = {files->files[STATUS], files->files[SECRET]};
  const int targets[] = {MC_PROGRAM_STATUS_FD, MC_PROGRAM_SECRET_FD};
  g_autoptr (GError) why = NULL;

  if (g_spawn_async_with_pipes_and_fds (NULL, program->argv, NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD,
                                        NULL, NULL, files->files[INPUT], files->files[OUTPUT], files->files[ERRORS],
                                        sources, targets, G_N_ELEMENTS (sources), pid, NULL, NULL, NULL, &why))
    return TRUE;
  g_set_error (error, MC_ERROR, MC_ERROR_KEYRING, "%s", why->message);
  return FALSE;
}

/* TRUE: it has ended, and *STATUS says how. */
static gboolean
reap (GPid pid, int options, int *status)
{
  pid_t got;

  do
    got = waitpid (pid, status, options);
  while (got < 0 && errno == EINTR);
  /* Somebody in this process ignores SIGCHLD or was quicker: how it ended is lost, so it was no success. */
  if (got < 0)
    *status = 127 << 8;
  return got != 0;
}

static gboolean
is_flooded (const Files *files)
{
  struct stat is;

  for (int i = OUTPUT; i <= STATUS; i++)
    if (fstat (files->files[i], &is) == 0 && is.st_size > FLOOD)
      return TRUE;
  return FALSE;
}

/* Until it has ended (the pidfd says so, whatever the process does with SIGCHLD), time is up, it floods us or somebody
 * cancels.
 */
static gboolean
wait_for (const McProgram *program, const Files *files, GPid pid, int *status, GError **error)
{
  gint64 deadline = g_get_monotonic_time () + (gint64)program->seconds * G_USEC_PER_SEC;
  GPollFD fds[2] = {{pidfd_open (pid, 0), G_IO_IN, 0}, {-1, 0, 0}};
  gboolean cancellable = g_cancellable_make_pollfd (program->cancel, &fds[1]);
  gboolean ended = FALSE, flooded = FALSE;

  for (gint64 left = 1; !ended && !flooded && left > 0 && !g_cancellable_is_cancelled (program->cancel);) {
    left = MAX (deadline - g_get_monotonic_time (), 0);
    /* A kernel (before 5.3) or an emulator without pidfds: there is no event to wait for, so look again and again. */
    g_poll (fds, cancellable ? 2 : 1, fds[0].fd >= 0 ? (gint)MIN ((left + 999) / 1000, LOOK_MS) : 20);
    ended = reap (pid, WNOHANG, status);
    flooded = is_flooded (files);
  }
  if (!ended && g_cancellable_is_cancelled (program->cancel))
    g_set_error (error, MC_ERROR, MC_ERROR_LATER, "%s was cancelled", program->argv[0]);
  else if (!ended && flooded)
    g_set_error_literal (error, MC_ERROR, MC_ERROR_KEYRING, "it printed too much");
  else if (!ended)
    g_set_error (error, MC_ERROR, MC_ERROR_LATER, "%s did not end within %u seconds", program->argv[0],
                 program->seconds);
  if (cancellable)
    g_cancellable_release_fd (program->cancel);
  if (fds[0].fd >= 0)
    close (fds[0].fd);
  return ended;
}

gboolean
mc_program_run (const McProgram *program, McProgramResult *result, GError **error)
{
  g_auto (Files) files = {{-1, -1, -1, -1, -1}};
  GPid pid;
  int status = 0;

  if (!files_open (&files, program)) {
    g_set_error (error, MC_ERROR, MC_ERROR_KEYRING, "cannot run %s: %s", program->argv[0], g_strerror (errno));
    return FALSE;
  }
  if (!launch (program, &files, &pid, error))
    return FALSE;
  if (!wait_for (program, &files, pid, &status, error)) {
    kill (pid, SIGKILL);
    reap (pid, 0, &status);
    return FALSE;
  }
  result->wait_status = status;
  result->out = slurp (files.files[OUTPUT]);
  result->err = slurp_text (files.files[ERRORS]);
  result->status = slurp_text (files.files[STATUS]);
  return TRUE;
}

void
mc_program_result_clear (McProgramResult *result)
{
  g_clear_pointer (&result->out, g_bytes_unref);
  g_clear_pointer (&result->err, g_free);
  g_clear_pointer (&result->status, g_free);
}

gboolean
mc_program_succeeded (const McProgramResult *result)
{
  return WIFEXITED (result->wait_status) && WEXITSTATUS (result->wait_status) == 0;
}

char *
mc_program_words (const McProgramResult *result)
{
  g_auto (GStrv) lines = g_strsplit (result->err, "\n", -1);
  const char *last = NULL, *before = NULL;
  g_autofree char *both = NULL;

  if (WIFSIGNALED (result->wait_status))
    return g_strdup_printf ("it was ended by signal %d (%s)", WTERMSIG (result->wait_status),
                            g_strsignal (WTERMSIG (result->wait_status)));
  for (gsize i = 0; lines[i] != NULL; i++) {
    char *line = g_strstrip (lines[i]);

    if (*line == '\0' || strstr (line, "DBG:") != NULL)
      continue;
    before = last;
    last = g_str_has_prefix (line, "gpgsm: ") ? g_strchug (line + strlen ("gpgsm: ")) : line;
  }
  if (last == NULL)
    return g_strdup_printf ("it ended with status %d and said nothing", WEXITSTATUS (result->wait_status));
  both = g_strdup_printf ("%s%s%s", before != NULL ? before : "", before != NULL ? "; " : "", last);
  return mc_text_sanitize (both, WORDS_MAX);
}
