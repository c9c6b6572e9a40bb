/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "mutant-environment.h"
#include "store-place.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static gboolean
is_free (McStore *store, gint64 id)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (McLease) lease = mc_lease_take (store, id, &error);

  g_assert_no_error (error);
  return lease != NULL;
}

static void
test_lease (Place *place, gconstpointer data)
{
  g_autoptr (McStore) one = must_open (place);
  g_autoptr (McStore) two = must_open (place);
  McLease *lease = mc_lease_take (one, 3, NULL);

  (void)data;
  g_assert_nonnull (lease);
  g_assert_false (is_free (one, 3));
  g_assert_false (is_free (two, 3));
  g_assert_true (is_free (two, 4));
  mc_store_close (must_open (place)); /* opening and closing takes nothing away */
  g_assert_false (is_free (two, 3));
  mc_lease_free (lease);
  g_assert_true (is_free (two, 3));
}

static void
test_lease_of_the_dead (Place *place, gconstpointer data)
{
  g_autoptr (McStore) store = must_open (place);
  int pipes[2], status;
  char c;
  pid_t child;

  (void)data;
  g_assert_cmpint (pipe (pipes), ==, 0);
  child = fork ();
  if (child == 0) {
    McStore *mine = mc_store_open (place->dir, FALSE, NULL);
    McLease *lease = mc_lease_take (mine, 9, NULL);

    if (lease == NULL || write (pipes[1], "x", 1) != 1)
      _exit (1);
    for (;;)
      pause ();
  }
  g_assert_cmpint (read (pipes[0], &c, 1), ==, 1);
  g_assert_false (is_free (store, 9));
  kill (child, SIGKILL);
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (is_free (store, 9));
  close (pipes[0]);
  close (pipes[1]);
}

/* hook --detach: the child that was forked holds on when the parent is gone; a program that is executed does not. */
static void
test_lease_across_fork (Place *place, gconstpointer data)
{
  g_autoptr (McStore) store = must_open (place);
  const char *argv[] = {"sleep", "60", NULL};
  McLease *lease = mc_lease_take (store, 2, NULL);
  int gate[2], status;
  pid_t child;
  GPid program;

  (void)data;
  g_assert_cmpint (pipe (gate), ==, 0);
  child = fork ();
  if (child == 0) {
    char c;

    close (gate[1]);
    _exit (read (gate[0], &c, 1) == 0 ? 0 : 1);
  }
  close (gate[0]);
  g_assert_true (g_spawn_async (NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL,
                                &program, NULL));
  mc_lease_free (lease);
  g_assert_false (is_free (store, 2)); /* the child still has it */
  close (gate[1]);
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (is_free (store, 2));
  kill (program, SIGKILL);
  waitpid (program, &status, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  mutant_from_environment ();
  ADD ("lease", test_lease);
  ADD ("lease-of-the-dead", test_lease_of_the_dead);
  ADD ("lease-across-fork", test_lease_across_fork);
  return g_test_run ();
}
