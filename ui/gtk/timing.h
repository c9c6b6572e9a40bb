/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* How long our own code keeps the main loop: from begin to end, for the test that prints it. */
void mc_timing_begin (const char *what); /* static */
void mc_timing_end (void);
/* The same for one call of GTK's that cannot be cut up, until the end: counted apart. */
void mc_timing_lend (const char *what); /* static */
/* What the mail program does for us in between is told apart: it may take its time, and run a main loop of its own.
 * mc_timing_leave gives what mc_timing_return wants; WHAT was done meanwhile, and what goes ON (both static). */
gint64 mc_timing_leave (void);
void mc_timing_return (gint64 left, const char *what, const char *on);
/* Says the longest of the first two as debug messages. */
void mc_timing_tell (void);

G_END_DECLS
