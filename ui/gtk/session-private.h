/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "notify.h"
#include "relay.h"
#include "session.h"

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
  char *sentence;
  char *next; /* or NULL */
} McTask;

typedef struct McWindow McWindow;
typedef struct McQuestions McQuestions;

struct McSession {
  McConfig *config;
  McAdapter adapter;
  const McClient *client;
  McRelay *relay;
  McRunnerThread *thread;
  McNotifier *notifier;
  GPtrArray *tasks; /* of McTask, oldest first */
  McWindow *window; /* or NULL */
  McQuestions *asked;
  GThreadPool *judges; /* NULL = none was needed */
  guint alarm;         /* wakes the thread again */
  gboolean closing;
};

/* task.c: records become what windows show. On the runner's thread: */
void mc_task_watch (const McEnrollment *enrollment, const McHistoryEntry *entry, gpointer session);
void mc_task_survey (McRunner *runner, const GError *error, gpointer session);
void mc_task_free (McTask *task);

/* window.c */
McWindow *mc_window_new (McSession *session);
void mc_window_refresh (McWindow *window); /* the tasks have changed */
void mc_window_complain (McWindow *window, const char *sentence);
void mc_window_present (McWindow *window);
void mc_window_free (McWindow *window);

/* progress.c: the page that shows tasks. */
GtkWidget *mc_progress_new (void);
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
void mc_request_terms (McSession *session, const char *ca, McTermsFunc answered);

/* question.c: what the runner asks, one window for each. */
McQuestions *mc_questions_new (McSession *session);
void mc_questions_ask (gpointer questions, const McQuestion *question, McAskDoneFunc done, gpointer token);
/* Answers all of them with NOBODY, and all that come after. */
void mc_questions_close (McQuestions *questions);
void mc_questions_free (McQuestions *questions); /* when the runner's thread has ended and the relay is empty */

G_END_DECLS
