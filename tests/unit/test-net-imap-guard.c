/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/error.h"
#include "net/imap-guard.h"

#include <string.h>

typedef struct {
  const char *bytes;
  gboolean good;
} Case;

static const Case cases[] = {
    {"* OK hello\r\n", TRUE},
    {"* 1 FETCH (BODY[] {5}\r\nhello)\r\n1 OK done\r\n", TRUE},
    {"* 1 FETCH (BODY[] {1048576}\r\n", TRUE},
    {"* 1 FETCH (BODY[] {1048577}\r\n", FALSE},
    {"* 1 FETCH (BODY[] {99999999999999999999999999}\r\n", FALSE},
    {"* 1 FETCH (BODY[] {1048577} x\r\n", FALSE},                     /* libetpan takes it without the line end, too */
    {"* 1 FETCH (BODY[] {12}\r\n{9999999}\r\n\r)\r\n1 OK\r\n", TRUE}, /* a mail may say what it likes */
    {"* 1 FETCH (BODY[] {3}\r\nabc BODY[TEXT] {2000000}\r\n", FALSE}, /* and the response goes on behind it */
    {"* 1 FETCH (BODY[] {0}\r\n {2000000}\r\n", FALSE},
    {"* OK text {5}\r\n* 1 FETCH (BODY[] {2000000}\r\n", FALSE}, /* text holds no literal that could hide one */
    {"* ok text {200}\r\n* 1 FETCH (BODY[] {2000000}\r\n", FALSE},
    {"+ {200}\r\n* 1 FETCH (BODY[] {2000000}\r\n", FALSE},
    {"1 OK {200}\r\n* 1 FETCH (BODY[] {2000000}\r\n", FALSE},
    {"* LIST () \"/\" {4}\r\nabcd\r\n* LIST () \"/\" {2000000}\r\n", FALSE},
    {"* 1 FETCH (((((((((())))))))))\r\n", TRUE},
    {"* 1 FETCH {70}\r\n((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((\r\n", TRUE},
    {"* 1 FETCH ((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((\r\n", FALSE},
    {"* 1 FETCH (((((((((((((((((((((((((((((((((({1}\r\n((((((((((((((((((((((((((((((((((((((((\r\n", FALSE},
    {"* X ((((((((((((((((((((((((((((((((((((\r\n* X (((((((((((((((((((((((((((((((((((((\r\n", TRUE},
};

/* However the bytes are cut into pieces. */
static void
test_cases (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    for (gsize piece = 1; piece <= strlen (cases[i].bytes); piece++) {
      McImapGuard guard = {0};
      g_autoptr (GError) error = NULL;
      gboolean good = TRUE;

      for (gsize at = 0; good && at < strlen (cases[i].bytes); at += piece)
        good = mc_imap_guard_feed (&guard, cases[i].bytes + at, MIN (piece, strlen (cases[i].bytes) - at), &error);
      g_test_message ("%s", cases[i].bytes);
      g_assert_cmpint (good, ==, cases[i].good);
      if (!good)
        g_assert_error (error, MC_ERROR, MC_ERROR_MALFORMED);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/imap-guard/cases", test_cases);
  return g_test_run ();
}
