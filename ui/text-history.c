/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "text-parts.h"

#include <string.h>

/* What the steps leave out, for whoever reads the whole history. */

char *
mc_text_handed_over (const char *transport, gint64 when, gint64 now)
{
  g_autofree char *time = mc_text_time (when, now);

  /* Translators: in each of these a time such as "today 14:02". */
  if (g_strcmp0 (transport, "claws") == 0)
    return g_strdup_printf (_ ("Given to Claws Mail %s."), time);
  if (g_strcmp0 (transport, "smtp") == 0)
    return g_strdup_printf (_ ("Given to the mail server %s."), time);
  if (g_strcmp0 (transport, "sendmail") == 0)
    return g_strdup_printf (_ ("Given to sendmail %s."), time);
  if (g_strcmp0 (transport, "stdout") == 0)
    return g_strdup_printf (_ ("Printed %s, for somebody to send it."), time);
  return g_strdup_printf (_ ("Handed over %s."), time);
}

static char *
say_sending (const char *transport, const char *address)
{
  /* Translators: in each of these an address. */
  if (g_strcmp0 (transport, "claws") == 0)
    return g_strdup_printf (_ ("The reply from %s is given to Claws Mail."), address);
  if (g_strcmp0 (transport, "smtp") == 0)
    return g_strdup_printf (_ ("The reply from %s is given to its mail server."), address);
  if (g_strcmp0 (transport, "sendmail") == 0)
    return g_strdup_printf (_ ("The reply from %s is given to sendmail."), address);
  if (g_strcmp0 (transport, "stdout") == 0)
    return g_strdup_printf (_ ("The reply from %s is printed, for somebody to send it."), address);
  return g_strdup_printf (_ ("The reply from %s is handed over."), address);
}

/* An address that is being answered for, or that begins again. */
static char *
say_address (const McHistoryEntry *entry)
{
  g_autofree char *address = mc_text_words (entry->address);

  if (strcmp (entry->state, mc_address_state_name (MC_ADDRESS_NEW)) == 0)
    return g_strdup_printf (_ ("%s is to be checked once more."), address);
  if (strcmp (entry->state, mc_address_state_name (MC_ADDRESS_SENDING)) == 0)
    return say_sending (entry->detail, address);
  return NULL;
}

static char *
say_note (const McHistoryEntry *entry)
{
  char *verdict = entry->detail != NULL ? mc_text_verdict_named (entry->detail) : NULL;

  if (entry->detail == NULL)
    return g_strdup (_ ("Nobody was there to answer."));
  return verdict != NULL ? verdict : mc_text_reason (entry->detail);
}

static char *
say_revocation (const McHistoryEntry *entry, const char *ca)
{
  if (strcmp (entry->state, "REVOKING") == 0)
    return g_strdup_printf (_ ("%s is asked to revoke the certificate."), ca);
  return g_strdup_printf (_ ("%s has revoked the certificate."), ca);
}

static char *
say_order (McEnrollmentState state, const McHistoryEntry *entry, const char *ca)
{
  switch (state) {
  case MC_ENROLLMENT_NEW:
    return g_strdup (_ ("The request was written down."));
  case MC_ENROLLMENT_ACCOUNT:
    return g_strdup_printf (_ ("The account at %s is made ready."), ca);
  case MC_ENROLLMENT_READY:
    return g_strdup_printf (_ ("%s has checked everything that it wants to check."), ca);
  case MC_ENROLLMENT_INSTALLED:
    return g_strdup (_ ("The certificate was installed."));
  case MC_ENROLLMENT_FAILED: {
    g_autofree char *why = mc_text_reason (entry->detail != NULL ? entry->detail : "");

    return g_strdup_printf (_ ("The request failed: %s."), why);
  }
  case MC_ENROLLMENT_EXPIRED:
    return g_strdup (_ ("The time for the request was over."));
  case MC_ENROLLMENT_ORDERED:
  case MC_ENROLLMENT_FINALIZING:
  case MC_ENROLLMENT_ISSUED:
    break; /* steps */
  }
  return NULL;
}

/* By a version of mailcert that knows more. */
static char *
say_unknown (const McHistoryEntry *entry)
{
  g_autofree char *state = mc_text_words (entry->state);

  return g_strdup_printf (_ ("Something that this version of mailcert has no words for: %s."), state);
}

/* Without the time that the step names: the entry's own stands beside it. */
static char *
say_ordered (const McEnrollment *e, const char *ca)
{
  g_autofree char *addresses = mc_text_addresses (e);

  /* Translators: CA, addresses. */
  return g_strdup_printf (_ ("Asked %s for a certificate for %s."), ca, addresses);
}

char *
mc_text_history (const McEnrollment *e, const McHistoryEntry *entry)
{
  g_autofree char *ca = mc_text_words (e->ca);
  const gboolean ordered = strcmp (entry->state, mc_enrollment_state_name (MC_ENROLLMENT_ORDERED)) == 0;
  char *text = ordered ? say_ordered (e, ca) : mc_text_step (e, entry);

  if (text != NULL)
    return text;
  if (strcmp (entry->state, "NOTE") == 0)
    return say_note (entry);
  if (strcmp (entry->state, "REVOKING") == 0 || strcmp (entry->state, "REVOKED") == 0)
    return say_revocation (entry, ca);
  if (entry->address != NULL)
    text = say_address (entry);
  for (guint i = 0; text == NULL && i <= MC_ENROLLMENT_EXPIRED; i++)
    if (entry->address == NULL && strcmp (entry->state, mc_enrollment_state_name ((McEnrollmentState)i)) == 0)
      text = say_order ((McEnrollmentState)i, entry, ca);
  return text != NULL ? text : say_unknown (entry);
}
