#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""imap-server.py DIR [OPTION[=VALUE]]...: enough IMAP for a watcher, and whatever a server can do wrong.

tls=implicit|starttls|none  cert=NAME  no-idle  refuse-idle  short-idle  early-exists  auth=MECHANISMS  login-disabled
login=no|unavailable|bye|echo  token=TOKEN  password=PASSWORD  preauth  bye  inject  no-uidnext  special-use
huge-literal=FOLDER  nest=FOLDER  flood  ignore-partial  break-fetch=N  no-junk unmarked   mute  arrives-in=VERB (a mail for INBOX, told within that command's answer and never again)
"""

import base64
import re
import sys
import threading
import time

import common

FOLDER, OPTIONS = common.options(sys.argv)
CONTEXT = common.context(FOLDER, OPTIONS.get("cert", "good"))
USER = "alice@example.test"
news = threading.Condition()
connections = []


class Folder:
    def __init__(self, flags=""):
        self.validity = 1
        self.next = 1
        self.mails = []  # (uid, bytes, time)
        self.flags = flags
        self.closed = False  # listed, but not to be opened


folders = {"INBOX": Folder(), "Sent": Folder("\\Sent"), "&AOQ-": Folder()}
if "unmarked" in OPTIONS:
    folders.update({name: Folder() for name in ("Junk", "INBOX/Spamverdacht", "Ind&AOk-sirables", "Junkyard")})
elif "no-junk" not in OPTIONS:
    folders["Unwanted" if "special-use" in OPTIONS else "Spam"] = Folder("\\Junk")


def deliver(folder, encoded, age="0"):
    with news:
        box = folders[folder]
        box.mails.append((box.next, base64.b64decode(encoded), time.time() - int(age)))
        box.next += 1
        news.notify_all()


def fill(folder, count):
    for number in range(int(count)):
        mail = b"Subject: other mail %d\r\nFrom: x@y.test\r\n\r\n%s\r\n" % (number, b"x" * 1000)
        deliver(folder, base64.b64encode(mail))


def renew(folder):
    with news:
        box = folders[folder]
        box.validity += 1
        box.next = 1
        mails, box.mails = box.mails, []
        for _, mail, when in mails:
            box.mails.append((box.next, mail, when))
            box.next += 1


def close(folder, closed):
    folders[folder].closed = closed == "1"


def drop():
    for one in list(connections):
        one.cut()


class Session(common.Lines):
    def __init__(self, connection):
        super().__init__(connection)
        self.box = None
        self.told = 0
        self.late = None
        self.authenticated = False

    def serve(self):
        connections.append(self)
        try:
            if OPTIONS.get("tls", "implicit") == "implicit":
                self.start_tls(CONTEXT)
            common.tell("connected")
            self.greet()
            while True:
                self.command(self.line().decode())
        except (OSError, ValueError):
            common.tell("gone")
        finally:
            connections.remove(self)
            self.cut()

    def greet(self):
        if "mute" in OPTIONS:
            self.line()
        if "bye" in OPTIONS:
            self.send("* BYE come back later\r\n")
            raise ConnectionError
        self.authenticated = "preauth" in OPTIONS
        self.send("* PREAUTH hello\r\n" if self.authenticated else "* OK [CAPABILITY IMAP4rev1] hello\r\n")

    def command(self, line):
        tag, _, rest = line.partition(" ")
        verb, _, rest = rest.partition(" ")
        if verb.upper() == "UID":
            verb, _, rest = rest.partition(" ")
            verb = "uid_" + verb
        common.tell("command", verb.upper())
        if OPTIONS.get("arrives-in") == verb.lower() and self.box is folders["INBOX"]:
            OPTIONS.pop("arrives-in")
            mail = b"Subject: ACME: eA\r\nAuto-Submitted: auto-generated\r\nMessage-ID: <arrives@t>\r\n\r\n"
            self.arrive(mail)
        getattr(self, "do_" + verb.lower())(tag, rest)
        if self.late is not None:
            self.box.mails.append(self.late)
            self.late = None

    def capabilities(self):
        words = ["IMAP4rev1"]
        if not self.tls:
            words += ["STARTTLS", "LOGINDISABLED"]
        words += ["AUTH=" + name for name in OPTIONS.get("auth", "PLAIN").split(",") if name]
        if "login-disabled" in OPTIONS:
            words.append("LOGINDISABLED")
        if self.authenticated and "no-idle" not in OPTIONS:
            words.append("IDLE")
        if "special-use" in OPTIONS:
            words += ["SPECIAL-USE", "LIST-EXTENDED"]
        return " ".join(words)

    def do_capability(self, tag, _):
        self.send("* CAPABILITY %s\r\n%s OK done\r\n" % (self.capabilities(), tag))

    def do_starttls(self, tag, _):
        if "no-starttls" in OPTIONS:
            self.send(tag + " BAD no such command\r\n")
            return
        self.send(tag + " OK go on\r\n" + ("* CAPABILITY IMAP4rev1 AUTH=EVIL\r\n" if "inject" in OPTIONS else ""))
        self.start_tls(CONTEXT)

    def admit(self, tag, good, shown):
        if not self.tls:
            common.tell("password-in-the-clear")
        how = OPTIONS.get("login")
        if how == "bye":
            self.send("* BYE too many of you\r\n")
            raise ConnectionError
        if how == "unavailable":
            OPTIONS.pop("login")
            self.send(tag + " NO [UNAVAILABLE] the directory is away\r\n")
        elif how == "echo":
            self.send(tag + " NO what is %s\r\n" % shown)
        elif good and how != "no":
            self.authenticated = True
            common.tell("login")
            self.send(tag + " OK welcome\r\n")
        else:
            self.send(tag + " NO [AUTHENTICATIONFAILED] wrong \x1b[31mpassword\r\n")

    def do_login(self, tag, rest):
        user, password = [re.sub(r"\\(.)", r"\1", part) for part in re.findall(r'"((?:[^"\\]|\\.)*)"', rest)]
        self.admit(tag, (user, password) == (USER, OPTIONS.get("password", "geheim")), password)

    def do_authenticate(self, tag, rest):
        self.send("+ \r\n")
        shown = self.line().decode()
        given = base64.b64decode(shown)
        if rest.upper() == "XOAUTH2":
            good = given == b"user=%s\1auth=Bearer %s\1\1" % (USER.encode(), OPTIONS["token"].encode())
            if not good:
                self.send("+ " + base64.b64encode(b'{"status":"401"}').decode() + "\r\n")
                if self.line() != b"":
                    raise ConnectionError
        else:
            good = given == b"\0%s\0%s" % (USER.encode(), OPTIONS.get("password", "geheim").encode())
        self.admit(tag, good, shown)

    def do_list(self, tag, rest):
        told = "RETURN" in rest
        for name, box in folders.items():
            self.send('* LIST (\\HasNoChildren%s) "/" "%s"\r\n' % (" " + box.flags if told else "", name))
        self.send(tag + " OK done\r\n")

    def do_examine(self, tag, rest):
        name = rest.strip('"')
        if name not in folders or folders[name].closed:
            self.send(tag + " NO no such folder\r\n")
            return
        self.box = folders[name]
        with news:
            self.told = len(self.box.mails)
            self.send("* %d EXISTS\r\n* 0 RECENT\r\n* FLAGS (\\Seen)\r\n" % self.told)
            self.send("* OK [UIDVALIDITY %d] yes\r\n" % self.box.validity)
            if "no-uidnext" not in OPTIONS:
                self.send("* OK [UIDNEXT %d] yes\r\n" % self.box.next)
        self.misbehave(name)
        self.send(tag + " OK [READ-ONLY] done\r\n")
        common.tell("examined", name)

    def misbehave(self, name):
        if OPTIONS.get("huge-literal") == name:
            self.send("* 1 FETCH (UID 1 BODY[] {4294967290}\r\n" + "x" * 1000)
        if OPTIONS.get("nest") == name:
            self.send("* 1 FETCH (BODYSTRUCTURE " + "(" * 1000000 + "\r\n")
        if "flood" in OPTIONS:
            for _ in range(2000):
                self.send("* OK " + "x" * 8000 + "\r\n")

    def do_status(self, tag, rest):
        name = rest.split(" (")[0].strip('"')
        box = folders[name]
        if box.closed:
            self.send(tag + " NO no such folder\r\n")
            return
        self.send('* STATUS "%s" (UIDNEXT %d UIDVALIDITY %d)\r\n%s OK done\r\n' % (name, box.next, box.validity, tag))

    def select(self, text):
        chosen = set()
        for part in text.split(","):
            first, _, last = part.partition(":")
            top = max([uid for uid, _, _ in self.box.mails], default=0)
            low, high = int(first), top if last == "*" else int(last or first)
            chosen |= set(range(min(low, high), max(low, high) + 1))
        return [mail for mail in self.box.mails if mail[0] in chosen]

    def do_uid_search(self, tag, rest):
        with news:
            if rest.upper().startswith("UID "):
                found = self.select(rest[4:])
            else:
                day = time.mktime(time.strptime(rest.split()[1], "%d-%b-%Y"))
                found = [mail for mail in self.box.mails if mail[2] >= day]
        common.tell("search", rest)
        self.send("* SEARCH%s\r\n%s OK done\r\n" % ("".join(" %d" % uid for uid, _, _ in reversed(found)), tag))

    def do_uid_fetch(self, tag, rest):
        wanted, _, what = rest.partition(" ")
        if ".PEEK" not in what:
            common.tell("marked-read")
        if "break-fetch" in OPTIONS and int(OPTIONS["break-fetch"]) > 0:
            OPTIONS["break-fetch"] = int(OPTIONS["break-fetch"]) - 1
            self.send("* 1 FETCH (UID 1 BODY[] {500}\r\nbegun")
            raise ConnectionError
        for uid, mail, _ in self.select(wanted):
            number = [one[0] for one in self.box.mails].index(uid) + 1
            self.send("* %d FETCH (FLAGS (\\Recent))\r\n" % number)  # nobody has asked
            if "HEADER.FIELDS" in what:
                header = mail.split(b"\r\n\r\n")[0] + b"\r\n"
                lines = re.findall(rb"(?im)^(?:subject|auto-submitted|content-type|from):.*\r\n(?:[ \t].*\r\n)*", header)
                name, section = "BODY[HEADER.FIELDS (Subject Auto-Submitted Content-Type From)]", b"".join(lines) + b"\r\n"
            else:
                common.tell("fetched", uid)
                section = mail if "ignore-partial" in OPTIONS else mail[: 256 * 1024]
                name = "BODY[]<0>"
            self.send("* %d FETCH (UID %d RFC822.SIZE %d %s {%d}\r\n" % (number, uid, len(mail), name, len(section)))
            self.send(section + b")\r\n")
        self.send(tag + " OK done\r\n")

    def do_idle(self, tag, _):
        if "refuse-idle" in OPTIONS:
            self.send(tag + " BAD not today\r\n")
            return
        if "early-exists" in OPTIONS:
            self.tell_exists()
        self.send("+ idling\r\n")
        if "short-idle" in OPTIONS:
            self.send(tag + " OK enough\r\n")
            return
        common.tell("idle")
        done = []
        threading.Thread(target=self.wait_done, args=(done,), daemon=True).start()
        with news:
            while not done:
                self.tell_exists()
                news.wait(60)
        if done[0] is not True:
            raise ConnectionError
        self.send(tag + " OK done\r\n")

    def arrive(self, mail):
        deliver("INBOX", base64.b64encode(mail))
        self.late = self.box.mails.pop()  # not yet for the command itself
        self.send("* %d EXISTS\r\n" % (len(self.box.mails) + 1))
        self.told += 1

    def tell_exists(self):
        if len(self.box.mails) > self.told:
            self.told = len(self.box.mails)
            self.send("* %d EXISTS\r\n" % self.told)

    def wait_done(self, done):
        try:
            good = self.line().upper() == b"DONE"
        except (OSError, ValueError):
            good = False
        with news:
            done.append(good)
            news.notify_all()

    def do_noop(self, tag, _):
        self.send(tag + " OK done\r\n")

    def do_logout(self, tag, _):
        self.send("* BYE bye\r\n" + tag + " OK done\r\n")
        raise ConnectionError


def main():
    listener = common.listen()
    common.accept_forever(listener, lambda connection: Session(connection).serve())
    common.tell("port", "imap", listener.getsockname()[1])
    common.tell("ready")
    common.obey({"deliver": deliver, "fill": fill, "renew": renew, "close": close, "drop": drop})


main()
