/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "world.h"

/* What stands before an account: terms, a binding; and accounts that get lost. */

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

static Drive *
first_drive (const World *w)
{
  return g_ptr_array_index (w->drives, 0);
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

/* B21: no agreement, no account; what the person says later is enough. */
static void
test_terms (void)
{
  static const PersonAnswer answers[] = {ANSWER_NO, ANSWER_NOBODY};

  for (guint i = 0; i < G_N_ELEMENTS (answers); i++) {
    WorldPlan plan = world_plan_default ();
    g_autoptr (World) w = NULL;

    plan.ca.terms = "https://ca.example/terms";
    plan.agree_terms = FALSE;
    plan.terms_answer = answers[i];
    w = run (&plan, NULL);
    g_assert_cmpint (state (w), ==, MC_ENROLLMENT_NEW);
    g_assert_cmpstr (problem_type (w), ==, "mailcert:terms");
    g_assert_cmpstr (world_enrollment (w, 0)->problem->detail, ==, plan.ca.terms);
    g_assert_cmpuint (w->ca->accounts->len, ==, 0);
    g_assert_cmpuint (w->asked[MC_ASK_TERMS], ==, 1); /* once in a life */
    mc_flow_allow (((Drive *)g_ptr_array_index (w->drives, 0))->flow, TRUE, NULL);
    world_run (w);
    world_check_installed (w, 0);
  }
}

static void
test_binding_missing (void)
{
  WorldPlan plan = world_plan_default ();
  g_autoptr (World) w = NULL;

  plan.ca.binding_kid = "kid";
  plan.ca.binding_key = "key";
  plan.no_binding = TRUE;
  w = run (&plan, NULL);
  g_assert_cmpint (state (w), ==, MC_ENROLLMENT_FAILED);
  g_assert_cmpstr (problem_type (w), ==, "mailcert:eab");
  g_assert_cmpuint (w->seen[CA_NEW_ACCOUNT], ==, 0);
}

static void
test_binding_refused (void)
{
  const WorldPlan plan = world_plan_default ();
  const Fault wrong = {.route = CA_NEW_ACCOUNT,
                       .from = 1,
                       .count = 1,
                       .kind = FAULT_PROBLEM,
                       .status = 403,
                       .text = "externalAccountRequired"};
  g_autoptr (World) w = run (&plan, &wrong);

  g_assert_cmpint (state (w), ==, MC_ENROLLMENT_FAILED);
  g_assert_cmpstr (problem_type (w), ==, "mailcert:eab");
}

/* The CA has lost our account: the same key opens it again, once. */
static void
test_account_lost (void)
{
  const WorldPlan plan = world_plan_default ();
  const char *const bob[] = {"bob@example.org", NULL};
  g_autoptr (World) w = run (&plan, NULL);

  world_check_installed (w, 0);
  ca_forget_accounts (w->ca);
  world_enroll (w, bob, MC_USAGE_BOTH, -1);
  world_run (w);
  world_check_installed (w, 1);
  g_assert_cmpuint (w->ca->requests[CA_NEW_ACCOUNT], ==, 2);
}

/* The account's key is gone from the store (its file was changed under us): said, not crashed over. */
static void
test_account_key_gone (void)
{
  const WorldPlan plan = world_plan_default ();
  g_autoptr (World) w = world_new (&plan);

  world_enroll_one (w);
  world_run_until (w, WORLD_START + 1);
  world_restart (w);
  g_clear_pointer (&first_drive (w)->account->key, g_bytes_unref);
  world_run (w);
  g_assert_cmpint (state (w), ==, MC_ENROLLMENT_FAILED);
  g_assert_cmpstr (problem_type (w), ==, "accountDoesNotExist");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/flow/account/terms", test_terms);
  g_test_add_func ("/flow/account/binding-missing", test_binding_missing);
  g_test_add_func ("/flow/account/binding-refused", test_binding_refused);
  g_test_add_func ("/flow/account/account-lost", test_account_lost);
  g_test_add_func ("/flow/account/account-key-gone", test_account_key_gone);
  return g_test_run ();
}
