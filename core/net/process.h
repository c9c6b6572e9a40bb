/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Runs a program to its end: what goes in, what comes out, how it ended. For net/command and net/sendmail. */
typedef struct {
  const char *const *argv;
  char **environment; /* NULL = ours */
  const void *input;  /* NULL = /dev/null; the program gets all of it, whatever becomes of us */
  gsize input_length;
  gboolean keep_stdout; /* else /dev/null */
  gboolean keep_stderr; /* else the caller's own */
  gsize max_output;     /* bytes of each that are kept; more on stdout ends the program */
  guint seconds;        /* then it is killed */
  GCancellable *cancel;
} McProcessOptions;

typedef struct {
  gboolean started;
  gboolean ended;  /* by itself; FALSE = killed by us, see the error */
  int wait_status; /* of waitpid, where it ended */
  gsize taken;     /* of input: how far it has read */
  GByteArray *out; /* NUL-terminated beyond its length; never moved while it is filled, so that it can be wiped */
  GByteArray *err;
} McProcess;

/* Never NULL. Anything but a program that ended by itself sets ERROR: MC_ERROR_CONFIG it cannot be started,
 * MC_ERROR_LATER cancelled or out of time, MC_ERROR_MALFORMED too much output. */
McProcess *mc_process_run (const McProcessOptions *options, GError **error);
void mc_process_free (McProcess *process); /* wipes what came out */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (McProcess, mc_process_free)

G_END_DECLS
