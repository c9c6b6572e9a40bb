/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define MC_ROOTS_MAX (4 * 1024 * 1024) /* bytes: the bundle of all public CAs has a quarter of a MiB */

/* Reads the file PATH, of at most MAX bytes: TEXT, LENGTH bytes and a NUL behind them, is the caller's. What is no
 * plain file is not read, for it may be waited for, or have no end; where the person has NAMED it, a pipe and /dev/null
 * are. FALSE with an error of G_FILE_ERROR: INVAL what is no file or too large, else GLib's. */
gboolean mc_file_read (const char *path, gsize max, gboolean named, char **text, gsize *length, GError **error);

G_END_DECLS
