#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mail servers that stumble while the mail is under way: connections that drop while mailcert waits, folders that are numbered
anew, replies that are refused, lost, held for an hour or sent back. Each has addresses of its own in one mailbox."""

import json
import os
import signal
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(1, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "crash"))
from held import HeldCa, set_field  # noqa: E402
from light import STRIKER, Page  # noqa: E402
from relay import CUT, FREEZE, PASS_AND_CUT, Relay  # noqa: E402
from stage import Ca, Person, Running, Sandbox, Tap, told  # noqa: E402
from trouble import QUICK, files, refused  # noqa: E402

tap = Tap()
LOGIN = "alice@example.test"
FETCHES = r"UID FETCH \d+ .*BODY\.PEEK\[\]"


class Somebody(Person):
    """One of alice's addresses; all their mail comes into her mailbox, and she sends for all of them."""

    def __init__(self, sandbox, ca, tag, **account):
        secret = "cat " + sandbox.facts["users"][LOGIN]["password_file"]
        super().__init__(sandbox, ca, user=LOGIN.replace("@", "+%s@" % tag),
                         account={"user": LOGIN, "password-command": secret, **account})

    def get(self, *words):
        return Running(self, "get", self.user, "--json", *QUICK, *files(self), "--agree-tos", *(words or ("--wait", "90")))

    def challenge(self):
        """What the CA says of the newest challenge for this address."""
        return [one for one in self.ca.state()["challenges"] if one["address"] == self.user][-1]

    def replies(self):
        return [one["replies"] for one in self.ca.state()["challenges"] if one["address"] == self.user and one["type"].startswith("email")]

    def history(self):
        return [entry["detail"] or "" for entry in self.status()[-1]["history"]]


def doveadm(sandbox, *words):
    subprocess.run(["doveadm", "-c", os.path.join(sandbox.dir, "dovecot", "dovecot.conf"), *words], stdin=subprocess.DEVNULL,
                   stdout=subprocess.DEVNULL, check=True)


def once(person, name, running):
    """It ends well, by one reply."""
    running.end()
    tap.equal((running.returncode, person.replies(), [entry["state"] for entry in person.status()]), (0, [1], ["INSTALLED"]),
              name + ": answered once, and the certificate is there", told(running))


def later(person, seconds):
    """The environment of commands whose clock is so far ahead."""
    page = Page(person.home)
    page.set(clock=seconds)
    return {"LD_PRELOAD": STRIKER, "MC_STRIKE": page.path}


def queued(sandbox, address):
    """What postfix still has of this sender."""
    done = subprocess.run(["postqueue", "-c", os.path.join(sandbox.dir, "postfix", "conf"), "-j"], capture_output=True, check=True)
    return [entry["queue_id"] for entry in map(json.loads, done.stdout.splitlines()) if entry["sender"] == address]


# --- while it waits ---


def awaited(ca, person, relay=None):
    """get waits in IDLE, and the mail is in our hands."""
    relay = relay or person.relay
    running = person.get()
    ca.count += 1
    mail = ca.challenge(ca.count)
    relay.wait(" IDLE$")
    return running, mail


def dropped(sandbox, ca):
    """The connection ends in IDLE, and the mail comes before mailcert is back."""
    def cut(relay):
        relay.away = True
        relay.cut()

    for name, drop, back in (("cut off, and the server away for a while", cut, lambda relay: setattr(relay, "away", False)),
                             ("the server ends it", lambda _: doveadm(sandbox, "kick", LOGIN), None)):
        with Relay(sandbox, "imaps") as relay, Somebody(sandbox, ca, "drop%d" % ca.count, imap=relay.url) as person:
            running, mail = awaited(ca, person, relay)
            drop(relay)
            sandbox.run("deliver", person.user, stdin=mail)
            if back is not None:
                back(relay)
            once(person, "in IDLE, " + name, running)
            tap.equal(len(relay.said("EXAMINE Junk")), 2, "in IDLE, %s: on a second connection" % name, relay.heard)


def forgotten_begin(sandbox, ca):
    """Whoever was between has forgotten the connection: nothing comes any more, and it is seen when something is said. The
    folders that IDLE does not tell of are asked for after 20 seconds; other stories run meanwhile."""
    relay = Relay(sandbox, "imaps", [(" IDLE$", FREEZE)])
    person = Somebody(sandbox, ca, "forgotten", imap=relay.url)
    person.relay = relay
    person.running, mail = awaited(ca, person)
    sandbox.run("deliver", person.user, stdin=mail)
    return person


def forgotten_end(person):
    with person.relay, person:
        once(person, "in IDLE, half open", person.running)
        tap.ok(len(person.relay.said("EXAMINE Junk")) >= 2, "in IDLE, half open: on a second connection", person.relay.heard)


def renumbered(sandbox, ca):
    """UIDVALIDITY changes before the mail comes; in Junk the folder is made anew."""
    with Relay(sandbox, "imaps") as relay, Somebody(sandbox, ca, "uid", imap=relay.url) as person:
        running, mail = awaited(ca, person, relay)
        doveadm(sandbox, "mailbox", "update", "-u", LOGIN, "--uid-validity", str(4000000 + ca.count), "INBOX")
        sandbox.run("deliver", person.user, stdin=mail)
        once(person, "UIDVALIDITY changes", running)
    with Relay(sandbox, "imaps") as relay, Somebody(sandbox, ca, "junk", imap=relay.url) as person:
        running, mail = awaited(ca, person, relay)
        doveadm(sandbox, "mailbox", "delete", "-u", LOGIN, "Junk")
        doveadm(sandbox, "mailbox", "create", "-u", LOGIN, "Junk")
        sandbox.run("deliver", "--folder", "Junk", person.user, stdin=mail)
        doveadm(sandbox, "kick", LOGIN)  # else it is asked for after 20 seconds
        once(person, "Junk made anew", running)


def hour(sandbox, ca):
    """The reply lies in the mail server's queue for an hour. Meanwhile the challenge comes again, comes under a new Message-ID,
    and the mailbox is numbered anew: all of it is seen, nothing is answered."""
    with Relay(sandbox, "imaps") as relay, Somebody(sandbox, ca, "hour", imap=relay.url) as person:
        sandbox.run("ca-smtp", "127.0.0.1:9")
        running, mail = awaited(ca, person, relay)
        sandbox.run("deliver", person.user, stdin=mail)
        ca.wait("acme-requests", ca.state()["counters"]["acme-requests"] + 1)  # the POST: the reply has been handed over
        seen = len(relay.said(FETCHES))
        fresh = ca.sign(set_field(mail, b"Message-ID", b"<another@ca.test>"))
        for number, again in enumerate((mail, fresh)):
            sandbox.run("deliver", person.user, stdin=again)
            tap.ok(relay.wait(FETCHES, seen + number + 1), "an hour in the queue: %s is fetched" % ("it came again" if not number else "a new Message-ID"))
        doveadm(sandbox, "mailbox", "update", "-u", LOGIN, "--uid-validity", str(5000000 + ca.count), "INBOX")
        doveadm(sandbox, "kick", LOGIN)
        tap.ok(relay.wait(FETCHES, seen + 5), "an hour in the queue: all three are fetched again under another UIDVALIDITY")
        running.end(signal.SIGINT)
        entry = person.status()[0]
        tap.equal((running.returncode, entry["state"], entry["addresses"][0]["state"], person.replies()), (75, "ORDERED", "POSTED", [0]),
                  "an hour in the queue: it waits, and one reply lies there", told(running))
        queue = queued(sandbox, person.user)
        tap.equal(len(queue), 1, "an hour in the queue: one reply is in it", queue)
        environment = later(person, 3600)
        refused(tap, person.run("renew", "--json", "--wait", "2", environment=environment), 75, "an hour later: it waits for the CA")
        tap.equal(queued(sandbox, person.user), queue, "an hour later: no second reply is in the queue")
        sandbox.run("ca-smtp", ca.ready["smtp_in"])
        done = person.run("renew", "--wait", "60", environment=environment)
        tap.equal((done.returncode, person.replies()), (0, [1]), "an hour later: the reply arrives, and the certificate comes", told(done))


# --- when it answers ---


class Case:
    """One enrollment whose reply meets RULES on its way; all of them run at the same time."""

    def __init__(self, sandbox, ca, name, tag, *rules):
        self.name, self.relay = name, Relay(sandbox, "submissions", rules)
        self.person = Somebody(sandbox, ca, tag, smtp=self.relay.url)
        self.running = self.person.get()

    def __enter__(self):
        return self.person, self.running

    def __exit__(self, *_):
        self.relay.__exit__()
        self.person.__exit__()


def passing(sandbox, ca):
    """Refused for the moment, and taken when it is tried again: the same reply, and one only."""
    cases = [Case(sandbox, ca, name, "soft%d" % number, rule) for number, (name, rule) in enumerate((
        ("greylisted at RCPT", ("^RCPT", b"450 4.2.0 greylisted, come again\r\n")),
        ("452 to DATA", ("^DATA", b"452 4.3.1 no room just now\r\n")),
        ("451 after the mail", (r"^\.$", b"451 4.3.0 the filter is away\r\n")),
        ("cut before DATA", ("^DATA", CUT))))]
    for case in cases:
        with case as (person, running):
            once(person, case.name, running)
            handed = [line.split(": ", 1)[1] for line in case.relay.said("^Message-ID:")]
            tap.ok(len(case.relay.said("^MAIL FROM")) == 2 and len(set(handed)) == 1, case.name + ": tried twice, with one Message-ID", handed)


def lasting(sandbox, ca):
    """Refused for ever: the server's words, and no second try; a new order is a new chance."""
    cases = [Case(sandbox, ca, name, "hard%d" % number, rule) for number, (name, rule) in enumerate((
        ("refused at RCPT", ("^RCPT", b"550 5.7.1 not from here\r\n")), ("refused at DATA", ("^DATA", b"554 5.5.1 not from here\r\n")),
        ("refused after the mail", (r"^\.$", b"552 5.7.0 not from here\r\n"))))]
    for case in cases:
        with case as (person, running):
            refused(tap, running.end(), 69, case.name, "not from here")
            tap.equal((person.status()[-1]["state"], len(case.relay.said("^MAIL FROM")), person.replies()), ("FAILED", 1, [0]),
                      case.name + ": given up, and nothing is sent again")


def doubtful(sandbox, ca):
    """The connection ends between the last octet and the 250 (T-32). Postfix has sent it: the CA's word tells, and nothing is
    sent again. It never had it: the same, and after ten minutes a new order with a challenge of its own."""
    taken = Case(sandbox, ca, "cut before the 250, sent", "cut1", (r"^\.$", PASS_AND_CUT))
    lost = Case(sandbox, ca, "cut before the 250, lost", "cut2", (r"^\.$", CUT))
    with taken as (person, running):
        once(person, taken.name, running)
        tap.ok(any("no answer came" in detail for detail in person.history()), taken.name + ": the history tells", person.history())
        tap.equal(len(taken.relay.said("^MAIL FROM")), 1, taken.name + ": tried once")
    with lost as (person, running):
        lost.relay.wait(r"^\.$")
        while person.status()[0]["addresses"][0]["state"] != "POSTED":
            pass
        refused(tap, running.end(signal.SIGINT), 75, lost.name, "stays open|To go on now")
        tap.equal((len(lost.relay.said("^MAIL FROM")), person.replies()), (1, [0]), lost.name + ": tried once")
        done = person.run("renew", "--wait", "60", environment=later(person, 700))
        tap.equal((done.returncode, person.replies(), len(lost.relay.said("^MAIL FROM"))), (0, [0, 1], 2),
                  lost.name + ": a new order gets a reply of its own", told(done))


def sent_back(sandbox, ca):
    """The CA's server refuses the reply, and a real postfix sends it back: told in its words, nothing sent again."""
    words = "550 5.7.26 Unauthenticated mail from example.test is not accepted"
    ca.control(fail=["smtp-refuse:1:" + words])
    with Relay(sandbox, "imaps") as relay, Somebody(sandbox, ca, "bounce", imap=relay.url) as person:
        running = person.get()
        relay.wait(FETCHES, 2)  # the challenge, and what came back
        while (person.status()[0]["error"] or {"problem": {"type": None}})["problem"]["type"] != "mailcert:bounced":
            pass
        refused(tap, running.end(signal.SIGINT), 75, "sent back", "5.7.26 Unauthenticated mail")
        said = " ".join(person.run("status").stdout.split())
        tap.ok("5.7.26 Unauthenticated mail" in said and "provider of this address" in said, "sent back: status says why, and what to do", said)
        tap.ok("mailcert forget --ca test %s; to ask again: mailcert get --ca test %s" % (person.user, person.user) in said,
               "sent back: the commands that give it up and ask again", said)
        done = person.run("renew", "--json", "--wait", "2")
        tap.equal((done.returncode, person.replies(), person.status()[0]["state"]), (75, [0], "ORDERED"),
                  "sent back: nothing is sent again, and nothing is given up", told(done))


def wanted(part):
    return len(sys.argv) < 2 or part.__name__ in sys.argv[1:]


with Sandbox() as stage:
    with HeldCa(stage, "--wait", "poll") as held:
        held.count = 0
        half_open = forgotten_begin(stage, held) if wanted(forgotten_begin) else None
        for part in filter(wanted, (dropped, renumbered, hour)):
            part(stage, held)
        if half_open is not None:
            forgotten_end(half_open)
        tap.equal(held.violations(), [], "the CA saw no rule broken")
    stage.empty(LOGIN)
    with Ca(stage, "--wait", "poll") as held:
        for part in filter(wanted, (passing, lasting, doubtful, sent_back)):
            part(stage, held)
        tap.equal(held.violations(), [], "the CA saw no rule broken by replies")
tap.end()
