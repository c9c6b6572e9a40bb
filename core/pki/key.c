/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "pki/key.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "base/secret.h"
#include "pki/openssl-error.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/decoder.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <string.h>

#define PBKDF2_ITERATIONS 600000 /* a quarter of a second once per key; what OWASP asks for PBKDF2-HMAC-SHA256 */
#define PBKDF2_MOST 5000000      /* beyond that a key file is an attack on the reader's time */
#define RSA_LEAST_BITS 2048
#define RSA_MOST_BITS 8192

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OSSL_DECODER_CTX, OSSL_DECODER_CTX_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PBE2PARAM, PBE2PARAM_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PBKDF2PARAM, PBKDF2PARAM_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PKCS8_PRIV_KEY_INFO, PKCS8_PRIV_KEY_INFO_free) /* wipes the key octets */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (X509_ALGOR, X509_ALGOR_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (X509_SIG, X509_SIG_free)

static const char *const kind_names[] = {"rsa3072", "rsa4096", "p256", "p384"};

const char *
mc_key_kind_name (McKeyKind kind)
{
  g_return_val_if_fail ((gsize)kind < G_N_ELEMENTS (kind_names), NULL);
  return kind_names[kind];
}

gboolean
mc_key_kind_parse (const char *name, McKeyKind *out, GError **error)
{
  for (gsize i = 0; i < G_N_ELEMENTS (kind_names); i++) {
    if (g_strcmp0 (name, kind_names[i]) == 0) {
      *out = (McKeyKind)i;
      return TRUE;
    }
  }
  g_set_error (error, MC_ERROR, MC_ERROR_USAGE, "unknown kind of key \"%s\": one of rsa3072, rsa4096, p256, p384",
               name != NULL ? name : "");
  return FALSE;
}

EVP_PKEY *
mc_key_new (McKeyKind kind, GError **error)
{
  EVP_PKEY *key = NULL;

  switch (kind) {
  case MC_KEY_RSA3072:
    key = EVP_RSA_gen (3072);
    break;
  case MC_KEY_RSA4096:
    key = EVP_RSA_gen (4096);
    break;
  case MC_KEY_P256:
    key = EVP_EC_gen ("P-256");
    break;
  case MC_KEY_P384:
    key = EVP_EC_gen ("P-384");
    break;
  }
  if (key == NULL)
    mc_openssl_error_set (error, MC_ERROR_INTERNAL, "cannot make a key");
  return key;
}

gboolean
mc_key_is_rsa (EVP_PKEY *key)
{
  int bits = EVP_PKEY_get_bits (key);

  return EVP_PKEY_is_a (key, "RSA") && bits >= RSA_LEAST_BITS && bits <= RSA_MOST_BITS;
}

guint
mc_key_curve_bits (EVP_PKEY *key)
{
  char name[64];
  gsize length = 0;

  if (!EVP_PKEY_is_a (key, "EC"))
    return 0;
  if (!EVP_PKEY_get_group_name (key, name, sizeof name, &length)) {
    ERR_clear_error (); /* explicit parameters: no curve of ours */
    return 0;
  }
  if (strcmp (name, SN_X9_62_prime256v1) == 0 || strcmp (name, "P-256") == 0)
    return 256;
  return strcmp (name, SN_secp384r1) == 0 || strcmp (name, "P-384") == 0 ? 384 : 0;
}

/* i2d into memory that is wiped when freed; ENCODE is i2d_X509_SIG or i2d_PKCS8_PRIV_KEY_INFO. */
#define SECRET_DER(object, encode, out)                                                                                \
  G_STMT_START                                                                                                         \
  {                                                                                                                    \
    int der_length = encode (object, NULL);                                                                            \
    if (der_length > 0) {                                                                                              \
      guint8 *der = g_malloc ((gsize)der_length), *der_end = der;                                                      \
      encode (object, &der_end);                                                                                       \
      *(out) = mc_secret_new_take (der, (gsize)der_length);                                                            \
    }                                                                                                                  \
  }                                                                                                                    \
  G_STMT_END

static GBytes *
protected_compose (PKCS8_PRIV_KEY_INFO *info, const char *passphrase)
{
  g_autoptr (X509_ALGOR) pbe =
      PKCS5_pbe2_set_iv (EVP_aes_256_cbc (), PBKDF2_ITERATIONS, NULL, 0, NULL, NID_hmacWithSHA256);
  g_autoptr (X509_SIG) sealed = NULL;
  GBytes *result = NULL;

  if (pbe == NULL)
    return NULL;
  sealed = PKCS8_set0_pbe (passphrase, (int)strlen (passphrase), info, pbe);
  if (sealed == NULL)
    return NULL;
  g_steal_pointer (&pbe); /* sealed has it now */
  SECRET_DER (sealed, i2d_X509_SIG, &result);
  return result;
}

GBytes *
mc_key_compose (EVP_PKEY *key, const char *passphrase, GError **error)
{
  g_autoptr (PKCS8_PRIV_KEY_INFO) info = NULL;
  GBytes *result = NULL;

  if (passphrase != NULL && *passphrase == '\0') {
    g_set_error_literal (error, MC_ERROR, MC_ERROR_USAGE, "an empty passphrase protects nothing");
    return NULL;
  }
  info = EVP_PKEY2PKCS8 (key);
  if (info != NULL && passphrase != NULL)
    result = protected_compose (info, passphrase);
  else if (info != NULL)
    SECRET_DER (info, i2d_PKCS8_PRIV_KEY_INFO, &result);
  if (result == NULL)
    mc_openssl_error_set (error, MC_ERROR_INTERNAL, "cannot write the key");
  return result;
}

static X509_SIG *
sealed_parse (GBytes *pkcs8)
{
  gsize length;
  const guint8 *start = g_bytes_get_data (pkcs8, &length), *p = start;
  g_autoptr (X509_SIG) sealed = length > 0 && length <= G_MAXUINT16 ? d2i_X509_SIG (NULL, &p, (long)length) : NULL;

  ERR_clear_error ();
  return sealed != NULL && p == start + length ? g_steal_pointer (&sealed) : NULL;
}

gboolean
mc_key_is_protected (GBytes *pkcs8)
{
  g_autoptr (X509_SIG) sealed = sealed_parse (pkcs8);

  return sealed != NULL;
}

/* PBES2 with PBKDF2 of a bearable count, which is what mc_key_compose writes; scrypt and PBES1 are not ours. */
static gboolean
is_our_protection (const X509_SIG *sealed)
{
  const X509_ALGOR *algorithm;
  g_autoptr (PBE2PARAM) scheme = NULL;
  g_autoptr (PBKDF2PARAM) derivation = NULL;
  gint64 iterations = 0;

  X509_SIG_get0 (sealed, &algorithm, NULL);
  if (OBJ_obj2nid (algorithm->algorithm) != NID_pbes2)
    return FALSE;
  scheme = ASN1_TYPE_unpack_sequence (ASN1_ITEM_rptr (PBE2PARAM), algorithm->parameter);
  if (scheme == NULL || OBJ_obj2nid (scheme->keyfunc->algorithm) != NID_id_pbkdf2)
    return FALSE;
  derivation = ASN1_TYPE_unpack_sequence (ASN1_ITEM_rptr (PBKDF2PARAM), scheme->keyfunc->parameter);
  return derivation != NULL && ASN1_INTEGER_get_int64 (&iterations, derivation->iter) && iterations > 0 &&
         iterations <= PBKDF2_MOST;
}

static PKCS8_PRIV_KEY_INFO *
open_sealed (const X509_SIG *sealed, const char *passphrase, GError **error)
{
  PKCS8_PRIV_KEY_INFO *info;

  if (!is_our_protection (sealed)) {
    ERR_clear_error ();
    g_set_error_literal (error, MC_ERROR, MC_ERROR_MALFORMED, "the key is protected in a way that is not known here");
    return NULL;
  }
  if (passphrase == NULL) {
    g_set_error_literal (error, MC_ERROR, MC_ERROR_KEYRING, "the key is protected: its passphrase is needed");
    return NULL;
  }
  info = PKCS8_decrypt (sealed, passphrase, (int)strlen (passphrase));
  if (info == NULL) {
    ERR_clear_error ();
    g_set_error_literal (error, MC_ERROR, MC_ERROR_KEYRING, "wrong passphrase for the key");
  }
  return info;
}

static PKCS8_PRIV_KEY_INFO *
plain_parse (GBytes *pkcs8, GError **error)
{
  gsize length;
  const guint8 *start = g_bytes_get_data (pkcs8, &length), *p = start;
  g_autoptr (PKCS8_PRIV_KEY_INFO) info =
      length > 0 && length <= G_MAXUINT16 ? d2i_PKCS8_PRIV_KEY_INFO (NULL, &p, (long)length) : NULL;

  if (info == NULL || p != start + length) {
    mc_openssl_error_set (error, MC_ERROR_MALFORMED, "no PKCS#8 key");
    return NULL;
  }
  return g_steal_pointer (&info);
}

/* EVP_PKCS82PKEY gets decoders for every kind of key ready before it looks which one it has been given, which takes
 * four times as long: it is left to the kinds that nobody uses here. */
static EVP_PKEY *
key_from_info (const PKCS8_PRIV_KEY_INFO *info)
{
  const ASN1_OBJECT *algorithm = NULL;
  g_autoptr (OSSL_DECODER_CTX) decoder = NULL;
  g_autoptr (GBytes) octets = NULL;
  EVP_PKEY *key = NULL;
  const guint8 *p;
  gsize length;
  int kind;

  PKCS8_pkey_get0 (&algorithm, NULL, NULL, NULL, info);
  kind = OBJ_obj2nid (algorithm);
  if (kind != NID_rsaEncryption && kind != NID_X9_62_id_ecPublicKey)
    return EVP_PKCS82PKEY (info);
  SECRET_DER (info, i2d_PKCS8_PRIV_KEY_INFO, &octets);
  decoder = OSSL_DECODER_CTX_new_for_pkey (&key, "DER", "PrivateKeyInfo", kind == NID_rsaEncryption ? "RSA" : "EC",
                                           EVP_PKEY_KEYPAIR, NULL, NULL);
  if (octets == NULL || decoder == NULL)
    return NULL;
  p = g_bytes_get_data (octets, &length);
  OSSL_DECODER_from_data (decoder, &p, &length);
  return key;
}

EVP_PKEY *
mc_key_parse (GBytes *pkcs8, const char *passphrase, GError **error)
{
  g_autoptr (X509_SIG) sealed = sealed_parse (pkcs8);
  g_autoptr (PKCS8_PRIV_KEY_INFO) info = NULL;
  g_autoptr (EVP_PKEY) key = NULL;

  info = sealed != NULL ? open_sealed (sealed, passphrase, error) : plain_parse (pkcs8, error);
  if (info == NULL)
    return NULL;
  key = key_from_info (info);
  if (key == NULL) {
    mc_openssl_error_set (error, MC_ERROR_MALFORMED, "no usable key in the PKCS#8");
    return NULL;
  }
  if (!mc_key_is_rsa (key) && mc_key_curve_bits (key) == 0) {
    g_set_error_literal (error, MC_ERROR, MC_ERROR_MALFORMED,
                         "a key of a kind that is not used here (RSA 2048 to 8192, P-256 or P-384 are)");
    return NULL;
  }
  ERR_clear_error ();
  return g_steal_pointer (&key);
}

/* Never asks at the terminal, which is what OpenSSL does where it is given no way to ask. */
static int
give_passphrase (char *buffer, int size, int writing, void *passphrase)
{
  gsize length = passphrase != NULL ? strlen (passphrase) : 0;

  if (writing || length == 0 || length > (gsize)size)
    return -1;
  memcpy (buffer, passphrase, length);
  return (int)length;
}

EVP_PKEY *
mc_key_parse_pem (const char *pem, const char *passphrase)
{
  g_autoptr (BIO) bio = BIO_new_mem_buf (pem, -1);
  EVP_PKEY *key = PEM_read_bio_PrivateKey (bio, NULL, give_passphrase, (void *)passphrase);

  ERR_clear_error ();
  return key;
}

gboolean
mc_key_equal (EVP_PKEY *a, EVP_PKEY *b)
{
  gboolean equal = a != NULL && b != NULL && EVP_PKEY_eq (a, b) == 1;

  ERR_clear_error ();
  return equal;
}

char *
mc_key_compose_pem (GBytes *pkcs8)
{
  const char *label = mc_key_is_protected (pkcs8) ? "ENCRYPTED PRIVATE KEY" : "PRIVATE KEY";
  gsize length;
  const guint8 *der = g_bytes_get_data (pkcs8, &length);
  gsize lines = (length + 47) / 48; /* 48 octets make a line of 64 (RFC 7468 2) */
  gsize room = lines * 65 + 2 * strlen (label) + 64;
  char *pem = g_malloc (room);
  gsize used = (gsize)g_snprintf (pem, room, "-----BEGIN %s-----\n", label);

  for (gsize i = 0; i < length; i += 48) {
    used += (gsize)EVP_EncodeBlock ((guint8 *)pem + used, der + i, (int)MIN (48, length - i));
    pem[used++] = '\n';
  }
  g_snprintf (pem + used, room - used, "-----END %s-----\n", label);
  return pem;
}
