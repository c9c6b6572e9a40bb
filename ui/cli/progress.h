/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cli.h"

G_BEGIN_DECLS

/* What happens, as it happens, on stderr: each step on a line of its own, and below them, on a terminal, one line that
 * says what is waited for. Any thread. Says nothing where nobody looks (DESIGN: quiet success). */
typedef struct McProgress McProgress;

McProgress *mc_progress_new (const McCli *cli);
void mc_progress_free (McProgress *progress); /* clears the waiting line */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (McProgress, mc_progress_free)

void mc_progress_step (McProgress *progress, const char *text);
void mc_progress_wait (McProgress *progress, const char *text); /* NULL clears it */
/* Steps are held back while somebody is asked something on the same terminal. */
void mc_progress_hold (McProgress *progress);
void mc_progress_release (McProgress *progress);

G_END_DECLS
