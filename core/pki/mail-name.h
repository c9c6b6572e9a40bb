/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>
#include <openssl/x509v3.h>

G_BEGIN_DECLS

/* A mail address as certificates and ACME know it: one dot-atom, "@", one domain name; UTF-8 in either (RFC 9598). */

/* MC_ERROR_USAGE, in one clause, for what cannot stand in a certificate: control characters, spaces, "*" (A02), quotes,
 * comments, no or several "@", a domain that is none. */
gboolean mc_mail_name_check (const char *address, GError **error);

/* ADDRESS with its domain as A-labels where that is not ASCII, else as it is (A18, A71). Caller frees; NULL where
 * mc_mail_name_check fails. */
char *mc_mail_name_to_ascii_domain (const char *address, GError **error);

/* rfc822Name; SmtpUTF8Mailbox where the local part is not ASCII, with the domain in lower case then (A70-A72). Caller
 * frees. */
GENERAL_NAME *mc_mail_name_compose (const char *address, GError **error);

/* Is NAME an rfc822Name or a SmtpUTF8Mailbox at all? */
gboolean mc_mail_name_is_mail (const GENERAL_NAME *name);

/* The address in an rfc822Name or SmtpUTF8Mailbox; NULL for any other kind and for one with a NUL, or not in its own
 * character set. Caller frees. */
char *mc_mail_name_parse (const GENERAL_NAME *name);

/* Does NAME say ADDRESS? Domain by A-label without case, local part octet for octet; the two kinds never equal one
 * another (A74, A75). */
gboolean mc_mail_name_equal (const GENERAL_NAME *name, const char *address);

G_END_DECLS
