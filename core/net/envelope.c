/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/envelope.h"

#include "base/error.h"

#include <string.h>

#define MAX_ADDRESS 254 /* RFC 5321 4.5.3.1.3, less the brackets */

static gboolean
is_ascii (const char *bytes, gsize length)
{
  for (gsize i = 0; i < length; i++)
    if ((guchar)bytes[i] >= 0x80)
      return FALSE;
  return TRUE;
}

static gboolean
check_address (const char *address, GError **error)
{
  const char *at = address != NULL ? strrchr (address, '@') : NULL;
  gboolean good = at != NULL && at != address && at[1] != '\0' && strlen (address) <= MAX_ADDRESS &&
                  g_utf8_validate (address, -1, NULL) && *address != '-';

  for (const char *p = address; good && *p != '\0'; p++)
    good = !g_ascii_iscntrl (*p) && strchr (" <>", *p) == NULL;
  if (!good) {
    g_autofree char *shown = mc_text_sanitize (address, 80);

    g_set_error (error, MC_ERROR, MC_ERROR_USAGE, "no mail can be sent with the address \"%s\"", shown);
  }
  return good;
}

gboolean
mc_envelope_check (const char *from, const char *const *to, GError **error)
{
  if (!check_address (from, error))
    return FALSE;
  if (to == NULL || to[0] == NULL) {
    g_set_error_literal (error, MC_ERROR, MC_ERROR_USAGE, "a mail without a recipient");
    return FALSE;
  }
  for (const char *const *address = to; *address != NULL; address++)
    if (!check_address (*address, error))
      return FALSE;
  return TRUE;
}

McEnvelopeNeeds
mc_envelope_needs (const char *from, const char *const *to, GBytes *rfc822)
{
  gsize size;
  const char *bytes = g_bytes_get_data (rfc822, &size);
  const char *end = g_strstr_len (bytes, (gssize)size, "\r\n\r\n");
  McEnvelopeNeeds needs = {!is_ascii (from, strlen (from)), !is_ascii (bytes, size)};

  for (const char *const *address = to; *address != NULL; address++)
    needs.utf8 |= !is_ascii (*address, strlen (*address));
  needs.utf8 |= !is_ascii (bytes, end != NULL ? (gsize)(end - bytes) : size);
  return needs;
}
