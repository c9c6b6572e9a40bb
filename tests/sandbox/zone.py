# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Live edits of the zone, through knotc; opendkim's copy of the DKIM keys follows."""

import os
import re
import signal
import subprocess

import keeper
import world


def knotc(description, *command):
    socket_path = os.path.join(description["dir"], "dns/knot.sock")
    result = subprocess.run(["/usr/sbin/knotc", "-s", socket_path] + list(command), capture_output=True, text=True)
    if result.returncode != 0:
        raise world.Refused("%s: %s" % (" ".join(command), (result.stderr or result.stdout).strip()))


def edit(description, verb, name, rtype, value=None):
    """verb: set (the only record of this name and type), add (one more) or unset."""
    name = name.rstrip(".").lower()
    rtype = rtype.upper()
    if name != "test" and not name.endswith(".test"):
        raise world.Refused("%s: only names below test can be changed" % name)
    if rtype == "TXT" and value is not None and not value.startswith('"'):
        value = world.quoted(value)
    knotc(description, "zone-begin", "test")
    try:
        if verb != "add":
            try:
                knotc(description, "zone-unset", "test", name + ".", rtype)
            except world.Refused as error:
                if verb == "unset" or not re.search("no such|not exist", str(error)):
                    raise
        if verb != "unset":
            knotc(description, "zone-set", "test", name + ".", "1", rtype, value)
        knotc(description, "zone-commit", "test")
    except world.Refused:
        knotc(description, "zone-abort", "test")
        raise
    if rtype == "TXT" and "._domainkey." in name:
        follow(description, verb, name, value)


def follow(description, verb, name, value):
    path = os.path.join(description["dir"], "opendkim/dnsdata")
    with open(path) as file:
        lines = [line for line in file if verb == "add" or line.split(" ", 1)[0] != name]
    if verb != "unset":
        text = "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', value))
        lines.append("%s %s\n" % (name, re.sub(r"\\(.)", r"\1", text)))
    world.write(path, "".join(lines))
    keeper.kill(description["pids"]["opendkim"], signal.SIGUSR1)  # it reads the file again before the next mail
