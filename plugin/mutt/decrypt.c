/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "mutt.h"

#include "base/error.h"
#include "base/secret.h"

#include <errno.h>
#include <openssl/cms.h>
#include <openssl/crypto.h>
#include <openssl/pem.h>
#include <string.h>
#include <unistd.h>

/* smime_decrypt_command of the classic mode, "decrypt KEY CERTIFICATE FILE": the client gives the key that it would
 * use, and old mail is encrypted to an older one. Every key beside it is tried whose certificate the mail names. */

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BIO, BIO_free_all)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (X509, X509_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EVP_PKEY, EVP_PKEY_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CMS_ContentInfo, CMS_ContentInfo_free)

#define LINE 1024

/* The client writes it with a line end; where it has none, there is an empty line or nothing. */
static McSecretString *
read_passphrase (void)
{
  char *line = g_malloc0 (LINE);
  gsize length = 0;

  while (length < LINE - 1 && read (STDIN_FILENO, line + length, 1) == 1 && line[length] != '\n')
    length++;
  line[length] = '\0';
  return line;
}

static CMS_ContentInfo *
read_cms (const char *path, GError **error)
{
  g_autoptr (BIO) file = BIO_new_file (path, "rb");
  CMS_ContentInfo *cms = file != NULL ? d2i_CMS_bio (file, NULL) : NULL;

  if (cms == NULL)
    g_set_error (error, MC_ERROR, MC_ERROR_MALFORMED, _ ("%s is not an encrypted mail."), path);
  return cms;
}

static gboolean
is_for (CMS_ContentInfo *cms, X509 *certificate)
{
  STACK_OF (CMS_RecipientInfo) *all = CMS_get0_RecipientInfos (cms);

  for (int i = 0; i < sk_CMS_RecipientInfo_num (all); i++) {
    CMS_RecipientInfo *one = sk_CMS_RecipientInfo_value (all, i);

    if (CMS_RecipientInfo_type (one) == CMS_RECIPINFO_TRANS && CMS_RecipientInfo_ktri_cert_cmp (one, certificate) == 0)
      return TRUE;
    if (CMS_RecipientInfo_type (one) == CMS_RECIPINFO_AGREE) {
      STACK_OF (CMS_RecipientEncryptedKey) *keys = CMS_RecipientInfo_kari_get0_reks (one);

      for (int j = 0; j < sk_CMS_RecipientEncryptedKey_num (keys); j++)
        if (CMS_RecipientEncryptedKey_cert_cmp (sk_CMS_RecipientEncryptedKey_value (keys, j), certificate) == 0)
          return TRUE;
    }
  }
  return FALSE;
}

/* NAME: the same in both folders. FALSE where this key does not open it. */
static gboolean
try (CMS_ContentInfo *cms, const char *keys, const char *certificates, const char *name, const char *passphrase,
     BIO *out)
{
  g_autofree char *key_path = g_build_filename (keys, name, NULL);
  g_autofree char *certificate_path = g_build_filename (certificates, name, NULL);
  g_autoptr (BIO) certificate_file = BIO_new_file (certificate_path, "r");
  g_autoptr (BIO) key_file = BIO_new_file (key_path, "r");
  g_autoptr (X509) certificate =
      certificate_file != NULL ? PEM_read_bio_X509 (certificate_file, NULL, NULL, NULL) : NULL;
  g_autoptr (EVP_PKEY) key = NULL;

  if (certificate == NULL || key_file == NULL || !is_for (cms, certificate))
    return FALSE;
  key = PEM_read_bio_PrivateKey (key_file, NULL, NULL, (void *)passphrase);
  return key != NULL && CMS_decrypt (cms, key, certificate, NULL, out, 0) == 1;
}

static gboolean
is_key (const char *name)
{
  return strspn (name, "0123456789abcdefABCDEF") == 8 && name[8] == '.' && name[9] != '\0' &&
         strspn (name + 9, "0123456789") == strlen (name + 9);
}

static gboolean
try_all (CMS_ContentInfo *cms, const char *key, const char *certificate, BIO *out)
{
  g_autofree char *keys = g_path_get_dirname (key);
  g_autofree char *certificates = g_path_get_dirname (certificate);
  g_autoptr (McSecretString) passphrase = read_passphrase ();
  g_autoptr (GDir) dir = g_dir_open (keys, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    if (is_key (name) && try (cms, keys, certificates, name, passphrase, out))
      return TRUE;
  return FALSE;
}

static gboolean
write_all (BIO *out, GError **error)
{
  char *bytes;
  long length = BIO_get_mem_data (out, &bytes);

  for (long at = 0; at < length;) {
    ssize_t n = write (STDOUT_FILENO, bytes + at, (size_t)(length - at));

    if (n < 0 && errno != EINTR) {
      g_set_error (error, MC_ERROR, MC_ERROR_WRITE, "%s", g_strerror (errno));
      return FALSE;
    }
    at += n > 0 ? n : 0;
  }
  return TRUE;
}

gboolean
mc_mutt_decrypt (const McMutt *mutt, char **words, int *status, GError **error)
{
  g_autoptr (CMS_ContentInfo) cms = NULL;
  g_autoptr (BIO) out = BIO_new (BIO_s_mem ());

  *status = 0;
  if (g_strv_length (words) != 3) {
    g_set_error_literal (error, MC_ERROR, MC_ERROR_USAGE, _ ("decrypt takes a key, a certificate and a file."));
    return FALSE;
  }
  cms = read_cms (words[2], error);
  if (cms == NULL)
    return FALSE;
  if (try_all (cms, words[0], words[1], out))
    return write_all (out, error);
  g_set_error_literal (
      error, MC_ERROR, MC_ERROR_KEYRING,
      _ ("None of your keys opens this mail: it is encrypted to another, or the passphrase is wrong."));
  return FALSE;
}
