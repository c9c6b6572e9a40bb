/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cli.h"

G_BEGIN_DECLS

/* What get and renew share: they drive enrollments, tell about it, and report how each one ended. */
typedef struct McDrive McDrive;

McDrive *mc_drive_new (McCli *cli, GError **error);
void mc_drive_free (McDrive *drive);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (McDrive, mc_drive_free)

McRunner *mc_drive_runner (McDrive *drive);    /* borrowed */
void mc_drive_add (McDrive *drive, gint64 id); /* one that the runner follows */
guint mc_drive_count (const McDrive *drive);

/* How long to wait: --wait, --no-wait, else for ever (each has its deadline) where this process can see the mail arrive
 * or somebody sits at the terminal, else only for what is under way (0). ADDRESSES is NULL-terminated. */
gboolean mc_drive_until (const McCli *cli, const char *const *addresses, gint64 *until, GError **error);

/* Runs until all are over or nothing but a person can help, UNTIL has come, or a signal. */
gboolean mc_drive_run (McDrive *drive, gint64 until, GError **error);

/* Says how each one stands, or prints the JSON; the exit status. */
int mc_drive_report (McDrive *drive);

G_END_DECLS
