/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/doctor-private.h"

#include "base/cleanup.h"
#include "keyring/keyring.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <string.h>

#define DAY (24 * 60 * 60)
#define CRL_SECONDS 10

/* Nobody has asked for files: there is nothing better. */
static gboolean
is_fallback (const McDoctor *doctor, const char *spec)
{
  gboolean asked =
      doctor->config->keyrings != NULL ||
      (doctor->address != NULL && g_hash_table_contains (doctor->config->account_keyrings, doctor->address));

  return !asked && g_str_has_prefix (spec, "files:");
}

void
mc_check_keyring (McDoctor *doctor, McFinding *finding)
{
  g_auto (GStrv) specs = mc_doctor_keyrings (doctor);
  McKeyKind kind = mc_doctor_key_kind (doctor);

  mc_finding_show (finding, mc_key_kind_name (kind));
  for (gsize i = 0; specs[i] != NULL; i++) {
    g_autofree char *program = strcmp (specs[i], "gpgsm") == 0 ? g_find_program_in_path ("gpgsm") : NULL;
    g_autoptr (GError) error = NULL;

    if (strcmp (specs[i], "gpgsm") == 0 && program == NULL) {
      mc_finding_trouble (finding, MC_ERROR_KEYRING, "no-gpgsm");
      return;
    }
    if (!mc_keyring_takes (specs[i], kind, MC_USAGE_BOTH, &error)) {
      mc_finding_trouble (finding, MC_ERROR_KEYRING, "key-kind");
      mc_finding_detail (finding, error->message);
      return;
    }
  }
  if (is_fallback (doctor, specs[0])) {
    g_autofree char *program = g_find_program_in_path ("gpgsm");

    mc_finding_set (finding, MC_FINDING_NOTE, program == NULL ? "files" : "files-kind");
  } else
    mc_finding_set (finding, MC_FINDING_OK, "fine");
  mc_finding_detail (finding, specs[0]);
}

static McChain *
chain_of (const McEnrollment *e)
{
  return mc_chain_parse (e->chain, strlen (e->chain), NULL);
}

/* A key under a passphrase is not asked for. */
static gboolean
fits (const McEnrollment *e, X509 *leaf)
{
  g_autoptr (EVP_PKEY) key = NULL;

  if (e->key == NULL)
    return FALSE;
  if (mc_key_is_protected (e->key))
    return TRUE;
  key = mc_key_parse (e->key, NULL, NULL);
  return key != NULL && mc_key_equal (key, X509_get0_pubkey (leaf));
}

void
mc_check_certificate (McDoctor *doctor, McFinding *finding)
{
  const McEnrollment *e = mc_doctor_certificate (doctor);
  g_autoptr (McChain) chain = chain_of (e);
  g_autoptr (McCertificateInfo) info =
      chain != NULL ? mc_certificate_info_new (mc_chain_certificate (chain, 0), NULL) : NULL;
  g_autofree char *days = NULL;

  if (info == NULL || !fits (e, mc_chain_certificate (chain, 0))) {
    mc_finding_trouble (finding, MC_ERROR_KEYRING, info == NULL ? "garbled" : "key");
    return;
  }
  days = g_strdup_printf ("%" G_GINT64_FORMAT, MAX (info->not_after - doctor->now, 0) / DAY);
  mc_finding_show (finding, days);
  mc_finding_detail (finding, info->serial);
  if (info->not_after <= doctor->now)
    mc_finding_trouble (finding, MC_ERROR_LATER, "ended");
  else if (e->state != MC_ENROLLMENT_INSTALLED)
    mc_finding_trouble (finding, MC_ERROR_KEYRING, "not-installed");
  else
    mc_finding_set (finding, MC_FINDING_OK, "fine");
}

static gboolean
is_there (McDoctor *doctor, const McEnrollmentKeyring *keyring, GError **error)
{
  g_autoptr (GPtrArray) entries = mc_keyring_list (keyring->spec, doctor->address, doctor->cancel, error);

  for (guint i = 0; entries != NULL && i < entries->len; i++) {
    const McKeyringEntry *entry = g_ptr_array_index (entries, i);

    if (g_strcmp0 (entry->key_id, keyring->key_id) == 0)
      return TRUE;
  }
  return FALSE;
}

/* Has each keyring still what was put into it? */
void
mc_check_installed (McDoctor *doctor, McFinding *finding)
{
  const McEnrollment *e = mc_doctor_certificate (doctor);

  mc_finding_set (finding, MC_FINDING_SKIPPED, "no-certificate");
  for (guint i = 0; i < e->keyrings->len; i++) {
    const McEnrollmentKeyring *keyring = g_ptr_array_index (e->keyrings, i);
    g_autoptr (GError) error = NULL;

    if (strcmp (keyring->state, "ready") != 0)
      continue;
    mc_finding_set (finding, MC_FINDING_OK, "fine");
    if (is_there (doctor, keyring, &error))
      continue;
    mc_finding_trouble (finding, MC_ERROR_KEYRING, error != NULL ? "unreadable" : "gone");
    mc_finding_detail (finding, error != NULL ? error->message : keyring->spec);
    return;
  }
}

static gboolean
uses_gpgsm (McDoctor *doctor)
{
  g_auto (GStrv) specs = mc_doctor_keyrings (doctor);

  return g_strv_contains ((const char *const *)specs, "gpgsm");
}

X509 *
mc_doctor_root (McDoctor *doctor, const McEnrollment *e)
{
  g_autoptr (McChain) chain = e != NULL ? chain_of (e) : NULL;
  g_autoptr (McCaProfile) ca = e != NULL ? mc_config_ca (doctor->config, e->directory, NULL) : NULL;
  g_autoptr (BIO) file = NULL;
  X509 *root;

  if (e != NULL)
    return chain != NULL && ca != NULL ? mc_root_find (chain, ca) : NULL;
  if (doctor->ca != NULL && mc_verify_load_roots (doctor->ca, NULL) && doctor->ca->mail_roots_pem != NULL) {
    gsize length;
    const void *pem = g_bytes_get_data (doctor->ca->mail_roots_pem, &length);

    file = BIO_new_mem_buf (pem, (int)length);
  }
  root = file != NULL ? PEM_read_bio_X509 (file, NULL, NULL, NULL) : NULL;
  ERR_clear_error ();
  return root;
}

void
mc_check_root (McDoctor *doctor, McFinding *finding)
{
  const McEnrollment *e = mc_doctor_certificate (doctor);
  X509 *root = mc_doctor_root (doctor, e);
  g_autoptr (McCertificateInfo) info = root != NULL ? mc_certificate_info_new (root, NULL) : NULL;

  X509_free (root);
  if (info == NULL) {
    mc_finding_set (finding, e != NULL ? MC_FINDING_UNKNOWN : MC_FINDING_SKIPPED,
                    e != NULL ? "not-here" : "no-certificate");
    return;
  }
  mc_finding_show (finding, info->sha256); /* the CA publishes it */
  mc_finding_detail (finding, info->subject);
  if (!uses_gpgsm (doctor))
    mc_finding_set (finding, MC_FINDING_OK, "known");
  else if (mc_keyring_trusts (info->sha1))
    mc_finding_set (finding, MC_FINDING_OK, "fine");
  else if (e == NULL)
    mc_finding_set (finding, MC_FINDING_NOTE, "will-ask");
  else
    mc_finding_trouble (finding, MC_ERROR_KEYRING, "untrusted");
}

/* gpgsm asks for it at each signature that it checks; a warning only, for others may reach it. */
void
mc_check_crl (McDoctor *doctor, McFinding *finding)
{
  g_autoptr (McChain) chain = chain_of (mc_doctor_certificate (doctor));
  g_auto (GStrv) urls = chain != NULL ? mc_certificate_crl_urls (mc_chain_certificate (chain, 0)) : NULL;
  g_autoptr (GError) error = NULL;

  if (urls == NULL || urls[0] == NULL) {
    mc_finding_set (finding, MC_FINDING_OK, "none");
    return;
  }
  for (gsize i = 0; urls[i] != NULL; i++) {
    g_clear_error (&error);
    if (mc_http_reaches (urls[i], CRL_SECONDS, &error)) {
      mc_finding_set (finding, MC_FINDING_OK, "fine");
      return;
    }
  }
  mc_finding_set (finding, MC_FINDING_NOTE, "unreachable");
  mc_finding_detail (finding, error->message);
}
