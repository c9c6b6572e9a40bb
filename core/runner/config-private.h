/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "runner/config.h"

G_BEGIN_DECLS

/* Inside of the configuration's own files and its fuzzer. */

typedef enum {
  MC_CONFIG_TEXT,              /* char *; an empty value unsets it */
  MC_CONFIG_FILE,              /* char *: made absolute; an empty value unsets it */
  MC_CONFIG_URL,               /* char *: https */
  MC_CONFIG_RESOLVER,          /* char *: IP or IP@PORT */
  MC_CONFIG_COMMAND,           /* GPtrArray * of char **: an argv more, no shell */
  MC_CONFIG_ARGV,              /* char *: must be one that could be split into an argv */
  MC_CONFIG_LIST,              /* char **: separated by ";" */
  MC_CONFIG_KEYRINGS,          /* char **: the same, each a keyring spec */
  MC_CONFIG_WORD,              /* gboolean or enum: the place of the word in the entry's value "a|b|c" */
  MC_CONFIG_CHOICE,            /* char *: one of the words of the entry's value */
  MC_CONFIG_BOOLEAN,           /* gboolean */
  MC_CONFIG_SECONDS,           /* gint64 */
  MC_CONFIG_NUMBER,            /* guint */
  MC_CONFIG_OF_ACCOUNT_CA,     /* into the McConfig's account_cas */
  MC_CONFIG_OF_ACCOUNT_KEYRING /* into the McConfig's account_keyrings */
} McConfigKind;

#define MC_CONFIG_MAX (1024 * 1024) /* bytes of one file */

/* Whose file it is says what may stand in it. */
typedef enum {
  MC_CONFIG_PERSON,  /* anything */
  MC_CONFIG_SHIPPED, /* [ca NAME] */
  MC_CONFIG_CLIENT,  /* what a mail client's own set-up writes: the commands of [mailcert], which are added to the
                        person's, and [account ADDRESS], which counts only where nobody else describes that account */
  MC_CONFIG_SOURCES
} McConfigSource;

typedef struct {
  McConfigKey key;
  McConfigKind kind;
  gsize offset; /* in McConfig, McCaProfile or McMailAccount, as the group says */
} McConfigEntry;

const McConfigEntry *mc_config_entry (const char *group, const char *name); /* NULL = unknown */

/* The known key of GROUP that is spelt most like NAME; the group is known. *OTHER_GROUP: where NAME itself would be
 * known, or NULL. */
const char *mc_config_nearest_key (const char *group, const char *name, const char **other_group);

/* The index of the word most like TEXT. */
gsize mc_config_nearest (const char *text, const char *const *words, gsize count);

/* Reads TEXT, which need not end in NUL, into CONFIG, and checks the whole. PATH stands in errors, and relative file
 * names count from its folder. */
gboolean mc_config_parse (McConfig *config, const char *text, gsize length, const char *path, McConfigSource source,
                          GError **error);

/* Every CA has a directory, the default CA and the accounts' are known. Else a bare clause, and which key is to blame
 * (the caller frees GROUP). */
gboolean mc_config_check (const McConfig *config, char **group, const char **key, GError **error);

/* The value of one key into RECORD (the McConfig for [mailcert], else the group's own struct). The message is a bare
 * clause. */
gboolean mc_config_set (McConfig *config, const McConfigEntry *entry, const char *address, void *record,
                        const char *path, const char *value, GError **error);

/* Would TEXT do as the person's file of CONFIG? */
gboolean mc_config_try (const McConfig *config, const char *text, GError **error);

/* TEXT of a configuration with CHANGES in its [mailcert]. Caller frees. */
char *mc_config_edit (const char *text, const McConfigChange *changes, gsize count);

/* The defaults, without any file. */
McConfig *mc_config_empty (void);

G_END_DECLS
