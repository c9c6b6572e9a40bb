/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/json.h"
#include "cli.h"

G_BEGIN_DECLS

/* The JSON of DESIGN 5 and mailcert-json(5). Never translated: main () leaves messages untranslated where --json is
 * given. */

McJson *mc_report_new (void); /* {"schema":1} */
/* One line on stdout. */
void mc_report_print (const McJson *report);

/* Members that are always there: null where TEXT is NULL or WHEN is 0. TEXT need not be UTF-8. */
void mc_report_set_text (McJson *object, const char *name, const char *text);
void mc_report_set_time (McJson *object, const char *name, gint64 when);

/* {"code","message","next","problem"}. NEXT and PROBLEM may be NULL. */
McJson *mc_report_error (McError code, const char *message, const char *next, const McProblem *problem);
/* One element of "enrollments". */
McJson *mc_report_enrollment (const McConfig *config, const McEnrollment *enrollment, gint64 now);
McJson *mc_report_inspection (const McInspection *inspection);

G_END_DECLS
