/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The reply, octet for octet, and everything that must never get into it. */

#include "base/error.h"
#include "mail/challenge.h"
#include "mail/reply.h"
#include "mail/token.h"
#include "mail-text.h"

static const McReply good = {
    .from = "alexey@example.com",
    .to = "acme-generator@example.org",
    .token_part1 = "LgYemJLy3F1LDkiJrdIGbEzyFJyOyf6vBdyZ1TG3sME=",
    .digest = "AjXW0h9_4YMP6Sv-9tKQNUrapI0us7ayBn0nCGOkUsk",
    .in_reply_to = "<A2299BB.FF7788@example.org>",
    .message_id = "<1@example.com>",
    .date = 1795312260,
};

static void
check_text (const McReply *reply, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = mc_reply_compose (reply, &error);
  g_autofree char *text = NULL;

  g_assert_no_error (error);
  text = g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  g_assert_cmpuint (strlen (text), ==, g_bytes_get_size (bytes));
  g_assert_cmpstr (text, ==, expected);
}

#define TAIL                                                                                                           \
  "Auto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=us-ascii\r\n"                \
  "Content-Transfer-Encoding: 7bit\r\n\r\n-----BEGIN ACME RESPONSE-----\r\n"                                           \
  "AjXW0h9_4YMP6Sv-9tKQNUrapI0us7ayBn0nCGOkUsk\r\n-----END ACME RESPONSE-----\r\n"

static void
test_exact (void)
{
  check_text (&good, "From: alexey@example.com\r\nTo: acme-generator@example.org\r\n"
                     "Subject: Re: ACME: LgYemJLy3F1LDkiJrdIGbEzyFJyOyf6vBdyZ1TG3sME=\r\n"
                     "Date: Sun, 22 Nov 2026 01:51:00 +0000\r\nMessage-ID: <1@example.com>\r\n"
                     "In-Reply-To: <A2299BB.FF7788@example.org>\r\nReferences: <A2299BB.FF7788@example.org>\r\n" TAIL);
}

static void
test_variants (void)
{
  McReply reply = good;

  reply.from = "\303\244lex@b\303\274cher.test";
  reply.to = "\"CA, Inc.\" <a@b\303\274cher.test>, replies: \303\204l <c@d.test> (x), \303\244@b\303\274cher.test;";
  reply.references = "<w@y> <x@y>";
  reply.date = 0;
  check_text (&reply, "From: \303\244lex@b\303\274cher.test\r\n"
                      "To: a@xn--bcher-kva.test, c@d.test, \303\244@b\303\274cher.test\r\n"
                      "Subject: Re: ACME: LgYemJLy3F1LDkiJrdIGbEzyFJyOyf6vBdyZ1TG3sME=\r\n"
                      "Date: Thu, 01 Jan 1970 00:00:00 +0000\r\nMessage-ID: <1@example.com>\r\n"
                      "In-Reply-To: <A2299BB.FF7788@example.org>\r\n"
                      "References: <w@y> <x@y> <A2299BB.FF7788@example.org>\r\n" TAIL);
}

static void
check_refused (const McReply *reply)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (mc_reply_compose (reply, &error));
  g_assert_error (error, MC_ERROR, MC_ERROR_MALFORMED);
  g_assert_null (strstr (error->message, "LgYe"));
}

/* Every member, with every way to end a line or to be something else. */
static void
test_injection (void)
{
  static const gsize members[] = {G_STRUCT_OFFSET (McReply, from),        G_STRUCT_OFFSET (McReply, to),
                                  G_STRUCT_OFFSET (McReply, token_part1), G_STRUCT_OFFSET (McReply, digest),
                                  G_STRUCT_OFFSET (McReply, in_reply_to), G_STRUCT_OFFSET (McReply, references),
                                  G_STRUCT_OFFSET (McReply, message_id)};
  static const char *const poison[] = {"\r\nBcc: x@y", "\n",   "\r", "\t", "\001", "\177",
                                       "\302\205",     "\377", ">",  "<",  " "};

  for (guint i = 0; i < G_N_ELEMENTS (members); i++) {
    McReply reply = good;
    const char **value = (const char **)(void *)((char *)&reply + members[i]);
    const char *fine;

    reply.references = "<x@y>";
    fine = *value;
    for (guint j = 0; j < G_N_ELEMENTS (poison); j++) {
      g_autofree char *behind = g_strconcat (fine, poison[j], NULL);
      g_autofree char *inside = g_strdup_printf ("%.9s%s%s", fine, poison[j], fine + MIN (9, strlen (fine)));

      if (i == 1 && strcmp (poison[j], " ") == 0) /* a blank may stand in an address list */
        continue;
      g_test_message ("member %u, poison %u", i, j);
      *value = behind;
      check_refused (&reply);
      *value = inside;
      check_refused (&reply);
    }
    *value = "";
    check_refused (&reply);
    *value = NULL;
    if (members[i] != G_STRUCT_OFFSET (McReply, references))
      check_refused (&reply);
  }
}

static void
test_unfit (void)
{
  McReply reply = good;
  g_autofree char *token = g_strnfill (990, 'a');
  g_autofree char *name = g_strnfill (1000, 'a');
  g_autofree char *to = g_strdup_printf ("%s@b", name);

  reply.digest = "AjXW0h9_4YMP6Sv-9tKQNUrapI0us7ayBn0nCGOkUs="; /* padded: T-01 */
  check_refused (&reply);
  reply = good;
  reply.from = "A <a@b>";
  check_refused (&reply);
  reply = good;
  reply.to = "nobody:;";
  check_refused (&reply);
  reply = good;
  reply.date = -1;
  check_refused (&reply);
  reply = good;
  reply.token_part1 = token;
  check_refused (&reply);
  reply = good;
  reply.to = to;
  check_refused (&reply);
}

/* What we compose is never taken for a challenge, neither by us (A10). */
static void
test_read_back (void)
{
  g_autoptr (GBytes) bytes = mc_reply_compose (&good, NULL);
  g_autoptr (McMessage) mail = mc_message_parse (bytes);
  g_auto (McVerdict) verdict = {0};
  g_autoptr (McChallenge) challenge = NULL;

  mc_verdict_init (&verdict);
  challenge = mc_challenge_parse (mail, &verdict);
  g_assert_cmpint (mail->defect, ==, MC_MESSAGE_FINE);
  g_assert_cmpstr (mc_verdict_name (verdict.code), ==, "is-reply");
  g_assert_cmpint (verdict.kind, ==, MC_MAIL_RESPONSE);
  g_assert_cmpstr (challenge->from, ==, good.from);
  g_assert_cmpstr (challenge->to, ==, good.to);
  g_assert_cmpint (challenge->date, ==, good.date);
  g_assert_cmpstr (challenge->references, ==, good.in_reply_to);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/reply/exact", test_exact);
  g_test_add_func ("/reply/variants", test_variants);
  g_test_add_func ("/reply/injection", test_injection);
  g_test_add_func ("/reply/unfit", test_unfit);
  g_test_add_func ("/reply/read-back", test_read_back);
  return g_test_run ();
}
