/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "world.h"

#include <string.h>

/* A rude CA: what it can answer once and for ever, and what it can do to an order on its way. Each ends INSTALLED or
 * says why, and never in a busy loop: the requests are counted. What only the wire can show (cut connections, slow
 * octets, hundreds of megabytes) is in tests/unit/test-net-http-failures. */

#ifdef __SANITIZE_ADDRESS__
#define VALUES_EVERY 4 /* ten times as slow */
#else
#define VALUES_EVERY 1
#endif
#define FOR_EVER 1000000
#define REQUESTS_MOST 1600 /* a day of looks, once a minute */

typedef struct {
  guint runs, installed, told;
  guint requests;
} Tally;

static Tally total;

static void
count (World *w)
{
  guint requests = 0;

  for (guint i = 0; i < CA_ROUTES; i++) /* also those that the fault kept from the CA */
    requests += MAX (w->seen[i], w->ca->requests[i]);
  total.runs++;
  total.requests = MAX (total.requests, requests);
  g_assert_cmpuint (requests, <, REQUESTS_MOST);
  if (world_enrollment (w, 0)->state == MC_ENROLLMENT_INSTALLED) {
    world_check_installed (w, 0);
    total.installed++;
  } else {
    if (!mc_problem_is (world_enrollment (w, 0)->problem, "userActionRequired")) /* else it waits for a person */
      g_assert_false (mc_enrollment_is_open (world_enrollment (w, 0)));
    g_assert_nonnull (world_enrollment (w, 0)->problem); /* world_check has seen it too */
    total.told++;
  }
}

static const char *
problem_type (const World *w)
{
  const McProblem *problem = world_enrollment (w, 0)->problem;

  return problem != NULL ? problem->type : "-";
}

static World *
run_with (const WorldPlan *plan, const Fault *fault)
{
  World *w = world_new (plan);

  world_fault (w, *fault);
  world_enroll_one (w);
  world_run_until (w, WORLD_START + 10 * 86400);
  return w;
}

/* --- every member of every answer, of every wrong type --- */

static const struct {
  CaRoute route;
  const char *member;
} members[] = {
    {CA_DIRECTORY, "newNonce"},
    {CA_DIRECTORY, "newAccount"},
    {CA_DIRECTORY, "newOrder"},
    {CA_DIRECTORY, "meta"},
    {CA_NEW_ACCOUNT, "status"},
    {CA_NEW_ORDER, "status"},
    {CA_NEW_ORDER, "expires"},
    {CA_NEW_ORDER, "identifiers"},
    {CA_NEW_ORDER, "authorizations"},
    {CA_NEW_ORDER, "finalize"},
    {CA_AUTHORIZATION, "status"},
    {CA_AUTHORIZATION, "expires"},
    {CA_AUTHORIZATION, "identifier"},
    {CA_AUTHORIZATION, "challenges"},
    {CA_AUTHORIZATION, "challenge.type"},
    {CA_AUTHORIZATION, "challenge.url"},
    {CA_AUTHORIZATION, "challenge.status"},
    {CA_AUTHORIZATION, "challenge.token"},
    {CA_AUTHORIZATION, "challenge.from"},
    {CA_CHALLENGE, "status"},
    {CA_CHALLENGE, "error"},
    {CA_FINALIZE, "status"},
    {CA_FINALIZE, "certificate"},
    {CA_ORDER, "status"},
    {CA_ORDER, "certificate"},
};

static const char *const values[] = {
    "null",
    "true",
    "-7",
    "1e400",
    "\"\"",
    "\"\\u0000\"",
    "[]",
    "{}",
    "[null]",
    "[[[]]]",
    "\"http://ca.example/x\"",
    "\"file:///etc/passwd\"",
    "\"//ca.example/x\"",
    "\"https://ca.example\\r\\nX: y/\"",
    "{\"type\":{},\"value\":[]}",
};

static void
test_types (void)
{
  WorldPlan plan = world_plan_default ();

  plan.ca.processing_seconds = 5;
  for (gsize i = 0; i < G_N_ELEMENTS (members); i++)
    for (gsize j = i % VALUES_EVERY; j < G_N_ELEMENTS (values); j += VALUES_EVERY)
      for (guint ever = 0; ever <= 1; ever++) {
        const Fault fault = {.route = members[i].route,
                             .from = 1,
                             .count = ever ? FOR_EVER : 1,
                             .kind = FAULT_MEMBER,
                             .text = members[i].member,
                             .value = values[j]};
        g_autoptr (World) w = run_with (&plan, &fault);

        g_test_message ("%s = %s %s: %s %s", members[i].member, values[j], ever ? "for ever" : "once",
                        mc_enrollment_state_name (world_enrollment (w, 0)->state), problem_type (w));
        count (w);
      }
}

/* --- bodies --- */

static void
test_bodies (void)
{
  const WorldPlan plan = world_plan_default ();
  g_autofree char *deep = g_strnfill (500000, '[');
  const char *const bodies[] = {
      "",
      "null",
      "[]",
      "{",
      "{\"status\":\"valid\",\"status\":\"pending\"}", /* which one? */
      "{\"status\":\"pending\"}{\"status\":\"valid\"}",
      "\xef\xbb\xbf{}",
      "{\"status\":\"\xff\xfe\"}",
      "<html>502</html>",
      "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n",
      deep,
  };

  for (guint route = CA_NEW_ACCOUNT; route <= CA_CERTIFICATE; route++)
    for (gsize i = 0; i < G_N_ELEMENTS (bodies); i++)
      for (guint ever = 0; ever <= 1; ever++) {
        const Fault fault = {
            .route = (CaRoute)route, .from = 1, .count = ever ? FOR_EVER : 1, .kind = FAULT_BODY, .text = bodies[i]};
        g_autoptr (World) w = run_with (&plan, &fault);

        count (w);
        if (!ever)
          g_assert_cmpint (world_enrollment (w, 0)->state, ==, MC_ENROLLMENT_INSTALLED);
      }
}

/* --- refusals: once is enough, for ever ends with the CA's own type --- */

static const struct {
  const char *name;
  CaRoute route;
  guint from, count, status;
  const char *type, *retry_after;
  McEnrollmentState end;
  const char *problem;
  guint requests;
} refusals[] = {
    {"terms changed on the way", CA_NEW_ORDER, 1, FOR_EVER, 403, "userActionRequired", NULL, MC_ENROLLMENT_ACCOUNT,
     "userActionRequired", 6},
    {"account deactivated", CA_NEW_ORDER, 1, FOR_EVER, 401, "unauthorized", NULL, MC_ENROLLMENT_FAILED,
     "mailcert:account-closed", 6},
    {"account deactivated later", CA_AUTHORIZATION, 2, FOR_EVER, 401, "unauthorized", NULL, MC_ENROLLMENT_FAILED,
     "mailcert:account-closed", 14},
    {"503 once, in seconds", CA_FINALIZE, 1, 1, 503, "http", "30", MC_ENROLLMENT_INSTALLED, "-", 16},
    {"503 once, a date", CA_FINALIZE, 1, 1, 503, "http", "Sat, 21 Nov 2026 23:00:00 GMT", MC_ENROLLMENT_INSTALLED, "-",
     16},
    {"429 once, negative", CA_AUTHORIZATION, 1, 1, 429, "rateLimited", "-5", MC_ENROLLMENT_INSTALLED, "-", 16},
    {"429 once, ten years", CA_AUTHORIZATION, 1, 1, 429, "rateLimited", "315360000", MC_ENROLLMENT_INSTALLED, "-", 16},
    {"429 for ever, at once", CA_AUTHORIZATION, 1, FOR_EVER, 429, "rateLimited", "0", MC_ENROLLMENT_EXPIRED,
     "rateLimited", 100},
    {"429 for ever, ten years", CA_AUTHORIZATION, 1, FOR_EVER, 429, "rateLimited", "315360000", MC_ENROLLMENT_EXPIRED,
     "rateLimited", 40},
    {"500 at finalize, twice", CA_FINALIZE, 1, 2, 500, "serverInternal", NULL, MC_ENROLLMENT_INSTALLED, "-", 18},
    {"500 at finalize for ever", CA_FINALIZE, 1, FOR_EVER, 500, "serverInternal", NULL, MC_ENROLLMENT_EXPIRED,
     "serverInternal", 400},
    {"500 at the look for ever", CA_AUTHORIZATION, 1, FOR_EVER, 500, "serverInternal", NULL, MC_ENROLLMENT_EXPIRED,
     "serverInternal", 60},
    {"CSR refused", CA_FINALIZE, 1, FOR_EVER, 400, "badCSR", NULL, MC_ENROLLMENT_FAILED, "badCSR", 14},
    {"badNonce at finalize for ever", CA_FINALIZE, 1, FOR_EVER, 400, "badNonce", NULL, MC_ENROLLMENT_EXPIRED,
     "badNonce", 1500},
    {"certificate away for ever", CA_CERTIFICATE, 1, FOR_EVER, 502, "http", NULL, MC_ENROLLMENT_EXPIRED, "http", 400},
    {"redirects for ever", CA_NEW_ORDER, 1, 3, 302, "http", NULL, MC_ENROLLMENT_INSTALLED, "-", 18},
    {"teapot", CA_NEW_ORDER, 1, FOR_EVER, 418, "http", NULL, MC_ENROLLMENT_FAILED, "http", 8},
};

static void
test_refusals (void)
{
  const WorldPlan plan = world_plan_default ();

  for (gsize i = 0; i < G_N_ELEMENTS (refusals); i++) {
    const Fault fault = {.route = refusals[i].route,
                         .from = refusals[i].from,
                         .count = refusals[i].count,
                         .kind = FAULT_PROBLEM,
                         .status = refusals[i].status,
                         .text = refusals[i].type,
                         .retry_after = refusals[i].retry_after};
    g_autoptr (World) w = run_with (&plan, &fault);
    guint requests = 0;

    for (guint route = 0; route < CA_ROUTES; route++)
      requests += w->seen[route];
    g_test_message ("%-26s %-9s %-18s %4u requests, at most %u", refusals[i].name,
                    mc_enrollment_state_name (world_enrollment (w, 0)->state), problem_type (w), requests,
                    refusals[i].requests);
    count (w);
    g_assert_cmpint (world_enrollment (w, 0)->state, ==, refusals[i].end);
    g_assert_cmpstr (problem_type (w), ==, refusals[i].problem);
    g_assert_cmpuint (requests, <=, refusals[i].requests);
  }
}

/* --- what happens to order and authorization behind our back, at every second of the way --- */

typedef void (*StrokeFunc) (World *world);

static void
order_invalid (World *w)
{
  for (guint i = 0; i < w->ca->orders->len; i++)
    ((CaOrder *)g_ptr_array_index (w->ca->orders, i))->status = "invalid";
}

static void
authorization_is (World *w, const char *status)
{
  for (guint i = 0; i < w->ca->authorizations->len; i++)
    ((CaAuthorization *)g_ptr_array_index (w->ca->authorizations, i))->status = status;
}

static void
authorization_revoked (World *w)
{
  authorization_is (w, "revoked");
}

static void
authorization_expired (World *w)
{
  authorization_is (w, "expired");
}

static void
authorization_invalid (World *w)
{
  authorization_is (w, "invalid");
}

/* Erratum 5732: it tries again by itself. */
static void
error_while_processing (World *w)
{
  for (guint i = 0; i < w->ca->authorizations->len; i++)
    ((CaAuthorization *)g_ptr_array_index (w->ca->authorizations, i))->error = "connection";
}

static void
nonces_void (World *w)
{
  ca_forget_nonces (w->ca);
}

static const struct {
  const char *name;
  StrokeFunc stroke;
  const char *order_error;
  gboolean goes_on;
} strokes[] = {
    {"order invalid", order_invalid, NULL, FALSE},
    {"order invalid, with an error", order_invalid, "caa", FALSE},
    {"authorization revoked", authorization_revoked, NULL, FALSE},
    {"authorization expired", authorization_expired, NULL, FALSE},
    {"authorization invalid", authorization_invalid, NULL, FALSE},
    {"an error while processing", error_while_processing, NULL, TRUE},
    {"all nonces void", nonces_void, NULL, TRUE},
};

static void
test_strokes (void)
{
  WorldPlan plan = world_plan_default ();

  plan.ca.mode = CA_WAITS;
  plan.ca.processing_seconds = 10;
  plan.send_seconds = 2;
  for (gsize i = 0; i < G_N_ELEMENTS (strokes); i++) {
    const guint installed = total.installed, told = total.told;

    plan.ca.order_error = strokes[i].order_error;
    for (gint64 at = 0; at < 40; at++) {
      g_autoptr (World) w = world_new (&plan);

      world_enroll_one (w);
      world_run_until (w, WORLD_START + at);
      strokes[i].stroke (w);
      world_run (w);
      count (w);
      if (strokes[i].goes_on)
        g_assert_cmpint (world_enrollment (w, 0)->state, ==, MC_ENROLLMENT_INSTALLED);
      if (strokes[i].order_error != NULL && world_enrollment (w, 0)->state != MC_ENROLLMENT_INSTALLED)
        g_assert_cmpstr (problem_type (w), ==, strokes[i].order_error);
    }
    g_test_message ("%-30s %2u INSTALLED, %2u told why", strokes[i].name, total.installed - installed,
                    total.told - told);
    if (!strokes[i].goes_on)
      g_assert_cmpuint (total.told - told, >, 5);
  }
}

/* "Pending" with "Retry-After: 1", all day; and "processing" for as long as the order lives. */
static void
test_impatient (void)
{
  for (guint late = 0; late <= 1; late++) {
    WorldPlan plan = world_plan_default ();
    g_autoptr (World) w = NULL;

    plan.ca.retry_after = "1";
    plan.ca.mode = CA_WAITS;
    plan.ca.look_seconds = late ? 5 : 30 * 86400;
    plan.ca.processing_seconds = -1;
    plan.ca.order_seconds = 86400;
    w = world_new (&plan);
    world_enroll_one (w);
    world_run (w);
    g_assert_cmpint (world_enrollment (w, 0)->state, ==, MC_ENROLLMENT_EXPIRED);
    count (w);
  }
}

static void
test_table (void)
{
  g_test_message (
      "rude answers injected %u: INSTALLED %u, told why %u; at most %u requests; 0 keys lost, 0 double replies, "
      "0 hangs",
      total.runs, total.installed, total.told, total.requests);
  g_assert_cmpuint (total.runs, ==, total.installed + total.told);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/flow/rude/types", test_types);
  g_test_add_func ("/flow/rude/bodies", test_bodies);
  g_test_add_func ("/flow/rude/refusals", test_refusals);
  g_test_add_func ("/flow/rude/strokes", test_strokes);
  g_test_add_func ("/flow/rude/impatient", test_impatient);
  g_test_add_func ("/flow/rude/table", test_table);
  return g_test_run ();
}
