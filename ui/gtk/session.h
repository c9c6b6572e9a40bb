/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "mailcert.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* mailcert inside a mail program with a GTK main loop: a runner beside it, and windows on it. All calls on the main
 * loop. */
typedef struct McSession McSession;

/* What the mail program supplies besides its ports; all called on the main loop. */
typedef struct {
  gpointer self;
  GtkWindow *(*window) (gpointer self); /* the one that ours stand before, or NULL */
  char **(*addresses) (gpointer self);  /* of its accounts, the default one first; the caller frees */
  /* The person wants new mail from ADDRESS to be signed, or not, once there is a certificate. */
  void (*wish) (gpointer self, const char *address, gboolean sign);
  /* A certificate for ADDRESS signs from gpgsm; FINGERPRINT: its SHA-1, 40 hex digits. Told when it came, and at each
   * start. */
  void (*ready) (gpointer self, const char *address, const char *fingerprint);
  /* The account of ADDRESS signs or encrypts with something already, of whatever origin. */
  gboolean (*has_certificate) (gpointer self, const char *address);
  /* Nothing goes on that an unasked window would disturb: no mail is being written, sent or fetched, no question is
   * open, and the main window is there. */
  gboolean (*is_at_rest) (gpointer self);
  /* A few words that the program keeps with the account of ADDRESS for us. NULL: none; the caller frees. */
  char *(*recall) (gpointer self, const char *address);
  void (*keep) (gpointer self, const char *address, const char *words);
} McClient;

/* Reads the configuration. TRANSPORT and INBOX (called on the runner's thread) and CLIENT must outlive it. */
McSession *mc_session_new (const McTransport *transport, const McInbox *inbox, const McClient *client, GError **error);
/* Every port must have called its done before. */
void mc_session_free (McSession *session);

const McConfig *mc_session_config (const McSession *session);
McRunnerThread *mc_session_thread (McSession *session);
/* From now on nobody is there to answer; open questions end. */
void mc_session_close (McSession *session);
/* Carries on what is open, if anything was ever asked for. */
void mc_session_start (McSession *session);
/* What a reader should know of a mail that may be a CA's check: JUDGED comes on the main loop, unless the session ends
 * before. SENTENCE is borrowed; NAME is what the caller knows the mail by. */
typedef void (*McJudgedFunc) (McVerdictCode code, const char *sentence, const char *name);
void mc_session_judge (McSession *session, GBytes *rfc822, McJudgedFunc judged, const char *name);
/* A page for the program's own preferences; one at a time. It goes with its window, or with the session. */
GtkWidget *mc_session_preferences (McSession *session);
/* What was changed on that page goes into the configuration, and counts from then on. */
void mc_session_preferences_save (McSession *session);
/* The window: a new request, or how the open one stands. */
void mc_session_show (McSession *session);

G_END_DECLS
