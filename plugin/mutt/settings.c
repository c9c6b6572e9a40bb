/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "mutt.h"

#include "base/error.h"
#include "pki/chain.h"
#include "runner/presence.h"
#include "runner/renewal.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

/* The files that the client sources. Each comes twice, for crypt_use_gpgme yes and no: the client itself puts the value
 * of that variable into the name, at the hour at which it reads. A certificate changes a key file, so a client that
 * runs signs with it at its next mail. */

static const char *const engines[] = {"yes", "no"};

static char *
key_of (const McEnrollment *e, const char *engine)
{
  for (guint i = 0; i < e->keyrings->len; i++) {
    const McEnrollmentKeyring *keyring = g_ptr_array_index (e->keyrings, i);

    if (keyring->key_id == NULL || !g_str_equal (keyring->state, "ready"))
      continue;
    if (g_str_equal (engine, "yes") && g_str_equal (keyring->spec, "gpgsm"))
      return g_strconcat ("0x", keyring->key_id, NULL);
    if (g_str_equal (engine, "no") && g_str_has_prefix (keyring->spec, "smime-keys"))
      return g_strdup (keyring->key_id);
  }
  return NULL;
}

static gboolean
signs_now (const McEnrollment *e, gint64 now)
{
  g_autoptr (McChain) chain = e->state == MC_ENROLLMENT_INSTALLED && e->chain != NULL && e->usage != MC_USAGE_ENCRYPT
                                  ? mc_chain_parse (e->chain, strlen (e->chain), NULL)
                                  : NULL;
  g_autoptr (McCertificateInfo) info =
      chain != NULL ? mc_certificate_info_new (mc_chain_certificate (chain, 0), NULL) : NULL;

  return info != NULL && info->not_after > now;
}

/* address -> key id; the newest certificate wins. ORDER gets the addresses, the one that came first in front. */
static GHashTable *
find_keys (const GPtrArray *all, const char *engine, GPtrArray *order)
{
  GHashTable *keys = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;

  for (guint i = 0; i < all->len; i++) {
    const McEnrollment *e = g_ptr_array_index (all, i);
    g_autofree char *key = signs_now (e, now) ? key_of (e, engine) : NULL;

    for (guint j = 0; key != NULL && j < e->addresses->len; j++) {
      const char *address = mc_enrollment_address (e, j)->address;

      if (!g_hash_table_contains (keys, address))
        g_ptr_array_add (order, g_strdup (address));
      g_hash_table_insert (keys, g_strdup (address), g_strdup (key));
    }
  }
  return keys;
}

char *
mc_mutt_key (const GPtrArray *all, const char *address, const char *engine)
{
  g_autoptr (GPtrArray) order = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GHashTable) keys = find_keys (all, engine, order);

  return g_strdup (g_hash_table_lookup (keys, address));
}

static char *
file_name (const McMutt *mutt, const char *stem, const char *engine)
{
  return g_strdup_printf ("%s/%s.%s", mutt->dir, stem, engine);
}

/* Letters and digits stand for themselves in the client's patterns; the rest is not trusted to. */
static char *
pattern_of (const char *address)
{
  GString *pattern = g_string_new (NULL);

  for (const char *p = address; *p != '\0'; p++) {
    if (g_ascii_isalnum (*p) || *p == '@' || *p == '-' || *p == '_')
      g_string_append_c (pattern, *p);
    else if (strchr (".+=/", *p) != NULL)
      g_string_append_printf (pattern, "[%c]", *p);
    else
      g_string_append_c (pattern, '.');
  }
  return g_string_free (pattern, FALSE);
}

#define HEAD "# Written by mailcert, and again whenever a certificate is installed.\n"

static gboolean
write_key (const McMutt *mutt, const char *address, const char *key, const char *engine, GString *settings,
           GError **error)
{
  g_autofree char *escaped = g_uri_escape_string (address, "@+", FALSE);
  g_autofree char *stem = g_strconcat ("key-", escaped, NULL);
  g_autofree char *path = file_name (mutt, stem, engine);
  g_autofree char *pattern = pattern_of (address);
  g_autofree char *text =
      g_strdup_printf (HEAD "set smime_is_default=yes crypt_autosign=yes smime_default_key=\"%s\"\n", key);

  g_string_append_printf (settings, "send-hook '~f ^%s$' 'source \"%s\"'\n", pattern, path);
  return mc_mutt_write_file (path, text, error);
}

static gboolean
write_engine (const McMutt *mutt, const GPtrArray *all, const char *engine, GError **error)
{
  g_autoptr (GPtrArray) order = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GHashTable) keys = find_keys (all, engine, order);
  g_autofree char *path = file_name (mutt, "settings", engine);
  g_autoptr (GString) text = g_string_new (HEAD);

  if (order->len > 0) {
    /* What the person had, for mail from an address without a certificate. */
    g_string_append (text, "set crypt_autosign=$my_mailcert_autosign smime_is_default=$my_mailcert_default\n");
    /* Reading encrypted mail needs a key, whoever one writes as. */
    g_string_append_printf (text, "set smime_default_key=\"%s\"\n",
                            (char *)g_hash_table_lookup (keys, g_ptr_array_index (order, 0)));
    if (g_str_equal (engine, "no"))
      g_string_append_printf (text, "set smime_decrypt_command=\"%s decrypt %%k %%c %%f\"\n", mutt->self);
  }
  for (guint i = 0; i < order->len; i++) {
    const char *address = g_ptr_array_index (order, i);

    if (!write_key (mutt, address, g_hash_table_lookup (keys, address), engine, text, error))
      return FALSE;
  }
  return mc_mutt_write_file (path, text->str, error);
}

gboolean
mc_mutt_write_settings (const McMutt *mutt, const McConfig *config, GError **error)
{
  g_autoptr (McStore) store = mc_store_open (config->data_dir, TRUE, error);
  g_autoptr (GPtrArray) all = store != NULL ? mc_store_enrollments (store, FALSE, error) : NULL;

  if (all == NULL)
    return FALSE;
  for (gsize i = 0; i < G_N_ELEMENTS (engines); i++)
    if (!write_engine (mutt, all, engines[i], error))
      return FALSE;
  return TRUE;
}

gboolean
mc_mutt_remove_settings (const McMutt *mutt, GError **error)
{
  g_autoptr (GDir) dir = g_dir_open (mutt->dir, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *path = g_build_filename (mutt->dir, name, NULL);

    if ((g_str_has_prefix (name, "key-") || g_str_has_prefix (name, "settings.")) &&
        (g_str_has_suffix (name, ".yes") || g_str_has_suffix (name, ".no")) && g_unlink (path) != 0) {
      g_set_error (error, MC_ERROR, MC_ERROR_WRITE, "%s: %s", path, g_strerror (errno));
      return FALSE;
    }
  }
  g_rmdir (mutt->dir); /* stays where the person has put something into it */
  return TRUE;
}

gboolean
mc_mutt_settings (const McMutt *mutt, char **words, int *status, GError **error)
{
  g_autoptr (McConfig) config = mc_mutt_load_config (mutt, error);

  *status = 0;
  return config != NULL && mc_mutt_write_settings (mutt, config, error);
}

/* The macro leaves the three variables as it found them. */
static const char macro[] =
    "macro index,pager \\ca \"<enter-command>set my_mailcert_pd=\\$pipe_decode my_mailcert_wk=\\$wait_key "
    "my_mailcert_ps=\\$pipe_split; unset pipe_decode wait_key; set pipe_split<enter><pipe-message>%s<enter>"
    "<enter-command>set pipe_decode=\\$my_mailcert_pd wait_key=\\$my_mailcert_wk pipe_split=\\$my_mailcert_ps; "
    "unset my_mailcert_pd my_mailcert_wk my_mailcert_ps<enter>\" \"answer a CA's check of your address (mailcert)\"\n";

static void
add_option (GPtrArray *words, const char *option, const char *value)
{
  if (value == NULL)
    return;
  g_ptr_array_add (words, g_strdup (option));
  g_ptr_array_add (words, g_strdup (value));
}

/* As the timer does it, but where the client is the CA's mail will be seen. */
static gboolean
start_renewal (const McMutt *mutt, GError **error)
{
  g_autoptr (GPtrArray) words = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *dir = g_path_get_dirname (mutt->hook);

  g_ptr_array_add (words, g_build_filename (dir, "mailcert", NULL));
  add_option (words, "--config", mutt->config);
  add_option (words, "--data-dir", mutt->data_dir);
  g_ptr_array_add (words, g_strdup ("renew"));
  g_ptr_array_add (words, g_strdup ("--due"));
  g_ptr_array_add (words, g_strdup ("--quiet"));
  g_ptr_array_add (words, NULL);
  return g_spawn_async (NULL, (char **)words->pdata, NULL, G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_STDERR_TO_DEV_NULL,
                        NULL, NULL, NULL, error);
}

static gboolean
renew_due (const McMutt *mutt, GError **error)
{
  g_autoptr (McConfig) config = mc_mutt_load_config (mutt, error);
  g_autoptr (McStore) store = config != NULL ? mc_store_open (config->data_dir, TRUE, error) : NULL;
  g_autoptr (McRenewalList) list = NULL;

  if (store != NULL)
    list = mc_renewal_list_new (store, config, TRUE, NULL, MC_RENEW_DUE, g_get_real_time () / G_USEC_PER_SEC, error);
  if (list == NULL)
    return FALSE;
  if (list->all->len == 0) /* nothing that anybody could look out for */
    return TRUE;
  mc_presence_leave ();
  return list->fresh->len + list->checks->len == 0 || start_renewal (mutt, error);
}

gboolean
mc_mutt_rc (const McMutt *mutt, char **words, int *status, GError **error)
{
  g_autofree char *source = g_strdup_printf ("source \"%s/settings.$crypt_use_gpgme\"", mutt->dir);

  *status = 0;
  if (*words != NULL) {
    g_set_error_literal (error, MC_ERROR, MC_ERROR_USAGE, _ ("rc takes no words."));
    return FALSE;
  }
  if (g_getenv ("MAILCERT_MUTT_ASKS") != NULL) /* it is we who asked the client for its settings */
    return TRUE;
  /* A certificate may have come while no client's set-up was there to be told. */
  if (!mc_mutt_settings (mutt, words, status, error) || !renew_due (mutt, error))
    return FALSE;
  g_print ("set my_mailcert_autosign=$crypt_autosign my_mailcert_default=$smime_is_default\n");
  g_print (macro, mutt->hook);
  /* In this order: the hooks for single addresses, which the file adds, come after the one for all. */
  g_print ("send-hook . '%s'\nfolder-hook . '%s'\n%s\n", source, source, source);
  return TRUE;
}
