/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "session-private.h"

#include "text.h"

#include <string.h>

/* What the person changes here stands in the same file as what she writes there by hand; written on a thread. */

typedef struct {
  McSession *session;
  const McConfig *old;
  McConfigChange *changes; /* values are ours */
  gsize count;
  McConfig *config; /* as it is now */
  GError *error;
} McSaving;

static void
save (gpointer data)
{
  McSaving *saving = data;

  if (mc_config_write (saving->old, saving->changes, saving->count, &saving->error))
    saving->config = mc_config_new (NULL, NULL, MC_CA_DIR, &saving->error);
}

static void
complain (McSession *session, const GError *error)
{
  g_autofree char *next = NULL;
  g_autofree char *sentence = mc_text_error (error, &next);
  GtkWidget *dialog =
      gtk_message_dialog_new (session->client->window (session->client->self), GTK_DIALOG_DESTROY_WITH_PARENT,
                              GTK_MESSAGE_WARNING, GTK_BUTTONS_CLOSE, "%s", _ ("The preferences could not be saved."));

  gtk_message_dialog_format_secondary_text (GTK_MESSAGE_DIALOG (dialog), "%s%s%s", sentence, next != NULL ? "\n" : "",
                                            next != NULL ? next : "");
  gtk_window_set_title (GTK_WINDOW (dialog), _ ("S/MIME certificates"));
  mc_widget_begin_window (dialog);
  g_signal_connect (dialog, "response", G_CALLBACK (gtk_widget_destroy), NULL);
  gtk_widget_show_all (gtk_dialog_get_content_area (GTK_DIALOG (dialog)));
  mc_widget_open (dialog);
}

static void
saved (gpointer data)
{
  McSaving *saving = data;
  McSession *session = saving->session;

  if (saving->config != NULL) {
    mc_session_use (session, g_steal_pointer (&saving->config));
    /* Whatever is asked now was asked under the old ones; what still counts is asked again. */
    mc_questions_dismiss (session->asked);
  } else if (!session->closing)
    complain (session, saving->error);
  for (gsize i = 0; i < saving->count; i++)
    g_free ((char *)saving->changes[i].value);
  g_free (saving->changes);
  g_clear_error (&saving->error);
  g_free (saving);
}

void
mc_settings_save (McSession *session, const McConfigChange *changes, gsize count)
{
  McSaving *saving = g_new0 (McSaving, 1);

  saving->session = session;
  saving->old = session->config;
  saving->count = count;
  saving->changes = g_memdup2 (changes, count * sizeof *changes);
  for (gsize i = 0; i < count; i++)
    saving->changes[i].value = g_strdup (changes[i].value);
  mc_work_begin (session, save, saved, saving);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (a, b);
}

GtkWidget *
mc_settings_ca_choice (const McConfig *config)
{
  GtkWidget *choice = gtk_combo_box_text_new ();
  GList *names = g_list_sort (g_hash_table_get_keys (config->cas), compare_names);
  int active = config->default_ca == NULL ? 0 : -1, index = 0;

  for (const GList *at = names; at != NULL; at = at->next, index++) {
    gtk_combo_box_text_append_text (GTK_COMBO_BOX_TEXT (choice), at->data);
    if (g_strcmp0 (at->data, config->default_ca) == 0)
      active = index;
  }
  g_list_free (names);
  if (active < 0) { /* a URL that no profile has */
    gtk_combo_box_text_append_text (GTK_COMBO_BOX_TEXT (choice), config->default_ca);
    active = index;
  }
  gtk_combo_box_set_active (GTK_COMBO_BOX (choice), active);
  for (GList *cells = gtk_cell_layout_get_cells (GTK_CELL_LAYOUT (choice)); cells != NULL;
       cells = g_list_delete_link (cells, cells))
    g_object_set (cells->data, "ellipsize", PANGO_ELLIPSIZE_END, "width-chars", 16, NULL);
  return choice;
}
