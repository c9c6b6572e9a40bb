/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "net/mail-account.h"

G_BEGIN_DECLS

/* The sandbox that runs the program (tests/sandbox/sandbox run -- ...), as its environment tells of it. What it does
 * not tell ends the test. */

/* The value of SANDBOX_NAME. Borrowed. */
const char *sandbox_told (const char *format, ...) G_GNUC_PRINTF (1, 2);

/* Runs "sandbox VERB DIR WORDS" and returns what it prints. Owned. */
char *sandbox_ask (const char *verb, ...) G_GNUC_NULL_TERMINATED;

/* USER's mail there; IMAP and SMTP name the services (NULL = without). Owned. */
McMailAccount *sandbox_account (const char *user, const char *imap, const char *smtp);

G_END_DECLS
