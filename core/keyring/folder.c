/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "keyring/folder.h"

#include "base/error.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <limits.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define READ_MAX (1024 * 1024)

static gboolean
fail (GError **error, const char *path, const char *what)
{
  int code = errno;

  g_set_error (error, MC_ERROR, MC_ERROR_WRITE, "%s cannot be %s: %s", path, what, g_strerror (code));
  return FALSE;
}

gboolean
mc_folder_check (const char *dir, GError **error)
{
  struct stat is;

  if (g_mkdir_with_parents (dir, 0700) != 0 || stat (dir, &is) != 0)
    return fail (error, dir, "made");
  if (!S_ISDIR (is.st_mode)) {
    errno = ENOTDIR;
    return fail (error, dir, "used");
  }
  if ((is.st_mode & S_IWOTH) == 0)
    return TRUE;
  g_set_error (error, MC_ERROR, MC_ERROR_WRITE, "anybody may write to %s: chmod 700 it", dir);
  return FALSE;
}

char *
mc_folder_make_temporary (const char *parent, GError **error)
{
  g_autofree char *dir = g_build_filename (parent, ".new-XXXXXX", NULL);

  if (g_mkdtemp (dir) != NULL)
    return g_steal_pointer (&dir);
  fail (error, parent, "written");
  return NULL;
}

static gboolean
sync_folder (const char *dir)
{
  int fd = open (dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  gboolean ok = fd >= 0 && fsync (fd) == 0;

  if (fd >= 0)
    close (fd);
  return ok;
}

gboolean
mc_folder_publish (const char *dir, const char *final, GError **error)
{
  g_autofree char *parent = g_path_get_dirname (final);

  /* rename () would replace an empty folder of that name, and nothing else. */
  if (!sync_folder (dir) || g_rename (dir, final) != 0 || !sync_folder (parent))
    return fail (error, final, "written");
  return TRUE;
}

void
mc_folder_remove (const char *dir)
{
  g_autoptr (GDir) open = g_dir_open (dir, 0, NULL);
  const char *name;

  while (open != NULL && (name = g_dir_read_name (open)) != NULL) {
    g_autofree char *path = g_build_filename (dir, name, NULL);

    g_unlink (path);
  }
  g_rmdir (dir);
}

gboolean
mc_folder_write (const char *path, GBytes *bytes, int mode, GError **error)
{
  g_autoptr (GError) why = NULL;
  gsize length;
  const char *text = g_bytes_get_data (bytes, &length);

  if (g_file_set_contents_full (path, text != NULL ? text : "", (gssize)length,
                                G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, mode, &why))
    return TRUE;
  g_set_error (error, MC_ERROR, MC_ERROR_WRITE, "%s", why->message);
  return FALSE;
}

gboolean
mc_folder_rewrite (const char *path, GBytes *bytes, int mode, GError **error)
{
  char real[PATH_MAX];
  struct stat is;

  if (realpath (path, real) != NULL && stat (real, &is) == 0)
    return mc_folder_write (real, bytes, (int)(is.st_mode & 0777), error);
  return errno == ENOENT ? mc_folder_write (path, bytes, mode, error) : fail (error, path, "read");
}

gboolean
mc_folder_read (const char *path, char **text, GError **error)
{
  struct stat is;
  int fd = open (path, O_RDONLY | O_CLOEXEC);
  gsize have = 0;
  char *bytes;

  if (fd < 0 || fstat (fd, &is) != 0 || is.st_size > READ_MAX) {
    fail (error, path, "read");
    if (fd >= 0)
      close (fd);
    return FALSE;
  }
  bytes = g_malloc0 ((gsize)is.st_size + 1);
  while (have < (gsize)is.st_size) {
    ssize_t n = read (fd, bytes + have, (gsize)is.st_size - have);

    if (n <= 0)
      break;
    have += (gsize)n;
  }
  close (fd);
  if (strlen (bytes) != (gsize)is.st_size) { /* half read, or no text: never to be written back */
    OPENSSL_cleanse (bytes, (gsize)is.st_size);
    g_free (bytes);
    errno = EIO;
    return fail (error, path, "read as text");
  }
  *text = bytes;
  return TRUE;
}

gboolean
mc_folder_point (const char *parent, const char *name, const char *target, GError **error)
{
  g_autofree char *path = g_build_filename (parent, name, NULL);
  g_autofree char *fresh = g_strdup_printf ("%s/.%s-%d", parent, name, (int)getpid ());
  struct stat is;

  if (lstat (path, &is) == 0 && !S_ISLNK (is.st_mode)) {
    errno = EEXIST;
    return fail (error, path, "pointed at the new certificate");
  }
  g_unlink (fresh); /* of a process that died with our number */
  if (symlink (target, fresh) != 0)
    return fail (error, path, "made");
  if (rename (fresh, path) != 0) {
    fail (error, path, "made");
    g_unlink (fresh);
    return FALSE;
  }
  return sync_folder (parent) || fail (error, parent, "written");
}
