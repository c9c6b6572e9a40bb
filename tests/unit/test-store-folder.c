/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "store-place.h"

#include <signal.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static mode_t
mode_of (const char *path)
{
  struct stat is;

  return stat (path, &is) == 0 ? is.st_mode & 07777 : 0;
}

static void
test_permissions (Place *place, gconstpointer data)
{
  static const char *const files[] = {"mailcert.db", "mailcert.db-wal", "mailcert.db-shm", "mailcert.lock"};
  mode_t before = umask (0);
  g_autoptr (McStore) store = must_open (place);

  (void)data;
  umask (before);
  g_assert_true (mc_store_set_fact (store, "x", "y", NULL));
  g_assert_cmpint (mode_of (place->dir), ==, 0700);
  for (gsize i = 0; i < G_N_ELEMENTS (files); i++) {
    g_autofree char *path = file_in (place, files[i]);

    g_assert_cmpint (mode_of (path) & 077, ==, 0);
    g_assert_cmpint (mode_of (path), !=, 0);
  }
}

static void
test_folder_of_others (Place *place, gconstpointer data)
{
  (void)data;
  mc_store_close (must_open (place));
  g_chmod (place->dir, 0770);
  refused (place, FALSE, "others may write");
  g_chmod (place->dir, 0702);
  refused (place, FALSE, "others may write");
  refused (place, TRUE, "others may write");
  g_chmod (place->dir, 0755);
  mc_store_close (must_open (place));
  if (geteuid () == 0) {
    g_assert_cmpint (chown (place->dir, 65534, 65534), ==, 0);
    refused (place, FALSE, "another user");
    g_assert_cmpint (chown (place->dir, 0, 0), ==, 0);
  } else {
    Place system = {(char *)"/usr", NULL};

    refused (&system, FALSE, "another user");
  }
}

static void
test_not_a_folder (Place *place, gconstpointer data)
{
  Place inside = {g_build_filename (place->top, "file", "data", NULL), NULL};
  g_autofree char *file = g_build_filename (place->top, "file", NULL);

  (void)data;
  g_assert_true (g_file_set_contents (file, "x", 1, NULL));
  refused (&inside, FALSE, "cannot be made");
  g_free (inside.dir);
  inside.dir = file;
  refused (&inside, FALSE, "file");
}

static guint
count_files (const char *dir)
{
  g_autoptr (GDir) open = g_dir_open (dir, 0, NULL);
  guint n = 0;

  while (open != NULL && g_dir_read_name (open) != NULL)
    n++;
  return n;
}

static void
test_read_only (Place *place, gconstpointer data)
{
  g_autoptr (McEnrollment) e = new_enrollment ("ana@example.org");
  g_autoptr (GError) error = NULL;
  guint files;

  (void)data;
  { /* where there is nothing it is empty, and nothing is made */
    g_autoptr (McStore) empty = mc_store_open (place->dir, TRUE, &error);
    g_autoptr (GPtrArray) all = mc_store_enrollments (empty, FALSE, &error);

    g_assert_no_error (error);
    g_assert_cmpuint (all->len, ==, 0);
    g_assert_false (mc_store_is_answered (empty, "<1@ca>", NULL));
    g_assert_null (mc_store_certificate (empty, "ana@example.org", NULL, &error));
    g_assert_no_error (error);
    g_assert_false (mc_store_save (empty, e, NULL, &error));
    g_assert_error (error, MC_ERROR, MC_ERROR_WRITE);
    g_clear_error (&error);
    g_assert_false (g_file_test (place->dir, G_FILE_TEST_EXISTS));
  }
  {
    g_autoptr (McStore) writer = must_open (place);

    to_sending (e, "<1@ca>", "t");
    must_save (writer, e, NULL);
    { /* beside a writer whose pages are still in the -wal */
      g_autoptr (McStore) reader = mc_store_open (place->dir, TRUE, &error);

      g_assert_no_error (error);
      g_assert_true (mc_store_is_answered (reader, "<1@ca>", NULL));
      must_save (writer, e, NULL);
      g_assert_cmpint (mc_store_data_version (reader), >=, 0);
    }
  }
  files = count_files (place->dir);
  {
    g_autoptr (McStore) reader = mc_store_open (place->dir, TRUE, &error);
    g_autoptr (McEnrollment) back = NULL;

    g_assert_no_error (error);
    back = mc_store_enrollment (reader, e->id, &error);
    g_assert_no_error (error);
    g_assert_cmpint (back->version, ==, 2);
    g_assert_false (mc_store_set_fact (reader, "x", "y", &error));
    g_assert_error (error, MC_ERROR, MC_ERROR_WRITE);
    g_clear_error (&error);
    g_assert_null (mc_lease_take (reader, 1, &error));
    g_assert_error (error, MC_ERROR, MC_ERROR_WRITE);
    g_assert_cmpuint (count_files (place->dir), ==, files);
  }
  g_assert_cmpuint (count_files (place->dir), ==, files);
}

/* What a crash left in the -wal is read, too. */
static void
test_read_only_after_crash (Place *place, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (McStore) reader = NULL;
  g_autofree char *value = NULL;
  g_autofree char *wal = file_in (place, "mailcert.db-wal");
  pid_t child = fork ();
  int status;

  (void)data;
  if (child == 0) {
    McStore *store = mc_store_open (place->dir, FALSE, NULL);

    mc_store_set_fact (store, "x", "from the wal", NULL);
    kill (getpid (), SIGKILL);
  }
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFSIGNALED (status));
  g_assert_true (g_file_test (wal, G_FILE_TEST_EXISTS));
  reader = mc_store_open (place->dir, TRUE, &error);
  g_assert_no_error (error);
  value = mc_store_fact (reader, "x");
  g_assert_cmpstr (value, ==, "from the wal");
}

static void
run_sql (const Place *place, const char *sql)
{
  g_autofree char *path = file_in (place, "mailcert.db");
  sqlite3 *db;

  g_assert_cmpint (sqlite3_open (path, &db), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (db, sql, NULL, NULL, NULL), ==, SQLITE_OK);
  sqlite3_close (db);
}

static void
test_newer_schema (Place *place, gconstpointer data)
{
  (void)data;
  mc_store_close (must_open (place));
  run_sql (place, "PRAGMA user_version = 1000");
  refused (place, FALSE, "newer");
  refused (place, TRUE, "newer");
}

static void
test_foreign_database (Place *place, gconstpointer data)
{
  (void)data;
  g_assert_cmpint (g_mkdir_with_parents (place->dir, 0700), ==, 0);
  run_sql (place, "CREATE TABLE photos (a)");
  refused (place, FALSE, "not a database of mailcert");
  refused (place, TRUE, "not a database of mailcert");
  run_sql (place, "PRAGMA journal_mode = WAL; CREATE TABLE more (a)");
  refused (place, FALSE, "not a database of mailcert");
}

static void
test_not_a_database (Place *place, gconstpointer data)
{
  g_autofree char *path = file_in (place, "mailcert.db");
  g_autofree char *text = g_strnfill (5000, 'x');

  (void)data;
  g_assert_cmpint (g_mkdir_with_parents (place->dir, 0700), ==, 0);
  g_assert_true (g_file_set_contents (path, text, 5000, NULL));
  refused (place, FALSE, "not a database");
  refused (place, TRUE, "not a database");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("permissions", test_permissions);
  ADD ("folder-of-others", test_folder_of_others);
  ADD ("not-a-folder", test_not_a_folder);
  ADD ("read-only", test_read_only);
  ADD ("read-only-after-crash", test_read_only_after_crash);
  ADD ("newer-schema", test_newer_schema);
  ADD ("foreign-database", test_foreign_database);
  ADD ("not-a-database", test_not_a_database);
  return g_test_run ();
}
