# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What people do with mailcert, step by step, and how they go on when a step was cut short: what they would do, no more.

A story is a list of steps; a step runs one command, which may be struck, and leaves the rest to those after it."""

import os
import signal

from judge import Judge
from light import Somebody

ROUNDS = 12
KEYRING = 77
ENDS = {0, 75, -signal.SIGKILL}


class Story:
    """One person, one certificate; subclasses say how."""

    name = "plain"
    extra = 0
    detach = ()
    steps = ("get", "hook")
    goal = "INSTALLED"

    def __init__(self, ca, number):
        self.ca = ca
        self.person = Somebody(ca, number, self.extra)
        self.judge = Judge(ca, self.person)
        self.taken = set(self.judge.mails)
        self.said, self.ends = [], []

    def __enter__(self):
        self.prepare()
        return self

    def __exit__(self, *_):
        self.person.__exit__()

    def prepare(self):
        pass

    # --- the steps ---

    def get(self, strike=None):
        person = self.person
        return person.run("get", *person.addresses, "--agree-tos", "--key", "p256", "--keyring", "files:" + person.out, "--no-wait",
                          strike=strike)

    def hook(self, strike=None):
        """All mails that have come and were not taken; the first command is struck. Like a mail filter, it tries again later
        with what was not taken."""
        first = None
        for name, mail in self.ca.mails().items():
            if name not in self.taken:
                done = self.person.run("hook", *self.detach, stdin=mail, strike=strike if first is None else None)
                if done.returncode == 0:
                    self.taken.add(name)
                first = first or done
                if done is not first:
                    self.note(done)
        return first

    def forget(self, strike=None):
        return self.person.run("forget", self.person.user, strike=strike)

    def install(self, strike=None):
        return self.person.run("install", self.person.user, strike=strike)

    def renew(self):
        return self.person.run("renew", "--no-wait")

    # --- how it goes on ---

    def status(self):
        self.person.page.set(clock=self.ca.clock)
        return self.person.status()

    def is_done(self):
        states = [entry["state"] for entry in self.status()]
        return bool(states) and states[-1] == self.goal

    def note(self, done):
        if done is not None:
            self.said.append("%s -> %d %s" % (" ".join(done.args), done.returncode, done.stderr.strip()))
            self.ends.append((self.said[-1], done.returncode))
        return done

    def recover(self):
        """Until the goal is reached: deliver, ask again, and when nothing moves let an hour pass."""
        for _ in range(ROUNDS):
            before = self.standing()
            self.note(self.hook())
            if self.is_done():
                return True
            self.note(self.go_on())
            if self.is_done():
                return True
            if self.standing() == before:
                self.ca.later()
        return False

    def go_on(self):
        """What is said to do next."""
        entries = self.status()
        if not entries:
            return self.get()
        last = entries[-1]
        if not last["next_step"] and last["state"] in ("FAILED", "EXPIRED"):
            self.ends.append(("nothing is said to do next in %s" % last["state"], None))
        return self.get() if last["state"] in ("FAILED", "EXPIRED") else self.renew()

    def standing(self):
        return [(entry["state"], [(a["address"], a["state"]) for a in entry["addresses"]]) for entry in self.status()], len(self.taken)


class Detached(Story):
    name = "hook --detach"
    detach = ("--detach",)


class Several(Story):
    name = "three addresses"
    extra = 2


class Unsure(Story):
    """The carrier dies with the reply in its hands; the CA never gets it. A new order ends it."""

    name = "reply lost in SENDING"

    def prepare(self):
        self.dead = os.path.join(self.person.home, "dead")
        open(self.dead, "w").close()

    def recover(self):
        for _ in range(2):
            if os.path.exists(self.dead):
                self.note(self.hook())
                os.unlink(self.dead)
        return super().recover()


class Given(Story):
    """Begun, and given up while its mail is under way."""

    name = "forget while it is open"
    steps = ("get", "forget")

    def is_done(self):
        return not self.status()

    def recover(self):
        for _ in range(3):
            if self.is_done():
                return True
            done = self.note(self.forget())
            if done.returncode == KEYRING:  # it has the only key, and says so
                self.ends.pop()
                self.note(self.install())
        return self.is_done()


class Forgotten(Given):
    """Has a certificate in its keyring, and the record is given up."""

    name = "forget what is installed"
    steps = ("get", "hook", "forget")
    strikes = ("forget",)


class Installed(Story):
    """The keyring could not be written at first: install ends it."""

    name = "install"
    steps = ("get", "hook", "install")
    strikes = ("install",)

    def prepare(self):
        open(self.person.out, "w").close()

    def install(self, strike=None):
        if os.path.isfile(self.person.out):
            os.unlink(self.person.out)
        return super().install(strike)

    def recover(self):
        for _ in range(3):
            if self.is_done():
                return True
            if not self.status() or self.status()[-1]["state"] not in ("ISSUED", "INSTALLED"):
                break
            self.note(self.install())
        if os.path.isfile(self.person.out):
            os.unlink(self.person.out)
        return super().recover()


STORIES = (Story, Detached, Several, Unsure, Given, Forgotten, Installed)


def kinds_of(story):
    """The steps that are struck."""
    return getattr(story, "strikes", story.steps)


__all__ = ["ENDS", "STORIES", "Story", "kinds_of"]
