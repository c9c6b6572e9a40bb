# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the sandbox consists of: users, domains, ports, files; writes the configurations and the description."""

import base64
import grp
import json
import os
import pwd
import random
import re
import secrets
import shlex
import shutil
import socket
import urllib.parse

import pki

HERE = os.path.dirname(os.path.abspath(__file__))
SCRIPT = os.path.join(HERE, "sandbox")
DOMAINS = ("example.test", "ca.test", "nodkim.test", "other.test", "xn--bcher-kva.test")
USERS = {
    "alice@example.test": "alicepw",
    "bob@example.test": "bobpw",
    "noidle@example.test": "noidlepw",
    "ca@ca.test": "capw",
    "carol@nodkim.test": "carolpw",
    "dave@other.test": "davepw",
    "eai@xn--bcher-kva.test": "eaipw",
}
# Addresses beyond ASCII (RFC 6530) whose mail is in one mailbox, with a login that every server takes. Dovecot's LMTP knows
# no SMTPUTF8: postfix delivers these itself.
EAI_USER = "eai@xn--bcher-kva.test"
EAI_DOMAINS = ("xn--bcher-kva.test", "b\u00fccher.test")
EAI_LOCALS = ("erna", "zo\u00eb")
# From pattern -> (d=, key). other.test is signed by somebody else, nodkim.test not at all.
SIGNERS = {
    "example.test": ("example.test", "dkim-example"),
    "ca.test": ("ca.test", "dkim-ca"),
    "other.test": ("mailer.test", "dkim-example"),
    "xn--bcher-kva.test": ("xn--bcher-kva.test", "dkim-example"),
}
# RFC 8823 section 3.1.
OVERSIGN = ("From", "Sender", "Reply-To", "To", "Cc", "Subject", "Date", "In-Reply-To", "References", "Message-ID",
            "Auto-Submitted", "Content-Type", "Content-Transfer-Encoding")
ALSO_SIGN = ("Resent-Date", "Resent-From", "Resent-To", "Resent-Cc", "List-Id", "List-Help", "List-Unsubscribe",
             "List-Subscribe", "List-Post", "List-Owner", "List-Archive", "List-Unsubscribe-Post", "MIME-Version")
CAPABILITY_NOIDLE = ("IMAP4rev1 SASL-IR LOGIN-REFERRALS ID ENABLE LITERAL+ NAMESPACE UIDPLUS UNSELECT CHILDREN "
                     "SPECIAL-USE")
# The order is the order in the block. IMAP's two ports are the same at all of its addresses.
PORTS = ("DNS", "MX", "SUBMISSION", "SUBMISSIONS", "IMAP", "IMAPS", "SUBMISSION_PLAIN", "SUBMISSION_WRONGNAME",
         "SUBMISSIONS_WRONGNAME", "SUBMISSIONS_SELFSIGNED", "SUBMISSIONS_EXPIRED", "POP")
IMAP_ADDRESSES = tuple("127.0.0.%d" % n for n in range(3, 9))
BLOCK = 16
# Below the ephemeral ports, so that no outgoing connection sits on a chosen one.
FIRST_PORT, LAST_PORT = 20000, 32000
# SMTP to dovecot's LMTP socket is the longest path; sun_path has 108 bytes.
LONGEST_SOCKET = "/dovecot/run/srv.auth-worker.0000000000"

SERVICES = {  # name: (port, scheme, address, TLS name, tls)
    "imaps": ("IMAPS", "imaps", "127.0.0.3", "imap.example.test", "implicit"),
    "imap": ("IMAP", "imap", "127.0.0.3", "imap.example.test", "starttls"),
    "submissions": ("SUBMISSIONS", "smtps", "127.0.0.1", "smtp.example.test", "implicit"),
    "submission": ("SUBMISSION", "smtp", "127.0.0.1", "smtp.example.test", "starttls"),
    "mx": ("MX", "smtp", "127.0.0.1", "mx.example.test", "starttls"),
    "imaps_noidle": ("IMAPS", "imaps", "127.0.0.4", "imap.example.test", "implicit"),
    "imap_noidle": ("IMAP", "imap", "127.0.0.4", "imap.example.test", "starttls"),
    "imap_plain": ("IMAP", "imap", "127.0.0.5", "imap.example.test", "none"),
    "imaps_wrongname": ("IMAPS", "imaps", "127.0.0.6", "imap.example.test", "implicit"),
    "imap_wrongname": ("IMAP", "imap", "127.0.0.6", "imap.example.test", "starttls"),
    "imaps_selfsigned": ("IMAPS", "imaps", "127.0.0.7", "imap.example.test", "implicit"),
    "imaps_expired": ("IMAPS", "imaps", "127.0.0.8", "imap.example.test", "implicit"),
    "submission_plain": ("SUBMISSION_PLAIN", "smtp", "127.0.0.1", "smtp.example.test", "none"),
    "submission_wrongname": ("SUBMISSION_WRONGNAME", "smtp", "127.0.0.1", "smtp.example.test", "starttls"),
    "submissions_wrongname": ("SUBMISSIONS_WRONGNAME", "smtps", "127.0.0.1", "smtp.example.test", "implicit"),
    "submissions_selfsigned": ("SUBMISSIONS_SELFSIGNED", "smtps", "127.0.0.1", "smtp.example.test", "implicit"),
    "submissions_expired": ("SUBMISSIONS_EXPIRED", "smtps", "127.0.0.1", "smtp.example.test", "implicit"),
}
# Where dovecot has it: only mail programs that fetch by POP3 need it.
POP3 = os.path.exists("/usr/lib/dovecot/pop3-login")
if POP3:
    SERVICES["pop3_plain"] = ("POP", "pop3", "127.0.0.5", "imap.example.test", "none")
POP_SERVICE = """service pop3-login {
  chroot =
  inet_listener pop3 {
    address = 127.0.0.5
    port = @POP@
  }
  inet_listener pop3s {
    port = 0
  }
}
"""
SUBMIT = """-o smtpd_sasl_auth_enable=yes
  -o smtpd_tls_auth_only=yes
  -o smtpd_recipient_restrictions=refused,reject_unlisted_recipient,permit_sasl_authenticated,reject
  -o smtpd_relay_restrictions=permit_sasl_authenticated,reject
  -o milter_macro_daemon_name=ORIGINATING
  -o content_filter=smtp:[127.0.0.1]:@MX@
  -o local_header_rewrite_clients=permit_sasl_authenticated"""


class Refused(Exception):
    """One sentence for the person who asked."""


class PortBlock:
    """A free block of ports; an abstract socket keeps other sandboxes off it until the servers have bound."""

    def __init__(self):
        blocks = list(range(FIRST_PORT, LAST_PORT, BLOCK))
        random.shuffle(blocks)
        for first in blocks:
            self.lock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            try:
                self.lock.bind("\0mailcert-sandbox-%d" % first)
                self.number = {name: first + n for n, name in enumerate(PORTS)}
                self.try_all()
                return
            except OSError:
                self.lock.close()
        raise Refused("no free block of %d ports between %d and %d" % (BLOCK, FIRST_PORT, LAST_PORT))

    def try_all(self):
        for name, port in self.number.items():
            addresses = IMAP_ADDRESSES if name in ("IMAP", "IMAPS", "POP") else ("127.0.0.1",)
            for address in addresses:
                with socket.socket() as tcp:
                    tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                    tcp.bind((address, port))
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            udp.bind(("127.0.0.1", self.number["DNS"]))

    def release(self):
        self.lock.close()


def maildir(folder, user):
    local, domain = user.split("@")
    return os.path.join(folder, "mail", domain, local, "Maildir")


def check_place(folder):
    if len((folder + LONGEST_SOCKET).encode()) > 107:
        raise Refused("%s is too long a name: the servers' sockets would not fit (at most %d bytes)"
                      % (folder, 107 - len(LONGEST_SOCKET)))
    if re.search(r"[^A-Za-z0-9/._+-]", folder):
        raise Refused("%s: only letters, digits and . _ + - may stand in the name" % folder)
    parent = os.path.dirname(folder)
    while True:
        if not os.stat(parent).st_mode & 0o001:
            raise Refused("%s is closed to other users: the mail servers could not reach the sandbox" % parent)
        if parent == "/":
            return
        parent = os.path.dirname(parent)


def make_folders(folder):
    os.makedirs(folder, exist_ok=True)
    os.chmod(folder, 0o755)
    for name in ("pki", "mail", "secret", "bin", "dns", "opendkim", "dovecot/jwt/default/HS256", "postfix/conf",
                 "postfix/queue/pid"):
        os.makedirs(os.path.join(folder, name), exist_ok=True)
    postfix, postdrop = pwd.getpwnam("postfix").pw_uid, grp.getgrnam("postdrop").gr_gid

    def owned(name, mode, group=-1, owner=postfix):
        path = os.path.join(folder, name)
        os.makedirs(path, exist_ok=True)
        os.chown(path, owner, group)
        os.chmod(path, mode)

    owned("postfix/state", 0o700)
    for name in "active bounce corrupt defer deferred flush hold incoming private saved trace".split():
        owned("postfix/queue/" + name, 0o700)
    owned("postfix/queue/maildrop", 0o730, postdrop)
    owned("postfix/queue/public", 0o710, postdrop)
    nobody = pwd.getpwnam("nobody")
    for user in USERS:
        for path in (os.path.dirname(maildir(folder, user)), maildir(folder, user)):
            os.makedirs(path, exist_ok=True)
            os.chown(path, nobody.pw_uid, nobody.pw_gid)
        for name in ("cur", "new", "tmp"):
            path = os.path.join(maildir(folder, user), name)
            os.makedirs(path, exist_ok=True)
            os.chown(path, nobody.pw_uid, nobody.pw_gid)


def write(path, text, mode=0o644):
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "w", encoding="utf-8") as file:
        file.write(text)


def write_old(path, text):
    """Postfix reads a fresh file again and again, for up to 2 s."""
    write(path + ".new", text)
    os.utime(path + ".new", (1, 1))
    os.rename(path + ".new", path)


def filled(name, values):
    with open(os.path.join(HERE, "conf", name)) as file:
        text = file.read()
    for _ in range(2):  # SUBMIT holds a place of its own
        text = re.sub(r"@([A-Z_]+)@", lambda match: str(values[match.group(1)]), text)
    return text


def write_mail_servers(folder, ports, dnssec):
    """All that does not need the DKIM keys: dovecot, postfix, knot.conf."""
    nobody = pwd.getpwnam("nobody")
    own = "%s/Maildir/" % "/".join(reversed(EAI_USER.split("@")))
    boxes = {**dict.fromkeys(list(USERS) + ["@ca.test"], "x"),
             **{"%s@%s" % (local, domain): own for local in EAI_LOCALS for domain in EAI_DOMAINS}}
    values = dict(ports, DIR=folder, SUBMIT=SUBMIT, DOMAINS=", ".join(dict.fromkeys(DOMAINS + EAI_DOMAINS)),
                  DNSSEC="on" if dnssec else "off",
                  MAILBOXES=", ".join("{ %s = %s }" % pair for pair in boxes.items()),
                  EAI=", ".join("{ %s = virtual: }" % domain for domain in EAI_DOMAINS),
                  MAIL_UID=nobody.pw_uid, MAIL_GID=nobody.pw_gid, CAPABILITY_NOIDLE=CAPABILITY_NOIDLE,
                  POP_PROTOCOL="pop3" if POP3 else "", POP_SERVICE=POP_SERVICE if POP3 else "",
                  IMAP_ADDRESSES=" ".join(IMAP_ADDRESSES), OVERSIGN=",".join(OVERSIGN),
                  SIGN=",".join(OVERSIGN + ALSO_SIGN))
    for name, place in (("dovecot.conf", "dovecot"), ("oauth2.conf", "dovecot"), ("main.cf", "postfix/conf"),
                        ("master.cf", "postfix/conf"), ("opendkim.conf", "opendkim"), ("knot.conf", "dns")):
        (write_old if place == "postfix/conf" else write)(os.path.join(folder, place, name), filled(name, values))
    users = "".join("%s:{PLAIN}%s::::%s::\n" % (user, password, os.path.dirname(maildir(folder, user)))
                    for user, password in USERS.items())
    write(os.path.join(folder, "dovecot/passwd"), users)
    key = os.path.join(folder, "dovecot/jwt/default/HS256/default")
    if not os.path.exists(key):
        write(key, base64.b64encode(secrets.token_bytes(32)).decode())
    write(os.path.join(folder, "bin/sendmail"),
          '#!/bin/sh\nexec /usr/sbin/sendmail -C %s/postfix/conf "$@"\n' % folder, 0o755)
    for user, password in USERS.items():
        write(os.path.join(folder, "secret", user), password + "\n")


def write_dns_and_dkim(folder, ports):
    """The zone, and opendkim's copy of its keys; needs pki/ complete."""
    path = os.path.join(folder, "pki")
    record = {}
    lines = ["$ORIGIN test.", "$TTL 1", "@ SOA ns hostmaster 1 3600 600 86400 1", "@ NS ns", "ns A 127.0.0.1",
             "acme.ca A 127.0.0.1", "ca A 127.0.0.1"]
    spki = pki.spki_digest(os.path.join(path, "server.pem"))
    for domain in DOMAINS:
        signed = SIGNERS.get(domain, ("", ""))[0] == domain
        lines.append(filled("domain.zone", dict(ports, D=domain[:-len(".test")], SPKI=spki,
                                                DMARC="reject" if signed else "none")))
    for domain, name in SIGNERS.values():
        key = pki.public_part(os.path.join(path, name + ".key"))
        record["s1._domainkey." + domain] = "v=DKIM1; k=rsa; h=sha256; p=" + key
    example = pki.public_part(os.path.join(path, "dkim-example.key"))
    record["ed1._domainkey.example.test"] = "v=DKIM1; k=ed25519; p=" + pki.public_part(os.path.join(path, "dkim-ed.key"))
    record["revoked._domainkey.example.test"] = "v=DKIM1; k=rsa; p="
    record["testing._domainkey.example.test"] = "v=DKIM1; k=rsa; t=y; p=" + example
    lines += ["%s. TXT %s" % (name, quoted(value)) for name, value in record.items()]
    write(os.path.join(folder, "dns/test.zone"), "\n".join(lines) + "\n")
    write(os.path.join(folder, "opendkim/dnsdata"), "".join("%s %s\n" % pair for pair in record.items()))
    signers = [(pattern, "s1._domainkey." + domain, "%s:s1:%s/%s.key" % (domain, path, key))
               for pattern, (domain, key) in SIGNERS.items()]
    write(os.path.join(folder, "opendkim/keytable"), "".join("%s %s\n" % (name, key) for _, name, key in signers))
    patterns = [(pattern, name) for pattern, name, _ in signers]
    patterns.append((EAI_DOMAINS[1], "s1._domainkey." + EAI_DOMAINS[0]))  # d= has A-labels (RFC 8616 4)
    write(os.path.join(folder, "opendkim/signingtable"), "".join("*@%s %s\n" % pair for pair in patterns))
    write(os.path.join(folder, "opendkim/internal"), "192.0.2.1\n")


def quoted(value):
    """A TXT value as zone text: strings of at most 255 bytes."""
    parts = [value[n:n + 255] for n in range(0, len(value), 255)] or [""]
    return " ".join('"%s"' % part.replace("\\", "\\\\").replace('"', '\\"') for part in parts)


def set_ca_smtp(folder, target):
    """Where mail to ca.test goes: HOST:PORT, or None for the mailbox. Postfix must be told (keeper.reload_postfix)."""
    line = ""
    if target:
        host, _, port = target.rpartition(":")
        if not re.fullmatch(r"[0-9.]+|localhost", host) or not port.isdigit() or not 0 < int(port) < 65536:
            raise Refused("%s: HOST:PORT is wanted, with the address of this computer" % target)
        line = "ca.test casmtp:[%s]:%s\n" % (host, port)
    write_old(os.path.join(folder, "postfix/transport"), line)


def describe(folder, ports, dnssec):
    world = {"dir": folder, "dns": "127.0.0.1@%d" % ports["DNS"], "dns_host": "127.0.0.1", "dns_port": ports["DNS"],
             "anchor": os.path.join(folder, "dns/anchor") if dnssec else None,
             "anchor_wrong": os.path.join(folder, "dns/anchor-wrong") if dnssec else None,
             "tls_ca": os.path.join(folder, "pki/ca.pem"), "lmtp": os.path.join(folder, "dovecot/run/lmtp"),
             "sendmail": os.path.join(folder, "bin/sendmail"), "domains": DOMAINS,
             "logs": {"postfix": os.path.join(folder, "postfix/maillog"),
                      "dovecot": os.path.join(folder, "dovecot/log"), "knot": os.path.join(folder, "dns/log"),
                      "opendkim": os.path.join(folder, "opendkim/log"), "keeper": os.path.join(folder, "keeper.log")}}
    for name, (port, scheme, address, tls_name, tls) in SERVICES.items():
        world[name] = {"url": "%s://%s:%d" % (scheme, tls_name, ports[port]),
                       "address_url": "%s://%s:%d" % (scheme, address, ports[port]),
                       "host": address, "port": ports[port], "tls_name": tls_name, "tls": tls}
    world["users"] = {user: {"password": password, "password_file": os.path.join(folder, "secret", user),
                             "maildir": maildir(folder, user)} for user, password in USERS.items()}
    world["ca_mail_out"] = "submission://%s:%s@127.0.0.1:%d?cafile=%s" % (
        urllib.parse.quote("ca@ca.test", safe=""), USERS["ca@ca.test"], ports["SUBMISSION"], world["tls_ca"])
    return world


def variables(world):
    """What a shell script sees."""
    result = {"SANDBOX": SCRIPT}
    for key in ("dir", "dns", "dns_host", "dns_port", "anchor", "anchor_wrong", "tls_ca", "lmtp", "sendmail", "ca_mail_out"):
        result["SANDBOX_" + key.upper()] = str(world[key] or "")
    for name in SERVICES:
        for key in ("url", "address_url", "host", "port", "tls_name"):
            result["SANDBOX_%s_%s" % (name.upper(), key.upper())] = str(world[name][key])
    for user, entry in world["users"].items():
        for key, value in entry.items():
            result["SANDBOX_%s_%s" % (user.split("@")[0].upper(), key.upper())] = value
    return result


def save(world):
    text = "".join("export %s=%s\n" % (name, shlex.quote(value)) for name, value in variables(world).items())
    write(os.path.join(world["dir"], "sandbox.env"), text)
    path = os.path.join(world["dir"], "sandbox.json")
    write(path + ".new", json.dumps(world, indent=1) + "\n")
    os.rename(path + ".new", path)


def load(folder):
    path = os.path.join(os.path.abspath(folder), "sandbox.json")
    try:
        with open(path) as file:
            return json.load(file)
    except FileNotFoundError:
        raise Refused("%s: no sandbox here" % folder) from None


def remove(folder):
    shutil.rmtree(folder)
