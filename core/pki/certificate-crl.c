/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "pki/chain.h"

#include "base/cleanup.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <string.h>

#define URLS_MAX 8
#define URL_MAX 1000

static gboolean
is_url (const char *text, gsize length)
{
  if (length > URL_MAX ||
      (g_ascii_strncasecmp (text, "http://", 7) != 0 && g_ascii_strncasecmp (text, "https://", 8) != 0))
    return FALSE;
  for (gsize i = 0; i < length; i++)
    if (text[i] <= ' ' || text[i] >= 0x7f)
      return FALSE;
  return TRUE;
}

static void
add_urls (GPtrArray *urls, const DIST_POINT *point)
{
  const GENERAL_NAMES *names =
      point->distpoint != NULL && point->distpoint->type == 0 ? point->distpoint->name.fullname : NULL;

  for (int i = 0; names != NULL && i < sk_GENERAL_NAME_num (names) && urls->len < URLS_MAX; i++) {
    int type;
    const ASN1_STRING *value = GENERAL_NAME_get0_value (sk_GENERAL_NAME_value (names, i), &type);
    g_autofree char *text = NULL;

    if (type != GEN_URI || ASN1_STRING_length (value) <= 0)
      continue;
    text = g_strndup ((const char *)ASN1_STRING_get0_data (value), (gsize)ASN1_STRING_length (value));
    if (is_url (text, (gsize)ASN1_STRING_length (value)))
      g_ptr_array_add (urls, g_steal_pointer (&text));
  }
}

char **
mc_certificate_crl_urls (X509 *certificate)
{
  CRL_DIST_POINTS *points = X509_get_ext_d2i (certificate, NID_crl_distribution_points, NULL, NULL);
  GPtrArray *urls = g_ptr_array_new ();

  for (int i = 0; points != NULL && i < sk_DIST_POINT_num (points); i++)
    add_urls (urls, sk_DIST_POINT_value (points, i));
  CRL_DIST_POINTS_free (points);
  ERR_clear_error ();
  g_ptr_array_add (urls, NULL);
  return (char **)g_ptr_array_free (urls, FALSE);
}
