/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "text-parts.h"

#include "runner/doctor.h"

#include <string.h>

#define HOUR (60 * 60)
#define DAY (24 * HOUR)
/* Then Junk is worth a look (T-22). */
#define MAIL_IS_LATE HOUR
/* Then the usual reasons are: a CA may drop a reply that it does not like without a word (CA-BEHAVIOUR: silent failure
 * is normal). */
#define CHECK_IS_SLOW (15 * 60)
/* A certificate that ends so soon is spoken of by days. */
#define SOON (7 * DAY)

static char *
say_awaiting (const McEnrollment *e, const McEnrollmentAddress *address, const char *ca, gint64 now, char **next)
{
  gint64 asked = e->ordered_at > 0 ? e->ordered_at : address->since;
  g_autofree char *since = mc_text_time (asked, now);
  g_autofree char *until = e->deadline > 0 ? mc_text_time (e->deadline, now) : NULL;
  g_autofree char *name = mc_text_words (address->address);
  g_autofree char *from = address->from != NULL ? mc_text_words (address->from) : NULL;

  if (now - asked > MAIL_IS_LATE && from != NULL)
    /* Translators: an address of the CA. */
    mc_text_take_next (next, g_strdup_printf (_ ("Look into the Junk folder too: the mail comes from %s."), from));
  if (until == NULL)
    /* Translators: CA, a time such as "today 14:02", a mail address. */
    return g_strdup_printf (_ ("Asked %s %s. Its mail to %s usually comes within minutes."), ca, since, name);
  /* Translators: CA, a time such as "today 14:02", a mail address, a time. */
  return g_strdup_printf (_ ("Asked %s %s. Its mail to %s usually comes within minutes; we wait until %s."), ca, since,
                          name, until);
}

static char *
say_ready_reply (const McEnrollmentAddress *address, const char *ca)
{
  g_autofree char *by = address->signed_by != NULL ? mc_text_words (address->signed_by) : NULL;

  if (by == NULL)
    return g_strdup_printf (_ ("The mail of %s has arrived, and the reply to it is ready to be sent."), ca);
  /* Translators: CA, then who signed its mail. */
  return g_strdup_printf (_ ("The mail of %s has arrived (signed by %s), and the reply to it is ready to be sent."), ca,
                          by);
}

static char *
say_posted (const McEnrollmentAddress *address, const char *ca, gint64 now, char **next)
{
  g_autofree char *sent = mc_text_time (address->replied_at > 0 ? address->replied_at : address->since, now);

  if (now - address->since > CHECK_IS_SLOW)
    mc_text_set_next (next, mc_text_silence ());
  /* Translators: a time such as "today 14:02", then the CA. */
  return g_strdup_printf (_ ("The reply was sent %s, and %s is checking it."), sent, ca);
}

/* Where the way of the reply is set depends on who sends it. */
static gboolean
leaves_by_claws (const McEnrollment *e)
{
  for (guint i = 0; i < e->addresses->len; i++)
    if (g_strcmp0 (mc_enrollment_address (e, i)->transport, "claws") == 0)
      return TRUE;
  return FALSE;
}

/* Whoever wrote that the reply came back proves nothing: so the request goes on, and a person may be quicker. */
static char *
say_bounced (const McEnrollment *e, const char *reason, gint64 now, char **next)
{
  g_autofree char *words = mc_text_words (reason);
  g_autofree char *until = mc_text_time (e->deadline > 0 ? e->deadline : e->since, now);

  mc_text_set_next (next,
                    leaves_by_claws (e)
                        ? _ ("Send through the provider of this address: set its server in the preferences of its "
                             "account in Claws Mail. Then give this request up and ask again.")
                        : _ ("Send through the provider of this address: set smtp or sendmail of its account in the "
                             "configuration. Then give this request up and ask again."));
  /* Translators: the reason, then a time such as "tomorrow 14:02". */
  return g_strdup_printf (_ ("Your mail provider or the CA's refused the reply: %s. The request stays open until %s, "
                             "in case the reply has arrived all the same."),
                          words, until);
}

char *
mc_text_address (const McEnrollment *e, const McEnrollmentAddress *address, gint64 now, char **next)
{
  g_autofree char *ca = mc_text_words (e->ca);
  g_autofree char *name = mc_text_words (address->address);
  g_autofree char *when = NULL;

  mc_text_set_next (next, NULL);
  if (address->bounced != NULL && address->state < MC_ADDRESS_VALID)
    return say_bounced (e, address->bounced, now, next);
  switch (address->state) {
  case MC_ADDRESS_NEW:
    return g_strdup_printf (_ ("%s has been asked how it will check %s."), ca, name);
  case MC_ADDRESS_AWAIT_MAIL:
    return say_awaiting (e, address, ca, now, next);
  case MC_ADDRESS_REPLY_READY:
    mc_text_set_next (next, _ ("The reply leaves as soon as a way to send it is there: your mail program, or smtp or "
                               "sendmail in the configuration."));
    return say_ready_reply (address, ca);
  case MC_ADDRESS_SENDING:
    if (address->unsure)
      return g_strdup_printf (_ ("It is not known whether the reply to %s left before mailcert was interrupted. It is "
                                 "not sent twice; %s is asked what "
                                 "it has seen."),
                              ca, ca);
    return g_strdup_printf (_ ("The reply to %s is being sent."), ca);
  case MC_ADDRESS_QUEUED:
    mc_text_set_next (next, _ ("Let your mail program send what is waiting in its queue."));
    return g_strdup_printf (_ ("The reply to %s waits in the queue of your mail program."), ca);
  case MC_ADDRESS_REPLIED:
    when = mc_text_time (address->replied_at > 0 ? address->replied_at : address->since, now);
    if (g_strcmp0 (address->transport, "stdout") == 0) {
      mc_text_set_next (next, _ ("Send it as it is, then: mailcert renew"));
      return g_strdup_printf (_ ("The reply to %s was written out for you to send."), ca);
    }
    /* Translators: a time such as "today 14:02", then the CA. */
    return g_strdup_printf (_ ("The reply was sent %s; %s is told so next."), when, ca);
  case MC_ADDRESS_POSTED:
    return say_posted (address, ca, now, next);
  case MC_ADDRESS_VALID:
    return g_strdup_printf (_ ("%s has confirmed that mail to %s reaches you."), ca, name);
  }
  return g_strdup (_ ("The state of this address is unknown to this version of mailcert."));
}

static gboolean
has_ascii_local_part (const McEnrollment *e)
{
  const char *address = mc_enrollment_address (e, 0)->address;

  for (const char *p = address; *p != '\0' && *p != '@'; p++)
    if ((guchar)*p >= 0x80)
      return FALSE;
  return TRUE;
}

char *
mc_text_keyring (const McEnrollment *e, const McEnrollmentKeyring *keyring, char **next)
{
  g_autofree char *place = mc_text_words (keyring->spec);
  g_autofree char *ca = mc_text_words (e->ca);
  g_autofree char *words = keyring->error != NULL ? mc_text_reason (keyring->error) : NULL;

  mc_text_set_next (next, NULL);
  if (strcmp (keyring->state, "ready") == 0 && strcmp (keyring->spec, "gpgsm") == 0 && !has_ascii_local_part (e))
    return g_strdup_printf (_ ("The certificate is in %s and signs from there, by its fingerprint: %s finds none by an "
                               "address that has letters beyond ASCII before the @."),
                            place, place);
  if (strcmp (keyring->state, "ready") == 0)
    return g_strdup_printf (_ ("The certificate is in %s and signs from there."), place);
  if (strcmp (keyring->state, "untrusted") == 0) {
    mc_text_set_next (
        next, _ ("Compare the fingerprint of its root with the one that the CA publishes, then trust this root."));
    return g_strdup_printf (_ ("Your computer does not know %s yet. Without that, signatures show as invalid to you; "
                               "others must trust it too."),
                            ca);
  }
  if (strcmp (keyring->state, "failed") == 0) {
    mc_text_set_next (
        next, _ ("The certificate is safe in mailcert's own records. Install it again when the keyring is in order."));
    if (words == NULL)
      return g_strdup_printf (_ ("The certificate could not be put into %s."), place);
    /* Translators: a keyring such as "gpgsm", then the reason. */
    return g_strdup_printf (_ ("The certificate could not be put into %s: %s."), place, words);
  }
  return g_strdup_printf (_ ("The certificate is about to be put into %s."), place);
}

static char *
say_issued (const McEnrollment *e, const char *addresses, char **next)
{
  static const char *const states[] = {"untrusted", "failed", "pending"};

  for (gsize s = 0; s < G_N_ELEMENTS (states); s++) {
    for (guint i = 0; i < e->keyrings->len; i++) {
      const McEnrollmentKeyring *keyring = g_ptr_array_index (e->keyrings, i);

      if (strcmp (keyring->state, states[s]) == 0)
        return mc_text_keyring (e, keyring, next);
    }
  }
  return g_strdup_printf (_ ("The certificate for %s is there and goes into its keyring next."), addresses);
}

static char *
say_ended (const char *addresses, const McCertificateInfo *info, char **next)
{
  g_autofree char *end = mc_text_day (info->not_after);

  mc_text_set_next (next, _ ("Renew it. Old mail can still be read with the old one."));
  return g_strdup_printf (_ ("The certificate for %s ended on %s."), addresses, end);
}

static char *
say_installed (const McEnrollment *e, const char *addresses, gint64 now, char **next)
{
  g_autoptr (McCertificateInfo) info = mc_text_certificate (e);
  g_autofree char *end = info != NULL ? mc_text_day (info->not_after) : NULL;

  if (info == NULL)
    return g_strdup_printf (_ ("The certificate for %s is ready."), addresses);
  if (info->not_after <= now)
    return say_ended (addresses, info, next);
  /* A certificate that lives for a few days only is nothing to worry about when it is new. */
  if (info->not_after - now < SOON && now - info->not_before > info->not_after - now) {
    int days = (int)((info->not_after - now + DAY - 1) / DAY);

    mc_text_set_next (next, _ ("Renew it now."));
    /* Translators: addresses, then a number of days. */
    return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "The certificate for %s ends within %d day.",
                                         "The certificate for %s ends within %d days.", (gulong)days),
                            addresses, days);
  }
  if (e->usage == MC_USAGE_ENCRYPT)
    return g_strdup_printf (_ ("Certificate for %s is ready until %s. Others can encrypt mail to you."), addresses,
                            end);
  return g_strdup_printf (_ ("Certificate for %s is ready until %s. New mail can be signed."), addresses, end);
}

/* Without trouble: where the request stands. */
static char *
say_state (const McEnrollment *e, const char *ca, const char *addresses, gint64 now, char **next)
{
  const McEnrollmentAddress *slowest = mc_text_slowest (e);

  switch (e->state) {
  case MC_ENROLLMENT_NEW:
    if (e->after != 0)
      return g_strdup_printf (_ ("The second certificate for %s is asked for when the first one is confirmed."),
                              addresses);
    mc_text_set_next (next, _ ("It goes on when mailcert or your mail program runs the next time."));
    return g_strdup_printf (_ ("A certificate for %s is wanted; %s has not been asked yet."), addresses, ca);
  case MC_ENROLLMENT_ACCOUNT:
    return g_strdup_printf (_ ("An account at %s is being prepared, to ask for a certificate for %s."), ca, addresses);
  case MC_ENROLLMENT_ORDERED:
    return slowest != NULL ? mc_text_address (e, slowest, now, next)
                           : g_strdup_printf (_ ("Asked %s for a certificate for %s."), ca, addresses);
  case MC_ENROLLMENT_READY:
    return g_strdup_printf (_ ("%s has confirmed %s; the certificate is asked for next."), ca, addresses);
  case MC_ENROLLMENT_FINALIZING:
    return g_strdup_printf (_ ("%s is making the certificate for %s."), ca, addresses);
  case MC_ENROLLMENT_ISSUED:
    return say_issued (e, addresses, next);
  case MC_ENROLLMENT_INSTALLED:
    return say_installed (e, addresses, now, next);
  case MC_ENROLLMENT_FAILED:
    mc_text_set_next (next, _ ("Ask again."));
    return g_strdup_printf (_ ("The request to %s for %s came to nothing."), ca, addresses);
  case MC_ENROLLMENT_EXPIRED:
    return mc_text_expired (e, now, next);
  }
  return g_strdup (_ ("The state of this request is unknown to this version of mailcert."));
}

/* The CA's word or the deadline has ended it; that the reply came back is the likely cause, and what can be mended. */
static char *
say_after_bounce (const McEnrollment *e, const McProblem *trouble, char **next)
{
  for (guint i = 0; !mc_problem_is (trouble, "mailcert:bounced") && i < e->addresses->len; i++) {
    const McEnrollmentAddress *address = mc_enrollment_address (e, i);
    g_autofree char *sentence = NULL;
    g_autofree char *words = NULL;

    if (address->bounced == NULL || address->state == MC_ADDRESS_VALID)
      continue;
    sentence = mc_text_problem (e->ca, trouble, NULL);
    words = mc_text_words (address->bounced);
    mc_text_set_next (next,
                      leaves_by_claws (e)
                          ? _ ("Send through the provider of this address: set its server in the preferences of its "
                               "account in Claws Mail. Then ask again.")
                          : _ ("Send through the provider of this address: set smtp or sendmail of its account in the "
                               "configuration. Then ask again."));
    /* Translators: a whole sentence that says what the CA did, then the reason of a mail server. */
    return g_strdup_printf (_ ("%s The reply had come back before: %s."), sentence, words);
  }
  return mc_text_problem (e->ca, trouble, next);
}

/* What a problem means depends here and there on how far the request has come. */
static char *
say_trouble (const McEnrollment *e, const McProblem *trouble, gint64 now, char **next)
{
  g_autofree char *words = NULL;

  if (mc_problem_is (trouble, "mailcert:bounced") && mc_enrollment_is_open (e))
    return say_bounced (e, trouble->detail, now, next);
  if (mc_problem_is (trouble, "mailcert:mail") && mc_enrollment_is_open (e)) {
    words = mc_text_reason (trouble->detail);
    mc_text_set_next (next, _ ("It is tried again by itself."));
    /* Translators: the reason. */
    return mc_text_end (g_strdup_printf (_ ("The reply could not be handed over yet: %s."), words));
  }
  if (mc_problem_is (trouble, "unauthorized") && e->order_url == NULL) { /* about the account, not about mail */
    mc_text_set_next (next, _ ("Check the key ID and the HMAC key that the CA gave you (each can often be used only "
                               "once), or ask the CA."));
    return mc_text_problem (e->ca, trouble, NULL);
  }
  if (e->state == MC_ENROLLMENT_EXPIRED && mc_text_is_passing (trouble))
    return mc_text_expired (e, now, next);
  return mc_enrollment_is_open (e) ? mc_text_problem (e->ca, trouble, next) : say_after_bounce (e, trouble, next);
}

/* It was seen before that the provider does not sign as CAs want it, and the reply was not accepted. */
static gboolean
was_doubted (const McEnrollment *e)
{
  const McEnrollmentAddress *slowest = mc_text_slowest (e);

  if ((e->state != MC_ENROLLMENT_FAILED && e->state != MC_ENROLLMENT_EXPIRED) || slowest == NULL ||
      slowest->state < MC_ADDRESS_REPLIED || slowest->state == MC_ADDRESS_VALID)
    return FALSE;
  for (guint i = 0; i < e->history->len; i++) {
    const McHistoryEntry *entry = g_ptr_array_index (e->history, i);

    if (mc_doubt_is (entry->detail))
      return TRUE;
  }
  return FALSE;
}

static char *
say_standing (const McEnrollment *e, gint64 now, char **next)
{
  g_autofree char *ca = mc_text_words (e->ca);
  g_autofree char *addresses = mc_text_addresses (e);
  const McProblem *trouble = mc_text_trouble (e);

  mc_text_set_next (next, NULL);
  if (e->chain != NULL && mc_enrollment_is_revoked (e))
    return mc_text_revocation (e, ca, addresses, next);
  /* A keyring's own state says more than the trouble that it led to, and so does what an expired request lacked. */
  if (trouble != NULL && e->state != MC_ENROLLMENT_ISSUED &&
      !(e->state == MC_ENROLLMENT_EXPIRED && mc_problem_is (trouble, "mailcert:deadline")))
    return say_trouble (e, trouble, now, next);
  return say_state (e, ca, addresses, now, next);
}

char *
mc_text_enrollment (const McEnrollment *e, gint64 now, char **next)
{
  char *sentence = say_standing (e, now, next);

  if (next != NULL && was_doubted (e)) {
    g_free (*next);
    *next = g_strdup (_ ("Ask your mail provider to sign your mail (DKIM) for the domain of this address, then ask "
                         "again."));
  }
  return sentence;
}
