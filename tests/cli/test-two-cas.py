#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two CAs for one address: each verb means the right one, or wants to be told which; against test CAs without mail servers
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


def revoked(ca):
    return [c["revoked"] for c in ca.state()["certificates"]]


def orders(ca):
    return len(ca.state()["orders"])


def answer(person, ca):
    """Its last mail is handed over, as a mail program does."""
    return person.run("hook", stdin=list(ca.mails().values())[-1])


def found(person):
    return sorted((e["ca"], e["state"]) for e in person.status())


def get(person, *words):
    return person.run("get", person.user, "--agree-tos", "--key", "p256", "--keyring", "files:" + person.out, "--no-wait", *words)


def carry_to_both(person, one, two):
    """Replies go to the CA that they are addressed to."""
    places = [tuple(ca.ready["control"].split("/")[2].split(":")) for ca in (one, two)]
    with open(person.carrier) as file:
        text = file.read()
    here, there = ('("%s", %s)' % place for place in places)
    with open(person.carrier, "w") as file:
        file.write(text.replace(here, '(%s if b"To: acme@second.test" in mail else %s)' % (there, here)))


def both_open(one, two, person):
    done = get(person, "--ca", "second")
    tap.ok(done.returncode == 75 and orders(one) == 0, "get --ca asks that CA alone", told(done))
    done = get(person)
    tap.ok(done.returncode == 75 and (orders(one), orders(two)) == (1, 1), "get asks the default, though another has an open order", told(done))
    tap.equal(found(person), [("second", "ORDERED"), ("test", "ORDERED")], "status knows both")
    done = answer(person, two)
    tap.ok(done.returncode == 0 and found(person) == [("second", "INSTALLED"), ("test", "ORDERED")], "the mail of one answers that one", told(done))
    done = answer(person, one)
    tap.ok(done.returncode == 0 and found(person) == [("second", "INSTALLED"), ("test", "INSTALLED")], "and the other's the other", told(done))
    for name in ("test", "second"):
        done = get(person, "--ca", name, "--json")
        report = json.loads(done.stdout)
        tap.ok(done.returncode == 0 and report["changed"] is False and (orders(one), orders(two)) == (1, 1), name + " is not asked again", told(done))
    shown = person.run("status").stdout
    tap.ok("(test)" in shown and "(second)" in shown and "newer certificate has taken its place" in shown, "status shows both, and which is renewed", shown)


def renewals(one, two, person):
    done = person.run("renew", person.user, "--force", "--no-wait")
    tap.ok(done.returncode == 75 and (orders(one), orders(two)) == (2, 1), "renew asks the CA of the certificate that is in use", told(done))
    done = answer(person, one)
    tap.equal(found(person), [("second", "INSTALLED"), ("test", "INSTALLED"), ("test", "INSTALLED")], "it is renewed", told(done))
    done = person.run("renew", "--due", "--json")
    tap.ok(json.loads(done.stdout)["changed"] is False and orders(two) == 1, "nothing is due for the other", told(done))


def accounts(one, two, person):
    report = json.loads(person.run("account", "--json").stdout)
    tap.equal(sorted((a["ca"], a["state"]) for a in report["accounts"]), [("second", "valid"), ("test", "valid")], "account shows both")
    report = json.loads(person.run("account", "show", "--ca", "second", "--json").stdout)
    tap.equal([a["directory"] for a in report["accounts"]], [two.ready["directory"]], "or the one that is meant")
    for verb in ("rollover", "deactivate"):
        refused(tap, person.run("account", verb, "--json", *(["--yes"] if verb == "deactivate" else [])), 64, verb + " must be told which", "2 CAs", "--ca")
    done = person.run("account", "rollover", "--ca", two.ready["directory"])
    tap.ok(done.returncode == 0 and (one.state()["counters"].get("key-changes", 0), two.state()["counters"]["key-changes"]) == (0, 1),
           "and changes that one alone", told(done))
    refused(tap, person.run("account", "rollover", "--json", "--ca", "third"), 66, "no account there", "no account at third", "mailcert status")


def revocations(one, two, person):
    refused(tap, person.run("revoke", person.user, "--json"), 64, "revoke must be told which", "--ca")
    refused(tap, person.run("revoke", person.user, "--json", "--ca", "third"), 66, "no certificate of that CA", "no certificate for")
    done = person.run("revoke", person.user, "--ca", "second", "--reason", "superseded")
    tap.ok(done.returncode == 0 and (revoked(one), revoked(two)) == ([None, None], [4]), "revoke --ca revokes that CA's", told(done))
    done = person.run("status", "--renewal-due", person.user)
    tap.equal(done.returncode, 1, "for it has been replaced, nothing is due", told(done))


def forgotten(one, two, person):
    done = person.run("forget", person.user, "--ca", "second")
    tap.ok(done.returncode == 0 and found(person) == [("test", "INSTALLED"), ("test", "INSTALLED")], "forget --ca forgets that CA's", told(done))
    refused(tap, person.run("forget", person.user, "--json", "--ca", "second"), 66, "the second time there is nothing", "at that CA")


def unknown(one, two, person):
    """A name that is none leads to the list of those that are."""
    before = orders(one), orders(two)
    for words in (("get", person.user), ("revoke", person.user), ("forget", person.user), ("account", "show"), ("account", "rollover"),
                  ("doctor",), ("inspect", "/dev/null")):
        error = refused(tap, person.run(*words, "--json", "--ca", "secnod"), 78, words[0] + " --ca with a slip of the pen", 'did you mean "second"')
        tap.ok('"mailcert ca" lists' in error["next"], words[0] + ": the list is named", error)
    error = refused(tap, person.run("ca", "secnod", "--json"), 78, "ca, too", 'did you mean "second"')
    tap.ok('"mailcert ca" lists' in error["next"], "ca: the list is named", error)
    tap.equal((orders(one), orders(two)), before, "no CA was asked")


with LightCa() as first, LightCa("--sender", "acme@second.test") as other, Somebody(first, 1) as somebody:
    somebody.keys["ca second"] = {"directory": other.ready["directory"], "ca-file": other.ready["tls_root"], "mail-roots": other.ready["root"]}
    somebody.keys["ca third"] = {"directory": "https://127.0.0.1:1/directory"}
    somebody.write()
    carry_to_both(somebody, first, other)
    for part in (both_open, renewals, accounts, revocations, forgotten, unknown):
        part(first, other, somebody)
    tap.equal((first.violations(), other.violations()), ([], []), "the CAs saw no rule broken")
tap.end()
