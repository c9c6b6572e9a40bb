/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What mailcert says of a batch of mails (batch.h): the verdict, what is wrong with the mail as such ("-" for nothing),
 * and then for each DKIM-Signature from the top "CODE/CODE/WHY": how it is judged, how it would be if neither its
 * domain nor the names in h= mattered, which no other verifier looks at, and why it is judged so. Words are separated
 * by tabs. */

#include "batch.h"

#include <stdlib.h>

#include "mail/address.h"
#include "mail/authenticity.h"
#include "mail/dkim-judge.h"

#define ME "Alice@example.test"

static GPtrArray *zone;

static void
find (const char *name, McDnsAnswer *answer)
{
  static const char *const statuses[] = {"found", "none", "unavailable", "bogus"};

  *answer = (McDnsAnswer){MC_DNS_NONE, g_ptr_array_new_with_free_func ((GDestroyNotify)g_bytes_unref), FALSE};
  for (guint i = 0; i < zone->len; i++) {
    char **row = zone->pdata[i];

    if (g_ascii_strcasecmp (row[0], name) != 0)
      continue;
    for (guint status = 0; status < G_N_ELEMENTS (statuses); status++) {
      if (strcmp (row[1], statuses[status]) == 0)
        answer->status = (McDnsStatus)status;
    }
    g_ptr_array_add (answer->texts, g_bytes_new (row[2], strlen (row[2])));
  }
}

/* The signature alone: body, header and key. What loses for another reason than these keeps its code. */
static McVerdictCode
judge_alone (const McDkimJudgement *judged, const McMessage *mail, const McField *field, gint64 now)
{
  McDkimJudgement alone = {.code = MC_VERDICT_DNS_UNAVAILABLE, .signature = judged->signature};
  guint8 body[32];
  McDnsAnswer answer;
  g_autofree char *name = NULL;

  if (judged->signature == NULL || (judged->code != MC_VERDICT_DKIM_DOMAIN && judged->code != MC_VERDICT_DKIM_HEADERS))
    return judged->code;
  if (judged->signature->algorithm == MC_DKIM_RSA_SHA1)
    return MC_VERDICT_DKIM_WEAK;
  if (judged->signature->expires != 0 && now > judged->signature->expires)
    return MC_VERDICT_DKIM_EXPIRED;
  if (judged->signature->signed_at > now + MC_DKIM_FUTURE_MAX)
    return MC_VERDICT_DKIM_EXPIRED;
  if (judged->signature->has_length)
    return MC_VERDICT_DKIM_PARTIAL_BODY;
  mc_dkim_body_digest (judged->signature, mail, body);
  if (memcmp (body, judged->signature->body_hash, sizeof body) != 0)
    return MC_VERDICT_DKIM_FAIL;
  mc_dkim_header_digest (judged->signature, mail, field, alone.digest);
  name = mc_dkim_signature_key_name (judged->signature);
  find (name, &answer);
  mc_dkim_judgement_give (&alone, &answer);
  g_ptr_array_unref (answer.texts);
  g_free (alone.detail);
  return alone.code;
}

static void
tell_signatures (const McMessage *mail, const char *from, gint64 now)
{
  g_autofree char *domain = from == NULL ? NULL : mc_domain_to_ascii (mc_address_domain (from));
  g_autoptr (GPtrArray) judgements =
      mc_dkim_judge (mail, domain, MC_DKIM_HEADERS_PRESENT, MC_AUTHENTICITY_SIGNATURES_MAX, now);

  for (guint i = 0, at = 0; i < mail->n_fields && at < judgements->len; i++) {
    McDkimJudgement *judgement = judgements->pdata[at];
    McDnsAnswer answer;

    if (!mc_message_field_is (mail, &mail->fields[i], "DKIM-Signature"))
      continue;
    if (mc_dkim_judgement_is_open (judgement)) {
      find (judgement->key_name, &answer);
      mc_dkim_judgement_give (judgement, &answer);
      g_ptr_array_unref (answer.texts);
    }
    printf ("\t%s/%s/%s", mc_verdict_name (judgement->code),
            mc_verdict_name (judge_alone (judgement, mail, &mail->fields[i], now)), judgement->detail);
    at++;
  }
}

static void
judge (GBytes *octets, gint64 now)
{
  const McWait waits[] = {{"acme+2i211oi1204310@ca.test", ME, now - 60, now + 3600},
                          {"acme@xn--bcher-kva.test", ME, now - 60, now + 3600}};
  McExpectation expected = {.waits = waits, .n_waits = G_N_ELEMENTS (waits)};
  g_autoptr (McMessage) mail = mc_message_parse (octets);
  g_autoptr (McAuthenticity) a = mc_authenticity_new (mail, &expected, NULL, now);
  g_auto (McVerdict) verdict = {0};
  const char *name;

  while ((name = mc_authenticity_next_lookup (a)) != NULL) {
    g_autofree char *copy = g_strdup (name);
    McDnsAnswer answer;

    find (copy, &answer);
    mc_authenticity_give (a, copy, &answer);
    g_ptr_array_unref (answer.texts);
  }
  verdict = mc_authenticity_verdict (a);
  printf ("%s\t%s", mc_verdict_name (verdict.code), mail->defect == MC_MESSAGE_FINE ? "-" : mail->defect_detail);
  tell_signatures (mail, mc_authenticity_challenge (a)->from, now);
  putchar ('\n');
}

int
main (int argc, char *argv[])
{
  GBytes *mail;

  if (argc != 3)
    return 64;
  zone = batch_zone (argv[1]);
  while ((mail = batch_next ()) != NULL) {
    judge (mail, g_ascii_strtoll (argv[2], NULL, 10));
    g_bytes_unref (mail);
  }
  g_ptr_array_unref (zone);
  return 0;
}
