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

/* Points into TEXT. Strict: names as in the RFC, none twice, printable values. MC_ERROR_MALFORMED otherwise. */
gboolean mc_tag_list_parse (const char *text, gsize length, McTagList *list, GError **error);

const McTag *mc_tag_list_find (const McTagList *list, const char *name); /* NULL if there is none */

/* The value, or NULL: as text; with all white space removed; as base64. Caller frees. */
char *mc_tag_list_text (const McTagList *list, const char *name);
char *mc_tag_list_compact (const McTagList *list, const char *name);
GBytes *mc_tag_list_base64 (const McTagList *list, const char *name);

/* The colon-separated words of a value without the white space around them; NULL if there is no such tag. */
char **mc_tag_list_words (const McTagList *list, const char *name);

G_END_DECLS
