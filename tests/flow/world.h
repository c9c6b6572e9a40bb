/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* A world for the flow: a clock that only the test moves, a CA, mail, carriers, a keyring, a person, a store; and a
 * driver that keeps core/runner's order of commit and action. Everything that leaves the process is recorded, and what
 * must have been committed before is checked at the moment it leaves ("saved before done", DESIGN 2). */

#include "back.h"
#include "ca.h"
#include "flow/errand.h"
#include "flow/flow.h"

G_BEGIN_DECLS

#define WORLD_START G_GINT64_CONSTANT (1795300000) /* 2026-11-21 */
#define WORLD_ADDRESS "ada@example.org"
#define WORLD_PASSPHRASE "sesame"
#define WORLD_NEXT_MOST 600 /* calls of mc_flow_next at one instant: more is a busy loop */

/* Where a process is struck down. The first three count commits or actions of all enrollments of the process. */
typedef enum {
  KILL_NEVER,
  KILL_BEFORE_COMMIT,
  KILL_AFTER_COMMIT,
  KILL_AT_START,
  KILL_AFTER_EFFECT,
  KILL_KINDS
} KillKind;

typedef enum { ANSWER_NO, ANSWER_YES, ANSWER_NOBODY } PersonAnswer;

/* What becomes of one mail that is handed over. UNKNOWN comes in two: it left, or it did not; SILENT: the carrier never
 * says. */
typedef enum {
  FATE_SENT,
  FATE_NOT_SENT,
  FATE_REFUSED,
  FATE_UNKNOWN_LEFT,
  FATE_UNKNOWN_LOST,
  FATE_QUEUED,
  FATE_SILENT
} MailFate;

typedef enum {
  FAULT_LOST_REQUEST, /* it never arrives */
  FAULT_LOST_ANSWER,  /* it is carried out, the answer is lost */
  FAULT_PROBLEM,      /* not carried out: a problem document */
  FAULT_BODY,         /* carried out, but 200 with this body instead */
  FAULT_MEMBER,       /* carried out, but member TEXT of the answer has the JSON value VALUE */
  FAULT_LATE_PROBLEM  /* carried out, but a problem document instead of the answer */
} FaultKind;

typedef struct {
  CaRoute route;
  guint from; /* the how-manieth request of that route, from 1 */
  guint count;
  FaultKind kind;
  guint status;
  const char *text;        /* type of the problem, the body, or the member */
  const char *value;       /* of the member */
  const char *retry_after; /* or NULL */
  gboolean without_nonce;
} Fault;

typedef struct {
  CaPlan ca;
  guint32 seed;
  Back *(*back_new) (void); /* NULL = in memory */
  McTrigger trigger;
  gint64 trigger_wait;
  gint64 post_delay;
  McTokenJoin join;      /* ours: the same as the CA's unless the test wants a quarrel */
  const char *transport; /* "smtp": was_sent cannot know; "claws": it knows; NULL: none */
  gboolean by_hand;      /* the person sends what 'mailcert reply' printed; transport is NULL then */
  gboolean agree_terms;
  gboolean key_protected; /* under the passphrase "sesame" */
  gboolean no_passphrase; /* which nobody tells us */
  gboolean no_binding;    /* the EAB file was forgotten */
  PersonAnswer terms_answer, root_answer;
  const char *keyrings[3];
  gboolean untrusted;       /* keyrings want the root to be trusted */
  gboolean keyring_unnamed; /* "untrusted", without saying which root */
  guint keyring_failures;   /* so many installs fail */
  gint64 install_seconds;   /* that the second keyring needs */
  guint key_failures;       /* so many keys fail */
  gint64 key_seconds;       /* making a certificate's key; -1 = never ends */
  gint64 mail_seconds;      /* the challenge mail's way, -1 = it gets lost */
  gint64 reply_seconds;     /* the reply's way */
  gint64 queue_seconds;     /* until the carrier's queue is emptied, -1 = never */
  gint64 send_seconds;      /* until the carrier says what became of it */
  gint64 request_seconds;   /* HTTP there */
  gint64 answer_seconds;    /* and back */
  gint64 away_until;        /* the CA is not there before this hour */
  gint64 forget_at;         /* from this hour on a person wants it forgotten; 0 = never */
  gint64 errand_at;         /* at this hour a person wants ERRAND; 0 = never */
  McErrandKind errand;      /* REVOKE: the certificate of the first enrollment */
  gboolean errand_once;     /* and whatever becomes of it, does not ask again */
} WorldPlan;

/* One enrollment and its life in this process. */
typedef struct {
  gint64 id;
  McEnrollment *enrollment;
  McAccount *account;
  McCaProfile *ca;
  McFlowSettings settings;
  GBytes *binding_key;
  McFlow *flow;
  guint life;
  gint64 wake; /* by our clock */
  guint busy;
  gboolean over;
  guint next_calls;
  gint64 next_instant;
  guint awaits; /* AWAIT_MAIL actions */
} Drive;

/* The errand of the plan, while its process lives. */
typedef struct {
  McErrand *errand; /* NULL: not under way */
  McAccount *account;
  GBytes *certificate;
  gint64 wake, again_at;
  guint asked; /* times */
  gboolean over;
  McErrandEnd end;
} ErrandLife;

/* One port call that fails (ports.c). ACTION NONE is the commit; then another process has written first. */
typedef struct {
  const char *name;
  McActionKind action;
  Fault fault;   /* HTTP */
  MailFate fate; /* SEND, WAS_SENT */
} PortFailure;

typedef struct World World;
typedef void (*WildFunc) (World *world);

/* Random misfortune, all in 1/1000; model only. */
typedef struct {
  guint lost_request, lost_answer, problem, body; /* of a request */
  guint slow;                                     /* of anything: up to an hour */
  guint crash;                                    /* of a turn */
  guint twice;                                    /* of an event: it comes again, and one that nobody asked for */
  guint fate;                                     /* of a mail that is handed over: anything but the usual */
  gint64 calm_at;                                 /* from then on everything works */
} Wild;

struct World {
  WorldPlan plan;
  gint64 now;  /* true time: the CA's */
  gint64 skew; /* our clock - true time */
  GRand *random;
  Wild wild;
  Ca *ca;
  Back *back;
  GPtrArray *drives;
  ErrandLife errand;
  GPtrArray *tasks;
  guint64 last_task;
  GPtrArray *mails; /* of Mail: what has arrived for us */
  GPtrArray *queue; /* of Queued: the carrier's */
  GArray *faults;   /* of Fault */
  guint seen[CA_ROUTES];
  GArray *fates, *was_fates; /* of MailFate, to be used up in this order */
  GHashTable *left;          /* challenge Message-ID -> replies to it that really left */
  GHashTable *handed;        /* Message-IDs of replies that the carrier was given, and has not said not to have sent */
  guint next_key;
  guint faults_done;
  guint asked[2], installs, sends, was_sents, notes; /* actions done; notes: history entries that are no moves */

  const PortFailure *failure; /* of the call FAIL_AT, from 0 */
  guint fail_at;
  GArray *calls; /* of McActionKind: every call of a port so far */

  KillKind kill_kind;
  guint kill_at;
  guint points[KILL_KINDS]; /* passed so far */
  gboolean dead;            /* struck just now */
  guint deaths;
  gint64 downtime;
  guint64 steps; /* tasks done, and calls of mc_flow_next */
};

typedef struct {
  char *to, *from, *message_id;
  McChallenge *challenge;
} Mail;

WorldPlan world_plan_default (void);
World *world_new (const WorldPlan *plan);
void world_free (World *world);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (World, world_free)

/* Commits a new enrollment and drives it; its index. AFTER: index of the one it waits for, -1 = none. */
guint world_enroll (World *world, const char *const *addresses, McUsage usage, gint after);
guint world_enroll_one (World *world); /* WORLD_ADDRESS */
/* The same for a record that somebody else has made. */
guint world_adopt (World *world, McEnrollment *enrollment);

/* Until nothing moves any more, or the clock says UNTIL. Strikes that were set are survived: the process is started
 * again. */
void world_run (World *world);
void world_run_until (World *world, gint64 until);
void world_pass (World *world, gint64 until); /* the same without world_check, which reads every record */
/* The process dies now and is started again after DOWNTIME. */
void world_restart (World *world);

void world_fault (World *world, Fault fault);
void world_fate (World *world, MailFate fate);
void world_was_fate (World *world, MailFate fate);

/* As it stands in memory, borrowed. */
McEnrollment *world_enrollment (const World *world, guint index);
McEnrollmentAddress *world_address (const World *world, guint index);
/* Everything that must hold whatever happened. */
void world_check (World *world);
/* check.c: and that it went well: INSTALLED, the key and one certificate kept. */
void world_check_installed (World *world, guint index);
/* errands.c: and that the errand of the plan was done, and the account is good for the next. */
void world_check_errand (World *world);
gboolean world_needs_a_person (const Drive *drive);
guint world_requests (const World *world); /* that the CA looked at, of all kinds */
gint64 world_clock (const World *world);   /* ours */

/* Moves that were seen, over all worlds of the program: [from][to]. */
extern gboolean world_moves[16][16], world_address_moves[16][16];
void world_note_moves (Drive *drive);
typedef struct {
  guint rows, rows_walked; /* a state that was entered and, where it can be, left */
  guint moves, moves_made;
} TableCount;
/* table.c: prints each row of the table with the moves that were made; a move outside of it ends the test. */
TableCount world_tell_table (void);

/* --- between the files of the world --- */

typedef enum { TASK_EFFECT, TASK_FEED, TASK_MAIL, TASK_QUEUE, TASK_REPLY } TaskKind;

#define WORLD_ERRAND G_MAXUINT /* in place of a drive's index */

/* Something that happens at an hour. EFFECT and FEED belong to the process and die with it. */
typedef struct {
  TaskKind kind;
  gint64 at;
  guint64 order;
  guint drive;
  guint life;
  McActionKind action;
  McHttpRequest *request;
  McKeyKind key_kind;
  gboolean for_account;
  McAskKind ask;
  char *subject; /* ASK: what; INSTALL: keyring; SEND: address */
  char *message_id;
  GBytes *reply;
  McEvent event;
  McHttpResponse *response;
  GError *error;
  GBytes *key;
  Mail *mail;
} Task;

/* world.c */
void world_end_process (World *world); /* well or not: what it was doing is gone, its records lie in the store */
Task *world_task (World *world, TaskKind kind, gint64 delay);
GBytes *world_key (World *world, gboolean for_account); /* the next of a few PKCS#8: accounts have their own (B30) */
gint64 world_delay (World *world, gint64 usual);        /* with misfortune */
gboolean world_misfortune (World *world, guint per_mille);
/* Counts a point; TRUE = the process is dead from here on. */
gboolean world_strikes (World *world, KillKind kind);

/* ports.c: counts a call; TRUE = this is the one that fails */
gboolean ports_fail (World *world, McActionKind action);
/* What can become of a call; NULL after the last. */
const PortFailure *ports_failure (guint index);

/* drive.c */
Drive *drive_new (World *world, gint64 id);
void drive_free (gpointer drive);
void drive_load (World *world, Drive *drive);
void drive_step (World *world, guint index);
gboolean drive_take_mail (World *world, guint index); /* TRUE = one was used */
void drive_feed (World *world, Drive *drive, const McEvent *event);

/* errands.c */
gboolean errand_is_under_way (const World *world); /* nothing else runs then */
gint64 errand_hour (const World *world);           /* of its next step; 0 = it waits for something, or is over */
gboolean errand_step (World *world);               /* TRUE: it has ended, others may go on */
void errand_feed (World *world, const McEvent *event);
void errand_die (World *world);   /* with its process */
void errand_leave (World *world); /* no more of it */

/* effect.c */
void effect_check_account (World *world);
void task_take_action (Task *task, const McAction *action);             /* all but its subject */
EVP_PKEY *effect_key (GBytes *pkcs8);                                   /* borrowed, read once a program */
Task *effect_start (World *world, guint index, const McAction *action); /* copies what the action lends */
void effect_happen (World *world, Task *task);                          /* fills its event */

/* post.c */
void post_deliver (World *world, Task *task);                  /* TASK_MAIL, takes its mail */
void post_release (World *world, Task *task);                  /* TASK_QUEUE */
void post_arrive (World *world, const Task *task);             /* TASK_REPLY */
gboolean post_send (World *world, Task *task);                 /* SEND's effect; FALSE: the carrier never says */
void post_was_sent (World *world, Task *task);                 /* WAS_SENT's effect */
void post_told (World *world, const Task *task);               /* the flow hears what became of one */
void post_leave (World *world, GBytes *reply, gint64 seconds); /* a reply really leaves */
void post_challenge (gpointer world, const CaAuthorization *authorization); /* CaMailFunc */
void mail_free (gpointer mail);
void queued_free (gpointer queued);

G_END_DECLS
