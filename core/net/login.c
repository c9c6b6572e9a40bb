/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/login.h"

#include "base/secret.h"
#include "net/submission.h"

#include <openssl/crypto.h>
#include <string.h>

McLogin *
mc_login_new (const McMailAccount *account, gboolean submission, GCancellable *cancel, GError **error)
{
  gboolean token = account->oauth_command != NULL;
  const char *command = token ? account->oauth_command : account->password_command;
  const char *user = account->user != NULL ? account->user : account->address;
  McLogin *login;
  char *secret;

  if (command == NULL)
    return NULL;
  /* A token may end at any moment, and is made without a person: always a fresh one. */
  secret = (token ? mc_command_secret : mc_command_secret_kept) (command, cancel, error);
  if (secret == NULL) {
    g_prefix_error (error, "%s: ", token ? "oauth-command" : "password-command");
    return NULL;
  }
  login = g_new0 (McLogin, 1);
  login->user = g_strdup (submission && account->smtp_user != NULL ? account->smtp_user : user);
  login->secret = secret;
  login->token = token;
  return login;
}

void
mc_login_free (McLogin *login)
{
  if (login == NULL)
    return;
  g_free (login->user);
  mc_secret_string_free (login->secret);
  g_free (login);
}

const char *
mc_login_mechanism (const McLogin *login)
{
  return login->token ? "XOAUTH2" : "PLAIN";
}

char *
mc_login_response (const McLogin *login)
{
  gsize user = strlen (login->user);
  gsize length = 0;
  McSecretString *plain;
  char *encoded;

  if (login->token) {
    plain = g_strdup_printf ("user=%s\001auth=Bearer %s\001\001", login->user, login->secret);
    length = strlen (plain);
  } else { /* NUL user NUL password */
    length = user + strlen (login->secret) + 2;
    plain = g_malloc0 (length + 1);
    memcpy (plain + 1, login->user, user);
    memcpy (plain + user + 2, login->secret, strlen (login->secret));
  }
  encoded = g_base64_encode ((const guchar *)plain, length);
  OPENSSL_cleanse (plain, length);
  g_free (plain);
  return encoded;
}

void
mc_login_censor (const McLogin *login, GError *error)
{
  g_autoptr (McSecretString) response = mc_login_response (login);
  g_autoptr (McSecretString) encoded = g_base64_encode ((const guchar *)login->secret, strlen (login->secret));

  if (error == NULL || (strstr (error->message, login->secret) == NULL && strstr (error->message, response) == NULL &&
                        strstr (error->message, encoded) == NULL))
    return;
  OPENSSL_cleanse (error->message, strlen (error->message));
  g_free (error->message);
  error->message = g_strdup ("the server refused, and repeated the secret");
}
