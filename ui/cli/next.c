/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "next.h"

#include "exit-status.h"
#include "lifetime.h"
#include "pki/chain.h"
#include "text.h"

#include <string.h>

char *
mc_cli_root_fingerprint (const McEnrollment *e)
{
  g_autoptr (McChain) chain = e->chain != NULL ? mc_chain_parse (e->chain, strlen (e->chain), NULL) : NULL;
  g_autoptr (McCertificateInfo) info = NULL;

  if (chain == NULL)
    return NULL;
  info = mc_certificate_info_new (mc_chain_certificate (chain, mc_chain_length (chain) - 1), NULL);
  return info != NULL && info->self_signed ? g_strdup (info->sha256) : NULL;
}

/* The addresses as they would be typed. */
static char *
typed_addresses (const McEnrollment *e)
{
  GString *list = g_string_new (NULL);

  for (guint i = 0; i < e->addresses->len; i++) {
    g_autofree char *clean = mc_text_sanitize (mc_enrollment_address (e, i)->address, 320);

    g_string_append_printf (list, "%s%s", i > 0 ? " " : "", clean);
  }
  return g_string_free (list, FALSE);
}

char *
mc_cli_keyring_next (const McEnrollment *e)
{
  g_autofree char *addresses = typed_addresses (e);

  for (guint i = 0; i < e->keyrings->len; i++) {
    const McEnrollmentKeyring *keyring = g_ptr_array_index (e->keyrings, i);

    if (strcmp (keyring->state, "untrusted") == 0) {
      g_autofree char *fingerprint = mc_cli_root_fingerprint (e);

      /* Translators: a command line; the text before it may change, the command may not. */
      return g_strdup_printf (_ ("Compare the fingerprint of its root with the one that the CA publishes, then: "
                                 "mailcert install %s --trust-root %s"),
                              addresses, fingerprint != NULL ? fingerprint : "SHA256");
    }
  }
  return g_strdup_printf (_ ("When the keyring is in order: mailcert install %s"), addresses);
}

/* The command that takes the step, or NULL where the sentence alone must do. */
static char *
next_command (const McEnrollment *e, gint64 now)
{
  g_autofree char *addresses = typed_addresses (e);
  const McProblem *trouble = mc_text_trouble (e);
  McError code;

  if (e->state == MC_ENROLLMENT_INSTALLED)
    return mc_lifetime_is_due (e, now) ? g_strdup_printf (_ ("To renew it: mailcert renew %s"), addresses) : NULL;
  if (trouble != NULL && mc_problem_is (trouble, "mailcert:terms"))
    return g_strdup_printf (_ ("Read them, and if you agree: mailcert get --agree-tos %s"), addresses);
  if (trouble != NULL &&
      (mc_problem_is (trouble, "mailcert:eab") || mc_problem_is (trouble, "externalAccountRequired")))
    return g_strdup_printf (_ ("Open an account on the CA's website, put the key ID and the HMAC key that it gives you "
                               "into a file, then: mailcert get "
                               "--eab FILE %s"),
                            addresses);
  if (!mc_exit_code_of_enrollment (e, &code))
    return NULL;
  if (code == MC_ERROR_KEYRING && e->state == MC_ENROLLMENT_ISSUED)
    return mc_cli_keyring_next (e);
  if (trouble != NULL)
    return NULL;
  if (!mc_enrollment_is_open (e))
    return g_strdup_printf (_ ("To ask again: mailcert get %s"), addresses);
  if (e->state == MC_ENROLLMENT_NEW && e->after == 0)
    return g_strdup (_ ("To go on now: mailcert renew"));
  return NULL;
}

char *
mc_cli_sentence (const McEnrollment *e, gint64 now, char **next)
{
  g_autofree char *step = NULL;
  char *sentence = mc_text_enrollment (e, now, &step);
  char *command = next_command (e, now);

  *next = command != NULL ? command : g_steal_pointer (&step);
  return sentence;
}
