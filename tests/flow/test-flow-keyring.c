/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "first.h"

/* ISSUED to INSTALLED: keyrings that fail, and roots that a person has to trust. */

/* Keyrings: failed now and then is tried at the next run; a root is asked for once. */
static void
test_keyring_fails (void)
{
  WorldPlan plan = world_plan_default ();
  g_autoptr (World) w = NULL;

  plan.keyring_failures = 2;
  w = run (&plan);
  g_assert_cmpint (state (w), ==, MC_ENROLLMENT_ISSUED);
  g_assert_cmpstr (problem_type (w), ==, "mailcert:keyring");
  g_assert_cmpstr (world_enrollment (w, 0)->problem->detail, ==, "the agent does not answer");
  world_restart (w);
  world_run (w);
  g_assert_cmpint (state (w), ==, MC_ENROLLMENT_ISSUED);
  world_restart (w);
  world_run (w);
  world_check_installed (w, 0);
  g_assert_cmpuint (w->ca->certificates, ==, 1);
}

static void
test_root_trusted (void)
{
  WorldPlan plan = world_plan_default ();
  g_autoptr (World) w = NULL;

  plan.untrusted = TRUE;
  plan.root_answer = ANSWER_YES;
  w = run (&plan);
  world_check_installed (w, 0);
  g_assert_cmpuint (w->asked[MC_ASK_ROOT], ==, 1);
  g_assert_cmpuint (w->installs, ==, 2);
  g_assert_cmpstr (world_enrollment (w, 0)->trust_root, ==, ca_root_fingerprint ());
}

/* The person says yes while the second keyring is still at it, not knowing that yet. */
static void
test_root_trusted_meanwhile (void)
{
  WorldPlan plan = world_plan_default ();
  g_autoptr (World) w = NULL;

  plan.untrusted = TRUE;
  plan.root_answer = ANSWER_YES;
  plan.keyrings[1] = "nss:/tmp/none";
  plan.install_seconds = 10;
  w = run (&plan);
  world_check_installed (w, 0);
  g_assert_cmpuint (w->asked[MC_ASK_ROOT], ==, 1);
  g_assert_cmpuint (w->installs, ==, 4);
}

/* Nobody or No: ISSUED stays, says so, asks no second time in this life; a person who names the root later is heard. */
static void
test_root_untrusted (void)
{
  static const PersonAnswer answers[] = {ANSWER_NO, ANSWER_NOBODY};

  for (guint i = 0; i < G_N_ELEMENTS (answers); i++) {
    WorldPlan plan = world_plan_default ();
    g_autoptr (World) w = NULL;

    plan.untrusted = TRUE;
    plan.root_answer = answers[i];
    plan.keyrings[1] = "nss:/tmp/none"; /* both want the same root: still one question */
    w = run (&plan);
    g_assert_cmpint (state (w), ==, MC_ENROLLMENT_ISSUED);
    g_assert_cmpstr (problem_type (w), ==, "mailcert:untrusted");
    g_assert_cmpuint (w->asked[MC_ASK_ROOT], ==, 1);
    mc_flow_allow (first_drive (w)->flow, FALSE, ca_root_fingerprint ());
    world_run (w);
    world_check_installed (w, 0);
    g_assert_cmpuint (w->asked[MC_ASK_ROOT], ==, 1);
  }
}

static void
test_root_unnamed (void)
{
  WorldPlan plan = world_plan_default ();
  g_autoptr (World) w = NULL;

  plan.untrusted = plan.keyring_unnamed = TRUE;
  w = run (&plan);
  g_assert_cmpint (state (w), ==, MC_ENROLLMENT_ISSUED);
  g_assert_cmpuint (w->asked[MC_ASK_ROOT], ==, 0);
}

/* 'mailcert install' afterwards. */
static void
test_settle (void)
{
  WorldPlan plan = world_plan_default ();
  g_autoptr (World) w = NULL;
  McEnrollment *e;
  McEnrollmentKeyring *keyring;

  plan.keyring_failures = 1;
  w = run (&plan);
  e = world_enrollment (w, 0);
  g_assert_true (mc_flow_settle_keyrings (e, w->now));
  g_assert_cmpint (e->state, ==, MC_ENROLLMENT_ISSUED);
  keyring = g_ptr_array_index (e->keyrings, 0);
  g_free (keyring->state);
  keyring->state = g_strdup ("ready");
  g_assert_true (mc_flow_settle_keyrings (e, w->now));
  g_assert_cmpint (e->state, ==, MC_ENROLLMENT_INSTALLED);
  g_assert_true (mc_flow_settle_keyrings (e, w->now)); /* once more does no harm */
  g_assert_cmpint (w->back->save (w->back, e, NULL), ==, BACK_SAVED);
}

/* No keyring at all: the store is the only place, and that is where it ends. */
static void
test_no_keyring (void)
{
  WorldPlan plan = world_plan_default ();
  g_autoptr (World) w = NULL;

  plan.keyrings[0] = NULL;
  w = run (&plan);
  world_check_installed (w, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/flow/keyring/keyring-fails", test_keyring_fails);
  g_test_add_func ("/flow/keyring/root-trusted", test_root_trusted);
  g_test_add_func ("/flow/keyring/root-trusted-meanwhile", test_root_trusted_meanwhile);
  g_test_add_func ("/flow/keyring/root-untrusted", test_root_untrusted);
  g_test_add_func ("/flow/keyring/root-unnamed", test_root_unnamed);
  g_test_add_func ("/flow/keyring/settle", test_settle);
  g_test_add_func ("/flow/keyring/no-keyring", test_no_keyring);
  return g_test_run ();
}
