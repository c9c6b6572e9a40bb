/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/error.h"
#include "certificate-maker.h"
#include "pki/chain.h"

#include <openssl/err.h>
#include <string.h>

#define ONE ((const char *const[]){"alexey@example.com", NULL})
#define UTF8_MAILBOX "mailbox:"

/* The leaf of PLAN under the intermediate. */
static McChain *
chain_of (const Maker *maker, const MakerPlan *plan)
{
  g_autoptr (X509) leaf = maker_leaf (maker, plan);
  g_autofree char *pem = maker_pem (leaf, maker->ca, NULL);
  g_autoptr (GError) error = NULL;
  McChain *chain = mc_chain_parse (pem, strlen (pem), &error);

  g_assert_no_error (error);
  return chain;
}

/* WORDS = NULL: must pass. */
static void
check (const Maker *maker, const MakerPlan *plan, const char *const *addresses, McUsage usage, gint64 now,
       const char *words)
{
  g_autoptr (McChain) chain = chain_of (maker, plan);
  g_autoptr (GError) error = NULL;
  gboolean ok = mc_chain_check (chain, maker->leaf_key, addresses, usage, now, &error);

  g_assert_true (ok == (error == NULL));
  g_assert_cmpuint (ERR_peek_error (), ==, 0);
  if (words == NULL) {
    g_assert_no_error (error);
    return;
  }
  /* What a clock alone makes unfit is not refused for good. */
  if (g_str_has_suffix (words, "not valid yet"))
    g_assert_error (error, MC_ERROR, MC_ERROR_LATER);
  else
    g_assert_error (error, MC_ERROR, MC_ERROR_REFUSED);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, words));
}

static void
test_lengths (void)
{
  g_autoptr (Maker) maker = maker_new (FALSE);
  MakerPlan plan = maker_leaf_plan (maker);
  g_autoptr (X509) leaf = maker_leaf (maker, &plan);
  g_autofree char *one = maker_pem (leaf, NULL);
  g_autofree char *two = maker_pem (leaf, maker->ca, NULL);
  g_autofree char *three = maker_pem (leaf, maker->ca, maker->root, NULL);
  const char *const texts[] = {one, two, three};

  for (guint i = 0; i < 3; i++) {
    g_autoptr (McChain) chain = mc_chain_parse (texts[i], strlen (texts[i]), NULL);
    g_autoptr (GError) error = NULL;

    g_assert_true (mc_chain_check (chain, NULL, ONE, MC_USAGE_BOTH, MAKER_NOW, &error));
    g_assert_no_error (error);
  }
}

static void
test_key (void)
{
  g_autoptr (Maker) maker = maker_new (FALSE);
  MakerPlan plan = maker_leaf_plan (maker);
  g_autoptr (McChain) chain = chain_of (maker, &plan);
  g_autoptr (EVP_PKEY) other = EVP_EC_gen ("P-256");
  g_autoptr (EVP_PKEY) rsa = EVP_RSA_gen (2048);
  EVP_PKEY *const wrong[] = {other, rsa, maker->ca_key};

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++) {
    g_autoptr (GError) error = NULL;

    g_assert_false (mc_chain_check (chain, wrong[i], ONE, MC_USAGE_BOTH, MAKER_NOW, &error));
    g_assert_error (error, MC_ERROR, MC_ERROR_REFUSED);
    g_assert_nonnull (strstr (error->message, "another key"));
    g_assert_cmpuint (ERR_peek_error (), ==, 0);
  }
}

static void
test_addresses (void)
{
  static const struct {
    const char *san;
    const char *addresses; /* joined by spaces */
    const char *words;
  } cases[] = {
      {"email:alexey@example.com", "alexey@example.com", NULL},
      {"email:alexey@EXAMPLE.com", "alexey@example.COM", NULL},
      {"email:Alexey@example.com", "alexey@example.com", "was not asked for"},
      {"email:alexey@example.com", "Alexey@example.com", "was not asked for"},
      {"email:a@example.com,email:b@example.com", "b@example.com a@example.com", NULL},
      {"email:a@example.com,email:a@example.com", "a@example.com", NULL},
      {"email:a@example.com,email:b@example.com", "a@example.com", "was not asked for"},
      {"email:a@example.com", "a@example.com b@example.com", "lacks an address"},
      {"email:a@example.com.evil.example", "a@example.com", "was not asked for"},
      {"DNS:example.com", "a@example.com", "lacks an address"},
      {"email:a@example.com,DNS:example.com,IP:127.0.0.1,URI:https://x.example/", "a@example.com", NULL},
      {"email:a@example.com,otherName:1.2.3.4;UTF8:b@example.com", "a@example.com", NULL},
      {NULL, "a@example.com", "names no address"},
      /* An IDN's rfc822Name has A-labels (A71), whatever the order said. */
      {"email:a@xn--bcher-kva.example", "a@b\303\274cher.example", NULL},
      {"email:a@xn--bcher-kva.example", "a@XN--bcher-kva.example", NULL},
      /* A74, A75 */
      {UTF8_MAILBOX "\345\214\273\347\224\237@xn--pss25c.example.com",
       "\345\214\273\347\224\237@xn--pss25c.example.com", NULL},
      {UTF8_MAILBOX "\345\214\273\347\224\237@xn--pss25c.example.com",
       "\345\214\273\347\224\237@\345\244\247\345\255\246.example.com", NULL},
      {UTF8_MAILBOX "\345\214\273\347\224\237@example.com", "\345\214\273@example.com", "was not asked for"},
      {UTF8_MAILBOX "a@example.com", "a@example.com", "was not asked for"},
      {"email:a@example.com," UTF8_MAILBOX "a@example.com", "a@example.com", "was not asked for"},
      {UTF8_MAILBOX "\303\234@example.com", "\303\274@example.com", "was not asked for"},
      {"otherName:1.3.6.1.5.5.7.8.9;IA5:a@example.com,email:a@example.com", "a@example.com", "was not asked for"},
      {"email:not an address,email:a@example.com", "a@example.com", "was not asked for"},
  };
  g_autoptr (Maker) maker = maker_new (FALSE);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    MakerPlan plan = maker_leaf_plan (maker);
    g_auto (GStrv) addresses = g_strsplit (cases[i].addresses, " ", -1);

    plan.san = cases[i].san;
    g_test_message ("%s for %s", cases[i].san != NULL ? cases[i].san : "nothing", cases[i].addresses);
    check (maker, &plan, (const char *const *)addresses, MC_USAGE_BOTH, MAKER_NOW, cases[i].words);
  }
}

/* "alexey@example.com\0.evil.example" and UTF-8 in an IA5String cannot be said in OpenSSL's config syntax. */
static void
test_poisoned_names (void)
{
  static const char nul[] = "alexey@example.com\0.evil.example";
  static const char utf8[] = "alexey@b\303\274cher.example";
  g_autoptr (Maker) maker = maker_new (FALSE);
  const struct {
    const char *text;
    int length;
  } cases[] = {{nul, sizeof nul - 1}, {utf8, sizeof utf8 - 1}, {"", 0}};

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    MakerPlan plan = maker_leaf_plan (maker);
    g_autoptr (X509) leaf = NULL;
    g_autoptr (GENERAL_NAMES) names = sk_GENERAL_NAME_new_null ();
    GENERAL_NAME *name = GENERAL_NAME_new ();
    ASN1_IA5STRING *string = ASN1_IA5STRING_new ();
    g_autofree char *pem = NULL;
    g_autoptr (McChain) chain = NULL;
    g_autoptr (GError) error = NULL;

    plan.san = NULL;
    leaf = maker_leaf (maker, &plan);
    ASN1_STRING_set (string, cases[i].text, cases[i].length);
    GENERAL_NAME_set0_value (name, GEN_EMAIL, string);
    sk_GENERAL_NAME_push (names, name);
    X509_add1_ext_i2d (leaf, NID_subject_alt_name, names, 0, 0);
    X509_sign (leaf, maker->ca_key, EVP_sha256 ());
    pem = maker_pem (leaf, maker->ca, NULL);
    chain = mc_chain_parse (pem, strlen (pem), NULL);
    g_assert_nonnull (chain);
    g_assert_false (mc_chain_check (chain, NULL, ONE, MC_USAGE_BOTH, MAKER_NOW, &error));
    g_assert_error (error, MC_ERROR, MC_ERROR_REFUSED);
  }
}

static void
test_usage (void)
{
  static const struct {
    gboolean rsa;
    const char *key_usage;
    const char *both, *sign, *encrypt;
  } cases[] = {
      {TRUE, "critical,digitalSignature,keyEncipherment", NULL, NULL, NULL},
      {TRUE, "digitalSignature", "not for encryption", NULL, "not for encryption"},
      {TRUE, "nonRepudiation", "not for encryption", NULL, "not for encryption"},
      {TRUE, "keyEncipherment", "not for signing", "not for signing", NULL},
      {TRUE, "digitalSignature,keyAgreement", "not for encryption", NULL, "not for encryption"},
      {TRUE, "dataEncipherment", "not for signing", "not for signing", "not for encryption"},
      {TRUE, NULL, NULL, NULL, NULL},
      {FALSE, "critical,digitalSignature,keyAgreement", NULL, NULL, NULL},
      {FALSE, "digitalSignature", "not for encryption", NULL, "not for encryption"},
      {FALSE, "keyAgreement", "not for signing", "not for signing", NULL},
      {FALSE, "digitalSignature,keyEncipherment", "not for encryption", NULL, "not for encryption"},
      {FALSE, NULL, NULL, NULL, NULL},
  };
  g_autoptr (Maker) rsa = maker_new (TRUE);
  g_autoptr (Maker) ec = maker_new (FALSE);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    const Maker *maker = cases[i].rsa ? rsa : ec;
    MakerPlan plan = maker_leaf_plan (maker);

    plan.key_usage = cases[i].key_usage;
    g_test_message ("%s", cases[i].key_usage != NULL ? cases[i].key_usage : "no keyUsage");
    check (maker, &plan, ONE, MC_USAGE_BOTH, MAKER_NOW, cases[i].both);
    check (maker, &plan, ONE, MC_USAGE_SIGN, MAKER_NOW, cases[i].sign);
    check (maker, &plan, ONE, MC_USAGE_ENCRYPT, MAKER_NOW, cases[i].encrypt);
  }
}

static void
test_purpose (void)
{
  static const struct {
    const char *ext_key_usage, *basic, *key_usage, *words;
  } cases[] = {
      {"emailProtection", NULL, NULL, NULL},
      {"clientAuth,emailProtection", "critical,CA:FALSE", NULL, NULL},
      {NULL, NULL, NULL, "not for mail"},
      {"serverAuth", NULL, NULL, "not for mail"},
      {"anyExtendedKeyUsage", NULL, NULL, "not for mail"},
      {"emailProtection", "CA:TRUE", NULL, "that of a CA"},
      {"emailProtection", "CA:TRUE", "digitalSignature,keyAgreement", "that of a CA"},
      {"emailProtection", NULL, "digitalSignature,keyAgreement,keyCertSign", "that of a CA"},
  };
  g_autoptr (Maker) maker = maker_new (FALSE);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    MakerPlan plan = maker_leaf_plan (maker);

    plan.ext_key_usage = cases[i].ext_key_usage;
    plan.basic = cases[i].basic;
    plan.key_usage = cases[i].key_usage;
    check (maker, &plan, ONE, MC_USAGE_BOTH, MAKER_NOW, cases[i].words);
  }
}

static void
test_dates (void)
{
  g_autoptr (Maker) maker = maker_new (FALSE);
  MakerPlan plan = maker_leaf_plan (maker);

  plan.start = MAKER_NOW;
  plan.end = MAKER_NOW + 1000;
  check (maker, &plan, ONE, MC_USAGE_BOTH, MAKER_NOW - 300, NULL);
  check (maker, &plan, ONE, MC_USAGE_BOTH, MAKER_NOW - 301, "the certificate is not valid yet");
  check (maker, &plan, ONE, MC_USAGE_BOTH, MAKER_NOW + 1000, NULL);
  check (maker, &plan, ONE, MC_USAGE_BOTH, MAKER_NOW + 1001, "the certificate has expired");
}

static void
test_issuers (void)
{
  static const struct {
    MakerPlan plan;
    const char *words;
  } cases[] = {
      {{.common_name = "Mail CA", .basic = "critical,CA:TRUE"}, NULL},
      {{.common_name = "Mail CA", .basic = "critical,CA:TRUE", .end = MAKER_NOW - 1},
       "issuer's certificate has expired"},
      {{.common_name = "Mail CA", .basic = "critical,CA:TRUE", .start = MAKER_NOW + 301},
       "issuer's certificate is not valid yet"},
      {{.common_name = "Mail CA", .basic = "critical,CA:FALSE"}, "not that of a CA"},
      {{.common_name = "Mail CA"}, "not that of a CA"},
      {{.common_name = "Mail CA", .basic = "CA:TRUE", .key_usage = "digitalSignature"}, "not that of a CA"},
  };
  g_autoptr (Maker) maker = maker_new (FALSE);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    X509 *original = maker->ca;
    g_autoptr (X509) ca = maker_certificate (&cases[i].plan, maker->ca_key, maker->root, maker->root_key);
    MakerPlan plan = maker_leaf_plan (maker);

    maker->ca = ca;
    check (maker, &plan, ONE, MC_USAGE_BOTH, MAKER_NOW, cases[i].words);
    maker->ca = original;
  }
}

static void
test_unreadable_extension (void)
{
  g_autoptr (Maker) maker = maker_new (FALSE);
  MakerPlan plan = maker_leaf_plan (maker);
  g_autoptr (X509) leaf = maker_leaf (maker, &plan);
  g_autoptr (McChain) chain = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *pem = NULL;
  X509_EXTENSION *extension = X509V3_EXT_conf_nid (NULL, NULL, NID_basic_constraints, "DER:0500");

  X509_add_ext (leaf, extension, -1);
  X509_EXTENSION_free (extension);
  X509_sign (leaf, maker->ca_key, EVP_sha256 ());
  pem = maker_pem (leaf, maker->ca, NULL);
  chain = mc_chain_parse (pem, strlen (pem), NULL);
  g_assert_false (mc_chain_check (chain, NULL, ONE, MC_USAGE_BOTH, MAKER_NOW, &error));
  g_assert_error (error, MC_ERROR, MC_ERROR_REFUSED);
  g_assert_nonnull (strstr (error->message, "extension that cannot be read"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/chain-check/lengths", test_lengths);
  g_test_add_func ("/chain-check/key", test_key);
  g_test_add_func ("/chain-check/addresses", test_addresses);
  g_test_add_func ("/chain-check/poisoned-names", test_poisoned_names);
  g_test_add_func ("/chain-check/usage", test_usage);
  g_test_add_func ("/chain-check/purpose", test_purpose);
  g_test_add_func ("/chain-check/dates", test_dates);
  g_test_add_func ("/chain-check/issuers", test_issuers);
  g_test_add_func ("/chain-check/unreadable-extension", test_unreadable_extension);
  return g_test_run ();
}
