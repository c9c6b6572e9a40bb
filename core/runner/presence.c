/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/presence.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define RECENT_SECONDS (7 * 24 * 60 * 60) /* DESIGN 2: an order is opened only if someone can finish it */

char *
mc_presence_path (void)
{
  return g_build_filename (g_get_home_dir (), ".local", "share", "mailcert", "seen", NULL);
}

void
mc_presence_leave (void)
{
  g_autofree char *path = mc_presence_path ();
  g_autofree char *dir = g_path_get_dirname (path);
  int fd = -1;

  if (g_mkdir_with_parents (dir, 0700) == 0)
    fd = open (path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0 || futimens (fd, NULL) != 0)
    g_info ("%s: %s", path, g_strerror (errno));
  if (fd >= 0)
    close (fd);
}

static gboolean
is_recent (gint64 at, gint64 now)
{
  return now - at < RECENT_SECONDS;
}

gboolean
mc_presence_is_recent (McStore *store, gint64 now)
{
  g_autofree char *path = mc_presence_path ();
  g_autofree char *seen = mc_store_fact (store, "adapter-seen");
  gint64 at = 0;
  GStatBuf is;

  if (seen != NULL && g_ascii_string_to_signed (seen, 10, 0, G_MAXINT64, &at, NULL) && is_recent (at, now))
    return TRUE;
  return g_stat (path, &is) == 0 && is_recent (is.st_mtime, now);
}
