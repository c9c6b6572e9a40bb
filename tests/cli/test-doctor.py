#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""mailcert doctor: a set-up that is in order has no trouble, each planted fault is found with the right advice, and nothing
private is printed without --full."""

import base64
import contextlib
import json
import os
import re
import shutil
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from keyboard import Terminal  # noqa: E402
from stage import Ca, MAILCERT, Person, Sandbox, Tap, TESTS, told  # noqa: E402

tap = Tap()
PLUGIN = os.path.join(os.path.dirname(TESTS), "plugin")
ALICE = "alice@example.test"
OUTCOMES = {"ok", "note", "trouble", "unknown", "skipped"}


class Visit:
    """One run of the doctor, as JSON; what it printed is looked through for what it must not tell."""

    def __init__(self, person, *words, address=True, environment=None):
        address = [person.user] if address else []
        self.done = person.run("--json", "doctor", *address, *words, environment=environment)
        self.findings = {}
        with contextlib.suppress(ValueError):
            self.findings = {finding["check"]: finding for finding in json.loads(self.done.stdout)["findings"]}
        if "--full" not in words:
            self.check_privacy(person)

    def check_privacy(self, person):
        facts = person.sandbox.facts
        said = self.done.stdout + self.done.stderr
        secrets = [person.user.split("@")[0], person.user.split("@")[1], "127.0.0.1", "127.0.0.3", person.home, facts["dir"],
                   facts["users"][person.user]["password"], "imap.example", "smtp.example", os.uname().nodename]
        told_too_much = [secret for secret in secrets if secret in said]
        if told_too_much:
            tap.equal(told_too_much, [], "nothing private is told without --full", said)

    def troubles(self):
        return {name: finding["sentence"] for name, finding in self.findings.items() if finding["outcome"] == "trouble"}

    def outcome(self, check):
        return self.findings.get(check, {}).get("outcome")


def found(name, visit, check, outcome, status, sentence, step=None):
    """The fault is found by its check, says so, and what to do; the exit status fits."""
    finding = visit.findings.get(check, {})
    good = (finding.get("outcome") == outcome and re.search(sentence, finding["sentence"]) and
            (re.search(step, finding["next_step"] or "") if step else finding["next_step"] is None) and
            visit.done.returncode == status)
    tap.ok(good, name, "%r\n%r\n%s" % (finding, visit.troubles(), told(visit.done)))


class Zone:
    """The zone as the case wants it; as it was afterwards."""

    def __init__(self, sandbox, name, rtype, value, before):
        self.sandbox, self.name, self.rtype, self.value, self.before = sandbox, name, rtype, value, before

    def edit(self, value):
        words = ["unset", self.name, self.rtype] if value is None else ["set", self.name, self.rtype, value]
        self.sandbox.run("dns", *words)

    def __enter__(self):
        self.edit(self.value)

    def __exit__(self, *_):
        self.edit(self.before)


@contextlib.contextmanager
def changed(person, group, **keys):
    """The configuration with other keys (None: without), and then as it was."""
    before = dict(person.keys[group])
    person.keys[group].update({name.replace("_", "-"): value for name, value in keys.items()})
    person.write()
    yield person
    person.keys[group] = before
    person.write()


def healthy(sandbox, ca, person):
    visit = Visit(person)
    tap.ok(set(f["outcome"] for f in visit.findings.values()) <= OUTCOMES and len(visit.findings) >= 30, "thirty checks", told(visit.done))
    found("without mail nothing is known of DKIM, and nothing is sent", visit, "dkim", "unknown", 0, "No mail of yours", "--send-mail")
    tap.equal(ca.state()["counters"].get("orders", 0), 0, "the CA is asked for nothing")
    tap.equal(sandbox.run("mail", "--count", "0", "--seconds", "0", ALICE), b"", "no mail is sent")
    visit = Visit(person, "--send-mail")
    found("one mail to oneself shows that the provider signs", visit, "dkim", "ok", 0, "signs your mail")
    visit = Visit(person)
    tap.equal((visit.troubles(), visit.done.returncode), ({}, 0), "a set-up that is in order: no trouble, exit 0", told(visit.done))
    for check in ("config", "store", "account", "imap", "idle", "sending", "dkim", "mx", "caa", "dmarc", "spf", "ca", "clock", "eab",
                  "mail-roots", "keyring", "gpgsm", "openssl", "curl"):
        tap.equal(visit.outcome(check), "ok", "in order: " + check, visit.findings.get(check))
    tap.ok(visit.outcome("nss-root") in ("note", "skipped"), "the root is not claimed to be trusted by Mozilla's programs", visit.findings.get("nss-root"))
    found("the root is one that the person will be asked about", visit, "root", "note", 0, ca.ready["root_sha256"], "Compare")
    done = person.run("doctor", person.user, "--full")
    tap.ok("127.0.0.3" in done.stdout and person.home in done.stdout, "--full shows servers and files", told(done))
    done = person.run("doctor")
    tap.ok("Your mail\n  ok " in done.stdout and ALICE not in done.stdout, "the only address is meant, and not shown", told(done))


def servers(sandbox, ca, person):
    facts = sandbox.facts
    account = "account " + person.user
    with changed(person, account, password_command="echo wrong"):
        visit = Visit(person)
        found("a wrong password: IMAP", visit, "imap", "trouble", 78, "does not take the login", "password-command")
        found("a wrong password: SMTP", visit, "sending", "trouble", 78, "does not take the login", "smtp-user")
        tap.equal(visit.outcome("dkim"), "skipped", "what cannot be seen then is skipped")
    with changed(person, account, tls_ca_file=None):
        visit = Visit(person)
        found("an unknown root: IMAP", visit, "imap", "trouble", 78, "could not prove who it is", "tls-ca-file")
        found("an unknown root: SMTP", visit, "sending", "trouble", 78, "could not prove who it is", "tls-ca-file")
    with changed(person, account, imap=facts["imaps_wrongname"]["address_url"], smtp="smtps://127.0.0.1:1"):
        visit = Visit(person)
        found("another name in the certificate", visit, "imap", "trouble", 78, "could not prove who it is", "name in imap")
        found("no sending server", visit, "sending", "trouble", 78, "cannot be reached", "smtp of the account")
    with changed(person, account, imap="imaps://127.0.0.1:1"):
        found("no mail server", Visit(person), "imap", "trouble", 75, "cannot be reached", "imap of the account")
    with changed(person, account, imap=facts["imaps_noidle"]["address_url"]):
        found("no IDLE", Visit(person), "idle", "note", 0, "every 20 seconds")
    with changed(person, account, smtp=None, sendmail="/nonexistent/sendmail -t"):
        found("no sendmail", Visit(person), "sending", "trouble", 78, "does not exist", "sendmail of the account")
    with changed(person, account, imap=None):
        found("no way to fetch mail", Visit(person), "account", "note", 0, "cannot fetch", "mailcert hook")


def signed_mail(sandbox, **signing):
    """A mail from alice to herself, signed as SIGNING says (None: not at all)."""
    text = ("From: Alice <alice@example.test>\r\nTo: alice@example.test\r\nSubject: to me\r\nDate: %s\r\n"
            "Message-ID: <%s@client.test>\r\n\r\nhello\r\n" %
            (time.strftime("%a, %d %b %Y %H:%M:%S +0000", time.gmtime()), os.urandom(8).hex())).encode()
    if not signing:
        return text
    import dkim
    with open(os.path.join(sandbox.facts["dir"], "pki/dkim-example.key"), "rb") as file:
        key = file.read()
    return dkim.sign(text, signing.get("selector", b"s1"), signing.get("domain", b"example.test"), key,
                     include_headers=signing["headers"]) + text


def mail_to_oneself(sandbox, mail, user=ALICE, sent=True):
    """In INBOX, and in Sent too: then it is certain that the person has sent it."""
    sandbox.empty(user)
    sandbox.run("deliver", user, stdin=mail)
    if sent:
        sandbox.run("deliver", "--folder", "Sent", user, stdin=mail)


ALL = [b"From", b"To", b"Subject", b"Date", b"Message-ID"]


def signatures(sandbox, ca, person):
    cases = {
        "not signed": ({}, "trouble", 69, "is not signed", "turn on DKIM"),
        "the Subject is not signed": ({"headers": [b"From", b"To", b"Date", b"Message-ID"]}, "trouble", 69, "leaves out Subject", "sign this field"),
        "signed by another domain": ({"headers": ALL, "domain": b"mailer.test"}, "trouble", 69, "for another domain", "set up DKIM"),
        "the key is revoked": ({"headers": ALL, "selector": b"revoked"}, "trouble", 69, "no usable key", "publish the DKIM key"),
        "the key is for tests": ({"headers": ALL, "selector": b"testing"}, "trouble", 69, "no usable key", "publish"),
        "absent fields are not named": ({"headers": ALL}, "ok", 0, r"A few CAs want .*\(Sender for one\)", None),
    }
    for name, (signing, outcome, status, sentence, step) in cases.items():
        mail_to_oneself(sandbox, signed_mail(sandbox, **signing))
        found("mail to oneself, " + name, Visit(person), "dkim", outcome, status, sentence, step)
    for signing in ({}, {"headers": ALL, "domain": b"mailer.test"}):
        mail_to_oneself(sandbox, signed_mail(sandbox, **signing), sent=False)
        found("a mail that anybody may have written is no proof", Visit(person), "dkim", "unknown", 0, "No mail of yours", "--send-mail")
    mail = signed_mail(sandbox).replace(b"Subject:", b"List-Post: <mailto:alice@example.test>\r\nSubject:")
    mail_to_oneself(sandbox, mail)
    visit = Visit(person)
    found("a mailing list's address", visit, "list", "note", 0, "mailing list", "addresses of persons")
    tap.equal(visit.outcome("dkim"), "unknown", "a list's mail says nothing about the provider", visit.findings["dkim"])
    sandbox.empty(ALICE)


def providers(sandbox, ca):
    """What real servers do: nodkim.test does not sign, other.test signs as mailer.test."""
    for user, sentence, step in (("carol@nodkim.test", "is not signed", "turn on DKIM"), ("dave@other.test", "for another domain", "set up DKIM")):
        with Person(sandbox, ca, user=user) as person:
            found("a mail to oneself: " + user, Visit(person, "--send-mail"), "dkim", "trouble", 69, sentence, step)


def domain(sandbox, ca, person):
    def caa(value):
        return Zone(sandbox, "example.test", "CAA", value, '0 issuemail "ca.test"')
    for name, value, outcome, status, sentence, step in (
            ("only another CA may issue", '0 issuemail "other.example"', "trouble", 69, r"only other CAs .*\(ca.test\)", "allow"),
            ("nobody may issue", '0 issuemail ";"', "trouble", 69, "no CA issue", "allow a CA"),
            ("a critical record", '128 tbs "x"', "trouble", 69, "critical", "correct it"),
            ("CAA for web servers only", '0 issue ";"', "ok", 0, "every CA", None), ("no CAA", None, "ok", 0, "every CA", None)):
        with caa(value):
            found(name, Visit(person), "caa", outcome, status, sentence, step)
    with caa(None), Zone(sandbox, "test", "CAA", '0 issuemail "other.example"', None):
        found("CAA of a name above counts", Visit(person), "caa", "trouble", 69, "only other CAs", "choose a CA")
    with Zone(sandbox, "example.test", "MX", "0 .", "10 mx.example.test."):
        found("the domain takes no mail", Visit(person), "mx", "trouble", 69, "takes no mail", "domain that takes mail")
    with Zone(sandbox, "example.test", "MX", None, "10 mx.example.test."):
        found("no MX and no host", Visit(person), "mx", "trouble", 69, "cannot write to it", "spelling")
        with Zone(sandbox, "example.test", "A", "127.0.0.1", None):
            found("no MX but a host", Visit(person), "mx", "note", 0, "no mail servers", "MX record")


def authority(sandbox, ca, person):
    base = ca.ready["directory"].rsplit("/", 1)[0]
    with changed(person, "ca test", directory="https://127.0.0.1:1/directory"):
        found("no CA", Visit(person), "ca", "trouble", 75, "test cannot be reached", "try again later")
    done = person.run("doctor", "--ca", "tset")
    tap.ok(done.returncode == 78 and "test" in done.stderr, "a CA that is not known is a slip of the pen", told(done))
    with changed(person, "ca test", ca_file=None):
        found("a CA with an unknown root", Visit(person), "ca", "trouble", 78, "could not prove", "ca-file")
    with changed(person, "ca test", directory=base + "/nothing"):
        found("no ACME directory there", Visit(person), "ca", "trouble", 78, "no ACME directory", "directory")
    with changed(person, "ca test", mail_roots=person.home + "/none.pem"):
        found("mail-roots is missing", Visit(person), "mail-roots", "trouble", 78, "cannot be read", "mail-roots")
    ca.control(**{"eab": "kid-1:" + "A" * 43})
    found("an account binding is needed", Visit(person), "eab", "trouble", 78, "registered on its website", "--eab")
    with changed(person, "ca test", eab_file=person.home + "/none.eab"):
        found("the file of the binding is missing", Visit(person), "eab", "trouble", 78, "cannot be read", "eab-file")
    ca.control(eab="")
    for ahead, sentence in ((-3600, "60 minutes ahead"), (7200, "(119|120) minutes behind")):
        ca.control(**{"clock-ahead": ahead})
        found("the clock is wrong", Visit(person), "clock", "trouble", 78, sentence, "NTP")
    ca.control(**{"clock-ahead": 0})


def setting_up(sandbox, ca, person):
    with changed(person, "ca test", key="p256"):
        found("no keyring takes such a key", Visit(person), "keyring", "note", 0, "kind p256", "rsa3072")
    with changed(person, "ca test", key="p256"), changed(person, "mailcert", keyring="gpgsm"):
        found("gpgsm takes no such key", Visit(person), "keyring", "trouble", 77, "kind p256", "rsa3072")
    with changed(person, "mailcert", notify="perhaps"):
        visit = Visit(person)
        found("a mistake in the configuration", visit, "config", "trouble", 78, r"mailcert\.conf:\d+: notify", "Correct this line")
        tap.equal((visit.outcome("imap"), visit.outcome("store")), ("skipped", "ok"), "what does not need it is looked at")
        visit = Visit(person, "--full")
        tap.ok(person.config in visit.findings["config"]["detail"], "--full: where the file is", visit.findings["config"])
    with changed(person, "account " + person.user, imapp="imaps://secret.example.test"):
        found("an unknown key", Visit(person), "config", "trouble", 78, r"mailcert\.conf:\d+$", "Correct this line")
    os.makedirs(person.data, 0o700, exist_ok=True)
    with open(person.data + "/mailcert.db", "wb") as file:
        file.write(b"no database" * 1000)
    found("the records are damaged", Visit(person), "store", "trouble", 73, "cannot be read", "--full")
    shutil.rmtree(person.data)
    os.makedirs(person.home + "/.local/share/mailcert")
    with open(person.home + "/.local/share/mailcert/here", "w") as file:
        file.write("[here]\ndata=/somewhere/else\n")
    found("mail filters work with other records", Visit(person), "hook", "note", 0, "other records", "mailcert get")
    wants = person.home + "/.config/systemd/user/timers.target.wants"
    os.makedirs(wants)
    os.symlink("/usr/lib/systemd/user/mailcert-renew.timer", wants + "/mailcert-renew.timer")
    found("the timer is enabled", Visit(person), "timer", "ok", 0, "systemd timer")
    shutil.rmtree(person.home + "/.local")


def link(person, place, target):
    path = os.path.join(person.home, place)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    os.symlink(target, path)


def write(person, name, text):
    path = os.path.join(person.home, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as file:
        file.write(text)


def mail_programs(person):
    """What the programs of mutt and Claws Mail find in the settings that lie in the home folder."""
    build = os.path.dirname(MAILCERT)
    for place, target in (("bin/mailcert", MAILCERT), ("exec/mailcert-mutt", build + "/mailcert-mutt"),
                          ("exec/doctor/claws", build + "/claws-doctor"), ("exec/doctor/mutt", PLUGIN + "/mutt/doctor/mutt")):
        link(person, place, target)
    there = {"MAILCERT_EXEC_PATH": person.home + "/exec", "PATH": person.home + "/bin:" + os.environ["PATH"]}

    def visit():
        return Visit(person, environment=there)
    tap.equal([name for name in visit().findings if name.startswith(("mutt-", "claws-sign", "claws-plugin"))], [], "who uses neither is told of neither")
    if shutil.which("mutt") is None:
        tap.skip("mutt's settings", "mutt is not here")
    else:
        write(person, ".muttrc", "set from=%s\n" % person.user)
        found("mutt does not ask mailcert", visit(), "mutt-source", "note", 0, "would not sign", "source")
        write(person, ".muttrc", 'set from=%s crypt_use_gpgme=no\nsource "mailcert mutt rc|"\n' % person.user)
        found("mutt looks in the other keyring", visit(), "mutt-key", "trouble", 78, "crypt_use_gpgme is no", "smime-keys")
        write(person, ".muttrc", 'set from=%s crypt_use_gpgme=yes\nsource "mailcert mutt rc|"\n' % person.user)
        checked = visit()
        found("mutt asks mailcert", checked, "mutt-source", "ok", 0, "asks mailcert")
        found("mutt signs", checked, "mutt-key", "ok", 0, "signs with the certificate")
    fingerprint = next(keyring["key_id"] for keyring in person.status()[0]["keyrings"] if keyring["name"] == "gpgsm")
    plugins = "[Common]\nx=1\n[Plugins_GTK3]\n/usr/lib/claws-mail/plugins/pgpcore.so\n%s"
    smime, ours = "/usr/lib/claws-mail/plugins/smime.so\n", "/usr/lib/claws-mail/plugins/mailcert.so\n"

    def claws(choice, loaded, sign=1, address=person.user):
        prefs = base64.b64encode(choice.encode()).decode()
        write(person, ".claws-mail/clawsrc", plugins % loaded)
        write(person, ".claws-mail/accountrc", "[Account: 1]\naddress=other@example.test\ndefault_sign=0\n\n[Account: 2]\naddress=%s\n"
              "default_privacy_system=smime\ndefault_sign=%d\nprivacy_prefs=gpg=QQ==,smime=%s\n" % (address, sign, prefs))
        return visit()
    good = "CUSTOM;" + fingerprint
    checked = claws(good, smime + ours)
    found("Claws Mail signs", checked, "claws-sign", "ok", 0, "signs new mail")
    found("its plugin is loaded", checked, "claws-plugin", "ok", 0, "has loaded")
    found("its plugin is not loaded", claws(good, smime), "claws-plugin", "note", 0, "not loaded", "mailcert.so")
    found("it signs with an old certificate", claws("CUSTOM;" + "A" * 40, smime + ours), "claws-sign", "trouble", 78, "another certificate", "Choose the new one")
    found("it chooses by the address", claws("BY_FROM;", smime + ours), "claws-sign", "note", 0, "by the address", "fingerprint")
    found("its S/MIME plugin is not loaded", claws(good, ours), "claws-sign", "trouble", 78, "not loaded", "smime.so")
    found("it does not sign", claws(good, smime + ours, sign=0), "claws-sign", "note", 0, "not sign new mail", "Privacy page")
    tap.equal(claws(good, smime, address="x@example.test").outcome("claws-sign"), None, "an account of another address is not looked at")


def with_certificate(sandbox, ca, person):
    ca.control(**{"crl-dp": "http://127.0.0.1:1/crl"})
    with open(person.gnupg + "/gpgsm.conf", "w") as file:
        file.write("disable-crl-checks\n")
    done = person.get("--keyring", "gpgsm", "--keyring", "files:" + person.home + "/out")
    if not tap.equal(done.returncode, 0, "a certificate is there", told(done)):
        return
    visit = Visit(person)
    tap.equal((visit.troubles(), visit.done.returncode), ({}, 0), "with a certificate: no trouble", told(visit.done))
    for check in ("certificate", "installed", "root", "hook"):
        tap.equal(visit.outcome(check), "ok", "with a certificate: " + check, visit.findings.get(check))
    found("its revocation list cannot be had: a warning", visit, "crl", "note", 0, "cannot be fetched", "tell the CA")
    with open(person.gnupg + "/trustlist.txt") as file:
        trusted = file.read()
    with open(person.gnupg + "/trustlist.txt", "w") as file:
        file.write("# nothing\n")
    found("the root is not trusted", Visit(person), "root", "trouble", 77, "does not trust the root", "--trust-root " + ca.ready["root_sha256"])
    with open(person.gnupg + "/trustlist.txt", "w") as file:
        file.write(trusted)
    mail_programs(person)
    shutil.rmtree(person.home + "/out")
    found("a keyring has lost its copy", Visit(person), "installed", "trouble", 77, "no longer", "mailcert install")


def before_an_order(sandbox, ca):
    """get says what speaks against it; unattended it goes on, and the record remembers when the CA then refuses."""
    user = "carol@nodkim.test"
    mail = signed_mail(sandbox).replace(b"alice@example.test", user.encode())
    with Person(sandbox, ca, user=user) as person:
        mail_to_oneself(sandbox, mail, user)
        words = ["get", user, "--agree-tos", "--wait", "60", "--key", "p256", "--keyring", "files:" + person.home + "/out"]
        terminal = Terminal(person, *person.words(*words)[1:])
        tap.ok(terminal.until("[y/N] "), "on a terminal get asks before it goes on", terminal.text)
        tap.ok("is not signed (DKIM)" in terminal.text and "turn on DKIM" in terminal.text, "and says why, and what to do", terminal.text)
        terminal.type("n\n")
        tap.equal(terminal.end(), 75, "no: nothing is asked for", terminal.text)
        tap.equal(person.status(), [], "nothing is kept")
        done = person.run(*words)
        tap.ok(done.returncode == 69 and "is not signed (DKIM)" in done.stderr, "unattended it says so and goes on", told(done))
        record = person.status()[0]
        tap.ok("sign your mail (DKIM)" in record["next_step"], "the next step is about the provider", record)
        tap.ok(any("without a DKIM signature" in (entry["detail"] or "") for entry in record["history"]), "the history has it", record)
        sandbox.empty(user)
    with Person(sandbox, ca) as person:  # forged mail is no reason to warn
        mail_to_oneself(sandbox, signed_mail(sandbox), sent=False)
        done = person.get("--key", "p256", "--keyring", "files:" + person.home + "/out")
        tap.ok(done.returncode == 0 and "DKIM" not in done.stderr, "no warning for a mail that anybody may have written", told(done))


with Sandbox() as stage, Ca(stage) as authority_of_tests:
    for part in (healthy, servers, signatures, domain, authority, setting_up, with_certificate):
        if len(sys.argv) < 2 or part.__name__ in sys.argv[1:]:
            stage.empty(ALICE)
            begun = time.monotonic()
            with Person(stage, authority_of_tests) as somebody:
                part(stage, authority_of_tests, somebody)
            print("# %s: %.1f s" % (part.__name__, time.monotonic() - begun))
    for part in (providers, before_an_order):
        if len(sys.argv) < 2 or part.__name__ in sys.argv[1:]:
            part(stage, authority_of_tests)
tap.end()
