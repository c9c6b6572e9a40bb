/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/mutant.h"

#ifdef MC_MUTANTS
const char *mc_mutant;
#else
typedef int mc_mutant_none; /* ISO C wants something here */
#endif
