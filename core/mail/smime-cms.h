/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>
#include <openssl/x509.h>

#include "base/cleanup.h"

G_BEGIN_DECLS

/* A CMS SignedData (RFC 5652 5) as a challenge may have it: one signer, over plain data, SHA-2 or SHA-3 and a key of at
 * least 112 bits of security (RSA: 2048). Nothing that came with it is trusted, and nothing is fetched. */

#define MC_SMIME_CERTIFICATES_MAX                                                                                      \
  16                               /* a chain and a few cross-signs; each one costs a search and maybe a signature     \
                                    */
#define MC_SMIME_CHAIN_MAX 8       /* intermediates between signer and root: real chains have one or two */
#define MC_SMIME_RSA_BITS_MAX 8192 /* larger keys serve to keep us busy */

typedef struct {
  GBytes *content;     /* what is signed */
  X509 *signer;        /* the certificate that belongs to the signature's key */
  McX509Stack *others; /* every certificate that came along */
} McSmimeSigned;

void mc_smime_signed_free (McSmimeSigned *opened);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (McSmimeSigned, mc_smime_signed_free)

/* Does the signature hold? DETACHED is the signed part, NULL where DER holds the content itself; it is an error for
 * there to be both. NULL and FAULT (static) when the signature proves nothing (smime-invalid). Says nothing about who
 * signed. */
McSmimeSigned *mc_smime_open (GBytes *der, GBytes *detached, const char **fault);

/* Does one of ROOTS (PEM; NULL = none are set) vouch for the signer at NOW, for mail (emailProtection is there; a
 * keyUsage allows signatures), over SHA-2 and keys of 112 bits all the way? NULL when it does, else why not; caller
 * frees. */
char *mc_smime_distrust (const McSmimeSigned *opened, GBytes *roots, gint64 now);

G_END_DECLS
