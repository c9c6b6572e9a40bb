/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "text-parts.h"

#include "mailcert.h"

#include <locale.h>
#include <string.h>

/* What people read when something fails: each kind has a sentence with its cause, and a next step. */

#define NOW 1795300000
#define WORDS "these words of theirs"

static McEnrollment *
enrollment_new (McEnrollmentState state)
{
  const char *addresses[] = {"me@example.org", NULL};
  McEnrollment *e = mc_enrollment_new ("Example CA", "https://ca.example/directory", addresses, NOW);

  e->state = state;
  e->ordered_at = NOW;
  e->deadline = NOW + 86400;
  return e;
}

static void
check_sentence (const char *type, const char *sentence, const char *next, const char *wanted)
{
  gsize length = strlen (sentence);

  g_test_message ("%s: %s Next: %s", type, sentence, next != NULL ? next : "nothing");
  g_assert_cmpuint (length, >, 20);
  g_assert_true (g_unichar_isupper (g_utf8_get_char (sentence)) || g_str_has_prefix (sentence, "mailcert"));
  g_assert_cmpint (sentence[length - 1], ==, '.');
  g_assert_null (strstr (sentence, "%"));
  g_assert_nonnull (next);
  g_assert_cmpint (next[strlen (next) - 1], ==, '.');
  if (strstr (next, wanted) == NULL)
    g_error ("%s: the next step does not say \"%s\": %s", type, wanted, next);
}

/* RFC 8555 6.7, RFC 9773, the profiles draft (B15), our own "http" and what nobody has heard of; and what the step is.
 */
static void
test_problems_of_a_ca (void)
{
  static const char *const cases[][2] = {
      {"accountDoesNotExist", "a new account is opened"},
      {"alreadyReplaced", "look at what there is"},
      {"alreadyRevoked", "nothing to do"},
      {"badCSR", "another kind of key or usage"},
      {"badNonce", "Try again in a few minutes"},
      {"badPublicKey", "rsa3072"},
      {"badRevocationReason", "another reason"},
      {"badSignatureAlgorithm", "report it"},
      {"caa", "another CA"},
      {"compound", "without the ones"},
      {"connection", "mail from outside arrives"},
      {"dns", "spelling"},
      {"externalAccountRequired", "EAB file"},
      {"incorrectResponse", "DKIM"},
      {"invalidContact", "report"},
      {"invalidProfile", "without a profile"},
      {"malformed", "report it"},
      {"orderNotReady", "Try again in a few minutes"},
      {"rateLimited", "Wait some hours"},
      {"rejectedIdentifier", "another CA"},
      {"serverInternal", "Try again later"},
      {"tls", "mail provider"},
      {"unauthorized", "DKIM"},
      {"unsupportedContact", "report"},
      {"unsupportedIdentifier", "another CA"},
      {"userActionRequired", "Log in on the CA's website"},
      {"http", "Try again later"},
      {"urn:example:nobody-knows", "ask the CA"},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (McProblem) problem = mc_problem_new (cases[i][0], WORDS);
    g_autofree char *next = NULL;
    g_autofree char *sentence = mc_text_problem ("Example CA", problem, &next);

    check_sentence (cases[i][0], sentence, next, cases[i][1]);
    g_assert_true (g_str_has_prefix (sentence, "Example CA refused: " WORDS));
  }
}

/* What the CA itself asks for wins over what its type suggests. */
static void
test_wishes_of_a_ca (void)
{
  g_autoptr (McProblem) problem = mc_problem_new ("userActionRequired", WORDS);
  g_autofree char *next = NULL;
  g_autofree char *sentence = NULL;

  problem->instance = g_strdup ("https://ca.example/terms/2");
  sentence = mc_text_problem ("Example CA", problem, &next);
  check_sentence ("instance", sentence, next, "https://ca.example/terms/2");
  g_free (sentence);
  g_free (next);
  problem->retry_at = NOW + 3600;
  sentence = mc_text_problem ("Example CA", problem, &next);
  check_sentence ("Retry-After", sentence, next, "wait until");
}

/* B14: which address failed, and why. */
static void
test_parts (void)
{
  static const char body[] =
      "{\"type\":\"urn:ietf:params:acme:error:compound\",\"detail\":\"Two of them.\",\"subproblems\":["
      "{\"type\":\"urn:ietf:params:acme:error:caa\",\"detail\":\"not for us\","
      "\"identifier\":{\"type\":\"email\",\"value\":\"me@example.org\"}},"
      "{\"type\":\"urn:ietf:params:acme:error:dns\",\"detail\":\"\","
      "\"identifier\":{\"type\":\"email\",\"value\":\"you@example.net\"}}]}";
  g_autoptr (McJson) object = mc_json_parse (body, strlen (body), NULL);
  g_autoptr (McProblem) problem = mc_problem_parse (object);
  g_autofree char *next = NULL;
  g_autofree char *sentence = mc_text_problem ("Example CA", problem, &next);

  check_sentence ("compound", sentence, next, "without the ones");
  g_assert_nonnull (strstr (sentence, "me@example.org: not for us"));
  g_assert_nonnull (strstr (sentence, "you@example.net: dns"));
}

/* Our own, and what the step is. */
static const char *const troubles[][2] = {
    {"mailcert:answered", "a new mail comes"},
    {"mailcert:attempts", "another CA"},
    {"mailcert:chain", "tell the CA"},
    {"mailcert:challenge-invalid", "DKIM"},
    {"mailcert:clock", "clock"},
    {"mailcert:config", "mailcert.conf(5)"},
    {"mailcert:deadline", "Ask again"},
    {"mailcert:eab", "EAB file"},
    {"mailcert:forgotten", "Ask again"},
    {"mailcert:key", "another kind of key"},
    {"mailcert:keyring", "Install it again"},
    {"mailcert:login", "password-command"},
    {"mailcert:mail", "provider of this address"},
    {"mailcert:malformed", "report it"},
    {"mailcert:network", "check the network"},
    {"mailcert:no-email-reply", "another CA"},
    {"mailcert:no-transport", "smtp or sendmail"},
    {"mailcert:not-a-directory", "address of the CA's directory"},
    {"mailcert:order-invalid", "ask the CA"},
    {"mailcert:passphrase", "where you can type it"},
    {"mailcert:profile", "one that the CA offers"},
    {"mailcert:store", "free space"},
    {"mailcert:terms", "if you agree"},
    {"mailcert:tls", "ca-file"},
    {"mailcert:untrusted", "fingerprint"},
    {"mailcert:usage", "another usage"},
};

static void
test_own_troubles (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (troubles); i++) {
    g_autoptr (McProblem) problem = mc_problem_new (troubles[i][0], WORDS);
    g_autofree char *next = NULL;
    g_autofree char *sentence = mc_text_problem ("Example CA", problem, &next);

    if (!mc_problem_is (problem, "mailcert:terms")) /* ends with an address of the web */
      check_sentence (troubles[i][0], sentence, next, troubles[i][1]);
    g_assert_null (strstr (sentence, "refused: " WORDS));
    g_assert_null (
        strstr (sentence, "The request to Example CA came to nothing")); /* what is said of a type that is not known */
  }
}

/* All of core's source, with strings that go on in the next line in one piece, and %u, %d and the like as %s. */
static void
add_source (const char *folder, GString *all)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  g_assert_nonnull (dir);
  while ((name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *path = g_build_filename (folder, name, NULL);
    g_autofree char *text = NULL;

    if (g_file_test (path, G_FILE_TEST_IS_DIR))
      add_source (path, all);
    else if (g_str_has_suffix (name, ".c") && g_file_get_contents (path, &text, NULL, NULL))
      g_string_append (all, text);
  }
}

static char *
replace (const char *text, const char *pattern, const char *with)
{
  g_autoptr (GRegex) regex = g_regex_new (pattern, 0, 0, NULL);

  return g_regex_replace_literal (regex, text, -1, 0, with, 0, NULL);
}

static char *
source_of_core (void)
{
  g_autofree char *folder = g_build_filename (g_getenv ("MC_TOP"), "core", NULL);
  GString *all = g_string_new (NULL);
  g_autofree char *text = NULL;
  g_autofree char *joined = NULL;

  add_source (folder, all);
  text = g_string_free (all, FALSE);
  joined = replace (text, "\"\\s*\n\\s*\"", "");
  return replace (joined, "%[ud]|%\" G_GU?INT64_FORMAT \"", "%s");
}

/* Whatever trouble core can name has a sentence of its own and a step, also one that is not in the table above. */
static void
test_no_trouble_is_missing (void)
{
  g_autofree char *source = source_of_core ();
  g_autoptr (GRegex) regex = g_regex_new ("\"(mailcert:[a-z-]+)\"", 0, 0, NULL);
  g_autoptr (GMatchInfo) match = NULL;
  guint count = 0;

  for (g_regex_match (regex, source, 0, &match); g_match_info_matches (match); g_match_info_next (match, NULL)) {
    g_autofree char *type = g_match_info_fetch (match, 1);
    g_autoptr (McProblem) problem = mc_problem_new (type, WORDS);
    g_autofree char *next = NULL;
    g_autofree char *sentence = mc_text_problem ("Example CA", problem, &next);

    if (strstr (sentence, "The request to Example CA came to nothing") != NULL || next == NULL)
      g_error ("%s has no sentence of its own, or no step", type);
    count++;
  }
  g_assert_cmpuint (count, >=, G_N_ELEMENTS (troubles));
}

/* Each clause that is translated is one of core's, letter for letter. */
static void
test_clauses (void)
{
  g_autofree char *source = source_of_core ();
  gsize count;
  const char *const *clauses = mc_text_clauses (&count);

  for (gsize i = 0; i < count; i++) {
    g_autofree char *literal = g_strescape (clauses[i], NULL);
    gsize length = strlen (literal);

    /* What goes before another clause is a prefix there. */
    if (g_str_has_suffix (literal, ": %s") && strstr (source, literal) == NULL)
      literal[length - 2] = '\0';
    if (strstr (source, literal) == NULL && g_str_has_suffix (literal, ": ")) /* "NAME: %s", with NAME in a variable */
      literal[strlen (literal) - 2] = '\0';
    if (strstr (source, literal) == NULL)
      g_error ("core says nothing like \"%s\" any more", clauses[i]);
  }
}

static void
test_clause_in_a_sentence (void)
{
  static const char *const cases[][2] = {
      {"SMTP server mx.example: TLS with mx.example: cancelled",
       "SMTP server mx.example: TLS with mx.example: cancelled"},
      {"it ended with status 7.", "it ended with status 7"},
      {"550 5.7.1 no such luck", "550 5.7.1 no such luck"},
      {"100% wool", "100% wool"},
      {"SMTP server %s: %s", "SMTP server %s: %s"}, /* a server's %s is only text */
      {"", "no reason was given"},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *said = mc_text_reason (cases[i][0]);

    g_assert_cmpstr (said, ==, cases[i][1]);
  }
}

/* Silence: the mail that does not come, the check that does not end, and either when it has lasted to the end. */
static void
test_silence (void)
{
  static const struct {
    McEnrollmentState state;
    McAddressState address;
    gint64 later;
    const char *next; /* NULL = there is nothing to do */
    const char *trouble;
  } cases[] = {
      {MC_ENROLLMENT_ORDERED, MC_ADDRESS_AWAIT_MAIL, 60, NULL},
      {MC_ENROLLMENT_ORDERED, MC_ADDRESS_AWAIT_MAIL, 2 * 3600, "Junk"},
      {MC_ENROLLMENT_ORDERED, MC_ADDRESS_POSTED, 60, NULL},
      {MC_ENROLLMENT_ORDERED, MC_ADDRESS_POSTED, 3600, "only now and then"},
      {MC_ENROLLMENT_EXPIRED, MC_ADDRESS_AWAIT_MAIL, 86400, "Junk"},
      {MC_ENROLLMENT_EXPIRED, MC_ADDRESS_REPLY_READY, 86400, "mail can be sent"},
      {MC_ENROLLMENT_EXPIRED, MC_ADDRESS_POSTED, 86400, "does not sign your outgoing mail (DKIM)"},
      {MC_ENROLLMENT_EXPIRED, MC_ADDRESS_POSTED, 86400, "changes the text"},
      {MC_ENROLLMENT_EXPIRED, MC_ADDRESS_VALID, 86400, "ask the CA"},
      {MC_ENROLLMENT_EXPIRED, MC_ADDRESS_POSTED, 86400, "See to that", "mailcert:network"}, /* not: by itself */
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (McEnrollment) e = enrollment_new (cases[i].state);
    McEnrollmentAddress *address = mc_enrollment_address (e, 0);
    g_autofree char *next = NULL;
    g_autofree char *sentence = NULL;

    if (cases[i].trouble != NULL)
      e->problem = mc_problem_new (cases[i].trouble, WORDS);
    address->state = cases[i].address;
    address->since = NOW;
    address->from = g_strdup ("acme@ca.example");
    sentence = mc_text_enrollment (e, NOW + cases[i].later, &next);
    if (cases[i].next == NULL)
      g_assert_null (next);
    else
      check_sentence ("silence", sentence, next, cases[i].next);
  }
}

/* --- what becomes of a certificate --- */

static GPtrArray *
certificate_and (McEnrollmentState later, const char *problem)
{
  GPtrArray *all = g_ptr_array_new_with_free_func ((GDestroyNotify)mc_enrollment_free);
  McEnrollment *e = enrollment_new (MC_ENROLLMENT_INSTALLED);
  McEnrollment *attempt = enrollment_new (later);

  e->id = 1;
  e->chain = g_strdup ("chain");
  e->created = e->not_before = NOW - 60 * 86400;
  e->not_after = NOW + 30 * 86400;
  e->renew_at = NOW;
  g_ptr_array_add (all, e);
  attempt->id = 2;
  attempt->predecessor = 1;
  attempt->since = NOW;
  attempt->tries = 2;
  attempt->failures = 1;
  attempt->failing_since = NOW - 2 * 86400;
  attempt->problem = problem != NULL ? mc_problem_new (problem, WORDS) : NULL;
  g_ptr_array_add (all, attempt);
  return all;
}

static void
check_renewal (GPtrArray *all, gint64 now, const char *first, const char *second)
{
  g_autofree char *sentence = mc_text_renewal (all, 0, now);

  g_test_message ("%s", sentence);
  g_assert_nonnull (strstr (sentence, first));
  g_assert_nonnull (strstr (sentence, second));
}

static void
test_renewal (void)
{
  g_autoptr (GPtrArray) open = certificate_and (MC_ENROLLMENT_ORDERED, NULL);
  g_autoptr (GPtrArray) stuck = certificate_and (MC_ENROLLMENT_ACCOUNT, "mailcert:network");
  g_autoptr (GPtrArray) failed = certificate_and (MC_ENROLLMENT_FAILED, "rejectedIdentifier");
  g_autoptr (GPtrArray) other = certificate_and (MC_ENROLLMENT_INSTALLED, NULL);
  McEnrollment *e = g_ptr_array_index (failed, 0), *newer = g_ptr_array_index (other, 1);

  check_renewal (open, NOW, "It is being renewed.", "Example CA has been asked");
  check_renewal (stuck, NOW, "It could not be renewed since ", WORDS);
  check_renewal (failed, NOW, "It could not be renewed since ", "It is tried again ");
  check_renewal (failed, NOW, WORDS, "Example CA");
  check_renewal (failed, NOW + 2 * 86400, "It could not be renewed since ", WORDS);
  g_ptr_array_set_size (failed, 1);
  check_renewal (failed, NOW - 1, "It will be renewed on ", "2026.");
  check_renewal (failed, NOW, "It is due for renewal.", "");
  e->renewal_explanation = g_strdup ("https://ca.example/why");
  check_renewal (failed, NOW - 1, "It will be renewed on ", "https://ca.example/why");
  check_renewal (failed, NOW, "now", "https://ca.example/why");
  g_assert_null (mc_text_renewal (other, 0, NOW)); /* its successor is the one to speak of */
  newer->predecessor = 0;
  g_free (newer->directory);
  newer->directory = g_strdup ("https://another.example/directory");
  check_renewal (other, NOW, "A newer certificate has taken its place", "");
  e->revoked_at = NOW;
  g_assert_null (mc_text_renewal (failed, 0, NOW)); /* it is revoked, and nothing newer has come */
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  setlocale (LC_ALL, "C.UTF-8");
  g_test_add_func ("/text/problems-of-a-ca", test_problems_of_a_ca);
  g_test_add_func ("/text/wishes-of-a-ca", test_wishes_of_a_ca);
  g_test_add_func ("/text/parts", test_parts);
  g_test_add_func ("/text/own-troubles", test_own_troubles);
  g_test_add_func ("/text/no-trouble-is-missing", test_no_trouble_is_missing);
  g_test_add_func ("/text/clauses", test_clauses);
  g_test_add_func ("/text/clause-in-a-sentence", test_clause_in_a_sentence);
  g_test_add_func ("/text/silence", test_silence);
  g_test_add_func ("/text/renewal", test_renewal);
  return g_test_run ();
}
