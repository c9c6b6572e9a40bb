/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "timing.h"

#include <time.h>

#define TOLD_US 1000 /* shorter ones make no gap that anybody notices */

typedef struct {
  gint64 wall, cpu; /* microseconds */
  const char *wall_what, *cpu_what;
} McLongest;

static struct {
  const char *what;
  gint64 since; /* 0 = none of ours runs */
  gint64 cpu_since;
  gboolean lent;
  McLongest ours, lent_longest;
} timing;

/* Of this thread: what others do on the machine does not count. */
static gint64
cpu_now (void)
{
  struct timespec now;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &now);
  return (gint64)now.tv_sec * G_USEC_PER_SEC + now.tv_nsec / 1000;
}

static void
begin (const char *what, gboolean lent)
{
  timing.what = what;
  timing.lent = lent;
  timing.since = g_get_monotonic_time ();
  timing.cpu_since = cpu_now ();
}

void
mc_timing_begin (const char *what)
{
  begin (what, FALSE);
}

void
mc_timing_lend (const char *what)
{
  mc_timing_end ();
  begin (what, TRUE);
}

void
mc_timing_end (void)
{
  McLongest *longest = timing.lent ? &timing.lent_longest : &timing.ours;
  gint64 now, took, cpu;

  if (timing.since == 0)
    return;
  now = g_get_monotonic_time ();
  took = now - timing.since;
  cpu = cpu_now () - timing.cpu_since;
  timing.since = 0;
  if (took >= TOLD_US)
    g_debug ("%s at %" G_GINT64_FORMAT ": %" G_GINT64_FORMAT " us, cpu %" G_GINT64_FORMAT " us (%s)",
             timing.lent ? "call of GTK" : "callback", now, took, cpu, timing.what);
  if (took > longest->wall) {
    longest->wall = took;
    longest->wall_what = timing.what;
  }
  if (cpu > longest->cpu) {
    longest->cpu = cpu;
    longest->cpu_what = timing.what;
  }
}

gint64
mc_timing_leave (void)
{
  mc_timing_end ();
  return g_get_monotonic_time ();
}

void
mc_timing_return (gint64 left, const char *what, const char *on)
{
  const gint64 now = g_get_monotonic_time ();

  if (now - left >= TOLD_US)
    g_debug ("call of the program at %" G_GINT64_FORMAT ": %" G_GINT64_FORMAT " us (%s)", now, now - left, what);
  mc_timing_begin (on);
}

static void
say (const char *kind, const McLongest *longest)
{
  g_debug ("longest %s: %" G_GINT64_FORMAT " us (%s), cpu %" G_GINT64_FORMAT " us (%s)", kind, longest->wall,
           longest->wall_what != NULL ? longest->wall_what : "none", longest->cpu,
           longest->cpu_what != NULL ? longest->cpu_what : "none");
}

void
mc_timing_tell (void)
{
  say ("callback on the main loop", &timing.ours);
  say ("call of GTK's for us", &timing.lent_longest);
}
