/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "session-private.h"

/* How requests stand: the steps so far, what is waited for now, and what the person might do. */

#define STEPS "mailcert-steps"

static GtkWidget *
wrapped (const char *text)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_line_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_line_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_max_width_chars (GTK_LABEL (label), 60);
  gtk_label_set_width_chars (GTK_LABEL (label), 20);
  gtk_label_set_selectable (GTK_LABEL (label), TRUE);
  gtk_widget_set_can_focus (label, TRUE);
  return label;
}

GtkWidget *
mc_progress_new (void)
{
  GtkWidget *scrolled = gtk_scrolled_window_new (NULL, NULL);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);

  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scrolled), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_propagate_natural_height (GTK_SCROLLED_WINDOW (scrolled), TRUE);
  gtk_scrolled_window_set_max_content_height (GTK_SCROLLED_WINDOW (scrolled), 480);
  gtk_container_add (GTK_CONTAINER (scrolled), box);
  g_object_set_data (G_OBJECT (scrolled), STEPS, box);
  return scrolled;
}

static void
add_heading (GtkWidget *box, const McTask *task)
{
  g_autofree char *joined = g_strjoinv (", ", task->addresses);
  g_autofree char *escaped = g_markup_escape_text (joined, -1);
  g_autofree char *markup = g_strdup_printf ("<b>%s</b>", escaped);
  GtkWidget *heading = wrapped (NULL);

  gtk_label_set_markup (GTK_LABEL (heading), markup);
  gtk_box_pack_start (GTK_BOX (box), heading, FALSE, FALSE, 0);
}

static void
add_task (GtkWidget *box, const McTask *task)
{
  GtkWidget *last;

  add_heading (box, task);
  for (guint i = 0; i < task->steps->len; i++) {
    const char *step = g_ptr_array_index (task->steps, i);

    /* The last step of something that has ended is what the sentence says. */
    if (i + 1 < task->steps->len || g_strcmp0 (step, task->sentence) != 0)
      gtk_box_pack_start (GTK_BOX (box), wrapped (step), FALSE, FALSE, 0);
  }
  last = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  if (task->open) {
    GtkWidget *spinner = gtk_spinner_new ();

    gtk_spinner_start (GTK_SPINNER (spinner));
    gtk_box_pack_start (GTK_BOX (last), spinner, FALSE, FALSE, 0);
  } else
    gtk_box_pack_start (
        GTK_BOX (last),
        gtk_image_new_from_icon_name (task->installed ? "emblem-default" : "dialog-warning", GTK_ICON_SIZE_MENU), FALSE,
        FALSE, 0);
  gtk_box_pack_start (GTK_BOX (last), wrapped (task->sentence), TRUE, TRUE, 0);
  gtk_box_pack_start (GTK_BOX (box), last, FALSE, FALSE, 0);
  if (task->next != NULL)
    gtk_box_pack_start (GTK_BOX (box), wrapped (task->next), FALSE, FALSE, 0);
}

void
mc_progress_show (GtkWidget *page, const GPtrArray *tasks)
{
  GtkWidget *box = g_object_get_data (G_OBJECT (page), STEPS);

  gtk_container_foreach (GTK_CONTAINER (box), (GtkCallback)(void (*) (void))gtk_widget_destroy, NULL);
  for (guint i = 0; i < tasks->len; i++)
    add_task (box, g_ptr_array_index (tasks, i));
  gtk_widget_show_all (box);
}
