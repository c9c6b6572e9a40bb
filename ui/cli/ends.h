/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cli.h"

G_BEGIN_DECLS

/* Says how each enrollment of IDS (gint64) stands now: what went well on stdout where somebody looks, the rest on
 * stderr; or all of it as JSON. The exit status. */
int mc_ends_report (McCli *cli, const GArray *ids);

G_END_DECLS
