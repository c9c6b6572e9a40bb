/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "world.h"

#include "base/error.h"
#include "flow/exchange.h"

#include <string.h>

/* What a CA can answer instead, and that the enrollment either goes on or ends with the CA's own words. */

#define MANY 1000000

static const char *
problem_type (const World *w)
{
  const McProblem *problem = world_enrollment (w, 0)->problem;

  return problem != NULL ? problem->type : NULL;
}

static McEnrollmentState
state (const World *w)
{
  return world_enrollment (w, 0)->state;
}

/* One enrollment to its end. */
static World *
run (const WorldPlan *plan, const Fault *fault)
{
  World *w = world_new (plan);

  if (fault != NULL)
    world_fault (w, *fault);
  world_enroll_one (w);
  world_run (w);
  return w;
}

static const char *
authorization_status (const World *w, guint nth)
{
  return ca_find_authorization (w->ca, WORLD_ADDRESS, nth)->status;
}

static void
test_order_refused (void)
{
  const WorldPlan plan = world_plan_default ();
  g_autoptr (World) w = world_new (&plan);

  w->ca->order_errors = 1;
  world_enroll_one (w);
  world_run (w);
  g_assert_cmpint (state (w), ==, MC_ENROLLMENT_FAILED);
  g_assert_cmpstr (problem_type (w), ==, "rejectedIdentifier");
  g_assert_cmpstr (world_enrollment (w, 0)->problem->detail, ==, "no mail exchanger for that domain");
}

/* A wrong digest: the challenge's error is told (T-24), and nothing is tried again by itself. */
static void
test_challenge_invalid (void)
{
  WorldPlan plan = world_plan_default ();
  g_autoptr (World) w = NULL;

  plan.ca.join = MC_TOKEN_JOIN_BYTES;
  w = run (&plan, NULL);
  g_assert_cmpint (state (w), ==, MC_ENROLLMENT_FAILED);
  g_assert_cmpstr (problem_type (w), ==, "incorrectResponse");
  g_assert_cmpuint (w->ca->orders->len, ==, 1);
  g_assert_cmpuint (w->ca->certificates, ==, 0);
}

/* B10: at once, with the nonce that came with the error. */
static void
test_bad_nonce (void)
{
  const WorldPlan plan = world_plan_default ();

  for (guint route = CA_NEW_ACCOUNT; route <= CA_CERTIFICATE; route++) {
    const Fault fault = {
        .route = (CaRoute)route, .from = 1, .count = 3, .kind = FAULT_PROBLEM, .status = 400, .text = "badNonce"};
    g_autoptr (World) w = run (&plan, &fault);

    world_check_installed (w, 0);
    g_assert_cmpuint (w->ca->requests[CA_NONCE], ==, 1);
    g_assert_cmpuint (w->ca->requests[CA_CHALLENGE], ==, 1);
  }
}

/* For ever: a few at once, then backing off to an hour; with and without a nonce in the error. */
static void
test_bad_nonce_storm (void)
{
  WorldPlan plan = world_plan_default ();

  for (guint without = 0; without <= 1; without++) {
    g_autoptr (World) w = world_new (&plan);

    world_fault (w, (Fault){.route = CA_NEW_ORDER,
                            .from = 1,
                            .count = MANY,
                            .kind = FAULT_PROBLEM,
                            .status = 400,
                            .text = "badNonce",
                            .without_nonce = without == 1});
    world_enroll_one (w);
    world_run_until (w, WORLD_START);
    g_assert_cmpuint (w->seen[CA_NEW_ORDER], <=, MC_EXCHANGE_BAD_NONCE_MAX + 2);
    world_run_until (w, WORLD_START + 86400);
    g_assert_cmpuint (w->seen[CA_NEW_ORDER], <=, 60);
    g_assert_cmpint (state (w), ==, MC_ENROLLMENT_ACCOUNT);
    g_assert_cmpstr (problem_type (w), ==, "badNonce");
  }
}

/* Nonces grow old at the CA while the mail travels. */
static void
test_nonces_void (void)
{
  const WorldPlan plan = world_plan_default ();
  g_autoptr (World) w = world_new (&plan);

  world_enroll_one (w);
  world_run_until (w, WORLD_START + 1);
  ca_forget_nonces (w->ca);
  world_run (w);
  world_check_installed (w, 0);
  g_assert_cmpuint (w->ca->requests[CA_CHALLENGE], ==, 1);
}

static void
test_rate_limit (void)
{
  const WorldPlan plan = world_plan_default ();

  for (guint route = CA_NEW_ACCOUNT; route <= CA_CERTIFICATE; route++) {
    const Fault fault = {.route = (CaRoute)route,
                         .from = 1,
                         .count = 1,
                         .kind = FAULT_PROBLEM,
                         .status = 429,
                         .text = "rateLimited",
                         .retry_after = "300"};
    g_autoptr (World) w = route != CA_ORDER ? run (&plan, &fault) : NULL;

    if (w == NULL)
      continue;
    world_check_installed (w, 0);
    g_assert_cmpint (w->now, >=, WORLD_START + 300);
    g_assert_cmpint (w->now, <, WORLD_START + 320);
    g_assert_cmpuint (w->ca->orders->len, ==, 1);
  }
}

/* Any one request fails once, in any way: the enrollment ends well all the same. */
static void
test_once (void)
{
  static const Fault faults[] = {
      {.kind = FAULT_LOST_REQUEST},
      {.kind = FAULT_LOST_ANSWER},
      {.kind = FAULT_PROBLEM, .status = 500, .text = "serverInternal"},
      {.kind = FAULT_LATE_PROBLEM, .status = 500, .text = "serverInternal"},
      {.kind = FAULT_PROBLEM, .status = 503, .text = "serverInternal", .retry_after = "20"},
      {.kind = FAULT_BODY, .text = "<html>maintenance</html>"},
      {.kind = FAULT_BODY, .text = "{}"},
  };
  WorldPlan plan = world_plan_default ();

  plan.ca.processing_seconds = 5;
  for (guint i = 0; i < G_N_ELEMENTS (faults); i++)
    for (guint route = CA_DIRECTORY; route <= CA_CERTIFICATE; route++) {
      Fault fault = faults[i];
      g_autoptr (World) w = NULL;

      if (fault.kind == FAULT_BODY && route == CA_DIRECTORY) /* says at once that this is no CA: test_not_a_directory */
        continue;
      fault.route = (CaRoute)route;
      fault.from = fault.count = 1;
      w = run (&plan, &fault);
      world_check_installed (w, 0);
      g_assert_cmpuint (w->ca->certificates, ==, 1);
      g_assert_cmpuint (w->ca->orders->len, <=, 2);
      g_assert_cmpuint (w->ca->accounts->len, ==, 1);
    }
}

static void
test_not_a_directory (void)
{
  const WorldPlan plan = world_plan_default ();
  const Fault faults[] = {
      {.route = CA_DIRECTORY, .from = 1, .count = MANY, .kind = FAULT_BODY, .text = "<html>login</html>"},
      {.route = CA_DIRECTORY, .from = 1, .count = MANY, .kind = FAULT_PROBLEM, .status = 404, .text = "malformed"},
  };

  for (guint i = 0; i < G_N_ELEMENTS (faults); i++) {
    g_autoptr (World) w = run (&plan, &faults[i]);

    g_assert_cmpint (state (w), ==, MC_ENROLLMENT_FAILED);
    g_assert_cmpstr (problem_type (w), ==, "mailcert:not-a-directory");
  }
}

/* An order that is under way is not lost to a portal's page in the place of the directory. */
static void
test_directory_later (void)
{
  const WorldPlan plan = world_plan_default ();
  const Fault faults[] = {
      {.route = CA_DIRECTORY, .from = 2, .count = 3, .kind = FAULT_BODY, .text = "<html>login</html>"},
      {.route = CA_DIRECTORY, .from = 2, .count = 3, .kind = FAULT_PROBLEM, .status = 403, .text = "http"},
      {.route = CA_NONCE, .from = 2, .count = 3, .kind = FAULT_PROBLEM, .status = 403, .text = "http"},
  };

  for (guint i = 0; i < G_N_ELEMENTS (faults); i++) {
    g_autoptr (World) w = world_new (&plan);

    world_fault (w, faults[i]);
    world_enroll_one (w);
    world_run_until (w, WORLD_START + 1);
    g_assert_cmpint (state (w), ==, MC_ENROLLMENT_ORDERED);
    world_restart (w);
    world_run (w);
    world_check_installed (w, 0);
  }
}

static void
test_chain (void)
{
  for (guint chain = CHAIN_OTHER_KEY; chain <= CHAIN_SECOND_GOOD; chain++) {
    WorldPlan plan = world_plan_default ();
    g_autoptr (World) w = NULL;

    plan.ca.chain = (CaChain)chain;
    w = run (&plan, NULL);
    if (chain == CHAIN_SECOND_GOOD) {
      world_check_installed (w, 0);
      g_assert_cmpuint (w->ca->requests[CA_CERTIFICATE], ==, 2);
      continue;
    }
    g_assert_cmpint (state (w), ==, MC_ENROLLMENT_FAILED);
    g_assert_cmpstr (problem_type (w), ==, chain == CHAIN_GARBAGE ? "mailcert:malformed" : "mailcert:chain");
    g_assert_null (world_enrollment (w, 0)->chain);
    g_assert_cmpuint (w->ca->certificates, ==, 1);
    g_assert_cmpuint (w->installs, ==, 0);
  }
}

static void
test_no_email_reply (void)
{
  WorldPlan plan = world_plan_default ();
  g_autoptr (World) w = NULL;

  plan.ca.other_challenges_only = TRUE;
  w = run (&plan, NULL);
  g_assert_cmpint (state (w), ==, MC_ENROLLMENT_FAILED);
  g_assert_cmpstr (problem_type (w), ==, "mailcert:no-email-reply");
  g_assert_cmpstr (authorization_status (w, 0), ==, "deactivated");
}

/* H04: the mail never comes. */
static void
test_deadline (void)
{
  static const struct {
    gint64 order, authorization, at;
  } cases[] = {{7 * 86400, 0, 86400}, {0, 0, 86400}, {7 * 86400, 3600, 3600}, {1800, 3600, 1800}};

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    WorldPlan plan = world_plan_default ();
    g_autoptr (World) w = NULL;

    plan.mail_seconds = -1;
    plan.ca.order_seconds = cases[i].order;
    plan.ca.authorization_seconds = cases[i].authorization;
    w = run (&plan, NULL);
    g_assert_cmpint (state (w), ==, MC_ENROLLMENT_EXPIRED);
    g_assert_cmpstr (problem_type (w), ==, "mailcert:deadline");
    g_assert_cmpint (w->now, ==, WORLD_START + cases[i].at);
    g_assert_cmpstr (authorization_status (w, 0), ==, "deactivated");
    g_assert_cmpuint (w->sends, ==, 0);
  }
}

/* The reply is in, the CA says nothing more (CA-BEHAVIOUR 3.7): no second reply, no second POST, bounded polling. */
static void
test_silence (void)
{
  WorldPlan plan = world_plan_default ();
  g_autoptr (World) w = NULL;

  plan.ca.mode = CA_WAITS;
  plan.ca.look_seconds = 30 * 86400;
  w = run (&plan, NULL);
  g_assert_cmpint (state (w), ==, MC_ENROLLMENT_EXPIRED);
  g_assert_cmpint (w->now, ==, WORLD_START + 86400);
  g_assert_cmpuint (w->ca->orders->len, ==, 1);
  g_assert_cmpuint (world_requests (w), <, 1500);
  g_assert_cmpstr (authorization_status (w, 0), ==, "deactivated");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/flow/errors/order-refused", test_order_refused);
  g_test_add_func ("/flow/errors/challenge-invalid", test_challenge_invalid);
  g_test_add_func ("/flow/errors/bad-nonce", test_bad_nonce);
  g_test_add_func ("/flow/errors/bad-nonce-storm", test_bad_nonce_storm);
  g_test_add_func ("/flow/errors/nonces-void", test_nonces_void);
  g_test_add_func ("/flow/errors/rate-limit", test_rate_limit);
  g_test_add_func ("/flow/errors/once", test_once);
  g_test_add_func ("/flow/errors/not-a-directory", test_not_a_directory);
  g_test_add_func ("/flow/errors/directory-later", test_directory_later);
  g_test_add_func ("/flow/errors/chain", test_chain);
  g_test_add_func ("/flow/errors/no-email-reply", test_no_email_reply);
  g_test_add_func ("/flow/errors/deadline", test_deadline);
  g_test_add_func ("/flow/errors/silence", test_silence);
  return g_test_run ();
}
