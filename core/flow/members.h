/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/json.h"

G_BEGIN_DECLS

/* Plain structs as JSON objects, by a table of their members: one table serves both directions, so that what is written
 * can be read back. Members that a table does not name are passed over: a newer version's do no harm. */
typedef enum {
  MC_MEMBER_TEXT,   /* char * */
  MC_MEMBER_TIME,   /* gint64 (ids too), >= 0; left out where it is 0 and not required */
  MC_MEMBER_NUMBER, /* guint; left out where it is 0 */
  MC_MEMBER_FLAG,   /* gboolean; left out where it is FALSE */
  MC_MEMBER_BYTES   /* GBytes *, as base64url */
} McMemberKind;

typedef struct {
  const char *name;
  gsize offset;
  McMemberKind kind;
  gint64 max;        /* octets, or the largest value */
  gboolean required; /* a required text is not empty either */
} McMember;

McJson *mc_members_compose (const McMember *members, gsize count, const void *record);

/* Into RECORD, whose pointers are NULL or owned; what was read before an error stays there for the caller to free.
 * MC_ERROR_MALFORMED names the member. */
gboolean mc_members_parse (const McJson *json, const McMember *members, gsize count, void *record, GError **error);

/* An array member: of objects by a table, or of texts where MEMBERS is NULL. */
void mc_member_list_compose (McJson *json, const char *name, const GPtrArray *list, const McMember *members,
                             gsize count);

/* Appends to LIST, whose free function must take an item from g_malloc0 (SIZE); SIZE 0 = texts of at most 2048 octets.
 * Absent = empty. */
gboolean mc_member_list_parse (const McJson *json, const char *name, GPtrArray *list, const McMember *members,
                               gsize count, gsize size, GError **error);

/* The array NAME, at most 512 long; absent = an empty one, but a required one is there and has an element. */
gboolean mc_member_array_parse (const McJson *json, const char *name, gboolean required, McJson **out, GError **error);

/* Sets MC_ERROR_MALFORMED; always FALSE. */
gboolean mc_member_out_of_bounds (const char *name, GError **error);

G_END_DECLS
