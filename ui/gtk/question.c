/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "session-private.h"

#include "base/error.h"

/* Non-modal: a question must never stop a mail program that is just sending or receiving. */

struct McQuestions {
  McSession *session;
  GMutex lock;
  gboolean closed;
  GPtrArray *open; /* of McAsked: not answered yet */
};

typedef struct {
  McQuestions *questions;
  const McQuestion *question; /* the runner's, until done is called */
  McAskDoneFunc done;         /* NULL = it was called */
  gpointer token;
  GtkWidget *dialog;
} McAsked;

McQuestions *
mc_questions_new (McSession *session)
{
  McQuestions *self = g_new0 (McQuestions, 1);

  self->session = session;
  g_mutex_init (&self->lock);
  self->open = g_ptr_array_new ();
  return self;
}

/* Main loop. */
static void
answer (McAsked *asked, McAnswer what)
{
  McQuestions *self = asked->questions;

  g_mutex_lock (&self->lock);
  g_ptr_array_remove (self->open, asked);
  g_mutex_unlock (&self->lock);
  if (asked->done != NULL)
    asked->done (asked->token, what);
  asked->done = NULL;
  if (asked->dialog != NULL)
    gtk_widget_destroy (asked->dialog);
  g_free (asked);
}

static void
responded (GtkDialog *dialog, int response, gpointer data)
{
  if (response == GTK_RESPONSE_YES)
    mc_passphrase_take (GTK_WIDGET (dialog), ((McAsked *)data)->questions->session);
  /* A window that is closed without a word is no refusal: it is asked again next time. */
  answer (data, response == GTK_RESPONSE_YES  ? MC_ANSWER_YES
                : response == GTK_RESPONSE_NO ? MC_ANSWER_NO
                                              : MC_ANSWER_NOBODY);
}

static char *
group_fingerprint (const char *hex)
{
  GString *out = g_string_new (NULL);

  for (gsize i = 0; hex[i] != '\0'; i++)
    g_string_append_printf (out, "%s%c", i > 0 && i % 4 == 0 ? " " : "", g_ascii_toupper (hex[i]));
  return g_string_free (out, FALSE);
}

static char *
title_of (const McQuestion *question)
{
  g_autofree char *ca = mc_text_sanitize (question->ca, 200);

  switch (question->kind) {
  case MC_QUESTION_TERMS:
    return g_strdup_printf (_ ("Do you agree to the terms of %s?"), ca);
  case MC_QUESTION_ROOT:
    return g_strdup_printf (_ ("Do you trust %s?"), ca);
  case MC_QUESTION_NEW_PASSPHRASE:
    return g_strdup (_ ("Choose a passphrase for your new key."));
  case MC_QUESTION_PASSPHRASE:
    return g_strdup (question->again ? _ ("That was not the passphrase of your key.") : _ ("Your key is needed."));
  case MC_QUESTION_ANSWER:
    break;
  }
  return g_strdup_printf (_ ("Answer the mail of %s?"), ca);
}

static char *
text_of (const McQuestion *question)
{
  g_autofree char *ca = mc_text_sanitize (question->ca, 200);
  g_autofree char *name = mc_text_sanitize (question->name, 300);
  g_autofree char *url = mc_text_sanitize (question->url, 1000);
  g_autofree char *print = group_fingerprint (question->fingerprint != NULL ? question->fingerprint : "");

  switch (question->kind) {
  case MC_QUESTION_TERMS:
    /* Translators: CA, then the address of a web page. */
    return g_strdup_printf (_ ("%s gives certificates only to those who agree to its terms:\n%s"), ca, url);
  case MC_QUESTION_ROOT:
    /* Translators: CA, the name of its root certificate, and a fingerprint. */
    return g_strdup_printf (_ ("Your computer does not know %s yet. Without that, signatures show as invalid to you; "
                               "others must trust it too.\n\nRoot certificate: %s\nSHA-256: %s\n\nTrust it only if "
                               "this is the fingerprint that the CA publishes."),
                            ca, name, print);
  case MC_QUESTION_NEW_PASSPHRASE:
    /* Translators: a mail address. */
    return g_strdup_printf (_ ("The key of the certificate for %s is kept under it. Nobody can tell you what it was: "
                               "without it, mail that is encrypted to you cannot be read any more."),
                            question->address);
  case MC_QUESTION_PASSPHRASE:
    /* Translators: a mail address. */
    return g_strdup_printf (_ ("Type the passphrase of the key for %s, and the certificate is carried on with."),
                            question->address);
  case MC_QUESTION_ANSWER:
    break;
  }
  /* Translators: who signed the mail, then an address. */
  return g_strdup_printf (_ ("This is the mail we were waiting for (signed by %s), to %s."), name, question->address);
}

static const char *
yes_of (McQuestionKind kind)
{
  switch (kind) {
  case MC_QUESTION_TERMS:
    return _ ("I _agree");
  case MC_QUESTION_ROOT:
    return _ ("_Trust this CA");
  case MC_QUESTION_NEW_PASSPHRASE:
  case MC_QUESTION_PASSPHRASE:
    return _ ("_Go on");
  case MC_QUESTION_ANSWER:
    break;
  }
  return _ ("_Reply");
}

static gboolean
is_passphrase (McQuestionKind kind)
{
  return kind == MC_QUESTION_NEW_PASSPHRASE || kind == MC_QUESTION_PASSPHRASE;
}

static GtkWidget *
build (McAsked *asked, GtkWindow *parent)
{
  g_autofree char *title = title_of (asked->question);
  g_autofree char *text = text_of (asked->question);
  /* Not destroyed with its parent: an answer is owed. */
  GtkWidget *dialog = gtk_message_dialog_new (parent, 0, GTK_MESSAGE_QUESTION, GTK_BUTTONS_NONE, "%s", title);

  mc_widget_begin_window (dialog);
  gtk_message_dialog_format_secondary_text (GTK_MESSAGE_DIALOG (dialog), "%s", text);
  gtk_window_set_title (GTK_WINDOW (dialog), title);
  gtk_dialog_add_button (GTK_DIALOG (dialog), _ ("_Not now"), GTK_RESPONSE_NO);
  gtk_dialog_add_button (GTK_DIALOG (dialog), yes_of (asked->question->kind), GTK_RESPONSE_YES);
  gtk_dialog_set_default_response (GTK_DIALOG (dialog), GTK_RESPONSE_NO); /* the safe one */
  if (is_passphrase (asked->question->kind))
    mc_passphrase_begin (dialog, asked->question->kind == MC_QUESTION_NEW_PASSPHRASE);
  g_signal_connect (dialog, "response", G_CALLBACK (responded), asked);
  return dialog;
}

/* Our own window, where there is one: it must not cover the question. */
static GtkWindow *
parent_of (const McQuestions *self)
{
  McSession *session = self->session;

  return session->window != NULL ? mc_window_widget (session->window) : session->client->window (session->client->self);
}

/* Main loop. */
static void
show (gpointer data)
{
  McAsked *asked = data;

  if (asked->done == NULL) { /* closed meanwhile */
    g_free (asked);
    return;
  }
  asked->dialog = build (asked, parent_of (asked->questions));
  gtk_widget_show_all (gtk_dialog_get_content_area (GTK_DIALOG (asked->dialog)));
  mc_widget_open (asked->dialog);
}

/* The runner's thread. */
void
mc_questions_ask (gpointer questions, const McQuestion *question, McAskDoneFunc done, gpointer token)
{
  McQuestions *self = questions;
  McAsked *asked;

  g_mutex_lock (&self->lock);
  if (self->closed) {
    g_mutex_unlock (&self->lock);
    done (token, MC_ANSWER_NOBODY);
    return;
  }
  asked = g_new0 (McAsked, 1);
  asked->questions = self;
  asked->question = question;
  asked->done = done;
  asked->token = token;
  g_ptr_array_add (self->open, asked);
  mc_relay_post (self->session->relay, show, asked);
  g_mutex_unlock (&self->lock);
}

/* One whose window is still on its way in the relay is freed there. */
static void
give_up (McAsked *asked)
{
  McAskDoneFunc done = asked->done;

  asked->done = NULL;
  done (asked->token, MC_ANSWER_NOBODY);
  if (asked->dialog == NULL)
    return;
  gtk_widget_destroy (asked->dialog);
  g_free (asked);
}

void
mc_questions_raise (McQuestions *self)
{
  GtkWindow *parent = parent_of (self);

  g_mutex_lock (&self->lock);
  for (guint i = 0; i < self->open->len; i++) {
    const McAsked *asked = g_ptr_array_index (self->open, i);

    if (asked->dialog == NULL) /* on its way in the relay */
      continue;
    gtk_window_set_transient_for (GTK_WINDOW (asked->dialog), parent);
    mc_widget_open (asked->dialog);
  }
  g_mutex_unlock (&self->lock);
}

void
mc_questions_dismiss (McQuestions *self)
{
  g_mutex_lock (&self->lock);
  for (guint i = 0; i < self->open->len; i++)
    give_up (g_ptr_array_index (self->open, i));
  g_ptr_array_set_size (self->open, 0);
  g_mutex_unlock (&self->lock);
}

void
mc_questions_close (McQuestions *self)
{
  g_mutex_lock (&self->lock);
  self->closed = TRUE;
  g_mutex_unlock (&self->lock);
  mc_questions_dismiss (self);
}

void
mc_questions_free (McQuestions *self)
{
  g_ptr_array_unref (self->open);
  g_mutex_clear (&self->lock);
  g_free (self);
}
