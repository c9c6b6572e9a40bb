/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "power.h"

/* Between power-disk.c, which keeps what is there and what would be left, and power.c, which SQLite talks to. */

typedef struct {
  GByteArray *now;    /* what a read gets */
  GByteArray *safe;   /* what has been synced */
  GArray *changes;    /* between the two */
  GPtrArray *regions; /* of the shared memory, which dies with the power */
} PowerInode;

/* Counts one change. TRUE: there was no power left for it. It is out right after the change that it cuts short. */
gboolean power_change (void);

PowerInode *power_lookup (const char *path);
PowerInode *power_create (const char *path);
void power_remove (const char *path);
void power_sync_names (void);

void power_write (PowerInode *inode, gsize at, const void *octets, gsize length);
void power_truncate (PowerInode *inode, gsize size);
void power_sync (PowerInode *inode);

/* Files that are open; the last one that is closed lets the power come back. */
void power_opened (void);
void power_closed (void);

/* power.c: SQLite uses the disk, or real files again. */
void power_register (void);
void power_unregister (void);
