/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "flow/enrollment.h"

G_BEGIN_DECLS

/* Durable state: one SQLite database, 0600, in a 0700 folder (DESIGN 2): WAL, synchronous FULL, secure_delete,
 * busy_timeout 5 s. Several processes share it: every write is conditional on the version that was read. One McStore
 * belongs to one thread. */
typedef struct McStore McStore;

/* Opens or makes DIR/mailcert.db. MC_ERROR_WRITE: cannot be made, another user's, others may write there, full disk,
 * a network's disk, from a newer mailcert, not a database, damaged; MC_ERROR_LATER: busy for 5 seconds (so for every
 * call here). READ_ONLY opens what is there and makes nothing: where there is nothing it behaves as empty. What it
 * shows is the moment of the opening unless a writer has it open, too. */
McStore *mc_store_open (const char *dir, gboolean read_only, GError **error);
void mc_store_close (McStore *store);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (McStore, mc_store_close)
const char *mc_store_dir (const McStore *store);

/* Changes whenever another connection has committed (PRAGMA data_version). */
gint64 mc_store_data_version (McStore *store);

/* --- enrollments: new references, the caller frees --- */
GPtrArray *mc_store_enrollments (McStore *store, gboolean only_open,
                                 GError **error); /* of McEnrollment, oldest first */
McEnrollment *mc_store_enrollment (McStore *store, gint64 id,
                                   GError **error); /* MC_ERROR_NO_INPUT where there is none */

/* The newest INSTALLED or ISSUED enrollment of ADDRESS (any CA if NULL); one that is revoked, or whose key others may
 * have, only where there is no other. NULL without error: none. */
McEnrollment *mc_store_certificate (McStore *store, const char *address, const char *directory, GError **error);

/* One transaction, all or nothing: inserts (id 0: sets id) or updates the record WHERE id AND version, its key into
 * keys (INSERT only: a key once stored is never changed or deleted by this), ACCOUNT if not NULL (same rule), the waits
 * of its AWAIT_MAIL addresses (unique (from, to) over all enrollments), and the answered set (challenge Message-ID and
 * SHA-256 of token-part1 of each address from SENDING on; unique). On success ids and versions are those written.
 * MC_STORE_CONFLICT (domain MC_STORE_ERROR): somebody else wrote first: reload. MC_STORE_WAIT: that (from, to) is
 * awaited already. MC_STORE_ANSWERED: that challenge was answered by somebody. MC_ERROR_WRITE: disk. Nothing has
 * changed then. */
gboolean mc_store_save (McStore *store, McEnrollment *enrollment, McAccount *account, GError **error);

typedef enum { MC_STORE_CONFLICT, MC_STORE_WAIT, MC_STORE_ANSWERED, MC_STORE_FULL } McStoreError;
#define MC_STORE_ERROR (mc_store_error_quark ())
GQuark mc_store_error_quark (void);

/* Removes the record, its waits and spool, keeps answered. Removes the key only where WITH_KEY (the caller has made
 * sure that it is exported or installed elsewhere). */
gboolean mc_store_forget (McStore *store, gint64 id, gboolean with_key, GError **error);
/* export and install note where a key went: forget asks. */
gboolean mc_store_note_exported (McStore *store, gint64 id, GError **error);
gboolean mc_store_is_exported (McStore *store, gint64 id);

/* --- accounts --- */
McAccount *mc_store_account (McStore *store, const char *directory,
                             GError **error); /* NULL without error where there is none */
gboolean mc_store_save_account (McStore *store, McAccount *account, GError **error);
GPtrArray *mc_store_account_keys (McStore *store, GError **error); /* of GBytes: all, PKCS#8; secret */
GPtrArray *mc_store_accounts (McStore *store, GError **error); /* of char *: the directories that have one, sorted */

/* --- answered (A13) --- */
/* For the verdict; either may be NULL. What cannot be read counts as not answered: the commit of mc_store_save decides.
 */
gboolean mc_store_is_answered (McStore *store, const char *message_id, const char *token_part1);

/* --- spool: peek-positive mail, kept before anything else (<= 256 KiB, 20 per address) --- */
typedef struct {
  gint64 id;
  char *address; /* the To it was sent to */
  GBytes *rfc822;
  gint64 at;
} McSpooled;
void mc_spooled_free (McSpooled *spooled);
/* id > 0; the same bytes again give the same id; 0 = error. MC_STORE_FULL (domain MC_STORE_ERROR): so many are kept for
 * ADDRESS already; none is dropped. */
gint64 mc_store_spool (McStore *store, const char *address, GBytes *rfc822, gint64 now, GError **error);
GPtrArray *mc_store_spooled (McStore *store, GError **error); /* of McSpooled, oldest first */
gboolean mc_store_unspool (McStore *store, gint64 id, GError **error);

/* Two spellings of one address are one key: local part as it is, domain as lower-case A-labels (RFC 9598 5). Caller
 * frees. */
char *mc_store_address_key (const char *address);

/* --- small facts: "adapter-seen" and the like --- */
gboolean mc_store_set_fact (McStore *store, const char *name, const char *value, GError **error);
char *mc_store_fact (McStore *store, const char *name); /* NULL = none; caller frees */

/* --- leases: who may drive an enrollment. An OFD lock on byte ID of DIR/mailcert.lock, which the kernel drops at
 * death. --- */
typedef struct McLease McLease;
McLease *mc_lease_take (McStore *store, gint64 id, GError **error); /* NULL without error: somebody else holds it */
/* The right to make enrollments, waited for: who looks what is open and then adds to it must be alone. Held for a
 * moment only, and by nobody who opens the store meanwhile. NULL: MC_ERROR_WRITE. */
McLease *mc_lease_wait (McStore *store, GError **error);
/* Who works with the account at DIRECTORY: everybody who signs with its key shares it; whoever changes the key or ends
 * the account is ALONE. NULL without error: not now. */
McLease *mc_lease_take_account (McStore *store, const char *directory, gboolean alone, GError **error);
void mc_lease_share (McLease *lease); /* alone no longer */
void mc_lease_free (McLease *lease);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (McLease, mc_lease_free)

G_END_DECLS
