/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "jws-check.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/hmac.h>
#include <openssl/obj_mac.h>
#include <string.h>

G_DEFINE_AUTOPTR_CLEANUP_FUNC (EC_GROUP, EC_GROUP_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EC_POINT, EC_POINT_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ECDSA_SIG, ECDSA_SIG_free)

static BIGNUM *
number (const char *text)
{
  g_autoptr (GBytes) octets = mc_base64url_parse (text, NULL);

  g_assert_nonnull (octets);
  return BN_bin2bn (g_bytes_get_data (octets, NULL), (int)g_bytes_get_size (octets), NULL);
}

static EVP_PKEY *
key_from (const char *type, int selection, OSSL_PARAM_BLD *build)
{
  g_autoptr (EVP_PKEY_CTX) context = EVP_PKEY_CTX_new_from_name (NULL, type, NULL);
  g_autoptr (OSSL_PARAM) parameters = OSSL_PARAM_BLD_to_param (build);
  EVP_PKEY *key = NULL;

  g_assert_true (EVP_PKEY_fromdata_init (context) == 1);
  g_assert_true (EVP_PKEY_fromdata (context, &key, selection, parameters) == 1);
  return key;
}

EVP_PKEY *
jws_rsa_key (const char *n, const char *e, const char *d)
{
  g_autoptr (OSSL_PARAM_BLD) build = OSSL_PARAM_BLD_new ();
  g_autoptr (BIGNUM) modulus = number (n);
  g_autoptr (BIGNUM) exponent = number (e);
  g_autoptr (BIGNUM) secret = d != NULL ? number (d) : NULL;

  OSSL_PARAM_BLD_push_BN (build, OSSL_PKEY_PARAM_RSA_N, modulus);
  OSSL_PARAM_BLD_push_BN (build, OSSL_PKEY_PARAM_RSA_E, exponent);
  if (secret != NULL)
    OSSL_PARAM_BLD_push_BN (build, OSSL_PKEY_PARAM_RSA_D, secret);
  return key_from ("RSA", secret != NULL ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY, build);
}

EVP_PKEY *
jws_ec_key (guint bits, const char *d)
{
  const char *curve = bits == 256 ? "P-256" : "P-384";
  g_autoptr (OSSL_PARAM_BLD) build = OSSL_PARAM_BLD_new ();
  g_autoptr (BIGNUM) secret = number (d);
  g_autoptr (EC_GROUP) group = EC_GROUP_new_by_curve_name (EC_curve_nist2nid (curve));
  g_autoptr (EC_POINT) point = EC_POINT_new (group);
  guint8 public[1 + 2 * 48];
  gsize length;

  g_assert_true (EC_POINT_mul (group, point, secret, NULL, NULL, NULL) == 1);
  length = EC_POINT_point2oct (group, point, POINT_CONVERSION_UNCOMPRESSED, public, sizeof public, NULL);
  OSSL_PARAM_BLD_push_utf8_string (build, OSSL_PKEY_PARAM_GROUP_NAME, curve, 0);
  OSSL_PARAM_BLD_push_octet_string (build, OSSL_PKEY_PARAM_PUB_KEY, public, length);
  OSSL_PARAM_BLD_push_BN (build, OSSL_PKEY_PARAM_PRIV_KEY, secret);
  return key_from ("EC", EVP_PKEY_KEYPAIR, build);
}

static char *
member_text (const char *jws, const char *member)
{
  g_autoptr (McJson) object = mc_json_parse (jws, strlen (jws), NULL);

  g_assert_nonnull (object);
  return g_strdup (mc_json_string_or (object, member, NULL));
}

char *
jws_part (const char *jws, const char *member)
{
  g_autofree char *text = member_text (jws, member);
  g_autoptr (GBytes) octets = mc_base64url_parse (text, NULL);

  g_assert_nonnull (octets);
  return g_strndup (g_bytes_get_data (octets, NULL), g_bytes_get_size (octets));
}

GBytes *
jws_signature (const char *jws)
{
  g_autofree char *text = member_text (jws, "signature");

  return mc_base64url_parse (text, NULL);
}

char *
jws_input (const char *jws)
{
  g_autofree char *header = member_text (jws, "protected");
  g_autofree char *payload = member_text (jws, "payload");

  return g_strconcat (header, ".", payload, NULL);
}

/* r || s as ECDSA's DER. */
static GBytes *
der_signature (GBytes *raw)
{
  gsize length, half;
  const guint8 *octets = g_bytes_get_data (raw, &length);
  g_autoptr (ECDSA_SIG) signature = ECDSA_SIG_new ();
  guint8 *der = NULL;
  int der_length;
  GBytes *bytes;

  half = length / 2;
  g_assert_true (ECDSA_SIG_set0 (signature, BN_bin2bn (octets, (int)half, NULL),
                                 BN_bin2bn (octets + half, (int)(length - half), NULL)) == 1);
  der_length = i2d_ECDSA_SIG (signature, &der);
  bytes = g_bytes_new (der, (gsize)der_length);
  OPENSSL_free (der);
  return bytes;
}

gboolean
jws_signature_is_good (EVP_PKEY *key, const char *algorithm, const char *input, const char *signature)
{
  g_autoptr (EVP_MD_CTX) context = EVP_MD_CTX_new ();
  g_autoptr (GBytes) raw = mc_base64url_parse (signature, NULL);
  g_autoptr (GBytes) octets = NULL;
  const EVP_MD *digest = strcmp (algorithm, "ES384") == 0 ? EVP_sha384 () : EVP_sha256 ();
  gboolean good;

  g_assert_nonnull (raw);
  octets = g_str_has_prefix (algorithm, "ES") ? der_signature (raw) : g_bytes_ref (raw);
  g_assert_true (EVP_DigestVerifyInit (context, NULL, digest, NULL, key) == 1);
  good = EVP_DigestVerify (context, g_bytes_get_data (octets, NULL), g_bytes_get_size (octets), (const guint8 *)input,
                           strlen (input)) == 1;
  ERR_clear_error ();
  return good;
}

gboolean
jws_is_good (EVP_PKEY *key, const char *algorithm, const char *jws)
{
  g_autofree char *input = jws_input (jws);
  g_autofree char *signature = member_text (jws, "signature");

  return jws_signature_is_good (key, algorithm, input, signature);
}

char *
jws_hmac (GBytes *secret, const char *input)
{
  guint8 mac[EVP_MAX_MD_SIZE];
  guint length = 0;

  HMAC (EVP_sha256 (), g_bytes_get_data (secret, NULL), (int)g_bytes_get_size (secret), (const guint8 *)input,
        strlen (input), mac, &length);
  return mc_base64url_compose (mac, length);
}
