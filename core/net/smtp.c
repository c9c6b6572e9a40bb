/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/submission.h"

#include "base/error.h"
#include "net/envelope.h"
#include "net/smtp-session.h"

#include <string.h>

#define FINAL_SECONDS 300 /* a server may filter a mail before its 250 (RFC 5321 4.5.3.2.6 grants 10 minutes) */

/* A 5xx to the envelope or the mail is about this mail for ever; that a login is wanted (530) is not. */
static McSendOutcome
refused (const McSmtpSession *session, const char *doing, GError **error)
{
  g_autoptr (GError) reason = NULL;

  mc_smtp_session_refused (session, doing, &reason);
  if (session->code == 530)
    reason->code = MC_ERROR_LOGIN;
  g_propagate_error (error, g_steal_pointer (&reason));
  return session->code / 100 == 5 && session->code != 530 ? MC_SEND_REFUSED : MC_SEND_NOT_SENT;
}

static McSmtpSession *
open_session (const McMailAccount *account, GCancellable *cancel, GError **error)
{
  g_autoptr (GError) reason = NULL;
  g_autoptr (McLogin) login = mc_login_new (account, TRUE, cancel, &reason);
  g_autoptr (McSmtpSession) session = NULL;

  if (reason != NULL) {
    g_propagate_error (error, g_steal_pointer (&reason));
    return NULL;
  }
  session = mc_smtp_session_new (account, cancel, error);
  if (session == NULL || (login != NULL && !mc_smtp_session_log_in (session, login, error)))
    return NULL;
  return g_steal_pointer (&session);
}

/* An address whose domain alone is not ASCII needs no SMTPUTF8 (RFC 5891). */
static char *
wire_address (const char *address)
{
  const char *at = strrchr (address, '@');
  g_autofree char *local = g_strndup (address, (gsize)(at - address));
  g_autofree char *domain = g_str_is_ascii (at + 1) ? NULL : g_hostname_to_ascii (at + 1);

  if (!g_str_is_ascii (local) || domain == NULL)
    return g_strdup (address);
  return g_strconcat (local, "@", domain, NULL);
}

static char **
wire_addresses (const char *const *addresses)
{
  g_autoptr (GPtrArray) all = g_ptr_array_new ();

  for (const char *const *address = addresses; *address != NULL; address++)
    g_ptr_array_add (all, wire_address (*address));
  g_ptr_array_add (all, NULL);
  return (char **)g_ptr_array_steal (all, NULL);
}

static gboolean
mail_from (McSmtpSession *session, const char *from, McEnvelopeNeeds needs, gsize size, McSendOutcome *outcome,
           GError **error)
{
  g_autoptr (GString) command = g_string_new (NULL);

  g_string_printf (command, "MAIL FROM:<%s>", from);
  if (needs.utf8 && !session->utf8) {
    g_set_error_literal (error, MC_ERROR, MC_ERROR_REFUSED,
                         "the server cannot carry addresses or headers beyond ASCII");
    *outcome = MC_SEND_REFUSED;
    return FALSE;
  }
  if (needs.utf8)
    g_string_append (command, " SMTPUTF8");
  if (needs.eight_bit && session->eight_bit)
    g_string_append (command, " BODY=8BITMIME");
  if (session->size)
    g_string_append_printf (command, " SIZE=%" G_GSIZE_FORMAT, size);
  if (!mc_smtp_session_command (session, command->str, error))
    return FALSE;
  if (session->code / 100 == 2)
    return TRUE;
  *outcome = refused (session, "MAIL FROM", error);
  return FALSE;
}

static gboolean
envelope (McSmtpSession *session, const char *from, char *const *to, McEnvelopeNeeds needs, gsize size,
          McSendOutcome *outcome, GError **error)
{
  if (!mail_from (session, from, needs, size, outcome, error))
    return FALSE;
  for (char *const *address = to; *address != NULL; address++) {
    g_autofree char *command = g_strdup_printf ("RCPT TO:<%s>", *address);

    if (!mc_smtp_session_command (session, command, error))
      return FALSE;
    if (session->code / 100 != 2) {
      *outcome = refused (session, "RCPT TO", error);
      return FALSE;
    }
  }
  if (!mc_smtp_session_command (session, "DATA", error))
    return FALSE;
  if (session->code == 354)
    return TRUE;
  *outcome = refused (session, "DATA", error);
  return FALSE;
}

/* Until the last write is through the server cannot have seen the end of the mail; from then on only its reply tells
 * (T-32). */
static McSendOutcome
data (McSmtpSession *session, GBytes *rfc822, GError **error)
{
  gsize size;
  const char *bytes = g_bytes_get_data (rfc822, &size);

  if (size >= 2 && memcmp (bytes + size - 2, "\r\n", 2) == 0)
    size -= 2; /* libetpan ends the last line itself */
  mc_stream_set_timeout (session->low, FINAL_SECONDS);
  if (mailstream_send_data (session->stream, bytes, size, 0, NULL) == -1 || mailstream_flush (session->stream) == -1) {
    g_propagate_error (error, g_error_copy (mc_stream_failure (session->low)));
    g_prefix_error (error, "sending the mail: ");
    return MC_SEND_NOT_SENT;
  }
  if (!mc_smtp_session_reply (session, error)) {
    g_prefix_error (error, "the mail was sent, but no answer came: ");
    return MC_SEND_UNKNOWN;
  }
  if (session->code / 100 == 2)
    return MC_SEND_SENT;
  if (session->code / 100 == 4 || session->code / 100 == 5)
    return refused (session, "the mail", error);
  mc_smtp_session_refused (session, "the mail was sent, and the answer makes no sense", error);
  return MC_SEND_UNKNOWN;
}

McSendOutcome
mc_smtp_send (const McMailAccount *account, const char *from, const char *const *to, GBytes *rfc822,
              GCancellable *cancel, GError **error)
{
  g_autoptr (McSmtpSession) session = NULL;
  g_autofree char *wire_from = NULL;
  g_auto (GStrv) wire_to = NULL;
  McSendOutcome outcome = MC_SEND_NOT_SENT;
  McEnvelopeNeeds needs;

  if (!mc_envelope_check (from, to, error))
    return MC_SEND_NOT_SENT;
  session = open_session (account, cancel, error);
  if (session == NULL)
    return MC_SEND_NOT_SENT;
  wire_from = wire_address (from);
  wire_to = wire_addresses (to);
  needs = mc_envelope_needs (wire_from, (const char *const *)wire_to, rfc822);
  if (envelope (session, wire_from, wire_to, needs, g_bytes_get_size (rfc822), &outcome, error))
    outcome = data (session, rfc822, error);
  if (outcome != MC_SEND_SENT)
    g_prefix_error (error, "SMTP server %s: ", session->host);
  return outcome;
}

gboolean
mc_smtp_check (const McMailAccount *account, GCancellable *cancel, GError **error)
{
  g_autoptr (McSmtpSession) session = open_session (account, cancel, error);

  return session != NULL;
}
