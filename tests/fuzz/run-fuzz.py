#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""run-fuzz.py BUILD [NAME...]: what "make fuzz" does once the fuzzers are built for libFuzzer in BUILD.

Runs each (or those named), one at a time, until it has used FUZZ_SECONDS (600) of processor time on its corpus, which
stays in BUILD/corpus/NAME; what it finds is kept in BUILD/findings. BUILD/SUMMARY gets a line for each: processor
seconds, executions, coverage (edges), inputs in the corpus, findings. Exit status 1 if there is a finding."""

import glob
import os
import re
import resource
import subprocess
import sys

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
DATA = os.path.join(TOP, "tests", "data")
SHARED = {"chain": [], "client": ["clients"], "config": ["config", "../../core/ca.d"], "forge": [], "json": ["acme"], "record": ["records"], "server": [], "text": []}
LARGEST = 64 * 1024


def processor_seconds():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


class Run:
    """One fuzzer."""

    def __init__(self, build, name):
        self.build, self.name = build, name
        self.seconds, self.executions, self.edges = 0.0, 0, 0
        self.corpus = os.path.join(build, "corpus", name)
        self.found = os.path.join(build, "findings", name + "-")
        for folder in (self.corpus, os.path.dirname(self.found)):
            os.makedirs(folder, exist_ok=True)

    def seeds(self):
        folders = [os.path.join(DATA, folder) for folder in SHARED.get(self.name, ["mail"])]
        return [folder for folder in (*folders, os.path.join(self.build, "tests", "seeds", self.name)) if os.path.isdir(folder)]

    def once(self, wall):
        """WALL seconds, the smaller part of which may be ours; the exit status."""
        before = processor_seconds()
        log = os.path.join(self.build, "findings", self.name + ".log")
        with open(log, "wb") as output:
            done = subprocess.run(
                [os.path.join(self.build, "tests", "fuzz", "fuzz-" + self.name), "-max_total_time=%d" % wall,
                 "-print_final_stats=1", "-timeout=60", "-rss_limit_mb=2048", "-max_len=%d" % LARGEST,
                 "-artifact_prefix=" + self.found, self.corpus, *self.seeds()],
                stdout=output, stderr=subprocess.STDOUT, check=False)
        self.seconds += processor_seconds() - before
        with open(log, encoding="utf-8", errors="replace") as file:
            text = file.read()
        self.executions += sum(map(int, re.findall(r"stat::number_of_executed_units: *(\d+)", text)))
        self.edges = max([self.edges, *map(int, re.findall(r" cov: (\d+)", text))])
        return done.returncode

    def findings(self):
        return glob.glob(glob.escape(self.found) + "*")

    def run(self, seconds):
        """Other programs want the processor too: it goes on until the time that it got is enough."""
        status = 0
        while status == 0 and self.seconds < seconds:
            status = self.once(max(20, seconds - self.seconds))
        line = "%-10s %6d s %11d executions %6d edges %6d inputs %s" % (
            self.name, self.seconds, self.executions, self.edges, len(os.listdir(self.corpus)),
            "no finding" if status == 0 else "FOUND (status %d): %s" % (status, " ".join(self.findings()) or "see its log"))
        print(line, flush=True)
        with open(os.path.join(self.build, "SUMMARY"), "a", encoding="utf-8") as summary:
            print(line, file=summary)
        return status == 0


def main(build, *names):
    if not names:
        programs = glob.glob(os.path.join(TOP, "tests", "fuzz", "fuzz-*.c"))
        names = sorted(os.path.basename(path)[5:-2] for path in programs)
    seconds = float(os.environ.get("FUZZ_SECONDS", "600"))
    clean = [Run(build, name).run(seconds) for name in names]
    return 0 if all(clean) else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
