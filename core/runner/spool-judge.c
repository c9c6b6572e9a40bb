/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/runner-private.h"

#include "base/error.h"

/* What may be a challenge to one address, judged on a worker. */

#define DNS_RETRY_SECONDS 30

/* What one drive waits for, copied for the worker. */
typedef struct {
  gint64 drive_id;
  McCaProfile *ca;
  GArray *waits; /* of McWait, with strings of strings */
  GPtrArray *strings;
} McHope;

typedef struct {
  gint64 id;
  gint64 at;
  GBytes *rfc822;
  McInspection *best;
  gint64 best_drive;
  gint64 distance;  /* of a genuine one to its order; the others stand first */
  gboolean allowed; /* the person has said yes to this one */
} McJudged;

typedef struct {
  McJob job;
  char *turn;
  GPtrArray *mails; /* of McJudged, in the order of arrival */
  GPtrArray *hopes; /* of McHope */
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
  hope->waits = mc_spool_waits (e);
  hope->strings = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < hope->waits->len; i++) {
    McWait *wait = &g_array_index (hope->waits, McWait, i);

    wait->to = keep (hope, wait->to);
    wait->from = keep (hope, wait->from);
  }
  return hope;
}

/* Each enrollment by its own CA's rules; the best verdict counts: authentic comes last in the order of codes. */
static void
judge_one (const McJudgeJob *self, McJudged *mail)
{
  for (guint i = 0; i < self->hopes->len; i++) {
    const McHope *hope = g_ptr_array_index (self->hopes, i);
    McExpectation expected = {
        .waits = (const McWait *)(gpointer)hope->waits->data,
        .n_waits = hope->waits->len,
    };
    McInspection *inspection = mc_verify (self->job.runner->dns, mail->rfc822, &expected, hope->ca, mc_runner_now ());

    if (mail->best == NULL || inspection->verdict.code > mail->best->verdict.code) {
      mc_inspection_free (mail->best);
      mail->best = inspection;
      mail->best_drive = hope->drive_id;
    } else
      mc_inspection_free (inspection);
  }
}

static void
judge_run (McJob *job)
{
  McJudgeJob *self = (McJudgeJob *)job;

  for (guint i = 0; i < self->mails->len; i++)
    judge_one (self, g_ptr_array_index (self->mails, i));
}

/* The mail that was waited for: into the flow, committed, and only then out of the spool. */
static gboolean
use (const McJudged *mail, McDrive *drive, GError **error)
{
  const McChallenge *challenge = mail->best->challenge;
  g_autofree char *signer = mc_verify_signer (&mail->best->verdict);
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
ask_first (const McJudged *mail, const McDrive *drive)
{
  g_autofree char *signer = mc_verify_signer (&mail->best->verdict);
  McQuestion question = {
      .kind = MC_QUESTION_ANSWER, .ca = drive->enrollment->ca, .name = signer, .address = mail->best->challenge->to};

  id_set_add (drive->runner->unanswered, mail->id); /* asked once */
  mc_runner_ask (drive->runner, &question, asked_to_answer, g_memdup2 (&mail->id, sizeof mail->id));
}

/* Of a genuine one. *FINAL: it leaves the spool. */
static void
take_challenge (McRunner *runner, const McJudged *mail, McDrive *drive, gboolean in_time, gboolean *final)
{
  const McChallenge *challenge = mail->best->challenge;
  g_autoptr (GError) error = NULL;

  *final = FALSE;
  if (drive == NULL || drive->flow == NULL)
    return; /* stays in the spool for whoever drives it next */
  if (!runner->config->auto_answer && !mail->allowed && still_waits (drive, challenge->to)) {
    ask_first (mail, drive);
    return;
  }
  if (!use (mail, drive, &error)) {
    g_warning ("a challenge could not be used: %s", error->message);
    *final = error->domain == MC_ERROR && error->code == MC_ERROR_MALFORMED;
  } else if (still_waits (drive, challenge->to)) {
    /* Somebody else wrote first, and the record was loaded again: the mail is judged against that one. */
    runner->spool_due = TRUE;
  } else
    *final =
        !in_time || mc_verify_was_answered (runner->store, challenge) || !may_be_for_another (runner, drive, challenge);
}

static void
settle (McRunner *runner, const McJudged *mail)
{
  const gint64 now = mc_runner_now ();
  McDrive *drive = mc_runner_drive (runner, mail->best_drive);
  const gboolean in_time = now < mail->at + MC_SPOOL_KEEP_SECONDS;
  gboolean final = TRUE;
  g_autoptr (GError) error = NULL;

  if (mail->best->verdict.code == MC_VERDICT_AUTHENTIC)
    take_challenge (runner, mail, drive, in_time, &final);
  else if (mc_verdict_is_passing (mail->best->verdict.code) && in_time) {
    final = FALSE;
    if (mail->best->verdict.code == MC_VERDICT_DNS_UNAVAILABLE)
      runner->spool_at = now + DNS_RETRY_SECONDS;
  } else
    log_refusal (drive, mail->best);
  if (final && !mc_store_unspool (runner->store, mail->id, &error))
    g_debug ("spool: %s", error->message); /* judged again next time: a challenge is answered once all the same */
}

static gint64
distance_of (McRunner *runner, const McJudged *mail)
{
  const McDrive *drive = mc_runner_drive (runner, mail->best_drive);

  if (mail->best->verdict.code != MC_VERDICT_AUTHENTIC)
    return -1;
  return drive != NULL ? mc_flow_challenge_distance (drive->enrollment, mail->best->challenge) : G_MAXINT64;
}

static gint
compare_distance (gconstpointer a, gconstpointer b)
{
  const McJudged *const *x = a;
  const McJudged *const *y = b;

  return ((*x)->distance > (*y)->distance) - ((*x)->distance < (*y)->distance);
}

/* T-08: one answer for one pair. Of several that are genuine the one that fits the order best is answered, where they
 * fit alike the oldest (the sort is stable); the others then cast doubt on that answer, before it has left. */
static void
judge_done (McJob *job)
{
  McJudgeJob *self = (McJudgeJob *)job;
  McRunner *runner = job->runner;

  runner->spool_due = runner->spool_due || g_hash_table_lookup (runner->judging, self->turn) != NULL;
  g_hash_table_remove (runner->judging, self->turn);
  for (guint i = 0; i < self->mails->len; i++) {
    McJudged *mail = g_ptr_array_index (self->mails, i);

    mail->distance = distance_of (runner, mail);
  }
  g_ptr_array_sort (self->mails, compare_distance);
  for (guint i = 0; i < self->mails->len; i++)
    settle (runner, g_ptr_array_index (self->mails, i));
  mc_spool_take_again (runner);
}

static void
judged_free (gpointer p)
{
  McJudged *mail = p;

  g_bytes_unref (mail->rfc822);
  mc_inspection_free (mail->best);
  g_free (mail);
}

static void
judge_free (McJob *job)
{
  McJudgeJob *self = (McJudgeJob *)job;

  g_ptr_array_unref (self->mails);
  g_ptr_array_unref (self->hopes);
  g_free (self->turn);
  g_free (self);
}

/* Who waits for them stands first: of equal verdicts the first one counts. */
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

gboolean
mc_spool_judge_mails (McRunner *runner, const char *turn, const GPtrArray *mails)
{
  g_autoptr (GPtrArray) hopes = hopes_for (runner, ((const McSpooled *)g_ptr_array_index (mails, 0))->address);
  McJudgeJob *self;

  if (hopes->len == 0)
    return FALSE;
  self = g_new0 (McJudgeJob, 1);
  self->job = (McJob){.run = judge_run, .done = judge_done, .free = judge_free};
  self->turn = g_strdup (turn);
  self->hopes = g_steal_pointer (&hopes);
  self->mails = g_ptr_array_new_with_free_func (judged_free);
  for (guint i = 0; i < mails->len; i++) {
    const McSpooled *spooled = g_ptr_array_index (mails, i);
    McJudged *mail = g_new0 (McJudged, 1);

    mail->id = spooled->id;
    mail->at = spooled->at;
    mail->rfc822 = g_bytes_ref (spooled->rfc822);
    mail->allowed = g_hash_table_contains (runner->allowed, &spooled->id);
    g_ptr_array_add (self->mails, mail);
  }
  g_hash_table_insert (runner->judging, g_strdup (turn), NULL);
  mc_runner_start_job (runner, &self->job);
  return TRUE;
}
