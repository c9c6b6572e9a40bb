/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "ca.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <string.h>

#define SIGNATURES_EVERY 5

/* GLib's base64 and checksums, on purpose: core has its own. */

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ECDSA_SIG, ECDSA_SIG_free)

char *
ca_base64url (const void *octets, gsize length)
{
  char *text = g_base64_encode (octets, length);

  g_strdelimit (text, "+", '-');
  g_strdelimit (text, "/", '_');
  text[strcspn (text, "=")] = '\0';
  return text;
}

guint8 *
ca_base64url_decode (const char *text, gsize *length)
{
  g_autofree char *plain = g_strndup (text, strcspn (text, "="));
  g_autofree char *padded = NULL;
  guint8 *octets;

  g_strdelimit (plain, "-", '+');
  g_strdelimit (plain, "_", '/');
  padded = g_strconcat (plain, &"=="[strlen (plain) % 4 == 3 ? 1 : strlen (plain) % 4 == 0 ? 2 : 0], NULL);
  octets = g_base64_decode (padded, length);
  octets = g_realloc (octets, *length + 1);
  octets[*length] = '\0';
  return octets;
}

char *
ca_sha256 (const void *octets, gsize length)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  guint8 digest[32];
  gsize digest_length = sizeof digest;

  g_checksum_update (checksum, octets, (gssize)length);
  g_checksum_get_digest (checksum, digest, &digest_length);
  return ca_base64url (digest, digest_length);
}

static EVP_PKEY *
public_key (const char *x, const char *y)
{
  g_autoptr (EVP_PKEY_CTX) context = EVP_PKEY_CTX_new_from_name (NULL, "EC", NULL);
  g_autoptr (OSSL_PARAM_BLD) build = OSSL_PARAM_BLD_new ();
  g_autoptr (OSSL_PARAM) parameters = NULL;
  guint8 point[65] = {4};
  EVP_PKEY *key = NULL;

  for (guint i = 0; i < 2; i++) {
    gsize length;
    g_autofree guint8 *octets = ca_base64url_decode (i == 0 ? x : y, &length);

    g_assert_cmpuint (length, ==, 32);
    memcpy (point + 1 + 32 * i, octets, 32);
  }
  OSSL_PARAM_BLD_push_utf8_string (build, OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0);
  OSSL_PARAM_BLD_push_octet_string (build, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof point);
  parameters = OSSL_PARAM_BLD_to_param (build);
  g_assert_true (EVP_PKEY_fromdata_init (context) == 1);
  g_assert_true (EVP_PKEY_fromdata (context, &key, EVP_PKEY_PUBLIC_KEY, parameters) == 1);
  return key;
}

/* ES256: r and s, 32 octets each (RFC 7518 3.4). */
static gboolean
signature_is_good (EVP_PKEY *key, const char *input, const char *text)
{
  g_autoptr (EVP_MD_CTX) context = EVP_MD_CTX_new ();
  g_autoptr (ECDSA_SIG) signature = ECDSA_SIG_new ();
  gsize length;
  g_autofree guint8 *raw = ca_base64url_decode (text, &length);
  guint8 *der = NULL;
  int der_length;
  gboolean good;

  if (length != 64)
    return FALSE;
  ECDSA_SIG_set0 (signature, BN_bin2bn (raw, 32, NULL), BN_bin2bn (raw + 32, 32, NULL));
  der_length = i2d_ECDSA_SIG (signature, &der);
  g_assert_true (EVP_DigestVerifyInit (context, NULL, EVP_sha256 (), NULL, key) == 1);
  good = EVP_DigestVerify (context, der, (gsize)der_length, (const guint8 *)input, strlen (input)) == 1;
  OPENSSL_free (der);
  return good;
}

/* Every one that leaves is made by the same few lines: a look at some of them is enough, and the rest of the time goes
 * into more worlds. */
static gboolean
is_looked_at (const Ca *ca, const CaAccount *account)
{
  guint requests = 0;

  for (guint i = 0; i < CA_ROUTES; i++)
    requests += ca->requests[i];
  return account->id == G_MAXUINT || requests % SIGNATURES_EVERY == 0;
}

CaAccount *
ca_account_of (Ca *ca, const McJson *jwk, gboolean make)
{
  const char *x = mc_json_string_or (jwk, "x", "");
  const char *y = mc_json_string_or (jwk, "y", "");
  g_autofree char *canonical = NULL;
  CaAccount *account;

  for (guint i = 0; i < ca->accounts->len; i++) {
    account = g_ptr_array_index (ca->accounts, i);
    if (strcmp (account->x, x) == 0 && strcmp (account->y, y) == 0)
      return account;
  }
  if (!make)
    return NULL;
  g_assert_cmpstr (mc_json_string_or (jwk, "crv", ""), ==, "P-256");
  canonical = g_strdup_printf ("{\"crv\":\"P-256\",\"kty\":\"EC\",\"x\":\"%s\",\"y\":\"%s\"}", x, y);
  account = g_new0 (CaAccount, 1);
  account->id = ca->accounts->len;
  account->url = g_strdup_printf (CA_ORIGIN "account/%u", account->id);
  account->x = g_strdup (x);
  account->y = g_strdup (y);
  account->thumbprint = ca_sha256 (canonical, strlen (canonical));
  account->key = public_key (x, y);
  g_ptr_array_add (ca->accounts, account);
  return account;
}

static CaAccount *
account_by_url (const Ca *ca, const char *url)
{
  for (guint i = 0; i < ca->accounts->len; i++) {
    CaAccount *account = g_ptr_array_index (ca->accounts, i);

    if (g_strcmp0 (account->url, url) == 0)
      return account;
  }
  return NULL;
}

static McJson *
decode_object (const char *text)
{
  gsize length;
  g_autofree guint8 *octets = ca_base64url_decode (text, &length);
  McJson *json = length > 0 ? mc_json_parse ((const char *)octets, length, NULL) : NULL;

  g_assert_true (length == 0 || mc_json_is_object (json));
  return json;
}

/* B03, B04, B08: who signs, for which URL, with what. Breaches end the test: no CA would take them. */
static void
check_header (Ca *ca, const McHttpRequest *request, CaCall *call)
{
  const CaRoute route = ca_route (request);
  g_autoptr (McJson) jwk = mc_json_member (call->header, "jwk");
  const char *kid = mc_json_string_or (call->header, "kid", NULL);
  const gboolean by_key = route == CA_NEW_ACCOUNT || (route == CA_REVOKE && jwk != NULL);

  g_assert_cmpstr (request->content_type, ==, "application/jose+json");
  g_assert_cmpstr (mc_json_string_or (call->header, "alg", ""), ==, "ES256");
  g_assert_cmpstr (mc_json_string_or (call->header, "url", ""), ==, request->url);
  g_assert_true ((jwk != NULL) == by_key);
  g_assert_true ((kid != NULL) == !by_key);
  call->account = by_key ? ca_account_of (ca, jwk, TRUE) : account_by_url (ca, kid);
}

void
ca_call_read (Ca *ca, const McHttpRequest *request, CaCall *call)
{
  g_autoptr (McJson) jws = mc_json_parse (request->body, strlen (request->body), NULL);
  const char *header = mc_json_string_or (jws, "protected", "");
  const char *payload = mc_json_string_or (jws, "payload", "");
  const guint accounts = ca->accounts->len;
  g_autofree char *input = g_strconcat (header, ".", payload, NULL);
  const char *nonce;

  memset (call, 0, sizeof *call);
  call->header = decode_object (header);
  call->payload = decode_object (payload);
  nonce = mc_json_string_or (call->header, "nonce", "");
  if (!g_hash_table_remove (ca->nonces, nonce)) {
    call->refusal = ca_problem (ca, 400, "badNonce", "that nonce was not given out or is used up", FALSE);
    return;
  }
  check_header (ca, request, call);
  if (call->account == NULL) {
    call->refusal = ca_problem (ca, 400, "accountDoesNotExist", "no such account", FALSE);
    return;
  }
  if (call->account->closed) {
    call->refusal = ca_problem (ca, 401, "unauthorized", "that account is deactivated", FALSE);
    return;
  }
  if (ca->accounts->len > accounts) /* newAccount decides whether it stays */
    call->account->id = G_MAXUINT;
  if (is_looked_at (ca, call->account))
    g_assert_true (signature_is_good (call->account->key, input, mc_json_string_or (jws, "signature", "")));
}

/* RFC 8555 7.3.5: a request in the request, signed by the new key over the old one. */
CaAccount *
ca_call_rollover (Ca *ca, const CaCall *call, const char *url)
{
  const char *header = mc_json_string_or (call->payload, "protected", "");
  const char *payload = mc_json_string_or (call->payload, "payload", "");
  const guint accounts = ca->accounts->len;
  g_autofree char *input = g_strconcat (header, ".", payload, NULL);
  g_autoptr (McJson) inner = decode_object (header);
  g_autoptr (McJson) change = decode_object (payload);
  g_autoptr (McJson) jwk = mc_json_member (inner, "jwk");
  g_autoptr (McJson) old_key = mc_json_member (change, "oldKey");
  CaAccount *bearer;

  g_assert_false (mc_json_has (inner, "nonce"));
  g_assert_cmpstr (mc_json_string_or (inner, "url", ""), ==, url);
  g_assert_cmpstr (mc_json_string_or (change, "account", ""), ==, call->account->url);
  g_assert_true (ca_account_of (ca, old_key, FALSE) == call->account);
  bearer = ca_account_of (ca, jwk, TRUE);
  if (ca->accounts->len > accounts)
    bearer->id = G_MAXUINT;
  g_assert_true (signature_is_good (bearer->key, input, mc_json_string_or (call->payload, "signature", "")));
  return bearer;
}

void
ca_swap_keys (CaAccount *a, CaAccount *b)
{
  const CaAccount before = *a;

  a->x = b->x;
  a->y = b->y;
  a->thumbprint = b->thumbprint;
  a->key = b->key;
  b->x = before.x;
  b->y = before.y;
  b->thumbprint = before.thumbprint;
  b->key = before.key;
}

void
ca_call_clear (CaCall *call)
{
  g_clear_pointer (&call->header, mc_json_free);
  g_clear_pointer (&call->payload, mc_json_free);
}

const char *
ca_binding_fault (const Ca *ca, const CaCall *call, const char *url)
{
  g_autoptr (McJson) binding = mc_json_member (call->payload, "externalAccountBinding");
  g_autoptr (McJson) outer_jwk = mc_json_member (call->header, "jwk");
  g_autoptr (McJson) header = NULL, jwk = NULL;
  g_autofree char *input = NULL, *hex = NULL, *mac = NULL;
  gsize length;
  g_autofree guint8 *sent = NULL;
  GString *sent_hex;

  if (binding == NULL)
    return "externalAccountRequired";
  header = decode_object (mc_json_string_or (binding, "protected", ""));
  jwk = decode_object (mc_json_string_or (binding, "payload", ""));
  if (g_strcmp0 (mc_json_string_or (header, "alg", ""), "HS256") != 0 || mc_json_has (header, "nonce") ||
      g_strcmp0 (mc_json_string_or (header, "url", ""), url) != 0 ||
      g_strcmp0 (mc_json_string_or (header, "kid", ""), ca->plan.binding_kid) != 0)
    return "malformed";
  if (g_strcmp0 (mc_json_string_or (jwk, "x", ""), mc_json_string_or (outer_jwk, "x", "?")) != 0)
    return "malformed";
  input =
      g_strconcat (mc_json_string_or (binding, "protected", ""), ".", mc_json_string_or (binding, "payload", ""), NULL);
  hex = g_compute_hmac_for_string (G_CHECKSUM_SHA256, (const guchar *)ca->plan.binding_key,
                                   strlen (ca->plan.binding_key), input, -1);
  sent = ca_base64url_decode (mc_json_string_or (binding, "signature", ""), &length);
  sent_hex = g_string_new (NULL);
  for (gsize i = 0; i < length; i++)
    g_string_append_printf (sent_hex, "%02x", sent[i]);
  mac = g_string_free (sent_hex, FALSE);
  return strcmp (mac, hex) == 0 ? NULL : "unauthorized";
}
