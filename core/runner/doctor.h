/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/error.h"
#include "runner/config.h"

G_BEGIN_DECLS

/* What can be known before anything is asked of a CA: why a certificate could not be had, or kept. Nothing is changed;
 * nothing is sent but questions, unless the person says so. */

typedef enum {
  MC_FINDING_OK,
  MC_FINDING_NOTE,    /* good to know; no certificate fails for it */
  MC_FINDING_TROUBLE, /* this is likely to fail */
  MC_FINDING_UNKNOWN, /* it could not be found out */
  MC_FINDING_SKIPPED  /* it does not apply, or cannot be looked at */
} McFindingOutcome;

const char *mc_finding_outcome_name (McFindingOutcome outcome); /* "ok", "note", ...: static */

/* What one check has found. Plain facts: ui/text-finding makes sentences of them. */
typedef struct {
  const char *check;  /* its stable name: static, or STRINGS */
  const char *group;  /* what it is about: "setup", "mail", "domain", "ca", "keyring", "programs", "client": static */
  const char *reason; /* which of the check's findings: static; NULL where SENTENCE is set */
  McFindingOutcome outcome;
  McError code;   /* of a TROUBLE: who can mend it */
  char *shown;    /* public: a version, a CA's name, a number; stands in the sentence; or NULL */
  char *detail;   /* private: addresses, hosts, paths, a server's words; for the person's own eyes; or NULL */
  char *sentence; /* a mail client's own program has found it and says so itself; else NULL */
  char *next;     /* with SENTENCE: the one thing to do, or NULL */
  char *strings;  /* owns CHECK where it is not static */
} McFinding;

void mc_finding_free (McFinding *finding);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (McFinding, mc_finding_free)

/* Where FINDING of check "dkim" makes it likely that a CA will not take the replies: a clause for
 * McEnrollOptions.doubts, else NULL. Static. */
const char *mc_finding_doubt (const McFinding *finding);
/* Is DETAIL (may be NULL), of a history entry, such a clause? */
gboolean mc_doubt_is (const char *detail);

#define MC_DOCTOR_SECONDS 90       /* all servers together */
#define MC_DOCTOR_MAIL_SECONDS 120 /* a mail to oneself is waited for */

typedef struct {
  const GError *config_error; /* why the configuration could not be read (it is the defaults then), or NULL */
  const char *address;        /* NULL = only what needs no address */
  const char *ca;             /* name or URL; NULL = the account's, else the default */
  /* May one mail be sent from the address to itself? Asked only where the mails that are there do not tell. NULL = no.
   */
  gboolean (*may_send) (gpointer data);
  guint seconds;                                       /* servers are waited for; 0 = MC_DOCTOR_SECONDS */
  const char *mail_subject, *mail_text;                /* of that mail: ASCII */
  void (*progress) (const char *group, gpointer data); /* the checks of GROUP come next; NULL = nobody looks */
  gpointer data;
} McDoctorOptions;

/* Every check, in order: an array of McFinding that frees them. Blocks. */
GPtrArray *mc_doctor_run (const McConfig *config, const McDoctorOptions *options);

/* One check alone, by name. Caller frees. */
McFinding *mc_doctor_check (const McConfig *config, const McDoctorOptions *options, const char *name);

/* What a mail client's own program says (mailcert-doctor(1)): lines of CHECK, OUTCOME, SENTENCE, NEXT and DETAIL with
 * tabs between them. What is no such line is left out. An array of McFinding; pure. */
GPtrArray *mc_doctor_parse (const char *text, gsize length);
/* Such a program, PATH, that did not come to an end, as DETAIL says. Caller frees. */
McFinding *mc_doctor_broken (const char *path, const char *detail);

G_END_DECLS
