/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "first.h"

#include <string.h>

/* From READY to INSTALLED, and what happens to a record that is closed. */

#define MANY 1000000

static void
test_key_fails (void)
{
  WorldPlan plan = world_plan_default ();
  g_autoptr (World) w = NULL;

  plan.key_failures = 3;
  w = run (&plan);
  world_check_installed (w, 0);
}

/* The key is not there when the order is ready, and never will be: the order's own end. */
static void
test_key_never (void)
{
  WorldPlan plan = world_plan_default ();
  g_autoptr (World) w = NULL;

  plan.key_seconds = -1;
  plan.ca.order_seconds = 2 * 86400;
  w = world_new (&plan);
  world_enroll_one (w);
  world_run_until (w, WORLD_START + 86400 + 3600);
  g_assert_cmpint (state (w), ==, MC_ENROLLMENT_READY); /* the mail's deadline is of no matter any more */
  world_run (w);
  g_assert_cmpint (state (w), ==, MC_ENROLLMENT_EXPIRED);
}

/* The key fails after the order was closed, while what was open at the CA is being deactivated. */
static void
test_key_fails_late (void)
{
  WorldPlan plan = world_plan_default ();
  g_autoptr (World) w = NULL;

  plan.key_seconds = 60;
  plan.key_failures = 1;
  plan.answer_seconds = 10;
  plan.mail_seconds = -1;
  w = world_new (&plan);
  world_enroll_one (w);
  while (world_address (w, 0)->state != MC_ADDRESS_AWAIT_MAIL)
    world_run_until (w, w->now + 1);
  for (guint i = 0; i < w->tasks->len; i++) { /* the key ends while the deactivation is under way */
    Task *task = g_ptr_array_index (w->tasks, i);

    if (task->action == MC_ACTION_MAKE_KEY)
      task->at = w->now + 5;
  }
  mc_flow_abandon (first_drive (w)->flow, "mailcert:forgotten", "", w->now);
  world_run (w);
  g_assert_cmpint (state (w), ==, MC_ENROLLMENT_FAILED);
  g_assert_cmpstr (problem_type (w), ==, "mailcert:forgotten");
  g_assert_cmpstr (ca_find_authorization (w->ca, WORLD_ADDRESS, 0)->status, ==, "deactivated");
}

/* A key under a passphrase: with it nothing is different; without it READY waits for a person and says so, and goes on
 * when it is told later, in the next life or in this one. */
static void
test_passphrase (void)
{
  WorldPlan plan = world_plan_default ();

  plan.key_protected = TRUE;
  for (guint i = 0; i < 3; i++) {
    g_autoptr (World) w = NULL;
    g_autoptr (EVP_PKEY) key = NULL;

    plan.no_passphrase = i > 0;
    w = world_new (&plan);
    world_enroll_one (w);
    world_run_until (w, WORLD_START + 3600);
    if (i > 0) {
      g_assert_cmpint (state (w), ==, MC_ENROLLMENT_READY);
      g_assert_cmpstr (problem_type (w), ==, "mailcert:passphrase");
      g_assert_cmpuint (w->ca->certificates, ==, 0);
      first_drive (w)->settings.passphrase = WORLD_PASSPHRASE;
      if (i == 1)
        world_restart (w);
      else
        mc_flow_set_passphrase (first_drive (w)->flow, WORLD_PASSPHRASE);
      world_run_until (w, WORLD_START + 7200);
    }
    g_assert_cmpint (state (w), ==, MC_ENROLLMENT_INSTALLED);
    g_assert_cmpuint (w->ca->certificates, ==, 1);
    g_assert_true (mc_key_is_protected (world_enrollment (w, 0)->key));
    key = mc_key_parse (world_enrollment (w, 0)->key, WORLD_PASSPHRASE, NULL);
    g_assert_nonnull (key);
  }
}

/* B46: looked at again, never faster than one a few seconds. */
static void
test_order_not_ready (void)
{
  WorldPlan plan = world_plan_default ();

  plan.ca.order_seconds = 6 * 3600;
  for (guint i = 0; i < 2; i++) {
    g_autoptr (World) w = world_new (&plan);

    world_fault (w, (Fault){.route = CA_FINALIZE,
                            .from = 1,
                            .count = i == 0 ? 3 : MANY,
                            .kind = FAULT_PROBLEM,
                            .status = 403,
                            .text = "orderNotReady"});
    world_enroll_one (w);
    world_run (w);
    if (i == 0) {
      world_check_installed (w, 0);
      continue;
    }
    g_assert_cmpint (state (w), ==, MC_ENROLLMENT_EXPIRED);
    g_assert_cmpuint (w->seen[CA_FINALIZE], <, 7 * 60 + 10); /* at most one a minute in the long run */
  }
}

/* The CA takes for ever: with an end of the order, and without. */
static void
test_processing_for_ever (void)
{
  WorldPlan plan = world_plan_default ();

  plan.ca.processing_seconds = -1;
  plan.ca.retry_after = "600";
  for (guint i = 0; i < 2; i++) {
    g_autoptr (World) w = NULL;

    plan.ca.order_seconds = i == 0 ? 86400 : 0;
    w = run (&plan);
    g_assert_cmpint (state (w), ==, MC_ENROLLMENT_EXPIRED);
    g_assert_cmpuint (w->ca->requests[CA_FINALIZE], ==, 1);
  }
}

static void
test_bad_csr (void)
{
  const WorldPlan plan = world_plan_default ();
  g_autoptr (World) w = world_new (&plan);

  world_fault (
      w, (Fault){.route = CA_FINALIZE, .from = 1, .count = 1, .kind = FAULT_PROBLEM, .status = 400, .text = "badCSR"});
  world_enroll_one (w);
  world_run (w);
  g_assert_cmpint (state (w), ==, MC_ENROLLMENT_FAILED);
  g_assert_cmpstr (problem_type (w), ==, "badCSR");
}

/* The order dies at the CA while its authorization stays pending: seen by the look at the order. */
static void
test_order_dies (void)
{
  WorldPlan plan = world_plan_default ();
  g_autoptr (World) w = NULL;

  plan.ca.mode = CA_WAITS;
  plan.ca.look_seconds = 86400;
  w = world_new (&plan);
  world_enroll_one (w);
  world_run_until (w, WORLD_START + 100);
  ((CaOrder *)g_ptr_array_index (w->ca->orders, 0))->status = "invalid";
  world_run (w);
  g_assert_cmpint (state (w), ==, MC_ENROLLMENT_FAILED);
  g_assert_cmpstr (problem_type (w), ==, "mailcert:order-invalid");
  g_assert_cmpint (w->now, <, WORLD_START + 100 + 300);
}

/* Given up by the person, in every state before ISSUED; the CA is told, and a certificate that is there is kept. */
static void
test_abandon (void)
{
  WorldPlan plan = world_plan_default ();

  plan.request_seconds = plan.answer_seconds = 1;
  plan.ca.processing_seconds = 5;
  plan.key_seconds = 12;
  for (gint64 at = 0; at < 60; at++) {
    g_autoptr (World) w = world_new (&plan);
    const CaAuthorization *authorization;
    gboolean issued;

    world_enroll_one (w);
    world_run_until (w, WORLD_START + at);
    issued = state (w) >= MC_ENROLLMENT_ISSUED;
    mc_flow_abandon (first_drive (w)->flow, "mailcert:forgotten", "", w->now);
    world_run (w);
    if (issued) {
      world_check_installed (w, 0);
      continue;
    }
    g_assert_cmpint (state (w), ==, MC_ENROLLMENT_FAILED);
    g_assert_cmpstr (problem_type (w), ==, "mailcert:forgotten");
    authorization = ca_find_authorization (w->ca, WORLD_ADDRESS, 0);
    if (authorization != NULL && world_address (w, 0)->authorization_url != NULL)
      g_assert_cmpstr (authorization->status, !=, "pending");
    g_assert_cmpuint (world_enrollment (w, 0)->abandoned->len, ==, 0);
  }
}

/* A closed record whose CA is gone: the deactivation is let go, nothing goes round in circles. */
static void
test_closed_without_ca (void)
{
  static const Fault faults[] = {
      {.kind = FAULT_LOST_REQUEST},
      {.kind = FAULT_PROBLEM, .status = 500, .text = "serverInternal"},
      {.kind = FAULT_PROBLEM, .status = 404, .text = "malformed"},
      {.kind = FAULT_PROBLEM, .status = 400, .text = "badNonce", .without_nonce = TRUE},
      {.kind = FAULT_BODY, .text = "<html>"},
  };
  WorldPlan plan = world_plan_default ();

  plan.mail_seconds = -1;
  for (guint i = 0; i < G_N_ELEMENTS (faults); i++)
    for (guint restart = 0; restart <= 1; restart++) {
      static const CaRoute routes[] = {CA_DIRECTORY, CA_NONCE, CA_DEACTIVATE};
      g_autoptr (World) w = world_new (&plan);

      world_enroll_one (w);
      world_run_until (w, WORLD_START + 100);
      for (guint j = 0; j < G_N_ELEMENTS (routes); j++) {
        Fault fault = faults[i];

        fault.route = routes[j];
        fault.from = w->seen[routes[j]] + 1;
        fault.count = MANY;
        world_fault (w, fault);
      }
      if (restart == 1)
        world_restart (w);
      mc_flow_abandon (first_drive (w)->flow, "mailcert:forgotten", "", w->now);
      world_run (w);
      g_assert_cmpint (state (w), ==, MC_ENROLLMENT_FAILED);
      g_assert_cmpuint (world_enrollment (w, 0)->abandoned->len, ==, 0);
      g_assert_cmpuint (w->seen[CA_DIRECTORY] + w->seen[CA_NONCE] + w->seen[CA_DEACTIVATE], <, 20);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/flow/late/key-fails", test_key_fails);
  g_test_add_func ("/flow/late/key-never", test_key_never);
  g_test_add_func ("/flow/late/key-fails-late", test_key_fails_late);
  g_test_add_func ("/flow/late/passphrase", test_passphrase);
  g_test_add_func ("/flow/late/order-not-ready", test_order_not_ready);
  g_test_add_func ("/flow/late/processing-for-ever", test_processing_for_ever);
  g_test_add_func ("/flow/late/bad-csr", test_bad_csr);
  g_test_add_func ("/flow/late/order-dies", test_order_dies);
  g_test_add_func ("/flow/late/abandon", test_abandon);
  g_test_add_func ("/flow/late/closed-without-ca", test_closed_without_ca);
  return g_test_run ();
}
