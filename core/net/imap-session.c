/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/imap-session.h"

#include "base/error.h"
#include "base/secret.h"

#include <string.h>

#define BUFFER 8192
#define GOODBYE_SECONDS 2

gboolean
mc_imap_session_judge (McImapSession *session, int code, const char *doing, GError **error)
{
  const GError *failure = mc_stream_failure (session->low);
  g_autofree char *said = NULL;

  if (code == MAILIMAP_NO_ERROR || code == MAILIMAP_NO_ERROR_AUTHENTICATED ||
      code == MAILIMAP_NO_ERROR_NON_AUTHENTICATED)
    return TRUE;
  if (failure != NULL) {
    g_propagate_prefixed_error (error, g_error_copy (failure), "%s: ", doing);
    return FALSE;
  }
  if (code == MAILIMAP_ERROR_STREAM)
    g_set_error (error, MC_ERROR, MC_ERROR_LATER, "%s: the connection was lost", doing);
  else if (code == MAILIMAP_ERROR_PARSE || code == MAILIMAP_ERROR_FATAL)
    g_set_error (error, MC_ERROR, MC_ERROR_MALFORMED, "%s: the server's answer is not understood", doing);
  else {
    said = mc_text_sanitize (session->imap->imap_response, 200);
    g_set_error (error, MC_ERROR, MC_ERROR_REFUSED, "%s: the server says no: %s", doing, g_strstrip (said));
  }
  return FALSE;
}

/* libetpan leaks a greeting that says good-bye; it is looked at before. */
static gboolean
is_turned_away (McImapSession *session, GError **error)
{
  gssize length = mailstream_feed_read_buffer (session->stream);
  g_autofree char *text = NULL;

  if (length < 5 || g_ascii_strncasecmp (session->stream->read_buffer, "* BYE", 5) != 0)
    return FALSE;
  text = g_strndup (session->stream->read_buffer + 5, (gsize)length - 5);
  text[strcspn (text, "\r\n")] = '\0';
  g_set_error (error, MC_ERROR, MC_ERROR_LATER, "the server turns us away: %s", g_strstrip (text));
  return TRUE;
}

static gboolean
start_tls (McImapSession *session, GError **error)
{
  int code = mailimap_starttls (session->imap);

  /* CVE-2020-15953 and the like: what stands behind the OK was not said under TLS. */
  if (session->stream->read_buffer_len != 0) {
    g_set_error_literal (error, MC_ERROR, MC_ERROR_TLS, "somebody put words into the connection before TLS began");
    return FALSE;
  }
  if (code == MAILIMAP_ERROR_STARTTLS || code == MAILIMAP_ERROR_PROTOCOL) {
    g_set_error_literal (error, MC_ERROR, MC_ERROR_TLS, "the server does not offer STARTTLS; nothing was sent");
    return FALSE;
  }
  if (!mc_imap_session_judge (session, code, "asking for STARTTLS", error))
    return FALSE;
  memset (&session->guard, 0, sizeof session->guard);
  return mc_stream_start_tls (session->low, error);
}

static gboolean
greet (McImapSession *session, gboolean implicit_tls, gboolean *authenticated, GError **error)
{
  int code;

  if (is_turned_away (session, error))
    return FALSE;
  code = mailimap_connect (session->imap, session->stream);
  if (!mc_imap_session_judge (session, code, "reading the greeting", error))
    return FALSE;
  *authenticated = code == MAILIMAP_NO_ERROR_AUTHENTICATED;
  if (implicit_tls)
    return TRUE;
  if (*authenticated) { /* STARTTLS is not allowed any more then: somebody wants us to go on in the clear */
    g_set_error_literal (error, MC_ERROR, MC_ERROR_TLS,
                         "the server greets with PREAUTH before STARTTLS; nothing was sent");
    return FALSE;
  }
  return start_tls (session, error);
}

static gboolean
ask_capabilities (McImapSession *session, GError **error)
{
  struct mailimap_capability_data *capabilities = NULL;
  int code = mailimap_capability (session->imap, &capabilities);

  if (code == MAILIMAP_NO_ERROR && capabilities != NULL)
    mailimap_capability_data_free (capabilities);
  if (!mc_imap_session_judge (session, code, "asking for capabilities", error))
    return FALSE;
  session->idle = mailimap_has_extension (session->imap, (char *)"IDLE");
  return TRUE;
}

static char *
quote (const char *text)
{
  GString *quoted = g_string_new ("\"");

  for (const char *p = text; *p != '\0'; p++) {
    if (*p == '"' || *p == '\\')
      g_string_append_c (quoted, '\\');
    g_string_append_c (quoted, *p);
  }
  g_string_append_c (quoted, '"');
  return g_string_free (quoted, FALSE);
}

static gboolean
login_plainly (McImapSession *session, const McLogin *login, GError **error)
{
  g_autofree char *user = quote (login->user);
  g_autoptr (McSecretString) secret = quote (login->secret);
  g_autoptr (McSecretString) command = g_strdup_printf ("LOGIN %s %s", user, secret);

  return mc_imap_session_exchange (session, command, NULL, error);
}

static gboolean
log_in (McImapSession *session, const McLogin *login, GError **error)
{
  const char *mechanism = mc_login_mechanism (login);
  g_autoptr (McSecretString) response = mc_login_response (login);
  g_autofree char *command = g_strdup_printf ("AUTHENTICATE %s", mechanism);
  g_autoptr (GError) reason = NULL;
  gboolean done;

  if (mailimap_has_authentication (session->imap, mechanism))
    done = mc_imap_session_exchange (session, command, response, &reason);
  else if (!login->token && !mailimap_has_extension (session->imap, "LOGINDISABLED"))
    done = login_plainly (session, login, &reason);
  else {
    g_set_error (error, MC_ERROR, MC_ERROR_LOGIN, "the server does not offer %s", mechanism);
    return FALSE;
  }
  if (done) {
    session->imap->imap_state = MAILIMAP_STATE_AUTHENTICATED;
    return TRUE;
  }
  if (g_error_matches (reason, MC_ERROR, MC_ERROR_REFUSED))
    reason->code = MC_ERROR_LOGIN;
  mc_login_censor (login, reason);
  g_propagate_prefixed_error (error, g_steal_pointer (&reason), "logging in as %s: ", login->user);
  return FALSE;
}

static gboolean
establish (McImapSession *session, gboolean implicit_tls, const McLogin *login, GError **error)
{
  gboolean authenticated = FALSE;

  if (!greet (session, implicit_tls, &authenticated, error))
    return FALSE;
  if (!authenticated) {
    if (!ask_capabilities (session, error))
      return FALSE;
    if (login == NULL) {
      g_set_error_literal (error, MC_ERROR, MC_ERROR_LOGIN, "neither password-command nor oauth-command is configured");
      return FALSE;
    }
    if (!log_in (session, login, error))
      return FALSE;
  }
  return ask_capabilities (session, error); /* many servers offer IDLE only now */
}

McImapSession *
mc_imap_session_new (const McMailAccount *account, const McLogin *login, guint timeout_seconds, GCancellable *cancel,
                     GError **error)
{
  g_autoptr (McMailServer) server = mc_mail_server_parse ("imap", account->imap != NULL ? account->imap : "", error);
  g_autoptr (McImapSession) session = NULL;
  mailstream_low *low;

  if (server == NULL)
    return NULL;
  low = mc_stream_open (account, server, timeout_seconds, cancel, error);
  if (low == NULL) {
    g_prefix_error (error, "IMAP: ");
    return NULL;
  }
  session = g_new0 (McImapSession, 1);
  session->host = g_strdup (server->host);
  session->low = low;
  session->stream = mailstream_new (low, BUFFER);
  session->imap = mailimap_new (0, NULL);
  g_assert (session->stream != NULL && session->imap != NULL);
  mc_stream_set_guard (low, mc_imap_guard_feed, &session->guard);
  if (establish (session, server->implicit_tls, login, error))
    return g_steal_pointer (&session);
  g_prefix_error (error, "IMAP server %s: ", server->host);
  return NULL;
}

void
mc_imap_session_free (McImapSession *session)
{
  if (session == NULL)
    return;
  /* Said, not waited for: whoever cancelled wants to go now. */
  if (session->imap->imap_stream != NULL && mc_stream_failure (session->low) == NULL) {
    mc_stream_set_timeout (session->low, GOODBYE_SECONDS);
    if (mailimap_send_current_tag (session->imap) == MAILIMAP_NO_ERROR &&
        mailstream_write (session->stream, "LOGOUT\r\n", 8) >= 0)
      mailstream_flush (session->stream);
  }
  session->imap->imap_stream = NULL; /* else mailimap_free says it again and waits */
  mailstream_close (session->stream);
  mailimap_free (session->imap);
  g_free (session->host);
  g_free (session);
}
