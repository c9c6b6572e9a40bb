/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Renewals in virtual time, by the planner that timers and mail clients use. */

#include "flow/renewal.h"
#include "world.h"

G_BEGIN_DECLS

#define HOUR (60 * 60)
#define DAY (24 * HOUR)

WorldPlan renewals_plan (void);                    /* a CA with renewal information */
World *renewals_installed (const WorldPlan *plan); /* with one certificate */
GPtrArray *renewals_all (const World *world);      /* borrowed from the drives: what was committed */
McRenewal renewals_plan_of (const World *world, guint index);
/* Makes what is due; how many orders. */
guint renewals_order (World *world, gboolean reuse_key);
/* One run of the timer, which lasts until UNTIL; how many orders it made. */
guint renewals_tick (World *world, gint64 until);
/* The CA is asked again about the first certificate, by a process of its own. */
const McEnrollment *renewals_ask_again (World *world);

G_END_DECLS
