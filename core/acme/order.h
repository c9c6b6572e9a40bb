/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "acme/problem.h"

G_BEGIN_DECLS

typedef enum { MC_ORDER_PENDING, MC_ORDER_READY, MC_ORDER_PROCESSING, MC_ORDER_VALID, MC_ORDER_INVALID } McOrderStatus;

typedef struct {
  McOrderStatus status;
  gint64 expires;        /* 0 where the CA does not say */
  char **addresses;      /* its email identifiers, NULL-terminated; of an invalid order perhaps none */
  char **authorizations; /* URLs, NULL-terminated, any order (B41) */
  char *finalize;        /* NULL only in an invalid order */
  char *certificate;     /* NULL until valid; never NULL then */
  McProblem *problem;    /* NULL where there is none */
} McOrder;

McOrder *mc_order_parse (GBytes *body, GError **error);
void mc_order_free (McOrder *order);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (McOrder, mc_order_free)

/* newOrder payload: email identifiers octet for octet; PROFILE and REPLACES (RFC 9773) may be NULL. */
char *mc_order_request_compose (const char *const *addresses, const char *profile, const char *replaces);
/* finalize payload (B45). */
char *mc_order_finalize_compose (GBytes *csr_der);

typedef enum {
  MC_AUTHORIZATION_PENDING,
  MC_AUTHORIZATION_VALID,
  MC_AUTHORIZATION_INVALID,
  MC_AUTHORIZATION_DEACTIVATED,
  MC_AUTHORIZATION_EXPIRED,
  MC_AUTHORIZATION_REVOKED
} McAuthorizationStatus;

typedef enum {
  MC_CHALLENGE_PENDING,
  MC_CHALLENGE_PROCESSING,
  MC_CHALLENGE_VALID,
  MC_CHALLENGE_INVALID
} McChallengeStatus;

/* The email-reply-00 challenge of an authorization (RFC 8823 3); other types are passed over. */
typedef struct {
  McChallengeStatus status;
  char *url;
  char *token; /* token-part2; secret until used: never logged */
  char *
      from; /* address its mail will come from: an addr-spec without control characters. Token and from are never NULL
             * in a pending authorization whose challenge is pending or processing; elsewhere a CA may leave them out */
  McProblem *problem;
} McChallengeObject;

typedef struct {
  McAuthorizationStatus status;
  gint64 expires;
  char *address;                /* the identifier's value; NULL if its type is not email */
  McChallengeObject *challenge; /* NULL: the CA offers no email-reply-00 here */
} McAuthorization;

McAuthorization *mc_authorization_parse (GBytes *body, GError **error);
void mc_authorization_free (McAuthorization *authorization);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (McAuthorization, mc_authorization_free)

/* The answer to a challenge POST. Caller frees with mc_challenge_object_free. */
McChallengeObject *mc_challenge_object_parse (GBytes *body, GError **error);
void mc_challenge_object_free (McChallengeObject *challenge);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (McChallengeObject, mc_challenge_object_free)

G_END_DECLS
