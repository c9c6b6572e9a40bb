/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/imap.h"

#include "base/error.h"
#include "net/imap-folder.h"

static const McImapTiming usual = {.poll_ms = MC_IMAP_POLL_SECONDS * 1000,
                                   .idle_ms = MC_IMAP_IDLE_SECONDS * 1000,
                                   .first_retry_ms = 1000,
                                   .last_retry_ms = 60 * 1000,
                                   .timeout_seconds = 60};

typedef struct {
  const McMailAccount *account;
  gint64 since;
  const McImapTiming *timing;
  GCancellable *cancel;
  McImapFoundFunc found;
  McImapReadyFunc ready;
  gpointer data;
  McLogin *login;     /* kept while it is a password */
  GPtrArray *folders; /* kept over connections: what has been seen stays seen */
  guint retry_ms;
} Watch;

/* One beside the first that the server will not open, or that is gone, keeps nobody from the others; it is tried again
 * with them. Takes REASON. */
static gboolean
is_passed_over (guint index, GError *reason, GError **error)
{
  if (index > 0 && g_error_matches (reason, MC_ERROR, MC_ERROR_REFUSED)) {
    g_debug ("%s", reason->message);
    g_error_free (reason);
    return TRUE;
  }
  g_propagate_error (error, reason);
  return FALSE;
}

static gboolean
visit (Watch *watch, McImapSession *session, guint index, GError **error)
{
  GError *reason = NULL;

  return mc_imap_folder_visit (session, g_ptr_array_index (watch->folders, index), watch->since, watch->found,
                               watch->data, &reason) ||
         is_passed_over (index, reason, error);
}

static gboolean
visit_all (Watch *watch, McImapSession *session, GError **error)
{
  /* The first one last: it stays open, for IDLE. */
  for (guint i = watch->folders->len; i-- > 0;)
    if (!visit (watch, session, i, error))
      return FALSE;
  return TRUE;
}

/* Returns at the end of MS, or FALSE when cancelled. */
static gboolean
pause_for (GCancellable *cancel, guint ms)
{
  gint64 deadline = g_get_monotonic_time () + (gint64)ms * 1000;
  GPollFD fd = {-1, 0, 0}; /* poll passes over a negative one */

  if (!g_cancellable_make_pollfd (cancel, &fd))
    fd.fd = -1;
  while (!g_cancellable_is_cancelled (cancel) && g_get_monotonic_time () < deadline)
    g_poll (&fd, 1, (gint)((deadline - g_get_monotonic_time () + 999) / 1000));
  if (fd.fd >= 0)
    g_cancellable_release_fd (cancel);
  return !g_cancellable_is_cancelled (cancel);
}

static gboolean
visit_others (Watch *watch, McImapSession *session, GError **error)
{
  gboolean left = FALSE;

  for (guint i = 1; i < watch->folders->len; i++) {
    gboolean news = FALSE;
    GError *reason = NULL;

    if (!mc_imap_folder_has_news (session, g_ptr_array_index (watch->folders, i), &news, &reason)) {
      if (!is_passed_over (i, reason, error))
        return FALSE;
      continue;
    }
    if (!news)
      continue;
    left = TRUE;
    if (!visit (watch, session, i, error))
      return FALSE;
  }
  return !left || visit (watch, session, 0, error);
}

/* TRUE = the server does not IDLE after all. */
static gboolean
idle_on (Watch *watch, McImapSession *session, GError **error)
{
  guint others_ms = watch->folders->len > 1 ? watch->timing->poll_ms : watch->timing->idle_ms;
  gint64 others_at = g_get_monotonic_time () + (gint64)others_ms * 1000;

  while (session->idle) {
    gint64 left = MAX (others_at - g_get_monotonic_time (), 0) / 1000;
    gboolean news = mc_imap_folder_told_in_passing (session);

    if (!news && !mc_imap_session_idle (session, (gint)MIN (left, watch->timing->idle_ms), &news, error))
      return FALSE;
    if (news && !visit (watch, session, 0, error))
      return FALSE;
    if (g_get_monotonic_time () < others_at)
      continue;
    if (!visit_others (watch, session, error))
      return FALSE;
    others_at = g_get_monotonic_time () + (gint64)others_ms * 1000;
  }
  return TRUE;
}

static gboolean
poll_on (Watch *watch, McImapSession *session, GError **error)
{
  while (pause_for (watch->cancel, watch->timing->poll_ms))
    if (!visit_all (watch, session, error))
      return FALSE;
  return TRUE;
}

static McImapSession *
connect_session (Watch *watch, GError **error)
{
  g_autoptr (GError) reason = NULL;

  if (watch->login != NULL && watch->login->token) /* it may have run out */
    g_clear_pointer (&watch->login, mc_login_free);
  if (watch->login == NULL)
    watch->login = mc_login_new (watch->account, FALSE, watch->cancel, &reason);
  if (reason != NULL) {
    g_propagate_error (error, g_steal_pointer (&reason));
    return NULL;
  }
  return mc_imap_session_new (watch->account, watch->login, watch->timing->timeout_seconds, watch->cancel, error);
}

/* One connection's life. */
static gboolean
live (Watch *watch, GError **error)
{
  g_autoptr (McImapSession) session = connect_session (watch, error);

  if (session == NULL)
    return FALSE;
  if (watch->folders == NULL)
    watch->folders = mc_imap_folders_find (session, watch->account->folders, error);
  if (watch->folders == NULL || !visit_all (watch, session, error))
    return FALSE;
  watch->retry_ms = watch->timing->first_retry_ms;
  if (watch->ready != NULL)
    watch->ready (session->idle, watch->data);
  /* A server that refuses IDLE in spite of its word is polled. */
  return (!session->idle || idle_on (watch, session, error)) && poll_on (watch, session, error);
}

static gboolean
is_final (const GError *error)
{
  return g_error_matches (error, MC_ERROR, MC_ERROR_LOGIN) || g_error_matches (error, MC_ERROR, MC_ERROR_TLS) ||
         g_error_matches (error, MC_ERROR, MC_ERROR_CONFIG);
}

static gboolean
keep_watching (Watch *watch, GError **error)
{
  while (!g_cancellable_is_cancelled (watch->cancel)) {
    g_autoptr (GError) reason = NULL;

    if (live (watch, &reason) || g_cancellable_is_cancelled (watch->cancel))
      break;
    if (is_final (reason)) {
      g_propagate_error (error, g_steal_pointer (&reason));
      return FALSE;
    }
    g_debug ("%s; again in %u ms", reason->message, watch->retry_ms);
    if (!pause_for (watch->cancel, watch->retry_ms))
      break;
    watch->retry_ms = MIN (watch->retry_ms * 2, watch->timing->last_retry_ms);
  }
  return TRUE;
}

gboolean
mc_imap_watch_timed (const McMailAccount *account, gint64 since, const McImapTiming *timing, GCancellable *cancel,
                     McImapFoundFunc found, McImapReadyFunc ready, gpointer data, GError **error)
{
  Watch watch = {.account = account,
                 .since = since,
                 .timing = timing,
                 .cancel = cancel,
                 .found = found,
                 .ready = ready,
                 .data = data,
                 .retry_ms = timing->first_retry_ms};
  gboolean fine = keep_watching (&watch, error);

  mc_login_free (watch.login);
  if (watch.folders != NULL)
    g_ptr_array_unref (watch.folders);
  return fine;
}

gboolean
mc_imap_watch (const McMailAccount *account, gint64 since, GCancellable *cancel, McImapFoundFunc found,
               McImapReadyFunc ready, gpointer data, GError **error)
{
  return mc_imap_watch_timed (account, since, &usual, cancel, found, ready, data, error);
}

gboolean
mc_imap_check (const McMailAccount *account, GCancellable *cancel, gboolean *idle, GError **error)
{
  g_autoptr (GError) reason = NULL;
  g_autoptr (McLogin) login = mc_login_new (account, FALSE, cancel, &reason);
  g_autoptr (McImapSession) session = NULL;

  if (reason != NULL) {
    g_propagate_error (error, g_steal_pointer (&reason));
    return FALSE;
  }
  session = mc_imap_session_new (account, login, usual.timeout_seconds, cancel, error);
  if (session == NULL ||
      !mc_imap_session_judge (session, mailimap_examine (session->imap, "INBOX"), "opening INBOX", error))
    return FALSE;
  *idle = session->idle;
  return TRUE;
}
