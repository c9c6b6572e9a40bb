# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Signs the challenge mail: DKIM, relaxed/relaxed, rsa-sha256 or ed25519-sha256 (RFC 6376, RFC 8463)."""

import base64
import hashlib
import os
import re
import time

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa

from message import Message

MUST = ("From", "Sender", "Reply-To", "To", "Cc", "Subject", "Date", "In-Reply-To", "References", "Message-ID",
        "Auto-Submitted", "Content-Type", "Content-Transfer-Encoding")          # A38
SHOULD = ("Resent-Date", "Resent-From", "Resent-To", "Resent-Cc", "List-Id", "List-Help", "List-Unsubscribe",
          "List-Subscribe", "List-Post", "List-Owner", "List-Archive", "List-Unsubscribe-Post")    # A39


def _relaxed_header(name, value):
    value = re.sub(rb"\r\n", b"", value)
    return name.lower().encode() + b":" + re.sub(rb"[ \t]+", b" ", value).strip(b" \t") + b"\r\n"


def _relaxed_body(body):
    lines = [re.sub(rb"[ \t]+", b" ", line).rstrip(b" ") for line in body.split(b"\r\n")]
    while lines and not lines[-1]:
        lines.pop()
    return b"".join(line + b"\r\n" for line in lines)


class Signer:
    """Both kinds of key, made on first use and kept in the CA's folder."""

    def __init__(self, folder, key_file, bits):
        self._folder = folder
        self._key_file = key_file
        self._bits = bits
        self._keys = {}

    def key(self, kind):
        if kind not in self._keys:
            path = self._key_file or os.path.join(self._folder, kind + ".pem")
            if os.path.exists(path):
                with open(path, "rb") as file:
                    self._keys[kind] = serialization.load_pem_private_key(file.read(), None)
            else:
                self._keys[kind] = self._make(kind, path)
        return self._keys[kind]

    def _make(self, kind, path):
        made = ed25519.Ed25519PrivateKey.generate()
        if kind == "dkim-rsa":
            made = rsa.generate_private_key(65537, self._bits)
        with open(path, "xb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            file.write(made.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                          serialization.NoEncryption()))
        return made

    def record(self, kind):
        """The TXT record of a key."""
        public = self.key(kind).public_key()
        if isinstance(public, rsa.RSAPublicKey):
            octets = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
            return "v=DKIM1; k=rsa; h=sha256; p=" + base64.b64encode(octets).decode()
        octets = public.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
        return "v=DKIM1; k=ed25519; p=" + base64.b64encode(octets).decode()

    def records(self, options):
        """{name: TXT} of the keys that this CA signs with."""
        if not options.sign.startswith("dkim-"):
            return {}
        domain = options.dkim_domain or options.sender.rpartition("@")[2]
        return {f"{options.dkim_selector}._domainkey.{domain}".lower(): self.record(options.sign)}

    def sign(self, mail, options, sender):
        """MAIL with a DKIM-Signature on top, or as it is when somebody else signs or nobody."""
        if not options.sign.startswith("dkim-"):
            return mail
        key = self.key(options.sign)
        rsa_key = isinstance(key, rsa.RSAPrivateKey)
        message = Message(mail)
        names = MUST + SHOULD
        if options.sign_headers == "present":
            names = [name for name in names if message.raws(name.lower())]
        body_hash = base64.b64encode(hashlib.sha256(_relaxed_body(message.body)).digest()).decode()
        domain = options.dkim_domain or sender.rpartition("@")[2]
        value = (f" v=1; a={'rsa' if rsa_key else 'ed25519'}-sha256; c=relaxed/relaxed; d={domain};\r\n"
                 f" s={options.dkim_selector}; t={int(time.time())};\r\n"
                 " h=" + ":\r\n  ".join(":".join(names[i:i + 5]) for i in range(0, len(names), 5)) + ";\r\n"
                 f" bh={body_hash};\r\n b=")
        data = self._signed_input(message, names, value)
        if rsa_key:
            signature = key.sign(data, padding.PKCS1v15(), hashes.SHA256())
        else:
            signature = key.sign(hashlib.sha256(data).digest())
        text = base64.b64encode(signature).decode()
        folded = "\r\n  ".join(text[i:i + 70] for i in range(0, len(text), 70))
        return ("DKIM-Signature:" + value + folded + "\r\n").encode() + mail

    @staticmethod
    def _signed_input(message, names, value):
        """Each name takes the next field of that name from below; an absent one adds nothing (RFC 6376 5.4.2)."""
        left = {}
        data = b""
        for name in names:
            values = left.setdefault(name.lower(), message.raws(name.lower()))
            if values:
                data += _relaxed_header(name, values.pop())
        return data + _relaxed_header("DKIM-Signature", value.encode())[:-2]
