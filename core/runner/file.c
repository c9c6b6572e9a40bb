/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/file.h"

#include <glib/gstdio.h>
#include <sys/sysmacros.h>

static gboolean
is_null (const GStatBuf *is)
{
  return S_ISCHR (is->st_mode) && major (is->st_rdev) == 1 && minor (is->st_rdev) == 3;
}

static gboolean
refuse (GError **error, const char *clause)
{
  g_set_error_literal (error, G_FILE_ERROR, G_FILE_ERROR_INVAL, clause);
  return FALSE;
}

gboolean
mc_file_read (const char *path, gsize max, gboolean named, char **text, gsize *length, GError **error)
{
  g_autofree char *read = NULL;
  GStatBuf is;
  gsize size;

  if (g_stat (path, &is) == 0) { /* where there is nothing GLib says so better */
    if (!S_ISREG (is.st_mode) && !(named && (S_ISFIFO (is.st_mode) || is_null (&is))))
      return refuse (error, "it is no file");
    if (S_ISREG (is.st_mode) && (guint64)is.st_size > max)
      return refuse (error, "it is too large");
  }
  if (!g_file_get_contents (path, &read, &size, error))
    return FALSE;
  if (size > max)
    return refuse (error, "it is too large");
  *text = g_steal_pointer (&read);
  *length = size;
  return TRUE;
}
