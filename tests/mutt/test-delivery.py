#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""mailcert-hook: under procmail, maildrop, fdm and dovecot's sieve, with the lines that mailcert-mutt(7) gives; and by itself."""

import mailbox
import os
import re
import shutil
import stat
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path[:0] = [os.path.dirname(os.path.abspath(__file__)),
                os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cli")]
from held import HeldCa  # noqa: E402
from recipe import recipe  # noqa: E402
from stage import MAILCERT, TIMEOUT, Person, Sandbox, Tap, told  # noqa: E402
from trouble import QUICK, files  # noqa: E402

tap = Tap()
HOOK = os.path.join(os.path.dirname(MAILCERT), "mailcert-hook")
LUNCH = b"From: bob@example.test\nTo: alice@example.test\nSubject: lunch\nMessage-ID: <lunch@example.test>\n\nToday?\n"
ONLY = [word for word in sys.argv[1:] if word not in ("alone", "agents")]  # of the delivery agents
NOBODY = 65534
BARE = {"PATH": "/usr/bin:/bin"}  # what a delivery agent starts with


def pasted(title):
    return recipe(title).replace("mailcert-hook", HOOK)


def write(folder, name, text, mode=0o600):
    path = os.path.join(folder, name)
    with open(path, "w") as file:
        file.write(text)
    os.chmod(path, mode)
    return path


# Each agent takes the home folder from the password file, where a test can put no home: it is set in front of the pasted lines.

def procmail(home, mail):
    rc = write(home, "procmailrc", "HOME=%s\nDEFAULT=%s/Maildir/\n%s" % (home, home, pasted("procmail")))
    return subprocess.run(["procmail", rc], input=mail, capture_output=True, env=BARE, timeout=TIMEOUT)


def maildrop(home, mail):
    rc = write(home, "mailfilter", 'HOME="%s"\nDEFAULT="%s/Maildir"\n%s' % (home, home, pasted("maildrop")))
    return subprocess.run(["maildrop", rc], input=mail, capture_output=True, env=BARE, timeout=TIMEOUT)


def fdm(home, mail):
    rc = write(home, "fdm.conf", 'set lock-file "%s/lock"\nset allow-multiple\naccount "stdin" stdin\n%saction "keep" maildir "%s/Maildir"\n'
               'match all action "keep"\n' % (home, pasted("fdm").replace('pipe "', 'pipe "HOME=%s ' % home), home))
    return subprocess.run(["fdm", "-f", rc, "-m", "-a", "stdin", "fetch"], input=mail, capture_output=True, env={**BARE, "HOME": home},
                          timeout=TIMEOUT)


def sieve(home, mail):
    """dovecot's own engine, executing for good; its delivery agent would want a running server."""
    script = write(home, "own.sieve", recipe("sieve"))
    letter = write(home, "letter", mail.decode(), 0o644)
    conf = write(home, "dovecot.conf", "mail_uid = %d\nmail_gid = %d\nfirst_valid_uid = 1\nmail_location = maildir:%s/Maildir\n"
                 "log_path = /dev/stderr\nbase_dir = %s/run\nmail_home = %s\nplugin {\n  sieve_plugins = sieve_extprograms\n"
                 "  sieve_extensions = +vnd.dovecot.pipe\n  sieve_pipe_bin_dir = %s/bin\n}\n" % (NOBODY, NOBODY, home, home, home, home), 0o644)
    os.makedirs(os.path.join(home, "bin"), exist_ok=True)
    for program in (MAILCERT, HOOK):
        shutil.copy(program, os.path.join(home, "bin"))
    own(home)
    return subprocess.run(["sieve-test", "-e", "-c", conf, script, letter], stdin=subprocess.DEVNULL, capture_output=True,
                          env={**BARE, "HOME": home}, timeout=TIMEOUT)


def own(folder):
    for where, _, names in os.walk(folder):
        for name in [where] + [os.path.join(where, name) for name in names]:
            os.chown(name, NOBODY, NOBODY, follow_symlinks=False)


class Nobody(Person):
    """Everything that she needs is hers: dovecot runs nothing for root."""

    def write(self):
        for keys in self.keys.values():
            for name, value in keys.items():
                path = (value or "").rsplit(" ", 1)[-1]
                if os.path.isfile(path):
                    keys[name] = value.replace(path, shutil.copy(path, os.path.join(self.home, name)))
        super().write()
        own(self.home)

    def run(self, *words, **keys):
        own(self.home)
        return subprocess.run(self.words(*words), stdin=subprocess.DEVNULL, capture_output=True, text=True, env=self.environment(),
                              timeout=TIMEOUT, user=NOBODY, group=NOBODY, extra_groups=[])


AGENTS = {"procmail": procmail, "maildrop": maildrop, "fdm": fdm, "sieve": sieve}


def delivered(home):
    return sorted(message["Subject"] or "" for message in mailbox.Maildir(os.path.join(home, "Maildir"), create=False))


def agents(sandbox):
    for name, deliver in AGENTS.items():
        if ONLY and name not in ONLY:
            continue
        if shutil.which({"sieve": "sieve-test"}.get(name, name)) is None:
            tap.skip(name, name + " is not here")
            continue
        with HeldCa(sandbox, "--wait", "hold") as ca, (Nobody if name == "sieve" else Person)(sandbox, ca, account={"imap": None}) as person:
            mailbox.Maildir(os.path.join(person.home, "Maildir"))
            done = deliver(person.home, LUNCH)
            tap.equal((done.returncode, delivered(person.home)), (0, ["lunch"]), name + " delivers ordinary mail", told(done))
            tap.ok(not os.path.exists(person.data), name + ": nothing of ours has run")
            done = person.run("get", person.user, *QUICK, *files(person), "--agree-tos", "--no-wait")
            tap.equal(done.returncode, 75, name + ": a certificate is asked for", told(done))
            mail = ca.challenge()
            done = deliver(person.home, mail.replace(b"\r\n", b"\n"))
            subject = re.search(rb"^Subject: (.*?)\r\n(?!\s)", mail, re.M | re.S).group(1).decode()
            tap.equal(done.returncode, 0, name + " delivers the CA's mail", told(done))
            tap.equal([len(delivered(person.home)), " ".join(subject.split()) in [" ".join(s.split()) for s in delivered(person.home)]],
                      [2, True], name + ": into the mailbox too", delivered(person.home))
            ca.wait("downloads")
            done = person.run("renew", "--wait", "20")  # waits for the one in the background, or has nothing to do
            tap.equal(done.returncode, 0, name + ": carried on in the background", told(done))
            tap.equal([e["state"] for e in person.status()], ["INSTALLED"], name + ": the certificate is there")
            tap.equal(ca.state()["counters"]["mails-in"], 1, name + ": one reply")
            tap.equal(ca.violations(), [], name + ": the CA saw no rule broken")


def hook(*words, stdin=b"", env=None, program=HOOK):
    return subprocess.run([program, *words], input=stdin, capture_output=True, env=env or BARE, timeout=TIMEOUT)


def stand_in(folder, script):
    """mailcert-hook beside another mailcert: it takes the one beside it."""
    write(folder, "mailcert", "#!/bin/sh\n" + script, 0o755)
    return shutil.copy(HOOK, os.path.join(folder, "mailcert-hook"))


def alone(folder):
    challenge = b"From: ca@ca.test\nSubject: ACME: x\nAuto-Submitted: auto-generated\n\nx\n"
    program = stand_in(folder, 'echo "$*" >"%s/words"; cat >"%s/mail"; exit 75\n' % (folder, folder))
    seen = lambda name: open(os.path.join(folder, name), "rb").read() if os.path.exists(os.path.join(folder, name)) else None
    for name, mail in {"ordinary": LUNCH, "nothing": b"", "a mail of 9 MB": LUNCH + b"x" * 9000000, "one long line": b"x" * 999999,
                       "too large for a challenge": challenge + b"x" * (256 * 1024), "binary": bytes(range(256)) * 999}.items():
        done = hook(stdin=mail, program=program)
        tap.equal((done.returncode, done.stdout, done.stderr, seen("words")), (0, b"", b"", None), name + ": 0, and mailcert is not run", told(done))
    for name, mail in {"LF": challenge, "mbox": b"From x Sun Nov 22 02:00:00 2026\n" + challenge, "CRLF": challenge.replace(b"\n", b"\r\n"),
                       "with a NUL": challenge + b"\0x", "of 256 KiB": challenge.ljust(256 * 1024, b"x")}.items():
        done = hook(stdin=mail, program=program)
        tap.equal((done.returncode, seen("words"), seen("mail") == mail), (75, b"hook --detach\n", True),
                  "a possible challenge, %s: mailcert gets the very mail, and its exit status is ours" % name, told(done))
        os.unlink(os.path.join(folder, "words"))
    path = os.path.join(folder, "challenge")
    with open(path, "wb") as file:
        file.write(challenge)
    os.unlink(os.path.join(folder, "mail"))
    done = hook(path, program=program)
    tap.equal((done.returncode, seen("mail")), (75, challenge), "a file is taken too", told(done))
    tap.equal(hook(os.path.join(folder, "none"), program=program).returncode, 66, "a file that is not there")
    tap.equal(hook(folder, program=program).returncode, 75, "a folder")
    tap.equal([hook("-x").returncode, hook("a", "b").returncode], [64, 64], "mistakes in the words")
    os.chmod(os.path.join(folder, "mailcert"), stat.S_IRUSR)
    if not os.path.exists("/usr/bin/mailcert"):
        done = hook(stdin=challenge, program=program)
        tap.ok(done.returncode == 75 and b"starting mailcert" in done.stderr, "no mailcert to run: 75", told(done))
    linked = subprocess.run(["ldd", HOOK], capture_output=True, text=True).stdout
    tap.equal(sorted(re.findall(r"^\s*(lib\w+)", linked, re.M)), ["libc"], "it is linked with libc alone", linked)


if len(sys.argv) < 2 or "alone" in sys.argv[1:]:
    with tempfile.TemporaryDirectory(prefix="mc-hook-", dir="/tmp") as place:
        alone(place)
if len(sys.argv) < 2 or "agents" in sys.argv[1:]:
    with Sandbox() as stage:
        agents(stage)
tap.end()
