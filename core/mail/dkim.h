/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "mail/ca-profile.h"
#include "mail/message.h"
#include "mail/verdict.h"

G_BEGIN_DECLS

/* RFC 6376, 8301, 8463, 8616 as far as a challenge may use them, and stricter where DESIGN 3 says so. */

typedef enum {
  MC_DKIM_RSA_SHA256,
  MC_DKIM_ED25519_SHA256,
  MC_DKIM_RSA_SHA1, /* known so that it can be called weak (RFC 8301) */
} McDkimAlgorithm;

#define MC_DKIM_FUTURE_MAX 86400 /* seconds by which t= may lie ahead: clocks and their zones are often wrong */
#define MC_DKIM_FIELDS_MAX 128   /* names in h=: those of A38 and A39 a few times over */

/* One DKIM-Signature field's value. */
typedef struct {
  McDkimAlgorithm algorithm;
  gboolean header_relaxed;
  gboolean body_relaxed;
  char *domain;          /* d=, lower-case A-labels */
  char *selector;        /* s=, lower-case A-labels */
  char *identity_domain; /* of i=, lower-case A-labels; that of d= by default */
  char *names;           /* h=, the text that fields point into */
  const char *fields[MC_DKIM_FIELDS_MAX];
  guint n_fields;
  guint8 body_hash[32];
  GBytes *signature;   /* b= */
  gboolean has_length; /* l= */
  gint64 signed_at;    /* t=, 0 = not said */
  gint64 expires;      /* x=, 0 = never */
  gsize b_start;       /* [b_start, b_end) of the value is what b= says: taken as empty when hashed */
  gsize b_end;
} McDkimSignature;

/* VALUE as it stands in the mail, folds included. MC_ERROR_MALFORMED when RFC 6376 3.5 is not kept or a= is unknown. */
McDkimSignature *mc_dkim_signature_parse (const char *value, gsize length, GError **error);
void mc_dkim_signature_free (McDkimSignature *signature);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (McDkimSignature, mc_dkim_signature_free)

/* The name whose TXT record holds the key. Caller frees. */
char *mc_dkim_signature_key_name (const McDkimSignature *signature);

/* SHA-256 of the canonical body: to be compared with bh=. */
void mc_dkim_body_digest (const McDkimSignature *signature, const McMessage *mail, guint8 digest[32]);

/* SHA-256 of the canonical header fields and of FIELD, the DKIM-Signature that SIGNATURE was read from: what b= signs.
 */
void mc_dkim_header_digest (const McDkimSignature *signature, const McMessage *mail, const McField *field,
                            guint8 digest[32]);

/* Are the fields that a challenge needs in h=: From, To, Subject, Message-ID, Date, Auto-Submitted, and of A38's 13
 * each that MAIL has (present) or all (strict)? NULL when they are, else the first name that is missing (static). */
const char *mc_dkim_missing_field (const McDkimSignature *signature, const McMessage *mail, McDkimHeaders policy);

/* The same for a reply's 12 fields (A55): where MAIL is NULL all of them must be named. */
const char *mc_dkim_missing_reply_field (const McDkimSignature *signature, const McMessage *mail);

/* A key record (RFC 6376 3.6.1). */
typedef struct {
  gboolean ed25519;         /* k= */
  gboolean testing;         /* t=y */
  gboolean strict_identity; /* t=s */
  GBytes *key;              /* p= decoded; NULL = revoked */
} McDkimKey;

/* One TXT record, its strings joined. MC_ERROR_MALFORMED when it is no key record; MC_ERROR_REFUSED when it is one that
 * is not for SHA-256 or not for mail. */
McDkimKey *mc_dkim_key_parse (const char *record, gsize length, GError **error);
void mc_dkim_key_free (McDkimKey *key);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (McDkimKey, mc_dkim_key_free)

/* Does KEY say that SIGNATURE signs DIGEST? MC_VERDICT_AUTHENTIC, DKIM_KEY (revoked, testing, wrong kind, not a usable
 * key), DKIM_WEAK (below 1024 bits) or DKIM_FAIL. DETAIL, static English, says why. */
McVerdictCode mc_dkim_verify (const McDkimSignature *signature, const McDkimKey *key, const guint8 digest[32],
                              const char **detail);

G_END_DECLS
