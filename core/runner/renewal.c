/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/renewal.h"

#include "base/error.h"
#include "runner/presence.h"
#include "runner/runner-private.h"

#include <string.h>

#define TELL_AGAIN (24 * 60 * 60)
#define WAKE_AGAIN                                                                                                     \
  (15 * 60) /* what could not be begun just now, the CA not being in the config, is not tried at once */

/* --- what is to be done --- */

/* mailcert itself sees the mail to all of its addresses. */
static gboolean
sees_mail (const McConfig *config, const McEnrollment *e)
{
  for (guint i = 0; i < e->addresses->len; i++) {
    const McMailAccount *account = mc_config_account (config, mc_enrollment_address (e, i)->address);

    if (account == NULL || account->imap == NULL)
      return FALSE;
  }
  return TRUE;
}

static gboolean
is_wanted (McStore *store, const McConfig *config, gboolean attended, const GPtrArray *all, guint index, McRenewHow how,
           gint64 now)
{
  const McRenewal plan = mc_renewal_plan (all, index, now);

  switch (plan.state) {
  case MC_RENEWAL_NONE:
  case MC_RENEWAL_OPEN:
    return FALSE;
  case MC_RENEWAL_LATER:
    return how == MC_RENEW_FORCED;
  case MC_RENEWAL_RESTS:
    return how != MC_RENEW_DUE;
  case MC_RENEWAL_DUE:
    break;
  }
  return how != MC_RENEW_DUE || attended || sees_mail (config, g_ptr_array_index (all, index)) ||
         mc_presence_is_recent (store, now);
}

/* The CA gives no second certificate while this one is valid. It is never revoked by a timer: before its end the person
 * is asked, and afterwards there is nothing to revoke. */
static gboolean
is_in_the_way (const McConfig *config, const McEnrollment *e, gint64 now)
{
  g_autoptr (McCaProfile) ca = mc_config_ca (config, e->ca, NULL);

  if (ca == NULL)
    ca = mc_config_ca (config, e->directory, NULL);
  return ca != NULL && ca->renew == MC_RENEW_REVOKE_FIRST && e->revoked_at == 0 && now < e->not_after;
}

static char *
tell_fact (const McEnrollment *e)
{
  return g_strdup_printf ("told-failing:%" G_GINT64_FORMAT, e->id);
}

/* Once a day. */
static gboolean
is_to_be_told (McStore *store, const GPtrArray *all, guint index, gint64 now)
{
  g_autofree char *fact = NULL;
  g_autofree char *told = NULL;
  gint64 at = 0;

  if (!mc_renewal_is_failing (all, index, now))
    return FALSE;
  fact = tell_fact (g_ptr_array_index (all, index));
  told = mc_store_fact (store, fact);
  return told == NULL || !g_ascii_string_to_signed (told, 10, 0, G_MAXINT64, &at, NULL) || at > now ||
         now - at >= TELL_AGAIN;
}

McRenewalList *
mc_renewal_list_new (McStore *store, const McConfig *config, gboolean attended, const char *address, McRenewHow how,
                     gint64 now, GError **error)
{
  g_autoptr (GPtrArray) all = mc_store_enrollments (store, FALSE, error);
  McRenewalList *list;

  if (all == NULL)
    return NULL;
  list = g_new0 (McRenewalList, 1);
  list->open = g_ptr_array_new ();
  list->fresh = g_ptr_array_new ();
  list->doomed = g_ptr_array_new ();
  list->checks = g_ptr_array_new ();
  list->tells = g_ptr_array_new ();
  for (guint i = 0; i < all->len; i++) {
    McEnrollment *e = g_ptr_array_index (all, i);
    const McRenewal plan = mc_renewal_plan (all, i, now);

    if (address != NULL && mc_enrollment_find (e, address) == NULL)
      continue;
    if (mc_enrollment_is_open (e))
      g_ptr_array_add (list->open, e);
    else if (is_wanted (store, config, attended, all, i, how, now) && !is_in_the_way (config, e, now))
      g_ptr_array_add (list->fresh, e);
    else if (how != MC_RENEW_DUE && is_wanted (store, config, attended, all, i, how, now))
      g_ptr_array_add (list->doomed, e);
    else if (plan.check_at != 0 && plan.check_at <= now)
      g_ptr_array_add (list->checks, e);
    if (how == MC_RENEW_DUE && is_to_be_told (store, all, i, now))
      g_ptr_array_add (list->tells, e);
  }
  list->all = g_steal_pointer (&all);
  return list;
}

gboolean
mc_renewal_list_is_empty (const McRenewalList *list)
{
  return list->open->len + list->fresh->len + list->doomed->len + list->checks->len + list->tells->len == 0;
}

void
mc_renewal_list_free (McRenewalList *list)
{
  if (list == NULL)
    return;
  g_ptr_array_unref (list->open);
  g_ptr_array_unref (list->fresh);
  g_ptr_array_unref (list->doomed);
  g_ptr_array_unref (list->checks);
  g_ptr_array_unref (list->tells);
  g_ptr_array_unref (list->all);
  g_free (list);
}

/* --- doing it --- */

/* The CA by its name, which may lead elsewhere by now; else where the certificate came from. */
static gboolean
choose_ca (const McConfig *config, McEnrollment *order, GError **error)
{
  g_autoptr (McCaProfile) ca = mc_config_ca (config, order->ca, NULL);

  if (ca == NULL)
    ca = mc_config_ca (config, order->directory, error);
  if (ca == NULL)
    return FALSE;
  if (!g_str_equal (ca->directory, order->directory)) { /* another CA knows nothing of the certificate */
    g_free (order->directory);
    order->directory = g_strdup (ca->directory);
    g_clear_pointer (&order->replaces, g_free);
  }
  g_free (order->ca);
  order->ca = g_strdup (ca->name);
  return TRUE;
}

/* Of the attempts that came to nothing the last one tells why; what the others knew stands in its tries. A key whose
 * CSR has left stays: there may be a certificate somewhere. */
static gboolean
forget_attempts (McStore *store, const GPtrArray *all, guint index, GError **error)
{
  const McEnrollment *last = mc_renewal_attempt (all, index);

  for (guint i = index + 1; last != NULL && i < all->len; i++) {
    const McEnrollment *attempt = g_ptr_array_index (all, i);

    if (attempt == last || attempt->chain != NULL || attempt->csr != NULL || attempt->abandoned->len > 0 ||
        mc_enrollment_is_open (attempt) || !mc_renewal_is_same (g_ptr_array_index (all, index), attempt))
      continue;
    if (!mc_store_forget (store, attempt->id, TRUE, error))
      return FALSE;
  }
  return TRUE;
}

static gboolean
follow_new (McRunner *runner, gint64 id, GArray *ids, GError **error)
{
  if (!mc_runner_follow (runner, id, error))
    return FALSE;
  if (ids != NULL)
    g_array_append_val (ids, id);
  return TRUE;
}

static gboolean
order_one (McRunner *runner, McRenewalList *list, guint index, GArray *ids, GError **error)
{
  const gint64 now = mc_runner_now ();
  McEnrollment *order = mc_renewal_order (list->all, index, runner->config->reuse_key, now);
  gboolean ok = choose_ca (runner->config, order, error);

  if (ok) {
    order->after = mc_renewal_goes_after (list->all, order);
    ok = forget_attempts (runner->store, list->all, index, error) && mc_store_save (runner->store, order, NULL, error);
  }
  if (!ok) {
    mc_enrollment_free (order);
    return FALSE;
  }
  g_ptr_array_add (list->all, order); /* the next one sees it */
  return follow_new (runner, order->id, ids, error);
}

/* A certificate that is INSTALLED, once more: for its renewal information. */
static gboolean
follow_check (McRunner *runner, gint64 id, GError **error)
{
  McDrive *drive = mc_runner_drive (runner, id);

  if (drive == NULL)
    return mc_runner_follow (runner, id, error);
  drive->over = FALSE;
  return drive->busy > 0 || mc_drive_load (drive, error);
}

static gboolean
tell_failing (McRunner *runner, const McRenewalList *list, const McEnrollment *e, GError **error)
{
  g_autofree char *fact = tell_fact (e);
  g_autofree char *at = g_strdup_printf ("%" G_GINT64_FORMAT, mc_runner_now ());
  guint index = 0;

  g_ptr_array_find (list->all, e, &index);
  if (!mc_store_set_fact (runner->store, fact, at, error))
    return FALSE;
  mc_occasion_renewal_failing (runner, e, mc_renewal_attempt (list->all, index));
  return TRUE;
}

/* Passed over where another can be done; said where it is the only one. */
static void
keep_first (GError **first, GError *error_take)
{
  g_warning ("%s", error_take->message);
  if (*first == NULL)
    *first = error_take;
  else
    g_error_free (error_take);
}

static gboolean
is_for_good (const GError *error)
{
  return g_error_matches (error, MC_ERROR, MC_ERROR_CONFIG);
}

/* Each in turn: what one order changes decides about the next. */
static gboolean
order_fresh (McRunner *runner, McRenewalList *list, McRenewHow how, GArray *ids, GError **first, GError **error)
{
  const gboolean attended = runner->adapter.inbox != NULL || runner->adapter.attended;

  for (guint i = 0; i < list->fresh->len; i++) {
    GError *why = NULL;
    guint index = 0;

    g_ptr_array_find (list->all, g_ptr_array_index (list->fresh, i), &index);
    if (!is_wanted (runner->store, runner->config, attended, list->all, index, how, mc_runner_now ()) ||
        order_one (runner, list, index, ids, &why))
      continue;
    if (!is_for_good (why)) {
      g_propagate_error (error, why);
      return FALSE;
    }
    keep_first (first, why);
  }
  return TRUE;
}

static gboolean
follow_listed (McRunner *runner, const McRenewalList *list, GArray *ids, GError **first, GError **error)
{
  for (guint i = 0; i < list->open->len; i++)
    if (!follow_new (runner, ((McEnrollment *)g_ptr_array_index (list->open, i))->id, ids, error))
      return FALSE;
  for (guint i = 0; i < list->checks->len; i++) {
    GError *why = NULL;

    if (follow_check (runner, ((McEnrollment *)g_ptr_array_index (list->checks, i))->id, &why))
      continue;
    if (!is_for_good (why)) {
      g_propagate_error (error, why);
      return FALSE;
    }
    keep_first (first, why);
  }
  for (guint i = 0; i < list->tells->len; i++)
    if (!tell_failing (runner, list, g_ptr_array_index (list->tells, i), error))
      return FALSE;
  return TRUE;
}

gboolean
mc_runner_renew (McRunner *runner, const char *address, McRenewHow how, GArray *ids, GError **error)
{
  const gboolean attended = runner->adapter.inbox != NULL || runner->adapter.attended;
  g_autoptr (McLease) turn = mc_lease_wait (runner->store, error);
  g_autoptr (McRenewalList) list = NULL;
  g_autoptr (GError) first = NULL;
  const guint before = runner->drives->len;

  if (turn != NULL)
    list = mc_renewal_list_new (runner->store, runner->config, attended, address, how, mc_runner_now (), error);
  if (list == NULL)
    return FALSE;
  runner->renews = runner->renews || how == MC_RENEW_DUE;
  if (!follow_listed (runner, list, ids, &first, error) || !order_fresh (runner, list, how, ids, &first, error))
    return FALSE;
  if (first == NULL || runner->drives->len > before || list->open->len > 0)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&first));
  return FALSE;
}

gboolean
mc_runner_renewal_wake (McRunner *runner, gint64 *wake, GError **error)
{
  g_autoptr (GPtrArray) all = mc_store_enrollments (runner->store, FALSE, error);
  const gint64 now = mc_runner_now ();

  if (all == NULL)
    return FALSE;
  *wake = mc_renewal_wake (all, now);
  if (*wake != 0 && *wake < now + WAKE_AGAIN)
    *wake = now + WAKE_AGAIN;
  return TRUE;
}
