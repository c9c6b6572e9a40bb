/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/cleanup.h"
#include "base/error.h"
#include "pki/csr.h"
#include "pki/key.h"
#include "pki/mail-name.h"

#include <glib/gstdio.h>
#include <openssl/err.h>
#include <string.h>

#define ONE ((const char *const[]){"Alexey@example.com", NULL})

static X509_REQ *
request_of (EVP_PKEY *key, const char *const *addresses, McUsage usage)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) der = mc_csr_compose (key, addresses, usage, &error);
  gsize length;
  const guint8 *start, *p;
  X509_REQ *request;

  g_assert_no_error (error);
  g_assert_cmpuint (ERR_peek_error (), ==, 0);
  p = start = g_bytes_get_data (der, &length);
  request = d2i_X509_REQ (NULL, &p, (long)length);
  g_assert_nonnull (request);
  g_assert_true (p == start + length);
  g_assert_cmpint (X509_REQ_verify (request, key), ==, 1);
  return request;
}

static void
assert_refused (EVP_PKEY *key, const char *const *addresses, const char *words)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (mc_csr_compose (key, addresses, MC_USAGE_BOTH, &error));
  g_assert_error (error, MC_ERROR, MC_ERROR_USAGE);
  g_assert_nonnull (strstr (error->message, words));
  g_assert_cmpuint (ERR_peek_error (), ==, 0);
}

/* Empty subject, one attribute, two extensions: what every CA takes (CA-BEHAVIOUR 3.6, T-16). */
static void
test_shape (void)
{
  g_autoptr (EVP_PKEY) key = EVP_EC_gen ("P-256");
  g_autoptr (X509_REQ) request = request_of (key, ONE, MC_USAGE_BOTH);
  g_autoptr (McExtensionStack) extensions = X509_REQ_get_extensions (request);

  g_assert_cmpint (X509_REQ_get_version (request), ==, X509_REQ_VERSION_1);
  g_assert_cmpint (X509_NAME_entry_count (X509_REQ_get_subject_name (request)), ==, 0);
  g_assert_cmpint (X509_REQ_get_attr_count (request), ==, 1);
  g_assert_cmpint (X509_REQ_get_attr_by_NID (request, NID_ext_req, -1), ==, 0);
  g_assert_cmpint (sk_X509_EXTENSION_num (extensions), ==, 2);
  g_assert_true (mc_key_equal (X509_REQ_get0_pubkey (request), key));
}

static void
test_key_usage (void)
{
  enum { DS = 0x80, KE = 0x20, KA = 0x08 };
  static const struct {
    McUsage usage;
    guint8 rsa, ec;
  } cases[] = {{MC_USAGE_BOTH, DS | KE, DS | KA}, {MC_USAGE_SIGN, DS, DS}, {MC_USAGE_ENCRYPT, KE, KA}};
  g_autoptr (EVP_PKEY) rsa = EVP_RSA_gen (2048);
  g_autoptr (EVP_PKEY) p256 = EVP_EC_gen ("P-256");
  g_autoptr (EVP_PKEY) p384 = EVP_EC_gen ("P-384");
  EVP_PKEY *const keys[] = {rsa, p256, p384};

  for (guint i = 0; i < 9; i++) {
    g_autoptr (X509_REQ) request = request_of (keys[i / 3], ONE, cases[i % 3].usage);
    g_autoptr (McExtensionStack) extensions = X509_REQ_get_extensions (request);
    int critical = 0;
    ASN1_BIT_STRING *bits = X509V3_get_d2i (extensions, NID_key_usage, &critical, NULL);

    g_assert_nonnull (bits);
    g_assert_cmpint (critical, ==, 1);
    g_assert_cmpint (ASN1_STRING_length (bits), ==, 1);
    g_assert_cmphex (ASN1_STRING_get0_data (bits)[0], ==, i < 3 ? cases[i % 3].rsa : cases[i % 3].ec);
    ASN1_BIT_STRING_free (bits);
  }
}

static void
test_names (void)
{
  static const char *const addresses[] = {"Alexey@EXAMPLE.com", "second+x@example.com", "a@b\303\274cher.example",
                                          "m\303\274ller@b\303\274cher.example", NULL};
  static const char *const expected[] = {"Alexey@EXAMPLE.com", "second+x@example.com", "a@xn--bcher-kva.example",
                                         "m\303\274ller@xn--bcher-kva.example"};
  g_autoptr (EVP_PKEY) key = EVP_EC_gen ("P-256");
  g_autoptr (X509_REQ) request = request_of (key, addresses, MC_USAGE_SIGN);
  g_autoptr (McExtensionStack) extensions = X509_REQ_get_extensions (request);
  g_autoptr (GENERAL_NAMES) names = X509V3_get_d2i (extensions, NID_subject_alt_name, NULL, NULL);

  g_assert_cmpint (sk_GENERAL_NAME_num (names), ==, 4);
  for (int i = 0; i < 4; i++) {
    const GENERAL_NAME *name = sk_GENERAL_NAME_value (names, i);
    g_autofree char *text = mc_mail_name_parse (name);

    g_assert_cmpstr (text, ==, expected[i]);
    g_assert_cmpint (name->type, ==, i < 3 ? GEN_EMAIL : GEN_OTHERNAME);
  }
}

static void
test_refused (void)
{
  static const char *const none[] = {NULL};
  static const char *const second_bad[] = {"a@example.com", "b\r\n@example.com", NULL};
  g_autoptr (EVP_PKEY) key = EVP_EC_gen ("P-256");
  g_autoptr (EVP_PKEY) ed25519 = EVP_PKEY_Q_keygen (NULL, NULL, "ED25519");
  g_autoptr (EVP_PKEY) small = EVP_RSA_gen (1024);
  const char *many[102] = {NULL};

  for (guint i = 0; i < 101; i++)
    many[i] = "a@example.com";
  assert_refused (key, none, "needs an address");
  assert_refused (key, second_bad, "not an address that can be certified");
  assert_refused (key, many, "more than 100");
  assert_refused (ed25519, ONE, "kind of key");
  assert_refused (small, ONE, "kind of key");
}

/* What OpenSSL's program says of it. */
static void
test_openssl_program (void)
{
  g_autofree char *program = g_find_program_in_path ("openssl");
  g_autoptr (EVP_PKEY) key = NULL;
  g_autoptr (GBytes) der = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *dir = NULL, *path = NULL, *out = NULL, *messages = NULL;
  gint status = -1;

  if (program == NULL) {
    g_test_skip ("the openssl program is not installed");
    return;
  }
  key = EVP_RSA_gen (2048);
  der = mc_csr_compose (key, ONE, MC_USAGE_BOTH, &error);
  dir = g_dir_make_tmp ("mailcert-csr-XXXXXX", &error);
  g_assert_no_error (error);
  path = g_build_filename (dir, "csr.der", NULL);
  g_file_set_contents (path, g_bytes_get_data (der, NULL), (gssize)g_bytes_get_size (der), &error);
  g_assert_no_error (error);
  g_spawn_sync (NULL, (char *[]){program, "req", "-inform", "DER", "-in", path, "-verify", "-noout", "-text", NULL},
                NULL, G_SPAWN_DEFAULT, NULL, NULL, &out, &messages, &status, &error);
  g_unlink (path);
  g_rmdir (dir);
  g_assert_no_error (error);
  g_assert_true (g_spawn_check_wait_status (status, NULL));
  g_assert_nonnull (strstr (messages, "verify OK"));
  g_assert_nonnull (strstr (out, "Subject: \n"));
  g_assert_nonnull (strstr (out, "email:Alexey@example.com\n"));
  g_assert_nonnull (strstr (out, "X509v3 Key Usage: critical\n"));
  g_assert_nonnull (strstr (out, "Digital Signature, Key Encipherment\n"));
  g_assert_nonnull (strstr (out, "Signature Algorithm: sha256WithRSAEncryption"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/csr/shape", test_shape);
  g_test_add_func ("/csr/key-usage", test_key_usage);
  g_test_add_func ("/csr/names", test_names);
  g_test_add_func ("/csr/refused", test_refused);
  g_test_add_func ("/csr/openssl-program", test_openssl_program);
  return g_test_run ();
}
