/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* RFC 5322 3.3, four-digit years, numeric zones or GMT, UT, UTC, Z: Unix seconds. MC_ERROR_MALFORMED otherwise. */
gboolean mc_date_parse (const char *text, gint64 *out, GError **error);

/* "Sun, 22 Nov 2026 01:51:00 +0000", in any locale. Caller frees. NULL outside the years 1970 to 9999. */
char *mc_date_compose (gint64 unix_time);

G_END_DECLS
