/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "keyring/place.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "base/secret.h"
#include "keyring/certificates.h"
#include "keyring/folder.h"
#include "keyring/proof.h"
#include "pki/key.h"
#include "pki/pkcs12.h"

#include <openssl/err.h>
#include <openssl/x509.h>
#include <string.h>

/* A folder of plain files, for programs that we never heard of:
 *   DIR/ADDRESS/YYYYMMDD-XXXXXXXX/  certificate.pem  chain.pem (issuers, the root if it is known)  key.pem  modern.p12
 * compatible.p12 DIR/ADDRESS/current -> the newest of them; current-sign and current-encrypt for certificates of one
 * use where XXXXXXXX begins the certificate's SHA-256. Old ones stay: old mail must still open. Without a passphrase
 * the key is unprotected and the PKCS#12 files open with an empty one. */

static const char *
pointer_name (McUsage usage)
{
  return usage == MC_USAGE_SIGN ? "current-sign" : usage == MC_USAGE_ENCRYPT ? "current-encrypt" : "current";
}

/* "/" may stand in a local part, and a name must leave room for what comes beside it. */
static char *
folder_name (const char *address)
{
  char *name = g_strndup (address, 200);

  g_strdelimit (name, "/", '_');
  if (name[0] == '.')
    name[0] = '_';
  return name;
}

typedef struct {
  EVP_PKEY *key;
  McCertificateInfo *leaf;
  char *folder; /* DIR/ADDRESS */
  char *name;   /* YYYYMMDD-XXXXXXXX */
} Work;

static void
work_clear (Work *work)
{
  EVP_PKEY_free (work->key);
  g_clear_pointer (&work->leaf, mc_certificate_info_free);
  g_free (work->folder);
  g_free (work->name);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Work, work_clear)

/* The bytes of FILE, made only where it is missing: two PKCS#12 of one key are never the same bytes. */
static GBytes *
compose (const char *file, const Work *work, const McKeyringItem *item, GError **error)
{
  const char *passphrase = item->passphrase != NULL ? item->passphrase : "";

  if (strcmp (file, "certificate.pem") == 0)
    return mc_certificates_compose (item->chain, 0, 1, NULL);
  if (strcmp (file, "chain.pem") == 0)
    return mc_certificates_compose (item->chain, 1, mc_chain_length (item->chain), item->root);
  if (strcmp (file, "key.pem") == 0) {
    char *pem = mc_key_compose_pem (item->key);

    return mc_secret_new_take (pem, strlen (pem));
  }
  return mc_pkcs12_compose (work->key, item->chain, item->root, item->address, passphrase,
                            strcmp (file, "modern.p12") == 0 ? MC_PKCS12_MODERN : MC_PKCS12_COMPATIBLE, error);
}

/* key.pem as it lies there opens with our passphrase, is the certificate's, signs and decrypts. */
static gboolean
try_key (const char *path, const Work *work, const McKeyringItem *item, GError **error)
{
  g_autoptr (McSecretString) pem = NULL;
  g_autoptr (EVP_PKEY) key = NULL;
  g_autoptr (EVP_MD_CTX) signer = EVP_MD_CTX_new ();
  g_autoptr (EVP_MD_CTX) verifier = EVP_MD_CTX_new ();
  unsigned char signature[1024];
  gsize length = sizeof signature;
  gboolean ok;

  if (!mc_folder_read (path, &pem, error))
    return FALSE;
  key = mc_key_parse_pem (pem, item->passphrase);
  ok = key != NULL && mc_key_equal (key, work->key) &&
       EVP_DigestSignInit (signer, NULL, EVP_sha256 (), NULL, key) == 1 &&
       EVP_DigestSign (signer, signature, &length, (const unsigned char *)"mailcert", 8) == 1 &&
       EVP_DigestVerifyInit (verifier, NULL, EVP_sha256 (), NULL,
                             X509_get0_pubkey (mc_chain_certificate (item->chain, 0))) == 1 &&
       EVP_DigestVerify (verifier, signature, length, (const unsigned char *)"mailcert", 8) == 1 &&
       (work->leaf->usage == MC_USAGE_SIGN || mc_proof_decrypts (key, mc_chain_certificate (item->chain, 0)));
  ERR_clear_error ();
  if (!ok)
    g_set_error (error, MC_ERROR, MC_ERROR_KEYRING,
                 "%s is there already and is another key, or has another passphrase; nothing was changed", path);
  return ok;
}

static gboolean
write_missing (const char *dir, const Work *work, const McKeyringItem *item, GError **error)
{
  static const char *const files[] = {"key.pem", "certificate.pem", "chain.pem", "modern.p12", "compatible.p12"};

  for (gsize i = 0; i < G_N_ELEMENTS (files); i++) {
    g_autofree char *path = g_build_filename (dir, files[i], NULL);
    g_autoptr (GBytes) bytes = NULL;

    if (g_file_test (path, G_FILE_TEST_EXISTS))
      continue;
    bytes = compose (files[i], work, item, error);
    if (bytes == NULL || !mc_folder_write (path, bytes, i == 0 || i > 2 ? 0600 : 0644, error))
      return FALSE;
  }
  return TRUE;
}

/* A new set appears under its name only when it is whole. */
static gboolean
write_new (const char *final, const Work *work, const McKeyringItem *item, GError **error)
{
  g_autofree char *dir = mc_folder_make_temporary (work->folder, error);

  if (dir == NULL)
    return FALSE;
  if (write_missing (dir, work, item, error) && mc_folder_publish (dir, final, error))
    return TRUE;
  mc_folder_remove (dir);
  return FALSE;
}

static gboolean
prepare (Work *work, const char *dir, const McKeyringItem *item, GError **error)
{
  g_autofree char *address = folder_name (item->address);
  g_autoptr (GDateTime) start = NULL;
  g_autofree char *day = NULL;

  work->key = mc_key_parse (item->key, item->passphrase, error);
  if (work->key == NULL)
    return FALSE;
  work->leaf = mc_certificate_info_new (mc_chain_certificate (item->chain, 0), error);
  if (work->leaf == NULL)
    return FALSE;
  if (!mc_key_equal (X509_get0_pubkey (mc_chain_certificate (item->chain, 0)), work->key)) {
    g_set_error_literal (error, MC_ERROR, MC_ERROR_KEYRING, "the certificate is for another key");
    return FALSE;
  }
  start = g_date_time_new_from_unix_utc (work->leaf->not_before);
  day = start != NULL ? g_date_time_format (start, "%Y%m%d") : g_strdup ("00000000");
  work->name = g_strdup_printf ("%s-%.8s", day, work->leaf->sha256);
  work->folder = g_build_filename (dir, address, NULL);
  return TRUE;
}

McKeyringOutcome
mc_files_install (const char *dir, const McKeyringItem *item, GCancellable *cancel, char **key_id, GError **error)
{
  g_auto (Work) work = {0};
  g_autofree char *final = NULL;
  g_autofree char *key_path = NULL;

  if (g_cancellable_set_error_if_cancelled (cancel, error) || !prepare (&work, dir, item, error) ||
      !mc_folder_check (dir, error) || !mc_folder_check (work.folder, error))
    return MC_KEYRING_FAILED;
  final = g_build_filename (work.folder, work.name, NULL);
  key_path = g_build_filename (final, "key.pem", NULL);
  if (!g_file_test (final, G_FILE_TEST_EXISTS)) {
    if (!write_new (final, &work, item, error))
      return MC_KEYRING_FAILED;
  } else if ((g_file_test (key_path, G_FILE_TEST_EXISTS) && !try_key (key_path, &work, item, error)) ||
             !write_missing (final, &work, item, error)) {
    return MC_KEYRING_FAILED;
  }
  if (!try_key (key_path, &work, item, error))
    return MC_KEYRING_FAILED;
  *key_id = g_steal_pointer (&final);
  return MC_KEYRING_READY;
}

/* The sets of ADDRESS; what else lies there is none of ours. */
gboolean
mc_files_list (const char *dir, const char *address, GCancellable *cancel, GPtrArray *entries, GError **error)
{
  g_autofree char *name = folder_name (address);
  g_autofree char *folder = g_build_filename (dir, name, NULL);
  g_autoptr (GDir) open = g_dir_open (folder, 0, NULL);
  const char *set;

  (void)cancel;
  (void)error;
  while (open != NULL && (set = g_dir_read_name (open)) != NULL) {
    g_autofree char *path = g_build_filename (folder, set, NULL);
    g_autofree char *key = g_build_filename (path, "key.pem", NULL);
    g_autofree char *certificate = g_build_filename (path, "certificate.pem", NULL);
    g_autofree char *pem = NULL;
    g_autoptr (GPtrArray) there = NULL;

    if (*set == '.' || g_file_test (path, G_FILE_TEST_IS_SYMLINK) || !g_file_test (key, G_FILE_TEST_IS_REGULAR) ||
        !mc_folder_read (certificate, &pem, NULL))
      continue;
    there = mc_certificates_parse (pem, strlen (pem));
    if (there->len > 0)
      mc_keyring_entry_add (entries, path, g_ptr_array_index (there, 0));
  }
  return TRUE;
}

/* The pointer of the certificate's use: to the newest of exactly that use. */
gboolean
mc_files_set_default (const char *dir, const McKeyringItem *item, GCancellable *cancel, GError **error)
{
  g_autoptr (McCertificateInfo) leaf = mc_certificate_info_new (mc_chain_certificate (item->chain, 0), error);
  g_autoptr (GPtrArray) entries = mc_keyring_entries_new ();
  const McKeyringEntry *newest = NULL;
  g_autofree char *folder = NULL;
  g_autofree char *name = NULL;
  g_autofree char *link = NULL;
  g_autofree char *target = NULL;

  if (leaf == NULL || !mc_files_list (dir, item->address, cancel, entries, error))
    return FALSE;
  for (guint i = 0; i < entries->len; i++) {
    const McKeyringEntry *entry = g_ptr_array_index (entries, i);

    if (entry->info->usage == leaf->usage &&
        (newest == NULL || entry->info->not_before > newest->info->not_before ||
         (entry->info->not_before == newest->info->not_before && g_str_equal (entry->info->sha256, leaf->sha256))))
      newest = entry;
  }
  if (newest == NULL)
    return TRUE;
  folder = g_path_get_dirname (newest->key_id);
  name = g_path_get_basename (newest->key_id);
  link = g_build_filename (folder, pointer_name (leaf->usage), NULL);
  target = g_file_read_link (link, NULL);
  if (g_strcmp0 (target, name) == 0)
    return TRUE;
  return mc_folder_point (folder, pointer_name (leaf->usage), name, error);
}
