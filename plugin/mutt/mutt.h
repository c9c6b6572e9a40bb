/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "mailcert.h"

G_BEGIN_DECLS

/* mailcert-mutt: what mailcert does for mutt and neomutt. Both are called "the client" here; where they differ it says
 * so. */

#ifdef ENABLE_NLS
#include <libintl.h>
#define _(text) gettext (text)
#else
#define _(text) (text)
#endif
#define N_(text) (text)

typedef struct {
  gboolean json; /* was asked for, and there is none */
  gboolean neomutt, write, remove;
  char *rc_file;  /* -F, or NULL = where the client itself would look */
  char *config;   /* --config, or NULL */
  char *data_dir; /* --data-dir, or NULL */
  char *dir;      /* where our own files for the client are */
  char *self;     /* this program */
  char *hook;     /* mailcert-hook */
} McMutt;

/* --- what the client knows (query.c) --- */

const char *mc_mutt_client (const McMutt *mutt); /* "mutt" or "neomutt" */

/* The client's settings by name, without underscores (neomutt has more of them); values unquoted, "yes" and "no".
 * Secrets are not asked for, but a URL may hold one: free with g_hash_table_unref, which wipes. */
GHashTable *mc_mutt_query (const McMutt *mutt, const char *const *names, GError **error);
/* The answer of one "-Q" run, added to SETTINGS; pure. */
void mc_mutt_query_parse (GHashTable *settings, const char *text, gsize length);
GHashTable *mc_mutt_settings_new (void);

/* --- what stands in its files (muttrc.c) --- */

typedef struct {
  gboolean sources_us;       /* the line that mailcert-mutt(7) tells people to write is there */
  gboolean literal_password; /* imap_pass is there, and no command */
  char *password_command;    /* of imap_pass = "`command`", or NULL */
  GPtrArray *alternates;     /* of char *: regular expressions */
  GPtrArray *files;          /* of char *: what was read */
} McMuttrc;

/* Where the client would look for its file, or NULL. Caller frees. */
char *mc_muttrc_find (const McMutt *mutt);
/* Reads PATH and the files it sources. What cannot be read is left out: the client itself complains of it. */
McMuttrc *mc_muttrc_read (const char *path);
/* One file's text, added to RC; pure. SOURCED (may be NULL) gets the files that it sources, as they stand there. */
void mc_muttrc_parse (McMuttrc *rc, const char *text, gsize length, GPtrArray *sourced);
McMuttrc *mc_muttrc_new (void);
void mc_muttrc_free (McMuttrc *rc);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (McMuttrc, mc_muttrc_free)

/* --- from the one to the other (account.c) --- */

typedef struct {
  const McMutt *mutt;
  const McConfig *config;
  char *path;         /* of our file */
  McMuttrc *rc;       /* its files */
  char *rc_path;      /* NULL = it has none */
  GHashTable *known;  /* its settings */
  GPtrArray *remarks; /* of char *: sentences for the person */
} McMuttSetup;

/* The value of a setting, or "": where the client does not know the name, it has not set it either. */
const char *mc_mutt_value (const McMuttSetup *setup, const char *plain_name);
/* One line "KEY = ENTRY"; an entry that would not stay on its line is left out. */
void mc_mutt_add_key (GString *text, const char *key, const char *entry);
/* One more word of a command line, quoted where it must be. */
void mc_mutt_add_word (GString *command, const char *word);
/* [account ADDRESS]; what the person should know goes to the remarks. */
void mc_mutt_add_account (McMuttSetup *setup, const char *address, GString *text);

/* --- the verbs; each returns FALSE with ERROR, or an exit status in *STATUS --- */

gboolean mc_mutt_setup (const McMutt *mutt, char **words, int *status, GError **error);
gboolean mc_mutt_adopt (const McMutt *mutt, char **words, int *status, GError **error);
gboolean mc_mutt_rc (const McMutt *mutt, char **words, int *status, GError **error);
gboolean mc_mutt_settings (const McMutt *mutt, char **words, int *status, GError **error);
gboolean mc_mutt_send (const McMutt *mutt, char **words, int *status, GError **error);
gboolean mc_mutt_decrypt (const McMutt *mutt, char **words, int *status, GError **error);
gboolean mc_mutt_doctor (const McMutt *mutt, char **words, int *status, GError **error);

/* --- shared by them --- */

/* The files that the client sources, from the certificates that are installed. */
gboolean mc_mutt_write_settings (const McMutt *mutt, const McConfig *config, GError **error);
/* What the client is to call the certificate that signs for ADDRESS; ENGINE: its crypt_use_gpgme, "yes" or "no". ALL:
 * of McEnrollment, oldest first. NULL where it has none. Caller frees. */
char *mc_mutt_key (const GPtrArray *all, const char *address, const char *engine);
gboolean mc_mutt_remove_settings (const McMutt *mutt, GError **error);
McConfig *mc_mutt_load_config (const McMutt *mutt, GError **error);
/* By rename, 0600; left alone where it has this text already. */
gboolean mc_mutt_write_file (const char *path, const char *text, GError **error);

G_END_DECLS
