/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>
#include <openssl/pkcs12.h>

G_BEGIN_DECLS

/* gpgsm 2.2.40 cannot read one PBE-SHA1-3DES file in 64 with passphrases that fit into one block: its key derivation
 * adds numbers of 64 bytes and loses a first byte that becomes zero (string_to_key in its minip12.c). It hangs on the
 * salts: FALSE = make another. */
gboolean mc_pkcs12_is_readable_by_gpgsm (PKCS12 *pkcs12, const char *passphrase);

G_END_DECLS
