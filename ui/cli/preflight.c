/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "preflight.h"

#include "mail/address.h"
#include "progress.h"
#include "prompt.h"
#include "runner/doctor.h"
#include "store/store.h"
#include "text-finding.h"

/* A mailbox that does not answer is told by the enrollment itself. */
#define SECONDS 15

static gboolean
is_open (const GPtrArray *enrollments, const char *address)
{
  for (guint i = 0; enrollments != NULL && i < enrollments->len; i++)
    if (mc_enrollment_find (g_ptr_array_index (enrollments, i), address) != NULL)
      return TRUE;
  return FALSE;
}

/* Addresses of one domain leave by one provider. */
static gboolean
is_looked_at (GHashTable *domains, const char *address)
{
  const char *domain = mc_address_domain (address);

  return domain == NULL || !g_hash_table_add (domains, g_ascii_strdown (domain, -1));
}

static void
look (const McCli *cli, const char *address, GHashTable *doubts)
{
  const McDoctorOptions wanted = {.address = address, .seconds = SECONDS};
  g_autoptr (McFinding) finding = mc_doctor_check (cli->config, &wanted, "dkim");
  const char *doubt = mc_finding_doubt (finding);
  g_autofree char *next = NULL;
  g_autofree char *sentence = NULL;

  if (doubt == NULL)
    return;
  g_hash_table_insert (doubts, g_strdup (address), g_strdup (doubt));
  sentence = mc_text_finding (finding, &next);
  if (!cli->quiet)
    mc_cli_complain (sentence, next);
}

gboolean
mc_preflight (McCli *cli, const GPtrArray *addresses, GHashTable **doubts, GError **error)
{
  g_autoptr (McStore) store = mc_store_open (cli->config->data_dir, TRUE, NULL);
  g_autoptr (GPtrArray) open = store != NULL ? mc_store_enrollments (store, TRUE, NULL) : NULL;
  g_autoptr (GHashTable) found = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr (GHashTable) domains = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (McProgress) progress = mc_progress_new (cli);

  for (guint i = 0; i + 1 < addresses->len; i++) {
    const char *address = g_ptr_array_index (addresses, i);
    const McMailAccount *account = mc_config_account (cli->config, address);

    if (account == NULL || account->imap == NULL || is_open (open, address) || is_looked_at (domains, address))
      continue;
    mc_progress_wait (progress, _ ("Looking whether your mail is signed as the CA wants it."));
    look (cli, address, found);
    mc_progress_wait (progress, NULL);
  }
  if (g_hash_table_size (found) > 0 && mc_cli_is_attended (cli) &&
      mc_prompt_question (_ ("Ask the CA all the same? [y/N] "), -1) != MC_ANSWER_YES) {
    mc_cli_set_error (error, MC_ERROR_LATER, _ ("Nothing was asked for."));
    return FALSE;
  }
  *doubts = g_steal_pointer (&found);
  return TRUE;
}
