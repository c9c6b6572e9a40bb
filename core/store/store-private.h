/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store/store.h"

#include <sqlite3.h>

/* Inside of store/: nobody else includes this. */

struct McStore {
  sqlite3 *db;
  char *dir;
  char *path; /* DIR/mailcert.db: for sentences */
  gboolean read_only;
};

typedef sqlite3_stmt McStatement;

static inline void
mc_statement_free (McStatement *statement)
{
  sqlite3_finalize (statement);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (McStatement, mc_statement_free)

/* What the last call on the database said, as a sentence with the path: MC_ERROR_LATER where it is busy, MC_ERROR_WRITE
 * where the disk or the file is at fault, MC_ERROR_INTERNAL else. Always FALSE. */
gboolean mc_store_fail (McStore *store, GError **error);

gboolean mc_store_execute (McStore *store, const char *sql, GError **error);
McStatement *mc_store_prepare (McStore *store, const char *sql, GError **error);

/* Runs STATEMENT, which yields no rows. */
gboolean mc_store_finish (McStore *store, McStatement *statement, GError **error);
/* TRUE: *ROW says whether there is another row. */
gboolean mc_store_row (McStore *store, McStatement *statement, gboolean *row, GError **error);
/* First column of the first row, or FALLBACK without rows. */
gboolean mc_store_number (McStore *store, const char *sql, gint64 fallback, gint64 *out, GError **error);

/* One transaction that may write: END commits if OK, else it rolls back and keeps ERROR as it is. */
gboolean mc_store_begin (McStore *store, GError **error);
gboolean mc_store_end (McStore *store, gboolean ok, GError **error);

void mc_statement_bind_text (McStatement *statement, int index,
                             const char *text); /* NULL = NULL; TEXT must live until the statement is reset */
void mc_statement_bind_bytes (McStatement *statement, int index, GBytes *bytes); /* likewise */
char *mc_statement_text (McStatement *statement, int column);                    /* copy, NULL for NULL */
GBytes *mc_statement_secret (McStatement *statement, int column); /* copy that is wiped when freed, NULL for NULL */

/* Makes DIR and an empty database file, or checks what is there: ours, and nobody else may write. */
gboolean mc_store_folder_check (const char *dir, const char *path, gboolean make, GError **error);

/* Brings the schema up to date, or refuses a newer one. */
gboolean mc_store_schema_check (McStore *store, GError **error);

/* Opens PATH without making any file. */
gboolean mc_store_open_read_only (McStore *store, GError **error);

/* An exclusive OFD lock on one byte of DIR/mailcert.lock: WAIT for it, or *FD = -1 where somebody else holds it. */
gboolean mc_lock_take (const char *dir, gint64 byte, gboolean wait, int *fd, GError **error);
/* The same for a TYPE of lock: F_WRLCK alone, F_RDLCK shared. */
gboolean mc_lock_take_as (const char *dir, gint64 byte, short type, gboolean wait, int *fd, GError **error);

/* SHA-256 of a token-part1, padding aside, in hex. Caller frees. */
char *mc_store_token_hash (const char *token_part1);

/* Within a transaction; MC_STORE_CONFLICT as for enrollments. */
gboolean mc_store_write_account (McStore *store, const McAccount *account, gint64 *id, gint64 *version, GError **error);
