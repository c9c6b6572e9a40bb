/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What is known of one folder, and how to find challenges in it. For net/imap*.c only. */

#include "net/imap-session.h"
#include "net/imap.h"

G_BEGIN_DECLS

#define MC_IMAP_MAIL_MAX (256 * 1024)

typedef struct {
  char *name; /* as the server writes it */
  guint32 uid_validity;
  guint32 last; /* every UID up to this one has been looked at; 0 = none */
} McImapFolder;

McImapFolder *mc_imap_folder_new (const char *name);
void mc_imap_folder_free (McImapFolder *folder);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (McImapFolder, mc_imap_folder_free)

/* The configured folders, or INBOX and what the server calls \Junk, or a few that are named like it. Names that the
 * server does not list are left out. At least one, INBOX first if it is among them. Caller frees with
 * g_ptr_array_unref. */
GPtrArray *mc_imap_folders_find (McImapSession *session, char *const *configured, GError **error);

/* The folder that the server calls \\Sent, or one that is named like it; NULL without an error where there is none.
 * Caller frees. */
char *mc_imap_folders_sent (McImapSession *session, GError **error);

/* The UIDs in the open folder that KEY (taken) finds, ascending. */
GArray *mc_imap_folder_search (McImapSession *session, struct mailimap_search_key *key, GError **error);

/* One mail of the open folder. NULL without an error where it is larger than MC_IMAP_MAIL_MAX, or gone. */
GBytes *mc_imap_folder_fetch (McImapSession *session, guint32 uid, GError **error);

/* Opens the folder read-only and gives FOUND each mail that could be a challenge and has not been seen: on the first
 * visit, and whenever UIDVALIDITY changes, those that came since SINCE. */
gboolean mc_imap_folder_visit (McImapSession *session, McImapFolder *folder, gint64 since, McImapFoundFunc found,
                               gpointer data, GError **error);

/* Has the server told of a new mail in the open folder, within an answer to something else, since the visit or the last
 * call? It will not tell again when it is idle. */
gboolean mc_imap_folder_told_in_passing (McImapSession *session);

/* Asks by STATUS, while another folder is open, whether a visit is worth it. */
gboolean mc_imap_folder_has_news (McImapSession *session, const McImapFolder *folder, gboolean *news, GError **error);

G_END_DECLS
