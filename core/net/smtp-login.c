/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/smtp-session.h"

#include "base/error.h"
#include "base/secret.h"

#include <string.h>

static gboolean
offers (const McSmtpSession *session, const char *mechanism)
{
  return session->mechanisms != NULL && g_strv_contains ((const char *const *)session->mechanisms, mechanism);
}

/* TRUE = 235. 454 and other 4xx are passing trouble (RFC 4954 6). */
static gboolean
judge (McSmtpSession *session, GError **error)
{
  g_autoptr (GError) reason = NULL;

  if (session->code == 235)
    return TRUE;
  mc_smtp_session_refused (session, "the server says", &reason);
  if (g_error_matches (reason, MC_ERROR, MC_ERROR_REFUSED))
    reason->code = MC_ERROR_LOGIN;
  g_propagate_error (error, g_steal_pointer (&reason));
  return FALSE;
}

/* PLAIN and XOAUTH2: one response, sent with the command. */
static gboolean
in_one (McSmtpSession *session, const McLogin *login, GError **error)
{
  g_autoptr (McSecretString) response = mc_login_response (login);
  g_autoptr (McSecretString) command = g_strdup_printf ("AUTH %s %s", mc_login_mechanism (login), response);

  if (!mc_smtp_session_command (session, command, error))
    return FALSE;
  /* XOAUTH2 says why not in a challenge; an empty line lets it go on to its 535. */
  if (session->code == 334 && !mc_smtp_session_command (session, "", error))
    return FALSE;
  return judge (session, error);
}

static gboolean
by_login (McSmtpSession *session, const McLogin *login, GError **error)
{
  g_autofree char *user = g_base64_encode ((const guchar *)login->user, strlen (login->user));
  g_autoptr (McSecretString) secret = g_base64_encode ((const guchar *)login->secret, strlen (login->secret));

  if (!mc_smtp_session_command (session, "AUTH LOGIN", error))
    return FALSE;
  if (session->code == 334 && !mc_smtp_session_command (session, user, error))
    return FALSE;
  if (session->code == 334 && !mc_smtp_session_command (session, secret, error))
    return FALSE;
  return judge (session, error);
}

/* What only libsasl speaks. */
static gboolean
by_sasl (McSmtpSession *session, const char *mechanism, const McLogin *login, GError **error)
{
  mailsmtp *smtp = mailsmtp_new (0, NULL);
  int code;
  g_autofree char *said = NULL;

  g_assert (smtp != NULL);
  smtp->stream = session->stream;
  /* Nobody to act for: an authorization identity that is said is refused here and there, even one's own. */
  code = mailesmtp_auth_sasl (smtp, mechanism, session->host, NULL, NULL, "", login->user, login->secret, NULL);
  if (code != MAILSMTP_NO_ERROR)
    said = mc_text_sanitize (smtp->response, 200);
  session->code = (guint)MAX (smtp->response_code, 0);
  smtp->stream = NULL; /* ours */
  mailsmtp_free (smtp);
  if (code == MAILSMTP_NO_ERROR && session->code == 235)
    return TRUE;
  if (mc_stream_failure (session->low) != NULL)
    g_propagate_error (error, g_error_copy (mc_stream_failure (session->low)));
  else
    g_set_error (error, MC_ERROR, session->code / 100 == 4 ? MC_ERROR_LATER : MC_ERROR_LOGIN, "%s: %s", mechanism,
                 said != NULL && session->code >= 400 ? g_strstrip (said)
                                                      : "the server does not prove that it knows the password");
  return FALSE;
}

static gboolean
log_in (McSmtpSession *session, const McLogin *login, GError **error)
{
  static const char *const others[] = {"SCRAM-SHA-256", "SCRAM-SHA-1", "CRAM-MD5"};

  if (offers (session, mc_login_mechanism (login)))
    return in_one (session, login, error);
  if (!login->token && offers (session, "LOGIN"))
    return by_login (session, login, error);
  for (gsize i = 0; !login->token && i < G_N_ELEMENTS (others); i++)
    if (offers (session, others[i]))
      return by_sasl (session, others[i], login, error);
  g_set_error (error, MC_ERROR, MC_ERROR_LOGIN, "the server offers no way to log in with %s",
               login->token ? "XOAUTH2" : "a password");
  return FALSE;
}

gboolean
mc_smtp_session_log_in (McSmtpSession *session, const McLogin *login, GError **error)
{
  g_autoptr (GError) reason = NULL;

  if (log_in (session, login, &reason))
    return TRUE;
  mc_login_censor (login, reason);
  g_propagate_prefixed_error (error, g_steal_pointer (&reason), "SMTP server %s: logging in as %s: ", session->host,
                              login->user);
  return FALSE;
}
