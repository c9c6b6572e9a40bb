/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "keyring/gpgsm.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "keyring/proof.h"

#include <openssl/x509v3.h>
#include <string.h>

/* The proof: gpgsm signs, or encrypts and decrypts, as it will for the mail program, and OpenSSL looks at the
 * signature. */

typedef enum { TRY_OK, TRY_UNTRUSTED, TRY_FAILED, TRY_NOT_RUN } Try;

/* "[GNUPG:] INV_SGNR 10 ..." or INV_RECP: 10 = not trusted (GnuPG's doc/DETAILS), in whatever language its words are.
 */
static gboolean
is_untrusted (const char *status)
{
  return strstr (status, "[GNUPG:] INV_SGNR 10 ") != NULL || strstr (status, "[GNUPG:] INV_RECP 10 ") != NULL;
}

static Try
judge (const McProgramResult *result, const char *doing, char **words)
{
  g_autofree char *last = NULL;

  if (mc_program_succeeded (result))
    return TRY_OK;
  last = mc_program_words (result);
  g_free (*words);
  *words = g_strdup_printf ("cannot %s: %s", doing, last);
  return is_untrusted (result->status) ? TRY_UNTRUSTED : TRY_FAILED;
}

static Try
try_signing (const McGpgsm *gpgsm, const char *option, char **words, GError **error)
{
  const char *const arguments[] = {option, "--armor", "--local-user", gpgsm->leaf->sha1, "--detach-sign", NULL};
  g_autoptr (GBytes) input = mc_proof_text ();
  g_auto (McProgramResult) result = {0};
  Try outcome;

  if (!mc_gpgsm_run (gpgsm, input, arguments, &result, error))
    return TRY_NOT_RUN;
  outcome = judge (&result, "sign", words);
  if (outcome != TRY_OK || mc_proof_is_signature (result.out, mc_chain_certificate (gpgsm->item->chain, 0)))
    return outcome;
  g_free (*words);
  *words = g_strdup ("makes a signature that is not one of this certificate");
  return TRY_FAILED;
}

/* To itself and back. */
static Try
try_decrypting (const McGpgsm *gpgsm, const char *option, char **words, GError **error)
{
  const char *const there[] = {option, "--recipient", gpgsm->leaf->sha1, "--encrypt", NULL};
  const char *const back[] = {option, "--decrypt", NULL};
  g_autoptr (GBytes) input = mc_proof_text ();
  g_auto (McProgramResult) encrypted = {0};
  g_auto (McProgramResult) decrypted = {0};
  Try outcome;

  if (!mc_gpgsm_run (gpgsm, input, there, &encrypted, error))
    return TRY_NOT_RUN;
  outcome = judge (&encrypted, "encrypt", words);
  if (outcome != TRY_OK)
    return outcome;
  if (!mc_gpgsm_run (gpgsm, encrypted.out, back, &decrypted, error))
    return TRY_NOT_RUN;
  outcome = judge (&decrypted, "decrypt", words);
  if (outcome != TRY_OK || g_bytes_equal (decrypted.out, input))
    return outcome;
  g_free (*words);
  *words = g_strdup ("decrypts to something else than it has encrypted");
  return TRY_FAILED;
}

static Try
try_once (const McGpgsm *gpgsm, gboolean crl_checks, char **words, GError **error)
{
  const char *option = crl_checks ? "--quiet" : "--disable-crl-checks";

  Try outcome = gpgsm->leaf->usage != MC_USAGE_ENCRYPT ? try_signing (gpgsm, option, words, error) : TRY_OK;

  if (outcome != TRY_OK || gpgsm->leaf->usage == MC_USAGE_SIGN)
    return outcome;
  return try_decrypting (gpgsm, option, words, error);
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
               "gpgsm has the certificate, but checks the CA's revocation list (%s) before it uses it, and %s."
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
    g_set_error (error, MC_ERROR, MC_ERROR_KEYRING, "gpgsm has the certificate, but %s",
                 later_words != NULL ? later_words : words);
  return MC_KEYRING_FAILED;
}
