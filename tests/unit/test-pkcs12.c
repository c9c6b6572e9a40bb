/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/error.h"
#include "certificate-maker.h"
#include "pki/key.h"
#include "pki/pkcs12-reader.h"
#include "pki/pkcs12.h"

#include <glib/gstdio.h>
#include <openssl/err.h>
#include <string.h>

static McChain *
chain_of (const Maker *maker, gboolean with_root)
{
  MakerPlan plan = maker_leaf_plan (maker);
  g_autoptr (X509) leaf = maker_leaf (maker, &plan);
  g_autofree char *pem = maker_pem (leaf, maker->ca, with_root ? maker->root : NULL, NULL);
  McChain *chain = mc_chain_parse (pem, strlen (pem), NULL);

  g_assert_nonnull (chain);
  return chain;
}

static PKCS12 *
read_der (GBytes *der)
{
  gsize length;
  const guint8 *start = g_bytes_get_data (der, &length), *p = start;
  PKCS12 *pkcs12 = d2i_PKCS12 (NULL, &p, (long)length);

  g_assert_nonnull (pkcs12);
  g_assert_true (p == start + length);
  return pkcs12;
}

static gboolean
holds (McX509Stack *stack, X509 *certificate)
{
  for (int i = 0; i < sk_X509_num (stack); i++) {
    if (X509_cmp (sk_X509_value (stack, i), certificate) == 0)
      return TRUE;
  }
  return FALSE;
}

/* The modern form with a passphrase and the root, the compatible one with an empty passphrase, which is what gpgsm is
 * given for a key without protection. Not all four: each derivation takes a minute under valgrind. */
static void
test_contents (gconstpointer data)
{
  McPkcs12Form form = (McPkcs12Form)GPOINTER_TO_INT (data);
  gboolean is_modern = form == MC_PKCS12_MODERN;
  const char *passphrase = is_modern ? "p\303\244ss" : "";
  g_autoptr (Maker) maker = maker_new (is_modern);
  g_autoptr (McChain) chain = chain_of (maker, FALSE);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) der = mc_pkcs12_compose (maker->leaf_key, chain, is_modern ? maker->root : NULL,
                                              "Alexey \342\234\211", passphrase, form, &error);
  g_autoptr (PKCS12) pkcs12 = NULL;
  g_autoptr (EVP_PKEY) key = NULL;
  g_autoptr (X509) leaf = NULL;
  g_autoptr (McX509Stack) others = NULL;

  g_assert_no_error (error);
  g_assert_cmpuint (ERR_peek_error (), ==, 0);
  pkcs12 = read_der (der);
  g_assert_true (PKCS12_mac_present (pkcs12));
  g_assert_true (PKCS12_parse (pkcs12, passphrase, &key, &leaf, &others) == 1);
  g_assert_true (mc_key_equal (key, maker->leaf_key));
  g_assert_cmpint (X509_cmp (leaf, mc_chain_certificate (chain, 0)), ==, 0);
  g_assert_cmpint (sk_X509_num (others), ==, is_modern ? 2 : 1);
  g_assert_true (holds (others, maker->ca));
  g_assert_true (holds (others, maker->root) == is_modern);
  g_assert_cmpstr ((const char *)X509_alias_get0 (leaf, NULL), ==, "Alexey \342\234\211");
}

/* A root that the chain has already is not put in twice. */
static void
test_root_once (void)
{
  g_autoptr (Maker) maker = maker_new (FALSE);
  g_autoptr (McChain) chain = chain_of (maker, TRUE);
  g_autoptr (GBytes) der =
      mc_pkcs12_compose (maker->leaf_key, chain, maker->root, "x", "pw", MC_PKCS12_COMPATIBLE, NULL);
  g_autoptr (PKCS12) pkcs12 = read_der (der);
  g_autoptr (EVP_PKEY) key = NULL;
  g_autoptr (X509) leaf = NULL;
  g_autoptr (McX509Stack) others = NULL;

  g_assert_true (PKCS12_parse (pkcs12, "pw", &key, &leaf, &others) == 1);
  g_assert_cmpint (sk_X509_num (others), ==, 2);
}

/* Every 64th would be unreadable to gpgsm: of 400 all are made anew until they are not. And the judge can say no. */
static void
test_readable_by_gpgsm (void)
{
  g_autoptr (Maker) maker = maker_new (FALSE);
  g_autoptr (McChain) chain = chain_of (maker, FALSE);
  guint unreadable = 0;

  for (guint i = 0; i < 400; i++) {
    g_autoptr (GBytes) der = mc_pkcs12_compose (maker->leaf_key, chain, NULL, "x", "", MC_PKCS12_COMPATIBLE, NULL);
    g_autoptr (PKCS12) composed = read_der (der);

    g_assert_true (mc_pkcs12_is_readable_by_gpgsm (composed, ""));
  }
  for (guint i = 0; i < 2000 && unreadable == 0; i++) {
    g_autoptr (PKCS12) raw = PKCS12_create_ex ("", "x", maker->leaf_key, mc_chain_certificate (chain, 0), NULL,
                                               NID_pbe_WithSHA1And3_Key_TripleDES_CBC,
                                               NID_pbe_WithSHA1And3_Key_TripleDES_CBC, 1, -1, 0, NULL, NULL);

    unreadable += !mc_pkcs12_is_readable_by_gpgsm (raw, "");
  }
  g_assert_cmpuint (unreadable, ==, 1); /* missed by chance: (63/64)^2000 = 2e-14 */
}

static void
test_wrong_key (void)
{
  g_autoptr (Maker) maker = maker_new (FALSE);
  g_autoptr (McChain) chain = chain_of (maker, FALSE);
  g_autoptr (GError) error = NULL;

  g_assert_null (mc_pkcs12_compose (maker->ca_key, chain, NULL, "x", "secret", MC_PKCS12_MODERN, &error));
  g_assert_error (error, MC_ERROR, MC_ERROR_REFUSED);
  g_assert_null (strstr (error->message, "secret"));
  g_assert_cmpuint (ERR_peek_error (), ==, 0);
}

/* The algorithms as OpenSSL's program names them: what gpgsm, NSS and smime_keys can read depends on nothing else. */
static void
test_algorithms (gconstpointer data)
{
  McPkcs12Form form = (McPkcs12Form)GPOINTER_TO_INT (data);
  g_autofree char *program = g_find_program_in_path ("openssl");
  g_autoptr (GError) error = NULL;
  g_autofree char *dir = NULL, *path = NULL, *out = NULL, *messages = NULL;
  g_autoptr (Maker) maker = NULL;
  g_autoptr (McChain) chain = NULL;
  g_autoptr (GBytes) der = NULL;
  gint status = -1;

  if (program == NULL) {
    g_test_skip ("the openssl program is not installed");
    return;
  }
  maker = maker_new (FALSE);
  chain = chain_of (maker, FALSE);
  der = mc_pkcs12_compose (maker->leaf_key, chain, NULL, "x", "pw", form, &error);
  dir = g_dir_make_tmp ("mailcert-pkcs12-XXXXXX", &error);
  g_assert_no_error (error);
  path = g_build_filename (dir, "id.p12", NULL);
  g_file_set_contents (path, g_bytes_get_data (der, NULL), (gssize)g_bytes_get_size (der), &error);
  g_spawn_sync (NULL, (char *[]){program, "pkcs12", "-in", path, "-info", "-noout", "-passin", "pass:pw", NULL}, NULL,
                G_SPAWN_DEFAULT, NULL, NULL, &out, &messages, &status, &error);
  g_unlink (path);
  g_rmdir (dir);
  g_assert_no_error (error);
  g_test_message ("%s", messages);
  g_assert_true (g_spawn_check_wait_status (status, NULL));
  g_assert_nonnull (
      strstr (messages, form == MC_PKCS12_MODERN ? "MAC: sha256, Iteration 100000" : "MAC: sha1, Iteration 100000"));
  if (form == MC_PKCS12_MODERN) {
    g_assert_nonnull (strstr (messages, "PBES2, PBKDF2, AES-256-CBC, Iteration 100000, PRF hmacWithSHA256"));
    g_assert_null (strstr (messages, "pbeWithSHA1"));
  } else {
    g_assert_nonnull (strstr (messages, "Shrouded Keybag: pbeWithSHA1And3-KeyTripleDES-CBC, Iteration 100000"));
    g_assert_nonnull (strstr (messages, "Encrypted data: pbeWithSHA1And3-KeyTripleDES-CBC, Iteration 100000"));
    g_assert_null (strstr (messages, "PBES2"));
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/pkcs12/contents/modern", GINT_TO_POINTER (MC_PKCS12_MODERN), test_contents);
  g_test_add_data_func ("/pkcs12/contents/compatible", GINT_TO_POINTER (MC_PKCS12_COMPATIBLE), test_contents);
  g_test_add_func ("/pkcs12/root-once", test_root_once);
  g_test_add_func ("/pkcs12/wrong-key", test_wrong_key);
  g_test_add_func ("/pkcs12/readable-by-gpgsm", test_readable_by_gpgsm);
  g_test_add_data_func ("/pkcs12/algorithms/modern", GINT_TO_POINTER (MC_PKCS12_MODERN), test_algorithms);
  g_test_add_data_func ("/pkcs12/algorithms/compatible", GINT_TO_POINTER (MC_PKCS12_COMPATIBLE), test_algorithms);
  return g_test_run ();
}
