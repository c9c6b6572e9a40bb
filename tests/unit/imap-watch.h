/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* A watch on its own thread, and the mails that a test puts into the scripted server's folders. */

#include "net-server.h"
#include "net/imap.h"

extern const McImapTiming mc_imap_watch_quick;

typedef struct {
  McMailAccount *account;
  const McImapTiming *timing;
  gint64 since;
  GCancellable *cancel;
  GAsyncQueue *found; /* of char*: the mail's Message-ID line */
  GAsyncQueue *ready; /* of a pointer: 1 = polls, 2 = IDLE */
  GThread *thread;
  gboolean result;
  GError *error;
} McTestWatch;

McMailAccount *mc_test_imap_account (McTestServer *server, const char *scheme);

/* ACCOUNT is taken over. */
McTestWatch *mc_test_watch_new (McMailAccount *account);
void mc_test_watch_begin (McTestWatch *watch, McMailAccount *account, const McImapTiming *timing);
void mc_test_watch_join (McTestWatch *watch);
void mc_test_watch_free (McTestWatch *watch); /* cancels it first */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (McTestWatch, mc_test_watch_free)

/* The next mail found is this one. */
void mc_test_watch_expect_found (McTestWatch *watch, const char *id);
/* TRUE = IDLE. */
gboolean mc_test_watch_expect_ready (McTestWatch *watch);
/* It ends by itself, with this error. */
void mc_test_watch_expect_end (McTestWatch *watch, gint code, const char *words);

/* A mail that mc_peek takes for a challenge; SIZE: bytes of padding; AGE: seconds. */
void mc_test_imap_deliver (McTestServer *server, const char *folder, const char *id);
void mc_test_imap_deliver_age (McTestServer *server, const char *folder, const char *id, gsize size, guint age);
