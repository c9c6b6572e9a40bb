/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/runner-private.h"

#include "base/error.h"
#include "base/secret.h"

/* Keys are made on a worker. One that is to be kept under a passphrase waits until the person has said one. */

typedef struct {
  McJob job;
  McKeyKind kind;
  gboolean protect; /* key-protection = passphrase: without one no key of a certificate is made at all */
  char *passphrase;
  GBytes *key;
  GError *error;
} McKeyJob;

static void
key_run (McJob *job)
{
  McKeyJob *self = (McKeyJob *)job;
  EVP_PKEY *key = NULL;

  if (self->protect && self->passphrase == NULL)
    g_set_error_literal (&self->error, MC_ERROR, MC_ERROR_KEYRING,
                         "the key is to be kept under a passphrase, and none was given");
  else
    key = mc_key_new (self->kind, &self->error);
  if (key != NULL)
    self->key = mc_key_compose (key, self->passphrase, &self->error);
  EVP_PKEY_free (key);
}

static void
key_done (McJob *job)
{
  McKeyJob *self = (McKeyJob *)job;
  McEvent event = {.kind = MC_EVENT_KEY, .id = job->action, .key = self->key, .error = self->error};

  mc_ticket_deliver (job->runner, job->drive_id, job->life, &event);
}

static void
key_free (McJob *job)
{
  McKeyJob *self = (McKeyJob *)job;

  mc_secret_string_free (self->passphrase);
  g_clear_pointer (&self->key, g_bytes_unref);
  g_clear_error (&self->error);
  g_free (self);
}

static void
key_start (McKeyJob *self)
{
  self->passphrase = self->protect ? g_strdup (self->job.runner->passphrase) : NULL;
  mc_runner_start_job (self->job.runner, &self->job);
}

/* One answer for all that wait. Without a passphrase each of them says what it lacks. */
static void
new_answered (McRunner *runner, McAnswer answer, gpointer data)
{
  g_autoptr (GPtrArray) waiting = g_steal_pointer (&runner->keyless);

  (void)answer, (void)data;
  for (guint i = 0; i < waiting->len; i++) {
    McKeyJob *self = g_ptr_array_index (waiting, i);

    if (g_cancellable_is_cancelled (runner->cancel)) /* the workers are gone */
      key_free (&self->job);
    else
      key_start (self);
  }
}

void
mc_port_make_key (McDrive *drive, const McAction *action)
{
  McRunner *runner = drive->runner;
  McKeyJob *self = g_new0 (McKeyJob, 1);
  McQuestion question = {.kind = MC_QUESTION_NEW_PASSPHRASE,
                         .ca = drive->enrollment->ca,
                         .address = mc_enrollment_address (drive->enrollment, 0)->address};

  self->job = (McJob){.run = key_run, .done = key_done, .free = key_free};
  self->kind = action->key_kind;
  self->protect = !action->for_account && (runner->config->passphrase || runner->passphrase != NULL);
  mc_port_begin_job (&self->job, drive, action);
  if (!self->protect || runner->passphrase != NULL) {
    key_start (self);
    return;
  }
  if (runner->keyless != NULL) { /* it is being asked for */
    g_ptr_array_add (runner->keyless, self);
    return;
  }
  runner->keyless = g_ptr_array_new ();
  g_ptr_array_add (runner->keyless, self);
  mc_runner_ask (runner, &question, new_answered, NULL);
}

/* --- the passphrase of a key that is there --- */

static void ask_for (McRunner *runner, gint64 id, gboolean again);

static gboolean
opens (const McEnrollment *e, const char *passphrase)
{
  EVP_PKEY *key = mc_key_parse (e->key, passphrase, NULL);
  const gboolean opened = key != NULL;

  EVP_PKEY_free (key);
  return opened;
}

static void
answered (McRunner *runner, McAnswer answer, gpointer data)
{
  g_autofree gint64 *id = data;
  const McDrive *drive = mc_runner_drive (runner, *id);

  runner->sought = FALSE;
  if (g_cancellable_is_cancelled (runner->cancel) || answer != MC_ANSWER_YES || runner->passphrase == NULL)
    return;
  if (drive == NULL || drive->enrollment->key == NULL || opens (drive->enrollment, runner->passphrase))
    return;
  mc_runner_set_passphrase (runner, NULL);
  ask_for (runner, *id, TRUE);
}

static void
ask_for (McRunner *runner, gint64 id, gboolean again)
{
  const McEnrollment *e = mc_runner_drive (runner, id)->enrollment;
  McQuestion question = {
      .kind = MC_QUESTION_PASSPHRASE, .ca = e->ca, .address = mc_enrollment_address (e, 0)->address, .again = again};

  runner->sought = TRUE;
  mc_runner_ask (runner, &question, answered, g_memdup2 (&id, sizeof id));
}

static gboolean
lacks_passphrase (const McDrive *drive)
{
  const McEnrollment *e = drive->enrollment;

  return drive->runner->passphrase == NULL && drive->lease != NULL && e->key != NULL && mc_enrollment_is_open (e) &&
         mc_key_is_protected (e->key);
}

gboolean
mc_drive_seek_passphrase (McDrive *drive)
{
  McRunner *runner = drive->runner;

  if (drive->sought || !lacks_passphrase (drive))
    return runner->sought && drive->enrollment->state >= MC_ENROLLMENT_READY && lacks_passphrase (drive);
  drive->sought = TRUE;
  if (!runner->sought && runner->adapter.ask != NULL)
    ask_for (runner, drive->id, FALSE);
  return runner->sought && drive->enrollment->state >= MC_ENROLLMENT_READY;
}
