/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The .index of mutt's smime_keys, one line per mailbox of a certificate (platform/mutt-keyrings 3.3):
 *   MAILBOX HHHHHHHH.N LABEL ISSUER TRUST PURPOSE
 * Text in, text out. Lines of others keep every byte; ours are known by their label. */

typedef struct {
  const char *mailbox;
  const char *name;    /* HHHHHHHH.N, of the file */
  const char *label;   /* begins with MC_SMIME_LABEL */
  const char *issuer;  /* name of the file with the issuers; "?" = none */
  const char *purpose; /* "s", "e", "se" */
} McSmimeLine;

#define MC_SMIME_LABEL "mailcert-"

/* TEXT with LINE, as valid and not yet trusted, behind all others; TEXT as it was where one for this mailbox and name
 * is there. Caller frees. */
char *mc_smime_index_add (const char *text, const McSmimeLine *line);

/* Names of the files that TEXT has for MAILBOX; OURS: only from lines of ours. NULL-terminated; caller frees. */
char **mc_smime_index_names (const char *text, const char *mailbox, gboolean ours);

/* In our lines for MAILBOX: trusted (t) where the name is one of TRUSTED, else valid (v). What a person or
 * "smime_keys refresh" has marked otherwise (invalid, expired, revoked) stays. In place. */
void mc_smime_index_trust (char *text, const char *mailbox, const char *const *trusted);

G_END_DECLS
