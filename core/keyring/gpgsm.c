/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "keyring/gpgsm.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "base/secret.h"
#include "keyring/certificates.h"
#include "keyring/place.h"
#include "pki/key.h"
#include "pki/pkcs12.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <openssl/pem.h>
#include <string.h>
#include <sys/wait.h>

/* gpgsm's key box: what mutt (crypt_use_gpgme), Claws and KMail sign with. GPGME cannot import a PKCS#12 unattended, so
 * the program is run. */

#define SECONDS 60
#define PASSPHRASE_MAX 255 /* longer ones are cut by gpgsm */

static void
gpgsm_clear (McGpgsm *gpgsm)
{
  g_clear_pointer (&gpgsm->leaf, mc_certificate_info_free);
  g_clear_pointer (&gpgsm->home, g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (McGpgsm, gpgsm_clear)

gboolean
mc_gpgsm_run (const McGpgsm *gpgsm, GBytes *input, const char *const *arguments, McProgramResult *result,
              GError **error)
{
  /* loopback: whatever the agent wants to ask is answered from the descriptor or refused; no pinentry is ever waited
   * for. */
  static const char *const always[] = {
      "gpgsm", "--batch", "--no-tty", "--pinentry-mode", "loopback", "--passphrase-fd", "4", "--status-fd", "3"};
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  McProgram program = {.input = input, .secret = gpgsm->item->passphrase, .seconds = SECONDS, .cancel = gpgsm->cancel};

  for (gsize i = 0; i < G_N_ELEMENTS (always); i++)
    g_ptr_array_add (argv, (gpointer)always[i]);
  for (gsize i = 0; arguments[i] != NULL; i++)
    g_ptr_array_add (argv, (gpointer)arguments[i]);
  g_ptr_array_add (argv, NULL);
  program.argv = (const char *const *)argv->pdata;
  return mc_program_run (&program, result, error);
}

static gboolean
run_plain (const char *const *argv, GCancellable *cancel, char **out, GError **error)
{
  g_auto (McProgramResult) result = {0};
  McProgram program = {.argv = argv, .seconds = SECONDS, .cancel = cancel};
  gsize length;
  const char *text;

  if (!mc_program_run (&program, &result, error))
    return FALSE;
  if (!mc_program_succeeded (&result)) {
    g_autofree char *words = mc_program_words (&result);

    g_set_error (error, MC_ERROR, MC_ERROR_KEYRING, "%s: %s", argv[0], words);
    return FALSE;
  }
  text = g_bytes_get_data (result.out, &length);
  *out = g_strstrip (g_strndup (text, length));
  return TRUE;
}

/* GNUPGHOME or its default, as GnuPG sees it. It makes only the default one itself. */
static gboolean
find_home (McGpgsm *gpgsm, GError **error)
{
  static const char *const argv[] = {"gpgconf", "--list-dirs", "homedir", NULL};
  g_autofree char *escaped = NULL;

  if (!run_plain (argv, gpgsm->cancel, &escaped, error))
    return FALSE;
  gpgsm->home = g_uri_unescape_string (escaped, NULL);
  if (gpgsm->home == NULL || !g_path_is_absolute (gpgsm->home)) {
    g_set_error_literal (error, MC_ERROR, MC_ERROR_KEYRING, "gpgconf does not say where GnuPG keeps its files");
    return FALSE;
  }
  if (g_mkdir_with_parents (gpgsm->home, 0700) != 0) {
    g_set_error (error, MC_ERROR, MC_ERROR_KEYRING, "%s cannot be made: %s", gpgsm->home, g_strerror (errno));
    return FALSE;
  }
  return TRUE;
}

/* gpgsm before 2.4 stores the certificates of a PKCS#12 with an elliptic-curve key, and then crashes. */
gboolean
mc_gpgsm_takes (gboolean rsa, GCancellable *cancel, GError **error)
{
  static const char *const argv[] = {"gpgsm", "--version", NULL};
  g_autofree char *out = NULL;
  g_autofree char *version = NULL;
  const char *number;
  guint64 major, minor = 0;
  char *end;

  if (rsa)
    return TRUE;
  if (!run_plain (argv, cancel, &out, error))
    return FALSE;
  version = g_strndup (out, strcspn (out, "\r\n"));
  number = strrchr (version, ' ');
  major = number != NULL ? g_ascii_strtoull (number + 1, &end, 10) : 0;
  if (major > 0 && *end == '.')
    minor = g_ascii_strtoull (end + 1, NULL, 10);
  if (major > 2 || (major == 2 && minor >= 4))
    return TRUE;
  g_set_error (error, MC_ERROR, MC_ERROR_KEYRING,
               "gpgsm%s takes RSA keys only: get a certificate with --key rsa3072, or keep this one elsewhere",
               number != NULL ? number : "");
  return FALSE;
}

static gboolean
failed (const McProgramResult *result, const char *doing, GError **error)
{
  g_autofree char *words = mc_program_words (result);

  g_set_error (error, MC_ERROR, MC_ERROR_KEYRING, "gpgsm %s: %s", doing, words);
  return FALSE;
}

/* "[GNUPG:] IMPORT_OK n FINGERPRINT" */
static gboolean
is_imported (const McProgramResult *result, const char *fingerprint)
{
  g_auto (GStrv) lines = g_strsplit (result->status, "\n", -1);

  for (gsize i = 0; lines[i] != NULL; i++)
    if (g_str_has_prefix (lines[i], "[GNUPG:] IMPORT_OK ") && strstr (lines[i], fingerprint) != NULL)
      return TRUE;
  return FALSE;
}

/* The certificates above the leaf, the root first: gpgsm looks for each one's issuer as it comes. */
static GBytes *
issuers_pem (const McGpgsm *gpgsm)
{
  const McChain *chain = gpgsm->item->chain;
  g_autoptr (BIO) bio = BIO_new (BIO_s_mem ());
  char *text;
  long length;

  if (gpgsm->root != NULL)
    PEM_write_bio_X509 (bio, gpgsm->root);
  for (guint i = mc_chain_length (chain); i > 1; i--) {
    X509 *certificate = mc_chain_certificate (chain, i - 1);

    if (gpgsm->root == NULL || X509_cmp (certificate, gpgsm->root) != 0)
      PEM_write_bio_X509 (bio, certificate);
  }
  length = BIO_get_mem_data (bio, &text);
  return g_bytes_new (text, (gsize)MAX (length, 0));
}

static gboolean
import_issuers (const McGpgsm *gpgsm, GError **error)
{
  static const char *const arguments[] = {"--disable-dirmngr", "--import", NULL};
  g_autoptr (GBytes) pem = issuers_pem (gpgsm);
  g_auto (McProgramResult) result = {0};

  if (g_bytes_get_size (pem) == 0)
    return TRUE;
  if (!mc_gpgsm_run (gpgsm, pem, arguments, &result, error))
    return FALSE;
  return mc_program_succeeded (&result) || failed (&result, "did not take the CA's certificates", error);
}

static gboolean
has_secret (const McGpgsm *gpgsm, gboolean *out, GError **error)
{
  const char *const arguments[] = {"--disable-dirmngr", "--with-colons", "-K", gpgsm->leaf->sha1, NULL};
  g_autofree char *fingerprint = g_strdup_printf (":%s:", gpgsm->leaf->sha1);
  g_auto (McProgramResult) result = {0};
  g_autofree char *text = NULL;
  gsize length;
  const char *bytes;

  if (!mc_gpgsm_run (gpgsm, NULL, arguments, &result, error))
    return FALSE;
  if (!mc_program_succeeded (&result))
    return failed (&result, "cannot list its keys", error);
  bytes = g_bytes_get_data (result.out, &length);
  text = g_strndup (bytes, length);
  *out = strstr (text, "crs:") != NULL && strstr (text, fingerprint) != NULL;
  return TRUE;
}

/* The passphrase of the PKCS#12 becomes that of the stored key; an empty one leaves it unprotected. */
static gboolean
import_key (const McGpgsm *gpgsm, EVP_PKEY *key, GError **error)
{
  static const char *const arguments[] = {"--disable-dirmngr", "--import", NULL};
  const McKeyringItem *item = gpgsm->item;
  const char *passphrase = item->passphrase != NULL ? item->passphrase : "";
  g_autoptr (GBytes) pkcs12 =
      mc_pkcs12_compose (key, item->chain, gpgsm->root, item->address, passphrase, MC_PKCS12_COMPATIBLE, error);
  g_auto (McProgramResult) result = {0};

  if (pkcs12 == NULL || !mc_gpgsm_run (gpgsm, pkcs12, arguments, &result, error))
    return FALSE;
  if (mc_program_succeeded (&result) && is_imported (&result, gpgsm->leaf->sha1))
    return TRUE;
  return failed (&result, "did not take the key", error);
}

static gboolean
import (const McGpgsm *gpgsm, EVP_PKEY *key, GError **error)
{
  gboolean there;

  if (!import_issuers (gpgsm, error) || !has_secret (gpgsm, &there, error))
    return FALSE;
  if (there)
    return TRUE;
  if (!import_key (gpgsm, key, error) || !has_secret (gpgsm, &there, error))
    return FALSE;
  if (!there)
    g_set_error (error, MC_ERROR, MC_ERROR_KEYRING, "gpgsm took the key of %s but does not list it",
                 gpgsm->item->address);
  return there;
}

static gboolean
check_item (const McKeyringItem *item, GError **error)
{
  g_autofree char *program = g_find_program_in_path ("gpgsm");

  if (program == NULL) {
    g_set_error_literal (error, MC_ERROR, MC_ERROR_KEYRING, "gpgsm is not installed");
    return FALSE;
  }
  if (item->passphrase != NULL &&
      (strlen (item->passphrase) > PASSPHRASE_MAX || strchr (item->passphrase, '\n') != NULL)) {
    g_set_error (error, MC_ERROR, MC_ERROR_KEYRING, "gpgsm takes a passphrase of one line, at most %d bytes",
                 PASSPHRASE_MAX);
    return FALSE;
  }
  return TRUE;
}

McKeyringOutcome
mc_gpgsm_install (const char *dir, const McKeyringItem *item, GCancellable *cancel, char **key_id, GError **error)
{
  g_autoptr (EVP_PKEY) key = NULL;
  g_auto (McGpgsm) gpgsm = {.item = item, .cancel = cancel, .root = mc_certificates_root (item->chain, item->root)};

  (void)dir;
  if (!check_item (item, error))
    return MC_KEYRING_FAILED;
  key = mc_key_parse (item->key, item->passphrase, error);
  if (key == NULL || !mc_gpgsm_takes (EVP_PKEY_is_a (key, "RSA"), cancel, error))
    return MC_KEYRING_FAILED;
  gpgsm.leaf = mc_certificate_info_new (mc_chain_certificate (item->chain, 0), error);
  if (gpgsm.leaf == NULL || !find_home (&gpgsm, error) || !import (&gpgsm, key, error) ||
      !mc_gpgsm_trust (&gpgsm, error))
    return MC_KEYRING_FAILED;
  *key_id = g_strdup (gpgsm.leaf->sha1);
  return mc_gpgsm_try (&gpgsm, error);
}
