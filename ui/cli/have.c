/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "have.h"

#include "exit-status.h"
#include "json.h"
#include "flow/renewal.h"
#include "text.h"

#include <string.h>

static gboolean
is_good (const GPtrArray *all, const McEnrollment *e, gint64 now)
{
  return e->state == MC_ENROLLMENT_INSTALLED && e->chain != NULL && !mc_enrollment_is_revoked (e) &&
         !mc_enrollment_is_compromised (all, e) && !mc_renewal_is_due (e, now);
}

static gboolean
is_wished (const McEnrollment *e, const char *address, const McHaveWish *wish, McUsage usage)
{
  return e->usage == usage && mc_enrollment_find (e, address) != NULL &&
         (wish->directory == NULL || strcmp (e->directory, wish->directory) == 0) &&
         (!wish->key_given || e->key_kind == wish->key_kind) &&
         (wish->profile == NULL || g_strcmp0 (e->profile, wish->profile) == 0);
}

static gboolean
has (const GPtrArray *all, const char *address, const McHaveWish *wish, McUsage usage)
{
  gint64 now = mc_cli_now ();

  for (guint i = 0; i < all->len; i++) {
    const McEnrollment *e = g_ptr_array_index (all, i);

    if (is_wished (e, address, wish, usage) && is_good (all, e, now))
      return TRUE;
  }
  return FALSE;
}

/* A half that is there, due or not, or on its way: who has both of them has a pair. */
static gboolean
has_half (const GPtrArray *all, const char *address, const McHaveWish *wish, McUsage usage)
{
  for (guint i = 0; i < all->len; i++) {
    const McEnrollment *e = g_ptr_array_index (all, i);

    if (is_wished (e, address, wish, usage) && (mc_enrollment_is_open (e) || e->chain != NULL))
      return TRUE;
  }
  return FALSE;
}

/* MC_GAPS = nothing is lacking. */
static McGap
gap_of (const GPtrArray *all, const char *address, const McHaveWish *wish)
{
  const gboolean signs = has (all, address, wish, MC_USAGE_SIGN);
  const gboolean encrypts = has (all, address, wish, MC_USAGE_ENCRYPT);

  if (wish->usage_given && !wish->separate)
    return has (all, address, wish, wish->usage) ? MC_GAPS : MC_GAP_WISH;
  if ((signs && encrypts) || (!wish->usage_given && has (all, address, wish, MC_USAGE_BOTH)))
    return MC_GAPS;
  if (!wish->separate &&
      !(has_half (all, address, wish, MC_USAGE_SIGN) && has_half (all, address, wish, MC_USAGE_ENCRYPT)))
    return MC_GAP_WISH;
  if (signs)
    return MC_GAP_ENCRYPT;
  return encrypts ? MC_GAP_SIGN : MC_GAP_WISH;
}

void
mc_have_gaps_clear (McHaveGaps *gaps)
{
  for (guint i = 0; i < MC_GAPS; i++)
    g_clear_pointer (&gaps->addresses[i], g_ptr_array_unref);
}

gboolean
mc_have_look (const McCli *cli, McStore *store, const McHaveWish *wish, McHaveGaps *gaps, GError **error)
{
  g_autoptr (GPtrArray) all = mc_store_enrollments (store, FALSE, error);

  if (all == NULL)
    return FALSE;
  for (guint i = 0; i < MC_GAPS; i++)
    gaps->addresses[i] = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < cli->operands->len; i++) {
    const char *address = mc_cli_operand (cli, i);
    McGap gap = gap_of (all, address, wish);

    if (gap != MC_GAPS)
      g_ptr_array_add (gaps->addresses[gap], g_strdup (address));
  }
  for (guint i = 0; i < MC_GAPS; i++)
    g_ptr_array_add (gaps->addresses[i], NULL);
  return TRUE;
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

    if (!is_asked_for (cli, e) || !is_good (all, e, now))
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
