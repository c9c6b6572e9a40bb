/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "mail/dns-answer.h"

G_BEGIN_DECLS

/* May this CA issue for mail to this domain? (RFC 9495 issuemail, RFC 8659; RFC-FACTS D20-D24). A hint for people: the
 * CA decides. No DNS here: the caller looks names up and gives the answers. */

#define MC_CAA_NAMES_MAX 16   /* look-ups of one climb; no honest domain has so many labels */
#define MC_CAA_RECORDS_MAX 64 /* records of one answer that are looked at */

typedef enum {
  MC_CAA_OPEN,       /* no issuemail anywhere: any CA may (D22) */
  MC_CAA_NAMED,      /* one of the identities is named */
  MC_CAA_OTHERS,     /* other CAs are named (D23) */
  MC_CAA_NOBODY,     /* ";", or nothing that could be read: nobody may */
  MC_CAA_CRITICAL,   /* a property that no CA knows is marked critical (RFC 8659 4.1): nobody may */
  MC_CAA_UNAVAILABLE /* the DNS does not say */
} McCaaOutcome;

typedef struct McCaaClimb McCaaClimb;

/* DOMAIN as A-labels. IDENTITIES: the CA's caaIdentities, NULL-terminated; the case of letters does not matter. */
McCaaClimb *mc_caa_climb_new (const char *domain, const char *const *identities);
void mc_caa_climb_free (McCaaClimb *climb);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (McCaaClimb, mc_caa_climb_free)

/* The name whose CAA records are wanted next; NULL when all is known. Owned by CLIMB. */
const char *mc_caa_climb_next (const McCaaClimb *climb);
/* The answer for it; its texts are the records' octets. Borrowed for the call. */
void mc_caa_climb_give (McCaaClimb *climb, const McDnsAnswer *answer);

McCaaOutcome mc_caa_climb_outcome (const McCaaClimb *climb); /* UNAVAILABLE before the end */

/* One record's octets. TAG (lower case) and VALUE are the caller's to free; FALSE where they are no CAA record. */
gboolean mc_caa_record_parse (const guint8 *octets, gsize length, gboolean *critical, char **tag, char **value);

/* The issuer's domain in an issuemail VALUE, lower case; "" where it names nobody, or is malformed (D23). Caller frees.
 */
char *mc_caa_issuer (const char *value);

G_END_DECLS
