/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "acme/http-message.h"
#include "flow/enrollment.h"
#include "mail/bounce.h"
#include "mail/ca-profile.h"
#include "mail/challenge.h"
#include "mail/outcome.h"

G_BEGIN_DECLS

/* The machine that takes one enrollment from NEW to INSTALLED (DESIGN 2). It does no I/O: it says what to do next and
 * is told what happened. What it knows that must survive stands in the record; the rest (nonce, directory, what is
 * under way) is found again after a restart.
 *
 * The driver's duty, in this order, for ever:
 *   1. mc_flow_next () until it yields NONE, and before starting each action, mc_flow_feed ()s included: where
 * mc_flow_is_changed (), commit the record (and the account) and call mc_flow_committed (). No commit, no action: drop
 * the flow and load the record again.
 *   2. start the action; feed its end with the action's id. */
typedef struct McFlow McFlow;

typedef enum {
  MC_ACTION_NONE,       /* nothing now; wake says when to ask again (0 = only after an event) */
  MC_ACTION_HTTP,       /* carry request; feed HTTP */
  MC_ACTION_MAKE_KEY,   /* make a key of key_kind on a worker; feed KEY with its PKCS#8 */
  MC_ACTION_AWAIT_MAIL, /* watch for the challenge to address; feed CHALLENGE once, when one is authentic */
  MC_ACTION_SEND,       /* hand address->reply over; feed SENT */
  MC_ACTION_WAS_SENT,   /* ask address->transport what became of it; feed SENT */
  MC_ACTION_INSTALL,    /* put key and chain into keyring; feed INSTALLED */
  MC_ACTION_ASK         /* ask the person; feed ANSWER */
} McActionKind;

typedef enum { MC_ASK_TERMS, MC_ASK_ROOT } McAskKind;

typedef struct {
  McActionKind kind;
  guint id;
  McHttpRequest *request;             /* HTTP; borrowed until the next call */
  McKeyKind key_kind;                 /* MAKE_KEY */
  gboolean for_account;               /* MAKE_KEY: it signs requests, unattended: never under a passphrase */
  const McEnrollmentAddress *address; /* AWAIT_MAIL, SEND, WAS_SENT */
  gint64 deadline;                    /* AWAIT_MAIL */
  const char *keyring;                /* INSTALL */
  McAskKind ask;                      /* ASK */
  const char *subject;                /* ASK: the terms' URL, or the root's fingerprint */
  gint64 wake;                        /* NONE */
} McAction;

typedef enum {
  MC_EVENT_HTTP,      /* response, or error */
  MC_EVENT_KEY,       /* key, or error */
  MC_EVENT_CHALLENGE, /* address, challenge, signed_by: authentic, by the verdict of mail/authenticity */
  MC_EVENT_BOUNCE,    /* bounce: nobody has signed it, so it is noted and moves nothing */
  MC_EVENT_SENT,      /* outcome, and error where it is not SENT or QUEUED */
  MC_EVENT_INSTALLED, /* keyring_state ("ready", "untrusted", "failed"), key_id where it is there, fingerprint of the
                         root where untrusted, error */
  MC_EVENT_ANSWER     /* yes; nobody = nobody was there to ask */
} McEventKind;

typedef struct {
  McEventKind kind;
  guint id; /* of the action; for CHALLENGE and BOUNCE 0 will do */
  const McHttpResponse *response;
  const GError *error;
  GBytes *key;
  const char *address;
  const McChallenge *challenge;
  const char *signed_by;
  const McBounce *bounce;
  McSendOutcome outcome;
  const char *keyring_state;
  const char *key_id;
  const char *fingerprint;
  gboolean yes;
  gboolean nobody;
} McEvent;

/* Fills BYTES with random octets; seeded in tests. */
typedef void (*McRandomFunc) (gpointer self, guint8 *bytes, gsize length);

/* What the flow is told once. All borrowed and outliving it. */
typedef struct {
  const McCaProfile *ca;
  McRandomFunc random;
  gpointer random_self;
  const char *transport;   /* name of the carrier that replies go through, NULL = none: replies wait in REPLY_READY */
  gboolean agree_terms;    /* the person has agreed beforehand (--agree-tos) */
  const char *binding_kid; /* external account binding, or NULL */
  GBytes *binding_key;
  const char *passphrase;  /* of the certificate's key, or NULL */
  GPtrArray *account_keys; /* of GBytes: those of other accounts, at whichever CA, or NULL: never certified (B30) */
} McFlowSettings;

/* Owns neither; both are changed in place. */
McFlow *mc_flow_new (McEnrollment *enrollment, McAccount *account, const McFlowSettings *settings);
void mc_flow_free (McFlow *flow);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (McFlow, mc_flow_free)

/* The settings' passphrase is another one from now on (borrowed; NULL = none): what was impossible without is tried
 * again. */
void mc_flow_set_passphrase (McFlow *flow, const char *passphrase);

/* FALSE is our own bug (a move that the table does not know). */
gboolean mc_flow_next (McFlow *flow, gint64 now, McAction *action, GError **error);
/* An id that is not under way is ignored: it was asked by an earlier life. */
gboolean mc_flow_feed (McFlow *flow, const McEvent *event, gint64 now, GError **error);

/* A challenge POST is under way: whoever ends now will not know whether the CA took it. */
gboolean mc_flow_is_posting (const McFlow *flow);

gboolean mc_flow_is_changed (const McFlow *flow);
gboolean mc_flow_account_is_changed (const McFlow *flow);
void mc_flow_committed (McFlow *flow);

/* Gives the enrollment up at once: FAILED with a problem of TYPE; what is open at the CA is deactivated by the actions
 * that follow. */
void mc_flow_abandon (McFlow *flow, const char *type, const char *detail, gint64 now);

/* What the person says with a new 'get' for an enrollment that is open: agrees to the terms, trusts a root (NULL = says
 * nothing of it). */
void mc_flow_allow (McFlow *flow, gboolean agree_terms, const char *trust_root);

/* For 'mailcert install': ISSUED becomes INSTALLED where every keyring is ready. FALSE never happens with a record of
 * ours. */
gboolean mc_flow_settle_keyrings (McEnrollment *enrollment, gint64 now);

/* Trouble outside the CA (the mail account): kept as the record's problem, nothing moves. */
void mc_flow_note_trouble (McFlow *flow, const GError *error, gint64 now);

/* For 'mailcert reply': the challenge becomes a reply that leaves by our own stdout. As CHALLENGE, and then straight to
 * REPLIED: commit, then print. */
gboolean mc_flow_reply_by_hand (McFlow *flow, const McEvent *event, gint64 now, GError **error);

/* Of several genuine challenges for one address the one that was made when this order asked for it is the likeliest:
 * how many seconds lie between its signed Date and that. The others are fed after it and make the reply doubtful. */
gint64 mc_flow_challenge_distance (const McEnrollment *enrollment, const McChallenge *challenge);

/* The reply may be under way, and the CA has not judged: a bounce would be about it. */
gboolean mc_flow_reply_is_out (const McEnrollmentAddress *address);
/* The address whose reply BOUNCE is about, where that is out and no bounce was told yet; borrowed or NULL. */
McEnrollmentAddress *mc_flow_bounced_address (const McEnrollment *enrollment, const McBounce *bounce);

/* The moves that are allowed, for the test that walks them all. */
gboolean mc_flow_may_move (McEnrollmentState from, McEnrollmentState to);
gboolean mc_flow_address_may_move (McAddressState from, McAddressState to);

/* Times, seconds. */
#define MC_FLOW_MAIL_SECONDS (24 * 60 * 60)      /* a Random Value lives no longer (SBR 3.2.2.4, H04) */
#define MC_FLOW_ORDER_SECONDS (7 * 24 * 60 * 60) /* an order whose CA names no end; those of known CAs live a week */
#define MC_FLOW_UNSURE_SECONDS (10 * 60)         /* polling after a reply or POST that nobody can vouch for */
#define MC_FLOW_POLL_LEAST 2                     /* without Retry-After: 2 s, backing off to ... */
#define MC_FLOW_POLL_MOST 60
#define MC_FLOW_RETRY_MOST (60 * 60) /* back-off of passing failures ends here */
#define MC_FLOW_ATTEMPTS_MAX 3       /* orders opened for one enrollment */

G_END_DECLS
