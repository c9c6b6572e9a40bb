/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/stream-private.h"

#include "base/error.h"
#include "net/sigpipe.h"

#include <errno.h>
#include <openssl/err.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static McStream *
stream_of (mailstream_low *low)
{
  return low->data;
}

void
mc_stream_fail (McStream *stream, GError *error)
{
  if (stream->failure == NULL)
    stream->failure = error;
  else
    g_error_free (error);
}

gboolean
mc_stream_poll (McStream *stream, GIOCondition events, gint64 deadline, gboolean *timed_out)
{
  GPollFD fds[2] = {{stream->fd, (gushort)events, 0}, {-1, 0, 0}};
  gboolean cancellable = g_cancellable_make_pollfd (stream->cancel, &fds[1]);
  gint ready;

  do {
    gint64 left = MAX (deadline - g_get_monotonic_time (), 0);

    ready = g_poll (fds, cancellable ? 2 : 1, (gint)MIN ((left + 999) / 1000, G_MAXINT));
  } while (ready < 0 && errno == EINTR);
  if (cancellable)
    g_cancellable_release_fd (stream->cancel);
  if (g_cancellable_is_cancelled (stream->cancel))
    mc_stream_fail (stream, g_error_new (MC_ERROR, MC_ERROR_LATER, "cancelled"));
  else if (ready < 0)
    mc_stream_fail (stream, g_error_new (MC_ERROR, MC_ERROR_INTERNAL, "poll: %s", g_strerror (errno)));
  else if (ready == 0 && timed_out != NULL)
    *timed_out = TRUE;
  else if (ready == 0)
    mc_stream_fail (stream, g_error_new (MC_ERROR, MC_ERROR_LATER, "%s did not answer in time", stream->host));
  else
    return TRUE;
  return FALSE;
}

/* --- the driver: libetpan's eleven functions --- */

static gssize
receive_some (McStream *stream, void *buffer, gsize size)
{
  gint64 deadline = g_get_monotonic_time () + stream->timeout_us;

  for (;;) {
    gssize n;

    errno = 0;
    ERR_clear_error ();
    n = stream->ssl != NULL ? SSL_read (stream->ssl, buffer, (int)MIN (size, G_MAXINT))
                            : recv (stream->fd, buffer, size, 0);
    if (n > 0)
      return n;
    if (stream->ssl != NULL) {
      if (!mc_stream_after_ssl (stream, (int)n, errno, deadline))
        return -1;
    } else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
      mc_stream_fail (stream, g_error_new (MC_ERROR, MC_ERROR_LATER, "%s closed the connection", stream->host));
      return -1;
    } else if (!mc_stream_poll (stream, G_IO_IN, deadline, NULL))
      return -1;
  }
}

/* Never 0: libetpan's literal reader would turn for ever at an end of file. */
static ssize_t
driver_read (mailstream_low *low, void *buffer, size_t size)
{
  McStream *stream = stream_of (low);
  McSigpipe sigpipe;
  GError *error = NULL;
  gssize n;

  if (stream->failure != NULL)
    return -1;
  mc_sigpipe_block (&sigpipe); /* SSL_read may answer a key update */
  n = receive_some (stream, buffer, size);
  mc_sigpipe_restore (&sigpipe);
  if (n < 0)
    return -1;
  stream->taken += (gsize)n;
  if (stream->taken > stream->budget) {
    mc_stream_fail (stream, g_error_new (MC_ERROR, MC_ERROR_MALFORMED, "%s sends more than %" G_GSIZE_FORMAT " KiB",
                                         stream->host, stream->budget / 1024));
    return -1;
  }
  if (stream->guard != NULL && !stream->guard (stream->guard_data, buffer, (gsize)n, &error)) {
    mc_stream_fail (stream, error);
    return -1;
  }
  return n;
}

static gssize
send_some (McStream *stream, const void *bytes, gsize size)
{
  gint64 deadline = g_get_monotonic_time () + stream->timeout_us;

  for (;;) {
    gssize n;

    errno = 0;
    ERR_clear_error ();
    n = stream->ssl != NULL ? SSL_write (stream->ssl, bytes, (int)MIN (size, G_MAXINT))
                            : send (stream->fd, bytes, size, MSG_NOSIGNAL);
    if (n > 0)
      return n;
    if (stream->ssl != NULL) {
      if (!mc_stream_after_ssl (stream, (int)n, errno, deadline))
        return -1;
    } else if (errno != EAGAIN && errno != EINTR) {
      mc_stream_fail (stream, g_error_new (MC_ERROR, MC_ERROR_LATER, "%s: %s", stream->host, g_strerror (errno)));
      return -1;
    } else if (!mc_stream_poll (stream, G_IO_OUT, deadline, NULL))
      return -1;
  }
}

static ssize_t
driver_write (mailstream_low *low, const void *bytes, size_t size)
{
  McStream *stream = stream_of (low);
  McSigpipe sigpipe;
  gssize n;

  if (g_cancellable_is_cancelled (stream->cancel))
    mc_stream_fail (stream, g_error_new (MC_ERROR, MC_ERROR_LATER, "cancelled"));
  if (stream->failure != NULL)
    return -1;
  stream->taken = 0;
  mc_sigpipe_block (&sigpipe);
  n = send_some (stream, bytes, size);
  mc_sigpipe_restore (&sigpipe);
  return n;
}

static int
driver_close (mailstream_low *low)
{
  McStream *stream = stream_of (low);
  McSigpipe sigpipe;

  if (stream->fd < 0)
    return 0;
  if (stream->ssl != NULL && stream->failure == NULL) {
    mc_sigpipe_block (&sigpipe);
    SSL_shutdown (stream->ssl); /* our alert first (G03); the peer's is not waited for */
    mc_sigpipe_restore (&sigpipe);
  }
  close (stream->fd);
  stream->fd = -1;
  return 0;
}

static int
driver_get_fd (mailstream_low *low)
{
  return stream_of (low)->fd;
}

static void
driver_free (mailstream_low *low)
{
  McStream *stream = stream_of (low);

  driver_close (low);
  SSL_free (stream->ssl);
  X509_free (stream->rejected);
  g_clear_object (&stream->cancel);
  g_clear_error (&stream->failure);
  g_free (stream->host);
  g_free (stream->tls_name);
  g_free (stream->ca_file);
  g_free (stream);
  free (low); /* from mailstream_low_new */
}

static void
driver_cancel (G_GNUC_UNUSED mailstream_low *low)
{
}

static struct mailstream_cancel *
driver_get_cancel (G_GNUC_UNUSED mailstream_low *low)
{
  return NULL;
}

static carray *
driver_get_certificate_chain (G_GNUC_UNUSED mailstream_low *low)
{
  return NULL;
}

static int
driver_no_idle (G_GNUC_UNUSED mailstream_low *low)
{
  return -1;
}

static mailstream_low_driver driver = {
    .mailstream_read = driver_read,
    .mailstream_write = driver_write,
    .mailstream_close = driver_close,
    .mailstream_get_fd = driver_get_fd,
    .mailstream_free = driver_free,
    .mailstream_cancel = driver_cancel,
    .mailstream_get_cancel = driver_get_cancel,
    .mailstream_get_certificate_chain = driver_get_certificate_chain,
    .mailstream_setup_idle = driver_no_idle,
    .mailstream_unsetup_idle = driver_no_idle,
    .mailstream_interrupt_idle = driver_no_idle,
};

gboolean
mc_stream_start_tls (mailstream_low *low, GError **error)
{
  McStream *stream = stream_of (low);

  if (!mc_stream_handshake (stream, error)) {
    g_prefix_error (error, "TLS with %s: ", stream->host);
    return FALSE;
  }
  return TRUE;
}

mailstream_low *
mc_stream_open (const McMailAccount *account, const McMailServer *server, guint timeout_seconds, GCancellable *cancel,
                GError **error)
{
  McStream *stream = g_new0 (McStream, 1);
  mailstream_low *low = mailstream_low_new (stream, &driver);

  g_assert (low != NULL);
  stream->fd = -1;
  stream->host = g_strdup (server->host);
  stream->tls_name = g_strdup (account->tls_name != NULL ? account->tls_name : server->host);
  stream->ca_file = g_strdup (account->tls_ca_file);
  stream->cancel = cancel != NULL ? g_object_ref (cancel) : NULL;
  stream->timeout_us = (gint64)timeout_seconds * G_USEC_PER_SEC;
  stream->budget = MC_STREAM_BUDGET;
  if (mc_stream_dial (stream, server->port, error) && (!server->implicit_tls || mc_stream_start_tls (low, error)))
    return low;
  mailstream_low_free (low);
  return NULL;
}

void
mc_stream_set_timeout (mailstream_low *low, guint seconds)
{
  stream_of (low)->timeout_us = (gint64)seconds * G_USEC_PER_SEC;
}

void
mc_stream_set_budget (mailstream_low *low, gsize bytes)
{
  stream_of (low)->budget = bytes;
}

void
mc_stream_set_guard (mailstream_low *low, McStreamGuard guard, gpointer data)
{
  stream_of (low)->guard = guard;
  stream_of (low)->guard_data = data;
}

const GError *
mc_stream_failure (mailstream_low *low)
{
  return stream_of (low)->failure;
}

/* A readable socket may hold a session ticket and nothing for us. */
static gboolean
has_bytes (McStream *stream)
{
  McSigpipe sigpipe;
  char byte;
  int rc;

  if (stream->ssl == NULL)
    return TRUE;
  ERR_clear_error ();
  mc_sigpipe_block (&sigpipe);
  rc = SSL_peek (stream->ssl, &byte, 1);
  mc_sigpipe_restore (&sigpipe);
  return rc > 0 || SSL_get_error (stream->ssl, rc) != SSL_ERROR_WANT_READ;
}

gboolean
mc_stream_wait (mailstream *stream, gint timeout_ms, gboolean *readable, GError **error)
{
  McStream *own = stream_of (mailstream_get_low (stream));
  gint64 deadline = g_get_monotonic_time () + (gint64)timeout_ms * 1000;
  gboolean timed_out = FALSE;
  gboolean found = stream->read_buffer_len > 0 || (own->ssl != NULL && SSL_pending (own->ssl) > 0);

  while (own->failure == NULL && !found && !timed_out)
    found = mc_stream_poll (own, G_IO_IN, deadline, &timed_out) && has_bytes (own);
  if (own->failure != NULL) {
    g_propagate_error (error, g_error_copy (own->failure));
    return FALSE;
  }
  *readable = found;
  return TRUE;
}
