/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/json.h"

#include "base/error.h"

#include <jansson.h>
#include <string.h>

/* McJson is jansson's json_t under another name: one reference count, no wrapper to allocate. */
static json_t *
of (const McJson *json)
{
  return (json_t *)json;
}

static McJson *
as (json_t *json)
{
  return (McJson *)json;
}

McJson *
mc_json_parse (const char *bytes, gsize length, GError **error)
{
  json_error_t why;
  json_t *json;

  if (length > MC_JSON_MAX_BYTES) {
    g_set_error (error, MC_ERROR, MC_ERROR_MALFORMED, "JSON of %" G_GSIZE_FORMAT " bytes is too large", length);
    return NULL;
  }
  json = json_loadb (bytes, length, JSON_REJECT_DUPLICATES, &why);
  if (json == NULL) {
    g_autofree char *text = mc_text_sanitize (why.text, 120);

    g_set_error (error, MC_ERROR, MC_ERROR_MALFORMED, "not JSON: %s", text);
    return NULL;
  }
  return as (json);
}

McJson *
mc_json_object_new (void)
{
  return as (json_object ());
}

McJson *
mc_json_array_new (void)
{
  return as (json_array ());
}

McJson *
mc_json_ref (McJson *json)
{
  return as (json_incref (of (json)));
}

void
mc_json_free (McJson *json)
{
  json_decref (of (json));
}

/* jansson allocates with malloc, the rest of core with GLib: hand out one kind only. */
static char *
dump (const McJson *json, size_t flags)
{
  char *text = json_dumps (of (json), flags | JSON_ENCODE_ANY);
  char *copy = g_strdup (text);

  if (text != NULL)
    memset (text, 0, strlen (text));
  free (text);
  return copy;
}

char *
mc_json_compose (const McJson *json)
{
  return dump (json, JSON_COMPACT);
}

char *
mc_json_compose_pretty (const McJson *json)
{
  return dump (json, JSON_INDENT (2));
}

gboolean
mc_json_is_object (const McJson *json)
{
  return json_is_object (of (json));
}

gboolean
mc_json_is_array (const McJson *json)
{
  return json_is_array (of (json));
}

gboolean
mc_json_has (const McJson *object, const char *name)
{
  const json_t *value = json_object_get (of (object), name);

  return value != NULL && !json_is_null (value);
}

static json_t *
required (const McJson *object, const char *name, int type, const char *type_name, GError **error)
{
  json_t *value = json_object_get (of (object), name);

  if (value == NULL || (int)json_typeof (value) != type) {
    g_set_error (error, MC_ERROR, MC_ERROR_MALFORMED, "member \"%s\" is %s, not %s", name,
                 value == NULL ? "missing" : "of another type", type_name);
    return NULL;
  }
  return value;
}

gboolean
mc_json_string (const McJson *object, const char *name, const char **out, GError **error)
{
  json_t *value = required (object, name, JSON_STRING, "a string", error);

  if (value == NULL)
    return FALSE;
  if (json_string_length (value) != strlen (json_string_value (value))) {
    g_set_error (error, MC_ERROR, MC_ERROR_MALFORMED, "member \"%s\" has a NUL", name);
    return FALSE;
  }
  *out = json_string_value (value);
  return TRUE;
}

gboolean
mc_json_integer (const McJson *object, const char *name, gint64 *out, GError **error)
{
  json_t *value = required (object, name, JSON_INTEGER, "a whole number", error);

  if (value == NULL)
    return FALSE;
  *out = json_integer_value (value);
  return TRUE;
}

gboolean
mc_json_boolean (const McJson *object, const char *name, gboolean *out, GError **error)
{
  const json_t *value = json_object_get (of (object), name);

  if (!json_is_boolean (value)) {
    g_set_error (error, MC_ERROR, MC_ERROR_MALFORMED, "member \"%s\" is not true or false", name);
    return FALSE;
  }
  *out = json_is_true (value);
  return TRUE;
}

gboolean
mc_json_object (const McJson *object, const char *name, McJson **out, GError **error)
{
  json_t *value = required (object, name, JSON_OBJECT, "an object", error);

  if (value == NULL)
    return FALSE;
  *out = as (json_incref (value));
  return TRUE;
}

gboolean
mc_json_array (const McJson *object, const char *name, McJson **out, GError **error)
{
  json_t *value = required (object, name, JSON_ARRAY, "an array", error);

  if (value == NULL)
    return FALSE;
  *out = as (json_incref (value));
  return TRUE;
}

const char *
mc_json_string_or (const McJson *object, const char *name, const char *fallback)
{
  const char *text = fallback;

  return mc_json_string (object, name, &text, NULL) ? text : fallback;
}

gint64
mc_json_integer_or (const McJson *object, const char *name, gint64 fallback)
{
  const json_t *value = json_object_get (of (object), name);

  return json_is_integer (value) ? json_integer_value (value) : fallback;
}

gboolean
mc_json_boolean_or (const McJson *object, const char *name, gboolean fallback)
{
  const json_t *value = json_object_get (of (object), name);

  return json_is_boolean (value) ? json_is_true (value) : fallback;
}

McJson *
mc_json_member (const McJson *object, const char *name)
{
  return as (json_incref (json_object_get (of (object), name)));
}

gsize
mc_json_length (const McJson *array)
{
  return json_array_size (of (array));
}

McJson *
mc_json_element (const McJson *array, gsize index)
{
  return as (json_incref (json_array_get (of (array), index)));
}

const char *
mc_json_text (const McJson *value)
{
  const char *text = json_string_value (of (value));

  return text != NULL && strlen (text) == json_string_length (of (value)) ? text : NULL;
}

char **
mc_json_names (const McJson *object)
{
  GPtrArray *names = g_ptr_array_new ();
  const char *name;
  json_t *value;

  json_object_foreach (of (object), name, value) g_ptr_array_add (names, g_strdup (name));
  g_ptr_array_add (names, NULL);
  return (char **)g_ptr_array_free (names, FALSE);
}

void
mc_json_set_string (McJson *object, const char *name, const char *text)
{
  if (text != NULL && json_object_set_new (of (object), name, json_string (text)) != 0) {
    /* Not UTF-8: it came from outside, so it is shown as far as it can be. */
    g_autofree char *valid = g_utf8_make_valid (text, -1);

    json_object_set_new (of (object), name, json_string (valid));
  }
}

void
mc_json_set_integer (McJson *object, const char *name, gint64 value)
{
  json_object_set_new (of (object), name, json_integer (value));
}

void
mc_json_set_boolean (McJson *object, const char *name, gboolean value)
{
  json_object_set_new (of (object), name, json_boolean (value));
}

void
mc_json_set_null (McJson *object, const char *name)
{
  json_object_set_new (of (object), name, json_null ());
}

void
mc_json_set (McJson *object, const char *name, const McJson *value)
{
  json_object_set (of (object), name, of (value));
}

void
mc_json_set_time (McJson *object, const char *name, gint64 unix_time)
{
  g_autofree char *text = mc_time_compose (unix_time);

  mc_json_set_string (object, name, text);
}

void
mc_json_append (McJson *array, const McJson *value)
{
  json_array_append (of (array), of (value));
}

void
mc_json_append_string (McJson *array, const char *text)
{
  json_array_append_new (of (array), json_string (text));
}
