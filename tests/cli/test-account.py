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


def ask(ca, person, *words):
    """WORDS, and what mail they bring is let in."""
    before = set(ca.mails())
    done = person.run(*words)
    for name, mail in ca.mails().items():
        if name not in before and person.user.encode() in mail:
            done = person.run("hook", stdin=mail)
    return done


def enroll(ca, person, *words):
    """A certificate, or what went wrong."""
    return ask(ca, person, "get", person.user, "--agree-tos", "--key", "p256", "--keyring", "files:" + person.out, "--no-wait", *words)


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
        refused(tap, person.run("revoke", person.user, "--json", "--serial", "7"), 66, "another's serial", "No valid certificate for", "status -v")
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


def compromised(ca):
    """The key is lost to others, and the CA will not have it."""
    with somebody(ca) as person:
        person.keys["mailcert"]["key-policy"] = "reuse"
        person.write()
        enroll(ca, person)
        old = person.status()[0]["certificate"]["serial"]
        person.run("renew", person.user, "--force", "--no-wait")
        person.run("hook", stdin=[mail for mail in ca.mails().values() if person.user.encode() in mail][-1])
        has(tap, person, 2, "two certificates with one key")
        new = person.status()[1]["certificate"]["serial"]
        refused(tap, person.run("revoke", person.user, "--json"), 64, "two, and nobody to ask: their serial numbers are said", old, new, "--serial")
        done = person.run("status", "-v")
        tap.ok(old in done.stdout and new in done.stdout, "and status -v says them", told(done))
        ca.control(fail=["refuse-revocation:1"])
        lost = ("revoke", person.user, "--serial", old, "--reason", "keyCompromise")
        done = person.run(*lost)
        tap.ok(done.returncode == 0 and revoked(ca)[-2:] == [1, None], "the account is refused, the key is not", told(done))
        tap.ok("has the same key" in done.stderr and "--serial " + new in done.stderr, "the other one with this key is named", told(done))
        tap.equal(person.run("status", "--renewal-due").returncode, 0, "and is due for renewal")
        done = person.run("status")
        tap.ok("others may have the key" in done.stdout, "status says why", told(done))
        ca.control(fail=["refuse-revocation:2"])
        error = refused(tap, person.run("revoke", person.user, "--json", "--serial", new, "--reason", "keyCompromise"), 69, "the other one's is refused",
                        "not for this reason", problem="badRevocationReason")
        entry = person.status()[1]
        tap.ok(entry["certificate"]["revocation"] == "keyCompromise" and entry["certificate"]["revoked_at"] is None, "but it stays reported", (entry, error))
        tap.ok("is to be revoked, but" in entry["sentence"] and "not for this reason" in entry["sentence"] and
               "mailcert revoke " + person.user in entry["next_step"], "and is offered again, with the CA's words", entry)
        ca.control(fail=["refuse-revocation:1"])
        done = person.run("revoke", person.user, "--serial", new, "--reason", "cessationOfOperation")
        entry = person.status()[1]
        tap.ok(done.returncode == 69 and entry["certificate"]["revocation"] == "keyCompromise" and not entry["certificate"]["revoked_at"],
               "another reason does not make it forgotten that others may have the key", (entry, told(done)))
        done = enroll(ca, person)
        has(tap, person, 3, "get takes neither for a good one") or print("#", told(done))
        done = person.run("revoke", person.user, "--serial", new)
        tap.ok(done.returncode == 0 and revoked(ca)[-3:] == [1, 1, None], "once more, for the same reason without saying it again", told(done))
        tap.equal(person.run("status", "--renewal-due").returncode, 1, "then nothing is due")


def account(person, *words):
    done = person.run("account", *words, "--json")
    report = json.loads(done.stdout)
    return done, report["accounts"][0] if "accounts" in report else report


def rollover(ca):
    with somebody(ca) as person:
        refused(tap, person.run("account", "rollover", "--json"), 66, "no account to roll over")
        enroll(ca, person)
        _, before = account(person)
        tap.ok(before["state"] == "valid" and before["url"], "the account is shown", before)
        done, after = account(person, "rollover")
        tap.ok(done.returncode == 0 and after["url"] == before["url"] and after["thumbprint"] != before["thumbprint"] and
               after["rollover_open"] is False, "it has a new key", told(done))
        done, shown = account(person, "show")
        tap.ok(done.returncode == 0 and shown["thumbprint"] == after["thumbprint"], "which the CA knows", told(done))
        ca.control(fail=["close:1:/key-change"])
        done, again = account(person, "rollover")
        tap.ok(done.returncode == 0 and again["thumbprint"] not in (after["thumbprint"], before["thumbprint"]),
               "the connection is cut on the way: it ends well", told(done))
        changes = ca.state()["counters"]["key-changes"]
        person.run("get", person.user, "--agree-tos", "--key", "p384", "--no-wait")
        error = refused(tap, person.run("account", "rollover", "--json"), 75, "a challenge is open", "waits for an answer about " + person.user)
        tap.equal(error["problem"]["type"], "mailcert:challenge-open", "and says so")
        tap.equal(ca.state()["counters"]["key-changes"], changes, "and the CA was not asked")
        person.run("forget", person.user)


def deactivation(ca):
    with somebody(ca) as person:
        enroll(ca, person)
        refused(tap, person.run("account", "deactivate", "--json"), 64, "a script must say that it means it", "--yes")
        tap.equal(account(person)[1]["state"], "valid", "nothing has happened then")
        done, closed = account(person, "deactivate", "--yes")
        tap.ok(done.returncode == 0 and closed["state"] == "deactivated", "it is closed", told(done))
        done = person.run("account", "deactivate", "--yes", "--json")
        tap.ok(done.returncode == 0 and json.loads(done.stdout)["changed"] is False, "the second time is no error", told(done))
        done = person.run("account", "show", "--json")
        error = json.loads(done.stdout)["accounts"][0]["error"]
        tap.ok(done.returncode == 69 and "is closed" in error["message"] and "new account is opened" in error["next"], "show says so", told(done))
        done = person.run("revoke", person.user, "--json", "--reason", "superseded")
        tap.equal((done.returncode, revoked(ca)[-1]), (0, 4), "the certificate's key revokes without the account", told(done))
        tap.equal(person.run("status", "--renewal-due").returncode, 0, "superseded: a new one is due")
        done = enroll(ca, person)
        has(tap, person, 2, "the next certificate opens another account") or print("#", told(done))
        tap.ok(account(person)[1]["thumbprint"] != closed["thumbprint"], "with another key")


def terms(ca):
    with somebody(ca) as person:
        ca.control(terms="https://ca.test/terms")
        enroll(ca, person)
        has(tap, person, 1, "terms are agreed to")
        ca.control(fail=["terms-changed"])
        refused(tap, person.run("revoke", person.user, "--json"), 64, "changed terms, and nobody to ask", "agree to its terms", problem="mailcert:terms")
        tap.equal(person.status()[0]["certificate"]["revocation"], None, "nothing is revoked")
        done = person.run("revoke", person.user, "--json", "--agree-tos")
        tap.equal(done.returncode, 0, "agreed", told(done))
        person.run("get", person.user, "--key", "p256", "--keyring", "files:" + person.out, "--no-wait")
        ca.control(fail=["terms-changed:1:finalize"])
        mails = [mail for mail in ca.mails().values() if person.user.encode() in mail]
        done = person.run("hook", stdin=mails[-1])
        entry = person.status()[1]
        tap.ok(entry["state"] in ("READY", "FINALIZING") and entry["error"]["problem"]["type"] == "mailcert:terms", "changed in mid-flight: it waits", (entry, told(done)))
        done = person.run("get", person.user, "--agree-tos", "--no-wait")
        has(tap, person, 2, "agreed to, it goes on") or print("#", told(done))
        ca.control(fail=["terms-changed"], terms_update="ignore")
        refused(tap, person.run("revoke", person.user, "--json", "--agree-tos"), 69, "a CA that wants it on its website", "Open https://.*/terms in a browser",
                problem="userActionRequired")
    with somebody(ca) as person:
        ca.control(fail=["terms-changed"])
        done = person.run("get", person.user, "--agree-tos", "--key", "p256", "--keyring", "files:" + person.out, "--json", "--no-wait")
        entry = person.status()[0]
        tap.ok(entry["state"] == "ACCOUNT" and entry["error"]["problem"]["type"].endswith("userActionRequired") and done.returncode != 0,
               "a request waits for that, too", (entry, told(done)))
        ca.control(terms_update="ok", fail=["none"])
    with somebody(ca) as person:
        enroll(ca, person)
        account(person, "deactivate", "--yes")
        refused(tap, person.run("renew", person.user, "--force", "--json"), 64, "a renewal with a new account, and its terms",
                "mailcert renew --force --agree-tos " + person.user, problem="mailcert:terms")
        done = ask(ca, person, "renew", "--force", "--agree-tos", person.user, "--no-wait")
        has(tap, person, 2, "what it says to type renews") or print("#", told(done))
        ca.control(terms="")


with LightCa() as ca:
    for part in (revocation, compromised, rollover, deactivation, terms):
        if len(sys.argv) < 2 or part.__name__ in sys.argv[1:]:
            part(ca)
    tap.equal(ca.violations(), [], "the CA saw no rule broken")
tap.end()
