/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/secret.h"
#include "binding.h"
#include "pursuit.h"
#include "exit-status.h"
#include "have.h"
#include "here.h"
#include "preflight.h"
#include "prompt.h"
#include "request.h"
#include "store/store.h"
#include "text.h"
#include "timer.h"

#include <string.h>

static const McOption options[] = {
    {"ca", 0, "NAME|URL", "@ca", N_ ("ask this CA, by its name or the address of its directory"), FALSE},
    {"usage", 0, "both|sign|encrypt|separate", "both sign encrypt separate",
     N_ ("what the certificate is for; separate makes one that signs and one that encrypts"), FALSE},
    {"key", 0, "rsa3072|rsa4096|p256|p384", "rsa3072 rsa4096 p256 p384", N_ ("the kind of key"), FALSE},
    {"profile", 0, "NAME", NULL, N_ ("a profile that the CA offers (see \"mailcert ca\")"), FALSE},
    {"eab", 0, "FILE", "@file", N_ ("the file with the key ID and HMAC key that the CA gave you; - to type them"),
     FALSE},
    {"keyring", 0, "KEYRING", "@keyring",
     N_ ("where the certificate goes: gpgsm, smime-keys, nss:DIR, files:DIR; may be repeated"), TRUE},
    {"agree-tos", 0, NULL, NULL, N_ ("agree to the CA's terms of service"), FALSE},
    {"trust-root", 0, "SHA256", NULL, N_ ("trust the CA's root certificate with this fingerprint"), FALSE},
    {"no-passphrase", 0, NULL, NULL, N_ ("keep the key without a passphrase"), FALSE},
    {"passphrase-fd", 0, "NUMBER", NULL, N_ ("read a passphrase for the key from this file descriptor"), FALSE},
    {"wait", 0, "SECONDS", NULL, N_ ("wait this long at most"), FALSE},
    {"no-wait", 0, NULL, NULL, N_ ("ask, and do not wait for the CA's mail"), FALSE},
    {.name = NULL},
};

/* What was asked for, checked. */
typedef struct {
  McEnrollOptions options;
  GHashTable *doubts; /* of options */
  McCaProfile *ca;
  char **keyrings;
  char *trust_root;
  char *eab_file;
  char *eab_text;       /* secret */
  char *terms;          /* agreed to before this run, or NULL */
  gboolean has_account; /* that is open */
  McHaveWish wish;
  McHaveGaps gaps;
} McRequest;

static void
request_clear (McRequest *request)
{
  g_clear_pointer (&request->doubts, g_hash_table_unref);
  g_clear_pointer (&request->ca, mc_ca_profile_free);
  g_clear_pointer (&request->keyrings, g_strfreev);
  g_clear_pointer (&request->trust_root, g_free);
  g_clear_pointer (&request->eab_file, g_free);
  g_clear_pointer (&request->eab_text, mc_secret_string_free);
  g_clear_pointer (&request->terms, g_free);
  mc_have_gaps_clear (&request->gaps);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (McRequest, request_clear)

static gboolean
read_usage (McCli *cli, McRequest *request, GError **error)
{
  const char *usage = mc_cli_value (cli, "usage");

  request->options.separate = g_strcmp0 (usage, "separate") == 0;
  if (usage != NULL && !request->options.separate && !mc_usage_parse (usage, &request->options.usage, NULL)) {
    mc_cli_set_error (error, MC_ERROR_USAGE, _ ("--usage is both, sign, encrypt or separate, not \"%s\"."), usage);
    return FALSE;
  }
  request->wish.usage_given = usage != NULL;
  request->wish.usage = request->options.usage;
  request->wish.separate = request->options.separate;
  return TRUE;
}

static gboolean
read_key (McCli *cli, McRequest *request, GError **error)
{
  const char *key = mc_cli_value (cli, "key");

  if (key != NULL && !mc_key_kind_parse (key, &request->wish.key_kind, NULL)) {
    mc_cli_set_error (error, MC_ERROR_USAGE, _ ("--key is rsa3072, rsa4096, p256 or p384, not \"%s\"."), key);
    return FALSE;
  }
  request->options.key_kind = key;
  request->wish.key_given = key != NULL;
  request->options.profile = request->wish.profile = mc_cli_value (cli, "profile");
  return TRUE;
}

static gboolean
read_eab (McCli *cli, McRequest *request, GError **error)
{
  const char *file = mc_cli_value (cli, "eab");

  if (file == NULL || strcmp (file, "-") == 0)
    return TRUE;
  /* Other paths count from the configuration's folder; this one was typed here. */
  request->eab_file = g_canonicalize_filename (file, NULL);
  request->options.eab_file = request->eab_file;
  if (g_file_test (request->eab_file, G_FILE_TEST_IS_REGULAR))
    return TRUE;
  mc_cli_set_error (error, MC_ERROR_NO_INPUT, _ ("There is no file %s."), file);
  return FALSE;
}

static gboolean
read_request (McCli *cli, McRequest *request, GError **error)
{
  for (guint i = 0; i < cli->operands->len; i++)
    if (!mc_request_check_address (mc_cli_operand (cli, i), error))
      return FALSE;
  if (mc_cli_has (cli, "no-passphrase") && mc_cli_has (cli, "passphrase-fd")) {
    mc_cli_set_error (error, MC_ERROR_USAGE, _ ("--no-passphrase and --passphrase-fd contradict each other."));
    return FALSE;
  }
  if (!read_usage (cli, request, error) || !read_key (cli, request, error) ||
      !mc_request_keyrings (cli, &request->keyrings, error) ||
      !mc_request_trust_root (cli, &request->trust_root, error) || !read_eab (cli, request, error))
    return FALSE;
  request->options.keyrings = (const char *const *)request->keyrings;
  request->options.trust_root = request->trust_root;
  request->options.agree_terms = mc_cli_has (cli, "agree-tos");
  request->options.ca = mc_cli_value (cli, "ca");
  return TRUE;
}

/* Which CA, and which addresses still lack a good certificate. */
static gboolean
look_around (McCli *cli, McRequest *request, GError **error)
{
  const char *first = mc_cli_operand (cli, 0);
  const char *name =
      request->options.ca != NULL ? request->options.ca : g_hash_table_lookup (cli->config->account_cas, first);
  g_autoptr (McStore) store = NULL;
  g_autoptr (McAccount) account = NULL;
  g_autoptr (GError) local = NULL;

  request->ca = mc_request_ca (cli, name, error);
  if (request->ca == NULL)
    return FALSE;
  if (request->options.ca != NULL)
    request->wish.directory = request->ca->directory;
  store = mc_store_open (cli->config->data_dir, TRUE, error);
  if (store == NULL)
    return FALSE;
  account = mc_store_account (store, request->ca->directory, &local);
  if (local != NULL) {
    g_propagate_error (error, g_steal_pointer (&local));
    return FALSE;
  }
  request->terms = account != NULL ? g_strdup (account->terms) : NULL;
  request->has_account = account != NULL && account->url != NULL;
  return mc_have_look (cli, store, &request->wish, &request->gaps, error);
}

/* What opens an account where the CA has one of its own on its website: it is needed once. */
static gboolean
find_binding (McCli *cli, McRequest *request, GError **error)
{
  const char *file = mc_cli_value (cli, "eab");

  if (request->has_account || request->eab_file != NULL)
    return TRUE;
  if (file == NULL && !mc_cli_offer_binding (cli, request->ca, &request->eab_text, error))
    return FALSE;
  if (file != NULL)
    request->eab_text = mc_cli_read_binding (cli, request->ca->name, error);
  request->options.eab_text = request->eab_text;
  return file == NULL || request->eab_text != NULL;
}

/* --agree-tos does not hide what was agreed to. */
static void
say_terms (McCli *cli, const McRequest *request)
{
  g_autoptr (McStore) store = mc_store_open (cli->config->data_dir, TRUE, NULL);
  g_autoptr (McAccount) account = store != NULL ? mc_store_account (store, request->ca->directory, NULL) : NULL;
  g_autofree char *ca = mc_text_sanitize (request->ca->name, 200);
  g_autofree char *url = account != NULL ? mc_text_sanitize (account->terms, 1000) : NULL;
  g_autofree char *line = NULL;

  if (!request->options.agree_terms || cli->quiet || url == NULL || *url == '\0' ||
      g_strcmp0 (account->terms, request->terms) == 0)
    return;
  /* Translators: CA, then the address of a web page. */
  line = g_strdup_printf (_ ("You have agreed to the terms of %s: %s"), ca, url);
  mc_cli_say (stderr, line);
}

/* Said once: how the key is kept is the person's to decide (DESIGN 5). */
static void
say_key_at_rest (McCli *cli)
{
  g_autoptr (McStore) store = NULL;
  g_autofree char *said = NULL;

  if (cli->config->passphrase || !mc_cli_is_talkative (cli))
    return;
  store = mc_store_open (cli->config->data_dir, FALSE, NULL);
  said = store != NULL ? mc_store_fact (store, "said-unprotected") : NULL;
  if (store == NULL || said != NULL || !mc_store_set_fact (store, "said-unprotected", "yes", NULL))
    return;
  mc_cli_say (stdout, _ ("Your key is kept on this computer without a passphrase, readable by you alone, so that "
                         "certificates can be renewed without you. To have one: key-protection in mailcert.conf(5)."));
}

static gboolean
set_passphrase (McCli *cli, McPursuit *pursuit, GError **error)
{
  g_autoptr (McSecretString) passphrase = NULL;

  if (mc_cli_has (cli, "passphrase-fd"))
    cli->config->passphrase = TRUE;
  if (mc_cli_has (cli, "no-passphrase"))
    cli->config->passphrase = FALSE;
  if (!cli->config->passphrase)
    return TRUE;
  passphrase = mc_prompt_passphrase (cli, _ ("Passphrase for the new key: "), TRUE, error);
  if (passphrase == NULL)
    return FALSE;
  mc_runner_set_passphrase (mc_pursuit_runner (pursuit), passphrase);
  return TRUE;
}

/* Only mail filters need the note, and only where data or keyring lie elsewhere: without it the rest goes well. */
static void
note_where (McCli *cli)
{
  g_autoptr (GError) error = NULL;

  if (!mc_here_write (cli, &error))
    mc_cli_complain (error->message, NULL);
}

/* All that lack something, for how long this may wait. */
static GPtrArray *
lacking (const McRequest *request)
{
  GPtrArray *all = g_ptr_array_new ();

  for (guint gap = 0; gap < MC_GAPS; gap++)
    for (guint i = 0; i + 1 < request->gaps.addresses[gap]->len; i++)
      g_ptr_array_add (all, g_ptr_array_index (request->gaps.addresses[gap], i));
  g_ptr_array_add (all, NULL);
  return all;
}

static gboolean
enroll_gap (McPursuit *pursuit, const McRequest *request, McGap gap, GError **error)
{
  const char *const *addresses = (const char *const *)request->gaps.addresses[gap]->pdata;
  McEnrollOptions asked = request->options;
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (gint64));

  if (addresses[0] == NULL)
    return TRUE;
  if (gap != MC_GAP_WISH) {
    asked.separate = FALSE;
    asked.usage = gap == MC_GAP_SIGN ? MC_USAGE_SIGN : MC_USAGE_ENCRYPT;
  }
  if (!mc_runner_enroll (mc_pursuit_runner (pursuit), addresses, &asked, ids, error))
    return FALSE;
  for (guint i = 0; i < ids->len; i++)
    mc_pursuit_add (pursuit, g_array_index (ids, gint64, i));
  return TRUE;
}

static McPursuit *
enroll (McCli *cli, const McRequest *request, const GPtrArray *addresses, gint64 *until, GError **error)
{
  g_autoptr (McPursuit) pursuit = NULL;

  if (!mc_pursuit_until (cli, (const char *const *)addresses->pdata, until, error))
    return NULL;
  note_where (cli);
  pursuit = mc_pursuit_new (cli, error);
  if (pursuit == NULL || !set_passphrase (cli, pursuit, error))
    return NULL;
  for (guint gap = 0; gap < MC_GAPS; gap++)
    if (!enroll_gap (pursuit, request, (McGap)gap, error))
      return NULL;
  return g_steal_pointer (&pursuit);
}

static int
run (McCli *cli)
{
  g_auto (McRequest) request = {0};
  g_autoptr (GPtrArray) addresses = NULL;
  g_autoptr (McPursuit) pursuit = NULL;
  GError *error = NULL;
  gint64 until;
  int status;

  if (!read_request (cli, &request, &error))
    return mc_cli_fail (cli, error);
  for (guint i = 0; i < cli->operands->len; i++)
    mc_external_ask (cli, mc_cli_operand (cli, i));
  if (!mc_cli_load_config (cli, &error) || !look_around (cli, &request, &error))
    return mc_cli_fail (cli, error);
  addresses = lacking (&request);
  if (addresses->len <= 1) /* only the NULL at its end */
    return mc_have_report (cli);
  if (!find_binding (cli, &request, &error) || !mc_preflight (cli, addresses, &request.doubts, &error))
    return mc_cli_fail (cli, error);
  request.options.doubts = request.doubts;
  pursuit = enroll (cli, &request, addresses, &until, &error);
  if (pursuit == NULL || !mc_pursuit_run (pursuit, until, &error))
    return mc_cli_fail (cli, error);
  say_terms (cli, &request);
  status = mc_pursuit_report (pursuit);
  if (status == MC_EXIT_DONE) {
    say_key_at_rest (cli);
    mc_cli_offer_timer (cli);
  }
  return status;
}

const McVerb mc_verb_get = {
    "get", "ADDRESS...", 1, 1000, "@address", N_ ("Gets a certificate for one or more mail addresses."), options, run};
