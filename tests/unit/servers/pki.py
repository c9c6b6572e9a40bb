#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""pki.py DIR: two CAs and the certificates that the network tests need, made anew for each run."""

import datetime
import ipaddress
import os
import sys

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

DAY = datetime.timedelta(days=1)
NOW = datetime.datetime.utcnow()


def write(folder, name, key, chain):
    with open(os.path.join(folder, name + ".key"), "wb") as out:
        out.write(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
    with open(os.path.join(folder, name + ".pem"), "wb") as out:
        for certificate in chain:
            out.write(certificate.public_bytes(serialization.Encoding.PEM))


def make(folder, name, names=(), issuer=None, end=NOW + DAY):
    """ISSUER: (certificate, key), None = a CA of its own."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer[0].subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - 30 * DAY)
        .not_valid_after(end)
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
    )
    if names:
        alternatives = [
            x509.IPAddress(ipaddress.ip_address(n)) if n[0].isdigit() else x509.DNSName(n) for n in names
        ]
        builder = builder.add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
    certificate = builder.sign(issuer[1] if issuer else key, hashes.SHA256())
    write(folder, name, key, [certificate])
    return certificate, key


def main(folder):
    ca = make(folder, "ca")
    other = make(folder, "other-ca")
    make(folder, "good", ["localhost", "127.0.0.1"], ca)
    make(folder, "wrong", ["mail.elsewhere.test"], ca)
    make(folder, "expired", ["localhost", "127.0.0.1"], ca, NOW - DAY)
    make(folder, "unknown", ["localhost", "127.0.0.1"], other)


main(sys.argv[1])
