/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "claws.h"

#include "gtk/timing.h"
#include "mail/address.h"

#include <defs.h>
#include <plugin.h>
#include <prefs.h>
#include <privacy.h>
#include <string.h>

/* What mailcert has to remember of an account stands among its privacy settings, where Claws Mail keeps it: "wish" =
 * the person wants new mail signed as soon as there is a certificate, else the fingerprint that was set last. */
#define OURS "mailcert"
#define WORDS "mailcert-words" /* of mc_claws_keep */
#define SMIME "smime"
#define WISH "wish"

typedef void (*McAccountFunc) (PrefsAccount *account, gpointer data);

/* account_find_from_address finds the first one only; there may be several with one address. */
static void
each_account (const char *address, McAccountFunc func, gpointer data)
{
  for (const GList *at = account_get_list (); at != NULL; at = at->next) {
    const char *own = mc_fields_address (at->data);

    if (own != NULL && (address == NULL || mc_address_equal (own, address)))
      func (at->data, data);
  }
}

static void
collect (PrefsAccount *account, gpointer data)
{
  GPtrArray *addresses = data;
  const char *address = mc_fields_address (account);

  for (guint i = 0; i < addresses->len; i++)
    if (mc_address_equal (g_ptr_array_index (addresses, i), address))
      return;
  if (mc_address_is_valid (address))
    g_ptr_array_insert (addresses, account == account_get_default () ? 0 : -1, g_strdup (address));
}

char **
mc_claws_addresses (gpointer self)
{
  GPtrArray *addresses = g_ptr_array_new ();

  (void)self;
  each_account (NULL, collect, addresses);
  g_ptr_array_add (addresses, NULL);
  return (char **)g_ptr_array_free (addresses, FALSE);
}

static void
find_first (PrefsAccount *account, gpointer data)
{
  PrefsAccount **found = data;

  if (*found == NULL || account == account_get_default ())
    *found = account;
}

PrefsAccount *
mc_claws_account_of (const char *address)
{
  PrefsAccount *found = NULL;

  each_account (address, find_first, &found);
  return found;
}

static const char *
setting (PrefsAccount *account, const char *name)
{
  const char *value = prefs_account_get_privacy_prefs (account, (gchar *)name);

  return value != NULL ? value : "";
}

static void
set (PrefsAccount *account, const char *name, const char *value)
{
  prefs_account_set_privacy_prefs (account, (gchar *)name, (gchar *)value);
}

static void
note_wish (PrefsAccount *account, gpointer sign)
{
  if (*(gboolean *)sign)
    set (account, OURS, WISH);
  else if (strcmp (setting (account, OURS), WISH) == 0)
    set (account, OURS, "");
}

static void
write_accounts (void)
{
  const gint64 left = mc_timing_leave ();

  account_write_config_all ();
  mc_timing_return (left, "writing the accounts", "accounts");
}

void
mc_claws_wish (gpointer self, const char *address, gboolean sign)
{
  (void)self;
  each_account (address, note_wish, &sign);
  write_accounts ();
}

static gboolean
can_smime (void)
{
  GSList *ids = privacy_get_system_ids ();
  gboolean found = g_slist_find_custom (ids, SMIME, (GCompareFunc)strcmp) != NULL;

  g_slist_free_full (ids, g_free);
  return found;
}

/* Loading the S/MIME plugin loads the PGP one below it, which asks a person without a PGP key, in a modal window, to
 * make one. Somebody who has never used that plugin is spared the question; who has keeps the settings. */
static void
spare_pgp_question (void)
{
  g_autofree char *path = g_build_filename (get_rc_dir (), COMMON_RC, NULL);
  g_autofree char *text = NULL;
  PrefFile *file;

  if (!g_file_get_contents (path, &text, NULL, NULL) || strstr (text, "\n[GPG]\n") != NULL)
    return;
  file = prefs_write_open (path);
  if (file == NULL)
    return;
  if (prefs_set_block_label (file, "GPG") < 0 || fprintf (file->fp, "gpg_ask_create_key=0\n\n") < 0)
    prefs_file_close_revert (file);
  else
    prefs_file_close (file);
}

static gboolean
load_smime (void)
{
  g_autofree char *path = g_build_filename (get_plugin_dir (), "smime." G_MODULE_SUFFIX, NULL);
  g_autofree char *error = NULL;
  gint64 left;

  if (can_smime ())
    return TRUE;
  spare_pgp_question ();
  left = mc_timing_leave ();
  plugin_load (path, &error);
  mc_timing_return (left, "loading the S/MIME plugin", "accounts");
  if (!can_smime ())
    g_warning ("Claws Mail's S/MIME plugin cannot be loaded: %s", error != NULL ? error : path);
  return can_smime ();
}

static void
use (PrefsAccount *account, gpointer data)
{
  const char *fingerprint = data;
  g_autofree char *before = g_strconcat ("CUSTOM;", setting (account, OURS), NULL);
  g_autofree char *now = g_strconcat ("CUSTOM;", fingerprint, NULL);
  const gboolean wished = strcmp (setting (account, OURS), WISH) == 0;

  /* Without a wish only what we set ourselves is moved to the new certificate. */
  if (!wished && (strcmp (setting (account, SMIME), before) != 0 || strcmp (before, now) == 0))
    return;
  if (!load_smime ()) /* an account that is to sign and cannot could not send at all */
    return;
  set (account, SMIME, now);
  set (account, OURS, fingerprint);
  if (wished)
    mc_fields_sign_by_default (account);
  write_accounts ();
}

void
mc_claws_ready (gpointer self, const char *address, const char *fingerprint)
{
  (void)self;
  each_account (address, use, (gpointer)fingerprint);
}

static void
look_private (PrefsAccount *account, gpointer data)
{
  const char *smime = setting (account, SMIME);

  *(gboolean *)data |= mc_fields_is_private (account) || g_str_has_prefix (smime, "CUSTOM;");
}

gboolean
mc_claws_has_certificate (gpointer self, const char *address)
{
  gboolean has = FALSE;

  (void)self;
  each_account (address, look_private, &has);
  return has;
}

char *
mc_claws_recall (gpointer self, const char *address)
{
  PrefsAccount *account = mc_claws_account_of (address);
  const char *words = account != NULL ? setting (account, WORDS) : "";

  (void)self;
  return *words != '\0' ? g_strdup (words) : NULL;
}

static void
keep (PrefsAccount *account, gpointer words)
{
  set (account, WORDS, words);
}

void
mc_claws_keep (gpointer self, const char *address, const char *words)
{
  (void)self;
  each_account (address, keep, (gpointer)words);
  write_accounts ();
}
