/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "certificate-maker.h"

#include <openssl/pem.h>
#include <string.h>

static void
add_extension (X509 *certificate, int nid, const char *value)
{
  X509_EXTENSION *extension;

  if (value == NULL)
    return;
  extension = X509V3_EXT_conf_nid (NULL, NULL, nid, value);
  g_assert_nonnull (extension);
  g_assert_true (X509_add_ext (certificate, extension, -1) == 1);
  X509_EXTENSION_free (extension);
}

static GENERAL_NAME *
mailbox_name (const char *text)
{
  GENERAL_NAME *name = GENERAL_NAME_new ();
  ASN1_TYPE *value = ASN1_TYPE_new ();
  ASN1_UTF8STRING *string = ASN1_UTF8STRING_new ();

  ASN1_STRING_set (string, text, -1);
  ASN1_TYPE_set (value, V_ASN1_UTF8STRING, string);
  GENERAL_NAME_set0_othername (name, OBJ_txt2obj ("1.3.6.1.5.5.7.8.9", 1), value);
  return name;
}

static void
add_san (X509 *certificate, const char *san)
{
  g_autoptr (GENERAL_NAMES) names = sk_GENERAL_NAME_new_null ();
  g_auto (GStrv) entries = g_strsplit (san != NULL ? san : "", ",", -1);

  if (san == NULL)
    return;
  for (guint i = 0; entries[i] != NULL; i++) {
    GENERAL_NAMES *more;
    X509_EXTENSION *extension;

    if (g_str_has_prefix (entries[i], "mailbox:")) {
      sk_GENERAL_NAME_push (names, mailbox_name (entries[i] + strlen ("mailbox:")));
      continue;
    }
    extension = X509V3_EXT_conf_nid (NULL, NULL, NID_subject_alt_name, entries[i]);
    g_assert_nonnull (extension);
    more = X509V3_EXT_d2i (extension);
    sk_GENERAL_NAME_push (names, sk_GENERAL_NAME_pop (more));
    sk_GENERAL_NAME_free (more);
    X509_EXTENSION_free (extension);
  }
  g_assert_true (X509_add1_ext_i2d (certificate, NID_subject_alt_name, names, 0, 0) == 1);
}

static void
add_issuer_id (X509 *certificate, const char *id)
{
  AUTHORITY_KEYID *value;
  long length;
  guint8 *octets;

  if (id == NULL)
    return;
  value = AUTHORITY_KEYID_new ();
  value->keyid = ASN1_OCTET_STRING_new ();
  octets = OPENSSL_hexstr2buf (id, &length);
  g_assert_nonnull (octets);
  ASN1_OCTET_STRING_set (value->keyid, octets, (int)length);
  g_assert_true (X509_add1_ext_i2d (certificate, NID_authority_key_identifier, value, 0, 0) == 1);
  OPENSSL_free (octets);
  AUTHORITY_KEYID_free (value);
}

static void
set_names (X509 *certificate, const MakerPlan *plan, X509 *issuer)
{
  X509_NAME *name = X509_get_subject_name (certificate);

  if (plan->common_name != NULL)
    X509_NAME_add_entry_by_NID (name, NID_commonName, MBSTRING_UTF8, (const guint8 *)plan->common_name, -1, -1, 0);
  X509_set_issuer_name (certificate, issuer != NULL ? X509_get_subject_name (issuer) : name);
}

X509 *
maker_certificate (const MakerPlan *plan, EVP_PKEY *key, X509 *issuer, EVP_PKEY *issuer_key)
{
  X509 *certificate = X509_new ();
  BIGNUM *serial = NULL;
  gint64 start = plan->start != 0 ? plan->start : MAKER_NOW - 3600;
  gint64 end = plan->end != 0 ? plan->end : MAKER_NOW + 365 * 86400;

  X509_set_version (certificate, X509_VERSION_3);
  BN_hex2bn (&serial, plan->serial != NULL ? plan->serial : "1001");
  BN_to_ASN1_INTEGER (serial, X509_get_serialNumber (certificate));
  BN_free (serial);
  ASN1_TIME_set (X509_getm_notBefore (certificate), start);
  ASN1_TIME_set (X509_getm_notAfter (certificate), end);
  set_names (certificate, plan, issuer);
  X509_set_pubkey (certificate, key);
  add_extension (certificate, NID_basic_constraints, plan->basic);
  add_extension (certificate, NID_key_usage, plan->key_usage);
  add_extension (certificate, NID_ext_key_usage, plan->ext_key_usage);
  add_san (certificate, plan->san);
  add_issuer_id (certificate, plan->issuer_id);
  g_assert_cmpint (X509_sign (certificate, issuer_key, EVP_sha256 ()), >, 0);
  return certificate;
}

static const MakerPlan root_plan = {
    .common_name = "Test Root",
    .basic = "critical,CA:TRUE",
    .key_usage = "critical,keyCertSign,cRLSign",
};

static const MakerPlan ca_plan = {
    .common_name = "Test Mail CA",
    .basic = "critical,CA:TRUE,pathlen:0",
    .key_usage = "critical,keyCertSign,cRLSign",
};

Maker *
maker_new (gboolean rsa_leaf)
{
  Maker *maker = g_new0 (Maker, 1);

  maker->root_key = EVP_EC_gen ("P-256");
  maker->ca_key = EVP_EC_gen ("P-256");
  maker->leaf_key = rsa_leaf ? EVP_RSA_gen (2048) : EVP_EC_gen ("P-256");
  maker->root = maker_certificate (&root_plan, maker->root_key, NULL, maker->root_key);
  maker->ca = maker_certificate (&ca_plan, maker->ca_key, maker->root, maker->root_key);
  return maker;
}

void
maker_free (Maker *maker)
{
  EVP_PKEY_free (maker->root_key);
  EVP_PKEY_free (maker->ca_key);
  EVP_PKEY_free (maker->leaf_key);
  X509_free (maker->root);
  X509_free (maker->ca);
  g_free (maker);
}

MakerPlan
maker_leaf_plan (const Maker *maker)
{
  MakerPlan plan = {
      .common_name = "alexey@example.com",
      .san = "email:alexey@example.com",
      .ext_key_usage = "emailProtection",
      .issuer_id = "69885b6b87464041e1b37b847ba0ae2cde01c8d4",
  };

  plan.key_usage = EVP_PKEY_is_a (maker->leaf_key, "RSA") ? "critical,digitalSignature,keyEncipherment"
                                                          : "critical,digitalSignature,keyAgreement";
  return plan;
}

X509 *
maker_leaf (const Maker *maker, const MakerPlan *plan)
{
  return maker_certificate (plan, maker->leaf_key, maker->ca, maker->ca_key);
}

char *
maker_pem (X509 *first, ...)
{
  g_autoptr (BIO) out = BIO_new (BIO_s_mem ());
  va_list rest;
  char *text;
  long length;

  va_start (rest, first);
  for (X509 *certificate = first; certificate != NULL; certificate = va_arg (rest, X509 *))
    g_assert_true (PEM_write_bio_X509 (out, certificate) == 1);
  va_end (rest);
  length = BIO_get_mem_data (out, &text);
  return g_strndup (text, (gsize)length);
}
