/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "mail/outcome.h"
#include "net/mail-account.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* Hands RFC822 (CRLF) to the account's submission server (net/smtp). On anything but SENT the error says why, with the
 * server's own words. Nothing but EHLO and STARTTLS is sent before TLS is verified. FROM and TO are addr-specs
 * (controls and spaces: MC_ERROR_USAGE); SMTPUTF8 is asked for where a local part or a header field is not ASCII, and a
 * server that has none is REFUSED. An account without a command for a secret does not log in. Outcomes: NOT_SENT with
 * MC_ERROR_CONFIG, _TLS, _LOGIN (also 530) or _LATER (unreachable, cut before the last byte, 4xx); REFUSED with
 * MC_ERROR_REFUSED (5xx to the envelope or the mail); UNKNOWN with MC_ERROR_LATER or _MALFORMED. */
McSendOutcome mc_smtp_send (const McMailAccount *account, const char *from, const char *const *to, GBytes *rfc822,
                            GCancellable *cancel, GError **error);
/* Connects and logs in only. */
gboolean mc_smtp_check (const McMailAccount *account, GCancellable *cancel, GError **error);

/* Hands it to the account's sendmail command (net/sendmail): argv is the words of account->sendmail, "--" and the
 * recipients (platform/mutt-keyrings 2.2), LF line ends on its stdin; FROM is only checked. Exit 0 SENT; 75 NOT_SENT
 * (LATER); 77 NOT_SENT (LOGIN); 64, 78 or not startable NOT_SENT (CONFIG); 74, 76, a signal, 300 seconds or cancelled
 * UNKNOWN; else REFUSED. */
McSendOutcome mc_sendmail_send (const McMailAccount *account, const char *from, const char *const *to, GBytes *rfc822,
                                GCancellable *cancel, GError **error);

/* First line that a password-command or oauth-command prints; runs /bin/sh -c with stdin on /dev/null, its stderr is
 * the caller's. At most 60 seconds and 16 KiB. NULL and MC_ERROR_LOGIN otherwise (MC_ERROR_LATER when cancelled). Wiped
 * with mc_secret_string_free. */
char *mc_command_secret (const char *command, GCancellable *cancel, GError **error);

/* The same, but what a command printed is kept for a minute: one enrollment logs in several times in a row, from
 * several threads, and a person may have to unlock the secret each time. */
char *mc_command_secret_kept (const char *command, GCancellable *cancel, GError **error);
/* Wipes what is kept: when a login was refused, and at the end. */
void mc_command_forget (void);

G_END_DECLS
