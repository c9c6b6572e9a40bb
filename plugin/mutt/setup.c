/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "mutt.h"

#include "base/error.h"
#include "mail/address.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

/* What the client knows of the person's accounts becomes [account ADDRESS] in a file of our own. */

static void
setup_clear (McMuttSetup *setup)
{
  g_free (setup->path);
  mc_muttrc_free (setup->rc);
  g_free (setup->rc_path);
  g_clear_pointer (&setup->known, g_hash_table_unref);
  g_clear_pointer (&setup->remarks, g_ptr_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (McMuttSetup, setup_clear)

static void
setup_init (McMuttSetup *setup, const McMutt *mutt, const McConfig *config)
{
  g_autofree char *dir = mc_config_client_dir (config);

  setup->mutt = mutt;
  setup->config = config;
  setup->path = g_strdup_printf ("%s/%s.conf", dir, mc_mutt_client (mutt));
  setup->rc_path = mc_muttrc_find (mutt);
  setup->rc = setup->rc_path != NULL ? mc_muttrc_read (setup->rc_path) : mc_muttrc_new ();
  setup->remarks = g_ptr_array_new_with_free_func (g_free);
}

static gboolean
setup_ask (McMuttSetup *setup, GError **error)
{
  static const char *const names[] = {"from",
                                      "sendmail",
                                      "use_envelope_from",
                                      "crypt_use_gpgme",
                                      "smtp_url",
                                      "folder",
                                      "spoolfile",
                                      "imap_user",
                                      "imap_login",
                                      "imap_oauth_refresh_command",
                                      "tunnel",
                                      "preconnect",
                                      "ssl_ca_certificates_file",
                                      NULL};

  setup->known = mc_mutt_query (setup->mutt, names, error);
  return setup->known != NULL;
}

static void
add_address (GPtrArray *addresses, const char *address)
{
  if (!mc_address_is_valid (address))
    return;
  for (guint i = 0; i < addresses->len; i++)
    if (mc_address_equal (g_ptr_array_index (addresses, i), address))
      return;
  g_ptr_array_add (addresses, g_strdup (address));
}

/* alternates are regular expressions: those that mean one address are taken. */
static void
add_alternates (const McMuttSetup *setup, GPtrArray *addresses)
{
  for (guint i = 0; i < setup->rc->alternates->len; i++) {
    g_autoptr (GString) plain = g_string_new (g_ptr_array_index (setup->rc->alternates, i));

    g_string_replace (plain, "\\.", ".", 0);
    if (plain->len > 0 && plain->str[0] == '^')
      g_string_erase (plain, 0, 1);
    if (plain->len > 0 && plain->str[plain->len - 1] == '$')
      g_string_truncate (plain, plain->len - 1);
    if (strpbrk (plain->str, "*?()[]{}|^$\\") == NULL)
      add_address (addresses, plain->str);
  }
}

/* What an earlier run has written down stays. */
static void
add_earlier (const McMuttSetup *setup, GPtrArray *addresses)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_auto (GStrv) groups = NULL;

  if (!g_key_file_load_from_file (file, setup->path, G_KEY_FILE_NONE, NULL))
    return;
  groups = g_key_file_get_groups (file, NULL);
  for (gsize i = 0; groups[i] != NULL; i++)
    if (g_str_has_prefix (groups[i], "account "))
      add_address (addresses, groups[i] + strlen ("account "));
}

static char *
own_address (const McMuttSetup *setup)
{
  const char *from = mc_mutt_value (setup, "from");

  return mc_address_parse_one (from, strlen (from), NULL);
}

/* ADDRESS: one more that is the person's, or NULL. */
static char *
compose (McMuttSetup *setup, const char *address)
{
  g_autoptr (GPtrArray) addresses = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GString) command = g_string_new (NULL);
  g_autofree char *from = own_address (setup);
  GString *text = g_string_new (NULL);

  if (from != NULL)
    add_address (addresses, from);
  add_alternates (setup, addresses);
  add_earlier (setup, addresses);
  if (address != NULL)
    add_address (addresses, address);
  mc_mutt_add_word (command, setup->mutt->self);
  for (const char *const *word = (const char *const[]){"settings", "--config", setup->config->path, "--data-dir",
                                                       setup->config->data_dir, "--dir", setup->mutt->dir, NULL};
       *word != NULL; word++)
    mc_mutt_add_word (command, *word);
  g_string_append_printf (
      text,
      "# Written by \"mailcert mutt setup\" from the settings of %s, and again when they change: an account that\n"
      "# mailcert.conf describes is taken from there.\n[mailcert]\n",
      mc_mutt_client (setup->mutt));
  mc_mutt_add_key (text, "on-installed", command->str);
  for (guint i = 0; i < addresses->len; i++)
    mc_mutt_add_account (setup, g_ptr_array_index (addresses, i), text);
  return g_string_free (text, FALSE);
}

static gboolean
write_out (const McMuttSetup *setup, const char *text, GError **error)
{
  return mc_mutt_write_file (setup->path, text, error) && mc_mutt_write_settings (setup->mutt, setup->config, error);
}

static void
say_remarks (const McMuttSetup *setup)
{
  for (guint i = 0; i < setup->remarks->len; i++)
    g_printerr ("mailcert: %s\n", (const char *)g_ptr_array_index (setup->remarks, i));
}

static gboolean
remove_all (const McMuttSetup *setup, GError **error)
{
  g_autofree char *dir = mc_config_client_dir (setup->config);
  g_autofree char *other = g_strdup_printf ("%s/%s.conf", dir, setup->mutt->neomutt ? "mutt" : "neomutt");

  if (g_unlink (setup->path) != 0 && errno != ENOENT && errno != ENOTDIR) {
    g_set_error (error, MC_ERROR, MC_ERROR_WRITE, "%s: %s", setup->path, g_strerror (errno));
    return FALSE;
  }
  g_rmdir (dir); /* stays while another client's file is in it */
  return g_file_test (other, G_FILE_TEST_EXISTS) || mc_mutt_remove_settings (setup->mutt, error);
}

gboolean
mc_mutt_setup (const McMutt *mutt, char **words, int *status, GError **error)
{
  g_auto (McMuttSetup) setup = {0};
  g_autoptr (McConfig) config = mc_mutt_load_config (mutt, error);
  g_autofree char *text = NULL;

  *status = 0;
  if (*words != NULL || (mutt->write && mutt->remove)) {
    g_set_error_literal (error, MC_ERROR, MC_ERROR_USAGE,
                         _ ("setup takes no words, and --write or --remove, not both."));
    return FALSE;
  }
  if (config == NULL)
    return FALSE;
  setup_init (&setup, mutt, config);
  if (mutt->remove)
    return remove_all (&setup, error);
  if (!setup_ask (&setup, error))
    return FALSE;
  text = compose (&setup, NULL);
  if (!mutt->write) {
    g_print (_ ("With --write, this goes into %s:"), setup.path);
    g_print ("\n\n%s\n", text);
  } else if (!write_out (&setup, text, error))
    return FALSE;
  if (!setup.rc->sources_us) {
    g_print (_ ("Write this line at the end of your configuration of %s:"), mc_mutt_client (mutt));
    g_print ("\n\nsource \"mailcert mutt rc|\"\n");
  }
  say_remarks (&setup);
  return TRUE;
}

/* --- before a certificate is asked for --- */

static gboolean
is_own (const McMuttSetup *setup, const char *address)
{
  g_autofree char *from = own_address (setup);

  if (from == NULL && setup->rc->alternates->len == 0)
    return TRUE; /* it makes one up from the login name: there is but one account */
  if (from != NULL && mc_address_equal (from, address))
    return TRUE;
  for (guint i = 0; i < setup->rc->alternates->len; i++)
    if (g_regex_match_simple (g_ptr_array_index (setup->rc->alternates, i), address, G_REGEX_CASELESS, 0))
      return TRUE;
  return FALSE;
}

static gboolean
is_fresh (const McMuttSetup *setup, const char *address)
{
  g_autoptr (GPtrArray) addresses = g_ptr_array_new_with_free_func (g_free);
  GStatBuf ours, theirs;
  gboolean there = FALSE;

  if (g_stat (setup->path, &ours) != 0)
    return FALSE;
  for (guint i = 0; i < setup->rc->files->len; i++)
    if (g_stat (g_ptr_array_index (setup->rc->files, i), &theirs) == 0 && theirs.st_mtime >= ours.st_mtime)
      return FALSE;
  add_earlier (setup, addresses);
  for (guint i = 0; i < addresses->len; i++)
    there |= mc_address_equal (g_ptr_array_index (addresses, i), address);
  return there;
}

static gboolean
is_installed (const McMutt *mutt)
{
  g_autofree char *path = g_find_program_in_path (mc_mutt_client (mutt));

  return path != NULL;
}

/* Who has our line in the client's file has said that it may be asked. */
gboolean
mc_mutt_adopt (const McMutt *mutt, char **words, int *status, GError **error)
{
  g_auto (McMuttSetup) setup = {0};
  g_autoptr (McConfig) config = mc_mutt_load_config (mutt, error);
  g_autofree char *text = NULL;

  *status = 0;
  if (config == NULL)
    return FALSE;
  if (!is_installed (mutt)) /* its file may be there all the same: both read ~/.muttrc */
    return TRUE;
  setup_init (&setup, mutt, config);
  if (!setup.rc->sources_us || words[0] == NULL || is_fresh (&setup, words[0]))
    return TRUE;
  if (!setup_ask (&setup, error))
    return FALSE;
  if (!is_own (&setup, words[0]))
    return TRUE;
  text = compose (&setup, words[0]);
  say_remarks (&setup);
  return write_out (&setup, text, error);
}
