/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "mail/ca-profile.h"

McCaProfile *
mc_ca_profile_new (void)
{
  McCaProfile *ca = g_new0 (McCaProfile, 1);

  ca->trigger_wait = 600;
  return ca;
}

McCaProfile *
mc_ca_profile_copy (const McCaProfile *ca)
{
  McCaProfile *copy = g_new (McCaProfile, 1);

  *copy = *ca;
  copy->name = g_strdup (ca->name);
  copy->directory = g_strdup (ca->directory);
  copy->ca_file = g_strdup (ca->ca_file);
  copy->mail_roots = g_strdup (ca->mail_roots);
  copy->mail_roots_pem = ca->mail_roots_pem == NULL ? NULL : g_bytes_ref (ca->mail_roots_pem);
  copy->key = g_strdup (ca->key);
  copy->profile = g_strdup (ca->profile);
  copy->eab_file = g_strdup (ca->eab_file);
  copy->root = g_strdup (ca->root);
  return copy;
}

void
mc_ca_profile_free (McCaProfile *ca)
{
  if (ca == NULL)
    return;
  g_free (ca->name);
  g_free (ca->directory);
  g_free (ca->ca_file);
  g_free (ca->mail_roots);
  g_clear_pointer (&ca->mail_roots_pem, g_bytes_unref);
  g_free (ca->key);
  g_free (ca->profile);
  g_free (ca->eab_file);
  g_free (ca->root);
  g_free (ca);
}
