/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "world.h"

#include <string.h>

/* Killed at every point of every path: right before each commit, right after it and before its action, when an action
 * has started and not yet arrived, and after its effect but before its answer is heard. Then a new process takes the
 * record from the store and goes on. What must hold at all times is checked by the world as it happens (effect.c,
 * post.c) and at the end (check.c). */

#define ADA WORLD_ADDRESS
#define BOB "bob@example.org"
#define EVE "eve@other.example"

typedef struct {
  const char *name;
  void (*shape) (WorldPlan *plan);
  void (*begin) (World *world);
  /* So many kills may end EXPIRED: a person was told to send a reply and never saw it, and nothing may be sent twice.
   */
  guint lost_replies;
} Path;

static void
begin_one (World *w)
{
  world_enroll_one (w);
}

static void
begin_several (World *w)
{
  const char *const addresses[] = {ADA, BOB, EVE, NULL};

  world_enroll (w, addresses, MC_USAGE_BOTH, -1);
}

static void
begin_separate (World *w)
{
  const char *const addresses[] = {ADA, NULL};

  world_enroll (w, addresses, MC_USAGE_SIGN, -1);
  world_enroll (w, addresses, MC_USAGE_ENCRYPT, 0);
}

static void
begin_unsure (World *w)
{
  world_fate (w, FATE_UNKNOWN_LOST);
  world_enroll_one (w);
}

static void
begin_unsure_left (World *w)
{
  world_fate (w, FATE_UNKNOWN_LEFT);
  world_enroll_one (w);
}

static void
shape_plain (WorldPlan *plan)
{
  plan->ca.processing_seconds = 3;
}

static void
shape_waits (WorldPlan *plan)
{
  plan->ca.mode = CA_WAITS;
  plan->key_seconds = 20;
  plan->request_seconds = plan->answer_seconds = 1;
}

static void
shape_looks_once (WorldPlan *plan)
{
  plan->ca.mode = CA_LOOKS_ONCE;
  plan->post_delay = 30;
}

static void
shape_post_first (WorldPlan *plan)
{
  plan->ca.mail_at_post = TRUE;
  plan->trigger = MC_TRIGGER_POST_FIRST;
}

static void
shape_auto (WorldPlan *plan)
{
  plan->ca.mail_at_post = TRUE;
  plan->trigger = MC_TRIGGER_AUTO;
}

static void
shape_binding (WorldPlan *plan)
{
  plan->ca.binding_kid = "kid";
  plan->ca.binding_key = "a MAC key";
  plan->ca.terms = "https://ca.example/terms";
  plan->agree_terms = FALSE;
  plan->terms_answer = ANSWER_YES;
}

static void
shape_by_hand (WorldPlan *plan)
{
  plan->by_hand = TRUE;
  plan->transport = NULL;
}

static void
shape_queued (WorldPlan *plan)
{
  plan->transport = "claws";
}

static void
shape_untrusted (WorldPlan *plan)
{
  plan->keyrings[1] = "nss:/tmp/none";
  plan->untrusted = TRUE;
  plan->root_answer = ANSWER_YES;
}

static const Path paths[] = {
    {"plain", shape_plain, begin_one, 0},
    {"the CA waits", shape_waits, begin_one, 0},
    {"the CA looks once", shape_looks_once, begin_one, 0},
    {"several addresses", shape_plain, begin_several, 0},
    {"post-first", shape_post_first, begin_one, 0},
    {"auto, then post", shape_auto, begin_one, 0},
    {"binding and terms", shape_binding, begin_one, 0},
    {"separate", shape_plain, begin_separate, 0},
    {"reply by hand", shape_by_hand, begin_one, 2}, /* after the commit, and when printing began */
    {"queued", shape_queued, begin_one, 0},
    {"queued, several", shape_queued, begin_several, 0},
    {"unsure, lost", shape_plain, begin_unsure, 0},
    {"unsure, left", shape_plain, begin_unsure_left, 0},
    {"untrusted root", shape_untrusted, begin_one, 0},
};

static World *
world_on (const Path *path, Back *(*back_new) (void))
{
  WorldPlan plan = world_plan_default ();
  World *w;

  path->shape (&plan);
  plan.back_new = back_new;
  w = world_new (&plan);
  path->begin (w);
  return w;
}

/* All of them INSTALLED, with one certificate each; or, where nobody may answer again, EXPIRED: it says what to do. */
static gboolean
survived (World *w, const Path *path)
{
  for (guint i = 0; i < w->drives->len; i++) {
    const McEnrollment *e = world_enrollment (w, i);

    if (path->lost_replies > 0 && e->state == MC_ENROLLMENT_EXPIRED) {
      g_assert_true (mc_problem_is (e->problem, "mailcert:deadline"));
      g_assert_cmpstr (ca_find_authorization (w->ca, ADA, 0)->status, ==, "deactivated");
      return FALSE;
    }
    world_check_installed (w, i);
  }
  g_assert_cmpuint (w->ca->certificates, ==, w->drives->len);
  return TRUE;
}

static void
kill_everywhere (const Path *path, Back *(*back_new) (void))
{
  static const char *const kinds[] = {"", "before a commit", "after a commit", "as it starts", "after its effect"};
  g_autoptr (World) clean = world_on (path, back_new);
  guint expired = 0, points = 0;
  GString *table = g_string_new (NULL);

  world_run (clean);
  g_assert_true (survived (clean, path));
  g_assert_cmpuint (clean->deaths, ==, 0);
  for (guint kind = KILL_BEFORE_COMMIT; kind < KILL_KINDS; kind++) {
    for (guint n = 1; n <= clean->points[kind]; n++) {
      g_autoptr (World) w = world_on (path, back_new);

      w->kill_kind = (KillKind)kind;
      w->kill_at = n;
      world_run (w);
      g_assert_cmpuint (w->deaths, ==, 1);
      expired += !survived (w, path);
    }
    points += clean->points[kind];
    g_string_append_printf (table, ", %u %s", clean->points[kind], kinds[kind]);
  }
  g_test_message ("%-18s %3u points, %3u survived (%s)", path->name, points, points - expired, table->str + 2);
  g_string_free (table, TRUE);
  g_assert_cmpuint (points, >, 40);
  g_assert_cmpuint (expired, ==, path->lost_replies);
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

int
main (int argc, char **argv)
{
  static const char *const really[] = {"plain", "separate", "reply by hand", "queued"};

  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (paths); i++) {
    g_autofree char *name = g_strdelimit (g_strdup_printf ("/flow/kill/memory/%s", paths[i].name), " ,", '-');

    g_test_add_data_func (name, &paths[i], test_memory);
  }
  for (gsize i = 0; i < G_N_ELEMENTS (paths); i++)
    for (gsize j = 0; j < G_N_ELEMENTS (really); j++) {
      g_autofree char *name = g_strdelimit (g_strdup_printf ("/flow/kill/store/%s", paths[i].name), " ,", '-');

      if (strcmp (paths[i].name, really[j]) == 0)
        g_test_add_data_func (name, &paths[i], test_store);
    }
  return g_test_run ();
}
