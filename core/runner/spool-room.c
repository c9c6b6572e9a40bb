/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/runner-private.h"

#include "base/mutant.h"

/* A full spool: whoever writes to an address of ours can fill it with mail that looks like a challenge. What cannot be
 * one, by all that can be told without DNS, makes room; what may be one is never dropped for the sake of another. */

GArray *
mc_spool_waits (const McEnrollment *e)
{
  GArray *waits = g_array_new (FALSE, FALSE, sizeof (McWait));

  for (guint i = 0; i < e->addresses->len; i++) {
    const McEnrollmentAddress *address = mc_enrollment_address (e, i);
    const McWait wait = {.from = address->state >= MC_ADDRESS_AWAIT_MAIL ? address->from : NULL,
                         .to = address->address,
                         .since = mc_enrollment_ordered_since (e),
                         .until = e->deadline};

    if (address->state != MC_ADDRESS_VALID)
      g_array_append_val (waits, wait);
  }
  return waits;
}

static gboolean
is_refused (GBytes *rfc822, const McExpectation *expected, const McCaProfile *ca)
{
  McInspection *inspection = mc_verify (NULL, rfc822, expected, ca, mc_runner_now ());
  const McVerdictCode code = inspection->verdict.code;

  mc_inspection_free (inspection);
  return (code != MC_VERDICT_AUTHENTIC && !mc_verdict_is_passing (code)) || MC_MUTANT ("spool-dropped");
}

/* TRUE: no order that is open can ever take it. */
static gboolean
cannot_be_it (McRunner *runner, const GPtrArray *open, const McSpooled *mail)
{
  gboolean waited_for = FALSE;

  for (guint i = 0; i < open->len; i++) {
    const McEnrollment *e = g_ptr_array_index (open, i);
    g_autoptr (McCaProfile) ca = NULL;
    g_autoptr (GArray) waits = NULL;

    if (e->state > MC_ENROLLMENT_ORDERED || mc_enrollment_find (e, mail->address) == NULL)
      continue;
    ca = mc_runner_ca_of (runner, e, NULL);
    if (ca == NULL || !mc_verify_load_roots (ca, NULL)) /* by whose rules is not known just now */
      return FALSE;
    waited_for = TRUE;
    waits = mc_spool_waits (e);
    if (!is_refused (mail->rfc822,
                     &(McExpectation){.waits = (const McWait *)(gpointer)waits->data, .n_waits = waits->len}, ca))
      return FALSE;
  }
  return waited_for || is_refused (mail->rfc822, &(McExpectation){0}, NULL);
}

gboolean
mc_spool_is_bounce (GBytes *rfc822)
{
  gsize length;
  const char *bytes = g_bytes_get_data (rfc822, &length);

  return mc_peek (bytes, length) == MC_PEEK_BOUNCE;
}

gboolean
mc_spool_make_room (McRunner *runner, const char *address, GError **error)
{
  g_autoptr (GPtrArray) spooled = mc_store_spooled (runner->store, error);
  g_autoptr (GPtrArray) open = spooled != NULL ? mc_store_enrollments (runner->store, TRUE, error) : NULL;

  for (guint i = 0; open != NULL && i < spooled->len; i++) {
    const McSpooled *mail = g_ptr_array_index (spooled, i);

    if (mc_address_equal (mail->address, address) && !mc_spool_is_bounce (mail->rfc822) &&
        cannot_be_it (runner, open, mail) && !mc_store_unspool (runner->store, mail->id, error))
      return FALSE;
  }
  return open != NULL;
}
