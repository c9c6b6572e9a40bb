/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "flow/flow.h"
#include "mail/address.h"
#include "mailcert.h"
#include "net/dns.h"
#include "net/http.h"
#include "pki/chain.h"
#include "store/store.h"

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct McDrive McDrive;

/* The loop's thread owns all of this; other threads only push notes. */
struct McRunner {
  const McConfig *config;
  McAdapter adapter;
  McStore *store;
  McHttp *http;
  McDns *dns; /* made when first needed */
  McRunnerWatchFunc watch;
  gpointer watch_data;
  McRunnerTellFunc tell;
  gpointer tell_data;
  char *passphrase;

  GThreadPool *workers;
  GAsyncQueue *notes;     /* of McNote: what workers and adapters report */
  gint stopping;          /* atomic */
  guint jobs;             /* under way on workers */
  GPtrArray *sends;       /* of McHandover: mails being handed over; these are always waited for */
  GHashTable *requests;   /* tickets of the HTTP requests under way, and turns of errands */
  guint questions;        /* out to the person */
  GPtrArray *keyless;     /* of McKeyJob: they wait for a new passphrase; NULL = none does */
  gboolean sought;        /* the passphrase of a key is being asked for */
  GHashTable *allowed;    /* ids of spooled mails that the person wants answered (auto-answer = false) */
  GHashTable *unanswered; /* those that are asked about, or that nobody wanted answered in this run */
  GCancellable *cancel;   /* ends what can be ended when the runner goes */
  GPtrArray *drives;      /* of McDrive */
  GHashTable *inboxes;    /* address -> McInboxWatch (NULL: the adapter's inbox) */
  GPtrArray *retired;     /* of McInboxWatch: cancelled ones, freed at the end */
  gint64 data_version;
  gboolean spool_due;  /* something changed that may change a verdict */
  gint64 spool_at;     /* judge again at this hour (DNS), 0 = no */
  GHashTable *unasked; /* ids of spooled mails that nobody waits for, and that are on a worker */
  GHashTable *crowded; /* address -> GQueue of GBytes: mails for which the spool has no room yet */
  gsize crowded_octets;
  GHashTable *judging; /* addresses whose spooled mails are on a worker -> TRUE: more is to be judged after that */
  guint replies;
  gboolean renews; /* asked to renew what is due: what becomes due meanwhile, too */
};

/* One enrollment that this runner drives or, where somebody else has the lease, watches. */
struct McDrive {
  McRunner *runner;
  gint64 id;
  guint life; /* counts reloads: what an earlier life asked for is ignored */
  McEnrollment *enrollment;
  McAccount *account;
  McCaProfile *ca;
  McFlowSettings settings;
  char *binding_kid;
  GBytes *binding_key;
  gboolean binding_settled; /* and needed no more */
  GPtrArray *account_keys;
  const McTransport *transport; /* the adapter's, or NULL: our own by settings.transport */
  McFlow *flow;
  McLease *lease;         /* NULL = somebody else drives */
  McLease *account_lease; /* held while anything may be signed; NULL = nothing is */
  gboolean account_alone; /* an unfinished rollover is finished by one */
  guint announced;        /* history entries already told */
  guint busy;             /* actions under way, AWAIT_MAIL not counted */
  gint64 wake;            /* 0 = none */
  gint64 held_until;      /* somebody else waits for the same pair: not before */
  gboolean over;          /* nothing more to do in this run */
  guint checks;           /* mail logins that must succeed before anything is ordered */
  gint64 checks_until;    /* an answer is not waited for any longer */
  gboolean checked;
  gboolean agree_terms;
  gboolean sought; /* its key's passphrase was asked for in this run */
};

/* Something to do on the loop's thread. */
typedef void (*McNoteFunc) (McRunner *runner, gpointer data);
void mc_runner_post (McRunner *runner, McNoteFunc func, gpointer data);

void mc_runner_take_notes (McRunner *runner); /* does what has been posted so far */

/* Something to do on a worker: RUN there, DONE on the loop, then FREE. */
typedef struct McJob McJob;
struct McJob {
  McRunner *runner;
  void (*run) (McJob *job);
  void (*done) (McJob *job);
  void (*free) (McJob *job);
  gint64 drive_id;
  guint life;
  guint action;
};
void mc_runner_start_job (McRunner *runner, McJob *job);
/* The drive a job or answer belongs to, or NULL where its life is over. */
McDrive *mc_runner_drive_of (McRunner *runner, gint64 id, guint life);

gint64 mc_runner_now (void);
McDrive *mc_runner_drive (McRunner *runner, gint64 id);

/* drive.c */
McDrive *mc_drive_new (McRunner *runner, gint64 id, GError **error);
void mc_drive_free (McDrive *drive);
/* Loads the record afresh where the lease can be had; without it the record is only watched. */
gboolean mc_drive_load (McDrive *drive, GError **error);
/* For one that somebody else drives: takes the lease if it has become free; tells what has happened where MOVED. */
gboolean mc_drive_watch (McDrive *drive, gboolean moved, GError **error);
/* Next, commit, start, until nothing more can be started now. FALSE only for the store's own errors. */
gboolean mc_drive_step (McDrive *drive, GError **error);
gboolean mc_drive_feed (McDrive *drive, const McEvent *event, GError **error);
gboolean mc_drive_commit (McDrive *drive, gboolean *reloaded, GError **error);
/* The mail account cannot be used: said in the record, and a person is needed. */
void mc_drive_mail_trouble (McDrive *drive, const GError *error);
/* Nothing will move it in this run: it is over, or waits for a person. */
gboolean mc_drive_is_blocked (const McDrive *drive);

/* What an action's end needs to find its way back. */
typedef struct {
  McRunner *runner;
  gint64 drive_id;
  guint life;
  guint action;
} McTicket;
McTicket *mc_ticket_new (McDrive *drive, const McAction *action); /* counts the drive busy */
/* On the loop: EVENT goes to the life that asked for it, if that still lives. */
void mc_ticket_deliver (McRunner *runner, gint64 drive_id, guint life, McEvent *event);

/* Troubles that only a person can end: waiting does not help. NULL is none. */
gboolean mc_problem_needs_a_person (const McProblem *problem);

/* occasion.c: an entry was added to the history and committed: what a person has to hear of is told, once. */
void mc_occasion_meet (McRunner *runner, const McEnrollment *e, const McHistoryEntry *entry);
/* E is near its end and could not be renewed by ATTEMPT (NULL = nothing was tried); the caller sees to "once a day". */
void mc_occasion_renewal_failing (McRunner *runner, const McEnrollment *e, const McEnrollment *attempt);
/* A mail that comes again is none. */
void mc_occasion_unasked (McRunner *runner, const McInspection *mail);

/* command.c: starts the config's commands for OCCASION, with what DETAIL says in their environment. */
void mc_command_run (const McConfig *config, const McOccasion *occasion, const char *detail);
/* Logs how those ended that have, and waits a moment for those that have not where LAST. */
void mc_command_look (gboolean last);

/* port.c: starts an action; its end comes as an event. */
void mc_port_start (McDrive *drive, const McAction *action);
void mc_port_begin_job (McJob *job, McDrive *drive, const McAction *action); /* it may be started later */
void mc_port_start_job (McJob *job, McDrive *drive, const McAction *action);

/* A question to the person; ANSWERED comes on the loop. The strings are copied. */
typedef void (*McAskedFunc) (McRunner *runner, McAnswer answer, gpointer data);
void mc_runner_ask (McRunner *runner, const McQuestion *question, McAskedFunc answered, gpointer data);

/* port-ask.c, port-install.c, port-key.c, port-send.c */
void mc_port_ask (McDrive *drive, const McAction *action);
void mc_port_make_key (McDrive *drive, const McAction *action);
/* Asks, once in a run, for the passphrase of a key that is kept under one. TRUE: it is being asked for, and nothing can
 * be done without it. */
gboolean mc_drive_seek_passphrase (McDrive *drive);
/* The runner has another passphrase, or none. */
void mc_drive_passphrase_changed (McDrive *drive);
void mc_port_install (McDrive *drive, const McAction *action);
void mc_port_send (McDrive *drive, const McAction *action);
void mc_port_was_sent (McDrive *drive, const McAction *action);
/* Mails that are with a carrier whose order was given up meanwhile are called back. */
void mc_port_withdraw_unneeded (McRunner *runner);
const char *mc_port_transport_name (McRunner *runner, const McEnrollment *enrollment);

/* inbox.c: IMAP of the config, or the adapter's inbox. */
void mc_inbox_begin (McDrive *drive);
void mc_inbox_end_unneeded (McRunner *runner);
void mc_inbox_stop_all (McRunner *runner); /* threads have ended after this; their notes may still be queued */
void mc_inbox_free_all (McRunner *runner);

/* spool.c: what might be a challenge. MC_ERROR_LATER: there is no room for it before those that are there have been
 * judged. */
gboolean mc_spool_take (McRunner *runner, GBytes *rfc822, gboolean *spooled, GError **error);
/* The same, of one that is offered to us and that nobody will offer again: it is kept in mind until there is room. */
void mc_spool_take_offered (McRunner *runner, GBytes *rfc822);
void mc_spool_take_again (McRunner *runner); /* those */
GHashTable *mc_spool_crowded_new (void);
gboolean mc_spool_judge (McRunner *runner, GError **error);
/* spool-judge.c: MAILS (of McSpooled, in the order of arrival, not empty) are all that is spooled for one address; TURN
 * is its key in runner->judging. FALSE: nobody here waits for any. */
gboolean mc_spool_judge_mails (McRunner *runner, const char *turn, const GPtrArray *mails);
#define MC_SPOOL_KEEP_SECONDS MC_FLOW_MAIL_SECONDS /* no Random Value lives longer (H04) */

/* spool-room.c: what cannot be a challenge to ADDRESS, as far as can be told without DNS, leaves the spool. */
gboolean mc_spool_make_room (McRunner *runner, const char *address, GError **error);
gboolean mc_spool_is_bounce (GBytes *rfc822);
/* Of McWait: what E waits for or may still wait for. Strings are borrowed from E. */
GArray *mc_spool_waits (const McEnrollment *e);

/* unasked.c: looks whether SPOOLED is a genuine challenge that nobody here has asked for. FALSE = it is not the time
 * for that: something is open for its address, or there is nobody to tell. */
gboolean mc_unasked_judge (McRunner *runner, const McSpooled *spooled);

/* verify.c: a mail, an expectation and DNS make a verdict. Blocks on DNS: call it on a worker. DNS may be NULL: nothing
 * is found out then. */
McInspection *mc_verify (McDns *dns, GBytes *rfc822, const McExpectation *expected, const McCaProfile *ca, gint64 now);
/* Reads mail-roots of CA into it, where it is set: what mc_verify () judges S/MIME-signed mail by. MC_ERROR_CONFIG. */
gboolean mc_verify_load_roots (McCaProfile *ca, GError **error);
/* A13: was a mail with this Message-ID or this token answered before, whoever sent it again? */
gboolean mc_verify_was_answered (McStore *store, const McChallenge *challenge);
char *mc_verify_signer (const McVerdict *verdict); /* "ca.example (DKIM)"; caller frees */

/* root.c: the root above CHAIN where it is known: in the chain, the CA's mail-roots or ca-file, the system's. NULL =
 * unknown. Caller frees. */
X509 *mc_root_find (const McChain *chain, const McCaProfile *ca);

/* binding.c: external account binding: the text of an EAB file (DESIGN 5), and where it is. MC_ERROR_CONFIG. */
gboolean mc_binding_read (const char *path, char **kid, GBytes **key, GError **error);
gboolean mc_binding_parse (const char *text, char **kid, GBytes **key, GError **error);
/* For the account at DIRECTORY: the path FILE or, where it is in none, TEXT, which is secret. Both NULL = nothing. */
gboolean mc_binding_remember (McStore *store, const char *directory, const char *file, const char *text,
                              GError **error);
/* What is remembered in STORE (may be NULL), else CA's own file; KID and KEY stay as they are where there is none. */
gboolean mc_binding_find (McStore *store, const McCaProfile *ca, const char *directory, char **kid, GBytes **key,
                          GError **error);
/* The account is open, or the CA has refused this binding: the secret is kept no longer. */
gboolean mc_binding_forget_text (McStore *store, const char *directory, GError **error);

/* The lease of an enrollment, or MC_ERROR_LATER. */
McLease *mc_runner_lease (McRunner *runner, gint64 id, GError **error);

/* enroll.c */
/* The CA of an enrollment: by name; where the name is gone from the config, or means another one now, by the directory
 * that the order was opened at. */
McCaProfile *mc_runner_ca_of (const McRunner *runner, const McEnrollment *enrollment, GError **error);
/* A SHA-256 in hex, colons and case as you like. */
gboolean mc_fingerprint_parse (const char *text, char **out, GError **error);
/* Nothing has left yet, and the address of the CA was corrected in the config meanwhile: the request goes there. */
void mc_drive_follow_config (McDrive *drive);
gboolean mc_drive_prepare (McDrive *drive, GError **error); /* CA, account, binding, transport of a loaded record */

/* outlook.c: what there is to wait for. */
typedef struct {
  gboolean all_over; /* nothing can move any more in this run */
  gboolean hold;     /* with UNTIL 0: something is under way or near */
  gint64 wake;       /* the next hour at which something is due, 0 = none */
  gboolean posting;  /* a challenge POST is under way */
} McOutlook;

McOutlook mc_outlook (const McRunner *runner, gint64 now, gint64 until);
/* How long the loop may sleep: to the next wake, the end, or the next look at the store. */
gint mc_outlook_sleep_ms (const McOutlook *look, gint64 now, gint64 until);

G_END_DECLS
