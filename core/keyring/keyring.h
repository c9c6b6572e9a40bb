/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "pki/chain.h"
#include "pki/key.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* A place where a certificate can go: "gpgsm", "smime-keys", "smime-keys:DIR", "nss:DIR", "files:DIR". Everything here
 * runs programs or writes files and may take seconds: call it on a worker. */
typedef struct {
  const char *address;    /* whose certificate it is: names files and friendly names */
  GBytes *key;            /* PKCS#8, protected under PASSPHRASE or not */
  const char *passphrase; /* NULL = none: the keyring's copy is unprotected too */
  const McChain *chain;
  X509 *root;             /* the chain's root where it is known, or NULL */
  const char *trust_root; /* SHA-256 (64 lower-case hex digits) of the root that the person trusts, or NULL */
} McKeyringItem;

typedef enum {
  MC_KEYRING_READY,     /* there, its own program has signed and decrypted with it, and the newest one is the default */
  MC_KEYRING_UNTRUSTED, /* imported; signing fails only because the root is not trusted: ask the person, then install
                           again */
  MC_KEYRING_FAILED
} McKeyringOutcome;

const char *mc_keyring_outcome_name (McKeyringOutcome outcome); /* "ready", "untrusted", "failed" */

gboolean mc_keyring_spec_check (const char *spec,
                                GError **error); /* MC_ERROR_USAGE for an unknown place or a relative DIR */

/* Can it take a key of this KIND, and do with it what USAGE says? Asked before anything is ordered. MC_ERROR_USAGE as
 * above, MC_ERROR_KEYRING. */
gboolean mc_keyring_takes (const char *spec, McKeyKind kind, McUsage usage, GError **error);

/* Idempotent: what is there already is left as it is. Nothing that it did not write is changed or removed; trust is
 * added only for a root equal to ITEM's trust_root. ERROR is set on anything but READY and is a sentence.
 * KEY_ID (may be NULL) is written on READY and UNTRUSTED, for the caller to free: what the programs that use this
 * keyring call the certificate. gpgsm: SHA-1, 40 upper-case hex digits; smime-keys: HHHHHHHH.N; nss: the nickname;
 * files: the folder's path. */
McKeyringOutcome mc_keyring_install (const char *spec, const McKeyringItem *item, GCancellable *cancel, char **key_id,
                                     GError **error);

/* One certificate in a keyring that has its key. */
typedef struct {
  char *key_id; /* as above */
  McCertificateInfo *info;
  gboolean is_default; /* the one that signs: the newest of those that are valid now and may sign */
} McKeyringEntry;

/* What the keyring has for ADDRESS, ours and others', the newest first. Of McKeyringEntry, for the caller to unref. */
GPtrArray *mc_keyring_list (const char *spec, const char *address, GCancellable *cancel, GError **error);

/* Does GnuPG's list of roots, the person's or the machine's, have the one whose SHA-1 is FINGERPRINT (40 upper-case hex
 * digits)? */
gboolean mc_keyring_trusts (const char *fingerprint);

/* The places this machine has: "gpgsm" if the program is there and takes such a key, else "files:..." in
 * DATA_DIR/certificates. Caller frees. */
char *mc_keyring_default (const char *data_dir, McKeyKind kind);

G_END_DECLS
