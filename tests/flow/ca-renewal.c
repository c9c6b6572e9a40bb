/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "ca.h"

#include <openssl/asn1.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <string.h>

/* RFC 9773: the CA's word on when a certificate is to be renewed. The window opens at two thirds of the life and lasts
 * a twelfth of it; one that was revoked should have been renewed yesterday. */

#define REVOKED_ASKED_BACK (60 * 60)

static char *
id_of (X509 *leaf)
{
  const ASN1_OCTET_STRING *key = X509_get0_authority_key_id (leaf);
  const ASN1_INTEGER *serial = X509_get0_serialNumber (leaf);
  g_autofree guint8 *der = NULL;
  g_autofree char *left = NULL;
  g_autofree char *right = NULL;
  int length = i2d_ASN1_INTEGER (serial, NULL);
  guint8 *p = der = g_malloc ((gsize)length);

  i2d_ASN1_INTEGER (serial, &p);
  left = ca_base64url (ASN1_STRING_get0_data (key), (gsize)ASN1_STRING_length (key));
  right = ca_base64url (der + 2, (gsize)length - 2); /* a serial number is short: two octets of tag and length */
  return g_strconcat (left, ".", right, NULL);
}

static char *
leaf_of (X509 *leaf)
{
  guint8 *der = NULL;
  const int length = i2d_X509 (leaf, &der);
  char *text = ca_base64url (der, (gsize)length);

  OPENSSL_free (der);
  return text;
}

static gint64
unix_time (const ASN1_TIME *time)
{
  struct tm parts;

  g_assert_true (ASN1_TIME_to_tm (time, &parts) == 1);
  return (gint64)timegm (&parts);
}

void
ca_note_certificate (CaOrder *order)
{
  g_autoptr (BIO) in = BIO_new_mem_buf (order->chain, -1);
  g_autoptr (X509) leaf = PEM_read_bio_X509 (in, NULL, NULL, NULL);

  if (leaf == NULL) /* the test wants garbage */
    return;
  order->leaf = leaf_of (leaf);
  order->renewal_id = id_of (leaf);
  order->not_before = unix_time (X509_get0_notBefore (leaf));
  order->not_after = unix_time (X509_get0_notAfter (leaf));
}

static CaOrder *
find_order (const Ca *ca, const char *id)
{
  for (guint i = 0; i < ca->orders->len; i++) {
    CaOrder *order = g_ptr_array_index (ca->orders, i);

    if (g_strcmp0 (order->renewal_id, id) == 0)
      return order;
  }
  return NULL;
}

CaOrder *
ca_replaced (Ca *ca, const McJson *payload, McHttpResponse **refusal)
{
  const char *id = mc_json_string_or (payload, "replaces", NULL);
  CaOrder *order;

  if (id == NULL)
    return NULL;
  g_assert_true (ca->plan.renewal_info); /* C10 */
  order = find_order (ca, id);
  if (order == NULL)
    *refusal = ca_problem (ca, 400, "malformed", "no such certificate", FALSE);
  else if (order->replaced)
    *refusal = ca_problem (ca, 409, "alreadyReplaced", "another one has replaced it", FALSE);
  return *refusal == NULL ? order : NULL;
}

McHttpResponse *
ca_renewal_info (Ca *ca, const char *url)
{
  const CaOrder *order = find_order (ca, strrchr (url, '/') + 1);
  gint64 from, to;
  g_autofree char *start = NULL;
  g_autofree char *end = NULL;
  McHttpResponse *response;

  g_assert_nonnull (order);
  g_assert_cmpint (ca->now, <, order->not_after); /* C07 */
  g_assert_false (order->replaced);
  from = order->not_before + (order->not_after - order->not_before) / 3 * 2;
  to = from + (order->not_after - order->not_before) / 12;
  if (order->revoked || ca->plan.hasty) {
    from = order->not_before;
    to = from + REVOKED_ASKED_BACK;
  }
  start = ca_time (ca->plan.backwards ? to : from);
  end = ca_time (ca->plan.backwards ? from : to);
  response = ca_answer (ca, 200,
                        g_strdup_printf ("{\"suggestedWindow\":{\"start\":\"%s\",\"end\":\"%s\"}%s}", start, end,
                                         order->revoked ? ",\"explanationURL\":\"https://ca.example/incident\"" : ""));
  if (ca->plan.info_retry_after != NULL)
    mc_http_response_add_header (response, "retry-after", ca->plan.info_retry_after);
  return response;
}
