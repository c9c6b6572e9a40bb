/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "flow/exchange.h"

#include "acme/jws.h"

void
mc_exchange_clear (McExchange *exchange)
{
  g_clear_pointer (&exchange->directory, mc_directory_free);
  g_clear_pointer (&exchange->nonce, g_free);
  g_clear_pointer (&exchange->request, mc_http_request_free);
}

static McHttpRequest *
keep (McExchange *exchange, McHttpRequest *request)
{
  mc_http_request_free (exchange->request);
  exchange->request = request;
  return request;
}

McHttpRequest *
mc_exchange_ask_directory (McExchange *exchange, const char *url)
{
  return keep (exchange, mc_http_request_new ("GET", url, NULL, NULL));
}

McHttpRequest *
mc_exchange_ask_nonce (McExchange *exchange)
{
  return keep (exchange, mc_http_request_new ("HEAD", exchange->directory->new_nonce, NULL, NULL));
}

McHttpRequest *
mc_exchange_ask (McExchange *exchange, EVP_PKEY *key, const char *kid, const char *url, const char *payload,
                 GError **error)
{
  char *body = mc_jws_compose (key, kid, exchange->nonce, url, payload, error);

  if (body == NULL)
    return NULL;
  g_clear_pointer (&exchange->nonce, g_free);
  return keep (exchange, mc_http_request_new ("POST", url, "application/jose+json", body));
}

void
mc_exchange_take_nonce (McExchange *exchange, const McHttpResponse *response)
{
  const char *nonce = response != NULL ? mc_http_response_nonce (response) : NULL;

  if (response != NULL && nonce == NULL)
    return;
  g_free (exchange->nonce);
  exchange->nonce = g_strdup (nonce);
}

gboolean
mc_exchange_is_bad_nonce (McExchange *exchange, const McProblem *problem)
{
  return mc_problem_is (problem, "badNonce") && ++exchange->bad_nonces <= MC_EXCHANGE_BAD_NONCE_MAX;
}
