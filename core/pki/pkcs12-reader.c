/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "pki/pkcs12-reader.h"

#include "base/cleanup.h"

#include <openssl/err.h>
#include <string.h>

#define BLOCK 64 /* v of RFC 7292 B.2, for SHA-1 */
#define DIGEST 20

/* (I + B + 1) mod 2^512 begins with a zero byte (RFC 7292 B.2, step 6C). */
static gboolean
sum_is_short (const guint8 *block, const guint8 *digest)
{
  guint carry = 1;

  for (gint i = BLOCK - 1; i >= 0; i--) {
    carry += (guint)block[i] + digest[i % DIGEST];
    if (i == 0)
      return (carry & 0xff) == 0;
    carry >>= 8;
  }
  return FALSE;
}

static gboolean
is_readable (const X509_ALGOR *algorithm, const char *passphrase)
{
  const ASN1_STRING *parameter = NULL;
  const unsigned char *der;
  const void *value;
  int type;
  PBEPARAM *pbe;
  guint8 salt[BLOCK], word[BLOCK], digest[DIGEST];
  unsigned char *unicode = NULL;
  int unicode_length = 0;
  gboolean fine = FALSE;

  X509_ALGOR_get0 (NULL, &type, &value, algorithm);
  if (type != V_ASN1_SEQUENCE)
    return FALSE;
  parameter = value;
  der = ASN1_STRING_get0_data (parameter);
  pbe = d2i_PBEPARAM (NULL, &der, ASN1_STRING_length (parameter));
  if (pbe != NULL && ASN1_STRING_length (pbe->salt) > 0 &&
      OPENSSL_utf82uni (passphrase, -1, &unicode, &unicode_length) != NULL && unicode_length > 0 &&
      PKCS12_key_gen_utf8 (passphrase, -1, pbe->salt->data, pbe->salt->length, PKCS12_KEY_ID,
                           (int)ASN1_INTEGER_get (pbe->iter), DIGEST, digest, EVP_sha1 ())) {
    for (gsize i = 0; i < BLOCK; i++) {
      salt[i] = pbe->salt->data[i % (gsize)pbe->salt->length];
      word[i] = unicode[i % (gsize)unicode_length];
    }
    fine = !sum_is_short (salt, digest) && (unicode_length > BLOCK || !sum_is_short (word, digest));
  }
  OPENSSL_cleanse (word, sizeof word);
  OPENSSL_cleanse (digest, sizeof digest);
  OPENSSL_clear_free (unicode, (gsize)unicode_length);
  PBEPARAM_free (pbe);
  return fine;
}

/* The shrouded key's algorithm within a bag of plain data. */
static gboolean
bags_are_readable (PKCS7 *data, const char *passphrase)
{
  STACK_OF (PKCS12_SAFEBAG) *bags = PKCS12_unpack_p7data (data);
  gboolean fine = bags != NULL;

  for (int i = 0; fine && i < sk_PKCS12_SAFEBAG_num (bags); i++) {
    const PKCS12_SAFEBAG *bag = sk_PKCS12_SAFEBAG_value (bags, i);
    const X509_SIG *shrouded =
        PKCS12_SAFEBAG_get_nid (bag) == NID_pkcs8ShroudedKeyBag ? PKCS12_SAFEBAG_get0_pkcs8 (bag) : NULL;
    const X509_ALGOR *algorithm = NULL;

    if (shrouded == NULL)
      continue;
    X509_SIG_get0 (shrouded, &algorithm, NULL);
    fine = is_readable (algorithm, passphrase);
  }
  sk_PKCS12_SAFEBAG_pop_free (bags, PKCS12_SAFEBAG_free);
  return fine;
}

gboolean
mc_pkcs12_is_readable_by_gpgsm (PKCS12 *pkcs12, const char *passphrase)
{
  STACK_OF (PKCS7) *safes = PKCS12_unpack_authsafes (pkcs12);
  gboolean fine = safes != NULL;

  for (int i = 0; fine && i < sk_PKCS7_num (safes); i++) {
    PKCS7 *safe = sk_PKCS7_value (safes, i);

    if (PKCS7_type_is_encrypted (safe))
      fine = is_readable (safe->d.encrypted->enc_data->algorithm, passphrase);
    else if (PKCS7_type_is_data (safe))
      fine = bags_are_readable (safe, passphrase);
  }
  sk_PKCS7_pop_free (safes, PKCS7_free);
  ERR_clear_error ();
  return fine;
}
