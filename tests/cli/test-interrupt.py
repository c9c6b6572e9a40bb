#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""get is killed, interrupted, run twice and forgotten at every step: one certificate, one reply, nothing lost."""

import os
import shlex
import signal
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from stage import Ca, Person, Running, Sandbox, Tap, told  # noqa: E402
from trouble import QUICK, files, forgets, get, refused  # noqa: E402

tap = Tap()
LAST = 8  # requests of an undisturbed get: directory, nonce, account, order, authorization, challenge, finalize, chain


def begin(person):
    return Running(person, "get", person.user, "--json", *QUICK, *files(person), "--agree-tos", "--wait", "60")


def whole(ca, person, name, done):
    """What every story must end in."""
    tap.equal(done.returncode, 0, name + ": it is done", told(done))
    state = ca.state()
    tap.equal((state["counters"].get("mails-in"), len(state["certificates"])), (1, 1), name + ": one reply, one certificate")
    tap.equal(ca.violations(), [], name + ": the CA saw no rule broken")
    tap.equal([e["state"] for e in person.status()], ["INSTALLED"], name + ": one record, installed")


def kill(sandbox):
    """At each request to the CA, and when the reply has just arrived there."""
    points = [("acme-requests", n) for n in range(1, LAST + 1)] + [("mails-in", 1)]
    for counter, count in points:
        sandbox.empty("alice@example.test")
        with Ca(sandbox, "--wait", "hold") as ca, Person(sandbox, ca) as person:
            running = begin(person)
            ca.wait(counter, count)
            running.end(signal.SIGKILL)
            name = "SIGKILL at %s %d" % (counter, count)
            if not person.status():  # it had not even been written down
                tap.ok(count == 1, name + ": nothing had begun")
                continue
            whole(ca, person, name, person.run("renew", "--wait", "60"))


def again_and_again(sandbox):
    """One request, killed at each step of the way."""
    with Ca(sandbox, "--wait", "hold") as ca, Person(sandbox, ca) as person:
        running, seen = begin(person), 0
        for _ in range(30):
            seen += 1
            try:
                ca.wait("acme-requests", seen, timeout=3)
            except OSError:  # 408: it waits for the mail, or has ended
                break
            running.end(signal.SIGKILL)
            seen = ca.state()["counters"]["acme-requests"] + 2
            running = Running(person, "renew", "--json", "--wait", "60")
        whole(ca, person, "killed again and again", running.end())


def interrupt(sandbox):
    """Ctrl-C and kill: what is begun stays, and is said in one sentence."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        for count in (2, 5):
            sandbox.empty("alice@example.test")
            with Ca(sandbox, "--wait", "hold", "--mail-delay", "2") as ca, Person(sandbox, ca) as person:
                name = "%s at request %d" % (signal.Signals(number).name, count)
                running = begin(person)
                ca.wait("acme-requests", count)
                refused(tap, running.end(number), 75, name, "stays open; .*renew|To go on now: mailcert renew")
                whole(ca, person, name, person.run("renew", "--wait", "60"))


def sending(sandbox):
    """Killed while the carrier holds the reply: whether it left is for the CA to say."""
    for leaves in (True, False):
        sandbox.empty("alice@example.test")
        with Ca(sandbox) as ca, Person(sandbox, ca) as person:
            bell, gate, script = (os.path.join(person.home, name) for name in ("bell", "gate", "sendmail"))
            os.mkfifo(bell)
            os.mkfifo(gate)
            with open(script, "w") as file:  # rings, then holds on until the gate is opened
                file.write("#!/bin/sh\n%s\necho here >%s\nread line <%s\n" % (
                    shlex.quote(sandbox.facts["sendmail"]) + ' "$@"' if leaves else "cat >/dev/null", bell, gate))
            os.chmod(script, 0o755)
            person.keys["account " + person.user]["sendmail"] = script + " -i -f " + person.user
            person.write()
            running = begin(person)
            with open(bell) as file:
                file.read()
            tap.equal(person.status()[0]["addresses"][0]["state"], "SENDING", "SENDING is written before the carrier begins")
            running.end(signal.SIGKILL)
            with open(gate, "w") as file:
                file.write("on\n")
            if leaves:
                ca.wait("mails-in")
                whole(ca, person, "killed in SENDING, the reply left", person.run("renew", "--wait", "60"))
            else:
                done = person.run("renew", "--json", "--wait", "5")
                refused(tap, done, 75, "killed in SENDING, the reply did not leave", "test is checking it|not known whether")
                tap.equal(ca.state()["counters"].get("mails-in", 0), 0, "nothing is sent a second time")
                forgets(tap, person, "killed in SENDING")
                tap.equal([a["status"] for a in ca.state()["authorizations"]], ["deactivated"], "and the CA is told")


def both(sandbox):
    """Two at once: one drives, the other follows."""
    with Ca(sandbox, "--wait", "hold", "--mail-delay", "1") as ca, Person(sandbox, ca) as person:
        running = [begin(person), begin(person), begin(person)]
        ends = [one.end() for one in running]
        tap.equal([one.returncode for one in ends], [0, 0, 0], "three gets at once end with 0", "\n".join(map(told, ends)))
        whole(ca, person, "three gets at once", ends[0])
        tap.equal(len(ca.state()["orders"]), 1, "one order")
    sandbox.empty("alice@example.test")
    with Ca(sandbox, "--wait", "hold", "--mail-delay", "2") as ca, Person(sandbox, ca) as person:
        first = begin(person)
        ca.wait("acme-requests", 5)
        second = Running(person, "renew", "--json", "--wait", "60")
        refused(tap, person.run("forget", person.user, "--json"), 75, "forget while get is at work", "another mailcert")
        first.end(signal.SIGKILL)
        whole(ca, person, "the driver is killed, the one that watched drives on", second.end())


def forget(sandbox):
    """At every step it can be given up: the record is gone, and the CA is told as far as there is something to tell."""
    for count in range(2, LAST):
        sandbox.empty("alice@example.test")
        with Ca(sandbox, "--wait", "hold", "--mail-delay", "0.5" if count <= 5 else "0") as ca, Person(sandbox, ca) as person:
            running = begin(person)
            ca.wait("acme-requests", count)
            running.end(signal.SIGKILL)
            name = "forgotten at request %d" % count
            state = person.status()[0]["state"]
            if any(challenge["mail_state"] in ("sending", "sent") for challenge in ca.state()["challenges"]):
                sandbox.run("mail", person.user)  # a mail for the old order could not be told from one for the new
            if state == "ISSUED":  # the certificate came just before the kill, and its key is nowhere else yet
                refused(tap, person.run("forget", person.user, "--json"), 77, name + ": it keeps the only key", "export or install",
                        next_step=False)
                tap.equal(person.run("renew", "--wait", "60").returncode, 0, name + ": renew ends it")
            forgets(tap, person, name + " (%s)" % state)
            left = [a["status"] for a in ca.state()["authorizations"] if state not in ("NEW", "ACCOUNT")]
            tap.ok("pending" not in left or state in ("NEW", "ACCOUNT"), name + ": no authorization stays open", left)
            sandbox.empty("alice@example.test")
            done = get(person, wait=60)
            tap.equal(done.returncode, 0, name + ": a new get succeeds", told(done))
            tap.equal(ca.violations(), [], name + ": the CA saw no rule broken")


with Sandbox() as stage:
    for part in (kill, again_and_again, interrupt, sending, both, forget):
        if len(sys.argv) < 2 or part.__name__ in sys.argv[1:]:
            stage.empty("alice@example.test")
            part(stage)
tap.end()
