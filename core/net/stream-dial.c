/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/stream-private.h"

#include "base/error.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#define LONGEST_CONNECT_US (10 * G_USEC_PER_SEC) /* to one of several addresses of a host */

static void
set_options (int fd)
{
  int on = 1;
  int idle = 120; /* seconds: a router forgets a silent IDLE without telling */
  int interval = 30;

  setsockopt (fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on); /* DONE and the next command go at once */
  setsockopt (fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  setsockopt (fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof idle);
  setsockopt (fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval, sizeof interval);
}

static gboolean
connect_address (McStream *stream, GInetAddress *address, guint16 port)
{
  g_autoptr (GSocketAddress) target = g_inet_socket_address_new (address, port);
  struct sockaddr_storage native;
  gssize size = g_socket_address_get_native_size (target);
  gint64 deadline = g_get_monotonic_time () + MIN (stream->timeout_us, LONGEST_CONNECT_US);
  int result = 0;
  socklen_t result_size = sizeof result;

  if (!g_socket_address_to_native (target, &native, sizeof native, NULL))
    return FALSE;
  stream->fd = socket (native.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (stream->fd >= 0 && connect (stream->fd, (struct sockaddr *)&native, (socklen_t)size) < 0) {
    if (errno != EINPROGRESS)
      result = errno;
    else if (!mc_stream_poll (stream, G_IO_OUT, deadline, NULL))
      result = ETIMEDOUT;
    else if (getsockopt (stream->fd, SOL_SOCKET, SO_ERROR, &result, &result_size) < 0)
      result = errno;
  } else if (stream->fd < 0)
    result = errno;
  if (result == 0) {
    set_options (stream->fd);
    return TRUE;
  }
  mc_stream_fail (stream,
                  g_error_new (MC_ERROR, MC_ERROR_LATER, "%s port %d: %s", stream->host, port, g_strerror (result)));
  if (stream->fd >= 0)
    close (stream->fd);
  stream->fd = -1;
  return FALSE;
}

gboolean
mc_stream_dial (McStream *stream, guint16 port, GError **error)
{
  g_autoptr (GResolver) resolver = g_resolver_get_default ();
  g_autoptr (GError) unknown = NULL;
  GList *addresses = g_resolver_lookup_by_name (resolver, stream->host, stream->cancel, &unknown);
  gboolean connected = FALSE;

  if (addresses == NULL)
    mc_stream_fail (stream, g_error_new (MC_ERROR, MC_ERROR_LATER, "%s", unknown->message));
  for (GList *a = addresses; a != NULL && !connected && !g_cancellable_is_cancelled (stream->cancel); a = a->next) {
    g_clear_error (&stream->failure); /* of the address before */
    connected = connect_address (stream, a->data, port);
  }
  g_resolver_free_addresses (addresses);
  if (connected)
    return TRUE;
  if (stream->failure != NULL)
    g_propagate_prefixed_error (error, g_steal_pointer (&stream->failure), "connecting: ");
  else
    g_set_error_literal (error, MC_ERROR, MC_ERROR_LATER, "connecting: cancelled");
  return FALSE;
}
