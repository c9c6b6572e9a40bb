/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "acme/problem.h"
#include "pki/chain.h"
#include "pki/key.h"

G_BEGIN_DECLS

/* The record: everything that must survive a process (DESIGN 2). Plain data; the flow alone moves its states, the store
 * keeps it. The names of the states are part of the JSON contract. */
typedef enum {
  MC_ENROLLMENT_NEW,        /* asked for; nothing has left this machine */
  MC_ENROLLMENT_ACCOUNT,    /* the account's key exists; the account is being opened or looked up */
  MC_ENROLLMENT_ORDERED,    /* the order is open; its addresses are on their way */
  MC_ENROLLMENT_READY,      /* every address is valid */
  MC_ENROLLMENT_FINALIZING, /* the CSR has left */
  MC_ENROLLMENT_ISSUED,     /* chain checked and kept; keyrings not all done */
  MC_ENROLLMENT_INSTALLED,  /* done */
  MC_ENROLLMENT_FAILED,     /* the CA or we gave up; problem says why */
  MC_ENROLLMENT_EXPIRED     /* the deadline passed */
} McEnrollmentState;

typedef enum {
  MC_ADDRESS_NEW, /* its authorization is not fetched yet */
  MC_ADDRESS_AWAIT_MAIL,
  MC_ADDRESS_REPLY_READY, /* reply composed and kept */
  MC_ADDRESS_SENDING,     /* committed before the reply is handed over */
  MC_ADDRESS_QUEUED,      /* a transport holds it and sends it later */
  MC_ADDRESS_REPLIED,
  MC_ADDRESS_POSTED,
  MC_ADDRESS_VALID
} McAddressState;

const char *mc_enrollment_state_name (McEnrollmentState state); /* "NEW", "AWAIT_MAIL", ...: static */
const char *mc_address_state_name (McAddressState state);

/* One address of an order and its challenge. */
typedef struct {
  char *address; /* octets as the person gave them: identifier, CSR and From alike (T-10) */
  McAddressState state;
  gint64 since;            /* of this state */
  char *authorization_url; /* NULL until fetched */
  gint64 expires;          /* of the authorization, 0 unknown */
  gint64 fetched_at;       /* first fetch: the mail may be on its way since then */
  char *challenge_url;
  char *token_part2; /* secret */
  char *from;        /* where the challenge mail will come from */
  /* From the challenge mail: */
  char *token_part1; /* secret */
  char *challenge_message_id;
  char *signed_by; /* "ca.example (DKIM)": for the sentence */
  /* The reply: */
  char *reply_to; /* its To */
  char *reply_message_id;
  GBytes *reply;   /* rfc822, CRLF; kept until the address is valid */
  char *transport; /* who was asked to send it */
  gint64 replied_at;
  gboolean unsure;  /* nobody knows whether the reply left (UNKNOWN): POST, 10 minutes of polling, else a new order */
  gint64 posted_at; /* committed before the challenge POST, which is never repeated */
  gboolean post_answered; /* the CA answered that POST */
  guint send_failures;    /* NOT_SENT so far; with back-off */
  char *bounced;          /* a mail came that says that the reply did not arrive, and why ; proves nothing; NULL */
  gint64 retry_at;        /* not before this: sending again, polling again; 0 = now */
} McEnrollmentAddress;

typedef struct {
  char *spec;   /* as on the command line: "gpgsm", "files:DIR" */
  char *state;  /* "pending", "ready", "untrusted", "failed" */
  char *error;  /* a sentence, or NULL */
  char *key_id; /* what the keyring calls the certificate (keyring/keyring.h); NULL until it is there */
} McEnrollmentKeyring;

typedef struct {
  gint64 at;
  char *state;   /* name of the state reached, of the order or of one address; "REVOKING", "REVOKED"; or "NOTE" */
  char *address; /* NULL = the order */
  char *detail;  /* CA's words, signer, transport ...: sanitized, no secret; or NULL */
} McHistoryEntry;

typedef struct {
  gint64 id;      /* 0 until the store has it */
  gint64 version; /* of the stored row this was read from or written as */

  char *ca;        /* name in the config, or the URL's host */
  char *directory; /* URL */
  McUsage usage;
  McKeyKind key_kind;
  char *profile;        /* NULL = the CA's own choice */
  char *replaces;       /* RFC 9773 id of the predecessor, NULL */
  gint64 predecessor;   /* enrollment this one renews, 0 = none */
  guint tries;          /* renewals of that one that came to nothing before this one */
  gint64 failing_since; /* when the first of those was made, 0 = there was none */
  gint64 after;         /* wait until that enrollment is READY or over: two orders for one address (T-09); 0 = none */
  gint64 created;

  McEnrollmentState state;
  gint64 since;
  gint64 deadline;      /* of the order's mail round trip, 0 until ordered */
  GPtrArray *addresses; /* of McEnrollmentAddress, never empty */

  gint64 ordered_at;    /* committed before newOrder */
  gint64 ca_ordered_at; /* the CA's clock when it answered newOrder, 0 = it did not say */
  guint attempts;       /* orders opened so far */
  char *order_url;
  gint64 order_expires;
  char *finalize_url;
  char *certificate_url;
  GPtrArray *authorization_urls; /* of char *, of the present order */
  GPtrArray *abandoned;          /* of char *: authorizations to deactivate (B52) */
  gint64 retry_at;               /* requests to the CA not before this, 0 = now */
  guint failures;                /* passing failures in a row, for the back-off */

  GBytes *key;       /* PKCS#8 of the certificate's key, NULL until made; the store keeps it apart from the record */
  GBytes *csr;       /* DER, committed before it leaves */
  char *chain;       /* PEM, NULL until issued */
  gint64 not_before; /* of the certificate, 0 until issued */
  gint64 not_after;
  char *renewal_id;          /* RFC 9773 4.1 (C02): what the successor replaces; NULL = it has none */
  gint64 renew_at;           /* 0 = not planned */
  gint64 renewal_start;      /* the window that the CA suggests (C03), 0 = none */
  gint64 renewal_end;        /* renew_at is one hour in it, drawn once */
  char *renewal_explanation; /* URL of a page for people, or NULL */
  gint64 renewal_check_at;   /* its CA is not asked for the window before this hour; 0 = it has none to give */
  guint renewal_failures;    /* questions in a row that were not answered, for the back-off */
  char *revocation;    /* why it is to be revoked (mc_reason_name), committed before the CA hears of it; or NULL */
  gint64 revoked_at;   /* the CA has revoked it, 0 = not */
  GPtrArray *keyrings; /* of McEnrollmentKeyring */
  char *trust_root;    /* SHA-256 the person gave with --trust-root or confirmed, lower-case hex, or NULL */

  McProblem *problem; /* why FAILED or EXPIRED, or the last passing trouble; NULL */
  GPtrArray *history; /* of McHistoryEntry, oldest first */
} McEnrollment;

McEnrollment *mc_enrollment_new (const char *ca, const char *directory, const char *const *addresses, gint64 now);
void mc_enrollment_free (McEnrollment *enrollment);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (McEnrollment, mc_enrollment_free)

McEnrollmentAddress *mc_enrollment_address (const McEnrollment *enrollment, guint index);      /* borrowed */
McEnrollmentAddress *mc_enrollment_find (const McEnrollment *enrollment, const char *address); /* borrowed or NULL */
McEnrollmentKeyring *mc_enrollment_keyring (const McEnrollment *enrollment,
                                            const char *spec); /* borrowed, made if absent */
void mc_enrollment_note (McEnrollment *enrollment, gint64 now, const char *state, const char *address,
                         const char *detail);

/* Dates and id of the leaf, so that who plans renewals parses no certificate. */
void mc_enrollment_know_certificate (McEnrollment *enrollment, const McCertificateInfo *leaf);

gboolean mc_enrollment_is_open (const McEnrollment *enrollment); /* not INSTALLED, FAILED, EXPIRED; ISSUED is open */
/* Revoked, or asked to be: of no use for anything but reading old mail. */
gboolean mc_enrollment_is_revoked (const McEnrollment *enrollment);
/* Others may have its key: a certificate for it, this or another one of ALL, was revoked for that, or is to be,
 * whatever the CA says. Of no use, and the key is never used again. */
gboolean mc_enrollment_is_compromised (const GPtrArray *all, const McEnrollment *enrollment);
/* Something of it is signed with the account's key still: it is open and not issued, or gives authorizations up. */
gboolean mc_enrollment_needs_account (const McEnrollment *enrollment);
/* Its order is open and not every address is valid: the challenges hang on the account's present key (T-26). */
gboolean mc_enrollment_has_challenge (const McEnrollment *enrollment);
gboolean mc_enrollment_awaits_mail (const McEnrollment *enrollment); /* some address is NEW (ordered) or AWAIT_MAIL */

/* No challenge of the order is dated before this: when it was opened, by our clock or by the CA's where that was behind
 * ours (the mail is dated by the CA's, and ours may have been wrong and set right since). 0 = not ordered. */
gint64 mc_enrollment_ordered_since (const McEnrollment *enrollment);

/* The stored form: JSON without id, version, key. _parse checks every member and enum, so that a record from anywhere
 * is either whole or refused. */
char *mc_enrollment_compose (const McEnrollment *enrollment); /* holds tokens: wipe with mc_secret_string_free */
McEnrollment *mc_enrollment_parse (const char *json, gsize length, GError **error);

/* One per CA directory (RFC 8555 7.1.2). */
typedef struct {
  gint64 id; /* 0 until stored */
  gint64 version;
  char *directory;
  char *url;             /* the kid; NULL until opened */
  GBytes *key;           /* PKCS#8; committed before newAccount */
  GBytes *new_key;       /* during a rollover: committed before keyChange, until it is known which one the CA takes */
  char *terms;           /* URL that the person agreed to, NULL = none asked or not agreed */
  char *binding_kid;     /* external account binding used, NULL */
  char *learned_trigger; /* what trigger = auto found out: "rfc", "post-first" or NULL */
  gboolean deactivated;
} McAccount;

McAccount *mc_account_new (const char *directory);
/* The CA says that it is closed (B29). Another one is opened with another key, terms and binding; until then the key
 * stays, and is shown to the CA once more. */
void mc_account_close (McAccount *account);
void mc_account_free (McAccount *account);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (McAccount, mc_account_free)

G_END_DECLS
