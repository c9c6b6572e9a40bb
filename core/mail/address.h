/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Addresses are plain addr-specs, "local@domain", in UTF-8: the local part octet for octet as it was written (a quoted
 * one loses needless quotes), the domain as it was written. A value that two readers could read differently is refused
 * as malformed. */

#define MC_ADDRESS_MAX 254        /* octets, RFC 5321 4.5.3.1.3 less the brackets */
#define MC_ADDRESS_VALUE_MAX 8192 /* octets of one field value that are looked at */
#define MC_ADDRESS_COMMENT_DEPTH 16

/* Every addr-spec of an address list (RFC 5322 3.4: display names, comments, groups; folded or not), in order: an array
 * of char* that frees them. It is empty where only empty groups stand; MC_ERROR_MALFORMED where the value does not
 * parse. */
GPtrArray *mc_address_list_parse (const char *value, gsize length, GError **error);

/* The same where exactly one mailbox may stand, and no group. Caller frees. */
char *mc_address_parse_one (const char *value, gsize length, GError **error);

/* Moves CURSOR past white space, folds and comments; FALSE on a comment that does not end or nests too deep. */
gboolean mc_address_skip_comments (const char **cursor);

/* One bare addr-spec that can be certified and written to: no display name, no controls, spaces, quotes or "*" (A02), a
 * host name for a domain, at most MC_ADDRESS_MAX octets. The local part may be UTF-8. */
gboolean mc_address_is_valid (const char *address);

/* RFC 9598 5 (A74): local parts octet for octet, domains as A-labels without case. FALSE when either has no "@". */
gboolean mc_address_equal (const char *a, const char *b);

/* What follows the last "@", within ADDRESS; NULL if there is none. */
const char *mc_address_domain (const char *address);

/* The domain as lower-case A-labels, each a host label (letters, digits, hyphen; "_" too, for DKIM selectors), at most
 * 253 octets, without a final dot; NULL when it is no such name or has a character that must not be in one. Caller
 * frees. */
char *mc_domain_to_ascii (const char *domain);

G_END_DECLS
