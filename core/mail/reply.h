/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The reply to a challenge. All borrowed; nothing else goes into the mail. */
typedef struct {
  const char *from; /* the certified address, octet for octet (A18, T-10) */
  const char *to;   /* the challenge's Reply-To value if it has one, else its From (A47); its bare addresses are used */
  const char *token_part1; /* as received, white space removed */
  const char *digest;      /* from mc_token_digest () */
  const char *in_reply_to; /* the challenge's Message-ID, verbatim (T-13, T-29) */
  const char *references;  /* the challenge's own References, or NULL */
  const char *message_id;  /* ours, with angle brackets */
  gint64 date;             /* Unix seconds */
} McReply;

/* The whole mail, CRLF line ends (RFC 8823 3.2, A45-A58, T-10..T-13); the same input gives the same octets. It is UTF-8
 * in From or To only where an address is (SMTPUTF8). Any value that could end a line or means something else is
 * MC_ERROR_MALFORMED. */
GBytes *mc_reply_compose (const McReply *reply, GError **error);

G_END_DECLS
