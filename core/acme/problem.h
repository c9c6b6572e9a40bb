/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "acme/http-message.h"
#include "base/json.h"

G_BEGIN_DECLS

/* A problem document (RFC 9457, RFC 8555 6.7) in the CA's own words, sanitized for a terminal. */
typedef struct {
  char *type; /* without the urn:ietf:params:acme:error: prefix where it has that: "rateLimited"; a foreign type whole;
                 never NULL */
  char *detail;     /* may be empty, never NULL */
  char *instance;   /* URL a human should open, or NULL */
  guint status;     /* HTTP status, 0 if unknown */
  gint64 retry_at;  /* 0 or unix seconds */
  GPtrArray *parts; /* of McProblemPart: subproblems (B14) */
} McProblem;

typedef struct {
  char *address; /* the identifier it is about, or NULL */
  char *type;
  char *detail;
} McProblemPart;

/* From a problem object inside another object (challenge.error, order.error). Tolerant: anything missing is empty.
 * Never NULL. */
McProblem *mc_problem_parse (const McJson *object);
/* From an HTTP answer of status >= 400; where the body is no problem document, its type is "http" and the detail names
 * the status. Never NULL. */
McProblem *mc_problem_from_response (const McHttpResponse *response, gint64 now);
McProblem *mc_problem_new (const char *type, const char *detail);
McProblem *mc_problem_copy (const McProblem *problem);
void mc_problem_free (McProblem *problem);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (McProblem, mc_problem_free)

/* For the stored record and --json: {"type","detail","instance"?,"status"?,"subproblems"?}. mc_problem_parse reads it
 * back. New reference. */
McJson *mc_problem_compose (const McProblem *problem);

gboolean mc_problem_is (const McProblem *problem, const char *type);

/* One line: detail, then the parts. Caller frees. */
char *mc_problem_sentence (const McProblem *problem);

G_END_DECLS
