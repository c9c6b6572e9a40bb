/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "mail/dns-answer.h"

G_BEGIN_DECLS

/* What the DNS of a mail domain says of it: what matters for certificates, and context for people. */

typedef enum {
  MC_MX_SOME,    /* mail goes to a host */
  MC_MX_NULL,    /* "." alone: this domain takes no mail (RFC 7505) */
  MC_MX_GARBLED, /* no record that can be read */
} McMxOutcome;

/* RECORDS: of GBytes, the octets of MX records, names uncompressed; at least one. */
McMxOutcome mc_mx_judge (const GPtrArray *records);

/* The one text among TEXTS that begins with VERSION ("v=spf1", "v=DMARC1", "v=STSv1") as a word of its own, the case of
 * letters ignored; NULL where there is none, or several. Sanitized, the caller's to free. */
char *mc_policy_find (const GPtrArray *texts, const char *version);

/* The value of the tag p= of a DMARC record: "none", "quarantine", "reject"; NULL for anything else. Static. */
const char *mc_dmarc_policy (const char *record);

G_END_DECLS
