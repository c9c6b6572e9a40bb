/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cli.h"

G_BEGIN_DECLS

/* Ctrl-C, hang-up and termination end the waiting, not the enrollment: RUNNER (may be NULL) is stopped and what can
 * still be said is said. A second signal ends the process. */
void mc_interrupt_watch (McRunner *runner);
void mc_interrupt_unwatch (void);
gboolean mc_interrupt_came (void);
/* Readable once a signal has come; -1 before mc_interrupt_watch. */
int mc_interrupt_fd (void);

G_END_DECLS
