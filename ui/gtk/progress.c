/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "session-private.h"

/* How requests stand: the steps so far, what is waited for now, and what the person might do. */

#define PROGRESS "mailcert-progress"

/* One task. */
typedef struct {
  gint64 id;
  guint shown; /* steps */
  GtkWidget *box, *steps, *spinner, *image, *sentence, *next;
} McRow;

typedef struct {
  GtkWidget *box;
  GPtrArray *rows;  /* of McRow */
  gint64 seen;      /* what had ended and is not newer than this is not shown */
  gboolean follows; /* the end of the page is in view, and stays there */
} McProgress;

static void
progress_free (gpointer data)
{
  McProgress *progress = data;

  g_ptr_array_unref (progress->rows);
  g_free (progress);
}

static McProgress *
progress_of (gpointer page)
{
  return g_object_get_data (G_OBJECT (page), PROGRESS);
}

/* --- the end stays in view, unless the person has scrolled away from it --- */

static double
end_of (GtkAdjustment *adjustment)
{
  return gtk_adjustment_get_upper (adjustment) - gtk_adjustment_get_page_size (adjustment);
}

static void
scrolled (GtkAdjustment *adjustment, gpointer page)
{
  progress_of (page)->follows = gtk_adjustment_get_value (adjustment) >= end_of (adjustment) - 1;
}

static void
resized (GtkAdjustment *adjustment, gpointer page)
{
  if (progress_of (page)->follows)
    gtk_adjustment_set_value (adjustment, end_of (adjustment));
}

GtkWidget *
mc_progress_new (void)
{
  McProgress *progress = g_new0 (McProgress, 1);
  GtkWidget *page = gtk_scrolled_window_new (NULL, NULL);
  GtkAdjustment *adjustment = gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (page));

  progress->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  progress->rows = g_ptr_array_new_with_free_func (g_free);
  progress->seen = G_MAXINT64;
  progress->follows = TRUE;
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (page), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_propagate_natural_height (GTK_SCROLLED_WINDOW (page), TRUE);
  gtk_scrolled_window_set_max_content_height (GTK_SCROLLED_WINDOW (page), 480);
  gtk_container_add (GTK_CONTAINER (page), progress->box);
  g_object_set_data_full (G_OBJECT (page), PROGRESS, progress, progress_free);
  g_signal_connect_object (adjustment, "value-changed", G_CALLBACK (scrolled), page, 0);
  g_signal_connect_object (adjustment, "changed", G_CALLBACK (resized), page, 0);
  return page;
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
  row->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  row->steps = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  row->spinner = gtk_spinner_new ();
  row->image = gtk_image_new ();
  row->sentence = mc_widget_sentence (NULL);
  row->next = mc_widget_sentence (NULL);
  add_heading (row->box, task);
  gtk_box_pack_start (GTK_BOX (row->box), row->steps, FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (last), row->spinner, FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (last), row->image, FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (last), row->sentence, TRUE, TRUE, 0);
  gtk_box_pack_start (GTK_BOX (row->box), last, FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (row->box), row->next, FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (box), row->box, FALSE, FALSE, 0);
  gtk_widget_show_all (row->box);
  return row;
}

static McRow *
find_row (const McProgress *progress, gint64 id)
{
  for (guint i = 0; i < progress->rows->len; i++)
    if (((McRow *)g_ptr_array_index (progress->rows, i))->id == id)
      return g_ptr_array_index (progress->rows, i);
  return NULL;
}

/* Only what is new is made: the main loop is the mail program's. */
static void
show_task (const McTask *task, McRow *row)
{
  const guint count = task->steps->len - (task->covered && task->steps->len > 0 ? 1 : 0);

  for (; row->shown < count; row->shown++) {
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
mc_progress_begin (GtkWidget *page, const GPtrArray *tasks)
{
  McProgress *progress = progress_of (page);

  progress->seen = 0;
  for (guint i = 0; i < tasks->len; i++) {
    const McTask *task = g_ptr_array_index (tasks, i);
    McRow *row = find_row (progress, task->id);

    progress->seen = MAX (progress->seen, task->id);
    if (row == NULL || task->open)
      continue;
    gtk_widget_destroy (row->box);
    g_ptr_array_remove (progress->rows, row);
  }
  progress->follows = TRUE;
}

void
mc_progress_show (GtkWidget *page, const GPtrArray *tasks)
{
  McProgress *progress = progress_of (page);

  for (guint i = 0; i < tasks->len; i++) {
    const McTask *task = g_ptr_array_index (tasks, i);
    McRow *row = find_row (progress, task->id);

    if (row == NULL && (task->open || task->id > progress->seen)) {
      row = row_new (progress->box, task);
      g_ptr_array_add (progress->rows, row);
    }
    if (row != NULL)
      show_task (task, row);
  }
}
