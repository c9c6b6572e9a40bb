/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The shape of a challenge, field by field: Subjects, Auto-Submitted, dates, Message-IDs. Whole mails are in
 * test-authenticity. */

#include "base/error.h"
#include "mail/challenge.h"
#include "mail/date.h"
#include "mail/peek.h"
#include "mail/subject.h"
#include "mail-text.h"

#define TOKEN "LgYemJLy3F1LDkiJrdIGbEzyFJyOyf6vBdyZ1TG3sME"
#define REST "From: a@b\r\nTo: c@d\r\nMessage-ID: <1@b>\r\nDate: 22 Nov 2026 01:51:00 +0000\r\n"

/* Reads TEXT; when its shape is right the peek must have seen it. */
static McChallenge *
parse (const char *text, McVerdict *verdict)
{
  g_autoptr (McMessage) mail = mail_from_text (text);
  McChallenge *challenge;

  mc_verdict_init (verdict);
  challenge = mc_challenge_parse (mail, verdict);
  if (verdict->code == MC_VERDICT_AUTHENTIC)
    g_assert_cmpint (mc_peek (text, strlen (text)), ==, 1);
  return challenge;
}

static void
test_subjects (void)
{
  static const struct {
    const char *value;
    const char *code;
    const char *token;
  } rows[] = {
      {" ACME: " TOKEN, "authentic", TOKEN},
      {"ACME:\t" TOKEN, "authentic", TOKEN},
      {" ACME: " TOKEN "=", "authentic", TOKEN "="},
      {" ACME: " TOKEN "==", "authentic", TOKEN "=="},
      {" ACME: \r\n\tLgYemJLy3F1LDkiJrdIGb \r\n EzyFJyOyf6vBdyZ1TG3sME ", "authentic", TOKEN},
      {" ACME: LgYemJLy3F1LDkiJrdIGbA", "authentic", "LgYemJLy3F1LDkiJrdIGbA"},
      {" =?utf-8?q?ACME:_" TOKEN "?=", "authentic", TOKEN},
      {" =?UTF-8*en-GB?B?QUNNRTogTGdZZW1KTHkzRjFMRGtpSnJkSUdiRXp5Rkp5T3lmNnZCZHlaMVRHM3NNRQ==?=", "authentic", TOKEN},
      {" =?utf-8?q?_ACME:?= =?utf-8?q?_?=\r\n " TOKEN, "authentic", TOKEN},
      {" =?utf-8?b?QQ==?= =?utf-8?b?Q01FOiA=?= =?us-ascii?q?" TOKEN "?=", "authentic", TOKEN},
      {" =?utf-8?q?=09_ACME:_" TOKEN "=20?=", "authentic", TOKEN},
      {" =?utf-8?q?=0D=0A_ACME:_" TOKEN "?=", "is-reply", NULL}, /* the end of a line is no white space in a word */
      {" =?utf-8?b?DQogQUNNRTogTGdZZW1KTHkzRjFMRGtpSnJkSUdiRXp5Rkp5T3lmNnZCZHlaMVRHM3NNRQ==?=", "is-reply", NULL},
      {" ACME: LgYemJLy3F1LDkiJrdIGb", "short-token", NULL},
      {" ACME: LgYemJLy3F1LDkiJrdIGb===", "bad-subject", NULL},
      {" ACME:", "bad-subject", NULL},
      {" ACME: =", "bad-subject", NULL},
      {" ACME:" TOKEN, "bad-subject", NULL},
      {" ACME: " TOKEN " (x)", "bad-subject", NULL},
      {" ACME: " TOKEN "\302\240", "bad-subject", NULL},
      {" ACME: " TOKEN "\013", "bad-subject", NULL},
      {" ACME: =?utf-8?q?" TOKEN "=00?=", "bad-subject", NULL},
      {" ACME: =?utf-8?x?" TOKEN "?=", "bad-subject", NULL},
      {" ACME: =?utf-8?b?" TOKEN "?=x", "bad-subject", NULL},
      {" =?iso-8859-1?q?ACME:_" TOKEN "?=", "bad-charset", TOKEN},
      {" ACME: =?utf-8?q?LgYemJLy3F1LDkiJrdIGbEz?= =?latin1?q?yFJyOyf6vBdyZ1TG3sME?=", "bad-charset", TOKEN},
      {" Re: ACME: " TOKEN, "is-reply", NULL},
      {" : ACME: " TOKEN, "is-reply", NULL},
      {" =?utf-8?q?SV:?= ACME: " TOKEN, "is-reply", NULL},
      {" =?ACME: " TOKEN, "is-reply", NULL},
      {" \013ACME: " TOKEN, "is-reply", NULL},
      {" acme: " TOKEN, "not-a-challenge", NULL},
      {" ACME " TOKEN, "not-a-challenge", NULL},
      {"", "not-a-challenge", NULL},
      {" =?iso-8859-1?q?Gr=FC=DFe?=", "not-a-challenge", NULL},
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *text =
        g_strdup_printf ("Subject:%s\r\nAuto-Submitted: auto-generated\r\n" REST "\r\n", rows[i].value);
    g_auto (McVerdict) verdict = {0};
    g_autoptr (McChallenge) challenge = parse (text, &verdict);

    g_test_message ("%s", rows[i].value);
    g_assert_cmpstr (mc_verdict_name (verdict.code), ==, rows[i].code);
    g_assert_cmpstr (challenge->token_part1, ==, rows[i].token);
  }
}

static void
test_decoding (void)
{
  static const struct {
    const char *value;
    const char *text;
    gboolean foreign;
  } rows[] = {
      {"plain text", "plain text", FALSE},
      {"=?utf-8?q?a_b=5F?=", "a b_", FALSE},
      {"=?utf-8?q?a?= =?utf-8?q?b?=", "ab", FALSE},
      {"=?utf-8?q?a?= \t =?utf-8?q?b?=", "ab", FALSE},
      {"=?utf-8?q?a?= b =?utf-8?q?c?=", "a b c", FALSE},
      {"x =?utf-8?q?a?=", "x a", FALSE},
      {"=?koi8-r?q?a?= b", "a b", TRUE},
      {"=?utf-8?b?YQ==?= =?utf-8?b?YmM?=", "abc", FALSE},
      {"=?utf-8?q?a?==?utf-8?q?b?=", "=?utf-8?q?a?==?utf-8?q?b?=", FALSE},
      {"x=?utf-8?q?a?=", "x=?utf-8?q?a?=", FALSE},
      {"=?utf-8?q?"
       "?=",
       "=?utf-8?q?"
       "?=",
       FALSE},
      {"=?utf-8?q?a?b?=", "=?utf-8?q?a?b?=", FALSE},
      {"=?utf-8?q?a=4?=", "=?utf-8?q?a=4?=", FALSE},
      {"=?utf-8?q?a=GG?=", "=?utf-8?q?a=GG?=", FALSE},
      {"=?utf-8?b?Y?=", "=?utf-8?b?Y?=", FALSE},
      {"=?utf-8?b?YQ*=?=", "=?utf-8?b?YQ*=?=", FALSE},
      {"=?utf-8?z?a?=", "=?utf-8?z?a?=", FALSE},
      {"=?"
       "?q?a?=",
       "=?"
       "?q?a?=",
       FALSE},
      {"=?utf-8?q?=", "=?utf-8?q?=", FALSE},
      {"=?=", "=?=", FALSE},
      {"=?", "=?", FALSE},
      {"=?utf-8?b?YQBi?=", "a?b", FALSE},
      {"", "", FALSE},
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    gboolean foreign;
    g_autofree char *text = mc_subject_decode (rows[i].value, &foreign);

    g_assert_cmpstr (text, ==, rows[i].text);
    g_assert_cmpint (foreign, ==, rows[i].foreign);
  }
}

static void
test_auto_submitted (void)
{
  static const struct {
    const char *value;
    gboolean ok;
  } rows[] = {
      {"auto-generated", TRUE},
      {" auto-generated ", TRUE},
      {"\r\n auto-generated", TRUE},
      {" AUTO-GENERATED; type=acme", TRUE},
      {" auto-generated ; x", TRUE},
      {" auto-generated;", TRUE},
      {" (a(b\\)c)) auto-generated (d)", TRUE},
      {" (a)\r\n (b)auto-generated(c);", TRUE},
      {"", FALSE},
      {" no", FALSE},
      {" auto-replied", FALSE},
      {" ; auto-generated", FALSE},
      {" auto-generated x", FALSE},
      {" auto-generatedx", FALSE},
      {" auto- generated", FALSE},
      {" auto-(x)generated", FALSE},
      {" (auto-generated)", FALSE},
      {" (auto-generated", FALSE},
      {" )auto-generated", FALSE},
      {" auto-generated(", FALSE},
      {" \013auto-generated", FALSE},
      {" ((((((((((((((((())))))))))))))))) auto-generated", FALSE},
      {" \"auto-generated\"", FALSE},
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *text =
        g_strdup_printf ("Auto-Submitted:%s\r\nSubject: ACME: " TOKEN "\r\n" REST "\r\n", rows[i].value);
    g_auto (McVerdict) verdict = {0};
    g_autoptr (McChallenge) challenge = parse (text, &verdict);

    g_test_message ("%s", rows[i].value);
    g_assert_cmpstr (mc_verdict_name (verdict.code), ==, rows[i].ok ? "authentic" : "not-auto-submitted");
    g_assert_cmpstr (challenge->token_part1, ==, TOKEN);
  }
}

static void
test_dates (void)
{
  static const struct {
    const char *text;
    gint64 unix_time; /* -1: malformed */
  } rows[] = {
      {"Sun, 22 Nov 2026 01:51:00 +0000", 1795312260},
      {"22 Nov 2026 01:51 +0000", 1795312260},
      {"sun,22 nov 2026 01:51:00 GMT", 1795312260},
      {"Sun, 22 Nov 2026 02:51:00 +0100 (CET)", 1795312260},
      {"Sat, 21 Nov 2026 20:21:00 -0530", 1795312260},
      {"Sun, 22 Nov 2026 01:51:00 UT", 1795312260},
      {"Sun, 22 Nov 2026 01:51:00 Z", 1795312260},
      {"1 Jan 1970 00:00:00 -0000", 0},
      {"29 Feb 2028 23:59:60 +0000", 1835481599},
      {"", -1},
      {"29 Feb 2027 00:00:00 +0000", -1},
      {"Sun 22 Nov 2026 01:51:00 +0000", -1},
      {"22 Nov 26 01:51:00 +0000", -1},
      {"22 Nov 20260 01:51:00 +0000", -1},
      {"022 Nov 2026 01:51:00 +0000", -1},
      {"22 Foo 2026 01:51:00 +0000", -1},
      {"22 Nov 2026 24:00:00 +0000", -1},
      {"22 Nov 2026 01:60:00 +0000", -1},
      {"22 Nov 2026 01:51:61 +0000", -1},
      {"22 Nov 2026 1:51:00 +0000", -1},
      {"22 Nov 2026 01:51:00", -1},
      {"22 Nov 2026 01:51:00 0000", -1},
      {"22 Nov 2026 01:51:00 +000", -1},
      {"22 Nov 2026 01:51:00 +00000", -1},
      {"22 Nov 2026 01:51:00 +0060", -1},
      {"22 Nov 2026 01:51:00 GMTX", -1},
      {"22 Nov 2026 01:51:00 +0000 x", -1},
      {"22 Nov 2026 01:51:00 +0000 (x", -1},
      {"22 Nov 0000 01:51:00 +0000", -1},
      {"yesterday", -1},
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GError) error = NULL;
    gint64 unix_time = -1;
    gboolean ok = mc_date_parse (rows[i].text, &unix_time, &error);

    g_test_message ("%s", rows[i].text);
    g_assert_cmpint (unix_time, ==, rows[i].unix_time);
    if (!ok)
      g_assert_error (error, MC_ERROR, MC_ERROR_MALFORMED);
  }
}

static void
test_date_round_trip (void)
{
  for (gint64 t = 0; t < G_GINT64_CONSTANT (253402300800); t += G_GINT64_CONSTANT (98765431)) {
    g_autofree char *text = mc_date_compose (t);
    gint64 back = -1;

    g_assert_true (mc_date_parse (text, &back, NULL));
    g_assert_cmpint (back, ==, t);
  }
  g_assert_null (mc_date_compose (-1));
  g_assert_null (mc_date_compose (G_GINT64_CONSTANT (253402300800)));
  g_assert_null (mc_date_compose (G_MAXINT64));
}

static void
test_message_ids (void)
{
  static const char *const good[] = {"<a@b>", "<a>", "<A2299BB.FF7788@example.org>", "<\303\244@b>", "<a@[1.2]>"};
  static const char *const bad[] = {"",        "<>",    "a@b",   "<a@b",        "a@b>",      "<a @b>",
                                    "<a\t@b>", "<a<b>", "<a>b>", "<a@b> <c@d>", "<a\r\n@b>", "<\377>"};
  g_autofree char *name = g_strnfill (898, 'a');
  g_autofree char *longest = g_strdup_printf ("<%s>", name);
  g_autofree char *over = g_strdup_printf ("<a%s>", name);

  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    g_assert_true (mc_message_id_is_valid (good[i]));
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_false (mc_message_id_is_valid (bad[i]));
  g_assert_true (mc_message_id_is_valid (longest));
  g_assert_false (mc_message_id_is_valid (over));
}

static void
test_values (void)
{
  g_auto (McVerdict) verdict = {0};
  g_autoptr (McChallenge) challenge =
      parse ("Subject: ACME:\r\n " TOKEN "\r\nAuto-Submitted: auto-generated\r\n" REST
             "Reply-To: =?utf-8?q?=C3=84?= <r@b>,\r\n\ts@b\r\nReferences: <x@y>\r\n junk\t<z@y>\r\n\r\n",
             &verdict);

  g_assert_cmpint (verdict.code, ==, MC_VERDICT_AUTHENTIC);
  g_assert_cmpint (verdict.kind, ==, MC_MAIL_CHALLENGE);
  g_assert_cmpstr (challenge->subject, ==, "ACME: " TOKEN);
  g_assert_cmpstr (challenge->from, ==, "a@b");
  g_assert_cmpstr (challenge->to, ==, "c@d");
  g_assert_cmpstr (challenge->reply_to, ==, "=?utf-8?q?=C3=84?= <r@b>, s@b");
  g_assert_cmpstr (challenge->message_id, ==, "<1@b>");
  g_assert_cmpstr (challenge->references, ==, "<x@y> <z@y>");
  g_assert_cmpint (challenge->date, ==, 1795312260);
}

/* printf %s TOKEN | sha256sum */
static void
test_print (void)
{
  g_autofree char *print = mc_challenge_token_print ("abc");

  g_assert_cmpstr (print, ==, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/challenge/subjects", test_subjects);
  g_test_add_func ("/challenge/decoding", test_decoding);
  g_test_add_func ("/challenge/auto-submitted", test_auto_submitted);
  g_test_add_func ("/challenge/dates", test_dates);
  g_test_add_func ("/challenge/date-round-trip", test_date_round_trip);
  g_test_add_func ("/challenge/message-ids", test_message_ids);
  g_test_add_func ("/challenge/values", test_values);
  g_test_add_func ("/challenge/print", test_print);
  return g_test_run ();
}
