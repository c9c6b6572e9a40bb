#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Forged mail, no network, a root that nobody knows, and Claws Mail killed at each step: one reply, one certificate, nothing lost."""

import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from desktop import Claws, Desktop  # noqa: E402
from held import HeldCa, unsigned  # noqa: E402
from stage import Ca, Sandbox, Tap  # noqa: E402

tap = Tap()
USER = "alice@example.test"


def deliver(claws, mail):
    claws.sandbox.run("deliver", USER, stdin=mail)
    claws.fetch()


def ready(claws):
    claws.desktop.until(lambda: "default_sign=1" in claws.read("accountrc"), "the account to sign")


def whole(claws, name, replies=1):
    ready(claws)
    state = claws.ca.state()
    tap.equal((state["counters"].get("mails-in"), len(state["certificates"])), (replies, 1), name + ": one reply, one certificate")
    tap.equal(claws.ca.violations(), [], name + ": the CA saw no rule broken")
    tap.equal(os.listdir(os.path.join(claws.home, "Mail", "queue")) and
              [n for n in os.listdir(os.path.join(claws.home, "Mail", "queue")) if n.isdigit()], [], name + ": the queue is empty")


def story(name):
    """A story gets a CA and a Claws Mail of its own; what goes wrong in it is one failed test."""
    def wrap(function):
        def tell(desktop, sandbox, make=Ca, options=("--wait", "hold", "--terms", "self"), **keys):
            sandbox.empty(USER)
            with make(sandbox, *options) as ca, Claws(desktop, sandbox, ca, keys.pop("kind", "mh"), **keys) as claws:
                try:
                    claws.start()
                    function(claws, ca)
                except (TimeoutError, OSError) as error:
                    desktop.shot("trouble-" + name.replace(" ", "-"))
                    tap.ok(False, name + ": no trouble", "%s\n%s\n%s\n%s" % (error, claws.texts(), ca.log()[-3:], claws.told()))
        return tell
    return wrap


@story("forged")
def forged(claws, ca):
    claws.ask()
    mail = ca.challenge()
    deliver(claws, unsigned(mail).replace(b"Message-ID: <", b"Message-ID: <forged."))
    claws.desktop.until(lambda: "not answered: unsigned" in claws.told(), "the verdict")
    tap.equal(ca.state()["counters"].get("mails-in", 0), 0, "forged: it is not answered")
    deliver(claws, mail)
    whole(claws, "forged, then genuine")


@story("offline")
def offline(claws, ca):
    claws.ask()
    ca.wait("mails-out")
    claws.tell("--offline")
    claws.fetch()
    claws.see("label", "The reply to test is being sent.")
    tap.equal(ca.state()["counters"].get("mails-in", 0), 0, "offline: nothing leaves")
    claws.tell("--online")
    whole(claws, "offline, then online")


@story("unknown root")
def unknown_root(claws, ca):
    claws.ask()
    ca.wait("mails-out")
    claws.fetch()
    claws.see("push button", "Trust this CA")
    claws.desktop.shot("root")
    tap.ok("default_sign=1" not in claws.read("accountrc"), "unknown root: the account does not sign before it is trusted")
    tap.ok(any(ca.ready["root_sha256"][:4].upper() in text for text in claws.texts()), "unknown root: its fingerprint is shown",
           claws.texts())
    claws.press("push button", "Trust this CA")
    whole(claws, "unknown root, then trusted")
    tap.equal(claws.activations, 4, "unknown root: one activation more")


@story("killed")
def killed(claws, ca):
    """After the order, after the reply has left, and after the certificate has come."""
    claws.ask()
    ca.wait("mails-out")
    claws.kill()
    claws.start()
    claws.fetch()
    ca.wait("mails-in")
    claws.kill()
    claws.start()
    ca.wait("downloads")
    claws.kill()
    claws.start()
    whole(claws, "killed")


@story("killed with the mail there")
def killed_later(claws, ca):
    """The challenge came while Claws Mail was open, and it ended before it was looked at: found again at the start."""
    claws.ask()
    ca.wait("mails-out")
    claws.tell("--offline")
    claws.fetch()
    claws.see("label", "The reply to test is being sent.")
    claws.kill()
    claws.start()
    whole(claws, "killed while sending")


def main():
    with Desktop() as desktop, Sandbox() as sandbox:
        forged(desktop, sandbox, make=HeldCa, kind="mbox")
        offline(desktop, sandbox)
        unknown_root(desktop, sandbox, trusted=False)
        killed(desktop, sandbox)
        killed_later(desktop, sandbox)
    tap.end()


main()
