/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "keyring/smime-keys.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "base/secret.h"
#include "keyring/certificates.h"
#include "keyring/folder.h"
#include "keyring/proof.h"
#include "keyring/program.h"

#include <string.h>

/* The files, by the rules of smime_keys: HHHHHHHH is OpenSSL's hash of the subject, N counts those that share it. */

#define SAME_HASH_MAX 1000 /* more is no collision but a fault */

typedef enum { FREE, OURS, OTHER, BROKEN } Found;

static Found
find_certificate (const char *path, X509 *certificate)
{
  g_autofree char *text = NULL;
  g_autoptr (GPtrArray) there = NULL;

  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    return FREE;
  if (!mc_folder_read (path, &text, NULL))
    return OTHER;
  there = mc_certificates_parse (text, strlen (text));
  return there->len > 0 && X509_cmp (g_ptr_array_index (there, 0), certificate) == 0 ? OURS : OTHER;
}

/* BROKEN: it is no key that opens with our passphrase, so nobody can say whose it is. */
static Found
find_key (const McSmimeKeys *self, const char *path)
{
  g_autoptr (McSecretString) pem = NULL;
  g_autoptr (EVP_PKEY) key = NULL;

  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    return FREE;
  if (!mc_folder_read (path, &pem, NULL))
    return BROKEN;
  key = mc_key_parse_pem (pem, self->item->passphrase);
  return key == NULL ? BROKEN : mc_key_equal (key, self->key) ? OURS : OTHER;
}

/* The first number under which certificate and key are ours, or may become so. */
static gboolean
choose_name (McSmimeKeys *self, Found *certificate, Found *key, GError **error)
{
  X509 *leaf = mc_chain_certificate (self->item->chain, 0);
  unsigned long hash = X509_subject_name_hash (leaf);

  for (guint n = 0; n < SAME_HASH_MAX; n++) {
    g_autofree char *name = g_strdup_printf ("%08lx.%u", hash, n);
    g_autofree char *certificate_path = g_build_filename (self->certificates, name, NULL);
    g_autofree char *key_path = g_build_filename (self->keys, name, NULL);

    *certificate = find_certificate (certificate_path, leaf);
    *key = find_key (self, key_path);
    if (*certificate == OURS && *key == BROKEN) {
      g_set_error (error, MC_ERROR, MC_ERROR_KEYRING,
                   "%s is there already and is another key, or has another passphrase; nothing was changed", key_path);
      return FALSE;
    }
    if (*certificate <= OURS && *key <= OURS) {
      self->name = g_steal_pointer (&name);
      return TRUE;
    }
  }
  g_set_error (error, MC_ERROR, MC_ERROR_KEYRING, "%s has no name left for this certificate", self->certificates);
  return FALSE;
}

static gboolean
write_issuers (McSmimeKeys *self, GError **error)
{
  const McChain *chain = self->item->chain;
  guint end = mc_certificates_below_root (chain);
  g_autoptr (GBytes) pem = mc_certificates_compose (chain, 1, end, NULL);
  gsize length;
  const char *text = g_bytes_get_data (pem, &length);
  unsigned long hash;

  if (end < 2) {
    self->issuers = g_strdup ("?");
    return TRUE;
  }
  hash = X509_subject_name_hash (mc_chain_certificate (chain, 1));
  for (guint n = 0; n < SAME_HASH_MAX; n++) {
    g_autofree char *name = g_strdup_printf ("%08lx.%u", hash, n);
    g_autofree char *path = g_build_filename (self->certificates, name, NULL);
    g_autofree char *there = NULL;

    if (!g_file_test (path, G_FILE_TEST_EXISTS)) {
      if (!mc_folder_write (path, pem, 0644, error))
        return FALSE;
    } else if (!mc_folder_read (path, &there, NULL) || strlen (there) != length || memcmp (there, text, length) != 0) {
      continue;
    }
    self->issuers = g_steal_pointer (&name);
    return TRUE;
  }
  g_set_error (error, MC_ERROR, MC_ERROR_KEYRING, "%s has no name left for the CA's certificates", self->certificates);
  return FALSE;
}

gboolean
mc_smime_keys_write (McSmimeKeys *self, GError **error)
{
  g_autoptr (GBytes) leaf = mc_certificates_compose (self->item->chain, 0, 1, NULL);
  g_autofree char *certificate_path = NULL;
  g_autofree char *key_path = NULL;
  Found certificate, key;

  if (!choose_name (self, &certificate, &key, error) || !write_issuers (self, error))
    return FALSE;
  certificate_path = g_build_filename (self->certificates, self->name, NULL);
  key_path = g_build_filename (self->keys, self->name, NULL);
  if (key == FREE) {
    char *pem = mc_key_compose_pem (self->item->key);
    g_autoptr (GBytes) bytes = mc_secret_new_take (pem, strlen (pem));

    if (!mc_folder_write (key_path, bytes, 0600, error))
      return FALSE;
  }
  return certificate == OURS || mc_folder_write (certificate_path, leaf, 0644, error);
}

static gboolean
run_openssl (const McSmimeKeys *self, const char *const *argv, GBytes *input, const char *doing, GBytes **out,
             GError **error)
{
  McProgram program = {
      .argv = argv, .input = input, .secret = self->item->passphrase, .seconds = 60, .cancel = self->cancel};
  g_auto (McProgramResult) result = {0};
  g_autofree char *words = NULL;

  if (!mc_program_run (&program, &result, error))
    return FALSE;
  if (mc_program_succeeded (&result)) {
    *out = g_steal_pointer (&result.out);
    return TRUE;
  }
  words = mc_program_words (&result);
  g_set_error (error, MC_ERROR, MC_ERROR_KEYRING, "openssl, as mutt runs it, cannot %s with it: %s", doing, words);
  return FALSE;
}

/* The lines of Debian's smime.rc. */
gboolean
mc_smime_keys_try (const McSmimeKeys *self, GError **error)
{
  X509 *leaf = mc_chain_certificate (self->item->chain, 0);
  g_autofree char *certificate = g_build_filename (self->certificates, self->name, NULL);
  g_autofree char *key = g_build_filename (self->keys, self->name, NULL);
  g_autofree char *issuers =
      g_build_filename (self->certificates, *self->issuers == '?' ? self->name : self->issuers, NULL);
  const char *const sign[] = {"openssl", "smime",   "-sign", "-md",       "sha256", "-signer",  certificate, "-inkey",
                              key,       "-passin", "fd:4",  "-certfile", issuers,  "-outform", "DER",       NULL};
  const char *const decrypt[] = {"openssl", "cms",    "-decrypt", "-passin", "fd:4",      "-inform",
                                 "DER",     "-inkey", key,        "-recip",  certificate, NULL};
  g_autoptr (GBytes) text = mc_proof_text ();
  g_autoptr (GBytes) encrypted = NULL;
  g_autoptr (GBytes) signature = NULL;
  g_autoptr (GBytes) decrypted = NULL;

  if (self->leaf->usage != MC_USAGE_ENCRYPT) {
    if (!run_openssl (self, sign, text, "sign", &signature, error))
      return FALSE;
    if (!mc_proof_is_signature (signature, leaf)) {
      g_set_error_literal (error, MC_ERROR, MC_ERROR_KEYRING, "openssl's signature is not one of this certificate");
      return FALSE;
    }
  }
  if (self->leaf->usage == MC_USAGE_SIGN)
    return TRUE;
  encrypted = mc_proof_encrypt (leaf, error);
  if (encrypted == NULL || !run_openssl (self, decrypt, encrypted, "decrypt", &decrypted, error))
    return FALSE;
  if (g_bytes_equal (decrypted, text))
    return TRUE;
  g_set_error_literal (error, MC_ERROR, MC_ERROR_KEYRING, "what openssl decrypted is not what was encrypted");
  return FALSE;
}
