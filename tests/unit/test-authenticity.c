/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The judge over the mails of tests/data/make-mails.py. */

#include <glib.h>
#include <string.h>

#include "mail-corpus.h"
#include "mail/peek.h"

static MailCorpus *corpus;

static McMessage *
read_mail (const char *name)
{
  g_autoptr (GBytes) bytes = mail_corpus_read (corpus, name);

  return mc_message_parse (bytes);
}

/* Judges MAIL and counts the look-ups that it took. */
static McVerdict
judge (const McMessage *mail, const char *profile, const char *scenario, guint *lookups)
{
  g_autoptr (McAuthenticity) a = mail_corpus_open (corpus, mail, profile, scenario);

  *lookups = mail_corpus_give_all (corpus, a);
  return mc_authenticity_verdict (a);
}

/* dkimpy and we agree about every signature, but for these. */
static gboolean
is_known_difference (const char *file)
{
  static const char *const files[] = {
      "good-mbox-line-quoted-lf.eml",             /* dkimpy knows "From " alone */
      "good-subject-with-blank-before-colon.eml", /* obsolete syntax that dkimpy does not read */
      "identity-below-strict-key.eml",            /* dkimpy does not look at t=s */
      NULL,
  };

  return g_strv_contains (files, file);
}

static void
check_oracle (char **row, McVerdictCode code)
{
  if (is_known_difference (row[0]))
    return;
  if (code == MC_VERDICT_AUTHENTIC)
    g_assert_cmpstr (row[5], ==, "pass");
  if (code == MC_VERDICT_DKIM_FAIL)
    g_assert_cmpstr (row[5], ==, "fail");
}

static void
check_lookups (const McVerdict *verdict, const char *scenario, guint lookups)
{
  if (verdict->code < MC_VERDICT_UNSIGNED ||
      (verdict->code > MC_VERDICT_DNS_UNAVAILABLE && verdict->code != MC_VERDICT_AUTHENTIC) ||
      strcmp (scenario, "nobody") == 0)
    g_assert_cmpuint (lookups, ==, 0);
  if (verdict->code == MC_VERDICT_AUTHENTIC || verdict->code == MC_VERDICT_DKIM_KEY ||
      verdict->code == MC_VERDICT_DNS_UNAVAILABLE)
    g_assert_cmpuint (lookups, >, 0);
  g_assert_cmpuint (lookups, <=, MC_AUTHENTICITY_SIGNATURES_MAX);
}

static void
check_checks (const McVerdict *verdict)
{
  guint failures = 0;

  for (guint i = 0; i < verdict->checks->len; i++) {
    const McCheck *check = verdict->checks->pdata[i];

    failures += check->ok ? 0 : 1;
    g_assert_null (strstr (check->detail, "LgYemJLy3F1L"));
  }
  g_assert_true (failures > 0 || verdict->code == MC_VERDICT_AUTHENTIC);
}

static void
check_row (char **row)
{
  g_autoptr (GBytes) bytes = mail_corpus_read (corpus, row[0]);
  g_autoptr (McMessage) mail = mc_message_parse (bytes);
  guint lookups;
  g_auto (McVerdict) verdict = {0};

  verdict = judge (mail, row[3], row[4], &lookups);
  g_assert_cmpstr (mc_verdict_name (verdict.code), ==, row[1]);
  g_assert_cmpstr (mc_mail_kind_name (verdict.kind), ==, row[2]);
  check_oracle (row, verdict.code);
  check_lookups (&verdict, row[4], lookups);
  check_checks (&verdict);
  if (verdict.code >= MC_VERDICT_WRONG_FROM)
    g_assert_cmpint (mc_peek (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes)), ==, 1);
  if (verdict.code == MC_VERDICT_AUTHENTIC) {
    g_assert_cmpstr (verdict.method, ==, "dkim");
    g_assert_nonnull (verdict.domain);
    g_assert_cmpint (verdict.match, ==, strcmp (row[4], "wait") == 0 ? 0 : strcmp (row[4], "idn") == 0 ? 1 : -1);
  }
}

static void
test_mail (gconstpointer line)
{
  g_auto (GStrv) row = g_strsplit (line, "\t", -1);

  check_row (row);
}

/* Every single octet of the signed part of a good mail matters: none can be changed without losing the verdict, except
 * where canonicalization or the peculiar reading of a field allows it; then the values are the same. */
static void
test_flips (void)
{
  g_autoptr (GBytes) bytes = mail_corpus_read (corpus, "good-oversigned-simple.eml");
  gsize length;
  const guint8 *data = g_bytes_get_data (bytes, &length);
  const char *unsigned_field = g_strstr_len ((const char *)data, (gssize)length, "MIME-Version");
  gsize harmless = (gsize)((const guint8 *)unsigned_field - data);

  for (gsize i = 0; i < length; i++) {
    guint8 *copy = g_memdup2 (data, length);
    g_autoptr (GBytes) changed = g_bytes_new_take (copy, length);
    g_autoptr (McMessage) mail = NULL;
    guint lookups;
    g_auto (McVerdict) verdict = {0};

    copy[i] ^= 0x01;
    mail = mc_message_parse (changed);
    verdict = judge (mail, "strict", "wait", &lookups);
    if (verdict.code == MC_VERDICT_AUTHENTIC && (i < harmless || i > harmless + strlen ("MIME-Version: 1.0")))
      g_error ("octet %" G_GSIZE_FORMAT " (%c) is not covered", i, data[i]);
  }
}

/* Answers come in any order, and what was not asked for changes nothing. */
static void
test_answers (void)
{
  g_autoptr (McMessage) mail = read_mail ("good-both-algorithms.eml");
  g_autoptr (McMessage) twice = read_mail ("good-missing-key-first.eml");
  g_autoptr (McAuthenticity) a = NULL;
  g_autoptr (McAuthenticity) b = NULL;
  g_auto (McVerdict) early = {0};
  g_auto (McVerdict) late = {0};

  a = mail_corpus_open (corpus, mail, "present", "wait");
  mail_corpus_give (corpus, a, "nothing._domainkey.other.test");
  early = mc_authenticity_verdict (a);
  g_assert_cmpstr (mc_verdict_name (early.code), ==, "dns-unavailable");
  g_assert_true (mc_verdict_is_passing (early.code));
  mail_corpus_give (corpus, a, "rsa._domainkey.ca.test"); /* the second one */
  g_assert_null (mc_authenticity_next_lookup (a));
  late = mc_authenticity_verdict (a);
  g_assert_cmpint (late.code, ==, MC_VERDICT_AUTHENTIC);
  g_assert_cmpstr (late.domain, ==, "ca.test");
  g_assert_cmpstr (late.selector, ==, "rsa");
  b = mail_corpus_open (corpus, twice, "present", "wait");
  g_assert_cmpstr (mc_authenticity_next_lookup (b), ==, "missing._domainkey.ca.test");
  mail_corpus_give (corpus, b, "missing._domainkey.ca.test");
  g_assert_cmpstr (mc_authenticity_next_lookup (b), ==, "rsa._domainkey.ca.test");
}

/* The verdict outlives everything that it was made from, and a copy outlives the verdict. */
static void
test_lifetime (void)
{
  g_auto (McVerdict) copy = {0};

  {
    g_autoptr (McMessage) mail = read_mail ("good-rsa.eml");
    guint lookups;
    g_auto (McVerdict) verdict = {0};

    verdict = judge (mail, "present", "wait", &lookups);
    mc_verdict_copy (&copy, &verdict);
  }
  g_assert_cmpint (copy.code, ==, MC_VERDICT_AUTHENTIC);
  g_assert_cmpstr (copy.domain, ==, "ca.test");
  g_assert_cmpuint (copy.checks->len, >, 8);
}

static void
test_challenge_values (void)
{
  g_autoptr (McMessage) mail = read_mail ("good-reply-to-several.eml");
  g_autoptr (McAuthenticity) a = NULL;
  const McChallenge *challenge;

  a = mail_corpus_open (corpus, mail, "present", "wait");
  challenge = mc_authenticity_challenge (a);
  g_assert_cmpstr (challenge->from, ==, CORPUS_CA);
  g_assert_cmpstr (challenge->to, ==, CORPUS_ME);
  g_assert_cmpstr (challenge->reply_to, ==, "CA <replies+1@ca.test>, \"B, C\" <b@ca.test>");
  g_assert_cmpstr (challenge->message_id, ==, "<A2299BB.FF7788@ca.test>");
  g_assert_cmpstr (challenge->token_part1, ==, "LgYemJLy3F1LDkiJrdIGbEzyFJyOyf6vBdyZ1TG3sME");
  g_assert_cmpint (challenge->date, ==, corpus->now);
}

/* A mail server's clock may be behind the CA's by as much as this, and not by a second more (DESIGN 2). */
static void
test_clocks (void)
{
  g_autoptr (McMessage) mail = read_mail ("good-rsa.eml");
  McWait wait = {.from = CORPUS_CA, .to = CORPUS_ME, .since = corpus->now + MC_AUTHENTICITY_CLOCK_SKEW};
  const McExpectation expected = {.waits = &wait, .n_waits = 1};

  for (guint late = 0; late < 2; late++) {
    g_autoptr (McAuthenticity) a = NULL;
    g_auto (McVerdict) verdict = {0};

    wait.since += late;
    a = mc_authenticity_new (mail, &expected, NULL, corpus->now + 100);
    mail_corpus_give_all (corpus, a);
    verdict = mc_authenticity_verdict (a);
    g_assert_cmpint (verdict.code, ==, late ? MC_VERDICT_STALE : MC_VERDICT_AUTHENTIC);
  }
}

static void
add_tests (char **index)
{
  for (guint i = 0; index[i] != NULL; i++) {
    g_autofree char *name = g_strndup (index[i], strcspn (index[i], "\t"));
    g_autofree char *path = g_strconcat ("/authenticity/mail/", name, NULL);

    g_test_add_data_func (path, index[i], test_mail);
  }
  g_test_add_func ("/authenticity/flips", test_flips);
  g_test_add_func ("/authenticity/answers", test_answers);
  g_test_add_func ("/authenticity/clocks", test_clocks);
  g_test_add_func ("/authenticity/lifetime", test_lifetime);
  g_test_add_func ("/authenticity/challenge-values", test_challenge_values);
}

int
main (int argc, char *argv[])
{
  int status;

  g_test_init (&argc, &argv, NULL);
  corpus = mail_corpus_new ("dkim");
  if (corpus == NULL)
    return 77;
  mail_corpus_check_codes (corpus, MC_VERDICT_TOO_LARGE, MC_VERDICT_DKIM_KEY);
  mail_corpus_check_codes (corpus, MC_VERDICT_DNS_UNAVAILABLE, MC_VERDICT_AUTHENTIC);
  add_tests (corpus->index);
  status = g_test_run ();
  mail_corpus_free (corpus);
  return status;
}
