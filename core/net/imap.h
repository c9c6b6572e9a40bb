/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "net/mail-account.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* A mail that may be a challenge or a bounce (mc_peek says so), CRLF, at most 256 KiB. Called on the watching thread;
 * must not block long. */
typedef void (*McImapFoundFunc) (GBytes *rfc822, gpointer data);
/* The folders have been searched once and the server will tell of news (IDLE) or is asked every POLL seconds. Called
 * after each (re)connect. */
typedef void (*McImapReadyFunc) (gboolean idle, gpointer data);

#define MC_IMAP_POLL_SECONDS 20   /* where the server has no IDLE, and for the folders IDLE does not watch */
#define MC_IMAP_IDLE_SECONDS 1500 /* renewed before the 29 minutes of RFC 2177 */

/* Watches INBOX and Junk (or account->folders) until CANCEL, blocking its thread: first every mail since SINCE (unix
 * seconds, minus a day: SEARCH SINCE knows days only) that could be a challenge, then whatever arrives; nothing is
 * marked read (EXAMINE, BODY.PEEK) and every mail is fetched once per UID and UIDVALIDITY. The password is asked for
 * once, a token for each connection. Lost connections are made again with back-off (1 s to 60 s) for ever. A folder
 * beside the first that cannot be opened is passed over, and tried again with the others. Returns
 * FALSE at once with MC_ERROR_LOGIN (password or token refused, or no way to log in), MC_ERROR_TLS, MC_ERROR_CONFIG;
 * TRUE when cancelled. READY may be NULL. */
gboolean mc_imap_watch (const McMailAccount *account, gint64 since, GCancellable *cancel, McImapFoundFunc found,
                        McImapReadyFunc ready, gpointer data, GError **error);

/* The same with other times, for tests. */
typedef struct {
  guint poll_ms;
  guint idle_ms;
  guint first_retry_ms; /* doubled up to last_retry_ms */
  guint last_retry_ms;
  guint timeout_seconds; /* for each answer */
} McImapTiming;

gboolean mc_imap_watch_timed (const McMailAccount *account, gint64 since, const McImapTiming *timing,
                              GCancellable *cancel, McImapFoundFunc found, McImapReadyFunc ready, gpointer data,
                              GError **error);

/* Logs in, looks whether INBOX opens and IDLE is offered, logs out: for get's first step and doctor. MC_ERROR_LATER
 * where it cannot be reached, else as above. */
gboolean mc_imap_check (const McMailAccount *account, GCancellable *cancel, gboolean *idle, GError **error);

G_END_DECLS
