/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/json.h"

#include "base/error.h"

char *
mc_time_compose (gint64 unix_time)
{
  g_autoptr (GDateTime) when = unix_time != 0 ? g_date_time_new_from_unix_utc (unix_time) : NULL;

  return when != NULL ? g_date_time_format (when, "%Y-%m-%dT%H:%M:%SZ") : NULL;
}

gboolean
mc_time_parse (const char *text, gint64 *out, GError **error)
{
  g_autoptr (GTimeZone) utc = g_time_zone_new_utc ();
  g_autoptr (GDateTime) when = g_date_time_new_from_iso8601 (text, utc);

  if (when == NULL) {
    g_set_error_literal (error, MC_ERROR, MC_ERROR_MALFORMED, "not an RFC 3339 time");
    return FALSE;
  }
  *out = g_date_time_to_unix (when);
  return TRUE;
}
