/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "widget.h"

#include "timing.h"

#define LEAST_CHARS 16
#define MOST_CHARS 50
#define QUESTION_CHARS 32
#define NAME "mailcert-name"
#define TELLING "mailcert-telling"
#define OPENING "mailcert-opening"

static void
wrap (GtkLabel *label)
{
  gtk_label_set_line_wrap (label, TRUE);
  gtk_label_set_line_wrap_mode (label, PANGO_WRAP_WORD_CHAR);
  gtk_label_set_xalign (label, 0);
  gtk_label_set_max_width_chars (label, MOST_CHARS);
  gtk_label_set_width_chars (label, LEAST_CHARS);
}

GtkWidget *
mc_widget_text (const char *text)
{
  GtkWidget *label = gtk_label_new (text);

  wrap (GTK_LABEL (label));
  return label;
}

GtkWidget *
mc_widget_sentence (const char *text)
{
  GtkWidget *label = mc_widget_text (text);

  gtk_label_set_selectable (GTK_LABEL (label), TRUE);
  gtk_widget_set_can_focus (label, TRUE);
  return label;
}

GtkWidget *
mc_widget_heading (const char *text)
{
  GtkWidget *label = mc_widget_text (text);
  PangoAttrList *bold = pango_attr_list_new ();

  pango_attr_list_insert (bold, pango_attr_weight_new (PANGO_WEIGHT_BOLD));
  gtk_label_set_attributes (GTK_LABEL (label), bold);
  pango_attr_list_unref (bold);
  return label;
}

void
mc_widget_let_wrap (GtkWidget *button)
{
  GtkWidget *label = gtk_bin_get_child (GTK_BIN (button));

  if (GTK_IS_LABEL (label))
    wrap (GTK_LABEL (label));
}

void
mc_widget_add_choice (GtkWidget *box, const char *text, GtkWidget *choice)
{
  GtkWidget *label = gtk_label_new_with_mnemonic (text);

  wrap (GTK_LABEL (label));
  gtk_label_set_mnemonic_widget (GTK_LABEL (label), choice);
  gtk_box_pack_start (GTK_BOX (box), label, FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (box), choice, FALSE, FALSE, 0);
}

void
mc_widget_stack_buttons (GtkWidget *dialog, int response)
{
  GtkWidget *button = gtk_dialog_get_widget_for_response (GTK_DIALOG (dialog), response);

  gtk_orientable_set_orientation (GTK_ORIENTABLE (gtk_widget_get_parent (button)), GTK_ORIENTATION_VERTICAL);
}

static gboolean
tell_width (gpointer page)
{
  int least;

  g_object_steal_data (page, TELLING);
  if (gtk_widget_get_mapped (page)) {
    gtk_widget_get_preferred_width (page, &least, NULL);
    g_debug ("\"%s\" can be %d pixels wide", (const char *)g_object_get_data (page, NAME), least);
  }
  return G_SOURCE_REMOVE;
}

static void
forget_source (gpointer source)
{
  g_source_remove (GPOINTER_TO_UINT (source));
}

/* When GTK has measured it for itself and knows. With PAGE it goes: our code may be unloaded then. */
void
mc_widget_tell_width (GtkWidget *page, const char *name)
{
  g_object_set_data_full (G_OBJECT (page), NAME, g_strdup (name), g_free);
  g_object_set_data_full (G_OBJECT (page), TELLING,
                          GUINT_TO_POINTER (g_idle_add_full (G_PRIORITY_LOW, tell_width, page, NULL)), forget_source);
}

static void
mapped (GtkWidget *window, gpointer data)
{
  (void)data;
  mc_widget_tell_width (window, gtk_window_get_title (GTK_WINDOW (window)));
}

static void
narrow (GtkWidget *widget, gpointer data)
{
  (void)data;
  if (GTK_IS_LABEL (widget))
    gtk_label_set_max_width_chars (GTK_LABEL (widget), QUESTION_CHARS);
}

void
mc_widget_begin_window (GtkWidget *window)
{
  GtkWindowGroup *group = gtk_window_group_new ();

  if (GTK_IS_MESSAGE_DIALOG (window)) { /* GTK makes them 60 letters wide, whatever the screen */
    gtk_container_foreach (GTK_CONTAINER (gtk_message_dialog_get_message_area (GTK_MESSAGE_DIALOG (window))), narrow,
                           NULL);
    gtk_window_set_resizable (GTK_WINDOW (window), TRUE);
  }
  gtk_window_group_add_window (group, GTK_WINDOW (window));
  g_object_unref (group); /* the window holds it */
  g_signal_connect_after (window, "map", G_CALLBACK (mapped), NULL);
}

/* --- opening in steps --- */

static gboolean
is_opening (GtkWindow *window)
{
  return window != NULL && g_object_get_data (G_OBJECT (window), OPENING) != NULL;
}

typedef struct {
  GtkWidget *window;
  GPtrArray *parts; /* of the content */
  guint next;       /* step: each part is measured, the window realized, each part realized, and all of it shown */
  guint source;
} McOpening;

static void
opening_free (gpointer data)
{
  McOpening *opening = data;

  g_ptr_array_unref (opening->parts);
  if (opening->source != 0)
    g_source_remove (opening->source);
  g_free (opening);
}

static void
collect (GtkWidget *widget, gpointer parts)
{
  if (!gtk_widget_get_visible (widget))
    return;
  if (GTK_IS_BOX (widget) || GTK_IS_STACK (widget) || GTK_IS_SCROLLED_WINDOW (widget) || GTK_IS_VIEWPORT (widget))
    gtk_container_foreach (GTK_CONTAINER (widget), collect, parts);
  else
    g_ptr_array_add (parts, g_object_ref (widget));
}

/* Measuring is when GTK reads what it draws a part with. */
static void
prepare (McOpening *opening)
{
  const guint count = opening->parts->len, step = opening->next++;
  int width;

  if (step < count)
    gtk_widget_get_preferred_width (g_ptr_array_index (opening->parts, step), &width, NULL);
  else if (step == count)
    gtk_widget_realize (opening->window);
  else if (gtk_widget_is_ancestor (g_ptr_array_index (opening->parts, step - count - 1), opening->window))
    gtk_widget_realize (g_ptr_array_index (opening->parts, step - count - 1));
}

static gboolean
open_step (gpointer data)
{
  McOpening *opening = data;
  GtkWidget *window = opening->window;

  mc_timing_begin ("opening");
  if (opening->next <= 2 * opening->parts->len)
    prepare (opening);
  else if (!is_opening (gtk_window_get_transient_for (GTK_WINDOW (window)))) { /* it would come up before this one */
    opening->source = 0;
    g_object_set_data (G_OBJECT (window), OPENING, NULL);
    mc_timing_lend ("present");
    gtk_window_present (GTK_WINDOW (window));
    mc_timing_end ();
    return G_SOURCE_REMOVE;
  }
  mc_timing_end ();
  return G_SOURCE_CONTINUE;
}

static void
give_up (GtkWidget *window, gpointer data)
{
  (void)data;
  g_object_set_data (G_OBJECT (window), OPENING, NULL);
}

void
mc_widget_open (GtkWidget *window)
{
  GtkWidget *content = gtk_bin_get_child (GTK_BIN (window));
  McOpening *opening;

  if (gtk_widget_get_visible (window))
    gtk_window_present (GTK_WINDOW (window));
  if (gtk_widget_get_visible (window) || g_object_get_data (G_OBJECT (window), OPENING) != NULL)
    return;
  opening = g_new0 (McOpening, 1);
  opening->window = window;
  opening->parts = g_ptr_array_new_with_free_func (g_object_unref);
  collect (content, opening->parts);
  /* Behind what the mail program has to do, before what it does when it has nothing to do. */
  opening->source = g_idle_add_full (G_PRIORITY_HIGH_IDLE, open_step, opening, NULL);
  g_object_set_data_full (G_OBJECT (window), OPENING, opening, opening_free);
  g_signal_connect (window, "destroy", G_CALLBACK (give_up), NULL);
}
