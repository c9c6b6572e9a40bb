#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What status says while a request stands in each of its states: to people and to programs."""

import json
import os
import re
import signal
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from held import HeldCa  # noqa: E402
from stage import Ca, Person, Sandbox, Tap, told  # noqa: E402
from trouble import QUICK, files, forgets, get  # noqa: E402

tap = Tap()


def says(person, state, address, waits, next_step, error=None):
    """One look at status in both forms."""
    name = "%s/%s" % (state, address)
    done = person.run("status", person.user, "--json")
    entry = json.loads(done.stdout)["enrollments"][-1]
    tap.equal(done.returncode, 0, name + ": status ends with 0", told(done))
    tap.equal((entry["state"], entry["addresses"][0]["state"], entry["waiting_for"]), (state, address, waits), name + ": where it stands", entry)
    tap.equal((entry["next_step"] is not None, (entry["error"] or {}).get("code")), (next_step, error), name + ": next step and error", entry)
    tap.ok(not entry["history"] or entry["history"][-1]["state"] in (state, address, "NOTE"), name + ": its history ends there",
           entry["history"])
    tap.equal(entry["deadline"] is not None, state not in ("NEW", "ACCOUNT"), name + ": a deadline once it is ordered", entry)
    text = person.run("status")
    tap.ok(text.returncode == 0 and text.stderr == "" and entry["sentence"] in text.stdout and person.user in text.stdout and
           (entry["next_step"] is None or "Next: " + entry["next_step"] in text.stdout), name + ": the same in words", told(text))
    return entry


def stopped(person, ca, counter, count=1, *words):
    """get, killed when the CA has seen so much."""
    running = subprocess.Popen(person.words("get", person.user, *QUICK, *files(person), "--agree-tos", "--wait", "60", *words),
                               stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=person.environment())
    ca.wait(counter, count)
    running.send_signal(signal.SIGKILL)
    running.wait()


def early(sandbox):
    with Ca(sandbox, "--terms", "self") as ca, Person(sandbox, ca) as person:
        tap.equal(person.json("status"), {"schema": 1, "enrollments": []}, "nothing yet")
        get(person, agree=False)
        says(person, "NEW", "NEW", "person", True, "usage")
    with Ca(sandbox, "--fail", "500:99:/new-order") as ca, Person(sandbox, ca) as person:
        get(person, wait=3)
        says(person, "ACCOUNT", "NEW", "ca", True, "later")
        forgets(tap, person, "ACCOUNT")
    with Ca(sandbox, "--fail", "500:99:/authz") as ca, Person(sandbox, ca) as person:
        stopped(person, ca, "acme-requests", 6)
        says(person, "ORDERED", "NEW", "ca", True, "later")


def mail(sandbox):
    with HeldCa(sandbox, "--wait", "hold") as ca, Person(sandbox, ca, account={"smtp": None}) as person:
        person.run("get", person.user, *QUICK, *files(person), "--agree-tos", "--no-wait")
        entry = says(person, "ORDERED", "AWAIT_MAIL", "mail", False)
        tap.equal(entry["addresses"][0]["message_id"], None, "AWAIT_MAIL: no mail yet")
        person.run("hook", stdin=ca.challenge())
        entry = says(person, "ORDERED", "REPLY_READY", "person", True, "config")
        tap.ok(entry["addresses"][0]["message_id"].startswith("<"), "REPLY_READY: the mail's Message-ID", entry["addresses"])
        person.keys["account " + person.user]["smtp"] = "smtps://127.0.0.1:9"
        person.write()
        person.run("renew", "--wait", "3")
        says(person, "ORDERED", "REPLY_READY", "sending", True, "later")


def checked(sandbox):
    with Ca(sandbox, "--poll-delay", "60") as ca, Person(sandbox, ca) as person:
        stopped(person, ca, "acme-requests", 6)
        entry = says(person, "ORDERED", "POSTED", "ca", False)
        tap.ok(entry["addresses"][0]["reply_message_id"].startswith("<"), "POSTED: the reply's Message-ID", entry["addresses"])
        closely(person, "POSTED: what was sent", "The reply for alice@example.test:", "To: acme@ca.test", "Subject: Re: ACME: ...",
                "Message-ID: " + entry["addresses"][0]["reply_message_id"], "In-Reply-To: <", "Given to the mail server", "The CA was told of it")
        forgets(tap, person, "POSTED")
        sandbox.empty(person.user)
    with Ca(sandbox, "--wait", "hold", "--finalize", "processing", "--processing-seconds", "60") as ca, Person(sandbox, ca) as person:
        stopped(person, ca, "acme-requests", 7)
        says(person, "FINALIZING", "VALID", "ca", False)
        forgets(tap, person, "FINALIZING")
        sandbox.empty(person.user)
    with Ca(sandbox, "--wait", "hold") as ca, Person(sandbox, ca) as person:
        open(person.home + "/out", "w").close()
        get(person)
        entry = says(person, "ISSUED", "VALID", "person", True, "keyring")
        tap.equal((entry["keyrings"][0]["state"], entry["certificate"]["usage"]), ("failed", "both"), "ISSUED: what is there and what is not")
        os.unlink(person.home + "/out")
        person.run("install", person.user)
        entry = says(person, "INSTALLED", "VALID", None, False)
        tap.equal((entry["keyrings"][0]["state"], entry["keyrings"][0]["error"]), ("ready", None), "INSTALLED: the keyring is ready")
        tap.ok(entry["certificate"]["not_before"] < entry["renew_at"] < entry["certificate"]["not_after"], "INSTALLED: it will be renewed", entry)
        tap.equal(person.run("status", "--renewal-due", person.user).returncode, 1, "INSTALLED: not due")


def closely(person, name, *wanted):
    """status -v: what it must say, and no state's name, no half of the token and no digest, which are as long as a SHA-256."""
    done = person.run("status", "-v")
    missing = [words for words in wanted if words not in done.stdout]
    tap.ok(done.returncode == 0 and not missing and not re.search(r"[A-Za-z0-9_-]{43}|\b[A-Z]+_?[A-Z]{4,}\b", done.stdout), name, told(done))


def over(sandbox):
    with Ca(sandbox, "--fail", "reject::alice@example.test") as ca, Person(sandbox, ca) as person:
        get(person)
        closely(person, "FAILED: the CA's own words, for each address", "The CA's own words (rejectedIdentifier): an identifier was refused",
                "alice@example.test: rejectedIdentifier: alice@example.test is not welcome here")
    with Ca(sandbox, "--no-email") as ca, Person(sandbox, ca) as person:
        get(person)
        says(person, "FAILED", "NEW", None, True, "ca")
    sandbox.empty("alice@example.test")
    with Ca(sandbox, "--authz-seconds", "4", "--fail", "mail-lost") as ca, Person(sandbox, ca) as person:
        done = get(person, wait=20)
        tap.equal(done.returncode, 69, "no mail until the deadline: 69", told(done))
        says(person, "EXPIRED", "AWAIT_MAIL", None, True, "ca")
        forgets(tap, person, "EXPIRED")


with Sandbox() as stage:
    for part in (early, mail, checked, over):
        if len(sys.argv) < 2 or part.__name__ in sys.argv[1:]:
            stage.empty("alice@example.test")
            part(stage)
tap.end()
