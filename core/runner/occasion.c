/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/runner-private.h"

#define TOLD_MAX 64 /* prints of mails */

/* What a person has to hear of (UX 2): decided here for commands and notifications alike, and never told twice. */

static gboolean
is_state (const McHistoryEntry *entry, McEnrollmentState state)
{
  return g_str_equal (entry->state, mc_enrollment_state_name (state));
}

/* The name of the fact that says what its person was told last. */
static char *
told_fact (const McEnrollment *e)
{
  return g_strdup_printf ("told-needed:%" G_GINT64_FORMAT, e->id);
}

/* Each run is a new try (see begin_afresh) and may meet the same trouble again: that is the same occasion until
 * something has moved. WHAT NULL: something has. */
static gboolean
is_news (McRunner *runner, const char *fact, const char *what)
{
  g_autofree char *told = mc_store_fact (runner->store, fact);
  g_autoptr (GError) error = NULL;

  if (g_strcmp0 (told, what) == 0)
    return FALSE;
  if (!mc_store_set_fact (runner->store, fact, what, &error))
    g_debug ("%s: %s", fact, error->message); /* told once too often, then */
  return TRUE;
}

static void
tell (McRunner *runner, const McOccasion *occasion)
{
  if (runner->tell != NULL)
    runner->tell (occasion, runner->tell_data);
}

static void
meet_end (McRunner *runner, const McEnrollment *e, const McHistoryEntry *entry)
{
  const gboolean failed = is_state (entry, MC_ENROLLMENT_FAILED) || is_state (entry, MC_ENROLLMENT_EXPIRED);
  const McOccasion occasion = {failed ? MC_OCCASION_FAILED : MC_OCCASION_INSTALLED, e, NULL, NULL};

  if (!failed && !is_state (entry, MC_ENROLLMENT_INSTALLED))
    return;
  /* A renewal that fails is tried again by itself: its person hears of it when the end is near. */
  if (failed && e->predecessor != 0)
    return;
  mc_command_run (runner->config, &occasion, entry->detail);
  /* A renewal that worked is nothing to know of, and who gives a request up knows that it is over. */
  if (e->predecessor == 0 && !mc_problem_is (e->problem, "mailcert:forgotten"))
    tell (runner, &occasion);
}

void
mc_occasion_meet (McRunner *runner, const McEnrollment *e, const McHistoryEntry *entry)
{
  const McOccasion needed = {MC_OCCASION_ACTION_NEEDED, e, NULL, NULL};
  g_autofree char *fact = told_fact (e);

  if (entry->address != NULL)
    return;
  if (!g_str_equal (entry->state, "NOTE")) {
    is_news (runner, fact, NULL);
    meet_end (runner, e, entry);
  } else if (mc_problem_needs_a_person (e->problem) && is_news (runner, fact, e->problem->type)) {
    mc_command_run (runner->config, &needed, entry->detail);
    tell (runner, &needed);
  }
}

void
mc_occasion_renewal_failing (McRunner *runner, const McEnrollment *e, const McEnrollment *attempt)
{
  const McOccasion occasion = {MC_OCCASION_RENEWAL_FAILING, e, attempt, NULL};
  const McProblem *problem = attempt != NULL ? attempt->problem : e->problem;
  g_autofree char *why = problem != NULL ? mc_problem_sentence (problem) : NULL;

  mc_command_run (runner->config, &occasion, why);
  tell (runner, &occasion);
}

/* Mail programs offer the same mails again and again: of the last ones that were told of a print is kept. */
static gboolean
is_news_of_mail (McRunner *runner, const char *message_id)
{
  static const char fact[] = "told-unasked";
  g_autofree char *print = g_compute_checksum_for_string (G_CHECKSUM_SHA256, message_id, -1);
  g_autofree char *told = mc_store_fact (runner->store, fact);
  g_auto (GStrv) prints = g_strsplit (told != NULL ? told : "", " ", TOLD_MAX);
  g_autofree char *others = NULL;
  g_autofree char *all = NULL;

  if (g_strv_contains ((const char *const *)prints, print))
    return FALSE;
  if (g_strv_length (prints) == TOLD_MAX)
    g_clear_pointer (&prints[TOLD_MAX - 1], g_free);
  others = g_strjoinv (" ", prints);
  all = g_strjoin (" ", print, *others != '\0' ? others : NULL, NULL);
  is_news (runner, fact, all);
  return TRUE;
}

void
mc_occasion_unasked (McRunner *runner, const McInspection *mail)
{
  const McOccasion occasion = {MC_OCCASION_UNASKED, NULL, NULL, &mail->verdict};
  const char *id = mail->challenge->message_id;

  if (is_news_of_mail (runner, id != NULL ? id : "without Message-ID"))
    tell (runner, &occasion);
}
