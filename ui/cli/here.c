/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "here.h"

#include "runner/file.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

#define GROUP "here"
#define NOTE_MAX (16 * 1024)

static char *
here_path (void)
{
  return g_build_filename (g_get_home_dir (), ".local", "share", "mailcert", "here", NULL);
}

static char *
absolute (const char *path)
{
  return g_canonicalize_filename (path, NULL);
}

static void
note (GKeyFile *notes, const char *key, const char *path, const char *usual)
{
  g_autofree char *full = absolute (path);

  if (strcmp (full, usual) != 0)
    g_key_file_set_string (notes, GROUP, key, full);
}

static GKeyFile *
collect (const McCli *cli)
{
  GKeyFile *notes = g_key_file_new ();
  g_autofree char *data = g_build_filename (g_get_home_dir (), ".local", "share", "mailcert", NULL);
  g_autofree char *config = g_build_filename (g_get_home_dir (), ".config", "mailcert", "mailcert.conf", NULL);
  g_autofree char *gnupg = g_build_filename (g_get_home_dir (), ".gnupg", NULL);
  const char *keyring = g_getenv ("GNUPGHOME");

  note (notes, "data", cli->config->data_dir, data);
  note (notes, "config", cli->config->path, config);
  if (keyring != NULL && *keyring != '\0')
    note (notes, "gnupghome", keyring, gnupg);
  return notes;
}

static gboolean
fail_write (const char *path, int why, GError **error)
{
  mc_cli_set_error (error, MC_ERROR_WRITE, _ ("The note for mail filters, %s, cannot be written: %s."), path,
                    g_strerror (why));
  return FALSE;
}

gboolean
mc_here_write (const McCli *cli, GError **error)
{
  g_autofree char *path = here_path ();
  g_autofree char *dir = g_path_get_dirname (path);
  g_autoptr (GKeyFile) notes = collect (cli);
  g_autofree char *text = NULL;
  g_autoptr (GError) local = NULL;
  gsize length;

  if (!g_key_file_has_group (notes, GROUP))
    return g_unlink (path) == 0 || errno == ENOENT || errno == ENOTDIR || fail_write (path, errno, error);
  text = g_key_file_to_data (notes, &length, NULL);
  if (g_mkdir_with_parents (dir, 0700) != 0)
    return fail_write (path, errno, error);
  if (!g_file_set_contents_full (path, text, (gssize)length, G_FILE_SET_CONTENTS_CONSISTENT, 0600, &local)) {
    mc_cli_set_error (error, MC_ERROR_WRITE, _ ("The note for mail filters, %s, cannot be written: %s."), path,
                      local->message);
    return FALSE;
  }
  return TRUE;
}

static gboolean
is_set (const char *variable)
{
  const char *value = g_getenv (variable);

  return value != NULL && *value != '\0';
}

static void
supply (McCli *cli, const char *option, const char *variable, GKeyFile *notes, const char *key)
{
  g_autofree char *path = g_key_file_get_string (notes, GROUP, key, NULL);
  GPtrArray *values;

  if (path == NULL || !g_path_is_absolute (path) || mc_cli_has (cli, option) || is_set (variable))
    return;
  values = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (values, g_steal_pointer (&path));
  g_hash_table_insert (cli->values, (gpointer)option, values);
}

gboolean
mc_here_follow (McCli *cli, GError **error)
{
  g_autofree char *path = here_path ();
  g_autoptr (GKeyFile) notes = g_key_file_new ();
  g_autofree char *keyring = NULL;
  g_autofree char *text = NULL;
  g_autoptr (GError) local = NULL;
  gsize length;

  if (!mc_file_read (path, NOTE_MAX, FALSE, &text, &length, &local) ||
      !g_key_file_load_from_data (notes, text, length, G_KEY_FILE_NONE, &local)) {
    if (g_error_matches (local, G_FILE_ERROR, G_FILE_ERROR_NOENT) ||
        g_error_matches (local, G_FILE_ERROR, G_FILE_ERROR_NOTDIR))
      return TRUE;
    mc_cli_set_error (error, MC_ERROR_CONFIG, _ ("The note for mail filters, %s, cannot be read: %s."), path,
                      local->message);
    return FALSE;
  }
  supply (cli, "data-dir", "XDG_DATA_HOME", notes, "data");
  supply (cli, "config", "XDG_CONFIG_HOME", notes, "config");
  keyring = g_key_file_get_string (notes, GROUP, "gnupghome", NULL);
  if (keyring != NULL && g_path_is_absolute (keyring) && !is_set ("GNUPGHOME"))
    g_setenv ("GNUPGHOME", keyring, TRUE);
  return TRUE;
}
