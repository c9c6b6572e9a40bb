/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/json.h"
#include "base/secret.h"
#include "pursuit.h"
#include "exit-status.h"
#include "json.h"
#include "lifetime.h"
#include "prompt.h"
#include "request.h"
#include "store/store.h"
#include "text.h"

#include <string.h>

#define ADAPTER_IS_RECENT (7 * 24 * 60 * 60) /* DESIGN 2: an order is opened only if someone can finish it */
#define TRY_AGAIN_AFTER (6 * 60 * 60)        /* a timer does not knock at the door of a CA that has just said no */

static const McOption options[] = {
    {"due", 0, NULL, NULL,
     N_ ("for timers: only what is due, only where somebody can finish it, and not right after a failure"), FALSE},
    {"force", 0, NULL, NULL, N_ ("renew what is not due yet, too"), FALSE},
    {"passphrase-fd", 0, "NUMBER", NULL, N_ ("read the passphrase of the keys from this file descriptor"), FALSE},
    {"wait", 0, "SECONDS", NULL, N_ ("wait this long at most"), FALSE},
    {"no-wait", 0, NULL, NULL, N_ ("do not wait for the CA's mail"), FALSE},
    {.name = NULL},
};

typedef struct {
  McCli *cli;
  GPtrArray *all;   /* of McEnrollment, oldest first */
  GPtrArray *open;  /* borrowed: to be carried on */
  GPtrArray *fresh; /* borrowed: to be ordered anew */
  gboolean adapter; /* a mail client has been at work lately */
} McPlan;

static void
plan_clear (McPlan *plan)
{
  g_clear_pointer (&plan->open, g_ptr_array_unref);
  g_clear_pointer (&plan->fresh, g_ptr_array_unref);
  g_clear_pointer (&plan->all, g_ptr_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (McPlan, plan_clear)

static gboolean
is_adapter_recent (McStore *store)
{
  g_autofree char *seen = mc_store_fact (store, "adapter-seen");
  gint64 at = 0;

  if (seen == NULL)
    return FALSE;
  if (!g_ascii_string_to_signed (seen, 10, 0, G_MAXINT64, &at, NULL) && !mc_time_parse (seen, &at, NULL))
    return FALSE;
  return mc_cli_now () - at < ADAPTER_IS_RECENT;
}

/* Can this process, or a mail client soon, answer the CA's mail? */
static gboolean
can_finish (const McPlan *plan, const McEnrollment *e)
{
  if (plan->adapter || mc_cli_is_attended (plan->cli))
    return TRUE;
  for (guint i = 0; i < e->addresses->len; i++) {
    const McMailAccount *account = mc_config_account (plan->cli->config, mc_enrollment_address (e, i)->address);

    if (account == NULL || account->imap == NULL)
      return FALSE;
  }
  return TRUE;
}

static gboolean
is_wanted (const McPlan *plan, guint index)
{
  const McEnrollment *e = g_ptr_array_index (plan->all, index);
  const McEnrollment *attempt = mc_lifetime_attempt (plan->all, index);
  gint64 now = mc_cli_now ();

  if (e->state != MC_ENROLLMENT_INSTALLED || mc_lifetime_is_past (plan->all, index))
    return FALSE;
  if (attempt != NULL && mc_enrollment_is_open (attempt))
    return FALSE; /* it is carried on */
  if (mc_cli_has (plan->cli, "force"))
    return TRUE;
  if (!mc_lifetime_is_due (e, now))
    return FALSE;
  if (!mc_cli_has (plan->cli, "due"))
    return TRUE;
  if (attempt != NULL &&
      (now - attempt->since < TRY_AGAIN_AFTER || (attempt->problem != NULL && attempt->problem->retry_at > now)))
    return FALSE;
  return can_finish (plan, e);
}

static gboolean
make_plan (McCli *cli, McPlan *plan, GError **error)
{
  const char *address = mc_cli_operand (cli, 0);
  g_autoptr (McStore) store = mc_store_open (cli->config->data_dir, TRUE, error);

  plan->cli = cli;
  plan->all = store != NULL ? mc_store_enrollments (store, FALSE, error) : NULL;
  if (plan->all == NULL)
    return FALSE;
  plan->adapter = is_adapter_recent (store);
  plan->open = g_ptr_array_new ();
  plan->fresh = g_ptr_array_new ();
  for (guint i = 0; i < plan->all->len; i++) {
    McEnrollment *e = g_ptr_array_index (plan->all, i);

    if (address != NULL && mc_enrollment_find (e, address) == NULL)
      continue;
    if (mc_enrollment_is_open (e))
      g_ptr_array_add (plan->open, e);
    else if (is_wanted (plan, i))
      g_ptr_array_add (plan->fresh, e);
  }
  return TRUE;
}

/* The same again: what the person once asked for. */
static gboolean
order_again (McPursuit *pursuit, const McEnrollment *e, GError **error)
{
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (gint64));
  g_autoptr (GPtrArray) addresses = g_ptr_array_new ();
  g_autoptr (GPtrArray) keyrings = g_ptr_array_new ();
  McEnrollOptions again = {0};

  for (guint i = 0; i < e->addresses->len; i++)
    g_ptr_array_add (addresses, mc_enrollment_address (e, i)->address);
  g_ptr_array_add (addresses, NULL);
  for (guint i = 0; i < e->keyrings->len; i++)
    g_ptr_array_add (keyrings, ((McEnrollmentKeyring *)g_ptr_array_index (e->keyrings, i))->spec);
  g_ptr_array_add (keyrings, NULL);
  again.ca = e->directory;
  again.usage = e->usage;
  again.key_kind = mc_key_kind_name (e->key_kind);
  again.profile = e->profile;
  again.keyrings = e->keyrings->len > 0 ? (const char *const *)keyrings->pdata : NULL;
  again.trust_root = e->trust_root;
  if (!mc_runner_enroll (mc_pursuit_runner (pursuit), (const char *const *)addresses->pdata, &again, ids, error))
    return FALSE;
  for (guint i = 0; i < ids->len; i++)
    mc_pursuit_add (pursuit, g_array_index (ids, gint64, i));
  return TRUE;
}

static gboolean
follow (McPursuit *pursuit, const McPlan *plan, GError **error)
{
  for (guint i = 0; i < plan->open->len; i++) {
    const McEnrollment *e = g_ptr_array_index (plan->open, i);

    if (!mc_runner_follow (mc_pursuit_runner (pursuit), e->id, error))
      return FALSE;
    mc_pursuit_add (pursuit, e->id);
  }
  for (guint i = 0; i < plan->fresh->len; i++)
    if (!order_again (pursuit, g_ptr_array_index (plan->fresh, i), error))
      return FALSE;
  return TRUE;
}

static gboolean
find_until (const McPlan *plan, gint64 *until, GError **error)
{
  const GPtrArray *lists[] = {plan->open, plan->fresh};
  g_autoptr (GPtrArray) addresses = g_ptr_array_new ();

  for (gsize l = 0; l < G_N_ELEMENTS (lists); l++) {
    for (guint i = 0; i < lists[l]->len; i++) {
      const McEnrollment *e = g_ptr_array_index (lists[l], i);

      for (guint j = 0; j < e->addresses->len; j++)
        g_ptr_array_add (addresses, mc_enrollment_address (e, j)->address);
    }
  }
  g_ptr_array_add (addresses, NULL);
  return mc_pursuit_until (plan->cli, (const char *const *)addresses->pdata, until, error);
}

/* A timer has nobody to ask: then the keys stay locked, and each enrollment says so when it needs its own. */
static gboolean
set_passphrase (McCli *cli, McPursuit *pursuit, GError **error)
{
  g_autoptr (McSecretString) passphrase = NULL;

  if (!mc_cli_has (cli, "passphrase-fd") && (!cli->config->passphrase || !mc_cli_is_attended (cli)))
    return TRUE;
  passphrase = mc_prompt_passphrase (cli, _ ("Passphrase of your keys: "), FALSE, error);
  if (passphrase == NULL)
    return FALSE;
  mc_runner_set_passphrase (mc_pursuit_runner (pursuit), passphrase);
  return TRUE;
}

static int
report_nothing (McCli *cli)
{
  if (cli->json) {
    g_autoptr (McJson) report = mc_report_new ();
    g_autoptr (McJson) none = mc_json_array_new ();

    mc_json_set_boolean (report, "changed", FALSE);
    mc_json_set (report, "enrollments", none);
    mc_report_print (report);
  } else if (mc_cli_is_talkative (cli))
    mc_cli_say (stdout, _ ("Nothing is due for renewal, and no request is open."));
  return MC_EXIT_DONE;
}

static int
run (McCli *cli)
{
  const char *address = mc_cli_operand (cli, 0);
  g_auto (McPlan) plan = {0};
  g_autoptr (McPursuit) pursuit = NULL;
  GError *error = NULL;
  gint64 until;

  if (mc_cli_has (cli, "due") && mc_cli_has (cli, "force")) {
    mc_cli_set_error (&error, MC_ERROR_USAGE, _ ("--due and --force contradict each other."));
    return mc_cli_fail (cli, error);
  }
  if (!mc_cli_load_config (cli, &error) || (address != NULL && !mc_request_check_known (cli, address, &error)) ||
      !make_plan (cli, &plan, &error) || !find_until (&plan, &until, &error))
    return mc_cli_fail (cli, error);
  if (plan.open->len + plan.fresh->len == 0)
    return report_nothing (cli);
  pursuit = mc_pursuit_new (cli, &error);
  if (pursuit == NULL || !set_passphrase (cli, pursuit, &error) || !follow (pursuit, &plan, &error) ||
      !mc_pursuit_run (pursuit, until, &error))
    return mc_cli_fail (cli, error);
  return mc_pursuit_report (pursuit);
}

const McVerb mc_verb_renew = {
    "renew", "[ADDRESS]", 0, 1, "@address", N_ ("Renews what is due, and carries every open request on."), options, run,
};
