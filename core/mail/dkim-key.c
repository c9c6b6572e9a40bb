/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "mail/dkim.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "base/mutant.h"
#include "mail/tag-list.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/rsa.h>
#include <string.h>

#define RSA_BITS_MIN 1024 /* RFC 8301 3.2 */
#define RSA_OCTETS_MAX 1024
#define EXPONENT_OCTETS_MAX 8

/* Big-endian, within the key's bytes, no leading zeros. */
typedef struct {
  const guint8 *data;
  gsize length;
} Octets;

/* The content of the DER element TAG at the front of IN, which is moved behind it. */
static gboolean
der_take (Octets *in, guint8 tag, Octets *content)
{
  gsize at = 2;
  gsize length;

  if (in->length < 2 || in->data[0] != tag)
    return FALSE;
  length = in->data[1];
  if (length > 0x80) {
    gsize octets = length & 0x7f;

    if (octets > 2 || in->length < 2 + octets)
      return FALSE;
    for (length = 0; at < 2 + octets; at++)
      length = length << 8 | in->data[at];
  } else if (length == 0x80)
    return FALSE;
  if (in->length - at < length)
    return FALSE;
  *content = (Octets){in->data + at, length};
  in->data += at + length;
  in->length -= at + length;
  return TRUE;
}

/* A positive INTEGER. */
static gboolean
der_take_number (Octets *in, Octets *number)
{
  if (!der_take (in, 0x02, number) || number->length == 0 || (number->data[0] & 0x80) != 0)
    return FALSE;
  while (number->length > 0 && number->data[0] == 0) {
    number->data++;
    number->length--;
  }
  return number->length > 0;
}

/* SEQUENCE { n, e } (RFC 8017 A.1.1), all of KEY. */
static gboolean
parse_rsa_numbers (Octets key, Octets *n, Octets *e)
{
  Octets sequence;

  return der_take (&key, 0x30, &sequence) && key.length == 0 && der_take_number (&sequence, n) &&
         der_take_number (&sequence, e) && sequence.length == 0;
}

/* SubjectPublicKeyInfo (what everybody publishes), or the bare RSAPublicKey that RFC 6376 3.6.1 names. */
static gboolean
parse_rsa_key (GBytes *bytes, Octets *n, Octets *e)
{
  static const guint8 rsa_encryption[] = {0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01};
  Octets key;
  Octets info;
  Octets algorithm;
  Octets bits;

  key.data = g_bytes_get_data (bytes, &key.length);
  if (parse_rsa_numbers (key, n, e))
    return TRUE;
  if (!der_take (&key, 0x30, &info) || key.length > 0 || !der_take (&info, 0x30, &algorithm) ||
      algorithm.length < sizeof rsa_encryption || memcmp (algorithm.data, rsa_encryption, sizeof rsa_encryption) != 0 ||
      !der_take (&info, 0x03, &bits) || info.length > 0 || bits.length < 1 || bits.data[0] != 0)
    return FALSE;
  return parse_rsa_numbers ((Octets){bits.data + 1, bits.length - 1}, n, e);
}

static guint
count_bits (Octets number)
{
  return (guint)(number.length - 1) * 8 + (guint)g_bit_storage (number.data[0]);
}

/* OSSL_PARAM wants numbers in the machine's order. */
static OSSL_PARAM
construct_number (const char *name, Octets number, guint8 *native)
{
  for (gsize i = 0; i < number.length; i++)
    native[G_BYTE_ORDER == G_LITTLE_ENDIAN ? number.length - 1 - i : i] = number.data[i];
  return OSSL_PARAM_construct_BN (name, native, number.length);
}

static void
free_context (gpointer context)
{
  EVP_PKEY_CTX_free (context);
}

/* What makes RSA keys: kept by each thread, since it takes as long to set up as a key does to make. */
static EVP_PKEY_CTX *
rsa_maker (void)
{
  static GPrivate kept = G_PRIVATE_INIT (free_context);
  EVP_PKEY_CTX *context = g_private_get (&kept);

  if (context == NULL) {
    context = EVP_PKEY_CTX_new_from_name (NULL, "RSA", NULL);
    g_private_set (&kept, context);
  }
  return context;
}

static EVP_PKEY *
make_rsa_key (Octets n, Octets e)
{
  guint8 native_n[RSA_OCTETS_MAX];
  guint8 native_e[EXPONENT_OCTETS_MAX];
  OSSL_PARAM parameters[3];
  EVP_PKEY_CTX *context = rsa_maker ();
  EVP_PKEY *key = NULL;

  parameters[0] = construct_number (OSSL_PKEY_PARAM_RSA_N, n, native_n);
  parameters[1] = construct_number (OSSL_PKEY_PARAM_RSA_E, e, native_e);
  parameters[2] = OSSL_PARAM_construct_end ();
  if (context == NULL || EVP_PKEY_fromdata_init (context) <= 0 ||
      EVP_PKEY_fromdata (context, &key, EVP_PKEY_PUBLIC_KEY, parameters) <= 0)
    return NULL;
  return key;
}

/* Given with the one call, since a setter for each goes the long way round. */
static const OSSL_PARAM pkcs1_sha256[] = {
    {OSSL_PKEY_PARAM_PAD_MODE, OSSL_PARAM_UTF8_STRING, (char[]){OSSL_PKEY_RSA_PAD_MODE_PKCSV15},
     sizeof OSSL_PKEY_RSA_PAD_MODE_PKCSV15 - 1, 0},
    {OSSL_SIGNATURE_PARAM_DIGEST, OSSL_PARAM_UTF8_STRING, (char[]){"SHA256"}, sizeof "SHA256" - 1, 0},
    {0},
};

static McVerdictCode
verify_rsa (GBytes *signature, GBytes *key_bytes, const guint8 digest[32], const char **detail)
{
  g_autoptr (EVP_PKEY) key = NULL;
  g_autoptr (EVP_PKEY_CTX) context = NULL;
  Octets n;
  Octets e;

  *detail = "the published key is no usable RSA key";
  if (!parse_rsa_key (key_bytes, &n, &e) || n.length > RSA_OCTETS_MAX || e.length > EXPONENT_OCTETS_MAX ||
      (n.data[n.length - 1] & 1) == 0 || (e.data[e.length - 1] & 1) == 0 || (e.length == 1 && e.data[0] == 1))
    return MC_VERDICT_DKIM_KEY;
  if (count_bits (n) < RSA_BITS_MIN && !MC_MUTANT ("dkim-short-key")) {
    *detail = "the published RSA key is shorter than 1024 bits";
    return MC_VERDICT_DKIM_WEAK;
  }
  key = make_rsa_key (n, e);
  context = key == NULL ? NULL : EVP_PKEY_CTX_new_from_pkey (NULL, key, NULL);
  if (context == NULL || EVP_PKEY_verify_init_ex (context, pkcs1_sha256) <= 0)
    return MC_VERDICT_DKIM_KEY;
  *detail = "the signature is wrong";
  return EVP_PKEY_verify (context, g_bytes_get_data (signature, NULL), g_bytes_get_size (signature), digest, 32) == 1
             ? MC_VERDICT_AUTHENTIC
             : MC_VERDICT_DKIM_FAIL;
}

/* RFC 8463 3: the signed message is the digest. */
static McVerdictCode
verify_ed25519 (GBytes *signature, GBytes *key_bytes, const guint8 digest[32], const char **detail)
{
  gsize length;
  const guint8 *data = g_bytes_get_data (key_bytes, &length);
  g_autoptr (EVP_PKEY) key = EVP_PKEY_new_raw_public_key (EVP_PKEY_ED25519, NULL, data, length);
  g_autoptr (EVP_MD_CTX) context = EVP_MD_CTX_new ();

  *detail = "the published key is no usable Ed25519 key";
  if (key == NULL || EVP_DigestVerifyInit (context, NULL, NULL, NULL, key) <= 0)
    return MC_VERDICT_DKIM_KEY;
  *detail = "the signature is wrong";
  return EVP_DigestVerify (context, g_bytes_get_data (signature, NULL), g_bytes_get_size (signature), digest, 32) == 1
             ? MC_VERDICT_AUTHENTIC
             : MC_VERDICT_DKIM_FAIL;
}

McVerdictCode
mc_dkim_verify (const McDkimSignature *signature, const McDkimKey *key, const guint8 digest[32], const char **detail)
{
  McVerdictCode code = MC_VERDICT_DKIM_KEY;

  if (signature->algorithm == MC_DKIM_RSA_SHA1) {
    *detail = "rsa-sha1 proves nothing";
    return MC_VERDICT_DKIM_WEAK;
  }
  if (key->key == NULL)
    *detail = "the key has been revoked";
  else if (key->testing && !MC_MUTANT ("dkim-testing-key"))
    *detail = "the key is published for tests only (t=y)";
  else if (key->ed25519 != (signature->algorithm == MC_DKIM_ED25519_SHA256))
    *detail = "the published key is of another kind than the signature";
  else if (!MC_MUTANT ("dkim-loose-identity") && key->strict_identity &&
           strcmp (signature->identity_domain, signature->domain) != 0) {
    *detail = "the key does not allow the domain of i=";
    code = MC_VERDICT_DKIM_FAIL;
  } else {
    ERR_set_mark ();
    code = (key->ed25519 ? verify_ed25519 : verify_rsa) (signature->signature, key->key, digest, detail);
    ERR_pop_to_mark ();
    if (MC_MUTANT ("dkim-any-signature"))
      code = MC_VERDICT_AUTHENTIC;
  }
  if (code == MC_VERDICT_AUTHENTIC)
    *detail = "the signature is good";
  return code;
}

McDkimKey *
mc_dkim_key_parse (const char *record, gsize length, GError **error)
{
  g_autoptr (McDkimKey) key = g_new0 (McDkimKey, 1);
  McTagList list;
  const McTag *p;
  const McTag *v;

  if (!mc_tag_list_parse (record, length, &list, error))
    return NULL;
  p = mc_tag_list_find (&list, "p");
  v = mc_tag_list_find (&list, "v");
  key->key = mc_tag_list_base64 (&list, "p");
  if (p == NULL || (p->length > 0 && key->key == NULL) ||
      (v != NULL && (v != &list.tags[0] || !mc_tag_list_says (&list, "v", "DKIM1")))) {
    g_set_error_literal (error, MC_ERROR, MC_ERROR_MALFORMED, "not a DKIM key record");
    return NULL;
  }
  key->ed25519 = mc_tag_list_says (&list, "k", "ed25519");
  key->testing = mc_tag_list_lists (&list, "t", "y");
  key->strict_identity = mc_tag_list_lists (&list, "t", "s");
  if (mc_tag_list_find (&list, "k") != NULL && !key->ed25519 && !mc_tag_list_says (&list, "k", "rsa"))
    g_set_error_literal (error, MC_ERROR, MC_ERROR_REFUSED, "the key is of an unknown kind");
  else if (mc_tag_list_find (&list, "h") != NULL && !mc_tag_list_lists (&list, "h", "sha256") &&
           !MC_MUTANT ("dkim-key-not-for-sha256"))
    g_set_error_literal (error, MC_ERROR, MC_ERROR_REFUSED, "the key is not for SHA-256");
  else if (!MC_MUTANT ("dkim-key-not-for-mail") && mc_tag_list_find (&list, "s") != NULL &&
           !mc_tag_list_lists (&list, "s", "*") && !mc_tag_list_lists (&list, "s", "email"))
    g_set_error_literal (error, MC_ERROR, MC_ERROR_REFUSED, "the key is not for mail");
  else
    return g_steal_pointer (&key);
  return NULL;
}

void
mc_dkim_key_free (McDkimKey *key)
{
  if (key == NULL)
    return;
  g_clear_pointer (&key->key, g_bytes_unref);
  g_free (key);
}
