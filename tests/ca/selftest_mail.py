# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""selftest.py: the challenge mail, the judgement on replies, the ways of mail."""

import base64
import email.header
import json
import os
import re
import socket
import ssl
import subprocess
import threading

import dkim
import dns.message
import dns.rcode
import dns.rrset
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from cryptography import x509

from selfclient import HEADERS, Person, csr


def _verified(world, raw):
    records = world.control.state()["dkim_txt"]
    return dkim.verify(raw, dnsfunc=lambda name, timeout=5: records[name.decode().rstrip(".")].encode())


def _tags(mail):
    return dict(re.sub(r"\s", "", part).split("=", 1) for part in mail["dkim-signature"].split(";"))


def test_challenge_mail(world):
    client = world.client()
    _, challenge, mail = world.opened(client)
    assert mail["from"] == challenge["from"] == "acme@ca.test" and mail["to"] == world.address
    assert mail["auto-submitted"] == "auto-generated; type=acme"
    assert re.fullmatch(r"<[^<>@\s]+@ca\.test>", mail["message-id"]) and mail["date"] and mail["mime-version"] == "1.0"
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)", mail[""])
    assert max(len(line) for line in mail[""].split(b"\r\n")) < 400
    assert len(challenge["token"]) == 22
    assert _verified(world, mail[""])
    signed = _tags(mail)["h"].lower().split(":")
    assert len(signed) == 25 and {name.decode().lower() for name in HEADERS} < set(signed)
    assert {"auto-submitted", "resent-date", "list-id", "list-unsubscribe-post"} < set(signed)
    assert not _verified(world, mail[""].replace(b"To: alice", b"To: malice"))
    assert not _verified(world, mail[""].replace(b"Subject:", b"Sender: x@ca.test\r\nSubject:"))
    assert not _verified(world, mail[""] + b"more\r\n")


def test_forms_of_the_challenge_mail(world):
    client = world.client()
    for subject, body, sign, headers in (
            ("plain", "html", "dkim-ed25519", "full"), ("fold", "text", "dkim-rsa", "present"),
            ("encoded", "alternative", "dkim-rsa", "full"), ("encoded-fold", "text", "dkim-ed25519", "present"),
            ("plain", "text", "none", "full"), ("plain", "text", "external", "full")):
        world.reset()
        world.control.set(**{"subject": subject, "body": body, "sign": sign, "sign-headers": headers, "type-acme": "no",
                             "reply-to": "answers@ca.test", "cc": "log@ca.test", "per-challenge-from": True})
        _, challenge, mail = world.opened(client)
        assert mail["from"] == challenge["from"] and re.fullmatch(r"acme\+\w+@ca\.test", mail["from"])
        assert mail["reply-to"] == "answers@ca.test" and mail["cc"] == "log@ca.test"
        assert mail["auto-submitted"] == "auto-generated"
        plain = mail["subject"].replace("*en?", "?")       # Python knows no language tags
        text = str(email.header.make_header(email.header.decode_header(plain)))
        assert re.fullmatch(r"ACME: ?[A-Za-z0-9_-]{21} ?[A-Za-z0-9_-]{22}", text), text
        if subject in ("fold", "encoded-fold"):
            assert re.search(rb"\r\nSubject: [^\r]*\r\n ", mail[""])
        assert ("dkim-signature" in mail) == sign.startswith("dkim-")
        if sign.startswith("dkim-"):
            assert _verified(world, mail[""])
            assert ("sender" in _tags(mail)["h"].lower().split(":")) == (headers == "full")
        mail["subject"] = "ACME: " + re.sub(r"\s", "", text[5:])
        verdict = world.answer(client, challenge, mail)
        assert verdict["ok"], verdict


def test_smime_challenge(world):
    """openssl finds the signature good below the root, and the protected fields are those outside."""
    client = world.client()
    for protect in ("hp", "wrapped", "none"):
        world.reset()
        world.control.set(**{"sign": "smime", "protect": protect, "reply-to": "answers@ca.test", "body": "alternative"})
        _, challenge, mail = world.opened(client)
        assert "dkim-signature" not in mail and "multipart/signed" in mail["content-type"]
        done = subprocess.run(["openssl", "cms", "-verify", "-CAfile", world.ready["root"], "-purpose", "smimesign"],
                              input=mail[""], capture_output=True, check=True)
        assert (b"Subject: ACME: " in done.stdout) == (protect != "none")
        assert (b'hp="clear"' in done.stdout) == (protect == "hp")
        assert done.stdout.startswith(b"Content-Type: message/rfc822; forwarded=no\r\n\r\nFrom: ") == (protect == "wrapped")
        verdict = world.answer(client, challenge, mail)
        assert verdict["ok"], verdict


def test_wrong_replies(world):
    """Each mistake by its own check; a wrong reply ends challenge, authorization and order."""
    client = world.client()
    block = "-----BEGIN ACME RESPONSE-----\r\n%s\r\n-----END ACME RESPONSE-----\r\n"
    for check, fact, change in (
            ("from", "A18", {"From": "bob@example.test"}), ("from", "A18", {"From": "Alice@example.test"}),
            ("from", "A46", {"From": "alice@example.test, bob@example.test"}), ("to", "A47", {"To": "other@ca.test"}),
            ("subject", "A45", {"Subject": "AW: {subject}"}),
            ("subject", "T-11", {"Subject": "Re: ACME:\r\n {token1}"}),
            ("subject", "A45", {"Subject": "{subject}"}), ("in-reply-to", "T-13", {"In_Reply_To": None}),
            ("references", "A49", {"References": None}), ("list", "A50", {"List_Id": "<x.example.test>"}),
            ("type", "A51", {"Content_Type": "text/html"}),
            ("type", "T-12", {"Content_Type": "text/plain; format=flowed"}),
            ("encoding", "A54", {"Content_Transfer_Encoding": "quoted-printable"}),
            ("header", "RFC5322-3.6", {"Message_ID": None}),
            ("auto-submitted", "A57", {"Auto_Submitted": "auto-generated"}),
            ("body", "T-12", {"body": "Hello\r\n\r\n" + block}),
            ("body", "T-12", {"body": block + "\r\n-- \r\nAlice\r\n"}),
            ("padding", "T-01", {"body": block.replace("%s", "%s=")}), ("body", "A52", {"body": "%s\r\n"}),
            ("crlf", "A53", {"body": block.replace("\r\n", "\n")}), ("digest", "A11", {"body": block % ("A" * 43)})):
        world.control.forget()
        order, challenge, mail = world.opened(client)
        value = world.value(client, challenge, mail)
        token1 = mail["subject"][6:]
        fill = {key: text and text.format(subject=mail["subject"], token1=token1)
                for key, text in change.items() if key != "body"}
        body = change.get("body")
        reply = world.person.reply(mail, value, body % value if body and "%s" in body else body, **fill)
        verdict = world.control.mail(world.person.sign(reply))
        assert any(f["check"] == check and f["fact"] == fact for f in verdict["findings"]), (check, verdict)
        assert fact in world.violations()
        authz = client.post(order.json["authorizations"][0]).json
        assert authz["status"] == "invalid" and authz["challenges"][0]["error"]["detail"], authz
        assert client.post(order.url).json["status"] == "invalid"


def test_wrong_joins_are_named(world):
    client = world.client()
    for join, other in (("string", "bytes"), ("bytes", "string")):
        for size in (16, 20, 32):
            world.control.forget()
            world.control.set(**{"join": join, "token1-bytes": size})
            _, challenge, mail = world.opened(client)
            verdict = world.answer(client, challenge, mail, other)
            assert f"joined as {other}" in verdict["why"], verdict
    world.control.forget()
    world.control.set(**{"join": "string", "token1-bytes": 24})
    _, challenge, mail = world.opened(client)
    assert world.answer(client, challenge, mail, "bytes")["ok"]


def test_lax(world):
    """What RFC 8823 tells a server to take."""
    world.control.set(judge="lax")
    client = world.client()
    padded = ("Hello\r\n\r\n-----BEGIN ACME RESPONSE-----\r\n{a}\r\n{b}=\r\n-----END ACME RESPONSE-----\r\n"
              "-- \r\nAlice\r\n")
    for change in ({"Subject": "AW: something"}, {"In_Reply_To": None, "References": None}, {"To": "x@ca.test"},
                   {"From": "alice@EXAMPLE.test"}, {"Content_Transfer_Encoding": "base64"}):
        world.control.forget()
        _, challenge, mail = world.opened(client)
        value = world.value(client, challenge, mail)
        body = padded.format(a=value[:35], b=value[35:])
        if "Content_Transfer_Encoding" in change:
            body = base64.encodebytes(body.encode()).decode().replace("\n", "\r\n")
        verdict = world.control.mail(world.person.sign(world.person.reply(mail, value, body, **change)))
        assert verdict["ok"], (change, verdict)
    world.control.forget()
    _, challenge, mail = world.opened(client)
    assert world.answer(client, challenge, mail, From="Alice@example.test")["fact"] == "A18"


def test_alternative_body(world):
    client = world.client()
    _, challenge, mail = world.opened(client)
    value = world.value(client, challenge, mail)
    body = ("--b\r\nContent-Type: text/plain\r\n\r\n-----BEGIN ACME RESPONSE-----\r\n" + value +
            "\r\n-----END ACME RESPONSE-----\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>x</p>\r\n--b--\r\n")
    reply = world.person.reply(mail, value, body, Content_Type='multipart/alternative; boundary="b"')
    verdict = world.control.mail(world.person.sign(reply))
    assert verdict["ok"], verdict


def test_second_reply(world):
    client = world.client()
    _, challenge, mail = world.opened(client)
    assert world.answer(client, challenge, mail)["ok"]
    assert world.answer(client, challenge, mail)["fact"] == "A13"
    assert world.violations() == ["A13"]
    stray = world.person.reply({**mail, "subject": "ACME: AAAAAAAAAAAAAAAAAAAAAA", "message-id": "<x@y>"}, "x")
    assert world.control.mail(stray)["fact"] == "A44"


def test_ignored_reply(world):
    world.control.set(**{"wrong-reply": "ignore"})
    client = world.client()
    order, challenge, mail = world.opened(client)
    assert not world.answer(client, challenge, mail, To="x@ca.test")["ok"]
    assert client.post(order.json["authorizations"][0]).json["status"] == "pending"


def test_reply_signature(world):
    client = world.client()
    person = world.person

    def judged(sign, **options):
        world.control.forget()
        world.control.set(**{"judge-dkim": "present", **options})
        _, challenge, mail = world.opened(client)
        return world.control.mail(sign(person.reply(mail, world.value(client, challenge, mail))))

    def checks(verdict):
        return [finding["check"] for finding in verdict["findings"]]

    few = [name for name in HEADERS if name not in (b"References", b"Sender")]
    present = [name for name in HEADERS if name not in (b"Sender", b"Cc", b"Reply-To")]
    assert checks(judged(lambda mail: mail)) == ["dkim"]
    assert checks(judged(lambda mail: person.sign(mail, "other.test"))) == ["dkim-domain"]
    assert checks(judged(lambda mail: person.sign(mail, "sub.example.test"))) == ["dkim-domain"]
    assert checks(judged(lambda mail: person.sign(mail, headers=few))) == ["dkim-headers"]
    assert checks(judged(lambda mail: person.sign(mail, length=True))) == ["dkim-length"]
    assert checks(judged(lambda mail: person.sign(mail, algorithm=b"rsa-sha1"))) == ["dkim-algorithm"]
    broken = judged(lambda mail: person.sign(mail).replace(b"Message-ID: <", b"Message-ID: <x"))
    assert "dkim" in checks(broken), broken
    assert judged(lambda mail: person.sign(mail, headers=present))["ok"]
    oversign = {"judge-dkim": "oversign"}
    assert checks(judged(lambda mail: person.sign(mail, headers=present), **oversign)) == ["dkim-headers"]
    assert judged(person.sign, **oversign)["ok"]
    assert judged(lambda mail: person.sign(mail, headers=[b"From"]), **{"judge-dkim": "any"})["ok"]
    assert judged(lambda mail: mail, **{"judge-dkim": "none"})["ok"]
    assert judged(lambda mail: person.sign(person.sign(mail, "other.test")))["ok"]
    assert checks(judged(person.sign, **{"dkim-keys": ""})) == ["dkim"]


def test_key_from_dns(world):
    """--dns IP@PORT, with a server of our own; --dkim-keys has nothing to say here."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(10)

        def serve():
            for _ in range(2):
                data, peer = server.recvfrom(4096)
                answer = dns.message.make_response(dns.message.from_wire(data))
                question = answer.question[0]
                if question.name.to_text() == world.person.name + ".":
                    record = world.person.record
                    parts = " ".join(f'"{record[i:i + 200]}"' for i in range(0, len(record), 200))
                    answer.answer.append(dns.rrset.from_text(question.name, 1, "IN", "TXT", parts))
                else:
                    answer.set_rcode(dns.rcode.NXDOMAIN)
                server.sendto(answer.to_wire(), peer)

        thread = threading.Thread(target=serve)
        thread.start()
        world.control.set(**{"dkim-keys": "", "dns": "127.0.0.1@%d" % server.getsockname()[1]})
        client = world.client()
        _, challenge, mail = world.opened(client)
        assert world.answer(client, challenge, mail)["ok"]
        world.control.forget()
        _, challenge, mail = world.opened(client)
        world.person.name, kept = "nobody.test", world.person.name
        verdict = world.answer(client, challenge, mail)
        world.person.name = kept
        thread.join()
        assert "NXDOMAIN" in verdict["why"], verdict


def test_hostile_mail(world):
    client = world.client()
    _, _, mail = world.opened(client)
    token1 = mail["subject"].encode()
    for raw in (b"", b"\0" * 1000, b"\xff" * 1000, b"Subject: " + token1,
                b"Subject: Re: " + token1 + b"\r\n\r\n\xff\xfe",
                b"Subject: Re: " + token1 + b"\r\nContent-Type: multipart/alternative; boundary=a\r\n\r\n--a\r\n" * 50,
                b"Subject: =?utf-9?Q?x?= \r\nFrom: " + b"(" * 5000 + b"\r\nDKIM-Signature: v=1; v=1\r\n\r\n",
                b"In-Reply-To: " + mail["message-id"].encode() + b"\r\nDKIM-Signature: a=b; d=example.test\r\n\r\n"):
        assert world.control.mail(raw)["ok"] is False


def test_smtp_in_and_refusal(world):
    client = world.client()
    _, challenge, mail = world.opened(client)
    reply = world.person.sign(world.person.reply(mail, world.value(client, challenge, mail)))
    world.control.set(fail=["smtp-refuse:1:550 5.7.26 no"])
    try:
        world.person.deliver(world.ready, reply, mail["from"])
        raise AssertionError("the reply was taken")
    except Exception as error:
        assert "5.7.26" in str(error), error
    world.person.deliver(world.ready, reply, mail["from"])
    world.control.wait("replies-good")
    kept = [m["file"] for m in world.control.state()["mails"] if m["kind"] == "mail-in"][-1]
    with open(kept, "rb") as file:
        assert file.read() == reply


def test_mail_lost_and_twice(world):
    client = world.client()
    world.control.set(fail=["mail-lost"])
    order = client.order(world.address)
    world.challenge(client, order.json["authorizations"][0])
    world.control.wait("mails-lost")
    assert world.control.state()["counters"].get("mails-out", 0) == 0
    world.control.set(fail=["mail-twice"])
    _, challenge, _ = world.opened(client)
    world.control.wait("mails-out", 2)
    ident = challenge["url"].rpartition("/")[2]
    world.control.resend(ident)
    world.control.wait("mails-out", 3)
    assert world.mail(1)[""] == world.mail(3)[""]


class _Sink:
    def __init__(self):
        self.mails = []

    async def handle_DATA(self, server, session, envelope):
        self.mails.append((session.auth_data, envelope.mail_from, envelope.rcpt_tos, envelope.content))
        return "250 OK"


def _free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def test_mail_out(world):
    """Plain SMTP, submission with STARTTLS and AUTH, and a relay that is not there until it is."""
    sink, client = _Sink(), world.client()
    port = _free_port()
    plain = Controller(sink, hostname="127.0.0.1", port=port)
    plain.start()
    try:
        world.control.set(**{"mail-out": f"smtp://127.0.0.1:{port}"})
        order = client.order(world.address)
        client.post(order.json["authorizations"][0])
        world.control.wait("mails-out")
    finally:
        plain.stop()
    assert sink.mails[0][1:3] == ("acme@ca.test", [world.address]) and _verified(world, sink.mails[0][3])
    world.control.forget()
    failed = client.order(world.address)
    client.post(failed.json["authorizations"][0])
    world.control.wait("mail-errors")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(os.path.join(world.folder, "tls.pem"), os.path.join(world.folder, "tls-key.pem"))

    def login(server, session, envelope, mechanism, data):
        return AuthResult(success=(data.login, data.password) == (b"acme@ca.test", b"p w"), auth_data=data.login)

    port = _free_port()
    secure = Controller(sink, hostname="127.0.0.1", port=port, tls_context=context, require_starttls=True,
                        auth_required=True, authenticator=login)
    secure.start()
    try:
        world.control.set(**{"mail-out": f"submission://acme%40ca.test:p%20w@127.0.0.1:{port}"
                                         f"?cafile={world.ready['tls_root']}"})
        client.post(failed.json["authorizations"][0])
        world.control.wait("mails-out")
        world.control.set(**{"mail-out": f"submission://acme%40ca.test:p%20w@127.0.0.1:{port}"})
        client.post(client.order(world.address).json["authorizations"][0])
        world.control.wait("mail-errors", 2)
    finally:
        secure.stop()
    assert len(sink.mails) == 2 and sink.mails[1][0] == b"acme@ca.test"


def test_international_address(world):
    """A domain in U-labels stands in the certificate in A-labels (A72); a local part stays as it is (A70)."""
    address, certified, domain = "zoë@exämple.test", "zoë@xn--exmple-cua.test", "xn--exmple-cua.test"
    person = Person(address)
    keys = os.path.join(world.folder, "international.json")
    with open(keys, "w", encoding="utf-8") as file:
        json.dump({"s1._domainkey." + domain: person.record}, file)
    world.control.set(**{"dkim-keys": keys})
    client = world.client()
    order, challenge, mail = world.opened(client, address=address)
    assert mail["to"] == address and _verified(world, mail[""])
    reply = person.reply(mail, world.value(client, challenge, mail), Message_ID="<1@" + domain + ">")
    verdict = world.control.mail(person.sign(reply, domain))
    assert verdict["ok"], verdict
    client.post(challenge["url"], {})
    client.until(order.url, "ready")
    text = certified.encode()
    names = [x509.OtherName(x509.ObjectIdentifier("1.3.6.1.5.5.7.8.9"), bytes([0x0C, len(text)]) + text)]
    der = csr(world.certificate_key, [], names=names)
    assert world.finalize(client, order, der).json["status"] == "valid"
