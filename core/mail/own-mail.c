/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "mail/own-mail.h"

#include "mail/address.h"
#include "mail/challenge.h"
#include "mail/date.h"
#include "mail/dkim-judge.h"

#include <string.h>

struct McOwnMail {
  gboolean foreign;
  gint64 date;
  GPtrArray *judgements;
};

static gboolean
is_list_mail (const McMessage *mail)
{
  for (guint i = 0; i < mail->n_fields; i++)
    if (mail->fields[i].name_length > 5 && g_ascii_strncasecmp (mail->data + mail->fields[i].start, "List-", 5) == 0)
      return TRUE;
  return FALSE;
}

/* A copy that was only filed, in Sent or by a provider that delivers without SMTP, was never meant to be signed. */
static gboolean
is_foreign (const McMessage *mail, const char *address)
{
  g_autofree char *value = mc_message_count (mail, "From") == 1 ? mc_message_value (mail, "From") : NULL;
  g_autofree char *from = value != NULL ? mc_address_parse_one (value, strlen (value), NULL) : NULL;

  return from == NULL || !mc_address_equal (from, address) || is_list_mail (mail) ||
         mc_message_count (mail, "Received") == 0;
}

static gint64
date_of (const McMessage *mail)
{
  g_autofree char *text = mc_message_value (mail, "Date");
  gint64 at = 0;

  return text != NULL && mc_date_parse (text, &at, NULL) ? at : 0;
}

McOwnMail *
mc_own_mail_new (GBytes *rfc822, const char *address, gint64 now)
{
  g_autoptr (McMessage) message = mc_message_parse (rfc822);
  const char *domain = mc_address_domain (address);
  g_autofree char *ascii = domain != NULL ? mc_domain_to_ascii (domain) : NULL;
  McOwnMail *mail = g_new0 (McOwnMail, 1);

  mail->foreign = message->defect != MC_MESSAGE_FINE || ascii == NULL || is_foreign (message, address);
  mail->date = mail->foreign ? 0 : date_of (message);
  /* At the hour of the mail: a signature that has run out since was good then. */
  mail->judgements = mc_dkim_judge (message, ascii, MC_DKIM_HEADERS_REPLY, MC_OWN_MAIL_SIGNATURES_MAX,
                                    mail->date > 0 ? MIN (mail->date, now) : now);
  return mail;
}

void
mc_own_mail_free (McOwnMail *mail)
{
  if (mail == NULL)
    return;
  g_ptr_array_unref (mail->judgements);
  g_free (mail);
}

static McDkimJudgement *
next_open (const McOwnMail *mail)
{
  for (guint i = 0; !mail->foreign && i < mail->judgements->len; i++) {
    McDkimJudgement *judgement = g_ptr_array_index (mail->judgements, i);

    if (mc_dkim_judgement_is_open (judgement))
      return judgement;
  }
  return NULL;
}

const char *
mc_own_mail_next_lookup (const McOwnMail *mail)
{
  const McDkimJudgement *judgement = next_open (mail);

  return judgement != NULL ? judgement->key_name : NULL;
}

void
mc_own_mail_give (McOwnMail *mail, const McDnsAnswer *answer)
{
  McDkimJudgement *judgement = next_open (mail);

  if (judgement != NULL)
    mc_dkim_judgement_give (judgement, answer);
}

static McOwnMailOutcome
outcome_of (const McDkimJudgement *judgement)
{
  if (judgement->signature == NULL) /* nothing that a CA could read either */
    return MC_OWN_MAIL_UNSIGNED;
  switch (judgement->code) {
  case MC_VERDICT_AUTHENTIC:
    return mc_dkim_missing_reply_field (judgement->signature, NULL) == NULL ? MC_OWN_MAIL_GOOD : MC_OWN_MAIL_THIN;
  case MC_VERDICT_DKIM_DOMAIN:
    return MC_OWN_MAIL_OTHER;
  case MC_VERDICT_DKIM_HEADERS:
    return MC_OWN_MAIL_FIELDS;
  case MC_VERDICT_DKIM_KEY:
    return MC_OWN_MAIL_KEY;
  case MC_VERDICT_DKIM_WEAK:
  case MC_VERDICT_DKIM_PARTIAL_BODY:
    return MC_OWN_MAIL_WEAK;
  default:
    return MC_OWN_MAIL_UNPROVEN;
  }
}

/* A body that was changed is told before the domain: whose signature it was still counts. */
static McOwnMailOutcome
rank (const McOwnMail *mail, const McDkimJudgement **best)
{
  McOwnMailOutcome outcome = MC_OWN_MAIL_UNSIGNED;

  for (guint i = 0; i < mail->judgements->len; i++) {
    const McDkimJudgement *judgement = g_ptr_array_index (mail->judgements, i);
    McOwnMailOutcome one = outcome_of (judgement);

    if (one == MC_OWN_MAIL_UNPROVEN && !judgement->domain_matches)
      one = MC_OWN_MAIL_OTHER;
    if (one < outcome) {
      outcome = one;
      *best = judgement;
    }
  }
  return outcome;
}

McOwnMailOutcome
mc_own_mail_outcome (const McOwnMail *mail)
{
  const McDkimJudgement *best = NULL;

  return mail->foreign ? MC_OWN_MAIL_FOREIGN : rank (mail, &best);
}

const char *
mc_own_mail_detail (const McOwnMail *mail)
{
  const McDkimJudgement *best = NULL;
  McOwnMailOutcome outcome = mail->foreign ? MC_OWN_MAIL_FOREIGN : rank (mail, &best);

  if (outcome == MC_OWN_MAIL_THIN)
    return mc_dkim_missing_reply_field (best->signature, NULL);
  if (outcome == MC_OWN_MAIL_FIELDS)
    return best->missing;
  return outcome == MC_OWN_MAIL_OTHER ? best->signature->domain : NULL;
}

gint64
mc_own_mail_date (const McOwnMail *mail)
{
  return mail->date;
}

char *
mc_own_mail_id (GBytes *rfc822)
{
  g_autoptr (McMessage) mail = mc_message_parse (rfc822);
  g_autofree char *id = mc_message_value (mail, "Message-ID");

  return id != NULL && mc_message_id_is_valid (id) ? g_steal_pointer (&id) : NULL;
}
