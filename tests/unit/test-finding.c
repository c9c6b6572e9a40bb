/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "text-finding.h"

#include <locale.h>
#include <string.h>

/* What the doctor finds has a sentence; what other programs say to it is taken with care. */

#define UNKNOWN "What was found here is unknown to this version of mailcert."

/* Each reason that core gives ("mc_finding_set (finding, ..., \"reason\")") has a sentence for one of the checks. */
static void
test_reasons (void)
{
  static const char *const files[] = {"ca", "dkim", "domain", "keyring", "mail", "programs", "setup"};
  static const char *const checks[] = {
      "config", "store",      "user",    "hook",     "timer",       "account",   "imap",    "idle", "sending",
      "dkim",   "list",       "mx",      "caa",      "dmarc",       "spf",       "mta-sts", "ca",   "clock",
      "eab",    "mail-roots", "keyring", "nss-root", "certificate", "installed", "root",    "crl",  "gpgsm"};
  g_autoptr (GRegex) call =
      g_regex_new ("mc_finding_(?:set|trouble) \\(finding,[^;]*?;", G_REGEX_DOTALL, (GRegexMatchFlags)0, NULL);
  g_autoptr (GRegex) word = g_regex_new ("\"([a-z-]+)\"", (GRegexCompileFlags)0, (GRegexMatchFlags)0, NULL);
  guint reasons = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (files); i++) {
    g_autofree char *path = g_strdup_printf ("%s/core/runner/doctor-%s.c", g_getenv ("MC_TOP"), files[i]);
    g_autofree char *text = NULL;
    g_autoptr (GMatchInfo) found = NULL;

    g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
    for (g_regex_match (call, text, (GRegexMatchFlags)0, &found); g_match_info_matches (found);
         g_match_info_next (found, NULL)) {
      g_autofree char *statement = g_match_info_fetch (found, 0);
      g_autoptr (GMatchInfo) words = NULL;

      for (g_regex_match (word, statement, (GRegexMatchFlags)0, &words); g_match_info_matches (words);
           g_match_info_next (words, NULL)) {
        g_autofree char *reason = g_match_info_fetch (words, 1);
        gboolean known = FALSE;

        for (gsize c = 0; c < G_N_ELEMENTS (checks); c++) {
          McFinding finding = {.check = checks[c], .reason = reason};
          g_autofree char *sentence = mc_text_finding (&finding, NULL);

          known |= strcmp (sentence, UNKNOWN) != 0;
        }
        if (!known)
          g_error ("doctor-%s.c: \"%s\" has no sentence", files[i], reason);
        reasons++;
      }
    }
  }
  g_assert_cmpuint (reasons, >, 80);
}

static void
test_sentence (void)
{
  McFinding finding = {.check = "clock", .reason = "ahead", .shown = (char *)"60%s%n", .detail = (char *)"secret"};
  g_autofree char *next = NULL;
  g_autofree char *sentence = mc_text_finding (&finding, &next);
  McFinding nonsense = {.check = "clock", .reason = "no-such-reason"};
  g_autofree char *unknown = mc_text_finding (&nonsense, NULL);

  g_assert_nonnull (strstr (sentence, "60%s%n minutes ahead"));
  g_assert_null (strstr (sentence, "secret"));
  g_assert_nonnull (strstr (next, "NTP"));
  g_assert_cmpstr (unknown, ==, UNKNOWN);
}

/* The check's own sentence wins over the one for all. */
static void
test_own_sentence (void)
{
  McFinding own = {.check = "account", .reason = "no-imap"};
  McFinding common = {.check = "idle", .reason = "no-imap"};
  g_autofree char *next = NULL;
  g_autofree char *first = mc_text_finding (&own, &next);
  g_autofree char *second = mc_text_finding (&common, NULL);

  g_assert_nonnull (next);
  g_assert_cmpstr (first, !=, second);
}

static void
test_programs (void)
{
  static const char text[] = "mutt-source\tok\tIt is read.\t\t\n"
                             "mutt-key\ttrouble\tIt signs with another key.\tRead it again.\t/home/me/.muttrc\n"
                             "Bad Name\tok\tIt is read.\t\t\n"
                             "no-outcome\tfine\tIt is read.\t\t\n"
                             "no-sentence\tok\t\t\t\n"
                             "too\tok\tfew\n"
                             "too\tok\tmany\t\t\t\n"
                             "\n"
                             "dirty\tnote\tIt \033[31mglows.\t\t\n";
  g_autoptr (GPtrArray) findings = mc_doctor_parse (text, strlen (text));
  const McFinding *key, *dirty;
  g_autofree char *next = NULL;
  g_autofree char *sentence = NULL;

  g_assert_cmpuint (findings->len, ==, 3);
  key = g_ptr_array_index (findings, 1);
  sentence = mc_text_finding (key, &next);
  g_assert_cmpstr (key->check, ==, "mutt-key");
  g_assert_cmpint (key->outcome, ==, MC_FINDING_TROUBLE);
  g_assert_cmpstr (sentence, ==, "It signs with another key.");
  g_assert_cmpstr (next, ==, "Read it again.");
  g_assert_cmpstr (key->detail, ==, "/home/me/.muttrc");
  dirty = g_ptr_array_index (findings, 2);
  g_assert_null (strchr (dirty->sentence, '\033'));
}

static void
test_flood (void)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GPtrArray) findings = NULL;

  for (guint i = 0; i < 10000; i++)
    g_string_append (text, "a\tok\tb\t\t\n");
  findings = mc_doctor_parse (text->str, text->len);
  g_assert_cmpuint (findings->len, ==, 100);
}

int
main (int argc, char **argv)
{
  setlocale (LC_ALL, "C.UTF-8");
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/finding/reasons", test_reasons);
  g_test_add_func ("/finding/sentence", test_sentence);
  g_test_add_func ("/finding/own-sentence", test_own_sentence);
  g_test_add_func ("/finding/programs", test_programs);
  g_test_add_func ("/finding/flood", test_flood);
  return g_test_run ();
}
