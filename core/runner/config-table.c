/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/config-private.h"

#include <string.h>

/* The one table of everything that can be configured (DESIGN 5). */

#define M(field) G_STRUCT_OFFSET (McConfig, field)
#define C(field) G_STRUCT_OFFSET (McCaProfile, field)
#define A(field) G_STRUCT_OFFSET (McMailAccount, field)

/* clang-format off */
static const McConfigEntry entries[] = {
  {{"mailcert", "default-ca", "NAME|URL", "the CA that is asked where none is named"}, MC_CONFIG_TEXT, M (default_ca)},
  {{"mailcert", "keyring", "SPEC;SPEC...", "where certificates go: gpgsm, smime-keys, nss:DIR, files:DIR"}, MC_CONFIG_KEYRINGS, M (keyrings)},
  {{"mailcert", "resolver", "IP@PORT", "the DNS server to ask instead of the system's"}, MC_CONFIG_RESOLVER, M (resolver)},
  {{"mailcert", "dnssec-anchor", "FILE", "trust anchor with which DNSSEC is checked"}, MC_CONFIG_FILE, M (dnssec_anchor)},
  {{"mailcert", "auto-answer", "true|false", "answer a genuine challenge without asking"}, MC_CONFIG_BOOLEAN, M (auto_answer)},
  {{"mailcert", "notify", "true|false", "show desktop notifications"}, MC_CONFIG_BOOLEAN, M (notify)},
  {{"mailcert", "key-policy", "rotate|reuse", "make a new key at each renewal or keep the old one"}, MC_CONFIG_WORD, M (reuse_key)},
  {{"mailcert", "key-protection", "none|passphrase", "how private keys are kept"}, MC_CONFIG_WORD, M (passphrase)},
  {{"mailcert", "on-installed", "COMMAND", "run when a certificate was installed"}, MC_CONFIG_COMMAND, M (on_installed)},
  {{"mailcert", "on-action-needed", "COMMAND", "run when a person is needed"}, MC_CONFIG_COMMAND, M (on_action_needed)},
  {{"mailcert", "on-failed", "COMMAND", "run when an enrollment has failed"}, MC_CONFIG_COMMAND, M (on_failed)},
  {{"ca", "directory", "URL", "the CA's ACME directory"}, MC_CONFIG_URL, C (directory)},
  {{"ca", "ca-file", "FILE", "PEM of the roots of the CA's web server, where the system does not know them"}, MC_CONFIG_FILE, C (ca_file)},
  {{"ca", "mail-roots", "FILE", "PEM of the roots that may vouch for challenge mail signed with S/MIME"}, MC_CONFIG_FILE, C (mail_roots)},
  {{"ca", "token-join", "string|bytes", "how the CA joins the two parts of the token"}, MC_CONFIG_WORD, C (token_join)},
  {{"ca", "trigger", "rfc|post-first|auto", "what makes the CA send its mail"}, MC_CONFIG_WORD, C (trigger)},
  {{"ca", "trigger-wait", "SECONDS", "how long trigger = auto waits for mail before it posts"}, MC_CONFIG_SECONDS, C (trigger_wait)},
  {{"ca", "post-delay", "SECONDS", "time between the reply and the challenge request, for CAs that do not wait for mail"}, MC_CONFIG_SECONDS, C (post_delay)},
  {{"ca", "dkim-headers", "present|strict", "which header fields the CA's DKIM signature must cover"}, MC_CONFIG_WORD, C (dkim_headers)},
  {{"ca", "identifiers", "NUMBER", "most addresses in one order, 0 for no limit"}, MC_CONFIG_NUMBER, C (identifiers)},
  {{"ca", "key", "rsa3072|rsa4096|p256|p384", "kind of key for this CA's certificates"}, MC_CONFIG_CHOICE, C (key)},
  {{"ca", "profile", "NAME", "certificate profile to ask for"}, MC_CONFIG_TEXT, C (profile)},
  {{"ca", "eab-file", "FILE", "file with the key for external account binding"}, MC_CONFIG_FILE, C (eab_file)},
  {{"ca", "renew", "overlap|revoke-first", "whether the old certificate is revoked before the new one is ordered"}, MC_CONFIG_WORD, C (renew)},
  {{"ca", "root", "unknown|private", "private: mail programs are known not to trust the CA's root by themselves"}, MC_CONFIG_CHOICE, C (root)},
  {{"account", "imap", "URL", "imaps://HOST or imap://HOST, where the mail is read"}, MC_CONFIG_TEXT, A (imap)},
  {{"account", "smtp", "URL", "smtps://HOST or smtp://HOST, where mail is submitted"}, MC_CONFIG_TEXT, A (smtp)},
  {{"account", "user", "NAME", "login name, where it is not the address"}, MC_CONFIG_TEXT, A (user)},
  {{"account", "smtp-user", "NAME", "login name for smtp, where it is another"}, MC_CONFIG_TEXT, A (smtp_user)},
  {{"account", "password-command", "COMMAND", "prints the password; run by /bin/sh"}, MC_CONFIG_TEXT, A (password_command)},
  {{"account", "oauth-command", "COMMAND", "prints an OAuth access token; run by /bin/sh"}, MC_CONFIG_TEXT, A (oauth_command)},
  {{"account", "tls-ca-file", "FILE", "PEM of the roots of the mail servers, where the system does not know them"}, MC_CONFIG_FILE, A (tls_ca_file)},
  {{"account", "tls-name", "NAME", "host name in the mail servers' certificate, where it is another"}, MC_CONFIG_TEXT, A (tls_name)},
  {{"account", "folders", "NAME;NAME...", "mailboxes in which challenge mail may arrive"}, MC_CONFIG_LIST, A (folders)},
  {{"account", "sendmail", "COMMAND", "a sendmail that takes the mail, instead of smtp"}, MC_CONFIG_ARGV, A (sendmail)},
  {{"account", "keyring", "SPEC", "where this address's certificates go"}, MC_CONFIG_OF_ACCOUNT_KEYRING, 0},
  {{"account", "ca", "NAME|URL", "the CA for this address"}, MC_CONFIG_OF_ACCOUNT_CA, 0},
};
/* clang-format on */

const McConfigKey *
mc_config_keys (gsize *count)
{
  static McConfigKey keys[G_N_ELEMENTS (entries)];
  static gsize done = 0;

  if (g_once_init_enter (&done)) {
    for (gsize i = 0; i < G_N_ELEMENTS (entries); i++)
      keys[i] = entries[i].key;
    g_once_init_leave (&done, 1);
  }
  *count = G_N_ELEMENTS (entries);
  return keys;
}

const McConfigEntry *
mc_config_entry (const char *group, const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (entries); i++)
    if (strcmp (entries[i].key.group, group) == 0 && strcmp (entries[i].key.name, name) == 0)
      return &entries[i];
  return NULL;
}

/* Levenshtein's distance of the first 63 octets: nobody misspells more. */
static guint
distance (const char *a, const char *b)
{
  enum { MOST = 64 };
  guint row[MOST];
  gsize width = MIN (strlen (b), MOST - 1);
  gsize height = MIN (strlen (a), MOST - 1);

  for (gsize j = 0; j <= width; j++)
    row[j] = (guint)j;
  for (gsize i = 1; i <= height; i++) {
    guint diagonal = row[0];

    row[0] = (guint)i;
    for (gsize j = 1; j <= width; j++) {
      guint above = row[j];

      row[j] = MIN (MIN (above, row[j - 1]) + 1, diagonal + (g_ascii_tolower (a[i - 1]) != b[j - 1]));
      diagonal = above;
    }
  }
  return row[width];
}

gsize
mc_config_nearest (const char *text, const char *const *words, gsize count)
{
  gsize best = 0;
  guint least = G_MAXUINT;

  for (gsize i = 0; i < count; i++) {
    /* Who writes "password" means "password-command", however long that is. */
    guint d = strlen (text) >= 4 && g_str_has_prefix (words[i], text) ? 1 : distance (text, words[i]);

    if (d < least) {
      least = d;
      best = i;
    }
  }
  return best;
}

const char *
mc_config_nearest_key (const char *group, const char *name, const char **other_group)
{
  const char *names[G_N_ELEMENTS (entries)];
  gsize count = 0;

  *other_group = NULL;
  for (gsize i = 0; i < G_N_ELEMENTS (entries); i++) {
    if (strcmp (entries[i].key.group, group) == 0)
      names[count++] = entries[i].key.name;
    else if (*other_group == NULL && strcmp (entries[i].key.name, name) == 0)
      *other_group = entries[i].key.group;
  }
  return names[mc_config_nearest (name, names, count)];
}
