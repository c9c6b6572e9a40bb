/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "mailcert.h"

G_BEGIN_DECLS

/* Everything a person reads about a state or an error: one whole sentence, and the next step where there is one.
 * Translated; CLI, GTK and notifications share it. All results are the caller's to free. NEXT may be NULL; *NEXT is
 * NULL where there is nothing to do. Words of a CA, a mail server or a mail are sanitized in here. */

/* What an enrollment is doing now. */
char *mc_text_enrollment (const McEnrollment *enrollment, gint64 now, char **next);
/* What one of its addresses is doing now. */
char *mc_text_address (const McEnrollment *enrollment, const McEnrollmentAddress *address, gint64 now, char **next);
/* What becomes of the certificate at INDEX of ALL (every enrollment, oldest first): when it is renewed and why, how far
 * that has come, what it fails on; NULL where there is nothing to say of it. */
char *mc_text_renewal (const GPtrArray *all, guint index, gint64 now);
/* How a keyring took the certificate. */
char *mc_text_keyring (const McEnrollment *enrollment, const McEnrollmentKeyring *keyring, char **next);
/* One step as it happens ("Asked %s at 14:02 ..."); NULL for entries that people need not see. */
char *mc_text_step (const McEnrollment *enrollment, const McHistoryEntry *entry);
/* The same for each entry, also those. */
char *mc_text_history (const McEnrollment *enrollment, const McHistoryEntry *entry);
/* That a reply was given to TRANSPORT at WHEN. */
char *mc_text_handed_over (const char *transport, gint64 when, gint64 now);
/* What a person has to hear of. */
char *mc_text_occasion (const McOccasion *occasion, gint64 now, char **next);
/* Facts and history, many lines: for whoever looks behind the sentence, or asks somebody for help with it. */
char *mc_text_details (const McEnrollment *enrollment, gint64 now);
/* Why a mail is or is not answered, by verdict code. */
char *mc_text_verdict (const McVerdict *verdict, char **next);
/* The same where only the code is known. */
char *mc_text_verdict_code (McVerdictCode code, char **next);
/* An error of core. */
char *mc_text_error (const GError *error, char **next);
/* A CA's refusal in its own words, with the step that fits the problem type; also the troubles that are ours
 * ("mailcert:..."). */
char *mc_text_problem (const char *ca, const McProblem *problem, char **next);
/* "today 14:02", "Fri 27 Nov 14:02": local time, for sentences. */
char *mc_text_time (gint64 when, gint64 now);
/* "27 Nov 2026": the local day. */
char *mc_text_day (gint64 when);
/* The addresses of an enrollment, as they stand in a sentence. */
char *mc_text_addresses (const McEnrollment *enrollment);
/* The leaf of the enrollment's chain, or NULL. Caller frees. */
McCertificateInfo *mc_text_certificate (const McEnrollment *enrollment);

/* The trouble that ENROLLMENT is in now, or NULL: a problem that a later step has overcome is none. Borrowed. */
const McProblem *mc_text_trouble (const McEnrollment *enrollment);

G_END_DECLS
