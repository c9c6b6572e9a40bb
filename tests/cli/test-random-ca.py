#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A CA whose answers are spoiled by dice (tests/ca/random_answer.py), met by the real program: it comes to an end, with a status
of the table, one sentence and one step; no key is lost, no mail answered twice, no challenge POSTed twice. One in five meets a
CA that has come to its senses, and gets its certificate.

    test-random-ca.py [--seed N] [--cases N] [--first N]    (MC_SEED, MC_RANDOM_CASES)
"""

import argparse
import collections
import json
import multiprocessing
import os
import random
import sys

sys.dont_write_bytecode = True
sys.path[:0] = [os.path.dirname(os.path.abspath(__file__)), os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "crash")]
from guest import Guest  # noqa: E402
from light import Hang  # noqa: E402
from stage import Tap  # noqa: E402
from treatment import JOBS, Treatment, manners  # noqa: E402

ENDS = {0, 69, 75, 78}
ON_THE_WAY = ["nonce", "newAccount", "newOrder", "order", "finalize", "authorization", "challenge", "certificate", "account"]
REQUESTS = 400
RECOVERS = 5  # one in so many
ROUNDS = 2  # half-hours


def rules_of(name):
    """Few spoil the directory, for that is soon over; some begin only on the way."""
    dice = random.Random(name)
    return [{"at": ["any"] if dice.random() < 0.1 else ON_THE_WAY, "do": ["random", name, dice.choice((0.1, 0.3, 0.6, 0.9))],
             "first": dice.choice((1, 2, 4, 6)), "count": dice.choice((3, 6, 12, 40, 100000))}]


def treat(numbered):
    """One of them: its name, what is counted, what is wrong, what was said and done."""
    number, name = numbered
    with Guest(Treatment.ca(), number, rules_of(name)) as guest:
        row, wrong = collections.Counter(cases=1), []
        try:
            done, entries = guest.live(rounds=ROUNDS, to_the_end=False)
            if done.returncode not in ENDS:
                wrong.append("it ended with %d" % done.returncode)
            if done.returncode != 0:
                wrong += manners(done, name, "", entries)
            asked = guest.asked()
            row.update({"faults": len(asked["done"]), "requests": asked["asked"].get("any", 0), entries[-1]["state"] if entries else "nothing": 1})
            if row["requests"] > REQUESTS:
                wrong.append("%d requests" % row["requests"])
            wrong += Treatment.excess(guest) + flaws(guest, row)
            if number % RECOVERS == 0:
                wrong += recover(guest, row)
        except Hang as error:
            row["hangs"] += 1
            wrong.append(str(error))
        return name, row, wrong, guest.said + guest.asked()["done"]


def flaws(guest, row):
    """What must hold whatever the CA says. It may call a challenge POST refused that it has taken: then there is another."""
    lost, double, other = guest.judge.flaws()
    row["keys lost"] += len(lost)
    row["replies twice"] += len(double)
    lied = any("challenge: status 429" in line for line in guest.asked()["done"])
    return lost + double + [flaw for flaw in other if "rule broken" not in flaw and not (lied and "POSTs" in flaw)]


def recover(guest, row):
    """The CA behaves again: whoever does what is said gets a certificate."""
    guest.treat()
    for _ in range(3):
        done, entries = guest.live(rounds=3)
        if done.returncode == 0 and entries[-1]["state"] == "INSTALLED":
            row["recovered"] += 1
            return flaws(guest, row)
    return ["it does not recover: %d %s" % (done.returncode, json.dumps(entries[-1:])[:600])]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=int(os.environ.get("MC_SEED", random.randrange(1 << 30))))
    parser.add_argument("--cases", type=int, default=int(os.environ.get("MC_RANDOM_CASES", 100)))
    parser.add_argument("--first", type=int, default=1)
    options = parser.parse_args()
    tap, total = Tap(), collections.Counter()
    print("# seed %d" % options.seed)
    names = [(number, "%d-%d" % (options.seed, number)) for number in range(options.first, options.first + options.cases)]
    failed = 0
    with multiprocessing.get_context("fork").Pool(JOBS, Treatment.begin) as pool:
        for name, row, wrong, said in pool.imap_unordered(treat, names):
            total.update(row)
            if wrong:
                failed += 1
                tap.ok(False, name, "\n".join(wrong + said))
        pool.close()
        pool.join()
    tap.ok(failed == 0, "%d of %d rude CAs survived" % (options.cases - failed, options.cases))
    for key in ("keys lost", "replies twice", "hangs"):
        tap.equal(total[key], 0, key)
    print("# " + ", ".join("%s: %d" % pair for pair in sorted(total.items())))
    tap.end()


main()
