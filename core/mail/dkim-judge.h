/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "mail/dkim.h"
#include "mail/dns-answer.h"

G_BEGIN_DECLS

/* One DKIM-Signature field of a mail and what is known about it. */
typedef struct {
  McVerdictCode code; /* AUTHENTIC: good; DNS_UNAVAILABLE: all depends on the key; else why it proves nothing */
  char *detail;
  McDkimSignature *signature; /* NULL when it does not parse */
  guint8 digest[32];          /* what b= should sign, once nothing but the key is missing */
  char *key_name;             /* where the key is; NULL when it is not needed */
  gboolean answered;          /* the DNS has been asked */
  gboolean domain_matches;    /* d= is the From domain (A40) */
  const char *missing;        /* DKIM_HEADERS: what h= does not name; static */
} McDkimJudgement;

/* Judges the signatures of MAIL, at most MAX from the top, each alone, as far as that goes without their keys.
 * FROM_DOMAIN is that of the From address, as A-labels; NULL if there is none. An array of McDkimJudgement* that frees
 * them. */
GPtrArray *mc_dkim_judge (const McMessage *mail, const char *from_domain, McDkimHeaders policy, guint max, gint64 now);

/* Is a look-up of key_name wanted? */
gboolean mc_dkim_judgement_is_open (const McDkimJudgement *judgement);

void mc_dkim_judgement_give (McDkimJudgement *judgement, const McDnsAnswer *answer);

G_END_DECLS
