/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/cleanup.h"
#include "base/error.h"
#include "base/secret.h"
#include "pki/key.h"
#include "pki/csr.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <string.h>

static void
test_names (void)
{
  static const char *const names[] = {"rsa3072", "rsa4096", "p256", "p384"};
  static const char *const usages[] = {"both", "sign", "encrypt"};
  McKeyKind kind = MC_KEY_P384;
  McUsage usage = MC_USAGE_SIGN;
  g_autoptr (GError) error = NULL, none = NULL, usage_error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    g_assert_true (mc_key_kind_parse (names[i], &kind, NULL));
    g_assert_cmpint (kind, ==, (McKeyKind)i);
    g_assert_cmpstr (mc_key_kind_name (kind), ==, names[i]);
  }
  for (guint i = 0; i < G_N_ELEMENTS (usages); i++) {
    g_assert_true (mc_usage_parse (usages[i], &usage, NULL));
    g_assert_cmpstr (mc_usage_name (usage), ==, usages[i]);
  }
  g_assert_false (mc_key_kind_parse ("rsa2048", &kind, &error)); /* is read, never made */
  g_assert_error (error, MC_ERROR, MC_ERROR_USAGE);
  g_assert_false (mc_key_kind_parse (NULL, &kind, &none));
  g_assert_error (none, MC_ERROR, MC_ERROR_USAGE);
  g_assert_false (mc_usage_parse ("separate", &usage, &usage_error)); /* two orders: no usage of one certificate */
  g_assert_error (usage_error, MC_ERROR, MC_ERROR_USAGE);
}

static void
test_kinds (void)
{
  static const struct {
    McKeyKind kind;
    int bits;
    guint curve;
  } cases[] = {{MC_KEY_RSA3072, 3072, 0}, {MC_KEY_P256, 256, 256}, {MC_KEY_P384, 384, 384}};

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (EVP_PKEY) key = mc_key_new (cases[i].kind, &error);

    g_assert_no_error (error);
    g_assert_cmpint (EVP_PKEY_get_bits (key), ==, cases[i].bits);
    g_assert_cmpuint (mc_key_curve_bits (key), ==, cases[i].curve);
    g_assert_true (mc_key_is_rsa (key) == (cases[i].curve == 0));
  }
}

static void
test_plain (void)
{
  g_autoptr (EVP_PKEY) ec = EVP_EC_gen ("P-256");
  g_autoptr (EVP_PKEY) p384 = EVP_EC_gen ("P-384");
  g_autoptr (EVP_PKEY) rsa = EVP_RSA_gen (2048);
  EVP_PKEY *const keys[] = {ec, p384, rsa};

  for (guint i = 0; i < 3; i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (GBytes) der = mc_key_compose (keys[i], NULL, &error);
    g_autoptr (EVP_PKEY) again = NULL;

    g_assert_no_error (error);
    g_assert_false (mc_key_is_protected (der));
    again = mc_key_parse (der, NULL, &error);
    g_assert_no_error (error);
    g_assert_true (mc_key_equal (again, keys[i]));
    g_assert_false (mc_key_equal (again, keys[(i + 1) % 3]));
    g_assert_cmpuint (ERR_peek_error (), ==, 0);
  }
  g_assert_false (mc_key_equal (NULL, ec));
}

/* One key only: a derivation takes seconds under a sanitizer. */
static void
test_passphrase (void)
{
  g_autoptr (EVP_PKEY) key = EVP_EC_gen ("P-256");
  g_autoptr (GError) error = NULL, missing = NULL, wrong = NULL, empty = NULL;
  g_autoptr (GBytes) der = mc_key_compose (key, "pa\303\237phrase", &error);
  g_autoptr (EVP_PKEY) again = NULL;

  g_assert_no_error (error);
  g_assert_true (mc_key_is_protected (der));
  again = mc_key_parse (der, "pa\303\237phrase", &error);
  g_assert_no_error (error);
  g_assert_true (mc_key_equal (again, key));
  g_assert_null (mc_key_parse (der, NULL, &missing));
  g_assert_error (missing, MC_ERROR, MC_ERROR_KEYRING);
  g_assert_null (mc_key_parse (der, "false-secret", &wrong));
  g_assert_error (wrong, MC_ERROR, MC_ERROR_KEYRING);
  g_assert_null (strstr (wrong->message, "false-secret"));
  g_assert_null (mc_key_compose (key, "", &empty));
  g_assert_error (empty, MC_ERROR, MC_ERROR_USAGE);
  g_assert_cmpuint (ERR_peek_error (), ==, 0);
}

/* Cut anywhere, damaged anywhere: never taken for a key, or for the same one with something behind it. */
static void
test_malformed (void)
{
  g_autoptr (EVP_PKEY) key = EVP_EC_gen ("P-256");
  g_autoptr (GBytes) der = mc_key_compose (key, NULL, NULL);
  gsize length;
  const guint8 *octets = g_bytes_get_data (der, &length);
  g_autofree guint8 *longer = g_malloc0 (length + 1);
  g_autofree guint8 *huge = g_malloc0 (100000);
  g_autoptr (GBytes) more = NULL, much = g_bytes_new (huge, 100000);

  for (gsize i = 0; i < length; i++) {
    g_autoptr (GBytes) cut = g_bytes_new (octets, i);
    g_autoptr (GError) error = NULL;

    g_assert_null (mc_key_parse (cut, NULL, &error));
    g_assert_error (error, MC_ERROR, MC_ERROR_MALFORMED);
    g_assert_false (mc_key_is_protected (cut));
  }
  memcpy (longer, octets, length);
  more = g_bytes_new (longer, length + 1);
  g_assert_null (mc_key_parse (more, NULL, NULL));
  g_assert_null (mc_key_parse (much, NULL, NULL));
  g_assert_cmpuint (ERR_peek_error (), ==, 0);
}

static void
test_unwanted_kinds (void)
{
  g_autoptr (EVP_PKEY) ed25519 = EVP_PKEY_Q_keygen (NULL, NULL, "ED25519");
  g_autoptr (EVP_PKEY) p521 = EVP_EC_gen ("P-521");
  g_autoptr (EVP_PKEY) small = EVP_RSA_gen (1024);
  EVP_PKEY *const keys[] = {ed25519, p521, small};

  for (guint i = 0; i < G_N_ELEMENTS (keys); i++) {
    g_autoptr (GBytes) der = mc_key_compose (keys[i], NULL, NULL);
    g_autoptr (GError) error = NULL;

    g_assert_nonnull (der);
    g_assert_null (mc_key_parse (der, NULL, &error));
    g_assert_error (error, MC_ERROR, MC_ERROR_MALFORMED);
  }
}

static GBytes *
sealed_with (EVP_PKEY *key, X509_ALGOR *algorithm)
{
  PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8 (key);
  X509_SIG *sealed = PKCS8_set0_pbe ("pw", 2, info, algorithm);
  guint8 *der = NULL;
  int length = i2d_X509_SIG (sealed, &der);
  GBytes *bytes = g_bytes_new (der, (gsize)length);

  OPENSSL_free (der);
  X509_SIG_free (sealed);
  PKCS8_PRIV_KEY_INFO_free (info);
  return bytes;
}

/* SEALED with its iteration count, 65536, made TO (three octets). */
static GBytes *
with_count (GBytes *sealed, const guint8 *to)
{
  static const guint8 count[] = {0x02, 0x03, 0x01, 0x00, 0x00};
  gsize length = g_bytes_get_size (sealed);
  guint8 *octets = g_memdup2 (g_bytes_get_data (sealed, NULL), length);

  for (gsize i = 0; i + sizeof count <= length; i++) {
    if (memcmp (octets + i, count, sizeof count) == 0) {
      memcpy (octets + i + 2, to, 3);
      return g_bytes_new_take (octets, length);
    }
  }
  g_assert_not_reached ();
}

/* A file that would keep us busy for long, and schemes that are not ours. */
static void
test_unwanted_protection (void)
{
  g_autoptr (EVP_PKEY) key = EVP_EC_gen ("P-256");
  g_autoptr (GBytes) fine = sealed_with (key, PKCS5_pbe2_set (EVP_aes_256_cbc (), 65536, NULL, 0));
  g_autoptr (GBytes) slow = with_count (fine, (const guint8[]){0x7f, 0xff, 0xff});
  g_autoptr (GBytes) negative = with_count (fine, (const guint8[]){0xff, 0x00, 0x00});
  g_autoptr (GBytes) weak = sealed_with (key, PKCS5_pbe_set (NID_pbe_WithSHA1And3_Key_TripleDES_CBC, 2048, NULL, 0));
  g_autoptr (GBytes) scrypt = sealed_with (key, PKCS5_pbe2_set_scrypt (EVP_aes_256_cbc (), NULL, 0, NULL, 1024, 8, 1));
  GBytes *const bad[] = {slow, negative, weak, scrypt};
  g_autoptr (EVP_PKEY) again = mc_key_parse (fine, "pw", NULL);

  g_assert_nonnull (again);
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autoptr (GError) error = NULL;

    g_assert_null (mc_key_parse (bad[i], "pw", &error));
    g_assert_error (error, MC_ERROR, MC_ERROR_MALFORMED);
  }
  g_assert_cmpuint (ERR_peek_error (), ==, 0);
}

static void
test_pem (void)
{
  g_autoptr (EVP_PKEY) key = EVP_EC_gen ("P-384");
  g_autoptr (GBytes) plain = mc_key_compose (key, NULL, NULL);
  g_autoptr (GBytes) sealed = sealed_with (key, PKCS5_pbe2_set (EVP_aes_256_cbc (), 2048, NULL, 0));
  GBytes *const forms[] = {plain, sealed};
  static const char *const labels[] = {"PRIVATE KEY", "ENCRYPTED PRIVATE KEY"};

  for (guint i = 0; i < 2; i++) {
    g_autoptr (McSecretString) pem = mc_key_compose_pem (forms[i]);
    g_autoptr (BIO) in = BIO_new_mem_buf (pem, -1);
    g_auto (GStrv) lines = g_strsplit (pem, "\n", -1);
    guint count = g_strv_length (lines);
    char *label = NULL, *header = NULL;
    guint8 *der = NULL;
    long length = 0;

    g_assert_true (PEM_read_bio (in, &label, &header, &der, &length) == 1);
    g_assert_cmpstr (label, ==, labels[i]);
    g_assert_cmpstr (header, ==, "");
    g_assert_cmpmem (der, (gsize)length, g_bytes_get_data (forms[i], NULL), g_bytes_get_size (forms[i]));
    g_assert_cmpstr (lines[count - 1], ==, "");
    for (guint j = 1; j + 3 < count; j++)
      g_assert_cmpuint (strlen (lines[j]), ==, 64);
    OPENSSL_free (label);
    OPENSSL_free (header);
    OPENSSL_free (der);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/key/names", test_names);
  g_test_add_func ("/key/kinds", test_kinds);
  g_test_add_func ("/key/plain", test_plain);
  g_test_add_func ("/key/passphrase", test_passphrase);
  g_test_add_func ("/key/malformed", test_malformed);
  g_test_add_func ("/key/unwanted-kinds", test_unwanted_kinds);
  g_test_add_func ("/key/unwanted-protection", test_unwanted_protection);
  g_test_add_func ("/key/pem", test_pem);
  return g_test_run ();
}
