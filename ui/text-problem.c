/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "text-parts.h"

#include <string.h>

/* The step that fits a problem type of the CA (RFC 8555 6.7, RFC 9773, the profiles draft). */
static const struct {
  const char *type;
  const char *next;
} steps[] = {
    {"accountDoesNotExist", N_ ("Ask for the certificate again: a new account is opened at the CA.")},
    {"alreadyReplaced",
     N_ ("Another order has renewed this certificate already; look at what there is before you ask again.")},
    {"alreadyRevoked", N_ ("There is nothing to do: this certificate is revoked already.")},
    {"badCSR", N_ ("Ask again with another kind of key or usage: this CA may not offer the one that was asked for.")},
    {"badNonce", N_ ("Try again in a few minutes.")},
    {"badPublicKey", N_ ("Ask again with another kind of key; rsa3072 is the one that most CAs take.")},
    {"badRevocationReason", N_ ("Give another reason, or none.")},
    {"badSignatureAlgorithm",
     N_ ("This CA wants a kind of account key that mailcert does not make; please report it.")},
    {"caa", N_ ("The domain of this address names the CAs that may serve it, and this one is not among them. Choose "
                "another CA, or ask "
                "whoever runs the domain.")},
    {"compound", N_ ("Each address has its own reason; ask again without the ones that cannot have a certificate.")},
    {"connection", N_ ("The CA could not reach the mail server of this address. Check that mail from outside arrives, "
                       "then ask again.")},
    {"dns",
     N_ ("The CA could not look up the domain of this address. Check its spelling; if it is right, ask again later.")},
    {"externalAccountRequired", N_ ("Open an account on the CA's website first. It gives you a key ID and an HMAC key: "
                                    "put both into a file and name "
                                    "it as the EAB file.")},
    {"http", N_ ("The trouble is on the CA's side or on the way to it. Try again later; if it stays so, check the CA's "
                 "address in the configuration.")},
    {"incorrectResponse",
     N_ ("Ask again. If it happens again, ask your mail provider whether it signs your outgoing mail (DKIM) for the "
         "domain of your address and leaves its text alone; or this CA joins its tokens in another way: see "
         "token-join in mailcert.conf(5).")},
    {"invalidContact", N_ ("mailcert gives no contact address; please report that this CA wants one.")},
    {"invalidProfile", N_ ("Ask again without a profile, or with one that the CA offers.")},
    {"malformed", N_ ("The CA did not understand the request; please report it, with the CA's name and words.")},
    {"orderNotReady", N_ ("Try again in a few minutes.")},
    {"rejectedIdentifier",
     N_ ("This CA gives no certificate for this address. Check its spelling, or choose another CA.")},
    {"serverInternal", N_ ("The trouble is on the CA's side. Try again later.")},
    {"tls", N_ ("The CA found no trusted connection to the mail server of this address. Ask your mail provider, then "
                "try again.")},
    {"unauthorized", N_ ("Ask again. If it happens again, ask your mail provider whether it signs your outgoing mail "
                         "(DKIM) for the domain of your "
                         "address.")},
    {"unsupportedContact", N_ ("mailcert gives no contact address; please report that this CA wants one.")},
    {"unsupportedIdentifier", N_ ("This CA gives no certificates for mail addresses of this kind. Choose another CA.")},
};

/* Troubles of our own: a sentence, what its %s stand for, and the next step. */
typedef enum {
  FILL_CA,
  FILL_WORDS, /* what happened */
  FILL_BOTH   /* the CA first */
} McFill;

static const struct {
  const char *type;
  McFill fill;
  const char *sentence;
  const char *next;
} troubles[] = {
    {"mailcert:login", FILL_WORDS, N_ ("Your mail provider did not accept the login: %s."),
     N_ ("Check user and password-command (or oauth-command) of this account in the configuration, then try again.")},
    {"mailcert:tls", FILL_WORDS, N_ ("The other side could not prove who it is, so nothing was sent to it: %s."),
     N_ ("Check the server's name. Where it has a root of its own, name that as ca-file (for a CA) or tls-ca-file (for "
         "mail) in the configuration.")},
    {"mailcert:config", FILL_WORDS, N_ ("The configuration needs a correction: %s."),
     N_ ("Correct it and try again; mailcert.conf(5) explains each key.")},
    {"mailcert:keyring", FILL_WORDS, N_ ("The certificate could not be put into its keyring: %s."),
     N_ ("The certificate is safe in mailcert's own records. Install it again when the keyring is in order.")},
    {"mailcert:passphrase", FILL_WORDS, N_ ("The passphrase of your key is needed: %s."),
     N_ ("Go on where you can type it; the request stays open until then.")},
    /* Translators: first the CA, then the reason. */
    {"mailcert:network", FILL_BOTH, N_ ("%s could not be reached: %s."),
     N_ ("It is tried again later. If it stays so, check the network, and the CA's address in the configuration.")},
    {"mailcert:mail", FILL_WORDS, N_ ("Your mail provider or the CA's refused the reply: %s."),
     N_ ("Send through the provider of this address: set smtp or sendmail of its account in the configuration.")},
    {"mailcert:bounced", FILL_WORDS, N_ ("Your mail provider or the CA's refused the reply: %s."),
     N_ ("Send through the provider of this address: set smtp or sendmail of its account in the configuration. Then "
         "ask "
         "again.")},
    {"mailcert:store", FILL_WORDS, N_ ("mailcert could not write its records: %s."),
     N_ ("Look at the free space and the permissions of mailcert's folder, then try again.")},
    /* Translators: first the CA, then the address of a web page. */
    {"mailcert:terms", FILL_BOTH, N_ ("%s gives certificates only to those who agree to its terms: %s"),
     N_ ("Read them, and if you agree, ask again and say so.")},
    {"mailcert:eab", FILL_CA, N_ ("%s gives certificates only to those who have an account on its website."),
     N_ ("Open an account on the CA's website first. It gives you a key ID and an HMAC key: put both into a file and "
         "name it as the EAB file.")},
    /* Translators: first the CA, then a mail address. */
    {"mailcert:no-email-reply", FILL_BOTH,
     N_ ("%s does not check addresses by mail, so mailcert cannot get a certificate for %s there."),
     N_ ("Choose another CA.")},
    {"mailcert:not-a-directory", FILL_BOTH, N_ ("What answers at the address of %s is not an ACME directory: %s."),
     N_ ("Check the address of the CA's directory.")},
    {"mailcert:deadline", FILL_CA, N_ ("The time that %s gave for this request has run out."),
     N_ ("Ask again; nothing of the old request is left over.")},
    {"mailcert:malformed", FILL_BOTH, N_ ("%s answered in a way that mailcert does not understand: %s."),
     N_ ("Try again later; if it stays so, please report it with the CA's name.")},
    {"mailcert:attempts", FILL_BOTH, N_ ("Several requests to %s came to nothing: %s."),
     N_ ("Ask again later, or choose another CA.")},
    {"mailcert:challenge-invalid", FILL_BOTH, N_ ("%s did not accept the reply: %s."),
     N_ ("Ask again. If it happens again, ask your mail provider whether it signs your outgoing mail (DKIM) for the "
         "domain of your address.")},
    {"mailcert:no-transport", FILL_CA, N_ ("The reply to %s is ready, but there is no way to send it."),
     N_ ("Name a way to send mail from this address: smtp or sendmail of its account in the configuration.")},
    /* Translators: first the CA, then what is wrong. */
    {"mailcert:chain", FILL_BOTH, N_ ("What %s issued is not what was asked for, so it is not used: %s."),
     N_ ("Please tell the CA; the certificate is of no use.")},
    /* Translators: first the CA, then "the certificate is not for signing" or the like. */
    {"mailcert:usage", FILL_BOTH,
     N_ ("%s decides itself what its certificates are for, and this one is not for what was asked, so "
         "it is not used: %s."),
     N_ ("Ask again with another usage, or with a profile of this CA that is for it.")},
    {"mailcert:profile", FILL_BOTH, N_ ("%s does not offer the profile that was asked for. It offers: %s."),
     N_ ("Ask again without a profile, or with one that the CA offers.")},
    /* Translators: first the CA, then what is not valid yet. */
    {"mailcert:clock", FILL_BOTH, N_ ("What %s issued cannot be used yet by this computer's clock: %s."),
     N_ ("Set the clock of this computer right; then it goes on by itself.")},
    {"mailcert:key", FILL_WORDS, N_ ("The key for the certificate cannot be used: %s."),
     N_ ("Ask again, with another kind of key if one was chosen.")},
    {"mailcert:account-key", FILL_CA,
     N_ ("The key for the certificate is the key of your account at %s or at another CA, which must never be in a "
         "certificate."),
     N_ ("Ask again: another key is made. Please report it, for mailcert never makes one key for both.")},
    {"mailcert:untrusted", FILL_CA,
     N_ ("Your computer does not know %s yet. Without that, signatures show as invalid to you; "
         "others must trust it too."),
     N_ ("Compare the fingerprint of its root with the one that the CA publishes, then trust this root.")},
    {"mailcert:answered", FILL_CA, N_ ("The mail from %s was answered for another request already."),
     N_ ("Ask again; a new mail comes then.")},
    {"mailcert:forgotten", FILL_CA, N_ ("The request to %s was given up."),
     N_ ("Ask again if you want a certificate after all.")},
    {"mailcert:no-account", FILL_CA, N_ ("There is no account at %s here."),
     N_ ("One is opened with the first certificate that is asked for there.")},
    {"mailcert:account-closed", FILL_CA, N_ ("The account at %s is closed: nothing more can be done with it."),
     N_ ("Ask for a certificate again: a new account is opened. Certificates that you have stay good.")},
    /* Translators: CA, then an address. */
    {"mailcert:challenge-open", FILL_BOTH,
     N_ ("%s waits for an answer about %s that only the present key of the account can give."),
     N_ ("Let that request come to its end, or give it up; then try again.")},
    {"mailcert:no-key-change", FILL_CA, N_ ("%s has no way to change the key of an account."),
     N_ ("If the key is in danger, ask the CA; a new account has a new key.")},
    {"mailcert:no-revocation", FILL_CA, N_ ("%s has no way to revoke a certificate."), N_ ("Ask the CA to revoke it.")},
    {"mailcert:no-signer", FILL_CA,
     N_ ("Neither the account at %s nor the certificate's own key is at hand to sign for it."),
     N_ ("Type the passphrase of the key, or ask the CA to revoke it.")},
    {"mailcert:order-invalid", FILL_BOTH, N_ ("%s closed the request: %s."),
     N_ ("Ask again; if it happens again, ask the CA.")},
};

static char *
say_trouble (const char *ca, const McProblem *problem, const char *words, char **next)
{
  for (gsize i = 0; i < G_N_ELEMENTS (troubles); i++) {
    if (strcmp (problem->type, troubles[i].type) == 0) {
      const char *values[] = {troubles[i].fill == FILL_WORDS ? words : ca, words, NULL};

      mc_text_set_next (next, _ (troubles[i].next));
      return mc_text_end (mc_text_fill (_ (troubles[i].sentence), values));
    }
  }
  mc_text_set_next (next, _ ("Try again later; if it stays so, please report it with the CA's name."));
  return mc_text_end (g_strdup_printf (_ ("The request to %s came to nothing: %s."), ca, words));
}

/* What the CA itself asks for comes before what its problem type suggests. */
static char *
step_for_type (const McProblem *problem)
{
  if (strcmp (problem->type, "rateLimited") == 0 || problem->retry_at > 0) {
    g_autoptr (GDateTime) then = problem->retry_at > 0 ? g_date_time_new_from_unix_local (problem->retry_at) : NULL;
    /* Translators: a time, strftime format; it stands in "asks you to wait until 27 Nov 2027 14:02". */
    g_autofree char *when = then != NULL ? g_date_time_format (then, _ ("%-d %b %Y %H:%M")) : NULL;

    if (when == NULL)
      return g_strdup (_ ("This CA has had enough requests for now. Wait some hours, then ask again."));
    return g_strdup_printf (_ ("The CA asks you to wait until %s."), when);
  }
  if (strcmp (problem->type, "userActionRequired") == 0) {
    g_autofree char *page = problem->instance != NULL ? mc_text_words (problem->instance) : NULL;

    if (page == NULL)
      return g_strdup (_ ("Log in on the CA's website and do what it asks for, then try again."));
    return g_strdup_printf (_ ("Open %s in a browser, do what it asks for, then try again."), page);
  }
  for (gsize i = 0; i < G_N_ELEMENTS (steps); i++)
    if (strcmp (problem->type, steps[i].type) == 0)
      return g_strdup (_ (steps[i].next));
  return g_strdup (_ ("Try again later; if it stays so, ask the CA."));
}

char *
mc_text_problem (const char *ca, const McProblem *problem, char **next)
{
  g_autofree char *name = ca != NULL && *ca != '\0' ? mc_text_words (ca) : g_strdup (_ ("The CA"));
  g_autofree char *sentence = mc_problem_sentence (problem);
  const gboolean ours = g_str_has_prefix (problem->type, "mailcert:");
  g_autofree char *words = ours ? mc_text_reason (sentence) : mc_text_words (sentence);

  if (ours)
    return say_trouble (name, problem, words, next);
  mc_text_take_next (next, step_for_type (problem));
  /* Translators: first the CA, then its own words. */
  return mc_text_end (g_strdup_printf (_ ("%s refused: %s."), name, words));
}
