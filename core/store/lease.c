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

struct McLease {
  int fd;
};

gboolean
mc_lock_take (const char *dir, gint64 byte, gboolean wait, int *fd, GError **error)
{
  g_autofree char *path = g_build_filename (dir, "mailcert.lock", NULL);
  struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1};
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
  McLease *lease;
  int fd;

  g_return_val_if_fail (id > 0, NULL);
  if (store->read_only) {
    g_set_error (error, MC_ERROR, MC_ERROR_WRITE, "%s: it was opened for reading only", store->path);
    return NULL;
  }
  if (!mc_lock_take (store->dir, id, FALSE, &fd, error) || (fd < 0 && !MC_MUTANT ("store-lease-ignored")))
    return NULL;
  lease = g_new (McLease, 1);
  lease->fd = fd;
  return lease;
}

McLease *
mc_lease_wait (McStore *store, GError **error)
{
  McLease *lease;
  int fd;

  if (!mc_lock_take (store->dir, 0, TRUE, &fd, error))
    return NULL;
  lease = g_new (McLease, 1);
  lease->fd = fd;
  return lease;
}

void
mc_lease_free (McLease *lease)
{
  if (lease == NULL)
    return;
  close (lease->fd);
  g_free (lease);
}
