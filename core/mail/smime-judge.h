/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "mail/ca-profile.h"
#include "mail/message.h"
#include "mail/verdict.h"

G_BEGIN_DECLS

/* A mail that is S/MIME-signed (RFC 8823 3.1, A41, A42; DESIGN 3): as a whole, so that nothing but its header stands
 * outside. Signed text within some other mail proves nothing about it and is not looked at.
 *
 * What counts as header protection: the signed part is a message/rfc822 or message/global (RFC 8551 3.1), unless it
 * says that it was forwarded; or its Content-Type has hp="clear" (RFC 9788) or, as before that, protected-headers="v1",
 * and the part's own fields are the mail's. hp= decides where both could be meant. hp="cipher" belongs to encrypted
 * mail: refused. The signed attribute of RFC 7508 is not read. */

typedef struct {
  McVerdictCode
      code; /* AUTHENTIC, SMIME_INVALID, SMIME_UNTRUSTED, SMIME_ADDRESS or SMIME_HEADERS: the first that holds */
  char *detail;
  char *signer;      /* the address in the signer's certificate that is From's, else its first; NULL while unknown */
  McMessage *header; /* the protected header; NULL where the signature does not hold or protects none */
} McSmimeJudgement;

/* NULL where MAIL is not S/MIME at all. CA NULL = no mail-roots. */
McSmimeJudgement *mc_smime_judge (const McMessage *mail, const McCaProfile *ca, gint64 now);
void mc_smime_judgement_free (McSmimeJudgement *judgement);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (McSmimeJudgement, mc_smime_judgement_free)

/* Notes in VERDICT, which is about the protected header, what must not stand outside either: a field twice (T-17), a
 * List- field. */
void mc_smime_note_outside (const McMessage *mail, McVerdict *verdict);

G_END_DECLS
