#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A request under valgrind, in the real Claws Mail: its mail comes, the window shows how it goes, the account signs, the plugin
is unloaded and loaded again, the program ends. No error may have a frame of ours in its stack; those of others are theirs."""

import itertools
import os
import shutil
import signal
import sqlite3
import sys
import xml.etree.ElementTree

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from desktop import PLUGIN, PROBE, Claws, Desktop  # noqa: E402
from stage import Ca, Sandbox, Tap  # noqa: E402

tap = Tap()
USER = "alice@example.test"
PATIENCE = 600  # seconds: all is slow under valgrind, and the machine may have other things to do
OURS = ("/core/", "/ui/", "/plugin/")  # where a module is gone its sources' folders are still known
FORGETFUL = ("libfontconfig", "libpango", "libgpgme", "pgpcore.so", "progress_dialog_create", "folder_item_scan_full")


def begin(claws):
    """What takes long under valgrind is done without it: the request, and the key."""
    claws.start()
    claws.ask()
    claws.ca.wait("mails-out")
    path = os.path.join(claws.home, ".local", "share", "mailcert", "mailcert.db")
    has_key = lambda: sqlite3.connect("file:%s?mode=ro" % path, uri=True).execute("SELECT count(*) FROM keys").fetchone()[0]
    claws.desktop.until(has_key, "the key")
    claws.end()


def live(claws, report):
    claws.launch(("valgrind", "--xml=yes", "--xml-file=" + report, "--num-callers=30", "--child-silent-after-fork=yes",
                  "--keep-debuginfo=yes", "--leak-check=full", "--show-leak-kinds=definite", "--fair-sched=try"),
                 NO_AT_BRIDGE="1", G_SLICE="always-malloc", G_DEBUG="gc-friendly")
    claws.desktop.until(lambda: "probe: at work" in claws.told(), "Claws Mail")
    claws.process.send_signal(signal.SIGUSR2)
    claws.desktop.until(lambda: "(window)" in claws.told(), "the window")
    claws.fetch()
    claws.desktop.until(lambda: "default_sign=1" in claws.read("accountrc"), "the account to sign")
    claws.reload()
    tap.equal(claws.end(), 0, "Claws Mail ends well")


def is_ours(frame):
    return frame.findtext("obj") == PLUGIN or any(part in (frame.findtext("dir") or "") + "/" for part in OURS)


def told_of(error):
    return "%s %s\n%s" % (error.findtext("kind"), error.findtext("xwhat/text") or error.findtext("what"), "\n".join(
        "  %s (%s:%s)" % (frame.findtext("fn"), frame.findtext("file") or frame.findtext("obj"), frame.findtext("line"))
        for frame in error.iter("frame")))


def is_theirs(frame):
    """It keeps or forgets memory of its own, whoever calls it."""
    return any(name in (frame.findtext("obj") or "") for name in FORGETFUL) or frame.findtext("fn") in FORGETFUL


def errors(report):
    """(number of all, texts of those that have a frame of ours). Memory that somebody below us has forgotten is no fault of ours."""
    every = list(xml.etree.ElementTree.parse(report).getroot().iter("error"))
    ours = []
    for error in every:
        stack = list(error.find("stack"))
        inner = list(itertools.takewhile(lambda frame: not is_ours(frame), stack))
        leak = error.findtext("kind").startswith("Leak")
        if any(map(is_ours, error.iter("frame"))) and not (leak and any(map(is_theirs, inner))):
            ours.append(told_of(error))
    return len(every), ours


def main():
    if shutil.which("valgrind") is None:
        print("1..0 # SKIP missing: valgrind")
        return
    with Desktop() as desktop, Sandbox() as sandbox:
        sandbox.empty(USER)
        with Ca(sandbox, "--wait", "hold", "--terms", "self") as ca, \
                Claws(desktop, sandbox, ca, "mbox", plugins=(PROBE,)) as claws:
            report = os.path.join(claws.home, "valgrind.xml")
            try:
                begin(claws)
                desktop.patience = PATIENCE
                live(claws, report)
                every, ours = errors(report)
                tap.equal(ours, [], "no error of memory has a frame of ours", "\n".join(ours))
                print("# errors and forgotten memory in all, others' too: %d" % every)
            except (TimeoutError, OSError) as error:
                tap.ok(False, "no trouble", "%s\n%s\n%s" % (error, ca.log()[-3:], claws.told()))
            tap.equal(ca.state()["counters"].get("mails-in"), 1, "one reply")
            tap.equal(ca.violations(), [], "the CA saw no rule broken")
    tap.end()


main()
