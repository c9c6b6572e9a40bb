#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A CA that refuses, stumbles or issues something else: its own words, the right exit status, and a way on."""

import json
import os
import re
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from stage import TIMEOUT, Ca, Person, Sandbox, Tap, told  # noqa: E402
from trouble import QUICK, files, forgets, get, goes_on, refused  # noqa: E402

tap = Tap()


def final(sandbox):
    """No for this request: 69 with the CA's words."""
    cases = {"reject::alice@example.test": ("rejectedIdentifier", "test refused"),
             "order-invalid": ("unauthorized", "the test wants this order to be invalid")}
    for fault, (problem, *says) in cases.items():
        sandbox.empty("alice@example.test")
        slow = ("--retry-after", "1", "--poll-delay", "20") if fault == "order-invalid" else ()
        with Ca(sandbox, "--fail", fault, "--terms", "self", *slow) as ca, Person(sandbox, ca) as person:
            done = get(person)
            done.stderr = re.sub("You have agreed to the terms of .*\n", "", done.stderr)
            refused(tap, done, 69, fault, *says, problem=problem)
            tap.equal([e["state"] for e in person.status()], ["FAILED"], fault + ": the record says so")
            ca.control(fail=["none"], poll_delay=0.2)
            sandbox.empty(person.user)
            goes_on(tap, person, ca, fault)
            forgets(tap, person, fault)


def unsigned(sandbox):
    """Her provider does not sign, or signs for somebody else: the CA says invalid, we say it in the CA's words."""
    for user in ("carol@nodkim.test", "dave@other.test"):
        sandbox.empty(user)
        with Ca(sandbox) as ca, Person(sandbox, ca, user=user) as person:
            error = refused(tap, get(person), 69, "reply of " + user, "refused", "DKIM", "mail provider")
            why = json.dumps(error.get("problem"))
            tap.ok("DKIM" in why or "From domain" in why, "with the CA's words", error)
            tap.equal(ca.state()["counters"]["mails-in"], 1, "one reply had left")
            forgets(tap, person, user)


def rate(sandbox):
    """429: asked to wait, we wait, if the CA's hour is within ours."""
    for when, exit_status in (("1", 0), ("date", 0), ("bare", 0), ("3600", 75)):
        sandbox.empty("alice@example.test")
        with Ca(sandbox, "--fail", "rate:1:" + when) as ca, Person(sandbox, ca) as person:
            begin = time.time()
            done = get(person, wait=30)  # an hour that lies beyond is not waited for
            if exit_status == 0:
                tap.equal(done.returncode, 0, "429 with Retry-After %s is waited for" % when, told(done))
                tap.ok(when == "bare" or time.time() - begin >= 1, "Retry-After %s is obeyed" % when)
                tap.equal(ca.violations(), [], "429 %s: the CA saw no rule broken" % when)
            else:
                refused(tap, done, 75, "429 for an hour", "too many requests", "wait until", problem="rateLimited")
                asked = len([e for e in ca.log() if e["kind"] == "acme"])
                refused(tap, person.run("renew", "--json", "--wait", "30"), 75, "429: renew keeps to it", "wait until")
                tap.equal(len([e for e in ca.log() if e["kind"] == "acme"]), asked, "429: nothing is asked before")
                forgets(tap, person, "429")


def passing(sandbox):
    """Stumbles that a second try mends: nobody hears of them."""
    faults = ("500:1:/new-nonce", "500:1:/new-account", "500:1:/new-order", "500:1:/authz", "html:1:/new-order",
              "close:1:/new-nonce", "close:1:/authz", "badnonce:1", "badnonce:4", "missing-nonce:1", "bad-nonce-syntax:1",
              "finalize-500-once", "lost-finalize", "500:1:/cert", "close:1:/directory", "500:2:/directory")
    for fault in faults:
        sandbox.empty("alice@example.test")
        with Ca(sandbox, "--fail", fault, "--wait", "hold") as ca, Person(sandbox, ca) as person:
            done = get(person)
            tap.equal(done.returncode, 0, fault + " is overcome", told(done))
            state = ca.state()
            tap.equal(state["counters"].get("mails-in"), 1, fault + ": one reply")
            tap.equal(ca.violations(), [], fault + ": the CA saw no rule broken")


def chains(sandbox):
    """What is issued must be what was asked for; what is merely odd is taken."""
    for fault in ("chain-wrong-key", "chain-wrong-address", "chain-more-addresses", "chain-wrong-usage", "chain-expired"):
        sandbox.empty("alice@example.test")
        with Ca(sandbox, "--fail", fault, "--wait", "hold") as ca, Person(sandbox, ca) as person:
            said = "one is not for what was asked" if fault == "chain-wrong-usage" else "What test issued is not what was asked for"
            refused(tap, get(person), 69, fault, said)
            tap.equal([e["certificate"] for e in person.status()], [None], fault + ": not used")
            tap.ok(not os.path.exists(person.home + "/out"), fault + ": not installed")
            forgets(tap, person, fault)
    for fault in ("chain-other-order", "chain-empty", "chain-with-key", "chain-with-text"):
        sandbox.empty("alice@example.test")
        with Ca(sandbox, "--fail", fault, "--wait", "hold") as ca, Person(sandbox, ca) as person:
            running = subprocess.Popen(person.words("get", person.user, "--json", *QUICK, *files(person), "--agree-tos"), text=True,
                                       stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=person.environment())
            ca.wait("downloads", 2)
            running.send_signal(signal.SIGINT)
            running.stdout, running.stderr = running.communicate(timeout=TIMEOUT)
            refused(tap, running, 75, fault + ": asked for again", "does not understand: certificate")
            tap.equal([e["certificate"] for e in person.status()], [None], fault + ": not used")
            ca.control(fail=["none"])
            done = person.run("renew", "--wait", "20")
            tap.equal(done.returncode, 0, fault + ": renew fetches it when it is whole", told(done))
            tap.equal(ca.state()["counters"]["mails-in"], 1, fault + ": one reply")
    for fault in ("chain-with-root", "chain-no-intermediate"):
        sandbox.empty("alice@example.test")
        with Ca(sandbox, "--fail", fault, "--wait", "hold") as ca, Person(sandbox, ca) as person:
            done = get(person)
            tap.equal(done.returncode, 0, fault + " is taken", told(done))


def mail(sandbox):
    """The mail is lost, or the CA's server does not take the reply."""
    sandbox.empty("alice@example.test")
    with Ca(sandbox, "--fail", "mail-lost") as ca, Person(sandbox, ca) as person:
        done = get(person, wait=2)
        refused(tap, done, 75, "the mail never comes", "usually comes within minutes", "renew")
        forgets(tap, person, "the mail never comes")
        tap.equal([a["status"] for a in ca.state()["authorizations"]], ["deactivated"], "and the CA was told")
        goes_on(tap, person, ca, "the mail never came")


with Sandbox() as stage:
    for part in (final, unsigned, rate, passing, chains, mail):
        if len(sys.argv) < 2 or part.__name__ in sys.argv[1:]:
            stage.empty("alice@example.test")
            part(stage)
tap.end()
