/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "net/mail-account.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* Who logs in to a mail server, and with what. Held as short as can be; wiped when freed. */
typedef struct {
  char *user;
  char *secret;   /* password or access token */
  gboolean token; /* for XOAUTH2 */
} McLogin;

/* Runs the account's command. MC_ERROR_LOGIN when that fails; NULL without an error when the account has none. */
McLogin *mc_login_new (const McMailAccount *account, gboolean submission, GCancellable *cancel, GError **error);
void mc_login_free (McLogin *login);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (McLogin, mc_login_free)

/* "PLAIN" or "XOAUTH2" and its base64 (RFC 4616; XOAUTH2: user=USER ^A auth=Bearer TOKEN ^A ^A). Wipe it with
 * mc_secret_string_free. */
const char *mc_login_mechanism (const McLogin *login);
char *mc_login_response (const McLogin *login);

/* A server that repeats what it did not understand must not bring the secret into an error: its words are taken out. */
void mc_login_censor (const McLogin *login, GError *error);

G_END_DECLS
