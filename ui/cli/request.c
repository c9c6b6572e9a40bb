/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "request.h"

#include "exit-status.h"
#include "keyring/keyring.h"
#include "mail/address.h"
#include "pki/mail-name.h"
#include "store/store.h"
#include "text.h"

#include <string.h>

gboolean
mc_request_check_address (const char *address, GError **error)
{
  if (g_utf8_validate (address, -1, NULL) && mc_address_is_valid (address) && mc_mail_name_check (address, NULL))
    return TRUE;
  mc_cli_set_error (error, MC_ERROR_USAGE, _ ("\"%s\" is not a mail address that can have a certificate."), address);
  return FALSE;
}

gboolean
mc_request_keyrings (const McCli *cli, char ***out, GError **error)
{
  g_auto (GStrv) specs = mc_cli_values (cli, "keyring");
  g_autoptr (GError) local = NULL;

  for (guint i = 0; specs != NULL && specs[i] != NULL; i++) {
    if (!mc_keyring_spec_check (specs[i], &local)) {
      mc_cli_set_error (error, MC_ERROR_USAGE, _ ("\"%s\" is no keyring: %s."), specs[i], local->message);
      return FALSE;
    }
  }
  *out = g_steal_pointer (&specs);
  return TRUE;
}

gboolean
mc_request_trust_root (const McCli *cli, char **out, GError **error)
{
  const char *value = mc_cli_value (cli, "trust-root");
  GString *digits = g_string_new (NULL);
  g_autofree char *hex = NULL;

  for (const char *p = value; p != NULL && *p != '\0'; p++)
    if (*p != ':' && *p != ' ')
      g_string_append_c (digits, g_ascii_tolower (*p));
  hex = g_string_free (digits, FALSE);
  if (value == NULL) {
    *out = NULL;
    return TRUE;
  }
  if (strlen (hex) != 64 || strspn (hex, "0123456789abcdef") != 64) {
    mc_cli_set_error (error, MC_ERROR_USAGE,
                      _ ("--trust-root needs a SHA-256 fingerprint of 64 hexadecimal digits, not \"%s\"."), value);
    return FALSE;
  }
  *out = g_steal_pointer (&hex);
  return TRUE;
}

McCaProfile *
mc_request_ca (const McCli *cli, const char *name, GError **error)
{
  g_autoptr (GError) why = NULL;
  McCaProfile *ca = mc_config_ca (cli->config, name, &why);

  if (ca == NULL) {
    g_autofree char *sentence = mc_text_error (why, NULL);

    mc_cli_set_error (error, mc_exit_code_of_error (why), "%s", sentence);
  }
  return ca;
}

gboolean
mc_request_check_ca (const McCli *cli, GError **error)
{
  const char *name = mc_cli_value (cli, "ca");
  g_autoptr (McCaProfile) ca = name != NULL ? mc_request_ca (cli, name, error) : NULL;

  return name == NULL || ca != NULL;
}

gboolean
mc_request_check_known (const McCli *cli, const char *address, GError **error)
{
  g_autoptr (McStore) store = NULL;
  g_autoptr (GPtrArray) all = NULL;

  if (!mc_request_check_address (address, error))
    return FALSE;
  store = mc_store_open (cli->config->data_dir, TRUE, error);
  all = store != NULL ? mc_store_enrollments (store, FALSE, error) : NULL;
  if (all == NULL)
    return FALSE;
  for (guint i = 0; i < all->len; i++)
    if (mc_enrollment_find (g_ptr_array_index (all, i), address) != NULL)
      return TRUE;
  mc_cli_set_error (error, MC_ERROR_NO_INPUT, _ ("Nothing is known of %s here."), address);
  return FALSE;
}
