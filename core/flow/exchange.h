/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "acme/directory.h"
#include "acme/problem.h"

#include <openssl/evp.h>

G_BEGIN_DECLS

#define MC_EXCHANGE_BAD_NONCE_MAX 5 /* in a row (B10) */

/* What one life of the process needs to talk with one CA: all of it is found again after a restart. Plain data, zeroed
 * at the start; whoever owns it reads and writes the members. */
typedef struct {
  McDirectory *directory; /* NULL until fetched */
  char *nonce;            /* for the next signed request, NULL = none */
  McHttpRequest *request; /* the last one made: actions lend it */
  guint bad_nonces;       /* in a row */
} McExchange;

void mc_exchange_clear (McExchange *exchange);

/* Each makes the exchange's request and returns it, borrowed until the next one. */
McHttpRequest *mc_exchange_ask_directory (McExchange *exchange, const char *url);
McHttpRequest *mc_exchange_ask_nonce (McExchange *exchange);
/* A signed POST, which uses the nonce up. KID = the account's URL, NULL = KEY's public half stands in the request
 * (B04). PAYLOAD "" is POST-as-GET (B07). NULL with ERROR where KEY cannot sign. */
McHttpRequest *mc_exchange_ask (McExchange *exchange, EVP_PKEY *key, const char *kid, const char *url,
                                const char *payload, GError **error);

/* Any answer, errors too, may bring the nonce of the next request (B09). RESPONSE NULL: there was none, and nobody
 * knows whether the nonce was used. */
void mc_exchange_take_nonce (McExchange *exchange, const McHttpResponse *response);
/* TRUE: the CA only did not like the nonce, and the same request is to leave again with the one that came with the
 * error; bounded (B10). */
gboolean mc_exchange_is_bad_nonce (McExchange *exchange, const McProblem *problem);

G_END_DECLS
