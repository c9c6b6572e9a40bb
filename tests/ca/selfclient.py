# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A tiny ACME client and mail user for selftest.py. It shares nothing with the CA it talks to, nor with mailcert."""

import base64
import hashlib
import hmac
import http.client
import json
import re
import smtplib
import ssl
import time
import urllib.parse

import dkim
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils
from cryptography.x509.oid import NameOID

HEADERS = [b"From", b"Sender", b"Reply-To", b"To", b"Cc", b"Subject", b"Date", b"In-Reply-To", b"References",
           b"Message-ID", b"Content-Type", b"Content-Transfer-Encoding"]


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text):
    text = text.rstrip("=")
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Answer:
    def __init__(self, response, body):
        self.status = response.status
        self.headers = response.headers
        self.body = body
        is_json = "json" in (response.getheader("Content-Type") or "")
        self.json = json.loads(body) if is_json and body else {}

    @property
    def problem(self):
        return self.json.get("type", "").rpartition(":")[2]


class Control:
    """The CA's control server."""

    def __init__(self, url):
        self._url = urllib.parse.urlsplit(url)
        self._http = http.client.HTTPConnection(self._url.hostname, self._url.port, timeout=15)

    def _call(self, method, path, body=None):
        self._http.request(method, path, body)
        response = self._http.getresponse()
        data = response.read()
        if response.status != 200:
            raise AssertionError(f"control {method} {path}: {response.status} {data!r}")
        return json.loads(data) if data else None

    def set(self, **values):
        return self._call("POST", "/control", json.dumps(values).encode())

    def state(self):
        return self._call("GET", "/control/state")

    def wait(self, counter, minimum=1, timeout=10):
        return self._call("GET", f"/control/wait?counter={counter}&min={minimum}&timeout={timeout}")

    def forget(self):
        self._call("POST", "/control/forget", b"")

    def mail(self, raw):
        return self._call("POST", "/control/mail", raw)

    def resend(self, challenge):
        self._call("POST", "/control/resend", json.dumps({"challenge": challenge}).encode())


class Key:
    """An account key, ES256 or RS256."""

    def __init__(self, kind="ec"):
        self.private = ec.generate_private_key(ec.SECP256R1())
        if kind == "rsa":
            self.private = rsa.generate_private_key(65537, 2048)
        numbers = self.private.public_key().public_numbers()
        if kind == "ec":
            self.alg = "ES256"
            self.jwk = {"kty": "EC", "crv": "P-256", "x": b64(numbers.x.to_bytes(32, "big")),
                        "y": b64(numbers.y.to_bytes(32, "big"))}
        else:
            self.alg = "RS256"
            self.jwk = {"kty": "RSA", "e": "AQAB", "n": b64(numbers.n.to_bytes(256, "big"))}
        text = json.dumps(self.jwk, sort_keys=True, separators=(",", ":"))
        self.thumbprint = b64(hashlib.sha256(text.encode()).digest())

    def sign(self, data):
        if self.alg == "RS256":
            return self.private.sign(data, padding.PKCS1v15(), hashes.SHA256())
        r, s = utils.decode_dss_signature(self.private.sign(data, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")

    def jws(self, header, payload):
        protected = b64(json.dumps({"alg": self.alg, **header}).encode())
        text = b64(payload)
        return {"protected": protected, "payload": text, "signature": b64(self.sign(f"{protected}.{text}".encode()))}


class Client:
    """One ACME account."""

    def __init__(self, ready, kind="ec"):
        self.ready = ready
        url = urllib.parse.urlsplit(ready["directory"])
        context = ssl.create_default_context(cafile=ready["tls_root"])
        self.http = http.client.HTTPSConnection(url.hostname, url.port, context=context, timeout=30)
        self.key = Key(kind)
        self.kid = None
        self.nonce = None
        self.base = f"https://{url.netloc}"
        self.directory = self.get(ready["directory"]).json

    def send(self, method, url, body=None, headers=None):
        """One request as given; remembers the nonce."""
        fields = {"User-Agent": "selftest/1", "Accept-Language": "en"} if headers is None else headers
        self.http.request(method, url[len(self.base):], body, fields)
        response = self.http.getresponse()
        answer = Answer(response, response.read())
        self.nonce = response.getheader("Replay-Nonce") or self.nonce
        return answer

    def get(self, url):
        return self.send("GET", url)

    def fresh(self):
        """A nonce, used up by asking for it."""
        if self.nonce is None:
            self.send("HEAD", self.directory["newNonce"])
        nonce, self.nonce = self.nonce, None
        return nonce

    def header(self, url, jwk=False):
        named = {"jwk": self.key.jwk} if jwk or self.kid is None else {"kid": self.kid}
        return {"nonce": self.fresh(), "url": url, **named}

    def raw(self, url, jws, headers=None):
        fields = {"User-Agent": "selftest/1", "Content-Type": "application/jose+json", "Accept-Language": "en"}
        return self.send("POST", url, json.dumps(jws).encode(), fields if headers is None else headers)

    def post(self, url, payload=None, jwk=False):
        """A signed POST; None = POST-as-GET."""
        body = b"" if payload is None else json.dumps(payload).encode()
        return self.raw(url, self.key.jws(self.header(url, jwk), body))

    def register(self, **members):
        answer = self.post(self.directory["newAccount"], members, jwk=True)
        if answer.status in (200, 201):
            self.kid = answer.headers["Location"]
        return answer

    def binding(self, kid, key, **changes):
        header = {"alg": "HS256", "kid": kid, "url": self.directory["newAccount"], **changes}
        protected, payload = b64(json.dumps(header).encode()), b64(json.dumps(self.key.jwk).encode())
        mac = hmac.new(key, f"{protected}.{payload}".encode(), "sha256").digest()
        return {"protected": protected, "payload": payload, "signature": b64(mac)}

    def order(self, *addresses, **members):
        identifiers = [{"type": "email", "value": address} for address in addresses]
        answer = self.post(self.directory["newOrder"], {"identifiers": identifiers, **members})
        answer.url = answer.headers.get("Location")
        return answer

    def until(self, url, *states):
        """Polls URL to one of these states."""
        end = time.monotonic() + 20
        while time.monotonic() < end:
            answer = self.post(url)
            if answer.json.get("status") in states:
                return answer
        raise AssertionError(f"{url} stays {answer.json.get('status')}, wanted {states}")


def digest(token1, token2, thumbprint, join):
    token = token1 + token2 if join == "string" else b64(unb64(token1) + unb64(token2))
    return b64(hashlib.sha256(f"{token}.{thumbprint}".encode()).digest())


def csr(key, addresses, usage=("digital_signature", "key_agreement"), subject=(), more=(), names=None, digest_alg=None,
        attributes=()):
    """A CSR in DER; USAGE None = no keyUsage."""
    builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name(list(subject)))
    names = [x509.RFC822Name(address) for address in addresses] if names is None else names
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), False)
    bits = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
            "key_cert_sign", "crl_sign", "encipher_only", "decipher_only")
    if usage is not None:
        builder = builder.add_extension(x509.KeyUsage(**{bit: bit in usage for bit in bits}), True)
    for extension in more:
        builder = builder.add_extension(extension, False)
    for attribute in attributes:
        builder = builder.add_attribute(*attribute)
    return builder.sign(key, digest_alg or hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def common_name(text):
    return x509.NameAttribute(NameOID.COMMON_NAME, text)


class Person:
    """Someone with a mailbox at a domain that signs its mail."""

    def __init__(self, address):
        self.address = address
        self.domain = address.rpartition("@")[2]
        key = rsa.generate_private_key(65537, 1024)
        self.pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL,
                                     serialization.NoEncryption())
        public = key.public_key().public_bytes(serialization.Encoding.DER,
                                               serialization.PublicFormat.SubjectPublicKeyInfo)
        self.record = "v=DKIM1; k=rsa; p=" + base64.b64encode(public).decode()
        self.name = f"s1._domainkey.{self.domain}"

    def reply(self, fields, value, body=None, **changes):
        """The unsigned reply to a challenge mail; CHANGES replace header fields (None drops one)."""
        reply_to = fields.get("reply-to", fields["from"])
        header = {
            "From": self.address, "To": reply_to, "Subject": "Re: " + fields["subject"],
            "Date": "Sun, 22 Nov 2026 01:00:00 +0000", "Message-ID": f"<{value[:12]}@{self.domain}>",
            "In-Reply-To": fields["message-id"], "References": fields["message-id"],
            "Auto-Submitted": "auto-replied", "MIME-Version": "1.0", "Content-Type": "text/plain; charset=us-ascii",
            "Content-Transfer-Encoding": "7bit",
        }
        header.update({name.replace("_", "-"): text for name, text in changes.items()})
        body = body or f"-----BEGIN ACME RESPONSE-----\r\n{value}\r\n-----END ACME RESPONSE-----\r\n"
        head = "".join(f"{name}: {text}\r\n" for name, text in header.items() if text is not None)
        return (head + "\r\n" + body).encode()

    def sign(self, mail, domain=None, headers=None, length=False, algorithm=b"rsa-sha256"):
        signature = dkim.sign(mail, b"s1", (domain or self.domain).encode(), self.pem, length=length,
                              include_headers=headers or HEADERS, canonicalize=(b"relaxed", b"relaxed"),
                              signature_algorithm=algorithm)
        return signature + mail

    def deliver(self, ready, mail, to):
        host, port = ready["smtp_in"].split(":")
        with smtplib.SMTP(host, int(port), local_hostname="mail.example.test") as smtp:
            smtp.sendmail(self.address, [to], mail)


def read_mail(path):
    """Header fields of a challenge mail, unfolded, by lower-case name; '' holds the octets."""
    with open(path, "rb") as file:
        raw = file.read()
    head = raw.partition(b"\r\n\r\n")[0].decode()
    fields = {"": raw}
    for line in re.split(r"\r\n(?![ \t])", head):
        name, _, text = line.partition(":")
        fields[name.lower()] = text.replace("\r\n", "").strip()
    return fields
