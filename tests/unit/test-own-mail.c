/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "mail-corpus.h"
#include "mail/address.h"
#include "mail/own-mail.h"
#include "mail/verdict.h"

#include <string.h>

/* The corpus of challenges, taken for delivered mail of those who sent it: what it says of their provider fits the
 * verdict on the challenge. */

static const char received[] = "Received: from mx.test by imap.test; Sun, 22 Nov 2026 01:51:01 +0000\r\n";

static GBytes *
delivered (GBytes *mail)
{
  gsize length;
  const char *text = g_bytes_get_data (mail, &length);
  g_autoptr (GString) all = g_string_new (NULL);

  if (length > 5 && (memcmp (text, "From ", 5) == 0 || memcmp (text, ">From", 5) == 0)) /* not in a mailbox */
    return g_bytes_ref (mail);
  /* The line ends are the mail's own. */
  g_string_append_len (all, received, sizeof received - (memmem (text, length, "\r\n", 2) != NULL ? 1 : 3));
  if (all->str[all->len - 1] != '\n')
    g_string_append_c (all, '\n');
  g_string_append_len (all, text, (gssize)length);
  return g_bytes_new (all->str, all->len);
}

static char *
sender_of (GBytes *bytes)
{
  g_autoptr (McMessage) mail = mc_message_parse (bytes);
  g_autofree char *value = mc_message_value (mail, "From");

  return value != NULL ? mc_address_parse_one (value, strlen (value), NULL) : NULL;
}

static gboolean
has_received (GBytes *bytes)
{
  g_autoptr (McMessage) mail = mc_message_parse (bytes);

  return mc_message_count (mail, "Received") > 0;
}

static McOwnMailOutcome
outcome_of (const MailCorpus *corpus, GBytes *bytes, const char *address)
{
  g_autoptr (McOwnMail) own = mc_own_mail_new (bytes, address, corpus->now);
  const char *name;

  while ((name = mc_own_mail_next_lookup (own)) != NULL) {
    g_autoptr (GPtrArray) texts = g_ptr_array_new_with_free_func ((GDestroyNotify)g_bytes_unref);
    McDnsAnswer answer = {MC_DNS_NONE, texts, FALSE};

    for (guint i = 0; corpus->zone[i] != NULL; i++) {
      g_auto (GStrv) columns = g_strsplit (corpus->zone[i], "\t", 3);

      if (strcmp (columns[0], name) == 0 && strcmp (columns[1], "found") == 0) {
        answer.status = MC_DNS_FOUND;
        g_ptr_array_add (texts, g_bytes_new (columns[2], strlen (columns[2])));
      }
    }
    mc_own_mail_give (own, &answer);
  }
  return mc_own_mail_outcome (own);
}

/* What may be found where the challenge's verdict is this; a verdict about something else says nothing. */
static gboolean
fits (const char *verdict, McOwnMailOutcome outcome)
{
  if (strcmp (verdict, "authentic") == 0)
    return outcome <= MC_OWN_MAIL_THIN;
  if (strcmp (verdict, "unsigned") == 0)
    return outcome == MC_OWN_MAIL_UNSIGNED;
  if (strcmp (verdict, "dkim-domain") == 0)
    return outcome == MC_OWN_MAIL_OTHER;
  if (strcmp (verdict, "dkim-key") == 0)
    return outcome == MC_OWN_MAIL_KEY;
  if (strcmp (verdict, "dkim-weak") == 0 || strcmp (verdict, "dkim-partial-body") == 0)
    return outcome == MC_OWN_MAIL_WEAK;
  if (strcmp (verdict, "dkim-fail") == 0)
    return outcome == MC_OWN_MAIL_UNPROVEN || outcome == MC_OWN_MAIL_UNSIGNED;
  if (strcmp (verdict, "list-mail") == 0)
    return outcome == MC_OWN_MAIL_FOREIGN;
  return TRUE;
}

static void
test_corpus (void)
{
  g_autoptr (MailCorpus) corpus = mail_corpus_new ("dkim");
  guint judged = 0;

  if (corpus == NULL) {
    g_test_skip ("no corpus");
    return;
  }
  for (guint i = 0; corpus->index[i] != NULL; i++) {
    g_auto (GStrv) row = g_strsplit (corpus->index[i], "\t", 3);
    g_autoptr (GBytes) mail = mail_corpus_read (corpus, row[0]);
    g_autoptr (GBytes) bytes = delivered (mail);
    g_autofree char *sender = sender_of (bytes);
    McOwnMailOutcome outcome;

    if (sender == NULL || g_bytes_get_size (bytes) == g_bytes_get_size (mail))
      continue;
    outcome = outcome_of (corpus, bytes, sender);
    if (!fits (row[1], outcome))
      g_error ("%s: %s, and %d", row[0], row[1], outcome);
    g_assert_cmpint (outcome_of (corpus, bytes, "nobody@ca.test"), ==, MC_OWN_MAIL_FOREIGN);
    if (!has_received (mail)) /* never delivered */
      g_assert_cmpint (outcome_of (corpus, mail, sender), ==, MC_OWN_MAIL_FOREIGN);
    judged++;
  }
  g_assert_cmpuint (judged, >, 100);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/own-mail/corpus", test_corpus);
  return g_test_run ();
}
