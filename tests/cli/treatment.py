# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What test-rude-ca.py and test-random-ca.py share: the CAs of one process, and what a person is owed at a bad end."""

import multiprocessing.util
import os
import re

from guest import Guest
from light import RUNNER, LightCa
from trouble import SHOW, flaws_of_json, flaws_of_text

JOBS = 2
LIVES = 60  # treatments: then another CA, which remembers less and is quicker
ROOM = 16 << 10  # KiB beyond what an enrollment needs to which nothing happens (or this program, where that is more)
SANITIZED = "ASAN_OPTIONS" in os.environ or RUNNER


class Treatment:
    """A process that treats its people, with CAs of its own; each kind of CA is started when it is wanted."""

    cas, treated, peak = {}, 0, None

    @staticmethod
    def close():
        for ca in Treatment.cas.values():
            ca.__exit__()
        Treatment.cas.clear()

    @staticmethod
    def begin():
        multiprocessing.util.Finalize(None, Treatment.close, exitpriority=1)

    @staticmethod
    def ca(options=()):
        Treatment.treated += 1
        if Treatment.treated % LIVES == 0:
            Treatment.close()
        if options not in Treatment.cas:
            Treatment.cas[options] = LightCa(*options)
        if Treatment.peak is None:  # what is enough
            with Guest(Treatment.cas[options], 0) as guest:
                guest.live()
                Treatment.peak = guest.peak
        return Treatment.cas[options]

    @staticmethod
    def excess(guest):
        if guest.peak > Treatment.peak + ROOM and not SANITIZED:
            return ["%d KiB of memory, %d are enough" % (guest.peak, Treatment.peak)]
        return []


def manners(done, name, says, entries):
    """One sentence, one step, the same in JSON, and no problem type in them."""
    flaws, sentence, step = flaws_of_text(done.stderr)
    more, _ = flaws_of_json(done.stdout, done.returncode, sentence, step)
    flaws += more
    said = "%s\n%s" % (sentence, step)
    if SHOW:
        print("# %s\n#   [%d] %s\n#   Next: %s" % (name, done.returncode, sentence, step))
    if step is None:
        flaws.append("there is no next step")
    if re.search(r"mailcert:\w|urn:ietf|serverInternal|badNonce|orderNotReady", said):
        flaws.append("a problem type is said")
    if not re.search(says, said):
        flaws.append("nothing of %r is said" % says)
    if entries and entries[-1]["state"] in ("FAILED", "EXPIRED") and not entries[-1]["next_step"]:  # what is open may go on by itself
        flaws.append("status knows no next step")
    return flaws
