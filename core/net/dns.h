/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "mail/authenticity.h" /* McDnsAnswer */

G_BEGIN_DECLS

/* Look-ups by libunbound: own server and port, every record, DNSSEC status. */
typedef struct McDns McDns;

#define MC_DNS_SECONDS 10 /* one look-up; then the answer is "unavailable" and the mail is judged again later */

/* RESOLVER: "IP@PORT" (or "IP"), or the path of a file like /etc/resolv.conf; NULL = /etc/resolv.conf. Such a file is
 * read again when it changes: a laptop moves. ANCHOR_FILE: DS or DNSKEY records, NULL = no validation here
 * (secure is then FALSE, bogus never). A loopback resolver and the reserved test. zone work (platform/mail.md 4).
 * MC_ERROR_CONFIG where either cannot be used. */
McDns *mc_dns_new (const char *resolver, const char *anchor_file, GError **error);
void mc_dns_free (McDns *dns);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (McDns, mc_dns_free)

/* Blocks at most MC_DNS_SECONDS; any thread, several at once. Never NULL: trouble is an answer with status unavailable
 * or bogus, a name that cannot be looked up is none. Caller frees. */
McDnsAnswer *mc_dns_txt (McDns *dns, const char *name);

typedef enum {
  MC_DNS_A = 1,
  MC_DNS_MX = 15,
  MC_DNS_TXT = 16,
  MC_DNS_AAAA = 28,
  MC_DNS_CAA = 257
} McDnsType; /* as in the DNS itself */

/* The same for other types: the answer's texts are then the records' octets as they came, names uncompressed. */
McDnsAnswer *mc_dns_look_up (McDns *dns, const char *name, McDnsType type);

McDnsAnswer *mc_dns_answer_new (McDnsStatus status, gboolean secure); /* texts: an empty array if FOUND, else NULL */
void mc_dns_answer_free (McDnsAnswer *answer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (McDnsAnswer, mc_dns_answer_free)

G_END_DECLS
