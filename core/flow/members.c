/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "flow/members.h"

#include "base/base64url.h"
#include "base/error.h"
#include "base/secret.h"

#include <string.h>

#define LIST_MAX 512
#define LIST_TEXT_MAX 2048

/* --- out --- */

static void
bytes_compose (McJson *json, const char *name, GBytes *bytes)
{
  gsize length;
  gconstpointer octets;
  g_autoptr (McSecretString) text = NULL;

  if (bytes == NULL)
    return;
  octets = g_bytes_get_data (bytes, &length);
  text = mc_base64url_compose (octets, length);
  mc_json_set_string (json, name, text);
}

McJson *
mc_members_compose (const McMember *members, gsize count, const void *record)
{
  McJson *json = mc_json_object_new ();

  for (gsize i = 0; i < count; i++) {
    const McMember *m = &members[i];

    switch (m->kind) {
    case MC_MEMBER_TEXT:
      mc_json_set_string (json, m->name, G_STRUCT_MEMBER (char *, record, m->offset));
      break;
    case MC_MEMBER_TIME:
      if (m->required || G_STRUCT_MEMBER (gint64, record, m->offset) != 0)
        mc_json_set_integer (json, m->name, G_STRUCT_MEMBER (gint64, record, m->offset));
      break;
    case MC_MEMBER_NUMBER:
      if (G_STRUCT_MEMBER (guint, record, m->offset) != 0)
        mc_json_set_integer (json, m->name, G_STRUCT_MEMBER (guint, record, m->offset));
      break;
    case MC_MEMBER_FLAG:
      if (G_STRUCT_MEMBER (gboolean, record, m->offset))
        mc_json_set_boolean (json, m->name, TRUE);
      break;
    case MC_MEMBER_BYTES:
      bytes_compose (json, m->name, G_STRUCT_MEMBER (GBytes *, record, m->offset));
      break;
    }
  }
  return json;
}

void
mc_member_list_compose (McJson *json, const char *name, const GPtrArray *list, const McMember *members, gsize count)
{
  g_autoptr (McJson) array = mc_json_array_new ();

  for (guint i = 0; i < list->len; i++) {
    if (members == NULL) {
      mc_json_append_string (array, g_ptr_array_index (list, i));
    } else {
      g_autoptr (McJson) element = mc_members_compose (members, count, g_ptr_array_index (list, i));

      mc_json_append (array, element);
    }
  }
  mc_json_set (json, name, array);
}

/* --- in --- */

gboolean
mc_member_out_of_bounds (const char *name, GError **error)
{
  g_set_error (error, MC_ERROR, MC_ERROR_MALFORMED, "member \"%s\" is out of bounds", name);
  return FALSE;
}

static gboolean
text_parse (const McJson *json, const McMember *m, void *record, GError **error)
{
  char **out = &G_STRUCT_MEMBER (char *, record, m->offset);
  const char *text;

  if (!mc_json_string (json, m->name, &text, error))
    return FALSE;
  if (strlen (text) > (gsize)m->max || (m->required && *text == '\0'))
    return mc_member_out_of_bounds (m->name, error);
  g_free (*out);
  *out = g_strdup (text);
  return TRUE;
}

static gboolean
bytes_parse (const McJson *json, const McMember *m, void *record, GError **error)
{
  const char *text;
  GBytes *bytes;

  if (!mc_json_string (json, m->name, &text, error))
    return FALSE;
  if (strlen (text) > (gsize)m->max * 4 / 3 + 4)
    return mc_member_out_of_bounds (m->name, error);
  bytes = mc_base64url_parse (text, error);
  if (bytes == NULL) {
    g_prefix_error (error, "member \"%s\": ", m->name);
    return FALSE;
  }
  G_STRUCT_MEMBER (GBytes *, record, m->offset) = bytes;
  return TRUE;
}

static gboolean
number_parse (const McJson *json, const McMember *m, void *record, GError **error)
{
  gint64 value;

  if (!mc_json_integer (json, m->name, &value, error))
    return FALSE;
  if (value < 0 || value > m->max)
    return mc_member_out_of_bounds (m->name, error);
  if (m->kind == MC_MEMBER_TIME)
    G_STRUCT_MEMBER (gint64, record, m->offset) = value;
  else
    G_STRUCT_MEMBER (guint, record, m->offset) = (guint)value;
  return TRUE;
}

gboolean
mc_members_parse (const McJson *json, const McMember *members, gsize count, void *record, GError **error)
{
  for (gsize i = 0; i < count; i++) {
    const McMember *m = &members[i];
    gboolean ok = FALSE;

    if (!m->required && !mc_json_has (json, m->name))
      continue;
    switch (m->kind) {
    case MC_MEMBER_TEXT:
      ok = text_parse (json, m, record, error);
      break;
    case MC_MEMBER_TIME:
    case MC_MEMBER_NUMBER:
      ok = number_parse (json, m, record, error);
      break;
    case MC_MEMBER_FLAG:
      ok = mc_json_boolean (json, m->name, &G_STRUCT_MEMBER (gboolean, record, m->offset), error);
      break;
    case MC_MEMBER_BYTES:
      ok = bytes_parse (json, m, record, error);
      break;
    }
    if (!ok)
      return FALSE;
  }
  return TRUE;
}

gboolean
mc_member_array_parse (const McJson *json, const char *name, gboolean required, McJson **out, GError **error)
{
  if (!required && !mc_json_has (json, name)) {
    *out = mc_json_array_new ();
    return TRUE;
  }
  if (!mc_json_array (json, name, out, error))
    return FALSE;
  if (mc_json_length (*out) <= LIST_MAX && (!required || mc_json_length (*out) > 0))
    return TRUE;
  g_clear_pointer (out, mc_json_free);
  return mc_member_out_of_bounds (name, error);
}

gboolean
mc_member_list_parse (const McJson *json, const char *name, GPtrArray *list, const McMember *members, gsize count,
                      gsize size, GError **error)
{
  g_autoptr (McJson) array = NULL;

  if (!mc_member_array_parse (json, name, FALSE, &array, error))
    return FALSE;
  for (gsize i = 0; i < mc_json_length (array); i++) {
    g_autoptr (McJson) element = mc_json_element (array, i);
    const char *text = mc_json_text (element);

    if (size > 0) {
      gpointer item = g_malloc0 (size);

      g_ptr_array_add (list, item);
      if (!mc_members_parse (element, members, count, item, error)) {
        g_prefix_error (error, "%s[%" G_GSIZE_FORMAT "]: ", name, i);
        return FALSE;
      }
    } else if (text == NULL || strlen (text) > LIST_TEXT_MAX) {
      return mc_member_out_of_bounds (name, error);
    } else {
      g_ptr_array_add (list, g_strdup (text));
    }
  }
  return TRUE;
}
