/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "session-private.h"

#include "base/secret.h"

#include <string.h>

#define PASSPHRASE_MAX 255 /* octets: gpgsm cuts longer ones */
#define ENTRIES "mailcert-entries"

/* What is typed stays in GTK's entries, which wipe it, until it is taken. */
typedef struct {
  GtkWidget *dialog;
  GtkWidget *first, *second; /* SECOND: NULL where it is only opened with */
} McEntries;

static const char *
text_of (GtkWidget *entry)
{
  return gtk_entry_get_text (GTK_ENTRY (entry));
}

/* A mistake in a new passphrase would lock the key for ever. */
static void
check (GtkWidget *widget, gpointer data)
{
  const McEntries *entries = data;
  const char *text = text_of (entries->first);
  const gboolean good = *text != '\0' && strlen (text) <= PASSPHRASE_MAX &&
                        (entries->second == NULL || strcmp (text, text_of (entries->second)) == 0);

  (void)widget;
  gtk_dialog_set_response_sensitive (GTK_DIALOG (entries->dialog), GTK_RESPONSE_YES, good);
}

static GtkWidget *
add_entry (McEntries *entries, GtkWidget *box, const char *label)
{
  GtkWidget *entry = gtk_entry_new ();

  gtk_entry_set_visibility (GTK_ENTRY (entry), FALSE);
  gtk_entry_set_input_purpose (GTK_ENTRY (entry), GTK_INPUT_PURPOSE_PASSWORD);
  gtk_entry_set_activates_default (GTK_ENTRY (entry), TRUE);
  gtk_entry_set_width_chars (GTK_ENTRY (entry), 16);
  g_signal_connect (entry, "changed", G_CALLBACK (check), entries);
  mc_widget_add_choice (box, label, entry);
  return entry;
}

void
mc_passphrase_begin (GtkWidget *dialog, gboolean fresh)
{
  McEntries *entries = g_new0 (McEntries, 1);
  GtkWidget *box = gtk_message_dialog_get_message_area (GTK_MESSAGE_DIALOG (dialog));

  entries->dialog = dialog;
  entries->first = add_entry (entries, box, _ ("_Passphrase:"));
  if (fresh)
    entries->second = add_entry (entries, box, _ ("The same _again:"));
  g_object_set_data_full (G_OBJECT (dialog), ENTRIES, entries, g_free);
  /* Enter means what the person came for: she has typed it. */
  gtk_dialog_set_default_response (GTK_DIALOG (dialog), GTK_RESPONSE_YES);
  check (NULL, entries);
}

/* --- to the runner --- */

static void
set (McRunner *runner, const GError *error, gpointer passphrase)
{
  if (runner != NULL)
    mc_runner_set_passphrase (runner, passphrase);
  (void)error;
  mc_secret_string_free (passphrase);
}

void
mc_passphrase_take (GtkWidget *dialog, McSession *session)
{
  const McEntries *entries = g_object_get_data (G_OBJECT (dialog), ENTRIES);

  if (entries != NULL)
    mc_runner_thread_call (session->thread, set, g_strdup (text_of (entries->first)));
}
