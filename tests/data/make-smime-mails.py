#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""make-smime-mails.py DIR: writes S/MIME-signed challenge mails, good ones and one for every defect, signed by the
program openssl with keys and certificates made for this one run.

DIR/*.eml      the mails, named by what is right or wrong with them; dkim-*.eml have a DKIM signature too
DIR/*.pem      what mail-roots may be: roots, other, intermediate, junk
DIR/zone.tsv   name, status (found, none, unavailable, bogus), text: the TXT records, one a line
DIR/index.tsv  file, verdict, kind, mail-roots (roots, other, intermediate, junk; none = unset), scenario, what openssl
               says of the file with roots.pem (pass, fail)
DIR/now        Unix time of the making

Exit status 77 where dkimpy, PyNaCl, python3-cryptography or openssl are not installed."""

import email.utils
import os
import shutil
import sys

sys.dont_write_bytecode = True  # not into the source tree
try:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec
    from smime_mails import (BODY, CA, CMS, ISSUER, KEYS, ME, NOW, OTHER_ROOT, PKI, ROOT, RSA, SENDER, TOKEN, USED, WORK, by, clear, dkim,
                             fields, hp_part, multipart, opaque, opaque_der, quoted_printable, signature_part, swap, text_of,
                             with_outer, wrapped_part)
    from smime_signing import DAY, rsa_key, utf8_mailbox
    from cryptography.x509.oid import ExtendedKeyUsageOID
except ImportError as error:
    print(error, file=sys.stderr)
    sys.exit(77)
if shutil.which("openssl") is None:
    sys.exit(77)

OTHER_ROOT_BESIDE = PKI.make(authority=True)  # a second one in roots.pem


def good():
    plain, wrapped = hp_part(), wrapped_part()
    yield "hp-clear", clear(plain)
    yield "protected-headers-v1", clear(hp_part(kind='text/plain; protected-headers="v1"'))
    yield "wrapped", clear(wrapped)
    yield "wrapped-forwarded-no", clear(wrapped_part(kind="message/RFC822; forwarded=no"))
    yield "wrapped-global", clear(wrapped_part(kind="message/global"))
    yield "wrapped-7bit", clear(wrapped_part(more=["Content-Transfer-Encoding: 7bit"]))
    yield "opaque-hp-clear", opaque(plain)
    yield "opaque-wrapped", opaque(wrapped)
    yield "opaque-x-type", opaque(plain, kind="Application/X-pkcs7-MIME; Smime-Type=\"Signed-Data\"; name=\"smime.p7m\"")
    yield "opaque-without-smime-type", opaque(plain, kind="application/pkcs7-mime; name=smime.p7m")
    yield "opaque-lf-content", opaque(plain.replace(b"\r\n", b"\n"))
    yield "lf", clear(plain).replace(b"\r\n", b"\n")
    yield "lf-opaque", opaque(wrapped).replace(b"\r\n", b"\n")
    yield "mbox-line", b"From acme@ca.test Sun Nov 22 01:51:00 2026\r\n" + clear(plain)
    der = CMS.sign(plain, SENDER)
    x_part = signature_part(der, "application/x-pkcs7-signature; name=\"smime.p7s\"")
    yield "x-types", multipart(fields(), [plain, x_part], "application/x-pkcs7-signature")
    yield "preamble-and-epilogue", multipart(fields(), [plain, signature_part(der)], preamble=b"Signed.\r\n\r\n",
                                             epilogue=b"\r\nbye\r\n")
    yield "boundary-blanks", multipart(fields(), [plain, signature_part(der)]).replace(b"of-test\r\n", b"of-test \t\r\n")
    yield "boundary-comments", multipart(fields(), [plain, signature_part(der)], quoted="(x) b1-of-test (y)")
    yield "boundary-quoted-pair", multipart(fields(), [plain, signature_part(der)], quoted='"b1\\-of-test";')
    yield "no-final-line-end", multipart(fields(), [plain, signature_part(der)])[:-2]
    yield "signature-quoted-printable", multipart(fields(), [
        plain, b"Content-Type: application/pkcs7-signature\r\nContent-Transfer-Encoding: Quoted-Printable\r\n\r\n" +
        quoted_printable(der)])
    yield "nested-deep", clear(hp_part(kind='multipart/mixed; boundary=c; hp=clear', body="".join(
        "--c%s\r\nContent-Type: multipart/mixed; boundary=c%s\r\n\r\n" % ("c" * i, "c" * (i + 1)) for i in range(300))))
    yield "eight-bit", clear(hp_part(body="Gr\u00fc\u00dfe\r\n"))
    yield "no-body", clear(hp_part(body=""))
    yield "rsa", clear(plain, RSA)
    yield "rsa-pss", clear(plain, RSA, words=("-keyopt", "rsa_padding_mode:pss"))
    yield "p521", by(key=ec.generate_private_key(ec.SECP521R1()))
    yield "sha384", clear(plain, digest="sha384")
    yield "sha512", clear(plain, digest="sha512")
    yield "no-signed-attributes", clear(plain, words=("-noattr",))
    yield "signer-by-key-identifier", clear(plain, words=("-keyid",))
    yield "root-came-along", clear(plain, certificates=[ISSUER, ROOT])
    yield "strangers-came-along", clear(plain, certificates=[ISSUER, OTHER_ROOT])
    yield "issued-by-root", by(issuer=ROOT)
    yield "non-repudiation", by(usage=("content_commitment",))
    yield "no-key-usage", by(usage=None)
    yield "second-name", by("other@ca.test", x509.DNSName("ca.test"), CA)
    yield "name-domain-case", by(CA.replace("ca.test", "CA.Test"))
    yield "outer-display-name", with_outer(("From", "\"The CA\" <%s>" % CA), ("To", "<%s>" % ME))
    yield "outer-subject-folded", with_outer(("Subject", "ACME:\r\n  " + TOKEN))
    yield "outer-subject-encoded", with_outer(("Subject", "=?utf-8?Q?ACME:_" + TOKEN + "?="))
    yield "outer-date-other", with_outer(("Date", email.utils.formatdate(NOW - 7000)))
    yield "outer-reply-to-only", with_outer(("Reply-To", "evil@other.test"))
    yield "outer-message-id-absent", with_outer(("Message-ID", None))
    yield "outer-from-absent", with_outer(("From", None))
    yield "outer-auto-submitted-absent", with_outer(("Auto-Submitted", None))
    yield "reply-to-protected", clear(hp_part(("Reply-To", "replies+1@ca.test")))
    yield "reply-to-both", clear(hp_part(("Reply-To", "replies+1@ca.test")), outer=fields(("Reply-To", "<replies+1@ca.test>")))


def invalid():
    plain = hp_part()
    mail, der = clear(plain), CMS.sign(plain, SENDER)
    yield "content-changed", swap(mail, b"This is", b"That is")
    yield "protected-subject-changed", mail.replace(TOKEN.encode(), TOKEN[::-1].encode())
    yield "protected-field-added", swap(mail, b"--b1-of-test\r\nFrom", b"--b1-of-test\r\nReply-To: evil@other.test\r\nFrom")
    yield "blank-appended", swap(mail, b"it.\r\n\r\n--", b"it. \r\n\r\n--")
    yield "opaque-changed", opaque_der(swap(CMS.sign(plain, SENDER, detached=False), b"This is", b"That is"))
    yield "signature-changed", multipart(fields(), [plain, signature_part(der[:-3] + bytes([der[-3] ^ 1]) + der[-2:])])
    yield "signature-of-other-mail", multipart(fields(), [plain, signature_part(CMS.sign(wrapped_part(), SENDER))])
    yield "base64-broken", swap(mail, b"\r\nMII", b"\r\n!MII")
    yield "base64-goes-on", mail.replace(b"\r\n--b1-of-test--", b"AAAA\r\n--b1-of-test--").replace(b"=\r\nAAAA", b"=AAAA")
    yield "quoted-printable-broken", multipart(fields(), [
        plain, b"Content-Type: application/pkcs7-signature\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n=3G"])
    for cut in (0, 1, 100, len(der) // 2, len(der) - 1):
        yield "cms-cut-%s" % ("short" if cut == len(der) - 1 else cut), multipart(fields(), [plain, signature_part(der[:cut])])
    yield "cms-goes-on", multipart(fields(), [plain, signature_part(der + b"\0")])
    yield "cms-nested-deep", multipart(fields(), [plain, signature_part(b"\x30\x80" * 20000)])
    yield "certificates-only", multipart(fields(), [plain, signature_part(CMS.certificates_only(SENDER, ISSUER))])
    yield "opaque-certificates-only", opaque_der(CMS.certificates_only(SENDER))
    yield "encrypted", opaque_der(CMS.encrypt(plain, RSA))
    yield "encrypted-says-so", opaque_der(CMS.encrypt(plain, RSA),
                                          kind="application/pkcs7-mime; smime-type=enveloped-data")
    yield "says-certs-only", opaque(plain, kind="application/pkcs7-mime; smime-type=certs-only")
    yield "two-signers", multipart(fields(), [plain, signature_part(CMS.sign(plain, SENDER, PKI.make(ISSUER, [CA])))])
    yield "signer-did-not-come-along", clear(plain, words=("-nocerts",))
    yield "seventeen-certificates", clear(plain, certificates=[ISSUER] + [PKI.make(authority=True) for _ in range(16)])
    yield "digest-sha1", clear(plain, digest="sha1")
    yield "digest-md5", clear(plain, RSA, digest="md5")
    yield "rsa-1024", by(key=rsa_key(1024))
    yield "p192", by(key=ec.generate_private_key(ec.SECP192R1()))
    ecdsa = bytes.fromhex("06082a8648ce3d0403")  # ecdsa-with-SHA256 is 2 below it, SHA384 3
    at = der.rindex(ecdsa) + len(ecdsa)
    yield "two-digests", multipart(fields(), [plain, signature_part(der[:at] + b"\3" + der[at + 1:])])
    yield "signs-something-else", clear(plain, words=("-econtent_type", "1.2.3.4"))
    yield "detached-and-attached", multipart(fields(), [plain, signature_part(CMS.sign(plain, SENDER, detached=False))])
    yield "opaque-without-content", opaque_der(der)
    yield "opaque-encoding-unknown", opaque_der(CMS.sign(plain, SENDER, detached=False), encoding="x-uuencode")
    yield "opaque-empty", opaque_der(b"", body=b"")
    yield "boundary-absent", swap(mail, b'; boundary="b1-of-test"', b"")
    yield "boundary-twice", swap(mail, b'; boundary="b1-of-test"', b'; boundary="b1-of-test"; Boundary="b2"')
    yield "boundary-in-pieces", swap(mail, b'boundary="b1-of-test"', b'boundary*0="b1-of"; boundary*1="-test"')
    yield "boundary-also-in-pieces", swap(mail, b'boundary="b', b'boundary*0="b2"; boundary="b')
    yield "boundary-without-end", swap(mail, b'boundary="b1-of-test"', b'boundary="b1-of-test')
    yield "boundary-of-odd-characters", mail.replace(b"b1-of-test", b"b1*of-test")
    yield "comment-too-deep", swap(mail, b"multipart/signed;", b"multipart/signed" + b"(" * 17 + b")" * 17 + b";")
    yield "parameters-without-end", swap(mail, b"; micalg", b"".join(b"; p%d=x" % i for i in range(32)) + b"; micalg")
    yield "boundary-empty", swap(mail, b'boundary="b1-of-test"', b'boundary=""')
    yield "boundary-too-long", mail.replace(b"b1-of-test", b"b" * 71)
    yield "boundary-doubtful", clear(hp_part(body="--b1-of-tester\r\n" + BODY))
    yield "boundary-doubtful-delimits", mail.replace(b"\r\n--b1-of-test\r\nContent", b"\r\n--b1-of-tester\r\nContent")
    yield "no-last-boundary", swap(mail, b"--b1-of-test--\r\n", b"")
    yield "third-part", multipart(fields(), [plain, signature_part(der), plain])
    yield "part-behind-the-last", multipart(fields(), [plain, signature_part(der)], epilogue=b"--b1-of-test\r\n\r\nx\r\n")
    yield "one-part", multipart(fields(), [plain])
    yield "parts-swapped", multipart(fields(), [signature_part(der), plain])
    yield "part-empty", swap(mail, b"--b1-of-test\r\n", b"--b1-of-test\r\n--b1-of-test\r\n")
    yield "signature-of-other-type", multipart(fields(), [plain, signature_part(der, "application/octet-stream")])
    yield "signature-encoded-twice", swap(mail, b"Encoding: base64", b"Encoding: base64\r\nContent-Transfer-Encoding: 7bit")
    yield "signature-type-twice", swap(mail, b"name=smime.p7s", b"name=smime.p7s\r\nContent-Type: text/plain")
    yield "lf-signed", clear(plain.replace(b"\r\n", b"\n")).replace(b"\r\n", b"\n")


def untrusted():
    plain = hp_part()
    yield "other-root", by(issuer=PKI.make(OTHER_ROOT, authority=True))
    yield "other-root-came-along", clear(plain, PKI.make(OTHER_ROOT, [CA]), certificates=[OTHER_ROOT])
    yield "root-of-same-name", clear(plain, self_made(), certificates=[])
    yield "self-signed", clear(plain, PKI.make(None, [CA]))
    yield "expired", by(begin=-2 * DAY, end=-1)
    yield "not-yet-valid", by(begin=3600)
    yield "issuer-expired", by(issuer=PKI.make(ROOT, authority=True, begin=-9 * DAY, end=-1))
    yield "issuer-is-no-authority", by(issuer=SENDER)
    yield "issuer-did-not-come-along", clear(plain, certificates=[])
    yield "for-servers", by(eku=(ExtendedKeyUsageOID.SERVER_AUTH,))
    yield "for-any-use", by(eku=(ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE,))
    yield "no-extended-key-usage", by(eku=None)
    yield "issuer-for-servers", by(issuer=PKI.make(ROOT, authority=True, eku=(ExtendedKeyUsageOID.SERVER_AUTH,)))
    yield "key-usage-encipherment", by(usage=("key_encipherment",), key=RSA.key)
    yield "certificate-sha1", by(digest=hashes.SHA1())
    yield "issuer-rsa-1024", by(issuer=PKI.make(ROOT, authority=True, key=rsa_key(1024)))
    yield "name-constraints", by(issuer=PKI.make(ROOT, authority=True, constraints="ca.test"))
    chain = ROOT
    for _ in range(10):
        chain = PKI.make(chain, authority=True)
    yield "chain-of-ten", by(issuer=chain)


def self_made():
    """Signed by a root that only has our root's name."""
    fake = PKI.make(authority=True)
    fake.certificate, certificate = ROOT.certificate, fake.certificate
    made = PKI.make(fake, [CA])
    fake.certificate = certificate
    return made


def addresses():
    yield "name-other", by("other@ca.test")
    yield "name-absent", clear(hp_part(), PKI.make(ISSUER))
    yield "name-in-subject-only", clear(hp_part(), PKI.make(ISSUER, subject=CA))
    yield "name-of-host-only", by(x509.DNSName("ca.test"))
    yield "name-local-part-case", by(CA.upper())
    yield "name-of-person", by(ME)
    yield "name-as-utf8-mailbox", by(utf8_mailbox(CA))
    yield "name-is-outer-from", clear(hp_part(), PKI.make(ISSUER, ["evil@ca.test"]), outer=fields(("From", "evil@ca.test")))


def headers():
    bare = text_of([], "text/plain", BODY)
    yield "unprotected", clear(bare)
    yield "unprotected-opaque", opaque(bare)
    yield "unprotected-fields-in-part", clear(hp_part(kind="text/plain"))
    yield "unprotected-no-content-type", clear(b"\r\n" + BODY.encode())
    yield "hp-cipher", clear(hp_part(kind='text/plain; hp="cipher"'))
    yield "hp-twice", clear(hp_part(kind='text/plain; hp="clear"; hp=clear'))
    yield "hp-in-pieces", clear(hp_part(kind="text/plain; hp*=us-ascii''clear"))
    yield "hp-in-first-of-two-types", clear(hp_part(("+Content-Type", "text/plain; hp=clear")))
    yield "protected-headers-v2", clear(hp_part(kind='text/plain; protected-headers="v2"'))
    yield "wrapped-forwarded-yes", clear(wrapped_part(kind="message/rfc822; forwarded=yes"))
    yield "wrapped-encoded", clear(wrapped_part(more=["Content-Transfer-Encoding: base64"]))
    yield "outer-subject-other", with_outer(("Subject", "ACME: " + TOKEN[::-1]))
    yield "outer-subject-no-challenge", with_outer(("Subject", "Hello"))
    yield "outer-subject-reply", with_outer(("Subject", "Re: ACME: " + TOKEN))
    yield "outer-subject-charset", with_outer(("Subject", "=?iso-8859-1?Q?ACME:_" + TOKEN + "?="))
    yield "outer-from-other", with_outer(("From", "evil@ca.test"))
    yield "outer-from-unreadable", with_outer(("From", "<%s" % CA))
    yield "outer-from-two", with_outer(("From", CA + ", evil@ca.test"))
    yield "outer-to-other", with_outer(("To", "bob@example.test"))
    yield "outer-message-id-other", with_outer(("Message-ID", "<other@ca.test>"))
    yield "outer-reply-to-other", clear(hp_part(("Reply-To", "replies@ca.test")), outer=fields(("Reply-To", "evil@other.test")))
    yield "outer-reply-to-longer", clear(hp_part(("Reply-To", "replies@ca.test")),
                                         outer=fields(("Reply-To", "replies@ca.test, evil@other.test")))
    yield "outer-subject-other-wrapped", clear(wrapped_part(), outer=fields(("Subject", "ACME: " + TOKEN[::-1])))
    yield "outer-subject-other-opaque", opaque(hp_part(), outer=fields(("Subject", "ACME: " + TOKEN[::-1])))


def shape():
    plain = hp_part()
    yield "not-auto-submitted", "auto-submitted-outside-only", clear(hp_part(("Auto-Submitted", None)))
    yield "not-auto-submitted", "auto-submitted-outside-only-wrapped", clear(  # as acme4j's test mail, which has no Date
        wrapped_part(("Auto-Submitted", None), ("Date", None), kind="message/RFC822; forwarded=no"))
    yield "missing-header", "message-id-outside-only", clear(hp_part(("Message-ID", None)))
    yield "missing-header", "date-outside-only", clear(hp_part(("Date", None)))
    yield "missing-header", "from-outside-only", clear(hp_part(("From", None)))
    yield "missing-header", "to-outside-only", clear(hp_part(("To", None)))
    yield "not-a-challenge", "subject-outside-only", clear(hp_part(("Subject", None)))
    yield "not-a-challenge", "other-subject", clear(hp_part(("Subject", "Hello")), outer=fields(("Subject", "Hello")))
    yield "is-reply", "reply", clear(hp_part(("Subject", "Re: ACME: " + TOKEN)), outer=fields(("Subject", "Re: ACME: " + TOKEN)))
    yield "short-token", "protected-token-short", clear(hp_part(("Subject", "ACME: " + TOKEN[:20])))
    yield "wrong-from", "protected-from-other", clear(hp_part(("From", "evil@ca.test")), PKI.make(ISSUER, ["evil@ca.test"]))
    yield "wrong-from", "protected-from-two", clear(hp_part(("From", CA + ", evil@ca.test")))
    yield "wrong-to", "protected-to-other", clear(hp_part(("To", "bob@example.test")))
    yield "duplicate-header", "two-subjects-outside", b"Subject: Hello\r\n" + clear(plain)
    yield "duplicate-header", "two-subjects-inside", clear(hp_part(("+Subject", "ACME: " + TOKEN)))
    yield "duplicate-header", "two-content-types", b"Content-Type: text/plain\r\n" + clear(plain)
    yield "list-mail", "list-outside", b"List-Id: <l.example.test>\r\n" + clear(plain)
    yield "list-mail", "list-inside", clear(hp_part(("List-Id", "<l.example.test>")))
    yield "malformed", "wrapped-malformed", clear(wrapped_part(("+No field", "x")))
    yield "malformed", "opaque-mixed-line-ends", opaque(plain.replace(b"it.\r\n", b"it.\n"))
    yield "malformed", "opaque-nul-in-header", opaque(plain.replace(b"type=acme", b"type=\0cme"))
    yield "malformed", "wrapped-empty-line-missing", clear(wrapped_part(body="").rstrip(b"\r\n") + b" ")
    yield "malformed", "reply-to-unreadable", clear(hp_part(("Reply-To", "a@@b")))
    mixed = b"Content-Type: multipart/mixed; boundary=z\r\n\r\n--z\r\n" + clear(plain, outer=[("X", "y")]) + b"--z--\r\n"
    yield "unsigned", "within-other-mail", text_of(fields(), "x/y", "").replace(b"Content-Type: x/y\r\n\r\n", mixed)
    yield "unsigned", "of-openpgp", swap(clear(plain), b'protocol="application/pkcs7', b'protocol="application/pgp')
    yield "unsigned", "protocol-absent", swap(clear(plain), b'protocol="application/pkcs7-signature"; ', b"")
    yield "unsigned", "content-type-without-subtype", swap(clear(plain), b"multipart/signed", b"multipart")
    yield "unsigned", "signature-attached", swap(clear(plain), b"multipart/signed", b"multipart/mixed")


def others():
    """Verdict, name, mail, mail-roots, scenario."""
    plain = clear(hp_part())
    yield "smime-untrusted", "roots-unset", plain, "none", "wait"
    yield "smime-untrusted", "roots-other", plain, "other", "wait"
    yield "smime-untrusted", "roots-intermediate", plain, "intermediate", "wait"
    yield "smime-untrusted", "roots-junk", plain, "junk", "wait"
    yield "smime-invalid", "roots-unset-and-changed", swap(plain, b"This is", b"That is"), "none", "wait"
    yield "not-expected", "nobody-waits", plain, "roots", "nobody"
    yield "smime-untrusted", "nobody-waits-roots-unset", plain, "none", "nobody"
    yield "already-answered", "answered-message-id", plain, "roots", "answered-message-id"
    yield "stale", "protected-date-before-order", clear(hp_part(("Date", email.utils.formatdate(NOW - 361)))), "roots", "wait"
    yield "expired", "after-deadline", plain, "roots", "expired"
    idn = ("From", "acme@b\u00fccher.test")
    utf8 = ("From", "b\u00fccher@ca.test")
    for name, field, san in (("idn", idn, "acme@xn--bcher-kva.test"),
                             ("utf8-local-part", utf8, utf8_mailbox("b\u00fccher@ca.test"))):
        yield "authentic", "good-" + name, clear(hp_part(field), PKI.make(ISSUER, [san]), outer=fields(field)), "roots", name
    reply_to = fields(("Reply-To", "replies@ca.test"))
    yield "authentic", "dkim-good-smime-untrusted", dkim(plain), "none", "wait"
    yield "authentic", "dkim-good-smime-invalid", dkim(swap(plain, b"This is", b"That is")), "roots", "wait"
    yield "authentic", "dkim-good-smime-good", dkim(clear(hp_part(), outer=reply_to)), "roots", "wait"
    yield "authentic", "dkim-good-unprotected", dkim(clear(text_of([], "text/plain", BODY))), "roots", "wait"
    yield "authentic", "dkim-good-auto-submitted-outside-only", dkim(clear(hp_part(("Auto-Submitted", None)))), "roots", "wait"
    yield "authentic", "dkim-changed-smime-good", dkim(plain) + b"more\r\n", "roots", "wait"
    yield "authentic", "dkim-down-smime-good", dkim(plain, "down"), "roots", "wait"
    yield "authentic", "dkim-headers-smime-good", dkim(with_outer(("Auto-Submitted", None))), "roots", "wait"
    yield "authentic", "dkim-outside-absent-smime-good", dkim(with_outer(("Auto-Submitted", None)), names=USED), "roots", "wait"
    yield "dns-unavailable", "dkim-down-smime-untrusted", dkim(plain, "down"), "none", "wait"
    yield "dkim-fail", "dkim-changed-smime-untrusted", dkim(plain) + b"more\r\n", "none", "wait"
    yield "dkim-fail", "dkim-changed-smime-changed", swap(dkim(plain), b"This is", b"That is"), "roots", "wait"
    yield "dkim-key", "dkim-revoked-smime-headers", dkim(with_outer(("Subject", "ACME: " + TOKEN[::-1])), "revoked"), "roots", "wait"
    yield "not-expected", "dkim-changed-smime-good-nobody", dkim(plain) + b"more\r\n", "roots", "nobody"


def all_mails():
    for name, message in good():
        yield "authentic", "good-" + name, message, "roots", "wait"
    for verdict, mails in (("smime-invalid", invalid), ("smime-untrusted", untrusted), ("smime-address", addresses),
                           ("smime-headers", headers)):
        for name, message in mails():
            yield verdict, name, message, "roots", "wait"
    for verdict, name, message in shape():
        yield verdict, name, message, "roots", "wait"
    yield from others()


def kind_of(verdict, name):
    if verdict == "is-reply":
        return "response"
    unreadable = ("wrapped-malformed", "opaque-mixed-line-ends", "opaque-nul-in-header", "wrapped-empty-line-missing")
    return "other" if verdict == "not-a-challenge" or name in unreadable else "challenge"


def pem(*identities):
    text = b""
    for each in identities:
        with open(each.path + ".crt", "rb") as file:
            text += file.read()
    return text


def main(folder):
    os.makedirs(folder, exist_ok=True)
    for name, text in (("roots", b"Some text\n" + pem(OTHER_ROOT_BESIDE, ROOT)), ("other", pem(OTHER_ROOT)),
                       ("intermediate", pem(ISSUER)), ("junk", b"-----BEGIN CERTIFICATE-----\nAAAA\n")):
        with open(os.path.join(folder, name + ".pem"), "wb") as file:
            file.write(text)
    roots = os.path.join(folder, "roots.pem")
    with open(os.path.join(folder, "index.tsv"), "w", encoding="ascii") as index:
        for verdict, name, message, profile, scenario in all_mails():
            path = os.path.join(folder, name + ".eml")
            with open(path, "xb") as file:
                file.write(message)
            oracle = "pass" if CMS.verifies(path, roots, NOW) else "fail"
            print(name + ".eml", verdict, kind_of(verdict, name), profile, scenario, oracle, sep="\t", file=index)
    with open(os.path.join(folder, "zone.tsv"), "w", encoding="utf-8") as zone:
        for line in KEYS.zone:
            print(*line, sep="\t", file=zone)
    with open(os.path.join(folder, "now"), "w", encoding="ascii") as now:
        print(NOW, file=now)



if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    try:
        main(sys.argv[1])
    finally:
        shutil.rmtree(WORK)
