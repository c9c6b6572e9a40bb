/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What orders, authorizations and challenges have in common; for these files only. */

#include "acme/problem.h"

G_BEGIN_DECLS

/* BODY as one JSON object. */
McJson *mc_acme_object_parse (GBytes *body, GError **error);

/* The place of "status" in NAMES (COUNT of them); a status that RFC 8555 7.1.6 does not know is malformed: acting on a
 * guess costs an order. */
gboolean mc_acme_status_parse (const McJson *object, const char *const *names, guint count, guint *out, GError **error);

/* "expires" as unix seconds; 0 where the CA does not say or says nonsense: our own deadline bounds the wait then. */
gint64 mc_acme_expires (const McJson *object);

/* A member that must be an acceptable URL; a copy in OUT. */
gboolean mc_acme_url_parse (const McJson *object, const char *name, char **out, GError **error);

/* An identifier object: the address if its type is "email", NULL in OUT for other types. */
gboolean mc_acme_identifier_parse (const McJson *identifier, char **out, GError **error);

/* "error" as a problem, NULL where there is none. */
McProblem *mc_acme_error_parse (const McJson *object);

G_END_DECLS
