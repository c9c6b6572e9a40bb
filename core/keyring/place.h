/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "keyring/keyring.h"

G_BEGIN_DECLS

/* Inside of keyring/: what each file that knows a place has. DIR is what stands behind ":" in the spec, NULL where
 * nothing does. */

/* Puts ITEM there and proves it. KEY_ID, never NULL, is written on READY and UNTRUSTED. */
typedef McKeyringOutcome (*McKeyringInstallFunc) (const char *dir, const McKeyringItem *item, GCancellable *cancel,
                                                  char **key_id, GError **error);

/* Makes the newest valid certificate of ITEM's addresses, which need not be ITEM's, the one that is used. */
typedef gboolean (*McKeyringDefaultFunc) (const char *dir, const McKeyringItem *item, GCancellable *cancel,
                                          GError **error);

/* Adds an entry for each certificate with a key, at least those of ADDRESS, in any order. */
typedef gboolean (*McKeyringListFunc) (const char *dir, const char *address, GCancellable *cancel, GPtrArray *entries,
                                       GError **error);

GPtrArray *mc_keyring_entries_new (void);
void mc_keyring_entry_add (GPtrArray *entries, const char *key_id, X509 *certificate);

/* The newest of those that are valid now and may be used for USE (SIGN or ENCRYPT), or NULL. */
McKeyringEntry *mc_keyring_entry_newest (const GPtrArray *entries, McUsage use);

gboolean mc_gpgsm_takes (gboolean rsa, GCancellable *cancel, GError **error); /* runs gpgsm for other kinds */
McKeyringOutcome mc_gpgsm_install (const char *dir, const McKeyringItem *item, GCancellable *cancel, char **key_id,
                                   GError **error);
gboolean mc_gpgsm_list (const char *dir, const char *address, GCancellable *cancel, GPtrArray *entries, GError **error);

McKeyringOutcome mc_smime_keys_install (const char *dir, const McKeyringItem *item, GCancellable *cancel, char **key_id,
                                        GError **error);
gboolean mc_smime_keys_set_default (const char *dir, const McKeyringItem *item, GCancellable *cancel, GError **error);
gboolean mc_smime_keys_list (const char *dir, const char *address, GCancellable *cancel, GPtrArray *entries,
                             GError **error);

McKeyringOutcome mc_nss_install (const char *dir, const McKeyringItem *item, GCancellable *cancel, char **key_id,
                                 GError **error);
gboolean mc_nss_takes (gboolean rsa, McUsage usage, GError **error);
gboolean mc_nss_list (const char *dir, const char *address, GCancellable *cancel, GPtrArray *entries, GError **error);

McKeyringOutcome mc_files_install (const char *dir, const McKeyringItem *item, GCancellable *cancel, char **key_id,
                                   GError **error);
gboolean mc_files_set_default (const char *dir, const McKeyringItem *item, GCancellable *cancel, GError **error);
gboolean mc_files_list (const char *dir, const char *address, GCancellable *cancel, GPtrArray *entries, GError **error);

G_END_DECLS
