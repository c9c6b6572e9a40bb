/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "mail/authenticity.h"

#define CORPUS_CA "acme+2i211oi1204310@ca.test"
#define CORPUS_ME "Alice@example.test"

/* The mails of tests/data/make-mails.py ("dkim") or make-smime-mails.py ("smime"), which the build has made in
 * $MC_MAILS. */
typedef struct {
  char *folder;
  char **index; /* the lines of index.tsv */
  char **zone;
  gint64 now; /* when they were made */
} MailCorpus;

/* NULL where they could not be made, because a tool is missing. */
MailCorpus *mail_corpus_new (const char *name);
void mail_corpus_free (MailCorpus *corpus);

GBytes *mail_corpus_read (const MailCorpus *corpus, const char *file);

/* MAIL before any look-up, as index.tsv says it: PROFILE is present or strict (which fields DKIM must sign), or the
 * name of a file with mail-roots; SCENARIO is what our own state is. */
McAuthenticity *mail_corpus_open (const MailCorpus *corpus, const McMessage *mail, const char *profile,
                                  const char *scenario);

/* Gives A what the zone file says about NAME. */
void mail_corpus_give (const MailCorpus *corpus, McAuthenticity *a, const char *name);

/* Everything that A asks for. Returns how many look-ups that took. */
guint mail_corpus_give_all (const MailCorpus *corpus, McAuthenticity *a);

/* Each code from FIRST to LAST is the verdict on two mails at least. */
void mail_corpus_check_codes (const MailCorpus *corpus, McVerdictCode first, McVerdictCode last);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MailCorpus, mail_corpus_free)
