/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "pki/openssl-error.h"

#include "base/error.h"

#include <openssl/err.h>

void
mc_openssl_error_set (GError **error, gint code, const char *doing)
{
  const char *reason = ERR_reason_error_string (ERR_peek_error ());

  if (reason != NULL)
    g_set_error (error, MC_ERROR, code, "%s: %s", doing, reason);
  else
    g_set_error_literal (error, MC_ERROR, code, doing);
  ERR_clear_error ();
}
