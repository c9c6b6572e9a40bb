/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Certificates for tests, made as they run so that none ever expires. Mistakes in a test abort it. */

#include "base/cleanup.h"

G_BEGIN_DECLS

#define MAKER_NOW 1795300000 /* 2026-11-21: the clock of these tests */

/* Extensions in OpenSSL's config syntax ("email:a@b.example", "critical,digitalSignature"); NULL leaves one out. In SAN
 * "mailbox:" is a SmtpUTF8Mailbox, which that syntax cannot say together with another name. */
typedef struct {
  const char *common_name; /* subject; NULL = empty */
  const char *san;
  const char *key_usage;
  const char *ext_key_usage;
  const char *basic;
  gint64 start;          /* 0 = an hour before MAKER_NOW */
  gint64 end;            /* 0 = a year later */
  const char *serial;    /* hex; NULL = 1001 */
  const char *issuer_id; /* authorityKeyIdentifier in hex; NULL = none */
} MakerPlan;

/* Signed with ISSUER_KEY under ISSUER's name; ISSUER = NULL makes it self-signed. Caller frees. */
X509 *maker_certificate (const MakerPlan *plan, EVP_PKEY *key, X509 *issuer, EVP_PKEY *issuer_key);

/* A CA and what it issues: root, intermediate and the key of the leaf, all P-256 unless RSA. */
typedef struct {
  EVP_PKEY *root_key;
  EVP_PKEY *ca_key;
  EVP_PKEY *leaf_key;
  X509 *root;
  X509 *ca;
} Maker;

Maker *maker_new (gboolean rsa_leaf);
void maker_free (Maker *maker);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Maker, maker_free)

/* The usual leaf for ADDRESS (both usages), to be changed by the test. */
MakerPlan maker_leaf_plan (const Maker *maker);
X509 *maker_leaf (const Maker *maker, const MakerPlan *plan);

/* PEM of the certificates up to NULL. */
char *maker_pem (X509 *first, ...) G_GNUC_NULL_TERMINATED;

G_END_DECLS
