/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* The mails of tests/data/make-mails.py and make-smime-mails.py: a folder with one file for each, and index.tsv. */

#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>

#include "mail/verdict.h"

static inline GBytes *
corpus_file (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autoptr (GError) error = NULL;
  char *text = NULL;
  gsize length = 0;

  g_file_get_contents (path, &text, &length, &error);
  g_assert_no_error (error);
  return g_bytes_new_take (text, length);
}

/* The lines of a file, each without its end. */
static inline char **
corpus_lines (const char *folder, const char *name)
{
  g_autoptr (GBytes) bytes = corpus_file (folder, name);
  g_autofree char *text = g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));

  return g_strsplit (g_strchomp (text), "\n", -1);
}

/* Makes the mails; FALSE where the tools for that are missing. */
static inline gboolean
corpus_make (const char *program, const char *folder)
{
  g_autofree char *script = g_build_filename (g_getenv ("MC_TEST_DATA"), program, NULL);
  const char *argv[] = {"/usr/bin/python3", script, folder, NULL};
  g_autoptr (GError) error = NULL;
  int status = 0;

  g_assert_true (g_spawn_sync (NULL, (char **)argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, NULL, NULL, &status, &error));
  g_assert_no_error (error);
  if (g_spawn_check_wait_status (status, &error))
    return TRUE;
  g_assert_error (error, G_SPAWN_EXIT_ERROR, 77);
  return FALSE;
}

static inline void
corpus_remove (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *path = g_build_filename (folder, name, NULL);

    g_remove (path);
  }
  g_rmdir (folder);
}

/* Each code from FIRST to LAST is the verdict on two mails at least. */
static inline void
corpus_check_codes (char **index, McVerdictCode first, McVerdictCode last)
{
  for (McVerdictCode code = first; code <= last; code++) {
    guint count = 0;

    for (guint i = 0; index[i] != NULL; i++) {
      g_auto (GStrv) row = g_strsplit (index[i], "\t", 3);

      count += strcmp (row[1], mc_verdict_name (code)) == 0 ? 1 : 0;
    }
    if (count < 2)
      g_error ("%s: %u mails", mc_verdict_name (code), count);
  }
}
