/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "flow/enrollment.h"

G_BEGIN_DECLS

/* Which certificate is to be renewed, and when: the one truth for timers, mail clients and status. ALL is always every
 * enrollment of the store, oldest first; nothing here is written, and no certificate is parsed. */

typedef enum {
  MC_RENEWAL_NONE,  /* nothing to renew: no certificate in use, or others have taken its place, or revoked */
  MC_RENEWAL_LATER, /* not before AT */
  MC_RENEWAL_DUE,   /* may be ordered now */
  MC_RENEWAL_OPEN,  /* ATTEMPT is under way: never a second order for an address and usage */
  MC_RENEWAL_RESTS  /* due, but ATTEMPT came to nothing: not again before AT */
} McRenewalState;

typedef struct {
  McRenewalState state;
  gint64 at;                   /* LATER, RESTS: unix seconds */
  const McEnrollment *attempt; /* OPEN, RESTS: borrowed from ALL; else NULL */
  gint64 check_at;             /* the CA is to be asked for its renewal information at this hour; 0 = never */
} McRenewal;

McRenewal mc_renewal_plan (const GPtrArray *all, guint index, gint64 now);

/* The next hour at which something of this is to be done, 0 = never. What can be done already counts as NOW. */
gint64 mc_renewal_wake (const GPtrArray *all, gint64 now);

/* The end is near (7 days, less for short lives), it is due, and no new one has come: a person has to hear of it (UX
 * 5). What is merely under way since a day at most is left in peace. */
gboolean mc_renewal_is_failing (const GPtrArray *all, guint index, gint64 now);

/* The order that renews all[INDEX]: the same again for the same keyrings, with predecessor, replaces and the tries so
 * far. The key is a new one unless REUSE_KEY. Caller frees. */
McEnrollment *mc_renewal_order (const GPtrArray *all, guint index, gboolean reuse_key, gint64 now);
/* The enrollment whose addresses meet those of E and that is not yet READY: E waits for it (T-09). 0 = none. */
gint64 mc_renewal_goes_after (const GPtrArray *all, const McEnrollment *e);

/* Two thirds of its life: where the CA says nothing. */
gint64 mc_renewal_usual_at (const McEnrollment *enrollment);
/* Two thirds of its life have passed, or its own hour has come. FALSE without a certificate. A revoked one is dead,
 * unless it was revoked as superseded: then it is due. */
gboolean mc_renewal_is_due (const McEnrollment *enrollment, gint64 now);
/* Its CA is to be asked for renewal information now (C07, C08): never after its end. */
gboolean mc_renewal_check_is_due (const McEnrollment *enrollment, gint64 now);

/* Two enrollments that serve the same purpose: one renews the other, or same CA, usage and addresses. */
gboolean mc_renewal_is_same (const McEnrollment *earlier, const McEnrollment *later);
/* Has a later one taken the place of the one at INDEX: a newer certificate of the same CA (or a pair that does the same
 * between them), or for one that came to nothing any newer attempt? */
gboolean mc_renewal_is_past (const GPtrArray *all, guint index);
/* The attempt after INDEX that has not led to a certificate (yet), or NULL. Borrowed. */
const McEnrollment *mc_renewal_attempt (const GPtrArray *all, guint index);

/* Times, seconds. */
#define MC_RENEWAL_TELL_SECONDS (7 * 24 * 60 * 60) /* before the end a renewal that fails is told */
#define MC_RENEWAL_REST_LEAST (6 * 60 * 60)        /* after a failure, then twice as long ... */
#define MC_RENEWAL_REST_MOST (24 * 60 * 60)        /* ... up to this; less for short lives */
#define MC_RENEWAL_CHECK_LEAST 60                  /* Retry-After is clamped to these (C08) */
#define MC_RENEWAL_CHECK_MOST (24 * 60 * 60)
#define MC_RENEWAL_CHECK_USUAL (6 * 60 * 60)      /* without Retry-After, and after a lasting error (C09) */
#define MC_RENEWAL_MARGIN_MOST (3 * 24 * 60 * 60) /* a window over the end is cut: a mail's way takes a day */

G_END_DECLS
