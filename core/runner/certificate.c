/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/runner-private.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "base/secret.h"
#include "keyring/keyring.h"
#include "pki/pkcs12.h"

#include <string.h>

/* The newest certificate of ADDRESS, or MC_ERROR_NO_INPUT. */
static McEnrollment *
certificate_of (McRunner *runner, const char *address, GError **error)
{
  g_autoptr (GError) why = NULL;
  McEnrollment *e = mc_store_certificate (runner->store, address, NULL, &why);

  if (why != NULL)
    g_propagate_error (error, g_steal_pointer (&why));
  else if (e == NULL)
    g_set_error (error, MC_ERROR, MC_ERROR_NO_INPUT, "there is no certificate for %s", address);
  return e;
}

McLease *
mc_runner_lease (McRunner *runner, gint64 id, GError **error)
{
  g_autoptr (GError) why = NULL;
  McLease *lease = mc_lease_take (runner->store, id, &why);

  if (why != NULL)
    g_propagate_error (error, g_steal_pointer (&why));
  else if (lease == NULL)
    g_set_error_literal (error, MC_ERROR, MC_ERROR_LATER, "another mailcert is working on it right now");
  return lease;
}

static gboolean
install_one (McRunner *runner, McEnrollment *e, const McChain *chain, const char *spec, GError **error)
{
  g_autoptr (McCaProfile) ca = mc_config_ca (runner->config, e->directory, error);
  McEnrollmentKeyring *keyring;
  McKeyringItem item = {
      .address = mc_enrollment_address (e, 0)->address,
      .key = e->key,
      .passphrase = runner->passphrase,
      .chain = chain,
      .trust_root = e->trust_root,
  };
  McKeyringOutcome outcome;
  g_autofree char *key_id = NULL;
  g_autoptr (GError) why = NULL;

  if (ca == NULL)
    return FALSE;
  item.root = mc_root_find (chain, ca);
  outcome = mc_keyring_install (spec, &item, NULL, &key_id, &why);
  X509_free (item.root);
  keyring = mc_enrollment_keyring (e, spec);
  g_free (keyring->state);
  keyring->state = g_strdup (mc_keyring_outcome_name (outcome));
  g_free (keyring->error);
  keyring->error = why != NULL ? mc_text_sanitize (why->message, 400) : NULL;
  if (key_id != NULL) {
    g_free (keyring->key_id);
    keyring->key_id = g_steal_pointer (&key_id);
  }
  if (why == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&why));
  return FALSE;
}

/* What a person compared and found different is never noted as trusted. */
static gboolean
take_trust_root (McRunner *runner, McEnrollment *e, const McChain *chain, const char *trust_root, GError **error)
{
  g_autoptr (McCaProfile) ca = mc_runner_ca_of (runner, e, error);
  g_autofree char *given = NULL;
  X509 *root = ca != NULL && mc_fingerprint_parse (trust_root, &given, error) ? mc_root_find (chain, ca) : NULL;
  g_autoptr (McCertificateInfo) info = root != NULL ? mc_certificate_info_new (root, NULL) : NULL;

  X509_free (root);
  if (given == NULL)
    return FALSE;
  if (info != NULL && strcmp (info->sha256, given) != 0) {
    g_set_error (error, MC_ERROR, MC_ERROR_KEYRING,
                 "the fingerprint of the root of this certificate (%s) is not the one that you gave", info->sha256);
    return FALSE;
  }
  g_free (e->trust_root);
  e->trust_root = g_steal_pointer (&given);
  return TRUE;
}

gboolean
mc_runner_install (McRunner *runner, const char *address, const char *const *specs, const char *trust_root,
                   GError **error)
{
  g_autoptr (McEnrollment) e = certificate_of (runner, address, error);
  g_autoptr (McLease) lease = e != NULL ? mc_runner_lease (runner, e->id, error) : NULL;
  g_autoptr (McChain) chain = lease != NULL ? mc_chain_parse (e->chain, strlen (e->chain), error) : NULL;
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) first = NULL;
  gboolean any = FALSE;

  if (chain == NULL)
    return FALSE;
  if (trust_root != NULL && !take_trust_root (runner, e, chain, trust_root, error))
    return FALSE;
  for (guint i = 0; specs != NULL && specs[i] != NULL; i++) {
    if (!mc_keyring_spec_check (specs[i], error))
      return FALSE;
    g_ptr_array_add (names, g_strdup (specs[i]));
  }
  for (guint i = 0; names->len == 0 || (specs == NULL && i < e->keyrings->len); i++) {
    if (i >= e->keyrings->len)
      break;
    g_ptr_array_add (names, g_strdup (((McEnrollmentKeyring *)g_ptr_array_index (e->keyrings, i))->spec));
  }
  /* Each is tried; the first trouble is the one that is told. */
  for (guint i = 0; i < names->len; i++)
    any |= install_one (runner, e, chain, g_ptr_array_index (names, i), first == NULL ? &first : NULL);
  if (!mc_flow_settle_keyrings (e, mc_runner_now ()) || !mc_store_save (runner->store, e, NULL, error))
    return FALSE;
  if (any && e->state == MC_ENROLLMENT_INSTALLED) /* mail programs take the key from what on-installed writes */
    mc_occasion_meet (runner, e, &(McHistoryEntry){.state = "INSTALLED"});
  if (first == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&first));
  return FALSE;
}

static GBytes *
export_pem (const McEnrollment *e, const char *passphrase, GError **error)
{
  g_autoptr (EVP_PKEY) key = mc_key_parse (e->key, passphrase, error);
  g_autoptr (GBytes) pkcs8 = key != NULL ? mc_key_compose (key, passphrase, error) : NULL;
  g_autoptr (McSecretString) key_pem = pkcs8 != NULL ? mc_key_compose_pem (pkcs8) : NULL;
  char *text;

  if (key_pem == NULL)
    return NULL;
  text = g_strconcat (e->chain, key_pem, NULL);
  return mc_secret_new_take (text, strlen (text));
}

GBytes *
mc_runner_export (McRunner *runner, const char *address, McExportForm form, const char *passphrase, gint64 *id,
                  GError **error)
{
  g_autoptr (McEnrollment) e = certificate_of (runner, address, error);
  g_autoptr (McChain) chain = e != NULL ? mc_chain_parse (e->chain, strlen (e->chain), error) : NULL;
  const char *stored_under = NULL;
  g_autoptr (EVP_PKEY) key = NULL;

  if (chain == NULL)
    return NULL;
  *id = e->id;
  if (form == MC_EXPORT_CERTIFICATE)
    return g_bytes_new (e->chain, strlen (e->chain));
  /* A key that is kept under a passphrase is opened with that one; PASSPHRASE protects what is written. */
  if (mc_key_is_protected (e->key))
    stored_under = runner->passphrase != NULL ? runner->passphrase : passphrase;
  if (form == MC_EXPORT_PEM)
    return export_pem (e, mc_key_is_protected (e->key) ? stored_under : passphrase, error);
  key = mc_key_parse (e->key, stored_under, error);
  if (key == NULL)
    return NULL;
  return mc_pkcs12_compose (key, chain, NULL, address, passphrase != NULL ? passphrase : "",
                            form == MC_EXPORT_P12_COMPATIBLE ? MC_PKCS12_COMPATIBLE : MC_PKCS12_MODERN, error);
}

gboolean
mc_runner_exported (McRunner *runner, gint64 id, GError **error)
{
  return mc_store_note_exported (runner->store, id, error);
}

/* --- forgetting --- */

static gboolean
is_kept_elsewhere (McRunner *runner, const McEnrollment *e)
{
  if (e->key == NULL || e->chain == NULL) /* a key without a certificate opens nothing */
    return TRUE;
  for (guint i = 0; i < e->keyrings->len; i++)
    if (g_str_equal (((McEnrollmentKeyring *)g_ptr_array_index (e->keyrings, i))->state, "ready"))
      return TRUE;
  return mc_store_is_exported (runner->store, e->id);
}

/* Open at the CA: its authorizations are deactivated as far as it answers, so that a late challenge is worth nothing.
 */
static gboolean
abandon (McRunner *runner, const McEnrollment *e, GError **error)
{
  McDrive *drive;
  gboolean reloaded;

  if (!mc_enrollment_is_open (e) || e->state >= MC_ENROLLMENT_ISSUED)
    return TRUE;
  if (!mc_runner_follow (runner, e->id, error))
    return FALSE;
  drive = mc_runner_drive (runner, e->id);
  if (drive->flow == NULL) {
    g_set_error_literal (error, MC_ERROR, MC_ERROR_LATER, "another mailcert is working on it right now");
    return FALSE;
  }
  mc_flow_abandon (drive->flow, "mailcert:forgotten", "", mc_runner_now ());
  if (!mc_drive_commit (drive, &reloaded, error) || !mc_runner_run (runner, 0, NULL, error))
    return FALSE;
  g_ptr_array_remove (runner->drives, drive);
  return TRUE;
}

/* Its CSR has left: there may be a certificate that never came here, and mail that only this key opens. */
static gboolean
may_be_issued (const McEnrollment *e)
{
  return e->csr != NULL && e->chain == NULL;
}

static gboolean
concerns (const McEnrollment *e, const char *address, const char *directory)
{
  return mc_enrollment_find (e, address) != NULL && (directory == NULL || strcmp (e->directory, directory) == 0);
}

gboolean
mc_runner_forget (McRunner *runner, const char *address, const char *directory, GError **error)
{
  g_autoptr (GPtrArray) all = mc_store_enrollments (runner->store, FALSE, error);
  guint found = 0;

  if (all == NULL)
    return FALSE;
  for (guint i = 0; i < all->len; i++) {
    const McEnrollment *e = g_ptr_array_index (all, i);

    if (!concerns (e, address, directory))
      continue;
    found++;
    if (!is_kept_elsewhere (runner, e)) {
      g_set_error (error, MC_ERROR, MC_ERROR_KEYRING,
                   "the key of the certificate for %s is nowhere else: export or install it first", address);
      return FALSE;
    }
  }
  if (found == 0) {
    g_set_error (error, MC_ERROR, MC_ERROR_NO_INPUT, "nothing is known of %s%s", address,
                 directory != NULL ? " at that CA" : "");
    return FALSE;
  }
  for (guint i = 0; i < all->len; i++) {
    const McEnrollment *e = g_ptr_array_index (all, i);

    if (concerns (e, address, directory) &&
        (!abandon (runner, e, error) || !mc_store_forget (runner->store, e->id, !may_be_issued (e), error)))
      return FALSE;
  }
  return TRUE;
}
