/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/store-private.h"

#include "base/error.h"

#include <string.h>

/* Enrollments and their keys. */

#define SELECT_ENROLLMENT                                                                                              \
  "SELECT e.id, e.version, e.record, k.pkcs8 FROM enrollments e LEFT JOIN keys k ON k.enrollment = e.id "

static McEnrollment *
row_enrollment (McStatement *row, GError **error)
{
  gint64 id = sqlite3_column_int64 (row, 0);
  const void *record = sqlite3_column_blob (row, 2);
  McEnrollment *enrollment =
      mc_enrollment_parse (record != NULL ? record : "", (gsize)sqlite3_column_bytes (row, 2), error);

  if (enrollment == NULL) {
    g_prefix_error (error, "enrollment %" G_GINT64_FORMAT " in the store: ", id);
    return NULL;
  }
  enrollment->id = id;
  enrollment->version = sqlite3_column_int64 (row, 1);
  enrollment->key = mc_statement_secret (row, 3);
  return enrollment;
}

static void
free_enrollment (gpointer enrollment)
{
  mc_enrollment_free (enrollment);
}

GPtrArray *
mc_store_enrollments (McStore *store, gboolean only_open, GError **error)
{
  g_autoptr (McStatement) statement =
      mc_store_prepare (store, SELECT_ENROLLMENT "WHERE e.open >= ? ORDER BY e.id", error);
  g_autoptr (GPtrArray) list = g_ptr_array_new_with_free_func (free_enrollment);
  gboolean row;

  if (statement == NULL)
    return NULL;
  sqlite3_bind_int (statement, 1, only_open ? 1 : 0);
  for (;;) {
    McEnrollment *enrollment;

    if (!mc_store_row (store, statement, &row, error))
      return NULL;
    if (!row)
      return g_steal_pointer (&list);
    enrollment = row_enrollment (statement, error);
    if (enrollment == NULL)
      return NULL;
    g_ptr_array_add (list, enrollment);
  }
}

McEnrollment *
mc_store_enrollment (McStore *store, gint64 id, GError **error)
{
  g_autoptr (McStatement) statement = mc_store_prepare (store, SELECT_ENROLLMENT "WHERE e.id = ?", error);
  gboolean row;

  if (statement == NULL)
    return NULL;
  sqlite3_bind_int64 (statement, 1, id);
  if (!mc_store_row (store, statement, &row, error))
    return NULL;
  if (!row) {
    g_set_error (error, MC_ERROR, MC_ERROR_NO_INPUT, "there is no enrollment %" G_GINT64_FORMAT, id);
    return NULL;
  }
  return row_enrollment (statement, error);
}

McEnrollment *
mc_store_certificate (McStore *store, const char *address, const char *directory, GError **error)
{
  g_autoptr (GPtrArray) all = mc_store_enrollments (store, FALSE, error);
  guint newest = G_MAXUINT; /* of no use any more, but the newest */

  for (guint i = all != NULL ? all->len : 0; i-- > 0;) {
    const McEnrollment *e = g_ptr_array_index (all, i);

    if ((e->state != MC_ENROLLMENT_ISSUED && e->state != MC_ENROLLMENT_INSTALLED) ||
        (directory != NULL && strcmp (e->directory, directory) != 0) || mc_enrollment_find (e, address) == NULL)
      continue;
    if (!mc_enrollment_is_revoked (e) && !mc_enrollment_is_compromised (all, e))
      return g_ptr_array_steal_index (all, i);
    newest = newest == G_MAXUINT ? i : newest;
  }
  return newest != G_MAXUINT ? g_ptr_array_steal_index (all, newest) : NULL;
}

/* --- forget, exported --- */

/* Mail in the spool stays only where another open enrollment may still want it. */
static gboolean
drop_spool (McStore *store, const McEnrollment *forgotten, GError **error)
{
  g_autoptr (GPtrArray) open = mc_store_enrollments (store, TRUE, error);
  g_autoptr (McStatement) statement =
      open != NULL ? mc_store_prepare (store, "DELETE FROM spool WHERE address_key = ?", error) : NULL;

  if (statement == NULL)
    return FALSE;
  for (guint i = 0; i < forgotten->addresses->len; i++) {
    const char *address = mc_enrollment_address (forgotten, i)->address;
    g_autofree char *key = mc_store_address_key (address);
    gboolean wanted = FALSE;

    for (guint j = 0; j < open->len; j++)
      wanted = wanted || mc_enrollment_find (g_ptr_array_index (open, j), address) != NULL;
    if (wanted)
      continue;
    mc_statement_bind_text (statement, 1, key);
    if (!mc_store_finish (store, statement, error))
      return FALSE;
    sqlite3_reset (statement);
  }
  return TRUE;
}

static gboolean
delete_row (McStore *store, const char *sql, gint64 id, GError **error)
{
  g_autoptr (McStatement) statement = mc_store_prepare (store, sql, error);

  if (statement == NULL)
    return FALSE;
  sqlite3_bind_int64 (statement, 1, id);
  return mc_store_finish (store, statement, error);
}

gboolean
mc_store_forget (McStore *store, gint64 id, gboolean with_key, GError **error)
{
  gboolean ok = mc_store_begin (store, error);
  g_autoptr (McEnrollment) enrollment = ok ? mc_store_enrollment (store, id, error) : NULL;

  if (!ok)
    return FALSE;
  ok = enrollment != NULL && delete_row (store, "DELETE FROM enrollments WHERE id = ?", id, error) &&
       (!with_key || delete_row (store, "DELETE FROM keys WHERE enrollment = ?", id, error)) &&
       drop_spool (store, enrollment, error);
  if (!mc_store_end (store, ok, error))
    return FALSE;
  /* secure_delete has wiped the key's page; the -wal still has older copies until it is emptied. That another process
   * reads just now is no failure: the next checkpoint does it. */
  sqlite3_exec (store->db, "PRAGMA wal_checkpoint (TRUNCATE)", NULL, NULL, NULL);
  return TRUE;
}

gboolean
mc_store_note_exported (McStore *store, gint64 id, GError **error)
{
  g_autoptr (McStatement) statement = NULL;
  gboolean ok = mc_store_begin (store, error);

  if (!ok)
    return FALSE;
  statement = mc_store_prepare (store, "UPDATE keys SET exported_at = ? WHERE enrollment = ?", error);
  ok = statement != NULL;
  if (ok) {
    sqlite3_bind_int64 (statement, 1, g_get_real_time () / G_USEC_PER_SEC);
    sqlite3_bind_int64 (statement, 2, id);
    ok = mc_store_finish (store, statement, error);
  }
  if (ok && sqlite3_changes (store->db) == 0) {
    g_set_error (error, MC_ERROR, MC_ERROR_NO_INPUT, "enrollment %" G_GINT64_FORMAT " has no key", id);
    ok = FALSE;
  }
  return mc_store_end (store, ok, error);
}

gboolean
mc_store_is_exported (McStore *store, gint64 id)
{
  g_autoptr (McStatement) statement =
      mc_store_prepare (store, "SELECT 1 FROM keys WHERE enrollment = ? AND exported_at IS NOT NULL", NULL);
  gboolean row;

  if (statement == NULL)
    return FALSE;
  sqlite3_bind_int64 (statement, 1, id);
  /* What cannot be read counts as not exported: forget then refuses, which loses nothing. */
  return mc_store_row (store, statement, &row, NULL) && row;
}
