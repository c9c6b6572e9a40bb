/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cli.h"

G_BEGIN_DECLS

/* Mail filters start the hook with a bare environment: no XDG_*, no GNUPGHOME (platform/mutt-keyrings 1.1). So get
 * leaves a note at the one place that can be found from there, ~/.local/share/mailcert/here, when configuration,
 * records or keyring are elsewhere; else it removes an old note. */
gboolean mc_here_write (const McCli *cli, GError **error);

/* Follows the note: paths that neither an option nor the environment names are taken from it. Call it before the
 * configuration is read and before there are threads. No note is fine. */
gboolean mc_here_follow (McCli *cli, GError **error);

G_END_DECLS
