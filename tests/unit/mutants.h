/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

/* Goes through all cases of a test with mc_mutant as it is. Returns how many went wrong: 0 without a mutant. It must
 * not end the program for a case that goes wrong. */
typedef guint (*MutantsTrial) (void);

/* Adds a test of the code as it is, in which no case may go wrong, and one for each MC_MUTANT ("name") in the C files
 * of FOLDER ("core/mail"), in which at least one must. So the code is the one list of its mutants, and none is without
 * a test; lint-house.py sees to it that each folder with mutants is named in such a call. LEAST: how many mutants there
 * are at the least. Only for a build with --enable-mutants. */
void mutants_add_tests (const char *folder, guint least, MutantsTrial trial);
