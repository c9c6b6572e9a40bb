# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Issuing, download, revocation, renewal information (RFC 8555 7.4.2, 7.6; RFC 9773)."""

import calendar
import time

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from accounts import check_terms
from httpd import Response
from jws import b64url, b64url_encode
from pki import other_key, pem
from problem import Problem, malformed, unauthorized
from state import Certificate, rfc3339

REASONS = (0, 1, 3, 4, 5)
ENCRYPT = {"key_encipherment", "key_agreement"}


def _spki(public):
    return public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def _usage(acme, wanted):
    """The bits to certify: as asked, unless --keyusage or a fault says otherwise (D05)."""
    mode = acme.options.keyusage
    if acme.faults.take("chain-wrong-usage") is not None:
        return {"digital_signature"} if wanted.usage & ENCRYPT else {"key_encipherment"}
    agreement = "key_encipherment" if "RSA" in type(wanted.public).__name__ else "key_agreement"
    forced = {"dual": {"digital_signature", agreement}, "sign": {"digital_signature"}, "encrypt": {agreement}}
    return forced.get(mode, wanted.usage)


def issue(acme, order, wanted):
    """A certificate for the checked CSR, spoiled where a fault says so."""
    options, faults, now = acme.options, acme.faults, time.time()
    public, names, common_name = wanted.public, wanted.alternatives, wanted.common_name
    begin, end = now - options.backdate, now + options.validity
    if faults.take("chain-wrong-key") is not None:
        public = other_key().public_key()
    if faults.take("chain-wrong-address") is not None:
        names, common_name = [x509.RFC822Name("someone-else@example.test")], "someone-else@example.test"
    if faults.take("chain-more-addresses") is not None:
        names = names + [x509.RFC822Name("someone-else@example.test")]
    if faults.take("chain-expired") is not None:
        begin, end = now - 7200, now - 3600
    crl = options.crl_dp
    if crl == "self":
        crl = acme.crl_url
    leaf = acme.pki.leaf(public, names, common_name, _usage(acme, wanted), begin, end, crl)
    text = pem(leaf)
    chains = [text + pem(acme.pki.intermediate)]
    chains += [text + pem(acme.pki.cross(number)) for number in range(2, options.alternates + 2)]
    certificate = Certificate(acme.state.fresh_id(), order, order.account, leaf, chains, _spki(public))
    certificate.asked_spki = _spki(wanted.public)
    certificate.ari_id = _ari_id(acme, leaf)
    acme.state.certificates[certificate.id] = certificate
    if order.replaces:
        for old in acme.state.certificates.values():
            if old.ari_id == order.replaces:
                old.replaced_by = certificate.id
    acme.log.write("issued", certificate=certificate.id, order=order.id, serial=f"{leaf.serial_number:x}",
                   ari=certificate.ari_id, usage=sorted(wanted.usage))
    acme.log.count("certificates")
    return certificate


def _spoiled(acme, text):
    """The chain as it goes out, after the faults that concern the file rather than the certificate."""
    mark = "-----END CERTIFICATE-----\n"
    leaf = text[:text.index(mark) + len(mark)]
    if acme.faults.take("chain-no-intermediate") is not None:
        text = leaf
    if acme.faults.take("chain-with-key") is not None:
        text += other_key().private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                          serialization.NoEncryption()).decode()
    if acme.faults.take("chain-with-text") is not None:
        text = "Subject: CN=whatever\n" + text
    if acme.faults.take("chain-with-root") is not None:
        text += pem(acme.pki.root)
    if acme.faults.take("chain-other-order") is not None:
        text = text[len(leaf):] + leaf
    return "" if acme.faults.take("chain-empty") is not None else text


def download(acme, call, ident, alternate):
    call.read_only()
    found = acme.own(acme.state.certificates, ident, call.account)
    number = int(alternate or 0)
    if number >= len(found.chains):
        raise malformed("no such chain", status=404)
    headers = []
    for other in range(len(found.chains)):
        if other != number:
            url = acme.url("cert", ident, *(["alt", str(other)] if other else []))
            headers.append(("Link", f'<{url}>;rel="alternate"'))
    acme.log.count("downloads")
    body = _spoiled(acme, found.chains[number]).encode()
    return Response(200, body, "application/pem-certificate-chain", headers)


def revoke(acme, call):
    """Signed by the account that owns the certificate, or by the certificate's own key (B63)."""
    payload = call.payload()
    if not {"certificate"} <= set(payload) <= {"certificate", "reason"}:
        raise malformed("revokeCert takes certificate and perhaps reason", "B63")
    der = b64url(payload["certificate"], "certificate")
    if call.account is not None:
        check_terms(acme, call.account, "revokeCert")
    found = None
    for certificate in acme.state.certificates.values():
        if certificate.leaf.public_bytes(serialization.Encoding.DER) == der:
            found = certificate
    if found is None:
        raise malformed("this CA did not issue that certificate", status=404)
    if call.account is not None and found.account is not call.account:
        raise unauthorized("the certificate belongs to another account")
    if call.jwk is not None and _spki(call.jwk.public) != found.key_spki:
        raise unauthorized("signed neither by the account nor by the certificate's key", "B63")
    reason = payload.get("reason", 0)
    if reason not in REASONS or isinstance(reason, bool):
        raise Problem("badRevocationReason", f"reason {reason!r} is not taken", fact="B64")
    if acme.faults.take("refuse-revocation") is not None:
        raise Problem("badRevocationReason", "not for this reason, says the test")
    if found.revoked is not None:
        raise Problem("alreadyRevoked", "the certificate is revoked already")
    found.revoked = reason
    acme.log.write("revoked", certificate=found.id, reason=reason)
    acme.log.count("revocations")
    return Response(200)


def crl(acme):
    """The DER of the CRL that --crl-dp self points to."""
    revoked = [c.leaf.serial_number for c in acme.state.certificates.values() if c.revoked is not None]
    return acme.pki.crl(revoked, time.time())


def _ari_id(acme, leaf):
    """keyIdentifier octets and serial content octets, base64url each (C02)."""
    key_id = leaf.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier
    serial = leaf.serial_number
    octets = serial.to_bytes(serial.bit_length() // 8 + 1, "big")     # one more when the top bit is set, as in DER
    return b64url_encode(key_id) + "." + b64url_encode(octets)


def _by_ari(acme, ident):
    parts = ident.split(".")
    if len(parts) != 2 or not all(parts):
        raise malformed("a certificate id has two parts and a dot", "C02")
    for part in parts:
        b64url(part, "certificate id")
    for certificate in acme.state.certificates.values():
        if certificate.ari_id == ident:
            return certificate
    return None


def _seconds(when):
    return calendar.timegm(when.utctimetuple())


def renewal_info(acme, ident):
    """The suggested window (C03): after two thirds of the life, now for a revoked one, or as --ari-window says."""
    found = _by_ari(acme, ident)
    if found is None:
        raise malformed("no such certificate", status=404)
    if found.replaced_by or _seconds(found.leaf.not_valid_after) < time.time():
        acme.log.violation("renewal information asked for after expiry or replacement", "C07", certificate=found.id)
    now = time.time()
    if acme.options.ari_window:
        begin, end = (now + float(text) for text in acme.options.ari_window.split(":"))
    elif found.revoked is not None:
        begin, end = now - 7200, now - 3600
    else:
        start, stop = _seconds(found.leaf.not_valid_before), _seconds(found.leaf.not_valid_after)
        begin = start + (stop - start) * 2 / 3
        end = begin + (stop - start) / 12
    value = {"suggestedWindow": {"start": rfc3339(begin), "end": rfc3339(end)}}
    if acme.options.ari_url:
        value["explanationURL"] = acme.options.ari_url
    acme.log.count("renewal-infos")
    return acme.json(value, 200, [("Retry-After", "21600")])


def check_replaces(acme, account, ident, values):
    """newOrder's replaces (C10); returns it."""
    if not acme.options.ari:
        acme.log.violation("replaces though this CA has no renewal information", "C10")
        return None
    if not isinstance(ident, str):
        raise malformed("replaces is a certificate id", "C10")
    found = _by_ari(acme, ident)
    if found is None:
        acme.log.note("replaces names an unknown certificate", "C10")
        return None
    if found.account is not account:
        raise unauthorized("replaces names another account's certificate")
    if not set(values) & set(found.order.identifiers):
        raise malformed("replaces names a certificate without any of these identifiers", "C10")
    if found.replaced_by:
        raise Problem("alreadyReplaced", "that certificate has been replaced", 409)
    return ident
