/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* memmem, unshare */
#endif

#include "store-place.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* Cut and overwritten anywhere: an error or a whole record, never a crash. */
static void
test_damaged (Place *place, gconstpointer data)
{
  g_autofree char *path = file_in (place, "mailcert.db");
  g_autofree char *whole = NULL;
  gsize length;
  guint errors = 0;

  (void)data;
  {
    g_autoptr (McStore) store = must_open (place);

    for (int i = 0; i < 20; i++) {
      g_autofree char *address = g_strdup_printf ("user%d@example.org", i);
      g_autoptr (McEnrollment) e = new_enrollment (address);

      e->key = mc_secret_new ("key", 3);
      must_save (store, e, NULL);
    }
  }
  g_assert_true (g_file_get_contents (path, &whole, &length, NULL));
  for (gsize step = 0; step < 2 * (length / 1000); step++) {
    g_autofree char *bytes = g_memdup2 (whole, length);
    gsize at = (step / 2) * 1000;
    gboolean read_only = step % 4 >= 2;
    g_autoptr (McStore) store = NULL;
    g_autoptr (GError) error = NULL;

    if (step % 2 == 0)
      memset (bytes + at, 0xa5, 200);
    g_assert_true (g_file_set_contents (path, bytes, step % 2 == 0 ? (gssize)length : (gssize)at, NULL));
    store = mc_store_open (place->dir, read_only, &error);
    if (store != NULL) {
      g_autoptr (GPtrArray) all = mc_store_enrollments (store, FALSE, &error);

      g_assert_true ((all == NULL) == (error != NULL));
    }
    if (error != NULL) {
      errors++;
      g_assert_true (error->domain == MC_ERROR);
      g_assert_true (error->code == MC_ERROR_WRITE || error->code == MC_ERROR_MALFORMED);
    }
  }
  g_assert_cmpuint (errors, >, 10);
}

/* Saves until nothing fits any more: exit status 0 if that was said properly and all that was saved is still there. */
static int
fill (const char *dir, const char *message)
{
  g_autoptr (McStore) store = mc_store_open (dir, FALSE, NULL);
  g_autoptr (McEnrollment) e = new_enrollment ("ana@example.org");
  g_autoptr (GPtrArray) all = NULL;
  g_autoptr (GError) error = NULL;
  guint saved = 0;

  if (store == NULL)
    return 3;
  e->chain = g_strnfill (100 * 1024, 'x');
  while (saved < 100 && mc_store_save (store, e, NULL, &error)) {
    saved++;
    e->id = e->version = 0;
  }
  if (error == NULL || error->domain != MC_ERROR || error->code != MC_ERROR_WRITE ||
      strstr (error->message, message) == NULL || strstr (error->message, dir) == NULL || e->id != 0 || saved == 0) {
    g_printerr ("after %u: %s\n", saved, error != NULL ? error->message : "no error");
    return 1;
  }
  all = mc_store_enrollments (store, FALSE, NULL);
  return all != NULL && all->len == saved ? 0 : 2;
}

static gboolean
write_map (const char *file, int inside)
{
  g_autofree char *map = g_strdup_printf ("0 %d 1", inside);
  int fd = open (file, O_WRONLY);
  gboolean ok = fd >= 0 && write (fd, map, strlen (map)) > 0;

  close (fd);
  return ok;
}

/* A small disk of its own on DIR, for this process alone. */
static gboolean
mount_small (const char *dir)
{
  int uid = (int)geteuid (), gid = (int)getegid ();
  int fd;

  if (unshare (CLONE_NEWUSER | CLONE_NEWNS) != 0)
    return FALSE;
  fd = open ("/proc/self/setgroups", O_WRONLY);
  if (fd < 0 || write (fd, "deny", 4) != 4)
    return FALSE;
  close (fd);
  return write_map ("/proc/self/uid_map", uid) && write_map ("/proc/self/gid_map", gid) &&
         mount ("none", dir, "tmpfs", 0, "size=1m,mode=700") == 0;
}

static void
test_disk_full (Place *place, gconstpointer data)
{
  int status;
  pid_t child;

  (void)data;
  g_assert_cmpint (g_mkdir_with_parents (place->dir, 0700), ==, 0);
  child = fork ();
  if (child == 0)
    _exit (mount_small (place->dir) ? fill (place->dir, "no room") : 77);
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFEXITED (status));
  if (WEXITSTATUS (status) == 77)
    g_test_skip ("the kernel does not let us mount");
  else
    g_assert_cmpint (WEXITSTATUS (status), ==, 0);
}

/* RLIMIT_FSIZE gives EFBIG, as a quota gives EDQUOT: a disk that takes no more. */
static void
test_file_limit (Place *place, gconstpointer data)
{
  int status;
  pid_t child;

  (void)data;
  mc_store_close (must_open (place));
  child = fork ();
  if (child == 0) {
    struct rlimit limit = {200 * 1024, 200 * 1024};

    signal (SIGXFSZ, SIG_IGN);
    setrlimit (RLIMIT_FSIZE, &limit);
    _exit (fill (place->dir, "room left"));
  }
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFEXITED (status));
  g_assert_cmpint (WEXITSTATUS (status), ==, 0);
  mc_store_close (must_open (place));
}

static void
test_busy (Place *place, gconstpointer data)
{
  g_autoptr (McStore) store = must_open (place);
  g_autoptr (GError) error = NULL;
  g_autofree char *path = file_in (place, "mailcert.db");
  sqlite3 *db;
  gint64 start = g_get_monotonic_time ();

  (void)data;
  g_assert_cmpint (sqlite3_open (path, &db), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (db, "BEGIN IMMEDIATE", NULL, NULL, NULL), ==, SQLITE_OK);
  g_assert_false (mc_store_set_fact (store, "x", "y", &error));
  g_assert_error (error, MC_ERROR, MC_ERROR_LATER);
  g_assert_cmpint (g_get_monotonic_time () - start, >, 4 * G_USEC_PER_SEC);
  sqlite3_close (db);
  g_assert_true (mc_store_set_fact (store, "x", "y", NULL));
}

/* A process that dies inside of its transaction leaves the last commit. */
static void
test_killed_in_transaction (Place *place, gconstpointer data)
{
  g_autoptr (McEnrollment) e = new_enrollment ("ana@example.org");
  g_autoptr (McEnrollment) back = NULL;
  g_autoptr (McStore) store = NULL;
  g_autofree char *path = file_in (place, "mailcert.db");
  int status;
  pid_t child;

  (void)data;
  store = must_open (place);
  must_save (store, e, NULL);
  g_clear_pointer (&store, mc_store_close);
  child = fork ();
  if (child == 0) {
    sqlite3 *db;

    if (sqlite3_open (path, &db) != SQLITE_OK ||
        sqlite3_exec (db,
                      "BEGIN IMMEDIATE; UPDATE enrollments SET version = 77; DELETE FROM keys;"
                      "PRAGMA cache_spill = 1",
                      NULL, NULL, NULL) != SQLITE_OK)
      _exit (1);
    kill (getpid (), SIGKILL);
  }
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFSIGNALED (status));
  store = must_open (place);
  back = mc_store_enrollment (store, e->id, NULL);
  g_assert_cmpint (back->version, ==, 1);
  must_save (store, back, NULL);
}

/* Killed at any moment while it saves without pause: whatever it had reported is there. */
static void
test_killed_while_saving (Place *place, gconstpointer data)
{
  gint64 id = 0;

  (void)data;
  for (int round = 0; round < 5; round++) {
    int pipes[2], status;
    gint64 seen[2] = {0, 0};
    g_autoptr (McStore) store = NULL;
    g_autoptr (McEnrollment) back = NULL;
    pid_t child;

    g_assert_cmpint (pipe (pipes), ==, 0);
    child = fork ();
    if (child == 0) {
      McStore *mine = mc_store_open (place->dir, FALSE, NULL);
      McEnrollment *e = id == 0 ? new_enrollment ("ana@example.org") : mc_store_enrollment (mine, id, NULL);

      while (mc_store_save (mine, e, NULL, NULL)) {
        gint64 told[2] = {e->id, e->version};

        if (write (pipes[1], told, sizeof told) != sizeof told)
          break;
      }
      _exit (1);
    }
    close (pipes[1]);
    for (int i = 0; i < 5 + 7 * round; i++)
      g_assert_cmpint (read (pipes[0], seen, sizeof seen), ==, sizeof seen);
    kill (child, SIGKILL);
    while (read (pipes[0], seen, sizeof seen) == sizeof seen)
      ;
    close (pipes[0]);
    g_assert_cmpint (waitpid (child, &status, 0), ==, child);
    g_assert_true (WIFSIGNALED (status));
    id = seen[0];
    store = must_open (place);
    back = mc_store_enrollment (store, id, NULL);
    g_assert_cmpint (back->version, >=, seen[1]);
    g_assert_cmpint (back->version, <=, seen[1] + 1);
  }
}

/* Many processes open a store that does not exist yet, and save: none is refused. */
static void
test_born_together (Place *place, gconstpointer data)
{
  enum { PROCESSES = 6 };
  pid_t children[PROCESSES];
  int gate[2];
  g_autoptr (McStore) store = NULL;
  g_autoptr (GPtrArray) all = NULL;

  (void)data;
  g_assert_cmpint (pipe (gate), ==, 0);
  for (int i = 0; i < PROCESSES; i++) {
    children[i] = fork ();
    if (children[i] == 0) {
      char c;
      McStore *mine;
      McEnrollment *e = new_enrollment ("ana@example.org");
      GError *error = NULL;

      close (gate[1]);
      if (read (gate[0], &c, 1) != 0) /* until the parent lets go */
        _exit (3);
      mine = mc_store_open (place->dir, FALSE, &error);
      if (mine == NULL || !mc_store_save (mine, e, NULL, &error)) {
        g_printerr ("%s\n", error->message);
        _exit (1);
      }
      mc_store_close (mine);
      _exit (0);
    }
  }
  close (gate[0]);
  close (gate[1]);
  for (int i = 0; i < PROCESSES; i++) {
    int status;

    g_assert_cmpint (waitpid (children[i], &status, 0), ==, children[i]);
    g_assert_true (WIFEXITED (status));
    g_assert_cmpint (WEXITSTATUS (status), ==, 0);
  }
  store = must_open (place);
  all = mc_store_enrollments (store, FALSE, NULL);
  g_assert_cmpuint (all->len, ==, PROCESSES);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("damaged", test_damaged);
  ADD ("disk-full", test_disk_full);
  ADD ("file-limit", test_file_limit);
  ADD ("busy", test_busy);
  ADD ("killed-in-transaction", test_killed_in_transaction);
  ADD ("killed-while-saving", test_killed_while_saving);
  ADD ("born-together", test_born_together);
  return g_test_run ();
}
