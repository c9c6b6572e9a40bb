/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "world.h"

#include <string.h>

/* The one reply: what a carrier can say of it, and what follows (T-32, A13,
 * DESIGN 2). */

static McEnrollmentState
state (const World *w)
{
  return world_enrollment (w, 0)->state;
}

static const char *
problem_type (const World *w)
{
  const McProblem *problem = world_enrollment (w, 0)->problem;

  return problem != NULL ? problem->type : NULL;
}

static const CaAuthorization *
authorization (const World *w, guint nth)
{
  return ca_find_authorization (w->ca, WORLD_ADDRESS, nth);
}

/* Until the one address is in STATE: one second after the other. */
static void
run_to (World *w, McAddressState wanted)
{
  while (world_address (w, 0)->state != wanted) {
    g_assert_cmpint (w->now, <, WORLD_START + 3600);
    world_run_until (w, w->now + 1);
  }
}

static void
test_not_sent (void)
{
  const WorldPlan plan = world_plan_default ();
  g_autoptr (World) w = world_new (&plan);

  for (guint i = 0; i < 3; i++)
    world_fate (w, FATE_NOT_SENT);
  world_enroll_one (w);
  world_run_until (w, WORLD_START + 4);
  g_assert_cmpint (world_address (w, 0)->state, ==, MC_ADDRESS_REPLY_READY);
  g_assert_cmpstr (problem_type (w), ==, "mailcert:mail");
  world_run (w);
  world_check_installed (w, 0);
  g_assert_cmpuint (w->sends, ==, 4);
  g_assert_cmpuint (authorization (w, 0)->replies, ==, 1);
  g_assert_cmpint (w->now, >=, WORLD_START + 3 + 5 + 10 + 20); /* backing off */
  g_assert_cmpint (w->now, <, WORLD_START + 3 + 5 + 10 + 20 + 10);
}

/* No carrier for hours: bounded tries, and the deadline ends it. */
static void
test_never_sent (void)
{
  const WorldPlan plan = world_plan_default ();
  g_autoptr (World) w = world_new (&plan);

  for (guint i = 0; i < 2000; i++)
    world_fate (w, FATE_NOT_SENT);
  world_enroll_one (w);
  world_run (w);
  g_assert_cmpint (state (w), ==, MC_ENROLLMENT_EXPIRED);
  g_assert_cmpstr (problem_type (w), ==, "mailcert:mail"); /* the cause, not the hour */
  g_assert_cmpuint (w->sends, <, 300);
  g_assert_cmpuint (authorization (w, 0)->posts, ==, 0);
}

static void
test_refused (void)
{
  const WorldPlan plan = world_plan_default ();
  g_autoptr (World) w = world_new (&plan);

  world_fate (w, FATE_REFUSED);
  world_enroll_one (w);
  world_run (w);
  g_assert_cmpint (state (w), ==, MC_ENROLLMENT_FAILED);
  g_assert_cmpstr (problem_type (w), ==, "mailcert:mail");
  g_assert_cmpstr (authorization (w, 0)->status, ==, "deactivated");
  g_assert_cmpuint (authorization (w, 0)->posts, ==, 0);
  g_assert_cmpuint (w->sends, ==, 1);
}

/* It did leave: the CA's own word decides, after one POST. */
static void
test_unknown_left (void)
{
  const WorldPlan plan = world_plan_default ();
  g_autoptr (World) w = world_new (&plan);

  world_fate (w, FATE_UNKNOWN_LEFT);
  world_enroll_one (w);
  world_run (w);
  world_check_installed (w, 0);
  g_assert_cmpuint (w->sends, ==, 1);
  g_assert_cmpuint (authorization (w, 0)->posts, ==, 1);
  g_assert_cmpuint (w->ca->orders->len, ==, 1);
}

/* It did not: ten minutes of polling, then another order with another
 * challenge; the first is never answered again. */
static void
test_unknown_lost (void)
{
  const WorldPlan plan = world_plan_default ();
  g_autoptr (World) w = world_new (&plan);

  world_fate (w, FATE_UNKNOWN_LOST);
  world_enroll_one (w);
  world_run_until (w, WORLD_START + 3 + 599);
  g_assert_cmpuint (w->ca->orders->len, ==, 1);
  world_run (w);
  world_check_installed (w, 0);
  g_assert_cmpuint (w->sends, ==, 2);
  g_assert_cmpuint (authorization (w, 0)->replies, ==, 0);
  g_assert_cmpuint (authorization (w, 0)->posts, ==, 1);
  g_assert_cmpstr (authorization (w, 0)->status, ==, "deactivated"); /* B52 */
  g_assert_cmpuint (authorization (w, 1)->replies, ==, 1);
  g_assert_cmpuint (w->ca->orders->len, ==, 2);
  g_assert_cmpint (w->now, <, WORLD_START + 3 + 600 + 30);
}

/* The machine slept over the ten minutes: the CA is asked once more before
 * anything is given up. */
static void
test_unknown_asleep (void)
{
  WorldPlan plan = world_plan_default ();
  g_autoptr (World) w = NULL;

  plan.ca.mode = CA_WAITS;
  plan.ca.look_seconds = 3000;
  w = world_new (&plan);
  world_fate (w, FATE_UNKNOWN_LEFT);
  world_enroll_one (w);
  run_to (w, MC_ADDRESS_POSTED);
  world_run_until (w, w->now + 5); /* the reply is there */
  w->now += 3600;
  world_run (w);
  world_check_installed (w, 0);
  g_assert_cmpuint (w->ca->orders->len, ==, 1);
}

/* Not for ever. */
static void
test_unknown_always (void)
{
  const WorldPlan plan = world_plan_default ();
  g_autoptr (World) w = world_new (&plan);

  for (guint i = 0; i < 10; i++)
    world_fate (w, FATE_UNKNOWN_LOST);
  world_enroll_one (w);
  world_run (w);
  g_assert_cmpint (state (w), ==, MC_ENROLLMENT_FAILED);
  g_assert_cmpstr (problem_type (w), ==, "mailcert:attempts");
  g_assert_cmpuint (w->ca->orders->len, ==, MC_FLOW_ATTEMPTS_MAX);
  for (guint i = 0; i < MC_FLOW_ATTEMPTS_MAX; i++)
    g_assert_cmpstr (authorization (w, i)->status, ==, "deactivated");
}

/* A CA that looks at the POST and finds no reply says invalid: that too is
 * "else a new order". */
static void
test_unknown_invalid (void)
{
  WorldPlan plan = world_plan_default ();
  g_autoptr (World) w = NULL;

  plan.ca.mode = CA_LOOKS_ONCE;
  plan.reply_seconds = 0;
  w = world_new (&plan);
  world_fate (w, FATE_UNKNOWN_LOST);
  world_enroll_one (w);
  world_run (w);
  world_check_installed (w, 0);
  g_assert_cmpuint (w->ca->orders->len, ==, 2);
  g_assert_cmpuint (authorization (w, 0)->replies, ==, 0);
}

/* A deactivation that the CA cannot carry out does not hold the new order up
 * for ever. */
static void
test_deactivation_fails (void)
{
  const WorldPlan plan = world_plan_default ();
  const Fault faults[] = {
      {.route = CA_DEACTIVATE,
       .from = 1,
       .count = 1000,
       .kind = FAULT_PROBLEM,
       .status = 500,
       .text = "serverInternal"},
      {.route = CA_DEACTIVATE, .from = 1, .count = 1000, .kind = FAULT_PROBLEM, .status = 400, .text = "malformed"},
      {.route = CA_DEACTIVATE, .from = 1, .count = 1000, .kind = FAULT_PROBLEM, .status = 400, .text = "badNonce"},
      {.route = CA_DEACTIVATE, .from = 1, .count = 1000, .kind = FAULT_LOST_ANSWER},
      {.route = CA_DEACTIVATE, .from = 1, .count = 1000, .kind = FAULT_BODY, .text = "?"},
  };

  for (guint i = 0; i < G_N_ELEMENTS (faults); i++) {
    g_autoptr (World) w = world_new (&plan);

    world_fate (w, FATE_UNKNOWN_LOST);
    world_fault (w, faults[i]);
    world_enroll_one (w);
    world_run (w);
    world_check_installed (w, 0);
    g_assert_cmpint (w->now, <, WORLD_START + 3 + 600 + 600);
  }
}

/* Dies while the reply is handed over; then the carrier is asked. */
static void
test_crash_in_sending (void)
{
  static const struct {
    const char *transport;
    gboolean left; /* before the crash */
    guint orders, sends;
  } cases[] = {{"smtp", TRUE, 1, 1}, {"smtp", FALSE, 2, 1}, {"claws", TRUE, 1, 1}, {"claws", FALSE, 1, 1}};

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    WorldPlan plan = world_plan_default ();
    g_autoptr (World) w = NULL;

    plan.transport = cases[i].transport;
    w = world_new (&plan);
    world_enroll_one (w);
    world_run_until (w, WORLD_START + 2);
    w->kill_kind = cases[i].left ? KILL_AFTER_EFFECT : KILL_AT_START;
    w->kill_at = w->points[w->kill_kind] + 1; /* the next action is SEND */
    world_run (w);
    g_assert_cmpuint (w->deaths, ==, 1);
    world_check_installed (w, 0);
    g_assert_cmpuint (w->ca->orders->len, ==, cases[i].orders);
    g_assert_cmpuint (w->was_sents, >=, 1);
    /* One that never began is only sent where the carrier knows. */
    g_assert_cmpuint (w->sends, ==, cases[i].sends);
    g_assert_cmpuint (authorization (w, cases[i].orders - 1)->replies, ==, 1);
  }
}

/* Taken out of the outbox by hand: it has surely not left, so it is handed over
 * again. */
static void
test_queue_emptied (void)
{
  WorldPlan plan = world_plan_default ();
  g_autoptr (World) w = NULL;

  plan.transport = "claws";
  plan.queue_seconds = 100;
  w = world_new (&plan);
  world_was_fate (w, FATE_NOT_SENT);
  world_enroll_one (w);
  world_run (w);
  world_check_installed (w, 0);
  g_assert_cmpuint (w->sends, ==, 2);
  g_assert_cmpuint (authorization (w, 0)->replies, ==, 1);
}

/* The outbox is never emptied: the deadline. */
static void
test_queue_stuck (void)
{
  WorldPlan plan = world_plan_default ();
  g_autoptr (World) w = NULL;

  plan.transport = "claws";
  plan.queue_seconds = -1;
  w = world_new (&plan);
  world_enroll_one (w);
  world_run (w);
  g_assert_cmpint (state (w), ==, MC_ENROLLMENT_EXPIRED);
  g_assert_cmpuint (w->sends, ==, 1);
  g_assert_cmpuint (authorization (w, 0)->posts, ==, 0);
}

/* Without a carrier the reply waits, and 'mailcert reply' may still print it.
 */
static void
test_no_transport (void)
{
  WorldPlan plan = world_plan_default ();
  g_autoptr (World) w = NULL;

  plan.transport = NULL;
  w = world_new (&plan);
  world_enroll_one (w);
  world_run_until (w, WORLD_START + 3600);
  g_assert_cmpint (world_address (w, 0)->state, ==, MC_ADDRESS_REPLY_READY);
  g_assert_cmpstr (problem_type (w), ==, "mailcert:no-transport");
  g_assert_cmpuint (w->sends, ==, 0);
  world_run (w);
  g_assert_cmpint (state (w), ==, MC_ENROLLMENT_EXPIRED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/flow/reply/not-sent", test_not_sent);
  g_test_add_func ("/flow/reply/never-sent", test_never_sent);
  g_test_add_func ("/flow/reply/refused", test_refused);
  g_test_add_func ("/flow/reply/unknown-left", test_unknown_left);
  g_test_add_func ("/flow/reply/unknown-lost", test_unknown_lost);
  g_test_add_func ("/flow/reply/unknown-asleep", test_unknown_asleep);
  g_test_add_func ("/flow/reply/unknown-always", test_unknown_always);
  g_test_add_func ("/flow/reply/unknown-invalid", test_unknown_invalid);
  g_test_add_func ("/flow/reply/deactivation-fails", test_deactivation_fails);
  g_test_add_func ("/flow/reply/crash-in-sending", test_crash_in_sending);
  g_test_add_func ("/flow/reply/queue-emptied", test_queue_emptied);
  g_test_add_func ("/flow/reply/queue-stuck", test_queue_stuck);
  g_test_add_func ("/flow/reply/no-transport", test_no_transport);
  return g_test_run ();
}
