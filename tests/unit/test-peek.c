/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The peek sees every challenge and hardly anything else. It reads memory that ends where the mail ends. */

#include <glib.h>
#include <string.h>

#include "mail/peek.h"

/* In a block of just that size, so that a byte too far is an error. */
static int
peek (const char *text, gsize length)
{
  g_autofree char *block = g_memdup2 (text, length);

  return mc_peek (block != NULL ? block : "", length);
}

static void
check (const char *text, int expected)
{
  g_auto (GStrv) lines = g_strsplit (text, "\r\n", -1);
  g_autofree char *lf = g_strjoinv ("\n", lines);

  g_test_message ("%s", text);
  g_assert_cmpint (peek (text, strlen (text)), ==, expected);
  g_assert_cmpint (peek (lf, strlen (lf)), ==, expected);
}

#define AUTO "Auto-Submitted: auto-generated\r\n"
#define LABEL "Subject: ACME: x\r\n"

static void
test_seen (void)
{
  check (LABEL AUTO "\r\n", 1);
  check (AUTO LABEL "\r\n", 1);
  check ("From x Sun Nov 22\r\n" LABEL AUTO "\r\n", 1);
  check (">From x Sun Nov 22\r\n" LABEL AUTO "\r\n", 1);
  check ("A: b\r\n c\r\n\td\r\n" LABEL "E: f\r\n" AUTO, 1);
  check ("SUBJECT:ACME:\r\nauto-SUBMITTED:AUTO-GENERATED;\r\n", 1);
  check ("Subject \t: ACME: x\r\nAuto-Submitted : auto-generated\r\n", 1);
  check ("Subject:\r\n \t\r\n ACME: x\r\n" AUTO, 1);
  check (LABEL "Auto-Submitted:\r\n auto-generated\r\n", 1);
  check (LABEL "Auto-Submitted: (a (b \\) c)\r\n d) auto-generated\r\n", 1);
  check ("Subject: =?utf-8?Q?ACME:?=\r\n" AUTO, 1);
  check ("Subject:\r\n =?UTF-8*en?q?=41CME:?=\r\n" AUTO, 1);
  check ("Subject: =?us-ascii?Q?_ACME:?=\r\n" AUTO, 1);
  check ("Subject: =?utf-8?b?QUNNRTo=?=\r\n" AUTO, 1);
  check ("Subject: =?utf-8?B?IEE=?=\r\n" AUTO, 1);
}

static void
test_passed_over (void)
{
  check ("", 0);
  check ("\r\n", 0);
  check (LABEL "\r\n" AUTO, 0);
  check (AUTO "\r\n" LABEL, 0);
  check ("\r\n" LABEL AUTO, 0);
  check ("Subject: Re: ACME: x\r\n" AUTO, 0);
  check ("Subject: acme: x\r\n" AUTO, 0);
  check ("Subject: ACME\r\n" AUTO, 0);
  check ("Subject:\r\nX: ACME: x\r\n" AUTO, 0);
  check ("Subject: Hello\r\n" LABEL AUTO, 0);
  check ("Subjects: ACME: x\r\n" AUTO, 0);
  check (" Subject: ACME: x\r\n" AUTO, 0);
  check ("X: y\r\n Subject: ACME: x\r\n" AUTO, 0);
  check (LABEL "Auto-Submitted: auto-replied\r\n", 0);
  check (LABEL "Auto-Submitted: no\r\n", 0);
  check (LABEL "Auto-Submitted: (auto-generated)\r\n", 0);
  check (LABEL "X-Auto-Submitted: auto-generated\r\n", 0);
  check ("Subject: =?utf-8?Q?Hallo?=\r\n" AUTO, 0);
  check ("Subject: =?utf-8?Q?=C3=84?=\r\n" AUTO, 0);
  check ("Subject: =?utf-8?B?w4Q=?=\r\n" AUTO, 0);
  check ("Subject: =?iso-8859-1?Q?ACME:_x?=\r\n" AUTO, 0); /* bad-charset, never authentic */
  check ("Subject: =?utf-8?Q\r\n" AUTO, 0);
  check ("Subject: =?utf-8", 0);
}

/* Wherever a mail is cut off nothing beyond is read. */
static void
test_cut_off (void)
{
  static const char text[] =
      "Subject:\r\n =?utf-8?Q?ACME:_x?=\r\nAuto-Submitted: (a\\)b) auto-generated; type=acme\r\n\r\nbody\r\n";
  gboolean seen = FALSE;

  for (gsize length = 0; length < sizeof text; length++) {
    int now = peek (text, length);

    g_assert_true (now || !seen);
    seen = now != 0;
  }
  g_assert_true (seen);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/peek/seen", test_seen);
  g_test_add_func ("/peek/passed-over", test_passed_over);
  g_test_add_func ("/peek/cut-off", test_cut_off);
  return g_test_run ();
}
