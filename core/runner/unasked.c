/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/runner-private.h"

/* A challenge in the spool while nothing is open for its address: is it genuine all the same? Then somebody else has
 * asked for a certificate in our person's name, who has to hear of it. */

typedef struct {
  McJob job;
  gint64 spool_id;
  GBytes *rfc822;
  McInspection *inspection;
} McUnaskedJob;

static void
unasked_run (McJob *job)
{
  McUnaskedJob *self = (McUnaskedJob *)job;
  const McExpectation nothing = {.report_only = TRUE}; /* it is not answered, whatever the verdict */

  self->inspection = mc_verify (job->runner->dns, self->rfc822, &nothing, NULL, mc_runner_now ());
}

static void
unasked_done (McJob *job)
{
  McUnaskedJob *self = (McUnaskedJob *)job;
  McRunner *runner = job->runner;
  g_autoptr (GError) error = NULL;

  g_hash_table_remove (runner->unasked, &self->spool_id);
  if (self->inspection->verdict.code == MC_VERDICT_DNS_UNAVAILABLE) { /* the next run looks again */
    g_hash_table_add (runner->unanswered, g_memdup2 (&self->spool_id, sizeof self->spool_id));
    return;
  }
  /* Out of the spool first: told once at most. */
  if (!mc_store_unspool (runner->store, self->spool_id, &error))
    g_debug ("spool: %s", error->message);
  else if (self->inspection->verdict.code == MC_VERDICT_AUTHENTIC)
    mc_occasion_unasked (runner, self->inspection);
}

static void
unasked_free (McJob *job)
{
  McUnaskedJob *self = (McUnaskedJob *)job;

  g_bytes_unref (self->rfc822);
  mc_inspection_free (self->inspection);
  g_free (self);
}

/* In any process; where that cannot be said, something is. */
static gboolean
is_anything_open_for (McRunner *runner, const char *address)
{
  g_autoptr (GPtrArray) open = mc_store_enrollments (runner->store, TRUE, NULL);

  for (guint i = 0; open != NULL && i < open->len; i++)
    if (mc_enrollment_find (g_ptr_array_index (open, i), address) != NULL)
      return TRUE;
  return open == NULL;
}

gboolean
mc_unasked_judge (McRunner *runner, const McSpooled *spooled)
{
  McUnaskedJob *self;

  if (g_hash_table_contains (runner->unasked, &spooled->id))
    return TRUE;
  if (runner->tell == NULL || is_anything_open_for (runner, spooled->address))
    return FALSE;
  self = g_new0 (McUnaskedJob, 1);
  self->job = (McJob){.run = unasked_run, .done = unasked_done, .free = unasked_free};
  self->spool_id = spooled->id;
  self->rfc822 = g_bytes_ref (spooled->rfc822);
  g_hash_table_add (runner->unasked, g_memdup2 (&spooled->id, sizeof spooled->id));
  mc_runner_start_job (runner, &self->job);
  return TRUE;
}
