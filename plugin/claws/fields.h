/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* The layout of Claws Mail's structures differs between its versions and depends on claws-features.h, which must come
 * first. They are read and written in fields.c alone; everybody else calls functions. */

#include <claws-features.h>

#include <account.h>
#include <folder.h>
#include <mainwindow.h>
#include <messageview.h>
#include <prefs_account.h>
#include <prefswindow.h>
#include <procmsg.h>

G_BEGIN_DECLS

gboolean mc_fields_is_offline (void);
gboolean mc_fields_is_locked (void); /* Claws asks its own timers to stand still */

/* Accounts: strings are the account's. */
const char *mc_fields_address (const PrefsAccount *account); /* NULL: it has none, or sends no mail */
int mc_fields_account_id (const PrefsAccount *account);
const char *mc_fields_smtp_server (const PrefsAccount *account);
/* New mail of ACCOUNT is signed with S/MIME. */
void mc_fields_sign_by_default (PrefsAccount *account);
/* New mail of ACCOUNT is signed or encrypted, by whatever system. */
gboolean mc_fields_is_private (const PrefsAccount *account);

/* Folders. */
FolderItem *mc_fields_updated_item (gpointer update); /* NULL: no mail has come or gone in it */
gboolean mc_fields_has_unread (const FolderItem *item);

/* Mails: strings are the mail's, without angle brackets. */
const char *mc_fields_subject (const MsgInfo *mail);
const char *mc_fields_from (const MsgInfo *mail);
const char *mc_fields_to (const MsgInfo *mail);
const char *mc_fields_message_id (const MsgInfo *mail);
guint mc_fields_number (const MsgInfo *mail);
gint64 mc_fields_size (const MsgInfo *mail);
gint64 mc_fields_date (const MsgInfo *mail);
FolderItem *mc_fields_folder (const MsgInfo *mail);

/* While a reply leaves, no window of Claws says so; returns what was set before. */
gboolean mc_fields_hide_sending (gboolean hide);

/* One line of the network log; NULL: of another log. */
const char *mc_fields_log_line (gpointer log_text);

/* A page of the preferences; PATH ends with NULL. There is one: it is static. */
PrefsPage *mc_fields_page (gchar **path, PrefsCreateWidgetFunc create, PrefsDestroyWidgetFunc destroy,
                           PrefsSavePageFunc save);
void mc_fields_page_show (PrefsPage *page, GtkWidget *widget);

/* The main window. */
GtkWindow *mc_fields_window (MainWindow *main);
GtkUIManager *mc_fields_ui_manager (MainWindow *main);
GtkActionGroup *mc_fields_action_group (MainWindow *main);
MessageView *mc_fields_message_view (MainWindow *main);
MsgInfo *mc_fields_shown (MessageView *view); /* borrowed, or NULL */
NoticeView *mc_fields_notice (MessageView *view);
/* Its text is one line: where the window is too narrow it ends in dots, and does not make the mail below as wide. */
void mc_fields_fit_notice (NoticeView *notice);

G_END_DECLS
