#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Renewals with the real program: at the hour that the CA suggests, with nothing lost, and nothing said that nobody needs to hear."""

import json
import os
import select
import sqlite3
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from keyboard import Terminal  # noqa: E402
from stage import MAILCERT, Ca, Person, Sandbox, Tap, told  # noqa: E402
from trouble import QUICK, files, get  # noqa: E402

tap = Tap()
DAY = 86400
WHY = "https://ca.test/incident"


def rewrite(person, number, **members):
    """What time would have done to the record of enrollment NUMBER."""
    with sqlite3.connect(person.data + "/mailcert.db") as store:
        record = json.loads(store.execute("SELECT record FROM enrollments WHERE id = ?", (number,)).fetchone()[0])
        if "not_before" in members:  # as old as its certificate
            members.setdefault("created", members["not_before"])
        for name, value in members.items():
            assert name in record, (name, record)
            record[name] = value
        store.execute("UPDATE enrollments SET record = ?, version = version + 1 WHERE id = ?", (json.dumps(record).encode(), number))
    store.close()


def requests(ca):
    return ca.state()["counters"].get("acme-requests", 0)


def timer(person, *words, **keys):
    return person.run("renew", "--due", "--json", "--wait", "60", *words, **keys)


def silent(person, ca, name):
    """The timer has nothing to do, and says and asks nothing."""
    before = requests(ca)
    done = person.run("renew", "--due", "--quiet")
    tap.ok((done.returncode, done.stdout, done.stderr, requests(ca)) == (0, "", "", before), name, told(done))


def by_window(person, ca):
    get(person)
    first = person.status()[0]
    info = first["renewal_info"]
    tap.ok(info["start"] <= first["renew_at"] < info["end"] and first["predecessor"] is None and
           ca.state()["counters"]["renewal-infos"] == 1, "asked right after issuance: an hour of the window", first)
    text = person.run("status").stdout
    tap.ok("It will be renewed on" in text, "status says when", text)
    silent(person, ca, "nothing is due: no request")

    ca.control(ari_window="-7200:-3600", ari_url=WHY)
    silent(person, ca, "its Retry-After has not passed: no request, whatever the CA thinks by now")
    rewrite(person, first["id"], renewal_check_at=1, not_before=int(time.time()) - 2 * DAY)
    done = timer(person)
    report = json.loads(done.stdout)
    tap.ok(done.returncode == 0 and report["changed"] and len(report["enrollments"]) == 1, "the window was pulled forward: renewed in the same run",
           told(done))
    old, new = person.status()
    tap.equal((new["state"], new["predecessor"], new["ca"]), ("INSTALLED", old["id"], old["ca"]), "a new enrollment, which renews the old one")
    tap.ok(new["replaces"] and old["renewal_info"]["explanation"] == WHY and
           [c["revoked"] for c in ca.state()["certificates"]] == [None, None] and not ca.violations(), "it names the certificate that it replaces",
           (new, ca.violations()))
    text = person.run("status").stdout
    tap.equal(text.count("(test)"), 1, "status: the old one is left out", text)
    ca.control(ari_window="1000:2000", ari_url="")
    rewrite(person, new["id"], renewal_check_at=1)
    person.run("renew", "--due", "--quiet")
    silent(person, ca, "the new one has hours of its own")
    return new


def failing(person, ca, number):
    """The certificate that is due cannot be renewed: retried with patience, told when the end is near."""
    log = os.path.join(person.home, "told")
    bell = os.path.join(person.home, "bell")
    script = os.path.join(person.home, "tell")
    with open(script, "w") as file:
        file.write('#!/bin/sh\necho "$0 $1 $MAILCERT_STATE $MAILCERT_PROBLEM" >>%s\necho told >%s\n' % (log, bell))
    os.chmod(script, 0o755)
    os.mkfifo(bell)
    listening = os.open(bell, os.O_RDONLY | os.O_NONBLOCK)
    for name in ("on-failed", "on-action-needed"):
        person.keys["mailcert"][name] = "%s %s" % (script, name)
    person.write()
    now = int(time.time())
    ca.control(fail=["reject::" + person.user])
    rewrite(person, number, not_before=now - 70 * DAY, not_after=now + 20 * DAY, renew_at=now - 10)
    done = timer(person)
    tap.equal(done.returncode, 69, "the CA refuses: 69", told(done))
    silent(person, ca, "not again right after a failure")
    done = person.run("status")
    tap.ok(done.stdout.count("(test)") == 1 and "It could not be renewed since" in done.stdout and "is not welcome" in done.stdout and
           "It is tried again" in done.stdout, "status: what it failed on, with the certificate that is to be renewed", told(done))
    tap.ok(not os.path.exists(log), "20 days to go: nobody is told")
    rewrite(person, number, not_before=now - 87 * DAY, not_after=now + 3 * DAY)
    for again in ("3 days to go: told", "once"):
        timer(person)
        if not os.path.exists(log):
            select.select([listening], [], [], 30)
        with open(log) as file:
            tap.equal(file.read(), script + " on-action-needed FAILED rejectedIdentifier\n", again)
    done = person.run("renew", person.user, "--json", "--wait", "60")
    tap.equal(done.returncode, 69, "a person who asks is not put off", told(done))
    ca.control(fail=["none"])
    done = person.run("renew", person.user, "--json", "--wait", "60")
    tap.ok(done.returncode == 0 and json.loads(done.stdout)["changed"], "and has it when the CA says yes", told(done))
    entries = person.status()
    tap.equal([e["state"] for e in entries].count("FAILED"), 1, "of the attempts the last one is kept", entries)
    return entries[-1]["id"]


def nobody(person, ca, number):
    """Without a mailbox that mailcert sees, only where a mail program has been at work."""
    trace = os.path.join(person.home, ".local", "share", "mailcert", "seen")
    account = person.keys["account " + person.user]
    imap, account["imap"] = account["imap"], None
    person.write()
    rewrite(person, number, renew_at=int(time.time()) - 10, not_before=int(time.time()) - 70 * DAY)
    silent(person, ca, "due, but nobody would see the mail: nothing is ordered")
    os.makedirs(os.path.dirname(trace), exist_ok=True)
    open(trace, "w").close()
    os.utime(trace, (1, 1))
    silent(person, ca, "somebody was here long ago")
    hook = os.path.join(os.path.dirname(MAILCERT), "mailcert-hook")
    done = subprocess.run([hook], input=b"From: a@b.test\r\nSubject: hello\r\n\r\n", env=person.environment(), capture_output=True)
    tap.ok(done.returncode == 0 and time.time() - os.stat(trace).st_mtime < 60, "each mail that the hook sees leaves its trace", told(done))
    done = person.run("renew", "--due", "--json", "--no-wait")
    tap.ok(done.returncode == 75 and person.status()[-1]["state"] == "ORDERED", "then it is ordered, and waits for the hook", told(done))
    before = ca.state()["orders"]
    person.run("renew", "--due", "--json", "--no-wait")
    person.run("renew", "--force", "--json", "--no-wait")
    tap.equal(len(ca.state()["orders"]), len(before), "never a second order for the address")
    text = person.run("status").stdout
    tap.ok(text.count("(test)") == 1 and "It is being renewed." in text, "status: it stands with what it renews", text)
    account["imap"] = imap
    person.write()
    done = person.run("renew", "--wait", "60")
    tap.equal(done.returncode, 0, "and it ends well", told(done))


def policy(person, ca):
    keys = []
    for reuse in (False, True):
        person.keys["mailcert"]["key-policy"] = "reuse" if reuse else "rotate"
        person.write()
        done = person.run("renew", "--force", "--json", "--wait", "60")
        tap.equal(done.returncode, 0, "renew --force, key-policy = " + person.keys["mailcert"]["key-policy"], told(done))
        with sqlite3.connect(person.data + "/mailcert.db") as store:
            keys = [row[0] for row in store.execute("SELECT pkcs8 FROM keys ORDER BY enrollment")]
        store.close()
        tap.equal(keys[-1] == keys[-2], reuse, "its key is %s" % ("the old one" if reuse else "a new one"))
    tap.equal(len(ca.violations()), 0, "the CA found nothing amiss", ca.violations())


def revoke_first(person, ca):
    """A CA that cannot overlap: the old certificate is given up only by a person's word."""
    person.keys["ca test"]["renew"] = "revoke-first"
    person.write()
    old = person.status()[-1]
    now = int(time.time())
    rewrite(person, old["id"], renew_at=now - 10, not_before=now - 70 * DAY)
    silent(person, ca, "a timer revokes nothing")
    before = requests(ca)
    done = person.run("renew", person.user, "--json")
    tap.ok(done.returncode == 64 and "--revoke-first" in done.stderr and requests(ca) == before, "nobody to ask: the option is named", told(done))
    done = person.run("renew", person.user, "--revoke-first", "--json", "--wait", "60")
    new = person.status()[-1]
    tap.ok(done.returncode == 0 and (new["state"], new["predecessor"]) == ("INSTALLED", old["id"]), "revoked, then renewed", told(done))
    entry = [e for e in person.status() if e["id"] == old["id"]][0]
    tap.ok(entry["certificate"]["revocation"] == "superseded" and [c["revoked"] for c in ca.state()["certificates"]][-2:] == [4, None],
           "as superseded", (entry, ca.state()["certificates"]))
    rewrite(person, new["id"], renew_at=now - 10, not_before=now - 91 * DAY, not_after=now - DAY)
    done = timer(person)
    tap.ok(done.returncode == 0 and json.loads(done.stdout)["changed"], "one that has ended is in nobody's way", told(done))


def offered(person, known, answer=None):
    """The first certificate at a terminal; KNOWN: there is a systemd that knows the timer."""
    tools, log = os.path.join(person.home, "bin"), os.path.join(person.home, "systemctl.log")
    os.mkdir(tools)
    with open(os.path.join(tools, "systemctl"), "w") as file:
        file.write('#!/bin/sh\necho "$@" >>%s\nexit %d\n' % (log, 0 if known else 1))
    os.chmod(os.path.join(tools, "systemctl"), 0o755)
    screen = Terminal(person, *person.words("get", person.user, "--agree-tos", *QUICK, *files(person))[1:],
                      PATH=tools + ":" + os.environ["PATH"])
    if known:
        tap.ok(screen.until("Shall a timer of your own renew yours in time? [y/N] "), "the first certificate at a terminal offers the timer",
               screen.text)
        screen.type(answer)
    status = screen.end()
    with open(log) as file:
        return status, screen.text, file.read().splitlines()[1:]


def timers(ca, stage):
    enable = "--user enable --now mailcert-renew.timer"
    with Person(stage, ca) as person:
        status, text, done = offered(person, True, "y\n")
        tap.ok(status == 0 and done == [enable] and "From now on" in text, "yes enables it", (status, text, done))
    stage.empty(person.user)
    with Person(stage, ca) as person:
        status, text, done = offered(person, False)
        tap.ok(status == 0 and not done and "*/15 * * * * /" in text and "renew --due --quiet" in text,
               "where no systemd can do it: the line for crontab", (status, text, done))
    stage.empty(person.user)


with Sandbox() as stage:
    with Ca(stage, "--ari") as ca:
        timers(ca, stage)
    with Ca(stage, "--ari") as ca, Person(stage, ca) as person:
        latest = by_window(person, ca)
        latest = failing(person, ca, latest["id"])
        nobody(person, ca, latest)
        policy(person, ca)
        revoke_first(person, ca)
tap.end()
