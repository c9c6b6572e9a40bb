#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A rude CA, met by the real program over the wire (cases: rude_cases.py). Each case ends in the right state, exit status and
sentence, with no more requests than it needs, one reply, and no key lost. Days pass in an instant (tests/crash/guest.py).

    test-rude-ca.py [NAME]    only the cases whose name has that in it
"""

import collections
import multiprocessing
import os
import sys
import threading

sys.dont_write_bytecode = True
sys.path[:0] = [os.path.dirname(os.path.abspath(__file__)), os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "crash")]
from guest import Guest  # noqa: E402
from light import Hang, LightCa, RUNNER  # noqa: E402
from rude_cases import Case, cases, rule  # noqa: E402
from stage import Tap  # noqa: E402
from tls_relay import Relay  # noqa: E402
from treatment import JOBS, Treatment, manners  # noqa: E402

TAKEN = 32 << 20  # octets: a part of it lies in the buffers between
TLS = [Case("TLS is cut once", most=14), Case("TLS is cut for ever", state="NEW", status=75, replies=0, most=0, says="could not be reached")]


def treat(numbered):
    number, case = numbered
    ca = Treatment.ca(case.options)
    with Relay(ca, {"TLS is cut once": 1, "TLS is cut for ever": 1000000}[case.name]) if case in TLS else Relay(None) as relay, \
            Guest(ca, number, case.rules, case.fail, relay.directory, case.hurry) as guest:
        try:
            done, entries = guest.live(meanwhile=late_hour(ca, guest) if "an octet" in case.name else None)
        except Hang as error:
            return case, collections.Counter(faults=1, hangs=1), [str(error)], guest.said
        return (case, *judge(guest, case, done, entries), guest.said)


def late_hour(ca, guest):
    """Once it has begun to read, a minute and more passes by the clock that its patience goes by."""
    def wait():
        ca.wait("octets-left-in-" + guest.visit)
        guest.page.set_clock(guest.page.clock(steady=True) + 100, steady=True)
    return lambda: threading.Thread(target=wait, daemon=True).start()


def judge(guest, case, done, entries):
    """What is counted, and what is wrong."""
    asked = guest.asked()
    lost, double, other = guest.judge.flaws()
    used = asked["asked"].get("any", 0)
    row = collections.Counter({"faults": sum(asked["spoiled"].values()) + asked["taken"], "requests": used, "keys lost": len(lost),
                               "replies twice": len(double), "most requests": used})
    wrong = lost + double + [flaw for flaw in other if not any("'fact': '%s'" % fact in flaw for fact in case.allowed)]
    state = entries[-1]["state"] if entries else None
    for what, got, wanted in (("state", state, case.state), ("exit status", done.returncode, case.status),
                              ("replies", len(guest.replies()), case.replies)):
        if got != wanted:
            wrong.append("%s %s, wanted %s" % (what, got, wanted))
    if used > case.most:
        wrong.append("%d requests, at most %d" % (used, case.most))
    if not case.hours[0] <= guest.clock <= case.hours[1]:
        wrong.append("%d seconds have passed, wanted %s" % (guest.clock, case.hours))
    wrong += Treatment.excess(guest)
    if asked["octets"] > TAKEN:
        wrong.append("%d octets of an answer without end were taken" % asked["octets"])
    if row["faults"] == 0 and (case.rules or case.fail):
        wrong.append("nothing was spoiled: %s" % asked)
    if done.returncode != 0:
        wrong += manners(done, case.name, case.says, entries)
    if case.agreed and guest.get().returncode != 0:
        wrong.append("it cannot be ended")
    row["survived"] = row["faults"] if not wrong else 0
    return row, wrong


def main():
    tap, total, most = Tap(), collections.Counter(), 0
    wanted = [case for case in [*cases(), *TLS] if len(sys.argv) < 2 or sys.argv[1] in case.name]
    with multiprocessing.get_context("fork").Pool(JOBS, Treatment.begin) as pool:
        for case, row, wrong, said in pool.imap(treat, enumerate(wanted, 1)):
            tap.ok(not wrong, case.name, "\n".join(wrong + said))
            most = max(most, row.pop("most requests", 0))
            total.update(row)
        pool.close()
        pool.join()
    print("# " + ", ".join("%s: %d" % (name, total[name]) for name in ("faults", "survived", "requests", "keys lost", "replies twice", "hangs")))
    print("# %d cases, at most %d requests in one" % (len(wanted), most))
    tap.end()


main()
