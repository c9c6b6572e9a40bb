/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "acme/order.h"
#include "flow/exchange.h"
#include "flow/flow.h"

#include <openssl/evp.h>

G_BEGIN_DECLS

/* What an HTTP request was for. */
typedef enum {
  MC_PURPOSE_NONE,
  MC_PURPOSE_DIRECTORY,
  MC_PURPOSE_NONCE,
  MC_PURPOSE_ACCOUNT,
  MC_PURPOSE_ORDER,
  MC_PURPOSE_AUTHORIZATION, /* first fetch of authorization_urls[index] */
  MC_PURPOSE_POST,          /* the challenge of addresses[index] */
  MC_PURPOSE_POLL,          /* the authorization of addresses[index] */
  MC_PURPOSE_POLL_ORDER,
  MC_PURPOSE_FINALIZE,
  MC_PURPOSE_CERTIFICATE,
  MC_PURPOSE_DEACTIVATE, /* abandoned[0] */
  MC_PURPOSE_RENEWAL_INFO,
  MC_PURPOSE_AGREE,   /* to new_terms */
  MC_PURPOSE_ROLLOVER /* the errand's; index is its own id of the action */
} McPurpose;

typedef struct {
  guint id;
  McActionKind kind;
  McPurpose purpose;    /* HTTP */
  guint index;          /* of the address or authorization URL */
  gboolean for_account; /* MAKE_KEY */
  char *subject;        /* INSTALL: the keyring; ASK root: fingerprint */
  char *trusted;        /* INSTALL: the root that was trusted when it began, or NULL */
  McAskKind ask;
} McPending;

/* What this life of the process knows of an address. */
typedef struct {
  gboolean awaited; /* AWAIT_MAIL was yielded */
  guint polls;      /* so far, for the back-off */
} McAddressLife;

struct McFlow {
  McEnrollment *enrollment;
  McAccount *account;
  McFlowSettings settings;

  GPtrArray *pending; /* of McPending */
  guint last_id;
  gboolean changed;
  gboolean account_changed;
  gboolean broken; /* an illegal move: nothing more is done */

  EVP_PKEY *account_key; /* parsed once: it signs every request */
  McExchange exchange;
  gboolean account_renewed; /* accountDoesNotExist was answered once */
  gboolean agreed;
  gboolean terms_unanswered; /* nobody to ask: wait for somebody */
  guint order_polls;         /* since finalize, for the back-off */
  gboolean finalize_due;     /* the order is ready and waits for our CSR */
  gboolean key_unusable;     /* passphrase missing: said once */
  char **alternates;         /* other chains still to try */
  guint next_alternate;
  McAddressLife *lives;      /* one for each address */
  GHashTable *asked_roots;   /* fingerprints that this life has asked about */
  char *root_to_ask;         /* fingerprint, or NULL */
  char *new_terms;           /* that the CA wants agreement to, or NULL */
  McProblem *terms_problem;  /* in which words */
  gboolean terms_told;       /* agreement was told once in this life */
  gboolean replace_key;      /* the account of the present key is closed: another one is made */
  struct McErrand *rollover; /* one that another life began, or NULL */
};

/* flow-table.c: the only writers of a state */
void mc_flow_move (McFlow *flow, McEnrollmentState state, gint64 now, const char *detail);
void mc_flow_move_address (McFlow *flow, McEnrollmentAddress *address, McAddressState state, gint64 now,
                           const char *detail);
void mc_flow_fail (McFlow *flow, gint64 now, McProblem *problem_take);
void mc_flow_expire (McFlow *flow, gint64 now);
/* Keeps a passing trouble and backs off: RETRY_AT or, where 0, twice as long as last time. */
void mc_flow_trouble (McFlow *flow, gint64 now, gint64 retry_at, McProblem *problem_take);
void mc_flow_set_problem (McFlow *flow, McProblem *problem_take);
McProblem *mc_flow_problem_from_error (const GError *error);
gint64 mc_flow_deadline (const McEnrollment *enrollment);
gint64 mc_flow_ca_hour (const McHttpResponse *response, gint64 now); /* by the CA's clock; 0 = not known */
/* When the present state is given up, 0 = never. The mail has its own deadline; after it the order lives as long as the
 * CA says, or a week where it does not, and a little longer for clocks that differ. */
gint64 mc_flow_end (const McEnrollment *enrollment);
char *mc_flow_random_id (McFlow *flow); /* 32 hex digits */

/* flow.c */
gboolean mc_flow_is_pending (const McFlow *flow, McActionKind kind, gint index);
McPending *mc_flow_start (McFlow *flow, McAction *action, McActionKind kind);
/* Everything at the CA that is not valid yet is put on the list to deactivate; the addresses begin again. */
void mc_flow_reset_order (McFlow *flow, gint64 now);
void mc_flow_abandon_authorizations (McFlow *flow);
/* A new order after an attempt that cannot be saved; FAILED when there were too many. */
void mc_flow_reorder (McFlow *flow, gint64 now, const char *why);

/* flow-order.c: requests to the CA. Yields the next HTTP action (or the key or question that it waits for) or leaves
 * ACTION as NONE and WAKE lowered. */
gboolean mc_flow_next_request (McFlow *flow, gint64 now, McAction *action, gint64 *wake, GError **error);

/* flow-http.c: what came back */
/* No directory where one should be. Said at once to whoever has just named the CA; later it is a portal's page or a
 * proxy's word and passes: no order is given up for it. PROBLEM is what to keep then. */
void mc_flow_not_a_directory (McFlow *flow, const char *detail, McProblem *problem_take, gint64 now);
gboolean mc_flow_feed_http (McFlow *flow, const McPending *pending, const McEvent *event, gint64 now, GError **error);

/* flow-answer.c: what the CA's good answers mean. */
void mc_flow_answer (McFlow *flow, const McPending *pending, const McHttpResponse *response, gint64 now);
/* An answer of 200 that makes no sense: tried again, a few times. */
void mc_flow_senseless (McFlow *flow, const char *what, const GError *error, gint64 now);
void mc_flow_authorization_seen (McFlow *flow, McEnrollmentAddress *address, const McAuthorization *authorization,
                                 const McHttpResponse *response, gint64 now);

/* flow-mail.c */
void mc_flow_next_mail (McFlow *flow, gint64 now, McAction *action, gint64 *wake);
gboolean mc_flow_feed_challenge (McFlow *flow, const McEvent *event, gint64 now, GError **error);
void mc_flow_feed_bounce (McFlow *flow, const McEvent *event, gint64 now);
void mc_flow_feed_sent (McFlow *flow, const McPending *pending, const McEvent *event, gint64 now);
/* Where nobody can say whether the reply or the POST arrived: the hour of the last look; still pending then = a new
 * order. 0 = there is no doubt. */
gint64 mc_flow_doubt_until (const McEnrollmentAddress *address);
/* Which challenge POST or poll is due: purpose and address; wake lowered to the next one. */
McPurpose mc_flow_address_request (McFlow *flow, gint64 now, guint *index, gint64 *wake);

/* flow-errand.c: an unfinished rollover comes before anything that is signed */
gboolean mc_flow_needs_rollover (const McFlow *flow);
gboolean mc_flow_next_rollover (McFlow *flow, gint64 now, McAction *action, gint64 *wake, GError **error);
gboolean mc_flow_feed_rollover (McFlow *flow, const McPending *pending, const McEvent *event, gint64 now,
                                GError **error);

/* flow-terms.c */
/* TRUE: PROBLEM is the CA's demand for agreement, and is seen to. */
gboolean mc_flow_terms_changed (McFlow *flow, const McProblem *problem, const McHttpResponse *response, gint64 now);
/* FALSE: the person is asked (ACTION), or was asked, and nothing is signed before the answer. */
gboolean mc_flow_next_terms (McFlow *flow, McAction *action);
void mc_flow_terms_agreed (McFlow *flow);            /* the CA knows it */
void mc_flow_await_terms (McFlow *flow, gint64 now); /* it will not hear of it from us */
/* The CA says that the account is closed (B29). */
void mc_flow_account_closed (McFlow *flow, gint64 now);

/* flow-cert.c */
void mc_flow_next_cert (McFlow *flow, gint64 now, McAction *action, gint64 *wake);
gboolean mc_flow_make_csr (McFlow *flow, gint64 now);
void mc_flow_take_chain (McFlow *flow, const McHttpResponse *response, gint64 now);
/* The person trusts ROOT: the keyrings that wanted it are tried again. */
void mc_flow_trust (McFlow *flow, const char *root);
void mc_flow_feed_installed (McFlow *flow, const McPending *pending, const McEvent *event, gint64 now);
EVP_PKEY *mc_flow_account_key (McFlow *flow, GError **error); /* borrowed */

/* flow-renewal.c: RFC 9773 */
/* The certificate is there: when it is to be renewed, and whether its CA is asked about it. */
void mc_flow_plan_renewal (McFlow *flow, const McChain *chain, gint64 now);
/* ISSUED and INSTALLED: the CA's renewal information, where it is time for it. */
McPurpose mc_flow_renewal_request (const McFlow *flow, gint64 now);
char *mc_flow_renewal_url (const McFlow *flow); /* caller frees */
void mc_flow_feed_renewal (McFlow *flow, const McPending *pending, const McHttpResponse *response, gint64 now);
/* newOrder was refused for the predecessor that it names: it is asked again without (C10). FALSE = not for that. */
gboolean mc_flow_drop_replaces (McFlow *flow, const McProblem *problem, gint64 now);

static inline void
mc_flow_wake_at (gint64 *wake, gint64 when)
{
  if (when > 0 && (*wake == 0 || when < *wake))
    *wake = when;
}

G_END_DECLS
