/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include <libetpan/libetpan.h>

G_BEGIN_DECLS

/* The one place of TLS policy for mail (RFC 8314, RFC-FACTS G): OpenSSL, TLS 1.2 or newer, chain and host name verified, no
 * exceptions. libetpan speaks IMAP and SMTP over it; its own TLS verifies nothing (platform/mail.md 5). */
typedef struct {
  const char *host;
  guint16 port;
  const char *tls_name;    /* NULL = host */
  const char *ca_file;     /* NULL = the system's hashed directory */
  guint timeout_seconds;   /* for connecting and for each read or write */
  GCancellable *cancel;    /* ends every wait at once; NULL = none */
} McStreamPeer;

/* Connects in the clear, for STARTTLS only: no credentials may pass before mc_stream_start_tls. The strings of PEER are copied. */
mailstream_low *mc_stream_connect (const McStreamPeer *peer, GError **error);

/* Handshake and verification on a connected stream. MC_ERROR_TLS with the reason ("certificate is for ..., expired, unknown issuer ..."). */
gboolean mc_stream_start_tls (mailstream_low *low, GError **error);

/* Waits until bytes can be read (or are there already), the time is over or it is cancelled. TRUE = readable. */
gboolean mc_stream_wait (mailstream *stream, gint timeout_ms, gboolean *readable, GError **error);

/* Why the last read or write of this stream failed, for a sentence; NULL if it did not. Borrowed. */
const GError *mc_stream_failure (mailstream_low *low);

G_END_DECLS
