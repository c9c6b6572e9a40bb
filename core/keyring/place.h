/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "keyring/keyring.h"

G_BEGIN_DECLS

/* Inside of keyring/: one of these per file that knows a place. */

/* Imports ITEM; DIR is what stands behind ":" in the spec, NULL where the place takes none. KEY_ID, never NULL, is
 * written on READY and UNTRUSTED. */
typedef McKeyringOutcome (*McKeyringInstallFunc) (const char *dir, const McKeyringItem *item, GCancellable *cancel,
                                                  char **key_id, GError **error);

gboolean mc_gpgsm_takes (gboolean rsa, GCancellable *cancel, GError **error); /* runs gpgsm for other kinds */
McKeyringOutcome mc_gpgsm_install (const char *dir, const McKeyringItem *item, GCancellable *cancel, char **key_id,
                                   GError **error);
McKeyringOutcome mc_files_install (const char *dir, const McKeyringItem *item, GCancellable *cancel, char **key_id,
                                   GError **error);

G_END_DECLS
