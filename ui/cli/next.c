/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "next.h"

#include "exit-status.h"
#include "flow/renewal.h"
#include "text.h"

#include <string.h>

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
mc_cli_keyring_next (const McConfig *config, const McEnrollment *e)
{
  g_autofree char *addresses = typed_addresses (e);

  for (guint i = 0; i < e->keyrings->len; i++) {
    const McEnrollmentKeyring *keyring = g_ptr_array_index (e->keyrings, i);

    if (strcmp (keyring->state, "untrusted") == 0) {
      g_autofree char *fingerprint = mc_runner_root_fingerprint (config, e);

      /* A fingerprint that was given and differs is what comparing is for: it must not read as "not compared yet". */
      if (e->trust_root != NULL && fingerprint != NULL && strcmp (e->trust_root, fingerprint) != 0)
        /* Translators: a command line, as below. */
        return g_strdup_printf (
            _ ("The fingerprint of its root is not the one that you gave. Ask the CA which is right; "
               "only if it confirms this one: mailcert install %s --trust-root %s"),
            addresses, fingerprint);
      /* Translators: a command line; the text before it may change, the command may not. */
      return g_strdup_printf (_ ("Compare the fingerprint of its root with the one that the CA publishes, then: "
                                 "mailcert install %s --trust-root %s"),
                              addresses, fingerprint != NULL ? fingerprint : "SHA256");
    }
  }
  return g_strdup_printf (_ ("When the keyring is in order: mailcert install %s"), addresses);
}

/* Where mailcert cannot see the CA's mail arrive, and no mail program shows it the mail, the person has to. */
static char *
next_for_mail (const McConfig *config, const McEnrollment *e)
{
  for (guint i = 0; e->state == MC_ENROLLMENT_ORDERED && i < e->addresses->len; i++) {
    const McEnrollmentAddress *address = mc_enrollment_address (e, i);
    const McMailAccount *account = mc_config_account (config, address->address);

    if (address->state != MC_ADDRESS_AWAIT_MAIL || (account != NULL && account->imap != NULL))
      continue;
    if (account != NULL && account->sendmail != NULL) /* as mutt has it */
      return g_strdup (
          _ ("mailcert does not watch this mailbox. When the mail is there, press Ctrl-A on it in mutt, or "
             "save it as a file, then: mailcert hook FILE"));
    if (account != NULL && account->smtp != NULL)
      return g_strdup (_ ("mailcert does not watch this mailbox. When the mail is there, save it as a file, then: "
                          "mailcert hook FILE"));
    return g_strdup (_ ("mailcert does not watch this mailbox. When the mail is there, save it as a file; \"mailcert "
                        "reply FILE\" prints the answer for you to send."));
  }
  return NULL;
}

/* How to ask for the same again: with the addresses as they would be typed. */
static char *
words_to_ask (const McEnrollment *e, const char *addresses)
{
  return e->usage != MC_USAGE_BOTH ? g_strdup_printf ("--usage %s %s", mc_usage_name (e->usage), addresses)
                                   : g_strdup (addresses);
}

/* What --ca takes for the CA of E: its name, or its directory where the configuration has no such name. */
static char *
typed_ca (const McConfig *config, const McEnrollment *e)
{
  g_autoptr (McCaProfile) ca = mc_config_ca (config, e->ca, NULL);

  return mc_text_sanitize (ca != NULL && strcmp (ca->directory, e->directory) == 0 ? e->ca : e->directory, 1000);
}

/* The command that takes the step, or NULL where the sentence alone must do. */
static char *
next_command (const McConfig *config, const McEnrollment *e, gint64 now)
{
  g_autofree char *addresses = typed_addresses (e);
  const McProblem *trouble = mc_text_trouble (e);
  McError code;

  if (e->chain != NULL && mc_enrollment_is_revoked (e)) {
    g_autofree char *words = e->revoked_at != 0 ? words_to_ask (e, addresses) : g_strdup (addresses);

    return g_strdup_printf (e->revoked_at != 0 ? _ ("To get a new one: mailcert get %s")
                                               : _ ("To revoke it once more: mailcert revoke %s"),
                            words);
  }
  if (e->state == MC_ENROLLMENT_INSTALLED)
    return mc_renewal_is_due (e, now) ? g_strdup_printf (_ ("To renew it: mailcert renew %s"), addresses) : NULL;
  if (trouble != NULL && mc_problem_is (trouble, "mailcert:terms"))
    return g_strdup_printf (e->predecessor == 0
                                ? _ ("Read them, and if you agree: mailcert get --agree-tos %s")
                                : _ ("Read them, and if you agree: mailcert renew --force --agree-tos %s"),
                            addresses);
  if (trouble != NULL &&
      (mc_problem_is (trouble, "mailcert:eab") || mc_problem_is (trouble, "externalAccountRequired")))
    return g_strdup_printf (_ ("Open an account on the CA's website, put the key ID and the HMAC key that it gives you "
                               "into a file, then: mailcert get "
                               "--eab FILE %s"),
                            addresses);
  if (trouble != NULL && (mc_problem_is (trouble, "mailcert:profile") || mc_problem_is (trouble, "mailcert:usage"))) {
    g_autofree char *ca = mc_text_sanitize (e->ca, 200);

    return g_strdup_printf (
        _ ("\"mailcert ca %s\" says what its profiles are for; ask again without --profile, or with "
           "another one."),
        ca);
  }
  if (trouble != NULL && mc_problem_is (trouble, "mailcert:passphrase"))
    return g_strdup_printf (_ ("Type it: mailcert renew %s"), addresses);
  if (!mc_exit_code_of_enrollment (e, &code))
    return NULL;
  if (code == MC_ERROR_KEYRING && e->state == MC_ENROLLMENT_ISSUED)
    return mc_cli_keyring_next (config, e);
  if (trouble != NULL)
    return NULL;
  if (!mc_enrollment_is_open (e))
    return g_strdup_printf (_ ("To ask again: mailcert get %s"), addresses);
  if (e->state == MC_ENROLLMENT_NEW && e->after == 0)
    return g_strdup (_ ("To go on now: mailcert renew"));
  return next_for_mail (config, e);
}

/* STEP says to ask again, or what to mend first: with the command. A renewal is asked for again by itself, and giving
 * one up would take the records of its certificate along. */
static char *
with_command (const McConfig *config, const McEnrollment *e, char *step_take)
{
  const McProblem *trouble = mc_text_trouble (e);
  g_autofree char *step = step_take;
  g_autofree char *addresses = typed_addresses (e);
  g_autofree char *words = words_to_ask (e, addresses);
  g_autofree char *command = NULL;

  if (step == NULL || e->predecessor != 0)
    return g_steal_pointer (&step);
  if (e->state == MC_ENROLLMENT_FAILED)
    command = g_strdup_printf (_ ("To ask again: mailcert get %s"), words);
  else if (mc_enrollment_is_open (e) && trouble != NULL && mc_problem_is (trouble, "mailcert:bounced")) {
    g_autofree char *address = mc_text_sanitize (mc_enrollment_address (e, 0)->address, 320);
    g_autofree char *ca = typed_ca (config, e);

    /* Translators: command lines; the text around them may change, the commands may not. */
    command = g_strdup_printf (_ ("To give it up: mailcert forget --ca %s %s; to ask again: mailcert get --ca %s %s"),
                               ca, address, ca, words);
  }
  return command != NULL ? g_strdup_printf ("%s %s", step, command) : g_steal_pointer (&step);
}

char *
mc_cli_sentence (const McConfig *config, const McEnrollment *e, gint64 now, char **next)
{
  g_autofree char *step = NULL;
  char *sentence = mc_text_enrollment (e, now, &step);
  char *command = next_command (config, e, now);

  *next = command != NULL ? command : with_command (config, e, g_steal_pointer (&step));
  return sentence;
}
