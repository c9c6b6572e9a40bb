#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mistakes on the command line, in the configuration and on the disk: each has its exit status, sentence and step."""

import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from stage import Ca, Person, Sandbox, Tap  # noqa: E402
from trouble import QUICK, refused  # noqa: E402

tap = Tap()
NO_ADDRESSES = ("", " ", "*", "@", "a", "a@", "@b.test", "a@b@c.test", "a b@c.test", "a@b c.test", "a@b.test\r\nBcc: x@y.test",
                "a@b.test\nBcc: x@y.test", "a\r@b.test", "a\t@b.test", "<a@b.test>", "A <a@b.test>", "a@b.test, c@d.test",
                "a@b.test;c@d.test", "a@b..test", ".a@b.test", "a.@b.test", "a..b@c.test", "a@-b.test", "a@b-.test",
                "a@[127.0.0.1", "a@b.test ", " a@b.test", "a@b.test\u200e", "a\u202eb@c.test", "a@b\u2028.test", "a@b.test\u0000"[:-1] + "\x7f",
                "a\u0085@b.test", "a@\u0430\u200b.test", "\ufeffa@b.test", "a@b.test\x1b[31m", "mailto:a@b.test", "*@b.test", "a@*.test",
                "(a)b@c.test", 'a"b@c.test', "a@" + "b" * 64 + ".test", "a" * 65 + "@b.test", "a@" + ".".join(["b" * 60] * 5) + ".test",
                "a\\@b.test", "a@b.test#x", "a@b.test/x", "a@b:25", "a%00@b.test\x01")


def addresses(sandbox):
    with Ca(sandbox) as ca, Person(sandbox, ca) as person:
        for address in NO_ADDRESSES:
            for verb in ("get", "status", "forget") if address in ("*", "a@b.test\r\nBcc: x@y.test") else ("get",):
                done = person.run(verb, "--json", *(QUICK if verb == "get" else ()), "--", address)
                refused(tap, done, 64, "%s %r" % (verb, address), "is not a mail address|is meant")
        latin = subprocess.run(person.words("get", "--json", "--") + [b"\xff\xfe@b.test"], capture_output=True, text=True,
                               env=person.environment(), stdin=subprocess.DEVNULL)
        refused(tap, latin, 64, "get with octets that are no text", "is not a mail address")
        tap.ok(not os.path.exists(person.data), "none made a folder")
        refused(tap, person.run("get", "--json", "a@b.test", "A@B.TEST", "a@b.test"), 64, "the same address twice", "twice")
        tap.equal(person.status(), [], "none left a record")
        tap.equal(ca.state()["counters"].get("acme-requests", 0), 0, "and the CA was asked nothing")


def command_line(sandbox):
    with Ca(sandbox) as ca, Person(sandbox, ca) as person:
        cases = {"an unknown command": (["gte", "a@b.test"], 'perhaps "get" is meant'),
                 "an address alone": (["a@b.test"], "mailcert get a@b.test"),
                 "an unknown option": (["get", "--agree", "a@b.test"], "perhaps --agree-tos is meant"),
                 "an option of another command": (["status", "--agree-tos"], "no option --agree-tos"),
                 "a letter": (["-x"], "-x"), "no address": (["get"], "mailcert get ADDRESS"),
                 "too many": (["forget", "a@b.test", "c@d.test"], "an argument too many"),
                 "an option without its value": (["get", "a@b.test", "--ca"], "--ca needs a value"),
                 "a value for a flag": (["get", "a@b.test", "--agree-tos=yes"], "takes no value"),
                 "an option twice": (["get", "a@b.test", "--ca", "x", "--ca", "y"], "twice"),
                 "--wait that is no number": (["get", "a@b.test", "--wait", "soon"], "--wait"),
                 "--wait below nothing": (["get", "a@b.test", "--wait", "-5"], "--wait"),
                 "--wait and --no-wait": (["get", "a@b.test", "--wait", "5", "--no-wait"], "contradict"),
                 "--usage": (["get", "a@b.test", "--usage", "all"], "both, sign, encrypt or separate"),
                 "--key": (["get", "a@b.test", "--key", "rsa1024"], "rsa3072, rsa4096, p256 or p384"),
                 "--trust-root": (["get", "a@b.test", "--trust-root", "abc"], "64 hexadecimal digits"),
                 "--keyring": (["get", "a@b.test", "--keyring", "shoebox"], "no keyring"),
                 "--keyring with a relative folder": (["get", "a@b.test", "--keyring", "files:x"], "no keyring"),
                 "two passphrases": (["get", "a@b.test", "--no-passphrase", "--passphrase-fd", "3"], "contradict"),
                 "control characters": (["\x1b[31mget\u202e", "a@b.test"], "There is no command"),
                 "--due and --force": (["renew", "--due", "--force"], "contradict"),
                 "export without a form": (["export", "a@b.test"], "--p12|--pem|--cert"),
                 "--expect-from that is none": (["inspect", "--expect-from", "x", "/dev/null"], "is not a mail address")}
        for name, (words, says) in cases.items():
            refused(tap, person.run("--json", *words), 64, name, says)
        missing = {"a mail that is not there": (["hook", person.home + "/none"], "none"),
                   "a mail that is a folder": (["inspect", person.home], "cannot be read"),
                   "an address that nobody knows": (["forget", "a@b.test"], "Nothing is known of a@b.test"),
                   "no certificate to export": (["export", "a@b.test", "--cert", person.home + "/c"], "a@b.test"),
                   "no certificate to install": (["install", "a@b.test"], "a@b.test"),
                   "no renewal to be due": (["status", "--renewal-due", "a@b.test"], "a@b.test")}
        for name, (words, says) in missing.items():
            refused(tap, person.run("--json", *words), 66, name, says)
        done = person.run("get", "a@b.test", "--passphrase-fd", "77", "--json")
        refused(tap, done, 77, "a passphrase from nowhere", "No passphrase could be read", next_step=False)
        done = subprocess.run(person.words("status", "--json"), stdout=open("/dev/full", "w"), stderr=subprocess.PIPE, text=True,
                              env=person.environment(), stdin=subprocess.DEVNULL)
        tap.ok(done.returncode == 73 and "could not be written" in done.stderr, "an output that is full is 73", done)


def configuration(sandbox):
    """file:line: [group] key, and what is wanted."""
    cases = (("[mailcert]\ndefault-ca = nobody\n", 78, r"conf:2: \[mailcert\] default-ca", "nobody"),
             ("[mailcert]\nkeyrnig = gpgsm\n", 78, r"conf:2: \[mailcert\] keyrnig", 'did you mean "keyring"'),
             ("[mailcert]\n\n# x\nkeyring = shoebox\n", 78, r"conf:4: \[mailcert\] keyring", "shoebox"),
             ("[mailcert]\nresolver = localhost\n", 78, r"conf:2: \[mailcert\] resolver", "IP address"),
             ("[mailcert]\nnotify = perhaps\n", 78, r"conf:2: \[mailcert\] notify", "true or false"),
             ("[ca test]\ndirectory = ftp://x\n", 78, r"conf:2: \[ca test\] directory", "https://"),
             ("[ca test]\ntoken-join = glue\n", 78, r"conf:2: \[ca test\] token-join", "string"),
             ("[ca test]\ndirectory = https://x.test/d\nidentifiers = many\n", 78, r"conf:3: \[ca test\] identifiers", "number"),
             ("[ca test]\n", 78, r"\[ca test\] directory", "missing"),
             ("[account]\nimap = imaps://x.test\n", 78, r"conf:1", "account"),
             ("[account nobody]\nimap = imaps://x.test\n", 78, r"conf:1", "nobody"),
             ("[account a@b.test]\nimap = http://x.test\n", 78, r"conf:2: \[account a@b.test\] imap", "imap://HOST"),
             ("[account a@b.test]\nimap = imaps://me:s3cret@x.test\n", 78, r"conf:2: \[account a@b.test\] imap", "password-command"),
             ("[account a@b.test]\npassword = s3cret\n", 78, r"conf:2: \[account a@b.test\] password", "password-command"),
             ("[account a@b.test]\nuser = a\x01b\n", 78, r"conf:2: \[account a@b.test\] user", "control"),
             ("[account a@b.test]\nsendmail = 'half\n", 78, r"conf:2: \[account a@b.test\] sendmail"),
             ("[acount a@b.test]\nimap = imaps://x.test\n", 78, r"conf:1", "acount"),
             ("imap = imaps://x.test\n", 78, r"conf:1"), ("[mailcert\n", 78, r"conf:1"), ("junk\n", 78, r"conf:1"),
             ("[mailcert]\nnotify = true\nnotify = false\n", 78, r"conf:3: \[mailcert\] notify", "second time"),
             ("[mailcert]\non-failed = \x1b[31m\xff\n", 78, r"conf:2"), ("\0\0\0", 78, r"conf"))
    with Ca(sandbox) as ca, Person(sandbox, ca) as person:
        for text, status, *says in cases:
            with open(person.config, "w", encoding="latin-1") as file:
                file.write(text)
            refused(tap, person.run("status", "--json"), status, "configuration %r" % text, *says, never=["s3cret"])
        os.unlink(person.config)
        refused(tap, person.run("status", "--json"), 78, "a configuration that is not there", "mailcert.conf")
        os.mkdir(person.config)
        refused(tap, person.run("status", "--json"), 78, "a configuration that is a folder", "mailcert.conf")


with Sandbox() as stage:
    for part in (addresses, command_line, configuration):
        if len(sys.argv) < 2 or part.__name__ in sys.argv[1:]:
            stage.empty("alice@example.test")
            part(stage)
tap.end()
