/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "pki/chain.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "pki/certificate-time.h"
#include "pki/key.h"
#include "pki/mail-name.h"

#include <openssl/err.h>

#define CLOCK_SKEW 300 /* a CA's clock may be ahead of ours */

static gboolean
refuse (GError **error, const char *reason)
{
  ERR_clear_error ();
  g_set_error_literal (error, MC_ERROR, MC_ERROR_REFUSED, reason);
  return FALSE;
}

/* Mail names of LEAF: each one asked for, each asked for one there. Other kinds are ignored. */
static gboolean
addresses_check (X509 *leaf, const char *const *addresses, GError **error)
{
  g_autoptr (GENERAL_NAMES) names = X509_get_ext_d2i (leaf, NID_subject_alt_name, NULL, NULL);
  guint wanted = g_strv_length ((char **)addresses);
  g_autofree gboolean *found = g_new0 (gboolean, wanted + 1);

  if (names == NULL)
    return refuse (error, "the certificate names no address");
  for (int i = 0; i < sk_GENERAL_NAME_num (names); i++) {
    const GENERAL_NAME *name = sk_GENERAL_NAME_value (names, i);
    gboolean known = !mc_mail_name_is_mail (name);

    for (guint j = 0; j < wanted; j++) {
      if (mc_mail_name_equal (name, addresses[j]))
        known = found[j] = TRUE;
    }
    if (!known)
      return refuse (error, "the certificate names an address that was not asked for");
  }
  for (guint j = 0; j < wanted; j++) {
    if (!found[j])
      return refuse (error, "the certificate lacks an address that was asked for");
  }
  return TRUE;
}

/* An absent keyUsage allows everything (A62). */
static gboolean
bits_check (X509 *leaf, McUsage usage, GError **error)
{
  guint32 bits = X509_get_key_usage (leaf);
  EVP_PKEY *key = X509_get0_pubkey (leaf);
  guint32 encrypt = key != NULL && EVP_PKEY_is_a (key, "RSA") ? X509v3_KU_KEY_ENCIPHERMENT : X509v3_KU_KEY_AGREEMENT;

  if (usage != MC_USAGE_ENCRYPT && !(bits & (X509v3_KU_DIGITAL_SIGNATURE | X509v3_KU_NON_REPUDIATION)))
    return refuse (error, "the certificate is not for signing");
  if (usage != MC_USAGE_SIGN && !(bits & encrypt))
    return refuse (error, "the certificate is not for encryption with its kind of key");
  return TRUE;
}

/* H33-H37 */
static gboolean
usage_check (X509 *leaf, McUsage usage, GError **error)
{
  if (!(X509_get_extension_flags (leaf) & EXFLAG_XKUSAGE) || !(X509_get_extended_key_usage (leaf) & XKU_SMIME))
    return refuse (error, "the certificate is not for mail (emailProtection)");
  return bits_check (leaf, usage, error);
}

gboolean
mc_chain_allows (const McChain *chain, McUsage usage)
{
  gboolean allows = bits_check (mc_chain_certificate (chain, 0), usage, NULL);

  ERR_clear_error ();
  return allows;
}

static gboolean
dates_check (X509 *certificate, gint64 now, gboolean is_leaf, GError **error)
{
  gint64 start, end;

  if (!mc_certificate_time_parse (X509_get0_notBefore (certificate), &start) ||
      !mc_certificate_time_parse (X509_get0_notAfter (certificate), &end))
    return refuse (error, "a certificate has no readable dates");
  if (now + CLOCK_SKEW < start) { /* our clock, most likely; in any case it passes */
    g_set_error_literal (error, MC_ERROR, MC_ERROR_LATER,
                         is_leaf ? "the certificate is not valid yet" : "an issuer's certificate is not valid yet");
    return FALSE;
  }
  if (now > end)
    return refuse (error, is_leaf ? "the certificate has expired" : "an issuer's certificate has expired");
  return TRUE;
}

static gboolean
issuers_check (const McChain *chain, gint64 now, GError **error)
{
  for (guint i = 1; i < mc_chain_length (chain); i++) {
    X509 *issuer = mc_chain_certificate (chain, i);

    if (X509_check_ca (issuer) == 0 || (X509_get_extension_flags (issuer) & EXFLAG_INVALID) != 0)
      return refuse (error, "an issuer's certificate is not that of a CA");
    if (!dates_check (issuer, now, FALSE, error))
      return FALSE;
  }
  return TRUE;
}

gboolean
mc_chain_check (const McChain *chain, EVP_PKEY *key, const char *const *addresses, McUsage usage, gint64 now,
                GError **error)
{
  X509 *leaf = mc_chain_certificate (chain, 0);
  guint32 flags = X509_get_extension_flags (leaf);
  gboolean ok;

  if ((flags & EXFLAG_INVALID) != 0)
    return refuse (error, "the certificate has an extension that cannot be read");
  if ((flags & EXFLAG_CA) != 0 || X509_check_ca (leaf) != 0)
    return refuse (error, "the certificate is that of a CA, not of a person");
  if (key != NULL && !mc_key_equal (X509_get0_pubkey (leaf), key))
    return refuse (error, "the certificate is for another key");
  ok = addresses_check (leaf, addresses, error) && usage_check (leaf, usage, error) &&
       dates_check (leaf, now, TRUE, error) && issuers_check (chain, now, error);
  ERR_clear_error ();
  return ok;
}
