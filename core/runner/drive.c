/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/runner-private.h"

#include "base/error.h"
#include "base/secret.h"

#include <openssl/rand.h>
#include <string.h>

#define WAIT_HELD_SECONDS 30 /* before asking again for a pair that another enrollment waits for */
#define BLOCKED_FAILURES 3   /* passing failures before an order is open: then the person is told instead */

static void
random_bytes (gpointer self, guint8 *bytes, gsize length)
{
  (void)self;
  /* RAND_bytes fails only where the machine has no entropy at all: a Message-ID must not repeat then either. */
  if (RAND_bytes (bytes, (int)length) != 1)
    g_error ("no random numbers");
}

static void
drive_unload (McDrive *drive)
{
  g_clear_pointer (&drive->flow, mc_flow_free);
  g_clear_pointer (&drive->enrollment, mc_enrollment_free);
  g_clear_pointer (&drive->account, mc_account_free);
  g_clear_pointer (&drive->ca, mc_ca_profile_free);
  g_clear_pointer (&drive->binding_kid, g_free);
  g_clear_pointer (&drive->binding_key, g_bytes_unref);
  g_clear_pointer (&drive->account_keys, g_ptr_array_unref);
  drive->binding_settled = FALSE;
  drive->busy = 0;
  drive->wake = 0;
}

/* Troubles that only a person can end: waiting does not help. */
gboolean
mc_problem_needs_a_person (const McProblem *problem)
{
  static const char *const types[] = {"mailcert:login",        "mailcert:tls",        "mailcert:config",
                                      "mailcert:terms",        "mailcert:keyring",    "mailcert:untrusted",
                                      "mailcert:no-transport", "mailcert:passphrase", "userActionRequired"};

  for (gsize i = 0; problem != NULL && i < G_N_ELEMENTS (types); i++)
    if (mc_problem_is (problem, types[i]))
      return TRUE;
  return FALSE;
}

/* A new run is a new try: what a person may have mended meanwhile is not held against it. */
static void
begin_afresh (McEnrollment *e)
{
  if (mc_problem_needs_a_person (e->problem))
    g_clear_pointer (&e->problem, mc_problem_free);
  if (e->problem == NULL || (!mc_problem_is (e->problem, "rateLimited") && e->problem->retry_at == 0))
    e->retry_at = 0; /* else the CA has named the hour */
  e->failures = 0;
  for (guint i = 0; e->state == MC_ENROLLMENT_ISSUED && i < e->keyrings->len; i++) {
    McEnrollmentKeyring *keyring = g_ptr_array_index (e->keyrings, i);

    if (!g_str_equal (keyring->state, "ready")) {
      g_free (keyring->state);
      keyring->state = g_strdup ("pending");
    }
  }
}

McDrive *
mc_drive_new (McRunner *runner, gint64 id, GError **error)
{
  McDrive *drive = g_new0 (McDrive, 1);

  drive->runner = runner;
  drive->id = id;
  if (!mc_drive_load (drive, error)) {
    mc_drive_free (drive);
    return NULL;
  }
  drive->announced = drive->enrollment->history->len;
  begin_afresh (drive->enrollment);
  return drive;
}

void
mc_drive_passphrase_changed (McDrive *drive)
{
  drive->settings.passphrase = drive->runner->passphrase;
  if (drive->flow == NULL)
    return;
  mc_flow_set_passphrase (drive->flow, drive->settings.passphrase);
  if (drive->settings.passphrase != NULL && mc_drive_is_blocked (drive))
    begin_afresh (drive->enrollment);
}

static gboolean
try_again (McDrive *drive, GError **error)
{
  if (!mc_enrollment_is_open (drive->enrollment) || !mc_drive_is_blocked (drive))
    return TRUE;
  if (!mc_drive_load (drive, error))
    return FALSE;
  drive->sought = FALSE;
  begin_afresh (drive->enrollment);
  return TRUE;
}

gboolean
mc_runner_try_again (McRunner *runner, GError **error)
{
  for (guint i = 0; i < runner->drives->len; i++)
    if (!try_again (g_ptr_array_index (runner->drives, i), error))
      return FALSE;
  return TRUE;
}

void
mc_drive_free (McDrive *drive)
{
  drive_unload (drive);
  mc_lease_free (drive->account_lease);
  mc_lease_free (drive->lease);
  g_free (drive);
}

/* Loads the account; FALSE with ERROR, or without where somebody else needs it alone just now. */
static gboolean
load_account (McDrive *drive, GError **error)
{
  McStore *store = drive->runner->store;
  const char *directory = drive->enrollment->directory;
  g_autoptr (GError) why = NULL;

  for (;;) {
    if (drive->account_lease == NULL && mc_enrollment_needs_account (drive->enrollment)) {
      drive->account_lease = mc_lease_take_account (store, directory, drive->account_alone, &why);
      if (drive->account_lease == NULL)
        break;
    }
    drive->account = mc_store_account (store, directory, &why);
    if (why != NULL)
      break;
    if (drive->account == NULL)
      drive->account = mc_account_new (directory);
    if (drive->account->new_key == NULL || drive->account_lease == NULL || drive->account_alone)
      return TRUE;
    /* A rollover is to be finished: by one of all that share the account. */
    g_clear_pointer (&drive->account, mc_account_free);
    g_clear_pointer (&drive->account_lease, mc_lease_free);
    drive->account_alone = TRUE;
  }
  drive->account_alone = FALSE;
  if (why != NULL)
    g_propagate_error (error, g_steal_pointer (&why));
  return FALSE;
}

static void
share_account (McDrive *drive)
{
  if (!drive->account_alone || drive->account->new_key != NULL)
    return;
  mc_lease_share (drive->account_lease);
  drive->account_alone = FALSE;
}

gboolean
mc_drive_load (McDrive *drive, GError **error)
{
  McStore *store = drive->runner->store;
  McEnrollment *enrollment;
  g_autoptr (GError) why = NULL;

  if (drive->lease == NULL) {
    g_autoptr (GError) lease_error = NULL;

    drive->lease = mc_lease_take (store, drive->id, &lease_error);
    if (lease_error != NULL) {
      g_propagate_error (error, g_steal_pointer (&lease_error));
      return FALSE;
    }
  }
  enrollment = mc_store_enrollment (store, drive->id, error);
  if (enrollment == NULL)
    return FALSE;
  drive_unload (drive);
  drive->life++;
  drive->enrollment = enrollment;
  if (drive->lease == NULL)
    return TRUE;
  mc_drive_follow_config (drive);
  if (!load_account (drive, &why)) {
    g_clear_pointer (&drive->lease, mc_lease_free);
    if (why == NULL)
      return TRUE; /* watched until the account is free */
    g_propagate_error (error, g_steal_pointer (&why));
    return FALSE;
  }
  if (!mc_drive_prepare (drive, error))
    return FALSE;
  drive->account_keys = mc_store_account_keys (drive->runner->store, error);
  if (drive->account_keys == NULL)
    return FALSE;
  drive->settings.random = random_bytes;
  drive->settings.ca = drive->ca;
  drive->settings.agree_terms = drive->agree_terms;
  drive->settings.binding_kid = drive->binding_kid;
  drive->settings.binding_key = drive->binding_key;
  drive->settings.account_keys = drive->account_keys;
  drive->settings.passphrase = drive->runner->passphrase;
  drive->settings.transport = mc_port_transport_name (drive->runner, enrollment);
  drive->flow = mc_flow_new (enrollment, drive->account, &drive->settings);
  return TRUE;
}

static void
announce (McDrive *drive)
{
  const GPtrArray *history = drive->enrollment->history;

  for (; drive->announced < history->len; drive->announced++) {
    const McHistoryEntry *entry = g_ptr_array_index (history, drive->announced);

    if (drive->lease != NULL) /* who drives it tells, not who watches */
      mc_occasion_meet (drive->runner, drive->enrollment, entry);
    if (drive->runner->watch != NULL)
      drive->runner->watch (drive->enrollment, entry, drive->runner->watch_data);
  }
}

gboolean
mc_drive_watch (McDrive *drive, gboolean moved, GError **error)
{
  g_autoptr (GError) why = NULL;

  drive->lease = mc_lease_take (drive->runner->store, drive->id, &why);
  if (why != NULL) {
    g_propagate_error (error, g_steal_pointer (&why));
    return FALSE;
  }
  if (drive->lease == NULL && !moved)
    return TRUE;
  if (!mc_drive_load (drive, error))
    return FALSE;
  /* What came while another process held it was looked at and left to that one. */
  drive->runner->spool_due = drive->runner->spool_due || drive->lease != NULL;
  announce (drive);
  return TRUE;
}

/* The account is open, or will not be opened with this binding: a secret that was typed is kept no longer. */
static gboolean
settle_binding (McDrive *drive, GError **error)
{
  if (drive->binding_kid == NULL || drive->binding_settled ||
      (drive->account->url == NULL && mc_enrollment_is_open (drive->enrollment)))
    return TRUE;
  drive->binding_settled = TRUE;
  return mc_binding_forget_text (drive->runner->store, drive->enrollment->directory, error);
}

gboolean
mc_drive_commit (McDrive *drive, gboolean *reloaded, GError **error)
{
  g_autoptr (GError) why = NULL;

  *reloaded = FALSE;
  if (!mc_flow_is_changed (drive->flow))
    return TRUE;
  if (mc_store_save (drive->runner->store, drive->enrollment,
                     mc_flow_account_is_changed (drive->flow) ? drive->account : NULL, &why)) {
    mc_flow_committed (drive->flow);
    share_account (drive);
    /* What a verdict rests on has changed. */
    drive->runner->spool_due = TRUE;
    announce (drive);
    return settle_binding (drive, error);
  }
  if (why->domain != MC_STORE_ERROR) {
    g_propagate_error (error, g_steal_pointer (&why));
    return FALSE;
  }
  /* Somebody else wrote, answered or waits: his word stands, ours is dropped. */
  if (g_error_matches (why, MC_STORE_ERROR, MC_STORE_WAIT))
    drive->held_until = mc_runner_now () + WAIT_HELD_SECONDS;
  *reloaded = TRUE;
  if (!mc_drive_load (drive, error))
    return FALSE;
  /* The reply to that mail was for another request, whose secret is not ours: this one cannot succeed any more. */
  if (g_error_matches (why, MC_STORE_ERROR, MC_STORE_ANSWERED) && drive->flow != NULL)
    mc_flow_abandon (drive->flow, "mailcert:answered", "", mc_runner_now ());
  return TRUE;
}

gboolean
mc_drive_feed (McDrive *drive, const McEvent *event, GError **error)
{
  gboolean reloaded;

  if (drive->flow == NULL)
    return TRUE;
  return mc_flow_feed (drive->flow, event, mc_runner_now (), error) && mc_drive_commit (drive, &reloaded, error);
}

void
mc_drive_mail_trouble (McDrive *drive, const GError *error)
{
  gboolean reloaded;
  g_autoptr (GError) why = NULL;

  mc_command_forget ();
  mc_flow_note_trouble (drive->flow, error, mc_runner_now ());
  if (!mc_drive_commit (drive, &reloaded, &why))
    g_debug ("enrollment %" G_GINT64_FORMAT ": %s", drive->id, why->message); /* the next step meets it again */
}

/* The second of two orders for one address waits until the first one's addresses are valid (T-09). */
static gboolean
predecessor_is_under_way (McDrive *drive)
{
  const McEnrollment *e = drive->enrollment;
  g_autoptr (McEnrollment) first = NULL;

  if (e->after == 0 || e->state != MC_ENROLLMENT_NEW)
    return FALSE;
  first = mc_store_enrollment (drive->runner->store, e->after, NULL);
  return first != NULL && first->state < MC_ENROLLMENT_READY;
}

gboolean
mc_drive_step (McDrive *drive, GError **error)
{
  drive->wake = 0;
  if (drive->flow == NULL || drive->over)
    return TRUE;
  if (drive->held_until > mc_runner_now ()) {
    drive->wake = drive->held_until;
    return TRUE;
  }
  if (drive->enrollment->retry_at == 0 && predecessor_is_under_way (drive)) {
    drive->wake = mc_runner_now () + 1;
    return TRUE;
  }
  mc_inbox_begin (drive);
  if (mc_drive_seek_passphrase (drive))
    return TRUE;
  /* A wrong mail password is found before anything is asked of the CA. */
  if (drive->checks > 0 && mc_runner_now () < drive->checks_until) {
    drive->wake = drive->checks_until;
    return TRUE;
  }
  if (mc_problem_needs_a_person (drive->enrollment->problem) && drive->enrollment->state < MC_ENROLLMENT_ORDERED)
    return TRUE;
  drive->checks = 0;
  for (;;) {
    McAction action;
    gboolean reloaded;

    if (!mc_flow_next (drive->flow, mc_runner_now (), &action, error) || !mc_drive_commit (drive, &reloaded, error))
      return FALSE;
    if (reloaded) {
      if (drive->held_until > mc_runner_now ())
        return TRUE;
      continue;
    }
    if (action.kind == MC_ACTION_NONE) {
      drive->wake = action.wake;
      drive->over = !mc_enrollment_is_open (drive->enrollment) && drive->busy == 0;
      return TRUE;
    }
    mc_port_start (drive, &action);
  }
}

gboolean
mc_drive_is_blocked (const McDrive *drive)
{
  const McEnrollment *e = drive->enrollment;

  if (drive->busy > 0 || drive->checks > 0)
    return FALSE;
  if (drive->over || !mc_enrollment_is_open (e))
    return drive->over || drive->lease == NULL;
  if (drive->lease == NULL) /* somebody else is at work on it */
    return FALSE;
  if (mc_problem_needs_a_person (e->problem))
    return TRUE;
  if (e->state == MC_ENROLLMENT_ISSUED)
    return TRUE; /* nothing under way: a keyring said no */
  return e->state < MC_ENROLLMENT_ORDERED && e->failures >= BLOCKED_FAILURES;
}
