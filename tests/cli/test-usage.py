#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line: what is taken, what is refused and how that is said, where nothing has been asked of anybody yet."""

import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from alone import Home, told  # noqa: E402
from stage import Tap  # noqa: E402

tap = Tap()
VERBS = ("get", "status", "renew", "hook", "inspect", "reply", "export", "install", "revoke", "forget", "account", "ca", "doctor")
CHALLENGE = (b"From: acme@ca.example\r\nTo: me@example.org\r\nSubject: ACME: abcdefghijklmnopqrstuv\r\n"
             b"Message-ID: <1@ca.example>\r\nDate: Sun, 22 Nov 2026 12:00:00 +0000\r\n"
             b"Auto-Submitted: auto-generated; type=acme\r\n\r\nhello\r\n")


def refusals():
    """Command lines that make no sense: 64, one sentence that names what is wrong, where to read on, nothing on stdout."""
    cases = {
        ("gte",): '"get" is meant',
        ("stat", "x"): '"status" is meant',
        ("qqqqqq",): 'no command "qqqqqq"',
        ("me@example.org",): "mailcert get me@example.org",
        ("get",): "missing",
        ("get", "me"): '"me" is not a mail address',
        ("get", "me@example.org,you@example.org"): "is not a mail address",
        ("get", "Me <me@example.org>"): "is not a mail address",
        ("get", "me@example.org", "--usage", "all"): "--usage is both",
        ("get", "me@example.org", "--key", "rsa2048"): "--key is rsa3072",
        ("get", "me@example.org", "--keyrin", "gpgsm"): "--keyring is meant",
        ("get", "me@example.org", "--trust-root", "12:34"): "64 hexadecimal digits",
        ("get", "me@example.org", "--wait"): "needs a value",
        ("get", "me@example.org", "--wait", "soon", "--ca", "https://127.0.0.1:1/"): "whole number",
        ("get", "me@example.org", "--wait", "1", "--no-wait", "--ca", "https://127.0.0.1:1/"): "contradict",
        ("get", "me@example.org", "--no-passphrase", "--passphrase-fd", "3"): "contradict",
        ("get", "me@example.org", "--agree-tos=yes"): "takes no value",
        ("get", "me@example.org", "--ca", "a", "--ca", "b"): "given twice",
        ("get", "me@example.org", "--keyring", "nowhere"): '"nowhere" is no keyring',
        ("get", "me@example.org", "--keyring", "files:relative"): "is no keyring",
        ("status", "me@example.org", "you@example.org"): "too many",
        ("renew", "--due", "--force"): "contradict",
        ("export", "me@example.org"): "--p12 FILE",
        ("export", "me@example.org", "--p12", "a", "--pem", "b"): "--p12 FILE",
        ("export", "me@example.org", "--pem", "a", "--compat"): "--p12 only",
        ("inspect", "--expect-from", "nobody"): "is not a mail address",
        ("--nope",): "no option --nope",
        ("-x",): "no option -x",
        ("--due",): "no option --due",
        ("reply", "--detach"): "no option --detach",
    }
    with Home() as home:
        for words, wanted in cases.items():
            done = home.run(*words)
            name = " ".join(words)
            lines = done.said.splitlines()
            good = done.returncode == 64 and done.text == "" and wanted in done.said and len(lines) == 2 and \
                lines[0].startswith("mailcert: ") and lines[1].startswith("Next: ") and "--help" in lines[1]
            tap.ok(good, "refused: " + name, told(done))
            done, report = home.json("--json", *words)
            error = (report or {}).get("error") or {}
            tap.ok(done.returncode == 64 and report is not None and error.get("code") == "usage" and
                   (error.get("message") or "\0") in done.said, "refused as JSON: " + name, told(done))
        done, report = home.json("export", "me@example.org", "--pem", "-", "--json")
        tap.ok(done.returncode == 64 and report and "standard output" in report["error"]["message"], "a key beside JSON", told(done))
        tap.equal(os.listdir(home.path), [], "nothing was written meanwhile")


def order_of_words():
    """Options stand where they like; both forms of a value; "--" ends them."""
    with Home() as home:
        config = home.file("c.conf", "[ca local]\ndirectory = https://127.0.0.1:1/directory\n")
        for words in (("--config", config, "ca"), ("ca", "--config", config), ("--config=" + config, "ca"),
                      ("ca", "--config=" + config), ("-v", "ca", "--config", config, "-v"), ("--config", config, "--", "ca")):
            done = home.run(*words)
            tap.ok(done.returncode == 0 and "https://127.0.0.1:1/directory" in done.text, " ".join(words[:2]) + " ...",
                   told(done))
        done = home.run("ca", "--", "--config")
        tap.equal(done.returncode, 78, 'what follows "--" is no option', told(done))
        done = home.run("--usage", "sign", "get", "nobody")
        tap.ok(done.returncode == 64 and '"nobody"' in done.said, "an option of a command may stand before it", told(done))


def helps():
    with Home() as home:
        for words in (("--help",), ("-h",), ("--json", "--help")):
            done = home.run(*words)
            listed = re.findall(r"^  ([a-z]+)", done.text, re.M)
            tap.ok(done.returncode == 0 and done.said == "" and tuple(listed[:len(VERBS)]) == VERBS, "mailcert " + " ".join(words),
                   told(done))
        for verb in VERBS:
            done = home.run(verb, "--help")
            tap.ok(done.returncode == 0 and done.text.startswith("Usage: mailcert %s" % verb) and
                   max(map(len, done.text.splitlines())) <= 80 and "mailcert-%s(1)" % verb in done.text, verb + " --help", told(done))
        done = home.run("--version")
        tap.ok(done.returncode == 0 and re.match(r"mailcert \d", done.text), "--version", told(done))
        done, report = home.json("--version", "--json")
        tap.ok(report and report["schema"] == 1 and report["version"], "--version --json", told(done))
        tap.equal(os.listdir(home.path), [], "help writes nothing")


def empty_store():
    """Nobody has asked for anything: that is no error, and looking makes no files."""
    with Home() as home:
        done = home.run()
        tap.ok(done.returncode == 0 and "mailcert get ADDRESS" in done.text, "no command is status", told(done))
        done, report = home.json("status", "--json")
        tap.equal(report, {"schema": 1, "enrollments": []}, "an empty status as JSON", told(done))
        done = home.run("status", "-q")
        tap.ok(done.returncode == 0 and done.text == "", "-q says nothing", told(done))
        for words in (("status", "--renewal-due"), ("status", "--renewal-due", "me@example.org"), ("status", "me@example.org"),
                      ("renew", "me@example.org"), ("forget", "me@example.org"), ("install", "me@example.org"),
                      ("export", "me@example.org", "--cert", "-")):
            done = home.run(*words)
            tap.ok(done.returncode == 66 and done.text == "", " ".join(words) + " is 66", told(done))
            done, report = home.json(*(word.replace("-", "x", 1) if word == "-" else word for word in words), "--json")
            tap.ok(done.returncode == 66 and report and report["error"]["code"] == "no-input", " ".join(words) + " as JSON",
                   told(done))
        done = home.run("renew")
        tap.ok(done.returncode == 0 and done.text == "" and done.said == "", "renew has nothing to do, in silence", told(done))
        done, report = home.json("renew", "--due", "--json")
        tap.equal(report, {"schema": 1, "changed": False, "enrollments": []}, "renew as JSON", told(done))
        tap.equal(os.listdir(home.path), [], "none of them wrote a file")


def single_mails():
    with Home() as home:
        ordinary = home.file("ordinary.eml", "From: a@example.org\nTo: b@example.org\nSubject: lunch\n\nat noon?\n")
        suspicious = home.file("suspicious.eml", CHALLENGE)
        large = home.file("large.eml", CHALLENGE + b"x" * 300000)
        with open(ordinary, "rb") as file:
            text = file.read()
        tap.equal(home.run("hook", ordinary).returncode, 0, "hook: an ordinary mail in a file")
        tap.equal(home.run("hook", stdin=text).returncode, 0, "hook: the same from a pipe")
        tap.equal(home.run("hook", "--detach", "-", stdin=text).returncode, 0, "hook --detach")
        tap.equal(home.run("hook", large).returncode, 0, "hook: what is too large is no challenge")
        tap.equal(os.listdir(home.path + "/.local") if os.path.exists(home.path + "/.local") else [], [],
                  "hook left no files for those")
        done, report = home.json("hook", suspicious, "--json")
        tap.ok(done.returncode == 0 and report == {"schema": 1, "spooled": False}, "hook: a challenge for somebody else", told(done))
        for words in (("hook", "/no/such/file"), ("inspect", "/no/such/file"), ("reply", "/no/such/file"), ("hook", home.path)):
            tap.equal(home.run(*words).returncode, 66, " ".join(words[:1]) + ": no such file is 66")
        for how, keys in (("file", {}), ("stdin", {"stdin": text})):
            done = home.run("inspect", *([ordinary] if how == "file" else []), **keys)
            tap.ok(done.returncode == 0 and "nothing to do with certificates" in done.text, "inspect: ordinary mail, " + how, told(done))
        done, report = home.json("inspect", "--json", stdin=CHALLENGE)
        tap.ok(done.returncode == 65 and report and report["kind"] == "challenge" and report["verdict"] == "unsigned" and
               report["from"] == "acme@ca.example" and report["token_part1"] == "abcdefghijklmnopqrstuv" and
               report["signature"]["method"] == "none", "inspect: an unsigned challenge", told(done))
        done = home.run("inspect", suspicious)
        tap.ok(done.returncode == 65 and "bad   signature" in done.text and "abcdefghijklmnop" not in done.text + done.said,
               "inspect says which check failed, and keeps the token to itself", told(done))
        done, report = home.json("inspect", "--json", large)
        tap.ok(done.returncode == 65 and report and report["verdict"] == "too-large", "inspect: too large", told(done))
        done, report = home.json("reply", "--json", suspicious)
        tap.ok(done.returncode == 65 and report and report["error"]["code"] == "refused", "reply refuses it", told(done))


def broken_config():
    with Home() as home:
        cases = {"[mailcert]\ndefault-ca = nowhere\n": "nowhere", "[mailcert]\nresolvr = 127.0.0.1\n": "resolver",
                 "[acount me@example.org]\nimap = imaps://x\n": "account", "no group\n": ":1",
                 "[account me@example.org]\nimap = http://x\n": "imap"}
        for text, wanted in cases.items():
            path = home.file("c.conf", text)
            for verb in (("status",), ("ca",), ("renew",)):
                done = home.run("--config", path, *verb)
                tap.ok(done.returncode == 78 and path in done.said and wanted in done.said, "%s with %r" % (verb[0], text), told(done))
        done, report = home.json("--json", "--config", "/no/such.conf", "status")
        tap.ok(done.returncode == 78 and report and report["error"]["code"] == "config", "no such configuration file", told(done))
        done = home.run("--config", path, "hook", stdin=CHALLENGE)
        tap.equal(done.returncode, 75, "hook keeps the mail filter waiting", told(done))
        done = home.run("--config", path, "hook", "--detach", stdin=CHALLENGE)
        tap.equal(done.returncode, 75, "hook --detach, too", told(done))


def outputs():
    """Where output cannot be written, and where it is cut off."""
    with Home() as home:
        with open("/dev/full", "wb") as full:
            done = home.run("--help", stdout=full)
        tap.equal(done.returncode, 73, "a full disk is told by the exit status", told(done))
        read, write = os.pipe()
        os.close(read)
        done = home.run("--help", stdout=write)
        os.close(write)
        tap.ok(done.returncode == 0 and done.said == "", "a reader that has gone is no trouble", told(done))
        locked = home.file("file")
        for words in (("get", "me@example.org", "--ca", "https://127.0.0.1:1/d", "--no-wait"), ("hook",)):
            done = home.run("--data-dir", locked + "/x", *words, stdin=CHALLENGE)
            tap.equal(done.returncode, 75 if words[0] == "hook" else 73, "%s: records that cannot be written" % words[0], told(done))


def externals():
    with Home() as home:
        program = home.file("exec/mailcert-demo", '#!/bin/sh\nprintf "%s|" "$@"\nexit 7\n')
        os.chmod(program, 0o755)
        os.chmod(home.file("exec/mailcert-bare", "#!/bin/sh\n"), 0o644)
        where = {"MAILCERT_EXEC_PATH": os.path.dirname(program)}
        done = home.run("--config", "c", "demo", "a", "--help", "b c", environment=where)
        tap.ok(done.returncode == 7 and done.text == "--config|c|a|--help|b c|", "a program of its own gets every word", told(done))
        done = home.run("demo")
        tap.equal(done.returncode, 64, "it is not looked for in other places", told(done))
        for name in ("bare", "../exec/mailcert-demo", "de/mo"):
            tap.equal(home.run(name, environment=where).returncode, 64, "no program: " + name)
        tap.ok("  demo" in home.run("--help", environment=where).text, "--help lists it")
        build = os.path.dirname(os.path.abspath(os.environ.get("MAILCERT", "./mailcert")))
        if os.access(build + "/mailcert-mutt", os.X_OK):
            done, report = home.json("--json", "mutt", "rc", environment={"MAILCERT_EXEC_PATH": build})
            tap.ok(done.returncode == 64 and report and report["error"]["code"] == "usage" and "status --json" in report["error"]["message"],
                   "mailcert --json mutt says that it has none", told(done))


def unreachable_ca():
    """A request that cannot begin is kept, shown and forgotten; nothing secret is said."""
    with Home() as home:
        eab = home.file("eab", "kid = k1\nhmac-key = c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0\n")
        data = home.path + "/data"
        get = ("--data-dir", data, "get", "me@example.org", "--ca", "https://127.0.0.1:1/directory", "--eab", eab, "--no-wait",
               "--keyring", "files:" + home.path + "/out", "--key", "p256")
        done = home.run(*get, "-v")
        tap.ok(done.returncode == 75 and done.text == "" and "could not be reached" in done.said, "get: 75", told(done))
        tap.ok("c2VjcmV0" not in done.said, "the EAB key is not said", told(done))
        done, report = home.json(*get, "--json")
        tap.ok(report and report["changed"] is False and len(report["enrollments"]) == 1 and report["error"]["code"] == "later" and
               report["error"]["problem"]["type"] == "mailcert:network", "get as JSON follows the same request", told(done))
        note = open(home.path + "/.local/share/mailcert/here").read()
        tap.ok("data=" + data in note, "the note for mail filters names the folder", note)
        done = home.run("hook", "-v", stdin=CHALLENGE)
        tap.ok(done.returncode == 0 and "it is kept" in done.text, "hook follows the note and keeps the mail", told(done))
        done = home.run("hook", "-v", stdin=CHALLENGE, environment={"XDG_DATA_HOME": home.path + "/other"})
        tap.ok("not one that we wait for" in done.text, "a variable that is set wins over the note", told(done))
        done = home.run("--data-dir", data, "status", "-v")
        tap.ok(done.returncode == 0 and "me@example.org (127.0.0.1:1)" in done.text and "Next: " in done.text, "status shows it", told(done))
        done = home.run("--data-dir", data, "--list", "addresses")
        tap.equal(done.text, "me@example.org\n", "--list, for completions", told(done))
        tap.equal(home.run("--data-dir", data, "status", "--renewal-due", "me@example.org").returncode, 66, "no certificate yet")
        done = home.run("--data-dir", data, "forget", "me@example.org")
        tap.ok(done.returncode == 0 and done.text + done.said == "", "forget, in silence", told(done))
        done, report = home.json("--data-dir", data, "--json", "status")
        tap.equal(report, {"schema": 1, "enrollments": []}, "and it is gone", told(done))
        tap.equal(oct(os.stat(data).st_mode & 0o777), "0o700", "the folder is ours alone")


def not_in_the_open():
    """Passphrases are never taken from the command line or the environment; nothing asks without a terminal."""
    with Home() as home:
        config = home.file("c.conf", "[mailcert]\nkey-protection = passphrase\n")
        done = home.run("--config", config, "get", "me@example.org", "--ca", "https://127.0.0.1:1/d", "--no-wait")
        tap.ok(done.returncode == 77 and "--passphrase-fd" in done.said, "a passphrase that nobody can type: 77 and the option", told(done))
        done = home.run("get", "me@example.org", "--ca", "https://127.0.0.1:1/d", "--no-wait", "--passphrase-fd", "0", stdin=b"\n")
        tap.equal(done.returncode, 77, "an empty passphrase is none", told(done))
        done = home.run("get", "me@example.org", "--passphrase", "secret")
        tap.equal(done.returncode, 64, "there is no --passphrase", told(done))
        read, write = os.pipe()
        os.write(write, b"correct horse\n")
        os.close(write)
        done = home.run("get", "me@example.org", "--ca", "https://127.0.0.1:1/d", "--no-wait", "--passphrase-fd", str(read),
                        pass_fds=(read,), stdin=None, **{"input": None})
        os.close(read)
        tap.ok(done.returncode == 75 and "horse" not in done.said, "a passphrase from a file descriptor", told(done))


for part in (refusals, order_of_words, helps, empty_store, single_mails, broken_config, outputs, externals, unreachable_ca,
             not_in_the_open):
    try:
        part()
    except (OSError, subprocess.SubprocessError, KeyError, TypeError, ValueError) as error:
        tap.ok(False, part.__name__ + " came to its end", repr(error))
tap.end()
