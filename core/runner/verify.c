/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/runner-private.h"

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

char *
mc_verify_signer (const McVerdict *verdict)
{
  if (verdict->signer != NULL)
    return g_strdup_printf ("%s (S/MIME)", verdict->signer);
  return g_strdup_printf ("%s (DKIM)", verdict->domain != NULL ? verdict->domain : "?");
}
