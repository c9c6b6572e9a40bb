/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "session-private.h"

/* How requests stand: the steps so far, what is waited for now, and what the person might do. */

#define BOX "mailcert-box"
#define ROWS "mailcert-rows"

/* One task. */
typedef struct {
  gint64 id;
  guint shown; /* steps */
  GtkWidget *steps, *spinner, *image, *sentence, *next;
} McRow;

GtkWidget *
mc_progress_new (void)
{
  GtkWidget *scrolled = gtk_scrolled_window_new (NULL, NULL);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);

  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scrolled), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_propagate_natural_height (GTK_SCROLLED_WINDOW (scrolled), TRUE);
  gtk_scrolled_window_set_max_content_height (GTK_SCROLLED_WINDOW (scrolled), 480);
  gtk_container_add (GTK_CONTAINER (scrolled), box);
  g_object_set_data (G_OBJECT (scrolled), BOX, box);
  g_object_set_data_full (G_OBJECT (scrolled), ROWS, g_ptr_array_new_with_free_func (g_free),
                          (GDestroyNotify)g_ptr_array_unref);
  return scrolled;
}

static void
add_heading (GtkWidget *box, const McTask *task)
{
  g_autofree char *joined = g_strjoinv (", ", task->addresses);

  gtk_box_pack_start (GTK_BOX (box), mc_widget_heading (joined), FALSE, FALSE, 0);
}

static McRow *
row_new (GtkWidget *box, const McTask *task)
{
  McRow *row = g_new0 (McRow, 1);
  GtkWidget *last = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);

  row->id = task->id;
  row->steps = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  row->spinner = gtk_spinner_new ();
  row->image = gtk_image_new ();
  row->sentence = mc_widget_sentence (NULL);
  row->next = mc_widget_sentence (NULL);
  add_heading (box, task);
  gtk_box_pack_start (GTK_BOX (box), row->steps, FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (last), row->spinner, FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (last), row->image, FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (last), row->sentence, TRUE, TRUE, 0);
  gtk_box_pack_start (GTK_BOX (box), last, FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (box), row->next, FALSE, FALSE, 0);
  gtk_widget_show_all (box);
  return row;
}

static McRow *
row_of (GtkWidget *page, const McTask *task)
{
  GPtrArray *rows = g_object_get_data (G_OBJECT (page), ROWS);

  for (guint i = 0; i < rows->len; i++)
    if (((McRow *)g_ptr_array_index (rows, i))->id == task->id)
      return g_ptr_array_index (rows, i);
  g_ptr_array_add (rows, row_new (g_object_get_data (G_OBJECT (page), BOX), task));
  return g_ptr_array_index (rows, rows->len - 1);
}

/* Only what is new is made: the main loop is the mail program's. */
static void
show_task (GtkWidget *page, const McTask *task)
{
  McRow *row = row_of (page, task);

  for (; row->shown < task->steps->len; row->shown++) {
    const char *step = g_ptr_array_index (task->steps, row->shown);

    /* The last step of something that has ended is what the sentence says. */
    if (g_strcmp0 (step, task->sentence) != 0) {
      GtkWidget *label = mc_widget_sentence (step);

      gtk_box_pack_start (GTK_BOX (row->steps), label, FALSE, FALSE, 0);
      gtk_widget_show (label);
    }
  }
  gtk_label_set_text (GTK_LABEL (row->sentence), task->sentence);
  gtk_label_set_text (GTK_LABEL (row->next), task->next != NULL ? task->next : "");
  gtk_widget_set_visible (row->next, task->next != NULL);
  gtk_widget_set_visible (row->spinner, task->open);
  g_object_set (row->spinner, "active", task->open, NULL);
  gtk_widget_set_visible (row->image, !task->open);
  gtk_image_set_from_icon_name (GTK_IMAGE (row->image), task->installed ? "emblem-default" : "dialog-warning",
                                GTK_ICON_SIZE_MENU);
}

void
mc_progress_show (GtkWidget *page, const GPtrArray *tasks)
{
  for (guint i = 0; i < tasks->len; i++)
    show_task (page, g_ptr_array_index (tasks, i));
}
