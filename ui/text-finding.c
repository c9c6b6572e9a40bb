/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "text-finding.h"

#include "text-parts.h"

#include <string.h>

/* One row for each thing that a check can find; those of check "*" are for all of them. %s is what may be shown of it:
 * a version, a number, a CA's name. */
typedef struct {
  const char *check;
  const char *reason;
  const char *sentence;
  const char *next;
} Row;

static const Row rows[] = {
    {"*", "no-address", N_ ("This is about one address."), N_ ("Name it: mailcert doctor ADDRESS")},
    {"*", "no-config", N_ ("This stands in the configuration, which cannot be read."), NULL},
    {"*", "no-imap", N_ ("The configuration does not say how the mail of this address is fetched (imap)."), NULL},
    {"*", "no-ca", N_ ("No CA is chosen."), N_ ("\"mailcert ca\" lists those that are known; name one as default-ca.")},
    {"*", "no-certificate", N_ ("There is no certificate for this address yet."), NULL},
    {"*", "no-answer", N_ ("The server did not answer, so this could not be seen."), NULL},
    {"*", "dns", N_ ("The DNS does not answer, so this could not be seen."),
     N_ ("Check the network, and resolver in the configuration; then try again.")},
    {"*", "bogus", N_ ("The DNS answer fails its signature check (DNSSEC), so nothing is known."),
     N_ ("Check dnssec-anchor in the configuration, or tell whoever runs the domain.")},

    {"config", "fine", N_ ("The configuration is in order."), NULL},
    {"config", "none", N_ ("There is no configuration; everything is at its defaults."), NULL},
    {"config", "mistake", N_ ("The configuration has a mistake, so nothing that is written there counts: %s"),
     N_ ("Correct this line; mailcert.conf(5) explains each key.")},
    {"store", "fine", N_ ("mailcert's records can be read and are whole."), NULL},
    {"store", "empty", N_ ("There are no records yet."), NULL},
    {"store", "broken", N_ ("mailcert's records cannot be read, so no certificate can be asked for."),
     N_ ("See why with --full; a damaged database is best replaced from a backup.")},
    {"user", "fine", N_ ("mailcert runs as you."), NULL},
    {"user", "root",
     N_ ("mailcert runs as root, so keys and records will be root's and not those of who reads the mail."),
     N_ ("Run it as the user whose mail it is.")},
    {"hook", "usual", N_ ("What a mail filter starts finds mailcert's records."), NULL},
    {"hook", "noted", N_ ("What a mail filter starts finds mailcert's records by a note that \"mailcert get\" left."),
     NULL},
    {"hook", "unknown-place",
     N_ ("A mail filter does not know where these records are, as they are not where it looks."),
     N_ ("Ask for the certificate once with \"mailcert get\": it leaves a note for mail filters.")},
    {"hook", "elsewhere", N_ ("A mail filter works with other records than these."),
     N_ ("Run \"mailcert get\" with the configuration and folder that mail filters are to use.")},
    {"hook", "unreadable", N_ ("The note that tells mail filters where the records are cannot be read."),
     N_ ("Remove ~/.local/share/mailcert/here; \"mailcert get\" writes it again.")},
    {"timer", "systemd", N_ ("A systemd timer renews certificates in time."), NULL},
    {"timer", "cron", N_ ("Your crontab renews certificates in time."), NULL},
    {"timer", "none", N_ ("Nothing renews certificates by itself while no mail program with mailcert runs."),
     N_ ("systemctl --user enable --now mailcert-renew.timer")},

    {"account", "fine", N_ ("mailcert can fetch and send the mail of this address by itself."), NULL},
    {"account", "none", N_ ("Nothing is known of this address's mail account, so its mail program must help."),
     N_ ("Describe it as [account ADDRESS] in the configuration, or let mail be handed to \"mailcert hook\".")},
    {"account", "no-imap", N_ ("mailcert cannot fetch the mail of this address by itself."),
     N_ ("Add imap to the account in the configuration, or let mail be handed to \"mailcert hook\".")},
    {"account", "no-sending", N_ ("mailcert cannot send mail from this address, so it cannot answer the CA by itself."),
     N_ ("Add smtp or sendmail to the account in the configuration.")},
    {"imap", "fine", N_ ("The mail server can be reached, proves who it is, and takes the login."), NULL},
    {"imap", "tls", N_ ("The mail server could not prove who it is, so nothing was sent to it."),
     N_ ("Check its name in imap; where it has a root of its own, name that as tls-ca-file.")},
    {"imap", "login", N_ ("The mail server does not take the login, so the CA's mail could not be read."),
     N_ ("Check user and password-command (or oauth-command) of the account.")},
    {"imap", "config", N_ ("What is configured for the mail server cannot be used."),
     N_ ("See why with --full, and correct imap or tls-ca-file of the account.")},
    {"imap", "unreachable", N_ ("The mail server cannot be reached, so the CA's mail could not be read."),
     N_ ("Check imap of the account, and the network.")},
    {"idle", "fine", N_ ("The mail server tells of new mail at once (IDLE)."), NULL},
    {"idle", "none", N_ ("The mail server does not tell of new mail (IDLE); it is asked every 20 seconds instead."),
     NULL},
    {"sending", "fine", N_ ("The sending server can be reached, proves who it is, and takes the login."), NULL},
    {"sending", "sendmail", N_ ("The program that sends mail is there."), NULL},
    {"sending", "by-client", N_ ("The reply to the CA is sent by your mail program."), NULL},
    {"sending", "no-sendmail", N_ ("The program that is to send the reply does not exist."),
     N_ ("Correct sendmail of the account.")},
    {"sending", "tls", N_ ("The sending server could not prove who it is, so nothing was sent to it."),
     N_ ("Check its name in smtp; where it has a root of its own, name that as tls-ca-file.")},
    {"sending", "login", N_ ("The sending server does not take the login, so the CA could not be answered."),
     N_ ("Check user, smtp-user and password-command (or oauth-command) of the account.")},
    {"sending", "config", N_ ("What is configured for the sending server cannot be used."),
     N_ ("See why with --full, and correct smtp or tls-ca-file of the account.")},
    {"sending", "unreachable", N_ ("The sending server cannot be reached, so the CA could not be answered."),
     N_ ("Check smtp of the account, and the network.")},

    {"dkim", "signed", N_ ("Your provider signs your mail (DKIM) for the domain of your address, as CAs want it."),
     NULL},
    {"dkim", "thin",
     N_ ("Your provider signs your mail (DKIM) for the domain of your address. A few CAs want it to protect "
         "fields that are absent, too (%s for one)."),
     NULL},
    {"dkim", "unproven",
     N_ ("Your mail bears a DKIM signature for the domain of your address, but that could not be proven "
         "from what was delivered."),
     N_ ("Send one mail to yourself to be sure: mailcert doctor ADDRESS --send-mail")},
    {"dkim", "key",
     N_ ("Your mail is signed (DKIM), but no usable key for it is published, so the CA would not take the "
         "reply."),
     N_ ("Ask whoever runs the domain to publish the DKIM key.")},
    {"dkim", "fields",
     N_ ("Your mail is signed (DKIM), but the signature leaves out %s, so the CA would not take the reply."),
     N_ ("Ask your mail provider to sign this field, too.")},
    {"dkim", "weak", N_ ("Your mail is signed (DKIM) in a way that is too weak, so the CA would not take the reply."),
     N_ ("Ask your mail provider for rsa-sha256 with a key of 2048 bits, over the whole mail.")},
    {"dkim", "other-domain",
     N_ ("Your provider signs your mail (DKIM) for another domain than that of your address, so the "
         "CA would not take the reply."),
     N_ ("Ask your mail provider to set up DKIM for the domain of your address.")},
    {"dkim", "unsigned", N_ ("Your mail is not signed (DKIM), so the CA would not take the reply."),
     N_ ("Ask your mail provider to turn on DKIM for the domain of your address.")},
    {"dkim", "no-mail", N_ ("No mail of yours was found that would show whether your provider signs it (DKIM)."),
     N_ ("Send one to yourself: mailcert doctor ADDRESS --send-mail")},
    {"dkim", "no-mail-no-sending",
     N_ ("No mail of yours was found that would show whether your provider signs it (DKIM)."),
     N_ ("Send one to yourself with your mail program, then look again.")},
    {"dkim", "filed",
     N_ ("Your provider files mail to yourself without sending it, so it does not show whether it signs "
         "(DKIM) what leaves."),
     N_ ("Ask your mail provider whether it signs outgoing mail (DKIM) for the domain of your address.")},
    {"dkim", "not-sent", N_ ("The mail to yourself could not be sent, and neither could the reply to the CA."),
     N_ ("See why with --full, and correct the account.")},
    {"dkim", "not-delivered", N_ ("The mail to yourself was sent and did not arrive within two minutes."),
     N_ ("See whether it comes later, and whether folders of the account names where your mail goes.")},
    {"dkim", "tls", N_ ("The mail server could not prove who it is, so nothing was sent to it."),
     N_ ("Check its name in imap; where it has a root of its own, name that as tls-ca-file.")},
    {"dkim", "login", N_ ("The mail server does not take the login any more."),
     N_ ("Check user and password-command (or oauth-command) of the account.")},
    {"dkim", "config", N_ ("What is configured for the mail server cannot be used."),
     N_ ("See why with --full, and correct the account.")},
    {"dkim", "unreachable", N_ ("The mail server went away while the mail to yourself was waited for."),
     N_ ("Try again.")},
    {"list", "fine", N_ ("Nothing says that this address is a mailing list or shared."), NULL},
    {"list", "list",
     N_ ("Mail to this address comes through a mailing list: everybody who reads it could get a "
         "certificate for it."),
     N_ ("Get certificates for the addresses of persons.")},
    {"list", "role",
     N_ ("This address looks like one that several people read: each of them could get a certificate for "
         "it."),
     N_ ("Make sure that you alone read it, or use an address of your own.")},

    {"mx", "fine", N_ ("The domain of the address takes mail."), NULL},
    {"mx", "host", N_ ("The domain of the address has no mail servers (MX); some CAs do not write to such addresses."),
     N_ ("Ask whoever runs the domain to publish an MX record.")},
    {"mx", "none",
     N_ ("The domain of the address has neither mail servers (MX) nor a host, so the CA cannot write to it."),
     N_ ("Check the spelling of the address, or ask whoever runs the domain.")},
    {"mx", "null", N_ ("The domain of the address says that it takes no mail, so the CA will not write to it."),
     N_ ("Use an address of a domain that takes mail, or ask whoever runs this one.")},
    {"mx", "garbled", N_ ("The mail servers (MX) of the domain cannot be read from the DNS."),
     N_ ("Tell whoever runs the domain.")},
    {"caa", "open", N_ ("The domain lets every CA issue certificates for mail (CAA)."), NULL},
    {"caa", "named", N_ ("The domain lets this CA issue certificates for mail (CAA: %s)."), NULL},
    {"caa", "others",
     N_ ("The domain lets only other CAs issue certificates for mail (CAA issuemail), so this one (%s) must "
         "refuse."),
     N_ ("Ask whoever runs the domain to allow it, or choose a CA that is allowed.")},
    {"caa", "nobody",
     N_ ("The domain lets no CA issue certificates for mail (CAA issuemail), so every CA must refuse."),
     N_ ("Ask whoever runs the domain to allow a CA there.")},
    {"caa", "critical",
     N_ ("The domain has a CAA record that no CA understands and that is marked critical, so every CA must "
         "refuse."),
     N_ ("Ask whoever runs the domain to correct it.")},
    {"caa", "nameless",
     N_ ("The domain lets only some CAs issue certificates for mail (CAA issuemail); whether this one is "
         "among them is not known."),
     N_ ("Compare the CAA record with the names that the CA tells on its website.")},
    {"dmarc", "fine", N_ ("The domain tells what becomes of mail that is not signed (DMARC: %s)."), NULL},
    {"dmarc", "none",
     N_ ("The domain does not tell what becomes of mail that is not signed (DMARC); no CA has to mind."), NULL},
    {"dmarc", "garbled", N_ ("The DMARC record of the domain cannot be read; no CA has to mind."), NULL},
    {"spf", "fine", N_ ("The domain tells which servers send its mail (SPF)."), NULL},
    {"spf", "none",
     N_ ("The domain does not tell which servers send its mail (SPF), or tells it twice; the CA's mail server "
         "may mind."),
     NULL},
    {"mta-sts", "fine", N_ ("Mail to the domain is to be sent under verified TLS (MTA-STS)."), NULL},
    {"mta-sts", "none", N_ ("The domain does not ask for verified TLS for its mail (MTA-STS), as most do not."), NULL},

    {"ca", "fine", N_ ("%s can be reached and speaks ACME."), NULL},
    {"ca", "tls", N_ ("%s could not prove who it is, so nothing was sent to it."),
     N_ ("Check the address in directory; where the CA has a root of its own, name that as ca-file.")},
    {"ca", "config", N_ ("What is configured for %s cannot be used."),
     N_ ("See why with --full, and correct directory or ca-file of the CA.")},
    {"ca", "login", N_ ("%s does not answer as a CA does."), N_ ("Check the address in directory.")},
    {"ca", "unreachable", N_ ("%s cannot be reached."), N_ ("Check the network, and try again later.")},
    {"ca", "no-directory", N_ ("What answers for %s is no ACME directory."), N_ ("Check the address in directory.")},
    {"clock", "fine", N_ ("The clock of this computer agrees with the CA's."), NULL},
    {"clock", "ahead",
     N_ ("The clock of this computer is %s minutes ahead of the CA's, so the CA's mail would be taken for "
         "an old one."),
     N_ ("Set the clock, best by the network (NTP).")},
    {"clock", "behind",
     N_ ("The clock of this computer is %s minutes behind the CA's, so new certificates would not be valid "
         "yet."),
     N_ ("Set the clock, best by the network (NTP).")},
    {"clock", "no-time", N_ ("The CA did not say what time it is."), NULL},
    {"eab", "open", N_ ("You have an account at %s."), NULL},
    {"eab", "there", N_ ("The key for an account at %s is there."), NULL},
    {"eab", "not-needed", N_ ("%s opens an account for whoever asks."), NULL},
    {"eab", "needed", N_ ("%s opens accounts only for those who are registered on its website."),
     N_ ("Get a key ID and an HMAC key there, and name their file with --eab or eab-file.")},
    {"eab", "unreadable", N_ ("The file with the key that %s gave you cannot be read."),
     N_ ("See why with --full, and correct eab-file of the CA.")},
    {"mail-roots", "fine", N_ ("The roots that may vouch for mail of %s can be read."), NULL},
    {"mail-roots", "unset",
     N_ ("Mail of %s must be signed with DKIM; no root is named that could vouch for it otherwise."), NULL},
    {"nss-root", "mail",
     N_ ("The root of %s is among the roots that come with NSS on this computer, and trusted for mail there."), NULL},
    {"nss-root", "other",
     N_ ("The root of %s is among the roots that come with NSS on this computer, but not trusted for mail there: "
         "Thunderbird "
         "and others that use them show your signatures as untrusted."),
     N_ ("Who is to trust them must trust that root for mail first.")},
    {"nss-root", "absent",
     N_ ("The root of %s is not among the roots that come with NSS on this computer: Thunderbird and others that use "
         "them "
         "show your signatures as untrusted."),
     N_ ("Who is to trust them must add that root first.")},
    {"nss-root", "no-store",
     N_ ("NSS is not on this computer, so it cannot be seen whether Thunderbird and others trust the root of %s."),
     NULL},
    {"nss-root", "no-root",
     N_ ("The root of %s is not known here yet, so it cannot be seen whether mail programs trust it."), NULL},
    {"mail-roots", "unreadable",
     N_ ("The roots that may vouch for mail of %s cannot be read, so it is not asked for anything."),
     N_ ("Correct mail-roots of the CA.")},

    {"keyring", "fine", N_ ("The place where certificates go takes such a key (%s)."), NULL},
    {"keyring", "files",
     N_ ("There is no keyring that mail programs use, so certificates (%s) would be written into files."),
     N_ ("Install gpgsm, or name a keyring in the configuration.")},
    {"keyring", "files-kind",
     N_ ("gpgsm cannot use a key of the kind %s, so certificates would be written into files."),
     N_ ("Use key = rsa3072, or another keyring.")},
    {"keyring", "no-gpgsm", N_ ("gpgsm, into which certificates (%s) are to go, is not installed."),
     N_ ("Install gpgsm.")},
    {"keyring", "key-kind", N_ ("The place where certificates go cannot use a key of the kind %s."),
     N_ ("Use key = rsa3072, or another keyring.")},
    {"certificate", "fine", N_ ("The certificate is valid (days to go: %s), and its key is there."), NULL},
    {"certificate", "ended", N_ ("The certificate has ended."), N_ ("mailcert renew")},
    {"certificate", "not-installed", N_ ("The certificate is there (days to go: %s), but not in its keyring yet."),
     N_ ("\"mailcert status\" says what it waits for.")},
    {"certificate", "garbled", N_ ("The certificate in mailcert's records cannot be read."),
     N_ ("mailcert renew --force")},
    {"certificate", "key", N_ ("The key in mailcert's records is not that of the certificate."),
     N_ ("mailcert renew --force")},
    {"installed", "fine", N_ ("Each keyring still has its certificate and key."), NULL},
    {"installed", "gone",
     N_ ("A keyring has no longer what mailcert put into it, so mail cannot be signed or read with it."),
     N_ ("mailcert install ADDRESS")},
    {"installed", "unreadable", N_ ("A keyring cannot be read, so mail cannot be signed or read with it."),
     N_ ("See why with --full; then: mailcert install ADDRESS")},
    {"root", "fine", N_ ("GnuPG trusts the CA's root."), NULL},
    {"root", "known", N_ ("The CA's root is known (SHA-256 %s)."), NULL},
    {"root", "untrusted", N_ ("GnuPG does not trust the root of the certificate, so nothing can be signed with it."),
     /* Translators: a fingerprint. */
     N_ ("Compare it with what the CA publishes, then: mailcert install ADDRESS --trust-root %s")},
    {"root", "will-ask",
     N_ ("GnuPG does not know the CA's root yet (SHA-256 %s), so you are asked about it once, when the certificate is "
         "there."),
     N_ ("Compare the fingerprint with the one that the CA publishes.")},
    {"root", "not-here", N_ ("The root of the certificate is not on this computer, so its trust cannot be seen."),
     N_ ("Name the CA's root as mail-roots in the configuration.")},
    {"crl", "fine", N_ ("The list of revoked certificates that the CA keeps can be fetched."), NULL},
    {"crl", "none", N_ ("The certificate names no list of revoked certificates."), NULL},
    {"crl", "unreachable",
     N_ ("The list of revoked certificates that the CA keeps cannot be fetched from here; programs that "
         "insist on it may not sign or check mail."),
     N_ ("Try again later; if it stays so, tell the CA.")},

    {"*", "version", "%s", NULL},
    {"*", "not-here", N_ ("It is not installed."), NULL},
    {"*", "broken", N_ ("It is installed and cannot be started."), NULL},
    {"*", "endless",
     N_ ("What looks at the settings of this mail program did not come to an end, so they are not known."),
     N_ ("See why with --full, and look at the files of the mail program.")},
};

/* The check's own row before one for all. */
static const Row *
find (const McFinding *finding)
{
  const Row *common = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    if (strcmp (rows[i].reason, finding->reason) != 0)
      continue;
    if (strcmp (rows[i].check, finding->check) == 0)
      return &rows[i];
    if (strcmp (rows[i].check, "*") == 0)
      common = &rows[i];
  }
  return common;
}

/* TEMPLATE with SHOWN at its %s: no format of printf, for translators' slips too. */
static char *
fill (const char *template, const char *shown)
{
  const char *place = strstr (template, "%s");

  if (place == NULL)
    return g_strdup (template);
  return g_strdup_printf ("%.*s%s%s", (int)(place - template), template, shown != NULL ? shown : "?", place + 2);
}

char *
mc_text_finding (const McFinding *finding, char **next)
{
  const Row *row = finding->sentence == NULL && finding->reason != NULL ? find (finding) : NULL;

  mc_text_set_next (next, finding->sentence != NULL ? finding->next : NULL);
  if (finding->sentence != NULL)
    return g_strdup (finding->sentence);
  if (row == NULL)
    return g_strdup (_ ("What was found here is unknown to this version of mailcert."));
  if (row->next != NULL)
    mc_text_take_next (next, fill (_ (row->next), finding->shown));
  return fill (_ (row->sentence), finding->shown);
}

const char *
mc_text_finding_group (const char *group)
{
  static const char *const groups[][2] = {
      {"setup", N_ ("Configuration")}, {"mail", N_ ("Your mail")},   {"domain", N_ ("The domain of the address")},
      {"ca", N_ ("The CA")},           {"keyring", N_ ("Keyrings")}, {"programs", N_ ("Programs")},
      {"client", N_ ("Mail programs")}};

  for (gsize i = 0; i < G_N_ELEMENTS (groups); i++)
    if (strcmp (groups[i][0], group) == 0)
      return _ (groups[i][1]);
  return group;
}

const char *
mc_text_finding_outcome (McFindingOutcome outcome)
{
  switch (outcome) {
  case MC_FINDING_OK:
    return _ ("ok");
  case MC_FINDING_NOTE:
    /* Translators: good to know, nothing is wrong. */
    return _ ("note");
  case MC_FINDING_TROUBLE:
    return _ ("wrong");
  case MC_FINDING_UNKNOWN:
    return _ ("unknown");
  case MC_FINDING_SKIPPED:
    return _ ("skipped");
  }
  return "";
}
