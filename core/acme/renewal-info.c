/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "acme/renewal-info.h"

#include "acme/object.h"
#include "base/error.h"

void
mc_renewal_info_free (McRenewalInfo *info)
{
  if (info == NULL)
    return;
  g_free (info->explanation);
  g_free (info);
}

static gboolean
time_member_parse (const McJson *window, const char *name, gint64 *out, GError **error)
{
  const char *text;

  if (!mc_json_string (window, name, &text, error))
    return FALSE;
  if (!mc_time_parse (text, out, error)) {
    g_prefix_error (error, "\"%s\": ", name);
    return FALSE;
  }
  return TRUE;
}

static gboolean
window_parse (McRenewalInfo *info, const McJson *object, GError **error)
{
  g_autoptr (McJson) window = NULL;

  if (!mc_json_object (object, "suggestedWindow", &window, error) ||
      !time_member_parse (window, "start", &info->start, error) ||
      !time_member_parse (window, "end", &info->end, error))
    return FALSE;
  if (info->end <= info->start) { /* C06 */
    g_set_error_literal (error, MC_ERROR, MC_ERROR_MALFORMED, "the window ends before it starts");
    return FALSE;
  }
  return TRUE;
}

McRenewalInfo *
mc_renewal_info_parse (GBytes *body, GError **error)
{
  g_autoptr (McJson) object = mc_acme_object_parse (body, error);
  g_autoptr (McRenewalInfo) info = g_new0 (McRenewalInfo, 1);
  const char *explanation;

  if (object == NULL || !window_parse (info, object, error)) {
    g_prefix_error (error, "no renewal information: ");
    return NULL;
  }
  explanation = mc_json_string_or (object, "explanationURL", NULL);
  info->explanation = mc_url_is_for_people (explanation) ? g_strdup (explanation) : NULL;
  return g_steal_pointer (&info);
}
