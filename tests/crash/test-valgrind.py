#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One enrollment of the real program under memcheck, from the order to the keyring: what is wrong with its memory, or lost
for good, is a failure."""

import os
import shutil
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
WRONG = 99
os.environ["MC_RUNNER"] = ("valgrind -q --error-exitcode=%d --leak-check=full --errors-for-leak-kinds=definite "
                           "--show-leak-kinds=definite" % WRONG)
from light import LightCa  # noqa: E402
from stage import Tap, told  # noqa: E402
from stories import Story  # noqa: E402

tap = Tap()
if shutil.which("valgrind") is None:
    print("1..0 # SKIP no valgrind")
    sys.exit(0)
with LightCa() as ca, Story(ca, 1) as story:
    for step in story.steps:
        done = story.note(getattr(story, step)())
        tap.ok(done is not None and done.returncode != WRONG and "==" not in done.stderr, "%s under valgrind" % step,
               told(done) if done is not None else "no mail has come")
    tap.ok(story.recover(), "it ends with a certificate", "\n".join(story.said))
tap.end()
