#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The real program is killed at system-call boundaries that touch state, network or mail, or a call fails; then it goes on.

    test-strike.py [--full] [--seed N] [--kills N] [--faults N] [--story NAME] [--step STEP] [--at N] [--how NAME]
                   [--jobs N] [--minutes N] [--ledger FILE]

Each story is told once undisturbed, which counts the calls of each step; then with a kill before a call, or in the middle
of one that can be done by half, or with a call that fails, once or for the rest of the run. Nothing may be lost or said
twice, and the story must end as if nothing had been. The closing table counts. --full strikes everywhere, in an order that
the seed shuffles: with --minutes it ends early and has struck evenly; with --ledger it goes on where it ended."""

import argparse
import collections
import errno
import hashlib
import json
import multiprocessing
import multiprocessing.util
import os
import random
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from light import ALL, KILL, KILL_HALF, MAIL, MAILCERT, NETWORK, STATE, STRIKER, Hang, LightCa  # noqa: E402
from stage import Tap  # noqa: E402
from stories import ENDS, STORIES, kinds_of  # noqa: E402
from trouble import flaws_of_text  # noqa: E402

BATCH = 50  # strikes between two looks at the clock
CA_LIVES = 100  # stories: then a new one, which remembers less and is quicker
# at: the how-manieth call of those in kinds; again: one more kill in the run after it
Strike = collections.namedtuple("Strike", "story step kinds at how lasting again")
KINDS = {"s": STATE, "n": NETWORK, "m": MAIL}
FAULTS = {STATE: ("ENOSPC", "EIO", "EACCES"), NETWORK: ("ECONNRESET", "ENETUNREACH"), MAIL: ("EAGAIN", "ENOMEM")}
# How a command may end whose calls fail: done all the same, later, not written; a carrier that cannot be started.
FAULT_ENDS = {STATE: {0, 73, 75}, NETWORK: {0, 75}, MAIL: {0, 75, 78}}


class Table:
    """What the closing table counts, and what has been struck already: also in earlier runs of the same program that wrote to
    LEDGER."""

    def __init__(self, ledger):
        self.rows = collections.defaultdict(collections.Counter)
        self.struck = set()
        self.file = open(ledger, "a+") if ledger else None
        with open(MAILCERT, "rb") as file:
            self.program = hashlib.sha256(file.read()).hexdigest()[:16]
        if self.file:
            self.file.seek(0)
            for program, *entry in map(json.loads, self.file):
                if program == self.program:
                    self._count(*entry)

    def _count(self, name, story, row):
        self.struck.add(name)
        self.rows[story].update(row)

    def add(self, what, row):
        self._count(name_of(what), what.story.name, row)
        if self.file and row["survived"] == row["faults"]:  # the others are tried again
            self.file.write(json.dumps([self.program, name_of(what), what.story.name, row]) + "\n")
            self.file.flush()

    def print(self):
        heads = ("faults", "survived", "requests", "replies twice", "keys lost", "hangs")
        print("# %-26s" % "" + "".join("%15s" % head for head in heads))
        rows = [*self.rows.items(), ("all", sum(self.rows.values(), collections.Counter()))]
        for name, row in rows:
            print("# %-26s" % name + "".join("%15d" % row[head] for head in heads))


class World:
    """A CA that is replaced now and then."""

    def __init__(self):
        self.ca, self.told = None, 0

    def next(self):
        if self.ca is None or self.told % CA_LIVES == 0:
            self.close()
            self.ca = LightCa()
        self.told += 1
        return self.ca, self.told

    def close(self):
        if self.ca is not None:
            self.ca.__exit__()


def undisturbed(world, kind):
    """{step: trace of its calls}; an undisturbed story must end well by itself."""
    traces = {}
    with kind(*world.next()) as story:
        for step in story.steps:
            done = story.note(getattr(story, step)({"kinds": ALL}))
            if done is None:  # no mail has come yet: what is said to do next brings it
                story.note(story.go_on())
                done = story.note(getattr(story, step)({"kinds": ALL}))
            traces[step] = done.trace if done is not None else ""
        good = story.recover()
        return traces, good, [*sum(story.judge.flaws(), []), *story.said]


def kills(kind, traces):
    """Every kill that there is to this story."""
    for step in kinds_of(kind):
        for at, mark in enumerate(traces[step], 1):
            yield Strike(kind, step, ALL, at, KILL, 0, None)
            if mark.isupper():
                yield Strike(kind, step, ALL, at, KILL_HALF, 0, None)


def faults(kind, traces):
    """Every call that may fail, once and from then on."""
    for step in kinds_of(kind):
        seen = collections.Counter()
        for mark in traces[step].lower():
            kinds = KINDS[mark]
            seen[mark] += 1
            for name in FAULTS[kinds]:
                for lasting in (0, 1):
                    yield Strike(kind, step, kinds, seen[mark], getattr(errno, name), lasting, None)


def name_of(what):
    if what.how < 0:
        how = "killed" if what.how == KILL else "killed in the middle"
    else:
        how = errno.errorcode[what.how] + (" for good" if what.lasting else " once")
    again = "" if what.again is None else ", then killed at %d of hook" % what.again
    where = {ALL: "call", STATE: "state call", NETWORK: "network call", MAIL: "mail call"}[what.kinds]
    return "%s: %s at %s %d of %s%s" % (what.story.name, how, where, what.at, what.step, again)


def manners(what, done):
    """What is wrong with how the struck command itself ended."""
    if what.how < 0:
        return []
    flaws = [] if done.returncode in FAULT_ENDS[what.kinds] else ["it ended with %d" % done.returncode]
    if done.returncode != 0:  # a note that could not be written is told before, and stops nothing
        flaws += flaws_of_text("".join(line for line in done.stderr.splitlines(True) if "note for mail filters" not in line))[0]
    return flaws


def strike(world, what):
    """Tells the story with one strike, or one more in the run after it. Returns what is to be counted, what went wrong and
    what was said."""
    row = collections.Counter()
    struck = 0
    with what.story(*world.next()) as story:
        wrong = []

        def look(when):
            lost, double, other = story.judge.flaws()
            row["keys lost"] += len(lost)
            row["replies twice"] += len(double)
            wrong.extend("%s: %s" % (when, flaw) for flaw in lost + double + other)

        try:
            for step in story.steps:
                order = {"kinds": what.kinds, "at": what.at, "how": what.how, "lasting": what.lasting} if step == what.step else None
                done = story.note(getattr(story, step)(order))
                if order is not None and done is not None and done.struck:
                    struck += 1
                    wrong.extend(manners(what, done))
                    story.ends.pop()
                    story.said.append("struck at %d, %s" % (what.at, done.name))
                    break
            look("right after")
            if what.again is not None:
                done = story.hook({"kinds": ALL, "at": what.again, "how": KILL})
                struck += done.struck if done is not None else 0
                story.note(done)
                look("after the second strike")
            if not story.recover():
                wrong.append("it does not end: %s" % (story.standing(),))
            look("at the end")
            wrong.extend("ended oddly: " + line for line, status in story.ends if status not in ENDS)
        except Hang as error:
            row["hangs"] += 1
            wrong.append("it hangs: %s" % error)
        row["requests"] += story.judge.used()
        row["faults"] += struck
        row["survived"] += struck if not wrong else 0
        return row, wrong, story.said


class Striker:
    """A process that strikes, in a world of its own."""

    world = None

    @staticmethod
    def begin():
        Striker.world = World()
        multiprocessing.util.Finalize(None, Striker.world.close, exitpriority=1)

    @staticmethod
    def strike(what):
        return what, strike(Striker.world, what)


def strike_all(strikes, jobs, minutes):
    """Yields each as it is done, until the time is over (0 = never)."""
    until = time.monotonic() + 60 * minutes
    with multiprocessing.get_context("fork").Pool(jobs, Striker.begin) as pool:
        while strikes and (not minutes or time.monotonic() < until):
            yield from pool.imap_unordered(Striker.strike, strikes[:BATCH])
            strikes = strikes[BATCH:]
        pool.close()
        pool.join()


def options_of():
    parser = argparse.ArgumentParser()
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--seed", type=int, default=int(os.environ.get("MC_SEED", random.randrange(1 << 30))))
    parser.add_argument("--kills", type=int, default=60)
    parser.add_argument("--faults", type=int, default=15)
    parser.add_argument("--story", default="")
    parser.add_argument("--step", default="")
    parser.add_argument("--at", type=int)
    parser.add_argument("--how", default="")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=0)
    parser.add_argument("--ledger")
    return parser.parse_args()


def choose(options, killed, failed):
    """The sample: kills, one in five with a second one after it, and calls that fail."""
    dice = random.Random(options.seed)
    if options.full or options.at is not None or options.how:
        every = [one for one in killed + failed if options.at in (None, one.at) and options.how in name_of(one)]
        return dice.sample(every, len(every))
    killed = dice.sample(killed, min(options.kills, len(killed)))
    killed = [one._replace(again=dice.randrange(1, 150)) if dice.random() < 0.2 else one for one in killed]
    return killed + dice.sample(failed, min(options.faults, len(failed)))


def main():
    options = options_of()
    tap, table, world = Tap(), Table(options.ledger), World()
    killed, failed = [], []
    print("# seed %d" % options.seed)
    if not os.path.exists(STRIKER):
        tap.ok(False, "there is no " + STRIKER)
        tap.end()
    for kind in STORIES:
        if options.story not in kind.name:
            continue
        traces, good, said = undisturbed(world, kind)
        tap.ok(good, "%s, undisturbed: %s" % (kind.name, ", ".join("%s %d calls" % (s, len(t)) for s, t in traces.items())), "\n".join(said))
        killed += [one for one in kills(kind, traces) if options.step in one.step]
        failed += [one for one in faults(kind, traces) if options.step in one.step]
    world.close()
    begun = time.monotonic()
    strikes = [what for what in choose(options, killed, failed) if name_of(what) not in table.struck]
    done = 0
    for what, (row, wrong, said) in strike_all(strikes, options.jobs, options.minutes):
        table.add(what, row)
        tap.ok(not wrong, name_of(what), "\n".join(wrong + said))
        done += 1
    table.print()
    print("# %d of %d strikes in %.0f s, %d left" % (done, len(killed) + len(failed), time.monotonic() - begun, len(strikes) - done))
    tap.end()


main()
