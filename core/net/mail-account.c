/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/mail-account.h"

#include "base/error.h"

#include <string.h>

/* RFC 8314: 993 and 465; RFC 3501 and 6409: 143 and 587. */
static const struct {
  const char *scheme;
  guint16 port;
  gboolean implicit_tls;
} schemes[] = {{"imaps", 993, TRUE}, {"imap", 143, FALSE}, {"smtps", 465, TRUE}, {"smtp", 587, FALSE}};

McMailAccount *
mc_mail_account_new (const char *address)
{
  McMailAccount *account = g_new0 (McMailAccount, 1);

  account->address = g_strdup (address);
  return account;
}

McMailAccount *
mc_mail_account_copy (const McMailAccount *account)
{
  McMailAccount *copy = mc_mail_account_new (account->address);

  copy->imap = g_strdup (account->imap);
  copy->smtp = g_strdup (account->smtp);
  copy->user = g_strdup (account->user);
  copy->smtp_user = g_strdup (account->smtp_user);
  copy->password_command = g_strdup (account->password_command);
  copy->oauth_command = g_strdup (account->oauth_command);
  copy->tls_ca_file = g_strdup (account->tls_ca_file);
  copy->tls_name = g_strdup (account->tls_name);
  copy->folders = g_strdupv (account->folders);
  copy->sendmail = g_strdup (account->sendmail);
  return copy;
}

void
mc_mail_account_free (McMailAccount *account)
{
  if (account == NULL)
    return;
  g_free (account->address);
  g_free (account->imap);
  g_free (account->smtp);
  g_free (account->user);
  g_free (account->smtp_user);
  g_free (account->password_command);
  g_free (account->oauth_command);
  g_free (account->tls_ca_file);
  g_free (account->tls_name);
  g_strfreev (account->folders);
  g_free (account->sendmail);
  g_free (account);
}

void
mc_mail_server_free (McMailServer *server)
{
  if (server == NULL)
    return;
  g_free (server->host);
  g_free (server);
}

static McMailServer *
refuse_url (const char *key, const char *why, GError **error)
{
  g_set_error (error, MC_ERROR, MC_ERROR_CONFIG, "%s: %s (write %ss://HOST or %s://HOST, with :PORT if it is another)",
               key, why, key, key);
  return NULL;
}

McMailServer *
mc_mail_server_parse (const char *key, const char *url, GError **error)
{
  g_autoptr (GUri) uri = g_uri_parse (url, G_URI_FLAGS_NONE, NULL);
  const char *path = uri != NULL ? g_uri_get_path (uri) : "";
  McMailServer *server;

  if (uri == NULL || g_uri_get_host (uri) == NULL || *g_uri_get_host (uri) == '\0')
    return refuse_url (key, "not a URL", error);
  /* Not quoted in the sentence: it could be a password. */
  if (g_uri_get_userinfo (uri) != NULL)
    return refuse_url (key, "the user stands in user=, the password comes from password-command", error);
  if ((*path != '\0' && !g_str_equal (path, "/")) || g_uri_get_query (uri) != NULL || g_uri_get_fragment (uri) != NULL)
    return refuse_url (key, "nothing may follow host and port", error);
  for (gsize i = 0; i < G_N_ELEMENTS (schemes); i++) {
    if (!g_str_has_prefix (schemes[i].scheme, key) ||
        g_ascii_strcasecmp (g_uri_get_scheme (uri), schemes[i].scheme) != 0)
      continue;
    if (g_uri_get_port (uri) == 0)
      return refuse_url (key, "there is no port 0", error);
    server = g_new0 (McMailServer, 1);
    server->host = g_strdup (g_uri_get_host (uri));
    server->port = g_uri_get_port (uri) > 0 ? (guint16)g_uri_get_port (uri) : schemes[i].port;
    server->implicit_tls = schemes[i].implicit_tls;
    return server;
  }
  return refuse_url (key, "another kind of URL", error);
}

static gboolean
check_server (const char *key, const char *url, GError **error)
{
  g_autoptr (McMailServer) server = NULL;

  if (url == NULL)
    return TRUE;
  server = mc_mail_server_parse (key, url, error);
  return server != NULL;
}

/* These go to servers as they are: a line end in one would be a command. */
static gboolean
check_line (const char *key, const char *value, GError **error)
{
  if (value == NULL)
    return TRUE;
  for (const char *p = value; *p != '\0'; p++)
    if (g_ascii_iscntrl (*p)) {
      g_set_error (error, MC_ERROR, MC_ERROR_CONFIG, "%s: has a control character", key);
      return FALSE;
    }
  if (*value == '\0' || !g_utf8_validate (value, -1, NULL)) {
    g_set_error (error, MC_ERROR, MC_ERROR_CONFIG, "%s: %s", key, *value == '\0' ? "is empty" : "is not UTF-8");
    return FALSE;
  }
  return TRUE;
}

static gboolean
check_sendmail (const char *command, GError **error)
{
  g_autoptr (GError) reason = NULL;
  g_auto (GStrv) words = NULL;

  if (command == NULL || g_shell_parse_argv (command, NULL, &words, &reason))
    return TRUE;
  g_set_error (error, MC_ERROR, MC_ERROR_CONFIG, "sendmail: %s", reason->message);
  return FALSE;
}

gboolean
mc_mail_account_check (const McMailAccount *account, GError **error)
{
  for (char **folder = account->folders; folder != NULL && *folder != NULL; folder++)
    if (!check_line ("folders", *folder, error))
      return FALSE;
  if (account->folders != NULL && account->folders[0] == NULL) {
    g_set_error_literal (error, MC_ERROR, MC_ERROR_CONFIG, "folders: names none");
    return FALSE;
  }
  return check_line ("account", account->address, error) && check_server ("imap", account->imap, error) &&
         check_server ("smtp", account->smtp, error) && check_line ("user", account->user, error) &&
         check_line ("smtp-user", account->smtp_user, error) && check_line ("tls-name", account->tls_name, error) &&
         check_line ("tls-ca-file", account->tls_ca_file, error) && check_sendmail (account->sendmail, error);
}
