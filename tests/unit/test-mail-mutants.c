/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Each weakening of the verdict is caught by a mail of the corpus: for every check there is one that fails without it.
 */

#include "base/mutant.h"
#include "mail-corpus.h"
#include "mutants.h"

static MailCorpus *corpora[2];

static gboolean
is_as_expected (const MailCorpus *corpus, const char *line)
{
  g_auto (GStrv) row = g_strsplit (line, "\t", -1);
  g_autoptr (GBytes) bytes = mail_corpus_read (corpus, row[0]);
  g_autoptr (McMessage) mail = mc_message_parse (bytes);
  g_autoptr (McAuthenticity) a = mail_corpus_open (corpus, mail, row[3], row[4]);
  g_auto (McVerdict) verdict = {0};

  mail_corpus_give_all (corpus, a);
  verdict = mc_authenticity_verdict (a);
  return g_strcmp0 (mc_verdict_name (verdict.code), row[1]) == 0;
}

static guint
count_in (const MailCorpus *corpus)
{
  guint wrong = 0;

  for (guint i = 0; corpus->index[i] != NULL; i++)
    wrong += is_as_expected (corpus, corpus->index[i]) ? 0 : 1;
  return wrong;
}

/* A weakening of one kind of signature is for the mails with such a one to catch: all of them each time would take
 * three times as long. */
static guint
count_wrong_verdicts (void)
{
  gboolean smime = mc_mutant != NULL && g_str_has_prefix (mc_mutant, "smime-");

  if (mc_mutant == NULL)
    return count_in (corpora[0]) + count_in (corpora[1]);
  return count_in (corpora[smime ? 1 : 0]);
}

int
main (int argc, char *argv[])
{
  int status = 77;

  g_test_init (&argc, &argv, NULL);
  corpora[0] = mail_corpus_new ("dkim");
  corpora[1] = mail_corpus_new ("smime");
  if (corpora[0] != NULL && corpora[1] != NULL) {
    mutants_add_tests ("core/mail", 40, count_wrong_verdicts);
    status = g_test_run ();
  }
  mail_corpus_free (corpora[0]);
  mail_corpus_free (corpora[1]);
  return status;
}
