/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "keyring/nss.h"

#include "base/error.h"
#include "keyring/certificates.h"
#include "keyring/place.h"
#include "keyring/proof.h"

#include <string.h>

/* --- trust --- */

static gboolean
certutil (const McNss *nss, const char *const *arguments, GBytes *input, GError **error)
{
  g_auto (McProgramResult) result = {0};
  g_autofree char *words = NULL;

  if (!mc_nss_run (nss, "certutil", input, arguments, &result, error))
    return FALSE;
  if (mc_program_succeeded (&result))
    return TRUE;
  words = mc_program_words (&result);
  g_set_error (error, MC_ERROR, MC_ERROR_KEYRING, "certutil did not take the root as trusted: %s", words);
  return FALSE;
}

/* FLAGS is "SSL,S/MIME,object signing": the middle one, and nothing else, becomes "C" too. A "p" there says that the
 * person distrusts it. */
static gboolean
trust_existing (const McNss *nss, const char *nickname, const char *flags, const char *name, GError **error)
{
  g_auto (GStrv) uses = g_strsplit (flags, ",", 3);
  g_autofree char *wanted = NULL;

  if (g_strv_length (uses) != 3 || strchr (uses[1], 'p') != NULL) {
    g_set_error (error, MC_ERROR, MC_ERROR_KEYRING, "%s says that the root \"%s\" is not to be trusted (%s)",
                 nss->database + strlen ("sql:"), name, flags);
    return FALSE;
  }
  if (strpbrk (uses[1], "CT") != NULL)
    return TRUE;
  wanted = g_strdup_printf ("%s,C%s,%s", uses[0], uses[1], uses[2]);
  {
    const char *const modify[] = {"-M", "-n", nickname, "-t", wanted, NULL};

    return certutil (nss, modify, NULL, error);
  }
}

gboolean
mc_nss_trust (const McNss *nss, GError **error)
{
  g_autoptr (McCertificateInfo) root = NULL;
  g_autofree char *nickname = NULL;
  g_autofree char *flags = NULL;
  g_autofree char *name = NULL;
  g_autoptr (GBytes) pem = NULL;
  GError *why = NULL;

  if (nss->item->trust_root == NULL || nss->root == NULL)
    return TRUE;
  root = mc_certificate_info_new (nss->root, error);
  if (root == NULL)
    return FALSE;
  if (strcmp (root->sha256, nss->item->trust_root) != 0)
    return TRUE;
  name = mc_text_sanitize (root->issuer, 64);
  nickname = mc_nss_find (nss, nss->root, &flags, &why);
  if (why != NULL) {
    g_propagate_error (error, why);
    return FALSE;
  }
  if (nickname != NULL)
    return trust_existing (nss, nickname, flags, name, error);
  pem = mc_certificates_compose (nss->item->chain, 0, 0, nss->root);
  {
    const char *const add[] = {"-A", "-a", "-n", name, "-t", ",C,", NULL};

    return certutil (nss, add, pem, error);
  }
}

/* --- proof --- */

/* NSS builds no chain to a root that it trusts for mail. cmsutil has the code on stderr, certutil NSS's sentence on
 * stdout; neither is ever translated. */
static gboolean
is_untrusted (const McProgramResult *result)
{
  static const char *const signs[] = {"SEC_ERROR_UNTRUSTED_ISSUER", "SEC_ERROR_UNKNOWN_ISSUER",
                                      "issuer has been marked as not trusted", "issuer is not recognized"};
  gsize length;
  const char *out = g_bytes_get_data (result->out, &length);

  for (gsize i = 0; i < G_N_ELEMENTS (signs); i++)
    if (strstr (result->err, signs[i]) != NULL || g_strstr_len (out, (gssize)length, signs[i]) != NULL)
      return TRUE;
  return FALSE;
}

static McKeyringOutcome
untrusted (const McNss *nss, GError **error)
{
  g_autoptr (McCertificateInfo) root = nss->root != NULL ? mc_certificate_info_new (nss->root, NULL) : NULL;
  g_autofree char *name = mc_text_sanitize (root != NULL ? root->subject : nss->leaf->issuer, 200);

  if (root != NULL)
    g_set_error (error, MC_ERROR, MC_ERROR_KEYRING,
                 "NSS has the certificate, but does not trust the root \"%s\" (SHA-256 %s) yet", name, root->sha256);
  else
    g_set_error (error, MC_ERROR, MC_ERROR_KEYRING,
                 "NSS has the certificate, but does not trust the root of \"%s\", which is not known here", name);
  return MC_KEYRING_UNTRUSTED;
}

static McKeyringOutcome
cannot (const char *doing, const McProgramResult *result, GError **error)
{
  g_autofree char *words = mc_program_words (result);

  g_set_error (error, MC_ERROR, MC_ERROR_KEYRING, "NSS has the certificate, but cannot %s with it: %s", doing, words);
  return MC_KEYRING_FAILED;
}

/* By nickname, as mail programs do it: NSS then takes the newest valid certificate, which is not always this one. */
static McKeyringOutcome
try_signing (const McNss *nss, const char *nickname, GError **error)
{
  const char *const sign[] = {"-S", "-T", "-N", nickname, NULL};
  g_autoptr (GBytes) text = mc_proof_text ();
  g_autoptr (GPtrArray) entries = mc_keyring_entries_new ();
  g_auto (McProgramResult) result = {0};
  const McKeyringEntry *newest;

  if (!mc_nss_run (nss, "cmsutil", text, sign, &result, error))
    return MC_KEYRING_FAILED;
  if (!mc_program_succeeded (&result))
    return is_untrusted (&result) ? untrusted (nss, error) : cannot ("sign", &result, error);
  if (mc_proof_is_signature (result.out, mc_chain_certificate (nss->item->chain, 0)))
    return MC_KEYRING_READY;
  if (!mc_nss_list (nss->database + strlen ("sql:"), nss->item->address, nss->cancel, entries, error))
    return MC_KEYRING_FAILED;
  newest = mc_keyring_entry_newest (entries, MC_USAGE_SIGN);
  if (newest != NULL && strcmp (newest->info->sha256, nss->leaf->sha256) != 0)
    return MC_KEYRING_READY;
  g_set_error_literal (error, MC_ERROR, MC_ERROR_KEYRING, "NSS makes a signature that is not one of this certificate");
  return MC_KEYRING_FAILED;
}

static McKeyringOutcome
try_decrypting (const McNss *nss, GError **error)
{
  static const char *const decrypt[] = {"-D", NULL};
  g_autoptr (GBytes) text = mc_proof_text ();
  g_autoptr (GBytes) encrypted = mc_proof_encrypt (mc_chain_certificate (nss->item->chain, 0), error);
  g_auto (McProgramResult) result = {0};

  if (encrypted == NULL || !mc_nss_run (nss, "cmsutil", encrypted, decrypt, &result, error))
    return MC_KEYRING_FAILED;
  if (!mc_program_succeeded (&result) || !g_bytes_equal (result.out, text))
    return cannot ("decrypt", &result, error);
  return MC_KEYRING_READY;
}

/* A nickname names all certificates of an address. Where one of them signs, NSS may judge that one when it is asked
 * about encryption, which says nothing about ours. */
static gboolean
may_have_judged_another (const McNss *nss)
{
  g_autoptr (GPtrArray) entries = mc_keyring_entries_new ();

  return mc_nss_list (nss->database + strlen ("sql:"), nss->item->address, nss->cancel, entries, NULL) &&
         mc_keyring_entry_newest (entries, MC_USAGE_SIGN) != NULL;
}

/* Nothing signs here, so NSS is asked whether others' mail programs could encrypt to it. */
static McKeyringOutcome
try_chain (const McNss *nss, const char *nickname, GError **error)
{
  const char *const verify[] = {"-V", "-u", "R", "-n", nickname, NULL};
  g_auto (McProgramResult) result = {0};

  if (!mc_nss_run (nss, "certutil", NULL, verify, &result, error))
    return MC_KEYRING_FAILED;
  if (mc_program_succeeded (&result))
    return MC_KEYRING_READY;
  if (is_untrusted (&result))
    return untrusted (nss, error);
  if (may_have_judged_another (nss))
    return MC_KEYRING_READY; /* whether it opens mail is tried next */
  g_free (result.err);       /* what is wrong with the chain is its result */
  result.err = g_strndup (g_bytes_get_data (result.out, NULL), g_bytes_get_size (result.out));
  return cannot ("encrypt", &result, error);
}

McKeyringOutcome
mc_nss_try (const McNss *nss, const char *nickname, GError **error)
{
  McKeyringOutcome outcome =
      nss->leaf->usage != MC_USAGE_ENCRYPT ? try_signing (nss, nickname, error) : try_chain (nss, nickname, error);

  if (outcome != MC_KEYRING_READY || nss->leaf->usage == MC_USAGE_SIGN)
    return outcome;
  return try_decrypting (nss, error);
}
