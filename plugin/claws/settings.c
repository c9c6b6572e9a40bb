/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "settings.h"

#include "mail/address.h"

#include <string.h>

/* "smime=BASE64[,gpg=BASE64]" */
static char *
choice_of (const char *value)
{
  g_auto (GStrv) parts = g_strsplit (value, ",", -1);

  for (gsize i = 0; parts[i] != NULL; i++) {
    if (g_str_has_prefix (parts[i], "smime=")) {
      gsize length;
      g_autofree guchar *decoded = g_base64_decode (parts[i] + strlen ("smime="), &length);

      return decoded != NULL ? g_strndup ((const char *)decoded, length) : NULL;
    }
  }
  return NULL;
}

void
mc_claws_settings_clear (McClawsSettings *account)
{
  g_free (account->choice);
  memset (account, 0, sizeof *account);
}

static void
take_line (McClawsSettings *account, const char *line, const char *address)
{
  if (g_str_has_prefix (line, "address="))
    account->found = mc_address_equal (line + strlen ("address="), address);
  else if (g_str_has_prefix (line, "default_privacy_system="))
    account->smime = strcmp (line + strlen ("default_privacy_system="), "smime") == 0;
  else if (g_str_has_prefix (line, "default_sign="))
    account->sign = line[strlen ("default_sign=")] == '1';
  else if (g_str_has_prefix (line, "privacy_prefs=")) {
    g_free (account->choice);
    account->choice = choice_of (line + strlen ("privacy_prefs="));
  }
}

McClawsSettings
mc_claws_settings_find (const char *text, const char *address)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  McClawsSettings account = {0};

  for (gsize i = 0; lines[i] != NULL; i++) {
    if (*lines[i] == '[' && account.found)
      return account;
    if (*lines[i] == '[')
      mc_claws_settings_clear (&account);
    else
      take_line (&account, g_strchomp (lines[i]), address);
  }
  return account;
}

gboolean
mc_claws_loads (const char *clawsrc, const char *plugin)
{
  g_auto (GStrv) lines = g_strsplit (clawsrc, "\n", -1);
  gboolean inside = FALSE;

  for (gsize i = 0; lines[i] != NULL; i++) {
    g_autofree char *name = NULL;

    if (*lines[i] == '[')
      inside = g_str_has_prefix (lines[i], "[Plugins_");
    else if (inside && *g_strstrip (lines[i]) != '\0') {
      name = g_path_get_basename (lines[i]);
      if (strcmp (name, plugin) == 0)
        return TRUE;
    }
  }
  return FALSE;
}
