#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""mailcert-hook on ordinary mail, against a bare C program that reads the same input, turn by turn in one run; then once for each
mail of a mailbox. BENCH_MAILS = how many that has."""

import os
import statistics
import sys
import tempfile
import time

BUILD = os.path.dirname(os.path.abspath(os.environ.get("MAILCERT", "./mailcert")))
HOOK, BARE = os.path.join(BUILD, "mailcert-hook"), os.path.join(BUILD, "tests/bench/bare-reader")
RUNS, MAILS, BUDGET = 200, int(os.environ.get("BENCH_MAILS", "100000")), 1.25
WORDS = b"Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor incididunt ut labore.\r\n"


def ordinary(number):
    """Like what a mailbox holds: some KiB, a header with traces; each hundredth is large."""
    trace = b"".join(b"Received: from mx%d.example.org (mx%d.example.org [192.0.2.%d])\r\n\tby mail.example.test with ESMTPS id %08x\r\n"
                     b"\tfor <alice@example.test>; Sun, 22 Nov 2026 02:00:0%d +0000\r\n" % (i, i, i, number, i) for i in range(4))
    header = trace + b"DKIM-Signature: v=1; a=rsa-sha256; d=example.org; s=k; h=from:to:subject;\r\n\tbh=" + b"A" * 44 + b";\r\n\tb=" + \
        b"B" * 344 + b"\r\nFrom: Bob <bob@example.org>\r\nTo: alice@example.test\r\nSubject: lunch no. %d\r\n" % number + \
        b"Message-ID: <%d@example.org>\r\nDate: Sun, 22 Nov 2026 02:00:00 +0000\r\nMIME-Version: 1.0\r\n\r\n" % number
    return header + WORDS * (1000 if number % 100 == 99 else 30)


def cost(program, path):
    """Wall and CPU seconds of one run with the mail as its input."""
    began = time.monotonic()
    pid = os.posix_spawn(program, [program], {"PATH": "/usr/bin:/bin"}, file_actions=[(os.POSIX_SPAWN_OPEN, 0, path, os.O_RDONLY, 0)])
    _, status, usage = os.wait4(pid, 0)
    if status != 0:
        sys.exit("bench: %s ended with %d" % (program, status))
    return time.monotonic() - began, usage.ru_utime + usage.ru_stime


def write(folder, number):
    path = os.path.join(folder, "mail")
    with open(path, "wb") as file:
        file.write(ordinary(number))
    return path


def one_mail(folder):
    path = write(folder, 0)
    rows = [(cost(BARE, path)[0], cost(HOOK, path)[0]) for _ in range(RUNS)]
    bare, hook = (statistics.median(column) * 1000 for column in zip(*rows))
    print("mailcert-hook on an ordinary mail, median of %d" % RUNS)
    print("  bare C program        %.3f ms" % bare)
    print("  mailcert-hook         %.3f ms" % hook)
    print("  ratio                 %.2f (budget %.2f)" % (hook / bare, BUDGET))


def whole_mailbox(folder):
    total = {HOOK: [0, 0, 0], BARE: [0, 0, 0]}
    for number in range(MAILS):
        path = write(folder, number)
        # The floor on every tenth mail, among them the large ones, is enough to scale it.
        for program in (HOOK,) + ((BARE,) if number % 10 == 9 else ()):
            wall, cpu = cost(program, path)
            total[program] = [total[program][0] + 1, total[program][1] + wall, total[program][2] + cpu]
    print("a mailbox of %d mails" % MAILS)
    for name, program in (("mailcert-hook", HOOK), ("bare C program, scaled", BARE)):
        runs, wall, cpu = total[program]
        if runs:
            print("  %-22s %.1f s, of it CPU %.1f s (%.3f ms a mail)" % (name, wall * MAILS / runs, cpu * MAILS / runs, wall * 1000 / runs))


with tempfile.TemporaryDirectory(prefix="mc-bench-") as place:
    one_mail(place)
    whole_mailbox(place)
