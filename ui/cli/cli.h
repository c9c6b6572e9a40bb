/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What the verbs of the command line share (DESIGN 5). */

#include "mailcert.h"

#include <stdio.h>

#ifndef GETTEXT_PACKAGE
#define GETTEXT_PACKAGE "mailcert"
#endif
#include <glib/gi18n-lib.h>

G_BEGIN_DECLS

/* --- options: one table per verb feeds the parser, --help, the completions and the check of the man pages --- */

typedef struct {
  const char *name;  /* without "--" */
  char letter;       /* 'v', or 0 */
  const char *value; /* what its value is, for people: "FILE"; NULL = a switch */
  const char *
      words; /* what completion offers: "@file", "@dir", "@ca", "@keyring", words with spaces between; NULL = nothing */
  const char *help; /* N_ (): a clause */
  gboolean many;    /* may be given several times, and each counts */
} McOption;

typedef struct McCli McCli;

typedef struct {
  const char *name;
  const char *operands;    /* for people: "ADDRESS...", "[FILE]", or "" */
  guint least, most;       /* of operands */
  const char *words;       /* completion of operands: "@address", "@file", "@ca" or NULL */
  const char *help;        /* N_ (): a sentence */
  const McOption *options; /* ends with a NULL name; NULL = none */
  int (*run) (McCli *cli); /* exit status */
} McVerb;

extern const McVerb mc_verb_account, mc_verb_get, mc_verb_status, mc_verb_renew, mc_verb_hook, mc_verb_inspect,
    mc_verb_reply, mc_verb_export, mc_verb_install, mc_verb_revoke, mc_verb_forget, mc_verb_ca, mc_verb_doctor;

extern const McVerb *const mc_cli_verbs[]; /* ends with NULL */
extern const McOption mc_cli_options[];    /* those of every verb */

struct McCli {
  const McVerb *verb;
  gboolean implied;    /* no verb was named */
  GHashTable *values;  /* option name -> GPtrArray of char * */
  GPtrArray *operands; /* of char * */
  char **external;     /* argv of a verb that is a program of its own, or NULL */
  gboolean json, quiet;
  guint verbose;
  McConfig *config; /* after mc_cli_load_config */
};

/* MC_CLI_ERROR with MC_ERROR_USAGE. Where no verb is named it is status, and IMPLIED. */
gboolean mc_cli_parse (McCli *cli, int argc, char **argv, GError **error);
void mc_cli_clear (McCli *cli);

gboolean mc_cli_has (const McCli *cli, const char *option);
const char *mc_cli_value (const McCli *cli, const char *option); /* the last one, or NULL */
char **mc_cli_values (const McCli *cli,
                      const char *option); /* all, NULL-terminated; NULL where there is none; caller frees */
const char *mc_cli_operand (const McCli *cli, guint index); /* or NULL */
/* A whole number >= 0 within MOST. */
gboolean mc_cli_number (const McCli *cli, const char *option, gint64 most, gint64 *out, GError **error);

/* The known word that WORD was probably meant to be, or NULL. */
const char *mc_cli_nearest (const char *word, const char *const *known);

void mc_cli_print_help (const McVerb *verb); /* NULL = of mailcert itself */
void mc_cli_print_options (void);            /* tab-separated, for the build and the tests */
void mc_cli_print_config_keys (void);

/* --- errors and exit statuses --- */

/* An error whose message is a finished sentence; the codes are those of McError. */
#define MC_CLI_ERROR (mc_cli_error_quark ())
GQuark mc_cli_error_quark (void);
void mc_cli_set_error (GError **error, McError code, const char *format, ...) G_GNUC_PRINTF (3, 4);

int mc_exit_status (const GError *error);
int mc_exit_status_of_code (McError code);

/* Says ERROR (taken) on stderr, as JSON on stdout where asked for, and returns its exit status. */
int mc_cli_fail (McCli *cli, GError *error_take);
/* Says a sentence, and the next step where there is one, on stderr. */
void mc_cli_complain (const char *sentence, const char *next);
/* One line on stdout or stderr, in the charset of the locale. */
void mc_cli_say (FILE *stream, const char *text);
/* Flushes stdout; what could not be written turns 0 into 73. */
int mc_cli_finish (int status);

/* --- what verbs need --- */

gboolean mc_cli_load_config (McCli *cli, GError **error);
/* Is a person there who can be asked: stdin and stderr are a terminal, and neither --json nor --quiet. */
gboolean mc_cli_is_attended (const McCli *cli);
/* Are results that went well said: on a terminal, or with -v, but never with --json or -q. */
gboolean mc_cli_is_talkative (const McCli *cli);
gint64 mc_cli_now (void);

/* One mail from FILE, or stdin where FILE is NULL or "-": at most MC_MESSAGE_MAX + 1 octets of it; the rest is read and
 * dropped. */
GBytes *mc_cli_read_mail (const char *file, GError **error);

/* Execs mailcert-VERB; returns only where that fails. */
gboolean mc_external_exists (const char *verb);
gboolean mc_external_exec (char **argv, GError **error);
char *mc_external_dir (void);
/* Lets the programs that mail clients left for it write down what they know of the account of ADDRESS
 * (libexec/account). */
void mc_external_ask (const McCli *cli, const char *address);
/* Lets them say what they find in the clients' own settings (libexec/doctor): adds to FINDINGS, of McFinding. ADDRESS
 * may be NULL. */
void mc_external_doctor (const McCli *cli, const char *address, GPtrArray *findings);

G_END_DECLS
