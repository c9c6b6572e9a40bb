/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "notify.h"
#include "relay.h"
#include "session.h"
#include "widget.h"

#ifndef GETTEXT_PACKAGE
#define GETTEXT_PACKAGE "mailcert"
#endif
#include <glib/gi18n-lib.h>

G_BEGIN_DECLS

/* One enrollment as the windows show it. */
typedef struct {
  gint64 id;
  char **addresses;
  gboolean open;
  gboolean installed;
  GPtrArray *steps; /* of char *, oldest first */
  gboolean covered; /* the newest of them is what the sentence says, in its own words */
  char *sentence;
  char *next;    /* or NULL */
  char *details; /* many lines */
} McTask;

typedef struct McWindow McWindow;
typedef struct McQuestions McQuestions;
typedef struct McPreferences McPreferences;
typedef struct McOffer McOffer;

struct McSession {
  McConfig *config;   /* the main loop's; other threads are given it */
  GPtrArray *configs; /* of McConfig, this one and those before it: a thread may still read them */
  McAdapter adapter;
  const McClient *client;
  McRelay *relay;
  McRunnerThread *thread;
  McNotifier *notifier;
  GPtrArray *tasks;           /* of McTask, oldest first */
  gboolean surveyed;          /* they are all there */
  McWindow *window;           /* or NULL */
  McPreferences *preferences; /* or NULL */
  McOffer *offer;             /* or NULL */
  McQuestions *asked;
  GThreadPool *workers; /* NULL = none was needed */
  guint alarm;          /* wakes the thread again */
  gboolean closing;
};

/* task.c: records become what windows show. On the runner's thread: */
void mc_task_watch (const McEnrollment *enrollment, const McHistoryEntry *entry, gpointer session);
void mc_task_survey (McRunner *runner, const GError *error, gpointer survey);
/* For the main loop: what mc_task_survey is given. */
gpointer mc_task_survey_new (McSession *session);
void mc_task_free (McTask *task);

/* window.c */
McWindow *mc_window_new (McSession *session);
void mc_window_choose (McWindow *window, const char *address); /* for a new request */
void mc_window_follow (McWindow *window);                      /* how it goes with what was just asked for */
void mc_window_refresh (McWindow *window);                     /* the tasks have changed */
void mc_window_complain (McWindow *window, const char *sentence);
void mc_window_present (McWindow *window);      /* what is being asked stays before it */
GtkWindow *mc_window_widget (McWindow *window); /* borrowed */
void mc_window_free (McWindow *window);

/* progress.c: the page that shows tasks: those that are open, and what becomes of them. */
GtkWidget *mc_progress_new (void);
/* The person asks for something new: what has ended goes, and whatever comes after these TASKS is shown. */
void mc_progress_begin (GtkWidget *page, const GPtrArray *tasks);
void mc_progress_show (GtkWidget *page, const GPtrArray *tasks);

/* request.c: what was asked for goes to the runner's thread. */
typedef struct {
  McSession *session;
  char **addresses;
  char *ca;
  McUsage usage;
  const char *key_kind; /* static; NULL = the CA's, or the usual one */
  gboolean agree_terms;
  gboolean sign; /* new mail with it */
} McRequest;
void mc_request_submit (McRequest *request); /* takes it */
/* Looks up the terms of CA; ANSWERED comes on the main loop unless the session ends before. */
typedef void (*McTermsFunc) (McSession *session, const char *ca, const char *terms, const GError *error);
void mc_request_renew (McSession *session, const char *address); /* now, whether it is due or not */
void mc_request_terms (McSession *session, const char *ca, McTermsFunc answered);

/* question.c: what the runner asks, one window for each. */
McQuestions *mc_questions_new (McSession *session);
void mc_questions_ask (gpointer questions, const McQuestion *question, McAskDoneFunc done, gpointer token);
/* Answers all of them with NOBODY, and all that come after. */
void mc_questions_close (McQuestions *questions);
void mc_questions_free (McQuestions *questions); /* when the runner's thread has ended and the relay is empty */

/* Answers those that are open with NOBODY. */
void mc_questions_dismiss (McQuestions *questions);
/* The session's window, if there is one, comes up: the questions stand before it. */
void mc_questions_raise (McQuestions *questions);

/* passphrase.c: entries in the DIALOG of a question; FRESH: for a new key. Afterwards: to the runner with it. */
void mc_passphrase_begin (GtkWidget *dialog, gboolean fresh);
void mc_passphrase_take (GtkWidget *dialog, McSession *session);

/* address.c: the newest request for ADDRESS, or the newest whose certificate is installed; NULL = none. */
const McTask *mc_address_newest (const McSession *session, const char *address, gboolean installed);
/* How it stands; caller frees. */
char *mc_address_sentence (const McSession *session, const char *address);

/* preferences.c */
void mc_preferences_refresh (McPreferences *preferences);
void mc_preferences_free (McPreferences *preferences); /* with its page */

/* details.c: a window. */
GtkWidget *mc_details_new (const McSession *session, const char *address, GtkWindow *parent);

/* settings.c: CHANGES go into the person's configuration, and then count here. */
void mc_settings_save (McSession *session, const McConfigChange *changes, gsize count);
GtkWidget *mc_settings_ca_choice (const McConfig *config); /* a GtkComboBoxText, the default CA chosen */

/* offer.c: from now on it looks for a good moment. */
McOffer *mc_offer_new (McSession *session);
void mc_offer_close (McOffer *offer);
void mc_offer_free (McOffer *offer);

/* work.c: FUNC runs on a thread, then TOLD on the main loop, always. */
void mc_work_begin (McSession *session, McRelayFunc func, McRelayFunc told, gpointer data);
void mc_work_end (McSession *session); /* waits for those that run */

/* session.c */
void mc_session_use (McSession *session, McConfig *config); /* takes it: it counts from now on */
void mc_session_survey (McSession *session);                /* reads again what there is */
void mc_session_show_address (McSession *session, const char *address);

G_END_DECLS
