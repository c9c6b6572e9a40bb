/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The judge over the mails of tests/data/make-smime-mails.py. */

#include <glib.h>
#include <string.h>

#include "mail-corpus.h"
#include "mail/smime-entity.h"

static MailCorpus *corpus;

/* ROOTS: a file beside the mails, less ".pem"; "none" = unset. */
static McAuthenticity *
judge (GBytes *bytes, const char *roots, const char *scenario)
{
  g_autoptr (McMessage) mail = mc_message_parse (bytes);
  McAuthenticity *a = mail_corpus_open (corpus, mail, roots, scenario);

  mail_corpus_give_all (corpus, a);
  return a;
}

/* What openssl says of the signature and we do not. */
static gboolean
is_known_difference (const char *file)
{
  static const char *const files[] = {
      /* openssl cms reads these otherwise than RFC 2045 and RFC 2046 allow */
      "good-boundary-comments.eml",
      "good-boundary-quoted-pair.eml",
      "good-signature-quoted-printable.eml",
      "good-boundary-blanks.eml",
      NULL,
  };

  return g_strv_contains (files, file);
}

static void
check_oracle (char **row, const McVerdict *verdict)
{
  if (verdict->code == MC_VERDICT_AUTHENTIC && strcmp (verdict->method, "smime") == 0 && !is_known_difference (row[0]))
    g_assert_cmpstr (row[5], ==, "pass");
}

/* Nothing is authentic without a reason, and no check tells the token. */
static void
check_checks (const McVerdict *verdict)
{
  guint failures = 0;
  guint good = 0;

  for (guint i = 0; i < verdict->checks->len; i++) {
    const McCheck *check = verdict->checks->pdata[i];

    failures += check->ok ? 0 : 1;
    if (!check->ok || strcmp (check->name, "signature") == 0)
      g_test_message ("%s: %s", check->name, check->detail);
    good += check->ok && strcmp (check->name, "signature") == 0 ? 1 : 0;
    g_assert_null (strstr (check->detail, "LgYemJLy3F1L"));
    g_assert_null (strstr (check->detail, "EMs1GTZyd"));
  }
  g_assert_true (failures > 0 || verdict->code == MC_VERDICT_AUTHENTIC);
  g_assert_true (good > 0 || verdict->code != MC_VERDICT_AUTHENTIC);
}

static void
check_authentic (char **row, const McAuthenticity *a, const McVerdict *verdict)
{
  const McChallenge *challenge = mc_authenticity_challenge (a);

  if (g_str_has_prefix (row[0], "dkim-good-")) {
    g_assert_cmpstr (verdict->method, ==, "dkim");
    g_assert_cmpstr (verdict->domain, ==, "ca.test");
    g_assert_null (verdict->signer);
  } else {
    g_assert_cmpstr (verdict->method, ==, "smime");
    g_assert_nonnull (verdict->signer);
    g_assert_null (verdict->domain);
  }
  g_assert_cmpint (verdict->match, ==, strcmp (row[4], "idn") == 0 ? 1 : 0);
  g_assert_cmpstr (challenge->token_part1, ==, "LgYemJLy3F1LDkiJrdIGbEzyFJyOyf6vBdyZ1TG3sME");
  g_assert_cmpstr (challenge->to, ==, CORPUS_ME);
  g_assert_cmpstr (challenge->message_id, ==, "<A2299BB.FF7788@ca.test>");
  g_assert_cmpint (challenge->date, ==, corpus->now);
}

static void
test_mail (gconstpointer line)
{
  g_auto (GStrv) row = g_strsplit (line, "\t", -1);
  g_autoptr (GBytes) bytes = mail_corpus_read (corpus, row[0]);
  g_autoptr (McAuthenticity) a = judge (bytes, row[3], row[4]);
  g_auto (McVerdict) verdict = mc_authenticity_verdict (a);

  g_assert_cmpstr (mc_verdict_name (verdict.code), ==, row[1]);
  g_assert_cmpstr (mc_mail_kind_name (verdict.kind), ==, row[2]);
  check_oracle (row, &verdict);
  check_checks (&verdict);
  if (verdict.code == MC_VERDICT_AUTHENTIC)
    check_authentic (row, a, &verdict);
}

/* Only what is protected is used, and where DKIM is good what that protects. */
static void
test_values (void)
{
  static const struct {
    const char *file;
    const char *reply_to;
  } rows[] = {
      {"good-outer-reply-to-only.eml", NULL},
      {"good-reply-to-protected.eml", "replies+1@ca.test"},
      {"good-reply-to-both.eml", "replies+1@ca.test"},
      {"dkim-good-smime-good.eml", "replies@ca.test"},
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GBytes) bytes = mail_corpus_read (corpus, rows[i].file);
    g_autoptr (McAuthenticity) a = judge (bytes, "roots", "wait");

    g_assert_cmpstr (mc_authenticity_challenge (a)->reply_to, ==, rows[i].reply_to);
  }
}

/* No octet of a clear-signed mail can be changed so that another value is used: either the verdict is lost, or what
 * was changed is not used. */
static void
test_flips (void)
{
  g_autoptr (GBytes) bytes = mail_corpus_read (corpus, "good-hp-clear.eml");
  gsize length;
  const guint8 *data = g_bytes_get_data (bytes, &length);
  const char *part = g_strstr_len ((const char *)data, (gssize)length, "\r\n--b1-of-test\r\n") + 16;
  gsize start = (gsize)((const guint8 *)part - data);
  gsize end = start + (gsize)(g_strstr_len (part, -1, "\r\n--b1-of-test\r\n") - part);

  for (gsize i = 0; i < length; i++) {
    guint8 *copy = g_memdup2 (data, length);
    g_autoptr (GBytes) changed = g_bytes_new_take (copy, length);
    g_autoptr (McAuthenticity) a = NULL;
    g_auto (McVerdict) verdict = {0};
    char *row[] = {(char *)"flip", NULL, NULL, NULL, (char *)"wait"};

    copy[i] ^= 0x01;
    a = judge (changed, "roots", "wait");
    verdict = mc_authenticity_verdict (a);
    if (verdict.code != MC_VERDICT_AUTHENTIC)
      continue;
    check_authentic (row, a, &verdict);
    if (i >= start && i < end)
      g_error ("octet %" G_GSIZE_FORMAT " (%c) is not covered", i, data[i]);
  }
}

/* BODY with "/" for each line end. FIRST: what the first part is, or what is wrong. */
static void
check_split (const char *body, const char *boundary, const char *first)
{
  g_auto (GStrv) lines = g_strsplit (body, "/", -1);
  g_autofree char *text = g_strjoinv ("\r\n", lines);
  g_autofree char *whole = g_strconcat ("X: y\r\n\r\n", text, NULL);
  g_autoptr (GBytes) bytes = g_bytes_new (whole, strlen (whole));
  g_autoptr (McMessage) mail = mc_message_parse (bytes);
  GBytes *parts[2] = {NULL, NULL};
  const char *fault = NULL;
  g_autofree char *got = NULL;

  if (mc_multipart_split (mail, boundary, parts, &fault)) {
    got = g_strndup (g_bytes_get_data (parts[0], NULL), g_bytes_get_size (parts[0]));
    g_bytes_unref (parts[0]);
    g_bytes_unref (parts[1]);
  }
  g_assert_cmpstr (got != NULL ? got : fault, ==, first);
}

static void
test_split (void)
{
  static const struct {
    const char *body;
    const char *first;
  } rows[] = {
      {"--b/one/--b/two/--b--/", "one"},
      {"--b/one//--b/two/--b--", "one\r\n"},
      {"pre/--b \t/one/--b/two/--b-- /post/ --b/-b/", "one"},
      {"--b/one/-- b/--b/two/--b--", "one\r\n-- b"},
      {"--b/--b/two/--b--", "a part is empty"},
      {"--b//--b/two/--b--", ""},
      {"--b/one/--b/--b--", "a part is empty"},
      {"--b/one/--b/two", "the last part does not end"},
      {"--b/one", "the last part does not end"},
      {"", "the last part does not end"},
      {"--b--/", "there are not two parts"},
      {"--b/one/--b--/", "there are not two parts"},
      {"--b/one/--b/two/--b/three/--b--/", "there are not two parts"},
      {"--b/one/--b/two/--b--/--b--/", "a part follows the last one"},
      {"--b/one/--b/two/--b--/--b/three/--b--/", "a part follows the last one"},
      {"--b/one/--bx/--b/two/--b--/", "a line begins as a delimiter of the parts and is none"},
      {"--b/one/--b/two/--b---/", "a line begins as a delimiter of the parts and is none"},
      {"--b/one/--b/two/--b-", "a line begins as a delimiter of the parts and is none"},
      {"--b/one/--bx/two/--b--/", "a line begins as a delimiter of the parts and is none"},
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    check_split (rows[i].body, "b", rows[i].first);
  check_split ("--b-/one/--b-/two/--b---/", "b-", "one");
  check_split ("--b/one/--b/two/--b--/", "b ", "the boundary of the parts cannot be read");
  check_split ("--b/one/--b/two/--b--/", NULL, "the boundary of the parts cannot be read");
}

/* The verdict at another time than that of the machine. */
static void
test_time (void)
{
  gint64 real = corpus->now;
  g_autoptr (GBytes) bytes = mail_corpus_read (corpus, "good-hp-clear.eml");

  for (guint i = 0; i < 2; i++) {
    g_autoptr (McAuthenticity) a = NULL;
    g_auto (McVerdict) verdict = {0};

    corpus->now = i == 0 ? real + 91 * 86400 : real - 2 * 86400;
    a = judge (bytes, "roots", "nobody");
    verdict = mc_authenticity_verdict (a);
    g_assert_cmpstr (mc_verdict_name (verdict.code), ==, "smime-untrusted");
  }
  corpus->now = real;
}

int
main (int argc, char *argv[])
{
  int status;

  g_test_init (&argc, &argv, NULL);
  corpus = mail_corpus_new ("smime");
  if (corpus == NULL)
    return 77;
  mail_corpus_check_codes (corpus, MC_VERDICT_SMIME_INVALID, MC_VERDICT_SMIME_HEADERS);
  for (guint i = 0; corpus->index[i] != NULL; i++) {
    g_autofree char *name = g_strndup (corpus->index[i], strcspn (corpus->index[i], "\t"));
    g_autofree char *path = g_strconcat ("/smime/mail/", name, NULL);

    g_test_add_data_func (path, corpus->index[i], test_mail);
  }
  g_test_add_func ("/smime/split", test_split);
  g_test_add_func ("/smime/values", test_values);
  g_test_add_func ("/smime/flips", test_flips);
  g_test_add_func ("/smime/time", test_time);
  status = g_test_run ();
  mail_corpus_free (corpus);
  return status;
}
