/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* FROM and the NULL-terminated TO as they may be put between angle brackets or into an argument list: addr-specs
 * without control characters, spaces and brackets, and at least one recipient. MC_ERROR_USAGE. */
gboolean mc_envelope_check (const char *from, const char *const *to, GError **error);

/* What a server must be asked for: SMTPUTF8 (RFC 6531) where an address or a header field is not ASCII, 8BITMIME where
 * anything is not. */
typedef struct {
  gboolean utf8;
  gboolean eight_bit;
} McEnvelopeNeeds;

McEnvelopeNeeds mc_envelope_needs (const char *from, const char *const *to, GBytes *rfc822);

G_END_DECLS
