/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "text-parts.h"

#include <string.h>

#define WORDS_MAX 600     /* of a peer, in one sentence */
#define ADDRESSES_MAX 400 /* of a list of addresses */

char *
mc_text_words (const char *words)
{
  char *clean = mc_text_sanitize (words, WORDS_MAX);
  gsize length;

  g_strstrip (clean);
  length = strlen (clean);
  while (length > 0 && (clean[length - 1] == '.' || clean[length - 1] == ' '))
    clean[--length] = '\0';
  if (length > 0)
    return clean;
  g_free (clean);
  /* Translators: stands at the end of a sentence in place of the reason, as in "example refused: no reason was given."
   */
  return g_strdup (_ ("no reason was given"));
}

char *
mc_text_end (char *sentence)
{
  gsize length = strlen (sentence);

  if (length >= 2 && sentence[length - 1] == '.' && (sentence[length - 2] == '?' || sentence[length - 2] == '!'))
    sentence[length - 1] = '\0';
  return sentence;
}

void
mc_text_take_next (char **next, char *sentence)
{
  if (next != NULL)
    *next = sentence;
  else
    g_free (sentence);
}

void
mc_text_set_next (char **next, const char *sentence)
{
  mc_text_take_next (next, g_strdup (sentence));
}

char *
mc_text_addresses (const McEnrollment *enrollment)
{
  GString *list = g_string_new (NULL);
  g_autofree char *all = NULL;

  for (guint i = 0; i < enrollment->addresses->len; i++) {
    if (i > 0)
      /* Translators: stands between the addresses of a list. */
      g_string_append (list, _ (", "));
    g_string_append (list, mc_enrollment_address (enrollment, i)->address);
  }
  all = g_string_free (list, FALSE);
  return mc_text_sanitize (all, ADDRESSES_MAX);
}

McCertificateInfo *
mc_text_certificate (const McEnrollment *enrollment)
{
  g_autoptr (McChain) chain = NULL;

  if (enrollment->chain == NULL)
    return NULL;
  chain = mc_chain_parse (enrollment->chain, strlen (enrollment->chain), NULL);
  return chain != NULL ? mc_certificate_info_new (mc_chain_certificate (chain, 0), NULL) : NULL;
}

/* Troubles that stay until a person ends them, or the order has ended: the runner clears them when it tries again. */
static gboolean
stays (const McProblem *problem)
{
  static const char *const types[] = {"mailcert:login",        "mailcert:tls",        "mailcert:config",
                                      "mailcert:terms",        "mailcert:eab",        "mailcert:keyring",
                                      "mailcert:no-transport", "mailcert:passphrase", "mailcert:bounced"};

  for (gsize i = 0; i < G_N_ELEMENTS (types); i++)
    if (mc_problem_is (problem, types[i]))
      return TRUE;
  return FALSE;
}

const McProblem *
mc_text_trouble (const McEnrollment *e)
{
  const McHistoryEntry *last = e->history->len > 0 ? g_ptr_array_index (e->history, e->history->len - 1) : NULL;

  if (e->problem == NULL || e->state == MC_ENROLLMENT_INSTALLED)
    return NULL;
  if (!mc_enrollment_is_open (e) || stays (e->problem) || e->failures > 0 ||
      (last != NULL && strcmp (last->state, "NOTE") == 0))
    return e->problem;
  for (guint i = 0; i < e->addresses->len; i++) {
    const McEnrollmentAddress *address = mc_enrollment_address (e, i);

    if (address->state < MC_ADDRESS_REPLIED && address->send_failures > 0)
      return e->problem;
  }
  return NULL;
}
