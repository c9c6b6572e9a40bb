/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "keyring/certificates.h"

#include "base/cleanup.h"

#include <openssl/err.h>
#include <openssl/pem.h>

static void
certificate_free (gpointer certificate)
{
  X509_free (certificate);
}

GPtrArray *
mc_certificates_parse (const char *pem, gsize length)
{
  GPtrArray *all = g_ptr_array_new_with_free_func (certificate_free);
  g_autoptr (BIO) bio = BIO_new_mem_buf (pem, (int)MIN (length, G_MAXINT));
  X509 *certificate;

  while ((certificate = PEM_read_bio_X509 (bio, NULL, NULL, NULL)) != NULL)
    g_ptr_array_add (all, certificate);
  ERR_clear_error ();
  return all;
}

gboolean
mc_certificates_contain (const GPtrArray *certificates, X509 *certificate)
{
  for (guint i = 0; i < certificates->len; i++)
    if (X509_cmp (g_ptr_array_index (certificates, i), certificate) == 0)
      return TRUE;
  return FALSE;
}

GBytes *
mc_certificates_compose (const McChain *chain, guint from, guint to, X509 *root)
{
  g_autoptr (BIO) bio = BIO_new (BIO_s_mem ());
  gboolean has_root = FALSE;
  char *text;
  long length;

  for (guint i = from; i < to; i++) {
    PEM_write_bio_X509 (bio, mc_chain_certificate (chain, i));
    has_root = has_root || (root != NULL && X509_cmp (root, mc_chain_certificate (chain, i)) == 0);
  }
  if (root != NULL && !has_root)
    PEM_write_bio_X509 (bio, root);
  length = BIO_get_mem_data (bio, &text);
  return g_bytes_new (text, (gsize)MAX (length, 0));
}

X509 *
mc_certificates_root (const McChain *chain, X509 *known)
{
  X509 *last = mc_chain_certificate (chain, mc_chain_length (chain) - 1);

  return known != NULL ? known : X509_self_signed (last, 1) == 1 ? last : NULL;
}

guint
mc_certificates_below_root (const McChain *chain)
{
  guint length = mc_chain_length (chain);

  return length > 1 && X509_self_signed (mc_chain_certificate (chain, length - 1), 1) == 1 ? length - 1 : length;
}
