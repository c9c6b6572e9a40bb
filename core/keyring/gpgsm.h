/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "keyring/keyring.h"
#include "keyring/program.h"

G_BEGIN_DECLS

/* Inside of the gpgsm keyring. Facts: GnuPG 2.2.40 as tried on Debian 12. */

typedef struct {
  const McKeyringItem *item;
  GCancellable *cancel;
  McCertificateInfo *leaf;
  X509 *root; /* borrowed; NULL where it is not known */
  char *home; /* GNUPGHOME */
} McGpgsm;

/* Creates an empty trustlist.txt where there is none, and adds the root's line if the person has said so. */
gboolean mc_gpgsm_trust (const McGpgsm *gpgsm, GError **error);

/* The text of a trustlist with a line for the root whose SHA-1 is FINGERPRINT (40 hex digits), everything else as it
 * was. NULL without error: it has one already. NULL and MC_ERROR_KEYRING: it says that this root is not to be trusted.
 * Caller frees. */
char *mc_trustlist_add (const char *text, const char *fingerprint, const char *name, GError **error);

/* Does what a mail program will do with it. */
McKeyringOutcome mc_gpgsm_try (const McGpgsm *gpgsm, GError **error);

/* "gpgsm --batch ... ARGUMENTS"; ARGUMENTS is NULL-terminated. FALSE only where it could not be run at all. */
gboolean mc_gpgsm_run (const McGpgsm *gpgsm, GBytes *input, const char *const *arguments, McProgramResult *result,
                       GError **error);

G_END_DECLS
