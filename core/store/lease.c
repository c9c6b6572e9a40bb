/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* F_OFD_SETLK */
#endif

#include "store/store-private.h"

#include "base/error.h"
#include "base/mutant.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* OFD locks, not POSIX ones: those would vanish when any other descriptor of the file is closed, and do not keep two
 * threads apart. A child that was forked without exec shares the lock: it is free when both have closed it. */

/* Bytes from here on are those of accounts, by a hash of their directory: two that share one only wait for each other
 * without need. Enrollments have their ids. */
#define ACCOUNTS G_GINT64_CONSTANT (0x100000000000)

struct McLease {
  int fd;
  gint64 byte;
};

static McLease *
lease_new (int fd, gint64 byte)
{
  McLease *lease = g_new (McLease, 1);

  lease->fd = fd;
  lease->byte = byte;
  return lease;
}

gboolean
mc_lock_take (const char *dir, gint64 byte, gboolean wait, int *fd, GError **error)
{
  return mc_lock_take_as (dir, byte, F_WRLCK, wait, fd, error);
}

gboolean
mc_lock_take_as (const char *dir, gint64 byte, short type, gboolean wait, int *fd, GError **error)
{
  g_autofree char *path = g_build_filename (dir, "mailcert.lock", NULL);
  struct flock lock = {.l_type = type, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1};
  int file = open (path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  int result;

  if (file < 0) {
    g_set_error (error, MC_ERROR, MC_ERROR_WRITE, "%s cannot be opened: %s", path, g_strerror (errno));
    return FALSE;
  }
  do
    result = fcntl (file, wait ? F_OFD_SETLKW : F_OFD_SETLK, &lock);
  while (result != 0 && errno == EINTR);
  if (result == 0) {
    *fd = file;
    return TRUE;
  }
  result = errno;
  close (file);
  if (result == EAGAIN || result == EACCES) {
    *fd = -1;
    return TRUE;
  }
  g_set_error (error, MC_ERROR, MC_ERROR_WRITE, "%s cannot be locked: %s", path, g_strerror (result));
  return FALSE;
}

McLease *
mc_lease_take (McStore *store, gint64 id, GError **error)
{
  int fd;

  g_return_val_if_fail (id > 0, NULL);
  if (store->read_only) {
    g_set_error (error, MC_ERROR, MC_ERROR_WRITE, "%s: it was opened for reading only", store->path);
    return NULL;
  }
  if (!mc_lock_take (store->dir, id, FALSE, &fd, error) || (fd < 0 && !MC_MUTANT ("store-lease-ignored")))
    return NULL;
  return lease_new (fd, id);
}

McLease *
mc_lease_wait (McStore *store, GError **error)
{
  int fd;

  return mc_lock_take (store->dir, 0, TRUE, &fd, error) ? lease_new (fd, 0) : NULL;
}

McLease *
mc_lease_take_account (McStore *store, const char *directory, gboolean alone, GError **error)
{
  const gint64 byte = ACCOUNTS + g_str_hash (directory);
  int fd;

  if (!mc_lock_take_as (store->dir, byte, alone ? F_WRLCK : F_RDLCK, FALSE, &fd, error) || fd < 0)
    return NULL;
  return lease_new (fd, byte);
}

void
mc_lease_share (McLease *lease)
{
  struct flock lock = {.l_type = F_RDLCK, .l_whence = SEEK_SET, .l_start = lease->byte, .l_len = 1};

  /* From alone to shared there is nothing to wait for; where it fails all the same, the others wait a little longer. */
  if (fcntl (lease->fd, F_OFD_SETLK, &lock) != 0)
    g_debug ("the account stays locked: %s", g_strerror (errno));
}

void
mc_lease_free (McLease *lease)
{
  if (lease == NULL)
    return;
  close (lease->fd);
  g_free (lease);
}
