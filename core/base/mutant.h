/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Deliberate faults, to test the tests: each skips one check or one promise. They exist only in a build with
 * --enable-mutants; everywhere else MC_MUTANT is 0 and the compiler drops what stands behind it. */
#ifdef MC_MUTANTS

#include <string.h>

/* The fault that is switched on, or NULL. A test sets it; nothing else writes it. */
extern const char *mc_mutant;

#define MC_MUTANT(name) (mc_mutant != NULL && strcmp (mc_mutant, (name)) == 0)

#else

#define MC_MUTANT(name) 0

#endif
