/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cli.h"

G_BEGIN_DECLS

/* Before a CA is asked: where mails that are in the mailbox show that the provider does not sign (DKIM) as CAs insist
 * on, the person is told, and asked whether to go on; unattended it goes on. Looks only where IMAP is configured and
 * nothing is open for the address yet, and sends nothing. ADDRESSES: of char *, NULL at its end. *DOUBTS: address ->
 * clause for McEnrollOptions, the caller's to unref. FALSE: MC_ERROR_LATER, the person said no. */
gboolean mc_preflight (McCli *cli, const GPtrArray *addresses, GHashTable **doubts, GError **error);

G_END_DECLS
