/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "session-private.h"

#include "pki/chain.h"
#include "store/store.h"
#include "text.h"

#include <string.h>

/* What the windows need of a record, taken on the runner's thread: records stay there. */
typedef struct {
  McSession *session;
  McTask *task;
  char *step;        /* new, or NULL */
  char *fingerprint; /* of what signs from gpgsm now, or NULL */
} McNews;

void
mc_task_free (McTask *task)
{
  g_strfreev (task->addresses);
  g_ptr_array_unref (task->steps);
  g_free (task->sentence);
  g_free (task->next);
  g_free (task->details);
  g_free (task);
}

static char **
addresses_of (const McEnrollment *e)
{
  g_autoptr (GPtrArray) addresses = g_ptr_array_new ();

  for (guint i = 0; i < e->addresses->len; i++)
    g_ptr_array_add (addresses, g_strdup (mc_enrollment_address (e, i)->address));
  g_ptr_array_add (addresses, NULL);
  return (char **)g_ptr_array_free (g_steal_pointer (&addresses), FALSE);
}

/* Is the newest step where it stands now? A note is not: the sentence may be about something else. */
static gboolean
is_covered (const McEnrollment *e)
{
  const McHistoryEntry *last = e->history->len > 0 ? g_ptr_array_index (e->history, e->history->len - 1) : NULL;
  g_autofree char *step = last != NULL && strcmp (last->state, "NOTE") != 0 ? mc_text_step (e, last) : NULL;

  return step != NULL && mc_enrollment_is_open (e);
}

static McTask *
task_of (const McEnrollment *e)
{
  McTask *task = g_new0 (McTask, 1);
  const gint64 now = g_get_real_time () / G_USEC_PER_SEC;

  task->id = e->id;
  task->addresses = addresses_of (e);
  task->open = mc_enrollment_is_open (e);
  task->installed = e->state == MC_ENROLLMENT_INSTALLED;
  task->steps = g_ptr_array_new_with_free_func (g_free);
  task->covered = is_covered (e);
  task->sentence = mc_text_enrollment (e, now, &task->next);
  task->details = mc_text_details (e, now);
  return task;
}

/* Signing must work: only where gpgsm has tried it (its keyring is "ready"), and not with a certificate that encrypts.
 */
static char *
signing_fingerprint (const McEnrollment *e)
{
  g_autoptr (McChain) chain = e->chain != NULL ? mc_chain_parse (e->chain, strlen (e->chain), NULL) : NULL;
  g_autoptr (McCertificateInfo) info =
      chain != NULL ? mc_certificate_info_new (mc_chain_certificate (chain, 0), NULL) : NULL;

  if (info == NULL || e->usage == MC_USAGE_ENCRYPT)
    return NULL;
  for (guint i = 0; i < e->keyrings->len; i++) {
    const McEnrollmentKeyring *keyring = g_ptr_array_index (e->keyrings, i);

    if (strcmp (keyring->spec, "gpgsm") == 0 && strcmp (keyring->state, "ready") == 0)
      return g_strdup (info->sha1);
  }
  return NULL;
}

static McTask *
find_task (McSession *session, gint64 id)
{
  for (guint i = 0; i < session->tasks->len; i++) {
    McTask *task = g_ptr_array_index (session->tasks, i);

    if (task->id == id)
      return task;
  }
  return NULL;
}

/* The new state of a task. Its steps are kept, unless all of them have been read again. */
static void
update (McNews *news)
{
  McTask *old = find_task (news->session, news->task->id);

  if (old == NULL) {
    g_ptr_array_add (news->session->tasks, news->task);
    old = news->task;
  } else {
    old->open = news->task->open;
    old->installed = news->task->installed;
    old->covered = news->task->covered;
    g_free (old->sentence);
    g_free (old->next);
    g_free (old->details);
    old->sentence = g_steal_pointer (&news->task->sentence);
    old->next = g_steal_pointer (&news->task->next);
    old->details = g_steal_pointer (&news->task->details);
    if (news->task->steps->len > 0) {
      GPtrArray *steps = old->steps;

      old->steps = news->task->steps;
      news->task->steps = steps;
    }
    mc_task_free (news->task);
  }
  news->task = old;
  if (news->step != NULL)
    g_ptr_array_add (old->steps, g_steal_pointer (&news->step));
}

static void
tell (gpointer data)
{
  McNews *news = data;
  McSession *session = news->session;
  const McClient *client = session->client;

  update (news);
  if (!session->closing) {
    for (guint i = 0; news->fingerprint != NULL && news->task->addresses[i] != NULL; i++)
      client->ready (client->self, news->task->addresses[i], news->fingerprint);
    if (session->window != NULL)
      mc_window_refresh (session->window);
    if (session->preferences != NULL)
      mc_preferences_refresh (session->preferences);
  }
  g_free (news->fingerprint);
  g_free (news->step);
  g_free (news);
}

void
mc_task_watch (const McEnrollment *e, const McHistoryEntry *entry, gpointer data)
{
  McSession *session = data;
  McNews *news = g_new0 (McNews, 1);

  news->session = session;
  news->task = task_of (e);
  news->step = mc_text_step (e, entry);
  if (e->state == MC_ENROLLMENT_INSTALLED)
    news->fingerprint = signing_fingerprint (e);
  mc_relay_post (session->relay, tell, news);
}

/* A later one for the same address took its place: accounts must not be moved back to this one. */
static gboolean
is_succeeded (const GPtrArray *all, guint index)
{
  const char *address = mc_enrollment_address (g_ptr_array_index (all, index), 0)->address;

  for (guint i = index + 1; i < all->len; i++) {
    const McEnrollment *later = g_ptr_array_index (all, i);

    if (later->state == MC_ENROLLMENT_INSTALLED && later->usage != MC_USAGE_ENCRYPT &&
        mc_enrollment_find (later, address) != NULL)
      return TRUE;
  }
  return FALSE;
}

static void
survey_one (McSession *session, const GPtrArray *all, guint index)
{
  const McEnrollment *e = g_ptr_array_index (all, index);
  McNews *news = g_new0 (McNews, 1);

  news->session = session;
  news->task = task_of (e);
  for (guint i = 0; i < e->history->len; i++) {
    char *step = mc_text_step (e, g_ptr_array_index (e->history, i));

    if (step != NULL)
      g_ptr_array_add (news->task->steps, step);
  }
  if (e->state == MC_ENROLLMENT_INSTALLED && !is_succeeded (all, index))
    news->fingerprint = signing_fingerprint (e);
  mc_relay_post (session->relay, tell, news);
}

/* A reading of everything. */
typedef struct {
  McSession *session;
  char *data_dir;
} McSurvey;

gpointer
mc_task_survey_new (McSession *session)
{
  McSurvey *survey = g_new (McSurvey, 1);

  survey->session = session;
  survey->data_dir = g_strdup (session->config->data_dir);
  return survey;
}

static void
surveyed (gpointer session)
{
  ((McSession *)session)->surveyed = TRUE;
}

/* What there is, at the start: the program may have been ended between the installation and what follows it. */
void
mc_task_survey (McRunner *runner, const GError *error, gpointer data)
{
  McSurvey *survey = data;
  g_autoptr (GError) why = NULL;
  g_autoptr (McStore) store = NULL;
  g_autoptr (GPtrArray) all = NULL;

  (void)error; /* said when it rests */
  if (runner != NULL) {
    store = mc_store_open (survey->data_dir, TRUE, &why);
    all = store != NULL ? mc_store_enrollments (store, FALSE, &why) : NULL;
    if (all == NULL)
      g_warning ("%s", why->message);
  }
  for (guint i = 0; all != NULL && i < all->len; i++)
    survey_one (survey->session, all, i);
  if (all != NULL)
    mc_relay_post (survey->session->relay, surveyed, survey->session);
  g_free (survey->data_dir);
  g_free (survey);
}
