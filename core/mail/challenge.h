/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "mail/message.h"
#include "mail/verdict.h"

G_BEGIN_DECLS

/* What a challenge mail says. Each member is NULL (date 0) where the mail has no such field or it does not parse; only
 * a verdict of authentic makes any of it true. */
typedef struct {
  char *token_part1; /* white space removed, else as received, padding too (T-03, T-20) */
  char *from;        /* addr-spec */
  char *to;          /* addr-spec */
  char *reply_to;    /* the whole value, unfolded; a valid address list (A47) */
  char *message_id;  /* with its angle brackets (T-29) */
  char *references;  /* Message-IDs separated by one space, or NULL */
  char *subject;     /* unfolded, not decoded */
  gint64 date;       /* Unix seconds */
} McChallenge;

/* Reads MAIL and notes every check of its shape (RFC 8823 3.1, A30-A36, A10, T-17, T-21) in VERDICT, its kind too.
 * Never NULL, also for a mail that is nothing like a challenge. */
McChallenge *mc_challenge_parse (const McMessage *mail, McVerdict *verdict);
void mc_challenge_free (McChallenge *challenge);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (McChallenge, mc_challenge_free)

/* How an answered token is remembered: lower-case hexadecimal SHA-256 of a token-part1. Caller frees. */
char *mc_challenge_token_print (const char *token_part1);

/* One Message-ID: "<", no white space, control or angle bracket, ">". */
gboolean mc_message_id_is_valid (const char *message_id);

G_END_DECLS
