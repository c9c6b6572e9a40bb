/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define MC_PROGRAM_STATUS_FD 3 /* the program's --status-fd */
#define MC_PROGRAM_SECRET_FD 4 /* the program's --passphrase-fd */

/* Runs a program to its end, without a shell, in our environment. What goes in and out is in anonymous memory: no pipe
 * can block, no daemon that the program leaves behind is waited for, and no secret touches a disk or an argv. */
typedef struct {
  const char *const *argv;
  GBytes *input;      /* NULL = nothing */
  const char *secret; /* NULL = an empty line: a line at MC_PROGRAM_SECRET_FD */
  guint seconds;      /* then it is killed */
  GCancellable *cancel;
} McProgram;

typedef struct {
  int wait_status; /* of waitpid */
  GBytes *out;
  char *err;
  char *status; /* what came at MC_PROGRAM_STATUS_FD */
} McProgramResult;

/* FALSE: MC_ERROR_KEYRING it could not be run, MC_ERROR_LATER cancelled or out of time. How it ended is for the caller
 * to judge. */
gboolean mc_program_run (const McProgram *program, McProgramResult *result, GError **error);
void mc_program_result_clear (McProgramResult *result);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (McProgramResult, mc_program_result_clear)

/* It ended by itself with status 0. */
gboolean mc_program_succeeded (const McProgramResult *result);

/* Its last words (the last two lines of stderr), or how it died, on one line without control characters. Caller frees.
 */
char *mc_program_words (const McProgramResult *result);

G_END_DECLS
