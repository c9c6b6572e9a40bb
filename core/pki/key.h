/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>
#include <openssl/evp.h>

G_BEGIN_DECLS

/* The kinds of key a certificate or an account may have; names as on the command line (DESIGN 5): rsa3072 rsa4096 p256
 * p384. RSA-2048 can be read (old certificates) but is never made. */
typedef enum { MC_KEY_RSA3072, MC_KEY_RSA4096, MC_KEY_P256, MC_KEY_P384 } McKeyKind;

const char *mc_key_kind_name (McKeyKind kind);
gboolean mc_key_kind_parse (const char *name, McKeyKind *out, GError **error);

/* Makes a key: RSA takes 0.3 to several seconds of CPU, so call it on a worker. Caller frees. */
EVP_PKEY *mc_key_new (McKeyKind kind, GError **error);

/* PKCS#8 DER, PBES2 (AES-256-CBC, PBKDF2 HMAC-SHA256) under PASSPHRASE unless that is NULL. The result is wiped when
 * freed. MC_ERROR_USAGE for an empty passphrase. A quarter of a second with a passphrase. */
GBytes *mc_key_compose (EVP_PKEY *key, const char *passphrase, GError **error);

/* Either form; MC_ERROR_KEYRING where a passphrase is needed or wrong, MC_ERROR_MALFORMED for anything that is no
 * PKCS#8 of a kind we use (RSA 2048..8192, P-256, P-384). */
EVP_PKEY *mc_key_parse (GBytes *pkcs8, const char *passphrase, GError **error);
gboolean mc_key_is_protected (GBytes *pkcs8);

/* RSA of 2048 to 8192 bits. */
gboolean mc_key_is_rsa (EVP_PKEY *key);
/* 256 or 384 for a key on a curve that we use, else 0. */
guint mc_key_curve_bits (EVP_PKEY *key);

/* The same from PEM text, and any other form that OpenSSL reads; NULL where it does not open with PASSPHRASE. */
EVP_PKEY *mc_key_parse_pem (const char *pem, const char *passphrase);

/* Same public half. */
gboolean mc_key_equal (EVP_PKEY *a, EVP_PKEY *b);

/* PEM ("PRIVATE KEY" / "ENCRYPTED PRIVATE KEY") of a PKCS#8 DER, wiped when freed with mc_secret_string_free. */
char *mc_key_compose_pem (GBytes *pkcs8);

G_END_DECLS
