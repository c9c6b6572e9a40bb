/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "claws.h"

#include "gtk/timing.h"
#include "mail/message.h"

#include <hooks.h>
#include <noticeview.h>
#include <string.h>

/* What a certificate check that is being read is, above the mail. */

static struct {
  McSession *session;
  gulong hook;
  guint timer;
} notice;

static MessageView *
main_view (void)
{
  MainWindow *main = mainwindow_get_mainwindow ();

  return main != NULL ? mc_fields_message_view (main) : NULL;
}

static const char *
shown_message_id (void)
{
  MessageView *view = main_view ();
  const MsgInfo *mail = view != NULL ? mc_fields_shown (view) : NULL;

  return mail != NULL ? mc_fields_message_id (mail) : NULL;
}

static void
show_pressed (NoticeView *view, gpointer data)
{
  (void)view, (void)data;
  mc_session_show (notice.session);
}

/* MESSAGE_ID: of the mail that was judged; another one may be shown by now. */
static void
judged (McVerdictCode code, const char *sentence, const char *message_id)
{
  const gboolean ours = code == MC_VERDICT_AUTHENTIC;
  NoticeView *view;

  if (g_strcmp0 (shown_message_id (), message_id) != 0 || code == MC_VERDICT_NOT_A_CHALLENGE)
    return;
  view = mc_fields_notice (main_view ());
  if (noticeview_is_visible (view)) /* Claws Mail's own: that it is not there as a whole, for one */
    return;
  noticeview_set_icon (view, ours || code == MC_VERDICT_ALREADY_ANSWERED ? STOCK_PIXMAP_NOTICE_NOTE
                                                                         : STOCK_PIXMAP_NOTICE_WARN);
  noticeview_set_text (view, sentence);
  noticeview_set_tooltip (view, sentence); /* all of it, however narrow the window */
  /* Genuine and waited for: how the request stands. Else there is nothing that should be pressed. */
  noticeview_set_button_text (view, ours ? _ ("Show request") : NULL);
  noticeview_set_button_press_callback (view, (void (*) (void))show_pressed, NULL);
  noticeview_set_2ndbutton_text (view, NULL);
  mc_fields_fit_notice (view);
  noticeview_show (view);
}

/* After the mail is shown: what is shown is there as a file. */
static gboolean
look (gpointer data)
{
  MessageView *view = main_view ();
  MsgInfo *mail = view != NULL ? mc_fields_shown (view) : NULL;
  g_autofree char *path = NULL;
  char *text;
  gsize length;
  gint64 left;

  (void)data;
  notice.timer = 0;
  if (mail == NULL || mc_fields_message_id (mail) == NULL || mc_fields_size (mail) > MC_MESSAGE_MAX)
    return G_SOURCE_REMOVE;
  mc_timing_begin ("notice");
  left = mc_timing_leave ();
  path = procmsg_get_message_file_path (mail);
  mc_timing_return (left, "fetching a mail", "notice");
  if (path != NULL && g_file_get_contents (path, &text, &length, NULL)) {
    g_autoptr (GBytes) rfc822 = g_bytes_new_take (text, length);

    if (mc_peek (text, length))
      mc_session_judge (notice.session, rfc822, judged, shown_message_id ());
  }
  mc_timing_end ();
  return G_SOURCE_REMOVE;
}

/* A hook: only remembers. */
static gboolean
shown (gpointer source, gpointer data)
{
  const MsgInfo *mail = source == main_view () ? mc_fields_shown (source) : NULL;
  const char *subject = mail != NULL ? mc_fields_subject (mail) : NULL;

  (void)data;
  if (subject != NULL && g_ascii_strncasecmp (subject, "ACME:", strlen ("ACME:")) == 0 && notice.timer == 0)
    notice.timer = g_timeout_add (0, look, NULL);
  return FALSE;
}

void
mc_claws_notice_begin (McSession *session)
{
  notice.session = session;
  notice.timer = 0;
  notice.hook = hooks_register_hook (MESSAGE_VIEW_SHOW_DONE_HOOKLIST, shown, NULL);
}

void
mc_claws_notice_end (void)
{
  hooks_unregister_hook (MESSAGE_VIEW_SHOW_DONE_HOOKLIST, notice.hook);
  if (notice.timer != 0)
    g_source_remove (notice.timer);
  notice.timer = 0;
}
