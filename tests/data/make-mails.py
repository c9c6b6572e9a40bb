#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""make-mails.py DIR: writes challenge mails, good ones and one for every defect, each signed with fresh keys by dkimpy.

DIR/*.eml      the mails, named by what is right or wrong with them
DIR/zone.tsv   name, status (found, none, unavailable, bogus), text: the TXT records, one a line
DIR/index.tsv  file, verdict, kind, profile (present, strict), scenario, what dkimpy says (pass, fail)
DIR/now        Unix time of the making: nothing here expires, for all is made anew in every run

Exit status 77 where dkimpy, PyNaCl or openssl are not installed."""

import base64
import datetime
import email.utils
import os
import sys
import time

sys.dont_write_bytecode = True  # not into the source tree
try:
    import dkim
    from mail_signing import Keys, Signer
except ImportError as error:
    print(error, file=sys.stderr)
    sys.exit(77)

NOW = int(time.time())
CA = "acme+2i211oi1204310@ca.test"
ME = "Alice@example.test"
TOKEN = "LgYemJLy3F1LDkiJrdIGbEzyFJyOyf6vBdyZ1TG3sME"
NEEDED = ["From", "To", "Subject", "Message-ID", "Date", "Auto-Submitted"]
ALL = NEEDED + ["Sender", "Reply-To", "Cc", "In-Reply-To", "References", "Content-Type", "Content-Transfer-Encoding"]
BODY = "This is a challenge.\r\n\r\nYour mail program answers it.\r\n"


KEYS = Keys()


def mail(*changes, body=BODY):
    """A challenge with fields replaced, dropped (None) or added, in order."""
    fields = [
        ("From", CA), ("To", ME), ("Subject", "ACME: " + TOKEN),
        ("Message-ID", "<A2299BB.FF7788@ca.test>"), ("Date", email.utils.formatdate(NOW)),
        ("Auto-Submitted", "auto-generated; type=acme"), ("MIME-Version", "1.0"), ("Content-Type", "text/plain"),
        ("Content-Transfer-Encoding", "7bit")]
    for name, value in changes:
        present = [i for i, field in enumerate(fields) if field[0] == name]
        if name.startswith("+"):
            fields.append((name[1:], value))
        elif not present:
            fields.append((name, value))
        elif value is None:
            del fields[present[0]]
        else:
            fields[present[0]] = (name, value)
    text = "".join("%s: %s\r\n" % field for field in fields) + "\r\n" + body
    return text.encode("utf-8", "surrogateescape")


def present(message):
    header = message.split(b"\r\n\r\n")[0].lower()
    return [name for name in ALL if (b"\r\n" + name.lower().encode() + b":") in b"\r\n" + header]


def sign(message, selector="rsa", domain="ca.test", canon="relaxed/relaxed", headers=None, algorithm=None, tags=None,
         length=False, identity=None):
    key = KEYS.private[selector]
    if algorithm is None:
        algorithm = "rsa-sha256" if key.startswith(b"-----") else "ed25519-sha256"
    signer = Signer(message, {name.encode(): value if value is None else value.encode()
                              for name, value in (tags or {}).items()},
                    signature_algorithm=algorithm.encode(), minkey=512)
    header = signer.sign(selector.encode(), domain.encode(), key,
                         canonicalize=tuple(canon.encode().split(b"/")),
                         include_headers=present(message) if headers is None else headers, length=length,
                         identity=identity and identity.encode())
    return header + message


def signed(*changes, body=BODY, **options):
    return sign(mail(*changes, body=body), **options)


def swap(message, old, new):
    assert old in message, old
    return message.replace(old, new, 1)


def oversigned(message, **options):
    return sign(message, headers=ALL + ALL, **options)


def good():
    plain = mail()
    yield "rsa", sign(plain)
    yield "rsa-simple", sign(plain, canon="simple/simple")
    yield "rsa-relaxed-simple", sign(plain, canon="relaxed/simple")
    yield "rsa-simple-relaxed", sign(plain, canon="simple/relaxed")
    yield "rsa-1024", sign(plain, "rsa1024")
    yield "rsa-3072", sign(plain, "rsa3072")
    yield "ed25519", sign(plain, "ed")
    yield "ed25519-simple", sign(plain, "ed", canon="simple/simple")
    yield "both-algorithms", sign(sign(plain), "ed")
    yield "oversigned", oversigned(plain)
    yield "oversigned-simple", oversigned(plain, canon="simple/simple")
    yield "lf", sign(plain).replace(b"\r\n", b"\n")
    yield "lf-simple", sign(plain, canon="simple/simple").replace(b"\r\n", b"\n")
    yield "mbox-line", b"From acme@ca.test Sun Nov 22 01:51:00 2026\r\n" + sign(plain)
    yield "mbox-line-quoted-lf", b">From acme@ca.test\n" + sign(plain).replace(b"\r\n", b"\n")
    yield "mailing-traces", b"Return-Path: <>\r\nReceived: from a by b;\r\n\tnow\r\n" + sign(plain)
    yield "subject-folded-after-label", signed(("Subject", "ACME:\r\n " + TOKEN))
    yield "subject-folded-before-label", signed(("Subject", "\r\n ACME: " + TOKEN))
    yield "subject-token-folded", signed(("Subject", "ACME: " + TOKEN[:20] + "\r\n\t" + TOKEN[20:]))
    yield "subject-encoded-q", signed(("Subject", "=?UTF-8?Q?ACME:_" + TOKEN.replace("_", "=5F") + "=3D?="))
    yield "subject-encoded-q-split", signed(
        ("Subject", "=?us-ascii?q?ACME:_" + TOKEN[:21] + "?=\r\n =?US-ASCII*en?Q?=20" + TOKEN[21:] + "?="))
    yield "subject-encoded-first-letter", signed(("Subject", "=?utf-8?Q?=41?= =?utf-8?Q?CME:?= =?utf-8?Q?_?= =?utf-8?Q?"
                                                  + TOKEN + "?="))
    yield "subject-encoded-b", signed(
        ("Subject", "=?utf-8?B?" + base64.b64encode(("ACME: " + TOKEN).encode()).decode() + "?="))
    yield "subject-token-encoded", signed(("Subject", "ACME: =?utf-8?Q?" + TOKEN + "?="))
    yield "token-padded", signed(("Subject", "ACME: " + TOKEN + "="))
    yield "token-16-octets", signed(("Subject", "ACME: LgYemJLy3F1LDkiJrdIGbA"))
    yield "auto-submitted-bare", signed(("Auto-Submitted", "auto-generated"))
    yield "auto-submitted-comments", signed(("Auto-Submitted", "(by (a) CA)\r\n AUTO-Generated (x) ; a=b; type=\"acme\""))
    yield "reply-to", signed(("Reply-To", "replies+1@ca.test"))
    yield "reply-to-several", signed(("Reply-To", "CA <replies+1@ca.test>,\r\n\t\"B, C\" <b@ca.test>"))
    yield "display-names", signed(("From", "\"ACME, the CA\" <%s>" % CA), ("To", "Alice (me) <%s>" % ME))
    yield "domain-case", signed(("From", CA.replace("ca.test", "CA.Test")), ("To", ME.replace("example", "EXAMPLE")))
    yield "sender-and-cc", signed(("Sender", CA), ("Cc", "operator@ca.test"))
    yield "in-reply-to", signed(("In-Reply-To", "<x@y>"), ("References", "<w@y> <x@y>"))
    yield "date-zone-comment", signed(("Date", email.utils.formatdate(NOW, localtime=False).replace("-0000", "+0000")
                                      + " (UTC)"))
    yield "date-a-little-early", signed(("Date", email.utils.formatdate(NOW - 300)))
    yield "no-body", signed(body="")
    yield "no-body-simple", sign(mail(body=""), canon="simple/simple")
    yield "blank-body", signed(body=" \r\n\t\r\n\r\n")
    yield "blank-lines-at-end", swap(signed(), b"it.\r\n", b"it.\r\n\r\n\r\n")
    yield "no-final-line-end", signed()[:-2]
    yield "no-final-line-end-simple", sign(plain, canon="simple/simple")[:-2]
    yield "body-respaced", swap(signed(body="a  b \t c\t\r\n d\r\n \r\ne\r\n"), b"a  b \t c\t\r\n d", b"a b\tc\r\n\td  ")
    yield "header-respaced", swap(swap(signed(), b"To: ", b"to:\t "), b"Subject: ACME: ", b"SUBJECT:  ACME:\r\n ")
    yield "body-eight-bit", signed(("Content-Transfer-Encoding", "8bit"), body="Gr\u00fc\u00dfe\r\n")
    yield "html", signed(("Content-Type", "multipart/alternative;\r\n boundary=b"),
                         body="--b\r\n\r\nhi\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>hi\r\n--b--\r\n")
    yield "other-domain-first", sign(sign(plain), domain="other.test")
    yield "other-domain-last", sign(sign(plain, domain="other.test"))
    yield "garbled-signature-first", b"DKIM-Signature: v=1; a=rsa-sha256; garbled\r\n" + sign(plain)
    yield "missing-key-first", sign(sign(plain), "missing")
    yield "key-down-first", sign(sign(plain), "down")
    yield "eighth-signature", b"DKIM-Signature: v=1\r\n" * 7 + sign(plain)
    yield "identity-below", sign(plain, identity="@mail.ca.test")
    yield "expires-later", sign(plain, tags={"x": str(NOW + 86400)})
    yield "body-nul", signed(body="a\0b\r\n")
    yield "nested-deep", signed(("Content-Type", "multipart/mixed; boundary=c"), body="".join(
        "--c%s\r\nContent-Type: multipart/mixed; boundary=c%s\r\n\r\n" % ("c" * i, "c" * (i + 1)) for i in range(300)))
    yield "display-name-eight-bit", signed(("From", "Die pr\u00fcfende Stelle <%s>" % CA))
    yield "domain-upper-case", sign(plain, domain="CA.TEST")
    yield "names-as-they-stand", sign(plain, tags={"h": "FROM:To :subject:\r\n\tMessage-ID: date:auto-submitted\t:\r\n Content-Type"
                                                  ":content-transfer-encoding:from"}, headers=[*present(plain), "From"])
    yield "signed-an-hour-ahead", sign(plain, tags={"t": str(NOW + 3600)})
    yield "query-method", sign(plain, tags={"q": "dns/txt"})
    for selector in ("bare", "pkcs1", "folded", "hashes", "beside"):
        yield "key-" + selector, sign(plain, selector)
    yield "subject-with-blank-before-colon", swap(signed(), b"Subject:", b"Subject :")
    yield "message-id-comments", signed(("Message-ID", "(a <b@c>)\r\n <A2299BB.FF7788@ca.test> (robot)"))
    yield "message-id-literal", signed(("Message-ID", "<A2299BB@[IPv6:::1]>"))
    yield "from-comments", signed(("From", "(robot) acme+2i211oi1204310 (a) @ (b, c@d) ca.test (no \\) reply)"))
    yield "from-quoted-local-part", signed(("From", "\"acme+2i211oi1204310\"@ca.test"))
    yield "from-encoded-name", signed(("From", "=?iso-8859-1?Q?CA=2C_Pr=FCfstelle?=\r\n =?utf-8?Q?_=3Cx=40y=3E?= <%s>" % CA))
    yield "to-angle-only", signed(("To", "< %s >" % ME))
    yield "subject-token-of-words", signed(("Subject", "ACME:\r\n " + "\r\n ".join(
        "=?us-ascii*en-GB?Q?%s?=" % TOKEN[i:i + 7] for i in range(0, len(TOKEN), 7))))
    yield "token-128-octets", signed(("Subject", "ACME: " + "\r\n\t".join([TOKEN] * 4)))
    yield "date-gmt-no-seconds", signed(("Date", datetime.datetime.fromtimestamp(
        NOW, datetime.timezone.utc).strftime("%d %b %Y %H:%M GMT")))
    yield "auto-submitted-folded", signed(("Auto-Submitted", "auto-generated ;\r\n\ttype = acme; x=\"a;b\""))
    yield "reply-to-group", signed(("Reply-To", "replies: replies+1@ca.test;"))
    yield "provider-fields", (
        b"Delivered-To: x\r\nAuthentication-Results: mx.example.test; dkim=fail\r\nARC-Seal: i=1; b=x\r\nX-Empty: \r\n"
        b"X-Spam-Report: gew\xf6hnlich\r\n \r\n" + b"Received: from a by b;\r\n\tnow\r\n" * 60 + sign(plain))
    yield "signature-last", (lambda mail: swap(mail[len(mail) - len(plain):], b"\r\n\r\n",
                                              b"\r\n" + mail[:len(mail) - len(plain)] + b"\r\n"))(sign(plain))
    yield "copied-fields", sign(plain, tags={"z": "From:acme@ca.test|Subject:ACME=3A=20x"})
    yield "identity-quoted-printable", sign(plain, identity="acme=3Dx@mail.ca.test")
    yield "own-length-first", sign(sign(plain), length=True)


def shape():
    yield "too-large", "too-large", signed(body="0123456789abcdef" * 16 * 1024 + "\r\n")
    yield "too-large", "too-large-header", b"X: y\r\n" * 45000 + signed()
    yield "too-large", "too-large-as-lf", signed(body="0123456789abcde\r\n" * 16 * 1024).replace(b"\r\n", b"\n")
    yield "malformed", "mixed-line-ends", swap(signed(), b"it.\r\n", b"it.\n")
    yield "malformed", "lone-cr", swap(signed(), b"This", b"Th\ris")
    yield "malformed", "nul-in-header", swap(signed(), b"text/plain", b"text/\0plain")
    yield "malformed", "no-field", swap(signed(), b"MIME-Version: 1.0", b"MIME Version 1.0")
    yield "malformed", "starts-folded", b" x\r\n" + signed()
    yield "malformed", "too-many-fields", b"X: y\r\n" * 513 + signed()
    yield "malformed", "field-too-long", signed(("X-Long", "x" * 17000))
    yield "malformed", "header-cut-off", signed().split(b"\r\n\r\n")[0]
    yield "malformed", "from-unreadable", signed(("From", "<%s" % CA))
    yield "malformed", "from-route", signed(("From", "<@other.test:%s>" % CA))
    yield "malformed", "reply-to-route", signed(("Reply-To", "<@other.test:replies+1@ca.test>"))
    yield "malformed", "message-id-two", signed(("Message-ID", "<a@b> <c@d>"))
    yield "malformed", "message-id-comment-endless", signed(("Message-ID", "<a@b> (x"))
    yield "malformed", "message-id-open", signed(("Message-ID", "<a@b"))
    yield "malformed", "from-comments-too-deep", signed(("From", CA + " " + "(" * 17 + ")" * 17))
    yield "malformed", "from-empty", signed(("From", ""))
    yield "malformed", "to-empty", signed(("To", ""))
    yield "malformed", "reply-to-empty", signed(("Reply-To", ""))
    yield "malformed", "message-id-empty", signed(("Message-ID", ""))
    yield "malformed", "date-empty", signed(("Date", ""))
    yield "not-a-challenge", "subject-empty", signed(("Subject", ""))
    yield "not-auto-submitted", "auto-submitted-empty", signed(("Auto-Submitted", ""))
    yield "malformed", "to-unreadable", signed(("To", "Alice @ home <%s>" % ME))
    yield "malformed", "reply-to-unreadable", signed(("Reply-To", "replies@@ca.test"))
    yield "malformed", "reply-to-empty-group", signed(("Reply-To", "nobody:;"))
    yield "malformed", "message-id-bare", signed(("Message-ID", "a@b"))
    yield "malformed", "message-id-spaced", signed(("Message-ID", "<a @b>"))
    yield "malformed", "date-unreadable", signed(("Date", "yesterday"))
    yield "not-a-challenge", "other-subject", signed(("Subject", "Hello"))
    yield "not-a-challenge", "subject-lower-case", signed(("Subject", "acme: " + TOKEN))
    yield "not-a-challenge", "no-subject", signed(("Subject", None))
    yield "not-a-challenge", "response", signed(("Subject", "Hello"), body="-----BEGIN ACME RESPONSE-----\r\n")
    yield "is-reply", "reply-re", signed(("Subject", "Re: ACME: " + TOKEN))
    yield "is-reply", "reply-localized", signed(("Subject", "AW: ACME: " + TOKEN))
    yield "is-reply", "reply-encoded", signed(("Subject", "=?utf-8?Q?Re:_ACME:_" + TOKEN + "?="))
    yield "is-reply", "forwarded", signed(("Subject", "[Fwd] ACME: " + TOKEN))
    yield "bad-subject", "token-absent", signed(("Subject", "ACME:"))
    yield "bad-subject", "token-alphabet", signed(("Subject", "ACME: " + TOKEN + "+/"))
    yield "bad-subject", "token-padding-inside", signed(("Subject", "ACME: " + TOKEN + "=" + TOKEN))
    yield "bad-subject", "token-glued-to-label", signed(("Subject", "ACME:" + TOKEN))
    yield "bad-subject", "token-endless", signed(("Subject", "ACME: " + "\r\n ".join([TOKEN] * 12)))
    yield "bad-subject", "encoded-line-end", signed(("Subject", "=?utf-8?Q?ACME:_" + TOKEN[:9] + "=0D=0A_" + TOKEN[9:] + "?="))
    yield "bad-subject", "encoded-line-end-last", signed(
        ("Subject", "=?utf-8?B?" + base64.b64encode(("ACME: " + TOKEN + "\n").encode()).decode() + "?="))
    yield "bad-subject", "encoded-no-break-space", signed(
        ("Subject", "=?utf-8?Q?ACME:_" + TOKEN[:9] + "=C2=A0" + TOKEN[9:] + "?="))
    yield "bad-subject", "encoded-word-broken", signed(("Subject", "ACME: =?utf-8?Q?" + TOKEN + "=?="))
    yield "short-token", "token-short", signed(("Subject", "ACME: " + TOKEN[:21]))
    yield "short-token", "token-short-padded", signed(("Subject", "ACME: " + TOKEN[:20] + "=="))
    yield "bad-charset", "charset-latin-1", signed(("Subject", "=?ISO-8859-1?Q?ACME:_" + TOKEN + "?="))
    yield "bad-charset", "charset-of-second-word", signed(("Subject", "=?utf-8?Q?ACME:?= =?utf-7?Q?_" + TOKEN + "?="))
    yield "bad-charset", "charset-of-token", signed(("Subject", "ACME: =?windows-1252?Q?" + TOKEN + "?="))
    yield "not-auto-submitted", "auto-submitted-absent", signed(("Auto-Submitted", None))
    yield "not-auto-submitted", "auto-submitted-no", signed(("Auto-Submitted", "no"))
    yield "not-auto-submitted", "auto-submitted-replied", signed(("Auto-Submitted", "auto-replied; type=acme"))
    yield "not-auto-submitted", "auto-submitted-glued", signed(("Auto-Submitted", "auto-generated-not"))
    yield "not-auto-submitted", "auto-submitted-torn", signed(("Auto-Submitted", "auto-(x)generated"))
    for name, value in (("From", "evil@other.test"), ("Subject", "ACME: " + TOKEN), ("To", ME), ("Date", "x"),
                        ("Message-ID", "<b@c>"), ("Auto-Submitted", "auto-generated"), ("Reply-To", "x@y.test"),
                        ("Content-Type", "text/html"), ("References", "<x@y>")):
        base = signed(("Reply-To", "replies@ca.test"), ("References", "<a@b>"))
        yield "duplicate-header", "two-" + name.lower(), ("%s: %s\r\n" % (name, value)).encode() + base
    yield "duplicate-header", "two-from-signed", signed(("+From", "evil@other.test"))
    yield "duplicate-header", "other-subject-first", b"Subject: Hello\r\n" + signed()
    for name in ("From", "To", "Message-ID", "Date"):
        yield "missing-header", "no-" + name.lower(), swap(signed(), ("\r\n%s: " % name).encode(), b"\r\nX-Was: ")
    yield "list-mail", "list-id", signed(("List-Id", "<l.example.test>"))
    yield "list-mail", "list-other", signed(("LIST-Unsubscribe-Post", "List-Unsubscribe=One-Click"))


def addresses():
    yield "wrong-from", "from-other", signed(("From", "evil@ca.test"))
    yield "wrong-from", "from-local-part-case", signed(("From", CA.replace("acme", "ACME")))
    yield "wrong-from", "from-two-addresses", signed(("From", CA + ", evil@ca.test"))
    yield "wrong-from", "from-in-display-name", signed(("From", "\"%s\" <evil@ca.test>" % CA))
    yield "wrong-to", "to-other", signed(("To", "bob@example.test"))
    yield "wrong-to", "to-local-part-case", signed(("To", ME.lower()))
    yield "wrong-to", "to-two-addresses", signed(("To", ME + ", bob@example.test"))
    yield "wrong-from", "from-group", signed(("From", "team: %s;" % CA))
    yield "wrong-from", "from-beside-group", signed(("From", "%s, none:;" % CA))
    yield "wrong-from", "from-comment-is-address", signed(("From", "evil@ca.test (%s)" % CA))
    yield "wrong-from", "from-full-width", signed(("From", CA.replace("ca.test", "\uff43\uff41.test")))
    yield "wrong-from", "from-soft-hyphen", signed(("From", CA.replace("ca.test", "c\u00ada.test")))
    yield "wrong-from", "from-look-alike", signed(("From", CA.replace("ca.test", "c\u0430.test")))
    yield "wrong-to", "to-group", signed(("To", "team: %s;" % ME))
    yield "wrong-to", "to-empty-group", signed(("To", "undisclosed-recipients:;"))


def signatures():
    plain = mail()
    yield "unsigned", "unsigned", plain
    yield "unsigned", "authentication-results-only", (
        b"Authentication-Results: mx.example.test; dkim=pass header.d=ca.test\r\n" + plain)
    yield "dkim-fail", "body-changed", swap(sign(plain), b"This is", b"That is")
    yield "dkim-fail", "body-appended", sign(plain) + b"more\r\n"
    yield "dkim-fail", "body-respaced-simple", swap(sign(plain, canon="simple/simple"), b"This is", b"This  is")
    yield "dkim-fail", "header-respaced-simple", swap(sign(plain, canon="simple/simple"), b"To: ", b"To:  ")
    yield "dkim-fail", "subject-changed", swap(sign(plain), TOKEN.encode(), TOKEN[::-1].encode())
    yield "dkim-fail", "reply-to-added-to-oversigned", swap(
        oversigned(plain), b"MIME-Version", b"Reply-To: evil@other.test\r\nMIME-Version")
    yield "dkim-fail", "signature-changed", swap(sign(plain), b"; s=rsa;", b"; s=rsa; n=x;")
    yield "dkim-fail", "wrong-key", sign(plain, "other")
    yield "dkim-fail", "identity-not-below", sign(plain, tags={"i": "@other.test"})
    yield "dkim-fail", "identity-ends-like-domain", sign(plain, tags={"i": "@notca.test"})
    yield "dkim-fail", "identity-below-strict-key", sign(plain, "strict", identity="@mail.ca.test")
    yield "dkim-fail", "garbled", b"DKIM-Signature: garbled\r\n" + plain
    yield "dkim-fail", "version-2", sign(plain, tags={"v": "2"})
    yield "dkim-fail", "algorithm-unknown", sign(plain, tags={"a": "rsa-sha512"})
    yield "dkim-fail", "canonicalization-unknown", swap(sign(plain), b"c=relaxed/relaxed", b"c=relaxed/nofws")
    yield "dkim-fail", "query-method-unknown", sign(plain, tags={"q": "dns/null"})
    yield "dkim-fail", "expiry-before-signing", sign(plain, tags={"x": "1"})
    yield "dkim-fail", "tag-twice", swap(sign(plain), b"; s=rsa;", b"; s=rsa; s=rsa;")
    yield "dkim-fail", "domain-no-name", sign(plain, tags={"d": "ca .test", "i": None})
    yield "dkim-fail", "body-hash-short", swap(sign(plain), b" bh=", b" bh=AAAA; y=")
    yield "dkim-fail", "ed25519-changed", swap(sign(plain, "ed"), TOKEN.encode(), TOKEN[::-1].encode())
    yield "dkim-domain", "domain-other", sign(plain, domain="other.test")
    yield "dkim-domain", "domain-parent", sign(plain, domain="test", tags={"i": None})
    yield "dkim-domain", "domain-below", sign(plain, domain="sub.ca.test")
    yield "dkim-domain", "ninth-signature", sign(plain, domain="other.test")[:-len(plain)] * 8 + sign(plain)
    for name in NEEDED[1:]:
        yield "dkim-headers", "unsigned-" + name.lower(), sign(plain, headers=[x for x in present(plain) if x != name])
    yield "dkim-headers", "unsigned-content-type", sign(plain, headers=NEEDED)
    yield "dkim-headers", "reply-to-added", swap(sign(plain), b"MIME-Version", b"Reply-To: evil@other.test\r\nMIME-Version")
    yield "dkim-weak", "rsa-sha1", sign(plain, algorithm="rsa-sha1")
    yield "dkim-weak", "rsa-sha1-and-length", sign(plain, algorithm="rsa-sha1", length=True)
    yield "dkim-weak", "rsa-768", sign(plain, "rsa768")
    yield "dkim-expired", "expired", sign(plain, tags={"t": str(NOW - 3600), "x": str(NOW - 1)})
    yield "dkim-expired", "signed-in-the-future", sign(plain, tags={"t": str(NOW + 90000)})
    yield "dkim-expired", "signed-in-the-endless-future", sign(plain, tags={"t": "9" * 40})
    yield "dkim-partial-body", "length", sign(plain, length=True)
    yield "dkim-partial-body", "length-appended", sign(plain, length=True) + b"more\r\n"
    yield "dkim-partial-body", "length-zero", swap(sign(plain, tags={"l": "0"}), b"This", b"That")
    for selector in ("revoked", "testing", "sha1only", "notmail", "unknown", "later", "version", "no-p", "spf",
                     "several", "junk-der", "junk-base64", "missing", "edshort", "rsa-says-ed", "ed-says-rsa"):
        yield "dkim-key", "key-" + selector, sign(plain, selector)
    yield "dns-unavailable", "key-down", sign(plain, "down")
    yield "dkim-key", "key-bogus", sign(plain, "bogus")
    yield "dns-unavailable", "key-down-beside-other-domain", sign(sign(plain, "down"), domain="other.test")


def others():
    """Verdict, name, mail, profile, scenario: what our own state and the CA profile change."""
    plain = sign(mail())
    forged = swap(plain, b"This is", b"That is")
    yield "dkim-headers", "strict-present-only", plain, "strict", "wait"
    yield "authentic", "strict-oversigned", oversigned(mail()), "strict", "wait"
    yield "not-expected", "nobody-waits", plain, "present", "nobody"
    yield "dkim-fail", "nobody-waits-and-changed", forged, "present", "nobody"
    yield "not-expected", "authorization-unknown", plain, "present", "unknown-from"
    yield "not-expected", "other-pair", plain, "present", "other-pair"
    yield "wrong-from", "crossed-pair", plain, "present", "crossed"
    yield "already-answered", "answered-message-id", plain, "present", "answered-message-id"
    yield "already-answered", "answered-token", plain, "present", "answered-token"
    yield "stale", "date-before-order", sign(mail(("Date", email.utils.formatdate(NOW - 361)))), "present", "wait"
    yield "stale", "date-in-another-zone-before-order", sign(mail(("Date", email.utils.format_datetime(datetime.datetime.fromtimestamp(
        NOW - 3600, datetime.timezone(datetime.timedelta(hours=-11))))))), "present", "wait"
    yield "expired", "after-deadline", plain, "present", "expired"
    yield "expired", "after-deadline-ed25519", sign(mail(), "ed"), "present", "expired"
    yield "authentic", "report-only", plain, "present", "report"
    yield "authentic", "expected-by-option", plain, "present", "expect"
    yield "wrong-from", "other-from-by-option", plain, "present", "expect-other-from"
    yield "wrong-to", "other-to-by-option", plain, "present", "expect-other-to"
    idn = mail(("From", "acme@b\u00fccher.test"))
    yield "authentic", "idn-u-label-from", sign(idn, domain="xn--bcher-kva.test"), "present", "idn"
    yield "authentic", "idn-u-label-domain", sign(idn, domain="b\u00fccher.test"), "present", "idn"
    sharp = mail(("From", "acme@stra\u00dfe.test"))
    yield "dkim-domain", "idn-sharp-s-as-ss", sign(sharp, domain="strasse.test"), "present", "idn-sharp-s"
    yield "authentic", "idn-a-label-from", sign(mail(("From", "acme@xn--bcher-kva.test")),
                                                domain="XN--bcher-kva.test"), "present", "idn"


def all_mails():
    for name, message in good():
        yield "authentic", "good-" + name, message, "present", "wait"
    for verdict, name, message in (*shape(), *addresses(), *signatures()):
        yield verdict, name, message, "present", "wait"
    yield from others()


def kind_of(verdict, name):
    if verdict == "is-reply" or name == "response":
        return "response"
    return "other" if verdict in ("too-large", "not-a-challenge") or name in (
        "mixed-line-ends", "lone-cr", "nul-in-header", "no-field", "starts-folded", "too-many-fields",
        "field-too-long", "header-cut-off") else "challenge"


def oracle(message):
    """Does dkimpy take any one of the signatures?"""
    count = message.lower().count(b"dkim-signature:")
    for index in range(count):
        try:
            if dkim.DKIM(message, minkey=1024).verify(index, KEYS.look_up):
                return "pass"
        except Exception:  # it raises whatever it stumbles over; all of that is a refusal
            pass
    return "fail"


def main(folder):
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "index.tsv"), "w", encoding="ascii") as index:
        for verdict, name, message, profile, scenario in all_mails():
            with open(os.path.join(folder, name + ".eml"), "wb") as file:
                file.write(message)
            print(name + ".eml", verdict, kind_of(verdict, name), profile, scenario, oracle(message), sep="\t",
                  file=index)
    with open(os.path.join(folder, "zone.tsv"), "w", encoding="utf-8") as zone:
        for line in KEYS.zone:
            print(*line, sep="\t", file=zone)
    with open(os.path.join(folder, "now"), "w", encoding="ascii") as now:
        print(NOW, file=now)


if __name__ == "__main__":
    main(sys.argv[1])
