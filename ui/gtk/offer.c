/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "session-private.h"

#include "timing.h"

#include <string.h>

/* Somebody who has no certificate is told, once for each account, that she can have one. */

#define QUIET_SECONDS 5                    /* after the start, and between looks for a good moment */
#define NOT_NOW (30 * 24 * 60 * 60)        /* then she is asked again */
#define NEVER "never"                      /* kept with the account; else the time (unix seconds) of a "not now" */
#define RESPONSE_NEVER GTK_RESPONSE_REJECT /* what a closed window gives is "not now" */

struct McOffer {
  McSession *session;
  guint timer;
  GCancellable *cancel;
  char *address;    /* that has no certificate, as far as is known */
  gboolean certain; /* it has looked */
  GtkWidget *dialog;
};

static gint64
now (void)
{
  return g_get_real_time () / G_USEC_PER_SEC;
}

static gboolean
may_be_asked (const McSession *session, const char *address)
{
  const McClient *client = session->client;
  g_autofree char *note = client->recall (client->self, address);

  if (mc_address_newest (session, address, FALSE) != NULL || client->has_certificate (client->self, address))
    return FALSE;
  return note == NULL || (strcmp (note, NEVER) != 0 && g_ascii_strtoll (note, NULL, 10) + NOT_NOW < now ());
}

static char *
choose (const McSession *session)
{
  g_auto (GStrv) addresses = session->client->addresses (session->client->self);

  for (guint i = 0; addresses[i] != NULL; i++)
    if (may_be_asked (session, addresses[i]))
      return g_strdup (addresses[i]);
  return NULL;
}

/* --- the keyring, on a thread --- */

typedef struct {
  McOffer *offer;
  char *address;
  gboolean none; /* the keyring is there and has no certificate for it */
} McLook;

static void
look (gpointer data)
{
  McLook *self = data;
  g_autoptr (GError) error = NULL;
  gboolean known = TRUE;

  if (!mc_certificate_is_known (self->address, self->offer->cancel, &known, &error))
    g_debug ("no offer: %s", error->message);
  self->none = !known;
}

static gboolean consider (gpointer data);

static void
looked (gpointer data)
{
  McLook *self = data;
  McOffer *offer = self->offer;

  if (self->none && !offer->session->closing) {
    offer->certain = TRUE;
    consider (offer);
  }
  g_free (self->address);
  g_free (self);
}

static void
begin_look (McOffer *offer)
{
  McLook *self = g_new0 (McLook, 1);

  self->offer = offer;
  self->address = g_strdup (offer->address);
  mc_work_begin (offer->session, look, looked, self);
}

/* --- the window --- */

static void
responded (GtkDialog *dialog, int response, gpointer data)
{
  McOffer *offer = data;
  McSession *session = offer->session;
  const McClient *client = session->client;
  g_autofree char *note = response == RESPONSE_NEVER ? g_strdup (NEVER) : g_strdup_printf ("%" G_GINT64_FORMAT, now ());

  gtk_widget_destroy (GTK_WIDGET (dialog));
  offer->dialog = NULL;
  if (response == GTK_RESPONSE_ACCEPT)
    mc_session_show_address (session, offer->address);
  else
    client->keep (client->self, offer->address, note);
}

static GtkWidget *
build (McOffer *offer)
{
  const McClient *client = offer->session->client;
  GtkWidget *dialog = gtk_dialog_new_with_buttons (
      _ ("S/MIME certificate"), client->window (client->self), GTK_DIALOG_DESTROY_WITH_PARENT, _ ("_Get certificate"),
      GTK_RESPONSE_ACCEPT, _ ("_Not now"), GTK_RESPONSE_CANCEL, _ ("_Don't ask again"), RESPONSE_NEVER, NULL);
  g_autofree char *text =
      g_strdup_printf (_ ("Get a certificate so others can check that mail from %s is from you."), offer->address);
  GtkWidget *area = gtk_dialog_get_content_area (GTK_DIALOG (dialog));
  GtkWidget *label = mc_widget_text (text);

  mc_widget_begin_window (dialog);
  mc_widget_stack_buttons (dialog, GTK_RESPONSE_ACCEPT);
  gtk_container_set_border_width (GTK_CONTAINER (dialog), 6);
  gtk_box_pack_start (GTK_BOX (area), label, TRUE, TRUE, 6);
  gtk_dialog_set_default_response (GTK_DIALOG (dialog), GTK_RESPONSE_CANCEL); /* the safe one */
  /* Whoever is typing goes on typing where she was. */
  gtk_window_set_focus_on_map (GTK_WINDOW (dialog), FALSE);
  g_signal_connect (dialog, "response", G_CALLBACK (responded), offer);
  gtk_widget_show_all (gtk_dialog_get_content_area (GTK_DIALOG (dialog)));
  mc_widget_open (dialog);
  return dialog;
}

/* One step: an address, then the keyring, then a good moment. */
static gboolean
consider (gpointer data)
{
  McOffer *offer = data;
  McSession *session = offer->session;
  const McClient *client = session->client;

  offer->timer = 0; /* nobody else calls this while it is set */
  if (!session->surveyed || !client->is_at_rest (client->self)) {
    g_debug ("no offer now");
    offer->timer = g_timeout_add_seconds (QUIET_SECONDS, consider, offer);
    return G_SOURCE_REMOVE;
  }
  mc_timing_begin ("offer");
  if (!offer->certain) {
    offer->address = choose (session);
    if (offer->address != NULL)
      begin_look (offer);
    else
      g_debug ("no offer: there is nobody to make it to");
  } else if (session->window == NULL && may_be_asked (session, offer->address))
    offer->dialog = build (offer);
  mc_timing_end ();
  return G_SOURCE_REMOVE;
}

McOffer *
mc_offer_new (McSession *session)
{
  McOffer *offer = g_new0 (McOffer, 1);

  offer->session = session;
  offer->cancel = g_cancellable_new ();
  offer->timer = g_timeout_add_seconds (QUIET_SECONDS, consider, offer);
  return offer;
}

void
mc_offer_close (McOffer *offer)
{
  g_cancellable_cancel (offer->cancel);
  if (offer->timer != 0)
    g_source_remove (offer->timer);
  offer->timer = 0;
  g_clear_pointer (&offer->dialog, gtk_widget_destroy);
}

void
mc_offer_free (McOffer *offer)
{
  g_object_unref (offer->cancel);
  g_free (offer->address);
  g_free (offer);
}
