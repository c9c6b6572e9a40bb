#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The JSON of every command against mailcert-json(5), through a whole enrollment by hook, reply and renewal."""

import json
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from stage import Ca, Person, Sandbox, Tap, told  # noqa: E402

tap = Tap()
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
STATES = {"NEW", "ACCOUNT", "ORDERED", "READY", "FINALIZING", "ISSUED", "INSTALLED", "FAILED", "EXPIRED"}
ADDRESS_STATES = {"NEW", "AWAIT_MAIL", "REPLY_READY", "SENDING", "QUEUED", "REPLIED", "POSTED", "VALID"}
WAITS = {None, "mail", "sending", "ca", "keyring", "predecessor", "person"}
CODES = {"internal", "usage", "malformed", "refused", "no-input", "ca", "write", "later", "keyring", "config", "login", "tls"}


class Text:
    """Some text, also where it must look like PATTERN."""

    def __init__(self, pattern=None, null=False):
        self.pattern, self.null = pattern, null

    def fits(self, value):
        if value is None:
            return self.null
        return isinstance(value, str) and (self.pattern is None or re.fullmatch(self.pattern, value) is not None)


TEXT, TEXT_OR_NULL = Text(), Text(null=True)
WHEN, WHEN_OR_NULL = Text(TIME), Text(TIME, null=True)
PROBLEM = {"type": TEXT, "detail": TEXT, "instance?": TEXT, "status?": int, "retry_at?": TEXT, "subproblems?": list}
ERROR = {"code": CODES, "message": TEXT, "next": TEXT_OR_NULL, "problem": (None, PROBLEM)}
ENROLLMENT = {
    "id": int, "ca": TEXT, "directory": Text("https://.*"), "state": STATES, "since": WHEN, "deadline": WHEN_OR_NULL, "waiting_for": WAITS,
    "sentence": TEXT, "next_step": TEXT_OR_NULL,
    "addresses": [{"address": TEXT, "state": ADDRESS_STATES, "message_id": Text("<.+>", True), "reply_message_id": Text("<.+>", True),
                   "reply_to": TEXT_OR_NULL, "transport": TEXT_OR_NULL, "replied_at": WHEN_OR_NULL, "posted_at": WHEN_OR_NULL}],
    "certificate": (None, {"serial": Text("[0-9a-f]+"), "not_before": WHEN, "not_after": WHEN, "usage": {"both", "sign", "encrypt"},
                           "issuer": TEXT, "revoked_at": WHEN_OR_NULL, "revocation": TEXT_OR_NULL}),
    "keyrings": [{"name": TEXT, "state": {"pending", "ready", "untrusted", "failed"}, "error": TEXT_OR_NULL, "key_id": TEXT_OR_NULL}],
    "renew_at": WHEN_OR_NULL, "replaces": TEXT_OR_NULL, "predecessor": (None, int),
    "renewal_info": (None, {"start": WHEN_OR_NULL, "end": WHEN_OR_NULL, "explanation": TEXT_OR_NULL, "check_at": WHEN_OR_NULL}),
    "history": [{"at": WHEN, "state": STATES | ADDRESS_STATES | {"NOTE", "REVOKING", "REVOKED"}, "address": TEXT_OR_NULL, "detail": TEXT_OR_NULL}],
    "error": (None, ERROR)}
WORKED = {"schema": {1}, "changed": bool, "enrollments": [ENROLLMENT], "error?": ERROR}
STATUS = {"schema": {1}, "enrollments": [ENROLLMENT], "renewal_due?": bool}
FAILED = {"schema": {1}, "error": ERROR}
INSPECTION = {
    "schema": {1}, "kind": {"challenge", "response", "other"}, "verdict": Text("[a-z-]+"),
    "checks": [{"name": Text("[a-z-]+"), "ok": bool, "detail": TEXT_OR_NULL}], "from": TEXT_OR_NULL, "to": TEXT_OR_NULL,
    "reply_to": TEXT_OR_NULL, "message_id": Text("<.+>", True), "token_part1": Text("[A-Za-z0-9_=-]+", True),
    "signature": {"method": {"dkim", "smime", "none"}, "domain": TEXT_OR_NULL, "selector": TEXT_OR_NULL, "signer": TEXT_OR_NULL}}
CAS = {"schema": {1}, "cas": [{"name": TEXT, "directory": Text("https://.*"), "default": bool, "root": {"unknown", "private"}}]}
CA = {"schema": {1}, "ca": {"name": TEXT, "directory": Text("https://.*"), "website": TEXT_OR_NULL, "terms": TEXT_OR_NULL, "eab_required": bool,
                            "renewal_info": bool, "revocation": bool, "key_change": bool, "root": {"unknown", "private"},
                            "nss_root": {"mail", "other", "absent", "no-store", "no-root"},
                            "profiles": [{"name": TEXT, "description": TEXT_OR_NULL}]}}

FINDINGS = {"schema": {1}, "findings": [{"check": Text("[a-z0-9-]+"), "outcome": {"ok", "note", "trouble", "unknown", "skipped"},
                                         "sentence": TEXT, "next_step": TEXT_OR_NULL, "detail": TEXT_OR_NULL}]}


def flaws(value, shape, where="report"):
    """What of VALUE is not as SHAPE says; a member whose name ends with ? may be absent; no other members."""
    if isinstance(shape, tuple):
        return [] if value is None else flaws(value, shape[1], where)
    if isinstance(shape, dict):
        if not isinstance(value, dict):
            return [where + " is no object"]
        known = {name.rstrip("?"): inner for name, inner in shape.items()}
        found = ["%s.%s is unknown" % (where, name) for name in value if name not in known]
        found += ["%s.%s is missing" % (where, name) for name in shape if not name.endswith("?") and name not in value]
        for name, inner in known.items():
            if name in value:
                found += flaws(value[name], inner, where + "." + name)
        return found
    if isinstance(shape, list):
        if not isinstance(value, list):
            return [where + " is no array"]
        return [flaw for index, item in enumerate(value) for flaw in flaws(item, shape[0], "%s[%d]" % (where, index))]
    if isinstance(shape, set):
        good = value in shape and not isinstance(value, bool)
    elif isinstance(shape, Text):
        good = shape.fits(value)
    elif shape is int:
        good = isinstance(value, int) and not isinstance(value, bool)
    else:
        good = isinstance(value, shape)
    return [] if good else ["%s is %r" % (where, value)]


def check(person, shape, status, name, *words, **keys):
    """One command: its status, one line of JSON of that shape; returns the report."""
    done = person.run("--json", *words, **keys)
    text = done.stdout if isinstance(done.stdout, str) else done.stdout.decode()
    try:
        report = json.loads(text)
    except ValueError:
        report = None
    found = ["it is not one line of JSON"] if report is None or text.count("\n") != 1 else flaws(report, shape)
    tap.ok(done.returncode == status and found == [], name, "\n".join(found) + "\n" + told(done))
    return report or {}


def by_reply(sandbox, ca):
    """No way to read or send mail of our own: status, inspect, reply, renew."""
    with Person(sandbox, ca, account={"imap": None, "smtp": None}) as person:
        user = person.user
        words = ("get", user, "--agree-tos", "--key", "p256", "--keyring", "files:" + person.home + "/out", "--no-wait")
        report = check(person, WORKED, 75, "get: unfinished", *words)
        e = (report.get("enrollments") or [{}])[0]
        tap.ok(e.get("state") == "ORDERED" and e.get("waiting_for") == "mail" and report["error"]["code"] == "later" and
               report["changed"] is False, "get says what it waits for", report)
        mail = arrived(sandbox, user)
        report = check(person, INSPECTION, 0, "inspect: the real one", "inspect", stdin=mail)
        tap.equal((report.get("verdict"), report.get("signature", {}).get("method")), ("authentic", "dkim"), "inspect: its verdict")
        check(person, INSPECTION, 65, "inspect: one with more text below it", "inspect", stdin=mail + b"more\n")
        report = check(person, {"schema": {1}, "reply": TEXT}, 0, "reply", "reply", stdin=mail)
        reply = report.get("reply", "")
        tap.ok("\r\n" in reply and "\n" not in reply.replace("\r\n", "") and "-----BEGIN ACME RESPONSE-----" in reply, "reply: CRLF", reply)
        report = check(person, FAILED, 65, "reply: never twice", "reply", stdin=mail)
        tap.equal(report["error"]["code"], "refused", "reply: refused")
        report = check(person, STATUS, 0, "status after the reply", "status", user)
        address = report["enrollments"][0]["addresses"][0]
        tap.ok(address["state"] in ("REPLIED", "POSTED") and address["message_id"] and address["reply_message_id"], "status: ids", address)
        sandbox_send(sandbox, user, report_from(mail), reply)
        # After a reply that a person sends, mailcert gives her a minute before it tells the CA.
        check(person, WORKED, 0, "renew carries it on", "renew", "--wait", "110")
        finished(person, user)


def report_from(mail):
    return re.search(rb"^From:.*?([^\s<]+@[^\s>]+)", mail, re.M).group(1).decode()


def arrived(sandbox, user):
    """The CA's mail as the person's server keeps it, as soon as it is there."""
    with open(sandbox.run("mail", user, "--count", "1").decode().splitlines()[-1], "rb") as file:
        return file.read()


def sandbox_send(sandbox, user, to, text):
    """As a mail program would: through the submission server, which signs."""
    import smtplib
    import ssl
    facts = sandbox.facts
    with smtplib.SMTP(facts["submission"]["host"], facts["submission"]["port"]) as server:
        context = ssl.create_default_context(cafile=facts["tls_ca"])
        context.check_hostname = False
        server.starttls(context=context)
        server.login(user, facts["users"][user]["password"])
        server.sendmail(user, [to], text.encode())


def finished(person, user):
    """With a certificate there: every command that works on one."""
    report = check(person, STATUS, 0, "status at the end", "status")
    e = report["enrollments"][0]
    tap.ok(e["state"] == "INSTALLED" and e["certificate"] and e["waiting_for"] is None and e["error"] is None and
           e["keyrings"][0]["state"] == "ready" and os.path.isfile(e["keyrings"][0]["key_id"] + "/key.pem"),
           "status: installed", e)
    report = check(person, STATUS, 1, "status --renewal-due: no", "status", "--renewal-due", user)
    tap.ok(report.get("renewal_due") is False, "status: not due", report)
    report = check(person, WORKED, 0, "get: there is one already", "get", user, "--agree-tos")
    tap.ok(report.get("changed") is False and len(report["enrollments"]) == 1, "get: nothing new", report)
    report = check(person, WORKED, 0, "renew: nothing is due", "renew", user)
    tap.equal(report.get("enrollments"), [], "renew: nothing was done")
    check(person, {"schema": {1}, "enrollments": [ENROLLMENT], "error?": ERROR}, 0, "install", "install", user)
    exports(person, user)
    check(person, {"schema": {1}, "forgotten": {user}}, 0, "forget", "forget", user)
    check(person, FAILED, 66, "forget: it is gone", "forget", user)


def exports(person, user):
    shape = {"schema": {1}, "file": TEXT, "key": bool}
    path = person.home + "/exported"
    for words, key in ((("--cert", path), False), (("--pem", path), True), (("--p12", path, "--passphrase-fd", "0"), True),
                       (("--p12", path, "--compat", "--passphrase-fd", "0"), True)):
        report = check(person, shape, 0, "export " + " ".join(words[:1] + words[2:3]), "export", user, *words, stdin="horse\n")
        tap.ok(report.get("key") is key and os.stat(path).st_mode & 0o777 == 0o600, "for nobody else", oct(os.stat(path).st_mode))
        if words[0] == "--p12":
            done = subprocess.run(["openssl", "pkcs12", "-in", path, "-passin", "pass:horse", "-nodes",
                                   *(["-legacy"] if "--compat" in words else [])], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
            tap.ok(done.returncode == 0 and b"PRIVATE KEY" in done.stdout and done.stdout.count(b"BEGIN CERTIFICATE") >= 2,
                   "openssl reads key and chain")
    check(person, FAILED, 77, "export: nobody to type a passphrase", "export", user, "--p12", path)
    check(person, FAILED, 73, "export: no such folder", "export", user, "--cert", "/no/such/folder/file")
    done = person.run("export", user, "--cert", "-")
    tap.ok(done.returncode == 0 and done.stdout.startswith("-----BEGIN CERTIFICATE-----"), "export to the standard output", told(done))


def by_hook(sandbox, ca):
    """A mail filter brings the mail; the hook does the rest."""
    with Person(sandbox, ca, account={"imap": None}) as person:
        person.run("get", person.user, "--agree-tos", "--key", "p256", "--keyring", "files:" + person.home + "/out", "--no-wait")
        mail = arrived(sandbox, person.user)
        report = check(person, {"schema": {1}, "spooled": bool}, 0, "hook", "hook", stdin=mail)
        tap.ok(report.get("spooled") is True, "hook: kept", report)
        report = check(person, STATUS, 0, "status after the hook", "status")
        tap.equal([e["state"] for e in report["enrollments"]], ["INSTALLED"], "the hook carried it to its end")
        report = check(person, {"schema": {1}, "spooled": bool}, 0, "hook: the same again", "hook", stdin=mail)


def detached(sandbox, ca):
    """The hook returns when the mail is kept; its other half goes on, and renew waits for that."""
    with Person(sandbox, ca, account={"imap": None}) as person:
        person.run("get", person.user, "--agree-tos", "--key", "p256", "--keyring", "files:" + person.home + "/out", "--no-wait")
        ca.control(**{"wait": "hold", "mail-delay": 0})
        report = check(person, {"schema": {1}, "spooled": bool}, 0, "hook --detach", "hook", "--detach", stdin=arrived(sandbox, person.user))
        tap.ok(report.get("spooled") is True, "hook --detach: kept", report)
        done = person.run("renew", "--wait", "60")
        tap.equal(done.returncode, 0, "renew beside it", told(done))
        report = check(person, STATUS, 0, "status after the hook's other half", "status")
        tap.equal([e["state"] for e in report["enrollments"]], ["INSTALLED"], "it was carried to its end")


def renewals(sandbox, ca):
    """A certificate that is old from the beginning."""
    ca.control(validity=1000, backdate=4000)
    with Person(sandbox, ca) as person:
        words = ("get", person.user, "--agree-tos", "--key", "p256", "--keyring", "files:" + person.home + "/out", "--wait", "60")
        first = check(person, WORKED, 0, "get: an old one", *words).get("enrollments", [{}])[0]
        report = check(person, STATUS, 0, "status --renewal-due: yes", "status", "--renewal-due")
        tap.ok(report.get("renewal_due") is True, "status: due", report)
        done = person.run("status")
        tap.ok("To renew it: mailcert renew " + person.user in done.stdout, "status names the command", told(done))
        ca.control(fail=["reject::" + person.user])
        report = check(person, WORKED, 69, "renew: the CA says no", "renew", "--due", "--wait", "60")
        done = person.run("status")
        tap.ok("It could not be renewed since today" in done.stdout and "test refused" in done.stdout, "status says so", told(done))
        report = check(person, WORKED, 0, "renew --due does not ask again at once", "renew", "--due", "--wait", "60")
        tap.equal(report.get("enrollments"), [], "nothing was asked for")
        ca.control(fail=["none"], validity=86400 * 90, backdate=0)
        sandbox.empty(person.user)
        report = check(person, WORKED, 0, "renew", "renew", "--wait", "60")
        second = (report.get("enrollments") or [{}])[0]
        tap.ok(report.get("changed") is True and second.get("id") != first.get("id") and second.get("state") == "INSTALLED" and
               second["keyrings"][0]["name"] == first["keyrings"][0]["name"], "a new one beside the old, in the same keyring", report)
        check(person, STATUS, 1, "status --renewal-due: no longer", "status", "--renewal-due", person.user)
        done = person.run("status")
        tap.equal(done.stdout.count(person.user + " (test)"), 1, "status leaves out what has been replaced", told(done))
        done = person.run("status", "-v")
        tap.ok(done.stdout.count(person.user + " (test)") >= 2, "status -v shows it", told(done))
        report = check(person, STATUS, 0, "status as JSON has all", "status")
        tap.ok(len(report["enrollments"]) >= 2, "the old one is kept", report)
        sandbox.empty(person.user)
        report = check(person, WORKED, 0, "renew --force", "renew", "--force", person.user, "--wait", "60")
        tap.ok(report.get("changed") is True and len(report["enrollments"]) == 1, "one more", report)


def cas(sandbox, ca):
    with Person(sandbox, ca) as person:
        report = check(person, CAS, 0, "ca", "ca")
        tap.ok([entry["name"] for entry in report["cas"] if entry["default"]] == ["test"], "ca: the default", report)
        report = check(person, CA, 0, "ca NAME", "ca", "test")
        tap.ok(report["ca"]["terms"] and [p["name"] for p in report["ca"]["profiles"]] == ["smime", "other"], "ca: what it offers", report)
        check(person, FAILED, 78, "ca: no such name", "ca", "nowhere")
        for words in ((), (person.user,), (person.user, "--full")):
            report = check(person, FINDINGS, 0, "doctor", "doctor", *words)
            tap.ok(any(finding["detail"] for finding in report["findings"]) == ("--full" in words), "doctor: details with --full only", report)


def main():
    with Sandbox() as sandbox:
        for part in (by_reply, by_hook, detached, renewals, cas):
            sandbox.empty("alice@example.test")
            with Ca(sandbox, "--terms", "self", "--profile", "smime,other") as ca:
                try:
                    part(sandbox, ca)
                except (OSError, subprocess.SubprocessError, KeyError, TypeError, ValueError, IndexError) as error:
                    tap.ok(False, part.__name__ + " came to its end", repr(error))
                tap.equal(ca.violations(), [], part.__name__ + ": the CA saw no rule broken")
    tap.end()


main()
