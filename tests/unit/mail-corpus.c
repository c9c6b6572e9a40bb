/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "mail-corpus.h"

#include <string.h>

GBytes *
mail_corpus_read (const MailCorpus *corpus, const char *file)
{
  g_autofree char *path = g_build_filename (corpus->folder, file, NULL);
  g_autoptr (GError) error = NULL;
  char *text = NULL;
  gsize length = 0;

  g_file_get_contents (path, &text, &length, &error);
  g_assert_no_error (error);
  return g_bytes_new_take (text, length);
}

/* The lines of a file, each without its end. */
static char **
read_lines (const MailCorpus *corpus, const char *file)
{
  g_autoptr (GBytes) bytes = mail_corpus_read (corpus, file);
  g_autofree char *text = g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));

  return g_strsplit (g_strchomp (text), "\n", -1);
}

MailCorpus *
mail_corpus_new (const char *name)
{
  g_autoptr (MailCorpus) corpus = g_new0 (MailCorpus, 1);
  g_auto (GStrv) now = NULL;

  if (g_getenv ("MC_MAILS") == NULL)
    g_error ("MC_MAILS is not set: \"make check TESTS=...\" makes the mails and sets it");
  corpus->folder = g_build_filename (g_getenv ("MC_MAILS"), name, NULL);
  if (!g_file_test (corpus->folder, G_FILE_TEST_IS_DIR))
    return NULL;
  corpus->index = read_lines (corpus, "index.tsv");
  corpus->zone = read_lines (corpus, "zone.tsv");
  now = read_lines (corpus, "now");
  corpus->now = g_ascii_strtoll (now[0], NULL, 10);
  return g_steal_pointer (&corpus);
}

void
mail_corpus_free (MailCorpus *corpus)
{
  if (corpus == NULL)
    return;
  g_free (corpus->folder);
  g_strfreev (corpus->index);
  g_strfreev (corpus->zone);
  g_free (corpus);
}

/* What index.tsv calls a scenario. */
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
  for (guint i = 0; i < 2; i++) {
    scenario->waits[i].from = i == 0 ? from : from2;
    scenario->waits[i].to = i == 0 ? to : to2;
  }
  scenario->expected.n_waits = n;
}

static void
set_state (Scenario *scenario, const char *name, gint64 now)
{
  for (guint i = 0; i < 2; i++) {
    scenario->waits[i].since = now - 60;
    scenario->waits[i].until = now + 3600;
  }
  if (strcmp (name, "expired") == 0)
    scenario->waits[0].until = now - 1;
  else if (strcmp (name, "answered-message-id") == 0)
    scenario->ids[0] = "<A2299BB.FF7788@ca.test>";
  else if (strcmp (name, "answered-token") == 0)
    scenario->prints[0] = scenario->print = mc_challenge_token_print ("LgYemJLy3F1LDkiJrdIGbEzyFJyOyf6vBdyZ1TG3sME");
  if (g_str_has_prefix (name, "expect")) {
    scenario->expected.expect_from = strcmp (name, "expect-other-from") == 0 ? "another@ca.test" : CORPUS_CA;
    scenario->expected.expect_to = strcmp (name, "expect-other-to") == 0 ? "bob@example.test" : CORPUS_ME;
  }
  scenario->expected.report_only = scenario->expected.expect_from != NULL || strcmp (name, "report") == 0;
}

static void
scenario_init (Scenario *scenario, const char *name, gint64 now)
{
  static const struct {
    const char *name;
    guint n;
    const char *from, *to, *from2, *to2;
  } waits[] = {
      {"nobody", 0, NULL, NULL, NULL, NULL},
      {"report", 0, NULL, NULL, NULL, NULL},
      {"expect", 0, NULL, NULL, NULL, NULL},
      {"expect-other-from", 0, NULL, NULL, NULL, NULL},
      {"expect-other-to", 0, NULL, NULL, NULL, NULL},
      {"unknown-from", 2, "another@ca.test", CORPUS_ME, NULL, CORPUS_ME},
      {"other-pair", 1, "another@ca.test", "bob@example.test", NULL, NULL},
      {"crossed", 2, "another@ca.test", CORPUS_ME, CORPUS_CA, "bob@example.test"},
      {"idn", 2, CORPUS_CA, CORPUS_ME, "acme@B\303\274cher.test", CORPUS_ME},
      {"idn-sharp-s", 1, "acme@stra\303\237e.test", CORPUS_ME, NULL, NULL},
      {"utf8-local-part", 1, "b\303\274cher@ca.test", CORPUS_ME, NULL, NULL},
  };

  *scenario = (Scenario){.expected.waits = scenario->waits};
  set_waits (scenario, 1, CORPUS_CA, CORPUS_ME, NULL, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (waits); i++) {
    if (strcmp (waits[i].name, name) == 0)
      set_waits (scenario, waits[i].n, waits[i].from, waits[i].to, waits[i].from2, waits[i].to2);
  }
  set_state (scenario, name, now);
  scenario->expected.answered_message_ids = scenario->ids;
  scenario->expected.answered_tokens = scenario->prints;
}

McAuthenticity *
mail_corpus_open (const MailCorpus *corpus, const McMessage *mail, const char *profile, const char *scenario)
{
  g_autoptr (McCaProfile) ca = mc_ca_profile_new ();
  g_autofree char *file = g_strconcat (profile, ".pem", NULL);
  g_autofree char *path = g_build_filename (corpus->folder, file, NULL);
  Scenario state;
  McAuthenticity *a;

  ca->dkim_headers = strcmp (profile, "strict") == 0 ? MC_DKIM_HEADERS_STRICT : MC_DKIM_HEADERS_PRESENT;
  if (g_file_test (path, G_FILE_TEST_EXISTS))
    ca->mail_roots_pem = mail_corpus_read (corpus, file);
  scenario_init (&state, scenario, corpus->now);
  a = mc_authenticity_new (mail, &state.expected, ca, corpus->now);
  g_free (state.print);
  return a;
}

void
mail_corpus_give (const MailCorpus *corpus, McAuthenticity *a, const char *name)
{
  static const char *const statuses[] = {"found", "none", "unavailable", "bogus"};
  g_autoptr (GPtrArray) texts = g_ptr_array_new_with_free_func ((GDestroyNotify)g_bytes_unref);
  g_autofree char *asked = g_strdup (name);
  McDnsAnswer answer = {MC_DNS_NONE, texts, FALSE};

  for (guint i = 0; corpus->zone[i] != NULL; i++) {
    g_auto (GStrv) columns = g_strsplit (corpus->zone[i], "\t", 3);

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

guint
mail_corpus_give_all (const MailCorpus *corpus, McAuthenticity *a)
{
  const char *name;
  guint lookups = 0;

  for (; (name = mc_authenticity_next_lookup (a)) != NULL; lookups++) {
    g_assert_cmpstr (mc_authenticity_next_lookup (a), ==, name);
    mail_corpus_give (corpus, a, name);
  }
  return lookups;
}

void
mail_corpus_check_codes (const MailCorpus *corpus, McVerdictCode first, McVerdictCode last)
{
  for (McVerdictCode code = first; code <= last; code++) {
    guint count = 0;

    for (guint i = 0; corpus->index[i] != NULL; i++) {
      g_auto (GStrv) row = g_strsplit (corpus->index[i], "\t", 3);

      count += strcmp (row[1], mc_verdict_name (code)) == 0 ? 1 : 0;
    }
    if (count < 2)
      g_error ("%s: %u mails", mc_verdict_name (code), count);
  }
}
