/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "acme/directory.h"
#include "net/imap-survey.h"
#include "runner/doctor.h"
#include "runner/file.h"
#include "runner/runner-private.h"

G_BEGIN_DECLS

/* One question to a server, on a thread of its own. */
typedef struct {
  GThread *thread; /* NULL: not begun, or joined */
  gboolean begun;
  GError *error; /* why there is no answer */
} McProbe;

typedef struct {
  const McConfig *config;
  const McDoctorOptions *options;
  const char *address;          /* or NULL */
  char *domain;                 /* of the address, as A-labels; NULL where it has none */
  const McMailAccount *account; /* or NULL */
  McCaProfile *ca;              /* or NULL */
  gint64 now;

  McDns *dns;          /* made when first needed */
  gboolean dns_silent; /* it is not asked any more */
  gint64 dns_time;     /* microseconds that were waited for it */

  McStore *store; /* see mc_doctor_store () */
  gboolean store_tried;
  GError *store_error;
  GPtrArray *enrollments;

  GCancellable *cancel; /* cancelled after MC_DOCTOR_SECONDS */
  GThread *clock;
  GMutex lock;
  GCond over;
  gboolean done;

  McProbe imap, smtp, http;
  McImapSurvey *survey;   /* of imap */
  gboolean smtp_works;    /* of smtp */
  McDirectory *directory; /* of http */
  gint64 ca_time;         /* what the CA's clock said, 0 = nothing */
  gint64 ca_time_at;      /* and ours then */
} McDoctor;

typedef void (*McCheckFunc) (McDoctor *doctor, McFinding *finding);

/* doctor.c */
void mc_finding_set (McFinding *finding, McFindingOutcome outcome, const char *reason);
void mc_finding_trouble (McFinding *finding, McError code, const char *reason);
void mc_finding_show (McFinding *finding, const char *shown);    /* copied, sanitized */
void mc_finding_detail (McFinding *finding, const char *detail); /* the same */
/* A TROUBLE called by the kind of ERROR: "tls", "login", "config", "unreachable". */
void mc_finding_error (McFinding *finding, const GError *error);

/* doctor-probe.c: begins what was not begun, waits for its end. NULL or FALSE: see the probe's error. */
void mc_doctor_begin (McDoctor *doctor); /* all of them at once */
void mc_doctor_end (McDoctor *doctor);
const McImapSurvey *mc_doctor_survey (McDoctor *doctor);
gboolean mc_doctor_smtp (McDoctor *doctor);
const McDirectory *mc_doctor_directory (McDoctor *doctor);
/* Never NULL; UNAVAILABLE too where the servers did not answer before. Caller frees. */
McDnsAnswer *mc_doctor_look_up (McDoctor *doctor, const char *name, McDnsType type);
/* The records, or NULL with store_error. */
GPtrArray *mc_doctor_enrollments (McDoctor *doctor);
/* The newest certificate of the address, or NULL; borrowed. */
/* The root above the certificate of E or, before there is one (NULL), the one that the CA's profile names. Caller
 * frees; NULL = not known here. */
X509 *mc_doctor_root (McDoctor *doctor, const McEnrollment *e);
const McEnrollment *mc_doctor_certificate (McDoctor *doctor);
/* The keyrings that a certificate of the address goes to. Caller frees. */
char **mc_doctor_keyrings (McDoctor *doctor);
McKeyKind mc_doctor_key_kind (const McDoctor *doctor);
/* Runs a program for a few seconds: what it prints, or NULL. Caller frees. */
char *mc_doctor_output (McDoctor *doctor, const char *const *argv);

/* doctor-setup.c */
void mc_check_config (McDoctor *doctor, McFinding *finding);
void mc_check_store (McDoctor *doctor, McFinding *finding);
void mc_check_user (McDoctor *doctor, McFinding *finding);
void mc_check_hook (McDoctor *doctor, McFinding *finding);
void mc_check_timer (McDoctor *doctor, McFinding *finding);
/* doctor-mail.c */
void mc_check_account (McDoctor *doctor, McFinding *finding);
void mc_check_imap (McDoctor *doctor, McFinding *finding);
void mc_check_idle (McDoctor *doctor, McFinding *finding);
void mc_check_sending (McDoctor *doctor, McFinding *finding);
void mc_check_list (McDoctor *doctor, McFinding *finding);
/* doctor-dkim.c */
void mc_check_dkim (McDoctor *doctor, McFinding *finding);
/* doctor-domain.c */
void mc_check_mx (McDoctor *doctor, McFinding *finding);
void mc_check_caa (McDoctor *doctor, McFinding *finding);
void mc_check_dmarc (McDoctor *doctor, McFinding *finding);
void mc_check_spf (McDoctor *doctor, McFinding *finding);
void mc_check_mta_sts (McDoctor *doctor, McFinding *finding);
/* doctor-ca.c */
void mc_check_ca (McDoctor *doctor, McFinding *finding);
void mc_check_clock (McDoctor *doctor, McFinding *finding);
void mc_check_nss_root (McDoctor *doctor, McFinding *finding);
void mc_check_binding (McDoctor *doctor, McFinding *finding);
void mc_check_mail_roots (McDoctor *doctor, McFinding *finding);
/* doctor-keyring.c */
void mc_check_keyring (McDoctor *doctor, McFinding *finding);
void mc_check_certificate (McDoctor *doctor, McFinding *finding);
void mc_check_installed (McDoctor *doctor, McFinding *finding);
void mc_check_root (McDoctor *doctor, McFinding *finding);
void mc_check_crl (McDoctor *doctor, McFinding *finding);
/* doctor-programs.c */
void mc_check_openssl (McDoctor *doctor, McFinding *finding);
void mc_check_curl (McDoctor *doctor, McFinding *finding);
void mc_check_gpgsm (McDoctor *doctor, McFinding *finding);
void mc_check_mutt (McDoctor *doctor, McFinding *finding);
void mc_check_neomutt (McDoctor *doctor, McFinding *finding);
void mc_check_claws (McDoctor *doctor, McFinding *finding);

G_END_DECLS
