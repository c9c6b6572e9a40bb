/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The one door to jansson: objects are built, parsed with limits, and read with errors that name the member. Types are
 * opaque outside. */
typedef struct McJson McJson; /* a reference to one JSON value */

#define MC_JSON_MAX_BYTES                                                                                              \
  (256 * 1024) /* a CA's largest honest answer is a few KiB; a directory with profiles about 4 */

/* Parses one object or array: UTF-8, at most MC_JSON_MAX_BYTES, no duplicate members, nothing after it, depth bounded
 * (jansson: 2048). */
McJson *mc_json_parse (const char *bytes, gsize length, GError **error);
McJson *mc_json_object_new (void);
McJson *mc_json_array_new (void);
McJson *mc_json_ref (McJson *json);
void mc_json_free (McJson *json);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (McJson, mc_json_free)

/* Compact, members in the order in which they were set. Caller frees. */
char *mc_json_compose (const McJson *json);
/* The same with members sorted and indented, for people. Caller frees. */
char *mc_json_compose_pretty (const McJson *json);

gboolean mc_json_is_object (const McJson *json);
gboolean mc_json_is_array (const McJson *json);
gboolean mc_json_has (const McJson *object, const char *name); /* present and not null */

/* Required members: FALSE and MC_ERROR_MALFORMED where absent or of another type. Strings are the JSON's own, valid
 * while it lives. */
gboolean mc_json_string (const McJson *object, const char *name, const char **out, GError **error);
gboolean mc_json_integer (const McJson *object, const char *name, gint64 *out, GError **error);
gboolean mc_json_boolean (const McJson *object, const char *name, gboolean *out, GError **error);
/* New reference in OUT. */
gboolean mc_json_object (const McJson *object, const char *name, McJson **out, GError **error);
gboolean mc_json_array (const McJson *object, const char *name, McJson **out, GError **error);

/* Optional members: the fallback where absent, null or of another type. */
const char *mc_json_string_or (const McJson *object, const char *name, const char *fallback);
gint64 mc_json_integer_or (const McJson *object, const char *name, gint64 fallback);
gboolean mc_json_boolean_or (const McJson *object, const char *name, gboolean fallback);
McJson *mc_json_member (const McJson *object, const char *name); /* new reference, or NULL */

/* Arrays. */
gsize mc_json_length (const McJson *array);
McJson *mc_json_element (const McJson *array, gsize index); /* new reference, or NULL */
const char *mc_json_text (const McJson *value);             /* the string's text, NULL if it is no string */

/* Members of an object in their order: NULL-terminated names, caller frees with g_strfreev. */
char **mc_json_names (const McJson *object);

/* Building. Text must be UTF-8; NULL text sets nothing, so that optional members need no branch. */
void mc_json_set_string (McJson *object, const char *name, const char *text);
void mc_json_set_integer (McJson *object, const char *name, gint64 value);
void mc_json_set_boolean (McJson *object, const char *name, gboolean value);
void mc_json_set_null (McJson *object, const char *name);
void mc_json_set (McJson *object, const char *name, const McJson *value);
/* RFC 3339 UTC, nothing where UNIX_TIME is 0. */
void mc_json_set_time (McJson *object, const char *name, gint64 unix_time);
void mc_json_append (McJson *array, const McJson *value);
void mc_json_append_string (McJson *array, const char *text);

/* RFC 3339 in either direction; composing 0 gives NULL. Caller frees. Parsing takes offsets and fractions. */
char *mc_time_compose (gint64 unix_time);
gboolean mc_time_parse (const char *text, gint64 *out, GError **error);

G_END_DECLS
