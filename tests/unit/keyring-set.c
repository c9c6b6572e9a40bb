/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "keyring-set.h"

#include "pki/key.h"

#include <stdarg.h>
#include <string.h>

#define DAY 86400

static gint64
now (void)
{
  return g_get_real_time () / G_USEC_PER_SEC;
}

Issuer *
issuer_new (void)
{
  Issuer *issuer = g_new0 (Issuer, 1);
  MakerPlan root = {.common_name = "Test Root",
                    .key_usage = "critical,keyCertSign,cRLSign",
                    .basic = "critical,CA:TRUE",
                    .start = now () - 400 * DAY,
                    .end = now () + 3650 * DAY,
                    .serial = "01"};
  MakerPlan ca = root;
  g_autoptr (McCertificateInfo) info = NULL;

  ca.common_name = "Test CA";
  ca.serial = "02";
  issuer->root_key = EVP_RSA_gen (2048);
  issuer->ca_key = EVP_EC_gen ("P-256");
  issuer->root = maker_certificate (&root, issuer->root_key, NULL, issuer->root_key);
  issuer->ca = maker_certificate (&ca, issuer->ca_key, issuer->root, issuer->root_key);
  info = mc_certificate_info_new (issuer->root, NULL);
  issuer->root_sha256 = g_strdup (info->sha256);
  issuer->top = g_strdup ("/tmp/mck-XXXXXX");
  g_assert_nonnull (g_mkdtemp (issuer->top));
  return issuer;
}

void
issuer_free (Issuer *issuer)
{
  g_free (run_program ("rm", "-rf", "--", issuer->top, NULL));
  EVP_PKEY_free (issuer->root_key);
  EVP_PKEY_free (issuer->ca_key);
  X509_free (issuer->root);
  X509_free (issuer->ca);
  g_free (issuer->root_sha256);
  g_free (issuer->top);
  g_free (issuer);
}

static void
add_crl_url (X509 *certificate, const char *url, EVP_PKEY *issuer_key)
{
  g_autofree char *value = g_strconcat ("URI:", url, NULL);
  X509_EXTENSION *extension = X509V3_EXT_conf_nid (NULL, NULL, NID_crl_distribution_points, value);

  g_assert_nonnull (extension);
  g_assert_cmpint (X509_add_ext (certificate, extension, -1), ==, 1);
  X509_EXTENSION_free (extension);
  g_assert_cmpint (X509_sign (certificate, issuer_key, EVP_sha256 ()), >, 0);
}

Leaf *
leaf_new (const Issuer *issuer, LeafPlan plan)
{
  static guint count = 0x1000;
  Leaf *leaf = g_new0 (Leaf, 1);
  g_autofree char *serial = g_strdup_printf ("%x", count++);
  g_autofree char *pem = NULL;
  g_autoptr (X509) certificate = NULL;
  MakerPlan maker = {.common_name = LEAF_ADDRESS,
                     .san = "email:" LEAF_ADDRESS,
                     .ext_key_usage = "emailProtection",
                     .key_usage = plan.key_usage != NULL ? plan.key_usage
                                  : plan.ec              ? "critical,digitalSignature,keyAgreement"
                                                         : "critical,digitalSignature,keyEncipherment",
                     .start = now () - 3600 - plan.age,
                     .end = plan.life != 0 ? now () - plan.age + plan.life : now () + 300 * DAY,
                     .serial = serial};

  if (plan.key != NULL) {
    EVP_PKEY_up_ref (plan.key);
    leaf->key = plan.key;
  } else
    leaf->key = plan.ec ? EVP_EC_gen ("P-256") : EVP_RSA_gen (2048);
  certificate = maker_certificate (&maker, leaf->key, issuer->ca, issuer->ca_key);
  if (plan.crl != NULL)
    add_crl_url (certificate, plan.crl, issuer->ca_key);
  pem = maker_pem (certificate, issuer->ca, NULL);
  leaf->chain = mc_chain_parse (pem, strlen (pem), NULL);
  leaf->info = mc_certificate_info_new (certificate, NULL);
  leaf->pkcs8 = mc_key_compose (leaf->key, plan.passphrase, NULL);
  g_assert_nonnull (leaf->chain);
  g_assert_nonnull (leaf->pkcs8);
  leaf->item = (McKeyringItem){.address = LEAF_ADDRESS,
                               .key = leaf->pkcs8,
                               .passphrase = plan.passphrase,
                               .chain = leaf->chain,
                               .root = issuer->root};
  return leaf;
}

void
leaf_free (Leaf *leaf)
{
  EVP_PKEY_free (leaf->key);
  g_bytes_unref (leaf->pkcs8);
  mc_chain_free (leaf->chain);
  mc_certificate_info_free (leaf->info);
  g_free (leaf);
}

char *
run_program (const char *first, ...)
{
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *words = NULL;
  char *out = NULL;
  va_list rest;
  int status;

  g_ptr_array_add (argv, (gpointer)first);
  va_start (rest, first);
  do
    g_ptr_array_add (argv, va_arg (rest, char *));
  while (g_ptr_array_index (argv, argv->len - 1) != NULL);
  va_end (rest);
  g_assert_true (
      g_spawn_sync (NULL, (char **)argv->pdata, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &out, &words, &status, &error));
  g_assert_no_error (error);
  if (!g_spawn_check_wait_status (status, NULL))
    g_error ("%s: %s", first, words);
  return out;
}
