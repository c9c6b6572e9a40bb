/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "net/mail-account.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* A look into a mailbox before anything is ordered: nothing is marked read or changed. */

#define MC_IMAP_SURVEY_MAILS 5 /* the newest of the person's own */

typedef struct {
  GBytes *rfc822; /* at most 256 KiB */
  gboolean sent;  /* a mail with its Message-ID is in the Sent folder: From is not forged */
} McImapOwnMail;

typedef struct {
  gboolean idle;    /* offered (RFC 2177) */
  GPtrArray *mails; /* of McImapOwnMail: from the address, in INBOX, the newest first */
  gboolean list;    /* mail to the address came through a mailing list that is posted to under it */
} McImapSurvey;

/* Errors as mc_imap_check. */
McImapSurvey *mc_imap_survey (const McMailAccount *account, const char *address, GCancellable *cancel, GError **error);
void mc_imap_survey_free (McImapSurvey *survey);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (McImapSurvey, mc_imap_survey_free)

/* Waits until the mail with this MESSAGE_ID is in INBOX or Junk, SECONDS at most: NULL without an error then. */
GBytes *mc_imap_await (const McMailAccount *account, const char *message_id, guint seconds, GCancellable *cancel,
                       GError **error);

G_END_DECLS
