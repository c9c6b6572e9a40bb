/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/runner-private.h"

#include "base/error.h"
#include "base/secret.h"
#include "keyring/keyring.h"

#include <string.h>

typedef struct {
  McJob job;
  char *spec;
  char *address;
  GBytes *key;
  char *passphrase;
  char *pem;
  char *trust_root;
  McCaProfile *ca;
  McKeyringOutcome outcome;
  char *key_id;
  char *fingerprint;
  GError *error;
} McInstallJob;

static void
install_run (McJob *job)
{
  McInstallJob *self = (McInstallJob *)job;
  g_autoptr (McChain) chain = mc_chain_parse (self->pem, strlen (self->pem), &self->error);
  X509 *root = chain != NULL ? mc_root_find (chain, self->ca) : NULL;
  McKeyringItem item = {
      .address = self->address,
      .key = self->key,
      .passphrase = self->passphrase,
      .chain = chain,
      .root = root,
      .trust_root = self->trust_root,
  };

  self->outcome = MC_KEYRING_FAILED;
  if (chain != NULL)
    self->outcome = mc_keyring_install (self->spec, &item, NULL, &self->key_id, &self->error);
  if (root != NULL) {
    g_autoptr (McCertificateInfo) info = mc_certificate_info_new (root, NULL);

    self->fingerprint = info != NULL ? g_strdup (info->sha256) : NULL;
    X509_free (root);
  }
}

static void
install_done (McJob *job)
{
  McInstallJob *self = (McInstallJob *)job;
  McEvent event = {
      .kind = MC_EVENT_INSTALLED,
      .id = job->action,
      .keyring_state = mc_keyring_outcome_name (self->outcome),
      .key_id = self->key_id,
      .fingerprint = self->fingerprint,
      .error = self->error,
  };

  mc_ticket_deliver (job->runner, job->drive_id, job->life, &event);
}

static void
install_free (McJob *job)
{
  McInstallJob *self = (McInstallJob *)job;

  g_free (self->spec);
  g_free (self->address);
  g_clear_pointer (&self->key, g_bytes_unref);
  mc_secret_string_free (self->passphrase);
  g_free (self->pem);
  g_free (self->trust_root);
  mc_ca_profile_free (self->ca);
  g_free (self->key_id);
  g_free (self->fingerprint);
  g_clear_error (&self->error);
  g_free (self);
}

void
mc_port_install (McDrive *drive, const McAction *action)
{
  const McEnrollment *e = drive->enrollment;
  McInstallJob *self = g_new0 (McInstallJob, 1);

  self->job = (McJob){.run = install_run, .done = install_done, .free = install_free};
  self->spec = g_strdup (action->keyring);
  self->address = g_strdup (mc_enrollment_address (e, 0)->address);
  self->key = g_bytes_ref (e->key);
  self->passphrase = g_strdup (drive->runner->passphrase);
  self->pem = g_strdup (e->chain);
  self->trust_root = g_strdup (e->trust_root);
  self->ca = mc_ca_profile_copy (drive->ca);
  mc_port_start_job (&self->job, drive, action);
}

gboolean
mc_certificate_is_known (const char *address, GCancellable *cancel, gboolean *known, GError **error)
{
  g_autoptr (GPtrArray) entries = mc_keyring_list ("gpgsm", address, cancel, error);

  if (entries == NULL)
    return FALSE;
  *known = entries->len > 0;
  return TRUE;
}
