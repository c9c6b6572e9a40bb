/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Certificate chains. Input is PEM; or, as base64 is hard on a fuzzer, one DER certificate (it begins with "0"); or,
 * after a "K", a PKCS#8 key. Seeds are made by make-chain-seeds. */

#include "base/cleanup.h"
#include "base/error.h"
#include "pki/chain.h"
#include "pki/key.h"

#include <openssl/err.h>
#include <stdint.h>
#include <string.h>

#define NOW 1795300000

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static char *
pem_of (const uint8_t *der, size_t size)
{
  g_autofree char *base64 = g_base64_encode (der, size);

  return g_strdup_printf ("-----BEGIN CERTIFICATE-----\n%s\n-----END CERTIFICATE-----\n", base64);
}

static void
check_error (gboolean taken, const GError *error)
{
  g_assert_true (taken == (error == NULL));
  if (error != NULL) {
    g_assert_true (error->domain == MC_ERROR);
    g_assert_true (error->code == MC_ERROR_MALFORMED || error->code == MC_ERROR_REFUSED ||
                   error->code == MC_ERROR_KEYRING || error->code == MC_ERROR_LATER); /* not valid yet, by our clock */
    g_assert_true (g_utf8_validate (error->message, -1, NULL));
  }
  g_assert_cmpuint (ERR_peek_error (), ==, 0);
}

static void
look_at (const McChain *chain)
{
  static const char *const addresses[] = {"alexey@example.com", NULL};

  for (guint i = 0; i < mc_chain_length (chain); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (McCertificateInfo) info = mc_certificate_info_new (mc_chain_certificate (chain, i), &error);

    check_error (info != NULL, error);
    if (info == NULL)
      continue;
    g_assert_cmpuint (strlen (info->sha1), ==, 40);
    g_assert_cmpuint (strlen (info->sha256), ==, 64);
    g_assert_null (strpbrk (info->issuer, "\r\n\033"));
    g_assert_null (strpbrk (info->subject, "\r\n\033"));
  }
  for (guint usage = MC_USAGE_BOTH; usage <= MC_USAGE_ENCRYPT; usage++) {
    g_autoptr (GError) error = NULL;
    gboolean fine = mc_chain_check (chain, NULL, addresses, (McUsage)usage, NOW, &error);

    check_error (fine, error);
  }
}

static void
read_chain (const char *pem, size_t size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (McChain) chain = mc_chain_parse (pem, size, &error);

  check_error (chain != NULL, error);
  if (chain == NULL)
    return;
  g_assert_cmpuint (mc_chain_length (chain), <=, MC_CHAIN_MAX_CERTIFICATES);
  look_at (chain);
}

static void
read_key (const uint8_t *data, size_t size)
{
  g_autoptr (GBytes) der = g_bytes_new (data, size);
  g_autoptr (GError) error = NULL;
  g_autoptr (EVP_PKEY) key = mc_key_parse (der, NULL, &error); /* no passphrase: a derivation would take all the time */

  check_error (key != NULL, error);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  if (size > 0 && data[0] == '0') {
    g_autofree char *pem = pem_of (data, size);

    read_chain (pem, strlen (pem));
  } else if (size > 0 && data[0] == 'K') {
    read_key (data + 1, size - 1);
  } else {
    read_chain ((const char *)data, size);
  }
  return 0;
}
