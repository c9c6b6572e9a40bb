/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/runner-private.h"

#include "base/error.h"

#include <string.h>

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

/* Whose spool the challenge belongs into: To's, if it is ours. NULL without error: nobody's. Caller frees. */
static char *
challenged_address (McRunner *runner, const McMessage *mail, GError **error)
{
  g_autofree char *value = mc_message_value (mail, "To");
  g_autofree char *to = value != NULL ? mc_address_parse_one (value, strlen (value), NULL) : NULL;

  return to != NULL && is_ours (runner, to, error) ? g_steal_pointer (&to) : NULL;
}

/* The same for a bounce: whoever's reply it is about, however its To is written. */
static char *
bounced_address (McRunner *runner, const McMessage *mail, GError **error)
{
  g_autoptr (McBounce) bounce = mc_bounce_parse (mail);
  g_autoptr (GPtrArray) open = bounce != NULL ? mc_store_enrollments (runner->store, TRUE, error) : NULL;

  for (guint i = 0; open != NULL && i < open->len; i++) {
    const McEnrollmentAddress *address = mc_flow_bounced_address (g_ptr_array_index (open, i), bounce);

    if (address != NULL)
      return g_strdup (address->address);
  }
  return NULL;
}

static gboolean
keep (McRunner *runner, const char *to, GBytes *rfc822, GError **error)
{
  g_autoptr (GError) why = NULL;

  if (mc_store_spool (runner->store, to, rfc822, mc_runner_now (), &why) != 0)
    return TRUE;
  if (g_error_matches (why, MC_STORE_ERROR, MC_STORE_FULL)) {
    g_clear_error (&why);
    if (!mc_spool_make_room (runner, to, error))
      return FALSE;
    if (mc_store_spool (runner->store, to, rfc822, mc_runner_now (), &why) != 0)
      return TRUE;
  }
  if (g_error_matches (why, MC_STORE_ERROR, MC_STORE_FULL))
    g_set_error (error, MC_ERROR, MC_ERROR_LATER, "%s for %s, and are looked at first", why->message, to);
  else
    g_propagate_error (error, g_steal_pointer (&why));
  return FALSE;
}

/* Whose spool it belongs into: *TO, which the caller frees, is NULL where it is no mail for us. */
static gboolean
find_place (McRunner *runner, GBytes *rfc822, char **to, GError **error)
{
  gsize length;
  const char *bytes = g_bytes_get_data (rfc822, &length);
  const int kind = bytes != NULL && length <= MC_MESSAGE_MAX ? mc_peek (bytes, length) : MC_PEEK_NOTHING;
  g_autoptr (McMessage) mail = NULL;
  g_autoptr (GError) why = NULL;

  *to = NULL;
  if (kind == MC_PEEK_NOTHING)
    return TRUE;
  mail = mc_message_parse (rfc822);
  *to = kind == MC_PEEK_BOUNCE ? bounced_address (runner, mail, &why) : challenged_address (runner, mail, &why);
  if (why == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&why));
  return FALSE;
}

gboolean
mc_spool_take (McRunner *runner, GBytes *rfc822, gboolean *spooled, GError **error)
{
  g_autofree char *to = NULL;

  *spooled = FALSE;
  if (!find_place (runner, rfc822, &to, error))
    return FALSE;
  if (to == NULL)
    return TRUE;
  if (!keep (runner, to, rfc822, error))
    return FALSE;
  *spooled = TRUE;
  runner->spool_due = TRUE;
  return TRUE;
}

/* --- a mailbox offers each mail once: what there is no room for waits here, in the order of arrival --- */

/* Octets of all together. Forged ones cost their sender more than that, and each of them only until it is judged. */
#define CROWDED_MAX ((gsize)64 * 1024 * 1024)

static void
crowd_free (gpointer crowd)
{
  g_queue_free_full (crowd, (GDestroyNotify)g_bytes_unref);
}

GHashTable *
mc_spool_crowded_new (void)
{
  return g_hash_table_new_full (g_str_hash, g_str_equal, g_free, crowd_free);
}

static gboolean
put_off (McRunner *runner, const char *to, GBytes *rfc822)
{
  GQueue *crowd = g_hash_table_lookup (runner->crowded, to);

  if (g_bytes_get_size (rfc822) > CROWDED_MAX - runner->crowded_octets)
    return FALSE;
  if (crowd == NULL)
    g_hash_table_insert (runner->crowded, g_strdup (to), crowd = g_queue_new ());
  g_queue_push_tail (crowd, g_bytes_ref (rfc822));
  runner->crowded_octets += g_bytes_get_size (rfc822);
  return TRUE;
}

void
mc_spool_take_offered (McRunner *runner, GBytes *rfc822)
{
  g_autofree char *to = NULL;
  g_autoptr (GError) error = NULL;

  if (find_place (runner, rfc822, &to, &error) && to == NULL)
    return;
  if (to != NULL && !g_hash_table_contains (runner->crowded, to) && keep (runner, to, rfc822, &error))
    return;
  if (to == NULL || !put_off (runner, to, rfc822))
    g_warning ("a mail could not be kept: %s", error != NULL ? error->message : "too many wait already");
}

void
mc_spool_take_again (McRunner *runner)
{
  GHashTableIter iter;
  gpointer to, crowd;

  g_hash_table_iter_init (&iter, runner->crowded);
  while (g_hash_table_iter_next (&iter, &to, &crowd)) {
    GBytes *mail;

    while ((mail = g_queue_peek_head (crowd)) != NULL && keep (runner, to, mail, NULL)) {
      runner->spool_due = TRUE;
      runner->crowded_octets -= g_bytes_get_size (mail);
      g_bytes_unref (g_queue_pop_head (crowd));
    }
    if (g_queue_is_empty (crowd))
      g_hash_table_iter_remove (&iter);
  }
}

/* --- passing on --- */

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

/* The reply came back, says this mail: noted by whoever drives the order that it is about. *SETTLED: nothing more is to
 * come of it. */
static gboolean
note_bounce (McRunner *runner, GBytes *rfc822, gboolean *settled, GError **error)
{
  g_autoptr (McMessage) mail = mc_message_parse (rfc822);
  g_autoptr (McBounce) bounce = mc_bounce_parse (mail);
  McEvent event = {.kind = MC_EVENT_BOUNCE, .bounce = bounce};
  g_autofree char *address = NULL;
  g_autoptr (GError) why = NULL;

  for (guint i = 0; bounce != NULL && i < runner->drives->len; i++) {
    McDrive *drive = g_ptr_array_index (runner->drives, i);

    if (drive->flow != NULL && mc_flow_bounced_address (drive->enrollment, bounce) != NULL &&
        !mc_drive_feed (drive, &event, error))
      return FALSE;
  }
  address = bounced_address (runner, mail, &why); /* somebody else drives it, or wrote first */
  if (why != NULL) {
    g_propagate_error (error, g_steal_pointer (&why));
    return FALSE;
  }
  *settled = address == NULL;
  return TRUE;
}

/* What needs no look at a signature. *SETTLED: it leaves the spool. */
static gboolean
settle_early (McRunner *runner, const McSpooled *mail, gboolean *settled, GError **error)
{
  *settled = FALSE;
  if (mc_spool_is_bounce (mail->rfc822)) {
    if (!note_bounce (runner, mail->rfc822, settled, error))
      return FALSE;
    *settled = *settled || mc_runner_now () >= mail->at + MC_SPOOL_KEEP_SECONDS;
  } else
    *settled = was_answered (runner, mail->rfc822);
  return !*settled || mc_store_unspool (runner->store, mail->id, error);
}

/* Mail that nobody here waits for is kept for a while: its order may be another process's. */
static gboolean
set_aside (McRunner *runner, const GPtrArray *mails, GError **error)
{
  for (guint i = 0; i < mails->len; i++) {
    const McSpooled *mail = g_ptr_array_index (mails, i);

    if (!mc_unasked_judge (runner, mail) && mc_runner_now () >= mail->at + MC_SPOOL_KEEP_SECONDS &&
        !mc_store_unspool (runner->store, mail->id, error))
      return FALSE;
  }
  return TRUE;
}

/* All that is left for each address, in the order of arrival: judged together, so that of two that are genuine none is
 * answered before the other is known. */
static gboolean
judge_by_address (McRunner *runner, const GPtrArray *spooled, GError **error)
{
  g_autoptr (GHashTable) turns =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_ptr_array_unref);
  GHashTableIter iter;
  gpointer turn, mails;

  for (guint i = 0; i < spooled->len; i++) {
    McSpooled *mail = g_ptr_array_index (spooled, i);
    g_autofree char *key = mc_store_address_key (mail->address);

    mails = g_hash_table_lookup (turns, key);
    if (mails == NULL)
      g_hash_table_insert (turns, g_steal_pointer (&key), mails = g_ptr_array_new ());
    g_ptr_array_add (mails, mail);
  }
  g_hash_table_iter_init (&iter, turns);
  while (g_hash_table_iter_next (&iter, &turn, &mails)) {
    if (g_hash_table_contains (runner->judging, turn)) /* once more when that is over */
      g_hash_table_replace (runner->judging, g_strdup (turn), GINT_TO_POINTER (TRUE));
    else if (!mc_spool_judge_mails (runner, turn, mails) && !set_aside (runner, mails, error))
      return FALSE;
  }
  return TRUE;
}

gboolean
mc_spool_judge (McRunner *runner, GError **error)
{
  g_autoptr (GPtrArray) spooled = NULL;

  if (runner->spool_at > 0 && mc_runner_now () >= runner->spool_at) {
    runner->spool_at = 0;
    runner->spool_due = TRUE;
  }
  if (!runner->spool_due)
    return TRUE;
  mc_spool_take_again (runner); /* another process may have made room */
  runner->spool_due = FALSE;
  spooled = mc_store_spooled (runner->store, error);
  if (spooled == NULL)
    return FALSE;
  if (spooled->len > 0 && runner->dns == NULL) {
    runner->dns = mc_dns_new (runner->config->resolver, runner->config->dnssec_anchor, error);
    if (runner->dns == NULL)
      return FALSE;
  }
  for (guint i = 0; i < spooled->len;) {
    const McSpooled *mail = g_ptr_array_index (spooled, i);
    gboolean settled = g_hash_table_contains (runner->unanswered, &mail->id);

    if (!settled && !settle_early (runner, mail, &settled, error))
      return FALSE;
    if (settled || mc_spool_is_bounce (mail->rfc822))
      g_ptr_array_remove_index (spooled, i);
    else
      i++;
  }
  return judge_by_address (runner, spooled, error);
}

gboolean
mc_runner_spool (McRunner *runner, GBytes *rfc822, gboolean *spooled, GError **error)
{
  runner->spool_due = TRUE; /* where there is no room for it, those that are there are looked at */
  return mc_spool_take (runner, rfc822, spooled, error);
}
