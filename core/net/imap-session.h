/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* One IMAP connection, verified and logged in. For net/imap*.c only: libetpan's types go no further. */

#include "net/imap-guard.h"
#include "net/login.h"
#include "net/stream.h"

G_BEGIN_DECLS

typedef struct {
  mailimap *imap;
  mailstream *stream; /* imap's */
  mailstream_low *low;
  char *host;
  gboolean idle; /* the server offers it */
  McImapGuard guard;
} McImapSession;

/* LOGIN is borrowed. MC_ERROR_LOGIN refused, MC_ERROR_TLS not to be trusted, MC_ERROR_CONFIG, else MC_ERROR_LATER or
 * MC_ERROR_MALFORMED. */
McImapSession *mc_imap_session_new (const McMailAccount *account, const McLogin *login, guint timeout_seconds,
                                    GCancellable *cancel, GError **error);
void mc_imap_session_free (McImapSession *session); /* says LOGOUT if it still can */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (McImapSession, mc_imap_session_free)

/* TRUE for libetpan's success codes, else what went wrong while DOING. */
gboolean mc_imap_session_judge (McImapSession *session, int code, const char *doing, GError **error);

/* One command by our own hand, where libetpan's way is not good enough (imap-exchange.c). COMMAND without tag and line
 * end; ANSWER: what to say to the first continuation request, NULL = nothing. MC_ERROR_REFUSED with the server's
 * words when it says NO or BAD, MC_ERROR_LATER when that is a passing state (RFC 5530 UNAVAILABLE, INUSE). */
gboolean mc_imap_session_exchange (McImapSession *session, const char *command, const char *answer, GError **error);

/* IDLE (RFC 2177) until something is new, TIMEOUT_MS is over or it is cancelled. A server that refuses: session->idle
 * becomes FALSE and it returns TRUE at once. */
gboolean mc_imap_session_idle (McImapSession *session, gint timeout_ms, gboolean *news, GError **error);

G_END_DECLS
