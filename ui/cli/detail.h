/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cli.h"

G_BEGIN_DECLS

/* One line of output: LEAD (ours), then TEXT, which may quote others and is sanitized. */
void mc_detail_line (const char *lead, const char *text);

/* For -v: the CA's own words, what was sent to it for each address (no token, no digest), and the history, with the
 * times as they are told from NOW. */
void mc_detail_say (const McEnrollment *enrollment, gint64 now);

G_END_DECLS
