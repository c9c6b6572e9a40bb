/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cli.h"

G_BEGIN_DECLS

/* What get and renew share: they drive enrollments, tell about it, and report how each one ended. */
typedef struct McPursuit McPursuit;

McPursuit *mc_pursuit_new (McCli *cli, GError **error);
void mc_pursuit_free (McPursuit *pursuit);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (McPursuit, mc_pursuit_free)

McRunner *mc_pursuit_runner (McPursuit *pursuit);    /* borrowed */
void mc_pursuit_add (McPursuit *pursuit, gint64 id); /* one that the runner follows */
guint mc_pursuit_count (const McPursuit *pursuit);

/* How long to wait: --wait, --no-wait, else for ever (each has its deadline) where this process can see the mail arrive
 * or somebody sits at the terminal, else only for what is under way (0). ADDRESSES is NULL-terminated. */
gboolean mc_pursuit_until (const McCli *cli, const char *const *addresses, gint64 *until, GError **error);

/* Runs until all are over or nothing but a person can help, UNTIL has come, or a signal. */
gboolean mc_pursuit_run (McPursuit *pursuit, gint64 until, GError **error);

/* Says how each one stands, or prints the JSON; the exit status. */
int mc_pursuit_report (McPursuit *pursuit);

G_END_DECLS
