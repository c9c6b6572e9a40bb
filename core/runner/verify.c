/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/runner-private.h"

#include "base/error.h"
#include "runner/file.h"

#include <string.h>

gboolean
mc_verify_load_roots (McCaProfile *ca, GError **error)
{
  g_autoptr (GError) why = NULL;
  char *text = NULL;
  gsize length;

  if (ca->mail_roots == NULL)
    return TRUE;
  if (!mc_file_read (ca->mail_roots, MC_ROOTS_MAX, TRUE, &text, &length, &why)) {
    g_set_error (error, MC_ERROR, MC_ERROR_CONFIG, "mail-roots of CA \"%s\" cannot be read: %s",
                 ca->name != NULL ? ca->name : ca->directory, why->message);
    return FALSE;
  }
  if (strstr (text, "-----BEGIN CERTIFICATE-----") == NULL) {
    g_set_error (error, MC_ERROR, MC_ERROR_CONFIG, "mail-roots of CA \"%s\": there is no PEM certificate in %s",
                 ca->name != NULL ? ca->name : ca->directory, ca->mail_roots);
    g_free (text);
    return FALSE;
  }
  g_clear_pointer (&ca->mail_roots_pem, g_bytes_unref);
  ca->mail_roots_pem = g_bytes_new_take (text, length);
  return TRUE;
}

McInspection *
mc_verify (McDns *dns, GBytes *rfc822, const McExpectation *expected, const McCaProfile *ca, gint64 now)
{
  g_autoptr (McMessage) mail = mc_message_parse (rfc822);
  McInspection *inspection = g_new0 (McInspection, 1);
  const char *name;

  inspection->judge = mc_authenticity_new (mail, expected, ca, now);
  while (dns != NULL && (name = mc_authenticity_next_lookup (inspection->judge)) != NULL) {
    g_autofree char *asked = g_strdup (name);
    McDnsAnswer *answer = mc_dns_txt (dns, asked);

    mc_authenticity_give (inspection->judge, asked, answer);
    mc_dns_answer_free (answer);
  }
  inspection->verdict = mc_authenticity_verdict (inspection->judge);
  inspection->challenge = mc_authenticity_challenge (inspection->judge);
  return inspection;
}

void
mc_inspection_free (McInspection *inspection)
{
  if (inspection == NULL)
    return;
  mc_verdict_clear (&inspection->verdict);
  mc_authenticity_free (inspection->judge);
  g_free (inspection);
}

gboolean
mc_verify_was_answered (McStore *store, const McChallenge *challenge)
{
  return (challenge->message_id != NULL || challenge->token_part1 != NULL) &&
         mc_store_is_answered (store, challenge->message_id, challenge->token_part1);
}

char *
mc_verify_signer (const McVerdict *verdict)
{
  if (verdict->signer != NULL)
    return g_strdup_printf ("%s (S/MIME)", verdict->signer);
  return g_strdup_printf ("%s (DKIM)", verdict->domain != NULL ? verdict->domain : "?");
}
