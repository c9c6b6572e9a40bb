/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "have.h"

#include "exit-status.h"
#include "json.h"
#include "flow/renewal.h"
#include "text.h"

#include <string.h>

static gboolean
is_good (const McEnrollment *e, gint64 now)
{
  return e->state == MC_ENROLLMENT_INSTALLED && e->chain != NULL && !mc_renewal_is_due (e, now);
}

static gboolean
has (const GPtrArray *all, const char *address, const McHaveWish *wish, McUsage usage)
{
  gint64 now = mc_cli_now ();

  for (guint i = 0; i < all->len; i++) {
    const McEnrollment *e = g_ptr_array_index (all, i);

    if (e->usage == usage && is_good (e, now) && mc_enrollment_find (e, address) != NULL &&
        (wish->directory == NULL || strcmp (e->directory, wish->directory) == 0) &&
        (!wish->key_given || e->key_kind == wish->key_kind) &&
        (wish->profile == NULL || g_strcmp0 (e->profile, wish->profile) == 0))
      return TRUE;
  }
  return FALSE;
}

static gboolean
is_satisfied (const GPtrArray *all, const char *address, const McHaveWish *wish)
{
  gboolean pair = has (all, address, wish, MC_USAGE_SIGN) && has (all, address, wish, MC_USAGE_ENCRYPT);

  if (!wish->usage_given)
    return pair || has (all, address, wish, MC_USAGE_BOTH);
  return wish->separate ? pair : has (all, address, wish, wish->usage);
}

GPtrArray *
mc_have_missing (const McCli *cli, McStore *store, const McHaveWish *wish, GError **error)
{
  g_autoptr (GPtrArray) all = mc_store_enrollments (store, FALSE, error);
  g_autoptr (GPtrArray) missing = g_ptr_array_new_with_free_func (g_free);

  if (all == NULL)
    return NULL;
  for (guint i = 0; i < cli->operands->len; i++)
    if (!is_satisfied (all, mc_cli_operand (cli, i), wish))
      g_ptr_array_add (missing, g_strdup (mc_cli_operand (cli, i)));
  g_ptr_array_add (missing, NULL);
  return g_steal_pointer (&missing);
}

static gboolean
is_asked_for (const McCli *cli, const McEnrollment *e)
{
  for (guint i = 0; i < cli->operands->len; i++)
    if (mc_enrollment_find (e, mc_cli_operand (cli, i)) != NULL)
      return TRUE;
  return FALSE;
}

int
mc_have_report (McCli *cli)
{
  GError *error = NULL;
  g_autoptr (McStore) store = mc_store_open (cli->config->data_dir, TRUE, &error);
  g_autoptr (GPtrArray) all = store != NULL ? mc_store_enrollments (store, FALSE, &error) : NULL;
  g_autoptr (McJson) report = mc_report_new ();
  g_autoptr (McJson) array = mc_json_array_new ();
  gint64 now = mc_cli_now ();

  if (all == NULL)
    return mc_cli_fail (cli, error);
  for (guint i = 0; i < all->len; i++) {
    const McEnrollment *e = g_ptr_array_index (all, i);
    g_autofree char *sentence = NULL;
    g_autoptr (McJson) object = NULL;

    if (!is_asked_for (cli, e) || !is_good (e, now))
      continue;
    sentence = mc_text_enrollment (e, now, NULL);
    object = mc_report_enrollment (cli->config, e, now);
    mc_json_append (array, object);
    if (mc_cli_is_talkative (cli))
      mc_cli_say (stdout, sentence);
  }
  if (mc_cli_is_talkative (cli))
    mc_cli_say (stdout, _ ("Nothing new was asked for."));
  mc_json_set_boolean (report, "changed", FALSE);
  mc_json_set (report, "enrollments", array);
  if (cli->json)
    mc_report_print (report);
  return MC_EXIT_DONE;
}
