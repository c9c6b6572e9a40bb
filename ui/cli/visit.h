/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/json.h"
#include "terminal.h"

G_BEGIN_DECLS

/* What a verb needs that asks one thing of a CA and waits for it: a runner, and a terminal whose person may be asked
 * about changed terms. Ctrl-C ends the waiting. */
typedef struct {
  McProgress *progress;
  McTerminal *terminal;
  McRunner *runner;
} McVisit;

McVisit *mc_visit_new (McCli *cli, GError **error);
void mc_visit_free (McVisit *visit);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (McVisit, mc_visit_free)

/* Says on stderr why it came to nothing, in the words of CA where PROBLEM has some (taken, may be NULL; so is ERROR).
 * *REPORT: the same for --json. The exit status. */
int mc_visit_tell (const char *ca, McProblem *problem_take, GError *error_take, McJson **report);
/* The same as the end of the whole command. */
int mc_visit_fail (McCli *cli, const char *ca, McProblem *problem_take, GError *error_take);

G_END_DECLS
