/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "mutt.h"

#include <glib/gstdio.h>
#include <string.h>

/* The client answers for its settings itself; its files are read for what it cannot tell: alternates, the command
 * behind a password, and whether the person wants us. Nothing in them is run. */

#define FILE_MAX (1024 * 1024)
#define FILES_MAX 64

McMuttrc *
mc_muttrc_new (void)
{
  McMuttrc *rc = g_new0 (McMuttrc, 1);

  rc->alternates = g_ptr_array_new_with_free_func (g_free);
  rc->files = g_ptr_array_new_with_free_func (g_free);
  return rc;
}

void
mc_muttrc_free (McMuttrc *rc)
{
  if (rc == NULL)
    return;
  g_free (rc->password_command);
  g_ptr_array_unref (rc->alternates);
  g_ptr_array_unref (rc->files);
  g_free (rc);
}

/* The next word from *AT on: quotes and backslashes as the client takes them, a command in backticks unread. FALSE at
 * the end of the line or a comment. */
static gboolean
next_word (const char **at, GString *word)
{
  const char *p = *at + strspn (*at, " \t");
  char quote = '\0';

  g_string_truncate (word, 0);
  if (*p == '\0' || *p == '#')
    return FALSE;
  for (; *p != '\0' && (quote != '\0' || strchr (" \t;", *p) == NULL); p++) {
    if (quote == '\0' && (*p == '"' || *p == '\'')) {
      quote = *p;
    } else if (*p == quote) {
      quote = '\0';
    } else if (*p == '`' && quote != '\'') {
      const char *end = strchr (p + 1, '`');
      gsize length = end != NULL ? (gsize)(end - p) : strlen (p) - 1;

      g_string_append_len (word, p, (gssize)length + 1);
      p += length;
    } else {
      if (*p == '\\' && quote != '\'' && p[1] != '\0')
        p++;
      g_string_append_c (word, *p);
    }
  }
  *at = p + strspn (p, " \t;");
  return TRUE;
}

static void
take_password (McMuttrc *rc, const char *value)
{
  gsize length = strlen (value);

  g_clear_pointer (&rc->password_command, g_free);
  rc->literal_password = FALSE;
  if (length > 2 && value[0] == '`' && value[length - 1] == '`' && strchr (value + 1, '`') == value + length - 1)
    rc->password_command = g_strndup (value + 1, length - 2);
  else
    rc->literal_password = length > 0;
}

/* set a=b c = d noe */
static void
parse_set (McMuttrc *rc, const char *at)
{
  g_autoptr (GString) word = g_string_new (NULL);
  static const char name[] = "imap_pass";

  for (const char *p = at; *p != '\0';) {
    gsize length = strspn (p += strspn (p, " \t"), "abcdefghijklmnopqrstuvwxyz_0123456789&?");
    const char *equals = p + length + strspn (p + length, " \t");
    gboolean wanted = length == strlen (name) && memcmp (p, name, length) == 0;

    if (*equals != '=') { /* a boolean, or something else that is passed over */
      if (length == 0 && !next_word (&p, word))
        return;
      p += length;
      continue;
    }
    p = equals + 1 + strspn (equals + 1, " \t");
    if (!next_word (&p, word))
      g_string_truncate (word, 0);
    if (wanted)
      take_password (rc, word->str);
    explicit_bzero (word->str, word->len);
  }
}

static void
parse_source (McMuttrc *rc, const char *at, GPtrArray *sourced)
{
  g_autoptr (GString) word = g_string_new (NULL);

  if (!next_word (&at, word) || word->len == 0)
    return;
  if (word->str[word->len - 1] != '|') {
    if (sourced != NULL)
      g_ptr_array_add (sourced, g_strdup (word->str));
  } else if (strstr (word->str, "mailcert mutt rc") != NULL || strstr (word->str, "mailcert-mutt rc") != NULL) {
    rc->sources_us = TRUE;
  }
}

/* alternates -group NAME regexp ... */
static void
parse_alternates (McMuttrc *rc, const char *at)
{
  g_autoptr (GString) word = g_string_new (NULL);

  while (next_word (&at, word)) {
    if (g_str_equal (word->str, "-group"))
      next_word (&at, word);
    else
      g_ptr_array_add (rc->alternates, g_strdup (word->str));
  }
}

static void
parse_line (McMuttrc *rc, const char *line, GPtrArray *sourced)
{
  g_autoptr (GString) word = g_string_new (NULL);
  const char *at = line;

  if (!next_word (&at, word))
    return;
  if (g_str_equal (word->str, "set"))
    parse_set (rc, at);
  else if (g_str_equal (word->str, "source"))
    parse_source (rc, at, sourced);
  else if (g_str_equal (word->str, "alternates"))
    parse_alternates (rc, at);
}

void
mc_muttrc_parse (McMuttrc *rc, const char *text, gsize length, GPtrArray *sourced)
{
  g_autoptr (GString) line = g_string_new (NULL);

  for (gsize start = 0; start < length;) {
    const char *end = memchr (text + start, '\n', length - start);
    gsize size = end != NULL ? (gsize)(end - text) - start : length - start;
    gboolean continued = size > 0 && text[start + size - 1] == '\\' && end != NULL;

    if (memchr (text + start, '\0', size) == NULL)
      g_string_append_len (line, text + start, (gssize)(size - continued));
    if (!continued) {
      parse_line (rc, line->str, sourced);
      explicit_bzero (line->str, line->len);
      g_string_truncate (line, 0);
    }
    start += size + 1;
  }
  if (line->len > 0)
    parse_line (rc, line->str, sourced);
  explicit_bzero (line->str, line->len);
}

static char *
expand (const char *path)
{
  const char *home = g_get_home_dir ();

  if (g_str_has_prefix (path, "~/"))
    return g_build_filename (home, path + 2, NULL);
  if (g_str_has_prefix (path, "$HOME/"))
    return g_build_filename (home, path + strlen ("$HOME/"), NULL);
  return g_canonicalize_filename (path, NULL);
}

static void
read_file (McMuttrc *rc, const char *name)
{
  g_autofree char *path = expand (name);
  g_autoptr (GPtrArray) sourced = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *text = NULL;
  gsize length;
  GStatBuf is;

  if (rc->files->len >= FILES_MAX || g_ptr_array_find_with_equal_func (rc->files, path, g_str_equal, NULL) ||
      g_stat (path, &is) != 0 || !S_ISREG (is.st_mode) || is.st_size > FILE_MAX ||
      !g_file_get_contents (path, &text, &length, NULL))
    return;
  g_ptr_array_add (rc->files, g_steal_pointer (&path));
  mc_muttrc_parse (rc, text, length, sourced);
  explicit_bzero (text, length);
  for (guint i = 0; i < sourced->len; i++)
    read_file (rc, g_ptr_array_index (sourced, i));
}

McMuttrc *
mc_muttrc_read (const char *path)
{
  McMuttrc *rc = mc_muttrc_new ();

  read_file (rc, path);
  return rc;
}

char *
mc_muttrc_find (const McMutt *mutt)
{
  /* In the order in which they look (mutt 2.2 main.c, neomutt init.c); ~ is home, + the folder of configurations. */
  static const char *const of_mutt[] = {"~.muttrc", "~.mutt/muttrc", "+mutt/muttrc", NULL};
  static const char *const of_neomutt[] = {"+neomutt/neomuttrc",
                                           "+neomutt/muttrc",
                                           "+mutt/neomuttrc",
                                           "+mutt/muttrc",
                                           "~.neomutt/neomuttrc",
                                           "~.neomutt/muttrc",
                                           "~.mutt/neomuttrc",
                                           "~.mutt/muttrc",
                                           "~.neomuttrc",
                                           "~.muttrc",
                                           NULL};

  if (mutt->rc_file != NULL)
    return g_strdup (mutt->rc_file);
  for (const char *const *name = mutt->neomutt ? of_neomutt : of_mutt; *name != NULL; name++) {
    char *path = g_build_filename (**name == '~' ? g_get_home_dir () : g_get_user_config_dir (), *name + 1, NULL);

    if (g_file_test (path, G_FILE_TEST_IS_REGULAR))
      return path;
    g_free (path);
  }
  return NULL;
}
