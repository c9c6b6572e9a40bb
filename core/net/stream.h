/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "net/mail-account.h"

#include <gio/gio.h>
#include <libetpan/libetpan.h>

G_BEGIN_DECLS

/* What a stream accepts between two writes unless mc_stream_set_budget says otherwise: libetpan 1.9.4 has no bound of
 * its own. */
#define MC_STREAM_BUDGET (8 * 1024 * 1024)

/* Sees every byte before libetpan does; FALSE ends the stream with ERROR. */
typedef gboolean (*McStreamGuard) (gpointer data, const char *bytes, gsize length, GError **error);

/* A connection to SERVER. The one place of TLS policy for mail (RFC 8314, RFC-FACTS G): OpenSSL, TLS 1.2 or newer,
 * chain and host name verified, no exceptions, never a client certificate (G17). libetpan speaks IMAP and SMTP over it;
 * its own TLS verifies nothing (platform/mail.md 5). Everything here blocks, so it belongs on a worker thread.
 *
 * ACCOUNT says which roots and which name count, SERVER (one of ACCOUNT's) whether TLS is there from the first byte;
 * without, no credentials may pass before mc_stream_start_tls. TIMEOUT_SECONDS is for connecting and for each read or
 * write; CANCEL (or NULL) ends every wait at once and is referenced. Freed with the mailstream that it is given to, or
 * mailstream_low_free. MC_ERROR_LATER unreachable, and what mc_stream_start_tls has. */
mailstream_low *mc_stream_open (const McMailAccount *account, const McMailServer *server, guint timeout_seconds,
                                GCancellable *cancel, GError **error);

/* Handshake and verification on a connected stream. MC_ERROR_TLS with the reason ("its certificate is for ...", "...
 * expired", "... not trusted"), MC_ERROR_CONFIG when the CA file cannot be read, MC_ERROR_LATER when it was cut. */
gboolean mc_stream_start_tls (mailstream_low *low, GError **error);

void mc_stream_set_timeout (mailstream_low *low, guint seconds);
void mc_stream_set_budget (mailstream_low *low, gsize bytes);
void mc_stream_set_guard (mailstream_low *low, McStreamGuard guard, gpointer data);

/* Waits until bytes can be read (or are there already), TIMEOUT_MS is over (READABLE is FALSE) or it is cancelled
 * (MC_ERROR_LATER). A peer that has gone counts as readable: the read says it. */
gboolean mc_stream_wait (mailstream *stream, gint timeout_ms, gboolean *readable, GError **error);

/* Why this stream failed, for a sentence; NULL if it did not. Once it has, every read and write fails: half a mail
 * can never be followed by an end-of-mail. Borrowed, lives as long as LOW. */
const GError *mc_stream_failure (mailstream_low *low);

G_END_DECLS
