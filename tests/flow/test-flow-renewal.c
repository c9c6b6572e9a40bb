/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "renewals.h"

#include <string.h>

/* RFC 9773: the CA's word on when a certificate is to be renewed, and what its order says of it. */

/* --- RFC 9773 --- */

static void
test_window (void)
{
  WorldPlan plan = renewals_plan ();
  g_autoptr (World) w = renewals_installed (&plan);
  const McEnrollment *e = world_enrollment (w, 0);
  const gint64 third = (e->not_after - e->not_before) / 3;
  const gint64 drawn = e->renew_at;

  /* C07: right after issuance, with the directory that is at hand. */
  g_assert_cmpuint (w->ca->requests[CA_RENEWAL_INFO], ==, 1);
  g_assert_cmpuint (w->ca->requests[CA_DIRECTORY], ==, 1);
  g_assert_cmpint (e->renewal_start, ==, e->not_before + 2 * third);
  g_assert_cmpint (e->renew_at, >=, e->renewal_start);
  g_assert_cmpint (e->renew_at, <, e->renewal_end);
  g_assert_cmpint (e->renewal_check_at, ==, w->now + MC_RENEWAL_CHECK_USUAL);
  g_assert_null (e->problem);
  /* C08: not before its hour, and the same window gives the same hour. */
  for (guint i = 0; i < 20; i++) {
    e = renewals_ask_again (w);
    g_assert_cmpuint (w->ca->requests[CA_RENEWAL_INFO], ==, 1 + i);
    w->now = e->renewal_check_at;
    e = renewals_ask_again (w);
    g_assert_cmpuint (w->ca->requests[CA_RENEWAL_INFO], ==, 2 + i);
    g_assert_cmpint (e->renew_at, ==, drawn);
  }
  g_assert_cmpuint (w->ca->requests[CA_NONCE], ==, 1); /* C05: unsigned */
  /* C07: never after its end. */
  w->now = e->not_after;
  renewals_ask_again (w);
  g_assert_cmpuint (w->ca->requests[CA_RENEWAL_INFO], ==, 21);
}

/* C04: the hours are spread over the window. */
static void
test_spread (void)
{
  guint parts[4] = {0};

  for (guint seed = 1; seed <= 64; seed++) {
    WorldPlan plan = renewals_plan ();
    g_autoptr (World) w = NULL;
    const McEnrollment *e;

    plan.seed = seed;
    w = renewals_installed (&plan);
    e = world_enrollment (w, 0);
    parts[(e->renew_at - e->renewal_start) * 4 / (e->renewal_end - e->renewal_start)]++;
  }
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    g_assert_cmpuint (parts[i], >, 6);
}

static void
test_retry_after (void)
{
  static const struct {
    const char *header;
    gint64 wait;
  } cases[] = {{"1", MC_RENEWAL_CHECK_LEAST},
               {"7200", 7200},
               {"99999999", MC_RENEWAL_CHECK_MOST},
               {"-5", MC_RENEWAL_CHECK_USUAL},
               {"0", MC_RENEWAL_CHECK_LEAST},
               {"Sun, 06 Nov 1994 08:49:37 GMT", MC_RENEWAL_CHECK_LEAST},
               {"Fri, 31 Dec 9999 23:59:59 GMT", MC_RENEWAL_CHECK_MOST},
               {"soon", MC_RENEWAL_CHECK_USUAL},
               {NULL, MC_RENEWAL_CHECK_USUAL}};

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    WorldPlan plan = renewals_plan ();
    g_autoptr (World) w = NULL;

    plan.ca.info_retry_after = cases[i].header;
    w = renewals_installed (&plan);
    g_assert_cmpint (world_enrollment (w, 0)->renewal_check_at, ==, w->now + cases[i].wait);
  }
}

/* C06, C09: whatever comes instead of an answer, the certificate is as good as before, and the hours are two thirds. */
static void
test_no_answer (void)
{
  static const struct {
    Fault fault;
    gint64 waits[4];
  } cases[] = {
      {{.kind = FAULT_LOST_REQUEST}, {60, 120, 240, 480}},
      {{.kind = FAULT_PROBLEM, .status = 500, .text = "serverInternal"}, {60, 120, 240, 480}},
      {{.kind = FAULT_PROBLEM, .status = 503, .text = "serverInternal", .retry_after = "3000"},
       {3000, 3000, 3000, 3000}},
      {{.kind = FAULT_PROBLEM, .status = 429, .text = "rateLimited", .retry_after = "999999"}, {DAY, DAY, DAY, DAY}},
      {{.kind = FAULT_PROBLEM, .status = 404, .text = "malformed"}, {6 * HOUR, 6 * HOUR, 6 * HOUR, 6 * HOUR}},
      {{.kind = FAULT_BODY, .text = "<html>"}, {6 * HOUR, 6 * HOUR, 6 * HOUR, 6 * HOUR}},
      {{.kind = FAULT_BODY, .text = "{\"suggestedWindow\":{\"start\":\"2027-01-01T00:00:00Z\"}}"},
       {6 * HOUR, 6 * HOUR, 6 * HOUR, 6 * HOUR}},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    WorldPlan plan = renewals_plan ();
    g_autoptr (World) w = world_new (&plan);
    Fault fault = cases[i].fault;
    const McEnrollment *e;

    fault.route = CA_RENEWAL_INFO;
    fault.from = 1;
    fault.count = 4;
    world_fault (w, fault);
    world_enroll_one (w);
    world_run (w);
    for (guint n = 0; n < G_N_ELEMENTS (cases[i].waits); n++) {
      world_check_installed (w, 0);
      e = world_enrollment (w, 0);
      g_assert_cmpint (e->renewal_check_at, ==, w->now + cases[i].waits[n]);
      g_assert_cmpint (e->renew_at, ==, e->not_before + (e->not_after - e->not_before) / 3 * 2);
      g_assert_cmpint (e->renewal_start, ==, 0);
      w->now = e->renewal_check_at;
      renewals_ask_again (w);
    }
    e = world_enrollment (w, 0); /* the fifth one is answered */
    g_assert_cmpint (e->renewal_start, >, 0);
    g_assert_cmpuint (e->renewal_failures, ==, 0);
  }
}

/* Whatever window a CA names, for ever: an hour is drawn from it once, before the certificate ends, and what is no URL
 * for people is shown to nobody. */
static void
test_odd_windows (void)
{
  static const char *const bodies[] = {
      "{\"suggestedWindow\":{\"start\":\"1901-01-01T00:00:00Z\",\"end\":\"9999-12-31T23:59:59Z\"}}",
      "{\"suggestedWindow\":{\"start\":\"0001-01-01T00:00:00Z\",\"end\":\"1969-12-31T23:59:59.999Z\"}}",
      "{\"suggestedWindow\":{\"start\":\"9999-12-31T00:00:00Z\",\"end\":\"9999-12-31T23:59:59Z\"}}",
      "{\"suggestedWindow\":{\"start\":\"1970-01-01T00:00:00Z\",\"end\":\"1970-01-01T00:00:01Z\"},"
      "\"explanationURL\":\"javascript:alert(1)\"}",
      "{\"suggestedWindow\":{\"start\":\"2027-01-01T00:00:00Z\",\"end\":\"2027-01-01T00:00:00.5Z\"},"
      "\"explanationURL\":\"https://x.test/\\u001b[2J\"}",
      "{\"suggestedWindow\":{\"start\":\"NaN\",\"end\":1e999}}",
      "{\"suggestedWindow\":{\"start\":\"2027-13-45T99:99:99Z\",\"end\":\"2028-01-01T00:00:00Z\"}}"};

  for (gsize i = 0; i < G_N_ELEMENTS (bodies); i++) {
    WorldPlan plan = renewals_plan ();
    g_autoptr (World) w = world_new (&plan);
    Fault fault = {.kind = FAULT_BODY, .text = bodies[i], .route = CA_RENEWAL_INFO, .from = 1, .count = 1000};
    const McEnrollment *e;
    gint64 drawn;

    world_fault (w, fault);
    world_enroll_one (w);
    world_run (w);
    e = world_enrollment (w, 0);
    g_assert_cmpint (e->state, ==, MC_ENROLLMENT_INSTALLED);
    drawn = e->renew_at;
    g_assert_true (drawn >= 1 && drawn < e->not_after);
    g_assert_null (e->renewal_explanation);
    for (guint n = 0; n < 5; n++) {
      w->now = e->renewal_check_at;
      e = renewals_ask_again (w);
      g_assert_cmpint (e->renew_at, ==, drawn);
    }
  }
}

static void
test_backwards (void)
{
  WorldPlan plan = renewals_plan ();
  g_autoptr (World) w = NULL;

  plan.ca.backwards = TRUE;
  w = renewals_installed (&plan);
  g_assert_cmpint (world_enrollment (w, 0)->renewal_end, ==, 0);
  g_assert_cmpint (world_enrollment (w, 0)->renewal_check_at, ==, w->now + MC_RENEWAL_CHECK_USUAL);
}

/* A window that lies over the end is cut: the mail needs its time. */
static void
test_over_the_end (void)
{
  WorldPlan plan = renewals_plan ();
  g_autoptr (World) w = world_new (&plan);
  const McEnrollment *e;

  world_fault (
      w,
      (Fault){.route = CA_RENEWAL_INFO,
              .from = 1,
              .count = 1,
              .kind = FAULT_BODY,
              .text = "{\"suggestedWindow\":{\"start\":\"2030-01-01T00:00:00Z\",\"end\":\"2031-01-01T00:00:00Z\"}}"});
  world_enroll_one (w);
  world_run (w);
  e = world_enrollment (w, 0);
  g_assert_cmpint (e->renew_at, ==, e->not_after - MC_RENEWAL_MARGIN_MOST);
}

/* The CA pulls the window forward: noticed when its Retry-After has passed, renewed at once, its page kept. */
static void
test_revoked (void)
{
  WorldPlan plan = renewals_plan ();
  g_autoptr (World) w = renewals_installed (&plan);
  const CaOrder *second;

  w->now += 2 * DAY;
  renewals_ask_again (w);
  ((CaOrder *)g_ptr_array_index (w->ca->orders, 0))->revoked = TRUE;
  g_assert_cmpuint (renewals_tick (w, w->now + HOUR), ==, 0);
  w->now = world_enrollment (w, 0)->renewal_check_at;
  g_assert_cmpuint (renewals_tick (w, w->now + HOUR), ==, 1);
  g_assert_cmpstr (world_enrollment (w, 0)->renewal_explanation, ==, "https://ca.example/incident");
  world_check_installed (w, 1);
  g_assert_cmpint (world_enrollment (w, 1)->predecessor, ==, world_enrollment (w, 0)->id);
  second = g_ptr_array_index (w->ca->orders, 1);
  g_assert_cmpuint (second->replaces, ==, 1); /* C10: by the right id */
  g_assert_cmpint (renewals_plan_of (w, 0).state, ==, MC_RENEWAL_NONE);
  g_assert_cmpint (renewals_plan_of (w, 0).check_at, ==, 0); /* C07: replaced */
  g_assert_cmpint (renewals_plan_of (w, 1).state, ==, MC_RENEWAL_LATER);
}

/* A CA that is never content. */
static void
test_hasty (void)
{
  WorldPlan plan = renewals_plan ();
  g_autoptr (World) w = NULL;
  guint orders = 0;

  plan.ca.hasty = TRUE;
  w = world_new (&plan);
  world_enroll_one (w);
  world_run (w);
  for (guint hour = 0; hour < 10 * 24; hour++)
    orders += renewals_tick (w, w->now + HOUR);
  g_test_message ("%u orders in ten days", orders);
  g_assert_cmpuint (orders, >=, 9);
  g_assert_cmpuint (orders, <=, 10);
}

/* --- replaces --- */

static void
test_replaces_refused (void)
{
  for (guint i = 0; i < 2; i++) {
    WorldPlan plan = renewals_plan ();
    g_autoptr (World) w = renewals_installed (&plan);
    CaOrder *first = g_ptr_array_index (w->ca->orders, 0);

    if (i == 0)
      first->replaced = TRUE; /* alreadyReplaced */
    else {                    /* malformed: the CA does not know it */
      g_free (first->renewal_id);
      first->renewal_id = g_strdup ("a.b");
    }
    w->now = world_enrollment (w, 0)->renew_at;
    g_assert_cmpuint (renewals_order (w, FALSE), ==, 1);
    world_run (w);
    world_check_installed (w, 1);
    g_assert_cmpuint (w->ca->orders->len, ==, 2);
    g_assert_null (world_enrollment (w, 1)->replaces);
    g_assert_cmpuint (((CaOrder *)g_ptr_array_index (w->ca->orders, 1))->replaces, ==, 0);
  }
}

/* Other refusals are none of its business. */
static void
test_replaces_kept (void)
{
  WorldPlan plan = renewals_plan ();
  g_autoptr (World) w = renewals_installed (&plan);

  w->ca->order_errors = 1;
  w->now = world_enrollment (w, 0)->renew_at;
  renewals_order (w, FALSE);
  world_run (w);
  g_assert_cmpint (world_enrollment (w, 1)->state, ==, MC_ENROLLMENT_FAILED);
  g_assert_cmpstr (world_enrollment (w, 1)->problem->type, ==, "rejectedIdentifier");
}

/* C10: not where the CA has no renewal information; that CA ends the test where it is sent. */
static void
test_replaces_unasked (void)
{
  WorldPlan plan = world_plan_default ();
  g_autoptr (World) w = renewals_installed (&plan);
  const McEnrollment *e = world_enrollment (w, 0);

  g_assert_cmpint (e->renewal_check_at, ==, 0);
  g_assert_cmpint (e->renew_at, ==, e->not_before + (e->not_after - e->not_before) / 3 * 2);
  w->now = e->renew_at;
  g_assert_cmpuint (renewals_order (w, FALSE), ==, 1);
  world_run (w);
  world_check_installed (w, 1);
  g_assert_null (world_enrollment (w, 1)->replaces);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/flow/renewal/odd-windows", test_odd_windows);
  g_test_add_func ("/flow/renewal/window", test_window);
  g_test_add_func ("/flow/renewal/spread", test_spread);
  g_test_add_func ("/flow/renewal/retry-after", test_retry_after);
  g_test_add_func ("/flow/renewal/no-answer", test_no_answer);
  g_test_add_func ("/flow/renewal/backwards", test_backwards);
  g_test_add_func ("/flow/renewal/over-the-end", test_over_the_end);
  g_test_add_func ("/flow/renewal/revoked", test_revoked);
  g_test_add_func ("/flow/renewal/hasty", test_hasty);
  g_test_add_func ("/flow/renewal/replaces-refused", test_replaces_refused);
  g_test_add_func ("/flow/renewal/replaces-kept", test_replaces_kept);
  g_test_add_func ("/flow/renewal/replaces-unasked", test_replaces_unasked);
  return g_test_run ();
}
