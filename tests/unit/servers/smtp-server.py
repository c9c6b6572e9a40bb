#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""smtp-server.py DIR [OPTION[=VALUE]]...: a submission server that can fail at each step.

tls=implicit|starttls|none  cert=NAME  auth=MECHANISMS  tab  token=TOKEN  no-auth-needed  inject  no-starttls  utf8
say=STAGE:CODE  cut=STAGE  endless   stages: greeting ehlo starttls auth mail rcpt data body final
"""

import base64
import hashlib
import hmac
import os
import sys

import common

FOLDER, OPTIONS = common.options(sys.argv)
CONTEXT = common.context(FOLDER, OPTIONS.get("cert", "good"))
USER, PASSWORD = b"alice@example.test", b"geheim" * 100 if "long" in OPTIONS else b"geheim"
STAGE, _, CODE = OPTIONS.get("say", "").partition(":")


class Session(common.Lines):
    def __init__(self, connection):
        super().__init__(connection)
        self.authenticated = "no-auth-needed" in OPTIONS

    def serve(self):
        try:
            if OPTIONS.get("tls", "implicit") == "implicit":
                self.start_tls(CONTEXT)
            common.tell("connected")
            if self.passes("greeting"):
                self.send("220 smtp.example.test ESMTP\r\n")
            while True:
                line = self.line().decode()
                verb, _, rest = line.partition(" ")
                common.tell("command", verb, rest if verb in ("MAIL", "RCPT", "EHLO") else "")
                if verb == "QUIT":
                    self.send("221 bye\r\n")
                    break
                getattr(self, "do_" + verb.lower())(rest)
        except (OSError, ValueError):
            common.tell("gone")
        finally:
            self.cut()

    def passes(self, stage):
        """FALSE = the answer has been given, and it was no."""
        if OPTIONS.get("cut") == stage:
            raise ConnectionError
        if STAGE != stage:
            return True
        self.send("%s-no \x1b[1mto %s\r\n%s and no again\r\n" % (CODE, stage, CODE))
        return False

    def do_ehlo(self, _):
        if not self.passes("ehlo"):
            return
        if "endless" in OPTIONS:
            while True:
                self.send("250-X" + "x" * 1000 + "\r\n")
        words = ["smtp.example.test", "SIZE 1000000", "8BITMIME"]
        if not self.tls and "no-starttls" not in OPTIONS:
            words.append("STARTTLS")
        if self.tls:
            separator = "\t" if "tab" in OPTIONS else " "
            words.append("AUTH" + separator + OPTIONS.get("auth", "PLAIN,LOGIN").replace(",", separator))
        if "utf8" in OPTIONS:
            words.append("SMTPUTF8")
        self.send("".join("250-%s\r\n" % word for word in words[:-1]) + "250 %s\r\n" % words[-1])

    def do_starttls(self, _):
        if self.passes("starttls"):
            self.send("220 go on\r\n" + ("250 AUTH EVIL\r\n" if "inject" in OPTIONS else ""))
            self.start_tls(CONTEXT)

    def ask(self, challenge=b""):
        self.send("334 %s\r\n" % base64.b64encode(challenge).decode())
        return base64.b64decode(self.line())

    def do_auth(self, rest):
        mechanism, _, first = rest.partition(" ")
        if not self.tls:
            common.tell("password-in-the-clear")
        if not self.passes("auth"):
            return
        given = base64.b64decode(first)
        if "echo" in OPTIONS:
            self.send("501 do not understand %s\r\n" % first)
            return
        if mechanism == "PLAIN":
            good = given == b"\0" + USER + b"\0" + PASSWORD
        elif mechanism == "LOGIN":
            good = self.ask(b"Username:") == USER and self.ask(b"Password:") == PASSWORD
        elif mechanism == "XOAUTH2":
            good = given == b"user=%s\1auth=Bearer %s\1\1" % (USER, OPTIONS["token"].encode())
            if not good:
                self.ask(b'{"status":"401"}')
        else:
            good = self.scram(given.decode())
        self.authenticated |= good
        common.tell("auth", mechanism, "good" if good else "bad")
        self.send("235 welcome\r\n" if good else "535 5.7.8 wrong password\r\n")

    def scram(self, first):
        """RFC 5802 with SHA-256; the server may lie about knowing the password."""
        bare = first.split(",", 2)[2]
        nonce = bare.split(",r=")[1] + "server"
        salt = os.urandom(16)
        greeting = "r=%s,s=%s,i=4096" % (nonce, base64.b64encode(salt).decode())
        last = self.ask(greeting.encode()).decode()
        without, _, proof = last.rpartition(",p=")
        salted = hashlib.pbkdf2_hmac("sha256", b"lie" if "impostor" in OPTIONS else PASSWORD, salt, 4096)
        message = ",".join([bare, greeting, without]).encode()
        client = hmac.new(salted, b"Client Key", "sha256").digest()
        stored = hashlib.sha256(client).digest()
        signature = hmac.new(stored, message, "sha256").digest()
        good = bytes(a ^ b for a, b in zip(client, signature)) == base64.b64decode(proof)
        if good or "impostor" in OPTIONS:
            server = hmac.new(hmac.new(salted, b"Server Key", "sha256").digest(), message, "sha256").digest()
            self.ask(b"v=" + base64.b64encode(server))
        return good

    def do_mail(self, _):
        if not self.authenticated:
            self.send("530 5.7.0 log in first\r\n")
        elif self.passes("mail"):
            self.send("250 ok\r\n")

    def do_rcpt(self, _):
        if self.passes("rcpt"):
            self.send("250 ok\r\n")

    def do_data(self, _):
        if not self.passes("data"):
            return
        self.send("354 go on\r\n")
        if OPTIONS.get("cut") == "body":
            self.socket.recv(10)
            raise ConnectionError
        mail = b""
        while True:
            line = self.line_with_end()
            if line == b".\r\n":
                break
            mail += line[1:] if line.startswith(b".") else line
        common.tell("mail", base64.b64encode(mail).decode())
        if self.passes("final"):
            self.send("250 queued as 42\r\n")

    def line_with_end(self):
        while b"\n" not in self.buffer:
            more = self.socket.recv(65536)
            if not more:
                raise ConnectionError
            self.buffer += more
        line, self.buffer = self.buffer.split(b"\n", 1)
        return line + b"\n"


def main():
    listener = common.listen()
    common.accept_forever(listener, lambda connection: Session(connection).serve())
    common.tell("port", "smtp", listener.getsockname()[1])
    common.tell("ready")
    common.obey({})


main()
