/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "text-parts.h"

#include <string.h>

/* Core says why in English clauses, and knows nothing of languages. Those that people meet stand here as core has them
 * (a test looks them up there), each of its numbers and words as %s; what stood there goes into the translation, itself
 * translated where it is such a clause. What is not here, and whatever a server said, stays as it is.
 *
 * Translators: these follow a colon in the middle of a sentence, as in "SMTP server mx.example: it printed nothing." */
static const char *const clauses[] = {
    /* what goes before another clause */
    N_ ("SMTP server %s: %s"),
    N_ ("IMAP server %s: %s"),
    N_ ("TLS with %s: %s"),
    N_ ("sending the mail: %s"),
    N_ ("the mail was sent, but no answer came: %s"),
    N_ ("password-command: %s"),
    N_ ("oauth-command: %s"),
    N_ ("sendmail: %s"),
    N_ ("certificate chain: %s"),
    N_ ("no ACME directory: %s"),
    N_ ("no ACME order: %s"),
    N_ ("no ACME account: %s"),
    N_ ("no ACME authorization: %s"),
    /* networks and mail servers */
    N_ ("%s did not answer in time"),
    N_ ("%s closed the connection"),
    N_ ("%s does not speak SMTP"),
    N_ ("cancelled"),
    N_ ("the server says: %s"),
    N_ ("the server says good-bye: %s"),
    N_ ("the server turns us away: %s"),
    N_ ("the server does not offer STARTTLS; nothing was sent"),
    N_ ("the server refuses STARTTLS; nothing was sent"),
    N_ ("the server does not offer %s"),
    N_ ("the server has none of the folders in folders="),
    N_ ("the server cannot carry addresses or headers beyond ASCII"),
    N_ ("neither password-command nor oauth-command is configured"),
    N_ ("the roots in %s cannot be read"),
    /* programs */
    N_ ("it printed nothing"),
    N_ ("it printed too much"),
    N_ ("it is no file"),
    N_ ("it is too large"),
    N_ ("it ended with status %s"),
    N_ ("it was ended by signal %s"),
    N_ ("it did not end within %s seconds"),
    N_ ("it did not read the whole mail"),
    N_ ("%s did not end within %s seconds"),
    N_ ("cannot run %s: %s"),
    N_ ("there is no program \"%s\""),
    /* what a CA answered */
    N_ ("not a JSON object"),
    N_ ("the CA gave no nonce"),
    N_ ("the CA took the new key and does not know it"),
    N_ ("the CA says that the account is still open"),
    N_ ("a web page"),
    N_ ("no usable Location"),
    N_ ("the account's key is not in the store any more"),
    N_ ("the order is for other addresses than were asked for"),
    N_ ("the authorization is for an address that was not asked for"),
    N_ ("nobody knows whether the reply or its notice reached the CA"),
    N_ ("none"),
    N_ ("challenge invalid"),
    N_ ("authorization invalid"),
    N_ ("order invalid"),
    /* certificates */
    N_ ("the certificate names no address"),
    N_ ("the certificate names an address that was not asked for"),
    N_ ("the certificate lacks an address that was asked for"),
    N_ ("the certificate is not for mail (emailProtection)"),
    N_ ("the certificate is not for signing"),
    N_ ("the certificate is not for encryption with its kind of key"),
    N_ ("the certificate is not valid yet"),
    N_ ("an issuer's certificate is not valid yet"),
    N_ ("the certificate has expired"),
    N_ ("an issuer's certificate has expired"),
    N_ ("an issuer's certificate is not that of a CA"),
    N_ ("the certificate has an extension that cannot be read"),
    N_ ("the certificate is that of a CA, not of a person"),
    N_ ("the certificate is for another key"),
    N_ ("no certificate in it"),
    /* keys and keyrings */
    N_ ("the key is protected: its passphrase is needed"),
    N_ ("wrong passphrase for the key"),
    N_ ("%s is there already and is another key, or has another passphrase; nothing was changed"),
    N_ ("anybody may write to %s: chmod 700 it"),
    N_ ("gpgsm is not installed"),
    N_ ("gpgsm%s takes RSA keys only: get a certificate with --key rsa3072, or keep this one elsewhere"),
    N_ ("gpgsm has the certificate, but does not trust the root \"%s\" (SHA-256 %s) yet"),
    N_ ("gpgsm has the certificate, but does not trust the root of \"%s\", which is not known here"),
    N_ ("gpgsm has the certificate, but checks the CA's revocation list (%s) before it uses it, and %s. Try again when "
        "it "
        "can be reached, or write disable-crl-checks into %s/gpgsm.conf"),
    N_ ("gpgsm has the certificate, but %s"),
    N_ ("NSS cannot read mail that is encrypted to a key of an elliptic curve: get a certificate with --key rsa3072, "
        "or "
        "one with --usage sign"),
    N_ ("NSS has the certificate, but does not trust the root \"%s\" (SHA-256 %s) yet"),
    N_ ("NSS has the certificate, but does not trust the root of \"%s\", which is not known here"),
    N_ ("%s is not installed: install it (package %s), or name another keyring, as in files:/home/me/certificates"),
    N_ ("keyring \"%s\" is not known: there are gpgsm, smime-keys, nss:DIR and files:DIR"),
    N_ ("keyring \"%s\": %s takes no folder"),
    N_ ("keyring \"%s\": a folder is needed, as in %s:/home/me/certificates"),
    N_ ("%s has no NSS database (cert9.db): name the profile folder of the mail program, and start that program once "
        "if it "
        "is new"),
    /* the configuration, and mailcert's own folder */
    N_ ("no CA is called \"%s\"; did you mean \"%s\"?"),
    N_ ("the fingerprint of the root of this certificate (%s) is not the one that you gave"),
    N_ ("no CA is called \"%s\"; give the https:// URL of its directory"),
    N_ ("no CA is chosen: name one with --ca, or write default-ca = NAME below [mailcert] in %s"),
    N_ ("the address of a CA begins with https:// and a host, without a user name"),
    N_ ("%s: anybody may write to it: chmod 600 it"),
    N_ ("%s: it belongs to somebody else"),
    N_ ("the account binding cannot be read: %s"),
    N_ ("%s is no account binding"),
    N_ ("mail from this address was seen without a DKIM signature"),
    N_ ("mail from this address was seen with a DKIM signature of another domain"),
    N_ ("there is no certificate for %s"),
    N_ ("another mailcert is working on it right now"),
    N_ ("the key of the certificate for %s is nowhere else: export or install it first"),
    N_ ("%s was written by a newer mailcert; this one cannot use it"),
    N_ ("%s: it is not a database of mailcert"),
    N_ ("%s is on a network's disk, where a database cannot be shared safely: name a folder of this computer with "
        "--data-dir or XDG_DATA_HOME"),
    N_ ("others may write to %s: chmod 700 it"),
    N_ ("%s belongs to another user"),
};

#define DEPTH_MAX 4 /* clauses in clauses: "SMTP server ...: TLS with ...: cancelled" has two */
#define PARTS_MAX 3 /* of one clause */

const char *const *
mc_text_clauses (gsize *count)
{
  *count = G_N_ELEMENTS (clauses);
  return clauses;
}

typedef struct {
  const char *start;
  gsize length;
} Part;

/* Does TEXT read as PATTERN? PARTS gets what stands for each %s. */
static gboolean
reads_as (const char *pattern, const char *text, Part *parts, guint n)
{
  const char *gap = strstr (pattern, "%s");
  gsize before = gap != NULL ? (gsize)(gap - pattern) : strlen (pattern);

  if (strncmp (pattern, text, before) != 0)
    return FALSE;
  text += before;
  if (gap == NULL)
    return *text == '\0';
  if (n == PARTS_MAX)
    return FALSE;
  for (const char *end = text;; end++) {
    parts[n] = (Part){text, (gsize)(end - text)};
    if (reads_as (gap + 2, end, parts, n + 1))
      return TRUE;
    if (*end == '\0')
      return FALSE;
  }
}

char *
mc_text_fill (const char *translation, const char *const *values)
{
  GString *out = g_string_new (NULL);
  const guint count = g_strv_length ((char **)values);
  guint next = 0;

  for (const char *p = translation; *p != '\0'; p++) {
    const gboolean numbered = p[0] == '%' && p[1] >= '1' && p[1] <= '0' + PARTS_MAX && p[2] == '$' && p[3] == 's';
    guint which = numbered ? (guint)(p[1] - '1') : next;

    if (!numbered && !(p[0] == '%' && p[1] == 's')) {
      g_string_append_c (out, *p);
      continue;
    }
    if (which < count)
      g_string_append (out, values[which]);
    next += numbered ? 0 : 1;
    p += numbered ? 3 : 1;
  }
  return g_string_free (out, FALSE);
}

static char *
translate (const char *text, guint depth)
{
  for (gsize i = 0; depth < DEPTH_MAX && i < G_N_ELEMENTS (clauses); i++) {
    Part parts[PARTS_MAX] = {{NULL, 0}};
    g_auto (GStrv) values = g_new0 (char *, PARTS_MAX + 1);

    if (!reads_as (clauses[i], text, parts, 0))
      continue;
    for (guint n = 0; n < PARTS_MAX && parts[n].start != NULL; n++) {
      g_autofree char *part = g_strndup (parts[n].start, parts[n].length);

      values[n] = translate (part, depth + 1);
    }
    return mc_text_fill (_ (clauses[i]), (const char *const *)values);
  }
  return g_strdup (text);
}

char *
mc_text_reason (const char *words)
{
  g_autofree char *clean = mc_text_words (words);
  g_autofree char *translated = translate (clean, 0);

  return mc_text_words (translated);
}
