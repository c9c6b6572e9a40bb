/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "progress.h"

G_BEGIN_DECLS

/* The adapter of a terminal: asks the person, where there is one. Mail goes the ways of the configuration. */
typedef struct McTerminal McTerminal;

McTerminal *mc_terminal_new (const McCli *cli, McProgress *progress);
/* Ends a question that is still open (nobody) and asks no more: call it before the runner is freed, and
 * mc_terminal_free after that. */
void mc_terminal_close (McTerminal *terminal);
void mc_terminal_free (McTerminal *terminal);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (McTerminal, mc_terminal_free)

const McAdapter *mc_terminal_adapter (const McTerminal *terminal);

G_END_DECLS
