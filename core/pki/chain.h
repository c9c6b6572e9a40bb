/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "pki/csr.h"

#include <openssl/x509.h>

G_BEGIN_DECLS

#define MC_CHAIN_MAX_BYTES (128 * 1024) /* an honest chain is under 10 KiB; post-quantum leaves room for more */
#define MC_CHAIN_MAX_CERTIFICATES 8     /* leaf, a few intermediates and cross-signs */

/* A certificate with its issuers, leaf first. */
typedef struct McChain McChain;

/* application/pem-certificate-chain (RFC 8555 9.1, B61): certificates only; anything else after "-----BEGIN " (a key!)
 * is refused (B62), explanatory text too. Checks the order: each certificate is issued (name and signature) by the
 * next. */
McChain *mc_chain_parse (const char *pem, gsize length, GError **error);
McChain *mc_chain_ref (McChain *chain);
void mc_chain_free (McChain *chain);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (McChain, mc_chain_free)

/* What must hold before a chain is kept: leaf carries KEY's public half (NULL = not asked), exactly ADDRESSES as mail
 * SANs, emailProtection, no CA bit, keyUsage as asked (D05: RSA keyEncipherment, EC keyAgreement), valid at NOW
 * (notBefore may lie 5 minutes ahead: CA clocks); every issuer that is there is a CA's and valid too. The root may be
 * absent (B61), so a leaf alone and a chain that ends below its root are normal; trust is the keyring's question.
 * MC_ERROR_REFUSED with the one reason. */
gboolean mc_chain_check (const McChain *chain, EVP_PKEY *key, const char *const *addresses, McUsage usage, gint64 now,
                         GError **error);
/* Do the leaf's keyUsage bits allow USAGE with its kind of key (H33-H36)? A CA's profile may have overridden what the
 * CSR asked for (D05). */
gboolean mc_chain_allows (const McChain *chain, McUsage usage);

guint mc_chain_length (const McChain *chain);
X509 *mc_chain_certificate (const McChain *chain, guint index); /* borrowed */
char *mc_chain_compose (const McChain *chain);                  /* PEM, leaf first; caller frees */

/* What people and keyrings want to know of one certificate. */
typedef struct {
  char *serial;      /* hex, lower case, as in the DER content octets */
  char *issuer;      /* its common name, else organization, sanitized */
  char *subject;     /* RFC 2253 */
  char **addresses;  /* NULL-terminated mail SANs (rfc822Name and SmtpUTF8Mailbox) */
  gint64 not_before; /* unix seconds */
  gint64 not_after;
  McUsage usage;    /* from keyUsage; absent = both (A62) */
  char *sha1;       /* 40 hex digits, upper case: what gpgsm calls a fingerprint */
  char *sha256;     /* 64 hex digits, lower case */
  char *renewal_id; /* RFC 9773 4.1 (C02), NULL without an authority key identifier */
  gboolean self_signed;
} McCertificateInfo;

McCertificateInfo *mc_certificate_info_new (X509 *certificate, GError **error);
void mc_certificate_info_free (McCertificateInfo *info);

/* Where its revocation list is (http and https URLs of plain ASCII), NULL-terminated. Caller frees. */
char **mc_certificate_crl_urls (X509 *certificate);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (McCertificateInfo, mc_certificate_info_free)

G_END_DECLS
