/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/store-private.h"

#include "base/error.h"
#include "base/mutant.h"
#include "base/secret.h"

#include <openssl/crypto.h>
#include <string.h>

/* The one write of an enrollment: everything that one move of the flow changes, in one transaction. */

/* Never write what could not be read back. */
static char *
compose_checked (const McEnrollment *enrollment, GError **error)
{
  g_autoptr (McSecretString) record = mc_enrollment_compose (enrollment);
  g_autoptr (GError) why = NULL;
  g_autoptr (McEnrollment) back = record != NULL ? mc_enrollment_parse (record, strlen (record), &why) : NULL;

  if (back != NULL)
    return g_steal_pointer (&record);
  g_set_error (error, MC_ERROR, MC_ERROR_INTERNAL, "this enrollment cannot be stored: %s",
               why != NULL ? why->message : "it is not UTF-8");
  return NULL;
}

static gboolean
conflict (GError **error)
{
  g_set_error_literal (error, MC_STORE_ERROR, MC_STORE_CONFLICT, "somebody else has carried this enrollment on");
  return FALSE;
}

static gboolean
save_record (McStore *store, const McEnrollment *e, const char *record, gint64 *id, GError **error)
{
  g_autoptr (McStatement) statement = mc_store_prepare (
      store,
      e->id == 0 ? "INSERT INTO enrollments (version, state, open, ca, directory, created, record) VALUES (1, ?1, ?2, "
                   "?3, ?4, ?5, ?6)"
                 : "UPDATE enrollments SET version = version + 1, state = ?1, open = ?2, ca = ?3, directory = ?4,"
                   " created = ?5, record = ?6 WHERE id = ?7 AND version = ?8",
      error);

  if (statement == NULL)
    return FALSE;
  mc_statement_bind_text (statement, 1, mc_enrollment_state_name (e->state));
  sqlite3_bind_int (statement, 2, mc_enrollment_is_open (e) ? 1 : 0);
  mc_statement_bind_text (statement, 3, e->ca);
  mc_statement_bind_text (statement, 4, e->directory);
  sqlite3_bind_int64 (statement, 5, e->created);
  sqlite3_bind_blob64 (statement, 6, record, strlen (record), SQLITE_STATIC);
  if (e->id != 0) {
    sqlite3_bind_int64 (statement, 7, e->id);
    sqlite3_bind_int64 (statement, 8, e->version);
  }
  if (!mc_store_finish (store, statement, error))
    return FALSE;
  if (e->id != 0 && sqlite3_changes (store->db) == 0 && !MC_MUTANT ("store-no-version"))
    return conflict (error);
  *id = e->id != 0 ? e->id : sqlite3_last_insert_rowid (store->db);
  return TRUE;
}

static gboolean
save_key (McStore *store, gint64 id, GBytes *key, GError **error)
{
  g_autoptr (McStatement) look = NULL;
  g_autoptr (McStatement) insert = NULL;
  gsize length;
  const void *octets;
  gboolean row;

  if (key == NULL)
    return TRUE;
  look = mc_store_prepare (store, "SELECT pkcs8 FROM keys WHERE enrollment = ?", error);
  if (look == NULL)
    return FALSE;
  sqlite3_bind_int64 (look, 1, id);
  if (!mc_store_row (store, look, &row, error))
    return FALSE;
  octets = g_bytes_get_data (key, &length);
  if (row) {
    if ((gsize)sqlite3_column_bytes (look, 0) == length &&
        CRYPTO_memcmp (sqlite3_column_blob (look, 0), octets, length) == 0)
      return TRUE;
    if (MC_MUTANT ("store-key-changes"))
      return TRUE;
    g_set_error (error, MC_ERROR, MC_ERROR_INTERNAL,
                 "enrollment %" G_GINT64_FORMAT " has another key already; a stored key is never changed", id);
    return FALSE;
  }
  insert = mc_store_prepare (store, "INSERT INTO keys (enrollment, pkcs8) VALUES (?, ?)", error);
  if (insert == NULL)
    return FALSE;
  sqlite3_bind_int64 (insert, 1, id);
  mc_statement_bind_bytes (insert, 2, key);
  return mc_store_finish (store, insert, error);
}

static gboolean
save_wait (McStore *store, McStatement *insert, gint64 id, const McEnrollmentAddress *address, GError **error)
{
  g_autofree char *sender = mc_store_address_key (address->from);
  g_autofree char *recipient = mc_store_address_key (address->address);

  mc_statement_bind_text (insert, 1, sender);
  mc_statement_bind_text (insert, 2, recipient);
  sqlite3_bind_int64 (insert, 3, id);
  if (sqlite3_step (insert) == SQLITE_DONE) {
    sqlite3_reset (insert);
    return TRUE;
  }
  if ((sqlite3_errcode (store->db) & 0xff) != SQLITE_CONSTRAINT)
    return mc_store_fail (store, error);
  if (MC_MUTANT ("store-two-wait"))
    return TRUE;
  g_set_error (error, MC_STORE_ERROR, MC_STORE_WAIT, "mail from %s to %s is awaited by another order already",
               address->from, address->address);
  return FALSE;
}

static gboolean
save_waits (McStore *store, gint64 id, const McEnrollment *e, GError **error)
{
  g_autoptr (McStatement) delete = mc_store_prepare (store, "DELETE FROM waits WHERE enrollment = ?", error);
  g_autoptr (McStatement) insert =
      delete != NULL
          ? mc_store_prepare (store, "INSERT INTO waits (sender, recipient, enrollment) VALUES (?, ?, ?)", error)
          : NULL;

  if (insert == NULL)
    return FALSE;
  sqlite3_bind_int64 (delete, 1, id);
  if (!mc_store_finish (store, delete, error))
    return FALSE;
  if (e->state != MC_ENROLLMENT_ORDERED)
    return TRUE;
  for (guint i = 0; i < e->addresses->len; i++) {
    const McEnrollmentAddress *address = mc_enrollment_address (e, i);

    if (address->state == MC_ADDRESS_AWAIT_MAIL && address->from != NULL &&
        !save_wait (store, insert, id, address, error))
      return FALSE;
  }
  return TRUE;
}

/* One of KIND and MARK per enrollment: the same one may say it again, another may not. */
static gboolean
save_mark (McStore *store, gint64 id, const char *kind, const char *mark, GError **error)
{
  g_autoptr (McStatement) statement =
      mc_store_prepare (store,
                        "INSERT INTO answered (kind, mark, enrollment) VALUES (?1, ?2, ?3) "
                        "ON CONFLICT (kind, mark) DO UPDATE SET enrollment = enrollment WHERE enrollment = ?3",
                        error);

  if (statement == NULL)
    return FALSE;
  mc_statement_bind_text (statement, 1, kind);
  mc_statement_bind_text (statement, 2, mark);
  sqlite3_bind_int64 (statement, 3, id);
  if (!mc_store_finish (store, statement, error))
    return FALSE;
  if (sqlite3_changes (store->db) == 1 || MC_MUTANT ("store-answered-twice"))
    return TRUE;
  g_set_error_literal (error, MC_STORE_ERROR, MC_STORE_ANSWERED, "that challenge mail was answered already");
  return FALSE;
}

static gboolean
save_answered (McStore *store, gint64 id, const McEnrollment *e, GError **error)
{
  for (guint i = 0; i < e->addresses->len; i++) {
    const McEnrollmentAddress *address = mc_enrollment_address (e, i);
    g_autofree char *hash = NULL;

    if (address->state < MC_ADDRESS_SENDING)
      continue;
    if (address->challenge_message_id != NULL &&
        !save_mark (store, id, "message-id", address->challenge_message_id, error))
      return FALSE;
    if (address->token_part1 == NULL)
      continue;
    hash = mc_store_token_hash (address->token_part1);
    if (!save_mark (store, id, "token", hash, error))
      return FALSE;
  }
  return TRUE;
}

gboolean
mc_store_save (McStore *store, McEnrollment *enrollment, McAccount *account, GError **error)
{
  g_autoptr (McSecretString) record = compose_checked (enrollment, error);
  gint64 id = 0, account_id = 0, account_version = 0;
  gboolean ok;

  if (record == NULL || !mc_store_begin (store, error))
    return FALSE;
  ok = save_record (store, enrollment, record, &id, error) && save_key (store, id, enrollment->key, error) &&
       save_waits (store, id, enrollment, error) && save_answered (store, id, enrollment, error) &&
       (account == NULL || mc_store_write_account (store, account, &account_id, &account_version, error));
  if (!mc_store_end (store, ok, error))
    return FALSE;
  enrollment->version = enrollment->id == 0 ? 1 : enrollment->version + 1;
  enrollment->id = id;
  if (account != NULL) {
    account->id = account_id;
    account->version = account_version;
  }
  return TRUE;
}
