/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* How long our own code keeps the main loop: from begin to end, for the test that prints it. What the mail program does
 * for us in between (it may run a main loop of its own) is left out by an end before and a begin after it. */
void mc_timing_begin (const char *what); /* static */
void mc_timing_end (void);
/* The same for one call of GTK's that cannot be cut up, until the end: counted apart. */
void mc_timing_lend (const char *what); /* static */
/* Says the longest of both as debug messages. */
void mc_timing_tell (void);

G_END_DECLS
