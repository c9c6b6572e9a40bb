#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""mutt and neomutt on a terminal: one line in the configuration, mailcert get, one key; then mail is signed and opened, also with a
second certificate, in a client that runs all the while."""

import os
import re
import subprocess
import sys
import time

sys.dont_write_bytecode = True
sys.path[:0] = [os.path.dirname(os.path.abspath(__file__)),
                os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cli")]
from screen import PATIENCE, MuttUser, Screen  # noqa: E402
from stage import Ca, Sandbox, Tap, told  # noqa: E402

tap = Tap()
ALICE, BOB = "alice@example.test", "bob@example.test"


def get(person, *words):
    return person.run("get", person.user, "--agree-tos", "--trust-root", person.ca.ready["root_sha256"], "--no-wait", *words)


def keys_in(path):
    with open(path) as file:
        return re.findall(r'smime_default_key="([^"]+)"', file.read())


def until(condition):
    """What CONDITION gives as soon as that is something; a file that another process will write."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.05)
    return None


def sandbox_mails(sandbox, user):
    """The files of the mailbox, oldest first."""
    folder = os.path.join(sandbox.facts["users"][user]["maildir"], "new")
    return sorted((os.path.join(folder, name) for name in os.listdir(folder)), key=lambda path: os.stat(path).st_mtime_ns)


def inbox(sandbox, user, count):
    return until(lambda: sandbox_mails(sandbox, user)[count - 1:count] or None)


def signer(person, path):
    """The serial number that the mail in PATH is signed with, verified by openssl; or why not."""
    out = os.path.join(person.home, "signer.pem")
    done = subprocess.run(["openssl", "cms", "-verify", "-in", path, "-CAfile", person.ca.ready["root"], "-purpose", "smimesign", "-signer", out,
                           "-out", os.path.join(person.home, "text")], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode != 0:
        return done.stderr
    return subprocess.run(["openssl", "x509", "-in", out, "-noout", "-serial"], capture_output=True, text=True).stdout.split("=")[1].strip().lower()


def serial(person, number):
    enrollments = [e for e in person.status() if e["certificate"]]
    return enrollments[number]["certificate"]["serial"].lower().lstrip("0") if len(enrollments) > number else None


def certificate(person, number):
    """The PEM of the NUMBERth certificate that the CA has issued."""
    folder = os.path.join(person.home, "pem%d" % number)
    done = person.run("export", person.user, "--cert", folder)
    return folder if done.returncode == 0 else told(done)


def answer(person, screen, mails):
    """One key on the CA's mail, and the certificate is there."""
    tap.ok(screen.until_mail(r"(?s)(ACME: .*){%d}" % mails), person.client + ": the CA's mail is on the screen", screen.text())
    screen.type("*")
    known = keys_in(person.settings)
    screen.type("C-a")
    done = until(lambda: keys_in(person.settings) != known)
    tap.ok(done, person.client + ": one key, and the settings have a key", told(person.run("status")) + screen.text())
    tap.equal(person.ca.state()["counters"]["mails-in"], mails, person.client + ": one reply")
    tap.equal(person.ca.violations(), [], person.client + ": the CA saw no rule broken")


def write_mail(person, screen, subject, passphrase):
    """The next mail, signed because the settings say so."""
    count = len(sandbox_mails(person.sandbox, BOB)) + 1
    screen.type("m")
    screen.until(r"(?m)^To:")
    screen.line(BOB)
    screen.until(r"(?m)^Subject:")
    screen.line(subject)
    shown = screen.until(r"Security:") or screen.text()
    tap.ok(re.search(r"S/MIME", shown) and re.search(r"Security: Sign", shown, re.I), person.client + ": it will be signed", shown)
    screen.type("y")
    if passphrase and screen.until("passphrase:"):
        screen.type("Enter")
    path = inbox(person.sandbox, BOB, count)
    tap.ok(path, person.client + ": the mail has arrived", screen.text())
    return path and path[0]


def encrypt(person, pem, word):
    """Mail from Bob, encrypted to Alice's certificate."""
    plain = "Content-Type: text/plain\n\nThe secret of %s.\n" % word
    done = subprocess.run(["openssl", "cms", "-encrypt", "-aes256", "-from", BOB, "-to", ALICE, "-subject", word, pem],
                          input=plain, capture_output=True, text=True, check=True)
    person.sandbox.run("deliver", ALICE, stdin=done.stdout.replace("\n", "\r\n").encode())


def read_encrypted(person, screen, word):
    tap.ok(screen.until_mail(re.escape(word)), person.client + ": the encrypted mail is there", screen.text())
    screen.line("/" + word)
    screen.type("Enter")
    tap.ok(screen.until("secret of " + word), person.client + ": and opens: " + word, screen.text())
    screen.type("i")


def whole_story(sandbox, client, gpgme):
    with Ca(sandbox) as ca, MuttUser(sandbox, ca, client, gpgme) as person:
        name = "%s, %s" % (client, "gpgme" if gpgme else "classic")
        done = get(person)
        tap.equal(done.returncode, 75, name + ": mailcert get asks the CA, and no question", told(done))
        with Screen(person) as screen:
            answer(person, screen, 1)
            path = write_mail(person, screen, "first", not gpgme)
            tap.equal(signer(person, path).lstrip("0"), serial(person, 0), name + ": signed with the certificate, openssl verifies", told(person.run("status")))
            first = certificate(person, 0)
            encrypt(person, first, "oldmail")
            read_encrypted(person, screen, "oldmail")
            done = person.run("renew", "--force", person.user)
            tap.ok(done.returncode in (0, 75), name + ": a second certificate is asked for", told(done))
            answer(person, screen, 2)
            path = write_mail(person, screen, "second", False)
            tap.ok(serial(person, 1) != serial(person, 0) and signer(person, path).lstrip("0") == serial(person, 1),
                   name + ": still running, it signs with the new one", signer(person, path))
            encrypt(person, certificate(person, 1), "newmail")
            encrypt(person, first, "latemail")
            read_encrypted(person, screen, "newmail")
            read_encrypted(person, screen, "latemail")


with Sandbox() as stage:
    for which in sys.argv[1:] or ("mutt-gpgme", "neomutt-gpgme", "mutt-classic", "neomutt-classic"):
        for user in (ALICE, BOB):
            stage.empty(user)
        whole_story(stage, which.split("-")[0], which.endswith("gpgme"))
tap.end()
