/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "mail/dkim-judge.h"

#include "base/mutant.h"
#include <string.h>

static void
judgement_free (gpointer pointer)
{
  McDkimJudgement *judgement = pointer;

  g_free (judgement->detail);
  mc_dkim_signature_free (judgement->signature);
  g_free (judgement->key_name);
  g_free (judgement);
}

static void
settle (McDkimJudgement *judgement, McVerdictCode code, const char *detail)
{
  judgement->code = code;
  g_free (judgement->detail);
  judgement->detail = g_strdup (detail);
}

static gboolean
body_matches (const McDkimSignature *signature, const McMessage *mail)
{
  guint8 digest[32];

  mc_dkim_body_digest (signature, mail, digest);
  return memcmp (digest, signature->body_hash, sizeof digest) == 0;
}

/* Everything that the mail alone can tell, in the order in which the codes win. A body hash of SHA-1, or of a part of
 * the body, is not looked at: those lose anyway. */
static void
judge_locally (McDkimJudgement *judgement, const McMessage *mail, const char *from_domain, McDkimHeaders policy,
               gint64 now)
{
  const McDkimSignature *signature = judgement->signature;
  gboolean weak = signature->algorithm == MC_DKIM_RSA_SHA1 && !MC_MUTANT ("dkim-sha1");
  const char *missing;

  judgement->domain_matches = from_domain != NULL && strcmp (signature->domain, from_domain) == 0;
  if (!MC_MUTANT ("dkim-any-body") && !weak && !signature->has_length && !body_matches (signature, mail))
    settle (judgement, MC_VERDICT_DKIM_FAIL, "the body has been changed");
  else if (!MC_MUTANT ("dkim-any-domain") && !judgement->domain_matches) /* A40 */
    settle (judgement, MC_VERDICT_DKIM_DOMAIN, "not by the domain of the From address");
  else if ((missing = mc_dkim_missing_field (signature, mail, policy)) != NULL) { /* A38 */
    judgement->code = MC_VERDICT_DKIM_HEADERS;
    judgement->missing = missing;
    judgement->detail = g_strdup_printf ("h= does not name %s", missing);
  } else if (weak)
    settle (judgement, MC_VERDICT_DKIM_WEAK, "rsa-sha1 proves nothing");
  else if (!MC_MUTANT ("dkim-no-expiry") && signature->expires != 0 && now > signature->expires)
    settle (judgement, MC_VERDICT_DKIM_EXPIRED, "the signature has expired (x=)");
  else if (!MC_MUTANT ("dkim-from-the-future") && signature->signed_at > now + MC_DKIM_FUTURE_MAX) /* RFC 6376 3.5 */
    settle (judgement, MC_VERDICT_DKIM_EXPIRED, "the signature is of a day that has not come (t=)");
  else if (signature->has_length && !MC_MUTANT ("dkim-any-length"))
    settle (judgement, MC_VERDICT_DKIM_PARTIAL_BODY, "only a part of the body is signed (l=)");
  else
    settle (judgement, MC_VERDICT_DNS_UNAVAILABLE, "the key has not been looked up");
}

static McDkimJudgement *
judge_field (const McMessage *mail, const McField *field, const char *from_domain, McDkimHeaders policy, gint64 now)
{
  McDkimJudgement *judgement = g_new0 (McDkimJudgement, 1);
  g_autoptr (GError) error = NULL;

  judgement->signature = mc_dkim_signature_parse (mail->data + field->value, field->value_end - field->value, &error);
  if (judgement->signature == NULL) {
    settle (judgement, MC_VERDICT_DKIM_FAIL, error->message);
    return judgement;
  }
  judge_locally (judgement, mail, from_domain, policy, now);
  if (judgement->code == MC_VERDICT_DNS_UNAVAILABLE) {
    mc_dkim_header_digest (judgement->signature, mail, field, judgement->digest);
    judgement->key_name = mc_dkim_signature_key_name (judgement->signature);
  }
  return judgement;
}

GPtrArray *
mc_dkim_judge (const McMessage *mail, const char *from_domain, McDkimHeaders policy, guint max, gint64 now)
{
  GPtrArray *judgements = g_ptr_array_new_with_free_func (judgement_free);

  for (guint i = 0; i < mail->n_fields && (judgements->len < max || MC_MUTANT ("dkim-no-bound")); i++) {
    if (mc_message_field_is (mail, &mail->fields[i], "DKIM-Signature"))
      g_ptr_array_add (judgements, judge_field (mail, &mail->fields[i], from_domain, policy, now));
  }
  return judgements;
}

gboolean
mc_dkim_judgement_is_open (const McDkimJudgement *judgement)
{
  return judgement->code == MC_VERDICT_DNS_UNAVAILABLE && !judgement->answered;
}

/* The one key record among TEXTS: other texts may stand beside it. Two are refused, as RFC 6376 3.6.2.2 leaves open
 * which one counts. */
static McDkimKey *
find_key (const GPtrArray *texts, const char **detail)
{
  g_autoptr (McDkimKey) found = NULL;

  *detail = "no key record is published that could be used for this";
  for (guint i = 0; texts != NULL && i < texts->len && !(found != NULL && MC_MUTANT ("dkim-first-of-several-keys"));
       i++) {
    gsize length;
    const char *text = g_bytes_get_data (texts->pdata[i], &length);
    g_autoptr (McDkimKey) key = mc_dkim_key_parse (text, length, NULL);

    if (key != NULL && found != NULL) {
      *detail = "there are several key records";
      return NULL;
    }
    if (key != NULL)
      found = g_steal_pointer (&key);
  }
  return g_steal_pointer (&found);
}

void
mc_dkim_judgement_give (McDkimJudgement *judgement, const McDnsAnswer *answer)
{
  g_autoptr (McDkimKey) key = NULL;
  const char *detail = NULL;
  McVerdictCode code = MC_VERDICT_DKIM_KEY;

  judgement->answered = TRUE;
  switch (answer->status) {
  case MC_DNS_FOUND:
    key = find_key (answer->texts, &detail);
    if (key != NULL)
      code = mc_dkim_verify (judgement->signature, key, judgement->digest, &detail);
    break;
  case MC_DNS_NONE:
    detail = "no key is published";
    break;
  case MC_DNS_BOGUS: /* somebody answered, and it was not the domain: a failure, not a silence */
    detail = "the DNS answer for the key fails DNSSEC validation";
    break;
  case MC_DNS_UNAVAILABLE:
    code = MC_VERDICT_DNS_UNAVAILABLE;
    detail = "the DNS does not answer for the key";
    break;
  }
  settle (judgement, code, detail);
}
