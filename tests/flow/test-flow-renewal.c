/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "flow/renewal.h"
#include "world.h"

#include <string.h>

/* For ever: renewals in virtual time, by the planner that timers and mail clients use, against the CA in memory. */

#define HOUR (60 * 60)
#define DAY (24 * HOUR)
#define BOB "bob@example.org"

/* --- what "renew --due" does, in small --- */

/* Borrowed from the drives: what stands there is what was committed. */
static GPtrArray *
all_of (const World *w)
{
  GPtrArray *all = g_ptr_array_new ();

  for (guint i = 0; i < w->drives->len; i++)
    g_ptr_array_add (all, world_enrollment (w, i));
  return all;
}

static guint
order_due (World *w, gboolean reuse_key)
{
  guint orders = 0;

  for (guint i = 0, count = w->drives->len; i < count; i++) {
    g_autoptr (GPtrArray) all = all_of (w);
    g_autoptr (McEnrollment) order = NULL;

    if (mc_renewal_plan (all, i, world_clock (w)).state != MC_RENEWAL_DUE)
      continue;
    order = mc_renewal_order (all, i, reuse_key, world_clock (w));
    order->after = mc_renewal_goes_after (all, order);
    world_adopt (w, order);
    orders++;
  }
  return orders;
}

/* Never a second order for an address and usage. */
static void
check_one_order (const World *w)
{
  for (guint i = 0; i < w->drives->len; i++)
    for (guint j = i + 1; j < w->drives->len; j++) {
      const McEnrollment *a = world_enrollment (w, i), *b = world_enrollment (w, j);

      if (mc_enrollment_is_open (a) && mc_enrollment_is_open (b) && a->usage == b->usage)
        g_assert_null (mc_enrollment_find (a, mc_enrollment_address (b, 0)->address));
    }
}

/* One run of the timer, which lasts until UNTIL. */
static guint
tick (World *w, gint64 until)
{
  g_autoptr (GPtrArray) all = all_of (w);
  guint orders;

  for (guint i = 0; i < w->drives->len; i++) {
    Drive *d = g_ptr_array_index (w->drives, i);
    const McRenewal plan = mc_renewal_plan (all, i, world_clock (w));

    if (d->over && plan.check_at != 0 && plan.check_at <= world_clock (w))
      drive_load (w, d);
  }
  world_pass (w, w->now + 60);
  orders = order_due (w, FALSE);
  check_one_order (w);
  world_pass (w, until);
  if (orders > 0)
    world_check (w);
  return orders;
}

static World *
installed (const WorldPlan *plan)
{
  World *w = world_new (plan);

  world_enroll_one (w);
  world_run (w);
  world_check_installed (w, 0);
  return w;
}

static WorldPlan
plan_with_info (void)
{
  WorldPlan plan = world_plan_default ();

  plan.ca.renewal_info = TRUE;
  plan.ca.authorization_seconds = 7 * DAY;
  return plan;
}

static McRenewal
plan_of (const World *w, guint index)
{
  g_autoptr (GPtrArray) all = all_of (w);

  return mc_renewal_plan (all, index, world_clock (w));
}

/* The CA is asked again, by a process of its own. */
static const McEnrollment *
ask_again (World *w)
{
  drive_load (w, g_ptr_array_index (w->drives, 0));
  world_run (w);
  return world_enrollment (w, 0);
}

/* --- RFC 9773 --- */

static void
test_window (void)
{
  WorldPlan plan = plan_with_info ();
  g_autoptr (World) w = installed (&plan);
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
    e = ask_again (w);
    g_assert_cmpuint (w->ca->requests[CA_RENEWAL_INFO], ==, 1 + i);
    w->now = e->renewal_check_at;
    e = ask_again (w);
    g_assert_cmpuint (w->ca->requests[CA_RENEWAL_INFO], ==, 2 + i);
    g_assert_cmpint (e->renew_at, ==, drawn);
  }
  g_assert_cmpuint (w->ca->requests[CA_NONCE], ==, 1); /* C05: unsigned */
  /* C07: never after its end. */
  w->now = e->not_after;
  ask_again (w);
  g_assert_cmpuint (w->ca->requests[CA_RENEWAL_INFO], ==, 21);
}

/* C04: the hours are spread over the window. */
static void
test_spread (void)
{
  guint parts[4] = {0};

  for (guint seed = 1; seed <= 64; seed++) {
    WorldPlan plan = plan_with_info ();
    g_autoptr (World) w = NULL;
    const McEnrollment *e;

    plan.seed = seed;
    w = installed (&plan);
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
  } cases[] = {{"1", MC_RENEWAL_CHECK_LEAST},       {"7200", 7200},
               {"99999999", MC_RENEWAL_CHECK_MOST}, {"-5", MC_RENEWAL_CHECK_USUAL},
               {"soon", MC_RENEWAL_CHECK_USUAL},    {NULL, MC_RENEWAL_CHECK_USUAL}};

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    WorldPlan plan = plan_with_info ();
    g_autoptr (World) w = NULL;

    plan.ca.info_retry_after = cases[i].header;
    w = installed (&plan);
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
    WorldPlan plan = plan_with_info ();
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
      ask_again (w);
    }
    e = world_enrollment (w, 0); /* the fifth one is answered */
    g_assert_cmpint (e->renewal_start, >, 0);
    g_assert_cmpuint (e->renewal_failures, ==, 0);
  }
}

static void
test_backwards (void)
{
  WorldPlan plan = plan_with_info ();
  g_autoptr (World) w = NULL;

  plan.ca.backwards = TRUE;
  w = installed (&plan);
  g_assert_cmpint (world_enrollment (w, 0)->renewal_end, ==, 0);
  g_assert_cmpint (world_enrollment (w, 0)->renewal_check_at, ==, w->now + MC_RENEWAL_CHECK_USUAL);
}

/* A window that lies over the end is cut: the mail needs its time. */
static void
test_over_the_end (void)
{
  WorldPlan plan = plan_with_info ();
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
  WorldPlan plan = plan_with_info ();
  g_autoptr (World) w = installed (&plan);
  const CaOrder *second;

  ((CaOrder *)g_ptr_array_index (w->ca->orders, 0))->revoked = TRUE;
  g_assert_cmpuint (tick (w, w->now + HOUR), ==, 0);
  w->now = world_enrollment (w, 0)->renewal_check_at;
  g_assert_cmpuint (tick (w, w->now + HOUR), ==, 1);
  g_assert_cmpstr (world_enrollment (w, 0)->renewal_explanation, ==, "https://ca.example/incident");
  world_check_installed (w, 1);
  g_assert_cmpint (world_enrollment (w, 1)->predecessor, ==, world_enrollment (w, 0)->id);
  second = g_ptr_array_index (w->ca->orders, 1);
  g_assert_cmpuint (second->replaces, ==, 1); /* C10: by the right id */
  g_assert_cmpint (plan_of (w, 0).state, ==, MC_RENEWAL_NONE);
  g_assert_cmpint (plan_of (w, 0).check_at, ==, 0); /* C07: replaced */
  g_assert_cmpint (plan_of (w, 1).state, ==, MC_RENEWAL_LATER);
}

/* --- replaces --- */

static void
test_replaces_refused (void)
{
  for (guint i = 0; i < 2; i++) {
    WorldPlan plan = plan_with_info ();
    g_autoptr (World) w = installed (&plan);
    CaOrder *first = g_ptr_array_index (w->ca->orders, 0);

    if (i == 0)
      first->replaced = TRUE; /* alreadyReplaced */
    else {                    /* malformed: the CA does not know it */
      g_free (first->renewal_id);
      first->renewal_id = g_strdup ("a.b");
    }
    w->now = world_enrollment (w, 0)->renew_at;
    g_assert_cmpuint (order_due (w, FALSE), ==, 1);
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
  WorldPlan plan = plan_with_info ();
  g_autoptr (World) w = installed (&plan);

  w->ca->order_errors = 1;
  w->now = world_enrollment (w, 0)->renew_at;
  order_due (w, FALSE);
  world_run (w);
  g_assert_cmpint (world_enrollment (w, 1)->state, ==, MC_ENROLLMENT_FAILED);
  g_assert_cmpstr (world_enrollment (w, 1)->problem->type, ==, "rejectedIdentifier");
}

/* C10: not where the CA has no renewal information; that CA ends the test where it is sent. */
static void
test_replaces_unasked (void)
{
  WorldPlan plan = world_plan_default ();
  g_autoptr (World) w = installed (&plan);
  const McEnrollment *e = world_enrollment (w, 0);

  g_assert_cmpint (e->renewal_check_at, ==, 0);
  g_assert_cmpint (e->renew_at, ==, e->not_before + (e->not_after - e->not_before) / 3 * 2);
  w->now = e->renew_at;
  g_assert_cmpuint (order_due (w, FALSE), ==, 1);
  world_run (w);
  world_check_installed (w, 1);
  g_assert_null (world_enrollment (w, 1)->replaces);
}

/* --- the order --- */

static void
test_key_policy (void)
{
  for (guint reuse = 0; reuse < 2; reuse++) {
    WorldPlan plan = plan_with_info ();
    g_autoptr (World) w = installed (&plan);

    w->now = world_enrollment (w, 0)->renew_at;
    order_due (w, reuse != 0);
    world_run (w);
    world_check_installed (w, 1);
    g_assert_true (g_bytes_equal (world_enrollment (w, 0)->key, world_enrollment (w, 1)->key) == (reuse != 0));
  }
}

/* Sign and encrypt: the second waits for the first and needs no mail of its own (T-09). */
static void
test_separate (void)
{
  const char *const addresses[] = {WORLD_ADDRESS, BOB, NULL};
  WorldPlan plan = plan_with_info ();
  g_autoptr (World) w = world_new (&plan);
  guint mails;

  world_enroll (w, addresses, MC_USAGE_SIGN, -1);
  world_enroll (w, addresses, MC_USAGE_ENCRYPT, 0);
  world_run (w);
  mails = ca_mails (w->ca);
  w->now = MAX (world_enrollment (w, 0)->renew_at, world_enrollment (w, 1)->renew_at);
  g_assert_cmpuint (order_due (w, FALSE), ==, 2);
  g_assert_cmpint (world_enrollment (w, 3)->after, ==, world_enrollment (w, 2)->id);
  world_run (w);
  world_check_installed (w, 2);
  world_check_installed (w, 3);
  g_assert_cmpuint (ca_mails (w->ca), ==, mails + 2);
  g_assert_cmpint (world_enrollment (w, 3)->usage, ==, MC_USAGE_ENCRYPT);
  g_assert_cmpuint (order_due (w, FALSE), ==, 0);
}

/* --- failures --- */

/* Twice as long after each, up to a day; what the CA says is respected; told from 7 days before the end. */
static void
test_back_off (void)
{
  static const gint64 rests[] = {6 * HOUR, 12 * HOUR, DAY, DAY};
  WorldPlan plan = world_plan_default ();
  g_autoptr (World) w = installed (&plan);
  const McEnrollment *e = world_enrollment (w, 0);
  const gint64 end = e->not_after;

  w->ca->order_errors = 1000;
  w->now = e->renew_at;
  for (guint i = 0; i < G_N_ELEMENTS (rests); i++) {
    g_autoptr (GPtrArray) all = NULL;
    const McEnrollment *attempt;

    g_assert_cmpuint (order_due (w, FALSE), ==, 1);
    world_run (w);
    attempt = world_enrollment (w, w->drives->len - 1);
    g_assert_cmpint (attempt->state, ==, MC_ENROLLMENT_FAILED);
    g_assert_cmpuint (attempt->tries, ==, i);
    g_assert_cmpint (attempt->failing_since, ==, i == 0 ? 0 : world_enrollment (w, 1)->created);
    g_assert_cmpint (plan_of (w, 0).state, ==, MC_RENEWAL_RESTS);
    g_assert_cmpint (plan_of (w, 0).at, ==, attempt->since + rests[i]);
    all = all_of (w);
    g_assert_cmpint (mc_renewal_wake (all, w->now), ==, attempt->since + rests[i]);
    g_assert_false (mc_renewal_is_failing (all, 0, w->now));
    g_assert_false (mc_renewal_is_failing (all, 0, end - MC_RENEWAL_TELL_SECONDS - 1));
    g_assert_true (mc_renewal_is_failing (all, 0, end - MC_RENEWAL_TELL_SECONDS));
    g_assert_true (mc_renewal_is_failing (all, 0, end + DAY));
    w->now = plan_of (w, 0).at - 1;
    g_assert_cmpuint (order_due (w, FALSE), ==, 0);
    w->now++;
  }
  /* A clock that was ahead when it failed, and is right again. */
  w->skew = -30 * HOUR;
  g_assert_cmpint (plan_of (w, 0).state, ==, MC_RENEWAL_DUE);
  w->skew = 0;
  w->ca->order_errors = 0;
  order_due (w, FALSE);
  world_run (w);
  world_check_installed (w, w->drives->len - 1);
}

static void
test_retry_at (void)
{
  WorldPlan plan = plan_with_info ();
  g_autoptr (World) w = installed (&plan);
  McEnrollment *attempt;

  w->ca->order_errors = 1;
  w->now = world_enrollment (w, 0)->renew_at;
  order_due (w, FALSE);
  world_run (w);
  attempt = world_enrollment (w, 1);
  attempt->problem->retry_at = w->now + 20 * HOUR;
  g_assert_cmpint (plan_of (w, 0).at, ==, w->now + 20 * HOUR);
}

/* Records of earlier versions do not have the certificate's dates. */
static void
test_older_record (void)
{
  static const char *const members[] = {"not_before", "not_after", "renewal_id"};
  WorldPlan plan = world_plan_default ();
  g_autoptr (World) w = installed (&plan);
  const McEnrollment *e = world_enrollment (w, 0);
  g_autofree char *text = mc_enrollment_compose (e);
  g_autoptr (McEnrollment) older = NULL;
  g_autoptr (GError) error = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (members); i++) {
    g_autofree char *name = g_strdup_printf ("\"%s\"", members[i]);
    char *found = strstr (text, name);

    g_assert_nonnull (found);
    found[1] = 'x'; /* a member that nobody knows */
  }
  older = mc_enrollment_parse (text, strlen (text), &error);
  g_assert_no_error (error);
  g_assert_cmpint (older->not_before, ==, e->not_before);
  g_assert_cmpint (older->not_after, ==, e->not_after);
  g_assert_cmpstr (older->renewal_id, ==, e->renewal_id);
}

/* --- whose turn it is --- */

static void
add (GPtrArray *all, const char *const *addresses, const char *directory, McUsage usage, McEnrollmentState state)
{
  McEnrollment *e = mc_enrollment_new ("world", directory, addresses, 1000);

  e->id = all->len + 1;
  e->usage = usage;
  e->state = state;
  if (state == MC_ENROLLMENT_INSTALLED || state == MC_ENROLLMENT_ISSUED) {
    e->chain = g_strdup ("chain");
    e->not_before = 1000;
    e->not_after = 1000 + 90 * DAY;
  }
  g_ptr_array_add (all, e);
}

/* The certificate for A and B (index 0), due; and then came what the text says: who+usage+state, "o"ther CA. */
static void
test_turns (void)
{
  static const char *const who_a[] = {WORLD_ADDRESS, NULL}, *const who_b[] = {BOB, NULL},
                           *const who_ab[] = {BOB, WORLD_ADDRESS, NULL};
  static const struct {
    const char *later;
    McRenewalState state;
  } cases[] = {
      {"", MC_RENEWAL_DUE},
      {"AB both done", MC_RENEWAL_NONE},
      {"AB both done other", MC_RENEWAL_NONE}, /* or the default would go back to it */
      {"AB sign done", MC_RENEWAL_DUE},
      {"AB sign done, AB encrypt done", MC_RENEWAL_NONE},
      {"A both done", MC_RENEWAL_DUE},
      {"A both done, B both done other", MC_RENEWAL_NONE},
      {"AB both open", MC_RENEWAL_OPEN},
      {"AB both issued", MC_RENEWAL_OPEN},
      {"AB sign open other", MC_RENEWAL_OPEN},
      {"B encrypt open", MC_RENEWAL_OPEN},
      {"B encrypt issued", MC_RENEWAL_DUE}, /* may wait for its keyring for long */
      {"AB both failed", MC_RENEWAL_RESTS},
      {"AB both failed other", MC_RENEWAL_DUE},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GPtrArray) all = g_ptr_array_new_with_free_func ((GDestroyNotify)mc_enrollment_free);
    g_auto (GStrv) parts = g_strsplit (cases[i].later, ", ", -1);

    add (all, who_ab, "https://ca.example/", MC_USAGE_BOTH, MC_ENROLLMENT_INSTALLED);
    for (guint p = 0; parts[p] != NULL && *parts[p] != '\0'; p++) {
      g_auto (GStrv) words = g_strsplit (parts[p], " ", -1);
      McUsage usage;

      g_assert_true (mc_usage_parse (words[1], &usage, NULL));
      add (all,
           strcmp (words[0], "AB") == 0 ? who_ab
           : *words[0] == 'A'           ? who_a
                                        : who_b,
           words[3] != NULL ? "https://other.example/" : "https://ca.example/", usage,
           *words[2] == 'd'   ? MC_ENROLLMENT_INSTALLED
           : *words[2] == 'i' ? MC_ENROLLMENT_ISSUED
           : *words[2] == 'o' ? MC_ENROLLMENT_ORDERED
                              : MC_ENROLLMENT_FAILED);
      ((McEnrollment *)g_ptr_array_index (all, all->len - 1))->since = 1000 + 60 * DAY;
    }
    g_test_message ("%s", cases[i].later);
    g_assert_cmpint (mc_renewal_plan (all, 0, 1000 + 60 * DAY - 1).state, !=, MC_RENEWAL_DUE);
    g_assert_cmpint (mc_renewal_plan (all, 0, 1000 + 60 * DAY).state, ==, cases[i].state);
  }
}

/* --- ten years --- */

typedef struct {
  World *w;
  guint ticks, orders;
  gint64 bare;      /* seconds without a certificate */
  gint64 bare_most; /* in one go */
  gint64 valid_until;
} Life;

/* The end of the best certificate that is installed. */
static gint64
covered_until (const World *w)
{
  gint64 until = 0;

  for (guint i = 0; i < w->drives->len; i++)
    if (world_enrollment (w, i)->state == MC_ENROLLMENT_INSTALLED)
      until = MAX (until, world_enrollment (w, i)->not_after);
  return until;
}

/* The machine is on until then, and its timer runs. */
static void
live (Life *life, gint64 until)
{
  while (life->w->now < until) {
    g_autoptr (GPtrArray) all = all_of (life->w);
    const gint64 clock = world_clock (life->w);
    const gint64 wake = mc_renewal_wake (all, clock);
    const gint64 step = wake == 0 ? 6 * HOUR : CLAMP (wake - clock, HOUR / 4, 6 * HOUR);
    gint64 gap;

    life->ticks++;
    life->orders += tick (life->w, MIN (life->w->now + step, until));
    gap = life->w->now - MAX (covered_until (life->w), life->w->now - step);
    life->bare += MAX (gap, 0);
  }
}

/* Off: nothing runs. What it finds at its return: no certificate any more, and a quarter of an hour later it has one.
 */
static void
sleep_until (Life *life, gint64 until)
{
  life->w->now = until;
}

static guint
certificates_since (const World *w, gint64 since)
{
  guint count = 0;

  for (guint i = 0; i < w->drives->len; i++)
    count += world_enrollment (w, i)->state == MC_ENROLLMENT_INSTALLED && world_enrollment (w, i)->since >= since;
  return count;
}

/* Asked, whether it was there or not. */
static guint
knocks (const World *w)
{
  guint sum = 0;

  for (guint i = 0; i < CA_ROUTES; i++)
    sum += w->seen[i];
  return sum;
}

static void
year_of_a_broken_ca (Life *life)
{
  World *w = life->w;
  const gint64 due = world_enrollment (w, w->drives->len - 1)->renew_at;
  guint before;

  live (life, due - DAY);
  before = knocks (w);
  w->plan.away_until = w->now + 7 * DAY;
  live (life, w->plan.away_until);
  g_assert_cmpuint (certificates_since (w, due), ==, 0);
  g_assert_cmpint (covered_until (w), >, w->now); /* the old one holds */
  g_test_message ("a CA that is away for a week: %u requests", knocks (w) - before);
  g_assert_cmpuint (knocks (w) - before, <, 7 * 24 + 7 * 4 + 40); /* hourly, and for the window every six hours */
  live (life, w->now + DAY);
  g_assert_cmpuint (certificates_since (w, due), ==, 1);
}

static void
year_of_a_revocation (Life *life)
{
  World *w = life->w;
  CaOrder *last = g_ptr_array_index (w->ca->orders, w->ca->orders->len - 1);
  gint64 at;

  live (life, world_enrollment (w, w->drives->len - 1)->since + 10 * DAY);
  last->revoked = TRUE;
  at = w->now;
  live (life, at + MC_RENEWAL_CHECK_USUAL + HOUR);
  g_assert_cmpuint (certificates_since (w, at), ==, 1);
}

static void
year_of_a_journey (Life *life)
{
  World *w = life->w;
  const gint64 end = covered_until (w);
  gint64 at;

  live (life, world_enrollment (w, w->drives->len - 1)->renew_at - DAY);
  sleep_until (life, w->now + 60 * DAY);
  g_assert_cmpint (end, <, w->now); /* it has ended meanwhile */
  at = w->now;
  tick (w, w->now + HOUR / 4);
  g_assert_cmpuint (certificates_since (w, at), ==, 1);
  g_assert_cmpint (covered_until (w), >, w->now);
}

/* Ahead or behind by a day at any time costs nothing; a month ahead costs an early certificate at most. */
static void
year_of_bad_clocks (Life *life)
{
  static const gint64 skews[] = {DAY, -DAY, 3 * HOUR, 30 * DAY, -30 * DAY, 0};
  World *w = life->w;

  for (gsize i = 0; i < G_N_ELEMENTS (skews); i++) {
    w->skew = skews[i];
    live (life, w->now + 5 * DAY);
    w->skew = 0;
    live (life, w->now + 20 * DAY);
    g_assert_cmpint (covered_until (w), >, w->now);
  }
}

static void
test_ten_years (void)
{
  WorldPlan plan = plan_with_info ();
  g_autoptr (World) w = installed (&plan);
  Life life = {.w = w};
  const gint64 end = WORLD_START + G_GINT64_CONSTANT (3653) * DAY;
  guint failed = 0;

  year_of_a_broken_ca (&life);
  year_of_a_revocation (&life);
  year_of_a_journey (&life);
  year_of_bad_clocks (&life);
  live (&life, end);
  for (guint i = 0; i < w->drives->len; i++)
    failed += world_enrollment (w, i)->state == MC_ENROLLMENT_FAILED ||
              world_enrollment (w, i)->state == MC_ENROLLMENT_EXPIRED;
  g_test_message ("ten years: %u runs, %u orders, %u certificates, %u mails, %u failed; %u requests, %u of them for "
                  "renewal information; %" G_GINT64_FORMAT " seconds without a certificate while the machine was on",
                  life.ticks, life.orders, w->ca->certificates, ca_mails (w->ca), failed, world_requests (w),
                  w->ca->requests[CA_RENEWAL_INFO], life.bare);
  g_assert_cmpint (life.bare, ==, 0);
  g_assert_cmpuint (w->ca->certificates, >=, 55);
  g_assert_cmpuint (w->ca->certificates, <=, 75);
  g_assert_cmpuint (ca_mails (w->ca), ==, w->ca->certificates);
  g_assert_cmpuint (failed, ==, 0);
  /* Asked every six hours, and the directory before; an order needs about a dozen. */
  g_assert_cmpuint (w->ca->requests[CA_RENEWAL_INFO], <=, 3653 * 4 + w->ca->certificates);
  g_assert_cmpuint (world_requests (w) - 2 * w->ca->requests[CA_RENEWAL_INFO], <, 20 * w->ca->certificates);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/flow/renewal/window", test_window);
  g_test_add_func ("/flow/renewal/spread", test_spread);
  g_test_add_func ("/flow/renewal/retry-after", test_retry_after);
  g_test_add_func ("/flow/renewal/no-answer", test_no_answer);
  g_test_add_func ("/flow/renewal/backwards", test_backwards);
  g_test_add_func ("/flow/renewal/over-the-end", test_over_the_end);
  g_test_add_func ("/flow/renewal/revoked", test_revoked);
  g_test_add_func ("/flow/renewal/replaces-refused", test_replaces_refused);
  g_test_add_func ("/flow/renewal/replaces-kept", test_replaces_kept);
  g_test_add_func ("/flow/renewal/replaces-unasked", test_replaces_unasked);
  g_test_add_func ("/flow/renewal/key-policy", test_key_policy);
  g_test_add_func ("/flow/renewal/separate", test_separate);
  g_test_add_func ("/flow/renewal/back-off", test_back_off);
  g_test_add_func ("/flow/renewal/retry-at", test_retry_at);
  g_test_add_func ("/flow/renewal/older-record", test_older_record);
  g_test_add_func ("/flow/renewal/turns", test_turns);
  g_test_add_func ("/flow/renewal/ten-years", test_ten_years);
  return g_test_run ();
}
