#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mail by every road: Junk, no IDLE, OAuth, STARTTLS, sendmail of several kinds; several orders and addresses."""

import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from held import HeldCa  # noqa: E402
from stage import SANDBOX, TIMEOUT, Ca, Person, Sandbox, Tap, told  # noqa: E402
from trouble import QUICK, files, forgets, get, goes_on, refused  # noqa: E402

tap = Tap()


def roads(sandbox):
    """Each way to the mailbox and out."""
    facts = sandbox.facts
    token = {"password-command": None, "oauth-command": "%s oauth-token %s alice@example.test" % (SANDBOX, sandbox.dir)}
    url = lambda name: facts[name]["address_url"]
    cases = {"STARTTLS on both": {"imap": url("imap"), "smtp": url("submission")},
             "XOAUTH2 on both": token,
             "XOAUTH2 with STARTTLS": {**token, "imap": url("imap"), "smtp": url("submission")},
             "no IDLE": {"imap": url("imaps_noidle")}, "no IDLE, STARTTLS": {"imap": url("imap_noidle")},
             "folders = INBOX;Junk": {"folders": "INBOX;Junk"},
             "smtp-user": {"smtp-user": "alice@example.test"},
             "sendmail": {"smtp": None, "sendmail": facts["sendmail"] + " -i -f alice@example.test"}}
    for name, keys in cases.items():
        user = "noidle@example.test" if "IDLE" in name else "alice@example.test"
        sandbox.empty(user)
        with Ca(sandbox, "--wait", "hold") as ca, Person(sandbox, ca, user=user, account=keys) as person:
            goes_on(tap, person, ca, name)


def junk(sandbox):
    """The challenge lies in Junk; it came before anybody looked, or while one waits in the INBOX."""
    for early in (True, False):
        with HeldCa(sandbox, "--wait", "hold") as ca, Person(sandbox, ca) as person:
            name = "in Junk " + ("before" if early else "while waiting")
            done = person.run("get", person.user, *QUICK, *files(person), "--agree-tos", "--no-wait")
            tap.equal(done.returncode, 75, name + ": the order is open", told(done))
            mail = ca.challenge()
            if early:
                sandbox.run("deliver", "--folder", "Junk", person.user, stdin=mail)
                done = person.run("renew", "--wait", "30")
            else:
                before = person.run("renew", "--wait", "2")
                tap.equal(before.returncode, 75, name + ": nothing yet", told(before))
                sandbox.run("deliver", "--folder", "Junk", person.user, stdin=mail.replace(b"\r\n", b"\n"))
                done = person.run("renew", "--wait", "30")
            tap.equal(done.returncode, 0, name + ": it is found", told(done))
            tap.equal(ca.state()["counters"]["mails-in"], 1, name + ": one reply")


def carriers(sandbox):
    """A sendmail that cannot now, that cannot ever, that is not there, that takes its time and says nothing."""
    with Ca(sandbox, "--wait", "hold") as ca:
        for status, wanted, says in ((75, 75, "could not be handed over yet.*try me later"), (69, 69, "refused the reply.*no such thing"),
                                     (67, 69, "refused the reply"), (77, 78, "did not accept the login"), (78, 78, "sendmail")):
            sandbox.empty("alice@example.test")
            with Person(sandbox, ca) as person:
                script = os.path.join(person.home, "sendmail")
                with open(script, "w") as file:
                    file.write("#!/bin/sh\ncat >%s/copy\necho '%s' >&2\nexit %d\n" % (
                        person.home, "try me later" if status == 75 else "no such thing", status))
                os.chmod(script, 0o755)
                person.keys["account " + person.user].update({"smtp": None, "sendmail": script + " -t -oi"})
                person.write()
                name = "sendmail that ends with %d" % status
                refused(tap, get(person, wait=10 if status == 75 else 30), wanted, name, says)
                with open(os.path.join(person.home, "copy"), "rb") as file:
                    copy = file.read()
                tap.ok(copy.startswith(b"From: ") and b"\r" not in copy and b"BEGIN ACME RESPONSE" in copy, name + ": gets LF", copy)
                if wanted == 69:
                    tap.equal(person.status()[0]["state"], "FAILED", name + ": the order is given up")
                    sandbox.empty(person.user)
                person.keys["account " + person.user]["sendmail"] = sandbox.facts["sendmail"] + " -i -f " + person.user
                person.write()
                goes_on(tap, person, ca, name)
        for command, says in (("/nonexistent/sendmail -t", "sendmail"), ("kill-me-not-found", "sendmail")):
            sandbox.empty("alice@example.test")
            with Person(sandbox, ca, account={"smtp": None, "sendmail": command}) as person:
                before = len(ca.state()["orders"])
                refused(tap, get(person, wait=10), 78, "sendmail = " + command, says)
                tap.equal(len(ca.state()["orders"]), before, command + ": nothing was ordered")
                forgets(tap, person, command)


def msmtp(sandbox):
    if shutil.which("msmtp") is None:
        tap.skip("msmtp", "it is not installed")
        return
    facts = sandbox.facts
    with Ca(sandbox, "--wait", "hold") as ca, Person(sandbox, ca) as person:
        rc = os.path.join(person.home, "msmtprc")
        text = ("account default\nhost 127.0.0.1\nport %d\ntls on\ntls_starttls off\ntls_trust_file %s\nauth on\nuser %s\nfrom %s\n"
                % (facts["submissions"]["port"], facts["tls_ca"], person.user, person.user))
        for password, status in (("wrong", 78), (facts["users"][person.user]["password"], 0)):
            with open(rc, "w") as file:
                file.write(text + "password %s\n" % password)
            os.chmod(rc, 0o600)
            person.keys["account " + person.user].update({"smtp": None, "sendmail": "msmtp -C %s" % rc})
            person.write()
            if status:
                refused(tap, get(person, wait=20), status, "msmtp with a wrong password", "did not accept the login", never=[password + " "])
            else:
                goes_on(tap, person, ca, "msmtp")


def pairs(sandbox):
    """One certificate to sign and one to encrypt: the second needs no mail where the CA remembers."""
    with Ca(sandbox, "--wait", "hold", "--reuse-authz") as ca, Person(sandbox, ca) as person:
        done = get(person, "--usage", "separate")
        tap.equal(done.returncode, 0, "separate, authorizations are used again", told(done))
        state = ca.state()
        tap.equal((len(state["orders"]), len(state["certificates"]), state["counters"]["mails-in"]), (2, 2, 1), "two orders, one mail")
        tap.equal(sorted(e["certificate"]["usage"] for e in person.status()), ["encrypt", "sign"], "one signs, one encrypts")
        tap.equal(ca.violations(), [], "separate: the CA saw no rule broken")
        done = get(person, "--usage", "separate")
        tap.equal((done.returncode, len(ca.state()["orders"])), (0, 2), "a second get has nothing to do", told(done))
    sandbox.empty("alice@example.test")
    with Ca(sandbox, "--wait", "hold") as ca, Person(sandbox, ca) as person:
        done = get(person, "--usage", "separate", wait=60)
        tap.equal(done.returncode, 0, "separate, each has its own challenge", told(done))
        tap.equal(ca.state()["counters"]["mails-in"], 2, "two mails, two replies")
        tap.equal(ca.violations(), [], "separate, two mails: the CA saw no rule broken")


def hook_until(person, mail, done):
    """The hook has taken MAIL and goes on; it has come so far that DONE says so of the records."""
    hook = subprocess.Popen(person.words("hook"), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                            env=person.environment())
    hook.stdin.write(mail)
    hook.stdin.close()
    while not done(person.status()) and hook.poll() is None:
        pass
    return hook


def two_orders(sandbox):
    """Two orders for one address that know nothing of each other: the mail of the second, which has come before its
    authorization, is not thrown away because the first, which is answered, could mean it too."""
    order = lambda usage: person.run("get", person.user, *QUICK, "--keyring", "files:" + os.path.join(person.home, usage),
                                     "--usage", usage, "--agree-tos", "--no-wait")
    with HeldCa(sandbox, "--wait", "hold", "--trigger", "order") as ca, Person(sandbox, ca) as person:
        done = order("sign")
        tap.equal(done.returncode, 75, "two orders: the first is open", told(done))
        ca.control(fail=["500:1000:/authz"])
        hook = hook_until(person, ca.challenge(1), lambda all: all[0]["addresses"][0]["state"] == "POSTED")
        hook.kill()
        hook.wait()
        done = order("encrypt")
        tap.equal(done.returncode, 75, "two orders: the second is open", told(done))
        hook = hook_until(person, ca.challenge(2), lambda all: "another genuine challenge came" in str(all))
        tap.equal(ca.state()["counters"]["mails-in"], 1, "two orders: the second mail cannot be answered yet")
        ca.control(fail=["none"])
        tap.equal(hook.wait(TIMEOUT), 0, "two orders: both get there")
        tap.equal((len(ca.state()["orders"]), ca.state()["counters"]["mails-in"]), (2, 2), "two orders: each has its reply")


def several(sandbox):
    """Two people, two mailboxes, one order; or as many orders as the CA wants."""
    for limit, orders in ((None, 1), ("1", 2)):
        for user in ("alice@example.test", "bob@example.test"):
            sandbox.empty(user)
        with Ca(sandbox, "--wait", "hold", "--identifiers-max", limit or "10") as ca, \
                Person(sandbox, ca, ca_keys={"identifiers": limit}) as person:
            bob = dict(person.keys["account alice@example.test"], user="bob@example.test")
            bob["password-command"] = "cat " + sandbox.facts["users"]["bob@example.test"]["password_file"]
            person.keys["account bob@example.test"] = bob
            person.write()
            done = get(person, "bob@example.test")
            name = "two addresses, %d order(s)" % orders
            tap.equal(done.returncode, 0, name, told(done))
            state = ca.state()
            tap.equal((len(state["orders"]), state["counters"]["mails-in"]), (orders, 2), name + ", two replies")
            tap.equal(sorted(a["address"] for e in person.status() for a in e["addresses"]),
                      ["alice@example.test", "bob@example.test"], name + ": both are in the records")
            tap.equal(ca.violations(), [], name + ": the CA saw no rule broken")


def one_of_two(sandbox):
    """The second mailbox cannot be read: nothing is ordered, for nobody could finish it."""
    with Ca(sandbox, "--wait", "hold") as ca, Person(sandbox, ca) as person:
        person.keys["account bob@example.test"] = dict(person.keys["account alice@example.test"], user="bob@example.test")
        person.write()
        refused(tap, get(person, "bob@example.test", wait=20), 78, "two addresses, one password is wrong", "did not accept the login", "bob")
        tap.equal(len(ca.state()["orders"]), 0, "nothing was ordered")
        done = person.run("forget", "bob@example.test")
        tap.equal((done.returncode, person.status()), (0, []), "forget of one forgets the request for both", told(done))


with Sandbox() as stage:
    for part in (roads, junk, carriers, msmtp, pairs, two_orders, several, one_of_two):
        if len(sys.argv) < 2 or part.__name__ in sys.argv[1:]:
            stage.empty("alice@example.test")
            part(stage)
tap.end()
