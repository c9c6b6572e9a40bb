/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "paths.h"

#include <string.h>

/* Every port fails once: for each path, each call of a port and each way in which it can fail; then all is well. The
 * end is INSTALLED, by itself or when a person comes back, or it says what to do. */

/* What a failure may cost: the world allows nothing else that is not in the list, so each end has its reason here. */
static const struct {
  const char *failure; /* or NULL: any */
  const char *path;    /* or NULL: any */
  const char *problem;
} ends[] = {
    {NULL, "forget", "mailcert:forgotten"},
    {"refused", NULL, "mailcert:mail"},
    /* Whoever has just named the CA is told that there is none; later the same passes. */
    {"redirect", NULL, "mailcert:not-a-directory"},
    {"a page", NULL, "mailcert:not-a-directory"},
    {"nothing", NULL, "mailcert:not-a-directory"},
    {"an empty object", NULL, "mailcert:not-a-directory"},
    {"wrong types", NULL, "mailcert:not-a-directory"},
};

typedef struct {
  guint injected, alone, helped, told;
  guint requests; /* most of one run, beyond those of a clean one */
} Tally;

/* The plain path and those of a few calls are walked whole; on the others each call fails in one of SHARE ways, so that
 * neighbours fail in all. */
#define FEW_CALLS 12
#ifdef __SANITIZE_ADDRESS__
#define SHARE 7
#else
#define SHARE 2
#endif

static Tally total;

static gboolean
may_end (const Path *path, const PortFailure *failure, const McProblem *problem)
{
  for (gsize i = 0; i < G_N_ELEMENTS (ends); i++)
    if ((ends[i].failure == NULL || g_str_equal (ends[i].failure, failure->name)) &&
        (ends[i].path == NULL || g_str_equal (ends[i].path, path->name)) && mc_problem_is (problem, ends[i].problem))
      return TRUE;
  return FALSE;
}

static gboolean
all_installed (const World *w)
{
  for (guint i = 0; i < w->drives->len; i++)
    if (world_enrollment (w, i)->state != MC_ENROLLMENT_INSTALLED)
      return FALSE;
  return TRUE;
}

static gboolean
is_open (const World *w)
{
  for (guint i = 0; i < w->drives->len; i++)
    if (mc_enrollment_is_open (world_enrollment (w, i)))
      return TRUE;
  return FALSE;
}

static void
check_told (World *w, const Path *path)
{
  if (w->plan.errand_at != 0)
    world_check_errand (w);
  for (guint i = 0; i < w->drives->len; i++) {
    const McEnrollment *e = world_enrollment (w, i);

    if (e->state == MC_ENROLLMENT_INSTALLED)
      world_check_installed (w, i);
    else if (mc_enrollment_is_open (e) || !may_end (path, w->failure, e->problem)) {
      g_autofree char *record = mc_enrollment_compose (e);

      g_error ("%s, call %u, %s: ended as %s", path->name, w->fail_at, w->failure->name, record);
    }
  }
}

static void
fail_once (const Path *path, const PortFailure *failure, guint at, guint usual, Tally *tally)
{
  g_autoptr (World) w = path_world (path, NULL);
  guint requests;

  w->failure = failure;
  w->fail_at = at;
  world_run (w);
  g_assert_cmpuint (w->calls->len, >, at);
  tally->injected++;
  if (all_installed (w))
    tally->alone++;
  else if (is_open (w)) { /* world_check has seen that it says whom it waits for */
    w->plan.terms_answer = w->plan.root_answer = ANSWER_YES;
    world_restart (w);
    world_run (w);
    tally->helped++;
  } else
    tally->told++;
  check_told (w, path);
  requests = world_requests (w);
  tally->requests = MAX (tally->requests, requests > usual ? requests - usual : 0);
}

static void
test_path (gconstpointer data)
{
  const Path *path = data;
  g_autoptr (World) clean = path_world (path, NULL);
  Tally tally = {0};
  const PortFailure *failure;
  guint usual, share;

  world_run (clean);
  usual = world_requests (clean);
  share = path == paths || clean->calls->len < FEW_CALLS ? 1 : SHARE;
  for (guint n = 0; n < clean->calls->len; n++)
    for (guint i = 0; (failure = ports_failure (i)) != NULL; i++)
      if (failure->action == g_array_index (clean->calls, McActionKind, n) && (i + n) % share == 0)
        fail_once (path, failure, n, usual, &tally);
  g_test_message ("%-18s %3u calls, %4u failures: %4u INSTALLED alone, %2u with a person, %3u told why; at most %u "
                  "requests more than %u",
                  path->name, clean->calls->len, tally.injected, tally.alone, tally.helped, tally.told, tally.requests,
                  usual);
  g_assert_cmpuint (tally.injected, >, 10);
  g_assert_cmpuint (tally.requests, <, 30);
  total.injected += tally.injected;
  total.alone += tally.alone;
  total.helped += tally.helped;
  total.told += tally.told;
  total.requests = MAX (total.requests, tally.requests);
}

static void
test_table (void)
{
  g_test_message ("faults injected %u, INSTALLED %u (%u needed a person), told why %u; at most %u requests more; "
                  "0 keys lost, 0 double replies, 0 hangs",
                  total.injected, total.alone + total.helped, total.helped, total.told, total.requests);
  g_assert_cmpuint (total.injected, ==, total.alone + total.helped + total.told);
  world_tell_table ();
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < paths_count; i++) {
    g_autofree char *name = g_strdelimit (g_strdup_printf ("/flow/ports/%s", paths[i].name), " ,", '-');

    g_test_add_data_func (name, &paths[i], test_path);
  }
  g_test_add_func ("/flow/ports/table", test_table);
  return g_test_run ();
}
