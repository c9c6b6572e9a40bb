/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "mail/dns-answer.h"
#include "mail/message.h"

G_BEGIN_DECLS

/* What a mail of the person's own that has been delivered says of the replies that will leave the same way: a CA takes
 * only those that their domain has signed (A55, A56, T-25). No DNS here: the caller looks names up. */

#define MC_OWN_MAIL_SIGNATURES_MAX 8

/* The better one first: of several signatures that one counts. */
typedef enum {
  MC_OWN_MAIL_GOOD,     /* signed as a reply must be */
  MC_OWN_MAIL_THIN,     /* good, but h= does not name fields that the mail does not have: A55 wants them named */
  MC_OWN_MAIL_UNPROVEN, /* of the right domain; what was delivered differs, or the DNS does not answer */
  MC_OWN_MAIL_KEY,      /* of the right domain; no usable key is published */
  MC_OWN_MAIL_FIELDS,   /* of the right domain; a field that is there is not signed */
  MC_OWN_MAIL_WEAK,     /* of the right domain; rsa-sha1, a short key, or a part of the body only */
  MC_OWN_MAIL_OTHER,    /* signed by other domains only (A56) */
  MC_OWN_MAIL_UNSIGNED,
  MC_OWN_MAIL_FOREIGN /* not from this address alone, from a mailing list, never delivered, or unreadable: says nothing
                       */
} McOwnMailOutcome;

typedef struct McOwnMail McOwnMail;

/* RFC822 as it was delivered. ADDRESS: the person's. */
McOwnMail *mc_own_mail_new (GBytes *rfc822, const char *address, gint64 now);
void mc_own_mail_free (McOwnMail *mail);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (McOwnMail, mc_own_mail_free)

/* A name whose TXT records are wanted next, or NULL. Owned by MAIL. */
const char *mc_own_mail_next_lookup (const McOwnMail *mail);
void mc_own_mail_give (McOwnMail *mail, const McDnsAnswer *answer); /* for that name; borrowed */

/* Before all names were given: UNPROVEN at best. */
McOwnMailOutcome mc_own_mail_outcome (const McOwnMail *mail);
/* FIELDS, THIN: the first field that h= does not name (static). OTHER: a domain that has signed (owned by MAIL). Else
 * NULL. */
const char *mc_own_mail_detail (const McOwnMail *mail);
gint64 mc_own_mail_date (const McOwnMail *mail); /* its Date; 0 = none */
/* The Message-ID of a mail, or NULL. Caller frees. */
char *mc_own_mail_id (GBytes *rfc822);

G_END_DECLS
