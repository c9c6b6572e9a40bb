/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "session-private.h"

/* Facts and history of what concerns one address, to be read and copied. */

enum { RESPONSE_COPY = 1 };

static GtkWidget *
view_new (const char *text)
{
  GtkWidget *view = gtk_text_view_new ();

  gtk_text_buffer_set_text (gtk_text_view_get_buffer (GTK_TEXT_VIEW (view)), text, -1);
  gtk_text_view_set_editable (GTK_TEXT_VIEW (view), FALSE);
  gtk_text_view_set_cursor_visible (GTK_TEXT_VIEW (view), FALSE);
  gtk_text_view_set_accepts_tab (GTK_TEXT_VIEW (view), FALSE); /* the way out for the keyboard */
  gtk_text_view_set_wrap_mode (GTK_TEXT_VIEW (view), GTK_WRAP_WORD_CHAR);
  gtk_text_view_set_left_margin (GTK_TEXT_VIEW (view), 6);
  gtk_text_view_set_right_margin (GTK_TEXT_VIEW (view), 6);
  atk_object_set_name (gtk_widget_get_accessible (view), _ ("Details"));
  return view;
}

static void
responded (GtkDialog *dialog, int response, gpointer text)
{
  if (response == RESPONSE_COPY)
    gtk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (dialog), GDK_SELECTION_CLIPBOARD), text, -1);
  else
    gtk_widget_destroy (GTK_WIDGET (dialog));
}

static void
free_text (gpointer text, GClosure *closure)
{
  (void)closure;
  g_free (text);
}

/* All requests for ADDRESS, the newest first. */
static char *
compose (const McSession *session, const char *address)
{
  GString *out = g_string_new (NULL);

  for (guint i = session->tasks->len; i > 0; i--) {
    const McTask *task = g_ptr_array_index (session->tasks, i - 1);

    for (guint j = 0; task->addresses[j] != NULL; j++)
      if (g_str_equal (task->addresses[j], address))
        g_string_append_printf (out, "%s%s", out->len > 0 ? "\n" : "", task->details);
  }
  return g_string_free (out, FALSE);
}

GtkWidget *
mc_details_new (const McSession *session, const char *address, GtkWindow *parent)
{
  char *text = compose (session, address);
  GtkWidget *dialog = gtk_dialog_new_with_buttons (_ ("Certificate details"), parent, GTK_DIALOG_DESTROY_WITH_PARENT,
                                                   _ ("C_opy"), RESPONSE_COPY, _ ("_Close"), GTK_RESPONSE_CLOSE, NULL);
  GtkWidget *scrolled = gtk_scrolled_window_new (NULL, NULL);

  mc_widget_begin_window (dialog);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scrolled), GTK_POLICY_AUTOMATIC, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_shadow_type (GTK_SCROLLED_WINDOW (scrolled), GTK_SHADOW_IN);
  gtk_container_add (GTK_CONTAINER (scrolled), view_new (text));
  gtk_box_pack_start (GTK_BOX (gtk_dialog_get_content_area (GTK_DIALOG (dialog))), scrolled, TRUE, TRUE, 0);
  gtk_window_set_default_size (GTK_WINDOW (dialog), 560, 420);
  gtk_dialog_set_default_response (GTK_DIALOG (dialog), GTK_RESPONSE_CLOSE);
  g_signal_connect_data (dialog, "response", G_CALLBACK (responded), text, free_text, 0);
  gtk_widget_show_all (gtk_dialog_get_content_area (GTK_DIALOG (dialog)));
  mc_widget_open (dialog);
  return dialog;
}
