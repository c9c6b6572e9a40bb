/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/store-private.h"

#include "base/error.h"
#include "base/secret.h"
#include "mail/address.h"

#include <string.h>

/* Statements, errors and transactions: the one place that knows SQLite's result codes. */

static McError
sentence (McStore *store, const char **out)
{
  switch (sqlite3_errcode (store->db) & 0xff) {
  case SQLITE_BUSY:
  case SQLITE_LOCKED:
    *out = "another mailcert is busy with it; try again";
    return MC_ERROR_LATER;
  case SQLITE_FULL:
    *out = "there is no room left on its disk";
    return MC_ERROR_WRITE;
  case SQLITE_IOERR:
    *out = "its disk cannot be read or written; is there room left?"; /* ENOSPC is FULL, a quota comes here */
    return MC_ERROR_WRITE;
  case SQLITE_READONLY:
  case SQLITE_PERM:
    *out = "it may not be written";
    return MC_ERROR_WRITE;
  case SQLITE_CANTOPEN:
    *out = "it cannot be opened";
    return MC_ERROR_WRITE;
  case SQLITE_NOTADB:
    *out = "it is not a database of mailcert";
    return MC_ERROR_WRITE;
  case SQLITE_CORRUPT:
    *out = "it is damaged";
    return MC_ERROR_WRITE;
  default:
    *out = sqlite3_errmsg (store->db);
    return MC_ERROR_INTERNAL;
  }
}

gboolean
mc_store_fail (McStore *store, GError **error)
{
  const char *text;
  McError code = sentence (store, &text);

  g_set_error (error, MC_ERROR, code, "%s: %s", store->path, text);
  return FALSE;
}

gboolean
mc_store_execute (McStore *store, const char *sql, GError **error)
{
  return sqlite3_exec (store->db, sql, NULL, NULL, NULL) == SQLITE_OK || mc_store_fail (store, error);
}

McStatement *
mc_store_prepare (McStore *store, const char *sql, GError **error)
{
  McStatement *statement = NULL;

  if (sqlite3_prepare_v2 (store->db, sql, -1, &statement, NULL) != SQLITE_OK)
    mc_store_fail (store, error);
  return statement;
}

gboolean
mc_store_finish (McStore *store, McStatement *statement, GError **error)
{
  return sqlite3_step (statement) == SQLITE_DONE || mc_store_fail (store, error);
}

gboolean
mc_store_row (McStore *store, McStatement *statement, gboolean *row, GError **error)
{
  int result = sqlite3_step (statement);

  if (result != SQLITE_ROW && result != SQLITE_DONE)
    return mc_store_fail (store, error);
  *row = result == SQLITE_ROW;
  return TRUE;
}

gboolean
mc_store_number (McStore *store, const char *sql, gint64 fallback, gint64 *out, GError **error)
{
  g_autoptr (McStatement) statement = mc_store_prepare (store, sql, error);
  gboolean row;

  if (statement == NULL || !mc_store_row (store, statement, &row, error))
    return FALSE;
  *out = row ? sqlite3_column_int64 (statement, 0) : fallback;
  return TRUE;
}

gboolean
mc_store_begin (McStore *store, GError **error)
{
  if (store->read_only) {
    g_set_error (error, MC_ERROR, MC_ERROR_WRITE, "%s: it was opened for reading only", store->path);
    return FALSE;
  }
  /* IMMEDIATE: a transaction that reads first and is refused the write lock later could not be waited for. */
  return mc_store_execute (store, "BEGIN IMMEDIATE", error);
}

gboolean
mc_store_end (McStore *store, gboolean ok, GError **error)
{
  if (ok && mc_store_execute (store, "COMMIT", error))
    return TRUE;
  /* A full disk may have rolled back already: then there is nothing left to undo. */
  if (!sqlite3_get_autocommit (store->db))
    sqlite3_exec (store->db, "ROLLBACK", NULL, NULL, NULL);
  return FALSE;
}

void
mc_statement_bind_text (McStatement *statement, int index, const char *text)
{
  sqlite3_bind_text (statement, index, text, -1, SQLITE_STATIC);
}

void
mc_statement_bind_bytes (McStatement *statement, int index, GBytes *bytes)
{
  gsize length;
  const void *octets;

  if (bytes == NULL) {
    sqlite3_bind_null (statement, index);
    return;
  }
  octets = g_bytes_get_data (bytes, &length);
  sqlite3_bind_blob64 (statement, index, octets != NULL ? octets : "", length, SQLITE_STATIC);
}

char *
mc_statement_text (McStatement *statement, int column)
{
  return g_strdup ((const char *)sqlite3_column_text (statement, column));
}

GBytes *
mc_statement_secret (McStatement *statement, int column)
{
  const void *octets = sqlite3_column_blob (statement, column);

  return octets != NULL ? mc_secret_new (octets, (gsize)sqlite3_column_bytes (statement, column)) : NULL;
}

char *
mc_store_address_key (const char *address)
{
  const char *at = strrchr (address, '@');
  g_autofree char *domain = at != NULL ? mc_domain_to_ascii (at + 1) : NULL;

  if (at == NULL)
    return g_strdup (address);
  if (domain == NULL)
    domain = g_ascii_strdown (at + 1, -1);
  return g_strdup_printf ("%.*s@%s", (int)(at - address), address, domain);
}
