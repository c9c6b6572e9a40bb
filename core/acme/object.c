/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "acme/object.h"

#include "base/error.h"
#include "pki/mail-name.h"

#include <string.h>

McJson *
mc_acme_object_parse (GBytes *body, GError **error)
{
  gsize length;
  const char *bytes = g_bytes_get_data (body, &length);
  g_autoptr (McJson) object = mc_json_parse (length > 0 ? bytes : "", length, error);

  if (object != NULL && !mc_json_is_object (object)) {
    g_set_error_literal (error, MC_ERROR, MC_ERROR_MALFORMED, "not a JSON object");
    return NULL;
  }
  return g_steal_pointer (&object);
}

gboolean
mc_acme_status_parse (const McJson *object, const char *const *names, guint count, guint *out, GError **error)
{
  const char *status;
  g_autofree char *shown = NULL;

  if (!mc_json_string (object, "status", &status, error))
    return FALSE;
  for (guint i = 0; i < count; i++) {
    if (strcmp (status, names[i]) == 0) {
      *out = i;
      return TRUE;
    }
  }
  shown = mc_text_sanitize (status, 40);
  g_set_error (error, MC_ERROR, MC_ERROR_MALFORMED, "unknown status \"%s\"", shown);
  return FALSE;
}

gint64
mc_acme_expires (const McJson *object)
{
  const char *text = mc_json_string_or (object, "expires", NULL);
  gint64 expires = 0;

  if (text == NULL || !mc_time_parse (text, &expires, NULL))
    return 0;
  return MAX (expires, 0);
}

gboolean
mc_acme_url_parse (const McJson *object, const char *name, char **out, GError **error)
{
  const char *url;

  if (!mc_json_string (object, name, &url, error))
    return FALSE;
  if (!mc_url_is_acceptable (url)) {
    g_set_error (error, MC_ERROR, MC_ERROR_MALFORMED, "\"%s\" is not an https URL", name);
    return FALSE;
  }
  *out = g_strdup (url);
  return TRUE;
}

gboolean
mc_acme_identifier_parse (const McJson *identifier, char **out, GError **error)
{
  const char *type, *value;

  if (!mc_json_string (identifier, "type", &type, error))
    return FALSE;
  if (strcmp (type, "email") != 0) {
    *out = NULL;
    return TRUE;
  }
  if (!mc_json_string (identifier, "value", &value, error))
    return FALSE;
  if (!mc_mail_name_check (value, NULL)) {
    g_set_error_literal (error, MC_ERROR, MC_ERROR_MALFORMED, "the identifier is not a mail address");
    return FALSE;
  }
  *out = g_strdup (value);
  return TRUE;
}

McProblem *
mc_acme_error_parse (const McJson *object)
{
  g_autoptr (McJson) error = mc_json_member (object, "error");

  return mc_json_is_object (error) ? mc_problem_parse (error) : NULL;
}
