/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* How one CA differs from the next, as data (DESIGN 2 and 5): a [ca NAME] section, read by runner/config. */

typedef enum {
  MC_TOKEN_JOIN_STRING, /* token-part1 then token-part2, as text (A11, T-02) */
  MC_TOKEN_JOIN_BYTES,  /* the octets of both, encoded again: CASTLE */
} McTokenJoin;

typedef enum {
  MC_TRIGGER_RFC,        /* the mail comes when the authorization is fetched (RFC 8823 3 step 4) */
  MC_TRIGGER_POST_FIRST, /* the mail comes when the challenge is POSTed (T-05) */
  MC_TRIGGER_AUTO,       /* as RFC; POST when no mail has come after trigger_wait */
} McTrigger;

typedef enum {
  MC_DKIM_HEADERS_PRESENT, /* of A38's 13 fields each one that is present must be signed */
  MC_DKIM_HEADERS_STRICT,  /* all 13 must be in h= */
  MC_DKIM_HEADERS_REPLY,   /* no CA's setting: of A55's 12, each one that is present; for mail of our own */
} McDkimHeaders;

typedef enum {
  MC_RENEW_OVERLAP,      /* the new certificate first, the old one runs out */
  MC_RENEW_REVOKE_FIRST, /* the CA issues no second one while the first is valid */
} McRenew;

typedef struct {
  char *name;
  char *directory;        /* URL */
  char *ca_file;          /* roots for HTTPS, NULL = the system's */
  char *mail_roots;       /* PEM of roots that may vouch for an S/MIME-signed challenge, NULL = none may */
  GBytes *mail_roots_pem; /* what stands in it: filled by runner/verify, for the judge reads no files */
  McTokenJoin token_join;
  McTrigger trigger;
  gint64 trigger_wait; /* seconds, 600 */
  gint64 post_delay;   /* seconds between reply and POST, 0 */
  McDkimHeaders dkim_headers;
  guint identifiers; /* most per order, 0 = no limit (the default) */
  char *key;         /* "rsa3072", ...; NULL = the default */
  char *profile;     /* ACME profile, or NULL */
  char *eab_file;    /* or NULL */
  McRenew renew;
  char *root; /* "private": mail programs are known not to trust its root; NULL or "unknown": nothing is known */
} McCaProfile;

McCaProfile *mc_ca_profile_new (void); /* the defaults */
McCaProfile *mc_ca_profile_copy (const McCaProfile *ca);
void mc_ca_profile_free (McCaProfile *ca);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (McCaProfile, mc_ca_profile_free)

G_END_DECLS
