/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* RTLD_NEXT */
#endif

#include "keyring-kill.h"

#include "keyring-set.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define DIED 99

static guint steps_left; /* 0 = for ever */

static void
count_step (void)
{
  if (steps_left > 0 && --steps_left == 0)
    _exit (DIED);
}

/* These two stand before those of libc and GLib in every look-up. */

int
rename (const char *from, const char *to)
{
  count_step ();
  return (int)syscall (SYS_renameat, -100 /* AT_FDCWD */, from, -100, to);
}

typedef gboolean (*Spawn) (const gchar *, const gchar *const *, const gchar *const *, GSpawnFlags, GSpawnChildSetupFunc,
                           gpointer, gint, gint, gint, const gint *, const gint *, gsize, GPid *, gint *, gint *,
                           gint *, GError **);

gboolean
g_spawn_async_with_pipes_and_fds (const gchar *dir, const gchar *const *argv, const gchar *const *envp,
                                  GSpawnFlags flags, GSpawnChildSetupFunc setup, gpointer data, gint in, gint out,
                                  gint err, const gint *sources, const gint *targets, gsize n, GPid *pid, gint *in_pipe,
                                  gint *out_pipe, gint *err_pipe, GError **error)
{
  void *symbol = dlsym (RTLD_NEXT, "g_spawn_async_with_pipes_and_fds");
  Spawn real;

  g_assert_nonnull (symbol);
  memcpy (&real, &symbol, sizeof real);
  count_step ();
  return real (dir, argv, envp, flags, setup, data, in, out, err, sources, targets, n, pid, in_pipe, out_pipe, err_pipe,
               error);
}

gboolean
install_killed (const char *spec, const McKeyringItem *item, guint step)
{
  pid_t child = fork ();
  int status;

  if (child == 0) {
    steps_left = step;
    _exit (mc_keyring_install (spec, item, NULL, NULL, NULL) == MC_KEYRING_READY ? 0 : 1);
  }
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFEXITED (status));
  g_assert_true (WEXITSTATUS (status) == 0 || WEXITSTATUS (status) == DIED);
  return WEXITSTATUS (status) == DIED;
}

char *
tree_of (const char *dir)
{
  g_autofree char *command = g_strdup_printf (
      "cd '%s' && find . -type f -printf '%%p %%m ' -exec sh -c 'sha256sum <\"$1\"' - {} \\; | sort", dir);

  return run_program ("sh", "-c", command, NULL);
}

void
assert_kept (const char *before, const char *after)
{
  g_auto (GStrv) lines = g_strsplit (before, "\n", -1);
  g_auto (GStrv) there = g_strsplit (after, "\n", -1);

  for (gsize i = 0; lines[i] != NULL; i++)
    if (!g_strv_contains ((const char *const *)there, lines[i]))
      g_error ("changed or gone: %s", lines[i]);
}
