/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>
#include <openssl/x509.h>

G_BEGIN_DECLS

/* Nothing relies on a keyring before its own program has signed and decrypted with the new key; these are the other
 * side of that. */

GBytes *mc_proof_text (void); /* what is signed, and encrypted; one line that ends in CRLF */

/* Is CMS, PEM or DER, a detached signature over the text by LEAF's key? */
gboolean mc_proof_is_signature (GBytes *cms, X509 *leaf);

/* The text, encrypted to LEAF (AES-256): DER. */
GBytes *mc_proof_encrypt (X509 *leaf, GError **error);

/* KEY opens what is encrypted to LEAF. */
gboolean mc_proof_decrypts (EVP_PKEY *key, X509 *leaf);

G_END_DECLS
