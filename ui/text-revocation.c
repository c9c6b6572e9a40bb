/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "text-parts.h"

#include <string.h>

char *
mc_text_revocation (const McEnrollment *e, const char *ca, const char *addresses, char **next)
{
  g_autofree char *day = e->revoked_at != 0 ? mc_text_day (e->revoked_at) : NULL;

  if (day == NULL) {
    const McHistoryEntry *last = e->history->len > 0 ? g_ptr_array_index (e->history, e->history->len - 1) : NULL;
    g_autofree char *why = last != NULL && strcmp (last->state, "NOTE") == 0 ? mc_text_words (last->detail) : NULL;

    mc_text_set_next (next, _ ("Revoke it once more."));
    if (why != NULL)
      /* Translators: addresses, the CA, its words. */
      return mc_text_end (
          g_strdup_printf (_ ("The certificate for %s is to be revoked, but %s refused: %s."), addresses, ca, why));
    /* Translators: addresses, then the CA. */
    return g_strdup_printf (_ ("The certificate for %s is to be revoked, but %s has not confirmed it yet."), addresses,
                            ca);
  }
  mc_text_set_next (next, _ ("Ask for a new one. Old mail can still be read with the old one."));
  return g_strdup_printf (_ ("The certificate for %s was revoked on %s."), addresses, day);
}
