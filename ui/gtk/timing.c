/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "timing.h"

static struct {
  const char *what;
  gint64 since; /* 0 = none of ours runs */
  gint64 longest;
  const char *longest_what;
} timing;

void
mc_timing_begin (const char *what)
{
  timing.what = what;
  timing.since = g_get_monotonic_time ();
}

void
mc_timing_end (void)
{
  gint64 took = timing.since != 0 ? g_get_monotonic_time () - timing.since : 0;

  timing.since = 0;
  if (took <= timing.longest)
    return;
  timing.longest = took;
  timing.longest_what = timing.what;
}

void
mc_timing_tell (void)
{
  g_debug ("longest callback on the main loop: %" G_GINT64_FORMAT " us (%s)", timing.longest,
           timing.longest_what != NULL ? timing.longest_what : "none");
}
