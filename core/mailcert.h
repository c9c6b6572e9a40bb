/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* The one public header: what a mail client's adapter and the user interface need of core. An adapter supplies ports;
 * the runner does the rest. */

#include "acme/revocation.h"
#include "base/error.h"
#include "flow/renewal.h"
#include "mail/authenticity.h"
#include "mail/peek.h"
#include "net/submission.h"
#include "runner/config.h"

G_BEGIN_DECLS

/* --- ports: what an adapter supplies. Every call comes on the runner's thread and must return at once; its done may be
 * called from any thread, also before the call returns, exactly once: mc_runner_free waits for it. Strings and bytes
 * passed in live until done is called. --- */

/* ERROR: why, with the carrier's own words, on anything but SENT and QUEUED; borrowed. */
typedef void (*McSendDoneFunc) (gpointer token, McSendOutcome outcome, const GError *error);

/* One reply on its way. */
typedef struct {
  const char *from;        /* our address: the account that must send it */
  const char *to;          /* the value of its To: one address or several */
  const char *message_id;  /* of the reply, with angle brackets */
  const char *in_reply_to; /* of the challenge */
  GBytes *rfc822;          /* CRLF; the carrier converts */
} McOutgoing;

typedef struct {
  const char *name; /* static; kept in the record: "claws", "smtp", "sendmail" */
  gpointer self;
  /* Hands one mail to the carrier. */
  void (*send) (gpointer self, const McOutgoing *mail, McSendDoneFunc done, gpointer token);
  /* After a crash: what became of the mail with this Message-ID? NULL = this carrier cannot know (UNKNOWN). NOT_SENT
   * must be certain. */
  void (*was_sent) (gpointer self, const McOutgoing *mail, McSendDoneFunc done, gpointer token);
  /* The order was given up while send has not called done yet, or after it said QUEUED: the mail is not to leave if it
   * can still be held back. Its done is called all the same. NULL = this carrier cannot. */
  void (*withdraw) (gpointer self, const char *message_id);
} McTransport;

typedef struct {
  gpointer self;
  /* Mail to ADDRESS is awaited since SINCE: offer what is there and what arrives with mc_runner_offer, until unwatch.
   */
  void (*watch) (gpointer self, const char *address, gint64 since);
  void (*unwatch) (gpointer self, const char *address);
} McInbox;

typedef enum {
  MC_QUESTION_TERMS,  /* agree to the CA's terms at url? */
  MC_QUESTION_ROOT,   /* trust the root with this fingerprint and name for signatures? (adds it to gpgsm's trustlist) */
  MC_QUESTION_ANSWER, /* the genuine challenge to address, signed by name, is here: answer it? (auto-answer = false) */
  /* The passphrase of address's key: one for a new key, or the one that it is under (again: the last did not open it).
   * Who says yes has called mc_runner_set_passphrase on the runner's thread before. Who does not know these says
   * NOBODY. */
  MC_QUESTION_NEW_PASSPHRASE,
  MC_QUESTION_PASSPHRASE
} McQuestionKind;

typedef struct {
  McQuestionKind kind;
  const char *ca;
  const char *url;         /* TERMS */
  const char *fingerprint; /* ROOT: SHA-256, lower-case hex */
  const char *name;        /* ROOT: its subject, sanitized; ANSWER: who signed the mail */
  const char *address;     /* ANSWER, passphrases */
  gboolean again;          /* PASSPHRASE */
} McQuestion;

typedef enum {
  MC_ANSWER_YES,
  MC_ANSWER_NO,
  MC_ANSWER_NOBODY,     /* no person is there to ask: the enrollment waits */
  MC_ANSWER_INTERRUPTED /* the person ended the program at the question: as if it had never been asked */
} McAnswer;
typedef void (*McAskDoneFunc) (gpointer token, McAnswer answer);

typedef struct {
  const McTransport *transport; /* NULL = the account's smtp or sendmail of the config */
  const McInbox *inbox;         /* NULL = the account's imap of the config */
  void (*ask) (gpointer self, const McQuestion *question, McAskDoneFunc done, gpointer token); /* NULL = nobody */
  gpointer self;                                                                               /* for ask */
  gboolean attended; /* a person waits, and can hand a mail over where there is no inbox: what is due may be ordered */
} McAdapter;

/* Has gpgsm a certificate with its key for ADDRESS, whoever made it? Runs a program: not on a main loop. KNOWN is
 * written on success only. */
gboolean mc_certificate_is_known (const char *address, GCancellable *cancel, gboolean *known, GError **error);

/* --- the runner --- */

typedef struct McRunner McRunner;

typedef struct {
  const char *ca; /* name or URL, NULL = the account's, else the default */
  McUsage usage;
  gboolean separate;           /* two certificates: one signs, one encrypts */
  const char *key_kind;        /* NULL = the CA profile's, else rsa3072 */
  const char *profile;         /* NULL = the CA profile's, else none */
  const char *eab_file;        /* NULL = the CA profile's */
  const char *eab_text;        /* what would stand in such a file, where it stands in none; secret; or NULL */
  const char *const *keyrings; /* NULL = the account's, the config's, the machine's default */
  gboolean agree_terms;
  const char *trust_root; /* SHA-256 hex or NULL */
  GHashTable *doubts;     /* address -> clause: what speaks against success, for the history of a new record; or NULL */
} McEnrollOptions;

/* What the runner tells whoever watches it, on its own thread: an entry was added to the history (after its commit), or
 * trouble that passes. */
typedef void (*McRunnerWatchFunc) (const McEnrollment *enrollment, const McHistoryEntry *entry, gpointer data);

typedef enum {
  MC_OCCASION_INSTALLED,       /* a first certificate is there: a renewal that worked is no occasion */
  MC_OCCASION_ACTION_NEEDED,   /* nothing goes on without a person */
  MC_OCCASION_FAILED,          /* the request is over; a renewal is tried again by itself */
  MC_OCCASION_RENEWAL_FAILING, /* the end of a certificate is near, and it could not be renewed: once a day */
  MC_OCCASION_UNASKED          /* a genuine challenge that nobody here has asked for */
} McOccasionKind;

typedef struct {
  McOccasionKind kind;
  const McEnrollment *enrollment; /* NULL for UNASKED; of RENEWAL_FAILING the one that ends */
  const McEnrollment *attempt;    /* RENEWAL_FAILING: what was tried, or NULL */
  const McVerdict *verdict;       /* UNASKED */
} McOccasion;

/* What a person has to hear of, at most once, from the process that did it; on the runner's thread, the commands of the
 * configuration have been started. All is borrowed. */
typedef void (*McRunnerTellFunc) (const McOccasion *occasion, gpointer data);

/* Opens the store. CONFIG and ADAPTER (NULL = a plain terminal without questions) must outlive it. */
McRunner *mc_runner_new (const McConfig *config, const McAdapter *adapter, GError **error);
void mc_runner_free (McRunner *runner);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (McRunner, mc_runner_free)

void mc_runner_set_watch (McRunner *runner, McRunnerWatchFunc watch, gpointer data);
/* Without it nobody is told of a challenge that is UNASKED, and none is looked at for that. */
void mc_runner_set_tell (McRunner *runner, McRunnerTellFunc tell, gpointer data);
/* For keys that are kept under a passphrase; copied, wiped at the end. NULL forgets it. */
void mc_runner_set_passphrase (McRunner *runner, const char *passphrase);

/* Makes enrollments (state NEW, committed) for ADDRESSES and follows them; one that is open for the same address, CA
 * and usage is followed instead. IDS gets their ids (gint64). MC_ERROR_USAGE bad address, MC_ERROR_CONFIG unknown CA or
 * bad EAB file, MC_ERROR_WRITE. */
gboolean mc_runner_enroll (McRunner *runner, const char *const *addresses, const McEnrollOptions *options, GArray *ids,
                           GError **error);

/* Adds one open enrollment, or all of them, to those that run drives. */
gboolean mc_runner_follow (McRunner *runner, gint64 id, GError **error);
gboolean mc_runner_follow_open (McRunner *runner, guint *count, GError **error);

/* A person is here now: of all that is followed, what can only go on with one is tried again, questions and all. Errors
 * are those of the store. */
gboolean mc_runner_try_again (McRunner *runner, GError **error);

/* --- renewal: core/flow/renewal.h says what is due --- */

typedef enum {
  MC_RENEW_DUE,   /* timers and mail clients: what is due, not right after a failure, and only where somebody can finish
                     it (DESIGN 2); and the CA's renewal information where it is time to ask for it */
  MC_RENEW_ASKED, /* a person asks: whatever is due */
  MC_RENEW_FORCED /* also what is not due yet */
} McRenewHow;

/* Makes the enrollments (state NEW, committed) that renew the certificates of ADDRESS (NULL = all), and follows them,
 * all that is open for it, and those whose CA is to be asked about them. IDS (may be NULL) gets the ids of what is new
 * or open. Call it at start and at each next wake; after mc_runner_run it may find more, since a CA may have said
 * "now". A certificate whose CA is not in the config any more is an error only where nothing else is to be done. One
 * whose CA wants it revoked first (renew = revoke-first) is left alone until it has ended or mc_runner_revoke has been
 * called for it. */
gboolean mc_runner_renew (McRunner *runner, const char *address, McRenewHow how, GArray *ids, GError **error);

/* The person agrees to the terms of the CA of the enrollment ID, which this runner follows. */
void mc_runner_agree_to_terms (McRunner *runner, gint64 id);

/* The next hour at which MC_RENEW_DUE may find something to do, 0 = never. Not within the next quarter of an hour: what
 * could not be begun is not tried at once. */
gboolean mc_runner_renewal_wake (McRunner *runner, gint64 *wake, GError **error);

/* Any thread: one mail that might be a challenge. It is spooled (on the runner's thread if the runner runs, else at the
 * next run). */
void mc_runner_offer (McRunner *runner, GBytes *rfc822);

/* Drives what it follows until each is over, or UNTIL (unix seconds) has come, or mc_runner_stop; UNTIL 0 = until
 * nothing is under way: what then waits for mail or for a later hour stays as it is. NEXT_WAKE (may be NULL) = when it
 * should be run again, 0 = never. Errors are those of the store: each enrollment's own trouble is in its record. */
gboolean mc_runner_run (McRunner *runner, gint64 until, gint64 *next_wake, GError **error);
void mc_runner_stop (McRunner *runner); /* any thread, also a signal handler's */

/* --- a runner on a thread of its own, for programs that have a main loop --- */

typedef struct McRunnerThread McRunnerThread;

/* On the runner's thread. RUNNER is NULL where it could not be opened, and ERROR says why. Anything but run and forget
 * may be called in it. */
typedef void (*McRunnerThreadFunc) (McRunner *runner, const GError *error, gpointer data);

/* On the runner's thread; each may be NULL. */
typedef struct {
  McRunnerWatchFunc watch;
  McRunnerTellFunc tell; /* not where the configuration says "notify = false" */
  /* Nothing is under way any more; the store is closed, and the thread ends unless a call comes. NEXT_WAKE: when it
   * should be woken, by a call that calls mc_runner_renew (MC_RENEW_DUE): a renewal's hour, too; 0 = never. ERROR: what
   * ended it, or NULL. */
  void (*rested) (gint64 next_wake, const GError *error, gpointer data);
  gpointer data;
} McRunnerThreadEvents;

/* No thread yet, and no store. CONFIG and ADAPTER must outlive it. */
McRunnerThread *mc_runner_thread_new (const McConfig *config, const McAdapter *adapter,
                                      const McRunnerThreadEvents *events);
/* Any thread: FUNC is called once, with its DATA (NULL = only to wake it). The thread is started where none is at work,
 * and carries on whatever is open. */
void mc_runner_thread_call (McRunnerThread *self, McRunnerThreadFunc func, gpointer data);
/* Any thread: mc_runner_offer. */
void mc_runner_thread_offer (McRunnerThread *self, GBytes *rfc822);
/* Any thread: from now on CONFIG counts, which must outlive it as the one before must. Whatever is open is carried on
 * by it as soon as no mail is just being handed over and no question is open. */
void mc_runner_thread_reconfigure (McRunnerThread *self, const McConfig *config);
gboolean mc_runner_thread_is_at_work (McRunnerThread *self);
/* Waits for its end: whoever has been asked to send must have called done. */
void mc_runner_thread_free (McRunnerThread *self);

/* The enrollment as last committed; borrowed until the next call. NULL if it is not followed. */
const McEnrollment *mc_runner_enrollment (McRunner *runner, gint64 id);

/* Counts for -v and the bench. */
typedef struct {
  guint requests, connections, replies;
} McRunnerCounts;
McRunnerCounts mc_runner_counts (const McRunner *runner);

/* --- single mails (hook, inspect, reply) --- */

typedef struct {
  const char *ca;          /* profile whose rules apply where no open enrollment decides; NULL = default */
  const char *expect_from; /* NULL = what is open decides */
  const char *expect_to;
} McInspectOptions;

/* Why a mail would or would not be answered, and what it says. */
typedef struct {
  McVerdict verdict;
  McAuthenticity *judge;        /* owns challenge */
  const McChallenge *challenge; /* never NULL */
} McInspection;
void mc_inspection_free (McInspection *inspection);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (McInspection, mc_inspection_free)

/* Changes nothing, sends nothing but DNS questions; the store's open enrollments are read if there are any. */
McInspection *mc_inspect (const McConfig *config, GBytes *rfc822, const McInspectOptions *options, GError **error);

/* hook: spools RFC822 if it is peek-positive and to an address of ours. *SPOOLED says whether it was. */
gboolean mc_runner_spool (McRunner *runner, GBytes *rfc822, gboolean *spooled, GError **error);

/* reply: judges RFC822, commits like a send (transport "stdout"), returns the reply (CRLF). MC_ERROR_REFUSED with the
 * verdict's code as its message; the second time too (already-answered). */
GBytes *mc_runner_reply (McRunner *runner, GBytes *rfc822, GError **error);

/* --- certificates that are there --- */

/* install: puts an issued certificate into keyrings again (SPECS NULL = those of the record); states are written to the
 * record, and on-installed is run where one took it. */
gboolean mc_runner_install (McRunner *runner, const char *address, const char *const *specs, const char *trust_root,
                            GError **error);
/* The SHA-256 (hex) of the root above the certificate of ENROLLMENT, where that root is known here; else NULL. Caller
 * frees. */
char *mc_runner_root_fingerprint (const McConfig *config, const McEnrollment *enrollment);

typedef enum { MC_EXPORT_P12, MC_EXPORT_P12_COMPATIBLE, MC_EXPORT_PEM, MC_EXPORT_CERTIFICATE } McExportForm;
/* Bytes to write (wiped when freed); P12 and PEM contain the key (under PASSPHRASE) and count as exported once
 * mc_runner_exported is called. */
GBytes *mc_runner_export (McRunner *runner, const char *address, McExportForm form, const char *passphrase, gint64 *id,
                          GError **error);
gboolean mc_runner_exported (McRunner *runner, gint64 id, GError **error);

/* forget: refuses (MC_ERROR_KEYRING) while only the store has the key, unless exported; abandons what is open at the CA
 * as far as it answers. DIRECTORY (NULL = every CA) limits it to one CA. */
gboolean mc_runner_forget (McRunner *runner, const char *address, const char *directory, GError **error);

/* --- what else is asked of a CA: each waits for its end, at most a few minutes. Where the CA refused (MC_ERROR_CA) or
 * cannot just now (MC_ERROR_LATER), *PROBLEM (may be NULL; caller frees) has its words, if it has said any. Another
 * process at work with the same account or certificate is MC_ERROR_LATER too. AGREE_TERMS: also to changed terms, which
 * the adapter's ask is shown otherwise. --- */

/* revoke: by the account, else by the certificate's key (B63). That it is wanted is written into the record first, and
 * from then on it is no good certificate; TRUE also where it is revoked already. The key stays, for old mail. */
gboolean mc_runner_revoke (McRunner *runner, gint64 id, McReason reason, gboolean agree_terms, McProblem **problem,
                           GError **error);

/* account: what the CA says of the account there; whoever asks reads the store's row afterwards. An unfinished rollover
 * is finished first. MC_ERROR_CA with the problem mailcert:no-account where there is none. */
gboolean mc_runner_look_at_account (McRunner *runner, const McCaProfile *ca, gboolean agree_terms, McProblem **problem,
                                    GError **error);
/* A new key for the account (B28). Old and new one are kept until it is known which the CA takes. MC_ERROR_LATER with
 * mailcert:challenge-open while a challenge is made out to the old one (T-26). */
gboolean mc_runner_roll_over (McRunner *runner, const McCaProfile *ca, gboolean agree_terms, McProblem **problem,
                              GError **error);
/* Closes the account for ever (B29); certificates stay good. The next enrollment there opens another one. */
gboolean mc_runner_deactivate (McRunner *runner, const McCaProfile *ca, McProblem **problem, GError **error);

/* ca: fetches the directory and says what the CA offers. Caller frees with mc_directory_free. */
struct McDirectory *mc_runner_directory (McRunner *runner, const McCaProfile *ca, GError **error);

G_END_DECLS
