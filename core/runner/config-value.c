/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/config-private.h"

#include "acme/http-message.h"
#include "base/error.h"
#include "keyring/keyring.h"

#include <errno.h>
#include <string.h>

/* One value: from the text behind "=" to the field it fills. */

#define DAY 86400

static gboolean
refuse (GError **error, const char *clause)
{
  g_set_error_literal (error, MC_ERROR, MC_ERROR_CONFIG, clause);
  return FALSE;
}

static void
replace (char **field, char *taken)
{
  g_free (*field);
  *field = taken;
}

/* "~/x" is in the home folder; anything else relative counts from the file that says it. */
static char *
absolute (const char *path, const char *value)
{
  g_autofree char *folder = NULL;

  if (g_str_has_prefix (value, "~/"))
    return g_build_filename (g_get_home_dir (), value + 2, NULL);
  folder = g_path_get_dirname (path);
  return g_canonicalize_filename (value, folder);
}

static gboolean
set_word (const McConfigEntry *entry, const char *value, gsize *out, GError **error)
{
  g_auto (GStrv) words = g_strsplit (entry->key.value, "|", -1);
  gsize count = g_strv_length (words);

  for (*out = 0; *out < count; (*out)++)
    if (strcmp (words[*out], value) == 0)
      return TRUE;
  g_set_error (error, MC_ERROR, MC_ERROR_CONFIG, "must be one of %s; did you mean \"%s\"?", entry->key.value,
               words[mc_config_nearest (value, (const char *const *)words, count)]);
  return FALSE;
}

static gboolean
set_boolean (const char *value, gboolean *out, GError **error)
{
  static const char *const yes[] = {"true", "yes", "on", "1", NULL};
  static const char *const no[] = {"false", "no", "off", "0", NULL};

  if (!g_strv_contains (yes, value) && !g_strv_contains (no, value))
    return refuse (error, "must be true or false");
  *out = g_strv_contains (yes, value);
  return TRUE;
}

static gboolean
set_number (const char *value, guint64 max, guint64 *out, GError **error)
{
  if (g_ascii_string_to_unsigned (value, 10, 0, max, out, NULL))
    return TRUE;
  g_set_error (error, MC_ERROR, MC_ERROR_CONFIG, "must be a number from 0 to %" G_GUINT64_FORMAT, max);
  return FALSE;
}

static gboolean
set_resolver (const char *value, char **field, GError **error)
{
  const char *at = strchr (value, '@');
  g_autofree char *ip = at != NULL ? g_strndup (value, (gsize)(at - value)) : g_strdup (value);
  guint64 port = 53;

  if (!g_hostname_is_ip_address (ip) ||
      (at != NULL && (!g_ascii_string_to_unsigned (at + 1, 10, 1, 65535, &port, NULL))))
    return refuse (error, "must be an IP address, with @PORT if it is not 53");
  replace (field, g_strdup (value));
  return TRUE;
}

static gboolean
set_command (const char *value, GPtrArray **field, GError **error)
{
  g_auto (GStrv) argv = NULL;

  /* GLib's own words repeat the command. */
  if (!g_shell_parse_argv (value, NULL, &argv, NULL))
    return refuse (error, "cannot be split into words: look at its quotes");
  if (g_str_has_prefix (argv[0], "~/"))
    replace (&argv[0], g_build_filename (g_get_home_dir (), argv[0] + 2, NULL));
  if (field != NULL) {
    if (*field == NULL)
      *field = g_ptr_array_new_with_free_func ((GDestroyNotify)g_strfreev);
    g_ptr_array_add (*field, g_steal_pointer (&argv));
  }
  return TRUE;
}

static char **
split (const char *value)
{
  g_auto (GStrv) parts = g_strsplit (value, ";", -1);
  GPtrArray *list = g_ptr_array_new ();

  for (gsize i = 0; parts[i] != NULL; i++)
    if (*g_strstrip (parts[i]) != '\0')
      g_ptr_array_add (list, g_strdup (parts[i]));
  g_ptr_array_add (list, NULL);
  return (char **)g_ptr_array_free (list, FALSE);
}

static gboolean
set_list (const char *value, char ***field, GError **error)
{
  g_auto (GStrv) list = split (value);

  if (list[0] == NULL)
    return refuse (error, "names nothing");
  g_strfreev (*field);
  *field = g_steal_pointer (&list);
  return TRUE;
}

/* "files:~/x" means the home folder, too. */
static char *
keyring_spec (const char *value, GError **error)
{
  const char *colon = strchr (value, ':');
  g_autoptr (GError) why = NULL;
  g_autofree char *spec = NULL;

  if (colon != NULL && g_str_has_prefix (colon + 1, "~/"))
    spec = g_strdup_printf ("%.*s:%s/%s", (int)(colon - value), value, g_get_home_dir (), colon + 3);
  else
    spec = g_strdup (value);
  if (mc_keyring_spec_check (spec, &why))
    return g_steal_pointer (&spec);
  refuse (error, why->message);
  return NULL;
}

static gboolean
set_keyrings (const char *value, char ***field, GError **error)
{
  g_auto (GStrv) list = NULL;

  if (!set_list (value, &list, error))
    return FALSE;
  for (gsize i = 0; list[i] != NULL; i++) {
    char *spec = keyring_spec (list[i], error);

    if (spec == NULL)
      return FALSE;
    replace (&list[i], spec);
  }
  g_strfreev (*field);
  *field = g_steal_pointer (&list);
  return TRUE;
}

static gboolean
set_text (const McConfigEntry *entry, char **field, const char *path, const char *value, GError **error)
{
  gsize index;

  switch (entry->kind) {
  case MC_CONFIG_TEXT:
    replace (field, *value != '\0' ? g_strdup (value) : NULL);
    return TRUE;
  case MC_CONFIG_FILE:
    replace (field, *value != '\0' ? absolute (path, value) : NULL);
    return TRUE;
  case MC_CONFIG_URL:
    if (!mc_url_is_acceptable (value))
      return refuse (error, "must be an https:// URL");
    break;
  case MC_CONFIG_CHOICE:
    if (!set_word (entry, value, &index, error))
      return FALSE;
    break;
  case MC_CONFIG_RESOLVER:
    return set_resolver (value, field, error);
  default: /* MC_CONFIG_ARGV */
    if (!set_command (value, NULL, error))
      return FALSE;
    break;
  }
  replace (field, g_strdup (value));
  return TRUE;
}

static gboolean
set_of_account (McConfig *config, const McConfigEntry *entry, const char *address, const char *value, GError **error)
{
  gboolean is_ca = entry->kind == MC_CONFIG_OF_ACCOUNT_CA;
  char *text = is_ca ? g_strdup (value) : keyring_spec (value, error);

  if (text == NULL)
    return FALSE;
  g_hash_table_insert (is_ca ? config->account_cas : config->account_keyrings, g_strdup (address), text);
  return TRUE;
}

static gboolean
set_scalar (const McConfigEntry *entry, void *record, const char *value, GError **error)
{
  guint64 number;
  gsize index;

  switch (entry->kind) {
  case MC_CONFIG_WORD:
    if (!set_word (entry, value, &index, error))
      return FALSE;
    G_STRUCT_MEMBER (int, record, entry->offset) = (int)index; /* gboolean, or an enum in the order of the words */
    return TRUE;
  case MC_CONFIG_BOOLEAN:
    return set_boolean (value, &G_STRUCT_MEMBER (gboolean, record, entry->offset), error);
  case MC_CONFIG_SECONDS:
    if (!set_number (value, DAY, &number, error))
      return FALSE;
    G_STRUCT_MEMBER (gint64, record, entry->offset) = (gint64)number;
    return TRUE;
  default: /* MC_CONFIG_NUMBER */
    if (!set_number (value, 100, &number, error))
      return FALSE;
    G_STRUCT_MEMBER (guint, record, entry->offset) = (guint)number;
    return TRUE;
  }
}

gboolean
mc_config_set (McConfig *config, const McConfigEntry *entry, const char *address, void *record, const char *path,
               const char *value, GError **error)
{
  if (*value == '\0' && entry->kind != MC_CONFIG_TEXT && entry->kind != MC_CONFIG_FILE)
    return refuse (error, "has no value");
  switch (entry->kind) {
  case MC_CONFIG_TEXT:
  case MC_CONFIG_FILE:
  case MC_CONFIG_URL:
  case MC_CONFIG_RESOLVER:
  case MC_CONFIG_ARGV:
  case MC_CONFIG_CHOICE:
    return set_text (entry, &G_STRUCT_MEMBER (char *, record, entry->offset), path, value, error);
  case MC_CONFIG_COMMAND:
    return set_command (value, &G_STRUCT_MEMBER (GPtrArray *, record, entry->offset), error);
  case MC_CONFIG_LIST:
    return set_list (value, &G_STRUCT_MEMBER (char **, record, entry->offset), error);
  case MC_CONFIG_KEYRINGS:
    return set_keyrings (value, &G_STRUCT_MEMBER (char **, record, entry->offset), error);
  case MC_CONFIG_OF_ACCOUNT_CA:
  case MC_CONFIG_OF_ACCOUNT_KEYRING:
    return set_of_account (config, entry, address, value, error);
  default:
    return set_scalar (entry, record, value, error);
  }
}
