/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Reading chains: strict PEM, limits, order. What a chain must say is in test-chain-check. */

#include "base/error.h"
#include "certificate-maker.h"
#include "pki/chain.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <string.h>

static void
assert_refused (const char *pem, gsize length, gint code, const char *words)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (McChain) chain = mc_chain_parse (pem, length, &error);

  g_assert_null (chain);
  g_assert_error (error, MC_ERROR, code);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, words));
  g_assert_cmpuint (ERR_peek_error (), ==, 0);
}

static McChain *
parse_good (const char *pem)
{
  g_autoptr (GError) error = NULL;
  McChain *chain = mc_chain_parse (pem, strlen (pem), &error);

  g_assert_no_error (error);
  g_assert_nonnull (chain);
  g_assert_cmpuint (ERR_peek_error (), ==, 0);
  return chain;
}

static void
test_good (void)
{
  g_autoptr (Maker) maker = maker_new (FALSE);
  MakerPlan plan = maker_leaf_plan (maker);
  g_autoptr (X509) leaf = maker_leaf (maker, &plan);
  g_autofree char *one = maker_pem (leaf, NULL);
  g_autofree char *two = maker_pem (leaf, maker->ca, NULL);
  g_autofree char *three = maker_pem (leaf, maker->ca, maker->root, NULL);
  const char *const texts[] = {one, two, three};

  for (guint i = 0; i < 3; i++) {
    g_autoptr (McChain) chain = parse_good (texts[i]);
    g_autoptr (McChain) again = mc_chain_ref (chain);
    g_autofree char *composed = mc_chain_compose (again);

    g_assert_cmpuint (mc_chain_length (chain), ==, i + 1);
    g_assert_cmpint (X509_cmp (mc_chain_certificate (chain, 0), leaf), ==, 0);
    g_assert_null (mc_chain_certificate (chain, i + 1));
    g_assert_cmpstr (composed, ==, texts[i]);
  }
  mc_chain_free (NULL);
}

/* Line ends as CRLF, blank lines between, no line end at the end: all of it comes from real servers. */
static void
test_line_ends (void)
{
  g_autoptr (Maker) maker = maker_new (FALSE);
  MakerPlan plan = maker_leaf_plan (maker);
  g_autoptr (X509) leaf = maker_leaf (maker, &plan);
  g_autofree char *first = maker_pem (leaf, NULL);
  g_autofree char *second = maker_pem (maker->ca, NULL);
  g_autofree char *spaced = g_strconcat ("\n\n", first, "\n\n", second, "\n", NULL);
  g_auto (GStrv) lines = g_strsplit (spaced, "\n", -1);
  g_autofree char *crlf = g_strjoinv ("\r\n", lines);
  g_autoptr (McChain) a = parse_good (spaced);
  g_autoptr (McChain) b = parse_good (crlf);
  g_autoptr (McChain) c = NULL;

  g_assert_cmpuint (mc_chain_length (a), ==, 2);
  g_assert_cmpuint (mc_chain_length (b), ==, 2);
  g_strchomp (spaced);
  c = parse_good (spaced);
  g_assert_cmpuint (mc_chain_length (c), ==, 2);
}

static void
test_other_blocks (void)
{
  static const char *const labels[] = {"PRIVATE KEY",         "RSA PRIVATE KEY",     "EC PARAMETERS", "X509 CRL",
                                       "TRUSTED CERTIFICATE", "CERTIFICATE REQUEST", "PKCS7",         ""};
  g_autoptr (Maker) maker = maker_new (FALSE);
  MakerPlan plan = maker_leaf_plan (maker);
  g_autoptr (X509) leaf = maker_leaf (maker, &plan);
  g_autofree char *pem = maker_pem (leaf, maker->ca, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (labels); i++) {
    g_autofree char *block = g_strdup_printf ("-----BEGIN %s-----\nAAAA\n-----END %s-----\n", labels[i], labels[i]);
    g_autofree char *before = g_strconcat (block, pem, NULL);
    g_autofree char *after = g_strconcat (pem, block, NULL);

    assert_refused (before, strlen (before), MC_ERROR_REFUSED, "something else than certificates");
    assert_refused (after, strlen (after), MC_ERROR_REFUSED, "something else than certificates");
  }
}

static void
test_key_inside_of_certificate (void)
{
  static const char text[] =
      "-----BEGIN CERTIFICATE-----\n-----BEGIN PRIVATE KEY-----\nAAAA\n-----END CERTIFICATE-----\n";

  assert_refused (text, strlen (text), MC_ERROR_MALFORMED, "not base64");
}

static void
test_text (void)
{
  g_autoptr (Maker) maker = maker_new (FALSE);
  MakerPlan plan = maker_leaf_plan (maker);
  g_autoptr (X509) leaf = maker_leaf (maker, &plan);
  g_autofree char *pem = maker_pem (leaf, maker->ca, NULL);
  static const char *const texts[] = {"subject=CN = x\n", " \n",     "\t\n",
                                      "\357\273\277\n",   "-----\n", "-----END CERTIFICATE-----\n"};

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++) {
    g_autofree char *before = g_strconcat (texts[i], pem, NULL);
    g_autofree char *after = g_strconcat (pem, texts[i], NULL);

    assert_refused (before, strlen (before), MC_ERROR_MALFORMED, "text between the certificates");
    assert_refused (after, strlen (after), MC_ERROR_MALFORMED, "text between the certificates");
  }
}

static void
test_broken_base64 (void)
{
  static const char *const bodies[] = {"",     "AAA",      "AAAA=", "A===",  "=AAA", "AA=A",          "AAAA\n AAAA",
                                       "AA*A", "AA-_AAAA", "AAAA ", "AA==A", "A\rA", "Proc-Type: 4\n"};

  for (guint i = 0; i < G_N_ELEMENTS (bodies); i++) {
    g_autofree char *pem = g_strdup_printf ("-----BEGIN CERTIFICATE-----\n%s\n-----END CERTIFICATE-----\n", bodies[i]);

    assert_refused (pem, strlen (pem), MC_ERROR_MALFORMED, "certificate 1 is not base64");
  }
}

static void
test_broken_der (void)
{
  static const char *const bodies[] = {"AAAA", "MAA=", "MIIB", "AA=="};
  g_autoptr (Maker) maker = maker_new (FALSE);
  g_autofree guint8 *der = NULL;
  guint8 *end;
  gsize length = (gsize)i2d_X509 (maker->ca, NULL);
  g_autofree char *base64 = NULL, *pem = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (bodies); i++) {
    g_autofree char *text = g_strdup_printf ("-----BEGIN CERTIFICATE-----\n%s\n-----END CERTIFICATE-----\n", bodies[i]);

    assert_refused (text, strlen (text), MC_ERROR_MALFORMED, "certificate 1 cannot be read");
  }
  /* One octet after the end of a good certificate. */
  end = der = g_malloc0 (length + 1);
  i2d_X509 (maker->ca, &end);
  base64 = g_base64_encode (der, length + 1);
  pem = g_strdup_printf ("-----BEGIN CERTIFICATE-----\n%s\n-----END CERTIFICATE-----\n", base64);
  assert_refused (pem, strlen (pem), MC_ERROR_MALFORMED, "certificate 1 cannot be read");
}

static void
test_cut (void)
{
  g_autoptr (Maker) maker = maker_new (FALSE);
  MakerPlan plan = maker_leaf_plan (maker);
  g_autoptr (X509) leaf = maker_leaf (maker, &plan);
  g_autofree char *pem = maker_pem (leaf, NULL);
  gsize length = strlen (pem);

  for (gsize i = 0; i + 1 < length; i++) {
    g_autofree char *copy = g_memdup2 (pem, i + 1); /* no NUL behind it: a read too far is seen */
    g_autoptr (McChain) chain = mc_chain_parse (copy, i, NULL);

    g_assert_null (chain);
  }
  assert_refused ("", 0, MC_ERROR_MALFORMED, "no certificate");
  assert_refused (pem, length - 2, MC_ERROR_MALFORMED, "cut off");
}

static void
test_nul (void)
{
  g_autoptr (Maker) maker = maker_new (FALSE);
  g_autofree char *pem = maker_pem (maker->ca, NULL);
  gsize length = strlen (pem);

  assert_refused (pem, length + 1, MC_ERROR_MALFORMED, "text between the certificates");
  pem[100] = '\0';
  assert_refused (pem, length, MC_ERROR_MALFORMED, "not base64");
}

static void
test_limits (void)
{
  g_autoptr (Maker) maker = maker_new (FALSE);
  g_autofree char *one = maker_pem (maker->root, NULL);
  g_autoptr (GString) eight = g_string_new (NULL);
  g_autoptr (McChain) chain = NULL;
  g_autofree char *huge = g_strnfill (MC_CHAIN_MAX_BYTES + 1, '\n');

  for (guint i = 0; i < MC_CHAIN_MAX_CERTIFICATES; i++) /* a root issues itself, as often as one likes */
    g_string_append (eight, one);
  chain = parse_good (eight->str);
  g_assert_cmpuint (mc_chain_length (chain), ==, MC_CHAIN_MAX_CERTIFICATES);
  g_string_append (eight, one);
  assert_refused (eight->str, eight->len, MC_ERROR_MALFORMED, "more than 8 certificates");
  assert_refused (huge, MC_CHAIN_MAX_BYTES + 1, MC_ERROR_MALFORMED, "too many");
  assert_refused (huge, MC_CHAIN_MAX_BYTES, MC_ERROR_MALFORMED, "no certificate");
}

static void
test_order (void)
{
  g_autoptr (Maker) maker = maker_new (FALSE);
  g_autoptr (Maker) other = maker_new (FALSE); /* the same names, other keys */
  MakerPlan plan = maker_leaf_plan (maker), other_plan = {.common_name = "Another CA", .basic = "CA:TRUE"};
  g_autoptr (X509) leaf = maker_leaf (maker, &plan);
  g_autoptr (X509) renamed = maker_certificate (&other_plan, maker->ca_key, maker->root, maker->root_key);
  g_autofree char *reversed = maker_pem (maker->ca, leaf, NULL);
  g_autofree char *gap = maker_pem (leaf, maker->root, NULL);
  g_autofree char *wrong_key = maker_pem (leaf, other->ca, NULL);
  g_autofree char *wrong_name = maker_pem (leaf, renamed, NULL);
  g_autofree char *late = maker_pem (leaf, maker->ca, other->root, NULL);
  g_autofree char *twice = maker_pem (leaf, leaf, NULL);

  assert_refused (reversed, strlen (reversed), MC_ERROR_REFUSED, "certificate 1 was not issued by certificate 2");
  assert_refused (gap, strlen (gap), MC_ERROR_REFUSED, "certificate 1 was not issued by certificate 2");
  assert_refused (wrong_key, strlen (wrong_key), MC_ERROR_REFUSED, "certificate 1 was not issued by certificate 2");
  assert_refused (wrong_name, strlen (wrong_name), MC_ERROR_REFUSED, "certificate 1 was not issued by certificate 2");
  assert_refused (late, strlen (late), MC_ERROR_REFUSED, "certificate 2 was not issued by certificate 3");
  assert_refused (twice, strlen (twice), MC_ERROR_REFUSED, "certificate 1 was not issued by certificate 2");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/chain/good", test_good);
  g_test_add_func ("/chain/line-ends", test_line_ends);
  g_test_add_func ("/chain/other-blocks", test_other_blocks);
  g_test_add_func ("/chain/key-inside-of-certificate", test_key_inside_of_certificate);
  g_test_add_func ("/chain/text", test_text);
  g_test_add_func ("/chain/broken-base64", test_broken_base64);
  g_test_add_func ("/chain/broken-der", test_broken_der);
  g_test_add_func ("/chain/cut", test_cut);
  g_test_add_func ("/chain/nul", test_nul);
  g_test_add_func ("/chain/limits", test_limits);
  g_test_add_func ("/chain/order", test_order);
  return g_test_run ();
}
