/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "pki/pkcs12.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "base/secret.h"
#include "pki/key.h"
#include "pki/openssl-error.h"
#include "pki/pkcs12-reader.h"

/* For key, certificates and MAC each; Windows refuses a file whose sum is above 600000. */
#define ITERATIONS 100000
/* An empty passphrase protects nothing however long it is stretched: one round is what
 * every reader takes. */
#define ITERATIONS_UNPROTECTED 1
#define MOST_TRIES 16 /* that all are unreadable to gpgsm: 2^-96 */

static McX509Stack *
issuers_new (const McChain *chain, X509 *extra_root)
{
  McX509Stack *issuers = sk_X509_new_null ();

  for (guint i = 1; i < mc_chain_length (chain); i++)
    X509_add_cert (issuers, mc_chain_certificate (chain, i), X509_ADD_FLAG_UP_REF | X509_ADD_FLAG_NO_DUP);
  if (extra_root != NULL)
    X509_add_cert (issuers, extra_root, X509_ADD_FLAG_UP_REF | X509_ADD_FLAG_NO_DUP);
  return issuers;
}

static GBytes *
der_of (PKCS12 *pkcs12)
{
  int length = i2d_PKCS12 (pkcs12, NULL);
  guint8 *der, *end;

  if (length <= 0)
    return NULL;
  end = der = g_malloc ((gsize)length);
  i2d_PKCS12 (pkcs12, &end);
  return mc_secret_new_take (der, (gsize)length);
}

GBytes *
mc_pkcs12_compose (EVP_PKEY *key, const McChain *chain, X509 *extra_root, const char *name, const char *passphrase,
                   McPkcs12Form form, GError **error)
{
  g_autoptr (McX509Stack) issuers = issuers_new (chain, extra_root);
  g_autoptr (PKCS12) pkcs12 = NULL;
  X509 *leaf = mc_chain_certificate (chain, 0);
  const int iterations = *passphrase != '\0' ? ITERATIONS : ITERATIONS_UNPROTECTED;
  int cipher = form == MC_PKCS12_MODERN ? NID_aes_256_cbc : NID_pbe_WithSHA1And3_Key_TripleDES_CBC;
  const EVP_MD *mac = form == MC_PKCS12_MODERN ? EVP_sha256 () : EVP_sha1 ();
  GBytes *der = NULL;

  if (!mc_key_equal (X509_get0_pubkey (leaf), key)) {
    g_set_error_literal (error, MC_ERROR, MC_ERROR_REFUSED, "PKCS#12: the certificate is for another key");
    return NULL;
  }
  for (guint try = 0; try < MOST_TRIES; try++) {
    g_clear_pointer (&pkcs12, PKCS12_free);
    pkcs12 = PKCS12_create_ex (passphrase, name, key, leaf, issuers, cipher, cipher, iterations, -1, 0, NULL, NULL);
    if (pkcs12 == NULL || form == MC_PKCS12_MODERN || mc_pkcs12_is_readable_by_gpgsm (pkcs12, passphrase))
      break;
  }
  if (pkcs12 != NULL && PKCS12_set_mac (pkcs12, passphrase, -1, NULL, 0, iterations, mac))
    der = der_of (pkcs12);
  if (der == NULL)
    mc_openssl_error_set (error, MC_ERROR_INTERNAL, "cannot make the PKCS#12");
  return der;
}
