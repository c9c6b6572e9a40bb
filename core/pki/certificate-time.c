/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "pki/certificate-time.h"

#include <openssl/err.h>

gboolean
mc_certificate_time_parse (const ASN1_TIME *time, gint64 *out)
{
  g_autoptr (GDateTime) when = NULL;
  struct tm parts;

  if (time == NULL || !ASN1_TIME_to_tm (time, &parts)) {
    ERR_clear_error ();
    return FALSE;
  }
  when = g_date_time_new_utc (parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min,
                              parts.tm_sec);
  if (when == NULL)
    return FALSE;
  *out = g_date_time_to_unix (when);
  return TRUE;
}
