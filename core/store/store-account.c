/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/store-private.h"

#include "base/error.h"

/* ACME accounts: one per directory. */

gboolean
mc_store_write_account (McStore *store, const McAccount *account, gint64 *id, gint64 *version, GError **error)
{
  g_autoptr (McStatement) statement = mc_store_prepare (
      store,
      account->id == 0
          ? "INSERT INTO accounts (version, directory, url, key, new_key, terms, binding_kid, learned_trigger, "
            "deactivated)"
            " VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (directory) DO NOTHING"
          : "UPDATE accounts SET version = version + 1, directory = ?1, url = ?2, key = ?3, new_key = ?4, terms = ?5,"
            " binding_kid = ?6, learned_trigger = ?7, deactivated = ?8 WHERE id = ?9 AND version = ?10",
      error);

  if (statement == NULL)
    return FALSE;
  mc_statement_bind_text (statement, 1, account->directory);
  mc_statement_bind_text (statement, 2, account->url);
  mc_statement_bind_bytes (statement, 3, account->key);
  mc_statement_bind_bytes (statement, 4, account->new_key);
  mc_statement_bind_text (statement, 5, account->terms);
  mc_statement_bind_text (statement, 6, account->binding_kid);
  mc_statement_bind_text (statement, 7, account->learned_trigger);
  sqlite3_bind_int (statement, 8, account->deactivated ? 1 : 0);
  if (account->id != 0) {
    sqlite3_bind_int64 (statement, 9, account->id);
    sqlite3_bind_int64 (statement, 10, account->version);
  }
  if (!mc_store_finish (store, statement, error))
    return FALSE;
  if (sqlite3_changes (store->db) == 0) {
    g_set_error_literal (error, MC_STORE_ERROR, MC_STORE_CONFLICT, "somebody else has changed the account at this CA");
    return FALSE;
  }
  *id = account->id != 0 ? account->id : sqlite3_last_insert_rowid (store->db);
  *version = account->id != 0 ? account->version + 1 : 1;
  return TRUE;
}

gboolean
mc_store_save_account (McStore *store, McAccount *account, GError **error)
{
  gint64 id = 0, version = 0;

  if (!mc_store_begin (store, error) ||
      !mc_store_end (store, mc_store_write_account (store, account, &id, &version, error), error))
    return FALSE;
  account->id = id;
  account->version = version;
  return TRUE;
}

McAccount *
mc_store_account (McStore *store, const char *directory, GError **error)
{
  g_autoptr (McStatement) statement =
      mc_store_prepare (store,
                        "SELECT id, version, url, key, new_key, terms, binding_kid, learned_trigger, deactivated"
                        " FROM accounts WHERE directory = ?",
                        error);
  McAccount *account;
  gboolean row;

  if (statement == NULL)
    return NULL;
  mc_statement_bind_text (statement, 1, directory);
  if (!mc_store_row (store, statement, &row, error) || !row)
    return NULL;
  account = mc_account_new (directory);
  account->id = sqlite3_column_int64 (statement, 0);
  account->version = sqlite3_column_int64 (statement, 1);
  account->url = mc_statement_text (statement, 2);
  account->key = mc_statement_secret (statement, 3);
  account->new_key = mc_statement_secret (statement, 4);
  account->terms = mc_statement_text (statement, 5);
  account->binding_kid = mc_statement_text (statement, 6);
  account->learned_trigger = mc_statement_text (statement, 7);
  account->deactivated = sqlite3_column_int (statement, 8) != 0;
  return account;
}

/* The one column of each row of SQL, as READ gives it. */
static GPtrArray *
list_rows (McStore *store, const char *sql, gpointer (*read) (McStatement *row), GDestroyNotify free_one,
           GError **error)
{
  g_autoptr (McStatement) statement = mc_store_prepare (store, sql, error);
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func (free_one);
  gboolean row;

  if (statement == NULL)
    return NULL;
  for (;;) {
    if (!mc_store_row (store, statement, &row, error))
      return NULL;
    if (!row)
      return g_steal_pointer (&rows);
    g_ptr_array_add (rows, read (statement));
  }
}

static gpointer
read_secret (McStatement *row)
{
  return mc_statement_secret (row, 0);
}

static gpointer
read_text (McStatement *row)
{
  return mc_statement_text (row, 0);
}

GPtrArray *
mc_store_account_keys (McStore *store, GError **error)
{
  return list_rows (store,
                    "SELECT key FROM accounts WHERE key IS NOT NULL"
                    " UNION SELECT new_key FROM accounts WHERE new_key IS NOT NULL",
                    read_secret, (GDestroyNotify)g_bytes_unref, error);
}

GPtrArray *
mc_store_accounts (McStore *store, GError **error)
{
  return list_rows (store, "SELECT directory FROM accounts WHERE key IS NOT NULL ORDER BY directory", read_text, g_free,
                    error);
}
