/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>
#include <openssl/evp.h>

G_BEGIN_DECLS

/* Flattened JSON JWS (RFC 7515, RFC 8555 6.2; B03-B08): ES256 for P-256 keys, ES384 for P-384, RS256 for RSA. KID = the
 * account URL, or NULL to carry the public key itself (newAccount, certificate-key revocation). NONCE = NULL only for
 * the inner JWS of a rollover. PAYLOAD = JSON text, "" for POST-as-GET (B07). Caller frees. */
char *mc_jws_compose (EVP_PKEY *key, const char *kid, const char *nonce, const char *url, const char *payload,
                      GError **error);

/* External account binding (B26): HS256 over the account's public key. */
char *mc_jws_compose_binding (EVP_PKEY *account_key, GBytes *hmac_key, const char *kid, const char *url,
                              GError **error);

/* Public JWK in the member order of RFC 7638 and its SHA-256 thumbprint as base64url. Callers free. */
char *mc_jwk_compose (EVP_PKEY *key, GError **error);
char *mc_jwk_thumbprint (EVP_PKEY *key, GError **error);

G_END_DECLS
