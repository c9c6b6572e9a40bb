/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* How to reach one person's mail: what [account ADDRESS] says (DESIGN 5). */
typedef struct {
  char *address;
  char *imap;      /* imaps://host[:port] (implicit TLS) or imap://host[:port] (STARTTLS required); NULL = none */
  char *smtp;      /* smtps:// or smtp:// likewise; NULL = none */
  char *user;      /* NULL = the address */
  char *smtp_user; /* NULL = user */
  char *password_command; /* run by /bin/sh -c; first line of its output; NULL = none */
  char *oauth_command;    /* prints an access token for XOAUTH2; wins over password_command */
  char *tls_ca_file;      /* PEM of roots, NULL = the system's hashed directory */
  char *tls_name;         /* name the server's certificate must carry, NULL = the URL's host */
  char **folders;         /* NULL = INBOX and the \\Junk folder; names as the server writes them */
  char *sendmail;         /* command line of a sendmail, split as a shell would, without running one; NULL = none */
} McMailAccount;

McMailAccount *mc_mail_account_new (const char *address);
McMailAccount *mc_mail_account_copy (const McMailAccount *account);
void mc_mail_account_free (McMailAccount *account);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (McMailAccount, mc_mail_account_free)

/* Checks what stands there, MC_ERROR_CONFIG with a sentence that names the key. Done when the config is read. */
gboolean mc_mail_account_check (const McMailAccount *account, GError **error);

/* A mail URL taken apart. */
typedef struct {
  char *host;
  guint16 port;
  gboolean implicit_tls; /* else STARTTLS is required */
} McMailServer;

/* KEY is "imap" or "smtp", the key that URL stands under and the scheme without its s. MC_ERROR_CONFIG. */
McMailServer *mc_mail_server_parse (const char *key, const char *url, GError **error);
void mc_mail_server_free (McMailServer *server);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (McMailServer, mc_mail_server_free)

G_END_DECLS
