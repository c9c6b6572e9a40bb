/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "base/error.h"
#include "settings.h"

#include <glib/gstdio.h>
#include <locale.h>
#include <string.h>

/* What Claws Mail would make of a certificate, for "mailcert doctor" (mailcert-doctor(1)): from its files alone, so
 * that neither GTK nor a running Claws Mail is needed. MAILCERT_KEYS tells under which names the certificate is in its
 * keyrings. */

#ifdef ENABLE_NLS
#include <libintl.h>
#define _(text) gettext (text)
#else
#define _(text) (text)
#endif

#define FILE_MAX (4 * 1024 * 1024)

static void
say (const char *check, const char *outcome, const char *sentence, const char *next, const char *detail)
{
  g_autofree char *private = mc_text_sanitize (detail, 500); /* no tab, no line end */

  g_print ("claws-%s\t%s\t%s\t%s\t%s\n", check, outcome, sentence, next != NULL ? next : "", private);
}

static char *
read_file (const char *name)
{
  g_autofree char *path = g_build_filename (g_get_home_dir (), ".claws-mail", name, NULL);
  char *text = NULL;
  GStatBuf is;

  /* Nothing that has no end, and nothing that would be waited for. */
  if (g_stat (path, &is) != 0 || !S_ISREG (is.st_mode) || is.st_size > FILE_MAX ||
      !g_file_get_contents (path, &text, NULL, NULL))
    return NULL;
  return text;
}

/* The fingerprint under which gpgsm has the certificate, or NULL. */
static char *
wanted_key (void)
{
  const char *keys = g_getenv ("MAILCERT_KEYS");
  g_auto (GStrv) words = g_strsplit (keys != NULL ? keys : "", " ", -1);

  for (gsize i = 0; words[i] != NULL; i++)
    if (g_str_has_prefix (words[i], "gpgsm="))
      return g_strdup (words[i] + strlen ("gpgsm="));
  return NULL;
}

static void
check_signing (const McClawsSettings *account, const char *clawsrc, const char *key)
{
  g_autofree char *ours = g_strconcat ("CUSTOM;", key, NULL);

  if (!account->smime || !account->sign)
    say ("sign", "note", _ ("Claws Mail does not sign new mail of this address by default."),
         _ ("Choose S/MIME and \"Always sign messages\" in the Privacy page of the account."), account->choice);
  else if (!mc_claws_loads (clawsrc, "smime.so"))
    say ("sign", "trouble", _ ("Claws Mail is to sign with S/MIME, but its S/MIME plugin is not loaded."),
         _ ("Load smime.so under Configuration, Plugins."), account->choice);
  else if (g_strcmp0 (account->choice, ours) == 0)
    say ("sign", "ok", _ ("Claws Mail signs new mail of this address with the certificate."), NULL, ours);
  else if (account->choice != NULL && g_str_has_prefix (account->choice, "CUSTOM;"))
    say ("sign", "trouble", _ ("Claws Mail signs with another certificate than the one that mailcert keeps valid."),
         _ ("Choose the new one in the S/MIME page of the account, or remove the old fingerprint there."),
         account->choice);
  else
    say (
        "sign", "note",
        _ ("Claws Mail chooses the certificate by the address, which fails as soon as there are two, after a renewal."),
        _ ("Let the mailcert plugin choose it, or name its fingerprint in the S/MIME page of the account."),
        account->choice);
}

static void
check_all (const char *accountrc, const char *clawsrc, const char *address)
{
  g_auto (McClawsSettings) account = mc_claws_settings_find (accountrc, address);
  g_autofree char *key = wanted_key ();

  if (account.found && mc_claws_loads (clawsrc, "mailcert.so"))
    say ("plugin", "ok", _ ("Claws Mail has loaded the mailcert plugin."), NULL, NULL);
  else if (account.found)
    say ("plugin", "note", _ ("Claws Mail has an account for this address, and has not loaded the mailcert plugin."),
         _ ("Load mailcert.so under Configuration, Plugins."), NULL);
  if (account.found && key != NULL)
    check_signing (&account, clawsrc, key);
}

int
main (int argc, char **argv)
{
  g_autofree char *accountrc = read_file ("accountrc");
  g_autofree char *clawsrc = read_file ("clawsrc");

  setlocale (LC_ALL, "");
#ifdef ENABLE_NLS
  bindtextdomain (PACKAGE, LOCALEDIR);
  bind_textdomain_codeset (PACKAGE, "UTF-8");
  textdomain (PACKAGE);
#endif
  /* The last word is the address, if there is one: options, and what belongs to them, come before it. */
  if (accountrc == NULL || argc < 2 || strchr (argv[argc - 1], '@') == NULL)
    return 0;
  check_all (accountrc, clawsrc != NULL ? clawsrc : "", argv[argc - 1]);
  return 0;
}
