/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "mutt.h"

#include "base/error.h"
#include "store/store.h"

#include <string.h>

/* What the client would make of a certificate, for "mailcert doctor": one line for each finding. %s is the client. */

static void
say (const McMutt *mutt, const char *check, const char *outcome, const char *sentence, const char *next,
     const char *detail)
{
  g_autoptr (GString) filled = g_string_new (sentence);
  g_autofree char *private = mc_text_sanitize (detail, 500); /* no tab, no line end */

  g_string_replace (filled, "%s", mc_mutt_client (mutt), 0);
  g_print ("%s-%s\t%s\t%s\t%s\t%s\n", mc_mutt_client (mutt), check, outcome, filled->str, next != NULL ? next : "",
           private);
}

static gboolean
is_classic (const McMutt *mutt, gboolean *classic, GError **error)
{
  static const char *const names[] = {"crypt_use_gpgme", NULL};
  g_autoptr (GHashTable) known = mc_mutt_query (mutt, names, error);
  const char *value = known != NULL ? g_hash_table_lookup (known, "cryptusegpgme") : NULL;

  *classic = g_strcmp0 (value, "no") == 0;
  return known != NULL;
}

/* Is there a certificate for ADDRESS, and one where the client looks for it? */
static void
check_key (const McMutt *mutt, const GPtrArray *all, const char *address, gboolean classic)
{
  g_autofree char *here = mc_mutt_key (all, address, classic ? "no" : "yes");
  g_autofree char *elsewhere = mc_mutt_key (all, address, classic ? "yes" : "no");

  if (here != NULL)
    say (mutt, "key", "ok", _ ("%s signs with the certificate of this address."), NULL, here);
  else if (elsewhere != NULL && classic)
    say (mutt, "key", "trouble",
         _ ("%s looks for certificates in ~/.smime (crypt_use_gpgme is no), and this one is not there."),
         _ ("mailcert install ADDRESS --keyring smime-keys"), elsewhere);
  else if (elsewhere != NULL)
    say (mutt, "key", "trouble",
         _ ("%s looks for certificates in gpgsm (crypt_use_gpgme is yes), and this one is not there."),
         _ ("mailcert install ADDRESS --keyring gpgsm"), elsewhere);
}

static gboolean
check_keys (const McMutt *mutt, const char *address, GError **error)
{
  g_autoptr (McConfig) config = mc_mutt_load_config (mutt, error);
  g_autoptr (McStore) store = config != NULL ? mc_store_open (config->data_dir, TRUE, error) : NULL;
  g_autoptr (GPtrArray) all = store != NULL ? mc_store_enrollments (store, FALSE, error) : NULL;
  gboolean classic;

  if (all == NULL || !is_classic (mutt, &classic, error))
    return FALSE;
  check_key (mutt, all, address, classic);
  return TRUE;
}

gboolean
mc_mutt_doctor (const McMutt *mutt, char **words, int *status, GError **error)
{
  g_autofree char *program = g_find_program_in_path (mc_mutt_client (mutt));
  g_autofree char *path = mc_muttrc_find (mutt);
  g_autoptr (McMuttrc) rc = NULL;

  *status = 0;
  if (program == NULL || path == NULL) /* nobody uses it */
    return TRUE;
  rc = mc_muttrc_read (path);
  if (!rc->sources_us) {
    say (mutt, "source", "note", _ ("The configuration of %s does not ask mailcert, so it would not sign."),
         _ ("Write at its end: source \"mailcert mutt rc|\""), path);
    return TRUE;
  }
  say (mutt, "source", "ok", _ ("The configuration of %s asks mailcert for its settings."), NULL, path);
  if (g_file_test (mutt->hook, G_FILE_TEST_IS_EXECUTABLE))
    say (mutt, "hook", "ok", _ ("The key of %s that answers a CA's mail has its program."), NULL, mutt->hook);
  else
    say (mutt, "hook", "trouble", _ ("The key of %s that answers a CA's mail has no program to run."),
         _ ("Install mailcert-hook."), mutt->hook);
  return words[0] == NULL || check_keys (mutt, words[0], error);
}
