/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "keyring/keyring.h"

G_BEGIN_DECLS

/* Installs in a process of its own that dies before its STEPth step that anybody else can see: a file that gets its
 * name, a program that is run. FALSE: it had fewer steps, and was done. */
gboolean install_killed (const char *spec, const McKeyringItem *item, guint step);

/* "PATH MODE SHA-256" of each file below DIR, sorted, one a line. Caller frees. */
char *tree_of (const char *dir);

/* Each line of BEFORE is one of AFTER. */
void assert_kept (const char *before, const char *after);

G_END_DECLS
