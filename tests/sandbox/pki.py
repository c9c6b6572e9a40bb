# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sandbox's own CA, its server certificates (good, wrong name, self-signed, expired) and the DKIM keys."""

import base64
import datetime
import hashlib
import ipaddress
import os
import subprocess

RSA_NAMES = ("dkim-example", "dkim-ca")


class RsaKeys:
    """Two RSA-2048 keys take 0.2-0.7 s each: made by openssl beside everything else."""

    def __init__(self, folder):
        self.folder = folder
        self.making = []
        for name in RSA_NAMES:
            path = os.path.join(folder, name + ".key")
            if not os.path.exists(path):
                command = ["openssl", "genrsa", "-out", path, "2048"]
                self.making.append(subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE))

    def wait(self):
        for process in self.making:
            complaint = process.communicate()[1]
            if process.returncode != 0:
                raise RuntimeError("openssl genrsa failed: " + complaint.decode(errors="replace").strip())
        self.making = []

    def stop(self):
        for process in self.making:
            process.kill()
            process.communicate()


def write(path, content):
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)


def make_certificates(folder, dns_names, addresses):
    """Writes ca.pem and NAME.pem (key, certificate) for server, wrongname, selfsigned and expired, once."""
    if os.path.exists(os.path.join(folder, "expired.pem")):
        return
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519

    now = datetime.datetime.utcnow()
    day = datetime.timedelta(days=1)

    def named(text):
        return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])

    def certificate(subject, key, issuer, issuer_key, extensions, start=-1, end=30):
        builder = x509.CertificateBuilder().subject_name(named(subject)).issuer_name(named(issuer))
        builder = builder.public_key(key.public_key()).serial_number(x509.random_serial_number())
        builder = builder.not_valid_before(now + start * day).not_valid_after(now + end * day)
        for extension, critical in extensions:
            builder = builder.add_extension(extension, critical)
        return builder.sign(issuer_key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)

    def private(key):
        return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                 serialization.NoEncryption())

    ca_key = ec.generate_private_key(ec.SECP256R1())
    ca_name = "mailcert sandbox CA"
    ca_usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
    ca_id = x509.SubjectKeyIdentifier.from_public_key(ca_key.public_key())
    ca = certificate(ca_name, ca_key, ca_name, ca_key,
                     [(x509.BasicConstraints(True, 0), True), (ca_usage, True), (ca_id, False)], end=365)
    write(os.path.join(folder, "ca.pem"), ca)
    os.chmod(os.path.join(folder, "ca.pem"), 0o644)

    def serve(name, names, ips, issuer=ca_name, **period):
        key = ec.generate_private_key(ec.SECP256R1())
        alternative = [x509.DNSName(n) for n in names] + [x509.IPAddress(ipaddress.ip_address(i)) for i in ips]
        extensions = [(x509.SubjectAlternativeName(alternative), False), (x509.BasicConstraints(False, None), True),
                      (x509.ExtendedKeyUsage([x509.ExtendedKeyUsageOID.SERVER_AUTH]), False),
                      (x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(ca_id), False)]
        signer = ca_key
        if issuer != ca_name:
            signer = key
            extensions.pop()
        pem = certificate(names[0], key, issuer, signer, extensions, **period)
        write(os.path.join(folder, name + ".pem"), private(key) + pem)

    serve("server", dns_names, addresses)
    serve("wrongname", ["elsewhere.test"], [])
    serve("selfsigned", dns_names, addresses, issuer=dns_names[0])

    seed = ed25519.Ed25519PrivateKey.generate()
    write(os.path.join(folder, "dkim-ed.key"), private(seed))
    serve("expired", dns_names, addresses, start=-40, end=-10)  # the last file: its presence means complete


def spki(path):
    """The public key in DER, kept beside the private one. Not by python3-cryptography: it checks an RSA key, 0.1 s each."""
    kept = path + ".spki"
    if not os.path.exists(kept):
        subprocess.run(["openssl", "pkey", "-in", path, "-pubout", "-outform", "DER", "-out", kept], check=True)
    with open(kept, "rb") as file:
        return file.read()


def public_part(path):
    """The base64 text of p= in a DKIM record (RFC 6376 3.6.1; RFC 8463 4.2: the bare 32 bytes)."""
    der = spki(path)
    return base64.b64encode(der[-32:] if len(der) == 44 else der).decode()


def spki_digest(path):
    """TLSA 3 1 1 of a key."""
    return hashlib.sha256(spki(path)).hexdigest()
