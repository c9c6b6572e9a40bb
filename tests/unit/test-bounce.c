/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Mails that came back, as the usual mail servers write them (tests/data/bounces), and hostile ones. */

#include "mail/bounce.h"
#include "mail/peek.h"

#include <string.h>

#define OURS "<0123456789abcdef0123456789abcdef@example.test>"

static McBounce *
parse (const char *text, gsize length)
{
  g_autoptr (GBytes) bytes = g_bytes_new (text, length);
  g_autoptr (McMessage) mail = mc_message_parse (bytes);

  return mc_bounce_parse (mail);
}

static char *
read_data (const char *name, gsize *length)
{
  g_autofree char *path = g_build_filename (g_getenv ("MC_TEST_DATA"), "bounces", name, NULL);
  g_autoptr (GError) error = NULL;
  char *text;

  g_file_get_contents (path, &text, length, &error);
  g_assert_no_error (error);
  return text;
}

static void
check_row (char **row)
{
  gsize length;
  g_autofree char *text = read_data (row[0], &length);
  g_autoptr (McBounce) bounce = parse (text, length);

  g_test_message ("%s", row[0]);
  /* Cheap, so it may be wrong about those that are none. */
  g_assert_cmpint (mc_peek (text, length), ==, MC_PEEK_BOUNCE);
  g_assert_cmpint (bounce != NULL, ==, strcmp (row[1], "none") != 0);
  if (bounce == NULL)
    return;
  g_assert_cmpstr (bounce->words, ==, row[2]);
  g_assert_cmpint (mc_bounce_is_of (bounce, OURS), ==, strcmp (row[1], "of") == 0);
  g_assert_false (mc_bounce_is_of (bounce, NULL));
  g_assert_false (mc_bounce_is_of (bounce, "0123456789abcdef0123456789abcdef@example.test"));
}

static void
test_servers (void)
{
  gsize length;
  g_autofree char *index = read_data ("index.tsv", &length);
  g_auto (GStrv) lines = g_strsplit (index, "\n", -1);
  guint rows = 0;

  for (guint i = 0; lines[i] != NULL; i++) {
    g_auto (GStrv) row = g_strsplit (lines[i], "\t", 3);

    if (*lines[i] == '#' || *lines[i] == '\0')
      continue;
    g_assert_cmpuint (g_strv_length (row), ==, 3);
    check_row (row);
    rows++;
  }
  g_assert_cmpuint (rows, >=, 12);
}

/* Cut anywhere, it is still read without harm, and never says more than the whole. */
static void
test_cut (void)
{
  gsize length;
  g_autofree char *text = read_data ("gmail.eml", &length);

  for (gsize cut = 0; cut < length; cut++) {
    g_autofree char *block = g_memdup2 (text, cut);
    g_autoptr (McBounce) bounce = parse (block != NULL ? block : "", cut);

    if (bounce != NULL)
      g_assert_true (g_utf8_validate (bounce->words, -1, NULL));
  }
}

#define REPORT "From: a@b.test\r\nContent-Type: multipart/report\r\n\r\n"

static void
check_words (const char *body, const char *words)
{
  g_autofree char *text = g_strconcat (REPORT, body, NULL);
  g_autoptr (McBounce) bounce = parse (text, strlen (text));

  g_test_message ("%s", body);
  g_assert_cmpstr (bounce != NULL ? bounce->words : NULL, ==, words);
}

static void
test_words (void)
{
  check_words ("Action: failed\r\nStatus: 5.1.1\r\n", "5.1.1");
  check_words ("Action: FAILED (so it is)\r\nStatus: 5.1.1\r\n\r\n", "5.1.1");
  check_words ("Action: failed\r\n", "");
  check_words ("Action: failed\r\nDiagnostic-Code: smtp;550 no\r\n", "550 no");
  check_words ("Action: failed\r\nDiagnostic-Code: not of; that form\r\n", "not of; that form");
  /* The one that failed, not the one that is delayed. */
  check_words ("Action: delayed\r\nDiagnostic-Code: smtp; 451 later\r\n\r\n"
               "Action: failed\r\nDiagnostic-Code: smtp; 550 no\r\n\r\n",
               "550 no");
  check_words ("Action: relayed\r\n\r\n550 of something else\r\n", NULL);
  check_words ("Nothing is told\r\n", NULL);
  check_words ("It has 5500 lines and 55 0 too\r\n", NULL);
  check_words ("because:\r\n  550 no\r\nat all\r\n\r\nnever\r\n", "550 no at all");
  /* Nothing of it reaches a terminal as more than words. */
  check_words ("Action: failed\r\nDiagnostic-Code: smtp; 550 \033[31mred\r\n\tline\b two\xff\r\n",
               "550 [31mred line two\357\277\275");
}

static void
test_no_bounce (void)
{
  static const char *const headers[] = {
      "From: a@b.test\r\nContent-Type: text/plain\r\n\r\n",
      "From: alice@example.test (no mailer)\r\nContent-Type: multipart/mixed\r\n\r\n",
      "Subject: ACME: x\r\nAuto-Submitted: auto-generated\r\nFrom: MAILER-DAEMON@a.test\r\n"
      "Content-Type: multipart/report\r\n\r\n",
      "Content-Type: multipart/report\r\n\r\n\rbroken",
      "",
  };

  for (guint i = 0; i < G_N_ELEMENTS (headers); i++) {
    g_autofree char *text = g_strconcat (headers[i], "Action: failed\r\nMessage-ID: " OURS "\r\n", NULL);
    g_autoptr (McBounce) bounce = parse (text, strlen (text));

    g_assert_null (bounce);
  }
}

/* As much as fits of whatever is repeated for ever: it must end soon, and keep little. */
static void
test_hostile (void)
{
  static const char *const lines[] = {"Message-ID: <<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<\r\n",
                                      "Message-ID: <a@b>\r\n",
                                      "Diagnostic-Code: a\r\n b\r\n",
                                      "Action: failed\r\n\r\n",
                                      " 550 550 550 550 550\r\n",
                                      "Message-ID: <a@b>,<a@b>\r\n <a@b> <a@b\r\n"};

  for (guint i = 0; i < G_N_ELEMENTS (lines); i++) {
    g_autoptr (GString) text = g_string_new (REPORT);
    g_autoptr (McBounce) bounce = NULL;

    while (text->len + strlen (lines[i]) <= MC_MESSAGE_MAX)
      g_string_append (text, lines[i]);
    bounce = parse (text->str, text->len);
    if (bounce == NULL)
      continue;
    g_assert_cmpuint (bounce->message_ids->len, <=, 32);
    g_assert_cmpuint (strlen (bounce->words), <=, 300);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/bounce/servers", test_servers);
  g_test_add_func ("/bounce/cut", test_cut);
  g_test_add_func ("/bounce/words", test_words);
  g_test_add_func ("/bounce/none", test_no_bounce);
  g_test_add_func ("/bounce/hostile", test_hostile);
  return g_test_run ();
}
