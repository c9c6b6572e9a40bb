# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The certificates and the CMS signer of make-smime-mails.py: python3-cryptography makes keys and certificates, the
program openssl makes and checks signatures."""

import datetime
import os
import subprocess

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

SMTP_UTF8 = ObjectIdentifier("1.3.6.1.5.5.7.8.9")
MAIL = ExtendedKeyUsageOID.EMAIL_PROTECTION
DAY = 86400
BITS = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
        "key_cert_sign", "crl_sign", "encipher_only", "decipher_only")


def utf8_mailbox(address):
    octets = address.encode()
    return x509.OtherName(SMTP_UTF8, b"\x0c" + bytes([len(octets)]) + octets)


class Identity:
    """A key and its certificate, both also as files."""

    def __init__(self, path, key, certificate, issuer):
        self.path, self.key, self.certificate, self.issuer = path, key, certificate, issuer

    def chain(self):
        """The certificates above this one, without the root."""
        above = self.issuer
        return [] if above is None or above.issuer is None else [above] + above.chain()


class Pki:
    def __init__(self, folder, now):
        self.folder, self.now, self.count = folder, now, 0

    def make(self, issuer=None, names=(), authority=False, eku=(MAIL,), usage=("digital_signature",), begin=-DAY,
             end=90 * DAY, key=None, digest=None, subject=None, constraints=None):
        """An Identity; ISSUER None = self-signed. EKU and USAGE None = no such extension."""
        self.count += 1
        key = key or ec.generate_private_key(ec.SECP256R1())
        name = [x509.NameAttribute(NameOID.COMMON_NAME, "Test %d" % self.count)]
        if subject:
            name.append(x509.NameAttribute(NameOID.EMAIL_ADDRESS, subject))
        name = x509.Name(name)
        builder = x509.CertificateBuilder(
            issuer.certificate.subject if issuer else name, name, key.public_key(), x509.random_serial_number(),
            self._at(begin), self._at(end))
        builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
        builder = builder.add_extension(x509.BasicConstraints(authority, None), True)
        if authority:
            usage = ("key_cert_sign", "crl_sign")
        if usage is not None:
            builder = builder.add_extension(x509.KeyUsage(**{bit: bit in usage for bit in BITS}), True)
        if eku is not None and issuer is not None:
            builder = builder.add_extension(x509.ExtendedKeyUsage(eku), False)
        if names:
            names = [x509.RFC822Name(each) if isinstance(each, str) else each for each in names]
            builder = builder.add_extension(x509.SubjectAlternativeName(names), False)
        if constraints:
            builder = builder.add_extension(x509.NameConstraints(None, [x509.RFC822Name(constraints)]), True)
        signing_key = issuer.key if issuer else key
        algorithm = None if isinstance(signing_key, ed25519.Ed25519PrivateKey) else (digest or hashes.SHA256())
        return self._keep(key, builder.sign(signing_key, algorithm), issuer)

    def _at(self, seconds):
        return datetime.datetime.utcfromtimestamp(self.now + seconds)

    def _keep(self, key, certificate, issuer):
        path = os.path.join(self.folder, "identity-%d" % self.count)
        write(path + ".crt", certificate.public_bytes(serialization.Encoding.PEM))
        write(path + ".key", key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                               serialization.NoEncryption()))
        return Identity(path, key, certificate, issuer)


def rsa_key(bits):
    return rsa.generate_private_key(65537, bits)


def write(path, octets):
    with open(path, "wb") as file:
        file.write(octets)


def openssl(*words, data=b""):
    done = subprocess.run(["openssl", *words], input=data, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    if done.returncode != 0:
        raise RuntimeError("openssl %s: %s" % (" ".join(words), done.stderr.decode(errors="replace")))
    return done.stdout


class Cms:
    def __init__(self, folder):
        self.folder = folder

    def sign(self, content, *signers, detached=True, digest="sha256", certificates=None, words=()):
        """SignedData in DER over exactly these octets. CERTIFICATES beside the signers' own: None = their chains."""
        if certificates is None:
            certificates = {each.path: each for signer in signers for each in signer.chain()}.values()
        beside = os.path.join(self.folder, "beside.pem")
        command = ["cms", "-sign", "-binary", "-outform", "DER", "-md", digest]
        for signer in signers:
            command += ["-signer", signer.path + ".crt", "-inkey", signer.path + ".key"]
        if certificates:
            write(beside, b"".join(each.certificate.public_bytes(serialization.Encoding.PEM) for each in certificates))
            command += ["-certfile", beside]
        return openssl(*command, *([] if detached else ["-nodetach"]), *words, data=content)

    def encrypt(self, content, identity):
        return openssl("cms", "-encrypt", "-binary", "-aes128", "-outform", "DER", identity.path + ".crt", data=content)

    @staticmethod
    def certificates_only(*identities):
        words = [word for each in identities for word in ("-certfile", each.path + ".crt")]
        return openssl("crl2pkcs7", "-nocrl", "-outform", "DER", *words)

    @staticmethod
    def verifies(path, roots, now):
        """What openssl says about the mail in the file PATH."""
        done = subprocess.run(["openssl", "cms", "-verify", "-in", path, "-CAfile", roots, "-purpose", "smimesign",
                               "-attime", str(now), "-out", os.devnull],
                              stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        return done.returncode == 0
