#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is asked of a CA besides a certificate: revocation, and its account: against the test CA, without mail servers
(tests/crash/light.py)."""

import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(os.path.dirname(HERE), "crash")]
from light import LightCa, Somebody  # noqa: E402
from stage import Tap, told  # noqa: E402
from trouble import refused  # noqa: E402

tap = Tap()
people = 0


def somebody(ca):
    global people
    people += 1
    return Somebody(ca, people)


def enroll(ca, person, *words):
    """A certificate, or what went wrong."""
    before = set(ca.mails())
    done = person.run("get", person.user, "--agree-tos", "--key", "p256", "--keyring", "files:" + person.out, "--no-wait", *words)
    for name, mail in ca.mails().items():
        if name not in before and person.user.encode() in mail:
            done = person.run("hook", stdin=mail)
    return done


def has(tap_, person, count, name):
    return tap_.equal([e["state"] for e in person.status()], ["INSTALLED"] * count, name)


def revoked(ca):
    return [c["revoked"] for c in ca.state()["certificates"]]


def revocation(ca):
    with somebody(ca) as person:
        done = enroll(ca, person)
        has(tap, person, 1, "there is a certificate to revoke") or print("#", told(done))
        refused(tap, person.run("revoke", person.user, "--json", "--reason", "keycompromise"), 64, "a reason that is none", "there are: .*keyCompromise")
        refused(tap, person.run("revoke", "nobody@example.test", "--json"), 66, "nobody's")
        refused(tap, person.run("revoke", person.user, "--json", "--serial", "7"), 66, "another's serial", "no certificate for")
        done = person.run("revoke", person.user, "--json", "--reason", "keyCompromise")
        report = json.loads(done.stdout)
        tap.ok(done.returncode == 0 and report["changed"] is True, "it is revoked", told(done))
        tap.equal(revoked(ca)[-1], 1, "with its reason")
        entry = person.status()[0]
        tap.ok(entry["certificate"]["revocation"] == "keyCompromise" and entry["certificate"]["revoked_at"], "the record says so", entry)
        tap.equal([h["state"] for h in entry["history"]][-2:], ["REVOKING", "REVOKED"], "the history, too")
        tap.ok("was revoked on" in entry["sentence"] and entry["next_step"].endswith("mailcert get " + person.user), "status says so", entry)
        tap.equal(person.run("status", "--renewal-due").returncode, 1, "nothing is due for renewal")
        again = person.run("revoke", person.user, "--json")
        tap.ok(again.returncode == 0 and json.loads(again.stdout)["changed"] is False, "the second time is no error", told(again))
        done = enroll(ca, person)
        tap.ok(has(tap, person, 2, "get asks for a new one") and person.status()[1]["certificate"]["revoked_at"] is None,
               "which is good", told(done))
        keys = [open(os.path.join(folder, name)).read() for folder, _, names in os.walk(person.out) for name in names if "key" in name]
        tap.equal(len(set(keys)), len(keys), "and has another key")


with LightCa() as ca:
    for part in (revocation,):
        if len(sys.argv) < 2 or part.__name__ in sys.argv[1:]:
            part(ca)
    tap.equal(ca.violations(), [], "the CA saw no rule broken")
tap.end()
