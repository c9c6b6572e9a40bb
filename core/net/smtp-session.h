/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* One SMTP connection for submission (RFC 6409), command by command. For net/smtp*.c only. The lines are ours, over
 * libetpan's mailstream: its SMTP cuts commands at 512 octets, turns for ever on a tab in the AUTH line, adds an
 * empty line to the mail and does not tell a break before the last byte of the mail from one after it. */

#include "net/login.h"
#include "net/stream.h"

G_BEGIN_DECLS

typedef struct {
  mailstream *stream;
  mailstream_low *low;
  char *host;
  guint code;    /* of the last reply, 0 = none came */
  GString *text; /* its lines without the code, joined by LF */
  /* What the last EHLO told. */
  gboolean starttls;
  gboolean eight_bit;
  gboolean utf8;
  gboolean size;
  char **mechanisms; /* upper case */
} McSmtpSession;

/* Connected, under TLS, greeted, not logged in. */
McSmtpSession *mc_smtp_session_new (const McMailAccount *account, GCancellable *cancel, GError **error);
void mc_smtp_session_free (McSmtpSession *session); /* says QUIT if it still can */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (McSmtpSession, mc_smtp_session_free)

/* MC_ERROR_LOGIN refused or no common way, MC_ERROR_LATER passing trouble. */
gboolean mc_smtp_session_log_in (McSmtpSession *session, const McLogin *login, GError **error);

/* Sends LINE and CRLF, reads the reply. FALSE with ERROR only if there is none; session->code tells the rest. */
gboolean mc_smtp_session_command (McSmtpSession *session, const char *line, GError **error);
gboolean mc_smtp_session_reply (McSmtpSession *session, GError **error);

/* The last reply as an error: MC_ERROR_LATER for 4xx, MC_ERROR_REFUSED else, with the server's words. Always FALSE. */
gboolean mc_smtp_session_refused (const McSmtpSession *session, const char *doing, GError **error);

G_END_DECLS
