/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "mail/authenticity.h"

#include "base/mutant.h"
#include "mail/address.h"
#include "mail/dkim-judge.h"
#include "mail/smime-judge.h"

#include <string.h>

/* What a header says, and every check of it that needs no signature. */
typedef struct {
  McChallenge *challenge;
  McVerdict base;
} Reading;

struct McAuthenticity {
  Reading outer;
  Reading inner;           /* of the header that the S/MIME signature protects; challenge NULL without one */
  gboolean defective;      /* the mail was not even read */
  GPtrArray *signatures;   /* of McDkimJudgement* */
  McSmimeJudgement *smime; /* NULL where the mail is not S/MIME-signed */
};

static gboolean
is_listed (const char *const *list, const char *text)
{
  return list != NULL && text != NULL && g_strv_contains (list, text);
}

/* Of the codes that look at our own state: they decide, or are only reported. */
static void
note_state (McVerdict *verdict, const McExpectation *expected, const char *name, gboolean ok, McVerdictCode code,
            const char *detail)
{
  if (expected->report_only)
    mc_verdict_remark (verdict, name, ok, detail);
  else
    mc_verdict_note (verdict, name, ok, code, detail);
}

/* inspect --expect-from, --expect-to */
static void
check_asked_addresses (const McChallenge *challenge, const McExpectation *expected, McVerdict *verdict)
{
  if (expected->expect_from != NULL) {
    gboolean ok = mc_address_equal (challenge->from, expected->expect_from);

    mc_verdict_note (verdict, "from", ok, MC_VERDICT_WRONG_FROM,
                     ok ? "the expected address" : "not the expected address");
  }
  if (expected->expect_to != NULL) {
    gboolean ok = mc_address_equal (challenge->to, expected->expect_to);

    mc_verdict_note (verdict, "to", ok, MC_VERDICT_WRONG_TO, ok ? "the expected address" : "not the expected address");
  }
}

/* The wait for this pair (A31, A32). A wait whose From we do not know yet may turn out to be for any mail to its
 * address: until then such a mail is only not expected. */
static void
check_waits (const McChallenge *challenge, const McExpectation *expected, McVerdict *verdict)
{
  gboolean from_known = FALSE;
  gboolean to_known = FALSE;
  gboolean open = expected->expect_from != NULL || expected->expect_to != NULL;

  for (guint i = 0; i < expected->n_waits; i++) {
    const McWait *wait = &expected->waits[i];
    gboolean to = MC_MUTANT ("any-to") || mc_address_equal (challenge->to, wait->to);
    gboolean from = MC_MUTANT ("any-from") || (wait->from != NULL && mc_address_equal (challenge->from, wait->from));

    if (from && to) {
      verdict->match = (int)i;
      note_state (verdict, expected, "expected", TRUE, MC_VERDICT_AUTHENTIC, "an order waits for this mail");
      return;
    }
    from_known = from_known || from;
    to_known = to_known || to;
    open = open || (to && wait->from == NULL);
  }
  if (to_known && !open)
    mc_verdict_note (verdict, "from", FALSE, MC_VERDICT_WRONG_FROM,
                     "an order waits for a mail to this address, but from another one");
  if (from_known && !open)
    mc_verdict_note (verdict, "to", FALSE, MC_VERDICT_WRONG_TO,
                     "an order waits for a mail from this address, but to another one");
  note_state (verdict, expected, "expected", FALSE, MC_VERDICT_NOT_EXPECTED, "no order waits for this mail");
}

static void
check_state (const McChallenge *challenge, const McExpectation *expected, gint64 now, McVerdict *verdict)
{
  g_autofree char *print = expected->answered_tokens == NULL || challenge->token_part1 == NULL
                               ? NULL
                               : mc_challenge_token_print (challenge->token_part1);
  gboolean fresh =
      (MC_MUTANT ("answered-message-id-again") || !is_listed (expected->answered_message_ids, challenge->message_id)) &&
      (MC_MUTANT ("answered-token-again") || !is_listed (expected->answered_tokens, print)); /* A13, T-08 */
  const McWait *wait = verdict->match < 0 ? NULL : &expected->waits[verdict->match];

  note_state (verdict, expected, "answered", fresh, MC_VERDICT_ALREADY_ANSWERED,
              fresh ? "not answered yet" : "has been answered before");
  if (wait == NULL)
    return;
  if (challenge->date != 0) {
    gboolean recent = MC_MUTANT ("older-than-the-order") || wait->since == 0 ||
                      challenge->date >= wait->since - MC_AUTHENTICITY_CLOCK_SKEW;

    note_state (verdict, expected, "date", recent, MC_VERDICT_STALE,
                recent ? "not older than the order" : "older than the order");
  }
  if (wait->until != 0 && !MC_MUTANT ("past-deadline"))
    note_state (verdict, expected, "deadline", now <= wait->until, MC_VERDICT_EXPIRED,
                now <= wait->until ? "in time" : "the order's time is over");
}

static void
read_header (Reading *reading, const McMessage *mail, const McExpectation *expected, gint64 now)
{
  const McChallenge *challenge;

  mc_verdict_init (&reading->base);
  challenge = reading->challenge = mc_challenge_parse (mail, &reading->base);
  if (challenge->from != NULL && challenge->to != NULL) {
    check_asked_addresses (challenge, expected, &reading->base);
    check_waits (challenge, expected, &reading->base);
    check_state (challenge, expected, now, &reading->base);
  }
}

McAuthenticity *
mc_authenticity_new (const McMessage *mail, const McExpectation *expected, const McCaProfile *ca, gint64 now)
{
  McAuthenticity *a = g_new0 (McAuthenticity, 1);
  g_autofree char *from_domain = NULL;

  a->defective = mail->defect != MC_MESSAGE_FINE;
  read_header (&a->outer, mail, expected, now);
  if (a->outer.challenge->from != NULL)
    from_domain = mc_domain_to_ascii (mc_address_domain (a->outer.challenge->from));
  a->signatures = mc_dkim_judge (mail, from_domain, ca == NULL ? MC_DKIM_HEADERS_PRESENT : ca->dkim_headers,
                                 MC_AUTHENTICITY_SIGNATURES_MAX, now);
  a->smime = mc_smime_judge (mail, ca, now);
  if (a->smime != NULL && a->smime->header != NULL && !MC_MUTANT ("smime-outer-fields-used")) {
    read_header (&a->inner, a->smime->header, expected, now);
    mc_smime_note_outside (mail, &a->inner.base);
  }
  return a;
}

static void
reading_clear (Reading *reading)
{
  mc_challenge_free (reading->challenge);
  mc_verdict_clear (&reading->base);
}

void
mc_authenticity_free (McAuthenticity *a)
{
  if (a == NULL)
    return;
  reading_clear (&a->outer);
  reading_clear (&a->inner);
  g_ptr_array_unref (a->signatures);
  mc_smime_judgement_free (a->smime);
  g_free (a);
}

/* The signature that decides: a good one; else one that may be good once the DNS answers; else the one whose code wins.
 * NULL without any. */
static const McDkimJudgement *
find_deciding (const McAuthenticity *a)
{
  const McDkimJudgement *deciding = NULL;

  for (guint i = 0; i < a->signatures->len; i++) {
    const McDkimJudgement *judgement = a->signatures->pdata[i];

    if (judgement->code == MC_VERDICT_AUTHENTIC)
      return judgement;
    if (deciding == NULL || judgement->code == MC_VERDICT_DNS_UNAVAILABLE ||
        (deciding->code != MC_VERDICT_DNS_UNAVAILABLE && judgement->code < deciding->code))
      deciding = judgement;
  }
  return deciding;
}

/* The header that the S/MIME signature is about: the protected one, else all there is. */
static const Reading *
smime_reading (const McAuthenticity *a)
{
  return a->inner.challenge != NULL ? &a->inner : &a->outer;
}

/* Is it the S/MIME signature that the verdict is about? One good proof suffices; of two DKIM's goes first, since it
 * covers more than the protected header may have (a Reply-To). Where neither is good a DKIM signature decides if there
 * is one: all of its codes win over those of S/MIME, and a key that the DNS has not told may still come. */
static gboolean
smime_decides (const McAuthenticity *a)
{
  const McDkimJudgement *dkim = find_deciding (a);

  if (a->smime == NULL || dkim == NULL)
    return a->smime != NULL;
  return a->smime->code == MC_VERDICT_AUTHENTIC && dkim->code != MC_VERDICT_AUTHENTIC;
}

const char *
mc_authenticity_next_lookup (McAuthenticity *a)
{
  const McDkimJudgement *deciding = find_deciding (a);

  if (a->outer.base.code != MC_VERDICT_AUTHENTIC || deciding == NULL || deciding->code != MC_VERDICT_DNS_UNAVAILABLE)
    return NULL;
  for (guint i = 0; i < a->signatures->len; i++) {
    const McDkimJudgement *judgement = a->signatures->pdata[i];

    if (mc_dkim_judgement_is_open (judgement))
      return judgement->key_name;
  }
  return NULL;
}

void
mc_authenticity_give (McAuthenticity *a, const char *name, const McDnsAnswer *answer)
{
  for (guint i = 0; i < a->signatures->len; i++) {
    McDkimJudgement *judgement = a->signatures->pdata[i];

    if (mc_dkim_judgement_is_open (judgement) && strcmp (judgement->key_name, name) == 0)
      mc_dkim_judgement_give (judgement, answer);
  }
}

/* DECIDING, or NULL where S/MIME decides. One whose key was never asked for, since something else had decided, does
 * not. */
static void
note_dkim (const McAuthenticity *a, const McDkimJudgement *deciding, McVerdict *verdict)
{
  for (guint i = 0; i < a->signatures->len; i++) {
    const McDkimJudgement *judgement = a->signatures->pdata[i];
    const McDkimSignature *signature = judgement->signature;
    g_autofree char *detail = signature == NULL ? g_strdup (judgement->detail)
                                                : g_strconcat ("d=", signature->domain, " s=", signature->selector,
                                                               ": ", judgement->detail, NULL);
    gboolean skipped = mc_dkim_judgement_is_open (judgement) && a->outer.base.code != MC_VERDICT_AUTHENTIC;

    if (judgement == deciding && !skipped)
      mc_verdict_note (verdict, "signature", judgement->code == MC_VERDICT_AUTHENTIC, judgement->code, detail);
    else
      mc_verdict_remark (verdict, "signature", judgement->code == MC_VERDICT_AUTHENTIC, detail);
  }
  if (deciding == NULL)
    return;
  verdict->method = "dkim";
  if (deciding->signature != NULL) {
    verdict->domain = g_strdup (deciding->signature->domain);
    verdict->selector = g_strdup (deciding->signature->selector);
  }
}

static void
note_smime (const McSmimeJudgement *smime, gboolean decides, McVerdict *verdict)
{
  gboolean good = smime->code == MC_VERDICT_AUTHENTIC;
  g_autofree char *detail = g_strconcat ("S/MIME", smime->signer != NULL ? " by " : "",
                                         smime->signer != NULL ? smime->signer : "", ": ", smime->detail, NULL);

  if (!decides) {
    mc_verdict_remark (verdict, "signature", good, detail);
    return;
  }
  mc_verdict_note (verdict, "signature", good, smime->code, detail);
  verdict->method = "smime";
  verdict->signer = g_strdup (smime->signer);
}

McVerdict
mc_authenticity_verdict (const McAuthenticity *a)
{
  gboolean by_smime = smime_decides (a);
  McVerdict verdict;

  mc_verdict_copy (&verdict, by_smime ? &smime_reading (a)->base : &a->outer.base);
  if (a->defective)
    return verdict;
  if (a->smime == NULL && a->signatures->len == 0 && !MC_MUTANT ("no-signature"))
    mc_verdict_note (&verdict, "signature", FALSE, MC_VERDICT_UNSIGNED,
                     "there is neither a DKIM nor an S/MIME signature");
  note_dkim (a, by_smime ? NULL : find_deciding (a), &verdict);
  if (a->smime != NULL)
    note_smime (a->smime, by_smime, &verdict);
  return verdict;
}

const McChallenge *
mc_authenticity_challenge (const McAuthenticity *a)
{
  return smime_decides (a) ? smime_reading (a)->challenge : a->outer.challenge;
}
