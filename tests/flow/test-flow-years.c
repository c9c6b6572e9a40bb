/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "renewals.h"

/* For ever: ten years of a mailbox. */

typedef struct {
  World *w;
  guint ticks, orders;
  gint64 bare; /* seconds without a certificate */
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
    g_autoptr (GPtrArray) all = renewals_all (life->w);
    const gint64 clock = world_clock (life->w);
    const gint64 wake = mc_renewal_wake (all, clock);
    const gint64 step = wake == 0 ? 6 * HOUR : CLAMP (wake - clock, HOUR / 4, 6 * HOUR);
    gint64 gap;

    life->ticks++;
    life->orders += renewals_tick (life->w, MIN (life->w->now + step, until));
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
  renewals_tick (w, w->now + HOUR / 4);
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
  WorldPlan plan = renewals_plan ();
  g_autoptr (World) w = renewals_installed (&plan);
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
  g_test_add_func ("/flow/renewal/ten-years", test_ten_years);
  return g_test_run ();
}
