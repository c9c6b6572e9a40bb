/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "keyring/gpgsm.h"

#include "base/cleanup.h"
#include "base/error.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <string.h>

/* The proof: gpgsm signs, or encrypts and decrypts, as it will for the mail program, and OpenSSL looks at the
 * signature. */

static const char probe[] = "mailcert\r\n";

typedef enum { TRY_OK, TRY_UNTRUSTED, TRY_FAILED, TRY_NOT_RUN } Try;

/* "[GNUPG:] INV_SGNR 10 ..." or INV_RECP: 10 = not trusted (GnuPG's doc/DETAILS), in whatever language its words are.
 */
static gboolean
is_untrusted (const char *status)
{
  return strstr (status, "[GNUPG:] INV_SGNR 10 ") != NULL || strstr (status, "[GNUPG:] INV_RECP 10 ") != NULL;
}

static CMS_ContentInfo *
cms_parse (GBytes *armored)
{
  gsize length;
  const void *text = g_bytes_get_data (armored, &length);
  g_autoptr (BIO) bio = BIO_new_mem_buf (text, (int)length);
  char *label = NULL, *header = NULL;
  unsigned char *der = NULL;
  long size = 0;
  CMS_ContentInfo *cms = NULL;

  /* gpgsm's label is "SIGNED MESSAGE", which is no name of OpenSSL's. */
  if (PEM_read_bio (bio, &label, &header, &der, &size) == 1) {
    const unsigned char *p = der;

    cms = d2i_CMS_ContentInfo (NULL, &p, size);
  }
  OPENSSL_free (label);
  OPENSSL_free (header);
  OPENSSL_free (der);
  return cms;
}

/* Made by the leaf's key, over the probe. */
static gboolean
is_signature_of (GBytes *armored, X509 *leaf)
{
  g_autoptr (CMS_ContentInfo) cms = cms_parse (armored);
  g_autoptr (McX509Stack) signers = sk_X509_new_null ();
  g_autoptr (BIO) content = BIO_new_mem_buf (probe, sizeof probe - 1);
  gboolean ok;

  X509_add_cert (signers, leaf, X509_ADD_FLAG_UP_REF);
  ok = cms != NULL && CMS_verify (cms, signers, NULL, content, NULL,
                                  CMS_BINARY | CMS_DETACHED | CMS_NOINTERN | CMS_NO_SIGNER_CERT_VERIFY) == 1;
  ERR_clear_error ();
  return ok;
}

static Try
judge (const McProgramResult *result, char **words)
{
  if (mc_program_succeeded (result))
    return TRY_OK;
  g_free (*words);
  *words = mc_program_words (result);
  return is_untrusted (result->status) ? TRY_UNTRUSTED : TRY_FAILED;
}

static Try
try_signing (const McGpgsm *gpgsm, const char *option, char **words, GError **error)
{
  const char *const arguments[] = {option, "--armor", "--local-user", gpgsm->leaf->sha1, "--detach-sign", NULL};
  g_autoptr (GBytes) input = g_bytes_new_static (probe, sizeof probe - 1);
  g_auto (McProgramResult) result = {0};
  Try outcome;

  if (!mc_gpgsm_run (gpgsm, input, arguments, &result, error))
    return TRY_NOT_RUN;
  outcome = judge (&result, words);
  if (outcome != TRY_OK || is_signature_of (result.out, mc_chain_certificate (gpgsm->item->chain, 0)))
    return outcome;
  g_free (*words);
  *words = g_strdup ("its signature is not one of this certificate");
  return TRY_FAILED;
}

/* For a certificate that may not sign: to itself and back. */
static Try
try_decrypting (const McGpgsm *gpgsm, const char *option, char **words, GError **error)
{
  const char *const there[] = {option, "--recipient", gpgsm->leaf->sha1, "--encrypt", NULL};
  const char *const back[] = {option, "--decrypt", NULL};
  g_autoptr (GBytes) input = g_bytes_new_static (probe, sizeof probe - 1);
  g_auto (McProgramResult) encrypted = {0};
  g_auto (McProgramResult) decrypted = {0};
  Try outcome;

  if (!mc_gpgsm_run (gpgsm, input, there, &encrypted, error))
    return TRY_NOT_RUN;
  outcome = judge (&encrypted, words);
  if (outcome != TRY_OK)
    return outcome;
  if (!mc_gpgsm_run (gpgsm, encrypted.out, back, &decrypted, error))
    return TRY_NOT_RUN;
  outcome = judge (&decrypted, words);
  if (outcome != TRY_OK || g_bytes_equal (decrypted.out, input))
    return outcome;
  g_free (*words);
  *words = g_strdup ("what it encrypted came back different");
  return TRY_FAILED;
}

static Try
try_once (const McGpgsm *gpgsm, gboolean crl_checks, char **words, GError **error)
{
  const char *option = crl_checks ? "--quiet" : "--disable-crl-checks";

  return gpgsm->leaf->usage == MC_USAGE_ENCRYPT ? try_decrypting (gpgsm, option, words, error)
                                                : try_signing (gpgsm, option, words, error);
}

/* Where gpgsm will look for revocation lists: the first URL in the chain. Caller frees; NULL = nowhere, and gpgsm asks
 * nobody then. */
static char *
crl_url (const McChain *chain)
{
  for (guint i = 0; i < mc_chain_length (chain); i++) {
    X509 *certificate = mc_chain_certificate (chain, i);
    CRL_DIST_POINTS *points = X509_get_ext_d2i (certificate, NID_crl_distribution_points, NULL, NULL);
    char *url = NULL;

    for (int j = 0; url == NULL && j < sk_DIST_POINT_num (points); j++) {
      const DIST_POINT_NAME *name = sk_DIST_POINT_value (points, j)->distpoint;

      for (int k = 0; name != NULL && name->type == 0 && url == NULL && k < sk_GENERAL_NAME_num (name->name.fullname);
           k++) {
        const GENERAL_NAME *general = sk_GENERAL_NAME_value (name->name.fullname, k);

        if (general->type == GEN_URI)
          url = g_strndup ((const char *)ASN1_STRING_get0_data (general->d.uniformResourceIdentifier),
                           (gsize)ASN1_STRING_length (general->d.uniformResourceIdentifier));
      }
    }
    CRL_DIST_POINTS_free (points);
    if (url != NULL)
      return url;
  }
  return NULL;
}

static McKeyringOutcome
untrusted (const McGpgsm *gpgsm, GError **error)
{
  g_autoptr (McCertificateInfo) root = gpgsm->root != NULL ? mc_certificate_info_new (gpgsm->root, NULL) : NULL;
  g_autofree char *name = mc_text_sanitize (root != NULL ? root->subject : gpgsm->leaf->issuer, 200);

  if (root != NULL)
    g_set_error (error, MC_ERROR, MC_ERROR_KEYRING,
                 "gpgsm has the certificate, but does not trust the root \"%s\" (SHA-256 %s) yet", name, root->sha256);
  else
    g_set_error (error, MC_ERROR, MC_ERROR_KEYRING,
                 "gpgsm has the certificate, but does not trust the root of \"%s\", which is not known here", name);
  return MC_KEYRING_UNTRUSTED;
}

/* Every signature needs the revocation list, and gpgsm's way to it is blocked. Its configuration is the person's: they
 * are told. */
static McKeyringOutcome
no_crl (const McGpgsm *gpgsm, const char *url, const char *words, GError **error)
{
  g_autofree char *shown = mc_text_sanitize (url, 200);

  g_set_error (error, MC_ERROR, MC_ERROR_KEYRING,
               "gpgsm has the certificate, but checks the CA's revocation list (%s) before it uses it, and cannot: %s."
               " Try again when it can be reached, or write disable-crl-checks into %s/gpgsm.conf",
               shown, words, gpgsm->home);
  return MC_KEYRING_FAILED;
}

McKeyringOutcome
mc_gpgsm_try (const McGpgsm *gpgsm, GError **error)
{
  g_autofree char *url = crl_url (gpgsm->item->chain);
  g_autofree char *words = NULL;
  g_autofree char *later_words = NULL;
  g_autoptr (GError) why = NULL;
  Try outcome = try_once (gpgsm, TRUE, &words, &why);

  if (outcome == TRY_OK)
    return MC_KEYRING_READY;
  if (outcome == TRY_UNTRUSTED)
    return untrusted (gpgsm, error);
  /* Is it the list alone? A dirmngr without an answer may also take longer than we wait. */
  if (url != NULL && !g_cancellable_is_cancelled (gpgsm->cancel)) {
    Try second = try_once (gpgsm, FALSE, &later_words, NULL);

    if (second == TRY_OK)
      return no_crl (gpgsm, url, why != NULL ? why->message : words, error);
    if (second == TRY_UNTRUSTED)
      return untrusted (gpgsm, error);
  }
  if (why != NULL)
    g_propagate_error (error, g_steal_pointer (&why));
  else
    g_set_error (error, MC_ERROR, MC_ERROR_KEYRING, "gpgsm has the certificate, but cannot %s with it: %s",
                 gpgsm->leaf->usage == MC_USAGE_ENCRYPT ? "decrypt" : "sign",
                 later_words != NULL ? later_words : words);
  return MC_KEYRING_FAILED;
}
