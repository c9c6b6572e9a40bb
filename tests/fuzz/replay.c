/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* main for a fuzzer that is built as a plain program: every seed below the folder of its name in MC_TEST_DATA/seeds,
 * every file of the other test data that is small enough, and each of them cut short and with single bytes changed. */

#include <glib.h>
#include <stdint.h>
#include <string.h>

#define SEED_MAX (64 * 1024)
#define CHANGES 64

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

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
run_changed (const guint8 *bytes, gsize length, GRand *random)
{
  g_autofree guint8 *copy = g_memdup2 (bytes, length);

  for (guint i = 0; i < CHANGES && length > 0; i++) {
    gsize at = (gsize)g_rand_int_range (random, 0, (gint32)length);
    guint8 before = copy[at];

    run_once (bytes, at);
    copy[at] = (guint8)g_rand_int (random);
    run_once (copy, length);
    copy[at] = before;
  }
}

static void
run_folder (const char *path, GRand *random)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *file = g_build_filename (path, name, NULL);
    g_autofree char *text = NULL;
    gsize length;

    if (g_file_test (file, G_FILE_TEST_IS_DIR))
      run_folder (file, random);
    else if (g_file_get_contents (file, &text, &length, NULL) && length <= SEED_MAX) {
      run_once ((const guint8 *)text, length);
      run_changed ((const guint8 *)text, length, random);
    }
  }
}

static void
test_seeds (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (8823);

  run_once ((const guint8 *)"", 0);
  run_folder (g_getenv ("MC_TEST_DATA"), random);
  g_test_message ("%u inputs", runs);
  g_assert_cmpuint (runs, >, 100);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/fuzz/seeds", test_seeds);
  return g_test_run ();
}
