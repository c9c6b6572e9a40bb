/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>
#include <openssl/asn1.h>

G_BEGIN_DECLS

/* UTCTime or GeneralizedTime as unix seconds, without a look at any clock; FALSE for what is neither. OpenSSL's queue
 * is left empty. */
gboolean mc_certificate_time_parse (const ASN1_TIME *time, gint64 *out);

G_END_DECLS
