/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "acme/jws.h"

#include "base/base64url.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/json.h"
#include "pki/key.h"
#include "pki/openssl-error.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/hmac.h>
#include <string.h>

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ECDSA_SIG, ECDSA_SIG_free)

static const char *
algorithm_of (EVP_PKEY *key, GError **error)
{
  guint curve = mc_key_curve_bits (key);

  if (curve == 256)
    return "ES256";
  if (curve == 384)
    return "ES384";
  if (mc_key_is_rsa (key))
    return "RS256";
  g_set_error_literal (error, MC_ERROR, MC_ERROR_USAGE, "this kind of key cannot sign ACME requests");
  return NULL;
}

/* NUMBER as base64url: WIDTH octets for a coordinate (RFC 7518 6.2.1.2), as few as possible for WIDTH 0 (6.3.1, B51).
 */
static gboolean
set_number (McJson *jwk, const char *name, EVP_PKEY *key, const char *parameter, gsize width)
{
  g_autoptr (BIGNUM) number = NULL;
  g_autofree guint8 *octets = NULL;
  g_autofree char *text = NULL;

  if (!EVP_PKEY_get_bn_param (key, parameter, &number))
    return FALSE;
  if (width == 0)
    width = (gsize)BN_num_bytes (number);
  octets = g_malloc0 (width + 1);
  if (BN_bn2binpad (number, octets, (int)width) != (int)width)
    return FALSE;
  text = mc_base64url_compose (octets, width);
  mc_json_set_string (jwk, name, text);
  return TRUE;
}

/* Members in the lexicographic order of RFC 7638 3.2, so that its text is what the thumbprint is taken of. */
static McJson *
jwk_new (EVP_PKEY *key, GError **error)
{
  g_autoptr (McJson) jwk = mc_json_object_new ();
  guint curve = mc_key_curve_bits (key);
  gboolean ok;

  if (algorithm_of (key, error) == NULL)
    return NULL;
  if (curve != 0) {
    mc_json_set_string (jwk, "crv", curve == 256 ? "P-256" : "P-384");
    mc_json_set_string (jwk, "kty", "EC");
    ok = set_number (jwk, "x", key, OSSL_PKEY_PARAM_EC_PUB_X, curve / 8) &&
         set_number (jwk, "y", key, OSSL_PKEY_PARAM_EC_PUB_Y, curve / 8);
  } else {
    ok = set_number (jwk, "e", key, OSSL_PKEY_PARAM_RSA_E, 0);
    mc_json_set_string (jwk, "kty", "RSA");
    ok = ok && set_number (jwk, "n", key, OSSL_PKEY_PARAM_RSA_N, 0);
  }
  if (!ok) {
    mc_openssl_error_set (error, MC_ERROR_INTERNAL, "cannot read the public key");
    return NULL;
  }
  return g_steal_pointer (&jwk);
}

char *
mc_jwk_compose (EVP_PKEY *key, GError **error)
{
  g_autoptr (McJson) jwk = jwk_new (key, error);

  return jwk != NULL ? mc_json_compose (jwk) : NULL;
}

char *
mc_jwk_thumbprint (EVP_PKEY *key, GError **error)
{
  g_autofree char *jwk = mc_jwk_compose (key, error);
  guint8 digest[EVP_MAX_MD_SIZE];
  guint length = 0;

  if (jwk == NULL)
    return NULL;
  if (!EVP_Digest (jwk, strlen (jwk), digest, &length, EVP_sha256 (), NULL)) {
    mc_openssl_error_set (error, MC_ERROR_INTERNAL, "cannot take a thumbprint");
    return NULL;
  }
  return mc_base64url_compose (digest, length);
}

/* ECDSA's DER as r || s, each as wide as the curve (RFC 7518 3.4). */
static char *
raw_signature (const guint8 *der, gsize length, gsize width, GError **error)
{
  g_autoptr (ECDSA_SIG) signature = d2i_ECDSA_SIG (NULL, &der, (long)length);
  guint8 raw[2 * 48];

  g_assert (2 * width <= sizeof raw);
  if (signature == NULL || BN_bn2binpad (ECDSA_SIG_get0_r (signature), raw, (int)width) < 0 ||
      BN_bn2binpad (ECDSA_SIG_get0_s (signature), raw + width, (int)width) < 0) {
    mc_openssl_error_set (error, MC_ERROR_INTERNAL, "cannot write the signature");
    return NULL;
  }
  return mc_base64url_compose (raw, 2 * width);
}

static char *
sign (EVP_PKEY *key, const char *input, GError **error)
{
  g_autoptr (EVP_MD_CTX) context = EVP_MD_CTX_new ();
  guint curve = mc_key_curve_bits (key);
  const EVP_MD *digest = curve == 384 ? EVP_sha384 () : EVP_sha256 ();
  gsize length = (gsize)EVP_PKEY_get_size (key);
  g_autofree guint8 *signature = g_malloc (length);

  if (context == NULL || EVP_DigestSignInit (context, NULL, digest, NULL, key) != 1 ||
      EVP_DigestSign (context, signature, &length, (const guint8 *)input, strlen (input)) != 1) {
    mc_openssl_error_set (error, MC_ERROR_INTERNAL, "cannot sign");
    return NULL;
  }
  return curve != 0 ? raw_signature (signature, length, curve / 8, error) : mc_base64url_compose (signature, length);
}

/* BASE64URL(protected) "." BASE64URL(payload): what is signed (RFC 7515 5.1). */
static char *
signing_input (const McJson *header, const char *payload)
{
  g_autofree char *text = mc_json_compose (header);
  g_autofree char *first = mc_base64url_compose (text, strlen (text));
  g_autofree char *second = mc_base64url_compose (payload, strlen (payload));

  return g_strconcat (first, ".", second, NULL);
}

static char *
flatten (const char *input, const char *signature)
{
  g_autoptr (McJson) jws = mc_json_object_new ();
  const char *dot = strchr (input, '.');
  g_autofree char *header = g_strndup (input, (gsize)(dot - input));

  mc_json_set_string (jws, "protected", header);
  mc_json_set_string (jws, "payload", dot + 1);
  mc_json_set_string (jws, "signature", signature);
  return mc_json_compose (jws);
}

char *
mc_jws_compose (EVP_PKEY *key, const char *kid, const char *nonce, const char *url, const char *payload, GError **error)
{
  g_autoptr (McJson) header = mc_json_object_new ();
  g_autofree char *input = NULL, *signature = NULL;
  const char *algorithm = algorithm_of (key, error);

  g_return_val_if_fail (url != NULL && payload != NULL, NULL);
  if (algorithm == NULL)
    return NULL;
  mc_json_set_string (header, "alg", algorithm);
  if (kid != NULL) {
    mc_json_set_string (header, "kid", kid);
  } else {
    g_autoptr (McJson) jwk = jwk_new (key, error);

    if (jwk == NULL)
      return NULL;
    mc_json_set (header, "jwk", jwk);
  }
  mc_json_set_string (header, "nonce", nonce);
  mc_json_set_string (header, "url", url);
  input = signing_input (header, payload);
  signature = sign (key, input, error);
  return signature != NULL ? flatten (input, signature) : NULL;
}

char *
mc_jws_compose_binding (EVP_PKEY *account_key, GBytes *hmac_key, const char *kid, const char *url, GError **error)
{
  g_autoptr (McJson) header = mc_json_object_new ();
  g_autofree char *jwk = NULL, *input = NULL, *signature = NULL;
  guint8 mac[EVP_MAX_MD_SIZE];
  guint mac_length = 0;
  gsize key_length;
  const void *secret = g_bytes_get_data (hmac_key, &key_length);

  if (key_length == 0 || key_length > G_MAXUINT16 || kid == NULL || *kid == '\0' || !g_str_is_ascii (kid)) {
    g_set_error_literal (error, MC_ERROR, MC_ERROR_USAGE, "external account binding needs a key and an ASCII key id");
    return NULL;
  }
  jwk = mc_jwk_compose (account_key, error);
  if (jwk == NULL)
    return NULL;
  mc_json_set_string (header, "alg", "HS256");
  mc_json_set_string (header, "kid", kid);
  mc_json_set_string (header, "url", url);
  input = signing_input (header, jwk);
  if (HMAC (EVP_sha256 (), secret, (int)key_length, (const guint8 *)input, strlen (input), mac, &mac_length) == NULL) {
    mc_openssl_error_set (error, MC_ERROR_INTERNAL, "cannot sign the external account binding");
    return NULL;
  }
  signature = mc_base64url_compose (mac, mac_length);
  return flatten (input, signature);
}
