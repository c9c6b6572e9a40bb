/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/imap-survey.h"

#include "base/error.h"
#include "mail/own-mail.h"
#include "net/imap-folder.h"

#include <string.h>

#define ANSWER_SECONDS 30
#define LOOK_AGAIN_MS 5000 /* Junk is not told of by IDLE */

static void
own_mail_free (gpointer pointer)
{
  McImapOwnMail *mail = pointer;

  g_bytes_unref (mail->rfc822);
  g_free (mail);
}

void
mc_imap_survey_free (McImapSurvey *survey)
{
  if (survey == NULL)
    return;
  g_ptr_array_unref (survey->mails);
  g_free (survey);
}

static McImapSession *
open_session (const McMailAccount *account, GCancellable *cancel, GError **error)
{
  g_autoptr (GError) reason = NULL;
  g_autoptr (McLogin) login = mc_login_new (account, FALSE, cancel, &reason);

  if (reason != NULL) {
    g_propagate_error (error, g_steal_pointer (&reason));
    return NULL;
  }
  return mc_imap_session_new (account, login, ANSWER_SECONDS, cancel, error);
}

static struct mailimap_search_key *
header_key (const char *name, const char *value)
{
  return mailimap_search_key_new_header (strdup (name), strdup (value));
}

static gboolean
is_there (McImapSession *session, struct mailimap_search_key *key, gboolean *there, GError **error)
{
  g_autoptr (GArray) uids = mc_imap_folder_search (session, key, error);

  *there = uids != NULL && uids->len > 0;
  return uids != NULL;
}

/* The newest mails in the open folder that say they are from ADDRESS. */
static gboolean
take_own (McImapSession *session, const char *address, GPtrArray *mails, GError **error)
{
  g_autoptr (GArray) uids = mc_imap_folder_search (session, mailimap_search_key_new_from (strdup (address)), error);

  if (uids == NULL)
    return FALSE;
  for (guint i = uids->len; i > 0 && mails->len < MC_IMAP_SURVEY_MAILS; i--) {
    g_autoptr (GError) reason = NULL;
    GBytes *rfc822 = mc_imap_folder_fetch (session, g_array_index (uids, guint32, i - 1), &reason);

    if (reason != NULL) {
      g_propagate_error (error, g_steal_pointer (&reason));
      return FALSE;
    }
    if (rfc822 != NULL) {
      McImapOwnMail *mail = g_new0 (McImapOwnMail, 1);

      mail->rfc822 = rfc822;
      g_ptr_array_add (mails, mail);
    }
  }
  return TRUE;
}

static gboolean
compare_with_sent (McImapSession *session, GPtrArray *mails, GError **error)
{
  g_autoptr (GError) reason = NULL;
  g_autofree char *folder = mails->len > 0 ? mc_imap_folders_sent (session, &reason) : NULL;

  if (reason != NULL) {
    g_propagate_error (error, g_steal_pointer (&reason));
    return FALSE;
  }
  if (folder == NULL)
    return TRUE;
  if (!mc_imap_session_judge (session, mailimap_examine (session->imap, folder), "opening the Sent folder", error))
    return FALSE;
  for (guint i = 0; i < mails->len; i++) {
    McImapOwnMail *mail = g_ptr_array_index (mails, i);
    g_autofree char *id = mc_own_mail_id (mail->rfc822);

    if (id != NULL && g_str_is_ascii (id) && !is_there (session, header_key ("Message-ID", id), &mail->sent, error))
      return FALSE;
  }
  return TRUE;
}

McImapSurvey *
mc_imap_survey (const McMailAccount *account, const char *address, GCancellable *cancel, GError **error)
{
  g_autoptr (McImapSession) session = open_session (account, cancel, error);
  g_autoptr (McImapSurvey) survey = NULL;

  if (session == NULL ||
      !mc_imap_session_judge (session, mailimap_examine (session->imap, "INBOX"), "opening INBOX", error))
    return NULL;
  survey = g_new0 (McImapSurvey, 1);
  survey->idle = session->idle;
  survey->mails = g_ptr_array_new_with_free_func (own_mail_free);
  if (!g_str_is_ascii (address)) /* there is no way to search for it that all servers know */
    return g_steal_pointer (&survey);
  if (!is_there (session, header_key ("List-Post", address), &survey->list, error) ||
      !take_own (session, address, survey->mails, error) || !compare_with_sent (session, survey->mails, error))
    return NULL;
  return g_steal_pointer (&survey);
}

static GBytes *
look_for (McImapSession *session, const McImapFolder *folder, const char *message_id, GError **error)
{
  g_autoptr (GArray) uids = NULL;

  if (!mc_imap_session_judge (session, mailimap_examine (session->imap, folder->name), "opening a folder", error))
    return NULL;
  mc_imap_folder_told_in_passing (session); /* how many there are is no news */
  uids = mc_imap_folder_search (session, header_key ("Message-ID", message_id), error);
  if (uids == NULL || uids->len == 0)
    return NULL;
  return mc_imap_folder_fetch (session, g_array_index (uids, guint32, uids->len - 1), error);
}

/* INBOX comes last, and stays open: IDLE tells of it. */
static GBytes *
look_everywhere (McImapSession *session, const GPtrArray *folders, const char *message_id, GError **error)
{
  for (guint i = folders->len; i > 0; i--) {
    g_autoptr (GError) reason = NULL;
    GBytes *found = look_for (session, g_ptr_array_index (folders, i - 1), message_id, &reason);

    if (reason != NULL)
      g_propagate_error (error, g_steal_pointer (&reason));
    if (found != NULL || (error != NULL && *error != NULL))
      return found;
  }
  return NULL;
}

static gboolean
wait_for_news (McImapSession *session, gint64 deadline, GError **error)
{
  gint left = (gint)MIN ((deadline - g_get_monotonic_time ()) / 1000, LOOK_AGAIN_MS);
  gboolean news = mc_imap_folder_told_in_passing (session);
  gboolean readable;

  if (news || left <= 0)
    return TRUE;
  if (session->idle)
    return mc_imap_session_idle (session, left, &news, error);
  return mc_stream_wait (session->stream, MIN (left, 1000), &readable, error);
}

GBytes *
mc_imap_await (const McMailAccount *account, const char *message_id, guint seconds, GCancellable *cancel,
               GError **error)
{
  gint64 deadline = g_get_monotonic_time () + (gint64)seconds * G_USEC_PER_SEC;
  g_autoptr (McImapSession) session = open_session (account, cancel, error);
  g_autoptr (GPtrArray) folders = session != NULL ? mc_imap_folders_find (session, account->folders, error) : NULL;

  if (folders == NULL)
    return NULL;
  for (;;) {
    g_autoptr (GError) reason = NULL;
    GBytes *found = look_everywhere (session, folders, message_id, &reason);

    if (found == NULL && reason == NULL && g_get_monotonic_time () < deadline &&
        wait_for_news (session, deadline, &reason))
      continue;
    if (reason != NULL)
      g_propagate_error (error, g_steal_pointer (&reason));
    return found;
  }
}
