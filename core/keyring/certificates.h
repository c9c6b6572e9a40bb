/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "pki/chain.h"

G_BEGIN_DECLS

/* Certificates as they lie in files and come out of programs. */

/* Every certificate in PEM text, in its order; whatever else stands there is skipped. Of X509, for the caller to unref.
 */
GPtrArray *mc_certificates_parse (const char *pem, gsize length);

gboolean mc_certificates_contain (const GPtrArray *certificates, X509 *certificate);

/* PEM of those from FROM up to, not including, TO; ROOT (may be NULL) behind them unless it was one of them. */
GBytes *mc_certificates_compose (const McChain *chain, guint from, guint to, X509 *root);

/* The root of CHAIN: KNOWN, or the chain's last one if that is self-signed. Borrowed; NULL = not known. */
X509 *mc_certificates_root (const McChain *chain, X509 *known);

/* How many of CHAIN stand below its root. */
guint mc_certificates_below_root (const McChain *chain);

G_END_DECLS
