#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Folders that cannot be used and disks that are full: 73, and what was begun goes on when there is room again."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from stage import MAILCERT, Ca, Person, Sandbox, Tap, told  # noqa: E402
from trouble import QUICK, files, forgets, get, goes_on, ordered, refused  # noqa: E402

tap = Tap()
NOBODY = 65534


def spoil(person, how):
    """Makes the data folder unusable."""
    data = person.data
    if how == "a file in its place":
        open(data, "w").close()
    elif how == "a link to nowhere":
        os.symlink("/nonexistent/x", data)
    else:
        os.mkdir(data, 0o700)
    if how == "of another user":
        os.chown(data, NOBODY, NOBODY)
    elif how == "open to all":
        os.chmod(data, 0o777)
    elif how == "with another database in it":
        sqlite3.connect(os.path.join(data, "mailcert.db")).execute("CREATE TABLE x (y)").connection.commit()
    elif how == "with junk for a database":
        with open(os.path.join(data, "mailcert.db"), "w") as file:
            file.write("This is no database. " * 1000)
    elif how == "with a folder for a database":
        os.mkdir(os.path.join(data, "mailcert.db"))
    elif how == "with a database of another user":
        open(os.path.join(data, "mailcert.db"), "w").close()
        os.chown(os.path.join(data, "mailcert.db"), NOBODY, NOBODY)


def folders(sandbox):
    with Ca(sandbox) as ca:
        for how in ("a file in its place", "a link to nowhere", "of another user", "open to all", "with another database in it",
                    "with junk for a database", "with a folder for a database", "with a database of another user"):
            with Person(sandbox, ca) as person:
                spoil(person, how)
                refused(tap, get(person), 73, "data folder " + how, person.data)
                for verb in ("status", "renew"):
                    done = person.run("--json", verb)
                    if os.path.isdir(person.data) and os.listdir(person.data) or os.path.isfile(person.data):
                        refused(tap, done, 73, "%s, data folder %s" % (verb, how), person.data)
                    else:  # there is nothing to read
                        tap.equal(done.returncode, 0, "%s, data folder %s" % (verb, how), told(done))
                done = person.run("hook", stdin=CHALLENGE)
                tap.equal(done.returncode, 75, "hook, data folder %s: the filter keeps the mail" % how, told(done))
                tap.equal(ordered(ca), 0, how + ": nothing was ordered")
        with Person(sandbox, ca) as person:
            spoil(person, "with junk for a database")
            shutil.rmtree(person.data)
            goes_on(tap, person, ca, "the folder is in order")


CHALLENGE = ("From: acme@ca.test\nTo: alice@example.test\nSubject: ACME: LgYemJLy3F1LDkiJrdIGbEzyFJyOyf6vBdyZ1TG3sME\n"
             "Auto-Submitted: auto-generated; type=acme\nMessage-ID: <x@ca.test>\nDate: Sun, 22 Nov 2026 02:00:00 +0000\n\nx\n")


def others(sandbox):
    """Somebody without any rights: a home that is not hers, a home that cannot be written."""
    with Ca(sandbox) as ca, Person(sandbox, ca) as person:
        program = os.path.join(person.home, "mailcert")
        shutil.copy(MAILCERT, program)
        os.chmod(person.home, 0o755)
        readable = os.path.join(person.home, "ca.pem")
        shutil.copy(ca.ready["tls_root"], readable)
        for keys in person.keys.values():
            keys.update({key: readable for key in ("ca-file", "mail-roots") if key in keys})
        person.write()
        words = ["--config", person.config, "get", person.user, "--json", *QUICK, *files(person), "--agree-tos"]
        mine = os.path.join(person.home, "mine")
        os.mkdir(mine, 0o700)
        os.chown(mine, NOBODY, NOBODY)
        as_nobody = lambda home, *arguments: subprocess.run(
            [program, *arguments], capture_output=True, text=True, user=NOBODY, group=NOBODY, extra_groups=[],
            env=person.environment(HOME=home), stdin=subprocess.DEVNULL)
        for name, data in (("no folder can be made", person.data), ("the folder of another user", person.home)):
            refused(tap, as_nobody(mine, "--data-dir", data, *words), 73, "as nobody: " + name, data)
        tap.equal(ordered(ca), 0, "nothing was ordered")
        done = as_nobody(person.home, "--data-dir", mine, *words)
        tap.ok("note for mail filters" in done.stderr, "a home that cannot be written: it is said", told(done))
        done = as_nobody(person.home, "--data-dir", mine, "--config", person.config, "status", "--json")
        tap.equal(len(json.loads(done.stdout)["enrollments"]), 1, "and the request goes on all the same", told(done))


class Small:
    """A data folder on a file system of its own that is easily filled."""

    def __init__(self, person):
        self.dir, self.ballast = person.data, os.path.join(person.data, "ballast")
        os.mkdir(self.dir, 0o700)
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m,mode=700", "none", self.dir], capture_output=True, text=True)
        self.mounted = done.returncode == 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.mounted:
            subprocess.run(["umount", self.dir], check=True)

    def fill(self):
        with open(self.ballast, "wb", buffering=0) as file:
            try:
                while True:
                    file.write(b"x" * 512)
            except OSError:
                pass

    def empty(self):
        os.unlink(self.ballast)


def full(sandbox):
    with Ca(sandbox) as ca, Person(sandbox, ca) as person, Small(person) as small:
        if not small.mounted:
            tap.skip("a full disk", "the kernel does not let us mount")
            return
        small.fill()
        refused(tap, get(person), 73, "a disk that is full from the start", "full|space", "free space")
        tap.equal(ordered(ca), 0, "nothing was ordered")
        small.empty()
        done = person.run("get", person.user, "--json", *QUICK, *files(person), "--agree-tos", "--no-wait")
        tap.ok(done.returncode in (0, 75), "there is room: the order is opened", told(done))
        ca.wait("mails-out")
        if done.returncode == 75:
            small.fill()
            refused(tap, person.run("renew", "--json", "--wait", "20"), 73, "a disk that is full when the challenge has come",
                    "full|space", "free space")
            tap.equal(person.run("hook", stdin=CHALLENGE).returncode, 75, "hook: the filter keeps the mail")
            tap.equal(ca.state()["counters"].get("mails-in", 0), 0, "no reply has left that is not written down")
            small.empty()
        done = person.run("renew", "--wait", "30")
        tap.equal(done.returncode, 0, "there is room again: renew ends it", told(done))
        tap.equal(ca.state()["counters"]["mails-in"], 1, "with one reply")
        tap.equal(ca.violations(), [], "the CA saw no rule broken")


def old_gpgsm():
    """Before 2.4 it takes RSA keys only."""
    version = subprocess.run(["gpgsm", "--version"], capture_output=True, text=True).stdout.split("\n")[0].split()[-1]
    return tuple(map(int, version.split(".")[:2])) < (2, 4)


def keyrings(sandbox):
    """The certificate is there but its place cannot be written: 77, and install ends it. What can be known before is said before."""
    with Ca(sandbox, "--wait", "hold") as ca, Person(sandbox, ca) as person:
        if old_gpgsm():
            done = person.run("get", person.user, "--json", "--agree-tos", "--key", "p256", "--keyring", "gpgsm", "--wait", "9")
            refused(tap, done, 77, "a key that gpgsm does not take", "RSA keys only.*--key rsa3072", next_step=False)
            tap.equal((ordered(ca), person.status()), (0, []), "nothing was ordered")
            done = person.run("get", person.user, "--json", "--agree-tos", "--key", "p256", "--wait", "30")
            tap.equal(done.returncode, 0, "where no keyring is named, one is taken that can", told(done))
            tap.equal(person.status()[0]["keyrings"][0]["name"], "files:" + person.data + "/certificates", "plain files")
        path = os.path.join(person.home, "empty")
        os.mkdir(path)
        done = person.run("get", "bob@example.test", "--json", "--agree-tos", "--keyring", "gpgsm", environment={"PATH": path})
        refused(tap, done, 77, "no gpgsm", "not installed", next_step=False)
    sandbox.empty("alice@example.test")
    with Ca(sandbox) as ca, Person(sandbox, ca) as person:
        out = os.path.join(person.home, "out")
        open(out, "w").close()
        error = refused(tap, get(person), 77, "a file where the keyring's folder should be", "could not be put into files:",
                        "mailcert install alice@example.test")
        tap.equal(person.status()[0]["state"], "ISSUED", "the certificate is safe", error)
        refused(tap, person.run("forget", person.user, "--json"), 77, "forget keeps the only key", "export or install", next_step=False)
        os.unlink(out)
        done = person.run("install", person.user)
        tap.equal(done.returncode, 0, "install, when the folder can be made", told(done))
        tap.equal(person.status()[0]["state"], "INSTALLED", "and the request is done")
        tap.equal(ca.violations(), [], "the CA saw no rule broken")
        forgets(tap, person, "installed")
        tap.ok(os.listdir(out), "the keyring keeps what it has")


with Sandbox() as stage:
    for part in (folders, others, full, keyrings):
        if len(sys.argv) < 2 or part.__name__ in sys.argv[1:]:
            stage.empty("alice@example.test")
            part(stage)
tap.end()
