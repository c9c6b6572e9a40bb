/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* base64url without padding (RFC 4648 5, RFC 8555 6.1). Caller frees. */
char *mc_base64url_compose (const void *bytes, gsize length);

/* Strict: no padding, no white space, no non-canonical trailing bits. NULL and MC_ERROR_MALFORMED otherwise. */
GBytes *mc_base64url_parse (const char *text, GError **error);

/* Standard base64 of LENGTH characters without white space, padded or not, else as strict. NULL and MC_ERROR_MALFORMED
 * otherwise. */
GBytes *mc_base64_parse (const char *text, gsize length, GError **error);

/* For keys that people copy from a CA's page: base64 or base64url, padded or not, white space ignored (T-27). */
GBytes *mc_base64_any_parse (const char *text, GError **error);

G_END_DECLS
