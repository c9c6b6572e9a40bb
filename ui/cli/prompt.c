/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "prompt.h"

#include "base/secret.h"
#include "interrupt.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <poll.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define LINE_MAX_BYTES 1024

/* One octet from FD; FALSE at the end, on a signal, or when STOP_FD says so. */
static gboolean
read_octet (int fd, int stop_fd, char *out)
{
  struct pollfd fds[] = {{fd, POLLIN, 0}, {stop_fd, POLLIN, 0}, {mc_interrupt_fd (), POLLIN, 0}};

  for (;;) {
    int ready = poll (fds, G_N_ELEMENTS (fds), -1);
    ssize_t n;

    if (mc_interrupt_came () || (ready < 0 && errno != EINTR))
      return FALSE;
    if (ready <= 0)
      continue;
    if (fds[1].revents != 0 || fds[2].revents != 0)
      return FALSE;
    n = read (fd, out, 1);
    if (n == 1)
      return TRUE;
    if (n == 0 || errno != EINTR)
      return FALSE;
  }
}

/* Up to the line's end or the input's; NULL where the input ends before anything came, or the line is too long. */
static char *
read_line (int fd, int stop_fd)
{
  char line[LINE_MAX_BYTES + 1];
  gsize length = 0;
  gboolean ended = FALSE;
  char *out = NULL;

  while (!ended && length < LINE_MAX_BYTES) {
    if (!read_octet (fd, stop_fd, &line[length]))
      break;
    ended = line[length] == '\n';
    if (!ended)
      length++;
  }
  if (length > 0 && line[length - 1] == '\r')
    length--;
  line[length] = '\0';
  if ((ended || length > 0) && length < LINE_MAX_BYTES)
    out = g_strdup (line);
  OPENSSL_cleanse (line, sizeof line);
  return out;
}

char *
mc_prompt_line (const char *question, gboolean secret, int stop_fd)
{
  struct termios shown, hidden;
  gboolean hide = secret && tcgetattr (STDIN_FILENO, &shown) == 0;
  char *line;

  if (hide) {
    hidden = shown;
    hidden.c_lflag &= ~(tcflag_t)ECHO;
    hidden.c_lflag |= ECHONL;
    tcsetattr (STDIN_FILENO, TCSAFLUSH, &hidden);
  }
  fputs (question, stderr);
  fflush (stderr);
  line = read_line (STDIN_FILENO, stop_fd);
  if (hide)
    tcsetattr (STDIN_FILENO, TCSAFLUSH, &shown);
  return line;
}

static gboolean
begins_with (const char *answer, const char *letters)
{
  gunichar first = g_utf8_get_char_validated (answer, -1);

  return first != 0 && first != (gunichar)-1 && first != (gunichar)-2 && g_utf8_strchr (letters, -1, first) != NULL;
}

McAnswer
mc_prompt_question (const char *question, int stop_fd)
{
  for (;;) {
    g_autoptr (McSecretString) line = mc_prompt_line (question, FALSE, stop_fd);

    if (line == NULL)
      return MC_ANSWER_NOBODY;
    g_strstrip (line);
    /* Translators: the letters with which an answer of yes may begin, small and capital, without spaces; "yY" is taken
     * in any case. */
    if (begins_with (line, "yY") || begins_with (line, _ ("yY")))
      return MC_ANSWER_YES;
    /* Translators: the same for an answer of no. */
    if (*line == '\0' || begins_with (line, "nN") || begins_with (line, _ ("nN")))
      return MC_ANSWER_NO;
    question = _ ("Please answer with y (yes) or n (no): ");
  }
}

static char *
from_fd (const McCli *cli, GError **error)
{
  gint64 fd;
  char *line;

  if (!mc_cli_number (cli, "passphrase-fd", G_MAXINT, &fd, error))
    return NULL;
  line = read_line ((int)fd, -1);
  if (line != NULL && *line != '\0' && g_utf8_validate (line, -1, NULL))
    return line;
  mc_secret_string_free (line);
  mc_cli_set_error (error, MC_ERROR_KEYRING, _ ("No passphrase could be read from file descriptor %d."), (int)fd);
  return NULL;
}

char *
mc_prompt_passphrase (const McCli *cli, const char *question, gboolean is_new, GError **error)
{
  g_autoptr (McSecretString) first = NULL;
  g_autoptr (McSecretString) second = NULL;

  if (mc_cli_has (cli, "passphrase-fd"))
    return from_fd (cli, error);
  if (!mc_cli_is_attended (cli)) {
    mc_cli_set_error (error, MC_ERROR_KEYRING, _ ("A passphrase is needed, and nobody is there to type it."));
    return NULL;
  }
  mc_interrupt_watch (NULL); /* a signal must not leave the terminal without echo */
  first = mc_prompt_line (question, TRUE, -1);
  if (is_new && first != NULL && *first != '\0')
    second = mc_prompt_line (_ ("The same again: "), TRUE, -1);
  mc_interrupt_unwatch ();
  if (first == NULL || *first == '\0')
    mc_cli_set_error (error, MC_ERROR_KEYRING, _ ("No passphrase was typed."));
  else if (!g_utf8_validate (first, -1, NULL))
    mc_cli_set_error (error, MC_ERROR_KEYRING, _ ("The passphrase is not written in UTF-8."));
  else if (is_new && g_strcmp0 (first, second) != 0)
    mc_cli_set_error (error, MC_ERROR_KEYRING, _ ("The two passphrases differ."));
  else
    return g_steal_pointer (&first);
  return NULL;
}
