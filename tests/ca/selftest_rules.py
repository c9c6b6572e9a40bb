# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""selftest.py: what the CA must refuse (JWS, nonces, orders, CSRs), and its rudeness on demand."""

import functools
import http.client
import json
import subprocess

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa, utils

from selfclient import Key, b64, common_name, csr


def _refused(world, answer, problem, fact, status=None):
    assert answer.problem == problem, (problem, answer.status, answer.json)
    assert status in (None, answer.status), answer.status
    assert world.violations()[-1:] == [fact], (fact, world.violations())


def test_bad_jws(world):
    client = world.client()
    url = client.directory["newOrder"]
    payload = json.dumps({"identifiers": [{"type": "email", "value": world.address}]}).encode()

    def signed(**header):
        return client.key.jws({**client.header(url), **header}, payload)

    def refuse(jws, problem, fact, status=None):
        _refused(world, client.raw(url, jws), problem, fact, status)

    for member in ("protected", "payload", "signature"):
        padded = signed()
        padded[member] += "="
        refuse(padded, "malformed", "B02")
    refuse({**signed(), "header": {}}, "malformed", "B03")
    refuse({"payload": "", "signatures": []}, "malformed", "B03")
    refuse({**signed(), "signature": b64(b"x" * 64)}, "malformed", "B03")
    refuse({**signed(), "payload": b64(b"{}")}, "malformed", "B03")
    refuse(signed(url=url + "/"), "unauthorized", "B08")
    refuse(signed(jwk=client.key.jwk), "malformed", "B03")
    refuse(signed(crit=["b64"], b64=False), "malformed", "B03")
    refuse(signed(alg="none"), "badSignatureAlgorithm", "B05")
    refuse(signed(alg="HS256"), "badSignatureAlgorithm", "B05")
    refuse(signed(alg="RS256"), "malformed", "B03")
    refuse(signed(nonce="a b"), "malformed", "B09")
    der = signed()
    der["signature"] = b64(utils.encode_dss_signature(3 << 240, 5 << 240))
    refuse(der, "malformed", "RFC7518")
    good = signed()
    assert client.raw(url, good).status == 201
    refuse(good, "badNonce", "B09")
    kidless = {"nonce": client.fresh(), "url": url, "jwk": client.key.jwk}
    refuse(client.key.jws(kidless, payload), "malformed", "B04")
    unknown = client.raw(url, signed(kid=client.kid + "0"))
    assert unknown.problem == "accountDoesNotExist", unknown.json
    assert client.order(world.address).status == 201


def test_bad_jwk(world):
    client = world.client()
    url = client.directory["newAccount"]
    x = client.key.jwk["x"]
    for change, fact in (({"d": "AAAA"}, "B30"), ({"x": b64(b"\0" + b"x" * 32)}, "RFC7518"), ({"x": x + "="}, "B02"),
                         ({"x": b64(b"\1" * 32)}, "RFC7518")):
        header = {"nonce": client.fresh(), "url": url, "jwk": {**client.key.jwk, **change}}
        answer = client.raw(url, client.key.jws(header, b"{}"))
        assert answer.status == 400 and world.violations()[-1] == fact, (change, answer.json, world.violations())
    key = Key("rsa")
    key.jwk["n"] = b64(b"\0" + key.private.public_key().public_numbers().n.to_bytes(256, "big"))
    header = {"nonce": client.fresh(), "url": url, "jwk": key.jwk}
    _refused(world, client.raw(url, key.jws(header, b"{}")), "badPublicKey", "B51")


def test_bad_requests(world):
    client = world.client()
    order = client.order(world.address)
    _refused(world, client.get(order.url), "malformed", "B07", 405)
    _refused(world, client.post(order.url, {}), "malformed", "B07")
    url = client.directory["newOrder"]

    def raw(**headers):
        body = client.key.jws(client.header(url), b"{}")
        return client.raw(url, body, {name.replace("_", "-"): text for name, text in headers.items()})

    _refused(world, raw(User_Agent="x", Content_Type="application/json"), "malformed", "B06", 415)
    _refused(world, raw(User_Agent="x", Content_Type="application/jose+json; charset=utf-8"), "malformed", "B06", 415)
    _refused(world, raw(Content_Type="application/jose+json"), "malformed", "B01")
    challenge = world.challenge(client, order.json["authorizations"][0])
    _refused(world, client.post(challenge["url"], {"keyAuthorization": "x"}), "malformed", "A14")
    client.post(challenge["url"])
    assert world.violations()[-1] == "A15"
    _refused(world, world.finalize(client, order), "orderNotReady", "B46", 403)


def test_raw_http(world):
    """Framing errors end the connection with an answer, and leave the server standing."""
    client = world.client()
    for line in (b"GET /directory HTTP/1.0\r\n\r\n", b"nonsense\r\n\r\n",
                 b"GET /directory HTTP/1.1\r\nbad header\r\n\r\n",
                 b"POST /acme/new-order HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
                 b"GET / HTTP/1.1\r\nX: " + b"y" * 20000 + b"\r\n\r\n"):
        client.http.close()
        client.http.connect()
        client.http.sock.sendall(line)
        answer = http.client.HTTPResponse(client.http.sock)
        answer.begin()
        assert 400 <= answer.status < 500, (line, answer.status)
    client.http.close()
    assert client.order(world.address).status == 201


def test_bad_orders(world):
    client = world.client()

    def refuse(problem, fact, *identifiers, **members):
        answer = client.post(client.directory["newOrder"], {"identifiers": list(identifiers), **members})
        _refused(world, answer, problem, fact)

    good = {"type": "email", "value": world.address}
    refuse("unsupportedIdentifier", "T-15", {"type": "dns", "value": world.address})
    refuse("unsupportedIdentifier", "A01", {"type": "dns", "value": "example.test"})
    refuse("rejectedIdentifier", "A02", {"type": "email", "value": "*@example.test"})
    refuse("malformed", "A01", {"type": "email", "value": "Alice <alice@example.test>"})
    refuse("malformed", "A04", good, good)
    refuse("malformed", "A04")
    refuse("malformed", "A04", {**good, "wildcard": False})
    answer = client.order(world.address, replaces="a.b")
    assert answer.status == 201 and world.violations()[-1] == "C10"


def _compressed(world):
    """A CSR whose key is a compressed point, which only openssl makes."""
    key = world.folder + "/compressed.pem"
    run = functools.partial(subprocess.run, check=True, capture_output=True)
    run(["openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", key])
    run(["openssl", "ec", "-in", key, "-conv_form", "compressed", "-out", key])
    made = run(["openssl", "req", "-new", "-key", key, "-subj", "/CN=" + world.address, "-outform", "DER",
                "-addext", "subjectAltName=email:" + world.address])
    return made.stdout


def test_bad_csr(world):
    client = world.client()
    order = world.ready_order(client)
    key = ec.generate_private_key(ec.SECP256R1())
    rsa_key = rsa.generate_private_key(65537, 2048)
    names = [world.address]
    both = [x509.RFC822Name(world.address), x509.DNSName("example.test")]
    eku = x509.ExtendedKeyUsage([x509.oid.ExtendedKeyUsageOID.EMAIL_PROTECTION])
    dual_rsa = ("digital_signature", "key_encipherment")
    password = (x509.oid.AttributeOID.CHALLENGE_PASSWORD, b"secret")
    utf8 = x509.OtherName(x509.ObjectIdentifier("1.3.6.1.5.5.7.8.9"), b"\x0c\x12alice@example.test")
    for fact, der in (
            ("A16", csr(key, ["bob@example.test"])), ("A16", csr(key, names + ["bob@example.test"])),
            ("A16", csr(key, ["Alice@example.test"])), ("A16", csr(key, names + names)), ("A17", csr(key, [])),
            ("A17", csr(key, [], None)), ("A17", csr(key, names, attributes=[password])),
            ("H38", csr(key, names, names=both)), ("A71", csr(key, names, names=[utf8])),
            ("T-16", csr(key, names, more=[eku])), ("H39", csr(key, names, subject=[common_name("Alice")])),
            ("H34", csr(key, names, dual_rsa)), ("H33", csr(rsa_key, names, ("digital_signature", "key_agreement"))),
            ("H33", csr(rsa_key, names, dual_rsa + ("data_encipherment",))),
            ("H32", csr(ec.generate_private_key(ec.SECP521R1()), names)),
            ("H32", csr(rsa.generate_private_key(65537, 1024), names, dual_rsa)),
            ("H32", csr(key, names)[:-1] + b"\0"), ("A17", csr(key, names) + b"\0"), ("A17", csr(key, names)[:-9]),
            ("A17", b"\x30\x03\x02\x01\x00"), ("H36", csr(key, names, ())),
            ("H32", _compressed(world)), ("B30", csr(client.key.private, names))):
        answer = world.finalize(client, order, der)
        _refused(world, answer, "badCSR", fact)
        assert client.post(order.url).json["status"] == "ready"
    _refused(world, client.post(order.json["finalize"], {"csr": b64(csr(key, names)) + "="}), "malformed", "B02")
    _refused(world, client.post(order.json["finalize"], {"csr": "x", "more": 1}), "malformed", "B45")
    good = csr(rsa_key, names, dual_rsa, subject=[common_name(world.address)], digest_alg=hashes.SHA384())
    assert world.finalize(client, order, good).json["status"] == "valid"


def test_usages(world):
    """What is asked for is certified; nothing asked for = dual use."""
    rsa_key = rsa.generate_private_key(65537, 2048)
    world.control.set(**{"reuse-authz": True})
    client = world.client()
    world.ready_order(client)
    for key, usage, wanted in (
            (rsa_key, ("digital_signature",), {"digital_signature"}),
            (rsa_key, ("key_encipherment",), {"key_encipherment"}),
            (rsa_key, None, {"digital_signature", "key_encipherment"}),
            (rsa_key, ("digital_signature", "content_commitment"), {"digital_signature", "content_commitment"}),
            (world.certificate_key, ("key_agreement",), {"key_agreement"}),
            (world.certificate_key, None, {"digital_signature", "key_agreement"})):
        finished = world.finalize(client, client.order(world.address), csr(key, [world.address], usage))
        leaf = x509.load_pem_x509_certificate(client.post(finished.json["certificate"]).body)
        value = leaf.extensions.get_extension_for_class(x509.KeyUsage).value
        bits = {bit for bit in ("digital_signature", "content_commitment", "key_encipherment", "key_agreement",
                                "data_encipherment") if getattr(value, bit)}
        assert bits == wanted, (usage, bits)


def test_bad_nonce_retry(world):
    client = world.client()
    world.control.set(fail=["badnonce:2"])
    refused = client.order(world.address)
    assert refused.problem == "badNonce" and refused.headers["Replay-Nonce"]
    assert client.order(world.address).problem == "badNonce"
    assert world.violations() == []
    client.nonce = None                 # a client that throws the nonce away
    assert client.order(world.address).status == 201
    assert world.violations() == ["B10"], world.violations()


def test_rude_requests(world):
    client = world.client()
    world.control.set(fail=["rate:1:1", "500:1:new-order", "html:1:new-order"])
    limited = client.order(world.address)
    assert limited.status == 429 and limited.headers["Retry-After"] == "1" and limited.problem == "rateLimited"
    assert client.order(world.address).problem == "serverInternal"
    assert client.order(world.address).headers["Content-Type"] == "text/html"
    early = client.order(world.address)
    assert early.status == 201 and world.violations() == ["B12"], world.violations()
    world.control.set(fail=["rate:1:date"])
    assert "GMT" in client.order(world.address).headers["Retry-After"]
    world.control.set(fail=["missing-nonce"])
    assert client.order(world.address).headers["Replay-Nonce"] is None
    world.control.set(fail=["bad-nonce-syntax"])
    client.nonce = None
    assert client.send("HEAD", client.directory["newNonce"]).headers["Replay-Nonce"] == "not base64url!"
    client.nonce = None
    world.control.set(fail=["close:1:order"])
    try:
        client.order(world.address)
        raise AssertionError("the connection was not closed")
    except http.client.RemoteDisconnected:
        client.http.close()
    assert client.order(world.address).status == 201


def test_rude_orders(world):
    client = world.client()
    world.control.set(fail=["reject::" + world.address])
    refused = client.order(world.address)
    assert refused.json["subproblems"][0]["identifier"]["value"] == world.address
    world.control.set(fail=["none"])
    order = client.order(world.address)
    world.control.set(fail=["order-invalid"])
    spoiled = client.post(order.url).json
    assert spoiled["status"] == "invalid" and spoiled["error"]["detail"], spoiled
    world.control.set(fail=["other-identifiers", "extra-challenges"])
    order = client.order(world.address)
    assert order.json["identifiers"][0]["value"] != world.address
    assert len(client.post(order.json["authorizations"][0]).json["challenges"]) == 3
    world.mail()  # it is on its way: not to be taken for the next order's
    world.control.set(fail=["none", "finalize-500-once"])
    order = world.ready_order(client)
    assert world.finalize(client, order).problem == "serverInternal"
    assert client.post(order.url).json["status"] == "ready"
    world.control.set(fail=["lost-finalize"])
    assert world.finalize(client, order).problem == "serverInternal"
    assert client.post(order.url).json["status"] == "valid"


def test_rude_chains(world):
    world.control.set(**{"reuse-authz": True})
    client = world.client()
    world.ready_order(client)
    wanted = world.certificate_key.public_key().public_numbers()

    def fetch(fault):
        world.control.set(fail=["none", fault])
        finished = world.finalize(client, client.order(world.address))
        return client.post(finished.json["certificate"]).body

    def leaf(fault):
        return x509.load_pem_x509_certificate(fetch(fault))

    def names(certificate):
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
        return found.value.get_values_for_type(x509.RFC822Name)

    assert leaf("chain-wrong-key").public_key().public_numbers() != wanted
    assert names(leaf("chain-wrong-address")) == ["someone-else@example.test"]
    assert len(names(leaf("chain-more-addresses"))) == 2
    assert not leaf("chain-wrong-usage").extensions.get_extension_for_class(x509.KeyUsage).value.key_agreement
    expired = leaf("chain-expired")
    assert expired.not_valid_after < expired.not_valid_before.utcnow()
    assert fetch("chain-with-key").count(b"PRIVATE KEY") == 2
    assert not fetch("chain-with-text").startswith(b"-----")
    assert fetch("chain-with-root").count(b"BEGIN CERT") == 3
    assert fetch("chain-no-intermediate").count(b"BEGIN CERT") == 1
    assert fetch("chain-empty") == b""
    assert names(x509.load_pem_x509_certificate(fetch("none"))) == [world.address]


def test_control_mistakes(world):
    for body in ({"nonsense": 1}, {"judge": "kind"}, {"port": 1}, {"fail": ["nonsense"]}, {"token1-bytes": "x"}):
        try:
            world.control.set(**body)
        except AssertionError as error:
            assert "400" in str(error)
        else:
            raise AssertionError(f"{body} was taken")
