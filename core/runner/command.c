/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/runner-private.h"

/* on-installed, on-action-needed, on-failed: programs of the person's own that are told what happened. */

/* Nothing from outside reaches a shell: the words are the config's own, what happened stands in the environment. */
static char **
environment_of (const McEnrollment *e, const McHistoryEntry *entry)
{
  char **environment = g_get_environ ();
  g_autoptr (GPtrArray) addresses = g_ptr_array_new ();
  g_autofree char *joined = NULL;

  for (guint i = 0; i < e->addresses->len; i++)
    g_ptr_array_add (addresses, mc_enrollment_address (e, i)->address);
  g_ptr_array_add (addresses, NULL);
  joined = g_strjoinv (" ", (char **)addresses->pdata);
  environment = g_environ_setenv (environment, "MAILCERT_ADDRESSES", joined, TRUE);
  environment = g_environ_setenv (environment, "MAILCERT_CA", e->ca, TRUE);
  environment = g_environ_setenv (environment, "MAILCERT_STATE", mc_enrollment_state_name (e->state), TRUE);
  environment = g_environ_setenv (environment, "MAILCERT_DETAIL", entry->detail != NULL ? entry->detail : "", TRUE);
  return g_environ_setenv (environment, "MAILCERT_PROBLEM", e->problem != NULL ? e->problem->type : "", TRUE);
}

static const GPtrArray *
commands_for (const McConfig *config, const McEnrollment *e, const McHistoryEntry *entry)
{
  if (entry->address != NULL)
    return NULL;
  if (g_str_equal (entry->state, "NOTE"))
    return mc_problem_needs_a_person (e->problem) ? config->on_action_needed : NULL;
  if (g_str_equal (entry->state, mc_enrollment_state_name (MC_ENROLLMENT_INSTALLED)))
    return config->on_installed;
  /* A renewal that fails is tried again by itself: its person hears of it when the end is near. */
  if (e->predecessor != 0)
    return NULL;
  if (g_str_equal (entry->state, mc_enrollment_state_name (MC_ENROLLMENT_FAILED)) ||
      g_str_equal (entry->state, mc_enrollment_state_name (MC_ENROLLMENT_EXPIRED)))
    return config->on_failed;
  return NULL;
}

static void
run_commands (const GPtrArray *commands, const McEnrollment *e, const McHistoryEntry *entry)
{
  g_auto (GStrv) environment = NULL;

  if (commands == NULL)
    return;
  environment = environment_of (e, entry);
  /* Not waited for: what the person's program does cannot hold an enrollment up, nor whoever reads our output. */
  for (guint i = 0; i < commands->len; i++) {
    char **command = g_ptr_array_index (commands, i);
    g_autoptr (GError) error = NULL;

    if (!g_spawn_async (NULL, command, environment,
                        G_SPAWN_SEARCH_PATH | G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, NULL,
                        &error))
      g_warning ("%s could not be run: %s", command[0], error->message);
  }
}

void
mc_command_tell (const McConfig *config, const McEnrollment *e, const McHistoryEntry *entry)
{
  run_commands (commands_for (config, e, entry), e, entry);
}

void
mc_command_tell_failing (const McConfig *config, const McEnrollment *e, const McEnrollment *attempt)
{
  const McEnrollment *subject = attempt != NULL ? attempt : e;
  g_autofree char *why = subject->problem != NULL ? mc_problem_sentence (subject->problem) : NULL;

  run_commands (config->on_action_needed, subject, &(McHistoryEntry){.state = "NOTE", .detail = why});
}
