/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "text-parts.h"

#include "mail/verdict.h"

#include <string.h>

/* NULL: made in say (). */
static const struct {
  const char *sentence;
  const char *next;
} verdicts[] = {
    [MC_VERDICT_TOO_LARGE] = {N_ ("This mail is too large for a certificate check; it was not looked at."), NULL},
    [MC_VERDICT_MALFORMED] =
        {N_ ("This mail is not built as mail must be, so nothing in it can be trusted."),
         N_ ("Give the whole mail as it was received, with all its header fields and unchanged line ends.")},
    [MC_VERDICT_NOT_A_CHALLENGE] = {N_ ("This mail has nothing to do with certificates."), NULL},
    [MC_VERDICT_IS_REPLY] =
        {N_ ("This is a reply to a certificate check, not the check itself; replies are never answered."), NULL},
    [MC_VERDICT_BAD_SUBJECT] =
        {N_ ("This looks like a certificate check, but its subject is not in order; it is not answered."), NULL},
    [MC_VERDICT_SHORT_TOKEN] =
        {N_ ("This looks like a certificate check, but its token is too short to be safe; it is not answered."),
         N_ ("Tell the CA: its tokens are too short.")},
    [MC_VERDICT_BAD_CHARSET] = {N_ ("This looks like a certificate check, but its subject is written in a character "
                                    "set that is not allowed there; it is "
                                    "not answered."),
                                NULL},
    [MC_VERDICT_NOT_AUTO_SUBMITTED] = {N_ ("This looks like a certificate check, but it does not say that it was made "
                                           "by a machine; it is not answered."),
                                       NULL},
    [MC_VERDICT_DUPLICATE_HEADER] =
        {N_ ("This looks like a certificate check, but a header field stands in it twice, as in forged mail; it is not "
             "answered."),
         NULL},
    [MC_VERDICT_MISSING_HEADER] =
        {N_ ("This looks like a certificate check, but a header field that it must have is missing; it is not "
             "answered."),
         N_ ("Give the mail as it was received: some programs pass on only a part of the header.")},
    [MC_VERDICT_LIST_MAIL] = {N_ ("This came through a mailing list, and a mailing list cannot have a personal "
                                  "certificate; it is not answered."),
                              NULL},
    [MC_VERDICT_WRONG_FROM] = {N_ ("This looks like a certificate check, but it does not come from the sender that the "
                                   "CA announced; it is not answered."),
                               NULL},
    [MC_VERDICT_WRONG_TO] = {N_ ("This certificate check is for another address; it is not answered."), NULL},
    [MC_VERDICT_UNSIGNED] =
        {N_ ("This looks like a certificate check, but it carries no signature that proves its sender; it is not "
             "answered."),
         N_ ("If you asked for a certificate, tell the CA: its mails must be signed (DKIM or S/MIME).")},
    [MC_VERDICT_DKIM_FAIL] = {NULL, N_ ("Give the mail as it was received. If it is unchanged and you asked for a "
                                        "certificate, ask for it again.")},
    [MC_VERDICT_DKIM_DOMAIN] =
        {NULL,
         N_ ("If you asked for a certificate, tell the CA: its mails must be signed by the domain that sends them.")},
    [MC_VERDICT_DKIM_HEADERS] =
        {NULL,
         N_ ("If you asked for a certificate, tell the CA: its signature must cover all header fields of the check.")},
    [MC_VERDICT_DKIM_WEAK] =
        {NULL, N_ ("If you asked for a certificate, tell the CA: its signature is too weak to prove anything.")},
    [MC_VERDICT_DKIM_EXPIRED] = {NULL, N_ ("If you asked for a certificate, ask again: this check came too late.")},
    [MC_VERDICT_DKIM_PARTIAL_BODY] =
        {NULL, N_ ("If you asked for a certificate, tell the CA: its signature must cover the whole mail.")},
    [MC_VERDICT_DKIM_KEY] =
        {NULL,
         N_ ("If you asked for a certificate, tell the CA: the key that should prove its mails is not in order.")},
    [MC_VERDICT_SMIME_INVALID] = {NULL, N_ ("Give the mail as it was received. If it is unchanged and you asked for a "
                                            "certificate, ask for it again.")},
    [MC_VERDICT_SMIME_UNTRUSTED] = {NULL, N_ ("If you trust this CA's mails, name the root that vouches for them as "
                                              "mail-roots of the CA in the configuration.")},
    [MC_VERDICT_SMIME_ADDRESS] =
        {NULL, N_ ("If you asked for a certificate, tell the CA: it must sign with the address that it writes from.")},
    [MC_VERDICT_SMIME_HEADERS] =
        {NULL,
         N_ ("If you asked for a certificate, tell the CA: its signature must cover the header fields of the check.")},
    [MC_VERDICT_DNS_UNAVAILABLE] =
        {N_ ("The signature of this mail cannot be checked just now, because the DNS does not answer."),
         N_ ("It is looked at again when the DNS answers; check the network connection.")},
    [MC_VERDICT_NOT_EXPECTED] = {NULL, N_ ("There is nothing to do, and the mail can be deleted.")},
    [MC_VERDICT_ALREADY_ANSWERED] =
        {N_ ("This certificate check was answered already; it is never answered twice."),
         N_ ("There is nothing to do with it; \"mailcert status\" says how far the request is.")},
    [MC_VERDICT_STALE] = {N_ ("This certificate check is older than what was asked for; it is not answered."),
                          N_ ("A newer one should arrive; wait for it.")},
    [MC_VERDICT_EXPIRED] = {N_ ("This certificate check came too late: the time to answer it is over."),
                            N_ ("Ask for the certificate again.")},
    [MC_VERDICT_AUTHENTIC] = {NULL, NULL},
};

G_STATIC_ASSERT (G_N_ELEMENTS (verdicts) == MC_VERDICT_AUTHENTIC + 1);

static char *
say_authentic (const char *signer, gboolean awaited)
{
  if (!awaited && signer != NULL)
    return g_strdup_printf (_ ("This is a genuine certificate check (signed by %s)."), signer);
  if (!awaited)
    return g_strdup (_ ("This is a genuine certificate check."));
  if (signer != NULL)
    return g_strdup_printf (_ ("This is the mail we were waiting for (signed by %s)."), signer);
  return g_strdup (_ ("This is the mail we were waiting for."));
}

static char *
say_not_expected (const char *signer)
{
  if (signer != NULL)
    return g_strdup_printf (_ ("Somebody asked %s for a certificate in your name; this program did not. Nothing was "
                               "answered and nothing was issued."),
                            signer);
  return g_strdup (
      _ ("This looks like a certificate check that this program did not ask for. Whether it is genuine was "
         "not looked at, and nothing was answered."));
}

static char *
say_not_proven (const char *signer)
{
  if (signer != NULL)
    return g_strdup_printf (
        _ ("This looks like a certificate check, but it is not proven to come from %s; it is not answered."), signer);
  return g_strdup (
      _ ("This looks like a certificate check, but it is not proven to come from its sender; it is not answered."));
}

static char *
say (McVerdictCode code, const char *signer, gboolean awaited, char **next)
{
  if ((guint)code > MC_VERDICT_AUTHENTIC)
    code = MC_VERDICT_MALFORMED;
  mc_text_set_next (next, verdicts[code].next != NULL ? _ (verdicts[code].next) : NULL);
  if (code == MC_VERDICT_AUTHENTIC)
    return say_authentic (signer, awaited);
  if (code == MC_VERDICT_NOT_EXPECTED)
    return say_not_expected (signer);
  if (verdicts[code].sentence != NULL)
    return g_strdup (_ (verdicts[code].sentence));
  return say_not_proven (signer);
}

/* Some signature on it is good; mail that nobody waits for is mostly put aside before that is looked at. */
static gboolean
is_proven (const McVerdict *verdict)
{
  for (guint i = 0; verdict->checks != NULL && i < verdict->checks->len; i++) {
    const McCheck *check = g_ptr_array_index (verdict->checks, i);

    if (strcmp (check->name, "signature") == 0 && check->ok)
      return TRUE;
  }
  return FALSE;
}

/* Whose signature it is says nothing of whom the mail claims to be from. */
static gboolean
is_signed_by_another (McVerdictCode code)
{
  return code == MC_VERDICT_DKIM_DOMAIN || code == MC_VERDICT_SMIME_UNTRUSTED || code == MC_VERDICT_SMIME_ADDRESS;
}

char *
mc_text_verdict (const McVerdict *verdict, char **next)
{
  const char *by = verdict->signer != NULL ? verdict->signer : verdict->domain;
  const gboolean told = by != NULL && !is_signed_by_another (verdict->code) &&
                        (verdict->code != MC_VERDICT_NOT_EXPECTED || is_proven (verdict));
  g_autofree char *signer = told ? mc_text_words (by) : NULL;

  return say (verdict->code, signer, verdict->match >= 0, next);
}

char *
mc_text_verdict_code (McVerdictCode code, char **next)
{
  return say (code, NULL, TRUE, next);
}

char *
mc_text_verdict_named (const char *name)
{
  for (guint i = 0; i <= MC_VERDICT_AUTHENTIC; i++)
    if (strcmp (name, mc_verdict_name ((McVerdictCode)i)) == 0)
      return mc_text_verdict_code ((McVerdictCode)i, NULL);
  return NULL;
}
