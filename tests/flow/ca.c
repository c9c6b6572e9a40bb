/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "ca.h"

#include <string.h>

static void
account_free (gpointer p)
{
  CaAccount *account = p;

  g_free (account->url);
  g_free (account->x);
  g_free (account->y);
  g_free (account->thumbprint);
  EVP_PKEY_free (account->key);
  g_free (account);
}

static void
authorization_free (gpointer p)
{
  CaAuthorization *authorization = p;

  g_free (authorization->address);
  g_free (authorization->part1);
  g_free (authorization->part2);
  g_free (authorization->from);
  g_free (authorization->reply_to);
  g_free (authorization->message_id);
  g_free (authorization);
}

static void
order_free (gpointer p)
{
  CaOrder *order = p;

  g_ptr_array_unref (order->authorizations);
  g_clear_pointer (&order->csr, g_bytes_unref);
  g_free (order->chain);
  g_free (order->leaf);
  g_free (order->renewal_id);
  g_free (order);
}

Ca *
ca_new (const CaPlan *plan, guint32 seed, CaMailFunc mail, gpointer mail_self)
{
  Ca *ca = g_new0 (Ca, 1);

  ca->plan = *plan;
  ca->random = g_rand_new_with_seed (seed);
  ca->mail = mail;
  ca->mail_self = mail_self;
  ca->nonces = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  ca->accounts = g_ptr_array_new_with_free_func (account_free);
  ca->authorizations = g_ptr_array_new_with_free_func (authorization_free);
  ca->orders = g_ptr_array_new_with_free_func (order_free);
  return ca;
}

void
ca_free (Ca *ca)
{
  g_rand_free (ca->random);
  g_hash_table_unref (ca->nonces);
  g_ptr_array_unref (ca->orders);
  g_ptr_array_unref (ca->authorizations);
  g_ptr_array_unref (ca->accounts);
  g_free (ca);
}

/* --- answers --- */

static void
add_nonce (Ca *ca, McHttpResponse *response)
{
  char *nonce = g_strdup_printf ("n-%08x%08x", g_rand_int (ca->random), g_rand_int (ca->random));

  mc_http_response_add_header (response, "replay-nonce", nonce);
  g_hash_table_add (ca->nonces, nonce);
}

#define DATELESS 86400 /* 1970-01-02 */

static void
add_date (const Ca *ca, McHttpResponse *response)
{
  g_autoptr (GDateTime) now = g_date_time_new_from_unix_utc (ca->plan.dateless ? DATELESS : ca->now);
  g_autofree char *value = g_date_time_format (now, "%a, %d %b %Y %H:%M:%S GMT");

  mc_http_response_add_header (response, "date", value);
}

static McHttpResponse *
bare_answer (guint status, const char *media_type, const char *body)
{
  g_autoptr (GBytes) bytes = g_bytes_new (body, strlen (body));
  McHttpResponse *response = mc_http_response_new (status, bytes);

  mc_http_response_add_header (response, "content-type", media_type);
  return response;
}

McHttpResponse *
ca_answer (Ca *ca, guint status, const char *json_take)
{
  McHttpResponse *response = bare_answer (status, "application/json", json_take);

  g_free ((char *)json_take);
  add_nonce (ca, response);
  add_date (ca, response);
  return response;
}

McHttpResponse *
ca_problem (Ca *ca, guint status, const char *type, const char *detail, gboolean without_nonce)
{
  g_autofree char *body =
      g_strdup_printf ("{\"type\":\"urn:ietf:params:acme:error:%s\",\"detail\":\"%s\"}", type, detail);
  McHttpResponse *response = bare_answer (status, "application/problem+json", body);

  if (!without_nonce)
    add_nonce (ca, response);
  return response;
}

/* --- what is asked --- */

static const struct {
  const char *path;
  CaRoute route;
} routes[] = {
    {"directory", CA_DIRECTORY},
    {"new-nonce", CA_NONCE},
    {"new-account", CA_NEW_ACCOUNT},
    {"new-order", CA_NEW_ORDER},
    {"authorization", CA_AUTHORIZATION},
    {"challenge", CA_CHALLENGE},
    {"order", CA_ORDER},
    {"finalize", CA_FINALIZE},
    {"certificate", CA_CERTIFICATE},
    {"renewal-info", CA_RENEWAL_INFO},
    {"account", CA_ACCOUNT},
    {"key-change", CA_KEY_CHANGE},
    {"revoke", CA_REVOKE},
};

static gboolean
has_payload (const McHttpRequest *request)
{
  g_autoptr (McJson) jws = mc_json_parse (request->body, strlen (request->body), NULL);

  return *mc_json_string_or (jws, "payload", "") != '\0';
}

CaRoute
ca_route (const McHttpRequest *request)
{
  const char *path = request->url + strlen (CA_ORIGIN);

  g_assert_true (g_str_has_prefix (request->url, CA_ORIGIN));
  for (gsize i = 0; i < G_N_ELEMENTS (routes); i++) {
    const gsize length = strlen (routes[i].path);

    if (strncmp (path, routes[i].path, length) != 0 || (path[length] != '\0' && path[length] != '/'))
      continue;
    return routes[i].route == CA_AUTHORIZATION && has_payload (request) ? CA_DEACTIVATE : routes[i].route;
  }
  g_error ("nothing is at %s", request->url);
}

static McHttpResponse *
directory (const Ca *ca)
{
  g_autofree char *terms =
      ca->plan.terms != NULL ? g_strdup_printf ("\"termsOfService\":\"%s\",", ca->plan.terms) : g_strdup ("");
  g_autofree char *body = g_strdup_printf (
      "{\"newNonce\":\"" CA_ORIGIN "new-nonce\",\"newAccount\":\"" CA_ORIGIN "new-account\",\"newOrder\":\"" CA_ORIGIN
      "new-order\",%s\"revokeCert\":\"" CA_ORIGIN "revoke\",\"keyChange\":\"" CA_ORIGIN
      "key-change\",\"meta\":{%s\"externalAccountRequired\":%s}}",
      ca->plan.renewal_info ? "\"renewalInfo\":\"" CA_ORIGIN "renewal-info\"," : "", terms,
      ca->plan.binding_kid != NULL ? "true" : "false");

  return bare_answer (200, "application/json", body);
}

static guint
last_number (const char *url)
{
  const char *slash = strrchr (url, '/');

  return (guint)g_ascii_strtoull (slash + 1, NULL, 10);
}

static McHttpResponse *
deactivate (Ca *ca, const CaCall *call, guint id)
{
  CaAuthorization *authorization = g_ptr_array_index (ca->authorizations, id);

  g_assert_cmpstr (mc_json_string_or (call->payload, "status", ""), ==, "deactivated");
  authorization->status = "deactivated";
  return ca_authorization (ca, call, id);
}

static McHttpResponse *
dispatch (Ca *ca, const CaCall *call, const McHttpRequest *request, CaRoute route)
{
  const guint id = last_number (request->url);

  switch (route) {
  case CA_NEW_ACCOUNT:
    return ca_new_account (ca, call, request->url);
  case CA_NEW_ORDER:
    return ca_new_order (ca, call);
  case CA_AUTHORIZATION:
    g_assert_null (call->payload); /* POST-as-GET, B07 */
    return ca_authorization (ca, call, id);
  case CA_DEACTIVATE:
    return deactivate (ca, call, id);
  case CA_CHALLENGE:
    return ca_challenge (ca, call, id);
  case CA_ORDER:
    g_assert_null (call->payload);
    return ca_order (ca, call, id);
  case CA_FINALIZE:
    return ca_finalize (ca, call, id);
  case CA_CERTIFICATE:
    g_assert_null (call->payload);
    return ca_certificate (ca, call, id, strstr (request->url, "/other/") != NULL);
  case CA_ACCOUNT:
    return ca_account (ca, call);
  case CA_KEY_CHANGE:
    return ca_key_change (ca, call, request->url);
  case CA_REVOKE:
    return ca_revoke (ca, call);
  default:
    g_assert_not_reached ();
  }
}

McHttpResponse *
ca_request (Ca *ca, const McHttpRequest *request, gint64 now)
{
  const CaRoute route = ca_route (request);
  McHttpResponse *response;
  CaCall call;

  ca->now = now;
  if (route == CA_DIRECTORY || route == CA_NONCE) {
    g_assert_cmpstr (request->method, ==, route == CA_NONCE ? "HEAD" : "GET");
    ca->requests[route]++;
    response = route == CA_DIRECTORY ? directory (ca) : bare_answer (200, "", "");
    if (route == CA_NONCE)
      add_nonce (ca, response);
    return response;
  }
  if (route == CA_RENEWAL_INFO) {
    g_assert_cmpstr (request->method, ==, "GET"); /* C05 */
    ca->requests[route]++;
    return ca_renewal_info (ca, request->url);
  }
  g_assert_cmpstr (request->method, ==, "POST");
  ca_call_read (ca, request, &call);
  if (call.refusal == NULL) {
    ca->requests[route]++;
    response = dispatch (ca, &call, request, route);
  } else
    response = call.refusal;
  ca_call_clear (&call);
  return response;
}

/* --- what a test does to it or asks of it --- */

void
ca_forget_accounts (Ca *ca)
{
  for (guint i = 0; i < ca->accounts->len; i++) {
    CaAccount *account = g_ptr_array_index (ca->accounts, i);

    /* Orders still point at it: it only cannot be found any more. */
    g_free (account->x);
    account->x = g_strdup ("");
    g_free (account->url);
    account->url = g_strdup ("");
  }
}

void
ca_forget_nonces (Ca *ca)
{
  g_hash_table_remove_all (ca->nonces);
}

guint
ca_posts_most (const Ca *ca)
{
  guint most = 0;

  for (guint i = 0; i < ca->authorizations->len; i++)
    most = MAX (most, ((CaAuthorization *)g_ptr_array_index (ca->authorizations, i))->posts);
  return most;
}

guint
ca_mails (const Ca *ca)
{
  guint mails = 0;

  for (guint i = 0; i < ca->authorizations->len; i++)
    mails += ((CaAuthorization *)g_ptr_array_index (ca->authorizations, i))->mailed_at != 0;
  return mails;
}

CaAccount *
ca_last_account (const Ca *ca)
{
  return ca->accounts->len > 0 ? g_ptr_array_index (ca->accounts, ca->accounts->len - 1) : NULL;
}

CaAuthorization *
ca_find_authorization (const Ca *ca, const char *address, guint nth)
{
  for (guint i = 0; i < ca->authorizations->len; i++) {
    CaAuthorization *authorization = g_ptr_array_index (ca->authorizations, i);

    if (strcmp (authorization->address, address) == 0 && nth-- == 0)
      return authorization;
  }
  return NULL;
}
