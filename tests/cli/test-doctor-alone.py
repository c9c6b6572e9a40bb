#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""mailcert doctor among things that mean it harm: files that are none, programs that never end, a DNS that lies. It comes
to an end, says what it could see, and nothing of theirs reaches the terminal but text."""

import contextlib
import os
import shutil
import socket
import struct
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from alone import MAILCERT, Home, told  # noqa: E402
from stage import Tap  # noqa: E402

tap = Tap()
TXT, MX, CAA, CNAME = 16, 15, 257, 5


def strings(text):
    return b"".join(bytes([len(text[i:i + 255])]) + text[i:i + 255] for i in range(0, len(text), 255)) or b"\0"


def name_of(text):
    return b"".join(bytes([len(label)]) + label for label in text.encode().split(b".") if label) + b"\0"


def caa(tag, value, flags=0):
    return bytes([flags, len(tag)]) + tag + value


class Dns(threading.Thread):
    """Answers what RECORDS says: (name, type) -> list of rdata; of anything else it says that there is none."""

    def __init__(self):
        super().__init__(daemon=True)
        self.records = {}
        self.udp = socket.socket(type=socket.SOCK_DGRAM)
        self.udp.bind(("127.0.0.1", 0))
        self.tcp = socket.create_server(self.udp.getsockname())
        self.place = "127.0.0.1@%d" % self.udp.getsockname()[1]
        threading.Thread(target=self.serve_tcp, daemon=True).start()
        self.start()

    def reply(self, packet, most):
        at, labels = 12, []
        while packet[at]:
            labels.append(packet[at + 1:at + 1 + packet[at]].decode("latin-1").lower())
            at += packet[at] + 1
        asked, wanted = packet[12:at + 5], struct.unpack("!H", packet[at + 1:at + 3])[0]
        found = [(rtype, data) for rtype in {wanted, CNAME} for data in self.records.get((".".join(labels), rtype), [])]
        body = b"".join(b"\xc0\x0c" + struct.pack("!HHIH", rtype, 1, 60, len(data)) + data for rtype, data in found)
        flags = 0x8580 if len(body) <= most else 0x8780  # the rest by TCP
        if len(body) > most:
            found, body = [], b""
        return packet[:2] + struct.pack("!HHHHH", flags, 1, len(found), 0, 0) + asked + body

    def run(self):
        while True:
            packet, sender = self.udp.recvfrom(4096)
            self.udp.sendto(self.reply(packet, 1000), sender)

    def serve_one(self, connection):
        with contextlib.suppress(OSError), connection:
            while len(head := connection.recv(2, socket.MSG_WAITALL)) == 2:
                answer = self.reply(connection.recv(struct.unpack("!H", head)[0], socket.MSG_WAITALL), 65000)
                connection.sendall(struct.pack("!H", len(answer)) + answer)

    def serve_tcp(self):
        while True:
            threading.Thread(target=self.serve_one, args=(self.tcp.accept()[0],), daemon=True).start()


def visit(home, name, *words, status=0, environment=None):
    """The findings by their check. Whatever was said is text, in one piece."""
    done, report = home.json("--json", "doctor", "--full", *words, environment=environment)
    raw = [byte for byte in done.stdout + done.stderr if byte < 32 and byte != 10 or byte == 127]
    tap.ok(done.returncode == status and report is not None and not raw and b"\\u00" not in done.stdout, name + ": it ends, and says so", told(done))
    return {finding["check"]: finding for finding in (report or {"findings": []})["findings"]}


def names(dns, domain, **records):
    """What the zone of DOMAIN holds: TXT at its top and below, MX, CAA."""
    dns.records = {}
    for place, data in records.items():
        prefix, rtype = {"spf": ("", TXT), "dmarc": ("_dmarc.", TXT), "sts": ("_mta-sts.", TXT), "mx": ("", MX), "caa": ("", CAA)}[place]
        dns.records[(prefix + domain, rtype)] = data


def hostile_dns(home, dns):
    home.file(".config/mailcert/mailcert.conf", "[mailcert]\nresolver = %s\n" % dns.place)
    mx = [struct.pack("!H", 10) + name_of("mx.example.test")]

    def look(name, expected, **records):
        domain = name.replace(" ", "-") + ".test"
        names(dns, domain, **records)
        status = 69 if any(outcome == "trouble" for outcome in expected.values()) else 0
        found = visit(home, "DNS: " + name, "eve@" + domain, status=status)
        got = {check: found.get(check, {}).get("outcome") for check in expected}
        tap.equal(got, expected, "DNS: " + name, [found.get(check) for check in expected])
        return found
    found = look("in order", {"mx": "ok", "dmarc": "ok", "spf": "ok", "mta-sts": "ok", "caa": "ok"}, mx=mx, dmarc=[strings(b"v=DMARC1; p=reject")],
                 spf=[strings(b"v=spf1 -all")], sts=[strings(b"v=STSv1; id=1")])
    tap.ok("DMARC: reject" in found["dmarc"]["sentence"], "the policy is told", found["dmarc"])
    long = b"v=DMARC1; p=QUARANTINE; rua=" + b",".join(b"mailto:reports-%d@example.test" % i for i in range(60))
    found = look("a long policy", {"dmarc": "ok"}, mx=mx, dmarc=[strings(long)])
    tap.ok("DMARC: quarantine" in found["dmarc"]["sentence"], "its policy is told, in whatever case", found["dmarc"])
    look("huge texts", {"dmarc": "note", "spf": "ok"}, mx=mx, dmarc=[strings(b"v=DMARC1; " + b"x" * 50000)], spf=[strings(b"v=spf1 " + b"a:x " * 12000)])
    look("a thousand records", {"dmarc": "ok", "spf": "note", "mx": "ok", "caa": "ok"}, mx=[mx[0][:2] + name_of("m%d.test" % i) for i in range(1000)],
         spf=[strings(b"v=spf1 a%d" % i) for i in range(1000)], dmarc=[strings(b"v=DMARC1; p=none")] + [strings(b"x%d" % i) for i in range(1000)],
         caa=[caa(b"issue", b"ca%d.test" % i) for i in range(1000)])
    look("control characters", {"dmarc": "note", "spf": "ok", "caa": "trouble"}, mx=mx, dmarc=[strings(b"v=DMARC1; p=none\x1b[2J; \x00x=y")],
         spf=[strings(b"v=spf1 \x1b]0;title\x07 \x9b31m \xe2\x80\xae")], caa=[caa(b"issuemail", b"\x1b[31mca.test")])
    look("rubbish", {"mx": "unknown", "dmarc": "note", "caa": "ok"}, mx=[b"\0\x0a\x05a"[:3] + b"\0", mx[0][:2] + name_of("x") + b"tail"],
         dmarc=[b"\0", strings(b"v=DMARC1p=none"), strings(b"\xff" * 300)], caa=[b"\0\0", b"\0\x20ab", caa(b"iss ue", b"x"), caa(b"issue", b"")])
    dns.records = {(a, CNAME): [name_of(b)] for a, b in (("loop.test", "pool.test"), ("pool.test", "loop.test"))}
    found = visit(home, "DNS: names that lead to each other", "eve@loop.test")
    tap.equal({found[check]["outcome"] for check in ("mx", "spf", "caa")} - {"unknown"}, set(), "nothing is known of them", found)


def odd_files(home, words):
    """What is no file is not read: nothing is waited for, nothing has no end. Bytes that are no text do no harm."""
    places = [os.path.join(home.path, name) for name in (".claws-mail/accountrc", ".claws-mail/clawsrc", ".muttrc", ".local/share/mailcert/here")]
    for name, make in (("a FIFO", os.mkfifo), ("a device without end", lambda path: os.symlink("/dev/zero", path)),
                       ("a link to itself", lambda path: os.symlink(path, path)), ("a folder", os.mkdir),
                       ("a huge file", lambda path: open(path, "w").truncate(1 << 40)), ("noise", lambda path: shutil.copyfile(MAILCERT, path))):
        for path in places:
            os.makedirs(os.path.dirname(path), exist_ok=True)
            make(path)
        found = visit(home, name + " in place of settings", *words, status=0 if name == "a link to itself" else 78)
        tap.equal([check for check in found if check.startswith(("claws-sign", "mutt-"))], [], name + ": mail programs have no settings", found)
        for path in places:
            os.rmdir(path) if os.path.isdir(path) and not os.path.islink(path) else os.unlink(path)


def odd_programs(home, words):
    def program(name, script):
        os.chmod(home.file(name, "#!/bin/sh\n" + script), 0o700)
    program("exec/doctor/odd", "exec cat /dev/zero\n")
    found = visit(home, "a mail program's own program without end", *words).get("odd", {})
    tap.ok(found.get("outcome") == "unknown" and "did not come to an end" in found["sentence"] and "--full" in found["next_step"], "it is told", found)
    program("exec/doctor/odd", "printf 'odd-one\\tnote\\tBad \\033[31m\\302\\233m red\\tdo\\007\\t\\033\\n\\000odd\\033\\tnote\\tx\\t\\t\\n'; kill -9 $$\n")
    found = visit(home, "one that prints control characters and is killed", *words)
    tap.equal([(check, finding["sentence"], finding["next_step"]) for check, finding in found.items() if "odd" in check],
              [("odd-one", "Bad  [31m m red", "do ")], "they are blanks; a check has a plain name")
    os.unlink(os.path.join(home.path, "exec/doctor/odd"))
    for name, script in (("that print without end", "exec cat /dev/zero\n"), ("that are killed", "kill -9 $$\n"), ("that fail", "exit 3\n"),
                         ("that print control characters", "printf '\\033[2J\\233\\177 1.0\\r\\nx'\n")):
        for place in ("gpgsm", "mutt", "neomutt", "claws-mail", "crontab"):
            program("bin/" + place, script)
        begun = time.monotonic()
        found = visit(home, "programs " + name, *words, environment={"PATH": home.path + "/bin:" + os.environ["PATH"]})
        wanted = "ok" if "control" in name else "note"
        tap.equal({check: found.get(check, {}).get("outcome") for check in ("gpgsm", "mutt", "claws-mail")}, dict.fromkeys(("gpgsm", "mutt", "claws-mail"), wanted),
                  "programs " + name, found)
        print("# %.1f s" % (time.monotonic() - begun))


with Home() as somebody:
    server = Dns()
    hostile_dns(somebody, server)
    names(server, "home.test", mx=[struct.pack("!H", 10) + name_of("mx.home.test")])
    libexec, build = os.path.join(somebody.path, "exec"), os.path.dirname(MAILCERT)
    os.makedirs(libexec + "/doctor")
    os.environ["MAILCERT_EXEC_PATH"] = libexec
    somebody.environment = lambda environment=somebody.environment, **more: environment(MAILCERT_EXEC_PATH=libexec, **more)
    for target in ("claws-doctor",):
        os.symlink(os.path.join(build, target), libexec + "/doctor/" + target)
    odd_files(somebody, ["eve@home.test"])
    odd_programs(somebody, ["eve@home.test"])
tap.end()
