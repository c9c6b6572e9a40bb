/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The tag=value lists of RFC 6376 3.2: DKIM-Signature values and key records. */

#define MC_TAG_LIST_MAX 32

typedef struct {
  const char *name;
  gsize name_length;
  const char *value; /* without white space at its ends */
  gsize length;
  const char *start; /* the whole value, white space included: from behind "=" ... */
  const char *end;   /* ... to the ";" or the end of the list */
} McTag;

typedef struct {
  McTag tags[MC_TAG_LIST_MAX];
  guint n;
} McTagList;

/* Points into TEXT. Strict: names as in the RFC, none twice, no NUL; what else a value may hold is for
 * its reader to say. MC_ERROR_MALFORMED otherwise. */
gboolean mc_tag_list_parse (const char *text, gsize length, McTagList *list, GError **error);

const McTag *mc_tag_list_find (const McTagList *list, const char *name); /* NULL if there is none */

/* The value as text, or decoded as base64, white space within it ignored; NULL if there is none. Caller frees. */
char *mc_tag_list_text (const McTagList *list, const char *name);
GBytes *mc_tag_list_base64 (const McTagList *list, const char *name);

/* Is there such a tag, and is TEXT its value, or one of the colon-separated words of its value? */
gboolean mc_tag_list_says (const McTagList *list, const char *name, const char *text);
gboolean mc_tag_list_lists (const McTagList *list, const char *name, const char *word);

G_END_DECLS
