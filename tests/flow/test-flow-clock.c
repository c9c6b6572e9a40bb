/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "world.h"

/* Our clock is wrong, or is set while an enrollment is under way. */

#define HOUR 3600
#define DAY 86400

/* A day slow all the time: what was issued is not valid yet by it, and is not thrown away. */
static void
test_slow (void)
{
  const WorldPlan plan = world_plan_default ();
  g_autoptr (World) w = world_new (&plan);

  w->skew = -DAY;
  world_enroll_one (w);
  world_run_until (w, WORLD_START + HOUR);
  g_assert_cmpint (world_enrollment (w, 0)->state, ==, MC_ENROLLMENT_FINALIZING);
  g_assert_true (mc_problem_is (world_enrollment (w, 0)->problem, "mailcert:clock"));
  world_run (w);
  world_check_installed (w, 0);
  g_assert_cmpint (w->now, <=, WORLD_START + DAY + HOUR);
  g_assert_cmpuint (world_requests (w), <, 60);
  g_assert_cmpuint (w->ca->certificates, ==, 1);
}

/* A day ahead all the time: what the CA gives a day to is not over at once. */
static void
test_fast (void)
{
  WorldPlan plan = world_plan_default ();
  g_autoptr (World) w = NULL;

  plan.ca.order_seconds = plan.ca.authorization_seconds = DAY / 2;
  plan.mail_seconds = 120;
  w = world_new (&plan);
  w->skew = DAY;
  world_enroll_one (w);
  world_run (w);
  world_check_installed (w, 0);
  g_assert_cmpint (w->now, <, WORLD_START + DAY + HOUR);
  g_assert_cmpuint (w->ca->orders->len, ==, 1);
}

/* Set by BY at every second of the way, and set right an hour later. */
static void
jump (gint64 by, guint *installed, guint *expired)
{
  WorldPlan plan = world_plan_default ();

  plan.mail_seconds = 5;
  plan.send_seconds = plan.reply_seconds = 3;
  plan.ca.mode = CA_WAITS;
  plan.ca.processing_seconds = 10;
  for (gint64 at = 0; at < 40; at++) {
    g_autoptr (World) w = world_new (&plan);

    world_fate (w, FATE_NOT_SENT);
    world_enroll_one (w);
    world_run_until (w, WORLD_START + at);
    w->skew = by;
    world_run_until (w, w->now + HOUR);
    if (by < 0) /* it went on all the same; only the certificate lies in the future */
      g_assert_cmpint (world_enrollment (w, 0)->state, >=, MC_ENROLLMENT_FINALIZING);
    w->skew = 0;
    world_run (w);
    if (world_enrollment (w, 0)->state == MC_ENROLLMENT_EXPIRED) {
      g_assert_true (world_enrollment (w, 0)->problem != NULL);
      ++*expired;
      continue;
    }
    world_check_installed (w, 0);
    g_assert_cmpint (w->now, <, WORLD_START + 3 * HOUR);
    ++*installed;
  }
}

static void
test_back (void)
{
  guint installed = 0, expired = 0;

  jump (-DAY, &installed, &expired);
  g_test_message ("a day back: %u installed, %u expired", installed, expired);
  g_assert_cmpuint (expired, ==, 0);
}

/* A day ahead is over each deadline: the order is given up where its mail was still on the way, and says so. */
static void
test_ahead (void)
{
  guint installed = 0, expired = 0;

  jump (DAY, &installed, &expired);
  g_test_message ("a day ahead: %u installed, %u expired", installed, expired);
  g_assert_cmpuint (installed, >, 5);
}

/* Ordered under a wrong clock, which is set right while the mail is on its way: the mail is not stale, and there is
 * time for it. */
static void
order_under (gint64 skew)
{
  WorldPlan plan = world_plan_default ();
  g_autoptr (World) w = NULL;

  plan.ca.order_seconds = plan.ca.authorization_seconds = DAY / 2;
  plan.mail_seconds = 120;
  w = world_new (&plan);
  w->skew = skew;
  world_enroll_one (w);
  world_run_until (w, WORLD_START + 60);
  g_assert_cmpint (world_address (w, 0)->state, ==, MC_ADDRESS_AWAIT_MAIL);
  g_assert_cmpint (world_enrollment (w, 0)->ca_ordered_at, ==, WORLD_START);
  w->skew = 0;
  world_restart (w);
  world_run (w);
  world_check_installed (w, 0);
  g_assert_cmpint (w->now, <, WORLD_START + HOUR);
  g_assert_cmpuint (w->ca->orders->len, ==, 1);
}

static void
test_ordered_ahead (void)
{
  order_under (DAY);
}

static void
test_ordered_behind (void)
{
  order_under (-DAY);
}

/* And yet what is older than the order stays stale, by the CA's clock where ours was ahead. */
static void
test_since (void)
{
  g_autoptr (McEnrollment) e = mc_enrollment_new ("test", "https://ca.example/", NULL, 1);

  g_assert_cmpint (mc_enrollment_ordered_since (e), ==, 0);
  e->ordered_at = WORLD_START + DAY;
  g_assert_cmpint (mc_enrollment_ordered_since (e), ==, WORLD_START + DAY);
  e->ca_ordered_at = WORLD_START;
  g_assert_cmpint (mc_enrollment_ordered_since (e), ==, WORLD_START);
  e->ordered_at = WORLD_START - DAY;
  g_assert_cmpint (mc_enrollment_ordered_since (e), ==, WORLD_START - DAY);
}

/* The CA's web server has lost the date: what it says by it moves no end into a day that nobody lives to see, and makes
 * no old challenge young. */
static void
test_dateless (void)
{
  WorldPlan plan = world_plan_default ();
  g_autoptr (World) w = NULL;

  plan.ca.dateless = TRUE;
  plan.ca.mode = CA_WAITS;
  plan.ca.processing_seconds = -1;
  plan.ca.order_seconds = plan.ca.authorization_seconds = DAY;
  w = world_new (&plan);
  world_enroll_one (w);
  world_run_until (w, WORLD_START + HOUR);
  g_assert_cmpint (world_enrollment (w, 0)->state, ==, MC_ENROLLMENT_FINALIZING);
  g_assert_cmpint (mc_enrollment_ordered_since (world_enrollment (w, 0)), ==, WORLD_START);
  world_run_until (w, WORLD_START + 3 * DAY);
  g_assert_cmpint (world_enrollment (w, 0)->state, >, MC_ENROLLMENT_INSTALLED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/flow/clock/slow", test_slow);
  g_test_add_func ("/flow/clock/fast", test_fast);
  g_test_add_func ("/flow/clock/back", test_back);
  g_test_add_func ("/flow/clock/ahead", test_ahead);
  g_test_add_func ("/flow/clock/ordered-ahead", test_ordered_ahead);
  g_test_add_func ("/flow/clock/ordered-behind", test_ordered_behind);
  g_test_add_func ("/flow/clock/since", test_since);
  g_test_add_func ("/flow/clock/dateless", test_dateless);
  return g_test_run ();
}
