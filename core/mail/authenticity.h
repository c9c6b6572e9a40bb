/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "mail/ca-profile.h"
#include "mail/challenge.h"
#include "mail/dns-answer.h"
#include "mail/message.h"
#include "mail/verdict.h"

G_BEGIN_DECLS

/* Is this mail a genuine challenge that we wait for? (DESIGN 3.) No DNS here: the caller looks names up and gives the
 * answers, as many rounds as mc_authenticity_next_lookup () asks for.
 *
 * Where the codes leave room: From, To, Reply-To, Message-ID or Date that cannot be read are malformed; several From
 * addresses are wrong-from, several To wrong-to. Any l= is dkim-partial-body, whatever its number. A signature by
 * another domain than From's is not looked up. Two key records are dkim-key; an answer that fails DNSSEC validation is
 * dns-unavailable. Of several signatures a good one decides, else one whose key the DNS has not told yet, else the code
 * that wins.
 *
 * Of a mail that is S/MIME-signed too, DKIM decides where it is good, else S/MIME where that is good, else DKIM if
 * there is such a signature. Where S/MIME decides, every value and every check is of the protected header alone: one
 * that stands only outside is absent (a Date: missing-header; Auto-Submitted: not-auto-submitted), however well the
 * rest is signed. Outside, a field twice is duplicate-header and a List- field list-mail nonetheless. A signed part
 * whose own header is malformed makes the mail malformed. Without header protection: smime-headers. There is exactly
 * one signer; two are smime-invalid, as is all that is weaker than SHA-256 and RSA-2048. */

#define MC_AUTHENTICITY_SIGNATURES_MAX 8 /* DKIM signatures that are judged, from the top */
#define MC_AUTHENTICITY_CLOCK_SKEW 300   /* seconds by which a Date may lie before its order (DESIGN 2) */

/* One enrollment's wait for a mail. */
typedef struct {
  const char *from; /* the challenge object's; NULL while the authorization has not been fetched */
  const char *to;   /* our address */
  gint64 since;     /* Unix time of the order; 0 = unknown */
  gint64 until;     /* Unix time of the deadline; 0 = none */
} McWait;

/* What the judge may know of our own state: plain data, borrowed for the one call of mc_authenticity_new (). All zero =
 * nothing is waited for, and that decides. */
typedef struct {
  const McWait *waits;
  guint n_waits;
  const char *const *answered_message_ids; /* NULL-terminated, or NULL */
  const char *const *answered_tokens;      /* of mc_challenge_token_print (), NULL-terminated, or NULL */
  const char *expect_from;                 /* inspect --expect-from, or NULL */
  const char *expect_to;                   /* inspect --expect-to, or NULL */
  gboolean report_only; /* not-expected, already-answered, stale and expired are reported but do not decide: inspect
                           with --expect-* or with nothing open; never for a mail that may be answered */
} McExpectation;

typedef struct McAuthenticity McAuthenticity;

/* Makes every check that needs no look-up. MAIL, EXPECTED and CA are not used after the call. CA NULL = defaults. */
McAuthenticity *mc_authenticity_new (const McMessage *mail, const McExpectation *expected, const McCaProfile *ca,
                                     gint64 now);
void mc_authenticity_free (McAuthenticity *a);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (McAuthenticity, mc_authenticity_free)

/* A name whose TXT records are wanted next, or NULL when all is known: also when something else has decided already, so
 * that a mail that nobody waits for costs no look-up. The same name until it is given. Owned by A. */
const char *mc_authenticity_next_lookup (McAuthenticity *a);

/* The answer for NAME; a name that was not asked for is ignored. ANSWER is borrowed for the call. */
void mc_authenticity_give (McAuthenticity *a, const char *name, const McDnsAnswer *answer);

/* One code, and every check with its outcome. Before all names were given: dns-unavailable at best. Caller clears. */
McVerdict mc_authenticity_verdict (const McAuthenticity *a);

/* What the mail says, in the header that the verdict is about (never NULL); to be asked for when all names were given.
 * Owned by A. */
const McChallenge *mc_authenticity_challenge (const McAuthenticity *a);

G_END_DECLS
