#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the timer costs when nothing is due, against "mailcert --version" in the same run: CPU, turn by turn, and instructions where
valgrind is there. Once with one certificate and once with ten years of them."""

import os
import re
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cli"))
from stage import MAILCERT, Ca, Person, Sandbox  # noqa: E402

RUNS, BUDGET, GENERATIONS = int(os.environ.get("BENCH_RUNS", "100")), 2.0, 60


def cpu(words, environment):
    child = subprocess.Popen(words, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    _, code, usage = os.wait4(child.pid, 0)
    child.returncode = code
    if code != 0:
        sys.exit("bench: %s ended with %d" % (" ".join(words), code))
    return (usage.ru_utime + usage.ru_stime) * 1000


def instructions(words, environment):
    if shutil.which("valgrind") is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        words = ["valgrind", "--tool=callgrind", "--callgrind-out-file=" + folder + "/out", *words]
        done = subprocess.run(words, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        return int(re.search(r"Collected : (\d+)", done.stderr)[1]) / 1e6


def real(path):
    """The program itself, not the script that libtool puts before it."""
    hidden = os.path.join(os.path.dirname(path), ".libs", os.path.basename(path))
    return hidden if os.path.exists(hidden) else path


def row(person, name):
    environment = person.environment()
    words = [real(MAILCERT), *person.words("renew", "--due", "--quiet")[1:]]
    version = [real(MAILCERT), "--version"]
    pairs = [(cpu(version, environment), cpu(words, environment)) for _ in range(RUNS)]
    floor, timer = (statistics.median(column) for column in zip(*pairs))
    print("timer with nothing due, %s, median of %d" % (name, RUNS))
    print("  mailcert --version    %.2f ms" % floor)
    print("  mailcert renew --due  %.2f ms" % timer)
    print("  ratio                 %.2f (budget %.2f)" % (timer / floor, BUDGET))
    counts = [instructions(version, environment), instructions(words, environment)]
    if None not in counts:
        print("  instructions          %.1f M and %.1f M, ratio %.2f" % (*counts, counts[1] / counts[0]))


def multiply(person):
    """The generations before it: the same record again and again."""
    with sqlite3.connect(person.data + "/mailcert.db") as store:
        for _ in range(GENERATIONS):
            store.execute("INSERT INTO enrollments (version, state, open, ca, directory, created, record) "
                          "SELECT version, state, open, ca, directory, created, record FROM enrollments WHERE id = 1")
    store.close()


with Sandbox() as sandbox, Ca(sandbox, "--ari") as ca, Person(sandbox, ca) as person:
    if person.get("--keyring", "files:" + person.home + "/out").returncode != 0:
        sys.exit("bench: no certificate")
    row(person, "one certificate")
    multiply(person)
    row(person, "%d certificates" % (GENERATIONS + 1))
