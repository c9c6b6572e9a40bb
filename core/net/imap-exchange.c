/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/imap-session.h"

#include "base/error.h"

#include <openssl/crypto.h>
#include <string.h>

/* libetpan's own AUTHENTICATE needs libsasl's plug-ins, its LOGIN takes no error codes apart, and its IDLE waits for
 * ever where a server tells news before the "+". These three are lines, so lines are read here. */

#define MAX_LINES 10000 /* untagged ones before the answer */

static gboolean
send_line (McImapSession *session, const char *line)
{
  mailstream *stream = session->stream;
  gboolean sent = mailstream_write (stream, line, strlen (line)) >= 0 && mailstream_write (stream, "\r\n", 2) >= 0 &&
                  mailstream_flush (stream) >= 0;

  OPENSSL_cleanse (stream->write_buffer, stream->buffer_max_size); /* a password may have been there */
  return sent;
}

/* Borrowed until the next one; NULL = the stream failed. */
static const char *
read_line (McImapSession *session)
{
  return mailstream_read_line_remove_eol (session->stream, session->imap->imap_stream_buffer);
}

static gboolean
lost (McImapSession *session, GError **error)
{
  const GError *failure = mc_stream_failure (session->low);

  if (failure != NULL)
    g_propagate_error (error, g_error_copy (failure));
  else
    g_set_error (error, MC_ERROR, MC_ERROR_LATER, "%s closed the connection", session->host);
  return FALSE;
}

static gboolean
said_bye (const char *line, GError **error)
{
  g_autofree char *text = NULL;

  if (g_ascii_strncasecmp (line, "* BYE", 5) != 0)
    return FALSE;
  text = mc_text_sanitize (line + 5, 200);
  g_set_error (error, MC_ERROR, MC_ERROR_LATER, "the server says good-bye: %s", g_strstrip (text));
  return TRUE;
}

/* What follows the tag, or NULL. */
static const char *
after_tag (const McImapSession *session, const char *line)
{
  g_autofree char *tag = g_strdup_printf ("%d ", session->imap->imap_tag);

  return g_str_has_prefix (line, tag) ? line + strlen (tag) : NULL;
}

static gboolean
judge_tagged (const char *status, GError **error)
{
  g_autofree char *text = NULL;
  gboolean passing;

  if (g_ascii_strncasecmp (status, "OK", 2) == 0)
    return TRUE;
  text = mc_text_sanitize (status, 200);
  passing = strstr (text, "[UNAVAILABLE]") != NULL || strstr (text, "[INUSE]") != NULL;
  g_set_error (error, MC_ERROR, passing ? MC_ERROR_LATER : MC_ERROR_REFUSED, "the server says: %s", text);
  return FALSE;
}

gboolean
mc_imap_session_exchange (McImapSession *session, const char *command, const char *answer, GError **error)
{
  if (mailimap_send_current_tag (session->imap) != MAILIMAP_NO_ERROR || !send_line (session, command))
    return lost (session, error);
  for (guint i = 0; i < MAX_LINES; i++) {
    const char *line = read_line (session);
    const char *status;

    if (line == NULL)
      return lost (session, error);
    if (said_bye (line, error))
      return FALSE;
    status = after_tag (session, line);
    if (status != NULL)
      return judge_tagged (status, error);
    /* The second request is XOAUTH2's way to say why not; an empty line lets it go on to its NO. */
    if (*line == '+' && !send_line (session, answer != NULL ? answer : ""))
      return lost (session, error);
    if (*line == '+')
      answer = NULL;
  }
  g_set_error_literal (error, MC_ERROR, MC_ERROR_MALFORMED, "the server does not come to an end");
  return FALSE;
}

static gboolean
tells_news (const char *line)
{
  const char *p = line + 2;

  if (!g_str_has_prefix (line, "* ") || !g_ascii_isdigit (*p))
    return FALSE;
  while (g_ascii_isdigit (*p))
    p++;
  return g_ascii_strcasecmp (p, " EXISTS") == 0 || g_ascii_strcasecmp (p, " RECENT") == 0;
}

/* Reads until the "+" of IDLE (or, DONE being sent, its tagged answer). ENDED = the tagged answer has come. */
static gboolean
read_until (McImapSession *session, gboolean want_plus, gboolean *news, gboolean *ended, GError **error)
{
  for (guint i = 0; i < MAX_LINES; i++) {
    const char *line = read_line (session);

    if (line == NULL)
      return lost (session, error);
    if (said_bye (line, error))
      return FALSE;
    *news |= tells_news (line);
    *ended = after_tag (session, line) != NULL;
    if (*ended || (want_plus && *line == '+'))
      return TRUE;
  }
  g_set_error_literal (error, MC_ERROR, MC_ERROR_MALFORMED, "the server does not come to an end");
  return FALSE;
}

static gboolean
listen (McImapSession *session, gint timeout_ms, gboolean *news, gboolean *ended, GError **error)
{
  gint64 deadline = g_get_monotonic_time () + (gint64)timeout_ms * 1000;

  while (!*news && !*ended) {
    gint64 left = MAX (deadline - g_get_monotonic_time (), 0);
    gboolean readable = FALSE;
    const char *line;

    if (!mc_stream_wait (session->stream, (gint)((left + 999) / 1000), &readable, error))
      return FALSE;
    if (!readable)
      return TRUE;
    line = read_line (session);
    if (line == NULL)
      return lost (session, error);
    if (said_bye (line, error))
      return FALSE;
    *news |= tells_news (line);
    *ended = after_tag (session, line) != NULL;
  }
  return TRUE;
}

gboolean
mc_imap_session_idle (McImapSession *session, gint timeout_ms, gboolean *news, GError **error)
{
  gboolean ended = FALSE;

  *news = FALSE;
  if (mailimap_send_current_tag (session->imap) != MAILIMAP_NO_ERROR || !send_line (session, "IDLE"))
    return lost (session, error);
  if (!read_until (session, TRUE, news, &ended, error))
    return FALSE;
  if (!ended && !listen (session, timeout_ms, news, &ended, error))
    return FALSE;
  if (ended) { /* NO, BAD, or an end of its own, whatever its capabilities say */
    session->idle = FALSE;
    return TRUE;
  }
  if (!send_line (session, "DONE"))
    return lost (session, error);
  return read_until (session, FALSE, news, &ended, error);
}
