/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Signatures are judged by a verifier that is itself judged by RFC 7515's examples, and by the jose program where it is
 * installed (test-jose). */

#include "acme/account.h"
#include "acme/jws.h"
#include "acme-data.h"
#include "base/error.h"
#include "jws-check.h"

#include <openssl/err.h>
#include <string.h>

#define URL "https://ca.example/acme/order/1?x=%2F"
#define KID "https://ca.example/acme/acct/7"

/* A text of tests/data/jws.json: "rsa.n" and so on; it lives as long as the test. */
static const char *
vector (const char *path)
{
  static McJson *vectors;
  g_auto (GStrv) names = g_strsplit (path, ".", 2);
  g_autoptr (McJson) group = NULL;
  const char *text;

  if (vectors == NULL) {
    g_autoptr (GBytes) body = test_data_read ("jws.json");

    vectors = mc_json_parse (g_bytes_get_data (body, NULL), g_bytes_get_size (body), NULL);
    g_assert_nonnull (vectors);
  }
  group = names[1] != NULL ? mc_json_member (vectors, names[0]) : mc_json_ref (vectors);
  text = mc_json_string_or (group, names[1] != NULL ? names[1] : names[0], NULL);
  g_assert_nonnull (text);
  return text;
}

static char *
vector_input (const char *header)
{
  return g_strconcat (vector (header), ".", vector ("payload"), NULL);
}

static EVP_PKEY *
rfc_rsa_key (void)
{
  return jws_rsa_key (vector ("rsa.n"), "AQAB", vector ("rsa.d"));
}

static EVP_PKEY *
rfc_ec_key (void)
{
  return jws_ec_key (256, vector ("ec.d"));
}

static void
test_rfc7515_signatures (void)
{
  g_autoptr (EVP_PKEY) rsa = rfc_rsa_key ();
  g_autoptr (EVP_PKEY) ec = rfc_ec_key ();
  g_autofree char *rsa_input = vector_input ("rsa.header");
  g_autofree char *ec_input = vector_input ("ec.header");

  g_assert_true (jws_signature_is_good (rsa, "RS256", rsa_input, vector ("rsa.signature")));
  g_assert_true (jws_signature_is_good (ec, "ES256", ec_input, vector ("ec.signature")));
  g_assert_false (jws_signature_is_good (rsa, "RS256", ec_input, vector ("rsa.signature")));
  g_assert_false (jws_signature_is_good (ec, "ES256", rsa_input, vector ("ec.signature")));
}

static char *
ec_jwk (void)
{
  return g_strdup_printf ("{\"crv\":\"P-256\",\"kty\":\"EC\",\"x\":\"%s\",\"y\":\"%s\"}", vector ("ec.x"),
                          vector ("ec.y"));
}

static void
test_jwk (void)
{
  g_autoptr (EVP_PKEY) rsa = rfc_rsa_key ();
  g_autoptr (EVP_PKEY) ec = rfc_ec_key ();
  g_autoptr (GError) error = NULL;
  g_autofree char *rsa_text = mc_jwk_compose (rsa, &error);
  g_autofree char *ec_text = mc_jwk_compose (ec, &error);
  g_autofree char *rsa_expected = NULL, *ec_expected = NULL;

  g_assert_no_error (error);
  rsa_expected = g_strdup_printf ("{\"e\":\"AQAB\",\"kty\":\"RSA\",\"n\":\"%s\"}", vector ("rsa.n"));
  ec_expected = ec_jwk ();
  g_assert_cmpstr (rsa_text, ==, rsa_expected);
  g_assert_cmpstr (ec_text, ==, ec_expected);
}

static void
test_rfc7638_thumbprint (void)
{
  g_autoptr (EVP_PKEY) key = jws_rsa_key (vector ("thumbprint.n"), "AQAB", NULL);
  g_autoptr (GError) error = NULL;
  g_autofree char *thumbprint = mc_jwk_thumbprint (key, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (thumbprint, ==, vector ("thumbprint.sha256"));
}

/* Coordinates keep their leading zeros: some small multiple of the generator has one in x, some in y. */
static void
test_coordinate_width (void)
{
  guint with_zero = 0;

  for (guint i = 1; i < 600; i++) {
    const guint8 scalar[2] = {(guint8)(i >> 8), (guint8)i};
    g_autofree char *d = mc_base64url_compose (scalar, 2);
    g_autoptr (EVP_PKEY) key = jws_ec_key (i % 2 == 0 ? 256 : 384, d);
    g_autofree char *text = mc_jwk_compose (key, NULL);
    g_autoptr (McJson) jwk = mc_json_parse (text, strlen (text), NULL);
    gsize width = i % 2 == 0 ? 32 : 48;

    for (guint j = 0; j < 2; j++) {
      const char *number = mc_json_string_or (jwk, j == 0 ? "x" : "y", "");
      g_autoptr (GBytes) octets = mc_base64url_parse (number, NULL);

      g_assert_nonnull (octets);
      g_assert_cmpuint (g_bytes_get_size (octets), ==, width);
      with_zero += *(const guint8 *)g_bytes_get_data (octets, NULL) == 0;
    }
  }
  g_assert_cmpuint (with_zero, >, 0);
}

static void
test_header_order (void)
{
  g_autoptr (EVP_PKEY) key = rfc_ec_key ();
  g_autoptr (GError) error = NULL;
  g_autofree char *with_kid = mc_jws_compose (key, KID, "n0nce", URL, "", &error);
  g_autofree char *with_jwk = mc_jws_compose (key, NULL, "n0nce", URL, "{\"a\":1}", &error);
  g_autofree char *inner = mc_jws_compose (key, NULL, NULL, URL, "{}", &error);
  g_autofree char *header = jws_part (with_kid, "protected");
  g_autofree char *jwk_header = jws_part (with_jwk, "protected");
  g_autofree char *inner_header = jws_part (inner, "protected");
  g_autofree char *payload = jws_part (with_kid, "payload");
  g_autofree char *jwk_payload = jws_part (with_jwk, "payload");
  g_autofree char *jwk = ec_jwk ();
  g_autofree char *expected =
      g_strconcat ("{\"alg\":\"ES256\",\"jwk\":", jwk, ",\"nonce\":\"n0nce\",\"url\":\"" URL "\"}", NULL);

  g_assert_no_error (error);
  g_assert_cmpstr (header, ==, "{\"alg\":\"ES256\",\"kid\":\"" KID "\",\"nonce\":\"n0nce\",\"url\":\"" URL "\"}");
  g_assert_cmpstr (jwk_header, ==, expected);
  g_assert_null (strstr (inner_header, "nonce"));
  g_assert_cmpstr (payload, ==, "");
  g_assert_nonnull (strstr (with_kid, "\"payload\":\"\"")); /* POST-as-GET (B07) */
  g_assert_cmpstr (jwk_payload, ==, "{\"a\":1}");
}

static void
test_members (void)
{
  g_autoptr (EVP_PKEY) key = rfc_ec_key ();
  g_autofree char *text = mc_jws_compose (key, KID, "n", URL, "{}", NULL);
  g_autoptr (McJson) jws = mc_json_parse (text, strlen (text), NULL);
  g_auto (GStrv) names = mc_json_names (jws);
  g_autofree char *joined = g_strjoinv (" ", names);

  g_assert_cmpstr (joined, ==, "protected payload signature"); /* nothing else (B03) */
}

/* One ECDSA signature in 128 has an r or s with a leading zero octet, and must be as wide as the others: goes on until
 * it has met one of each curve. */
static void
test_ec_signatures (void)
{
  static const struct {
    guint bits;
    const char *algorithm;
  } curves[] = {{256, "ES256"}, {384, "ES384"}};

  for (guint i = 0; i < G_N_ELEMENTS (curves); i++) {
    g_autoptr (EVP_PKEY) key = jws_ec_key (curves[i].bits, vector ("ec.d"));
    gsize width = curves[i].bits / 8;
    gboolean met = FALSE;

    for (guint n = 0; n < 20000 && !met; n++) {
      g_autofree char *jws = mc_jws_compose (key, KID, "n", URL, "{}", NULL);
      g_autoptr (GBytes) raw = jws_signature (jws);
      const guint8 *octets = g_bytes_get_data (raw, NULL);

      g_assert_cmpuint (g_bytes_get_size (raw), ==, 2 * width);
      g_assert_true (jws_is_good (key, curves[i].algorithm, jws));
      met = octets[0] == 0 || octets[width] == 0;
    }
    g_assert_true (met);
  }
}

static void
test_rsa_signature (void)
{
  g_autoptr (EVP_PKEY) key = rfc_rsa_key ();
  g_autoptr (EVP_PKEY) other = rfc_ec_key ();
  g_autoptr (GError) error = NULL;
  g_autofree char *jws = mc_jws_compose (key, KID, "n", URL, "{}", &error);

  g_assert_no_error (error);
  g_assert_true (jws_is_good (key, "RS256", jws));
  g_assert_false (jws_is_good (other, "ES256", jws));
}

static void
test_unusable_key (void)
{
  g_autoptr (EVP_PKEY) ed25519 = EVP_PKEY_Q_keygen (NULL, NULL, "ED25519");
  g_autoptr (EVP_PKEY) p521 = EVP_EC_gen ("P-521");
  g_autoptr (EVP_PKEY) k1 = EVP_EC_gen ("secp256k1");
  g_autoptr (EVP_PKEY) small = EVP_RSA_gen (1024);
  EVP_PKEY *const keys[] = {ed25519, p521, k1, small};

  for (guint i = 0; i < G_N_ELEMENTS (keys); i++) {
    g_autoptr (GError) error = NULL, jwk_error = NULL;

    g_assert_null (mc_jws_compose (keys[i], KID, "n", URL, "{}", &error));
    g_assert_error (error, MC_ERROR, MC_ERROR_USAGE);
    g_assert_null (mc_jwk_thumbprint (keys[i], &jwk_error));
    g_assert_error (jwk_error, MC_ERROR, MC_ERROR_USAGE);
  }
  g_assert_cmpuint (ERR_peek_error (), ==, 0);
}

/* RFC 7515 A.1's MAC proves the way the check below is made; the binding is then checked with it. */
static void
test_binding (void)
{
  g_autoptr (GBytes) hmac_key = mc_base64url_parse (vector ("hmac.key"), NULL);
  g_autoptr (EVP_PKEY) key = rfc_ec_key ();
  g_autoptr (GError) error = NULL;
  g_autofree char *rfc_input = vector_input ("hmac.header");
  g_autofree char *rfc = jws_hmac (hmac_key, rfc_input);
  g_autofree char *binding = mc_jws_compose_binding (key, hmac_key, "kid-1", URL, &error);
  g_autofree char *header = jws_part (binding, "protected");
  g_autofree char *payload = jws_part (binding, "payload");
  g_autofree char *jwk = mc_jwk_compose (key, NULL);
  g_autofree char *input = jws_input (binding);
  g_autofree char *mac = jws_hmac (hmac_key, input);
  g_autoptr (McJson) object = mc_json_parse (binding, strlen (binding), NULL);

  g_assert_no_error (error);
  g_assert_cmpstr (rfc, ==, vector ("hmac.signature"));
  g_assert_cmpstr (header, ==, "{\"alg\":\"HS256\",\"kid\":\"kid-1\",\"url\":\"" URL "\"}");
  g_assert_cmpstr (payload, ==, jwk);
  g_assert_cmpstr (mc_json_string_or (object, "signature", NULL), ==, mac);
}

static void
test_binding_refused (void)
{
  g_autoptr (GBytes) empty = g_bytes_new (NULL, 0);
  g_autoptr (GBytes) secret = g_bytes_new_static ("secret-bytes", 12);
  g_autoptr (EVP_PKEY) key = rfc_ec_key ();
  g_autoptr (GError) no_key = NULL, no_kid = NULL, foreign_kid = NULL;

  g_assert_null (mc_jws_compose_binding (key, empty, "kid-1", URL, &no_key));
  g_assert_error (no_key, MC_ERROR, MC_ERROR_USAGE);
  g_assert_null (mc_jws_compose_binding (key, secret, "", URL, &no_kid));
  g_assert_error (no_kid, MC_ERROR, MC_ERROR_USAGE);
  g_assert_null (mc_jws_compose_binding (key, secret, "k\303\274", URL, &foreign_kid));
  g_assert_error (foreign_kid, MC_ERROR, MC_ERROR_USAGE);
  g_assert_null (strstr (foreign_kid->message, "secret-bytes"));
}

static void
test_rollover (void)
{
  g_autoptr (EVP_PKEY) old_key = rfc_rsa_key ();
  g_autoptr (EVP_PKEY) new_key = rfc_ec_key ();
  g_autoptr (GError) error = NULL;
  g_autofree char *inner = mc_account_rollover_compose (old_key, new_key, KID, URL, &error);
  g_autofree char *header = jws_part (inner, "protected");
  g_autofree char *payload = jws_part (inner, "payload");
  g_autofree char *old_jwk = mc_jwk_compose (old_key, NULL);
  g_autofree char *expected = g_strdup_printf ("{\"account\":\"" KID "\",\"oldKey\":%s}", old_jwk);

  g_assert_no_error (error);
  g_assert_cmpstr (payload, ==, expected);
  g_assert_true (g_str_has_prefix (header, "{\"alg\":\"ES256\",\"jwk\":{"));
  g_assert_null (strstr (header, "nonce"));
  g_assert_true (jws_is_good (new_key, "ES256", inner));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/jws/rfc7515-signatures", test_rfc7515_signatures);
  g_test_add_func ("/jws/jwk", test_jwk);
  g_test_add_func ("/jws/rfc7638-thumbprint", test_rfc7638_thumbprint);
  g_test_add_func ("/jws/coordinate-width", test_coordinate_width);
  g_test_add_func ("/jws/header-order", test_header_order);
  g_test_add_func ("/jws/members", test_members);
  g_test_add_func ("/jws/ec-signatures", test_ec_signatures);
  g_test_add_func ("/jws/rsa-signature", test_rsa_signature);
  g_test_add_func ("/jws/unusable-key", test_unusable_key);
  g_test_add_func ("/jws/binding", test_binding);
  g_test_add_func ("/jws/binding-refused", test_binding_refused);
  g_test_add_func ("/jws/rollover", test_rollover);
  return g_test_run ();
}
