/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/runner-private.h"

#include "base/error.h"

#include <string.h>

#define DNS_RETRY_SECONDS 30
#define SPOOL_KEEP_SECONDS MC_FLOW_MAIL_SECONDS /* no Random Value lives longer (H04) */

/* --- taking --- */

static gboolean
is_ours (McRunner *runner, const char *address, GError **error)
{
  g_autoptr (GPtrArray) open = NULL;

  if (mc_config_account (runner->config, address) != NULL)
    return TRUE;
  open = mc_store_enrollments (runner->store, TRUE, error);
  for (guint i = 0; open != NULL && i < open->len; i++) {
    const McEnrollment *e = g_ptr_array_index (open, i);

    for (guint j = 0; j < e->addresses->len; j++)
      if (mc_address_equal (mc_enrollment_address (e, j)->address, address))
        return TRUE;
  }
  return FALSE;
}

gboolean
mc_spool_take (McRunner *runner, GBytes *rfc822, gboolean *spooled, GError **error)
{
  gsize length;
  const char *bytes = g_bytes_get_data (rfc822, &length);
  g_autoptr (McMessage) mail = NULL;
  g_autofree char *value = NULL;
  g_autofree char *to = NULL;
  g_autoptr (GError) why = NULL;

  *spooled = FALSE;
  if (bytes == NULL || length > MC_MESSAGE_MAX || !mc_peek (bytes, length))
    return TRUE;
  mail = mc_message_parse (rfc822);
  value = mc_message_value (mail, "To");
  to = value != NULL ? mc_address_parse_one (value, strlen (value), NULL) : NULL;
  if (to == NULL || !is_ours (runner, to, &why)) {
    if (why != NULL)
      g_propagate_error (error, g_steal_pointer (&why));
    return why == NULL && (error == NULL || *error == NULL);
  }
  if (mc_store_spool (runner->store, to, rfc822, mc_runner_now (), error) == 0)
    return FALSE;
  *spooled = TRUE;
  runner->spool_due = TRUE;
  return TRUE;
}

/* --- judging, on a worker --- */

/* What one drive waits for, copied for the worker. */
typedef struct {
  gint64 drive_id;
  McCaProfile *ca;
  GArray *waits; /* of McWait, with strings of strings */
  GPtrArray *strings;
} McHope;

typedef struct {
  McJob job;
  gint64 spool_id;
  gint64 spooled_at;
  GBytes *rfc822;
  GPtrArray *hopes; /* of McHope */
  McInspection *best;
  gint64 best_drive;
  gboolean allowed; /* the person has said yes to this one */
} McJudgeJob;

static void
hope_free (gpointer p)
{
  McHope *hope = p;

  mc_ca_profile_free (hope->ca);
  g_array_unref (hope->waits);
  g_ptr_array_unref (hope->strings);
  g_free (hope);
}

static const char *
keep (McHope *hope, const char *text)
{
  char *copy = g_strdup (text);

  if (copy != NULL)
    g_ptr_array_add (hope->strings, copy);
  return copy;
}

/* Addresses that wait, or whose authorization may still come (a challenge can outrun the order's answer), or that were
 * answered and not judged yet: a second genuine challenge casts doubt on which of them was the right one. */
static McHope *
hope_of (const McDrive *drive)
{
  const McEnrollment *e = drive->enrollment;
  McHope *hope = g_new0 (McHope, 1);

  hope->drive_id = drive->id;
  hope->ca = mc_ca_profile_copy (drive->ca);
  hope->waits = g_array_new (FALSE, FALSE, sizeof (McWait));
  hope->strings = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < e->addresses->len; i++) {
    const McEnrollmentAddress *address = mc_enrollment_address (e, i);
    McWait wait = {.since = e->ordered_at, .until = e->deadline};

    if (address->state == MC_ADDRESS_VALID)
      continue;
    wait.to = keep (hope, address->address);
    wait.from = address->state >= MC_ADDRESS_AWAIT_MAIL ? keep (hope, address->from) : NULL;
    g_array_append_val (hope->waits, wait);
  }
  return hope;
}

static void
judge_run (McJob *job)
{
  McJudgeJob *self = (McJudgeJob *)job;

  /* Each enrollment by its own CA's rules; the best verdict counts: authentic comes last in the order of codes. */
  for (guint i = 0; i < self->hopes->len; i++) {
    const McHope *hope = g_ptr_array_index (self->hopes, i);
    McExpectation expected = {
        .waits = (const McWait *)(gpointer)hope->waits->data,
        .n_waits = hope->waits->len,
    };
    McInspection *inspection = mc_verify (job->runner->dns, self->rfc822, &expected, hope->ca, mc_runner_now ());

    if (self->best == NULL || inspection->verdict.code > self->best->verdict.code) {
      mc_inspection_free (self->best);
      self->best = inspection;
      self->best_drive = hope->drive_id;
    } else
      mc_inspection_free (inspection);
  }
}

/* The mail that was waited for: into the flow, committed, and only then out of the spool. */
static gboolean
use (McJudgeJob *self, McDrive *drive, GError **error)
{
  const McChallenge *challenge = self->best->challenge;
  g_autofree char *signer = mc_verify_signer (&self->best->verdict);
  McEvent event = {.kind = MC_EVENT_CHALLENGE, .address = challenge->to, .challenge = challenge, .signed_by = signer};

  return mc_drive_feed (drive, &event, error);
}

static gboolean
still_waits (const McDrive *drive, const char *to)
{
  const McEnrollmentAddress *address = mc_enrollment_find (drive->enrollment, to);

  return drive->enrollment->state == MC_ENROLLMENT_ORDERED && address != NULL &&
         address->state == MC_ADDRESS_AWAIT_MAIL;
}

/* Another open order, of this process or not, whose challenge it may be: that one cannot say so before it knows its
 * authorization, or before our wait for the same pair is over. */
static gboolean
may_be_for_another (McRunner *runner, const McDrive *drive, const McChallenge *challenge)
{
  g_autoptr (GPtrArray) open = mc_store_enrollments (runner->store, TRUE, NULL);

  for (guint i = 0; open != NULL && i < open->len; i++) {
    const McEnrollment *e = g_ptr_array_index (open, i);
    const McEnrollmentAddress *address = mc_enrollment_find (e, challenge->to);

    if (e->id != drive->id && e->ordered_at != 0 && e->state <= MC_ENROLLMENT_ORDERED && address != NULL &&
        address->state <= MC_ADDRESS_AWAIT_MAIL &&
        (address->from == NULL || mc_address_equal (address->from, challenge->from)))
      return TRUE;
  }
  return FALSE;
}

/* Logged without its token (A44): the code and the Message-ID are enough to find it. */
static void
log_refusal (McDrive *drive, const McInspection *inspection)
{
  if (drive != NULL)
    g_info ("enrollment %" G_GINT64_FORMAT ": mail %s not answered: %s", drive->id,
            inspection->challenge->message_id != NULL ? inspection->challenge->message_id : "without Message-ID",
            mc_verdict_name (inspection->verdict.code));
}

static void
id_set_add (GHashTable *set, gint64 id)
{
  g_hash_table_add (set, g_memdup2 (&id, sizeof id));
}

/* auto-answer = false: the mail waits in the spool until somebody says yes; it is judged anew then, and answered. */
static void
asked_to_answer (McRunner *runner, McAnswer answer, gpointer data)
{
  g_autofree gint64 *id = data;

  if (answer != MC_ANSWER_YES)
    return;
  id_set_add (runner->allowed, *id);
  g_hash_table_remove (runner->unanswered, id);
  runner->spool_due = TRUE;
}

static void
ask_first (const McJudgeJob *self, const McDrive *drive)
{
  g_autofree char *signer = mc_verify_signer (&self->best->verdict);
  McQuestion question = {
      .kind = MC_QUESTION_ANSWER, .ca = drive->enrollment->ca, .name = signer, .address = self->best->challenge->to};

  id_set_add (drive->runner->unanswered, self->spool_id); /* asked once */
  mc_runner_ask (drive->runner, &question, asked_to_answer, g_memdup2 (&self->spool_id, sizeof self->spool_id));
}

static void
judge_done (McJob *job)
{
  McJudgeJob *self = (McJudgeJob *)job;
  McRunner *runner = job->runner;
  const gint64 now = mc_runner_now ();
  McDrive *drive = mc_runner_drive (runner, self->best_drive);
  const gboolean in_time = now < self->spooled_at + SPOOL_KEEP_SECONDS;
  gboolean final = TRUE;
  g_autoptr (GError) error = NULL;

  g_hash_table_remove (runner->judging, &self->spool_id);
  if (self->best == NULL)
    return;
  if (self->best->verdict.code == MC_VERDICT_AUTHENTIC) {
    if (drive == NULL || drive->flow == NULL)
      return; /* stays in the spool for whoever drives it next */
    if (!runner->config->auto_answer && !self->allowed && still_waits (drive, self->best->challenge->to)) {
      ask_first (self, drive);
      return;
    }
    if (!use (self, drive, &error)) {
      g_warning ("a challenge could not be used: %s", error->message);
      final = error->domain == MC_ERROR && error->code == MC_ERROR_MALFORMED;
    } else if (still_waits (drive, self->best->challenge->to)) {
      /* Somebody else wrote first, and the record was loaded again: the mail is judged against that one. */
      runner->spool_due = TRUE;
      return;
    } else
      final = !in_time || mc_verify_was_answered (runner->store, self->best->challenge) ||
              !may_be_for_another (runner, drive, self->best->challenge);
  } else if (mc_verdict_is_passing (self->best->verdict.code) && in_time) {
    final = FALSE;
    if (self->best->verdict.code == MC_VERDICT_DNS_UNAVAILABLE)
      runner->spool_at = now + DNS_RETRY_SECONDS;
  } else
    log_refusal (drive, self->best);
  if (final && !mc_store_unspool (runner->store, self->spool_id, &error))
    g_debug ("spool: %s", error->message); /* judged again next time: a challenge is answered once all the same */
}

static void
judge_free (McJob *job)
{
  McJudgeJob *self = (McJudgeJob *)job;

  g_bytes_unref (self->rfc822);
  g_ptr_array_unref (self->hopes);
  mc_inspection_free (self->best);
  g_free (self);
}

/* What was answered is done with (A13). Asked here, since the store belongs to the loop's thread. */
static gboolean
was_answered (McRunner *runner, GBytes *rfc822)
{
  g_autoptr (McMessage) mail = mc_message_parse (rfc822);
  g_auto (McVerdict) shape = {0};
  g_autoptr (McChallenge) challenge = NULL;

  mc_verdict_init (&shape);
  challenge = mc_challenge_parse (mail, &shape);
  return mc_verify_was_answered (runner->store, challenge);
}

/* Who waits for it stands first: of equal verdicts the first one counts. */
static GPtrArray *
hopes_for (McRunner *runner, const char *to)
{
  GPtrArray *hopes = g_ptr_array_new_with_free_func (hope_free);

  for (guint i = 0; i < runner->drives->len; i++) {
    const McDrive *drive = g_ptr_array_index (runner->drives, i);
    const McEnrollmentAddress *address = mc_enrollment_find (drive->enrollment, to);

    if (drive->flow == NULL || !mc_enrollment_is_open (drive->enrollment) ||
        drive->enrollment->state > MC_ENROLLMENT_ORDERED || address == NULL)
      continue;
    g_ptr_array_insert (hopes, address->state > MC_ADDRESS_AWAIT_MAIL ? -1 : 0, hope_of (drive));
  }
  return hopes;
}

static gboolean
judge (McRunner *runner, const McSpooled *spooled)
{
  g_autoptr (GPtrArray) hopes = hopes_for (runner, spooled->address);
  McJudgeJob *self;

  if (hopes->len == 0)
    return mc_unasked_judge (runner, spooled);
  self = g_new0 (McJudgeJob, 1);
  self->job = (McJob){.run = judge_run, .done = judge_done, .free = judge_free};
  self->spool_id = spooled->id;
  self->spooled_at = spooled->at;
  self->rfc822 = g_bytes_ref (spooled->rfc822);
  self->hopes = g_steal_pointer (&hopes);
  self->allowed = g_hash_table_contains (runner->allowed, &spooled->id);
  id_set_add (runner->judging, spooled->id);
  mc_runner_start_job (runner, &self->job);
  return TRUE;
}

gboolean
mc_spool_judge (McRunner *runner, GError **error)
{
  const gint64 now = mc_runner_now ();
  g_autoptr (GPtrArray) spooled = NULL;

  if (runner->spool_at > 0 && now >= runner->spool_at) {
    runner->spool_at = 0;
    runner->spool_due = TRUE;
  }
  if (!runner->spool_due)
    return TRUE;
  runner->spool_due = FALSE;
  spooled = mc_store_spooled (runner->store, error);
  if (spooled == NULL)
    return FALSE;
  if (spooled->len > 0 && runner->dns == NULL) {
    runner->dns = mc_dns_new (runner->config->resolver, runner->config->dnssec_anchor, error);
    if (runner->dns == NULL)
      return FALSE;
  }
  for (guint i = 0; i < spooled->len; i++) {
    const McSpooled *mail = g_ptr_array_index (spooled, i);

    if (g_hash_table_contains (runner->judging, &mail->id) || g_hash_table_contains (runner->unanswered, &mail->id))
      continue;
    if (was_answered (runner, mail->rfc822) || (!judge (runner, mail) && now >= mail->at + SPOOL_KEEP_SECONDS)) {
      if (!mc_store_unspool (runner->store, mail->id, error))
        return FALSE;
    }
  }
  return TRUE;
}

gboolean
mc_runner_spool (McRunner *runner, GBytes *rfc822, gboolean *spooled, GError **error)
{
  return mc_spool_take (runner, rfc822, spooled, error);
}
