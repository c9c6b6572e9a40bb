/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "timing.h"

#include <time.h>

#define TOLD_US 1000 /* shorter ones make no gap that anybody notices */

static struct {
  const char *what;
  gint64 since; /* 0 = none of ours runs */
  gint64 cpu_since;
  gint64 longest, longest_cpu;
  const char *longest_what, *longest_cpu_what;
} timing;

/* Of this thread: what others do on the machine does not count. */
static gint64
cpu_now (void)
{
  struct timespec now;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &now);
  return (gint64)now.tv_sec * G_USEC_PER_SEC + now.tv_nsec / 1000;
}

void
mc_timing_begin (const char *what)
{
  timing.what = what;
  timing.since = g_get_monotonic_time ();
  timing.cpu_since = cpu_now ();
}

void
mc_timing_end (void)
{
  gint64 now, took, cpu;

  if (timing.since == 0)
    return;
  now = g_get_monotonic_time ();
  took = now - timing.since;
  cpu = cpu_now () - timing.cpu_since;
  timing.since = 0;
  if (took >= TOLD_US)
    g_debug ("callback at %" G_GINT64_FORMAT ": %" G_GINT64_FORMAT " us, cpu %" G_GINT64_FORMAT " us (%s)", now, took,
             cpu, timing.what);
  if (took > timing.longest) {
    timing.longest = took;
    timing.longest_what = timing.what;
  }
  if (cpu > timing.longest_cpu) {
    timing.longest_cpu = cpu;
    timing.longest_cpu_what = timing.what;
  }
}

void
mc_timing_tell (void)
{
  g_debug ("longest callback on the main loop: %" G_GINT64_FORMAT " us (%s), cpu %" G_GINT64_FORMAT " us (%s)",
           timing.longest, timing.longest_what != NULL ? timing.longest_what : "none", timing.longest_cpu,
           timing.longest_cpu_what != NULL ? timing.longest_cpu_what : "none");
}
