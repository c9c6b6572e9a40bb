/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "session-private.h"

#include <string.h>

/* One page to ask for a certificate, one that shows how it goes. */

struct McWindow {
  McSession *session;
  GtkWidget *dialog;
  GtkWidget *stack;
  GtkWidget *progress;
  GPtrArray *addresses; /* of check buttons; their names are the addresses */
  GtkWidget *ca, *terms, *link, *sign, *usage, *key, *trouble;
  gboolean terms_known; /* of the CA that is chosen */
};

enum { RESPONSE_GET = 1, RESPONSE_ANOTHER = 2 };

static const struct {
  const char *name; /* static: an McUsage's or key's name */
  const char *label;
} usages[] = {{"both", N_ ("Sign and encrypt")}, {"sign", N_ ("Only sign")}, {"encrypt", N_ ("Only encrypt")}},
  keys[] = {{"rsa3072", N_ ("RSA, 3072 bits (works everywhere)")}, {"rsa4096", N_ ("RSA, 4096 bits")}};

static gboolean
is_on (GtkWidget *button)
{
  return gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (button));
}

static void
complain (McWindow *window, const char *sentence)
{
  gtk_label_set_text (GTK_LABEL (window->trouble), sentence != NULL ? sentence : "");
  gtk_widget_set_visible (window->trouble, sentence != NULL);
}

/* [Get certificate] can be pressed when nothing is missing any more. */
static void
check (GtkWidget *widget, gpointer data)
{
  McWindow *window = data;
  gboolean any = FALSE;

  (void)widget;
  for (guint i = 0; i < window->addresses->len; i++)
    any |= is_on (g_ptr_array_index (window->addresses, i));
  gtk_dialog_set_response_sensitive (GTK_DIALOG (window->dialog), RESPONSE_GET,
                                     any && window->terms_known &&
                                         (!gtk_widget_get_visible (window->terms) || is_on (window->terms)));
}

static char *
chosen_ca (McWindow *window)
{
  return gtk_combo_box_text_get_active_text (GTK_COMBO_BOX_TEXT (window->ca));
}

static void
show_terms (McSession *session, const char *name, const char *url, const GError *error)
{
  McWindow *window = session->window;
  g_autofree char *chosen = window != NULL ? chosen_ca (window) : NULL;
  g_autofree char *ca = mc_text_sanitize (name, 200);
  g_autofree char *agree = g_strdup_printf (_ ("I agree to the terms of %s"), ca);
  const gboolean linked = url != NULL && (g_str_has_prefix (url, "https:") || g_str_has_prefix (url, "http:"));

  if (window == NULL || g_strcmp0 (chosen, name) != 0)
    return;
  /* A CA that does not answer now is asked again by the request itself, terms and all. */
  complain (window, error != NULL ? error->message : NULL);
  gtk_button_set_label (GTK_BUTTON (window->terms), agree);
  gtk_widget_set_visible (window->terms, url != NULL);
  gtk_widget_set_visible (window->link, linked);
  if (linked)
    gtk_link_button_set_uri (GTK_LINK_BUTTON (window->link), url);
  window->terms_known = TRUE;
  check (NULL, window);
}

static void
ca_changed (GtkWidget *widget, gpointer data)
{
  McWindow *window = data;
  g_autofree char *ca = chosen_ca (window);

  (void)widget;
  window->terms_known = FALSE;
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (window->terms), FALSE);
  gtk_widget_hide (window->terms);
  gtk_widget_hide (window->link);
  check (NULL, window);
  if (ca != NULL)
    mc_request_terms (window->session, ca, show_terms);
  else
    complain (window, _ ("No CA is known: name one in the configuration."));
}

/* --- the page --- */

static GtkWidget *
add_check (McWindow *window, GtkWidget *box, const char *label, gboolean on)
{
  GtkWidget *button = gtk_check_button_new_with_label (label);

  mc_widget_let_wrap (button);
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (button), on);
  g_signal_connect (button, "toggled", G_CALLBACK (check), window);
  gtk_box_pack_start (GTK_BOX (box), button, FALSE, FALSE, 0);
  return button;
}

static void
add_addresses (McWindow *window, GtkWidget *box)
{
  const McClient *client = window->session->client;
  g_auto (GStrv) addresses = client->addresses (client->self);

  gtk_box_pack_start (GTK_BOX (box), mc_widget_text (_ ("For this address:")), FALSE, FALSE, 0);
  for (guint i = 0; addresses[i] != NULL; i++) {
    GtkWidget *button = add_check (window, box, addresses[i], i == 0);

    gtk_widget_set_name (button, addresses[i]);
    g_ptr_array_add (window->addresses, button);
  }
}

static GtkWidget *
add_more (McWindow *window)
{
  GtkWidget *expander = gtk_expander_new_with_mnemonic (_ ("_More"));
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);

  window->usage = gtk_combo_box_text_new ();
  for (gsize i = 0; i < G_N_ELEMENTS (usages); i++)
    gtk_combo_box_text_append (GTK_COMBO_BOX_TEXT (window->usage), usages[i].name, _ (usages[i].label));
  window->key = gtk_combo_box_text_new ();
  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++)
    gtk_combo_box_text_append (GTK_COMBO_BOX_TEXT (window->key), keys[i].name, _ (keys[i].label));
  gtk_combo_box_set_active (GTK_COMBO_BOX (window->usage), 0);
  gtk_combo_box_set_active (GTK_COMBO_BOX (window->key), 0);
  mc_widget_add_choice (box, _ ("_Use:"), window->usage);
  mc_widget_add_choice (box, _ ("_Key:"), window->key);
  gtk_container_add (GTK_CONTAINER (expander), box);
  return expander;
}

static GtkWidget *
request_page (McWindow *window)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);

  gtk_box_pack_start (
      GTK_BOX (box),
      mc_widget_text (_ ("With a certificate, others can check that mail from you is from you, and write to "
                         "you so that nobody else can read it.")),
      FALSE, FALSE, 0);
  add_addresses (window, box);
  window->ca = mc_settings_ca_choice (window->session->config);
  mc_widget_add_choice (box, _ ("_From this CA:"), window->ca);
  window->terms = add_check (window, box, "", FALSE);
  window->link = gtk_link_button_new_with_label ("", _ ("Read the terms"));
  gtk_widget_set_halign (window->link, GTK_ALIGN_START);
  gtk_box_pack_start (GTK_BOX (box), window->link, FALSE, FALSE, 0);
  window->sign = add_check (window, box, _ ("Sign new mail with it"), TRUE);
  gtk_box_pack_start (GTK_BOX (box), add_more (window), FALSE, FALSE, 0);
  window->trouble = mc_widget_text (NULL);
  gtk_box_pack_start (GTK_BOX (box), window->trouble, FALSE, FALSE, 0);
  return box;
}

/* --- what happens --- */

static GtkWidget *
button_of (const McWindow *window, int response)
{
  return gtk_dialog_get_widget_for_response (GTK_DIALOG (window->dialog), response);
}

static void
show_request (McWindow *window, gboolean request)
{
  GtkWidget *close = button_of (window, GTK_RESPONSE_CLOSE);

  gtk_stack_set_visible_child_name (GTK_STACK (window->stack), request ? "request" : "progress");
  gtk_widget_set_visible (button_of (window, RESPONSE_GET), request);
  gtk_widget_set_visible (button_of (window, RESPONSE_ANOTHER), !request);
  gtk_button_set_label (GTK_BUTTON (close), request ? _ ("_Cancel") : _ ("_Close"));
  gtk_dialog_set_default_response (GTK_DIALOG (window->dialog), request ? RESPONSE_GET : GTK_RESPONSE_CLOSE);
  if (!request)
    gtk_widget_grab_focus (close); /* a sentence would be scrolled to */
}

static void
submit (McWindow *window)
{
  McRequest *request = g_new0 (McRequest, 1);
  GPtrArray *addresses = g_ptr_array_new ();

  for (guint i = 0; i < window->addresses->len; i++) {
    GtkWidget *button = g_ptr_array_index (window->addresses, i);

    if (is_on (button))
      g_ptr_array_add (addresses, g_strdup (gtk_widget_get_name (button)));
  }
  g_ptr_array_add (addresses, NULL);
  request->session = window->session;
  request->addresses = (char **)g_ptr_array_free (addresses, FALSE);
  request->ca = chosen_ca (window);
  mc_usage_parse (gtk_combo_box_get_active_id (GTK_COMBO_BOX (window->usage)), &request->usage, NULL);
  request->key_kind = keys[gtk_combo_box_get_active (GTK_COMBO_BOX (window->key))].name;
  /* What the CA says of its usual kind of key counts unless the person chose another one. */
  if (gtk_combo_box_get_active (GTK_COMBO_BOX (window->key)) == 0)
    request->key_kind = NULL;
  request->agree_terms = gtk_widget_get_visible (window->terms) && is_on (window->terms);
  request->sign = is_on (window->sign) && request->usage != MC_USAGE_ENCRYPT;
  mc_request_submit (request);
  mc_window_follow (window);
}

static void
responded (GtkDialog *dialog, int response, gpointer data)
{
  McWindow *window = data;

  (void)dialog;
  if (response == RESPONSE_GET)
    submit (window);
  else if (response == RESPONSE_ANOTHER)
    show_request (window, TRUE);
  else {
    window->session->window = NULL;
    mc_window_free (window);
  }
}

static gboolean
any_open (const GPtrArray *tasks)
{
  for (guint i = 0; i < tasks->len; i++)
    if (((const McTask *)g_ptr_array_index (tasks, i))->open)
      return TRUE;
  return FALSE;
}

static void
mapped (GtkWidget *dialog, gpointer questions)
{
  (void)dialog;
  mc_questions_raise (questions);
}

McWindow *
mc_window_new (McSession *session)
{
  McWindow *window = g_new0 (McWindow, 1);
  GtkWindow *parent = session->client->window (session->client->self);
  GtkWidget *page;

  window->session = session;
  window->addresses = g_ptr_array_new ();
  /* Not modal: mail goes on. */
  window->dialog = gtk_dialog_new_with_buttons (_ ("Get S/MIME certificate"), parent, GTK_DIALOG_DESTROY_WITH_PARENT,
                                                _ ("_Another request"), RESPONSE_ANOTHER, _ ("_Cancel"),
                                                GTK_RESPONSE_CLOSE, _ ("_Get certificate"), RESPONSE_GET, NULL);
  mc_widget_begin_window (window->dialog);
  gtk_container_set_border_width (GTK_CONTAINER (window->dialog), 6);
  window->stack = gtk_stack_new ();
  gtk_stack_set_vhomogeneous (GTK_STACK (window->stack), FALSE);
  gtk_box_pack_start (GTK_BOX (gtk_dialog_get_content_area (GTK_DIALOG (window->dialog))), window->stack, TRUE, TRUE,
                      6);
  page = request_page (window);
  gtk_stack_add_named (GTK_STACK (window->stack), page, "request");
  window->progress = mc_progress_new ();
  gtk_stack_add_named (GTK_STACK (window->stack), window->progress, "progress");
  g_signal_connect (window->dialog, "response", G_CALLBACK (responded), window);
  g_signal_connect_after (window->dialog, "map", G_CALLBACK (mapped), session->asked);
  g_signal_connect (window->ca, "changed", G_CALLBACK (ca_changed), window);
  gtk_widget_show_all (gtk_dialog_get_content_area (GTK_DIALOG (window->dialog)));
  complain (window, NULL);
  mc_progress_show (window->progress, session->tasks);
  show_request (window, !any_open (session->tasks));
  session->window = window; /* what is asked for now finds it */
  ca_changed (NULL, window);
  return window;
}

void
mc_window_choose (McWindow *window, const char *address)
{
  for (guint i = 0; i < window->addresses->len; i++) {
    GtkWidget *button = g_ptr_array_index (window->addresses, i);

    gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (button), strcmp (gtk_widget_get_name (button), address) == 0);
  }
  show_request (window, TRUE);
}

void
mc_window_follow (McWindow *window)
{
  mc_progress_begin (window->progress, window->session->tasks);
  mc_progress_show (window->progress, window->session->tasks);
  show_request (window, FALSE);
}

void
mc_window_refresh (McWindow *window)
{
  mc_progress_show (window->progress, window->session->tasks);
}

void
mc_window_complain (McWindow *window, const char *sentence)
{
  complain (window, sentence);
  show_request (window, TRUE);
}

GtkWindow *
mc_window_widget (McWindow *window)
{
  return GTK_WINDOW (window->dialog);
}

void
mc_window_present (McWindow *window)
{
  mc_widget_open (window->dialog);
  mc_questions_raise (window->session->asked);
}

void
mc_window_free (McWindow *window)
{
  gtk_widget_destroy (window->dialog);
  g_ptr_array_unref (window->addresses);
  g_free (window);
}
