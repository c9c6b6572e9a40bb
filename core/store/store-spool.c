/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/store-private.h"

#include "base/error.h"
#include "base/mutant.h"

#include <string.h>

/* The spool, the answered set as others ask for it, and small facts. */

#define SPOOL_MAIL_MAX (256 * 1024)
#define SPOOL_PER_ADDRESS 20

char *
mc_store_token_hash (const char *token_part1)
{
  gsize length = strlen (token_part1);

  /* Padding says nothing (T-03): the same token with and without it is one. */
  while (length > 0 && token_part1[length - 1] == '=')
    length--;
  return g_compute_checksum_for_data (G_CHECKSUM_SHA256, (const guchar *)token_part1, length);
}

gboolean
mc_store_is_answered (McStore *store, const char *message_id, const char *token_part1)
{
  g_autoptr (McStatement) statement = mc_store_prepare (
      store, "SELECT 1 FROM answered WHERE (kind = 'message-id' AND mark = ?) OR (kind = 'token' AND mark = ?) LIMIT 1",
      NULL);
  g_autofree char *hash = token_part1 != NULL ? mc_store_token_hash (token_part1) : NULL;
  gboolean row;

  if (statement == NULL)
    return FALSE;
  mc_statement_bind_text (statement, 1, message_id);
  mc_statement_bind_text (statement, 2, hash);
  /* What cannot be read counts as not answered: this is for the verdict. What keeps A13 is mc_store_save's unique rows.
   */
  return mc_store_row (store, statement, &row, NULL) && row;
}

void
mc_spooled_free (McSpooled *spooled)
{
  if (spooled == NULL)
    return;
  g_free (spooled->address);
  g_bytes_unref (spooled->rfc822);
  g_free (spooled);
}

static gboolean
find_spooled (McStore *store, const char *key, const char *hash, gint64 *id, GError **error)
{
  g_autoptr (McStatement) statement =
      mc_store_prepare (store, "SELECT id FROM spool WHERE address_key = ? AND hash = ?", error);
  gboolean row;

  if (statement == NULL)
    return FALSE;
  mc_statement_bind_text (statement, 1, key);
  mc_statement_bind_text (statement, 2, hash);
  if (!mc_store_row (store, statement, &row, error))
    return FALSE;
  *id = row ? sqlite3_column_int64 (statement, 0) : 0;
  return TRUE;
}

static gboolean
insert_spooled (McStore *store, const char *address, const char *key, const char *hash, GBytes *rfc822, gint64 now,
                GError **error)
{
  g_autoptr (McStatement) statement = mc_store_prepare (
      store, "INSERT INTO spool (address, address_key, hash, at, rfc822) VALUES (?, ?, ?, ?, ?)", error);

  if (statement == NULL)
    return FALSE;
  mc_statement_bind_text (statement, 1, address);
  mc_statement_bind_text (statement, 2, key);
  mc_statement_bind_text (statement, 3, hash);
  sqlite3_bind_int64 (statement, 4, now);
  mc_statement_bind_bytes (statement, 5, rfc822);
  return mc_store_finish (store, statement, error);
}

/* What has come first stays: which of them may go is not for the store to say. */
static gboolean
has_room (McStore *store, const char *key, GError **error)
{
  g_autoptr (McStatement) statement =
      mc_store_prepare (store, "SELECT count(*) FROM spool WHERE address_key = ?", error);
  gboolean row;

  if (statement == NULL)
    return FALSE;
  mc_statement_bind_text (statement, 1, key);
  if (!mc_store_row (store, statement, &row, error))
    return FALSE;
  if (sqlite3_column_int64 (statement, 0) < SPOOL_PER_ADDRESS || MC_MUTANT ("store-spool-endless"))
    return TRUE;
  g_set_error (error, MC_STORE_ERROR, MC_STORE_FULL, "%d mails that may be a challenge are kept already",
               SPOOL_PER_ADDRESS);
  return FALSE;
}

gint64
mc_store_spool (McStore *store, const char *address, GBytes *rfc822, gint64 now, GError **error)
{
  g_autofree char *key = mc_store_address_key (address);
  g_autofree char *hash = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, rfc822);
  gint64 id = 0;
  gboolean ok;

  if (g_bytes_get_size (rfc822) > SPOOL_MAIL_MAX) {
    g_set_error_literal (error, MC_ERROR, MC_ERROR_REFUSED, "the mail is too large to be a challenge");
    return 0;
  }
  if (!mc_store_begin (store, error))
    return 0;
  ok = find_spooled (store, key, hash, &id, error);
  if (ok && id == 0) {
    ok = has_room (store, key, error) && insert_spooled (store, address, key, hash, rfc822, now, error);
    id = ok ? sqlite3_last_insert_rowid (store->db) : 0;
  }
  return mc_store_end (store, ok, error) ? id : 0;
}

static void
free_spooled (gpointer spooled)
{
  mc_spooled_free (spooled);
}

GPtrArray *
mc_store_spooled (McStore *store, GError **error)
{
  g_autoptr (McStatement) statement =
      mc_store_prepare (store, "SELECT id, address, rfc822, at FROM spool ORDER BY id", error);
  g_autoptr (GPtrArray) list = g_ptr_array_new_with_free_func (free_spooled);
  gboolean row;

  if (statement == NULL)
    return NULL;
  for (;;) {
    McSpooled *spooled;

    if (!mc_store_row (store, statement, &row, error))
      return NULL;
    if (!row)
      return g_steal_pointer (&list);
    spooled = g_new0 (McSpooled, 1);
    spooled->id = sqlite3_column_int64 (statement, 0);
    spooled->address = mc_statement_text (statement, 1);
    spooled->rfc822 = g_bytes_new (sqlite3_column_blob (statement, 2), (gsize)sqlite3_column_bytes (statement, 2));
    spooled->at = sqlite3_column_int64 (statement, 3);
    g_ptr_array_add (list, spooled);
  }
}

static gboolean
unspool (McStore *store, gint64 id, GError **error)
{
  g_autoptr (McStatement) statement = mc_store_prepare (store, "DELETE FROM spool WHERE id = ?", error);

  if (statement == NULL)
    return FALSE;
  sqlite3_bind_int64 (statement, 1, id);
  return mc_store_finish (store, statement, error);
}

gboolean
mc_store_unspool (McStore *store, gint64 id, GError **error)
{
  return mc_store_begin (store, error) && mc_store_end (store, unspool (store, id, error), error);
}

static gboolean
write_fact (McStore *store, const char *name, const char *value, GError **error)
{
  g_autoptr (McStatement) statement =
      mc_store_prepare (store,
                        value != NULL ? "INSERT INTO facts (name, value) VALUES (?1, ?2)"
                                        " ON CONFLICT (name) DO UPDATE SET value = excluded.value"
                                      : "DELETE FROM facts WHERE name = ?1",
                        error);

  if (statement == NULL)
    return FALSE;
  mc_statement_bind_text (statement, 1, name);
  if (value != NULL)
    mc_statement_bind_text (statement, 2, value);
  return mc_store_finish (store, statement, error);
}

gboolean
mc_store_set_fact (McStore *store, const char *name, const char *value, GError **error)
{
  return mc_store_begin (store, error) && mc_store_end (store, write_fact (store, name, value, error), error);
}

char *
mc_store_fact (McStore *store, const char *name)
{
  g_autoptr (McStatement) statement = mc_store_prepare (store, "SELECT value FROM facts WHERE name = ?", NULL);
  gboolean row;

  if (statement == NULL)
    return NULL;
  mc_statement_bind_text (statement, 1, name);
  return mc_store_row (store, statement, &row, NULL) && row ? mc_statement_text (statement, 0) : NULL;
}
