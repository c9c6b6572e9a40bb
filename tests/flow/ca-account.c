/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "ca.h"

#include <string.h>

/* Accounts (RFC 8555 7.3), and what is asked of a CA besides a certificate: another key, an end, a revocation. */

static McHttpResponse *
account_answer (Ca *ca, const CaAccount *account, guint status)
{
  McHttpResponse *response =
      ca_answer (ca, status, g_strdup_printf ("{\"status\":\"%s\"}", account->closed ? "deactivated" : "valid"));

  mc_http_response_add_header (response, "location", account->url);
  return response;
}

McHttpResponse *
ca_new_account (Ca *ca, const CaCall *call, const char *url)
{
  CaAccount *account = call->account;
  const gboolean is_new = account->id == G_MAXUINT;
  const char *fault = NULL;

  if (is_new && mc_json_boolean_or (call->payload, "onlyReturnExisting", FALSE))
    fault = "accountDoesNotExist"; /* B24 */
  else if (is_new && ca->plan.terms != NULL && !mc_json_boolean_or (call->payload, "termsOfServiceAgreed", FALSE))
    fault = "userActionRequired";
  else if (is_new && ca->plan.binding_kid != NULL)
    fault = ca_binding_fault (ca, call, url);
  if (fault != NULL) {
    g_ptr_array_remove (ca->accounts, account);
    return ca_problem (ca, strcmp (fault, "accountDoesNotExist") == 0 ? 400 : 403, fault, "no account was made", FALSE);
  }
  if (is_new)
    account->id = ca->accounts->len - 1;
  return account_answer (ca, account, is_new ? 201 : 200);
}

/* B29 */
McHttpResponse *
ca_account (Ca *ca, const CaCall *call)
{
  if (call->payload != NULL) {
    g_assert_cmpstr (mc_json_string_or (call->payload, "status", ""), ==, "deactivated");
    call->account->closed = TRUE;
  }
  return account_answer (ca, call->account, 200);
}

/* B28 */
McHttpResponse *
ca_key_change (Ca *ca, const CaCall *call, const char *url)
{
  CaAccount *bearer = ca_call_rollover (ca, call, url);
  CaAccount *account = call->account;

  if (bearer->id != G_MAXUINT) /* it has that key already */
    return ca_problem (ca, 409, "malformed", "the new key is an account's", FALSE);
  ca_swap_keys (account, bearer);
  g_ptr_array_remove (ca->accounts, bearer);
  account->key_changes++;
  return account_answer (ca, account, 200);
}

static CaOrder *
order_of_certificate (const Ca *ca, const char *base64)
{
  for (guint i = 0; i < ca->orders->len; i++) {
    CaOrder *order = g_ptr_array_index (ca->orders, i);

    if (g_strcmp0 (order->leaf, base64) == 0)
      return order;
  }
  g_error ("revokeCert of a certificate that was never issued");
}

/* B63: the account that ordered it may, or whoever has its key. */
McHttpResponse *
ca_revoke (Ca *ca, const CaCall *call)
{
  CaOrder *order = order_of_certificate (ca, mc_json_string_or (call->payload, "certificate", ""));
  CaAccount *signer = call->account;
  const guint8 *der;
  gsize length;
  g_autoptr (X509_REQ) csr = NULL;
  gboolean may = signer == order->account;

  if (signer->id == G_MAXUINT) {
    der = g_bytes_get_data (order->csr, &length);
    csr = d2i_X509_REQ (NULL, &der, (long)length);
    may = EVP_PKEY_eq (X509_REQ_get0_pubkey (csr), signer->key) == 1;
    g_ptr_array_remove (ca->accounts, signer);
  }
  if (!may)
    return ca_problem (ca, 403, "unauthorized", "not yours", FALSE);
  if (order->revoked)
    return ca_problem (ca, 400, "alreadyRevoked", "once is enough", FALSE);
  order->revoked = TRUE;
  return ca_answer (ca, 200, g_strdup (""));
}
