/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/config-private.h"

#include "base/error.h"
#include "runner/file.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define GENERAL "[mailcert]"

/* The person's file is hers: only the lines of the keys that change are touched. */

typedef struct {
  GPtrArray *lines; /* of char *; the last is what stands behind the last newline */
  int header;       /* of the first [mailcert], -1 = there is none */
  int last;         /* line of that group that says something */
  const char *end;  /* what stands before its newlines: "\r" or nothing */
} Lines;

static gboolean
is_header (const char *line, const char *header)
{
  g_autofree char *bare = g_strstrip (g_strdup (line));

  return header != NULL ? strcmp (bare, header) == 0 : *bare == '[';
}

static gboolean
is_key (const char *line, const char *name)
{
  const char *equals = strchr (line, '=');
  g_autofree char *bare = equals != NULL ? g_strstrip (g_strndup (line, (gsize)(equals - line))) : NULL;

  return bare != NULL && strcmp (bare, name) == 0;
}

static Lines
lines_of (const char *text)
{
  Lines self = {.lines = g_ptr_array_new_with_free_func (g_free), .header = -1};
  g_auto (GStrv) split = g_strsplit (text, "\n", -1);
  gboolean inside = FALSE;

  for (int i = 0; split[i] != NULL; i++) {
    g_ptr_array_add (self.lines, g_strdup (split[i]));
    if (is_header (split[i], NULL)) {
      inside = self.header < 0 && is_header (split[i], GENERAL);
      if (inside)
        self.header = self.last = i;
    } else if (inside && strspn (split[i], " \t\r") != strlen (split[i]))
      self.last = i;
  }
  self.end = split[0] != NULL && g_str_has_suffix (split[0], "\r") ? "\r" : "";
  if (self.lines->len == 0 || *(const char *)g_ptr_array_index (self.lines, self.lines->len - 1) != '\0')
    g_ptr_array_add (self.lines, g_strdup (""));
  return self;
}

/* The line in which NAME stands in any [mailcert], or -1. */
static int
find (const Lines *self, const char *name)
{
  gboolean inside = FALSE;

  for (guint i = 0; i < self->lines->len; i++) {
    const char *line = g_ptr_array_index (self->lines, i);

    if (is_header (line, NULL))
      inside = is_header (line, GENERAL);
    else if (inside && is_key (line, name))
      return (int)i;
  }
  return -1;
}

static void
set (Lines *self, const McConfigChange *change)
{
  const int at = find (self, change->name);
  char *line = g_strdup_printf ("%s = %s%s", change->name, change->value, self->end);

  if (at >= 0) {
    g_free (self->lines->pdata[at]);
    self->lines->pdata[at] = line;
    return;
  }
  if (self->header < 0) { /* below all that is there: the last line is empty */
    self->header = self->last = (int)self->lines->len - (self->lines->len > 1 ? 0 : 1);
    g_ptr_array_insert (self->lines, self->header, g_strconcat (GENERAL, self->end, NULL));
    if (self->header > 0)
      g_ptr_array_add (self->lines, g_strdup (""));
  }
  self->last++;
  g_ptr_array_insert (self->lines, self->last, line);
}

char *
mc_config_edit (const char *text, const McConfigChange *changes, gsize count)
{
  Lines self = lines_of (text);
  char *edited;

  for (gsize i = 0; i < count; i++)
    set (&self, &changes[i]);
  g_ptr_array_add (self.lines, NULL);
  edited = g_strjoinv ("\n", (char **)self.lines->pdata);
  g_ptr_array_unref (self.lines);
  return edited;
}

static gboolean
read_old (const char *path, char **text, int *mode, GError **error)
{
  g_autoptr (GError) why = NULL;
  gsize length;
  struct stat is;

  *mode = 0600;
  if (stat (path, &is) == 0)
    *mode = is.st_mode & 0777;
  if (mc_file_read (path, MC_CONFIG_MAX, FALSE, text, &length, &why)) {
    if (strlen (*text) == length)
      return TRUE;
    g_clear_pointer (text, g_free); /* what stands behind it would be lost */
    g_set_error (error, MC_ERROR, MC_ERROR_CONFIG, "%s: it has a NUL", path);
    return FALSE;
  }
  if (g_error_matches (why, G_FILE_ERROR, G_FILE_ERROR_NOENT)) {
    *text = g_strdup ("");
    return TRUE;
  }
  g_set_error (error, MC_ERROR, MC_ERROR_CONFIG, "%s: %s", path, why->message);
  return FALSE;
}

gboolean
mc_config_write (const McConfig *config, const McConfigChange *changes, gsize count, GError **error)
{
  /* Where it is a link (people keep such files elsewhere), what it points to is written. */
  g_autofree char *real = realpath (config->path, NULL);
  const char *path = real != NULL ? real : config->path;
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *text = NULL;
  g_autofree char *edited = NULL;
  g_autoptr (GError) why = NULL;
  int mode;

  if (!read_old (path, &text, &mode, error))
    return FALSE;
  if ((mode & 0222) == 0) { /* somebody has meant that; a new file in its place would get round it */
    g_set_error (error, MC_ERROR, MC_ERROR_WRITE, "%s: it is read-only", path);
    return FALSE;
  }
  edited = mc_config_edit (text, changes, count);
  /* What is written must be read again: nobody is to find a file that stops every mailcert. */
  if (!mc_config_try (config, edited, error))
    return FALSE;
  if (strcmp (text, edited) == 0)
    return TRUE;
  g_mkdir_with_parents (folder, 0700); /* where it fails, so does what follows, and says why */
  if (g_file_set_contents_full (path, edited, -1, G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, mode,
                                &why))
    return TRUE;
  g_set_error (error, MC_ERROR, MC_ERROR_WRITE, "%s: %s", path, why->message);
  return FALSE;
}
