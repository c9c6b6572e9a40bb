# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The CA's own keys and certificates: TLS root and server, S/MIME root, intermediate, other roots; and the leaves.

All P-256 and kept in DIR, so that a second start in the same folder has the same roots.
"""

import datetime
import ipaddress
import os
import secrets

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

MAILBOX_STRICT = ObjectIdentifier("2.23.140.1.5.1.3")
SMTP_UTF8 = ObjectIdentifier("1.3.6.1.5.5.7.8.9")
KEY_USAGE_BITS = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
                  "key_cert_sign", "crl_sign", "encipher_only", "decipher_only")
DAY = 86400


def _name(common_name):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def key_usage(bits):
    """The extension with these of KEY_USAGE_BITS set."""
    return x509.KeyUsage(**{name: name in bits for name in KEY_USAGE_BITS})


def pem(certificate):
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def _at(seconds):
    return datetime.datetime.utcfromtimestamp(int(seconds))


def _builder(subject, issuer, public, not_before, not_after):
    # the top bit set: DER puts 00 before it, which the id of RFC 9773 must keep (C02)
    serial = int.from_bytes(b"\xc0" + secrets.token_bytes(15), "big")
    return x509.CertificateBuilder(issuer, subject, public, serial, _at(not_before), _at(not_after))


def _authority(builder, public, issuer_public, path_length, eku):
    builder = builder.add_extension(x509.BasicConstraints(True, path_length), True)
    builder = builder.add_extension(key_usage({"key_cert_sign", "crl_sign"}), True)
    builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(public), False)
    builder = builder.add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_public), False)
    if eku:
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), False)
    return builder


class Pki:
    def __init__(self, folder, now):
        self._folder = folder
        self._now = now
        self.random = secrets.token_bytes
        self.tls_root_key, self.tls_root = self._authority_pair("tls-root", "mailcert test TLS root", None)
        self.root_key, self.root = self._authority_pair("root", "mailcert test S/MIME root", None)
        self.key, self.intermediate = self._authority_pair("intermediate", "mailcert test S/MIME CA", "root")
        self._crosses = {}

    def path(self, name):
        return os.path.join(self._folder, name + ".pem")

    def _key(self, name):
        path = self.path(name + "-key")
        if os.path.exists(path):
            with open(path, "rb") as file:
                return serialization.load_pem_private_key(file.read(), None)
        key = ec.generate_private_key(ec.SECP256R1())
        with open(path, "xb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            file.write(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                         serialization.NoEncryption()))
        return key

    def _authority_pair(self, name, title, issuer):
        """Key and certificate of an authority; ISSUER None = self-signed."""
        key = self._key(name)
        path = self.path(name)
        if os.path.exists(path):
            with open(path, "rb") as file:
                return key, x509.load_pem_x509_certificate(file.read())
        issuer_key, issuer_name = (key, _name(title)) if issuer is None else (self.root_key, self.root.subject)
        builder = _builder(_name(title), issuer_name, key.public_key(), self._now - DAY, self._now + 3650 * DAY)
        builder = _authority(builder, key.public_key(), issuer_key.public_key(), None if issuer is None else 0,
                             issuer is not None)
        certificate = builder.sign(issuer_key, hashes.SHA256())
        self._write(name, pem(certificate))
        return key, certificate

    def _write(self, name, text):
        with open(self.path(name), "w", encoding="ascii") as file:
            file.write(text)

    def cross(self, number):
        """The intermediate as certified by another root: its key and name stay, so the leaf fits both chains (B60)."""
        if number not in self._crosses:
            name = f"root-{number}"
            root_key, root = self._authority_pair(name, f"mailcert test S/MIME root {number}", None)
            builder = _builder(self.intermediate.subject, root.subject, self.key.public_key(), self._now - DAY,
                               self._now + 3650 * DAY)
            builder = _authority(builder, self.key.public_key(), root_key.public_key(), 0, True)
            self._crosses[number] = builder.sign(root_key, hashes.SHA256())
        return self._crosses[number]

    def tls_files(self, names, mode):
        """Key and certificate files of the HTTPS server; MODE as --tls."""
        key = self._key("tls")
        if mode == "wrong-name":
            names = ["elsewhere.test"]
        alternatives = []
        for name in names:
            try:
                alternatives.append(x509.IPAddress(ipaddress.ip_address(name)))
            except ValueError:
                alternatives.append(x509.DNSName(name))
        end = self._now - 60 if mode == "expired" else self._now + 365 * DAY
        subject = _name("mailcert test CA server")
        issuer, issuer_key = (subject, key) if mode == "self-signed" else (self.tls_root.subject, self.tls_root_key)
        builder = _builder(subject, issuer, key.public_key(), self._now - DAY, end)
        builder = builder.add_extension(x509.SubjectAlternativeName(alternatives), False)
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False)
        issuer_id = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key())
        builder = builder.add_extension(issuer_id, False)
        self._write("tls", pem(builder.sign(issuer_key, hashes.SHA256())))
        return self.path("tls"), self.path("tls-key")

    def leaf(self, public, alternatives, common_name, bits, begin, end, crl):
        """A certificate for PUBLIC: ALTERNATIVES are GeneralNames, BITS of KEY_USAGE_BITS, CRL an http URL or ''."""
        subject = _name(common_name) if common_name else x509.Name([])
        builder = _builder(subject, self.intermediate.subject, public, begin, end)
        for extension, critical in (
                (x509.SubjectAlternativeName(alternatives), not common_name),
                (key_usage(bits), True),
                (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), False),
                (x509.CertificatePolicies([x509.PolicyInformation(MAILBOX_STRICT, None)]), False),
                (x509.SubjectKeyIdentifier.from_public_key(public), False),
                (x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), False)):
            builder = builder.add_extension(extension, critical)
        if crl:
            point = x509.DistributionPoint([x509.UniformResourceIdentifier(crl)], None, None, None)
            builder = builder.add_extension(x509.CRLDistributionPoints([point]), False)
        return builder.sign(self.key, hashes.SHA256())

    def crl(self, revoked, now):
        """The intermediate's CRL in DER; REVOKED are serial numbers."""
        builder = x509.CertificateRevocationListBuilder(self.intermediate.subject, _at(now - 60), _at(now + DAY))
        builder = builder.add_extension(x509.CRLNumber(int(now)), False)
        issuer_id = x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key())
        builder = builder.add_extension(issuer_id, False)
        for serial in revoked:
            entry = x509.RevokedCertificateBuilder(serial, _at(now - 60)).build()
            builder = builder.add_revoked_certificate(entry)
        return builder.sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def other_key():
    """A key that nobody asked a certificate for."""
    return ec.generate_private_key(ec.SECP256R1())
