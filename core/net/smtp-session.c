/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/smtp-session.h"

#include "base/error.h"

#include <openssl/crypto.h>
#include <string.h>

#define BUFFER 8192
#define TIMEOUT_SECONDS 60
#define REPLY_BUDGET (64 * 1024)
/* An address literal always passes; the machine's name is nobody's business, and "localhost" is turned away here and
 * there (RFC 5321 4.1.3). */
#define EHLO "EHLO [127.0.0.1]"

static gboolean
lost (McSmtpSession *session, GError **error)
{
  const GError *failure = mc_stream_failure (session->low);

  session->code = 0;
  if (failure != NULL)
    g_propagate_error (error, g_error_copy (failure));
  else
    g_set_error (error, MC_ERROR, MC_ERROR_LATER, "%s closed the connection", session->host);
  return FALSE;
}

/* "250-TEXT", "250 TEXT" or "250" (RFC 5321 4.2). */
static gboolean
read_reply_line (const char *line, guint *code, gboolean *last)
{
  if (!g_ascii_isdigit (line[0]) || !g_ascii_isdigit (line[1]) || !g_ascii_isdigit (line[2]) ||
      strchr (" -", line[3]) == NULL) /* finds the NUL, too */
    return FALSE;
  *code = (guint)((line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0'));
  *last = line[3] != '-';
  return TRUE;
}

gboolean
mc_smtp_session_reply (McSmtpSession *session, GError **error)
{
  MMAPString *line = mmap_string_new ("");
  gboolean last = FALSE;
  gboolean good = TRUE;

  session->code = 0;
  g_string_truncate (session->text, 0);
  while (good && !last) {
    guint code = 0;

    if (mailstream_read_line_remove_eol (session->stream, line) == NULL) {
      mmap_string_free (line);
      return lost (session, error);
    }
    good = read_reply_line (line->str, &code, &last) && (session->code == 0 || session->code == code);
    session->code = code;
    if (good)
      g_string_append_printf (session->text, "%s%s", session->text->len > 0 ? "\n" : "",
                              line->str[3] != '\0' ? line->str + 4 : "");
  }
  mmap_string_free (line);
  if (good)
    return TRUE;
  session->code = 0;
  g_set_error (error, MC_ERROR, MC_ERROR_MALFORMED, "%s does not speak SMTP", session->host);
  return FALSE;
}

gboolean
mc_smtp_session_command (McSmtpSession *session, const char *line, GError **error)
{
  mailstream *stream = session->stream;
  gboolean sent = mailstream_write (stream, line, strlen (line)) >= 0 && mailstream_write (stream, "\r\n", 2) >= 0 &&
                  mailstream_flush (stream) >= 0;

  OPENSSL_cleanse (stream->write_buffer, stream->buffer_max_size); /* a password may have been there */
  return sent ? mc_smtp_session_reply (session, error) : lost (session, error);
}

gboolean
mc_smtp_session_refused (const McSmtpSession *session, const char *doing, GError **error)
{
  g_autofree char *text = mc_text_sanitize (session->text->str, 300);

  g_set_error (error, MC_ERROR, session->code / 100 == 4 ? MC_ERROR_LATER : MC_ERROR_REFUSED, "%s: %u %s", doing,
               session->code, text);
  return FALSE;
}

static void
read_keyword (McSmtpSession *session, const char *line)
{
  g_auto (GStrv) words = NULL;
  g_autofree char *upper = g_ascii_strup (line, -1);

  g_strdelimit (upper, "\t=\r", ' '); /* "AUTH=LOGIN" of old servers */
  words = g_strsplit (upper, " ", -1);
  if (words[0] == NULL)
    return;
  session->starttls |= g_str_equal (words[0], "STARTTLS");
  session->eight_bit |= g_str_equal (words[0], "8BITMIME");
  session->utf8 |= g_str_equal (words[0], "SMTPUTF8");
  session->size |= g_str_equal (words[0], "SIZE");
  if (g_str_equal (words[0], "AUTH") && session->mechanisms == NULL)
    session->mechanisms = g_strdupv (words + 1);
}

static gboolean
say_hello (McSmtpSession *session, GError **error)
{
  g_auto (GStrv) lines = NULL;

  /* What was told in the clear is forgotten (RFC 3207 4.2). */
  session->starttls = session->eight_bit = session->utf8 = session->size = FALSE;
  g_clear_pointer (&session->mechanisms, g_strfreev);
  if (!mc_smtp_session_command (session, EHLO, error))
    return FALSE;
  if (session->code != 250)
    return mc_smtp_session_refused (session, "EHLO", error);
  lines = g_strsplit (session->text->str, "\n", -1);
  for (guint i = 1; lines[0] != NULL && lines[i] != NULL; i++)
    read_keyword (session, lines[i]);
  return TRUE;
}

static gboolean
start_tls (McSmtpSession *session, GError **error)
{
  if (!session->starttls) {
    g_set_error_literal (error, MC_ERROR, MC_ERROR_TLS, "the server does not offer STARTTLS; nothing was sent");
    return FALSE;
  }
  if (!mc_smtp_session_command (session, "STARTTLS", error))
    return FALSE;
  if (session->code / 100 == 4) /* RFC 3207 4: not for the moment */
    return mc_smtp_session_refused (session, "STARTTLS", error);
  if (session->code != 220) {
    g_set_error_literal (error, MC_ERROR, MC_ERROR_TLS, "the server refuses STARTTLS; nothing was sent");
    return FALSE;
  }
  if (session->stream->read_buffer_len != 0) {
    g_set_error_literal (error, MC_ERROR, MC_ERROR_TLS, "somebody put words into the connection before TLS began");
    return FALSE;
  }
  return mc_stream_start_tls (session->low, error) && say_hello (session, error);
}

static gboolean
establish (McSmtpSession *session, gboolean implicit_tls, GError **error)
{
  if (!mc_smtp_session_reply (session, error))
    return FALSE;
  if (session->code != 220)
    return mc_smtp_session_refused (session, "greeting", error);
  return say_hello (session, error) && (implicit_tls || start_tls (session, error));
}

McSmtpSession *
mc_smtp_session_new (const McMailAccount *account, GCancellable *cancel, GError **error)
{
  g_autoptr (McMailServer) server = mc_mail_server_parse ("smtp", account->smtp != NULL ? account->smtp : "", error);
  g_autoptr (McSmtpSession) session = NULL;
  mailstream_low *low;

  if (server == NULL)
    return NULL;
  low = mc_stream_open (account, server, TIMEOUT_SECONDS, cancel, error);
  if (low == NULL) {
    g_prefix_error (error, "SMTP: ");
    return NULL;
  }
  session = g_new0 (McSmtpSession, 1);
  session->host = g_strdup (server->host);
  session->low = low;
  session->text = g_string_new (NULL);
  session->stream = mailstream_new (low, BUFFER);
  g_assert (session->stream != NULL);
  mc_stream_set_budget (low, REPLY_BUDGET);
  if (establish (session, server->implicit_tls, error))
    return g_steal_pointer (&session);
  g_prefix_error (error, "SMTP server %s: ", server->host);
  return NULL;
}

void
mc_smtp_session_free (McSmtpSession *session)
{
  if (session == NULL)
    return;
  if (mc_stream_failure (session->low) == NULL && mailstream_write (session->stream, "QUIT\r\n", 6) >= 0)
    mailstream_flush (session->stream); /* not waited for: what matters has been said */
  mailstream_close (session->stream);
  g_strfreev (session->mechanisms);
  g_string_free (session->text, TRUE);
  g_free (session->host);
  g_free (session);
}
