/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/runner-private.h"

#include "base/cleanup.h"
#include "pki/chain.h"
#include "runner/file.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <string.h>

#define SYSTEM_ROOTS "/etc/ssl/certs" /* hashed: one small file is read, not the bundle (DESIGN 6) */

/* Issued it: by name and by signature. */
static gboolean
issued (X509 *issuer, X509 *certificate)
{
  gboolean yes =
      X509_check_issued (issuer, certificate) == X509_V_OK && X509_verify (certificate, X509_get0_pubkey (issuer)) == 1;

  ERR_clear_error ();
  return yes;
}

static X509 *
find_in_file (const char *path, X509 *last)
{
  g_autofree char *text = NULL;
  gsize length = 0;
  g_autoptr (BIO) bio = path != NULL && mc_file_read (path, MC_ROOTS_MAX, TRUE, &text, &length, NULL)
                            ? BIO_new_mem_buf (text, (int)length)
                            : NULL;
  X509 *candidate;

  while (bio != NULL && (candidate = PEM_read_bio_X509 (bio, NULL, NULL, NULL)) != NULL) {
    if (issued (candidate, last))
      return candidate;
    X509_free (candidate);
  }
  ERR_clear_error ();
  return NULL;
}

static X509 *
find_in_system (X509 *last)
{
  for (guint i = 0; i < 4; i++) { /* .1 and on: other roots of the same hash */
    g_autofree char *path = g_strdup_printf ("%s/%08lx.%u", SYSTEM_ROOTS, X509_issuer_name_hash (last), i);
    X509 *root = find_in_file (path, last);

    if (root != NULL)
      return root;
  }
  return NULL;
}

X509 *
mc_root_find (const McChain *chain, const McCaProfile *ca)
{
  X509 *last = mc_chain_certificate (chain, mc_chain_length (chain) - 1);
  X509 *root = NULL;

  if (issued (last, last)) {
    X509_up_ref (last);
    return last;
  }
  root = find_in_file (ca->mail_roots, last);
  if (root == NULL)
    root = find_in_file (ca->ca_file, last);
  return root != NULL ? root : find_in_system (last);
}

char *
mc_runner_root_fingerprint (const McConfig *config, const McEnrollment *e)
{
  g_autoptr (McCaProfile) ca = mc_config_ca (config, e->directory, NULL);
  g_autoptr (McChain) chain = e->chain != NULL ? mc_chain_parse (e->chain, strlen (e->chain), NULL) : NULL;
  X509 *root = ca != NULL && chain != NULL ? mc_root_find (chain, ca) : NULL;
  g_autoptr (McCertificateInfo) info = root != NULL ? mc_certificate_info_new (root, NULL) : NULL;

  X509_free (root);
  return info != NULL ? g_strdup (info->sha256) : NULL;
}
