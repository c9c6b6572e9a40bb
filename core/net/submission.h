/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "mail/outcome.h"
#include "net/mail-account.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* Hands RFC822 (CRLF) to the account's submission server (net/smtp). On anything but SENT the error says why, with the server's own words.
 * Nothing but EHLO and STARTTLS is sent before TLS is verified. FROM and TO are addr-specs; SMTPUTF8 is asked for where one is not ASCII. */
McSendOutcome mc_smtp_send (const McMailAccount *account, const char *from, const char *const *to, GBytes *rfc822, GCancellable *cancel,
                            GError **error);
/* Connects and logs in only. */
gboolean mc_smtp_check (const McMailAccount *account, GCancellable *cancel, GError **error);

/* Hands it to the account's sendmail command (net/sendmail): argv -i? no: WORDS of account->sendmail, "--", recipients (platform/mutt-keyrings 2.2); LF line ends on its stdin. */
McSendOutcome mc_sendmail_send (const McMailAccount *account, const char *from, const char *const *to, GBytes *rfc822, GCancellable *cancel,
                                GError **error);

/* First line that a password-command or oauth-command prints; runs /bin/sh -c with stdin on /dev/null, its stderr is the caller's. At most
 * 60 seconds and 16 KiB. NULL and MC_ERROR_LOGIN otherwise. Wiped with mc_secret_string_free. */
char *mc_command_secret (const char *command, GCancellable *cancel, GError **error);

G_END_DECLS
