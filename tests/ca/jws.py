# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Strict reading of JSON, base64url, JWK and flattened JWS (RFC 7515, 7517, 7638; RFC 8555 6)."""

import base64
import hashlib
import hmac
import json
import re

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils

from problem import Problem, malformed

ALGORITHMS = ("ES256", "RS256")
PRIVATE_MEMBERS = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}


def b64url_encode(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def b64url(text, what):
    """The octets of unpadded base64url; nothing else passes (B02)."""
    if not isinstance(text, str):
        raise malformed(f"{what} is not a string", "B03")
    if "=" in text:
        raise malformed(f"{what}: base64url with padding", "B02")
    if not re.fullmatch(r"[A-Za-z0-9_-]*", text) or len(text) % 4 == 1:
        raise malformed(f"{what} is not base64url", "B02")
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if b64url_encode(data) != text:
        raise malformed(f"{what}: base64url with stray bits at the end", "B02")
    return data


def _no_duplicates(pairs):
    names = [name for name, _ in pairs]
    if len(names) != len(set(names)):
        raise ValueError("a member stands twice")
    return dict(pairs)


def json_object(data, what, fact="B03"):
    """The one JSON object in these bytes, no member twice."""
    try:
        value = json.loads(data.decode("utf-8"), object_pairs_hook=_no_duplicates)
    except (ValueError, RecursionError) as error:
        raise malformed(f"{what}: not JSON ({error})", fact) from error
    if not isinstance(value, dict):
        raise malformed(f"{what}: not a JSON object", fact)
    return value


def _bad_key(detail, fact=None):
    return Problem("badPublicKey", detail, fact=fact)


class Jwk:
    """A public key as the client gave it."""

    def __init__(self, members):
        if not isinstance(members, dict):
            raise _bad_key("jwk is not an object", "B03")
        private = PRIVATE_MEMBERS & set(members)
        if private:
            raise _bad_key("jwk carries private members: " + " ".join(sorted(private)), "B30")
        self.members = members
        kind = members.get("kty")
        if kind == "EC":
            self.alg, names = "ES256", ("crv", "kty", "x", "y")
            self.public = self._ec(members)
        elif kind == "RSA":
            self.alg, names = "RS256", ("e", "kty", "n")
            self.public = self._rsa(members)
        else:
            raise _bad_key(f"jwk kty {kind!r} is not taken: EC P-256 or RSA")
        canonical = json.dumps({name: members[name] for name in names}, separators=(",", ":"), sort_keys=True)
        self.thumbprint = b64url_encode(hashlib.sha256(canonical.encode()).digest())

    @staticmethod
    def _ec(members):
        if members.get("crv") != "P-256":
            raise _bad_key(f"jwk crv {members.get('crv')!r}: only P-256 goes with ES256")
        x, y = (b64url(members.get(name), f"jwk {name}") for name in "xy")
        if len(x) != 32 or len(y) != 32:
            raise _bad_key("jwk x and y have 32 octets each for P-256 (RFC 7518 6.2.1.2)", "RFC7518")
        try:
            numbers = ec.EllipticCurvePublicNumbers(int.from_bytes(x, "big"), int.from_bytes(y, "big"), ec.SECP256R1())
            return numbers.public_key()
        except ValueError as error:
            raise _bad_key(f"jwk: the point is not on P-256 ({error})", "RFC7518") from error

    @staticmethod
    def _rsa(members):
        n, e = (b64url(members.get(name), f"jwk {name}") for name in "ne")
        if n[:1] in (b"", b"\0") or e[:1] in (b"", b"\0"):
            raise _bad_key("jwk n and e have no leading zero octets (B51)", "B51")
        bits = int.from_bytes(n, "big").bit_length()
        if not 2048 <= bits <= 8192:
            raise _bad_key(f"RSA account key of {bits} bits: 2048 to 8192 are taken")
        try:
            return rsa.RSAPublicNumbers(int.from_bytes(e, "big"), int.from_bytes(n, "big")).public_key()
        except ValueError as error:
            raise _bad_key(f"jwk: not an RSA key ({error})", "RFC7518") from error

    def verify(self, alg, signature, data):
        if alg not in ALGORITHMS:
            raise Problem("badSignatureAlgorithm", f"alg {alg!r} is not taken", fact="B05", algorithms=list(ALGORITHMS))
        if alg != self.alg:
            raise malformed(f"alg {alg} does not go with a {self.members['kty']} key", "B03")
        verify_signature(self.public, signature, data)


def verify_signature(public, signature, data):
    """An ES256 or RS256 signature, else a Problem."""
    try:
        if isinstance(public, rsa.RSAPublicKey):
            public.verify(signature, data, padding.PKCS1v15(), hashes.SHA256())
        else:
            if len(signature) != 64:
                raise malformed(f"ES256 signature of {len(signature)} octets: 64, r and s, are wanted", "RFC7518")
            r, s = (int.from_bytes(part, "big") for part in (signature[:32], signature[32:]))
            public.verify(utils.encode_dss_signature(r, s), data, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature as error:
        raise malformed("the JWS signature does not verify", "B03") from error


class Jws:
    """A flattened JWS taken apart; the signature is not verified yet."""

    def __init__(self, members, what):
        wanted = {"protected", "payload", "signature"}
        if set(members) != wanted:
            odd = sorted(set(members) ^ wanted)
            raise malformed(f"{what}: flattened JWS has exactly protected, payload, signature; see {odd}", "B03")
        self.protected = json_object(b64url(members["protected"], what + " protected"), what + " protected")
        self.payload = b64url(members["payload"], what + " payload")
        self.signature = b64url(members["signature"], what + " signature")
        self.input = (members["protected"] + "." + members["payload"]).encode()
        for name in ("crit", "b64", "zip"):
            if name in self.protected:
                raise malformed(f"{what}: header member {name} is not allowed", "B03")
        if not isinstance(self.protected.get("alg"), str):
            raise malformed(f"{what}: no alg", "B03")

    def text(self, name):
        value = self.protected.get(name)
        if not isinstance(value, str):
            raise malformed(f"JWS header has no {name}", "B03")
        return value


def check_binding(members, kids, outer_url, outer_jwk):
    """The externalAccountBinding of newAccount (RFC 8555 7.3.4); KIDS maps key id to MAC key. Returns the kid."""
    if not isinstance(members, dict):
        raise malformed("externalAccountBinding is not an object", "B26")
    inner = Jws(members, "externalAccountBinding")
    if set(inner.protected) != {"alg", "kid", "url"}:
        raise malformed(f"externalAccountBinding header: exactly alg, kid, url; got {sorted(inner.protected)}", "B26")
    if inner.protected["alg"] != "HS256":
        raise malformed("externalAccountBinding alg must be HS256", "B26")
    if inner.protected["url"] != outer_url:
        raise malformed("externalAccountBinding url differs from the outer url", "B26")
    if json_object(inner.payload, "externalAccountBinding payload", "B26") != outer_jwk.members:
        raise malformed("externalAccountBinding payload is not the account's jwk", "B26")
    key = kids.get(inner.protected["kid"])
    if key is None:
        raise Problem("unauthorized", f"unknown external account {inner.protected['kid']!r}", 403)
    if not hmac.compare_digest(hmac.new(key, inner.input, "sha256").digest(), inner.signature):
        raise Problem("unauthorized", "the external account binding's MAC does not verify", 403, "B26")
    return inner.protected["kid"]
