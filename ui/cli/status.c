/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "detail.h"
#include "exit-status.h"
#include "json.h"
#include "keyring/keyring.h"
#include "flow/renewal.h"
#include "next.h"
#include "request.h"
#include "store/store.h"
#include "text.h"

#include <string.h>

static const McOption options[] = {
    {"renewal-due", 0, NULL, NULL,
     N_ ("only tell, by the exit status, whether a certificate is due for renewal: 0 yes, 1 no"), FALSE},
    {.name = NULL},
};

/* Every enrollment: what has become of one is seen in the others. */
static GPtrArray *
load (McCli *cli, GError **error)
{
  g_autoptr (McStore) store = mc_store_open (cli->config->data_dir, TRUE, error);

  return store != NULL ? mc_store_enrollments (store, FALSE, error) : NULL;
}

/* The operand's, all without one. */
static gboolean
concerns (const McCli *cli, const McEnrollment *e)
{
  const char *address = mc_cli_operand (cli, 0);

  return address == NULL || mc_enrollment_find (e, address) != NULL;
}

/* What the keyring itself says, all of it: -v only, for it runs the keyring's program. */
static void
say_entries (const McEnrollment *e, const McEnrollmentKeyring *keyring, gint64 now)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) entries = mc_keyring_list (keyring->spec, mc_enrollment_address (e, 0)->address, NULL, &error);

  if (entries == NULL)
    mc_detail_line ("    ", error->message);
  for (guint i = 0; entries != NULL && i < entries->len; i++) {
    const McKeyringEntry *entry = g_ptr_array_index (entries, i);
    g_autofree char *end = mc_text_time (entry->info->not_after, now);
    /* Translators: what a keyring calls the certificate (a fingerprint, a file's name), then a time. */
    g_autofree char *line = g_strdup_printf (
        entry->is_default ? _ ("%s, valid until %s: this one signs") : _ ("%s, valid until %s"), entry->key_id, end);

    mc_detail_line ("    ", line);
  }
}

/* What is shown with the certificate that it renews: what is under way or has failed to come. */
static gboolean
is_shown_elsewhere (const GPtrArray *all, guint index)
{
  for (guint i = 0; i < index; i++)
    if (!mc_renewal_is_past (all, i) &&
        ((McEnrollment *)g_ptr_array_index (all, i))->state == MC_ENROLLMENT_INSTALLED &&
        mc_renewal_attempt (all, i) == g_ptr_array_index (all, index))
      return TRUE;
  return FALSE;
}

/* The step that helps: where a renewal is under way, its own. */
static char *
say_renewal (McCli *cli, const GPtrArray *all, guint index, char *next_take, gint64 now)
{
  const McRenewal plan = mc_renewal_plan (all, index, now);
  g_autofree char *sentence = mc_text_renewal (all, index, now);
  g_autofree char *attempt = NULL;
  char *next = NULL;

  if (sentence != NULL)
    mc_detail_line ("  ", sentence);
  if (plan.state != MC_RENEWAL_OPEN)
    return next_take;
  attempt = mc_cli_sentence (cli->config, plan.attempt, now, &next);
  g_free (next_take);
  return next;
}

static void
say_enrollment (McCli *cli, const GPtrArray *all, guint index, gint64 now)
{
  const McEnrollment *e = g_ptr_array_index (all, index);
  g_autofree char *next = NULL;
  g_autofree char *sentence = mc_cli_sentence (cli->config, e, now, &next);
  g_autofree char *addresses = mc_text_addresses (e);
  g_autofree char *title = g_strdup_printf ("%s (%s)", addresses, e->ca);

  mc_detail_line ("", title);
  mc_detail_line ("  ", sentence);
  for (guint i = 0; e->state == MC_ENROLLMENT_ORDERED && e->addresses->len > 1 && i < e->addresses->len; i++) {
    g_autofree char *text = mc_text_address (e, mc_enrollment_address (e, i), now, NULL);

    mc_detail_line ("  - ", text);
  }
  next = say_renewal (cli, all, index, g_steal_pointer (&next), now);
  if (next != NULL) {
    g_autofree char *step = g_strdup_printf (_ ("Next: %s"), next);

    mc_detail_line ("  ", step);
  }
  for (guint i = 0; cli->verbose > 0 && i < e->keyrings->len; i++) {
    const McEnrollmentKeyring *keyring = g_ptr_array_index (e->keyrings, i);
    g_autofree char *text = mc_text_keyring (e, keyring, NULL);

    mc_detail_line ("  ", text);
    if (strcmp (keyring->state, "ready") == 0)
      say_entries (e, keyring, now);
  }
  if (cli->verbose > 0)
    mc_detail_say (e, now);
}

static void
say_all (McCli *cli, const GPtrArray *all, gint64 now)
{
  gboolean first = TRUE;

  if (all->len == 0) {
    mc_cli_say (stdout, _ ("There is no certificate here yet, and none has been asked for."));
    mc_cli_say (stdout, _ ("Next: mailcert get ADDRESS"));
  }
  for (guint i = 0; i < all->len; i++) {
    if (!concerns (cli, g_ptr_array_index (all, i)) ||
        (cli->verbose == 0 && (mc_renewal_is_past (all, i) || is_shown_elsewhere (all, i))))
      continue;
    if (!first)
      mc_cli_say (stdout, "");
    first = FALSE;
    say_enrollment (cli, all, i, now);
  }
}

static void
print_json (const McCli *cli, const GPtrArray *all, gint64 now, gboolean predicate, gboolean due)
{
  g_autoptr (McJson) report = mc_report_new ();
  g_autoptr (McJson) array = mc_json_array_new ();

  for (guint i = 0; i < all->len; i++) {
    g_autoptr (McJson) object = NULL;

    if (!concerns (cli, g_ptr_array_index (all, i)))
      continue;
    object = mc_report_enrollment (cli->config, g_ptr_array_index (all, i), now);
    mc_json_append (array, object);
  }
  if (predicate)
    mc_json_set_boolean (report, "renewal_due", due);
  mc_json_set (report, "enrollments", array);
  mc_report_print (report);
}

/* *KNOWN: is there a certificate at all. */
static gboolean
is_any_due (const McCli *cli, const GPtrArray *all, gint64 now, gboolean *known)
{
  gboolean due = FALSE;

  *known = FALSE;
  for (guint i = 0; i < all->len; i++) {
    const McEnrollment *e = g_ptr_array_index (all, i);

    if (e->chain == NULL || !concerns (cli, e) || mc_renewal_is_past (all, i))
      continue;
    *known = TRUE;
    if (e->state == MC_ENROLLMENT_INSTALLED && mc_renewal_plan (all, i, now).state == MC_RENEWAL_NONE)
      continue; /* another CA's newer one does all that it does, or it is revoked */
    due |= mc_renewal_is_due (e, now) || (!mc_enrollment_is_revoked (e) && mc_enrollment_is_compromised (all, e));
  }
  return due;
}

static int
tell_due (McCli *cli, const GPtrArray *all, gint64 now)
{
  const char *address = mc_cli_operand (cli, 0);
  GError *error = NULL;
  gboolean known;
  gboolean due = is_any_due (cli, all, now, &known);

  if (!known) {
    if (address != NULL)
      mc_cli_set_error (&error, MC_ERROR_NO_INPUT, _ ("There is no certificate for %s here."), address);
    else
      mc_cli_set_error (&error, MC_ERROR_NO_INPUT, _ ("There is no certificate here yet."));
    return mc_cli_fail (cli, error);
  }
  if (cli->json)
    print_json (cli, all, now, TRUE, due);
  else if (mc_cli_is_talkative (cli))
    mc_cli_say (stdout, due ? _ ("A certificate is due for renewal.") : _ ("No certificate is due for renewal."));
  return due ? MC_EXIT_DONE : MC_EXIT_NOT;
}

static int
run (McCli *cli)
{
  const char *address = mc_cli_operand (cli, 0);
  gint64 now = mc_cli_now ();
  GError *error = NULL;
  g_autoptr (GPtrArray) all = NULL;

  if (!mc_cli_load_config (cli, &error) || (address != NULL && !mc_request_check_known (cli, address, &error)))
    return mc_cli_fail (cli, error);
  all = load (cli, &error);
  if (all == NULL)
    return mc_cli_fail (cli, error);
  if (mc_cli_has (cli, "renewal-due"))
    return tell_due (cli, all, now);
  if (cli->json)
    print_json (cli, all, now, FALSE, FALSE);
  else if (!cli->quiet)
    say_all (cli, all, now);
  return MC_EXIT_DONE;
}

const McVerb mc_verb_status = {
    "status", "[ADDRESS]", 0, 1, "@address", N_ ("Says what there is, what it waits for, and what comes next."),
    options,  run};
