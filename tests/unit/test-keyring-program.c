/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/error.h"
#include "keyring/gpgsm.h"
#include "keyring/program.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Programs that a keyring runs, and the text of gpg-agent's trustlist. */

static void
test_trustlist (void)
{
  static const char fingerprint[] = "0123456789ABCDEF0123456789ABCDEF01234567";
  static const char line[] = "# Root\n01:23:45:67:89:AB:CD:EF:01:23:45:67:89:AB:CD:EF:01:23:45:67 S relax\n";
  static const struct {
    const char *text;
    const char *before; /* what stands before the new line; NULL = nothing is added */
  } cases[] = {
      {"", ""},
      {"# x", "# x\n"},
      {"# x\r\n\n", "# x\r\n\n"},
      {"0123456789ABCDEF0123456789ABCDEF01234567 S\n", NULL},
      {"  01:23:45:67:89:ab:cd:ef:01:23:45:67:89:ab:cd:ef:01:23:45:67 S relax", NULL},
      {"x\n01:23:45:67:89:AB:CD:EF:01:23:45:67:89:AB:CD:EF:01:23:45:67 P", NULL},
      {"# 0123456789ABCDEF0123456789ABCDEF01234567 S\n", "# 0123456789ABCDEF0123456789ABCDEF01234567 S\n"},
      {"0123456789ABCDEF0123456789ABCDEF0123456 S\n", "0123456789ABCDEF0123456789ABCDEF0123456 S\n"},
      {"include-default\n", "include-default\n"},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GError) error = NULL;
    g_autofree char *next = mc_trustlist_add (cases[i].text, fingerprint, "Root", &error);
    g_autofree char *expected = cases[i].before != NULL ? g_strconcat (cases[i].before, line, NULL) : NULL;

    g_assert_no_error (error);
    g_assert_cmpstr (next, ==, expected);
  }
  {
    g_autoptr (GError) error = NULL;

    g_assert_null (mc_trustlist_add ("! 0123456789abcdef0123456789ABCDEF01234567", fingerprint, "Root", &error));
    g_assert_error (error, MC_ERROR, MC_ERROR_KEYRING);
  }
}

static void
test_program (void)
{
  static const char *const talk[] = {"sh", "-c",
                                     "cat; cat <&4 >&3; echo words; echo >&2 'one\x1b[2J'; echo >&2 two; exit 3", NULL};
  static const char *const die[] = {"sh", "-c", "kill -9 $$", NULL};
  static const char *const none[] = {"/nonexistent/program", NULL};
  g_autoptr (GBytes) input = g_bytes_new_static ("in\0put\n", 7);
  g_autoptr (GError) error = NULL;

  {
    g_auto (McProgramResult) result = {0};
    McProgram program = {.argv = talk, .input = input, .secret = "sesame", .seconds = 30};
    g_autofree char *words = NULL;
    gsize length;
    const char *out;

    g_assert_true (mc_program_run (&program, &result, &error));
    out = g_bytes_get_data (result.out, &length);
    g_assert_cmpmem (out, length, "in\0put\nwords\n", 13);
    g_assert_cmpstr (result.status, ==, "sesame\n");
    g_assert_false (mc_program_succeeded (&result));
    words = mc_program_words (&result);
    g_assert_cmpstr (words, ==, "one [2J; two");
  }
  {
    g_auto (McProgramResult) result = {0};
    McProgram program = {.argv = die, .seconds = 30};
    g_autofree char *words = NULL;

    g_assert_true (mc_program_run (&program, &result, &error));
    g_assert_false (mc_program_succeeded (&result));
    words = mc_program_words (&result);
    g_assert_nonnull (strstr (words, "signal 9"));
  }
  {
    g_auto (McProgramResult) result = {0};
    McProgram program = {.argv = none, .seconds = 30};

    g_assert_false (mc_program_run (&program, &result, &error));
    g_assert_error (error, MC_ERROR, MC_ERROR_KEYRING);
  }
}

/* Whichever of its files it fills, it is ended long before memory is. */
static void
test_program_floods (void)
{
  static const char *const floods[] = {"exec cat /dev/zero", "exec cat /dev/zero >&2", "exec cat /dev/zero >&3"};

  for (gsize i = 0; i < G_N_ELEMENTS (floods); i++) {
    const char *argv[] = {"sh", "-c", floods[i], NULL};
    g_auto (McProgramResult) result = {0};
    g_autoptr (GError) error = NULL;
    McProgram program = {.argv = argv, .seconds = 600};

    g_assert_false (mc_program_run (&program, &result, &error));
    g_assert_error (error, MC_ERROR, MC_ERROR_KEYRING);
    g_assert_cmpstr (error->message, ==, "it printed too much");
  }
}

static gpointer
cancel_when_written (gpointer data)
{
  gpointer *pair = data;
  char c;

  if (read (GPOINTER_TO_INT (pair[0]), &c, 1) == 1)
    g_cancellable_cancel (pair[1]);
  return NULL;
}

/* It leaves a daemon that holds its output open, as gpg-agent might: that is not waited for. */
static void
test_program_without_end (void)
{
  static const char *const slow[] = {"sleep", "600", NULL};
  static const char *const daemon[] = {"sh", "-c", "sleep 5 & echo done", NULL};
  g_autoptr (GCancellable) cancel = g_cancellable_new ();
  g_autofree char *fifo = g_strdup ("/tmp/mck-fifo-XXXXXX");
  g_autofree char *command = NULL;
  const char *argv[] = {"sh", "-c", NULL, NULL};
  gint64 start = g_get_monotonic_time ();

  {
    g_auto (McProgramResult) result = {0};
    g_autoptr (GError) error = NULL;
    McProgram program = {.argv = slow, .seconds = 1};

    g_assert_false (mc_program_run (&program, &result, &error));
    g_assert_error (error, MC_ERROR, MC_ERROR_LATER);
  }
  {
    g_auto (McProgramResult) result = {0};
    g_autoptr (GError) error = NULL;
    McProgram program = {.argv = daemon, .seconds = 30};

    g_assert_true (mc_program_run (&program, &result, &error));
    g_assert_true (mc_program_succeeded (&result));
    g_assert_cmpint (g_bytes_get_size (result.out), ==, 5);
  }
  {
    g_auto (McProgramResult) result = {0};
    g_autoptr (GError) error = NULL;
    McProgram program = {.argv = argv, .seconds = 600, .cancel = cancel};
    int fd = g_mkstemp (fifo);
    int pipes[2];
    gpointer pair[2];
    GThread *thread;

    close (fd);
    g_unlink (fifo);
    g_assert_cmpint (mkfifo (fifo, 0600), ==, 0);
    pipes[0] = g_open (fifo, O_RDWR, 0);
    pair[0] = GINT_TO_POINTER (pipes[0]);
    pair[1] = cancel;
    command = g_strdup_printf ("echo x >%s; exec sleep 600", fifo);
    argv[2] = command;
    thread = g_thread_new ("cancel", cancel_when_written, pair);
    g_assert_false (mc_program_run (&program, &result, &error));
    g_assert_error (error, MC_ERROR, MC_ERROR_LATER);
    g_thread_join (thread);
    close (pipes[0]);
    g_unlink (fifo);
  }
  g_assert_cmpint (g_get_monotonic_time () - start, <, 60 * G_USEC_PER_SEC);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/keyring/trustlist", test_trustlist);
  g_test_add_func ("/keyring/program/talk", test_program);
  g_test_add_func ("/keyring/program/floods", test_program_floods);
  g_test_add_func ("/keyring/program/without-end", test_program_without_end);
  return g_test_run ();
}
