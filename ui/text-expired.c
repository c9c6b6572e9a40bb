/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "text-parts.h"

/* What a request lacked when its time was over. */

const McEnrollmentAddress *
mc_text_slowest (const McEnrollment *e)
{
  const McEnrollmentAddress *slowest = NULL;

  for (guint i = 0; i < e->addresses->len; i++) {
    const McEnrollmentAddress *address = mc_enrollment_address (e, i);

    if (slowest == NULL || address->state < slowest->state)
      slowest = address;
  }
  return slowest;
}

const char *
mc_text_silence (void)
{
  return _ (
      "Usual reasons: your mail provider does not sign your outgoing mail (DKIM) for the domain of this address, or "
      "it changes the text of the reply; or this CA looks for replies only now and then. Ask your provider about "
      "the first two.");
}

gboolean
mc_text_is_passing (const McProblem *trouble)
{
  static const char *const types[] = {"mailcert:network", "mailcert:clock", "mailcert:mail", "mailcert:passphrase"};

  for (gsize i = 0; i < G_N_ELEMENTS (types); i++)
    if (mc_problem_is (trouble, types[i]))
      return TRUE;
  return FALSE;
}

/* The trouble lasted to the end; its own next step is for as long as the request is open. */
static char *
say_after_trouble (const McEnrollment *e, const McProblem *trouble, const char *end, char **next)
{
  g_autofree char *sentence = mc_text_problem (e->ca, trouble, NULL);

  mc_text_set_next (next, _ ("See to that, then ask again."));
  /* Translators: a whole sentence that says what went wrong, then a time such as "today 14:02". */
  return g_strdup_printf (_ ("%s It stayed so until %s, and the request has ended."), sentence, end);
}

char *
mc_text_expired (const McEnrollment *e, gint64 now, char **next)
{
  const McEnrollmentAddress *slowest = mc_text_slowest (e);
  const McProblem *trouble = mc_text_trouble (e);
  g_autofree char *ca = mc_text_words (e->ca);
  g_autofree char *addresses = mc_text_addresses (e);
  g_autofree char *end = mc_text_time (e->deadline > 0 ? e->deadline : e->since, now);

  if (trouble != NULL && mc_text_is_passing (trouble))
    return say_after_trouble (e, trouble, end, next);
  if (slowest != NULL && slowest->state == MC_ADDRESS_VALID) {
    mc_text_set_next (next, _ ("Ask again; if it happens again, ask the CA."));
    return g_strdup_printf (_ ("%s has confirmed %s, but made no certificate until %s, so the request has ended."), ca,
                            addresses, end);
  }
  if (slowest != NULL && slowest->state >= MC_ADDRESS_REPLIED) {
    mc_text_take_next (next, g_strdup_printf ("%s %s", _ ("Ask again."), mc_text_silence ()));
    return g_strdup_printf (_ ("%s did not confirm %s until %s, so the request has ended."), ca, addresses, end);
  }
  if (slowest != NULL && slowest->state >= MC_ADDRESS_REPLY_READY) {
    mc_text_set_next (next, _ ("Check that mail can be sent from this address, then ask again."));
    return g_strdup_printf (_ ("The reply to %s could not be sent until %s, so the request has ended."), ca, end);
  }
  mc_text_set_next (next, _ ("Ask again, and look into the Junk folder too."));
  return g_strdup_printf (_ ("No mail from %s for %s arrived until %s, so the request has ended."), ca, addresses, end);
}
