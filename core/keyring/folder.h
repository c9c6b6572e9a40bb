/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Files and folders that are whole or not there at all. Errors are MC_ERROR_WRITE with the path. */

/* Makes DIR (0700) where it is missing; refuses one that anybody may write to. */
gboolean mc_folder_check (const char *dir, GError **error);

/* A new folder (0700) within PARENT, whose name begins with a dot. Caller frees, and publishes or removes it. */
char *mc_folder_make_temporary (const char *parent, GError **error);

/* Gives DIR its name, which nothing may have. */
gboolean mc_folder_publish (const char *dir, const char *final, GError **error);

/* A folder of ours with its files; best effort, on the way out of an error. */
void mc_folder_remove (const char *dir);

/* By a temporary file, fsync and rename. */
gboolean mc_folder_write (const char *path, GBytes *bytes, int mode, GError **error);

/* The same for a file that may be another's: a link stays a link, and a mode stays what it is; MODE is for a new one.
 */
gboolean mc_folder_rewrite (const char *path, GBytes *bytes, int mode, GError **error);

/* A text of at most 1 MiB; caller wipes and frees. */
gboolean mc_folder_read (const char *path, char **text, GError **error);

/* The symbolic link PARENT/NAME -> TARGET, replaced at once; whatever else has that name is refused. */
gboolean mc_folder_point (const char *parent, const char *name, const char *target, GError **error);

G_END_DECLS
