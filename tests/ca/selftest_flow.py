# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""selftest.py: whole enrollments in all the ways that CAs differ, accounts, certificates."""

import base64
import itertools
import json
import threading

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

import options
import testca
from selfclient import Client, Control, Key, b64, csr, digest


def test_every_option_is_explained(world):
    for option in options.TABLE:
        assert "--" + option.name in testca.__doc__, option.name


def _enroll(world, trigger, join, size, pad=False):
    world.reset()
    world.control.set(**{"trigger": trigger, "join": join, "token1-bytes": size, "pad": pad})
    client = world.client()
    order, challenge, mail = world.opened(client, trigger)
    assert len(mail["subject"]) == 6 + (-(-size // 3) * 4 if pad else -(-size * 4 // 3)), mail["subject"]
    reply = world.person.reply(mail, world.value(client, challenge, mail, join))
    world.person.deliver(world.ready, world.person.sign(reply), mail["from"])
    world.control.wait("replies-judged")
    if trigger != "post":
        client.post(challenge["url"], {})
    client.until(order.json["authorizations"][0], "valid")
    assert client.until(order.url, "ready", "invalid").json["status"] == "ready"
    finished = world.finalize(client, order)
    assert finished.json["status"] == "valid", finished.json
    chain = client.post(finished.json["certificate"])
    assert chain.headers["Content-Type"] == "application/pem-certificate-chain"
    assert world.violations() == [], world.violations()
    return chain.body


def test_triggers_joins_and_lengths(world):
    for trigger, join, size in itertools.product(("authz", "post"), ("string", "bytes"), (16, 20, 24, 32)):
        _enroll(world, trigger, join, size)


def test_trigger_order_and_padding(world):
    _enroll(world, "order", "string", 32)
    for join, size in (("string", 32), ("bytes", 32), ("string", 16)):
        _enroll(world, "authz", join, size, pad=True)


def test_published_vectors(world):
    """acme4j's and acmez's own numbers, so that both readings are theirs and not ours."""
    p1, p2 = "LgYemJLy3F1LDkiJrdIGbEzyFJyOyf6vBdyZ1TG3sME=", "DGyRejmCefe7v4NfDGDKfA"
    print_ = "1_nKJnlH9boVxdoO63T8zP7O2w42qZL4d6xj35Hy5aI"
    from digest import digests
    assert digests(p1, p2, print_, "string")[0] == "AjXW0h9_4YMP6Sv-9tKQNUrapI0us7ayBn0nCGOkUsk"
    assert digests(p1, p2, print_, "bytes")[0] == "xyC6Z01DHFuV0pZgacdI2xN9nIKkPSARDv1gLbxY8Xk"
    acmez = ("V4nE8NhYh6edBpfQTg5qqQ", "x6I65YvEk6xC4KV0QMvdJw", "hC4xyXNn8ZDH4yrcp93Zj3qgQs7LyT_GUL45YD7IVMQ")
    assert digests(*acmez, "bytes")[0] == "Fjt2SD7KoqSt3I6jwgg8ljjkP9Er7h1w0wF0UihvQIU"
    assert digest(*acmez, "bytes") == "Fjt2SD7KoqSt3I6jwgg8ljjkP9Er7h1w0wF0UihvQIU"


def test_rs256_account(world):
    client = Client(world.ready, "rsa")
    assert client.register().status == 201
    assert client.order(world.address).status == 201


def test_certificate_and_chains(world):
    world.control.set(alternates=2)
    client = world.client()
    finished = world.finalize(client, world.ready_order(client))
    chain = client.post(finished.json["certificate"])
    links = [link.split(";")[0].strip("<>") for link in chain.headers.get_all("Link") if "alternate" in link]
    assert len(links) == 2, links
    with open(world.ready["root"], "rb") as file:
        roots = [x509.load_pem_x509_certificate(file.read())]
    for number in (2, 3):
        with open(world.ready["root"].replace("root.pem", f"root-{number}.pem"), "rb") as file:
            roots.append(x509.load_pem_x509_certificate(file.read()))
    texts = [chain.body] + [client.post(link).body for link in links]
    for text, root in zip(texts, roots):
        leaf, middle = [x509.load_pem_x509_certificate(part + b"-----END CERTIFICATE-----\n")
                        for part in text.split(b"-----END CERTIFICATE-----\n")[:-1]]
        for certificate, issuer in ((leaf, middle), (middle, root)):
            assert certificate.issuer == issuer.subject
            issuer.public_key().verify(certificate.signature, certificate.tbs_certificate_bytes,
                                       ec.ECDSA(hashes.SHA256()))
    found = {extension.oid._name: extension for extension in leaf.extensions}
    assert "cRLDistributionPoints" not in found
    assert found["subjectAltName"].value.get_values_for_type(x509.RFC822Name) == [world.address]
    usage = found["keyUsage"]
    assert usage.critical and usage.value.digital_signature and usage.value.key_agreement
    assert not usage.value.key_encipherment
    assert [oid.dotted_string for oid in found["extendedKeyUsage"].value] == ["1.3.6.1.5.5.7.3.4"]
    assert leaf.subject.rfc4514_string() == "CN=" + world.address


def test_hold(world):
    """The POST waits for the reply that comes later, and says valid."""
    world.control.set(wait="hold")
    client = world.client()
    order, challenge, mail = world.opened(client)
    reply = world.person.sign(world.person.reply(mail, world.value(client, challenge, mail)))
    later = threading.Timer(0.3, Control(world.ready["control"]).mail, [reply])
    later.start()
    answer = client.post(challenge["url"], {})
    later.join()
    assert answer.json["status"] == "valid", answer.json
    assert client.post(order.url).json["status"] == "ready"


def test_hold_gives_up(world):
    world.control.set(**{"wait": "hold", "hold-seconds": 0.2})
    client = world.client()
    _, challenge, _ = world.opened(client)
    assert client.post(challenge["url"], {}).json["status"] == "processing"


def test_once(world):
    world.control.set(**{"wait": "once", "once-delay": 0.3})
    client = world.client()
    order, challenge, mail = world.opened(client)
    assert world.answer(client, challenge, mail)["ok"]
    assert client.post(challenge["url"], {}).json["status"] == "processing"
    client.until(order.json["authorizations"][0], "valid")
    world.control.forget()
    late, challenge, mail = world.opened(client)
    assert client.post(challenge["url"], {}).json["status"] == "processing"
    world.control.wait("challenges-invalid")
    authz = client.post(late.json["authorizations"][0]).json
    assert authz["status"] == "invalid", authz
    assert authz["challenges"][0]["error"]["type"].endswith(":incorrectResponse")
    assert world.answer(client, challenge, mail)["why"] == "the challenge is over"


def test_post_before_reply(world):
    """Ends it with castle's manners, and is fine otherwise."""
    client = world.client()
    order, challenge, mail = world.opened(client)
    assert client.post(challenge["url"], {}).json["status"] == "processing"
    assert world.answer(client, challenge, mail)["ok"]
    client.until(order.url, "ready")
    world.control.forget()
    world.control.set(**{"post-before-reply": "invalid"})
    order, challenge, mail = world.opened(client)
    assert client.post(challenge["url"], {}).json["status"] == "invalid"
    assert client.post(order.url).json["status"] == "invalid"
    assert world.violations() == ["A14"]


def test_second_post(world):
    world.control.set(**{"second-post": "invalid"})
    client = world.client()
    _, challenge, _ = world.opened(client)
    assert client.post(challenge["url"], {}).json["status"] == "processing"
    assert client.post(challenge["url"], {}).json["status"] == "invalid"


def test_external_account(world):
    key = b"0123456789abcdef0123456789abcdef"
    world.control.set(eab="kid-1:" + base64.b64encode(key).decode())
    client = Client(world.ready)
    assert client.directory["meta"]["externalAccountRequired"] is True
    assert client.register().problem == "externalAccountRequired"
    assert client.register(externalAccountBinding=client.binding("kid-1", b"wrong")).problem == "unauthorized"
    assert client.register(externalAccountBinding=client.binding("kid-2", key)).problem == "unauthorized"
    assert client.register(externalAccountBinding=client.binding("kid-1", key, nonce="x")).problem == "malformed"
    assert client.register(externalAccountBinding=client.binding("kid-1", key, url="https://x/")).problem == "malformed"
    other = Client(world.ready).binding("kid-1", key)
    assert client.register(externalAccountBinding=other).problem == "malformed"
    good = client.register(externalAccountBinding=client.binding("kid-1", key))
    assert good.status == 201 and good.json["externalAccountBinding"], good.json


def test_terms(world):
    world.control.set(terms="self")
    client = Client(world.ready)
    assert client.get(client.directory["meta"]["termsOfService"]).status == 200
    refused = client.register()
    assert refused.status == 403 and refused.problem == "userActionRequired"
    assert client.register(termsOfServiceAgreed=True).status == 201
    world.control.set(fail=["terms-changed"])
    changed = client.order(world.address)
    assert changed.problem == "userActionRequired" and changed.json["instance"].endswith("/terms")
    assert any("terms-of-service" in link for link in changed.headers.get_all("Link"))
    assert client.order(world.address).problem == "userActionRequired"
    assert client.post(client.kid, {"termsOfServiceAgreed": True}).status == 200
    assert client.order(world.address).status == 201


def test_accounts(world):
    client = Client(world.ready)
    assert client.register(onlyReturnExisting=True).problem == "accountDoesNotExist"
    assert client.register(contact=["mailto:a@example.test"]).status == 201
    again = client.register(contact=["mailto:b@example.test"])
    assert again.status == 200 and again.json["contact"] == ["mailto:a@example.test"]
    for contact, problem in (("mailto:a@x,b@x", "invalidContact"), ("mailto:a@x?subject=y", "invalidContact"),
                             ("tel:1", "unsupportedContact")):
        assert client.post(client.kid, {"contact": [contact]}).problem == problem
    stranger = world.client()
    order = client.order(world.address)
    for url in (order.url, order.json["authorizations"][0], client.kid, client.kid + "/orders"):
        assert stranger.post(url).problem == "unauthorized", url
    assert client.post(client.kid, {"status": "deactivated"}).json["status"] == "deactivated"
    gone = client.post(order.url)
    assert gone.status == 401 and gone.problem == "unauthorized"


def test_order_list(world):
    world.control.set(**{"orders-page": 2})
    client = world.client()
    made = [client.order(f"a{number}@example.test").url for number in range(3)]
    first = client.post(client.kid + "/orders")
    link = next(link for link in first.headers.get_all("Link") if "next" in link).split(";")[0].strip("<>")
    assert first.json["orders"] + client.post(link).json["orders"] == made


def test_key_change(world):
    client, fresh = world.client(), Key()
    url = client.directory["keyChange"]

    def change(key, payload, **header):
        inner = key.jws({"jwk": key.jwk, "url": url, **header}, json.dumps(payload).encode())
        return client.post(url, inner)

    good = {"account": client.kid, "oldKey": client.key.jwk}
    assert change(fresh, {**good, "account": client.kid + "x"}).problem == "malformed"
    assert change(fresh, {**good, "oldKey": fresh.jwk}).problem == "malformed"
    assert change(fresh, good, nonce="abc").problem == "malformed"
    other = world.client()
    taken = change(other.key, good)
    assert taken.status == 409 and taken.headers["Location"] == other.kid
    assert change(fresh, good).status == 200
    assert client.order(world.address).problem == "malformed"
    client.key = fresh
    assert client.order(world.address).status == 201


def test_revocation(world):
    client = world.client()
    finished = world.finalize(client, world.ready_order(client))
    leaf = x509.load_pem_x509_certificate(client.post(finished.json["certificate"]).body)
    der = b64(leaf.public_bytes(serialization.Encoding.DER))
    url = client.directory["revokeCert"]
    assert client.post(url, {"certificate": der, "reason": 7}).problem == "badRevocationReason"
    assert world.client().post(url, {"certificate": der}).problem == "unauthorized"
    holder = Client(world.ready)
    holder.key.private = world.certificate_key
    numbers = world.certificate_key.public_key().public_numbers()
    holder.key.jwk.update(x=b64(numbers.x.to_bytes(32, "big")), y=b64(numbers.y.to_bytes(32, "big")))
    assert holder.post(url, {"certificate": der, "reason": 4}, jwk=True).status == 200
    assert client.post(url, {"certificate": der}).problem == "alreadyRevoked"
    crl = x509.load_der_x509_crl(_plain(world, "/crl"))
    assert crl.get_revoked_certificate_by_serial_number(leaf.serial_number)


def _plain(world, path):
    world.control._http.request("GET", path)
    return world.control._http.getresponse().read()


def test_renewal_information(world):
    world.control.set(ari=True)
    client = world.client()
    finished = world.finalize(client, world.ready_order(client))
    leaf = x509.load_pem_x509_certificate(client.post(finished.json["certificate"]).body)
    key_id = leaf.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier
    serial = leaf.serial_number.to_bytes((leaf.serial_number.bit_length() + 8) // 8, "big")
    ident = b64(key_id) + "." + b64(serial)
    answer = client.get(client.directory["renewalInfo"] + "/" + ident)
    window = answer.json["suggestedWindow"]
    assert answer.headers["Retry-After"] and window["start"] < window["end"], answer.json
    assert client.get(client.directory["renewalInfo"] + "/" + ident + "=").status == 400
    renewed = client.order(world.address, replaces=ident)
    assert renewed.json["replaces"] == ident, renewed.json
    assert client.order("bob@example.test", replaces=ident).problem == "malformed"
    world.control.forget()
    challenge = world.challenge(client, renewed.json["authorizations"][0])
    assert world.answer(client, challenge, world.mail())["ok"]
    client.post(challenge["url"], {})
    client.until(renewed.url, "ready")
    assert world.finalize(client, renewed).json["status"] == "valid"
    assert client.order(world.address, replaces=ident).problem == "alreadyReplaced"


def test_reused_authorization(world):
    world.control.set(**{"reuse-authz": True})
    client = world.client()
    world.ready_order(client)
    world.control.forget()
    second = client.order(world.address)
    assert second.json["status"] == "ready"
    assert client.post(second.json["authorizations"][0]).json["status"] == "valid"
    assert world.control.state()["counters"].get("mails-out", 0) == 0
    der = csr(world.certificate_key, [world.address], ("key_agreement",))
    assert world.finalize(client, second, der).json["status"] == "valid"


def test_two_addresses(world):
    client = world.client()
    order = client.order(world.address, "alice.two@example.test")
    assert len(order.json["authorizations"]) == 2
    first = world.challenge(client, order.json["authorizations"][0])
    mail = world.mail(1)
    assert world.answer(client, first, mail)["ok"]
    client.post(first["url"], {})
    client.until(order.json["authorizations"][0], "valid")
    assert client.post(order.url).json["status"] == "pending"
    world.control.set(**{"identifiers-max": 1})
    assert client.order(world.address, "b@example.test").problem == "rejectedIdentifier"


def test_deactivated_authorization(world):
    client = world.client()
    order, challenge, mail = world.opened(client)
    authz = order.json["authorizations"][0]
    assert client.post(authz, {"status": "valid"}).problem == "malformed"
    assert client.post(authz, {"status": "deactivated"}).json["status"] == "deactivated"
    assert client.post(order.url).json["status"] == "invalid"
    assert world.answer(client, challenge, mail)["ok"] is False


def test_no_email(world):
    world.control.set(**{"no-email": True})
    client = world.client()
    order = client.order(world.address)
    kinds = {c["type"] for c in client.post(order.json["authorizations"][0]).json["challenges"]}
    assert kinds == {"http-01", "dns-01"}


def test_profiles(world):
    client = world.client()
    assert client.order(world.address, profile="signing").problem == "invalidProfile"
    world.control.set(profile=["signing", "other"])
    assert client.order(world.address, profile="none").problem == "invalidProfile"
    assert client.order(world.address, profile="other").json["profile"] == "other"
    order = world.ready_order(client)
    assert world.finalize(client, order).problem == "badCSR"
    der = csr(world.certificate_key, [world.address], ("digital_signature",))
    assert world.finalize(client, order, der).json["status"] == "valid"


def test_processing(world):
    world.control.set(**{"finalize": "2", "retry-after": 1})
    client = world.client()
    order = world.ready_order(client)
    answer = world.finalize(client, order)
    assert answer.json["status"] == "processing" and answer.headers["Retry-After"] == "1"
    world.control.forget()
    assert client.post(order.url).json["status"] == "processing"
    assert client.post(order.url).json["status"] == "valid"
    assert world.violations() == ["B47"], world.violations()
