#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The forms that RFC 8823 allows a challenge's Subject and Auto-Submitted, and some that it does not: mailcert-hook (the peek),
mailcert hook and IMAP say the same of each, by what they do."""

import base64
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from held import HeldCa, set_field  # noqa: E402
from stage import MAILCERT, TIMEOUT, Person, Sandbox, Tap, told  # noqa: E402
from trouble import QUICK, files  # noqa: E402

tap = Tap()
PEEK = os.path.join(os.path.dirname(MAILCERT), "mailcert-hook")


def q(text):
    return "".join(char if char.isalnum() or char in "-:" else "=%02X" % ord(char) for char in text)


def b(text):
    return base64.b64encode(text.encode()).decode()


def forms(token):
    """{name: (Subject, Auto-Submitted)}: the twelve that are right."""
    plain, kind = "ACME: " + token, "auto-generated; type=acme"
    half = len(token) // 2
    return {
        "folded behind the label": ("ACME:\r\n " + token, kind),
        "folded within the token": ("ACME: %s\r\n\t%s" % (token[:half], token[half:]), kind),
        "folded before the label, white space": ("\r\n  ACME: \t" + token + "  ", kind),
        "encoded-word in Q": ("=?UTF-8?Q?ACME:_%s?=" % q(token), kind),
        "encoded-word in B": ("=?utf-8?B?%s?=" % b(plain), kind),
        "two encoded-words, folded": ("=?us-ascii*en?q?%s?=\r\n =?utf-8?b?%s?=" % (q("ACME: " + token[:half]), b(token[half:])), kind),
        "no parameter": (plain, "auto-generated"),
        "the parameter in quotes": (plain, 'auto-generated; type="acme"'),
        "another parameter first": (plain, "auto-generated; owner=x; type=acme"),
        "another parameter alone": (plain, "auto-generated ;owner=\"a;b\""),
        "comments and a fold": (plain, "(by (a) CA)\r\n auto-generated (x); type=acme"),
        "in other case": (plain, "Auto-GENERATED; TYPE=ACME"),
    }


def wrong(token):
    """Such as are no challenge, whoever looks."""
    plain = "ACME: " + token
    return {
        "a reply's Subject": ("Re: " + plain, "auto-generated; type=acme"),
        "the label in lower case": ("acme: " + token, "auto-generated; type=acme"),
        "a foreign charset": ("=?iso-8859-1?Q?ACME:_%s?=" % q(token), "auto-generated; type=acme"),
        "auto-replied": (plain, "auto-replied; type=acme"),
    }


def by_peek(person, ca, mail):
    """As a delivery agent starts it: with nothing but a home. It goes on behind our back."""
    return subprocess.run([PEEK], input=mail, capture_output=True, env={"PATH": "/usr/bin:/bin", "HOME": person.home}, timeout=TIMEOUT)


def by_hook(person, ca, mail):
    return person.run("hook", stdin=mail)


def by_imap(person, ca, mail):
    person.sandbox.run("deliver", person.user, stdin=mail)
    return person.run("renew", "--wait", "60")


def opened(person, ca):
    """The order is open, and the token of the mail that has come."""
    done = person.run("get", person.user, *QUICK, *files(person), "--agree-tos", "--no-wait")
    tap.equal(done.returncode, 75, "the order is open", told(done))
    mail = ca.challenge(ca.count + 1)
    ca.count += 1
    return mail, re.search(rb"(?m)^Subject: ACME: (\S+)", mail).group(1).decode()


def taken(sandbox, ca, name, trigger, form):
    """One challenge in one form, by one trigger, leads to the certificate."""
    with Person(sandbox, ca, account=None if trigger is by_imap else {"imap": None}) as person:
        mail, token = opened(person, ca)
        subject, kind = forms(token)[form]
        replies = ca.state()["counters"].get("mails-in", 0)
        mail = ca.sign(set_field(set_field(mail, b"Subject", subject.encode()), b"Auto-Submitted", kind.encode()))
        done = trigger(person, ca, mail)
        ca.wait("downloads", ca.count)
        if trigger is by_peek:
            person.run("renew", "--wait", "20")  # waits for the one in the background, or has nothing to do
        tap.equal((done.returncode, ca.state()["counters"].get("mails-in", 0) - replies, [e["state"] for e in person.status()]),
                  (0, 1, ["INSTALLED"]), name + ": one reply, and the certificate", told(done))


def refused(sandbox, ca):
    """One open order; all that is wrong comes by every trigger; nothing is answered."""
    with Person(sandbox, ca) as person:
        mail, token = opened(person, ca)
        replies = ca.state()["counters"].get("mails-in", 0)
        for name, (subject, kind) in wrong(token).items():
            bad = ca.sign(set_field(set_field(mail, b"Subject", subject.encode()), b"Auto-Submitted", kind.encode()))
            for trigger in (by_peek, by_hook):
                done = trigger(person, ca, bad)
                tap.equal((done.returncode, done.stdout, done.stderr), (0, b"", b""), "%s: %s: nothing to say" % (name, trigger.__name__),
                          told(done))
            sandbox.run("deliver", person.user, stdin=bad)
        done = person.run("renew", "--wait", "3")
        tap.equal(done.returncode, 75, "IMAP: none of them is what it waits for", told(done))
        tap.equal(ca.state()["counters"].get("mails-in", 0), replies, "none of them was answered by any trigger")
        tap.equal(person.status()[0]["addresses"][0]["state"], "AWAIT_MAIL", "it still waits", person.status())


with Sandbox() as stage, HeldCa(stage, "--wait", "hold") as held:
    held.count = 0
    for form_name in forms("A" * 43):
        for way in (by_peek, by_hook, by_imap):
            stage.empty("alice@example.test")
            taken(stage, held, "%s: %s" % (form_name, way.__name__), way, form_name)
    stage.empty("alice@example.test")
    refused(stage, held)
    tap.equal(held.violations(), [], "the CA saw no rule broken")
tap.end()
