/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cli.h"

G_BEGIN_DECLS

/* DESIGN 5; the same numbers as sysexits.h where that has one. */
enum {
  MC_EXIT_DONE = 0,
  MC_EXIT_NOT = 1, /* a predicate's no */
  MC_EXIT_USAGE = 64,
  MC_EXIT_REFUSED = 65,
  MC_EXIT_NO_INPUT = 66,
  MC_EXIT_CA = 69,
  MC_EXIT_INTERNAL = 70,
  MC_EXIT_WRITE = 73,
  MC_EXIT_LATER = 75,
  MC_EXIT_KEYRING = 77,
  MC_EXIT_CONFIG = 78
};

McError mc_exit_code_of_error (const GError *error);
/* What kind of error a trouble is; FALSE where its type does not say. TROUBLE may be NULL. */
gboolean mc_exit_code_of_trouble (const McProblem *trouble, McError *code);
/* Why ENROLLMENT is not done, as a code of McError; FALSE where it is done. */
gboolean mc_exit_code_of_enrollment (const McEnrollment *enrollment, McError *code);
/* Over, or stuck until a person does something: waiting is of no use. */
gboolean mc_exit_needs_person (const McEnrollment *enrollment);
/* Of two enrollments' statuses the one that is reported. */
int mc_exit_worse (int a, int b);

G_END_DECLS
