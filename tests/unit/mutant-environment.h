/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/mutant.h"

#include <glib.h>

/* Switches on the fault that MC_MUTANT names: tests/flow/test-flow-mutants starts whole test programs so, and each
 * fault must turn one of them red. */
static inline void
mutant_from_environment (void)
{
#ifdef MC_MUTANTS
  mc_mutant = g_getenv ("MC_MUTANT");
#endif
}
