/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "mail/mail-domain.h"

#include "base/error.h"
#include "mail/tag-list.h"

#include <string.h>

#define PREFERENCE 2           /* octets */
#define POLICY_MAX (64 * 1024) /* octets: more fits into no record */

/* Labels with a length octet each, to the root's empty one, and nothing behind it. */
static gboolean
is_name (const guint8 *octets, gsize length)
{
  gsize at = 0;

  while (at < length && octets[at] != 0) {
    if (octets[at] > 63)
      return FALSE;
    at += (gsize)octets[at] + 1;
  }
  return at + 1 == length && length <= 255;
}

McMxOutcome
mc_mx_judge (const GPtrArray *records)
{
  gboolean none = FALSE;

  for (guint i = 0; i < records->len; i++) {
    gsize length;
    const guint8 *octets = g_bytes_get_data (g_ptr_array_index (records, i), &length);

    if (length <= PREFERENCE || !is_name (octets + PREFERENCE, length - PREFERENCE))
      continue;
    if (octets[PREFERENCE] != 0)
      return MC_MX_SOME;
    none = TRUE;
  }
  return none ? MC_MX_NULL : MC_MX_GARBLED;
}

static gboolean
begins (const char *text, gsize length, const char *version)
{
  gsize size = strlen (version);

  return length >= size && g_ascii_strncasecmp (text, version, size) == 0 &&
         (length == size || text[size] == ' ' || text[size] == '\t' || text[size] == ';');
}

char *
mc_policy_find (const GPtrArray *texts, const char *version)
{
  char *found = NULL;

  for (guint i = 0; texts != NULL && i < texts->len; i++) {
    gsize length;
    const char *text = g_bytes_get_data (g_ptr_array_index (texts, i), &length);
    g_autofree char *copy = NULL;

    if (text == NULL || !begins (text, length, version))
      continue;
    if (found != NULL) { /* which one counts nobody knows */
      g_free (found);
      return NULL;
    }
    copy = g_strndup (text, length);
    found = mc_text_sanitize (copy, POLICY_MAX);
  }
  return found;
}

const char *
mc_dmarc_policy (const char *record)
{
  static const char *const policies[] = {"none", "quarantine", "reject"};
  McTagList list;
  g_autofree char *policy =
      mc_tag_list_parse (record, strlen (record), &list, NULL) ? mc_tag_list_text (&list, "p") : NULL;

  for (gsize i = 0; policy != NULL && i < G_N_ELEMENTS (policies); i++)
    if (g_ascii_strcasecmp (policy, policies[i]) == 0)
      return policies[i];
  return NULL;
}
