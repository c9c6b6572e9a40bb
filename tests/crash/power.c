/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "power-disk.h"

#include <sqlite3.h>
#include <string.h>

/* What SQLite sees of the disk. As os_unix: its sector size, its traits, and the folder is synced with the first sync
 * of a journal or a -wal. */

typedef struct {
  sqlite3_file base;
  PowerInode *inode;    /* the disk's */
  gboolean sync_folder; /* with the first sync */
} Handle;

static struct {
  sqlite3_vfs vfs;
  sqlite3_vfs *real;
} power;

/* --- a file --- */

static int
file_close (sqlite3_file *file)
{
  (void)file;
  power_closed ();
  return SQLITE_OK;
}

static int
file_read (sqlite3_file *file, void *to, int length, sqlite3_int64 at)
{
  const GByteArray *now = ((Handle *)file)->inode->now;
  gsize have = (gsize)at < now->len ? MIN (now->len - (gsize)at, (gsize)length) : 0;

  if (power_is_out ())
    return SQLITE_IOERR_READ;
  if (have > 0)
    memcpy (to, now->data + at, have);
  memset ((guint8 *)to + have, 0, (gsize)length - have);
  return have < (gsize)length ? SQLITE_IOERR_SHORT_READ : SQLITE_OK;
}

static int
file_write (sqlite3_file *file, const void *octets, int length, sqlite3_int64 at)
{
  if (power_change ())
    return SQLITE_IOERR_WRITE;
  power_write (((Handle *)file)->inode, (gsize)at, octets, (gsize)length);
  return power_is_out () ? SQLITE_IOERR_WRITE : SQLITE_OK;
}

static int
file_truncate (sqlite3_file *file, sqlite3_int64 size)
{
  if (power_change ())
    return SQLITE_IOERR_TRUNCATE;
  power_truncate (((Handle *)file)->inode, (gsize)size);
  return power_is_out () ? SQLITE_IOERR_TRUNCATE : SQLITE_OK;
}

static int
file_sync (sqlite3_file *file, int flags)
{
  Handle *handle = (Handle *)file;

  (void)flags;
  if (power_change () || power_is_out ()) /* cut while it syncs: anything may be there */
    return SQLITE_IOERR_FSYNC;
  power_sync (handle->inode);
  if (handle->sync_folder) {
    if (power_change () || power_is_out ())
      return SQLITE_IOERR_DIR_FSYNC;
    power_sync_names ();
    handle->sync_folder = FALSE;
  }
  return SQLITE_OK;
}

static int
file_size (sqlite3_file *file, sqlite3_int64 *size)
{
  *size = ((Handle *)file)->inode->now->len;
  return power_is_out () ? SQLITE_IOERR_FSTAT : SQLITE_OK;
}

static int
file_lock (sqlite3_file *file, int level)
{
  (void)file;
  (void)level;
  return SQLITE_OK;
}

static int
file_is_reserved (sqlite3_file *file, int *out)
{
  (void)file;
  *out = 0;
  return SQLITE_OK;
}

static int
file_control (sqlite3_file *file, int what, void *argument)
{
  (void)file;
  (void)what;
  (void)argument;
  return SQLITE_NOTFOUND;
}

static int
file_sector (sqlite3_file *file)
{
  (void)file;
  return 4096; /* os_unix's */
}

static int
file_traits (sqlite3_file *file)
{
  (void)file;
  return SQLITE_IOCAP_POWERSAFE_OVERWRITE; /* os_unix's */
}

static int
shm_map (sqlite3_file *file, int region, int size, int extend, void volatile **out)
{
  GPtrArray *regions = ((Handle *)file)->inode->regions;

  while (extend && regions->len <= (guint)region)
    g_ptr_array_add (regions, g_malloc0 ((gsize)size));
  *out = (guint)region < regions->len ? g_ptr_array_index (regions, region) : NULL;
  return SQLITE_OK;
}

static int
shm_lock (sqlite3_file *file, int offset, int n, int flags)
{
  (void)file;
  (void)offset;
  (void)n;
  (void)flags;
  return SQLITE_OK;
}

static void
shm_barrier (sqlite3_file *file)
{
  (void)file;
}

static int
shm_unmap (sqlite3_file *file, int forget)
{
  (void)forget;
  g_ptr_array_set_size (((Handle *)file)->inode->regions, 0);
  return SQLITE_OK;
}

static const sqlite3_io_methods methods = {
    .iVersion = 2,
    .xClose = file_close,
    .xRead = file_read,
    .xWrite = file_write,
    .xTruncate = file_truncate,
    .xSync = file_sync,
    .xFileSize = file_size,
    .xLock = file_lock,
    .xUnlock = file_lock,
    .xCheckReservedLock = file_is_reserved,
    .xFileControl = file_control,
    .xSectorSize = file_sector,
    .xDeviceCharacteristics = file_traits,
    .xShmMap = shm_map,
    .xShmLock = shm_lock,
    .xShmBarrier = shm_barrier,
    .xShmUnmap = shm_unmap,
};

/* --- names --- */

static int
disk_open (sqlite3_vfs *vfs, const char *path, sqlite3_file *file, int flags, int *out_flags)
{
  Handle *handle = (Handle *)file;
  PowerInode *inode = path != NULL ? power_lookup (path) : NULL;

  (void)vfs;
  memset (handle, 0, sizeof *handle);
  if (power_is_out ())
    return SQLITE_CANTOPEN;
  if (inode == NULL) {
    /* The store makes the database itself, with mknod: SQLite need not be asked to. */
    if (power_change () || power_is_out ())
      return SQLITE_CANTOPEN;
    inode = power_create (path != NULL ? path : "");
  }
  handle->inode = inode;
  handle->sync_folder = (flags & SQLITE_OPEN_CREATE) != 0 &&
                        (flags & (SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_SUPER_JOURNAL | SQLITE_OPEN_WAL)) != 0;
  handle->base.pMethods = &methods;
  power_opened ();
  if (out_flags != NULL)
    *out_flags = flags;
  return SQLITE_OK;
}

static int
disk_delete (sqlite3_vfs *vfs, const char *path, int sync_folder)
{
  (void)vfs;
  if (power_change ())
    return SQLITE_IOERR_DELETE;
  power_remove (path);
  if (power_is_out ())
    return SQLITE_IOERR_DELETE;
  if (sync_folder) {
    if (power_change () || power_is_out ())
      return SQLITE_IOERR_DIR_FSYNC;
    power_sync_names ();
  }
  return SQLITE_OK;
}

static int
disk_access (sqlite3_vfs *vfs, const char *path, int flags, int *out)
{
  const PowerInode *inode = power_lookup (path);

  (void)vfs;
  *out = inode != NULL && (flags != SQLITE_ACCESS_EXISTS || inode->now->len > 0); /* as os_unix: empty is none */
  return SQLITE_OK;
}

void
power_register (void)
{
  power.real = sqlite3_vfs_find (NULL);
  power.vfs = *power.real;
  power.vfs.zName = "power";
  power.vfs.szOsFile = sizeof (Handle);
  power.vfs.xOpen = disk_open;
  power.vfs.xDelete = disk_delete;
  power.vfs.xAccess = disk_access;
  sqlite3_vfs_register (&power.vfs, 1);
}

void
power_unregister (void)
{
  sqlite3_vfs_unregister (&power.vfs);
  sqlite3_vfs_register (power.real, 1);
}
