/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "pki/csr.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "pki/key.h"
#include "pki/mail-name.h"
#include "pki/openssl-error.h"

#include <string.h>

#define MAX_ADDRESSES 100

/* Bits of KeyUsage as OpenSSL numbers them, most significant bit of the first octet first (RFC 5280 4.2.1.3). */
enum { BIT_DIGITAL_SIGNATURE = 0, BIT_KEY_ENCIPHERMENT = 2, BIT_KEY_AGREEMENT = 4 };

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ASN1_BIT_STRING, ASN1_BIT_STRING_free)

static const char *const usage_names[] = {"both", "sign", "encrypt"};

const char *
mc_usage_name (McUsage usage)
{
  g_return_val_if_fail ((gsize)usage < G_N_ELEMENTS (usage_names), NULL);
  return usage_names[usage];
}

gboolean
mc_usage_parse (const char *name, McUsage *out, GError **error)
{
  for (gsize i = 0; i < G_N_ELEMENTS (usage_names); i++) {
    if (g_strcmp0 (name, usage_names[i]) == 0) {
      *out = (McUsage)i;
      return TRUE;
    }
  }
  g_set_error (error, MC_ERROR, MC_ERROR_USAGE, "unknown usage \"%s\": one of both, sign, encrypt",
               name != NULL ? name : "");
  return FALSE;
}

static GENERAL_NAMES *
names_new (const char *const *addresses, GError **error)
{
  g_autoptr (GENERAL_NAMES) names = sk_GENERAL_NAME_new_null ();

  for (guint i = 0; addresses[i] != NULL; i++) {
    GENERAL_NAME *name = i < MAX_ADDRESSES ? mc_mail_name_compose (addresses[i], error) : NULL;

    if (i >= MAX_ADDRESSES)
      g_set_error (error, MC_ERROR, MC_ERROR_USAGE, "more than %d addresses in one certificate", MAX_ADDRESSES);
    if (name == NULL)
      return NULL;
    sk_GENERAL_NAME_push (names, name);
  }
  if (sk_GENERAL_NAME_num (names) == 0) {
    g_set_error_literal (error, MC_ERROR, MC_ERROR_USAGE, "a certificate needs an address");
    return NULL;
  }
  return g_steal_pointer (&names);
}

/* The safe bits (H36): nonRepudiation and dataEncipherment are left to the CA. */
static ASN1_BIT_STRING *
key_usage_new (EVP_PKEY *key, McUsage usage)
{
  ASN1_BIT_STRING *bits = ASN1_BIT_STRING_new ();

  if (usage != MC_USAGE_ENCRYPT)
    ASN1_BIT_STRING_set_bit (bits, BIT_DIGITAL_SIGNATURE, 1);
  if (usage != MC_USAGE_SIGN)
    ASN1_BIT_STRING_set_bit (bits, mc_key_is_rsa (key) ? BIT_KEY_ENCIPHERMENT : BIT_KEY_AGREEMENT, 1);
  return bits;
}

static gboolean
fill (X509_REQ *request, EVP_PKEY *key, GENERAL_NAMES *names, ASN1_BIT_STRING *usage)
{
  g_autoptr (McExtensionStack) extensions = sk_X509_EXTENSION_new_null ();
  const EVP_MD *digest = mc_key_curve_bits (key) == 384 ? EVP_sha384 () : EVP_sha256 ();

  /* Subject: X509_REQ_new leaves it empty, which is what every CA takes (H39). */
  return X509_REQ_set_version (request, X509_REQ_VERSION_1) && X509_REQ_set_pubkey (request, key) &&
         X509V3_add1_i2d (&extensions, NID_subject_alt_name, names, 0, 0) == 1 &&
         X509V3_add1_i2d (&extensions, NID_key_usage, usage, 1, 0) == 1 &&
         X509_REQ_add_extensions (request, extensions) && X509_REQ_sign (request, key, digest) > 0;
}

GBytes *
mc_csr_compose (EVP_PKEY *key, const char *const *addresses, McUsage usage, GError **error)
{
  g_autoptr (X509_REQ) request = NULL;
  g_autoptr (GENERAL_NAMES) names = NULL;
  g_autoptr (ASN1_BIT_STRING) bits = NULL;
  guint8 *der = NULL;
  int length = 0;
  GBytes *bytes;

  if (!mc_key_is_rsa (key) && mc_key_curve_bits (key) == 0) {
    g_set_error_literal (error, MC_ERROR, MC_ERROR_USAGE, "this kind of key cannot have a mail certificate");
    return NULL;
  }
  names = names_new (addresses, error);
  if (names == NULL)
    return NULL;
  bits = key_usage_new (key, usage);
  request = X509_REQ_new ();
  if (request != NULL && fill (request, key, names, bits))
    length = i2d_X509_REQ (request, &der);
  if (length <= 0) {
    mc_openssl_error_set (error, MC_ERROR_INTERNAL, "cannot make the certificate request");
    return NULL;
  }
  bytes = g_bytes_new (der, (gsize)length);
  OPENSSL_free (der);
  return bytes;
}
