/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "world.h"

#include <string.h>

/* The challenge mail: what brings it, what may come in its place, and that it is answered and POSTed once. */

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

/* By hand where the POST brings the mail: there is no second POST. */
static void
test_by_hand_post_first (void)
{
  WorldPlan plan = world_plan_default ();
  g_autoptr (World) w = NULL;

  plan.by_hand = TRUE;
  plan.transport = NULL;
  plan.ca.mail_at_post = TRUE;
  plan.ca.mode = CA_WAITS;
  plan.ca.look_seconds = 300;
  plan.trigger = MC_TRIGGER_POST_FIRST;
  w = world_new (&plan);
  world_enroll_one (w);
  world_run (w);
  world_check_installed (w, 0);
  g_assert_cmpuint (authorization (w, 0)->posts, ==, 1);
}

/* A POST that brings the mail and never arrived is not waited for until the
 * deadline: nothing was answered yet, so a new order costs nothing. */
static void
test_post_first_lost (void)
{
  WorldPlan plan = world_plan_default ();

  plan.ca.mail_at_post = TRUE;
  plan.trigger = MC_TRIGGER_POST_FIRST;
  for (guint i = 0; i < 2; i++) {
    g_autoptr (World) w = world_new (&plan);

    world_fault (w, (Fault){.route = CA_CHALLENGE,
                            .from = 1,
                            .count = 1,
                            .kind = i == 0 ? FAULT_LOST_REQUEST : FAULT_PROBLEM,
                            .status = 500,
                            .text = "serverInternal"});
    world_enroll_one (w);
    world_run (w);
    world_check_installed (w, 0);
    g_assert_cmpint (w->now, <, WORLD_START + 700);
    g_assert_cmpuint (w->ca->orders->len, ==, 2);
  }
}

/* The same, but only the answer was lost: the mail comes and shows that the
 * POST was taken. */
static void
test_post_first_unanswered (void)
{
  WorldPlan plan = world_plan_default ();
  g_autoptr (World) w = NULL;

  plan.ca.mail_at_post = plan.ca.silent_post = TRUE;
  plan.trigger = MC_TRIGGER_POST_FIRST;
  plan.ca.mode = CA_WAITS;
  plan.ca.look_seconds = 1200; /* longer than a POST that nobody can vouch for is given */
  plan.mail_seconds = 400;
  w = world_new (&plan);
  world_fault (w, (Fault){.route = CA_CHALLENGE, .from = 1, .count = 1, .kind = FAULT_LOST_ANSWER});
  world_enroll_one (w);
  world_run (w);
  world_check_installed (w, 0);
  g_assert_cmpuint (w->ca->orders->len, ==, 1);
  g_assert_cmpuint (authorization (w, 0)->posts, ==, 1);
}

/* The same challenge mail again changes nothing once it is used (A13). */
static void
test_second_challenge (void)
{
  const WorldPlan plan = world_plan_default ();
  g_autoptr (World) w = world_new (&plan);
  Drive *d;
  McChallenge other = {.from = (char *)"acme+0@ca.example",
                       .to = (char *)WORLD_ADDRESS,
                       .message_id = (char *)"<other@ca.example>",
                       .date = WORLD_START};
  const McEvent event = {.kind = MC_EVENT_CHALLENGE, .address = WORLD_ADDRESS, .challenge = &other};
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;

  world_enroll_one (w);
  run_to (w, MC_ADDRESS_POSTED);
  d = g_ptr_array_index (w->drives, 0);
  other.token_part1 = world_address (w, 0)->token_part1; /* re-sent with a new Message-ID */
  before = mc_enrollment_compose (d->enrollment);
  g_assert_true (mc_flow_feed (d->flow, &event, w->now, NULL));
  g_assert_false (mc_flow_is_changed (d->flow));
  after = mc_enrollment_compose (d->enrollment);
  g_assert_cmpstr (before, ==, after);
  g_assert_false (mc_flow_reply_by_hand (d->flow, &event, w->now, NULL));
}

/* Asked for, forgotten, and asked for again while the first mail travels: it is taken for the new order's, which sends
 * from the same address. The second mail brings the doubt out: ten minutes instead of the silence until the deadline.
 */
static void
test_two_orders_one_from (void)
{
  WorldPlan plan = world_plan_default ();
  g_autoptr (World) w = NULL;

  plan.ca.fixed_from = TRUE;
  plan.mail_seconds = 30;
  w = world_new (&plan);
  world_enroll_one (w);
  world_run_until (w, WORLD_START + 10);
  mc_flow_abandon (((Drive *)g_ptr_array_index (w->drives, 0))->flow, "mailcert:forgotten", "", w->now);
  world_enroll_one (w);
  world_run (w);
  world_check_installed (w, 1);
  g_assert_cmpint (w->now, <, WORLD_START + 800);
  g_assert_cmpuint (w->ca->orders->len, ==, 3);
  for (guint i = 0; i < 3; i++)
    g_assert_cmpuint (authorization (w, i)->replies, ==, i == 1 ? 0 : 1);
  g_assert_cmpstr (authorization (w, 1)->status, ==, "deactivated");
}

/* The same, but both mails are there when the process comes back: the one that was made for this order is answered. */
static void
test_two_at_once (void)
{
  WorldPlan plan = world_plan_default ();
  g_autoptr (World) w = NULL;

  plan.ca.fixed_from = TRUE;
  plan.mail_seconds = 30;
  w = world_new (&plan);
  world_enroll_one (w);
  world_run_until (w, WORLD_START + 10);
  mc_flow_abandon (((Drive *)g_ptr_array_index (w->drives, 0))->flow, "mailcert:forgotten", "", w->now);
  world_enroll_one (w);
  world_run_until (w, WORLD_START + 15);
  w->downtime = 60;
  world_restart (w);
  world_run (w);
  world_check_installed (w, 1);
  g_assert_cmpuint (w->ca->orders->len, ==, 2);
  g_assert_cmpuint (authorization (w, 0)->replies, ==, 0);
  g_assert_cmpuint (authorization (w, 1)->replies, ==, 1);
}

/* Doubt alone changes nothing where the CA finds the reply good. */
static void
test_needless_doubt (void)
{
  WorldPlan plan = world_plan_default ();
  g_autoptr (World) w = NULL;
  Drive *d;
  McChallenge other = {.token_part1 = (char *)"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
                       .from = (char *)"acme+0@ca.example",
                       .to = (char *)WORLD_ADDRESS,
                       .message_id = (char *)"<other@ca.example>",
                       .date = WORLD_START};
  const McEvent event = {.kind = MC_EVENT_CHALLENGE, .address = WORLD_ADDRESS, .challenge = &other};

  plan.reply_seconds = 60;
  w = world_new (&plan);
  world_enroll_one (w);
  run_to (w, MC_ADDRESS_POSTED);
  d = g_ptr_array_index (w->drives, 0);
  g_assert_true (mc_flow_feed (d->flow, &event, w->now, NULL));
  g_assert_true (world_address (w, 0)->unsure);
  g_assert_true (mc_flow_feed (d->flow, &event, w->now, NULL));
  world_run (w);
  world_check_installed (w, 0);
  g_assert_cmpuint (w->ca->orders->len, ==, 1);
}

/* What cannot be made into a reply is refused and leaves everything as it was.
 */
static void
test_unfit_challenge (void)
{
  WorldPlan plan = world_plan_default ();
  g_autoptr (World) w = NULL;
  Drive *d;
  McChallenge unfit = {.token_part1 = (char *)"aaaaaaaaaaaaaaaaaaaaaaaaa", /* 25 characters decode to
                                                                              nothing whole */
                       .from = (char *)"acme+0@ca.example",
                       .to = (char *)WORLD_ADDRESS,
                       .message_id = (char *)"<other@ca.example>",
                       .date = WORLD_START};
  const McEvent event = {.kind = MC_EVENT_CHALLENGE, .address = WORLD_ADDRESS, .challenge = &unfit};
  g_autoptr (GError) error = NULL;

  plan.join = plan.ca.join = MC_TOKEN_JOIN_BYTES;
  w = world_new (&plan);
  world_enroll_one (w);
  run_to (w, MC_ADDRESS_AWAIT_MAIL);
  d = g_ptr_array_index (w->drives, 0);
  g_assert_false (mc_flow_feed (d->flow, &event, w->now, &error));
  g_assert_nonnull (error);
  g_assert_false (mc_flow_is_changed (d->flow));
  g_assert_cmpint (world_address (w, 0)->state, ==, MC_ADDRESS_AWAIT_MAIL);
  world_run (w); /* the real one is still taken */
  world_check_installed (w, 0);
}

/* An answer to a look that began before the mail came says nothing about when the reply may be tried again. */
static void
test_late_look (void)
{
  WorldPlan plan = world_plan_default ();
  g_autoptr (World) w = NULL;

  plan.ca.mail_at_post = TRUE;
  plan.ca.retry_after = "600";
  plan.trigger = MC_TRIGGER_POST_FIRST;
  plan.mail_seconds = 10;
  plan.answer_seconds = 5;
  w = world_new (&plan);
  world_fate (w, FATE_NOT_SENT);
  world_enroll_one (w);
  while (w->sends < 2) {
    g_assert_cmpint (w->now, <, WORLD_START + 100);
    world_run_until (w, w->now + 1);
  }
  world_run (w);
  world_check_installed (w, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/flow/challenge/by-hand-post-first", test_by_hand_post_first);
  g_test_add_func ("/flow/challenge/post-first-lost", test_post_first_lost);
  g_test_add_func ("/flow/challenge/post-first-unanswered", test_post_first_unanswered);
  g_test_add_func ("/flow/challenge/second-challenge", test_second_challenge);
  g_test_add_func ("/flow/challenge/two-orders-one-from", test_two_orders_one_from);
  g_test_add_func ("/flow/challenge/two-at-once", test_two_at_once);
  g_test_add_func ("/flow/challenge/needless-doubt", test_needless_doubt);
  g_test_add_func ("/flow/challenge/unfit-challenge", test_unfit_challenge);
  g_test_add_func ("/flow/challenge/late-look", test_late_look);
  return g_test_run ();
}
