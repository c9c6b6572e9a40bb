/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* An ACME CA in memory (RFC 8555, RFC 8823): it reads real requests and writes real answers, but nothing of it is
 * core's writer or reader of ACME, so that the two check each other. What the client does against the protocol ends the
 * test at once. */

#include "acme/http-message.h"
#include "base/cleanup.h"
#include "base/json.h"
#include "mail/ca-profile.h"

G_BEGIN_DECLS

#define CA_ORIGIN "https://ca.example/"
#define CA_DIRECTORY_URL CA_ORIGIN "directory"

typedef enum {
  CA_DIRECTORY,
  CA_NONCE,
  CA_NEW_ACCOUNT,
  CA_NEW_ORDER,
  CA_AUTHORIZATION,
  CA_CHALLENGE,
  CA_ORDER,
  CA_FINALIZE,
  CA_CERTIFICATE,
  CA_DEACTIVATE,
  CA_RENEWAL_INFO,
  CA_ACCOUNT,
  CA_KEY_CHANGE,
  CA_REVOKE,
  CA_ROUTES
} CaRoute;

/* What a challenge POST means (CA-BEHAVIOUR 1). */
typedef enum {
  CA_WAITS,     /* processing; the reply is looked at some time later */
  CA_HOLDS,     /* both must be in, in either order: the POST's answer is "valid" where the reply came first */
  CA_LOOKS_ONCE /* "check now": no reply there = invalid */
} CaMode;

typedef enum { CHAIN_GOOD, CHAIN_OTHER_KEY, CHAIN_OTHER_ADDRESS, CHAIN_GARBAGE, CHAIN_SECOND_GOOD } CaChain;

typedef struct {
  gboolean mail_at_post; /* the challenge POST brings the mail, not the fetch of the authorization (T-05) */
  CaMode mode;
  McTokenJoin join;
  guint part1_octets; /* 16, 20, 32: of token-part1 */
  gboolean fixed_from;
  gint64 look_seconds;          /* WAITS: between POST or reply and the look at them */
  gint64 order_seconds;         /* life of an order, 0 = it does not say */
  gint64 authorization_seconds; /* the same */
  gint64 processing_seconds;    /* finalize answers "processing" that long; 0 = "valid" at once, -1 = for ever */
  const char *retry_after;      /* on every answer that is to be polled, or NULL */
  const char *terms;
  const char *binding_kid; /* not NULL: external account binding is required */
  const char *binding_key; /* its MAC key, text */
  gboolean other_challenges_only;
  gboolean silent_post; /* a challenge POST changes nothing that can be seen */
  CaChain chain;
  const char *order_error; /* type that an invalid order shows, or NULL */
  gboolean renewal_info;   /* it has some (RFC 9773) */
  gboolean hasty;          /* they are over before the certificate is there */
  gboolean backwards;      /* its windows end before they start */
  const char *info_retry_after;
  gboolean dateless; /* its web server's clock stands at 1970: so its answers are dated, and nothing else */
} CaPlan;

typedef struct {
  guint id;
  char *url;
  char *x, *y; /* the public key's coordinates, base64url */
  char *thumbprint;
  EVP_PKEY *key;
  guint key_changes;
  gboolean closed; /* by its own wish */
} CaAccount;

typedef struct {
  guint id;
  CaAccount *account;
  char *address;
  const char *status;
  gint64 expires;
  /* its one email-reply-00 challenge */
  const char *challenge_status;
  char *part1, *part2, *from, *reply_to, *message_id;
  const char *error; /* its type */
  gint64 mailed_at;
  guint posts;
  gint64 posted_at;
  gint64 replied_at; /* a right reply came */
  guint replies;     /* of any kind */
} CaAuthorization;

typedef struct {
  guint id;
  CaAccount *account;
  GPtrArray *authorizations; /* borrowed */
  const char *status;
  gint64 expires;
  gint64 done_at;
  GBytes *csr;
  char *chain;
  char *leaf;       /* its certificate as revokeCert names it */
  char *renewal_id; /* of its certificate; NULL until there is one */
  gint64 not_before, not_after;
  gboolean revoked, replaced;
  guint replaces; /* id of another order + 1, 0 = none */
} CaOrder;

typedef struct Ca Ca;
typedef void (*CaMailFunc) (gpointer self, const CaAuthorization *authorization);

struct Ca {
  CaPlan plan;
  GRand *random;
  gint64 now;
  CaMailFunc mail; /* sends the challenge mail */
  gpointer mail_self;
  GHashTable *nonces; /* that were given out and not used */
  GPtrArray *accounts, *authorizations, *orders;
  guint requests[CA_ROUTES]; /* that it looked at */
  guint certificates;        /* issued */
  guint order_errors;        /* newOrder is refused that often with rejectedIdentifier */
};

Ca *ca_new (const CaPlan *plan, guint32 seed, CaMailFunc mail, gpointer mail_self);
void ca_free (Ca *ca);

/* What a request is for; the world decides by it what to break. */
CaRoute ca_route (const McHttpRequest *request);
/* Caller frees. */
McHttpResponse *ca_request (Ca *ca, const McHttpRequest *request, gint64 now);
/* A problem document; NOW for nothing but a fresh nonce, which WITHOUT_NONCE leaves out. Caller frees. */
McHttpResponse *ca_problem (Ca *ca, guint status, const char *type, const char *detail, gboolean without_nonce);
/* The reply mail arrives. */
void ca_receive (Ca *ca, const char *rfc822, gsize length, gint64 now);
/* What a time that has passed has done to it. */
void ca_settle_authorization (Ca *ca, CaAuthorization *authorization);
void ca_settle_order (Ca *ca, CaOrder *order);
/* By other means than the reply: the operator says so. */
void ca_declare (CaAuthorization *authorization, gboolean valid);
void ca_forget_accounts (Ca *ca);
/* Every nonce given out so far is void. */
void ca_forget_nonces (Ca *ca);

guint ca_posts_most (const Ca *ca); /* of any one challenge */
guint ca_mails (const Ca *ca);
CaAccount *ca_last_account (const Ca *ca);                                             /* NULL = none */
CaAuthorization *ca_find_authorization (const Ca *ca, const char *address, guint nth); /* NULL = none */

/* ca-renewal.c */
void ca_note_certificate (CaOrder *order);
/* The order whose certificate PAYLOAD's newOrder replaces; NULL with or without a REFUSAL. */
CaOrder *ca_replaced (Ca *ca, const McJson *payload, McHttpResponse **refusal);
McHttpResponse *ca_renewal_info (Ca *ca, const char *url);
char *ca_time (gint64 time); /* ca-order.c: RFC 3339 */

/* ca-jws.c */
char *ca_base64url (const void *octets, gsize length);
guint8 *ca_base64url_decode (const char *text, gsize *length); /* NUL-terminated */
char *ca_sha256 (const void *octets, gsize length);            /* base64url */
typedef struct {
  McJson *header;
  McJson *payload; /* NULL for POST-as-GET */
  CaAccount *account;
  McHttpResponse *refusal; /* badNonce and the like; the rest is empty then */
} CaCall;
void ca_call_read (Ca *ca, const McHttpRequest *request, CaCall *call);
void ca_call_clear (CaCall *call);
CaAccount *ca_account_of (Ca *ca, const McJson *jwk, gboolean make);
/* NULL = it is good; else what is wrong with it. */
const char *ca_binding_fault (const Ca *ca, const CaCall *call, const char *url);
/* Who bears the new key of a keyChange: somebody who has an account, or a new one with the id G_MAXUINT. Owned by CA.
 */
CaAccount *ca_call_rollover (Ca *ca, const CaCall *call, const char *url);
void ca_swap_keys (CaAccount *a, CaAccount *b);

/* ca-account.c */
McHttpResponse *ca_new_account (Ca *ca, const CaCall *call, const char *url);
McHttpResponse *ca_account (Ca *ca, const CaCall *call);
McHttpResponse *ca_key_change (Ca *ca, const CaCall *call, const char *url);
McHttpResponse *ca_revoke (Ca *ca, const CaCall *call);

/* ca-order.c */
McHttpResponse *ca_answer (Ca *ca, guint status, const char *json_take);
McHttpResponse *ca_new_order (Ca *ca, const CaCall *call);
McHttpResponse *ca_authorization (Ca *ca, const CaCall *call, guint id);
McHttpResponse *ca_challenge (Ca *ca, const CaCall *call, guint id);
McHttpResponse *ca_order (Ca *ca, const CaCall *call, guint id);
McHttpResponse *ca_finalize (Ca *ca, const CaCall *call, guint id);
McHttpResponse *ca_certificate (Ca *ca, const CaCall *call, guint id, gboolean alternate);

/* ca-mail.c */
void ca_send_mail (Ca *ca, CaAuthorization *authorization);

/* ca-issue.c: PEM of leaf and intermediate, NULL where the CSR is not for ADDRESSES. */
char *ca_issue (GBytes *csr, const char *const *addresses, CaChain chain, gint64 now);
/* SHA-256 of the root, lower-case hex: static. */
const char *ca_root_fingerprint (void);

G_END_DECLS
