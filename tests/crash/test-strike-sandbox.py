#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The real program is killed on the full sandbox: before a system call to the CA, the resolver, IMAP, submission or the disk.

    test-strike-sandbox.py [SEED [KILLS]]

test-strike.py has every call of a lighter world; here are those of the real mail servers, a sample of them."""

import os
import random
import shutil
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from judge import Judge  # noqa: E402
from light import ALL, KILL, LATER, MEMORY, STRIKER, Ca, Page, Person  # noqa: E402
from stage import Sandbox, Tap, told  # noqa: E402

SEED = int(sys.argv[1]) if len(sys.argv) > 1 else int(os.environ.get("MC_SEED", random.randrange(1 << 30)))
KILLS = int(sys.argv[2]) if len(sys.argv) > 2 else 20
ROUNDS = 4  # runs after the kill: an unsure reply costs one that gives up, and one that asks anew


class ClockedCa(Ca):
    """Lives in the hour of the programs that it serves."""

    def __init__(self, sandbox, folder):
        self.page = Page(folder)
        super().__init__(sandbox, environment={"LD_PRELOAD": STRIKER, "MC_STRIKE": self.page.path})

    def mails(self):
        return {}


class Struck(Person):
    """Somebody whose keyring is a folder, and whose commands can be struck."""

    def __init__(self, sandbox, ca, folder):
        self.out = os.path.join(folder, "out")
        super().__init__(sandbox, ca, account={"keyring": "files:" + self.out})
        self.page = Page(folder)

    def replies(self):
        return []  # the CA counts those that arrive; the carriers here keep no list

    def strike(self, clock, wait, **strike):
        self.page.set(clock=clock, **strike)
        done = self.run("get", self.user, "--agree-tos", "--wait", str(wait),
                        environment={"LD_PRELOAD": STRIKER, "MC_STRIKE": self.page.path})
        done.calls, done.struck, done.name, _ = self.page.read()
        return done


def tell(sandbox, ca, clock, at):
    """One story with a kill before call AT (0 = none). Returns (calls, struck, flaws, where, clock)."""
    folder = tempfile.mkdtemp(prefix="mc-x-", dir=MEMORY)
    sandbox.empty("alice@example.test")  # each story is somebody else's: the mail of the one before is none of hers
    try:
        with Struck(sandbox, ca, folder) as person:
            judge = Judge(ca, person)
            first = done = person.strike(clock, 60, kinds=ALL, at=at, how=KILL)
            said = [told(done)]
            for _ in range(ROUNDS):
                if done.returncode == 0:
                    break
                done = person.strike(clock, 5)
                said.append(told(done))
                if done.returncode == 75:  # nobody knows whether the reply left: the CA has ten minutes to say
                    clock += LATER
                    ca.page.set_clock(clock)
            lost, double, other = judge.flaws()
            flaws = lost + double + other + ([] if done.returncode == 0 else ["it does not end"] + said)
            return first.calls, first.struck, flaws, first.name, clock
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main():
    tap, dice = Tap(), random.Random(SEED)
    print("# seed %d" % SEED)
    place = tempfile.mkdtemp(prefix="mc-x-", dir=MEMORY)
    try:
        with Sandbox() as sandbox, ClockedCa(sandbox, place) as ca:
            calls, _, flaws, _, clock = tell(sandbox, ca, 0, 0)
            tap.ok(not flaws, "undisturbed: %d calls" % calls, "\n".join(flaws))
            struck = 0
            for at in dice.sample(range(1, calls + 1), min(KILLS, calls)):
                _, hit, flaws, name, clock = tell(sandbox, ca, clock, at)
                struck += hit
                tap.ok(not flaws, "killed at call %d (%s)" % (at, name or "it took fewer this time"), "\n".join(flaws))
            tap.ok(struck > 0, "%d kills struck" % struck)
    finally:
        shutil.rmtree(place, ignore_errors=True)
    tap.end()


main()
