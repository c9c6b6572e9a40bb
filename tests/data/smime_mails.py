# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the mails of make-smime-mails.py are made of: header protection of either kind, clear and opaque signatures."""

import base64
import email.utils
import tempfile
import time

from mail_signing import Keys, Signer
from smime_signing import Cms, Pki, rsa_key

NOW = int(time.time())
CA = "acme+2i211oi1204310@ca.test"
ME = "Alice@example.test"
TOKEN = "LgYemJLy3F1LDkiJrdIGbEzyFJyOyf6vBdyZ1TG3sME"
BODY = "This is a challenge.\r\n\r\nYour mail program answers it.\r\n"
USED = ("From", "To", "Subject", "Message-ID", "Date", "Auto-Submitted")

WORK = tempfile.mkdtemp(prefix="mailcert-smime-")
KEYS = Keys()
PKI = Pki(WORK, NOW)
CMS = Cms(WORK)
ROOT = PKI.make(authority=True)
OTHER_ROOT = PKI.make(authority=True)
ISSUER = PKI.make(ROOT, authority=True)
SENDER = PKI.make(ISSUER, [CA])
RSA = PKI.make(ISSUER, [CA], key=rsa_key(2048))


# --- mails ---

def fields(*changes):
    """The fields of a challenge; replaced, dropped (None) or added ("+Name")."""
    made = [("From", CA), ("To", ME), ("Subject", "ACME: " + TOKEN), ("Message-ID", "<A2299BB.FF7788@ca.test>"),
            ("Date", email.utils.formatdate(NOW)), ("Auto-Submitted", "auto-generated; type=acme")]
    for name, value in changes:
        at = [i for i, field in enumerate(made) if field[0] == name]
        if not at:
            made.append((name.lstrip("+"), value))
        elif value is None:
            del made[at[0]]
        else:
            made[at[0]] = (name, value)
    return made


def text_of(made, kind, body, *more):
    lines = ["%s: %s" % field for field in [*made, ("Content-Type", kind), *more]]
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode("utf-8")


def hp_part(*changes, kind='text/plain; charset=utf-8; hp="clear"', body=BODY):
    """RFC 9788: the signed part's own fields are the protected ones."""
    return text_of(fields(*changes), kind, body)


def wrapped_part(*changes, kind="message/rfc822", body=BODY, more=()):
    """RFC 8551 3.1: the signed part is a whole mail."""
    return ("\r\n".join(["Content-Type: " + kind, *more]) + "\r\n\r\n").encode() + text_of(
        fields(*changes), "text/plain; charset=utf-8", body)


def folded(der):
    text = base64.b64encode(der).decode()
    return "".join(text[i:i + 64] + "\r\n" for i in range(0, len(text), 64)).encode()


def signature_part(der, kind="application/pkcs7-signature; name=smime.p7s", encoding="base64"):
    return ("Content-Type: %s\r\nContent-Transfer-Encoding: %s\r\n\r\n" % (kind, encoding)).encode() + folded(der)


def multipart(outer, parts, kind="application/pkcs7-signature", boundary="b1-of-test", preamble=b"", epilogue=b"",
              quoted=None):
    value = 'multipart/signed; protocol="%s"; micalg="sha-256"; boundary=%s' % (kind, quoted or '"%s"' % boundary)
    body = preamble + b"".join(b"--" + boundary.encode() + b"\r\n" + part + b"\r\n" for part in parts)
    return text_of(outer, value, "", ("MIME-Version", "1.0")) + body + b"--" + boundary.encode() + b"--\r\n" + epilogue


def clear(part, signer=None, outer=None, **options):
    signer = signer or SENDER
    return multipart(outer or fields(), [part, signature_part(CMS.sign(part, signer, **options))])


def with_outer(*changes):
    """Only what stands outside is changed."""
    return clear(hp_part(), outer=fields(*changes))


def opaque_der(der, outer=None, kind="application/pkcs7-mime; smime-type=signed-data; name=smime.p7m", encoding="base64",
               body=None):
    return text_of(outer or fields(), kind, "", ("Content-Transfer-Encoding", encoding), ("MIME-Version", "1.0")) + (
        folded(der) if body is None else body)


def opaque(part, signer=None, outer=None, kind="application/pkcs7-mime; smime-type=signed-data", **options):
    return opaque_der(CMS.sign(part, signer or SENDER, detached=False, **options), outer, kind)


def by(*names, **options):
    """Signed by a certificate of its own."""
    return clear(hp_part(), PKI.make(options.pop("issuer", ISSUER), names or [CA], **options))


def swap(message, old, new):
    assert old in message, old
    return message.replace(old, new, 1)


def quoted_printable(octets):
    text = "".join("=%02X" % octet for octet in octets)
    return "".join(text[i:i + 72] + "=\r\n" for i in range(0, len(text), 72)).encode()


def dkim(message, selector="rsa", names=None):
    names = names or [name for name in (*USED, "Reply-To", "Content-Type", "Content-Transfer-Encoding")
             if b"\r\n" + name.encode() + b":" in b"\r\n" + message.split(b"\r\n\r\n")[0]]
    signer = Signer(message, {}, minkey=512)
    return signer.sign(selector.encode(), b"ca.test", KEYS.private[selector], include_headers=names) + message
