#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a person has to hear of: notifications of the desktop, and the commands on-installed, on-action-needed, on-failed."""

import os
import signal
import socket
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from bus import Bus, is_possible  # noqa: E402
from stage import Ca, Person, Sandbox, Tap, told  # noqa: E402

tap = Tap()
ALICE = "alice@example.test"


class Hearer(Person):
    """Her commands write down what they are told; her notifications go to the bus."""

    def __init__(self, sandbox, ca, bus, **keys):
        super().__init__(sandbox, ca, **keys)
        self.bus = bus
        for name in ("on-installed", "on-action-needed", "on-failed"):
            # "%" and ";" would be a shell's: no shell of ours takes the words apart
            self.keys["mailcert"][name] = "sh -c 'echo \"%s $MAILCERT_ADDRESSES $MAILCERT_STATE $MAILCERT_PROBLEM\" >>%s/heard; exit %d'" % (
                name, self.home, 3 if name == "on-action-needed" else 0)
        self.write()

    def environment(self, **more):
        return super().environment(DBUS_SESSION_BUS_ADDRESS=self.bus.address if self.bus else "unix:path=/nonexistent", **more)

    def heard(self):
        path = self.home + "/heard"
        if not os.path.exists(path):
            return []
        with open(path) as file:
            lines = file.read().split("\n")[:-1]
        os.unlink(path)
        return [line.rstrip() for line in lines]


def get(person, *words):
    return person.run("get", ALICE, "--agree-tos", "--wait", "60", "--key", "p256", "--keyring", "files:" + person.home + "/out", *words)


def heard(person, commands, notifications, name):
    """Each exactly once: the commands' lines, and what each notification must say."""
    tap.equal(person.heard(), commands, name + ": commands")
    shown = person.bus.taken()
    tap.ok(len(shown) == len(notifications) and all(words in line for words, line in zip(notifications, shown)), name + ": notifications",
           (shown, notifications))


def certificate(sandbox, bus):
    with Ca(sandbox, "--wait", "hold") as ca, Hearer(sandbox, ca, bus) as person:
        done = get(person)
        tap.equal(done.returncode, 0, "enrolls", told(done))
        heard(person, ["on-installed alice@example.test INSTALLED"], ["Certificate for alice@example.test is ready until"], "installed")
        done = person.run("renew", "--force", "--wait", "60")
        tap.equal(done.returncode, 0, "renews", told(done))
        heard(person, ["on-installed alice@example.test INSTALLED"], [], "a renewal that worked")
        person.keys["mailcert"]["notify"] = "false"
        person.write()
        done = person.run("renew", "--force", "--wait", "60")
        person.run("forget", ALICE)
        person.heard()
        done = get(person)
        tap.equal(done.returncode, 0, "enrolls anew", told(done))
        heard(person, ["on-installed alice@example.test INSTALLED"], [], "notify = false")
    sandbox.empty(ALICE)


def trouble(sandbox, bus):
    with Ca(sandbox, "--wait", "hold") as ca, Hearer(sandbox, ca, bus, account={"password-command": "echo wrong"}) as person:
        done = get(person)
        tap.ok(done.returncode == 78 and "sh ended with status 3" in done.stderr, "a wrong password; how the command ended is logged", told(done))
        heard(person, ["on-action-needed alice@example.test NEW mailcert:login"], ["did not accept the login"], "a person is needed")
        for words in (("renew",), ("renew", "--due")):
            done = person.run(*words)
        tap.equal(done.returncode, 78, "the same again", told(done))
        heard(person, [], [], "which is no news")
        person.keys["account " + ALICE]["password-command"] = "cat " + sandbox.facts["users"][ALICE]["password_file"]
        person.write()
        done = person.run("renew", "--wait", "60")
        tap.equal(done.returncode, 0, "it goes on when that is mended", told(done))
        heard(person, ["on-installed alice@example.test INSTALLED"], ["is ready until"], "installed after all")
    sandbox.empty(ALICE)


def failure(sandbox, bus):
    with Ca(sandbox, "--fail", "reject::" + ALICE) as ca, Hearer(sandbox, ca, bus) as person:
        done = get(person)
        tap.equal(done.returncode, 69, "refused", told(done))
        heard(person, ["on-failed alice@example.test FAILED rejectedIdentifier"], ["is not welcome here"], "failed")
        person.run("forget", ALICE)
        heard(person, [], [], "forgotten")


def only_mail(sandbox):
    path = sandbox.run("mail", ALICE).decode().split("\n")[0]
    with open(path, "rb") as file:
        mail = file.read()
    sandbox.empty(ALICE)
    return mail


def unasked(sandbox, bus):
    """Somebody else asks for a certificate in her name, and her mail filter sees the CA's mail."""
    with Ca(sandbox) as ca, Hearer(sandbox, ca, bus) as person, Person(sandbox, ca) as other:
        done = other.run("get", ALICE, "--agree-tos", "--no-wait", "--key", "p256", "--keyring", "files:" + other.home + "/out")
        tap.ok(done.returncode in (0, 75), "somebody else asks", told(done))
        ca.wait("mails-out")
        mails = [only_mail(sandbox)]
        other.run("forget", ALICE)
        other.run("get", ALICE, "--agree-tos", "--no-wait", "--key", "p256", "--keyring", "files:" + other.home + "/out")
        ca.wait("mails-out", 2)
        mails.append(only_mail(sandbox))
        told_once = ["in your name"]
        for name, mail, wanted in (("unasked", mails[0], told_once), ("the same mail again", mails[0], []), ("another", mails[1], told_once),
                                   ("the first once more", mails[0], []), ("and the other", mails[1], [])):
            done = person.run("hook", stdin=mail)
            tap.equal(done.returncode, 0, name + ": hook", told(done))
            heard(person, [], wanted, name)
        person.run("hook", stdin=mails[0].replace(b"Date: ", b"Date: Sun, 1 Jan 2023 00:00:00 +0000, "))
        heard(person, [], [], "one that is not genuine")
        tap.equal(ca.state()["counters"].get("mails-in", 0), 0, "nothing was answered")
        tap.equal(person.status(), [], "and nothing was asked for")
    sandbox.empty(ALICE)


def nobody_there(sandbox):
    """No bus, and a bus with nobody on it who shows anything: not a word about that."""
    with Bus(listener=False) as deaf:
        for bus, name in ((None, "no bus"), (deaf, "nobody on the bus")):
            with Ca(sandbox, "--wait", "hold") as ca, Hearer(sandbox, ca, bus) as person:
                done = get(person)
                tap.ok(done.returncode == 0 and done.stderr == "", name, told(done))
            sandbox.empty(ALICE)


class SilentBus:
    """Takes every connection and says nothing, ever."""

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="mc-bus-", dir="/tmp")
        self.address = "unix:path=%s/bus" % self.folder.name
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.bind(self.folder.name + "/bus")
        self.socket.listen(100)
        return self

    def __exit__(self, *_):
        self.socket.close()
        self.folder.cleanup()


def odd_commands(sandbox):
    """What the person's commands do, or are, holds nothing up; nor does a bus on which nobody says a word."""
    with SilentBus() as bus, Ca(sandbox, "--wait", "hold") as ca, Hearer(sandbox, ca, bus) as person:
        os.mkdir(person.config + ".d", 0o700)
        plain = person.home + "/plain"
        open(plain, "w").close()
        for number, command in enumerate((person.home, plain, person.home + "/none", "sh -c 'kill -9 $$'", "sh -c 'head -c 100000000 /dev/zero'",
                                          "sh -c 'echo $$ >%s/pid; exec sleep 600'" % person.home)):
            with open("%s.d/%d.conf" % (person.config, number), "w") as file:
                file.write("[mailcert]\non-installed = %s\n" % command)
        done = get(person)
        tap.equal(done.returncode, 0, "odd commands, and a bus that says nothing: it ends all the same", told(done))
        tap.equal(person.heard(), ["on-installed alice@example.test INSTALLED"], "the command that is in order has run", told(done))
        tap.ok(all(words in done.stderr for words in ("none could not be run", "sh was ended by signal 9")), "what went wrong is told", told(done))
        with open(person.home + "/pid") as file:
            os.kill(int(file.read()), signal.SIGTERM)
    sandbox.empty(ALICE)


if not is_possible():
    print("1..0 # SKIP there is no dbus-daemon or no python3-gi")
    sys.exit(0)
with Sandbox() as stage, Bus() as session:
    for part in (certificate, trouble, failure, unasked):
        if len(sys.argv) < 2 or part.__name__ in sys.argv[1:]:
            part(stage, session)
    nobody_there(stage)
    odd_commands(stage)
tap.end()
