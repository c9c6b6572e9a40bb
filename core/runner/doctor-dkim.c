/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/doctor-private.h"

#include "mail/date.h"
#include "mail/own-mail.h"
#include "net/submission.h"

#include <string.h>

/* Will the replies be signed as a CA wants them (A55, A56, T-25)? What the person has sent before and can be found in
 * the mailbox tells; else, with consent, one mail to oneself. */

#define KEY_IS_RECENT (7 * 24 * 60 * 60) /* seconds: keys of older mails may have been replaced since */

typedef struct {
  McOwnMailOutcome outcome;
  gboolean counts; /* also where it speaks against the provider */
  gint64 date;
  char *detail;
} Seen;

static void
seen_free (gpointer pointer)
{
  Seen *seen = pointer;

  g_free (seen->detail);
  g_free (seen);
}

/* Anybody can write a mail that says it is from the person, and nobody signs that: against the provider speaks only
 * what the person has surely sent. */
static Seen *
look_at (McDoctor *doctor, GBytes *rfc822, gboolean sent)
{
  g_autoptr (McOwnMail) mail = mc_own_mail_new (rfc822, doctor->address, doctor->now);
  Seen *seen = g_new0 (Seen, 1);
  const char *name;

  while ((name = mc_own_mail_next_lookup (mail)) != NULL) {
    g_autoptr (McDnsAnswer) answer = mc_doctor_look_up (doctor, name, MC_DNS_TXT);

    mc_own_mail_give (mail, answer);
  }
  seen->outcome = mc_own_mail_outcome (mail);
  seen->counts = sent;
  seen->date = mc_own_mail_date (mail);
  seen->detail = g_strdup (mc_own_mail_detail (mail));
  return seen;
}

static const Seen *
find (const GPtrArray *all, McOwnMailOutcome outcome)
{
  for (guint i = 0; i < all->len; i++) {
    const Seen *seen = g_ptr_array_index (all, i);

    /* Of the right domain it is nobody else's. */
    if (seen->outcome == outcome && (seen->counts || outcome < MC_OWN_MAIL_FIELDS))
      return seen;
  }
  return NULL;
}

static void
report (const Seen *seen, gint64 now, McFinding *finding)
{
  switch (seen->outcome) {
  case MC_OWN_MAIL_GOOD:
    mc_finding_set (finding, MC_FINDING_OK, "signed");
    break;
  case MC_OWN_MAIL_THIN:
    mc_finding_set (finding, MC_FINDING_OK, "thin");
    mc_finding_show (finding, seen->detail);
    break;
  case MC_OWN_MAIL_UNPROVEN:
    mc_finding_set (finding, MC_FINDING_NOTE, "unproven");
    break;
  case MC_OWN_MAIL_KEY:
    if (seen->counts && now - seen->date < KEY_IS_RECENT)
      mc_finding_trouble (finding, MC_ERROR_CA, "key");
    else
      mc_finding_set (finding, MC_FINDING_NOTE, "unproven");
    break;
  case MC_OWN_MAIL_FIELDS:
    mc_finding_trouble (finding, MC_ERROR_CA, "fields");
    mc_finding_show (finding, seen->detail);
    break;
  case MC_OWN_MAIL_WEAK:
    mc_finding_trouble (finding, MC_ERROR_CA, "weak");
    break;
  case MC_OWN_MAIL_OTHER:
    mc_finding_trouble (finding, MC_ERROR_CA, "other-domain");
    mc_finding_detail (finding, seen->detail);
    break;
  case MC_OWN_MAIL_UNSIGNED:
    mc_finding_trouble (finding, MC_ERROR_CA, "unsigned");
    break;
  case MC_OWN_MAIL_FOREIGN:
    break;
  }
}

static gboolean
judge (const GPtrArray *all, gint64 now, McFinding *finding)
{
  for (guint outcome = MC_OWN_MAIL_GOOD; outcome < MC_OWN_MAIL_FOREIGN; outcome++) {
    const Seen *seen = find (all, (McOwnMailOutcome)outcome);

    if (seen == NULL)
      continue;
    report (seen, now, finding);
    return TRUE;
  }
  return FALSE;
}

/* --- one mail to oneself --- */

static GBytes *
compose (const McDoctor *doctor, const char *message_id)
{
  g_autofree char *date = mc_date_compose (doctor->now);
  char *text = g_strdup_printf ("Date: %s\r\nFrom: %s\r\nTo: %s\r\nSubject: %s\r\nMessage-ID: %s\r\n"
                                "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=us-ascii\r\n"
                                "Content-Transfer-Encoding: 7bit\r\n\r\n%s\r\n",
                                date, doctor->address, doctor->address, doctor->options->mail_subject, message_id,
                                doctor->options->mail_text);

  return g_bytes_new_take (text, strlen (text));
}

static gboolean
hand_over (const McDoctor *doctor, GBytes *mail, McFinding *finding)
{
  const char *const to[] = {doctor->address, NULL};
  const McMailAccount *account = doctor->account;
  g_autoptr (GError) error = NULL;
  McSendOutcome outcome = account->smtp != NULL ? mc_smtp_send (account, doctor->address, to, mail, NULL, &error)
                                                : mc_sendmail_send (account, doctor->address, to, mail, NULL, &error);

  if (outcome == MC_SEND_SENT)
    return TRUE;
  mc_finding_trouble (finding, (McError)error->code == MC_ERROR_REFUSED ? MC_ERROR_CONFIG : (McError)error->code,
                      "not-sent");
  mc_finding_detail (finding, error->message);
  return FALSE;
}

static void
try_mail (McDoctor *doctor, McFinding *finding)
{
  g_autofree char *unique = g_uuid_string_random ();
  g_autofree char *message_id = g_strdup_printf ("<mailcert-doctor.%s@%s>", unique, doctor->domain);
  g_autoptr (GBytes) mail = compose (doctor, message_id);
  g_autoptr (GBytes) delivered = NULL;
  g_autoptr (GPtrArray) all = g_ptr_array_new_with_free_func (seen_free);
  g_autoptr (GError) error = NULL;

  if (!hand_over (doctor, mail, finding))
    return;
  delivered = mc_imap_await (doctor->account, message_id, MC_DOCTOR_MAIL_SECONDS, NULL, &error);
  if (error != NULL) {
    mc_finding_error (finding, error);
    return;
  }
  if (delivered == NULL) {
    mc_finding_trouble (finding, MC_ERROR_LATER, "not-delivered");
    return;
  }
  g_ptr_array_add (all, look_at (doctor, delivered, TRUE));
  if (!judge (all, doctor->now, finding))
    mc_finding_set (finding, MC_FINDING_UNKNOWN, "filed"); /* it came without travelling */
}

void
mc_check_dkim (McDoctor *doctor, McFinding *finding)
{
  const McImapSurvey *survey = mc_doctor_survey (doctor);
  g_autoptr (GPtrArray) all = g_ptr_array_new_with_free_func (seen_free);
  gboolean can_send = doctor->account->smtp != NULL || doctor->account->sendmail != NULL;

  if (survey == NULL) {
    mc_finding_set (finding, MC_FINDING_SKIPPED, "no-answer");
    return;
  }
  for (guint i = 0; i < survey->mails->len; i++) {
    const McImapOwnMail *mail = g_ptr_array_index (survey->mails, i);

    g_ptr_array_add (all, look_at (doctor, mail->rfc822, mail->sent));
  }
  if (judge (all, doctor->now, finding))
    return;
  if (can_send && doctor->options->may_send != NULL && doctor->options->may_send (doctor->options->data))
    try_mail (doctor, finding);
  else
    mc_finding_set (finding, MC_FINDING_UNKNOWN, can_send ? "no-mail" : "no-mail-no-sending");
}

static const char *const doubts[][2] = {
    {"unsigned", "mail from this address was seen without a DKIM signature"},
    {"other-domain", "mail from this address was seen with a DKIM signature of another domain"}};

const char *
mc_finding_doubt (const McFinding *finding)
{
  if (finding->outcome != MC_FINDING_TROUBLE || strcmp (finding->check, "dkim") != 0)
    return NULL;
  for (gsize i = 0; i < G_N_ELEMENTS (doubts); i++)
    if (strcmp (doubts[i][0], finding->reason) == 0)
      return doubts[i][1];
  return NULL;
}

gboolean
mc_doubt_is (const char *detail)
{
  for (gsize i = 0; i < G_N_ELEMENTS (doubts); i++)
    if (g_strcmp0 (doubts[i][1], detail) == 0)
      return TRUE;
  return FALSE;
}
