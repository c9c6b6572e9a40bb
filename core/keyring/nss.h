/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "keyring/keyring.h"
#include "keyring/program.h"

G_BEGIN_DECLS

/* Inside of the nss keyring. Facts: NSS 3.87 as tried on Debian 12. */

typedef struct {
  const McKeyringItem *item;
  GCancellable *cancel;
  McCertificateInfo *leaf;
  X509 *root;     /* borrowed; NULL where it is not known */
  char *database; /* sql:DIR */
  char *password; /* the database's primary password; NULL = none, or not known */
} McNss;

/* "PROGRAM -d sql:DIR -f PASSWORD-FILE ARGUMENTS"; FALSE only where it could not be run at all. */
gboolean mc_nss_run (const McNss *nss, const char *program, GBytes *input, const char *const *arguments,
                     McProgramResult *result, GError **error);

/* The certificate's nickname, or NULL without error: it is not there. FLAGS (may be NULL): its trust, as in "u,u,u".
 * Caller frees. */
char *mc_nss_find (const McNss *nss, X509 *certificate, char **flags, GError **error);

/* The root is trusted for mail if the person has said so. */
gboolean mc_nss_trust (const McNss *nss, GError **error);

/* Signs and decrypts as a mail program's NSS would. */
McKeyringOutcome mc_nss_try (const McNss *nss, const char *nickname, GError **error);

G_END_DECLS
