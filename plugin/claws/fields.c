/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "fields.h"

#include <inc.h>
#include <log.h>
#include <noticeview.h>
#include <prefs_common.h>

gboolean
mc_fields_is_offline (void)
{
  return prefs_common_get_prefs ()->work_offline;
}

gboolean
mc_fields_is_locked (void)
{
  return inc_lock_count > 0;
}

const char *
mc_fields_address (const PrefsAccount *account)
{
  return account->protocol != A_NNTP && account->address != NULL && *account->address != '\0' ? account->address : NULL;
}

int
mc_fields_account_id (const PrefsAccount *account)
{
  return account->account_id;
}

const char *
mc_fields_smtp_server (const PrefsAccount *account)
{
  return account->smtp_server != NULL ? account->smtp_server : "";
}

void
mc_fields_sign_by_default (PrefsAccount *account)
{
  g_free (account->default_privacy_system);
  account->default_privacy_system = g_strdup ("smime");
  account->default_sign = TRUE;
}

gboolean
mc_fields_is_private (const PrefsAccount *account)
{
  return account->default_sign || account->default_encrypt;
}

FolderItem *
mc_fields_updated_item (gpointer update)
{
  const FolderItemUpdateData *data = update;

  return (data->update_flags & (F_ITEM_UPDATE_MSGCNT | F_ITEM_UPDATE_CONTENT)) != 0 ? data->item : NULL;
}

gboolean
mc_fields_has_unread (const FolderItem *item)
{
  return item->new_msgs > 0 || item->unread_msgs > 0;
}

const char *
mc_fields_subject (const MsgInfo *mail)
{
  return mail->subject;
}

const char *
mc_fields_from (const MsgInfo *mail)
{
  return mail->from;
}

const char *
mc_fields_to (const MsgInfo *mail)
{
  return mail->to;
}

const char *
mc_fields_message_id (const MsgInfo *mail)
{
  return mail->msgid;
}

guint
mc_fields_number (const MsgInfo *mail)
{
  return mail->msgnum;
}

gint64
mc_fields_size (const MsgInfo *mail)
{
  return mail->size;
}

gint64
mc_fields_date (const MsgInfo *mail)
{
  return mail->date_t;
}

FolderItem *
mc_fields_folder (const MsgInfo *mail)
{
  return mail->folder;
}

gboolean
mc_fields_hide_sending (gboolean hide)
{
  PrefsCommon *prefs = prefs_common_get_prefs ();
  const gboolean before = prefs->send_dialog_invisible;

  prefs->send_dialog_invisible = hide;
  return before;
}

const char *
mc_fields_log_line (gpointer log_text)
{
  const LogText *line = log_text;

  return line->instance == LOG_PROTOCOL ? line->text : NULL;
}

PrefsPage *
mc_fields_page (gchar **path, PrefsCreateWidgetFunc create, PrefsDestroyWidgetFunc destroy, PrefsSavePageFunc save)
{
  static PrefsPage page;

  page =
      (PrefsPage){.path = path, .weight = 30.0F, .create_widget = create, .destroy_widget = destroy, .save_page = save};
  return &page;
}

void
mc_fields_page_show (PrefsPage *page, GtkWidget *widget)
{
  page->widget = widget;
}

GtkWindow *
mc_fields_window (MainWindow *main)
{
  return GTK_WINDOW (main->window);
}

GtkUIManager *
mc_fields_ui_manager (MainWindow *main)
{
  return main->ui_manager;
}

GtkActionGroup *
mc_fields_action_group (MainWindow *main)
{
  return main->action_group;
}

MessageView *
mc_fields_message_view (MainWindow *main)
{
  return main->messageview;
}

MsgInfo *
mc_fields_shown (MessageView *view)
{
  return view->msginfo;
}

NoticeView *
mc_fields_notice (MessageView *view)
{
  return view->noticeview;
}

void
mc_fields_fit_notice (NoticeView *notice)
{
  gtk_label_set_ellipsize (GTK_LABEL (notice->text), PANGO_ELLIPSIZE_END);
  gtk_label_set_xalign (GTK_LABEL (notice->text), 0);
  gtk_widget_set_hexpand (notice->text, TRUE);
}
