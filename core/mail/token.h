/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "mail/ca-profile.h"

G_BEGIN_DECLS

#define MC_TOKEN_PART1_MIN 22  /* base64url characters of 128 bits (A30) */
#define MC_TOKEN_PART1_MAX 512 /* keeps the Subject of the reply on one line (T-11) */

/* A-Z a-z 0-9 "-" "_", then at most two "=" (T-01). Says nothing about length except that it is not empty. */
gboolean mc_token_is_valid (const char *token);

/* What the reply says: base64url (SHA-256 (token "." THUMBPRINT)), 43 characters without padding (A11, T-01). PART1 is
 * the mail's, white space removed, else as received (T-03); PART2 the challenge object's; THUMBPRINT the account key's
 * (RFC 7638). Caller frees. MC_ERROR_MALFORMED when a part has characters that it cannot have, or does not decode
 * where JOIN is BYTES. */
char *mc_token_digest (const char *part1, const char *part2, const char *thumbprint, McTokenJoin join, GError **error);

G_END_DECLS
