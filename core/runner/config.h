/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "mail/ca-profile.h"
#include "net/mail-account.h"

G_BEGIN_DECLS

/* The configuration (DESIGN 5): one GKeyFile; every key optional. One table (mc_config_keys) feeds the parser, the man
 * page and its test. */
typedef struct {
  const char *group; /* "mailcert", "ca", "account" */
  const char *name;
  const char *value; /* what may stand there, for people: "IP@PORT", "rotate|reuse" */
  const char *help;  /* one clause, English, for the man page */
} McConfigKey;

const McConfigKey *mc_config_keys (gsize *count);

typedef struct {
  char *path;     /* file read, or where it would be */
  char *data_dir; /* --data-dir, else $XDG_DATA_HOME/mailcert */
  char *ca_dir;   /* folder of the shipped CAs, or NULL */
  char *default_ca;
  char **keyrings;      /* NULL-terminated specs; NULL = mc_keyring_default */
  char *resolver;       /* IP@PORT or NULL */
  char *dnssec_anchor;  /* file or NULL */
  gboolean auto_answer; /* default TRUE */
  gboolean notify;      /* default TRUE */
  gboolean reuse_key;   /* key-policy = reuse */
  gboolean passphrase;  /* key-protection = passphrase */
  /* Of char **, each an argv: the person's own, and those of mail clients' files; or NULL. */
  GPtrArray *on_installed, *on_action_needed, *on_failed;
  GHashTable *cas;      /* name -> McCaProfile: shipped ca.d and [ca NAME], later wins key by key */
  GHashTable *accounts; /* address -> McMailAccount */
  GHashTable *account_cas, *account_keyrings; /* address -> char * */
} McConfig;

/* PATH NULL = $XDG_CONFIG_HOME/mailcert/mailcert.conf; that default file may be absent, a named one may not. CA_DIR =
 * folder of shipped *.ini. MC_ERROR_CONFIG: "FILE:LINE: ..." or "FILE: [group] key: ...": unknown groups and keys are
 * errors that name the nearest known one. Relative file names count from the config file's folder, "~/" is the home
 * folder. */
McConfig *mc_config_new (const char *path, const char *data_dir, const char *ca_dir, GError **error);
/* Mail clients' own set-up puts files, *.conf, into this folder beside the configuration: "mailcert.conf.d". Caller
 * frees. */
char *mc_config_client_dir (const McConfig *config);
void mc_config_free (McConfig *config);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (McConfig, mc_config_free)

/* One key of [mailcert] and what it is to be. */
typedef struct {
  const char *name, *value;
} McConfigChange;

/* Writes CHANGES into the person's file, which is made where there is none; everything else in it stays as it is, octet
 * for octet, and a reader sees the old text or the new one. CONFIG itself is as before. MC_ERROR_CONFIG where the file
 * could not be read then (it is left alone), MC_ERROR_WRITE. */
gboolean mc_config_write (const McConfig *config, const McConfigChange *changes, gsize count, GError **error);

/* By name, by directory URL of a known one, or for any other https URL a profile made on the spot (name = the URL's
 * host[:port]). NULL name: the default CA. MC_ERROR_CONFIG where there is none; new copy. */
McCaProfile *mc_config_ca (const McConfig *config, const char *name_or_url, GError **error);

/* The account of ADDRESS, or NULL; borrowed. */
const McMailAccount *mc_config_account (const McConfig *config, const char *address);

G_END_DECLS
