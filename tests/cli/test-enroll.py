#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole way: mailcert get, a CA, real mail servers, gpgsm, and a signed mail that openssl verifies."""

import json
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from stage import Ca, Person, Sandbox, Tap, told  # noqa: E402

tap = Tap()


def signed_mail_verifies(person, ca):
    """gpgsm signs as a mail client would; openssl, which knows nothing of us, checks it against the CA's root."""
    text = b"Content-Type: text/plain\r\n\r\nsigned by her\r\n"
    done = subprocess.run(["gpgsm", "--batch", "--disable-crl-checks", "-u", person.user, "--detach-sign", "--base64"],
                          input=text, capture_output=True, env=person.environment())
    if done.returncode != 0:
        return False, done.stderr
    content, signature = os.path.join(person.home, "content"), os.path.join(person.home, "signature")
    with open(content, "wb") as file:
        file.write(text)
    with open(signature, "wb") as file:
        file.write(done.stdout)
    check = subprocess.run(["openssl", "cms", "-verify", "-binary", "-inform", "PEM", "-in", signature, "-content", content,
                            "-CAfile", ca.ready["root"], "-purpose", "smimesign", "-out", "/dev/null"],
                           capture_output=True)
    if check.returncode != 0:  # gpgsm writes "SIGNED MESSAGE", openssl wants "CMS" or "PKCS7"
        der = subprocess.run(["gpgsm", "--batch", "--disable-crl-checks", "-u", person.user, "--detach-sign"],
                             input=text, capture_output=True, env=person.environment()).stdout
        with open(signature, "wb") as file:
            file.write(der)
        check = subprocess.run(["openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", signature, "-content",
                                content, "-CAfile", ca.ready["root"], "-purpose", "smimesign", "-out", "/dev/null"],
                               capture_output=True)
    return check.returncode == 0, check.stderr


def installed(person):
    enrollments = person.status()
    return len(enrollments) == 1 and enrollments[0]["state"] == "INSTALLED"


def clean(ca, name):
    tap.equal(ca.violations(), [], name + ": the CA saw no rule broken")


def plain(sandbox):
    with Ca(sandbox, "--wait", "hold", "--terms", "self", "--judge-dkim", "oversign") as ca, Person(sandbox, ca) as person:
        done = person.get()
        if not tap.equal(done.returncode, 0, "get ends with 0", told(done)):
            return
        tap.ok(installed(person), "status says INSTALLED", person.status())
        good, why = signed_mail_verifies(person, ca)
        tap.ok(good, "a mail signed by gpgsm verifies with openssl", why)
        requests = [entry for entry in ca.log() if entry["kind"] == "acme"]
        tap.equal(len(requests), 8, "eight requests", [(entry["method"], entry["path"]) for entry in requests])
        tap.equal(len({entry["connection"] for entry in requests}), 2, "one connection, and one for the challenge POST that must not be repeated")
        clean(ca, "plain")
        again = person.get()
        tap.equal(again.returncode, 0, "a second get has nothing to do", told(again))
        tap.equal(len([e for e in ca.log() if e["kind"] == "acme"]), 8, "and asks the CA nothing")
        done = person.run("status", "--renewal-due", person.user)
        tap.equal(done.returncode, 1, "no renewal is due", told(done))
        other_keyrings(person, ca)


def other_keyrings(person, ca):
    """The same certificate for the other mail programs, and what each calls it."""
    specs = ["smime-keys", "nss:" + person.home + "/profile", "files:" + person.home + "/out"]
    words = [word for spec in specs for word in ("--keyring", spec)]
    done = person.run("install", person.user, "--trust-root", ca.ready["root_sha256"], *words)
    tap.equal(done.returncode, 0, "install: into every other keyring", told(done))
    ids = {entry["name"]: entry["key_id"] for entry in person.status()[0]["keyrings"] if entry["state"] == "ready"}
    patterns = {"gpgsm": "[0-9A-F]{40}", "smime-keys": r"[0-9a-f]{8}\.0", specs[1]: re.escape(person.user),
                specs[2]: re.escape(person.home + "/out/" + person.user + "/") + "[0-9]{8}-[0-9a-f]{8}"}
    tap.equal(set(ids), set(patterns), "all four are ready")
    for name, pattern in patterns.items():
        tap.ok(re.fullmatch(pattern, ids.get(name) or ""), "key_id of " + name, ids)
    tap.ok(os.path.isfile(person.home + "/.smime/keys/" + ids["smime-keys"]), "~/.smime has the key under it")
    done = person.run("status", "-v")
    for name, id in ids.items():
        tap.ok(id + ", valid until " in done.stdout, "status -v: what is in " + name, told(done))
    tap.equal(done.stdout.count("this one signs"), 4, "and that it signs", told(done))


def matrix(sandbox):
    """Both triggers, both joins, four lengths of token-part1; alternating waits."""
    for trigger in ("authz", "post"):
        for join in ("string", "bytes"):
            for size in (16, 20, 24, 32):
                name = "%s/%s/%d" % (trigger, join, size)
                sandbox.empty("alice@example.test")
                options = ["--trigger", trigger, "--join", join, "--token1-bytes", str(size), "--wait",
                           "poll" if size == 20 else "hold"]
                if size == 16:
                    options += ["--pad"]
                keys = {"token-join": join, "trigger": "rfc" if trigger == "authz" else "post-first"}
                with Ca(sandbox, *options) as ca, Person(sandbox, ca, ca_keys=keys) as person:
                    done = person.get("--key", "p256", "--keyring", "files:" + person.home + "/out")
                    tap.equal(done.returncode, 0, name + " enrolls", told(done))
                    clean(ca, name)


def auto(sandbox):
    for trigger in ("authz", "post"):
        sandbox.empty("alice@example.test")
        with Ca(sandbox, "--trigger", trigger, "--wait", "poll") as ca, \
                Person(sandbox, ca, ca_keys={"trigger": "auto", "trigger-wait": "2"}) as person:
            done = person.get("--key", "p256", "--keyring", "files:" + person.home + "/out")
            tap.equal(done.returncode, 0, "trigger = auto enrolls where the mail comes at " + trigger, told(done))
            clean(ca, "auto/" + trigger)


def forms(sandbox):
    """What a challenge may look like."""
    cases = {"folded": ["--subject", "fold"], "encoded": ["--subject", "encoded"],
             "encoded and folded": ["--subject", "encoded-fold"], "without type=acme": ["--type-acme", "no"],
             "HTML": ["--body", "html"], "Reply-To": ["--reply-to", "answers@ca.test"],
             "a From of its own": ["--per-challenge-from"], "odd URLs": ["--odd-urls"], "alternates": ["--alternates", "2"],
             "unknown challenges beside": ["--fail", "extra-challenges"], "finalize takes time": ["--finalize", "2"],
             "sent twice": ["--fail", "mail-twice"], "looks once": ["--wait", "once"],
             "mail at newOrder": ["--trigger", "order"]}
    for name, options in cases.items():
        sandbox.empty("alice@example.test")
        with Ca(sandbox, *options) as ca, Person(sandbox, ca) as person:
            done = person.get("--key", "p256", "--keyring", "files:" + person.home + "/out")
            tap.equal(done.returncode, 0, name, told(done))
            clean(ca, name)


def busy_mailbox(sandbox):
    """A hundred other mails change nothing; the challenge may be there before anybody looks."""
    sandbox.empty("alice@example.test")
    for number in range(100):
        mail = "From: bob@example.test\nTo: alice@example.test\nSubject: %s %d\nMessage-ID: <%d@example.test>\n\nhello\n" % (
            "ACME: not really" if number % 10 == 0 else "lunch", number, number)
        sandbox.run("deliver", "alice@example.test", stdin=mail.encode())
    with Ca(sandbox) as ca, Person(sandbox, ca) as person:
        done = person.run("get", person.user, "--agree-tos", "--no-wait", "--key", "p256", "--keyring",
                          "files:" + person.home + "/out")
        tap.ok(done.returncode in (0, 75), "--no-wait leaves at once", told(done))
        ca.wait("mails-out")
        done = person.run("renew", "--wait", "60")
        tap.equal(done.returncode, 0, "renew finds the challenge that was there before", told(done))
        tap.ok(installed(person), "and carries the order to its end", person.status())
        clean(ca, "busy mailbox")


def commands(sandbox):
    """on-installed is run with what happened in its environment, and no shell of ours in between."""
    with Ca(sandbox) as ca, Person(sandbox, ca) as person:
        pipe = os.path.join(person.home, "told")
        os.mkfifo(pipe)
        person.keys["mailcert"]["on-installed"] = "sh -c 'echo $MAILCERT_ADDRESSES $MAILCERT_STATE >%s'" % pipe
        person.write()
        done = person.run("get", person.user, "--agree-tos", "--wait", "60", "--keyring", "files:" + person.home + "/out")
        tap.equal(done.returncode, 0, "enrolls with on-installed", told(done))
        with open(pipe) as file:  # the command waits in its own open until we read
            tap.equal(file.read().strip(), "alice@example.test INSTALLED", "on-installed was told")
        done = person.run("install", person.user, "--keyring", "gpgsm")
        tap.ok(done.returncode == 77 and "mailcert install alice@example.test --trust-root " + ca.ready["root_sha256"] in done.stderr,
               "a root that is not trusted: the next step has its fingerprint", told(done))
        tap.ok(ca.ready["root_sha256"] in person.status()[0]["keyrings"][-1]["error"], "and so has status", person.status())
        done = person.run("install", person.user, "--keyring", "gpgsm", "--trust-root", "ab" * 32)
        tap.ok(done.returncode == 77 and "is not the one that you gave" in done.stderr, "another fingerprint than the root's is said to be one",
               told(done))
        done = person.run("install", person.user, "--trust-root", ca.ready["root_sha256"])
        tap.equal(done.returncode, 0, "install, when it is trusted", told(done))
        done = person.run("install", person.user, "--trust-root", "ab" * 32)
        tap.ok(done.returncode == 77 and "is not the one that you gave" in done.stderr and ca.ready["root_sha256"] in done.stderr,
               "another fingerprint, when it is trusted already, too", told(done))
        with open(pipe) as file:
            tap.equal(file.read().strip(), "alice@example.test INSTALLED", "on-installed is told of that, too")


def smime(sandbox):
    """A CA that signs its mail with S/MIME and has no DKIM: nodkim.test is what no server signs for."""
    for protect, roots, code in (("hp", True, "authentic"), ("wrapped", True, "authentic"), ("none", True, "smime-headers"),
                                 ("hp", False, "smime-untrusted")):
        name = "S/MIME, %s, mail-roots %s" % (protect, "set" if roots else "unset")
        sandbox.empty("alice@example.test")
        with Ca(sandbox, "--sign", "smime", "--protect", protect, "--sender", "acme@nodkim.test", "--reply-to", "answers@ca.test") as ca, \
                Person(sandbox, ca, ca_keys={} if roots else {"mail-roots": None}) as person:
            words = ["get", person.user, "--agree-tos", "--key", "p256", "--keyring", "files:" + person.home + "/out"]
            done = person.run(*words, "--no-wait")
            tap.ok(done.returncode in (0, 75), name + ": the order is open", told(done))
            ca.wait("mails-out")
            path = sandbox.run("mail", person.user).decode().split("\n")[0]
            report = person.json("inspect", path)
            tap.equal(report["verdict"], code, name, report)
            tap.equal(report["signature"], {"method": "smime", "domain": None, "selector": None, "signer": "acme@nodkim.test"},
                      name + ": inspect names the signer", report)
            if code == "authentic":
                tap.equal(report["reply_to"], "answers@ca.test", name + ": the protected Reply-To", report)
                done = person.run("renew", "--wait", "60")
                tap.equal(done.returncode, 0, name + ": enrolls", told(done))
                tap.ok(installed(person), name + ": installed", person.status())
                with open(path, "rb") as file:
                    mail = file.read()
                again = json.loads(person.run("inspect", "--json", stdin=re.sub(rb"(?im)^Message-ID:.*\r?\n", b"", mail, count=1)).stdout)
                tap.ok(again["message_id"] and {"name": "answered", "ok": False} in
                       [{key: check[key] for key in ("name", "ok")} for check in again["checks"]],
                       name + ": is known again, though its Message-ID outside is gone", again)
            else:
                done = person.run("reply", path)
                tap.equal(done.returncode, 65, name + ": no reply is made", told(done))
                done = person.run("hook", path)
                tap.equal(ca.state()["counters"].get("mails-in", 0), 0, name + ": nothing is sent", told(done))
            clean(ca, name)


def smime_roots_missing(sandbox):
    """A mail-roots that cannot be read is a fault of the configuration, not of the mail."""
    for text in (None, "no certificate\n"):
        with Ca(sandbox) as ca, Person(sandbox, ca) as person:
            person.keys["ca test"]["mail-roots"] = os.path.join(person.home, "roots.pem")
            person.write()
            if text is not None:
                with open(person.home + "/roots.pem", "w") as file:
                    file.write(text)
            for done in (person.get("--key", "p256"), person.run("inspect", stdin="Subject: x\n\n")):
                tap.equal(done.returncode, 78, "mail-roots that is %s" % ("missing" if text is None else "no PEM"), told(done))
                tap.ok("mail-roots" in done.stderr and "roots.pem" in done.stderr, "is named", told(done))


with Sandbox() as stage:
    for part in (plain, matrix, auto, forms, busy_mailbox, commands, smime, smime_roots_missing):
        if len(sys.argv) < 2 or part.__name__ in sys.argv[1:]:
            stage.empty("alice@example.test")
            part(stage)
tap.end()
