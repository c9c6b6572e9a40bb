/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cli.h"

G_BEGIN_DECLS

/* Is the certificate of this enrollment to be renewed: two thirds of its life have passed, or renew_at has. FALSE
 * without a certificate. */
gboolean mc_lifetime_is_due (const McEnrollment *enrollment, gint64 now);

/* Two enrollments that serve the same purpose: same CA, usage and addresses. */
gboolean mc_lifetime_is_same (const McEnrollment *a, const McEnrollment *b);

/* ALL: of McEnrollment, oldest first. Has a later one taken the place of the one at INDEX: a newer certificate, or for
 * one that came to nothing any newer attempt? */
gboolean mc_lifetime_is_past (const GPtrArray *all, guint index);

/* The attempt after INDEX that has not led to a certificate (yet), or NULL. Borrowed. */
const McEnrollment *mc_lifetime_attempt (const GPtrArray *all, guint index);

G_END_DECLS
