/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/mutant.h"
#include "mutants.h"

#include <glib.h>
#include <sys/wait.h>

/* That the tests of the flow and of the store find what they are there for: each deliberate fault must turn one of
 * these programs red, and without one they are all green. They end at the first broken promise, so each runs as a
 * process of its own. */

static const char *const flow_programs[][4] = {
    {"tests/flow/test-flow-errors", NULL},
    {"tests/flow/test-flow-reply", NULL},
    {"tests/flow/test-flow", NULL},
    {"tests/flow/test-flow-clock", NULL},
    {"tests/flow/test-flow-challenge", NULL},
    {"tests/flow/test-flow-bounce", NULL},
    {"tests/flow/test-flow-rude", "-p", "/flow/rude/refusals", NULL},
    {"tests/flow/test-kill", "-p", "/flow/kill/memory/plain", NULL},
    {"tests/flow/test-flow-renewal", NULL},
    {"tests/flow/test-flow-renewing", NULL},
    {"tests/flow/test-kill", "-p", "/flow/kill/memory/rollover--enroll", NULL},
    {"tests/flow/test-kill", "-p", "/flow/kill/memory/rollover--twice", NULL},
    {"tests/flow/test-model", NULL},
};

static const char *const store_programs[][4] = {
    {"tests/unit/test-store", NULL},
    {"tests/unit/test-lease", NULL},
};

static const char *const runner_programs[][4] = {
    {"tests/unit/test-spool", NULL},
};

/* TRUE = it ended well. */
static gboolean
is_green (const char *const *words)
{
  g_autofree char *program = g_build_filename (g_getenv ("MC_BUILD"), words[0], NULL);
  char *argv[] = {program, (char *)words[1], (char *)(words[1] != NULL ? words[2] : NULL), NULL};
  g_auto (GStrv) environment = g_get_environ ();
  g_autoptr (GError) error = NULL;
  int status;

  environment = g_environ_setenv (environment, "MC_STEPS", "3000", TRUE);
  environment = g_environ_setenv (environment, "MC_SEED", "7", TRUE);
  if (mc_mutant != NULL)
    environment = g_environ_setenv (environment, "MC_MUTANT", mc_mutant, TRUE);
  g_spawn_sync (NULL, argv, environment, G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, NULL,
                NULL, &status, &error);
  g_assert_no_error (error);
  return WIFEXITED (status) && WEXITSTATUS (status) == 0;
}

/* With a fault the first red one is enough. */
static guint
count_red (const char *const (*programs)[4], gsize count)
{
  guint red = 0;

  for (gsize i = 0; i < count && (mc_mutant == NULL || red == 0); i++)
    if (!is_green (programs[i])) {
      g_test_message ("%s turns red", programs[i][0]);
      red++;
    }
  return red;
}

static guint
try_flow (void)
{
  return count_red (flow_programs, G_N_ELEMENTS (flow_programs));
}

static guint
try_store (void)
{
  return count_red (store_programs, G_N_ELEMENTS (store_programs));
}

static guint
try_runner (void)
{
  return count_red (runner_programs, G_N_ELEMENTS (runner_programs));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  mutants_add_tests ("core/flow", 26, try_flow);
  mutants_add_tests ("core/store", 6, try_store);
  mutants_add_tests ("core/runner", 1, try_runner);
  return g_test_run ();
}
