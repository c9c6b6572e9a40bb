/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* For stream.c, stream-dial.c and stream-tls.c only. */

#include "net/stream.h"

#include <openssl/ssl.h>

G_BEGIN_DECLS

typedef struct {
  int fd;
  SSL *ssl; /* NULL in the clear */
  char *host;
  char *tls_name;
  char *ca_file;
  GCancellable *cancel;
  GError *failure;
  gint64 timeout_us;
  gsize budget;
  gsize taken; /* since the last write */
  McStreamGuard guard;
  gpointer guard_data;
  X509 *rejected; /* the certificate that verification stopped at */
} McStream;

/* Waits for EVENTS on the socket until the monotonic time DEADLINE. FALSE sets stream->failure, except that
 * running out of time leaves it alone where TIMED_OUT is given. */
gboolean mc_stream_poll (McStream *stream, GIOCondition events, gint64 deadline, gboolean *timed_out);

/* The first failure stays. Takes over ERROR. */
void mc_stream_fail (McStream *stream, GError *error);

/* Connects the socket to the first address of the stream's host that takes the connection. MC_ERROR_LATER. */
gboolean mc_stream_dial (McStream *stream, guint16 port, GError **error);

gboolean mc_stream_handshake (McStream *stream, GError **error);

/* What an SSL_read, SSL_write or SSL_do_handshake that returned RC wants; FALSE sets stream->failure. ERRNO as it was
 * after the call. */
gboolean mc_stream_after_ssl (McStream *stream, int rc, int saved_errno, gint64 deadline);

G_END_DECLS
