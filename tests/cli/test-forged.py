#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mails that only look like the CA's: none is ever answered, by whatever way it comes, and the true one still is."""

import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from held import SIGNED, HeldCa, add_field, set_field, unsigned  # noqa: E402
from stage import Person, Sandbox, Tap, told  # noqa: E402
from trouble import QUICK, files  # noqa: E402

tap = Tap()


def pki(sandbox, name):
    with open(os.path.join(sandbox.dir, "pki", name), "rb") as file:
        return file.read()


def forgeries(sandbox, ca, true):
    """{name: (mail, verdict)}. Each is the true mail with one thing changed."""
    token = ca.state()["challenges"][-1]["token1"].encode()
    other = b"A" * 42 + b"E"
    resigned = lambda name, value: ca.sign(set_field(true, name, value))
    return {
        "unsigned": (unsigned(true), "unsigned"),
        "the body is changed": (true.replace(b"automatic", b"autocratic"), "dkim-fail"),
        "the token is changed": (true.replace(token, other), "dkim-fail"),
        "a signature of another key": (ca.sign(true, key=pki(sandbox, "dkim-example.key")), "dkim-fail"),
        "signed by another domain": (ca.sign(true, key=pki(sandbox, "dkim-example.key"), domain=b"example.test", selector=b"s1"),
                                     "dkim-domain"),
        "signed by a parent domain": (ca.sign(true, domain=b"test"), "dkim-domain"),
        "a key that DNS does not know": (ca.sign(true, selector=b"nosuch"), "dkim-key"),
        "not all of the body is signed": (ca.sign(true, length=True) + b"<b>more</b>\r\n", "dkim-partial-body"),
        "To is not signed": (ca.sign(true, names=[n for n in SIGNED if n != "To"]), "dkim-headers"),
        "Auto-Submitted is not signed": (ca.sign(true, names=[n for n in SIGNED if n != "Auto-Submitted"]), "dkim-headers"),
        "a second Subject": (add_field(true, b"Subject: ACME: " + other), "duplicate-header"),
        "a second From": (add_field(true, b"From: mallory@example.test"), "duplicate-header"),
        "a second To": (add_field(true, b"To: alice@example.test"), "duplicate-header"),
        "a second Message-ID": (add_field(true, b"Message-ID: <other@ca.test>"), "duplicate-header"),
        "Reply-To added": (add_field(true, b"Reply-To: mallory@example.test"), "dkim-fail"),
        "Sender added": (add_field(true, b"Sender: mallory@example.test"), "dkim-fail"),
        "Cc added": (add_field(true, b"Cc: mallory@example.test"), "dkim-fail"),
        "a mailing list's": (add_field(true, b"List-Id: <list.ca.test>"), "list-mail"),
        "a signed mailing list's": (ca.sign(add_field(true, b"List-Unsubscribe: <mailto:x@ca.test>")), "list-mail"),
        "from another address of the CA": (resigned(b"From", b"other@ca.test"), "wrong-from"),
        "to another address": (resigned(b"To", b"bob@example.test"), "wrong-to"),
        "a reply": (resigned(b"Subject", b"Re: ACME: " + token), "is-reply"),
        "a reply in another language": (resigned(b"Subject", b"AW: ACME: " + token), "is-reply"),
        "no Auto-Submitted": (resigned(b"Auto-Submitted", None), "not-auto-submitted"),
        "Auto-Submitted: no": (resigned(b"Auto-Submitted", b"no"), "not-auto-submitted"),
        "Auto-Submitted: auto-replied": (resigned(b"Auto-Submitted", b"auto-replied"), "not-auto-submitted"),
        "a short token": (resigned(b"Subject", b"ACME: QUJDREVGR0hJSktMTU5PUA"[:-2]), "short-token"),
        "no token": (resigned(b"Subject", b"ACME: "), "bad-subject|short-token"),
        "a token with a line end in it": (resigned(b"Subject", b"=?utf-8?Q?ACME:_" + token[:20] + b"=0D=0ABcc:_x@y.test?="), "bad-subject"),
        "no Message-ID": (resigned(b"Message-ID", None), "missing-header"),
        "no Date": (resigned(b"Date", None), "missing-header"),
        "of last week": (resigned(b"Date", b"Sun, 15 Nov 2026 02:00:00 +0000"), "stale"),
        "two recipients": (resigned(b"To", b"alice@example.test, bob@example.test"), "wrong-to|missing-header|malformed"),
        "two senders": (resigned(b"From", b"acme@ca.test, mallory@example.test"), "wrong-from|missing-header|malformed"),
        "a lone CR": (true.replace(b"\r\n\r\n", b"\r\n\r\nx\ry\r\n", 1), "malformed|dkim-fail"),
        "lines that end in both ways": (true.replace(b"\r\n\r\n", b"\r\n\n", 1), "malformed"),
        "300 KiB": (true + b"x" * 78 * 4000 + b"\r\n", "too-large"),
        "an ordinary mail": (b"From: bob@example.test\r\nTo: alice@example.test\r\nSubject: lunch\r\n\r\nACME\r\n", "not-a-challenge"),
    }


def inspected(person, mail, *words):
    done = person.run("inspect", "--json", *words, stdin=mail)
    return done, json.loads(done.stdout)


def judged(person, cases):
    """inspect says why, with the exit status of DESIGN 5, and never the token of what it does not trust for sure."""
    for name, (mail, verdicts) in cases.items():
        done, report = inspected(person, mail)
        wanted = 0 if verdicts == "not-a-challenge" else 65
        tap.ok(report["verdict"] in verdicts.split("|") and done.returncode == wanted,
               "inspect: %s is %s" % (name, verdicts), "%s\n%s" % (report["verdict"], told(done)))
        kind = {"is-reply": "response", "not-a-challenge": "other"}.get(report["verdict"], "challenge")
        tap.ok(report["kind"] == kind or report["verdict"] in ("too-large", "malformed"), "inspect: %s: its kind" % name, report)
        tap.ok(set(report) == {"schema", "kind", "verdict", "checks", "from", "to", "reply_to", "message_id", "token_part1",
                               "signature"} and set(report["signature"]) == {"method", "domain", "selector", "signer"}
               and all(set(check) == {"name", "ok", "detail"} for check in report["checks"]),
               "inspect: %s: the shape of the JSON" % name, report)
        tap.ok(verdicts == "too-large" or not all(check["ok"] for check in report["checks"]),
               "inspect: %s: a check is not ok" % name, report["checks"])


def by_hook(sandbox):
    """The mail filter's way: exit 0, nothing changes, nothing is sent."""
    with HeldCa(sandbox, "--wait", "hold") as ca, Person(sandbox, ca, account={"imap": None}) as person:
        done = person.run("get", person.user, *QUICK, *files(person), "--agree-tos", "--no-wait")
        tap.equal(done.returncode, 75, "the order is open", told(done))
        true = ca.challenge()
        cases = forgeries(sandbox, ca, true)
        judged(person, cases)
        done = person.run("inspect", stdin=cases["signed by another domain"][0])
        tap.ok(b"not proven to come from its sender" in done.stdout, "inspect: whose signature it is says not whom the mail is from",
               told(done))
        before = person.status()
        for name, (mail, _) in cases.items():
            done = person.run("hook", stdin=mail)
            tap.equal((done.returncode, done.stdout, done.stderr), (0, b"", b""), "hook: %s: nothing to say" % name, told(done))
        tap.equal(person.status(), before, "hook: no forgery changed anything")
        tap.equal(ca.state()["counters"].get("mails-in", 0), 0, "hook: no forgery was answered")
        done, report = inspected(person, true)
        tap.equal((done.returncode, report["verdict"], report["kind"]), (0, "authentic", "challenge"), "inspect: the true one", told(done))
        tap.equal((report["signature"]["method"], report["signature"]["domain"], report["from"], report["to"]),
                  ("dkim", "ca.test", "acme@ca.test", person.user), "inspect: what it says of it")
        done = person.run("hook", stdin=true)
        tap.equal(done.returncode, 0, "hook: the true one", told(done))
        tap.equal(person.status()[0]["state"], "INSTALLED", "hook: and the certificate is there", person.status())
        for name, mail in (("again", true), ("again with another Message-ID", ca.sign(set_field(true, b"Message-ID", b"<new@ca.test>")))):
            done = person.run("hook", stdin=mail)
            tap.equal(done.returncode, 0, "hook: the true one " + name, told(done))
            tap.equal(inspected(person, mail, "--expect-from", "acme@ca.test", "--expect-to", person.user)[1]["verdict"],
                      "authentic", "inspect --expect: the true one " + name)
        tap.equal(ca.state()["counters"]["mails-in"], 1, "hook: one reply in all")
        tap.equal(ca.violations(), [], "hook: the CA saw no rule broken")


def by_imap(sandbox):
    """All of them lie in the mailbox, before and after the wait begins; then the true one comes."""
    with HeldCa(sandbox, "--wait", "hold") as ca, Person(sandbox, ca) as person:
        done = person.run("get", person.user, *QUICK, *files(person), "--agree-tos", "--no-wait")
        tap.equal(done.returncode, 75, "the order is open", told(done))
        true = ca.challenge()
        for name, (mail, _) in forgeries(sandbox, ca, true).items():
            if name not in ("a lone CR", "lines that end in both ways"):  # LMTP mends those
                sandbox.run("deliver", person.user, stdin=mail)
        done = person.run("renew", "--wait", "3")
        tap.equal(done.returncode, 75, "IMAP: no forgery is what it waits for", told(done))
        tap.equal(ca.state()["counters"].get("mails-in", 0), 0, "IMAP: no forgery was answered")
        tap.equal(person.status()[0]["addresses"][0]["state"], "AWAIT_MAIL", "IMAP: it still waits")
        sandbox.run("deliver", person.user, stdin=true)
        done = person.run("renew", "--wait", "30")
        tap.equal(done.returncode, 0, "IMAP: the true one among them is answered", told(done))
        tap.equal(ca.state()["counters"]["mails-in"], 1, "IMAP: one reply in all")
        tap.equal(ca.violations(), [], "IMAP: the CA saw no rule broken")


def expected(sandbox):
    """inspect where nothing is open: what --expect-* ask for decides, and else shape and signature alone."""
    with HeldCa(sandbox) as ca, Person(sandbox, ca, account={"imap": None}) as person, \
            Person(sandbox, ca) as stranger:
        person.run("get", person.user, *QUICK, *files(person), "--agree-tos", "--no-wait")
        true = ca.challenge()
        for words, verdict in (((), "authentic"),
                               (("--expect-from", "acme@ca.test", "--expect-to", person.user), "authentic"),
                               (("--expect-from", "ACME@CA.TEST", "--expect-to", person.user), "wrong-from"),
                               (("--expect-from", "acme@CA.Test"), "authentic"),
                               (("--expect-from", "other@ca.test"), "wrong-from"),
                               (("--expect-to", "bob@example.test"), "wrong-to"), (("--ca", "test"), "authentic")):
            done, report = inspected(stranger, true, *words)
            tap.equal((report["verdict"], done.returncode), (verdict, 0 if verdict == "authentic" else 65),
                      "inspect %s, nothing open" % " ".join(words), told(done))
        lf = true.replace(b"\r\n", b"\n")
        tap.equal(inspected(stranger, lf)[1]["verdict"], "authentic", "inspect: with LF, as in a maildir")
        tap.equal(inspected(stranger, b"From x Sun Nov 22 02:00:00 2026\n" + lf)[1]["verdict"], "authentic", "inspect: from an mbox")
        tap.equal(inspected(stranger, b"")[1]["verdict"], "not-a-challenge", "inspect: nothing at all")
        sandbox.run("dns", "unset", "acme._domainkey.ca.test", "TXT")
        done, report = inspected(stranger, true)
        tap.equal((report["verdict"], done.returncode), ("dkim-key", 65), "inspect: the key has gone from DNS", told(done))
        stranger.keys["mailcert"]["resolver"] = "127.0.0.1@9"
        stranger.write()
        done, report = inspected(stranger, true)
        tap.equal((report["verdict"], done.returncode), ("dns-unavailable", 75), "inspect: no DNS: nothing is decided", told(done))
        tap.ok(not os.path.exists(stranger.data), "inspect leaves nothing behind")


with Sandbox() as stage:
    for part in (by_hook, by_imap, expected):
        if len(sys.argv) < 2 or part.__name__ in sys.argv[1:]:
            stage.empty("alice@example.test")
            part(stage)
tap.end()
