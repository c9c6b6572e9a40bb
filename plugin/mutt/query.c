/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "mutt.h"

#include "base/error.h"
#include "base/secret.h"
#include "net/process.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* "mutt -Q name" prints name="value", "name is set" or name=value; neomutt prints set name = "value" or set name = yes.
 */

#define SECONDS 60 /* commands in the person's file run too: a password may be typed */
#define MOST 65536

const char *
mc_mutt_client (const McMutt *mutt)
{
  return mutt->neomutt ? "neomutt" : "mutt";
}

static void
free_secret (gpointer text)
{
  mc_secret_string_free (text);
}

GHashTable *
mc_mutt_settings_new (void)
{
  return g_hash_table_new_full (g_str_hash, g_str_equal, g_free, free_secret);
}

static char *
plain_name (const char *text, gsize length)
{
  GString *name = g_string_new (NULL);

  for (gsize i = 0; i < length; i++)
    if (text[i] != '_')
      g_string_append_c (name, text[i]);
  return g_string_free (name, FALSE);
}

/* A quoted value ends at its quote; what follows a backslash stands for itself. */
static char *
unquote (const char *text)
{
  gsize length = strlen (text);
  gboolean quoted = *text == '"';
  char *value = g_malloc (length + 1);
  char *out = value;

  for (const char *p = text + quoted; *p != '\0' && !(quoted && *p == '"'); p++) {
    if (quoted && *p == '\\' && p[1] != '\0')
      p++;
    *out++ = *p;
  }
  *out = '\0';
  return value;
}

static void
parse_line (GHashTable *settings, const char *line)
{
  gsize length;
  const char *rest;

  if (g_str_has_prefix (line, "set "))
    line += strlen ("set ");
  length = strspn (line, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
  rest = line + length;
  if (length == 0)
    return;
  if (g_str_equal (rest, " is set") || g_str_equal (rest, " is unset")) {
    g_hash_table_insert (settings, plain_name (line, length), g_strdup (g_str_equal (rest, " is set") ? "yes" : "no"));
    return;
  }
  rest += strspn (rest, " ");
  if (*rest++ != '=')
    return;
  rest += strspn (rest, " ");
  g_hash_table_insert (settings, plain_name (line, length), unquote (rest));
}

void
mc_mutt_query_parse (GHashTable *settings, const char *text, gsize length)
{
  for (gsize start = 0; start < length;) {
    const char *end = memchr (text + start, '\n', length - start);
    gsize size = end != NULL ? (gsize)(end - text) - start : length - start;
    g_autoptr (McSecretString) line = g_strndup (text + start, size);

    if (strlen (line) == size && g_utf8_validate (line, -1, NULL))
      parse_line (settings, line);
    start += size + 1;
  }
}

static gboolean
ask (const McMutt *mutt, const char *const *names, gsize count, GHashTable *settings, GError **error)
{
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  McProcessOptions options = {.keep_stdout = TRUE, .keep_stderr = TRUE, .max_output = MOST, .seconds = SECONDS};
  g_autoptr (McProcess) process = NULL;

  g_ptr_array_add (argv, (gpointer)mc_mutt_client (mutt));
  if (mutt->rc_file != NULL) {
    g_ptr_array_add (argv, (gpointer) "-F");
    g_ptr_array_add (argv, mutt->rc_file);
  }
  for (gsize i = 0; i < count; i++) {
    g_ptr_array_add (argv, (gpointer) "-Q");
    g_ptr_array_add (argv, (gpointer)names[i]);
  }
  g_ptr_array_add (argv, NULL);
  options.argv = (const char *const *)argv->pdata;
  process = mc_process_run (&options, error);
  if (!process->ended) {
    g_prefix_error (error, "%s: ", mc_mutt_client (mutt));
    return FALSE;
  }
  mc_mutt_query_parse (settings, (const char *)process->out->data, process->out->len);
  return TRUE;
}

GHashTable *
mc_mutt_query (const McMutt *mutt, const char *const *names, GError **error)
{
  g_autoptr (GHashTable) settings = mc_mutt_settings_new ();
  gsize count = g_strv_length ((char **)names);

  /* Its file has "source 'mailcert mutt rc|'", which must not ask again. */
  g_setenv ("MAILCERT_MUTT_ASKS", "1", TRUE);
  /* mutt leaves out the folder that it runs in where a path begins with it: one in which nothing of anybody's lies. */
  if (chdir ("/proc") != 0) {
    g_set_error (error, MC_ERROR, MC_ERROR_INTERNAL, "/proc: %s", g_strerror (errno));
    return NULL;
  }
  if (!ask (mutt, names, count, settings, error))
    return NULL;
  /* mutt stops at a name that it does not know: the rest is asked for one by one. */
  for (gsize i = 0; i < count; i++) {
    g_autofree char *plain = plain_name (names[i], strlen (names[i]));

    if (!g_hash_table_contains (settings, plain) && !ask (mutt, &names[i], 1, settings, error))
      return NULL;
  }
  return g_steal_pointer (&settings);
}
