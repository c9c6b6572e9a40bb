/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "renewals.h"

/* --- what "renew --due" does, in small --- */

/* Borrowed from the drives: what stands there is what was committed. */
GPtrArray *
renewals_all (const World *w)
{
  GPtrArray *all = g_ptr_array_new ();

  for (guint i = 0; i < w->drives->len; i++)
    g_ptr_array_add (all, world_enrollment (w, i));
  return all;
}

guint
renewals_order (World *w, gboolean reuse_key)
{
  guint orders = 0;

  for (guint i = 0, count = w->drives->len; i < count; i++) {
    g_autoptr (GPtrArray) all = renewals_all (w);
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
guint
renewals_tick (World *w, gint64 until)
{
  g_autoptr (GPtrArray) all = renewals_all (w);
  guint orders;

  for (guint i = 0; i < w->drives->len; i++) {
    Drive *d = g_ptr_array_index (w->drives, i);
    const McRenewal plan = mc_renewal_plan (all, i, world_clock (w));

    if (d->over && plan.check_at != 0 && plan.check_at <= world_clock (w))
      drive_load (w, d);
  }
  world_pass (w, w->now + 60);
  orders = renewals_order (w, FALSE);
  check_one_order (w);
  world_pass (w, until);
  if (orders > 0)
    world_check (w);
  return orders;
}

World *
renewals_installed (const WorldPlan *plan)
{
  World *w = world_new (plan);

  world_enroll_one (w);
  world_run (w);
  world_check_installed (w, 0);
  return w;
}

WorldPlan
renewals_plan (void)
{
  WorldPlan plan = world_plan_default ();

  plan.ca.renewal_info = TRUE;
  plan.ca.authorization_seconds = 7 * DAY;
  return plan;
}

McRenewal
renewals_plan_of (const World *w, guint index)
{
  g_autoptr (GPtrArray) all = renewals_all (w);

  return mc_renewal_plan (all, index, world_clock (w));
}

/* The CA is asked again, by a process of its own. */
const McEnrollment *
renewals_ask_again (World *w)
{
  drive_load (w, g_ptr_array_index (w->drives, 0));
  world_run (w);
  return world_enrollment (w, 0);
}
