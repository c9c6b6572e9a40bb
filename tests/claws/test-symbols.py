#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plugin exports what Claws Mail looks for and nothing else; all that it needs is in Claws Mail or its libraries."""

import os
import re
import shutil
import subprocess
import sys

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(os.path.dirname(HERE), "cli")]
from screen import PLUGIN, check_host  # noqa: E402
from stage import Tap  # noqa: E402

ENTRIES = {"plugin_" + name for name in ("desc", "done", "init", "licence", "name", "provides", "type", "version")}


def symbols(path, kind):
    out = subprocess.run(["nm", "-D", "--" + kind + "-only", path], check=True, capture_output=True, text=True).stdout
    return {(line.split()[-2], line.split()[-1].split("@")[0]) for line in out.splitlines()}


def libraries(path):
    out = subprocess.run(["ldd", path], check=True, capture_output=True, text=True).stdout
    return set(re.findall(r"(/\S+) \(0x", out))


def described(tap):
    """What software centres show is valid, and stands beside the program that Claws Mail's package describes."""
    path = os.path.join(os.path.dirname(os.path.dirname(HERE)), "plugin", "claws", "org.claws_mail.mailcert.metainfo.xml")
    done = subprocess.run(["appstreamcli", "validate", "--no-net", "--pedantic", path], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    tap.equal(done.returncode, 0, "the metainfo is valid", done.stdout)
    with open(path, encoding="utf-8") as file:
        extends = re.search("<extends>(.*)</extends>", file.read()).group(1)
    tap.ok(os.path.exists("/usr/share/applications/" + extends), "and of an add-on to Claws Mail", extends)


def main():
    check_host()
    tap = Tap()
    host = shutil.which("claws-mail")
    tap.equal({name for _, name in symbols(PLUGIN, "defined")}, ENTRIES, "only the entries of a plugin are exported")
    known = {name for path in {host} | libraries(host) | libraries(PLUGIN) for _, name in symbols(path, "defined")}
    missing = {name for kind, name in symbols(PLUGIN, "undefined") if kind == "U"} - known
    tap.equal(missing, set(), "nothing is missing in this version of Claws Mail")
    used = {name for kind, name in symbols(PLUGIN, "undefined") if kind == "U"} & {n for _, n in symbols(host, "defined")}
    tap.ok("procmsg_send_message_queue_with_lock" in used, "and Claws Mail's own functions are among what was looked for")
    described(tap)
    tap.end()


main()
