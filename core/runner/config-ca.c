/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/config-private.h"

#include "acme/http-message.h"
#include "base/error.h"

#include <string.h>

/* Which CA is meant. */

static McCaProfile *
by_directory (const McConfig *config, const char *url)
{
  GHashTableIter iter;
  gpointer value;
  McCaProfile *found = NULL;

  g_hash_table_iter_init (&iter, config->cas);
  while (g_hash_table_iter_next (&iter, NULL, &value)) {
    McCaProfile *ca = value;

    /* Several may name one directory: the same one is found every time. */
    if (g_strcmp0 (ca->directory, url) == 0 && (found == NULL || strcmp (ca->name, found->name) < 0))
      found = ca;
  }
  return found;
}

static gboolean
is_known (const McConfig *config, const char *name)
{
  return g_hash_table_contains (config->cas, name) || mc_url_is_acceptable (name);
}

/* CODE: of an address that cannot be one; USAGE where it was typed. */
static gboolean
unknown_ca (const McConfig *config, const char *name, gint code, GError **error)
{
  guint count;
  g_autofree const char **names = (const char **)g_hash_table_get_keys_as_array (config->cas, &count);
  g_autofree char *shown = mc_text_sanitize (name, 100);

  if (strstr (name, "://") != NULL) { /* not repeated: a password may stand in it */
    g_set_error_literal (error, MC_ERROR, code,
                         "the address of a CA begins with https:// and a host, without a user name");
    return FALSE;
  }
  if (count == 0)
    g_set_error (error, MC_ERROR, MC_ERROR_CONFIG, "no CA is called \"%s\"; give the https:// URL of its directory",
                 shown);
  else
    g_set_error (error, MC_ERROR, MC_ERROR_CONFIG, "no CA is called \"%s\"; did you mean \"%s\"?", shown,
                 names[mc_config_nearest (name, names, count)]);
  return FALSE;
}

McCaProfile *
mc_config_ca (const McConfig *config, const char *name_or_url, GError **error)
{
  const char *name = name_or_url != NULL ? name_or_url : config->default_ca;
  const McCaProfile *known;
  McCaProfile *made;

  if (name == NULL) {
    g_set_error (error, MC_ERROR, MC_ERROR_CONFIG,
                 "no CA is chosen: name one with --ca, or write default-ca = NAME below [mailcert] in %s",
                 config->path);
    return NULL;
  }
  known = g_hash_table_lookup (config->cas, name);
  if (known == NULL)
    known = by_directory (config, name);
  if (known != NULL)
    return mc_ca_profile_copy (known);
  if (!mc_url_is_acceptable (name)) {
    unknown_ca (config, name, MC_ERROR_USAGE, error);
    return NULL;
  }
  made = mc_ca_profile_new ();
  made->name = g_strndup (name + strlen ("https://"), strcspn (name + strlen ("https://"), "/?#"));
  made->directory = g_strdup (name);
  return made;
}

gboolean
mc_config_check (const McConfig *config, char **group, const char **key, GError **error)
{
  GHashTableIter iter;
  gpointer name, value;

  g_hash_table_iter_init (&iter, config->cas);
  while (g_hash_table_iter_next (&iter, &name, &value)) {
    if (((const McCaProfile *)value)->directory == NULL) {
      g_set_error_literal (error, MC_ERROR, MC_ERROR_CONFIG, "is missing");
      *group = g_strconcat ("ca ", name, NULL);
      *key = "directory";
      return FALSE;
    }
  }
  if (config->default_ca != NULL && !is_known (config, config->default_ca)) {
    *group = g_strdup ("mailcert");
    *key = "default-ca";
    return unknown_ca (config, config->default_ca, MC_ERROR_CONFIG, error);
  }
  g_hash_table_iter_init (&iter, config->account_cas);
  while (g_hash_table_iter_next (&iter, &name, &value)) {
    if (!is_known (config, value)) {
      *group = g_strconcat ("account ", name, NULL);
      *key = "ca";
      return unknown_ca (config, value, MC_ERROR_CONFIG, error);
    }
  }
  return TRUE;
}
