# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Signs the challenge mail with S/MIME (A41, A42): multipart/signed, the header protected by RFC 9788 or RFC 8551 3.1."""

import base64
import secrets
import time

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs7

from pki import DAY, SMTP_UTF8


class SmimeSigner:
    """A key for each sender, certified by the CA's own S/MIME intermediate, below the root in ready.json."""

    def __init__(self, pki):
        self._pki = pki
        self._senders = {}

    def _sender(self, address):
        if address not in self._senders:
            key = ec.generate_private_key(ec.SECP256R1())
            if address.isascii():
                name = x509.RFC822Name(address)
            else:
                octets = address.encode()
                name = x509.OtherName(SMTP_UTF8, b"\x0c" + bytes([len(octets)]) + octets)
            now = time.time()
            leaf = self._pki.leaf(key.public_key(), [name], "", {"digital_signature"}, now - DAY, now + 30 * DAY, "")
            self._senders[address] = key, leaf
        return self._senders[address]

    def sign(self, mail, options, sender):
        """MAIL signed, or as it is when it is not S/MIME that signs. Its fields stay outside, as copies."""
        if options.sign != "smime":
            return mail
        head, _, body = mail.partition(b"\r\n\r\n")
        lines = head.replace(b"\r\n ", b"\0 ").replace(b"\r\n\t", b"\0\t").split(b"\r\n")
        lines = [line.replace(b"\0", b"\r\n") for line in lines]
        outer = [line for line in lines if not line.lower().startswith((b"content-", b"mime-version"))]
        if options.protect == "wrapped":
            part = b"Content-Type: message/rfc822; forwarded=no\r\n\r\n" + mail
        else:
            kind = [line + b'; hp="clear"' if options.protect == "hp" and line.lower().startswith(b"content-type:") else line
                    for line in lines if line.lower().startswith(b"content-")]
            part = b"\r\n".join((outer if options.protect == "hp" else []) + kind) + b"\r\n\r\n" + body
        return self._envelope(outer, part, sender)

    def _envelope(self, outer, part, sender):
        key, leaf = self._sender(sender)
        builder = pkcs7.PKCS7SignatureBuilder().set_data(part).add_signer(leaf, key, hashes.SHA256())
        signature = builder.add_certificate(self._pki.intermediate).sign(
            serialization.Encoding.DER, [pkcs7.PKCS7Options.DetachedSignature, pkcs7.PKCS7Options.Binary])
        mark = b"=_" + secrets.token_hex(12).encode()
        kind = (b'Content-Type: multipart/signed; protocol="application/pkcs7-signature";\r\n micalg=sha-256; boundary="' +
                mark + b'"')
        text = base64.encodebytes(signature).replace(b"\n", b"\r\n")
        return b"\r\n".join(outer + [b"MIME-Version: 1.0", kind]) + b"\r\n\r\n--" + mark + b"\r\n" + part + (
            b"\r\n--" + mark + b"\r\nContent-Type: application/pkcs7-signature; name=smime.p7s\r\n"
            b"Content-Transfer-Encoding: base64\r\n\r\n" + text + b"\r\n--" + mark + b"--\r\n")
