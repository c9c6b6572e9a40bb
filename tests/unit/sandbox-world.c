/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "sandbox-world.h"

const char *
sandbox_told (const char *format, ...)
{
  g_autofree char *name = NULL;
  g_autofree char *variable = NULL;
  const char *value;
  va_list values;

  va_start (values, format);
  name = g_strdup_vprintf (format, values);
  va_end (values);
  variable = g_strconcat ("SANDBOX_", name, NULL);
  value = g_getenv (variable);
  if (value == NULL)
    g_error ("the sandbox does not tell %s", variable);
  return value;
}

char *
sandbox_ask (const char *verb, ...)
{
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  g_autoptr (GError) error = NULL;
  char *output = NULL;
  int status = 0;
  const char *word;
  va_list words;

  g_ptr_array_add (argv, (char *)g_getenv ("SANDBOX"));
  g_ptr_array_add (argv, (char *)verb);
  g_ptr_array_add (argv, (char *)sandbox_told ("DIR"));
  va_start (words, verb);
  while ((word = va_arg (words, const char *)) != NULL)
    g_ptr_array_add (argv, (char *)word);
  va_end (words);
  g_ptr_array_add (argv, NULL);
  g_spawn_sync (NULL, (char **)argv->pdata, NULL, G_SPAWN_DEFAULT, NULL, NULL, &output, NULL, &status, &error);
  g_assert_no_error (error);
  g_assert_cmpint (status, ==, 0);
  return g_strchomp (output);
}

McMailAccount *
sandbox_account (const char *user, const char *imap, const char *smtp)
{
  g_autofree char *address = g_strconcat (user, "@example.test", NULL);
  g_autofree char *upper = g_ascii_strup (user, -1);
  McMailAccount *account = mc_mail_account_new (address);

  account->password_command = g_strdup_printf ("cat %s", sandbox_told ("%s_PASSWORD_FILE", upper));
  account->tls_ca_file = g_strdup (sandbox_told ("TLS_CA"));
  if (imap != NULL) {
    account->imap = g_strdup (sandbox_told ("%s_ADDRESS_URL", imap));
    account->tls_name = g_strdup (sandbox_told ("%s_TLS_NAME", imap));
  }
  if (smtp != NULL) {
    account->smtp = g_strdup (sandbox_told ("%s_ADDRESS_URL", smtp));
    g_free (account->tls_name);
    account->tls_name = g_strdup (sandbox_told ("%s_TLS_NAME", smtp));
  }
  return account;
}
