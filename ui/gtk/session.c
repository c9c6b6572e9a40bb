/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "session-private.h"

#include "timing.h"

#define LEAST_ALARM_SECONDS 60
#define MOST_ALARM_SECONDS (24 * 60 * 60) /* clocks change, and machines sleep */

/* The runner's thread: certificates are renewed while the mail program is open. */
static void
renew_due (McRunner *runner, const GError *error, gpointer data)
{
  g_autoptr (GError) why = NULL;

  (void)error, (void)data; /* said when it rests */
  if (runner != NULL && !mc_runner_renew (runner, NULL, MC_RENEW_DUE, NULL, &why))
    g_warning ("%s", why->message);
}

static gboolean
alarm_rings (gpointer data)
{
  McSession *session = data;

  session->alarm = 0;
  mc_runner_thread_call (session->thread, renew_due, NULL);
  return G_SOURCE_REMOVE;
}

typedef struct {
  McSession *session;
  gint64 next_wake;
} McRest;

static void
set_alarm (gpointer data)
{
  McRest *rest = data;
  McSession *session = rest->session;
  gint64 seconds = rest->next_wake - g_get_real_time () / G_USEC_PER_SEC;

  if (session->alarm != 0)
    g_source_remove (session->alarm);
  session->alarm = 0;
  if (rest->next_wake > 0 && !session->closing)
    session->alarm =
        g_timeout_add_seconds ((guint)CLAMP (seconds, LEAST_ALARM_SECONDS, MOST_ALARM_SECONDS), alarm_rings, session);
  g_free (rest);
}

/* On the runner's thread. */
static void
rested (gint64 next_wake, const GError *error, gpointer data)
{
  McSession *session = data;
  McRest *rest = g_new (McRest, 1);

  if (error != NULL) {
    g_warning ("%s", error->message);
    next_wake = g_get_real_time () / G_USEC_PER_SEC + LEAST_ALARM_SECONDS;
  }
  rest->session = session;
  rest->next_wake = next_wake;
  mc_relay_post (session->relay, set_alarm, rest);
}

/* On the runner's thread. A root that is not trusted has a window of its own. */
static void
tell (const McOccasion *occasion, gpointer data)
{
  McSession *session = data;

  if (occasion->kind != MC_OCCASION_ACTION_NEEDED ||
      !mc_problem_is (occasion->enrollment->problem, "mailcert:untrusted"))
    mc_notifier_tell (occasion, session->notifier);
}

McSession *
mc_session_new (const McTransport *transport, const McInbox *inbox, const McClient *client, GError **error)
{
  McConfig *config = mc_config_new (NULL, NULL, MC_CA_DIR, error);
  McSession *session;

  if (config == NULL)
    return NULL;
  session = g_new0 (McSession, 1);
  session->config = config;
  session->configs = g_ptr_array_new_with_free_func ((GDestroyNotify)mc_config_free);
  g_ptr_array_add (session->configs, config);
  session->client = client;
  session->relay = mc_relay_new ();
  session->asked = mc_questions_new (session);
  session->adapter =
      (McAdapter){.transport = transport, .inbox = inbox, .ask = mc_questions_ask, .self = session->asked};
  session->tasks = g_ptr_array_new_with_free_func ((GDestroyNotify)mc_task_free);
  session->notifier = mc_notifier_new ();
  session->thread = mc_runner_thread_new (
      config, &session->adapter,
      &(McRunnerThreadEvents){.watch = mc_task_watch, .tell = tell, .rested = rested, .data = session});
  return session;
}

void
mc_session_close (McSession *session)
{
  session->closing = TRUE;
  mc_questions_close (session->asked);
  g_clear_pointer (&session->window, mc_window_free);
  g_clear_pointer (&session->preferences, mc_preferences_free);
  if (session->offer != NULL)
    mc_offer_close (session->offer);
}

void
mc_session_free (McSession *session)
{
  if (session == NULL)
    return;
  mc_session_close (session);
  mc_runner_thread_free (session->thread);
  mc_notifier_free (session->notifier);
  mc_work_end (session);
  mc_relay_free (session->relay);
  if (session->alarm != 0)
    g_source_remove (session->alarm);
  mc_questions_free (session->asked);
  g_ptr_array_unref (session->tasks);
  g_clear_pointer (&session->offer, mc_offer_free);
  g_ptr_array_unref (session->configs);
  g_free (session);
}

const McConfig *
mc_session_config (const McSession *session)
{
  return session->config;
}

McRunnerThread *
mc_session_thread (McSession *session)
{
  return session->thread;
}

void
mc_session_use (McSession *session, McConfig *config)
{
  session->config = config;
  g_ptr_array_add (session->configs, config);
  mc_runner_thread_reconfigure (session->thread, config);
}

/* Where nothing was ever asked for there is nothing to carry on, and no database is made. */
static gboolean
has_records (const McSession *session)
{
  g_autofree char *path = g_build_filename (session->config->data_dir, "mailcert.db", NULL);

  return g_file_test (path, G_FILE_TEST_EXISTS);
}

void
mc_session_survey (McSession *session)
{
  if (has_records (session))
    mc_runner_thread_call (session->thread, mc_task_survey, mc_task_survey_new (session));
}

void
mc_session_start (McSession *session)
{
  session->surveyed = !has_records (session);
  mc_session_survey (session);
  if (!session->surveyed)
    mc_runner_thread_call (session->thread, renew_due, NULL);
  session->offer = mc_offer_new (session);
}

/* The runner's thread: what waited for the person waits no longer. She is here, and is asked again. */
static void
try_again (McRunner *runner, const GError *error, gpointer data)
{
  g_autoptr (GError) why = NULL;

  (void)error, (void)data; /* said when it rests */
  if (runner != NULL && !mc_runner_try_again (runner, &why))
    g_warning ("%s", why->message);
}

void
mc_session_show (McSession *session)
{
  mc_timing_begin ("window");
  if (session->window == NULL)
    session->window = mc_window_new (session);
  mc_window_present (session->window);
  mc_timing_end ();
  if (has_records (session))
    mc_runner_thread_call (session->thread, try_again, NULL);
}

void
mc_session_show_address (McSession *session, const char *address)
{
  const McTask *task = mc_address_newest (session, address, FALSE);

  mc_session_show (session);
  if (task == NULL || !task->open)
    mc_window_choose (session->window, address);
}
