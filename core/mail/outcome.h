/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What became of a mail that was handed to a carrier (T-32). The difference between NOT_SENT and UNKNOWN decides
 * whether it may ever be sent again. */
typedef enum {
  MC_SEND_SENT,     /* accepted: 250 after DATA, or sendmail's exit 0 */
  MC_SEND_NOT_SENT, /* surely not accepted, may be tried again: no connection, 4xx before or after DATA, sendmail's
                       EX_TEMPFAIL */
  MC_SEND_REFUSED,  /* surely not accepted and will not be: 5xx, or a sendmail exit that is no temporary failure */
  MC_SEND_UNKNOWN,  /* the connection broke after the last byte of DATA, or sendmail died by a signal: must not be sent
                       again */
  MC_SEND_QUEUED    /* a carrier holds it and sends it later */
} McSendOutcome;

const char *mc_send_outcome_name (McSendOutcome outcome); /* "sent", "not-sent", ...: static */

G_END_DECLS
