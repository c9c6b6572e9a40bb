/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A disk in memory below SQLite, whose power can be cut: what was written and not synced is lost then, or some sectors
 * of it, in any order; so are names of files that were made or deleted since their folder was synced. One process, one
 * connection at a time. */

typedef enum { POWER_LOSES_ALL, POWER_LOSES_NOTHING, POWER_LOSES_SOME, POWER_LOSSES } PowerLoss;

/* A new, empty disk, which SQLite uses from now on for everything. */
void power_disk_new (guint32 seed, PowerLoss loss);
void power_disk_free (void); /* SQLite goes back to real files */

/* The power goes at the OPERATION-th change from now on, 0 = never. Everything fails from there until the database is
 * closed; then the disk holds what a machine would find when it is started again. */
void power_cut_at (guint operation);
void power_cut (void);
gboolean power_is_out (void);  /* and the database has not been closed yet */
guint power_operations (void); /* changes so far */

G_END_DECLS
