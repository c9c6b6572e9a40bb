#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mail servers that refuse the login or cannot be trusted: said before anything is ordered, and no password leaves."""

import os
import socketserver
import sys
import threading

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from stage import Ca, Person, Sandbox, Tap  # noqa: E402
from trouble import forgets, get, goes_on, ordered, refused  # noqa: E402

tap = Tap()
LOGIN = "did not accept the login"
TRUST = "could not prove who it is"


def nothing_ordered(ca, person, name):
    tap.equal((ordered(ca), ca.state()["accounts"]), (0, []), name + ": nothing was ordered")
    tap.equal([e["state"] for e in person.status()], ["NEW"], name + ": the request waits")


def login(sandbox):
    """A password that is wrong, missing, or cannot be had."""
    facts = sandbox.facts
    wrong = {"the wrong password": {"password-command": "echo wr0ng-s3cret"},
             "the wrong user": {"user": "mallory@example.test"},
             "no password": {"password-command": "true"},
             "a command that fails": {"password-command": "echo s3cret; exit 3"},
             "a command that is not there": {"password-command": "/nonexistent/s3cret-tool 2>/dev/null"},
             "a command that is killed": {"password-command": "kill -9 $$"},
             "no command": {"password-command": None},
             "an expired token": {"password-command": None, "oauth-command":
                                  "%s/../sandbox/sandbox oauth-token --seconds -60 %s alice@example.test"
                                  % (os.path.dirname(os.path.abspath(__file__)), sandbox.dir)},
             "the wrong password for SMTP only": {"imap": None, "password-command": "echo wr0ng-s3cret"},
             "the wrong user for SMTP only": {"smtp-user": "mallory@example.test"}}
    with Ca(sandbox) as ca:
        for name, keys in wrong.items():
            with Person(sandbox, ca, account=keys) as person:
                refused(tap, get(person), 78, name, LOGIN, "password-command|oauth-command", never=["s3cret", "wr0ng"],
                        problem="mailcert:login")
                nothing_ordered(ca, person, name)
                forgets(tap, person, name)
        with Person(sandbox, ca, account={"password-command": "echo wr0ng-s3cret"}) as person:
            refused(tap, get(person), 78, "twice wrong", LOGIN)
            refused(tap, person.run("renew", "--json", "--wait", "20"), 78, "renew says the same", LOGIN)
            person.keys["account " + person.user]["password-command"] = "cat " + facts["users"][person.user]["password_file"]
            person.write()
            goes_on(tap, person, ca, "the password is mended")


def tls(sandbox):
    """Each way in which a mail server fails to prove itself; the server's log shows that no login was tried."""
    facts = sandbox.facts
    cases = {"IMAP, another root": {"imap": "imaps", "tls-ca-file": None},
             "IMAP, wrong name": {"imap": "imaps_wrongname"}, "IMAP STARTTLS, wrong name": {"imap": "imap_wrongname"},
             "IMAP, self-signed": {"imap": "imaps_selfsigned"}, "IMAP, expired": {"imap": "imaps_expired"},
             "IMAP without STARTTLS": {"imap": "imap_plain"},
             "SMTP, wrong name": {"smtp": "submissions_wrongname"},
             "SMTP STARTTLS, wrong name": {"smtp": "submission_wrongname"},
             "SMTP, self-signed": {"smtp": "submissions_selfsigned"}, "SMTP, expired": {"smtp": "submissions_expired"},
             "SMTP without STARTTLS": {"smtp": "submission_plain"}}
    with Ca(sandbox) as ca:
        for name, keys in cases.items():
            keys = {key: facts[value]["address_url"] if value in facts else value for key, value in keys.items()}
            asked = "imap" if "imap" in keys else "smtp"
            keys[{"imap": "smtp", "smtp": "imap"}[asked]] = None
            before = logins(sandbox)
            with Person(sandbox, ca, account=keys) as person:
                refused(tap, get(person), 78, name, TRUST, "tls-ca-file", problem="mailcert:tls")
                nothing_ordered(ca, person, name)
                forgets(tap, person, name)
            tap.equal(logins(sandbox) - before, 0, name + ": no login was tried")


def logins(sandbox):
    """Good and bad logins that dovecot and postfix have logged."""
    text = sandbox.run("log", "dovecot").decode() + sandbox.run("log", "postfix").decode()
    return text.count("Login: user=") + text.count("auth failed") + text.count("sasl_method=") + text.count("SASL ")


class Listener(socketserver.StreamRequestHandler):
    """A server on the network that speaks plainly and writes down what it is told."""

    greeting = b""
    answers = {}
    heard = b""

    def line(self):
        try:
            return self.rfile.readline()
        except ConnectionError:
            return b""

    def handle(self):
        self.wfile.write(self.greeting)
        for line in iter(self.line, b""):
            Listener.heard += line
            word = line.split()[1 if self.greeting.startswith(b"*") else 0].upper()
            answer = self.answers.get(word, b"TAG BAD no\r\n" if self.greeting.startswith(b"*") else b"502 no\r\n")
            self.wfile.write(answer.replace(b"TAG", line.split()[0]))


def stripped(sandbox):
    """A machine in the middle that takes STARTTLS away, refuses it, or speaks before it: nothing is said to it."""
    imap = {"STARTTLS not offered": {b"CAPABILITY": b"* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\nTAG OK done\r\n"},
            "STARTTLS refused": {b"CAPABILITY": b"* CAPABILITY IMAP4rev1 STARTTLS AUTH=PLAIN\r\nTAG OK done\r\n",
                                 b"STARTTLS": b"TAG NO not today\r\n"},
            "an answer injected": {b"CAPABILITY": b"* CAPABILITY IMAP4rev1 STARTTLS AUTH=PLAIN\r\nTAG OK done\r\n",
                                   b"STARTTLS": b"TAG OK begin\r\n* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n"},
            "PREAUTH": {}}
    smtp = {"STARTTLS not offered": {b"EHLO": b"250-x\r\n250 AUTH PLAIN LOGIN\r\n"},
            "STARTTLS refused": {b"EHLO": b"250-x\r\n250-STARTTLS\r\n250 AUTH PLAIN\r\n", b"STARTTLS": b"502 never\r\n"},
            "an answer injected": {b"EHLO": b"250-x\r\n250-STARTTLS\r\n250 AUTH PLAIN\r\n",
                                   b"STARTTLS": b"220 go\r\n250-x\r\n250 AUTH PLAIN\r\n"}}
    with Ca(sandbox) as ca:
        for protocol, other, cases in (("imap", "smtp", imap), ("smtp", "imap", smtp)):
            for name, answers in cases.items():
                ready = b"220 mail ESMTP\r\n" if protocol == "smtp" else b"* %s ready\r\n" % (
                    b"PREAUTH" if name == "PREAUTH" else b"OK")
                server = socketserver.ThreadingTCPServer(
                    ("127.0.0.1", 0), type("Case", (Listener,), {"greeting": ready, "answers": answers}))
                server.daemon_threads = True
                threading.Thread(target=server.serve_forever, daemon=True).start()
                Listener.heard = b""
                url = "%s://127.0.0.1:%d" % (protocol, server.server_address[1])
                with Person(sandbox, ca, account={protocol: url, other: None}) as person:
                    name = "%s: %s" % (protocol, name)
                    refused(tap, get(person, wait=9), 78, name, TRUST, problem="mailcert:tls")
                    nothing_ordered(ca, person, name)
                    said = Listener.heard.upper()
                    tap.ok(b"AUTH" not in said and b"LOGIN" not in said and b"ALICEPW" not in said,
                           name + ": no login was tried", Listener.heard)
                    forgets(tap, person, name)
                server.shutdown()
                server.server_close()


def away(sandbox):
    """A mail server that is away does not keep the order from being opened; the request waits."""
    with Ca(sandbox, "--wait", "hold") as ca:
        with Person(sandbox, ca, account={"imap": "imaps://127.0.0.1:9"}) as person:
            refused(tap, get(person, wait=1), 75, "IMAP is away")
            person.keys["account " + person.user]["imap"] = sandbox.facts["imaps"]["address_url"]
            person.write()
            goes_on(tap, person, ca, "IMAP is back")
        sandbox.empty("alice@example.test")
        with Person(sandbox, ca, account={"smtp": "smtps://127.0.0.1:9"}) as person:
            refused(tap, get(person, wait=8), 75, "SMTP is away", "could not be handed over yet", "Connection refused")
            person.keys["account " + person.user]["smtp"] = sandbox.facts["submissions"]["address_url"]
            person.write()
            goes_on(tap, person, ca, "SMTP is back")
        for key, value in (("imap", "imaps://mail.no-such-name.invalid"), ("folders", "Nowhere")):
            sandbox.empty("alice@example.test")
            with Person(sandbox, ca, account={key: value}) as person:
                refused(tap, get(person, wait=3), 78 if key == "folders" else 75, "%s = %s" % (key, value), "folders" if key == "folders" else "")
                forgets(tap, person, key)


def nobody(sandbox):
    """Neither a way in nor a way out."""
    with Ca(sandbox) as ca:
        with Person(sandbox, ca, account={"smtp": None}) as person:
            refused(tap, get(person, wait=20), 78, "no way to send", "no way to send", "smtp or sendmail")
            person.keys["account " + person.user]["smtp"] = sandbox.facts["submissions"]["address_url"]
            person.write()
            goes_on(tap, person, ca, "a way is given")
        sandbox.empty("alice@example.test")
        with Person(sandbox, ca) as person:
            person.keys["account bob@example.test"] = person.keys.pop("account " + person.user)
            person.write()
            done = person.run("get", person.user, "--agree-tos", "--key", "p256", "--json", "--keyring",
                              "files:%s/out" % person.home)
            refused(tap, done, 75, "no account at all and no terminal: not waited for", "mailcert reply FILE")
            forgets(tap, person, "no account at all")


with Sandbox() as stage:
    for part in (login, tls, stripped, away, nobody):
        if len(sys.argv) < 2 or part.__name__ in sys.argv[1:]:
            stage.empty("alice@example.test")
            part(stage)
tap.end()
