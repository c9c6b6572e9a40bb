/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/store-private.h"

#include "base/error.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* Reading without leaving a trace. A read-only connection to a WAL database would make -wal and -shm files and leave
 * them there. Where no -wal exists nobody has the database open, and the file alone is the whole truth: it is read into
 * memory, and the look is repeated if somebody came in between. Where -wal exists, those files are there already and
 * SQLite shares them. */

static gboolean
exists (McStore *store, const char *suffix)
{
  g_autofree char *path = g_strconcat (store->path, suffix, NULL);

  return access (path, F_OK) == 0;
}

static gboolean
read_whole (int fd, guint8 *to, gsize length)
{
  gsize have = 0;

  while (have < length) {
    ssize_t n = read (fd, to + have, length - have);

    if (n < 0 && errno == EINTR)
      continue;
    if (n <= 0)
      return FALSE;
    have += (gsize)n;
  }
  return TRUE;
}

static gboolean
is_same (const struct stat *a, const struct stat *b)
{
  return a->st_ino == b->st_ino && a->st_size == b->st_size && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
         a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/* *OUT = NULL: it moved meanwhile. */
static gboolean
snapshot (McStore *store, guint8 **out, gsize *length, GError **error)
{
  struct stat before, after;
  int fd = open (store->path, O_RDONLY | O_CLOEXEC);
  guint8 *bytes = NULL;
  gboolean ok;

  if (fd < 0 || fstat (fd, &before) != 0) {
    g_set_error (error, MC_ERROR, MC_ERROR_WRITE, "%s cannot be read: %s", store->path, g_strerror (errno));
    if (fd >= 0)
      close (fd);
    return FALSE;
  }
  bytes = sqlite3_malloc64 ((sqlite3_uint64)before.st_size + 1);
  ok = bytes != NULL && read_whole (fd, bytes, (gsize)before.st_size) && fstat (fd, &after) == 0 &&
       is_same (&before, &after) && !exists (store, "-wal");
  close (fd);
  if (!ok)
    g_clear_pointer (&bytes, sqlite3_free);
  *out = bytes;
  *length = (gsize)before.st_size;
  return TRUE;
}

static gboolean
open_snapshot (McStore *store, guint8 *bytes, gsize length, GError **error)
{
  if (sqlite3_open_v2 (":memory:", &store->db, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK) {
    sqlite3_free (bytes);
    return mc_store_fail (store, error);
  }
  /* Bytes 18 and 19 of the header say "WAL", which memory has not (file format, 1.3.3). */
  if (length >= 100 && bytes[18] == 2 && bytes[19] == 2)
    bytes[18] = bytes[19] = 1;
  if (length > 0 && sqlite3_deserialize (store->db, "main", bytes, (sqlite3_int64)length, (sqlite3_int64)length,
                                         SQLITE_DESERIALIZE_FREEONCLOSE | SQLITE_DESERIALIZE_READONLY) != SQLITE_OK)
    return mc_store_fail (store, error);
  if (length == 0)
    sqlite3_free (bytes);
  return TRUE;
}

/* Nothing was ever stored: an empty database in memory. */
static gboolean
open_empty (McStore *store, GError **error)
{
  gboolean ok;

  g_clear_pointer (&store->db, sqlite3_close);
  if (sqlite3_open_v2 (":memory:", &store->db, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK)
    return mc_store_fail (store, error);
  store->read_only = FALSE;
  ok = mc_store_schema_check (store, error);
  store->read_only = TRUE;
  return ok;
}

static gboolean
open_shared (McStore *store, GError **error)
{
  if (sqlite3_open_v2 (store->path, &store->db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK)
    return mc_store_fail (store, error);
  sqlite3_busy_timeout (store->db, 5000);
  return TRUE;
}

gboolean
mc_store_open_read_only (McStore *store, GError **error)
{
  gboolean shared = FALSE;
  gint64 tables;

  if (access (store->path, F_OK) != 0 && errno == ENOENT)
    return open_empty (store, error);
  if (!mc_store_folder_check (store->dir, store->path, FALSE, error))
    return FALSE;
  while (store->db == NULL && !shared) {
    guint8 *bytes = NULL;
    gsize length = 0;

    shared = exists (store, "-wal");
    if (!shared && !snapshot (store, &bytes, &length, error))
      return FALSE;
    if (bytes != NULL && !open_snapshot (store, bytes, length, error))
      return FALSE;
  }
  if (shared && !open_shared (store, error))
    return FALSE;
  if (!mc_store_execute (store, "PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF", error) ||
      !mc_store_number (store, "SELECT count(*) FROM sqlite_schema", 0, &tables, error))
    return FALSE;
  /* Somebody is making it at this moment. */
  if (tables == 0)
    return open_empty (store, error);
  return mc_store_schema_check (store, error);
}
