/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* memfd_create */
#endif
#include "net/process.h"

#include "base/error.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <openssl/crypto.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { OUT, ERR, END, CANCEL, N_FDS };

typedef struct {
  const McProcessOptions *options;
  McProcess *process;
  GPid pid;
  int fds[N_FDS]; /* -1 = done with */
  int end_told;   /* the other end of END's pipe */
  int input;      /* -1 = none; its offset is the program's, too */
  GThread *watcher;
} Run;

void
mc_process_free (McProcess *process)
{
  GByteArray *outputs[] = {process != NULL ? process->out : NULL, process != NULL ? process->err : NULL};

  for (gsize i = 0; i < G_N_ELEMENTS (outputs); i++) {
    if (outputs[i] == NULL)
      continue;
    OPENSSL_cleanse (outputs[i]->data, outputs[i]->len);
    g_byte_array_unref (outputs[i]);
  }
  g_free (process);
}

static void
close_fd (Run *run, int which)
{
  if (run->fds[which] >= 0)
    close (run->fds[which]);
  run->fds[which] = -1;
}

/* Sees the end without reaping it: until then the process id is nobody else's. */
static gpointer
watch_end (gpointer data)
{
  Run *run = data;
  siginfo_t info;

  while (waitid (P_PID, (id_t)run->pid, &info, WEXITED | WNOWAIT) < 0 && errno == EINTR)
    ;
  close (run->end_told); /* wakes the poll */
  return NULL;
}

static void
watch (Run *run)
{
  int pipe[2];

  if (!g_unix_open_pipe (pipe, FD_CLOEXEC, NULL))
    g_error ("no file descriptors are left"); /* as GLib does */
  run->fds[END] = pipe[0];
  run->end_told = pipe[1];
  run->watcher = g_thread_new ("process", watch_end, run);
}

/* What goes in is a file of memory, whole before the program starts: from a pipe it would take what had come by then
 * for the whole mail, and send that, if we were killed in between. */
static int
input_file (const McProcessOptions *o, GError **error)
{
  int fd = memfd_create ("input", MFD_CLOEXEC);
  gsize done = 0;

  while (fd >= 0 && done < o->input_length) {
    gssize n = write (fd, (const char *)o->input + done, o->input_length - done);

    if (n < 0 && errno == EINTR)
      continue;
    if (n <= 0)
      break;
    done += (gsize)n;
  }
  if (fd >= 0 && done == o->input_length && lseek (fd, 0, SEEK_SET) == 0)
    return fd;
  g_set_error (error, MC_ERROR, MC_ERROR_LATER, "no memory for its input: %s", g_strerror (errno));
  if (fd >= 0)
    close (fd);
  return -1;
}

static gboolean
start (Run *run, GError **error)
{
  const McProcessOptions *o = run->options;
  GSpawnFlags flags = G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD;
  g_autoptr (GError) reason = NULL;

  if (!o->keep_stdout)
    flags |= G_SPAWN_STDOUT_TO_DEV_NULL;
  if (o->input != NULL && (run->input = input_file (o, error)) < 0)
    return FALSE;
  if (!g_spawn_async_with_pipes_and_fds (
          NULL, o->argv, (const char *const *)o->environment, flags, NULL, NULL, run->input, -1, -1, NULL, NULL, 0,
          &run->pid, NULL, o->keep_stdout ? &run->fds[OUT] : NULL, o->keep_stderr ? &run->fds[ERR] : NULL, &reason)) {
    g_set_error (error, MC_ERROR, MC_ERROR_CONFIG, "%s", reason->message);
    return FALSE;
  }
  run->process->started = TRUE;
  watch (run);
  for (int i = OUT; i <= ERR; i++)
    if (run->fds[i] >= 0)
      g_unix_set_fd_nonblocking (run->fds[i], TRUE, NULL);
  return TRUE;
}

/* FALSE = too much: what cannot be kept of a complaint is let go, of an output it would be half a thing. */
static gboolean
take (Run *run, int which, GByteArray *output)
{
  gsize room = run->options->max_output - output->len;
  guint8 spare[512];
  gssize n = read (run->fds[which], room > 0 ? output->data + output->len : spare, room > 0 ? room : sizeof spare);

  if (n > 0 && room == 0)
    return which == ERR;
  if (n > 0)
    output->len += (guint)n; /* the room was there from the start: no copy of a secret is left behind */
  else if (n == 0 || (errno != EAGAIN && errno != EINTR))
    close_fd (run, which);
  return TRUE;
}

static gint
poll_fds (Run *run, gint64 deadline, GPollFD *fds)
{
  gint64 left = MAX (deadline - g_get_monotonic_time (), 0);

  for (int i = 0; i < N_FDS; i++) {
    fds[i].fd = run->fds[i]; /* poll passes over negative ones */
    fds[i].events = G_IO_IN;
    fds[i].revents = 0;
  }
  return g_poll (fds, N_FDS, (gint)MIN ((left + 999) / 1000, G_MAXINT));
}

/* One round; FALSE with ERROR = it must be killed. */
static gboolean
attend (Run *run, gint64 deadline, GError **error)
{
  GPollFD fds[N_FDS];
  gint ready = poll_fds (run, deadline, fds);

  if (ready < 0 && errno == EINTR)
    return TRUE;
  if (g_cancellable_is_cancelled (run->options->cancel)) {
    g_set_error_literal (error, MC_ERROR, MC_ERROR_LATER, "cancelled");
    return FALSE;
  }
  if (ready <= 0) {
    g_set_error (error, MC_ERROR, MC_ERROR_LATER, "it did not end within %u seconds", run->options->seconds);
    return FALSE;
  }
  if ((fds[OUT].revents != 0 && !take (run, OUT, run->process->out)) ||
      (fds[ERR].revents != 0 && !take (run, ERR, run->process->err))) {
    g_set_error_literal (error, MC_ERROR, MC_ERROR_MALFORMED, "it printed too much");
    return FALSE;
  }
  if (fds[END].revents != 0)
    close_fd (run, END);
  return TRUE;
}

/* What is in the pipe and no more: something in the background may keep it open. */
static void
drain (Run *run, int which, GByteArray *output)
{
  gsize before;

  do
    before = output->len;
  while (run->fds[which] >= 0 && take (run, which, output) && output->len != before);
}

static void
converse (Run *run, GError **error)
{
  gint64 deadline = g_get_monotonic_time () + (gint64)run->options->seconds * G_USEC_PER_SEC;
  gboolean going = TRUE;
  pid_t pid;

  while (going && run->fds[END] >= 0)
    going = attend (run, deadline, error);
  run->process->ended = going;
  if (!going)
    kill (run->pid, SIGKILL);
  g_thread_join (run->watcher);
  do
    pid = waitpid (run->pid, &run->process->wait_status, 0);
  while (pid < 0 && errno == EINTR);
  if (going && pid < 0) { /* a program that ignores SIGCHLD or reaps everybody's children; the status is lost */
    run->process->ended = FALSE;
    g_set_error_literal (error, MC_ERROR, MC_ERROR_INTERNAL, "how it ended cannot be seen");
  }
  if (going) {
    drain (run, OUT, run->process->out);
    drain (run, ERR, run->process->err);
  }
}

static GByteArray *
output_new (gsize max)
{
  GByteArray *output = g_byte_array_new ();

  g_byte_array_set_size (output, (guint)max + 1);
  memset (output->data, 0, max + 1);
  output->len = 0;
  return output;
}

McProcess *
mc_process_run (const McProcessOptions *options, GError **error)
{
  Run run = {options, g_new0 (McProcess, 1), 0, {-1, -1, -1, -1}, -1, -1, NULL};
  GPollFD cancel = {-1, 0, 0};

  run.process->out = output_new (options->max_output);
  run.process->err = output_new (options->max_output);
  if (start (&run, error)) {
    if (g_cancellable_make_pollfd (options->cancel, &cancel))
      run.fds[CANCEL] = cancel.fd;
    converse (&run, error);
    if (run.input >= 0)
      run.process->taken = (gsize)MAX (lseek (run.input, 0, SEEK_CUR), 0);
  }
  if (run.fds[CANCEL] >= 0)
    g_cancellable_release_fd (options->cancel);
  for (int i = OUT; i <= END; i++)
    close_fd (&run, i);
  if (run.input >= 0)
    close (run.input);
  return run.process;
}
