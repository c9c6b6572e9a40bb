/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "flow/errand.h"
#include "flow/exchange.h"

G_BEGIN_DECLS

/* What is to be asked next. */
typedef enum {
  MC_STEP_NONE,
  MC_STEP_MAKE_KEY,      /* the new key of a rollover */
  MC_STEP_CHANGE_KEY,    /* keyChange: the old key signs over the new one */
  MC_STEP_FIND_NEW,      /* does the CA know the new key? (B24) */
  MC_STEP_FIND,          /* does it know the present one? */
  MC_STEP_LOOK,          /* at the account */
  MC_STEP_REVOKE,        /* signed by the account */
  MC_STEP_REVOKE_BY_KEY, /* signed by the certificate's key */
  MC_STEP_DEACTIVATE,
  MC_STEP_ASK_TERMS, /* the person; then AGREE */
  MC_STEP_AGREE
} McStep;

struct McErrand {
  McAccount *account;
  McErrandWish wish;
  McErrandEnd end;
  McProblem *problem;
  gboolean changed;

  McStep step;
  guint id;      /* of the action under way, 0 = none */
  guint last_id; /* given out */
  McActionKind kind;
  gboolean prelude; /* directory or nonce is under way instead of the step */

  McExchange exchange;
  EVP_PKEY *key, *new_key; /* parsed */
  guint failures;
  gint64 retry_at;
  McProblem *refusal;    /* of keyChange, until it is known whether it was carried out all the same */
  gboolean key_changed;  /* keyChange was granted; whether it was carried out the new key must show */
  McStep interrupted;    /* by changed terms */
  char *terms;           /* their URL */
  gboolean terms_agreed; /* once */
  gboolean looked_for;   /* the account, its URL being unknown to the CA: once */
};

/* errand.c */
void mc_errand_finish (McErrand *errand, McErrandEnd end, McProblem *problem_take);
/* The first step towards what is wished, as far as the account is known. */
void mc_errand_begin (McErrand *errand);
void mc_errand_drop_keys (McErrand *errand);

/* errand-answer.c */
void mc_errand_feed_http (McErrand *errand, const McEvent *event, gint64 now);

G_END_DECLS
