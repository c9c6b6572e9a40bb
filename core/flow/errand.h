/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "acme/directory.h"
#include "acme/revocation.h"
#include "flow/flow.h"

G_BEGIN_DECLS

/* What is asked of a CA besides an enrollment: one thing, of an account or a certificate that is there. Like the flow
 * it does no I/O, and its driver has the same duty: mc_errand_next () until it yields NONE; before an action is
 * started, and after each mc_errand_feed (), what has changed in the account is committed. Actions: HTTP, MAKE_KEY,
 * ASK.
 *
 * A rollover that a process did not live to finish shows as McAccount.new_key: every errand but REVOKE finishes it
 * first, and the flow does. Nobody else may use the account meanwhile. */
typedef struct McErrand McErrand;

typedef enum {
  MC_ERRAND_LOOK,      /* at the account: is it there, is it good */
  MC_ERRAND_REVOKE,    /* a certificate (B63) */
  MC_ERRAND_ROLL_OVER, /* to a new account key (B28); never while a challenge is open (T-26): the caller's duty */
  MC_ERRAND_DEACTIVATE /* the account, for ever (B29) */
} McErrandKind;

/* Borrowed, and outliving the errand. */
typedef struct {
  McErrandKind kind;
  gboolean agree_terms;      /* to changed terms too: the person has said so */
  GBytes *certificate;       /* REVOKE: DER */
  EVP_PKEY *certificate_key; /* REVOKE: signs where the account cannot; NULL = not at hand */
  McReason reason;           /* REVOKE */
} McErrandWish;

typedef enum {
  MC_ERRAND_UNDER_WAY,
  MC_ERRAND_DONE,    /* also: revoked already, deactivated already */
  MC_ERRAND_REFUSED, /* problem says why; nothing will change that by itself */
  MC_ERRAND_LATER    /* problem says what is in the way now */
} McErrandEnd;

/* ACCOUNT is changed in place; not owned. */
McErrand *mc_errand_new (McAccount *account, const McErrandWish *wish);
void mc_errand_free (McErrand *errand);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (McErrand, mc_errand_free)

/* FALSE: the account's key cannot be read, or cannot sign. */
gboolean mc_errand_next (McErrand *errand, gint64 now, McAction *action, GError **error);
/* An id that is not under way is ignored. */
gboolean mc_errand_feed (McErrand *errand, const McEvent *event, gint64 now, GError **error);

gboolean mc_errand_is_changed (const McErrand *errand); /* the account */
void mc_errand_committed (McErrand *errand);

McErrandEnd mc_errand_end (const McErrand *errand);
const McProblem *mc_errand_problem (const McErrand *errand);     /* borrowed; NULL where all is well */
const McDirectory *mc_errand_directory (const McErrand *errand); /* borrowed; NULL until fetched */

#define MC_ERRAND_FAILURES_MAX 4 /* passing failures in a row, with back-off; then LATER */
#define MC_ERRAND_WAIT_MOST 60   /* a Retry-After that is waited for, seconds; one beyond is LATER */

G_END_DECLS
