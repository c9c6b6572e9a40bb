/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "acme/problem.h"

#include <openssl/evp.h>

G_BEGIN_DECLS

typedef enum { MC_ACCOUNT_VALID, MC_ACCOUNT_DEACTIVATED, MC_ACCOUNT_REVOKED } McAccountStatus;

/* newAccount payload (RFC 8555 7.3). AGREED must be a person's act (B21). CONTACT: one bare address or NULL. BINDING:
 * mc_jws_compose_binding's or NULL. */
char *mc_account_request_compose (gboolean agreed, gboolean only_existing, const char *contact, const char *binding,
                                  GError **error);
gboolean mc_account_parse (GBytes *body, McAccountStatus *out, GError **error);

/* keyChange payload: the inner JWS (B28). */
char *mc_account_rollover_compose (EVP_PKEY *old_key, EVP_PKEY *new_key, const char *account_url,
                                   const char *key_change_url, GError **error);

#define MC_STATUS_DEACTIVATED "{\"status\":\"deactivated\"}" /* account (B29) and authorization (B52) alike */

G_END_DECLS
