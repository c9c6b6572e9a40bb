/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "fields.h"

#include "gtk/session.h"

#ifndef GETTEXT_PACKAGE
#define GETTEXT_PACKAGE "mailcert"
#endif
#include <glib/gi18n-lib.h>

G_BEGIN_DECLS

/* The plugin: translates between mailcert and Claws Mail, decides nothing. Everything of Claws Mail is called on the
 * main loop's thread, and never from inside one of its hooks. */

/* Is Claws Mail just sending or fetching mail? Its calls are not made to be called then. */
gboolean mc_claws_is_busy (void);

/* inbox.c: mail that arrives. SESSION is who it is offered to. */
const McInbox *mc_claws_inbox_begin (void);
void mc_claws_inbox_follow (McSession *session);
void mc_claws_inbox_end (void);
/* The challenge with this Message-ID (angle brackets and all), or NULL; a new reference. */
MsgInfo *mc_claws_inbox_find (const char *message_id);
/* Monotonic: when the folder of the mail that was offered last had been updated. */
gint64 mc_claws_inbox_offered_at (void);

/* outbox.c: replies that leave. */
const McTransport *mc_claws_outbox_begin (void);
void mc_claws_outbox_close (void); /* answers whoever waits, and all who come after */
void mc_claws_outbox_end (void);

/* queue.c: the file that Claws Mail sends a mail from. */
FolderItem *mc_claws_queue_of (PrefsAccount *account); /* or NULL */
/* The mail's number in QUEUE, negative on error. */
int mc_claws_queue_put (PrefsAccount *account, FolderItem *queue, const McOutgoing *mail, GError **error);

/* accounts.c */
char **mc_claws_addresses (gpointer self);
void mc_claws_wish (gpointer self, const char *address, gboolean sign);
void mc_claws_ready (gpointer self, const char *address, const char *fingerprint);
PrefsAccount *mc_claws_account_of (const char *address);
gboolean mc_claws_has_certificate (gpointer self, const char *address);
char *mc_claws_recall (gpointer self, const char *address);
void mc_claws_keep (gpointer self, const char *address, const char *words);

/* preferences.c */
void mc_claws_preferences_begin (McSession *session);
void mc_claws_preferences_end (void);

/* notice.c */
void mc_claws_notice_begin (McSession *session);
void mc_claws_notice_end (void);

/* menu.c */
void mc_claws_menu_begin (McSession *session);
void mc_claws_menu_end (void);

G_END_DECLS
