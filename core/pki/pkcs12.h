/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "pki/chain.h"

G_BEGIN_DECLS

typedef enum {
  MC_PKCS12_MODERN,     /* PBES2 AES-256, HMAC-SHA256 MAC */
  MC_PKCS12_COMPATIBLE, /* PBE-SHA1-3DES and SHA-1 MAC: the one form that gpgsm 2.2, NSS and smime_keys all take
                           (platform/mutt-keyrings 3.2) */
} McPkcs12Form;

/* PKCS#12 of key, leaf and issuers (EXTRA_ROOT too unless NULL), friendlyName NAME. Wiped when freed. */
GBytes *mc_pkcs12_compose (EVP_PKEY *key, const McChain *chain, X509 *extra_root, const char *name,
                           const char *passphrase, McPkcs12Form form, GError **error);

G_END_DECLS
