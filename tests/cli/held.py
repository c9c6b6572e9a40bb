# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A test CA whose challenge mails stay in the test's hand: it delivers them when and how it likes, and forges others."""

import os
import re

import dkim
from stage import Ca

SIGNED = ("From", "Sender", "Reply-To", "To", "Cc", "Subject", "Date", "In-Reply-To", "References", "Message-ID",
          "Auto-Submitted", "Content-Type", "Content-Transfer-Encoding")  # RFC 8823 3.1


class HeldCa(Ca):
    """Signs with a key of its own, which the sandbox's DNS tells of; mails are files."""

    def __init__(self, sandbox, *options):
        super().__init__(sandbox, "--sign", "dkim-rsa", "--dns", sandbox.facts["dns"], *options, wire=False)
        self.sandbox = sandbox
        sandbox.run("ca-smtp", self.ready["smtp_in"])
        for name, text in self.ready["dkim_txt"].items():
            sandbox.run("dns", "set", name, "TXT", text)
        with open(os.path.join(self.dir, "dkim-rsa.pem"), "rb") as file:
            self.key = file.read()

    def challenge(self, number=1):
        """The octets of the NUMBERth challenge mail, as soon as the CA has sent it."""
        self.wait("mails-out", number)
        with open(os.path.join(self.dir, "mail-out", "%04d.eml" % number), "rb") as file:
            return file.read()

    def sign(self, mail, key=None, domain=b"ca.test", selector=b"acme", names=SIGNED, **more):
        """MAIL without the signature that it has, signed anew."""
        mail = unsigned(mail)
        header = dkim.sign(mail, selector, domain, key or self.key, canonicalize=(b"relaxed", b"relaxed"),
                           include_headers=[name.encode() for name in names], **more)
        return header + mail


def unsigned(mail):
    return re.sub(rb"(?im)\ADKIM-Signature:.*?\r\n(?![ \t])", b"", mail, flags=re.S)


def set_field(mail, name, value):
    """MAIL with NAME's value replaced, with NAME removed (None)."""
    line = b"" if value is None else b"%s: %s\r\n" % (name, value)
    changed, count = re.subn(rb"(?im)^" + name + rb":.*\r\n(?:[ \t].*\r\n)*", lambda _: line, mail, count=1)
    assert count == 1, name
    return changed


def add_field(mail, line):
    """One more field, above all others."""
    return line + b"\r\n" + mail
