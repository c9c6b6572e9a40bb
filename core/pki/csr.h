/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>
#include <openssl/evp.h>

G_BEGIN_DECLS

typedef enum { MC_USAGE_BOTH, MC_USAGE_SIGN, MC_USAGE_ENCRYPT } McUsage;

const char *mc_usage_name (McUsage usage); /* "both", "sign", "encrypt" */
gboolean mc_usage_parse (const char *name, McUsage *out, GError **error);

/* PKCS#10 DER: empty subject, one extensionRequest with subjectAltName (rfc822Name, or SmtpUTF8Mailbox where the local
 * part is not ASCII, RFC 9598; domain as A-labels there) and keyUsage (H33-H36), nothing else (T-16). ADDRESSES is
 * NULL-terminated and used octet for octet (A18). MC_ERROR_USAGE for an address that cannot stand in a certificate or a
 * usage the key cannot have. */
GBytes *mc_csr_compose (EVP_PKEY *key, const char *const *addresses, McUsage usage, GError **error);

G_END_DECLS
