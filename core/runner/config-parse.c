/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/config-private.h"

#include "base/error.h"
#include "mail/address.h"

#include <string.h>

/* A file's text: GKeyFile finds groups, keys and values; where they stand is found by a scan of our own, because people
 * mend lines. */

typedef struct {
  McConfig *config;
  const char *path;
  McConfigSource source;
  GKeyFile *file;
  GHashTable *lines; /* "group\nkey" or "group" -> number of the line */
} Reading;

static gboolean
refuse_line (const char *path, guint line, const char *clause, GError **error)
{
  g_set_error (error, MC_ERROR, MC_ERROR_CONFIG, "%s:%u: %s", path, line, clause);
  return FALSE;
}

static guint
line_of (const Reading *r, const char *group, const char *key)
{
  g_autofree char *place = key != NULL ? g_strdup_printf ("%s\n%s", group, key) : g_strdup (group);

  return GPOINTER_TO_UINT (g_hash_table_lookup (r->lines, place));
}

/* Where KEY does not stand, the line is that of its group. */
static gboolean
refuse_key (const Reading *r, const char *group, const char *key, const char *clause, GError **error)
{
  g_autofree char *shown = mc_text_sanitize (key, 60);
  guint line = line_of (r, group, key);

  if (line == 0)
    line = line_of (r, group, NULL);
  if (line != 0)
    g_set_error (error, MC_ERROR, MC_ERROR_CONFIG, "%s:%u: [%s] %s: %s", r->path, line, group, shown, clause);
  else
    g_set_error (error, MC_ERROR, MC_ERROR_CONFIG, "%s: [%s] %s: %s", r->path, group, shown, clause);
  return FALSE;
}

/* One line as GKeyFile will see it. *GROUP follows the headers. */
static gboolean
scan_line (Reading *r, char *line, guint number, char **group, GError **error)
{
  char *equals, *place;

  if (!g_utf8_validate (line, -1, NULL))
    return refuse_line (r->path, number, "this line is not UTF-8", error);
  g_strstrip (line);
  if (*line == '\0' || *line == '#')
    return TRUE;
  if (*line == '[') {
    gsize length = strlen (line);

    if (length < 3 || line[length - 1] != ']' || strpbrk (line + 1, "[]") != line + length - 1)
      return refuse_line (r->path, number, "a group is written [name]", error);
    g_free (*group);
    *group = g_strndup (line + 1, length - 2);
    g_hash_table_insert (r->lines, g_strdup (*group), GUINT_TO_POINTER (number));
    return TRUE;
  }
  equals = strchr (line, '=');
  if (equals == NULL || equals == line)
    return refuse_line (r->path, number, "this is neither [group], key = value nor a # comment", error);
  if (*group == NULL)
    return refuse_line (r->path, number, "a [group] must come first", error);
  *equals = '\0';
  g_strchomp (line);
  place = g_strdup_printf ("%s\n%s", *group, line);
  if (g_hash_table_contains (r->lines, place)) {
    g_autofree char *shown_group = mc_text_sanitize (*group, 60);
    g_autofree char *shown = mc_text_sanitize (line, 60);
    g_autofree char *clause = g_strdup_printf ("[%s] %s: stands here for the second time", shown_group, shown);

    g_free (place);
    return refuse_line (r->path, number, clause, error);
  }
  g_hash_table_insert (r->lines, place, GUINT_TO_POINTER (number));
  return TRUE;
}

static gboolean
scan (Reading *r, const char *text, gsize length, GError **error)
{
  g_autofree char *group = NULL;
  guint number = 0;

  for (gsize start = 0; start < length;) {
    const char *end = memchr (text + start, '\n', length - start);
    gsize size = end != NULL ? (gsize)(end - text) - start : length - start;
    g_autofree char *line = g_strndup (text + start, size);

    number++;
    if (strlen (line) != size)
      return refuse_line (r->path, number, "this line has a NUL", error);
    if (!scan_line (r, line, number, &group, error))
      return FALSE;
    start += size + 1;
  }
  return TRUE;
}

static gboolean
unknown_key (const Reading *r, const char *group, const char *kind, const char *key, GError **error)
{
  const char *other;
  const char *nearest = mc_config_nearest_key (kind, key, &other);
  g_autofree char *clause = NULL;

  if (g_strcmp0 (other, "mailcert") == 0)
    clause = g_strdup ("belongs in [mailcert]");
  else if (other != NULL)
    clause = g_strdup_printf ("belongs in [%s]", strcmp (other, "ca") == 0 ? "ca NAME" : "account ADDRESS");
  else
    clause = g_strdup_printf ("is not known; did you mean \"%s\"?", nearest);
  return refuse_key (r, group, key, clause, error);
}

static gboolean
read_group (Reading *r, const char *group, const char *kind, const char *address, void *record, GError **error)
{
  g_auto (GStrv) keys = g_key_file_get_keys (r->file, group, NULL, NULL);

  for (gsize i = 0; keys != NULL && keys[i] != NULL; i++) {
    const McConfigEntry *entry = mc_config_entry (kind, keys[i]);
    g_autofree char *value = g_key_file_get_value (r->file, group, keys[i], NULL);
    g_autoptr (GError) why = NULL;

    if (entry == NULL)
      return unknown_key (r, group, kind, keys[i], error);
    if (r->source == MC_CONFIG_CLIENT && record == r->config && entry->kind != MC_CONFIG_COMMAND)
      return refuse_key (r, group, keys[i], "does not belong in a mail client's file", error);
    /* The raw value: commands are full of backslashes that GKeyFile would take for its own. */
    if (value == NULL)
      return refuse_key (r, group, keys[i], "cannot be read", error);
    if (!mc_config_set (r->config, entry, address, record, r->path, g_strstrip (value), &why))
      return refuse_key (r, group, keys[i], why->message, error);
  }
  return TRUE;
}

static gboolean
bad_group (const Reading *r, const char *group, const char *clause, GError **error)
{
  g_autofree char *shown = mc_text_sanitize (group, 60);

  g_set_error (error, MC_ERROR, MC_ERROR_CONFIG, "%s:%u: [%s] %s", r->path, line_of (r, group, NULL), shown, clause);
  return FALSE;
}

static gboolean
is_ca_name (const char *name)
{
  return *name != '\0' && strlen (name) <= 64 &&
         strspn (name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") == strlen (name);
}

static gboolean
read_ca (Reading *r, const char *group, const char *name, GError **error)
{
  McCaProfile *ca;

  if (!is_ca_name (name))
    return bad_group (r, group, "needs a name of letters, digits, dots and hyphens: [ca NAME]", error);
  ca = g_hash_table_lookup (r->config->cas, name);
  if (ca == NULL) {
    ca = mc_ca_profile_new ();
    ca->name = g_strdup (name);
    g_hash_table_insert (r->config->cas, g_strdup (name), ca);
  }
  return read_group (r, group, "ca", NULL, ca, error);
}

static gboolean
read_account (Reading *r, const char *group, const char *address, GError **error)
{
  McMailAccount *account;
  g_autoptr (GError) why = NULL;

  if (!mc_address_is_valid (address))
    return bad_group (r, group, "needs a mail address: [account ADDRESS]", error);
  account = g_hash_table_lookup (r->config->accounts, address);
  if (account != NULL && r->source == MC_CONFIG_CLIENT)
    return TRUE; /* as a whole: half of one description and half of another would fit nobody */
  if (account == NULL) {
    account = mc_mail_account_new (address);
    g_hash_table_insert (r->config->accounts, g_strdup (address), account);
  }
  if (!read_group (r, group, "account", address, account, error))
    return FALSE;
  if (mc_mail_account_check (account, &why))
    return TRUE;
  {
    /* Its sentence begins with the key: "imap: not a URL". */
    gsize length = strcspn (why->message, ":");
    g_autofree char *key = g_strndup (why->message, length);
    const char *clause = why->message + length + strspn (why->message + length, ": ");

    return refuse_key (r, group, key, clause, error);
  }
}

static gboolean
read_any (Reading *r, const char *group, GError **error)
{
  static const char *const kinds[] = {"mailcert", "ca", "account"};
  static const char *const forms[] = {"[mailcert]", "[ca NAME]", "[account ADDRESS]"};
  g_autofree char *kind = g_strndup (group, strcspn (group, " \t"));
  g_autofree char *name = g_strstrip (g_strdup (group + strlen (kind)));
  g_autofree char *clause = NULL;

  if (strcmp (kind, "ca") == 0 && r->source == MC_CONFIG_CLIENT)
    return bad_group (r, group, "does not belong in a mail client's file", error);
  if (strcmp (kind, "ca") == 0)
    return read_ca (r, group, name, error);
  if (r->source == MC_CONFIG_SHIPPED)
    return bad_group (r, group, "does not belong in a file about CAs", error);
  if (strcmp (kind, "mailcert") == 0 && *name == '\0')
    return read_group (r, group, "mailcert", NULL, r->config, error);
  if (strcmp (kind, "account") == 0)
    return read_account (r, group, name, error);
  clause =
      g_strdup_printf ("is not known; did you mean %s?", forms[mc_config_nearest (kind, kinds, G_N_ELEMENTS (kinds))]);
  return bad_group (r, group, clause, error);
}

/* What was read, as a whole. */
static gboolean
check (const Reading *r, GError **error)
{
  g_autofree char *group = NULL;
  const char *key;
  g_autoptr (GError) why = NULL;

  return mc_config_check (r->config, &group, &key, &why) || refuse_key (r, group, key, why->message, error);
}

gboolean
mc_config_parse (McConfig *config, const char *text, gsize length, const char *path, McConfigSource source,
                 GError **error)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autoptr (GHashTable) lines = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  Reading r = {config, path, source, file, lines};
  g_auto (GStrv) groups = NULL;
  g_autoptr (GError) why = NULL;

  if (length > MC_CONFIG_MAX) {
    g_set_error (error, MC_ERROR, MC_ERROR_CONFIG, "%s: it is too large for a configuration", path);
    return FALSE;
  }
  if (!scan (&r, text, length, error))
    return FALSE;
  if (length > 0 && !g_key_file_load_from_data (file, text, length, G_KEY_FILE_NONE, &why)) {
    g_autofree char *shown = mc_text_sanitize (why->message, 200);

    g_set_error (error, MC_ERROR, MC_ERROR_CONFIG, "%s: %s", path, shown);
    return FALSE;
  }
  groups = g_key_file_get_groups (file, NULL);
  for (gsize i = 0; groups[i] != NULL; i++)
    if (!read_any (&r, groups[i], error))
      return FALSE;
  return check (&r, error);
}
