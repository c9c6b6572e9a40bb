/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "text-parts.h"

#include <string.h>

static char *
say_awaiting (const McEnrollment *e, const McHistoryEntry *entry, const char *ca, const char *address)
{
  g_autofree char *until = e->deadline > 0 ? mc_text_time (e->deadline, entry->at) : NULL;

  if (until == NULL)
    return g_strdup_printf (_ ("%s will send a mail to %s; it usually comes within minutes."), ca, address);
  /* Translators: CA, address, a time such as "tomorrow 14:02". */
  return g_strdup_printf (_ ("%s will send a mail to %s; it usually comes within minutes, and we wait until %s."), ca,
                          address, until);
}

/* An address comes back to REPLY_READY when its reply could not be handed over; the detail is the reason then, and else
 * the signer. */
static char *
say_arrived (const McEnrollment *e, const McHistoryEntry *entry)
{
  const McEnrollmentAddress *address = entry->address != NULL ? mc_enrollment_find (e, entry->address) : NULL;
  g_autofree char *by = address != NULL && address->signed_by != NULL ? mc_text_words (address->signed_by) : NULL;
  g_autofree char *detail = entry->detail != NULL ? mc_text_reason (entry->detail) : NULL;

  if (detail != NULL && by != NULL && strcmp (detail, by) != 0)
    return g_strdup_printf (_ ("The reply could not be handed over yet: %s."), detail);

  if (by == NULL)
    return g_strdup (_ ("This is the mail we were waiting for."));
  return g_strdup_printf (_ ("This is the mail we were waiting for (signed by %s)."), by);
}

static char *
say_of_address (const McEnrollment *e, const McHistoryEntry *entry, McAddressState state, const char *ca)
{
  g_autofree char *address = mc_text_words (entry->address);

  switch (state) {
  case MC_ADDRESS_AWAIT_MAIL:
    return say_awaiting (e, entry, ca, address);
  case MC_ADDRESS_REPLY_READY:
    return say_arrived (e, entry);
  case MC_ADDRESS_QUEUED:
    return g_strdup_printf (_ ("The reply to %s waits in the queue of your mail program."), ca);
  case MC_ADDRESS_REPLIED:
    return g_strdup_printf (_ ("The reply from %s is on its way to %s."), address, ca);
  case MC_ADDRESS_POSTED:
    return g_strdup_printf (_ ("%s is checking the reply."), ca);
  case MC_ADDRESS_VALID:
    return g_strdup_printf (_ ("%s has confirmed that mail to %s reaches you."), ca, address);
  case MC_ADDRESS_NEW:
  case MC_ADDRESS_SENDING:
    break;
  }
  return NULL;
}

static char *
say_of_order (const McEnrollment *e, const McHistoryEntry *entry, McEnrollmentState state, const char *ca)
{
  g_autofree char *addresses = mc_text_addresses (e);
  g_autofree char *when = mc_text_time (entry->at, entry->at);
  g_autofree char *why = entry->detail != NULL ? mc_text_reason (entry->detail) : NULL;

  switch (state) {
  case MC_ENROLLMENT_ACCOUNT:
    /* Coming back here is a new attempt; the detail says why. */
    return why != NULL ? g_strdup_printf (_ ("%s is asked once more: %s."), ca, why) : NULL;
  case MC_ENROLLMENT_ORDERED:
    /* Translators: CA, addresses, a time such as "today 14:02". */
    return g_strdup_printf (_ ("Asked %s for a certificate for %s, %s."), ca, addresses, when);
  case MC_ENROLLMENT_FINALIZING:
    return g_strdup_printf (_ ("%s is making the certificate for %s."), ca, addresses);
  case MC_ENROLLMENT_ISSUED:
    return g_strdup_printf (_ ("%s has issued the certificate for %s."), ca, addresses);
  case MC_ENROLLMENT_INSTALLED:
  case MC_ENROLLMENT_FAILED:
  case MC_ENROLLMENT_EXPIRED:
    return e->state == state ? mc_text_enrollment (e, entry->at, NULL) : NULL;
  case MC_ENROLLMENT_NEW:
  case MC_ENROLLMENT_READY:
    break;
  }
  return NULL;
}

/* A note of core: the name of a verdict, a trouble that passes, or words of its own. */
static char *
say_note (const McEnrollment *e, const McHistoryEntry *entry, const char *ca)
{
  const McProblem *trouble = mc_text_trouble (e);
  g_autofree char *sentence = trouble != NULL ? mc_problem_sentence (trouble) : NULL;
  char *verdict;

  if (entry->detail == NULL || *entry->detail == '\0')
    return NULL;
  if (e->state == MC_ENROLLMENT_FAILED) /* its end says why, in whole sentences */
    return NULL;
  if (strcmp (entry->detail, "another genuine challenge came") == 0)
    return g_strdup_printf (_ ("Another genuine mail from %s has come, so it is not certain which one belongs to this "
                               "request; %s decides, and we ask again if it was the other."),
                            ca, ca);
  verdict = mc_text_verdict_named (entry->detail);
  if (verdict != NULL)
    return verdict;
  if (trouble != NULL && (g_strcmp0 (sentence, entry->detail) == 0 || mc_problem_is (trouble, "mailcert:terms")))
    return mc_text_problem (e->ca, trouble, NULL);
  return mc_text_reason (entry->detail);
}

char *
mc_text_step (const McEnrollment *e, const McHistoryEntry *entry)
{
  g_autofree char *ca = mc_text_words (e->ca);

  if (strcmp (entry->state, "NOTE") == 0)
    return say_note (e, entry, ca);
  if (entry->address != NULL) {
    for (guint i = 0; i <= MC_ADDRESS_VALID; i++)
      if (strcmp (entry->state, mc_address_state_name ((McAddressState)i)) == 0)
        return say_of_address (e, entry, (McAddressState)i, ca);
    return NULL;
  }
  for (guint i = 0; i <= MC_ENROLLMENT_EXPIRED; i++)
    if (strcmp (entry->state, mc_enrollment_state_name ((McEnrollmentState)i)) == 0)
      return say_of_order (e, entry, (McEnrollmentState)i, ca);
  return NULL;
}
