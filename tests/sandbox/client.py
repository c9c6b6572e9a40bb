# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the self-test uses: a sandbox looked at from outside (SMTP, IMAP, DNS, DKIM), the command, a TAP printer."""

import base64
import hashlib
import hmac
import imaplib
import json
import os
import smtplib
import socket
import ssl
import subprocess
import threading
import time
import traceback

import dkim
import dns.message
import dns.query
import dns.rdatatype

import maildir

SCRIPT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "sandbox")
OUTSIDE = ("/etc", "/etc/postfix", "/etc/dovecot", "/etc/knot", "/etc/default", "/etc/aliases", "/etc/dkimkeys",
           "/var/lib/postfix", "/var/lib/dovecot", "/var/lib/knot", "/var/spool", "/var/spool/postfix", "/var/mail",
           "/run/dovecot", "/run/knot", "/run/opendkim")


class Tap:
    """Counts and prints; every test runs, whatever fails before it."""

    def __init__(self):
        self.number = 0
        self.failed = 0

    def run(self, test, *args):
        self.number += 1
        name = test.__doc__.rstrip(".")
        started = time.monotonic()
        try:
            test(*args)
            print("ok %d - %s\n# %.1f s" % (self.number, name, time.monotonic() - started), flush=True)
        except Exception:
            self.failed += 1
            print("not ok %d - %s" % (self.number, name))
            print("".join("# %s\n" % line for line in traceback.format_exc().splitlines()), end="", flush=True)

    def done(self):
        print("1..%d" % self.number)
        return 1 if self.failed else 0


def same(got, wanted):
    if got != wanted:
        raise AssertionError("got %r, wanted %r" % (got, wanted))


def true(condition, what):
    if not condition:
        raise AssertionError(what)


def trust(world):
    return ssl.create_default_context(cafile=world["tls_ca"])


def connect(world, service):
    """A socket to a service, with TLS checked where it begins at once."""
    entry = world[service]
    plain = socket.create_connection((entry["host"], entry["port"]), timeout=10)
    if entry["tls"] != "implicit":
        return plain
    return trust(world).wrap_socket(plain, server_hostname=entry["tls_name"])


class Smtp(smtplib.SMTP):
    def __init__(self, world, service, starttls=True):
        self.service = world, service
        super().__init__(world[service]["host"], world[service]["port"], local_hostname="client.test", timeout=10)
        if starttls and world[service]["tls"] == "starttls":
            self._host = world[service]["tls_name"]
            self.starttls(context=trust(world))
        self.ehlo()

    def _get_socket(self, host, port, timeout):
        return connect(*self.service)


class Imap(imaplib.IMAP4):
    def __init__(self, world, service, starttls=True):
        self.service = world, service
        super().__init__(world[service]["host"], world[service]["port"], timeout=10)
        if starttls and world[service]["tls"] == "starttls":
            self.host = world[service]["tls_name"]
            self.starttls(trust(world))

    def _create_socket(self, timeout):
        return connect(*self.service)

    def idle(self):
        self.send(b"T1 IDLE\r\n")
        same(self.readline()[:1], b"+")

    def wait_exists(self):
        while True:
            line = self.readline()
            true(line, "the server has closed the connection")
            if b"EXISTS" in line:
                break
        self.send(b"DONE\r\n")
        while not self.readline().startswith(b"T1 OK"):
            pass
        return int(line.split()[1])


def login(world, user, service="imaps"):
    imap = Imap(world, service)
    imap.login(user, world["users"][user]["password"])
    return imap


def scram(imap, user, password):
    """SCRAM-SHA-256 (RFC 7677), and the server's own proof."""
    first = "n=%s,r=sandboxnonce" % user
    told = {}

    def step(challenge):
        text = challenge.decode()
        if not text:
            return "n,," + first
        if text.startswith("v="):
            same(text[2:], told["proof"])
            return b""
        field = dict(piece.split("=", 1) for piece in text.split(","))
        salted = hashlib.pbkdf2_hmac("sha256", password.encode(), base64.b64decode(field["s"]), int(field["i"]))
        key = hmac.digest(salted, b"Client Key", "sha256")
        bare = "c=biws,r=" + field["r"]
        message = ("%s,%s,%s" % (first, text, bare)).encode()
        mask = hmac.digest(hashlib.sha256(key).digest(), message, "sha256")
        server_key = hmac.digest(salted, b"Server Key", "sha256")
        told["proof"] = base64.b64encode(hmac.digest(server_key, message, "sha256")).decode()
        proof = base64.b64encode(bytes(a ^ b for a, b in zip(key, mask))).decode()
        return "%s,p=%s" % (bare, proof)

    return imap.authenticate("SCRAM-SHA-256", step)


def mail(sender, recipient, subject, body="hello\r\n", more=""):
    text = "From: %s\r\nTo: %s\r\nSubject: %s\r\nDate: Sun, 22 Nov 2026 02:00:00 +0000\r\n%s\r\n%s"
    return (text % (sender, recipient, subject, "Message-ID: <%s@client.test>\r\n%s" % (os.urandom(8).hex(), more),
                    body)).encode()


def submit(world, user, sender, recipient, subject, service="submissions", **parts):
    with Smtp(world, service) as smtp:
        smtp.login(user, world["users"][user]["password"])
        smtp.sendmail(sender, [recipient], mail(sender, recipient, subject, **parts), ["BODY=8BITMIME"])


def crlf(path):
    with open(path, "rb") as file:
        return file.read().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def lookup(world, name, rtype, dnssec=False):
    question = dns.message.make_query(name, rtype, want_dnssec=dnssec)
    answer = dns.query.udp_with_fallback(question, world["dns_host"], port=world["dns_port"], timeout=5)[0]
    return answer


def records(world, name, rtype):
    wanted = dns.rdatatype.from_text(rtype)
    return [item for rrset in lookup(world, name, rtype).answer if rrset.rdtype == wanted for item in rrset]


def txt(world, name):
    return [b"".join(item.strings) for item in records(world, name.rstrip("."), "TXT")]


def signed_by(world, message):
    """(d=, h= names) of the one DKIM signature, which dkimpy must find good against the sandbox's DNS."""
    verifier = dkim.DKIM(message)
    try:
        if not verifier.verify(dnsfunc=lambda name, timeout=5: (txt(world, name.decode()) or [None])[0]):
            return None
    except dkim.ValidationError:
        return None
    names = [name.strip().lower() for name in verifier.signature_fields[b"h"].decode().split(":")]
    return verifier.domain.decode(), names


class Catcher(threading.Thread):
    """A minimal SMTP server without extensions, as the test CA has one; keeps the envelope and the bytes."""

    def __init__(self):
        super().__init__(daemon=True)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self.listener.getsockname()[1]
        self.caught = []
        self.news = threading.Semaphore(0)
        self.start()

    def run(self):
        while True:
            connection, _ = self.listener.accept()
            try:
                with connection, connection.makefile("rwb", 0) as stream:
                    self.serve(stream)
            except ConnectionResetError:
                pass  # postfix was stopped with the connection open

    def serve(self, stream):
        recipient = None
        stream.write(b"220 catcher.test\r\n")
        for line in iter(stream.readline, b""):
            verb = line[:4].upper()
            if verb == b"RCPT":
                recipient = line.split(b"<", 1)[1].split(b">", 1)[0].decode()
            if verb != b"DATA":
                stream.write(b"221 bye\r\n" if verb == b"QUIT" else b"250 ok\r\n")
                continue
            stream.write(b"354 go on\r\n")
            lines = list(iter(stream.readline, b".\r\n"))
            self.caught.append((recipient, b"".join(part[1:] if part[:1] == b"." else part for part in lines)))
            stream.write(b"250 ok\r\n")
            self.news.release()

    def wait(self):
        true(self.news.acquire(timeout=10), "no mail came")
        return self.caught[-1]


def processes_of(folder):
    """Every live process that has to do with the folder: command line, working folder or an open file."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        if int(pid) == os.getpid():
            continue
        try:
            with open("/proc/%s/cmdline" % pid, "rb") as file:
                names = [file.read().replace(b"\0", b" ").decode(errors="replace")]
            names.append(os.readlink("/proc/%s/cwd" % pid))
            names += [os.readlink("/proc/%s/fd/%s" % (pid, fd)) for fd in os.listdir("/proc/%s/fd" % pid)]
        except OSError:
            continue  # it has ended
        if any(folder in name for name in names):
            found.append((int(pid), names[0]))
    return found


def sandbox(*args, status=0, **more):
    result = subprocess.run([SCRIPT, *args], capture_output=True, text=True, timeout=60, **more)
    if status is not None and result.returncode != status:
        raise AssertionError("sandbox %s: status %d\n%s%s" % (" ".join(args), result.returncode, result.stdout,
                                                            result.stderr))
    return result


def up(folder, *options):
    started = time.monotonic()
    sandbox("up", folder, *options)
    print("# up: %.2f s" % (time.monotonic() - started))
    with open(os.path.join(folder, "sandbox.json")) as file:
        return json.load(file)


def down(folder):
    started = time.monotonic()
    sandbox("down", folder)
    print("# down: %.2f s" % (time.monotonic() - started))


def outside():
    """What stands beside the sandbox: names, times, sizes."""
    seen = {}
    for folder in filter(os.path.isdir, OUTSIDE):
        with os.scandir(folder) as entries:
            for entry in entries:
                stat = entry.stat(follow_symlinks=False)
                seen[entry.path] = stat.st_mtime_ns, stat.st_size
    return seen


def received(world, user, action):
    """The bytes of the mail that the action brings into the user's inbox."""
    path = world["users"][user]["maildir"]
    before = set(maildir.mails(path))
    action()
    after = [name for name in maildir.wait(path, len(before) + 1, 10) if name not in before]
    true(after, "no mail came; log:\n" + sandbox("log", world["dir"], "postfix").stdout[-3000:])
    # Whoever looks into the mailbox (IDLE) moves the mail to cur/ and puts its flags behind the name.
    name = os.path.basename(after[0]).partition(":2,")[0]
    return crlf(next(one for one in maildir.mails(path) if os.path.basename(one).startswith(name)))


def refused(kind, code, action):
    try:
        action()
    except smtplib.SMTPRecipientsRefused as error:
        error = smtplib.SMTPResponseException(*list(error.recipients.values())[0])
        true(kind is smtplib.SMTPRecipientsRefused and error.smtp_code == code, error)
    except kind as error:
        true(code is None or error.smtp_code == code, error)
    else:
        raise AssertionError("not refused")
