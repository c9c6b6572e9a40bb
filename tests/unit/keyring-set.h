/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/secret.h"
#include "certificate-maker.h"
#include "keyring/keyring.h"

G_BEGIN_DECLS

/* What the tests of the keyrings install: a root, a CA and leaves of the present day (gpgsm asks the real clock). */
typedef struct {
  EVP_PKEY *root_key, *ca_key;
  X509 *root, *ca;
  char *root_sha256;
  char *top; /* a folder under /tmp whose path is short: GnuPG's sockets live in it */
} Issuer;

typedef struct {
  const char *key_usage; /* NULL = both uses */
  const char *crl;       /* URL or NULL */
  gint64 age;            /* seconds since it was issued */
  gint64 life;           /* seconds from then on; 0 = until 300 days from now */
  gboolean ec;
  const char *passphrase;
  EVP_PKEY *key; /* NULL = a new one */
} LeafPlan;

typedef struct {
  EVP_PKEY *key;
  GBytes *pkcs8;
  McChain *chain; /* leaf and CA */
  McCertificateInfo *info;
  McKeyringItem item;
} Leaf;

Issuer *issuer_new (void);
void issuer_free (Issuer *issuer); /* removes its folder */

#define LEAF_ADDRESS "ana@example.org"

Leaf *leaf_new (const Issuer *issuer, LeafPlan plan);
void leaf_free (Leaf *leaf);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Leaf, leaf_free)

/* Runs a program, aborts the test where it fails; its output, for the caller to free. */
char *run_program (const char *first, ...) G_GNUC_NULL_TERMINATED;

G_END_DECLS
