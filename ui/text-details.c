/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "text-parts.h"

/* Everything about one request, for whoever wants to look behind the sentence or to ask somebody for help. */

static void
add_line (GString *out, char *line)
{
  g_string_append (out, line);
  g_string_append_c (out, '\n');
  g_free (line);
}

static const char *
usage_words (McUsage usage)
{
  switch (usage) {
  case MC_USAGE_SIGN:
    return _ ("Use: signs.");
  case MC_USAGE_ENCRYPT:
    return _ ("Use: encrypts.");
  case MC_USAGE_BOTH:
    break;
  }
  return _ ("Use: signs and encrypts.");
}

static const char *
key_words (McKeyKind kind)
{
  switch (kind) {
  case MC_KEY_RSA3072:
    return _ ("Key: RSA, 3072 bits");
  case MC_KEY_RSA4096:
    return _ ("Key: RSA, 4096 bits");
  case MC_KEY_P256:
    return _ ("Key: elliptic curve P-256");
  case MC_KEY_P384:
    break;
  }
  return _ ("Key: elliptic curve P-384");
}

static void
add_certificate (GString *out, const McCertificateInfo *info)
{
  g_autofree char *from = mc_text_day (info->not_before);
  g_autofree char *until = mc_text_day (info->not_after);

  /* Translators: two dates such as "27 Nov 2026". */
  add_line (out, g_strdup_printf (_ ("Valid: %s to %s"), from, until));
  add_line (out, g_strdup_printf (_ ("Issued by: %s"), info->issuer));
  add_line (out, g_strdup_printf (_ ("Serial number: %s"), info->serial));
  add_line (out, g_strdup_printf (_ ("SHA-1: %s"), info->sha1));
  add_line (out, g_strdup_printf (_ ("SHA-256: %s"), info->sha256));
}

static void
add_facts (GString *out, const McEnrollment *e)
{
  g_autoptr (McCertificateInfo) info = mc_text_certificate (e);
  g_autofree char *addresses = mc_text_addresses (e);
  g_autofree char *ca = mc_text_sanitize (e->ca, 200);
  g_autofree char *directory = mc_text_sanitize (e->directory, 1000);

  add_line (out, g_strdup (addresses));
  /* Translators: name and URL of a CA. */
  add_line (out, g_strdup_printf (_ ("CA: %s (%s)"), ca, directory));
  add_line (out, g_strdup (usage_words (e->usage)));
  add_line (out, g_strdup (key_words (e->key_kind)));
  if (info != NULL)
    add_certificate (out, info);
  if (e->renew_at > 0 && e->state == MC_ENROLLMENT_INSTALLED) {
    g_autofree char *day = mc_text_day (e->renew_at);

    add_line (out, g_strdup_printf (_ ("Renewed from: %s"), day));
  }
  for (guint i = 0; i < e->keyrings->len; i++)
    add_line (out, mc_text_keyring (e, g_ptr_array_index (e->keyrings, i), NULL));
}

char *
mc_text_details (const McEnrollment *e, gint64 now)
{
  GString *out = g_string_new (NULL);

  add_facts (out, e);
  add_line (out, g_strdup (""));
  for (guint i = 0; i < e->history->len; i++) {
    const McHistoryEntry *entry = g_ptr_array_index (e->history, i);
    g_autofree char *when = mc_text_time (entry->at, now);
    g_autofree char *text = mc_text_history (e, entry);

    g_string_append_printf (out, "%s: %s\n", when, text);
  }
  return g_string_free (out, FALSE);
}
