#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sandbox tested from outside (TAP). Needs root."""

import email
import hashlib
import imaplib
import json
import os
import shutil
import signal
import smtplib
import ssl
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
if os.geteuid() != 0:
    print("1..0 # SKIP the sandbox needs root")
    sys.exit(0)

import dns.dnssec  # noqa: E402
import dns.name  # noqa: E402
import dns.rdatatype  # noqa: E402

import keeper  # noqa: E402
import maildir  # noqa: E402
from client import (SCRIPT, Catcher, Imap, Smtp, Tap, connect, down, login, lookup, mail, outside,  # noqa: E402
                    processes_of, received, records, refused, same, sandbox, scram, signed_by, submit, true, txt, up)

THIRTEEN = {"from", "sender", "reply-to", "to", "cc", "subject", "date", "in-reply-to", "references", "message-id",
            "auto-submitted", "content-type", "content-transfer-encoding"}


def test_status(world):
    """every server runs and answers."""
    same(sandbox("status", world["dir"]).stdout.count(" running\n"), 5)
    for name in ("imaps", "imap", "submissions", "submission", "mx"):
        connect(world, name).close()


def test_mail_out(world):
    """alice to the CA: submitted, signed over the 13 names, verified at the MX, delivered to the catch-all."""
    for service, to in (("submissions", "ca@ca.test"), ("submission", "acme+x@ca.test")):
        sent = lambda: submit(world, "alice@example.test", "alice@example.test", to, "one", service)  # noqa: E731
        got = received(world, "ca@ca.test", sent)
        domain, names = signed_by(world, got)
        same(domain, "example.test")
        same(THIRTEEN - set(names), set())
        same({name: names.count(name) for name in ("from", "auto-submitted")}, {"from": 2, "auto-submitted": 1})
        true(b"dkim=pass" in email.message_from_bytes(got)["Authentication-Results"].encode(), "not verified")
        same(signed_by(world, got.replace(b"hello", b"hallo")), None)
        same(signed_by(world, got.replace(b"Subject: one", b"Subject: two")), None)
        same(signed_by(world, b"Auto-Submitted: no\r\n" + got), None)


def test_mail_in(world):
    """the CA, as acme@ca.test, to alice: signed, and announced by IDLE."""
    imap = login(world, "alice@example.test")
    before = int(imap.select("INBOX")[1][0])
    imap.idle()
    started = time.monotonic()
    got = received(world, "alice@example.test", lambda: submit(
        world, "ca@ca.test", "acme@ca.test", "alice@example.test", "ACME: x", more="Auto-Submitted: auto-generated\r\n"))
    stored = time.monotonic() - started
    same(imap.wait_exists(), before + 1)
    print("# in the mailbox after %.3f s (TLS and login included), announced by IDLE after %.3f s"
          % (stored, time.monotonic() - started))
    imap.logout()
    domain, names = signed_by(world, got)
    same(domain, "ca.test")
    same((THIRTEEN - set(names), names.count("auto-submitted")), (set(), 2))


def test_round_trips(world):
    """twenty mails on one connection, one after the other."""
    path = world["users"]["bob@example.test"]["maildir"]
    first, taken = len(maildir.mails(path)), []
    with Smtp(world, "submissions") as smtp:
        smtp.login("alice@example.test", "alicepw")
        for number in range(20):
            started = time.monotonic()
            smtp.sendmail("alice@example.test", ["bob@example.test"], mail("alice@example.test", "bob@example.test", "n"))
            same(len(maildir.wait(path, first + number + 1, 10)), first + number + 1)
            taken.append(time.monotonic() - started)
    print("# MAIL to Maildir, signed and verified: median %.3f s, slowest %.3f s" % (sorted(taken)[10], max(taken)))


def test_passwords(world):
    """a wrong password is refused, and without TLS there is no login."""
    imap = Imap(world, "imaps")
    refused(imaplib.IMAP4.error, None, lambda: imap.login("alice@example.test", "bobpw"))
    with Smtp(world, "submissions") as smtp:
        refused(smtplib.SMTPAuthenticationError, 535, lambda: smtp.login("alice@example.test", "bobpw"))
    imap = Imap(world, "imap", starttls=False)
    true("LOGINDISABLED" in imap.capabilities and "STARTTLS" in imap.capabilities, imap.capabilities)
    refused(imaplib.IMAP4.error, None, lambda: imap.login("alice@example.test", "alicepw"))
    login(world, "alice@example.test", "imap").logout()
    with Smtp(world, "submission", starttls=False) as smtp:
        true(smtp.has_extn("starttls") and not smtp.has_extn("auth"), smtp.esmtp_features)
        same(smtp.mail("alice@example.test")[0], 530)
    with Smtp(world, "submission") as smtp:
        smtp.mail("alice@example.test")
        same(smtp.rcpt("bob@example.test")[0], 554)


def test_mechanisms(world):
    """PLAIN, LOGIN, SCRAM and XOAUTH2; an expired token and one for another are refused."""
    user = "alice@example.test"
    good, old = (sandbox("oauth-token", world["dir"], "--seconds", life, user).stdout.strip() for life in ("60", "-60"))
    xoauth2 = "user=%s\1auth=Bearer %s\1\1"
    for kind in (smtplib.SMTP.auth_plain, smtplib.SMTP.auth_login):
        with Smtp(world, "submission") as smtp:
            smtp.user, smtp.password = user, "alicepw"
            name = kind.__name__[5:].upper()
            true(name in smtp.esmtp_features["auth"].split(), smtp.esmtp_features)
            same(smtp.auth(name, kind.__get__(smtp))[0], 235)
    same(scram(Imap(world, "imaps"), user, "alicepw")[0], "OK")
    refused(imaplib.IMAP4.error, None, lambda: scram(Imap(world, "imaps"), user, "bobpw"))
    same(Imap(world, "imaps").authenticate("XOAUTH2", lambda _: xoauth2 % (user, good))[0], "OK")
    for name, token in ((user, old), ("bob@example.test", good), (user, good[:-3] + "AAA")):
        refused(imaplib.IMAP4.error, None,
                lambda: Imap(world, "imaps").authenticate("XOAUTH2", lambda c: "" if c else xoauth2 % (name, token)))
    with Smtp(world, "submissions") as smtp:
        same(smtp.auth("XOAUTH2", lambda c=None: xoauth2 % (user, good))[0], 235)


def test_refusals(world):
    """unknown users and the refusing addresses are refused at RCPT, or bounced by the MX."""
    with Smtp(world, "submissions") as smtp:
        smtp.login("alice@example.test", "alicepw")
        smtp.mail("alice@example.test")
        for address, code in (("nobody@example.test", 550), ("refuse@ca.test", 550), ("defer@ca.test", 450),
                              ("mx-refuse@ca.test", 250), ("bob+tag@example.test", 250)):
            same((address, smtp.rcpt(address)[0]), (address, code))
    with Smtp(world, "mx") as smtp:
        smtp.mail("someone@elsewhere.test")
        for address, code in (("nobody@example.test", 550), ("mx-refuse@ca.test", 550), ("mx-defer@ca.test", 450),
                              ("anyone@ca.test", 250), ("someone@example.com", 554)):
            same((address, smtp.rcpt(address)[0]), (address, code))
    bounce = received(world, "bob@example.test", lambda: submit(
        world, "bob@example.test", "bob@example.test", "mx-refuse@ca.test", "come back"))
    true(b"refused on purpose" in bounce and b"multipart/report" in bounce, bounce)


def test_odd_domains(world):
    """nodkim.test is not signed; other.test is signed by another domain."""
    got = received(world, "alice@example.test", lambda: submit(
        world, "carol@nodkim.test", "carol@nodkim.test", "alice@example.test", "bare"))
    same(email.message_from_bytes(got)["DKIM-Signature"], None)
    got = received(world, "alice@example.test", lambda: submit(
        world, "dave@other.test", "dave@other.test", "alice@example.test", "by another"))
    same(signed_by(world, got)[0], "mailer.test")
    same(sandbox("mail", world["dir"], "bob@example.test", "--count", "9999", "--seconds", "0", status=1).stderr, "")


def test_folders(world):
    """Sent and Junk stand there with their special use; a mail can be put into Junk."""
    message = mail("x@ca.test", "bob@example.test", "spam?")
    sandbox("deliver", "--folder", "Junk", world["dir"], "bob@example.test", input=message.decode())
    imap = login(world, "bob@example.test")
    listed = b"\n".join(imap.list()[1])
    true(b"\\Sent" in listed and b"\\Junk" in listed, listed)
    same(imap.select("Junk")[1], [b"1"])
    imap.logout()
    got = received(world, "bob@example.test", lambda: sandbox(
        "deliver", world["dir"], "bob+tag@example.test", input=message.decode()))
    true(got.endswith(message), got)
    sandbox("deliver", world["dir"], "nobody@example.test", input="", status=1)


def test_noidle(world):
    """the server without IDLE does not offer it, before or after login."""
    for service, offered in (("imaps_noidle", False), ("imap_noidle", False), ("imaps", True)):
        imap = Imap(world, service)
        same((service, "IDLE" in imap.capabilities), (service, offered))
        imap.login("noidle@example.test", "noidlepw")
        same((service, b"IDLE" in imap.capability()[1][0].split()), (service, offered))
        imap.logout()


def test_bad_certificates(world):
    """wrong name, self-signed and expired certificates fail for just that reason."""
    for service, reason in (("imaps_wrongname", "Hostname mismatch"), ("imap_wrongname", "Hostname mismatch"),
                            ("imaps_selfsigned", "self-signed"), ("imaps_expired", "expired"),
                            ("submissions_wrongname", "Hostname mismatch"), ("submissions_selfsigned", "self-signed"),
                            ("submission_wrongname", "Hostname mismatch"), ("submissions_expired", "expired")):
        try:
            (Imap if service.startswith("imap") else Smtp)(world, service)
        except ssl.SSLCertVerificationError as error:
            true(reason in str(error), "%s: %s" % (service, error))
        else:
            raise AssertionError("%s: accepted" % service)


def test_stripped(world):
    """the plain servers offer no STARTTLS and would take the password."""
    imap = Imap(world, "imap_plain")
    true("STARTTLS" not in imap.capabilities and "LOGINDISABLED" not in imap.capabilities, imap.capabilities)
    imap.login("alice@example.test", "alicepw")
    with Smtp(world, "submission_plain") as smtp:
        true(smtp.has_extn("auth") and not smtp.has_extn("starttls"), smtp.esmtp_features)
        smtp.login("alice@example.test", "alicepw")


def validate(world, name, rtype, keys):
    answer = lookup(world, name, rtype, dnssec=True).answer
    wanted = dns.rdatatype.from_text(rtype)
    rrset = [item for item in answer if item.rdtype == wanted][0]
    rrsig = [item for item in answer if item.rdtype == dns.rdatatype.RRSIG][0]
    dns.dnssec.validate(rrset, rrsig, {dns.name.from_text("test"): keys})


def test_dnssec(world):
    """the zone is signed by the key of the anchor, and holds MX, SRV, TLSA, CAA and the DKIM keys."""
    keys = [item for item in lookup(world, "test", "DNSKEY").answer if item.rdtype == dns.rdatatype.DNSKEY][0]
    with open(world["anchor"]) as file:
        same(dns.dnssec.make_ds("test.", keys[0], "SHA256").to_text(), file.read().split(None, 3)[3].strip().lower())
    with open(world["anchor_wrong"]) as file:
        true("0" * 64 in file.read(), "the wrong anchor is not wrong")
    for name, rtype in (("example.test", "MX"), ("_imaps._tcp.example.test", "SRV"), ("ca.test", "CAA"),
                        ("s1._domainkey.example.test", "TXT"), ("imap.example.test", "A"),
                        ("ed1._domainkey.example.test", "TXT"), ("_dmarc.example.test", "TXT")):
        validate(world, name, rtype, keys)
    same(txt(world, "revoked._domainkey.example.test"), [b"v=DKIM1; k=rsa; p="])
    true(b"; t=y;" in txt(world, "testing._domainkey.example.test")[0], "no testing key")
    same(records(world, "_imaps._tcp.example.test", "SRV")[0].port, world["imaps"]["port"])
    with connect(world, "imaps") as stream:
        der = stream.getpeercert(True)
    public = subprocess.run(["openssl", "x509", "-inform", "DER", "-pubkey", "-noout"], input=der, capture_output=True)
    spki = ssl.PEM_cert_to_DER_cert(public.stdout.decode().replace("PUBLIC KEY", "CERTIFICATE"))
    tlsa = records(world, "_%d._tcp.imap.example.test" % world["imaps"]["port"], "TLSA")[0]
    same(tlsa.cert, hashlib.sha256(spki).digest())


def test_dns_edit(world):
    """a DKIM key can be taken away and put back while all runs."""
    name = "s1._domainkey.example.test"
    key = txt(world, name)[0].decode()
    sent = lambda: submit(world, "alice@example.test", "alice@example.test", "bob@example.test", "k")  # noqa: E731
    sandbox("dns", world["dir"], "unset", name, "TXT")
    same(txt(world, name), [])
    true(b"dkim=pass" not in received(world, "bob@example.test", sent), "opendkim still knows the key")
    sandbox("dns", world["dir"], "set", name, "TXT", key)
    same(txt(world, name), [key.encode()])
    got = received(world, "bob@example.test", sent)
    true(b"dkim=pass" in got and signed_by(world, got), "the key is not back")
    sandbox("dns", world["dir"], "add", name, "TXT", "v=DKIM1; p=")
    same(len(txt(world, name)), 2)
    sandbox("dns", world["dir"], "set", name, "TXT", key)
    sandbox("dns", world["dir"], "unset", "nothing.example.test", "TXT", status=1)
    sandbox("dns", world["dir"], "set", "name.example.com", "TXT", "x", status=1)


def test_ca_smtp(world):
    """mail for ca.test can be sent to a listener, byte for byte, and back to the mailbox."""
    catcher = Catcher()
    sandbox("ca-smtp", world["dir"], catcher.address)
    long_line = "0123456789" * 150
    submit(world, "alice@example.test", "alice@example.test", "acme+tag@ca.test", "to you",
           body="gr\u00fc\u00dfe\r\n.dot\r\n%s\r\n" % long_line)
    recipient, message = catcher.wait()
    same(recipient, "acme+tag@ca.test")
    true("gr\u00fc\u00dfe".encode() in message and long_line.encode() in message, message)
    same(signed_by(world, message)[0], "example.test")
    sandbox("ca-smtp", world["dir"], "-")
    received(world, "ca@ca.test", lambda: submit(
        world, "alice@example.test", "alice@example.test", "acme@ca.test", "to the mailbox"))
    same(len(catcher.caught), 1)
    sandbox("ca-smtp", world["dir"], "nonsense", status=1)


def test_sendmail(world):
    """the sendmail command's mail is signed too."""
    def send():
        command = [world["sendmail"], "-t", "-f", "alice@example.test"]
        subprocess.run(command, input=mail("alice@example.test", "bob@example.test", "by sendmail"), check=True)
    same(signed_by(world, received(world, "bob@example.test", send))[0], "example.test")


def test_beside(world, folder):
    """a second sandbox beside the first, unsigned, with the CA's mail elsewhere from the start; its end is its own."""
    catcher = Catcher()
    second = up(folder, "--no-dnssec", "--ca-smtp", catcher.address)
    same(second["anchor"], None)
    same([item.rdtype for item in lookup(second, "example.test", "MX", dnssec=True).answer], [dns.rdatatype.MX])
    submit(second, "alice@example.test", "alice@example.test", "acme@ca.test", "second")
    same(signed_by(second, catcher.wait()[1])[0], "example.test")
    same(signed_by(world, catcher.caught[0][1]), None)  # the keys are not the first one's
    true(sandbox("up", folder, status=1).stderr.endswith("a sandbox is running here\n"), "started twice")
    down(folder)
    same(processes_of(folder), [])
    same(sandbox("status", folder, status=1).stdout.count(" stopped\n"), 5)
    same(sandbox("status", world["dir"]).stdout.count(" running\n"), 5)


def test_half_way(folder):
    """a start that fails half-way prints the server's log and leaves no process."""
    os.unlink(os.path.join(folder, "opendkim/sock"))
    os.makedirs(os.path.join(folder, "opendkim/sock/taken"))
    result = sandbox("up", folder, status=1)
    true("opendkim did not start" in result.stderr and "sock" in result.stderr.split("log:\n")[1], result.stderr)
    same(processes_of(folder), [])


def test_again(folder):
    """a stopped sandbox starts again, with its keys and mail; even when its keeper was killed."""
    shutil.rmtree(os.path.join(folder, "opendkim/sock"))
    world = up(folder)
    os.kill(world["pids"]["keeper"], signal.SIGKILL)
    keeper.wait_exit([world["pids"]["keeper"]], 5)
    true(processes_of(folder), "nothing was left to stop")
    down(folder)
    same(processes_of(folder), [])


def test_run(_):
    """run: variables, exit status, and the end with its parent."""
    script = 'test -d "$SANDBOX_DIR" && "$SANDBOX" status "$SANDBOX_DIR" >/dev/null && echo "$SANDBOX_DIR" && exit 7'
    folder = sandbox("run", "--", "sh", "-c", script, status=7).stdout.strip()
    true(folder and not os.path.exists(folder), "%s is left" % folder)
    process = subprocess.Popen([SCRIPT, "run", "--", "sh", "-c", 'echo "$SANDBOX_DIR"; exec >&-; read never'],
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    folder = process.stdout.readline().strip()
    with open(os.path.join(folder, "sandbox.json")) as file:
        left = json.load(file)["pids"]["keeper"]
    process.kill()
    process.wait()
    true(keeper.wait_exit([left], 10), "the keeper stays without its parent")
    true(not os.path.exists(folder), "%s is left" % folder)
    same(processes_of(folder), [])


def test_not_root(_):
    """another user is told in one sentence."""
    result = sandbox("up", "/tmp/never", status=77, user=65534)
    same((result.stderr.count("\n"), "needs root" in result.stderr), (1, True))


def test_down(world, before):
    """down leaves no process, and nothing outside the folder has changed."""
    down(world["dir"])
    same(processes_of(world["dir"]), [])
    changed = {path for path, stat in outside().items() if before.get(path) != stat}
    same((changed, set(before) - set(outside())), (set(), set()))


def main():
    tap = Tap()
    top = tempfile.mkdtemp(prefix="mc-selftest-", dir="/tmp")
    os.chmod(top, 0o755)
    first, second = os.path.join(top, "a"), os.path.join(top, "b")
    before = outside()
    try:
        world = up(first)
        for test in (test_status, test_mail_out, test_mail_in, test_round_trips, test_passwords, test_mechanisms,
                     test_refusals, test_odd_domains, test_folders, test_noidle, test_bad_certificates, test_stripped,
                     test_dnssec, test_dns_edit, test_ca_smtp, test_sendmail):
            tap.run(test, world)
        tap.run(test_beside, world, second)
        for test in (test_half_way, test_again, test_run, test_not_root):
            tap.run(test, second)
        tap.run(test_down, world, before)
    except AssertionError as error:
        print("Bail out! %s" % str(error).replace("\n", "\n# "))
        return 1
    finally:
        for folder in (first, second):
            sandbox("down", folder, status=None)
        shutil.rmtree(top)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
