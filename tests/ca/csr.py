# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The strict check of a CSR: the sum of what the known CAs demand (A16 to A18, A60 to A62, H32 to H39, T-16)."""

from typing import Any, FrozenSet, List, NamedTuple

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from pki import KEY_USAGE_BITS, SMTP_UTF8
from problem import Problem

EXTENSION_REQUEST = bytes.fromhex("2a864886f70d01090e")
SIGNATURES = {"1.2.840.113549.1.1.11", "1.2.840.113549.1.1.12", "1.2.840.113549.1.1.13",
              "1.2.840.10045.4.3.2", "1.2.840.10045.4.3.3", "1.2.840.10045.4.3.4"}
SIGN = {"digital_signature", "content_commitment"}


class Wanted(NamedTuple):
    public: Any
    alternatives: List[x509.GeneralName]
    usage: FrozenSet[str]               # bits to certify, after the rule "none = dual"
    common_name: str                    # '' where the SAN stands alone


def bad(detail, fact):
    return Problem("badCSR", detail, fact=fact)


def _tlv(data, at=0):
    """(tag, content, end) of the DER value at AT."""
    try:
        tag, length, start = data[at], data[at + 1], at + 2
        if length & 0x80:
            size = length & 0x7F
            length, start = int.from_bytes(data[start:start + size], "big"), start + size
        if start + length > len(data):
            raise IndexError
        return tag, data[start:start + length], start + length
    except IndexError as error:
        raise bad("the CSR's DER is cut short", "A17") from error


def _children(content):
    children, at = [], 0
    while at < len(content):
        tag, inner, at = _tlv(content, at)
        children.append((tag, inner))
    return children


def _check_attributes(der):
    """Exactly one attribute, an extensionRequest with one value: cryptography would overlook more."""
    tag, request, end = _tlv(der)
    if tag != 0x30 or end != len(der):
        raise bad("the CSR is not one DER SEQUENCE (or octets follow it)", "A17")
    info = _children(_tlv(request)[1])
    if len(info) != 4 or info[3][0] != 0xA0:
        raise bad("the CSR has no attributes", "A17")
    attributes = [_children(content) for _, content in _children(info[3][1])]
    if len(attributes) != 1 or attributes[0][0] != (0x06, EXTENSION_REQUEST):
        raise bad("the CSR has exactly one attribute, extensionRequest", "A17")
    if len(_children(attributes[0][1][1])) != 1:
        raise bad("the extensionRequest has exactly one value", "A17")


def _address(name):
    if isinstance(name, x509.RFC822Name):
        return name.value
    if isinstance(name, x509.OtherName) and name.type_id == SMTP_UTF8:
        tag, text, end = _tlv(name.value)
        if tag != 0x0C or end != len(name.value):
            raise bad("SmtpUTF8Mailbox is a UTF8String", "A70")
        address = text.decode("utf-8", "replace")
        if address.rpartition("@")[0].isascii():
            raise bad("SmtpUTF8Mailbox for an ASCII local part", "A71")
        return address
    raise bad(f"the SAN holds a {type(name).__name__}; only rfc822Name and SmtpUTF8Mailbox are taken", "H38")


def _certified(identifier):
    """The form in which an identifier stands in a certificate: the domain in A-labels (A72)."""
    local, _, domain = identifier.rpartition("@")
    return identifier if domain.isascii() else local + "@" + domain.encode("idna").decode()


def _check_key(public, der, account_keys):
    if isinstance(public, rsa.RSAPublicKey):
        if not 2048 <= public.key_size <= 8192 or public.key_size % 8:
            raise bad(f"RSA key of {public.key_size} bits; 2048 to 8192, divisible by 8, are taken", "H32")
        if public.public_numbers().e < 65537:
            raise bad("RSA exponent under 65537", "H32")
    elif isinstance(public, ec.EllipticCurvePublicKey):
        if public.curve.name not in ("secp256r1", "secp384r1"):
            raise bad(f"curve {public.curve.name}; P-256 and P-384 are taken", "H32")
    else:
        raise bad(f"a key of kind {type(public).__name__}", "H32")
    if isinstance(public, ec.EllipticCurvePublicKey):
        # asked of the octets: OpenSSL keeps a compressed point compressed when it writes the key again
        point = public.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
        if point not in der:
            raise bad("the SubjectPublicKeyInfo has a compressed point", "H32")
    for key in account_keys:
        if type(key) is type(public) and key.public_numbers() == public.public_numbers():
            raise bad("the CSR's key is an account key", "B30")


def _usage_bits(extension):
    bits = set()
    for name in KEY_USAGE_BITS:
        if name in ("encipher_only", "decipher_only") and not extension.key_agreement:
            continue                    # cryptography raises for these without keyAgreement
        if getattr(extension, name):
            bits.add(name)
    return bits


def _check_usage(bits, public, profile):
    """The bits to certify: those asked for, or dual use for none."""
    agreement = "key_encipherment" if isinstance(public, rsa.RSAPublicKey) else "key_agreement"
    if not bits:
        bits = {"digital_signature", agreement}
    odd = bits - SIGN - {agreement}
    if odd:
        fact = "H34" if "key_encipherment" in odd else "H33"
        raise bad(f"keyUsage {' '.join(sorted(odd))} does not go with this key", fact)
    if not isinstance(public, rsa.RSAPublicKey) and "content_commitment" in bits:
        raise bad("nonRepudiation is not for an EC key here", "H34")
    if "digital_signature" not in bits and agreement not in bits:
        raise bad("keyUsage without digitalSignature", "H36")
    if profile in ("signing", "sign") and agreement in bits or profile in ("encryption", "encrypt") and bits & SIGN:
        raise bad(f"keyUsage exceeds the profile {profile}", "D05")
    return frozenset(bits)


def check_csr(der, identifiers, profile, account_keys):
    """What to certify, or a badCSR Problem that names the rule."""
    _check_attributes(der)
    try:
        csr = x509.load_der_x509_csr(der)
        public, extensions = csr.public_key(), list(csr.extensions)
        signed = csr.signature_algorithm_oid.dotted_string in SIGNATURES and csr.is_signature_valid
    except (ValueError, TypeError, UnsupportedAlgorithm, x509.DuplicateExtension) as error:
        raise bad(f"the CSR cannot be read: {error}", "A17") from error
    if not signed:
        raise bad("the CSR's signature is wrong or of a kind not taken (PKCS#1 v1.5 or ECDSA, SHA-256/384/512)", "H32")
    _check_key(public, der, account_keys)
    found = {extension.oid: extension.value for extension in extensions}
    alternative = found.pop(x509.SubjectAlternativeName.oid, None)
    usage = found.pop(x509.KeyUsage.oid, None)
    if found:
        names = " ".join(oid._name for oid in found)
        raise bad(f"the CSR asks for {names}; only subjectAltName and keyUsage are taken", "T-16")
    if alternative is None:
        raise bad("the CSR asks for no subjectAltName", "A17")
    addresses = [_address(name) for name in alternative]
    wanted = {_certified(identifier) for identifier in identifiers}
    if set(addresses) != wanted or len(addresses) != len(wanted):
        raise bad(f"the CSR's addresses are {sorted(addresses)}, the order's are {sorted(wanted)}", "A16")
    subject = list(csr.subject)
    if subject and not (len(subject) == 1 and subject[0].oid == NameOID.COMMON_NAME and subject[0].value in wanted):
        raise bad(f"the subject is {csr.subject.rfc4514_string()!r}; empty or CN=address is taken", "H39")
    bits = _usage_bits(usage) if usage is not None else set()
    if usage is not None and not bits:
        raise bad("keyUsage without a bit", "H36")
    common_name = addresses[0] if len(addresses[0].encode()) <= 64 else ""
    return Wanted(public, list(alternative), _check_usage(bits, public, profile), common_name)
