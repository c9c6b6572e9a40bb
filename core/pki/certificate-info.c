/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "pki/chain.h"

#include "base/base64url.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "pki/mail-name.h"
#include "pki/certificate-time.h"
#include "pki/openssl-error.h"

#include <openssl/err.h>

#define MAX_NAME_BYTES 1000

void
mc_certificate_info_free (McCertificateInfo *info)
{
  if (info == NULL)
    return;
  g_free (info->serial);
  g_free (info->issuer);
  g_free (info->subject);
  g_strfreev (info->addresses);
  g_free (info->sha1);
  g_free (info->sha256);
  g_free (info->renewal_id);
  g_free (info);
}

static char *
hex (const guint8 *bytes, gsize length, gboolean upper)
{
  GString *text = g_string_sized_new (2 * length);

  for (gsize i = 0; i < length; i++)
    g_string_append_printf (text, upper ? "%02X" : "%02x", bytes[i]);
  return g_string_free (text, FALSE);
}

/* Content octets of the serial number's DER, with the leading zero that a positive number may need (C02). */
static GByteArray *
serial_octets (const X509 *certificate)
{
  guint8 *der = NULL;
  int length = i2d_ASN1_INTEGER (X509_get0_serialNumber (certificate), &der);
  GByteArray *octets = g_byte_array_new ();
  const guint8 *p = der;
  long content = 0;
  int tag, class;

  if (length > 0 && (ASN1_get_object (&p, &content, &tag, &class, length) & 0x80) == 0)
    g_byte_array_append (octets, p, (guint)content);
  OPENSSL_free (der);
  return octets;
}

static char *
renewal_id (X509 *certificate, const GByteArray *serial)
{
  const ASN1_OCTET_STRING *id = X509_get0_authority_key_id (certificate);
  g_autofree char *first = NULL, *second = NULL;

  if (id == NULL || ASN1_STRING_length (id) <= 0 || serial->len == 0)
    return NULL;
  first = mc_base64url_compose (ASN1_STRING_get0_data (id), (gsize)ASN1_STRING_length (id));
  second = mc_base64url_compose (serial->data, serial->len);
  return g_strconcat (first, ".", second, NULL);
}

static char *
name_text (const X509_NAME *name)
{
  g_autoptr (BIO) out = BIO_new (BIO_s_mem ());
  g_autofree char *copy = NULL;
  char *text;
  long length;

  /* UTF-8 as it is: people read this. */
  X509_NAME_print_ex (out, name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
  length = BIO_get_mem_data (out, &text);
  copy = g_strndup (text, (gsize)length);
  return mc_text_sanitize (copy, MAX_NAME_BYTES);
}

/* The first value of this kind, or NULL. */
static char *
name_part (const X509_NAME *name, int nid)
{
  int index = X509_NAME_get_index_by_NID (name, nid, -1);
  g_autofree char *copy = NULL;
  guint8 *utf8 = NULL;
  int length;

  if (index < 0)
    return NULL;
  length = ASN1_STRING_to_UTF8 (&utf8, X509_NAME_ENTRY_get_data (X509_NAME_get_entry (name, index)));
  if (length <= 0) {
    OPENSSL_free (utf8);
    return NULL;
  }
  copy = g_strndup ((const char *)utf8, (gsize)length);
  OPENSSL_free (utf8);
  return mc_text_sanitize (copy, MAX_NAME_BYTES);
}

static char *
issuer_text (const X509_NAME *name)
{
  char *text = name_part (name, NID_commonName);

  if (text == NULL)
    text = name_part (name, NID_organizationName);
  return text != NULL ? text : name_text (name);
}

static char **
mail_addresses (const X509 *certificate)
{
  g_autoptr (GENERAL_NAMES) names = X509_get_ext_d2i (certificate, NID_subject_alt_name, NULL, NULL);
  GPtrArray *addresses = g_ptr_array_new ();

  for (int i = 0; names != NULL && i < sk_GENERAL_NAME_num (names); i++) {
    g_autofree char *address = mc_mail_name_parse (sk_GENERAL_NAME_value (names, i));

    if (address != NULL)
      g_ptr_array_add (addresses, mc_text_sanitize (address, MAX_NAME_BYTES));
  }
  g_ptr_array_add (addresses, NULL);
  return (char **)g_ptr_array_free (addresses, FALSE);
}

static McUsage
usage_of (X509 *certificate)
{
  guint32 bits = X509_get_key_usage (certificate); /* all bits where there is no keyUsage */
  gboolean sign = (bits & (X509v3_KU_DIGITAL_SIGNATURE | X509v3_KU_NON_REPUDIATION)) != 0;
  gboolean encrypt = (bits & (X509v3_KU_KEY_ENCIPHERMENT | X509v3_KU_KEY_AGREEMENT)) != 0;

  if (sign == encrypt)
    return MC_USAGE_BOTH;
  return sign ? MC_USAGE_SIGN : MC_USAGE_ENCRYPT;
}

static char *
fingerprint (const X509 *certificate, const EVP_MD *digest, gboolean upper)
{
  guint8 octets[EVP_MAX_MD_SIZE];
  guint length = 0;

  return X509_digest (certificate, digest, octets, &length) ? hex (octets, length, upper) : NULL;
}

McCertificateInfo *
mc_certificate_info_new (X509 *certificate, GError **error)
{
  g_autoptr (McCertificateInfo) info = g_new0 (McCertificateInfo, 1);
  g_autoptr (GByteArray) serial = serial_octets (certificate);

  if (!mc_certificate_time_parse (X509_get0_notBefore (certificate), &info->not_before) ||
      !mc_certificate_time_parse (X509_get0_notAfter (certificate), &info->not_after)) {
    mc_openssl_error_set (error, MC_ERROR_MALFORMED, "the certificate has no readable dates");
    return NULL;
  }
  info->serial = hex (serial->data, serial->len, FALSE);
  info->issuer = issuer_text (X509_get_issuer_name (certificate));
  info->subject = name_text (X509_get_subject_name (certificate));
  info->addresses = mail_addresses (certificate);
  info->usage = usage_of (certificate);
  info->sha1 = fingerprint (certificate, EVP_sha1 (), TRUE);
  info->sha256 = fingerprint (certificate, EVP_sha256 (), FALSE);
  info->renewal_id = renewal_id (certificate, serial);
  info->self_signed = X509_self_signed (certificate, 1) == 1;
  ERR_clear_error ();
  return g_steal_pointer (&info);
}
