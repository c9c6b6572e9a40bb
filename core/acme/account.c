/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "acme/account.h"

#include "acme/jws.h"
#include "acme/object.h"
#include "base/error.h"
#include "pki/mail-name.h"

#include <string.h>

/* mailto: with one addr-spec and no header fields (B22); everything that means something to a URI is escaped (RFC 6068
 * 2). */
static gboolean
set_contact (McJson *request, const char *contact, GError **error)
{
  g_autoptr (McJson) list = mc_json_array_new ();
  g_autofree char *address = mc_mail_name_to_ascii_domain (contact, error);
  g_autofree char *escaped = NULL, *url = NULL;

  if (address == NULL)
    return FALSE;
  escaped = g_uri_escape_string (address, "@!$'+", FALSE);
  url = g_strconcat ("mailto:", escaped, NULL);
  mc_json_append_string (list, url);
  mc_json_set (request, "contact", list);
  return TRUE;
}

char *
mc_account_request_compose (gboolean agreed, gboolean only_existing, const char *contact, const char *binding,
                            GError **error)
{
  g_autoptr (McJson) request = mc_json_object_new ();

  if (agreed)
    mc_json_set_boolean (request, "termsOfServiceAgreed", TRUE);
  if (only_existing)
    mc_json_set_boolean (request, "onlyReturnExisting", TRUE);
  if (contact != NULL && !set_contact (request, contact, error))
    return NULL;
  if (binding != NULL) {
    g_autoptr (McJson) inner = mc_json_parse (binding, strlen (binding), error);

    if (inner == NULL)
      return NULL;
    mc_json_set (request, "externalAccountBinding", inner);
  }
  return mc_json_compose (request);
}

gboolean
mc_account_parse (GBytes *body, McAccountStatus *out, GError **error)
{
  static const char *const names[] = {"valid", "deactivated", "revoked"};
  g_autoptr (McJson) object = mc_acme_object_parse (body, error);
  const char *status;

  if (object == NULL || !mc_json_string (object, "status", &status, error)) {
    g_prefix_error (error, "no ACME account: ");
    return FALSE;
  }
  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    if (strcmp (status, names[i]) == 0) {
      *out = (McAccountStatus)i;
      return TRUE;
    }
  }
  g_set_error_literal (error, MC_ERROR, MC_ERROR_MALFORMED, "no ACME account: unknown status");
  return FALSE;
}

char *
mc_account_rollover_compose (EVP_PKEY *old_key, EVP_PKEY *new_key, const char *account_url, const char *key_change_url,
                             GError **error)
{
  g_autoptr (McJson) payload = mc_json_object_new ();
  g_autoptr (McJson) jwk = NULL;
  g_autofree char *text = mc_jwk_compose (old_key, error);
  g_autofree char *inner = NULL;

  if (text == NULL)
    return NULL;
  jwk = mc_json_parse (text, strlen (text), error);
  if (jwk == NULL)
    return NULL;
  mc_json_set_string (payload, "account", account_url);
  mc_json_set (payload, "oldKey", jwk);
  inner = mc_json_compose (payload);
  return mc_jws_compose (new_key, NULL, NULL, key_change_url, inner, error);
}
