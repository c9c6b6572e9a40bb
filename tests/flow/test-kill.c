/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "paths.h"

#include <string.h>

/* Killed at every point of every path: right before each commit, right after it and before its action, when an action
 * has started and not yet arrived, and after its effect but before its answer is heard. Then a new process takes the
 * record from the store and goes on. What must hold at all times is checked by the world as it happens (effect.c,
 * post.c) and at the end (check.c). */

static struct {
  guint kills, expired, requests;
} total;

/* All of them INSTALLED, with one certificate each; or, where nobody may answer again, EXPIRED: it says what to do. */
static gboolean
survived (World *w, const Path *path)
{
  for (guint i = 0; i < w->drives->len; i++) {
    const McEnrollment *e = world_enrollment (w, i);

    if (w->plan.forget_at != 0) {
      g_assert_true (e->state == MC_ENROLLMENT_FAILED && mc_problem_is (e->problem, "mailcert:forgotten"));
      /* The last one: an order whose answer was lost leaves one that nobody can name. */
      g_assert_cmpstr (ca_find_authorization (w->ca, WORLD_ADDRESS, w->ca->orders->len - 1)->status, ==, "deactivated");
      continue;
    }
    if (path->lost_replies > 0 && e->state == MC_ENROLLMENT_EXPIRED) {
      g_assert_true (mc_problem_is (e->problem, "mailcert:deadline"));
      g_assert_cmpstr (ca_find_authorization (w->ca, WORLD_ADDRESS, 0)->status, ==, "deactivated");
      return FALSE;
    }
    world_check_installed (w, i);
  }
  if (w->plan.errand_at != 0)
    world_check_errand (w);
  g_assert_cmpuint (w->ca->certificates, ==, w->plan.forget_at != 0 ? 0 : w->drives->len);
  return TRUE;
}

static void
kill_everywhere (const Path *path, Back *(*back_new) (void))
{
  static const char *const kinds[] = {"", "before a commit", "after a commit", "as it starts", "after its effect"};
  g_autoptr (World) clean = path_world (path, back_new);
  guint expired = 0, points = 0, requests = 0;
  GString *table = g_string_new (NULL);

  world_run (clean);
  g_assert_true (survived (clean, path));
  g_assert_cmpuint (clean->deaths, ==, 0);
  for (guint kind = KILL_BEFORE_COMMIT; kind < KILL_KINDS; kind++) {
    for (guint n = 1; n <= clean->points[kind]; n++) {
      g_autoptr (World) w = path_world (path, back_new);

      w->kill_kind = (KillKind)kind;
      w->kill_at = n;
      world_run (w);
      g_assert_cmpuint (w->deaths, ==, 1);
      expired += !survived (w, path);
      requests += world_requests (w);
    }
    points += clean->points[kind];
    g_string_append_printf (table, ", %u %s", clean->points[kind], kinds[kind]);
  }
  g_test_message ("%-18s %3u points, %3u survived (%s)", path->name, points, points - expired, table->str + 2);
  g_string_free (table, TRUE);
  g_assert_cmpuint (points, >, clean->plan.errand_at != 0 ? 5 : 30); /* an errand has few steps */
  g_assert_cmpuint (expired, ==, path->lost_replies);
  total.kills += points;
  total.expired += expired;
  total.requests += requests;
}

static void
test_memory (gconstpointer data)
{
  kill_everywhere (data, NULL);
}

static void
test_store (gconstpointer data)
{
  kill_everywhere (data, back_store_new);
}

/* What all of it has shown. The world ends the test where a key is lost, a reply is sent twice or nothing moves. */
static void
test_table (void)
{
  const TableCount count = world_tell_table ();

  g_test_message ("kills %u, survived %u, told why %u (a reply that only a person could send), requests used %u; "
                  "0 keys lost, 0 double replies, 0 hangs",
                  total.kills, total.kills - total.expired, total.expired, total.requests);
  if (total.kills > 1000) /* not only a path or two that somebody wants to see */
    g_assert_cmpuint (count.rows_walked, ==, count.rows);
}

int
main (int argc, char **argv)
{
  static const char *const really[] = {"plain", "separate", "reply by hand", "queued", "rollover, enroll"};

  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < paths_count; i++) {
    g_autofree char *name = g_strdelimit (g_strdup_printf ("/flow/kill/memory/%s", paths[i].name), " ,", '-');

    g_test_add_data_func (name, &paths[i], test_memory);
  }
  for (gsize i = 0; i < paths_count; i++)
    for (gsize j = 0; j < G_N_ELEMENTS (really); j++) {
      g_autofree char *name = g_strdelimit (g_strdup_printf ("/flow/kill/store/%s", paths[i].name), " ,", '-');

      if (strcmp (paths[i].name, really[j]) == 0)
        g_test_add_data_func (name, &paths[i], test_store);
    }
  g_test_add_func ("/flow/kill/sum/table", test_table);
  return g_test_run ();
}
