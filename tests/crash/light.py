# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A light world for striking the real program: one test CA, mails in files, a carrier that writes down what it was given
and hands it to the CA, somebody with a home folder in memory, and the page by which strike.so is told what to do."""

import os
import re
import select
import shutil
import struct
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "cli"))
from stage import MAILCERT, Ca, Person  # noqa: E402,F401

STRIKER = os.path.join(os.path.dirname(MAILCERT), "tests", "crash", ".libs", "strike.so")
MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
RUNNER = os.environ.get("MC_RUNNER", "").split()  # valgrind and its options
PATIENCE = 2 if not RUNNER else 60  # seconds: whoever takes longer waits for some later hour, which then comes
LATER = 700  # seconds: the CA is asked for 10 minutes whether a reply has come
HOURS = 12  # so often; then it hangs
STATE, NETWORK, MAIL = 1, 2, 4
ALL = STATE | NETWORK | MAIL
KILL, KILL_HALF = -1, -2

# What sendmail is here: writes the reply down under a name that was not there, then gives it to the CA. Where there is a
# file "dead" beside it, it dies without having done anything.
CARRIER = """#!/usr/bin/python3 -IS
import os, socket, sys
if os.path.exists("{home}/dead"):
    os.kill(os.getpid(), 9)
mail = sys.stdin.buffer.read().replace(b"\\n", b"\\r\\n")
number = 1
while True:
    try:
        file = os.open("{home}/sent/%d" % number, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        break
    except FileExistsError:
        number += 1
os.write(file, mail)
with socket.create_connection(("{host}", {port})) as ca:
    ca.sendall(b"POST /control/mail HTTP/1.1\\r\\nHost: {host}:{port}\\r\\nConnection: close\\r\\n"
               b"Content-Type: message/rfc822\\r\\nContent-Length: %d\\r\\n\\r\\n" % len(mail) + mail)
    while ca.recv(4096):
        pass
"""


class Hang(Exception):
    """A command that would not end."""


class Page:
    """strike.h's page, in a file."""

    LAYOUT = struct.Struct("=11q32s4096s")

    def __init__(self, folder):
        self.path = os.path.join(folder, "strike-page")
        self.set()

    def set(self, kinds=0, at=0, how=0, lasting=0, clock=0, steady=0, hurry=0, magic=0):
        with open(self.path + ".new", "wb") as file:
            file.write(self.LAYOUT.pack(kinds, at, how, lasting, clock, steady, hurry, magic, 0, 0, 0, b"", b""))
        os.rename(self.path + ".new", self.path)

    def set_clock(self, seconds, steady=False):
        """Of the program that runs just now."""
        with open(self.path, "r+b") as file:
            file.seek((5 if steady else 4) * 8)
            file.write(struct.pack("=q", seconds))

    def show_clock(self, seconds):
        """The same, until it has looked at the clock since: it does so every second."""
        self.set_clock(seconds)
        before = self.looks()
        while self.looks() < before + 2:  # the first may have been under way
            pass

    def looks(self):
        with open(self.path, "rb") as file:
            return self.LAYOUT.unpack(file.read())[10]

    def clock(self, steady=False):
        """Where a program in a hurry has come to."""
        with open(self.path, "rb") as file:
            return self.LAYOUT.unpack(file.read())[5 if steady else 4]

    def read(self):
        """(calls counted, calls struck, name of the first that was struck, trace)"""
        with open(self.path, "rb") as file:
            values = self.LAYOUT.unpack(file.read())
        return values[8], values[9], values[11].rstrip(b"\0").decode(), values[12][:values[8]].decode()


class LightCa(Ca):
    """Its challenges are signed by S/MIME: no DNS is needed, and all is over in an instant. Its clock can be set."""

    OPTIONS = ("--sign", "smime", "--judge-dkim", "none", "--wait", "hold", "--hold-seconds", "0.1", "--poll-delay", "0")

    def __init__(self, *options):
        self.folder = tempfile.mkdtemp(prefix="mc-x-", dir=MEMORY)
        self.page, self.clock = Page(self.folder), 0
        super().__init__(None, *self.OPTIONS, *options, wire=False, environment={"LD_PRELOAD": STRIKER, "MC_STRIKE": self.page.path})
        self.outbox = os.path.join(self.dir, "mail-out")

    def __exit__(self, *_):
        super().__exit__()
        shutil.rmtree(self.folder, ignore_errors=True)

    def later(self, seconds=LATER):
        """For the CA and for everybody."""
        self.clock += seconds
        self.page.set_clock(self.clock)

    def mails(self):
        """{name: octets} of all challenge mails, when none is under way any more."""
        state = self.state()
        while any(challenge["mail_state"] == "sending" for challenge in state["challenges"]):
            self.wait("mails-out", state["counters"].get("mails-out", 0) + 1)
            state = self.state()
        found = {}
        for name in sorted(os.listdir(self.outbox)) if os.path.isdir(self.outbox) else ():
            with open(os.path.join(self.outbox, name), "rb") as file:
                found[name] = file.read()
        return found


class Somebody(Person):
    """One of many, each with addresses of their own; extra: how many besides the first."""

    def __init__(self, ca, number, extra=0):
        self.ca = ca
        self.user = "p%d@example.test" % number
        self.addresses = [self.user] + ["p%d-%d@example.test" % (number, n + 2) for n in range(extra)]
        self.home = tempfile.mkdtemp(prefix="mc-x-", dir=MEMORY)
        self.gnupg = os.path.join(self.home, "g")
        self.data = os.path.join(self.home, "data")
        self.config = os.path.join(self.home, "mailcert.conf")
        self.out = os.path.join(self.home, "out")
        self.sink = os.path.join(self.home, "sent")
        self.carrier = os.path.join(self.home, "sendmail")
        os.mkdir(self.sink)
        host, port = ca.ready["control"].split("/")[2].split(":")
        with open(self.carrier, "w") as file:
            file.write(CARRIER.format(home=self.home, host=host, port=port))
        os.chmod(self.carrier, 0o755)
        self.keys = {"mailcert": {"default-ca": "test"},
                     "ca test": {"directory": ca.ready["directory"], "ca-file": ca.ready["tls_root"], "mail-roots": ca.ready["root"]}}
        for address in self.addresses:
            self.keys["account " + address] = {"sendmail": self.carrier}
        self.write()
        self.page = Page(self.home)

    def __exit__(self, *_):
        shutil.rmtree(self.home, ignore_errors=True)

    def environment(self, **more):
        more.setdefault("LD_PRELOAD", STRIKER)
        more.setdefault("MC_STRIKE", self.page.path)
        if "ASAN_OPTIONS" in os.environ:  # strike.so comes before the sanitizer's library
            more.setdefault("ASAN_OPTIONS", os.environ["ASAN_OPTIONS"] + ":verify_asan_link_order=0")
        return super().environment(**more)

    def world(self):
        """What the page says beside a strike."""
        return {"clock": self.ca.clock}

    def run(self, *words, stdin=None, strike=None, meanwhile=None, **_):
        """One command, to its very end: also of what it leaves running in the background. MEANWHILE () is called once it
        runs."""
        self.page.set(**self.world(), **(strike or {}))
        ours, theirs = os.pipe()
        with open(os.path.join(self.home, "stdin"), "wb") as file:
            file.write(stdin or b"")
        with open(file.name, "rb") as file, open(os.path.join(self.home, "stdout"), "w+") as out, \
                open(os.path.join(self.home, "stderr"), "w+") as err:
            process = subprocess.Popen([*RUNNER, *self.words(*words)], stdin=file, stdout=out, stderr=err, env=self.environment(),
                                       pass_fds=(theirs,))
            os.close(theirs)
            if meanwhile:
                meanwhile()
            self.await_end(ours, process)
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            done = subprocess.CompletedProcess(words, process.returncode)
            done.peak = usage.ru_maxrss  # KiB
            out.seek(0)
            err.seek(0)
            done.stdout, done.stderr = out.read(), err.read()
        done.calls, done.struck, done.name, done.trace = self.page.read()
        return done

    def await_end(self, pipe, process):
        """The pipe's other end is closed when the last process has ended that has it."""
        try:
            for _ in range(HOURS):
                if select.select([pipe], [], [], PATIENCE)[0]:
                    return
                self.ca.later()
                self.page.set_clock(self.ca.clock)
            process.kill()
            raise Hang("%s after %d times %d seconds" % (process.args, HOURS, LATER))
        finally:
            os.close(pipe)

    def replies(self):
        """The In-Reply-To of each mail that the carrier was given."""
        found = []
        for name in sorted(os.listdir(self.sink)):
            with open(os.path.join(self.sink, name), "rb") as file:
                match = re.search(rb"(?mi)^In-Reply-To: *(<[^>]*>)", file.read())
            found.append(match.group(1).decode() if match else "")
        return found
