/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli.h"
#include "mail/message.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define KEPT (MC_MESSAGE_MAX + 1) /* one octet too many tells that a mail is too large */

static GBytes *
read_all (int fd, const char *name, GError **error)
{
  g_autoptr (GByteArray) mail = g_byte_array_new ();
  guint8 buffer[16 * 1024];

  for (;;) {
    ssize_t n = read (fd, buffer, sizeof buffer);

    if (n == 0)
      return g_byte_array_free_to_bytes (g_steal_pointer (&mail));
    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0) {
      mc_cli_set_error (error, MC_ERROR_NO_INPUT, _ ("The mail in %s cannot be read: %s."), name, g_strerror (errno));
      return NULL;
    }
    /* The rest is read too: who writes into a pipe that is closed early dies of it. */
    if (mail->len < KEPT)
      g_byte_array_append (mail, buffer, (guint)MIN ((gsize)n, KEPT - mail->len));
  }
}

GBytes *
mc_cli_read_mail (const char *file, GError **error)
{
  GBytes *mail;
  int fd;

  if (file == NULL && isatty (STDIN_FILENO))
    mc_cli_say (stderr, _ ("The mail is read from the terminal; Ctrl-D ends it."));
  if (file == NULL || strcmp (file, "-") == 0)
    return read_all (STDIN_FILENO, _ ("the standard input"), error);
  fd = open (file, O_RDONLY | O_CLOEXEC | O_NOCTTY);
  if (fd < 0) {
    mc_cli_set_error (error, MC_ERROR_NO_INPUT, _ ("The mail in %s cannot be read: %s."), file, g_strerror (errno));
    return NULL;
  }
  mail = read_all (fd, file, error);
  close (fd);
  return mail;
}
