/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "mutt.h"

#include "keyring/keyring.h"

#include <string.h>

/* From the client's settings to the keys of [account ADDRESS]. */

const char *
mc_mutt_value (const McMuttSetup *setup, const char *plain_name)
{
  const char *found = g_hash_table_lookup (setup->known, plain_name);

  return found != NULL ? found : "";
}

/* mutt shortens a path for people: "~/x", and "=x" for one in $folder. Caller frees. */
static char *
path_value (const McMuttSetup *setup, const char *plain_name)
{
  const char *path = mc_mutt_value (setup, plain_name);
  const char *folder = mc_mutt_value (setup, "folder");

  if (g_str_has_prefix (path, "~/"))
    return g_build_filename (g_get_home_dir (), path + 2, NULL);
  if (*path == '=' && g_str_has_prefix (folder, "~/"))
    return g_build_filename (g_get_home_dir (), folder + 2, path + 1, NULL);
  return *path == '=' ? g_build_filename (folder, path + 1, NULL) : g_strdup (path);
}

static void
remark (McMuttSetup *setup, const char *sentence)
{
  if (!g_ptr_array_find_with_equal_func (setup->remarks, sentence, g_str_equal, NULL))
    g_ptr_array_add (setup->remarks, g_strdup (sentence));
}

void
mc_mutt_add_key (GString *text, const char *key, const char *entry)
{
  if (entry != NULL && *entry != '\0' && strpbrk (entry, "\r\n") == NULL && g_utf8_validate (entry, -1, NULL))
    g_string_append_printf (text, "%s = %s\n", key, entry);
}

void
mc_mutt_add_word (GString *command, const char *word)
{
  g_autofree char *quoted = g_shell_quote (word);
  static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:=@+,%";

  if (command->len > 0)
    g_string_append_c (command, ' ');
  g_string_append (command, strspn (word, plain) == strlen (word) ? word : quoted);
}

/* smtp_url wins, as in the client; its $sendmail is split at blanks alone, as the client does. */
static void
add_transport (McMuttSetup *setup, const char *address, GString *text)
{
  g_autofree char *sendmail = path_value (setup, "sendmail");
  g_auto (GStrv) words = g_strsplit_set (sendmail, " \t", -1);
  g_autoptr (GString) command = g_string_new (NULL);
  g_autofree char *found = words[0] != NULL && *words[0] != '\0' ? g_find_program_in_path (words[0]) : NULL;

  if (*mc_mutt_value (setup, "smtpurl") != '\0') {
    mc_mutt_add_word (command, setup->mutt->self);
    mc_mutt_add_word (command, "send");
    if (setup->mutt->neomutt)
      mc_mutt_add_word (command, "--neomutt");
    if (setup->rc_path != NULL) {
      mc_mutt_add_word (command, "-F");
      mc_mutt_add_word (command, setup->rc_path);
    }
  } else if (found != NULL) {
    for (guint i = 0; words[i] != NULL; i++)
      if (*words[i] != '\0')
        mc_mutt_add_word (command, words[i]);
    if (g_str_equal (mc_mutt_value (setup, "useenvelopefrom"), "yes")) {
      mc_mutt_add_word (command, "-f");
      mc_mutt_add_word (command, address);
    }
  } else {
    remark (setup, _ ("Your mail program has no way to send mail that works here: set smtp_url or sendmail in its "
                      "configuration."));
    return;
  }
  mc_mutt_add_key (text, "sendmail", command->str);
}

/* The server of an imap(s) URL without user and password; USER gets the user, if one stands there. The client prints
 * imaps://me%40x@host as imaps://me@x@host: the last @ before the path is the one that counts. */
static char *
imap_server (const char *url, char **user)
{
  g_autofree char *scheme = g_uri_parse_scheme (url);
  g_autofree char *bare = NULL, *host = NULL;
  gint port;
  const char *name, *at;

  if (scheme == NULL || (strcmp (scheme, "imap") != 0 && strcmp (scheme, "imaps") != 0) ||
      !g_str_has_prefix (url + strlen (scheme), "://"))
    return NULL;
  name = url + strlen (scheme) + strlen ("://");
  at = g_strrstr_len (name, (gssize)strcspn (name, "/"), "@");
  bare = g_strdup_printf ("%s://%s", scheme, at != NULL ? at + 1 : name);
  if (!g_uri_split (bare, G_URI_FLAGS_NONE, NULL, NULL, &host, &port, NULL, NULL, NULL, NULL) || host == NULL ||
      *host == '\0')
    return NULL;
  if (at != NULL && strcspn (name, ":@") > 0) {
    g_autofree char *raw = g_strndup (name, MIN (strcspn (name, ":"), (gsize)(at - name)));

    *user = g_uri_unescape_string (raw, NULL);
    if (*user == NULL)
      *user = g_steal_pointer (&raw);
  }
  return port > 0 ? g_strdup_printf ("%s://%s:%d", scheme, host, port) : g_strdup_printf ("%s://%s", scheme, host);
}

static void
add_imap (McMuttSetup *setup, const char *address, GString *text)
{
  const char *oauth = mc_mutt_value (setup, "imapoauthrefreshcommand");
  g_autofree char *roots = path_value (setup, "sslcacertificatesfile");
  const char *login = *mc_mutt_value (setup, "imaplogin") != '\0' ? mc_mutt_value (setup, "imaplogin")
                                                                  : mc_mutt_value (setup, "imapuser");
  g_autofree char *in_url = NULL;
  g_autofree char *server = imap_server (mc_mutt_value (setup, "spoolfile"), &in_url);

  if (server == NULL)
    server = imap_server (mc_mutt_value (setup, "folder"), &in_url);
  if (server == NULL || *mc_mutt_value (setup, "tunnel") != '\0' || *mc_mutt_value (setup, "preconnect") != '\0')
    return;
  if (*oauth == '\0' && setup->rc->password_command == NULL) {
    remark (setup, setup->rc->literal_password
                       ? _ ("Your mail program has the IMAP password itself, which mailcert does not keep: give a "
                            "password-command in "
                            "mailcert.conf, or press Ctrl-A in the mail program when the CA's mail is there.")
                       : _ ("Your mail program asks for the IMAP password: give a password-command in mailcert.conf, "
                            "or press Ctrl-A "
                            "in the mail program when the CA's mail is there."));
    return;
  }
  mc_mutt_add_key (text, "imap", server);
  login = in_url != NULL ? in_url : login;
  if (*login != '\0' && strcmp (login, address) != 0)
    mc_mutt_add_key (text, "user", login);
  if (*oauth != '\0')
    mc_mutt_add_key (text, "oauth-command", oauth);
  else
    mc_mutt_add_key (text, "password-command", setup->rc->password_command);
  if (g_path_is_absolute (roots) && strcmp (roots, "/etc/ssl/certs/ca-certificates.crt") != 0)
    mc_mutt_add_key (text, "tls-ca-file", roots);
}

void
mc_mutt_add_account (McMuttSetup *setup, const char *address, GString *text)
{
  g_string_append_printf (text, "\n[account %s]\n", address);
  add_transport (setup, address, text);
  add_imap (setup, address, text);
  if (g_str_equal (mc_mutt_value (setup, "cryptusegpgme"), "no") && mc_keyring_spec_check ("smime-keys", NULL))
    mc_mutt_add_key (text, "keyring", "smime-keys");
}
