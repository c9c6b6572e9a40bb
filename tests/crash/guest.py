# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Somebody whom the CA treats in a way of its own (tests/ca/visit.py), with a program that is in a hurry: where it would only
wait for an hour to come, its clock moves on instead. So a day of looks takes a second, and all that is asked is counted."""

import contextlib
import email
import fcntl
import json
import os
import select
import struct
import urllib.request

from judge import Judge
from light import RUNNER, Hang, Somebody

F_OFD_SETLK = 37
LOCK = "mailcert.lock"
ROUNDS = 4  # with half an hour for another mail to come; then until all is over
HALF_HOUR, DAYS = 1800, 10 * 86400
OVER = ("INSTALLED", "FAILED", "EXPIRED")
LONGEST = 120 if not RUNNER else 600  # real seconds: a hang


class Guest(Somebody):
    def __init__(self, ca, number, rules=(), fail=(), directory=None, hurry=True):
        super().__init__(ca, number)
        self.visit = "g%d" % number
        self.clock, self.hurry = 0, hurry
        self.peak = 0  # KiB that the largest of its programs had
        self.said = []
        self.taken = set()  # names of mails
        self.treat(rules, fail)
        host = directory or ca.ready["directory"]
        self.keys["ca test"]["directory"] = host.replace("/directory", "/~%s/directory" % self.visit)
        self.write()
        self.judge = Judge(self, self)

    def treat(self, rules=(), fail=()):
        """How the CA behaves from now on."""
        body = json.dumps({"id": self.visit, "rules": list(rules), "fail": list(fail)}).encode()
        urllib.request.urlopen(urllib.request.Request(self.ca.ready["control"] + "/visit", body)).read()

    def world(self):
        return {"clock": self.clock, "hurry": int(self.hurry)}

    def await_end(self, pipe, process):
        ended = select.select([pipe], [], [], LONGEST)[0]
        os.close(pipe)
        if not ended:
            process.kill()
            raise Hang("%s is not over after %d seconds" % (process.args, LONGEST))

    def run(self, *words, **keys):
        done = super().run(*words, **keys)
        self.clock = self.page.clock()
        self.peak = max(self.peak, done.peak)
        self.said.append("%s -> %d %s" % (" ".join(words), done.returncode, done.stderr.strip()))
        return done

    def status(self):
        return json.loads(self.run("status", "--json").stdout)["enrollments"]

    @contextlib.contextmanager
    def held(self, number):
        """Somebody else is at work on the enrollment: a hook then keeps its mail, and leaves the rest to whoever comes next."""
        with open(os.path.join(self.data, LOCK), "r+b") as file:
            fcntl.fcntl(file, F_OFD_SETLK, struct.pack("hhqqi4x", fcntl.F_WRLCK, os.SEEK_SET, number, 1, 0))
            yield

    def new_mails(self):
        for name, mail in sorted(self.ca.mails().items()):
            if name not in self.taken and email.message_from_bytes(mail)["To"] == self.user:
                self.taken.add(name)
                yield mail

    def get(self, **keys):
        return self.run("get", self.user, "--json", "--agree-tos", "--key", "p256", "--keyring", "files:" + self.out, "--no-wait", **keys)

    def live(self, meanwhile=None, rounds=ROUNDS, to_the_end=True):
        """Asks for a certificate, gives each mail to the hook, and carries it on, to its end or for so many half-hours. Returns
        how the last command ended that did more than keep a mail, and the enrollments."""
        done = self.get(meanwhile=meanwhile)
        for turn in range(rounds + to_the_end):
            entries = self.status()
            if not entries or entries[-1]["state"] in OVER or done.returncode not in (0, 75):
                return done, entries
            for mail in self.new_mails():
                with self.held(entries[-1]["id"]):
                    self.run("hook", stdin=mail)
            done = self.run("renew", "--json", "--wait", str(HALF_HOUR if turn < rounds else DAYS))
        return done, self.status()

    def asked(self):
        return json.load(urllib.request.urlopen(self.ca.ready["control"] + "/visit?id=" + self.visit))

    def state(self):
        """What the CA knows of this visit alone, for Judge."""
        state = self.ca.state()
        mine = {account["id"] for account in state["accounts"] if account["visit"] == self.visit}
        orders = {order["id"] for order in state["orders"] if order["account"] in mine}
        authorizations = {one["id"] for one in state["authorizations"] if one["account"] in mine}
        return {"accounts": [one for one in state["accounts"] if one["id"] in mine],
                "certificates": [one for one in state["certificates"] if one["order"] in orders],
                "challenges": [one for one in state["challenges"] if one["authorization"] in authorizations],
                "violations": [one for one in state["violations"] if one.get("visit") == self.visit],
                "counters": state["counters"]}

    def mails(self):
        return {}
