/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What the text-*.c files share. */

#include "pki/chain.h"
#include "text.h"

/* dgettext with our own domain: the sentences are also shown inside mail clients, whose domain is another. */
#ifndef GETTEXT_PACKAGE
#define GETTEXT_PACKAGE "mailcert"
#endif
#include <glib/gi18n-lib.h>

/* Words of a peer, fit to be followed by a full stop; "no reason was given" where there are none. */
char *mc_text_words (const char *words);
/* The same for a clause of core, such as an error's message: in the person's language where it is known here. */
char *mc_text_reason (const char *words);
/* TRANSLATION with VALUES (NULL-terminated) for its %s, or %1$s and so on where a language wants another order. */
char *mc_text_fill (const char *translation, const char *const *values);
/* The clauses that are known, as core writes them, with %s for what varies: for the test that looks them up there. */
const char *const *mc_text_clauses (gsize *count);
/* Takes SENTENCE; words that ended with a question or exclamation mark need no full stop after it. */
char *mc_text_end (char *sentence);
/* Sets *NEXT to a copy of SENTENCE (may be NULL) unless NEXT is NULL. */
void mc_text_set_next (char **next, const char *sentence);
void mc_text_take_next (char **next, char *sentence);
/* A certificate that is revoked, or to be. CA and ADDRESSES as they are to be shown. */
char *mc_text_revocation (const McEnrollment *enrollment, const char *ca, const char *addresses, char **next);
/* What the verdict with this NAME says, or NULL: there is none. */
char *mc_text_verdict_named (const char *name);
/* The address that is furthest behind: it decides what the order waits for. NULL where there are none. */
const McEnrollmentAddress *mc_text_slowest (const McEnrollment *enrollment);
/* Why a CA may say nothing, while it lasts and when it has lasted too long. */
const char *mc_text_silence (void);
/* Whether it goes on by itself once TROUBLE is over: not any more where the request has ended meanwhile. */
gboolean mc_text_is_passing (const McProblem *trouble);
/* Of a request in EXPIRED: what it lacked, and the next step. NOW: seconds since 1970. Caller frees both. */
char *mc_text_expired (const McEnrollment *enrollment, gint64 now, char **next);
