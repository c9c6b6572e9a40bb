/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "session-private.h"

#include "timing.h"

/* A page for the mail program's preferences: how each account's certificate stands, and what the configuration's file
 * says too. */

struct McPreferences {
  McSession *session;
  GtkWidget *page;
  GPtrArray *rows;                              /* of McRow */
  GtkWidget *answer, *notify, *passphrase, *ca; /* NULL: not there yet */
  char *ca_before;
  char **addresses;
  guint built;  /* pieces of the page */
  guint source; /* builds the next one; 0 = all are there */
};

/* One account's address. */
typedef struct {
  McPreferences *preferences;
  char *address;
  GtkWidget *sentence, *get, *show, *renew, *details;
} McRow;

static void
row_free (gpointer data)
{
  McRow *row = data;

  g_free (row->address);
  g_free (row);
}

static void
row_refresh (const McRow *row)
{
  const McSession *session = row->preferences->session;
  g_autofree char *sentence = mc_address_sentence (session, row->address);
  const McTask *installed = mc_address_newest (session, row->address, TRUE);
  const McTask *newest = mc_address_newest (session, row->address, FALSE);
  const gboolean open = newest != NULL && newest->open;

  gtk_label_set_text (GTK_LABEL (row->sentence), sentence);
  gtk_widget_set_visible (row->get, installed == NULL && !open);
  gtk_widget_set_visible (row->renew, installed != NULL && !open);
  gtk_widget_set_visible (row->show, open);
  gtk_widget_set_visible (row->details, newest != NULL);
}

/* --- what the buttons do --- */

static void
get_pressed (GtkButton *button, gpointer data)
{
  const McRow *row = data;

  (void)button;
  mc_session_show_address (row->preferences->session, row->address);
}

static void
renew_pressed (GtkButton *button, gpointer data)
{
  const McRow *row = data;

  (void)button;
  mc_request_renew (row->preferences->session, row->address);
  mc_session_show (row->preferences->session);
  mc_window_follow (row->preferences->session->window);
}

static void
details_pressed (GtkButton *button, gpointer data)
{
  const McRow *row = data;

  mc_timing_begin ("details");
  mc_details_new (row->preferences->session, row->address, GTK_WINDOW (gtk_widget_get_toplevel (GTK_WIDGET (button))));
  mc_timing_end ();
}

static GtkWidget *
add_button (McRow *row, GtkWidget *box, const char *label, GCallback pressed)
{
  GtkWidget *button = gtk_button_new_with_mnemonic (label);

  mc_widget_let_wrap (button);
  atk_object_set_description (gtk_widget_get_accessible (button), row->address);
  g_signal_connect (button, "clicked", pressed, row);
  gtk_widget_set_no_show_all (button, TRUE);
  gtk_container_add (GTK_CONTAINER (box), button);
  return button;
}

static void
add_row (McPreferences *preferences, const char *address)
{
  McRow *row = g_new0 (McRow, 1);
  GtkWidget *buttons = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6); /* never more than two can be seen */

  row->preferences = preferences;
  row->address = g_strdup (address);
  row->sentence = mc_widget_sentence (NULL);
  row->get = add_button (row, buttons, _ ("_Get certificate"), G_CALLBACK (get_pressed));
  row->show = add_button (row, buttons, _ ("_Show request"), G_CALLBACK (get_pressed));
  row->renew = add_button (row, buttons, _ ("_Renew now"), G_CALLBACK (renew_pressed));
  row->details = add_button (row, buttons, _ ("_Details"), G_CALLBACK (details_pressed));
  gtk_container_add (GTK_CONTAINER (preferences->page), mc_widget_heading (address));
  gtk_container_add (GTK_CONTAINER (preferences->page), row->sentence);
  gtk_container_add (GTK_CONTAINER (preferences->page), buttons);
  g_ptr_array_add (preferences->rows, row);
}

/* --- what can be set --- */

static GtkWidget *
add_check (McPreferences *preferences, const char *label, gboolean on)
{
  GtkWidget *button = gtk_check_button_new_with_mnemonic (label);

  mc_widget_let_wrap (button);
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (button), on);
  gtk_container_add (GTK_CONTAINER (preferences->page), button);
  return button;
}

static void
add_ca (McPreferences *preferences)
{
  preferences->ca = mc_settings_ca_choice (preferences->session->config);
  preferences->ca_before = gtk_combo_box_text_get_active_text (GTK_COMBO_BOX_TEXT (preferences->ca));
  mc_widget_add_choice (preferences->page, _ ("CA for _new certificates:"), preferences->ca);
}

static void
add_checks (McPreferences *preferences)
{
  const McConfig *config = preferences->session->config;

  preferences->answer =
      add_check (preferences, _ ("Ans_wer a genuine check of the CA without asking"), config->auto_answer);
  preferences->notify =
      add_check (preferences, _ ("_Tell me when a certificate has come, or when I am needed"), config->notify);
}

static void
add_passphrase (McPreferences *preferences)
{
  preferences->passphrase =
      add_check (preferences, _ ("_Protect new keys with a passphrase"), preferences->session->config->passphrase);
  gtk_container_add (
      GTK_CONTAINER (preferences->page),
      mc_widget_text (_ ("Without a passphrase, certificates are renewed by themselves. With one, you "
                         "are asked for it whenever a certificate is renewed and when mail is signed.")));
}

/* --- the page, a piece at a time: the mail program's main loop goes on between them --- */

/* One piece; FALSE: there is none left. */
static gboolean
build (McPreferences *preferences)
{
  static void (*const settings[]) (McPreferences *) = {add_ca, add_checks, add_passphrase};
  const guint rows = g_strv_length (preferences->addresses), piece = preferences->built++;

  if (piece < rows) {
    add_row (preferences, preferences->addresses[piece]);
    row_refresh (g_ptr_array_index (preferences->rows, piece));
  } else if (piece == rows)
    gtk_container_add (GTK_CONTAINER (preferences->page), gtk_separator_new (GTK_ORIENTATION_HORIZONTAL));
  else
    settings[piece - rows - 1](preferences);
  gtk_widget_show_all (preferences->page);
  return preferences->built < rows + 1 + G_N_ELEMENTS (settings);
}

static gboolean
build_next (gpointer data)
{
  McPreferences *preferences = data;
  gboolean more;

  mc_timing_begin ("preferences");
  more = build (preferences);
  if (!more) {
    preferences->source = 0;
    mc_widget_tell_width (preferences->page, "preferences");
  }
  mc_timing_end ();
  return more;
}

static void
destroyed (GtkWidget *page, gpointer data)
{
  McPreferences *preferences = data;

  (void)page;
  if (preferences->session->preferences == preferences)
    preferences->session->preferences = NULL;
  if (preferences->source != 0)
    g_source_remove (preferences->source);
  g_ptr_array_unref (preferences->rows);
  g_strfreev (preferences->addresses);
  g_free (preferences->ca_before);
  g_free (preferences);
}

GtkWidget *
mc_session_preferences (McSession *session)
{
  McPreferences *preferences = g_new0 (McPreferences, 1);

  mc_timing_begin ("preferences");
  preferences->session = session;
  preferences->addresses = session->client->addresses (session->client->self);
  preferences->page = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  preferences->rows = g_ptr_array_new_with_free_func (row_free);
  gtk_container_set_border_width (GTK_CONTAINER (preferences->page), 12);
  g_signal_connect (preferences->page, "destroy", G_CALLBACK (destroyed), preferences);
  gtk_widget_show (preferences->page);
  preferences->source = g_idle_add_full (G_PRIORITY_HIGH_IDLE, build_next, preferences, NULL);
  session->preferences = preferences;
  mc_timing_end ();
  /* Another program may have renewed meanwhile. */
  mc_session_survey (session);
  return preferences->page;
}

void
mc_preferences_refresh (McPreferences *preferences)
{
  for (guint i = 0; i < preferences->rows->len; i++)
    row_refresh (g_ptr_array_index (preferences->rows, i));
}

void
mc_preferences_free (McPreferences *preferences)
{
  gtk_widget_destroy (preferences->page);
}

static void
note_boolean (GArray *changes, const char *name, GtkWidget *check, gboolean before, const char *yes, const char *no)
{
  const gboolean now = gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (check));
  McConfigChange change = {name, now ? yes : no};

  if (now != before)
    g_array_append_val (changes, change);
}

void
mc_session_preferences_save (McSession *session)
{
  const McPreferences *preferences = session->preferences;
  const McConfig *config = session->config;
  g_autoptr (GArray) changes = g_array_new (FALSE, FALSE, sizeof (McConfigChange));
  g_autofree char *ca = NULL;

  if (preferences == NULL || preferences->source != 0) /* nobody can have changed anything yet */
    return;
  ca = gtk_combo_box_text_get_active_text (GTK_COMBO_BOX_TEXT (preferences->ca));
  /* Only what she has changed: a default that is not written down stays one. */
  note_boolean (changes, "auto-answer", preferences->answer, config->auto_answer, "true", "false");
  note_boolean (changes, "notify", preferences->notify, config->notify, "true", "false");
  note_boolean (changes, "key-protection", preferences->passphrase, config->passphrase, "passphrase", "none");
  if (ca != NULL && g_strcmp0 (ca, preferences->ca_before) != 0) {
    McConfigChange change = {"default-ca", ca};

    g_array_append_val (changes, change);
  }
  if (changes->len > 0)
    mc_settings_save (session, (const McConfigChange *)changes->data, changes->len);
}
