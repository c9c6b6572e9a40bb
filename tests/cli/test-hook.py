#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The mail filter's way in: hook with mail on its input or in a file, detached, in a bare environment, too early; and reply."""

import os
import re
import signal
import smtplib
import sqlite3
import ssl
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from held import HeldCa  # noqa: E402
from stage import MAILCERT, TIMEOUT, Person, Sandbox, Tap, told  # noqa: E402
from trouble import QUICK, files, refused  # noqa: E402

tap = Tap()
LUNCH = b"From: bob@example.test\nTo: alice@example.test\nSubject: lunch\nMessage-ID: <lunch@example.test>\n\nToday?\n"


def asked(person, *words):
    """The order is open and nobody watches the mailbox."""
    done = person.run("get", person.user, *(words or (*QUICK, *files(person))), "--agree-tos", "--no-wait")
    tap.equal(done.returncode, 75, "the order is open", told(done))


def contents(person):
    """Every row of the database."""
    with sqlite3.connect("file:%s/mailcert.db?mode=ro" % person.data, uri=True) as db:
        tables = [name for name, in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: db.execute("SELECT * FROM " + name).fetchall() for name in tables}


def installed(person, ca, name):
    tap.equal([e["state"] for e in person.status()], ["INSTALLED"], name + ": the certificate is there")
    tap.equal(ca.state()["counters"]["mails-in"], 1, name + ": one reply")
    tap.equal(ca.violations(), [], name + ": the CA saw no rule broken")


def ways(sandbox):
    """On the input with CRLF, with LF, in a file, detached, from an mbox."""
    for name in ("CRLF", "LF", "a file", "mbox", "--detach", "--detach with a file"):
        with HeldCa(sandbox, "--wait", "hold") as ca, Person(sandbox, ca, account={"imap": None}) as person:
            asked(person)
            mail = ca.challenge()
            path = os.path.join(person.home, "mail")
            with open(path, "wb") as file:
                file.write(mail.replace(b"\r\n", b"\n"))
            words = ["--detach"] if "--detach" in name else []
            if "file" in name:
                done = person.run("hook", *words, path)
            else:
                done = person.run("hook", *words, stdin={"CRLF": mail, "mbox": b"From a@b Sun Nov 22 02:00:00 2026\n" + mail.replace(
                    b"\r\n", b"\n")}.get(name, mail.replace(b"\r\n", b"\n")))
            tap.equal((done.returncode, len(done.stdout), len(done.stderr)), (0, 0, 0), name + ": exits 0 and says nothing", told(done))
            if words:
                ca.wait("downloads")
                done = person.run("renew", "--wait", "20")  # waits for the one in the background, or has nothing to do
                tap.equal(done.returncode, 0, name + ": carried on in the background", told(done))
            installed(person, ca, name)


def bare(sandbox):
    """A mail filter knows HOME at most: the note that get left leads to data, configuration and GnuPG's home."""
    for keyring in ("files", "gpgsm"):
        with HeldCa(sandbox, "--wait", "hold") as ca, Person(sandbox, ca, account={"imap": None}) as person:
            trust = ("--trust-root", ca.ready["root_sha256"])
            asked(person, *((*QUICK, *files(person)) if keyring == "files" else ("--keyring", "gpgsm", "--key", "rsa3072", *trust)))
            done = subprocess.run([MAILCERT, "hook"], input=ca.challenge(), capture_output=True, cwd="/", timeout=TIMEOUT,
                                  env={"HOME": person.home})
            tap.equal((done.returncode, done.stdout, done.stderr), (0, b"", b""), "bare environment, %s: exits 0" % keyring, told(done))
            installed(person, ca, "bare environment, " + keyring)
            if keyring == "gpgsm":
                keys = subprocess.run(["gpgsm", "--list-secret-keys", person.user], env=person.environment(), capture_output=True, text=True)
                tap.ok("emailProtection" in keys.stdout, "bare environment: in her gpgsm", keys)


def ordinary(sandbox):
    """Mail that is none of ours: 0 at once, and not a byte changes."""
    with HeldCa(sandbox) as ca, Person(sandbox, ca, account={"imap": None}) as person:
        tap.equal(person.run("hook", stdin=LUNCH).returncode, 0, "an ordinary mail before anything was asked for")
        tap.ok(not os.path.exists(person.data), "and no folder is made")
        asked(person)
        before = contents(person)
        mails = {"an ordinary mail": LUNCH, "nothing at all": b"", "binary": bytes(range(256)) * 99, "one long line": b"x" * 999999,
                 "about ACME": LUNCH.replace(b"lunch\n", b"About ACME: and others\n", 1), "no header": b"\n\nACME: x\n",
                 "a challenge to somebody else": ca.challenge().replace(b"alice@", b"carol@")}
        for name, mail in mails.items():
            done = person.run("hook", stdin=mail)
            tap.equal((done.returncode, done.stdout, done.stderr), (0, b"", b""), name + ": nothing to say", told(done))
            done = person.run("hook", "--detach", stdin=mail)
            tap.equal(done.returncode, 0, name + ": nor detached", told(done))
        tap.equal(contents(person), before, "nothing in the database has changed")
        done = person.run("hook", "--json", stdin=LUNCH)
        tap.equal(done.stdout, b'{"schema":1,"spooled":false}\n', "hook --json says that it was not kept", told(done))
    with HeldCa(sandbox) as ca, Person(sandbox, ca, account={"imap": None}) as person:
        done = person.run("hook", stdin=ca.sign(b"From: acme@ca.test\r\nTo: alice@example.test\r\nSubject: ACME: LgYemJLy3F1LDkiJrdIGbEzy\r\n"
                                                b"Date: Sun, 22 Nov 2026 02:00:00 +0000\r\nMessage-ID: <x@ca.test>\r\n"
                                                b"Auto-Submitted: auto-generated\r\n\r\nx\r\n"))
        tap.equal(done.returncode, 0, "a challenge that nobody asked for: nothing to say", told(done))
        tap.equal(ca.state()["counters"].get("mails-in", 0), 0, "and no answer")
        tap.equal(person.status(), [], "and no record")


def outruns(sandbox):
    """The mail is there before the CA has said where it will come from: kept, and answered when that is known."""
    with HeldCa(sandbox, "--trigger", "order", "--wait", "hold", "--fail", "500:99:/authz") as ca, \
            Person(sandbox, ca, account={"imap": None}) as person:
        running = subprocess.Popen(person.words("get", person.user, *QUICK, *files(person), "--agree-tos", "--no-wait"),
                                   stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=person.environment())
        ca.wait("acme-requests", 5)
        running.send_signal(signal.SIGKILL)
        running.wait()
        mail = ca.challenge()
        entry = person.status()[0]
        tap.equal((entry["state"], entry["addresses"][0]["state"]), ("ORDERED", "NEW"), "the authorization is not known yet")
        hook = subprocess.Popen(person.words("hook"), stdin=subprocess.PIPE, env=person.environment())
        hook.stdin.write(mail)
        hook.stdin.close()
        ca.wait("acme-requests", 7)  # it is kept: the hook asks the CA
        hook.send_signal(signal.SIGKILL)
        hook.wait()
        tap.equal(len(contents(person)["spool"]), 1, "the mail is in the spool")
        tap.equal(ca.state()["counters"].get("mails-in", 0), 0, "and not answered")
        ca.control(fail=["none"])
        done = person.run("renew", "--wait", "30")
        tap.equal(done.returncode, 0, "renew answers it from the spool", told(done))
        installed(person, ca, "outrun")
        tap.equal(contents(person)["spool"], [], "and the spool is empty")


def busy(sandbox):
    """While get waits, the hook takes the mail: whoever has the lease answers."""
    with HeldCa(sandbox, "--wait", "hold") as ca, Person(sandbox, ca) as person:
        running = subprocess.Popen(person.words("get", person.user, *QUICK, *files(person), "--agree-tos", "--wait", "60"),
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                   env=person.environment())
        mail = ca.challenge()
        hooks = [subprocess.Popen(person.words("hook"), stdin=subprocess.PIPE, env=person.environment()) for _ in range(4)]
        for hook in hooks:
            hook.stdin.write(mail)
            hook.stdin.close()
        sandbox.run("deliver", person.user, stdin=mail)
        tap.equal([hook.wait(TIMEOUT) for hook in hooks], [0] * 4, "four hooks and IMAP at once")
        _, said = running.communicate(timeout=TIMEOUT)
        tap.equal(running.returncode, 0, "get sees that it is done", said)
        installed(person, ca, "four hooks and IMAP at once")


def reply(sandbox):
    """For a mail program that sends by itself: printed once, refused the second time."""
    # where the POST comes first; else it leaves a minute after the reply was printed
    with HeldCa(sandbox, "--trigger", "post") as ca, \
            Person(sandbox, ca, ca_keys={"trigger": "post-first"}, account={"imap": None, "smtp": None}) as person:
        asked(person)
        mail = ca.challenge()
        path = os.path.join(person.home, "mail")
        with open(path, "wb") as file:
            file.write(mail)
        forged = mail.replace(b"automatic", b"autocratic")
        done = person.run("reply", "--json", stdin=forged)
        tap.ok(done.returncode == 65 and b"refused" in done.stdout, "reply refuses a forgery", told(done))
        answer = subprocess.run(person.words("reply", path), capture_output=True, env=person.environment(), stdin=subprocess.DEVNULL)
        tap.equal(answer.returncode, 0, "reply prints the reply", told(answer))
        tap.ok(re.match(rb"(?s)(?:[A-Za-z-]+: [^\r\n]*\r\n)+\r\n-----BEGIN ACME RESPONSE-----\r\n[\w-]{43}\r\n-----END", answer.stdout),
               "it is a mail with CRLF", answer.stdout)
        refused(tap, person.run("reply", "--json", path), 65, "the second time it is refused", "answered", next_step=False)
        with smtplib.SMTP_SSL("127.0.0.1", sandbox.facts["submissions"]["port"],
                              context=ssl._create_unverified_context()) as smtp:  # the person's own mail program
            smtp.login(person.user, "alicepw")
            smtp.sendmail(person.user, ["acme@ca.test"], answer.stdout)
        ca.wait("replies-good")
        done = person.run("hook", path)
        tap.equal(done.returncode, 0, "the hook does not answer it again", told(done))
        done = person.run("renew", "--wait", "90")
        tap.equal(done.returncode, 0, "renew goes on", told(done))
        installed(person, ca, "reply")


with Sandbox() as stage:
    for part in (ways, bare, ordinary, outruns, busy, reply):
        if len(sys.argv) < 2 or part.__name__ in sys.argv[1:]:
            stage.empty("alice@example.test")
            part(stage)
tap.end()
