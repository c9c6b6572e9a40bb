/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* A small JWS reader for tests, apart from core's writer. Everything returned is the caller's; mistakes in a test abort
 * it. */

#include "base/base64url.h"
#include "base/cleanup.h"
#include "base/json.h"

G_BEGIN_DECLS

/* Keys from base64url numbers; D = NULL makes a public RSA key. */
EVP_PKEY *jws_rsa_key (const char *n, const char *e, const char *d);
EVP_PKEY *jws_ec_key (guint bits, const char *d);

/* A base64url member of a flattened JWS as text ("protected", "payload"); the signature's octets; what was signed. */
char *jws_part (const char *jws, const char *member);
GBytes *jws_signature (const char *jws);
char *jws_input (const char *jws);

/* ALGORITHM is RS256, ES256 or ES384. */
gboolean jws_signature_is_good (EVP_PKEY *key, const char *algorithm, const char *input, const char *signature);
gboolean jws_is_good (EVP_PKEY *key, const char *algorithm, const char *jws);

/* HS256 as base64url. */
char *jws_hmac (GBytes *secret, const char *input);

G_END_DECLS
