/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "acme-data.h"
#include "base/error.h"
#include "base/json.h"
#include "certificate-maker.h"
#include "pki/chain.h"

#include <openssl/err.h>
#include <string.h>

static McCertificateInfo *
info_of (X509 *certificate)
{
  g_autoptr (GError) error = NULL;
  McCertificateInfo *info = mc_certificate_info_new (certificate, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (ERR_peek_error (), ==, 0);
  return info;
}

static void
test_leaf (void)
{
  g_autoptr (Maker) maker = maker_new (FALSE);
  MakerPlan plan = maker_leaf_plan (maker);
  g_autoptr (X509) leaf = NULL;
  g_autoptr (McCertificateInfo) info = NULL;
  g_autofree guint8 *der = NULL;
  guint8 *end;
  gsize length;
  g_autofree char *sha1 = NULL, *sha256 = NULL, *upper = NULL;

  plan.san = "email:alexey@example.com,DNS:example.com,mailbox:\345\214\273\347\224\237@example.com";
  plan.start = MAKER_NOW;
  plan.end = 4102444800; /* 2100: GeneralizedTime */
  leaf = maker_leaf (maker, &plan);
  info = info_of (leaf);
  length = (gsize)i2d_X509 (leaf, NULL);
  end = der = g_malloc (length);
  i2d_X509 (leaf, &end);
  sha1 = g_compute_checksum_for_data (G_CHECKSUM_SHA1, der, length);
  sha256 = g_compute_checksum_for_data (G_CHECKSUM_SHA256, der, length);
  upper = g_ascii_strup (sha1, -1);
  g_assert_cmpstr (info->sha1, ==, upper);
  g_assert_cmpstr (info->sha256, ==, sha256);
  g_assert_cmpstr (info->serial, ==, "1001");
  g_assert_cmpstr (info->issuer, ==, "Test Mail CA");
  g_assert_cmpstr (info->subject, ==, "CN=alexey@example.com");
  g_assert_cmpuint (g_strv_length (info->addresses), ==, 2);
  g_assert_cmpstr (info->addresses[0], ==, "alexey@example.com");
  g_assert_cmpstr (info->addresses[1], ==, "\345\214\273\347\224\237@example.com");
  g_assert_cmpint (info->not_before, ==, MAKER_NOW);
  g_assert_cmpint (info->not_after, ==, 4102444800);
  g_assert_cmpint (info->usage, ==, MC_USAGE_BOTH);
  g_assert_false (info->self_signed);
}

static void
test_root (void)
{
  g_autoptr (Maker) maker = maker_new (FALSE);
  g_autoptr (McCertificateInfo) info = info_of (maker->root);

  g_assert_true (info->self_signed);
  g_assert_null (info->renewal_id);
  g_assert_cmpuint (g_strv_length (info->addresses), ==, 0);
  g_assert_cmpint (info->not_after, ==, MAKER_NOW + 365 * 86400);
  mc_certificate_info_free (NULL);
}

/* RFC 9773 4.1 */
static void
test_renewal_id (void)
{
  g_autoptr (GBytes) body = test_data_read ("vectors.json");
  g_autoptr (McJson) vectors = mc_json_parse (g_bytes_get_data (body, NULL), g_bytes_get_size (body), NULL);
  g_autoptr (McJson) vector = mc_json_member (vectors, "ari");
  g_autoptr (Maker) maker = maker_new (FALSE);
  MakerPlan plan = maker_leaf_plan (maker);
  g_autoptr (X509) leaf = NULL;
  g_autoptr (McCertificateInfo) info = NULL;

  plan.serial = mc_json_string_or (vector, "serial_der_hex", NULL);
  plan.issuer_id = mc_json_string_or (vector, "aki_hex", NULL);
  g_assert_nonnull (plan.serial);
  g_assert_nonnull (plan.issuer_id);
  leaf = maker_leaf (maker, &plan);
  info = info_of (leaf);
  g_assert_cmpstr (info->renewal_id, ==, mc_json_string_or (vector, "id", NULL));
  g_assert_cmpstr (info->serial, ==, plan.serial); /* with its leading 00 */
}

static void
test_serial (void)
{
  static const struct {
    const char *serial, *expected;
  } cases[] = {
      {"0", "00"}, {"7f", "7f"}, {"80", "0080"}, {"ffffffffffffffffffff", "00ffffffffffffffffffff"}, {"-80", "80"}};
  g_autoptr (Maker) maker = maker_new (FALSE);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    MakerPlan plan = maker_leaf_plan (maker);
    g_autoptr (X509) leaf = NULL;
    g_autoptr (McCertificateInfo) info = NULL;

    plan.serial = cases[i].serial;
    leaf = maker_leaf (maker, &plan);
    info = info_of (leaf);
    g_assert_cmpstr (info->serial, ==, cases[i].expected);
  }
}

static void
test_usage (void)
{
  static const struct {
    const char *key_usage;
    McUsage usage;
  } cases[] = {
      {"digitalSignature", MC_USAGE_SIGN},
      {"nonRepudiation", MC_USAGE_SIGN},
      {"keyEncipherment", MC_USAGE_ENCRYPT},
      {"keyAgreement", MC_USAGE_ENCRYPT},
      {"keyAgreement,encipherOnly", MC_USAGE_ENCRYPT},
      {"digitalSignature,keyEncipherment", MC_USAGE_BOTH},
      {"keyCertSign", MC_USAGE_BOTH},
      {NULL, MC_USAGE_BOTH},
  };
  g_autoptr (Maker) maker = maker_new (FALSE);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    MakerPlan plan = maker_leaf_plan (maker);
    g_autoptr (X509) leaf = NULL;
    g_autoptr (McCertificateInfo) info = NULL;

    plan.key_usage = cases[i].key_usage;
    leaf = maker_leaf (maker, &plan);
    info = info_of (leaf);
    g_assert_cmpint (info->usage, ==, cases[i].usage);
  }
}

static void
test_names (void)
{
  static const MakerPlan hostile = {.common_name = "Evil \033[31m CA\n, O=\342\200\256x", .basic = "CA:TRUE"};
  static const MakerPlan nameless = {.basic = "CA:TRUE"};
  g_autoptr (Maker) maker = maker_new (FALSE);
  g_autoptr (X509) evil = maker_certificate (&hostile, maker->ca_key, NULL, maker->ca_key);
  g_autoptr (X509) nobody = maker_certificate (&nameless, maker->ca_key, NULL, maker->ca_key);
  g_autoptr (McCertificateInfo) evil_info = info_of (evil);
  g_autoptr (McCertificateInfo) nobody_info = info_of (nobody);
  g_autoptr (X509) company = X509_dup (nobody);
  g_autoptr (McCertificateInfo) company_info = NULL;

  g_assert_cmpstr (evil_info->issuer, ==, "Evil  [31m CA , O= x");
  g_assert_null (strpbrk (evil_info->subject, "\033\n"));
  g_assert_cmpstr (nobody_info->issuer, ==, "");
  g_assert_cmpstr (nobody_info->subject, ==, "");
  X509_NAME_add_entry_by_NID (X509_get_issuer_name (company), NID_organizationName, MBSTRING_UTF8,
                              (const guint8 *)"Pr\303\274fstelle", -1, -1, 0);
  company_info = info_of (company);
  g_assert_cmpstr (company_info->issuer, ==, "Pr\303\274fstelle");
  g_assert_false (company_info->self_signed);
}

static void
test_bad_dates (void)
{
  g_autoptr (Maker) maker = maker_new (FALSE);
  g_autoptr (X509) certificate = X509_dup (maker->root);
  g_autoptr (GError) error = NULL;

  ASN1_STRING_set (X509_getm_notAfter (certificate), "no date at all", -1);
  g_assert_null (mc_certificate_info_new (certificate, &error));
  g_assert_error (error, MC_ERROR, MC_ERROR_MALFORMED);
  g_assert_cmpuint (ERR_peek_error (), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/certificate-info/leaf", test_leaf);
  g_test_add_func ("/certificate-info/root", test_root);
  g_test_add_func ("/certificate-info/renewal-id", test_renewal_id);
  g_test_add_func ("/certificate-info/serial", test_serial);
  g_test_add_func ("/certificate-info/usage", test_usage);
  g_test_add_func ("/certificate-info/names", test_names);
  g_test_add_func ("/certificate-info/bad-dates", test_bad_dates);
  return g_test_run ();
}
