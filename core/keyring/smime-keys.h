/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "keyring/keyring.h"

G_BEGIN_DECLS

/* Inside of the smime-keys keyring: the folder of mutt's classic S/MIME, as the script smime_keys keeps it. */

typedef struct {
  const McKeyringItem *item;
  GCancellable *cancel;
  McCertificateInfo *leaf;
  EVP_PKEY *key;
  char *top;          /* ~/.smime */
  char *certificates; /* TOP/certificates */
  char *keys;         /* TOP/keys */
  char *name;         /* HHHHHHHH.N of certificate and key */
  char *issuers;      /* IIIIIIII.N, or "?" */
  int lock;           /* of mailcert against itself; smime_keys knows none */
} McSmimeKeys;

/* Certificate, issuers and key become files; what is there already is used. Writes NAME and ISSUERS. */
gboolean mc_smime_keys_write (McSmimeKeys *self, GError **error);

/* Signs and decrypts with them as mutt would. */
gboolean mc_smime_keys_try (const McSmimeKeys *self, GError **error);

G_END_DECLS
