/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "runner/doctor.h"

G_BEGIN_DECLS

/* What FINDING means for getting a certificate, in one sentence, and in *NEXT (may be NULL) the one thing to do, or
 * NULL. Neither has anything private in it. Caller frees. */
char *mc_text_finding (const McFinding *finding, char **next);
/* What a group of checks is about: "Your mail", ...; static. */
const char *mc_text_finding_group (const char *group);
/* "ok", "wrong", ... in the person's language; static. */
const char *mc_text_finding_outcome (McFindingOutcome outcome);

G_END_DECLS
