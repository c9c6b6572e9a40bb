/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The judge over the mails of tests/data/make-mails.py. MC_TEST_MAILS names the folder in which it has made them; where
 * it is unset they are made in a folder of their own. */

#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>

#include "mail-corpus.h"
#include "mail/authenticity.h"
#include "mail/peek.h"

#define CA "acme+2i211oi1204310@ca.test"
#define ME "Alice@example.test"

static char *folder;
static char **zone;
static gint64 now;

static McMessage *
read_mail (const char *name)
{
  g_autoptr (GBytes) bytes = corpus_file (folder, name);

  return mc_message_parse (bytes);
}

/* What the zone file says about NAME. */
static void
give (McAuthenticity *a, const char *name)
{
  static const char *const statuses[] = {"found", "none", "unavailable", "bogus"};
  g_autoptr (GPtrArray) texts = g_ptr_array_new_with_free_func ((GDestroyNotify)g_bytes_unref);
  g_autofree char *asked = g_strdup (name);
  McDnsAnswer answer = {MC_DNS_NONE, texts, FALSE};

  for (guint i = 0; zone[i] != NULL; i++) {
    g_auto (GStrv) columns = g_strsplit (zone[i], "\t", 3);

    if (strcmp (columns[0], name) != 0)
      continue;
    for (guint status = 0; status < G_N_ELEMENTS (statuses); status++) {
      if (strcmp (columns[1], statuses[status]) == 0)
        answer.status = (McDnsStatus)status;
    }
    g_ptr_array_add (texts, g_bytes_new (columns[2], strlen (columns[2])));
  }
  mc_authenticity_give (a, asked, &answer);
}

/* What index.tsv calls a scenario: what our own state is. */
typedef struct {
  McWait waits[2];
  const char *ids[2];
  char *print;
  const char *prints[2];
  McExpectation expected;
} Scenario;

static void
set_waits (Scenario *scenario, guint n, const char *from, const char *to, const char *from2, const char *to2)
{
  scenario->waits[0] = (McWait){from, to, now - 60, now + 3600};
  scenario->waits[1] = (McWait){from2, to2, now - 60, now + 3600};
  scenario->expected.n_waits = n;
}

static void
scenario_init (Scenario *scenario, const char *name)
{
  *scenario = (Scenario){.expected.waits = scenario->waits};
  set_waits (scenario, 1, CA, ME, NULL, NULL);
  if (strcmp (name, "nobody") == 0 || strcmp (name, "report") == 0)
    scenario->expected.n_waits = 0;
  else if (strcmp (name, "unknown-from") == 0)
    set_waits (scenario, 2, "another@ca.test", ME, NULL, ME);
  else if (strcmp (name, "other-pair") == 0)
    set_waits (scenario, 1, "another@ca.test", "bob@example.test", NULL, NULL);
  else if (strcmp (name, "crossed") == 0)
    set_waits (scenario, 2, "another@ca.test", ME, CA, "bob@example.test");
  else if (strcmp (name, "idn") == 0)
    set_waits (scenario, 2, CA, ME,
               "acme@B\xc3\xbc"
               "cher.test",
               ME);
  else if (strcmp (name, "expired") == 0)
    scenario->waits[0].until = now - 1;
  else if (strcmp (name, "answered-message-id") == 0)
    scenario->ids[0] = "<A2299BB.FF7788@ca.test>";
  else if (strcmp (name, "answered-token") == 0)
    scenario->prints[0] = scenario->print = mc_challenge_token_print ("LgYemJLy3F1LDkiJrdIGbEzyFJyOyf6vBdyZ1TG3sME");
  if (g_str_has_prefix (name, "expect")) {
    scenario->expected.n_waits = 0;
    scenario->expected.expect_from = strcmp (name, "expect-other-from") == 0 ? "another@ca.test" : CA;
    scenario->expected.expect_to = strcmp (name, "expect-other-to") == 0 ? "bob@example.test" : ME;
  }
  scenario->expected.report_only = scenario->expected.expect_from != NULL || strcmp (name, "report") == 0;
  scenario->expected.answered_message_ids = scenario->ids;
  scenario->expected.answered_tokens = scenario->prints;
}

/* Judges MAIL and counts the look-ups that it took. */
static McVerdict
judge (const McMessage *mail, const char *profile, const McExpectation *expected, guint *lookups)
{
  g_autoptr (McCaProfile) ca = mc_ca_profile_new ();
  g_autoptr (McAuthenticity) a = NULL;
  const char *name;

  ca->dkim_headers = strcmp (profile, "strict") == 0 ? MC_DKIM_HEADERS_STRICT : MC_DKIM_HEADERS_PRESENT;
  a = mc_authenticity_new (mail, expected, ca, now);
  for (*lookups = 0; (name = mc_authenticity_next_lookup (a)) != NULL; ++*lookups) {
    g_assert_cmpstr (mc_authenticity_next_lookup (a), ==, name);
    give (a, name);
  }
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
  g_autoptr (GBytes) bytes = corpus_file (folder, row[0]);
  g_autoptr (McMessage) mail = mc_message_parse (bytes);
  Scenario scenario;
  guint lookups;
  g_auto (McVerdict) verdict = {0};

  scenario_init (&scenario, row[4]);
  verdict = judge (mail, row[3], &scenario.expected, &lookups);
  g_free (scenario.print);
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
  g_autoptr (GBytes) bytes = corpus_file (folder, "good-oversigned-simple.eml");
  gsize length;
  const guint8 *data = g_bytes_get_data (bytes, &length);
  const char *unsigned_field = g_strstr_len ((const char *)data, (gssize)length, "MIME-Version");
  gsize harmless = (gsize)((const guint8 *)unsigned_field - data);
  Scenario scenario;

  scenario_init (&scenario, "wait");
  for (gsize i = 0; i < length; i++) {
    guint8 *copy = g_memdup2 (data, length);
    g_autoptr (GBytes) changed = g_bytes_new_take (copy, length);
    g_autoptr (McMessage) mail = NULL;
    guint lookups;
    g_auto (McVerdict) verdict = {0};

    copy[i] ^= 0x01;
    mail = mc_message_parse (changed);
    verdict = judge (mail, "strict", &scenario.expected, &lookups);
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
  Scenario scenario;
  g_autoptr (McAuthenticity) a = NULL;
  g_autoptr (McAuthenticity) b = NULL;
  g_auto (McVerdict) early = {0};
  g_auto (McVerdict) late = {0};

  scenario_init (&scenario, "wait");
  a = mc_authenticity_new (mail, &scenario.expected, NULL, now);
  give (a, "nothing._domainkey.other.test");
  early = mc_authenticity_verdict (a);
  g_assert_cmpstr (mc_verdict_name (early.code), ==, "dns-unavailable");
  g_assert_true (mc_verdict_is_passing (early.code));
  give (a, "rsa._domainkey.ca.test"); /* the second one */
  g_assert_null (mc_authenticity_next_lookup (a));
  late = mc_authenticity_verdict (a);
  g_assert_cmpint (late.code, ==, MC_VERDICT_AUTHENTIC);
  g_assert_cmpstr (late.domain, ==, "ca.test");
  g_assert_cmpstr (late.selector, ==, "rsa");
  b = mc_authenticity_new (twice, &scenario.expected, NULL, now);
  g_assert_cmpstr (mc_authenticity_next_lookup (b), ==, "missing._domainkey.ca.test");
  give (b, "missing._domainkey.ca.test");
  g_assert_cmpstr (mc_authenticity_next_lookup (b), ==, "rsa._domainkey.ca.test");
}

/* The verdict outlives everything that it was made from, and a copy outlives the verdict. */
static void
test_lifetime (void)
{
  g_auto (McVerdict) copy = {0};

  {
    g_autoptr (McMessage) mail = read_mail ("good-rsa.eml");
    Scenario scenario;
    guint lookups;
    g_auto (McVerdict) verdict = {0};

    scenario_init (&scenario, "wait");
    verdict = judge (mail, "present", &scenario.expected, &lookups);
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
  Scenario scenario;
  g_autoptr (McAuthenticity) a = NULL;
  const McChallenge *challenge;

  scenario_init (&scenario, "wait");
  a = mc_authenticity_new (mail, &scenario.expected, NULL, now);
  challenge = mc_authenticity_challenge (a);
  g_assert_cmpstr (challenge->from, ==, CA);
  g_assert_cmpstr (challenge->to, ==, ME);
  g_assert_cmpstr (challenge->reply_to, ==, "CA <replies+1@ca.test>, \"B, C\" <b@ca.test>");
  g_assert_cmpstr (challenge->message_id, ==, "<A2299BB.FF7788@ca.test>");
  g_assert_cmpstr (challenge->token_part1, ==, "LgYemJLy3F1LDkiJrdIGbEzyFJyOyf6vBdyZ1TG3sME");
  g_assert_cmpint (challenge->date, ==, now);
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
  g_test_add_func ("/authenticity/lifetime", test_lifetime);
  g_test_add_func ("/authenticity/challenge-values", test_challenge_values);
}

int
main (int argc, char *argv[])
{
  const char *given = g_getenv ("MC_TEST_MAILS");
  g_auto (GStrv) index = NULL;
  g_auto (GStrv) now_lines = NULL;
  int status;

  g_test_init (&argc, &argv, NULL);
  folder = given != NULL ? g_strdup (given) : g_dir_make_tmp ("mailcert-XXXXXX", NULL);
  if (given == NULL && !corpus_make ("make-mails.py", folder)) {
    g_rmdir (folder);
    return 77;
  }
  index = corpus_lines (folder, "index.tsv");
  zone = corpus_lines (folder, "zone.tsv");
  now_lines = corpus_lines (folder, "now");
  now = g_ascii_strtoll (now_lines[0], NULL, 10);
  corpus_check_codes (index, MC_VERDICT_TOO_LARGE, MC_VERDICT_DKIM_KEY);
  corpus_check_codes (index, MC_VERDICT_DNS_UNAVAILABLE, MC_VERDICT_AUTHENTIC);
  add_tests (index);
  status = g_test_run ();
  if (given == NULL)
    corpus_remove (folder);
  g_strfreev (zone);
  g_free (folder);
  return status;
}
