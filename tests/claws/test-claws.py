#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a fresh profile to signed mail: the menu entry, the terms, one button, and nothing more."""

import email
import os
import re
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import beat  # noqa: E402
from desktop import PROBE, Claws, Desktop  # noqa: E402
from stage import Ca, Sandbox, Tap  # noqa: E402

tap = Tap()


def signed_by_root(claws, mail):
    """openssl, which knows nothing of us, checks the mail against the CA's root."""
    path = os.path.join(claws.home, "signed.eml")
    with open(path, "wb") as file:
        file.write(mail)
    return subprocess.run(["openssl", "cms", "-verify", "-in", path, "-CAfile", claws.ca.ready["root"], "-purpose", "smimesign",
                           "-out", "/dev/null"], capture_output=True, text=True)


def enroll(claws):
    claws.ask(shot="request")
    claws.ca.wait("mails-out")
    claws.fetch()
    claws.ca.wait("downloads")
    claws.see("label", "Certificate for %s is ready" % claws.user)


def whole(desktop, sandbox, kind):
    sandbox.empty("alice@example.test")
    sandbox.empty("bob@example.test")
    with Ca(sandbox, "--wait", "hold", "--terms", "self") as ca, \
            Claws(desktop, sandbox, ca, kind, plugins=(PROBE,)) as claws:
        claws.start()
        try:
            enroll(claws)
            desktop.shot("done-" + kind)
            tap.equal(claws.activations, 3, kind + ": three activations: the entry, the terms, the button")
            tap.equal(claws.typed, 0, kind + ": and nothing is typed")
            tap.equal(ca.violations(), [], kind + ": the CA saw no rule broken")
            tap.equal(ca.state()["counters"].get("mails-in"), 1, kind + ": one reply")
            mail = claws.compose()
            tap.equal(email.message_from_bytes(mail).get_content_type(), "multipart/signed", kind + ": new mail is signed")
            done = signed_by_root(claws, mail)
            tap.equal(done.returncode, 0, kind + ": and verifies with openssl", done.stderr)
            if kind == "imap":
                tap.ok(any("R" in path.split(":2,")[-1] for path in claws.maildir() if ":2," in path),
                       "imap: the challenge is marked as answered", claws.maildir())
            tap.equal(claws.end(), 0, kind + ": Claws Mail ends well", claws.told())
            lines, cpu = beat.told(claws.told())
            for line in re.findall("(?:longest call|reply accepted).*", claws.told()) + lines:
                print("# %s: %s" % (kind, line))
            tap.ok(cpu < 50000, kind + ": no beat of the main loop is over 50 ms because of us", lines)
        except (TimeoutError, OSError) as error:
            desktop.shot("trouble-" + kind)
            tap.ok(False, kind + ": no trouble", "%s\n%s\n%s\n%s" % (error, claws.texts(), ca.log()[-3:], claws.told()))


def main():
    with Desktop() as desktop, Sandbox() as sandbox:
        for kind in ("pop", "imap", "mbox", "mh"):  # dovecot's POP3 minds mail that is taken away behind its back
            whole(desktop, sandbox, kind)
    tap.end()


main()
