/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Why a certificate is revoked: those of RFC 5280 5.3.1 that a subscriber can honestly give (RFC 8555 7.6); the values
 * are the protocol's. */
typedef enum {
  MC_REASON_UNSPECIFIED = 0,
  MC_REASON_KEY_COMPROMISE = 1, /* the key must not be used again */
  MC_REASON_AFFILIATION_CHANGED = 3,
  MC_REASON_SUPERSEDED = 4,
  MC_REASON_CESSATION_OF_OPERATION = 5
} McReason;

const char *mc_reason_name (McReason reason); /* "keyCompromise", ...: static */
gboolean mc_reason_parse (const char *name, McReason *out);
const char *const *mc_reason_names (void); /* NULL-terminated, static */

/* revokeCert payload (B63). Caller frees. */
char *mc_revocation_compose (GBytes *certificate_der, McReason reason);

G_END_DECLS
