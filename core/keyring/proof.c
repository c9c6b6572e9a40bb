/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "keyring/proof.h"

#include "base/cleanup.h"
#include "base/error.h"

#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <string.h>

static const char probe[] = "mailcert\r\n";

GBytes *
mc_proof_text (void)
{
  return g_bytes_new_static (probe, sizeof probe - 1);
}

static CMS_ContentInfo *
cms_parse (GBytes *bytes)
{
  gsize length;
  const unsigned char *text = g_bytes_get_data (bytes, &length);
  g_autoptr (BIO) bio = BIO_new_mem_buf (text, (int)length);
  char *label = NULL, *header = NULL;
  unsigned char *der = NULL;
  long size = 0;
  const unsigned char *p;
  CMS_ContentInfo *cms = NULL;

  /* gpgsm's label is "SIGNED MESSAGE", which is no name of OpenSSL's. */
  if (PEM_read_bio (bio, &label, &header, &der, &size) == 1) {
    p = der;
    cms = d2i_CMS_ContentInfo (NULL, &p, size);
  } else if (length > 0) {
    p = text;
    cms = d2i_CMS_ContentInfo (NULL, &p, (long)length);
  }
  OPENSSL_free (label);
  OPENSSL_free (header);
  OPENSSL_free (der);
  return cms;
}

gboolean
mc_proof_is_signature (GBytes *cms, X509 *leaf)
{
  g_autoptr (CMS_ContentInfo) parsed = cms_parse (cms);
  g_autoptr (McX509Stack) signers = sk_X509_new_null ();
  g_autoptr (BIO) content = BIO_new_mem_buf (probe, sizeof probe - 1);
  gboolean ok;

  X509_add_cert (signers, leaf, X509_ADD_FLAG_UP_REF);
  ok = parsed != NULL && CMS_verify (parsed, signers, NULL, content, NULL,
                                     CMS_BINARY | CMS_DETACHED | CMS_NOINTERN | CMS_NO_SIGNER_CERT_VERIFY) == 1;
  ERR_clear_error ();
  return ok;
}

GBytes *
mc_proof_encrypt (X509 *leaf, GError **error)
{
  g_autoptr (McX509Stack) recipients = sk_X509_new_null ();
  g_autoptr (BIO) content = BIO_new_mem_buf (probe, sizeof probe - 1);
  g_autoptr (CMS_ContentInfo) cms = NULL;
  unsigned char *der = NULL;
  GBytes *bytes = NULL;
  int length;

  X509_add_cert (recipients, leaf, X509_ADD_FLAG_UP_REF);
  cms = CMS_encrypt (recipients, content, EVP_aes_256_cbc (), CMS_BINARY);
  length = cms != NULL ? i2d_CMS_ContentInfo (cms, &der) : -1;
  if (length > 0)
    bytes = g_bytes_new (der, (gsize)length);
  else
    g_set_error_literal (error, MC_ERROR, MC_ERROR_KEYRING, "nothing can be encrypted to this certificate");
  OPENSSL_free (der);
  ERR_clear_error ();
  return bytes;
}

gboolean
mc_proof_decrypts (EVP_PKEY *key, X509 *leaf)
{
  g_autoptr (GBytes) encrypted = mc_proof_encrypt (leaf, NULL);
  g_autoptr (CMS_ContentInfo) cms = encrypted != NULL ? cms_parse (encrypted) : NULL;
  g_autoptr (BIO) out = BIO_new (BIO_s_mem ());
  gboolean ok = cms != NULL && CMS_decrypt (cms, key, leaf, NULL, out, CMS_BINARY) == 1;
  char *text;
  long length = BIO_get_mem_data (out, &text);

  ERR_clear_error ();
  return ok && length == (long)sizeof probe - 1 && memcmp (text, probe, sizeof probe - 1) == 0;
}
