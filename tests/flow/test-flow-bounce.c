/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "first.h"

/* A mail says that the reply came back. Nobody has signed it, so it is told and changes nothing else. */

#define WORDS "550 5.7.26 unauthenticated"

static void
feed_bounce (World *w, const char *message_id)
{
  g_autoptr (McBounce) bounce = g_new0 (McBounce, 1);
  McEvent event = {.kind = MC_EVENT_BOUNCE, .bounce = bounce};

  bounce->words = g_strdup (WORDS);
  bounce->message_ids = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (bounce->message_ids, g_strdup (message_id));
  drive_feed (w, first_drive (w), &event);
}

static void
bounce (World *w)
{
  feed_bounce (w, world_address (w, 0)->reply_message_id);
}

static guint
notes_of_it (const World *w)
{
  const GPtrArray *history = world_enrollment (w, 0)->history;
  guint notes = 0;

  for (guint i = 0; i < history->len; i++) {
    const McHistoryEntry *entry = g_ptr_array_index (history, i);

    notes += g_strcmp0 (entry->detail, WORDS) == 0 && g_str_equal (entry->state, "NOTE") &&
             g_str_equal (entry->address, WORLD_ADDRESS);
  }
  return notes;
}

static void
run_to (World *w, McAddressState wanted)
{
  while (world_address (w, 0)->state != wanted) {
    g_assert_cmpint (w->now, <, WORLD_START + 3600);
    world_run_until (w, w->now + 1);
  }
}

static World *
posted (WorldPlan plan)
{
  World *w = world_new (&plan);

  world_enroll_one (w);
  run_to (w, MC_ADDRESS_POSTED);
  return w;
}

/* It is true: the CA waits for ever, and the deadline names it. No second reply leaves. */
static void
test_true (void)
{
  WorldPlan plan = world_plan_default ();
  g_autoptr (World) w = NULL;

  plan.reply_seconds = 10 * 86400;
  w = posted (plan);
  bounce (w);
  g_assert_cmpint (world_address (w, 0)->state, ==, MC_ADDRESS_POSTED);
  g_assert_cmpint (state (w), ==, MC_ENROLLMENT_ORDERED);
  g_assert_cmpstr (problem_type (w), ==, "mailcert:bounced");
  world_restart (w);
  g_assert_cmpstr (world_address (w, 0)->bounced, ==, WORDS);
  world_run_until (w, WORLD_START + 40 * 3600);
  g_assert_cmpint (state (w), ==, MC_ENROLLMENT_EXPIRED);
  g_assert_cmpstr (problem_type (w), ==, "mailcert:bounced");
  g_assert_cmpuint (w->sends, ==, 1);
  g_assert_cmpuint (w->ca->orders->len, ==, 1);
  g_assert_cmpuint (notes_of_it (w), ==, 1);
  g_assert_cmpuint (world_requests (w), <, 1600);
}

/* It is a lie: the CA has the reply, and all is well. */
static void
test_forged (void)
{
  WorldPlan plan = world_plan_default ();
  g_autoptr (World) w = NULL;

  plan.reply_seconds = 60;
  w = posted (plan);
  bounce (w);
  world_run (w);
  world_check_installed (w, 0);
  g_assert_null (problem_type (w));
  g_assert_cmpuint (w->sends, ==, 1);
}

/* The CA's own word ends it, and stays; what came back stands beside it. */
static void
test_judged (void)
{
  WorldPlan plan = world_plan_default ();
  g_autoptr (World) w = NULL;

  plan.reply_seconds = 600;
  w = posted (plan);
  bounce (w);
  ca_declare (ca_find_authorization (w->ca, WORLD_ADDRESS, 0), FALSE);
  world_run (w);
  g_assert_cmpint (state (w), ==, MC_ENROLLMENT_FAILED);
  g_assert_cmpstr (problem_type (w), ==, "unauthorized");
  g_assert_cmpstr (world_address (w, 0)->bounced, ==, WORDS);
}

/* What is about another mail, comes twice, too early or too late, is nothing. */
static void
test_nothing (void)
{
  WorldPlan plan = world_plan_default ();
  g_autoptr (World) w = world_new (&plan);
  guint length;

  plan.reply_seconds = 60;
  w->plan.reply_seconds = 60;
  world_enroll_one (w);
  feed_bounce (w, "<another@example.org>"); /* of a time when nothing is ordered */
  g_assert_null (problem_type (w));
  run_to (w, MC_ADDRESS_AWAIT_MAIL);
  feed_bounce (w, "<another@example.org>");
  g_assert_null (problem_type (w));
  run_to (w, MC_ADDRESS_POSTED);
  feed_bounce (w, "<another@example.org>");
  feed_bounce (w, world_address (w, 0)->challenge_message_id);
  g_assert_null (problem_type (w));
  g_assert_null (world_address (w, 0)->bounced);
  bounce (w);
  length = world_enrollment (w, 0)->history->len;
  bounce (w);
  g_assert_cmpuint (world_enrollment (w, 0)->history->len, ==, length);
  world_run (w);
  world_check_installed (w, 0);
  bounce (w);
  g_assert_cmpint (state (w), ==, MC_ENROLLMENT_INSTALLED);
  g_assert_null (problem_type (w));
}

/* While the carrier has not said yet what became of it: that is still asked, and nothing leaves again. */
static void
test_sending (void)
{
  const WorldPlan plan = world_plan_default ();
  g_autoptr (World) w = world_new (&plan);

  world_fate (w, FATE_SILENT);
  world_enroll_one (w);
  run_to (w, MC_ADDRESS_SENDING);
  bounce (w);
  g_assert_cmpint (world_address (w, 0)->state, ==, MC_ADDRESS_SENDING);
  g_assert_cmpstr (problem_type (w), ==, "mailcert:bounced");
  world_restart (w);
  world_run (w);
  g_assert_cmpuint (ca_find_authorization (w->ca, WORLD_ADDRESS, 0)->replies, <=, 1);
  g_assert_cmpint (world_enrollment (w, 0)->state, ==, MC_ENROLLMENT_INSTALLED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/flow/bounce/true", test_true);
  g_test_add_func ("/flow/bounce/forged", test_forged);
  g_test_add_func ("/flow/bounce/judged", test_judged);
  g_test_add_func ("/flow/bounce/nothing", test_nothing);
  g_test_add_func ("/flow/bounce/sending", test_sending);
  return g_test_run ();
}
