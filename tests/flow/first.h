/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "world.h"

/* Most stories have one enrollment: the first. */

static inline McEnrollmentState
state (const World *w)
{
  return world_enrollment (w, 0)->state;
}

static inline const char *
problem_type (const World *w)
{
  const McProblem *problem = world_enrollment (w, 0)->problem;

  return problem != NULL ? problem->type : NULL;
}

static inline Drive *
first_drive (const World *w)
{
  return g_ptr_array_index (w->drives, 0);
}

static inline World *
run (const WorldPlan *plan)
{
  World *w = world_new (plan);

  world_enroll_one (w);
  world_run (w);
  return w;
}
