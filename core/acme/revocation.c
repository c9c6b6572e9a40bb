/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "acme/revocation.h"

#include "base/base64url.h"
#include "base/json.h"

#include <string.h>

static const McReason reasons[] = {
    MC_REASON_UNSPECIFIED, MC_REASON_KEY_COMPROMISE,         MC_REASON_AFFILIATION_CHANGED,
    MC_REASON_SUPERSEDED,  MC_REASON_CESSATION_OF_OPERATION,
};

static const char *const names[] = {
    "unspecified", "keyCompromise", "affiliationChanged", "superseded", "cessationOfOperation", NULL,
};

const char *
mc_reason_name (McReason reason)
{
  for (gsize i = 0; i < G_N_ELEMENTS (reasons); i++)
    if (reasons[i] == reason)
      return names[i];
  return names[0];
}

gboolean
mc_reason_parse (const char *name, McReason *out)
{
  for (gsize i = 0; i < G_N_ELEMENTS (reasons); i++) {
    if (strcmp (names[i], name) == 0) {
      *out = reasons[i];
      return TRUE;
    }
  }
  return FALSE;
}

const char *const *
mc_reason_names (void)
{
  return names;
}

char *
mc_revocation_compose (GBytes *certificate_der, McReason reason)
{
  g_autoptr (McJson) request = mc_json_object_new ();
  gsize length;
  const void *der = g_bytes_get_data (certificate_der, &length);
  g_autofree char *text = mc_base64url_compose (der, length);

  mc_json_set_string (request, "certificate", text);
  /* RFC 8555 7.6: without one the CA takes unspecified, and puts no reason into the CRL. */
  if (reason != MC_REASON_UNSPECIFIED)
    mc_json_set_integer (request, "reason", reason);
  return mc_json_compose (request);
}
