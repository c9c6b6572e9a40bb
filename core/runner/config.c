/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/config-private.h"

#include "base/error.h"
#include "mail/address.h"
#include "runner/file.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void
free_ca (gpointer ca)
{
  mc_ca_profile_free (ca);
}

static void
free_account (gpointer account)
{
  mc_mail_account_free (account);
}

/* Addresses whose domains differ only in case are one: what stands before the "@" is all that both spellings share. */
static guint
address_hash (gconstpointer key)
{
  const char *domain = mc_address_domain (key);
  guint hash = 5381;

  for (const char *p = key; *p != '\0' && p != domain; p++)
    hash = hash * 33 + (guchar)*p;
  return hash;
}

static gboolean
address_equal (gconstpointer a, gconstpointer b)
{
  return strcmp (a, b) == 0 || mc_address_equal (a, b);
}

McConfig *
mc_config_empty (void)
{
  McConfig *config = g_new0 (McConfig, 1);

  config->auto_answer = TRUE;
  config->notify = TRUE;
  config->cas = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, free_ca);
  config->accounts = g_hash_table_new_full (address_hash, address_equal, g_free, free_account);
  config->account_cas = g_hash_table_new_full (address_hash, address_equal, g_free, g_free);
  config->account_keyrings = g_hash_table_new_full (address_hash, address_equal, g_free, g_free);
  return config;
}

void
mc_config_free (McConfig *config)
{
  if (config == NULL)
    return;
  g_free (config->path);
  g_free (config->data_dir);
  g_free (config->ca_dir);
  g_free (config->default_ca);
  g_strfreev (config->keyrings);
  g_free (config->resolver);
  g_free (config->dnssec_anchor);
  g_clear_pointer (&config->on_installed, g_ptr_array_unref);
  g_clear_pointer (&config->on_action_needed, g_ptr_array_unref);
  g_clear_pointer (&config->on_failed, g_ptr_array_unref);
  g_hash_table_unref (config->cas);
  g_hash_table_unref (config->accounts);
  g_hash_table_unref (config->account_cas);
  g_hash_table_unref (config->account_keyrings);
  g_free (config);
}

static gboolean
read_file (McConfig *config, const char *path, McConfigSource source, GError **error)
{
  g_autofree char *text = NULL;
  g_autoptr (GError) why = NULL;
  gsize length;

  if (!mc_file_read (path, MC_CONFIG_MAX, source == MC_CONFIG_PERSON, &text, &length, &why)) {
    g_set_error (error, MC_ERROR, MC_ERROR_CONFIG, "%s: %s", path, why->message);
    return FALSE;
  }
  return mc_config_parse (config, text, length, path, source, error);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

/* The file names commands that will be run, or whom to trust: who may write it may run them. */
static gboolean
check_mode (const char *path, GError **error)
{
  struct stat is;

  if (stat (path, &is) != 0 || (is.st_mode & S_IWOTH) == 0 || S_ISCHR (is.st_mode))
    return TRUE;
  g_set_error (error, MC_ERROR, MC_ERROR_CONFIG, "%s: anybody may write to it: chmod 600 it", path);
  return FALSE;
}

/* A folder in which others may make files, or a file that others own, is as good as written by anybody. */
static gboolean
check_owner (const char *path, GError **error)
{
  struct stat is;

  if (stat (path, &is) != 0 || is.st_uid == geteuid () || is.st_uid == 0)
    return check_mode (path, error);
  g_set_error (error, MC_ERROR, MC_ERROR_CONFIG, "%s: it belongs to somebody else", path);
  return FALSE;
}

/* Every file of DIR that ends in SUFFIX, in the order of their names. No such folder: nothing is there. */
static gboolean
read_folder (McConfig *config, const char *dir, const char *suffix, McConfigSource source, GError **error)
{
  g_autoptr (GDir) open = g_dir_open (dir, 0, NULL);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  const char *name;

  while (open != NULL && (name = g_dir_read_name (open)) != NULL)
    if (g_str_has_suffix (name, suffix))
      g_ptr_array_add (names, g_strdup (name));
  g_ptr_array_sort (names, compare_names);
  for (guint i = 0; i < names->len; i++) {
    g_autofree char *path = g_build_filename (dir, g_ptr_array_index (names, i), NULL);

    if (!(source == MC_CONFIG_CLIENT ? check_owner (path, error) : check_mode (path, error)))
      return FALSE;
    if (!read_file (config, path, source, error))
      return FALSE;
  }
  return TRUE;
}

char *
mc_config_client_dir (const McConfig *config)
{
  return g_strconcat (config->path, ".d", NULL);
}

static gboolean
read_clients (McConfig *config, GError **error)
{
  g_autofree char *dir = mc_config_client_dir (config);

  return !g_file_test (dir, G_FILE_TEST_IS_DIR) ||
         (check_owner (dir, error) && read_folder (config, dir, ".conf", MC_CONFIG_CLIENT, error));
}

McConfig *
mc_config_new (const char *path, const char *data_dir, const char *ca_dir, GError **error)
{
  g_autoptr (McConfig) config = mc_config_empty ();

  config->path = path != NULL ? g_canonicalize_filename (path, NULL)
                              : g_build_filename (g_get_user_config_dir (), "mailcert", "mailcert.conf", NULL);
  config->data_dir = data_dir != NULL ? g_canonicalize_filename (data_dir, NULL)
                                      : g_build_filename (g_get_user_data_dir (), "mailcert", NULL);
  config->ca_dir = g_strdup (ca_dir);
  if (ca_dir != NULL && !read_folder (config, ca_dir, ".ini", MC_CONFIG_SHIPPED, error))
    return NULL;
  if (path != NULL || g_file_test (config->path, G_FILE_TEST_EXISTS)) {
    if (!check_mode (config->path, error) || !read_file (config, config->path, MC_CONFIG_PERSON, error))
      return NULL;
  }
  if (!read_clients (config, error))
    return NULL;
  return g_steal_pointer (&config);
}

gboolean
mc_config_try (const McConfig *config, const char *text, GError **error)
{
  g_autoptr (McConfig) tried = mc_config_empty ();

  tried->path = g_strdup (config->path);
  return (config->ca_dir == NULL || read_folder (tried, config->ca_dir, ".ini", MC_CONFIG_SHIPPED, error)) &&
         mc_config_parse (tried, text, strlen (text), config->path, MC_CONFIG_PERSON, error);
}

const McMailAccount *
mc_config_account (const McConfig *config, const char *address)
{
  return g_hash_table_lookup (config->accounts, address);
}
