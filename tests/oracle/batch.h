/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Many mails in one process: standard input is, again and again, the length of a mail in decimal, a line end, and the
 * mail's octets; standard output gets one line for each. The arguments are the zone.tsv
 * of make-mails.py and the Unix time. */

#include <glib.h>
#include <stdio.h>
#include <string.h>

/* The next mail, or NULL at the end. */
static inline GBytes *
batch_next (void)
{
  gsize length;
  char *octets;

  if (scanf ("%" G_GSIZE_FORMAT, &length) != 1 || getchar () != '\n')
    return NULL;
  octets = g_malloc (length + 1);
  if (fread (octets, 1, length, stdin) != length)
    g_error ("the batch is cut off");
  return g_bytes_new_take (octets, length);
}

/* The lines of the zone, each in its three columns: name, status, text. */
static inline GPtrArray *
batch_zone (const char *path)
{
  GPtrArray *zone = g_ptr_array_new_with_free_func ((GDestroyNotify)g_strfreev);
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    g_error ("%s cannot be read", path);
  lines = g_strsplit (g_strchomp (text), "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    g_ptr_array_add (zone, g_strsplit (lines[i], "\t", 3));
  return zone;
}
