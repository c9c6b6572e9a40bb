/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* DESIGN 3, in the order in which they win. */
typedef enum {
  MC_VERDICT_TOO_LARGE,
  MC_VERDICT_MALFORMED,
  MC_VERDICT_NOT_A_CHALLENGE,
  MC_VERDICT_IS_REPLY,
  MC_VERDICT_BAD_SUBJECT,
  MC_VERDICT_SHORT_TOKEN,
  MC_VERDICT_BAD_CHARSET,
  MC_VERDICT_NOT_AUTO_SUBMITTED,
  MC_VERDICT_DUPLICATE_HEADER,
  MC_VERDICT_MISSING_HEADER,
  MC_VERDICT_LIST_MAIL,
  MC_VERDICT_WRONG_FROM,
  MC_VERDICT_WRONG_TO,
  MC_VERDICT_UNSIGNED,
  MC_VERDICT_DKIM_FAIL,
  MC_VERDICT_DKIM_DOMAIN,
  MC_VERDICT_DKIM_HEADERS,
  MC_VERDICT_DKIM_WEAK,
  MC_VERDICT_DKIM_EXPIRED,
  MC_VERDICT_DKIM_PARTIAL_BODY,
  MC_VERDICT_DKIM_KEY,
  MC_VERDICT_SMIME_INVALID,
  MC_VERDICT_SMIME_UNTRUSTED,
  MC_VERDICT_SMIME_ADDRESS,
  MC_VERDICT_SMIME_HEADERS,
  MC_VERDICT_DNS_UNAVAILABLE,
  MC_VERDICT_NOT_EXPECTED,
  MC_VERDICT_ALREADY_ANSWERED,
  MC_VERDICT_STALE,
  MC_VERDICT_EXPIRED,
  MC_VERDICT_AUTHENTIC, /* the only one that is ever answered (A44) */
} McVerdictCode;

typedef enum {
  MC_MAIL_OTHER,
  MC_MAIL_CHALLENGE, /* the Subject begins with "ACME:" */
  MC_MAIL_RESPONSE,  /* something stands before "ACME:", or the body has a response block */
} McMailKind;

/* One thing that was looked at. DETAIL is short English and never holds a token. */
typedef struct {
  const char *name; /* stable, static: "subject", "from", "signature", ... */
  gboolean ok;
  char detail[];
} McCheck;

/* Owns what it points at; a plain value: g_auto (McVerdict) v = mc_authenticity_verdict (a); */
typedef struct {
  McVerdictCode code;
  McMailKind kind;
  int match;          /* index of the McWait that this mail answers, or -1 */
  GPtrArray *checks;  /* of McCheck*, in the order in which they were made */
  const char *method; /* "dkim", "smime" or "none": static */
  char *domain;       /* d= of the signature that decided, NULL without one */
  char *selector;     /* its s= */
  char *signer;       /* the S/MIME signer's address, or NULL */
} McVerdict;

void mc_verdict_copy (McVerdict *to, const McVerdict *from); /* TO holds nothing before */
void mc_verdict_clear (McVerdict *verdict);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (McVerdict, mc_verdict_clear)

/* "too-large" ... "authentic": static, as in DESIGN 3 and in JSON. */
const char *mc_verdict_name (McVerdictCode code);

/* "challenge", "response" or "other": static. */
const char *mc_mail_kind_name (McMailKind kind);

/* Can the same mail be judged otherwise later: dns-unavailable and not-expected (the authorization may still come). */
gboolean mc_verdict_is_passing (McVerdictCode code);

/* For those who judge: notes a check. Of those that are not OK the one with the lowest CODE decides. */
void mc_verdict_note (McVerdict *verdict, const char *name, gboolean ok, McVerdictCode code, const char *detail);
/* Notes one that is reported but does not decide. */
void mc_verdict_remark (McVerdict *verdict, const char *name, gboolean ok, const char *detail);
void mc_verdict_init (McVerdict *verdict); /* authentic until something is noted against it */

G_END_DECLS
