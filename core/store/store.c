/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/store-private.h"

#include "base/error.h"

#include <errno.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

/* The layout would take the name for a subtraction. */
/* clang-format off */
G_DEFINE_QUARK (mc-store-error-quark, mc_store_error)
/* clang-format on */

/* Each entry leads from one version to the next; none is ever changed once it was released.
 * keys does not refer to enrollments: forgetting a record keeps its key unless the caller asks for both. */
static const char *const migrations[] = {
    "CREATE TABLE enrollments (id INTEGER PRIMARY KEY AUTOINCREMENT, version INTEGER NOT NULL, state TEXT NOT NULL,"
    "  open INTEGER NOT NULL, ca TEXT NOT NULL, directory TEXT NOT NULL, created INTEGER NOT NULL,"
    "  record BLOB NOT NULL) STRICT;"
    "CREATE INDEX enrollments_by_state ON enrollments (open, state, created);"
    "CREATE TABLE keys (enrollment INTEGER PRIMARY KEY, pkcs8 BLOB NOT NULL, exported_at INTEGER) STRICT;"
    "CREATE TABLE accounts (id INTEGER PRIMARY KEY AUTOINCREMENT, version INTEGER NOT NULL,"
    "  directory TEXT NOT NULL UNIQUE, url TEXT, key BLOB, new_key BLOB, terms TEXT, binding_kid TEXT,"
    "  learned_trigger TEXT, deactivated INTEGER NOT NULL) STRICT;"
    "CREATE TABLE waits (sender TEXT NOT NULL, recipient TEXT NOT NULL,"
    "  enrollment INTEGER NOT NULL REFERENCES enrollments (id) ON DELETE CASCADE,"
    "  PRIMARY KEY (sender, recipient)) STRICT;"
    "CREATE INDEX waits_by_enrollment ON waits (enrollment);"
    "CREATE TABLE answered (kind TEXT NOT NULL, mark TEXT NOT NULL, enrollment INTEGER NOT NULL,"
    "  PRIMARY KEY (kind, mark)) STRICT;"
    "CREATE TABLE spool (id INTEGER PRIMARY KEY AUTOINCREMENT, address TEXT NOT NULL, address_key TEXT NOT NULL,"
    "  hash TEXT NOT NULL, at INTEGER NOT NULL, rfc822 BLOB NOT NULL, UNIQUE (address_key, hash)) STRICT;"
    "CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;",
};

/* WAL lives on memory that all processes share (sqlite.org/wal.html), and the leases on locks: another machine sees
 * neither. */
static gboolean
is_of_a_network (const char *dir)
{
  static const guint32 kinds[] = {NFS_SUPER_MAGIC, SMB_SUPER_MAGIC,  SMB2_SUPER_MAGIC, CIFS_SUPER_MAGIC,
                                  AFS_SUPER_MAGIC, CODA_SUPER_MAGIC, CEPH_SUPER_MAGIC, V9FS_MAGIC};
  struct statfs is;

  if (statfs (dir, &is) != 0)
    return FALSE;
  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    if ((guint32)is.f_type == kinds[i])
      return TRUE;
  return FALSE;
}

gboolean
mc_store_folder_check (const char *dir, const char *path, gboolean make, GError **error)
{
  struct stat is;

  if (make && g_mkdir_with_parents (dir, 0700) != 0) {
    g_set_error (error, MC_ERROR, MC_ERROR_WRITE, "%s cannot be made: %s", dir, g_strerror (errno));
    return FALSE;
  }
  if (stat (dir, &is) != 0 || !S_ISDIR (is.st_mode)) {
    g_set_error (error, MC_ERROR, MC_ERROR_WRITE, "%s is not a folder", dir);
    return FALSE;
  }
  if (is.st_uid != geteuid ()) {
    g_set_error (error, MC_ERROR, MC_ERROR_WRITE, "%s belongs to another user", dir);
    return FALSE;
  }
  if ((is.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    g_set_error (error, MC_ERROR, MC_ERROR_WRITE, "others may write to %s: chmod 700 it", dir);
    return FALSE;
  }
  if (make && is_of_a_network (dir)) {
    g_set_error (error, MC_ERROR, MC_ERROR_WRITE,
                 "%s is on a network's disk, where a database cannot be shared safely: name a folder of this computer "
                 "with --data-dir or XDG_DATA_HOME",
                 dir);
    return FALSE;
  }
  /* Neither open () nor umask (): closing a descriptor of the database would drop the locks that another connection of
   * this process holds on it, and the umask belongs to all threads. */
  if (make && mknod (path, S_IFREG | 0600, 0) != 0 && errno != EEXIST) {
    g_set_error (error, MC_ERROR, MC_ERROR_WRITE, "%s cannot be made: %s", path, g_strerror (errno));
    return FALSE;
  }
  if (stat (path, &is) != 0 || !S_ISREG (is.st_mode) || is.st_uid != geteuid ()) {
    g_set_error (error, MC_ERROR, MC_ERROR_WRITE, "%s is not a file of yours", path);
    return FALSE;
  }
  if (make && (is.st_mode & 077) != 0 && chmod (path, 0600) != 0) {
    g_set_error (error, MC_ERROR, MC_ERROR_WRITE, "%s cannot be kept from others: %s", path, g_strerror (errno));
    return FALSE;
  }
  return TRUE;
}

static gboolean
refuse_foreign (McStore *store, GError **error)
{
  gint64 version, tables;

  if (!mc_store_number (store, "PRAGMA user_version", 0, &version, error) ||
      !mc_store_number (store, "SELECT count(*) FROM sqlite_schema", 0, &tables, error))
    return FALSE;
  if (version != 0 || tables == 0)
    return TRUE;
  g_set_error (error, MC_ERROR, MC_ERROR_WRITE, "%s: it is not a database of mailcert", store->path);
  return FALSE;
}

static gboolean
migrate (McStore *store, GError **error)
{
  gint64 version = 0;
  gboolean ok = mc_store_begin (store, error);

  if (!ok)
    return FALSE;
  /* Read again under the lock: somebody else may have been quicker. */
  ok = mc_store_number (store, "PRAGMA user_version", 0, &version, error) && refuse_foreign (store, error);
  for (gsize i = (gsize)version; ok && i < G_N_ELEMENTS (migrations); i++) {
    g_autofree char *mark = g_strdup_printf ("PRAGMA user_version = %" G_GSIZE_FORMAT, i + 1);

    ok = mc_store_execute (store, migrations[i], error) && mc_store_execute (store, mark, error);
  }
  return mc_store_end (store, ok, error);
}

gboolean
mc_store_schema_check (McStore *store, GError **error)
{
  gint64 version;

  if (!mc_store_number (store, "PRAGMA user_version", 0, &version, error))
    return FALSE;
  if (version < 0 || version > (gint64)G_N_ELEMENTS (migrations)) {
    g_set_error (error, MC_ERROR, MC_ERROR_WRITE, "%s was written by a newer mailcert; this one cannot use it",
                 store->path);
    return FALSE;
  }
  if (version == (gint64)G_N_ELEMENTS (migrations))
    return TRUE;
  if (!refuse_foreign (store, error))
    return FALSE;
  if (store->read_only) {
    g_set_error (error, MC_ERROR, MC_ERROR_WRITE,
                 "%s was written by an older mailcert and must be opened for writing once", store->path);
    return FALSE;
  }
  return migrate (store, error);
}

static gboolean
is_wal (McStore *store, gboolean *out, GError **error)
{
  g_autoptr (McStatement) statement = mc_store_prepare (store, "PRAGMA journal_mode", error);
  gboolean row;

  if (statement == NULL || !mc_store_row (store, statement, &row, error))
    return FALSE;
  *out = row && g_strcmp0 ((const char *)sqlite3_column_text (statement, 0), "wal") == 0;
  return TRUE;
}

/* A database's first moments: the change to WAL is refused at once, whatever the busy timeout, while another process
 * does the same. */
static gboolean
prepare_database (McStore *store, GError **error)
{
  gboolean wal, ok;
  int lock = -1;

  if (!is_wal (store, &wal, error))
    return FALSE;
  if (wal)
    return mc_store_schema_check (store, error);
  if (!mc_lock_take (store->dir, 0, TRUE, &lock, error))
    return FALSE;
  ok = refuse_foreign (store, error) && mc_store_execute (store, "PRAGMA journal_mode = WAL", error) &&
       is_wal (store, &wal, error);
  if (ok && !wal) {
    g_set_error (error, MC_ERROR, MC_ERROR_WRITE, "%s: its file system cannot share a database between processes",
                 store->path);
    ok = FALSE;
  }
  ok = ok && mc_store_schema_check (store, error);
  close (lock);
  return ok;
}

static gboolean
open_for_writing (McStore *store, GError **error)
{
  if (!mc_store_folder_check (store->dir, store->path, TRUE, error))
    return FALSE;
  if (sqlite3_open_v2 (store->path, &store->db, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK)
    return mc_store_fail (store, error);
  sqlite3_busy_timeout (store->db, 5000);
  sqlite3_db_config (store->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
  sqlite3_db_config (store->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
  return mc_store_execute (store,
                           "PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; PRAGMA foreign_keys = ON;"
                           "PRAGMA temp_store = MEMORY",
                           error) &&
         prepare_database (store, error);
}

McStore *
mc_store_open (const char *dir, gboolean read_only, GError **error)
{
  g_autoptr (McStore) store = g_new0 (McStore, 1);

  store->dir = g_strdup (dir);
  store->path = g_build_filename (dir, "mailcert.db", NULL);
  store->read_only = read_only;
  if (!(read_only ? mc_store_open_read_only (store, error) : open_for_writing (store, error)))
    return NULL;
  return g_steal_pointer (&store);
}

void
mc_store_close (McStore *store)
{
  if (store == NULL)
    return;
  sqlite3_close (store->db);
  g_free (store->dir);
  g_free (store->path);
  g_free (store);
}

const char *
mc_store_dir (const McStore *store)
{
  return store->dir;
}

gint64
mc_store_data_version (McStore *store)
{
  gint64 version;

  return mc_store_number (store, "PRAGMA data_version", 0, &version, NULL) ? version : -1;
}
