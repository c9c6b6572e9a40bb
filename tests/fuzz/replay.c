/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* main for a fuzzer that is built as a plain program: every seed in the folder of its name below MC_SEEDS, every file
 * of the test data that is small enough, and each of them cut short and with single bytes changed. */

#include <glib.h>
#include <stdint.h>
#include <string.h>

#define SEED_MAX (64 * 1024)
#define CHANGES 64
#define CHANGES_OF_SEED 16 /* of these there are hundreds, alike */

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

/* What a fuzzer wants to have seen when all seeds are through. */
void fuzz_finish (void) __attribute__ ((weak));

static guint runs;

/* A copy of exactly that size: a read past its end is seen by the sanitizer and by valgrind. */
static void
run_once (const guint8 *bytes, gsize length)
{
  g_autofree guint8 *copy = g_malloc (MAX (length, 1));

  memcpy (copy, bytes, length);
  LLVMFuzzerTestOneInput (copy, length);
  runs++;
}

static void
run_changed (const guint8 *bytes, gsize length, guint changes, GRand *random)
{
  g_autofree guint8 *copy = g_memdup2 (bytes, length);

  for (guint i = 0; i < changes && length > 0; i++) {
    gsize at = (gsize)g_rand_int_range (random, 0, (gint32)length);
    guint8 before = copy[at];

    run_once (bytes, at);
    copy[at] = (guint8)g_rand_int (random);
    run_once (copy, length);
    copy[at] = before;
  }
}

static void
run_folder (const char *path, guint changes, GRand *random)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *file = g_build_filename (path, name, NULL);
    g_autofree char *text = NULL;
    gsize length;

    if (g_file_test (file, G_FILE_TEST_IS_DIR))
      run_folder (file, changes, random);
    else if (g_file_get_contents (file, &text, &length, NULL) && length <= SEED_MAX) {
      run_once ((const guint8 *)text, length);
      run_changed ((const guint8 *)text, length, changes, random);
    }
  }
}

/* The program is called fuzz-NAME. */
static void
test_seeds (gconstpointer program)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (8823);
  g_autofree char *name = g_path_get_basename (program);
  g_autofree char *own = g_build_filename (g_getenv ("MC_SEEDS"), strstr (name, "fuzz-") + strlen ("fuzz-"), NULL);

  run_once ((const guint8 *)"", 0);
  run_folder (g_getenv ("MC_TEST_DATA"), CHANGES, random);
  run_folder (own, CHANGES_OF_SEED, random);
  g_test_message ("%u inputs", runs);
  g_assert_cmpuint (runs, >, 100);
  if (fuzz_finish != NULL)
    fuzz_finish ();
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/fuzz/seeds", argv[0], test_seeds);
  return g_test_run ();
}
