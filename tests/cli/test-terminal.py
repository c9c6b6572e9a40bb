#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""At a terminal: questions, passphrases without echo, what is shown while waiting, Ctrl-C. And the same where there is none."""

import base64
import os
import re
import signal
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(os.path.dirname(HERE), "crash")]
from alone import Home, told  # noqa: E402
from keyboard import Terminal  # noqa: E402
from light import LightCa, Somebody  # noqa: E402
from stage import Ca, MAILCERT, Tap  # noqa: E402

tap = Tap()
USER = "me@example.org"


def prepare(home, ca):
    home.config = home.file("c.conf", "[mailcert]\ndefault-ca = test\n[ca test]\ndirectory = %s\nca-file = %s\n" %
                            (ca.ready["directory"], ca.ready["tls_root"]))
    home.get = ["--config", home.config, "get", USER, "--key", "p256", "--keyring", "files:" + home.path + "/out"]


def states(home):
    report = home.json("--config", home.config, "status", "--json")[1]
    return [(e["state"], [a["state"] for a in e["addresses"]], e["waiting_for"]) for e in report["enrollments"]]


def terms_without_terminal(ca):
    with Home() as home:
        prepare(home, ca)
        done = home.run(*home.get, "--no-wait")
        tap.ok(done.returncode == 64 and "--agree-tos" in done.said and "https://" in done.said and done.text == "",
               "nobody to ask about the terms: 64, the option and the address", told(done))
        tap.equal(states(home), [("NEW", ["NEW"], "person")], "the request is kept, and waits for a person")
        done, report = home.json(*home.get, "--no-wait", "--json")
        tap.ok(done.returncode == 64 and report and report["error"]["code"] == "usage" and
               report["error"]["problem"]["type"] == "mailcert:terms", "the same as JSON", told(done))
        done = home.run(*home.get, "--no-wait", "--agree-tos")
        tap.ok(done.returncode == 75 and "You have agreed to the terms of test: https://" in done.said,
               "--agree-tos goes on, and says what was agreed to", told(done))
        tap.equal(states(home), [("ORDERED", ["AWAIT_MAIL"], "mail")], "the same request is under way")
        done = home.run(*home.get, "--no-wait", "--agree-tos")
        tap.ok(done.returncode == 75 and "You have agreed" not in done.said, "the terms are said once", told(done))


def terms_at_terminal(ca):
    with Home() as home:
        prepare(home, ca)
        screen = Terminal(home, *home.get, "--wait", "30")
        tap.ok(screen.until("do you agree? [y/N] "), "the terms are asked about", screen.text)
        tap.ok(re.search(r"terms:\s+https://", screen.text), "their address is shown", screen.text)
        screen.type("\n")
        status = screen.end()
        tap.ok(status == 64 and "mailcert get --agree-tos " + USER in screen.text, "Enter alone is no", (status, screen.text))
        screen = Terminal(home, *home.get)
        screen.until("do you agree? [y/N] ")
        screen.type("yes\n")
        # Each step pushes the waiting line down.
        shown = screen.until(None, r"will send a mail to .*\r\nWaiting since today .* Ctrl-C ends only the waiting\.$")
        tap.ok(shown, "yes goes on; what is waited for is shown", screen.text)
        tap.ok("Asked test for a certificate for " + USER in screen.text, "each step is shown", screen.text)
        tap.ok("\r\n" not in screen.text.rsplit("Waiting since", 1)[1], "the waiting line is the last one", screen.text)
        screen.type("\x03")
        status = screen.end()
        tap.ok(status == 75 and "mailcert reply FILE" in screen.text.rsplit("Waiting since", 1)[1],
               "Ctrl-C ends the waiting only; without IMAP it is said what to do when the mail comes",
               (status, screen.text))
        # The line is shown as soon as the order is open: the authorization may not have been read yet.
        tap.ok(states(home) in ([("ORDERED", ["AWAIT_MAIL"], "mail")], [("ORDERED", ["NEW"], "ca")]), "the request stays open",
               states(home))
        screen = Terminal(home, "--config", home.config, "renew")
        shown = screen.until(None, r"Asked test today .*\r\nWaiting since today ")
        tap.ok(shown, "renew shows at once where the request stands", screen.text)
        os.kill(screen.pid, signal.SIGTERM)
        tap.equal(screen.end(), 75, "renew waits on; SIGTERM ends it like Ctrl-C")


def forgotten(ca):
    with Home() as home:
        prepare(home, ca)
        home.run(*home.get, "--no-wait", "--agree-tos")
        command = ["--config", home.config, "forget", USER]
        screen = Terminal(home, *command)
        tap.ok(screen.until("Do it? [y/N] "), "forget asks", screen.text)
        screen.type("perhaps\n")
        tap.ok(screen.until("Please answer with y (yes) or n (no): "), "what is neither yes nor no is asked again", screen.text)
        screen.type("no\n")
        status = screen.end()
        tap.ok(status == 0 and "Nothing was changed" in screen.text, "no changes nothing", (status, screen.text))
        tap.equal(states(home), [("ORDERED", ["AWAIT_MAIL"], "mail")], "the request is still open")
        screen = Terminal(home, *command, "--ca", "https://other.example/directory")
        screen.until("Do it? [y/N] ")
        screen.type("y\n")
        status = screen.end()
        tap.ok(status == 66 and "at that CA" in screen.text, "nothing was asked of another CA", (status, screen.text))
        screen = Terminal(home, *command, "--ca", "test")
        screen.until("Do it? [y/N] ")
        screen.type("y\n")
        tap.equal((screen.end(), states(home)), (0, []), "yes ends it", screen.text)
        home.run(*home.get, "second@example.test", "--no-wait", "--agree-tos")
        screen = Terminal(home, *command)
        tap.ok(screen.until(None, "This ends what is open for %s, second@example.test, " % re.escape(USER)),
               "what was asked for several addresses names them all", screen.text)
        screen.type("n\n")
        screen.end()


def terms_interrupted(ca):
    with Home() as home:
        prepare(home, ca)
        screen = Terminal(home, *home.get)
        screen.until("do you agree? [y/N] ")
        screen.type("\x03")
        status = screen.end()
        tap.ok(status == 75 and "mailcert renew" in screen.text, "Ctrl-C at the question leaves it unanswered", (status, screen.text))
        tap.equal(states(home), [("NEW", ["NEW"], None)], "and nothing was asked of the CA")


def german_answer(ca):
    with Home() as home:
        prepare(home, ca)
        source = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
        mo = home.file("locale/de/LC_MESSAGES/mailcert.mo")
        if subprocess.run(["msgfmt", "-o", mo, os.path.join(source, "po", "de.po")], stdin=subprocess.DEVNULL).returncode != 0:
            tap.skip("ja", "msgfmt is not here")
            return
        screen = Terminal(home, *home.get, LANGUAGE="de", MAILCERT_LOCALE_PATH=home.path + "/locale")
        tap.ok(screen.until("stimmen Sie zu? [j/N] "), "the question in German", screen.text)
        screen.type("j\n")
        shown = screen.until(None, "wird eine Mail an %s senden.*\r\nWarte seit heute .* Strg-C beendet nur das Warten\\.$" % USER)
        tap.ok(shown, '"j" is yes', screen.text)
        screen.type("\x03")
        tap.equal(screen.end(), 75, "Ctrl-C")


def passphrases(ca):
    with Home() as home:
        prepare(home, ca)
        with open(home.config, "a") as file:
            file.write("[mailcert]\nkey-protection = passphrase\n")
        first, second = "Passphrase for the new key: ", "The same again: "
        screen = Terminal(home, *home.get, "--agree-tos", "--no-wait")
        tap.ok(screen.until(first) and screen.until_silent(), "a passphrase is asked for, without echo", screen.text)
        screen.type("correct horse\n")
        tap.ok(screen.until(second) and screen.until_silent(), "twice", screen.text)
        screen.type("wrong horse\n")
        status = screen.end()
        tap.ok(status == 77 and "differ" in screen.text and "horse" not in screen.text, "two that differ are refused", (status, screen.text))
        screen = Terminal(home, *home.get, "--agree-tos", "--no-wait")
        screen.until(first)
        screen.until_silent()
        screen.type("\x03")
        status = screen.end()
        tap.ok(status == 77 and "No passphrase was typed" in screen.text, "Ctrl-C types none", (status, screen.text))
        screen = Terminal(home, *home.get, "--agree-tos", "--no-wait")
        for question in (first, second):
            screen.until(question)
            screen.until_silent()
            screen.type("correct horse\n")
        status = screen.end()
        tap.ok(status == 75 and "horse" not in screen.text, "one that was typed twice is taken", (status, screen.text))
        tap.equal(states(home), [("ORDERED", ["AWAIT_MAIL"], "mail")], "and the order is open")
        data = b"".join(open(os.path.join(folder, name), "rb").read() for folder, _, names in os.walk(home.path) for name in names)
        tap.ok(b"correct horse" not in data, "it stands in no file")


def binding(ca):
    """A CA that wants an account of its website: the key ID and HMAC key are typed, or come through a pipe."""
    octets = bytes(range(250, 256)) + os.urandom(26)
    key = base64.b64encode(octets).decode()
    question = "HMAC key (what you type is not shown): "
    ca.control(eab="kid-1:" + key)
    with Home() as home:
        prepare(home, ca)
        get = [*home.get, "--agree-tos", "--no-wait", "-vv"]
        screen = Terminal(home, *get)
        tap.ok(screen.until("Key ID: ") and "account on its website" in screen.text, "the key ID is asked for", screen.text)
        screen.type("\n")
        status = screen.end()
        tap.ok(status == 64 and "nothing was asked for" in screen.text and states(home) == [], "none: nothing is asked for", (status, screen.text))
        screen = Terminal(home, *get, "--eab", "-")
        screen.until("Key ID: ")
        screen.type("kid-1\n")
        tap.ok(screen.until(question) and screen.until_silent(), "--eab - asks; the HMAC key without echo", screen.text)
        screen.type("\x03")
        tap.equal((screen.end(), states(home)), (64, []), "Ctrl-C types none", screen.text)
        screen = Terminal(home, *get)
        screen.until("Key ID: ")
        screen.type(' "kid-1"\n')
        screen.until(question)
        screen.until_silent()
        screen.type("no-key\n")
        tap.ok(screen.until("Once more: ") and screen.until_silent(), "what is no key is asked for again", screen.text)
        screen.type('  "%s %s",\n' % (key[:20], key[20:]))
        status = screen.end()
        tap.ok(status == 75 and key[:20] not in screen.text and "no-key" not in screen.text, "it opens the account, and is not shown", (status, screen.text))
        tap.equal(states(home), [("ORDERED", ["AWAIT_MAIL"], "mail")], "the order is open")
        data = b"".join(open(os.path.join(folder, name), "rb").read() for folder, _, names in os.walk(home.path) for name in names)
        tap.ok(key[:20].encode() not in data and octets not in data, "then the key stands in no file")
        screen = Terminal(home, *get, "--ca", "test", "--key", "p384")
        status = screen.end()
        tap.ok("Key ID" not in screen.text, "and is not asked for again", (status, screen.text))
    with Home() as home:
        prepare(home, ca)
        snippet = '"eab_kid": "kid-1",\n"eab_hmac_key": "%s",\n'
        wrong = snippet % base64.b64encode(b"x" * 32).decode()
        done = home.run(*home.get, "--agree-tos", "--no-wait", "--eab", "-", stdin=wrong.encode())
        tap.ok(done.returncode == 69 and "HMAC key" in done.said, "a wrong one from a pipe is the CA's to refuse", told(done))
        data = b"".join(open(os.path.join(folder, name), "rb").read() for folder, _, names in os.walk(home.path) for name in names)
        tap.ok(b"eab_hmac_key" not in data, "and is not kept")
        done = home.run(*home.get, "--agree-tos", "--no-wait", "--eab", "-", stdin=(snippet % key).encode())
        tap.ok(done.returncode == 75 and key[:20] not in done.said + done.text, "the right one opens the account", told(done))
        done = home.run(*home.get, "--eab", "-", stdin=b"")
        tap.equal(done.returncode, 75, "with an account nothing is read")
    ca.control(eab="")


def changed_terms(ca):
    with Home() as home:
        prepare(home, ca)
        home.run(*home.get, "--no-wait", "--agree-tos")
        for answer, ends in (("n\n", False), ("y\n", True)):
            ca.control(fail=["terms-changed:1:newOrder"])
            screen = Terminal(home, *home.get[:3], "other@example.org", *home.get[4:], "--no-wait")
            tap.ok(screen.until("do you agree? [y/N] ") and "https://" in screen.text, "terms that have changed are asked about", screen.text)
            screen.type(answer)
            status = screen.end()
            tap.ok(status == (75 if ends else 64) and [s[0] for s in states(home)] == ["ORDERED", "ORDERED" if ends else "ACCOUNT"],
                   "%s: the request %s" % (answer.strip(), "goes on" if ends else "waits"), (status, screen.text, states(home)))
        ca.control(fail=["none"])


def deactivation(ca):
    with Home() as home:
        prepare(home, ca)
        home.run(*home.get, "--no-wait", "--agree-tos")
        command = ["--config", home.config, "account", "deactivate"]
        state = lambda: home.json("--config", home.config, "account", "--json")[1]["accounts"][0]["state"]
        for answer in ("\n", "n\n", "\x04"):
            screen = Terminal(home, *command)
            tap.ok(screen.until("Do it? [y/N] ") and "account at test for ever" in screen.text, "deactivation asks, and names the CA", screen.text)
            screen.type(answer)
            status = screen.end()
            tap.ok(status == 0 and "Nothing was changed" in screen.text and state() == "valid", "%r changes nothing" % answer, (status, screen.text))
        screen = Terminal(home, *command)
        screen.until("Do it? [y/N] ")
        screen.type("y\n")
        status = screen.end()
        tap.ok(status == 0 and "The account at test is closed." in screen.text and state() == "deactivated", "yes closes it", (status, screen.text))
        screen = Terminal(home, *command, "--yes")
        status = screen.end()
        tap.ok(status == 0 and "[y/N]" not in screen.text, "--yes is not asked", (status, screen.text))


def timer(_):
    """Offered with the first certificate that comes at a terminal, once; systemctl is a stand-in that writes down its words."""
    question = "renew yours in time? [y/N] "
    with LightCa("--reuse-authz") as ca:
        for number, (answer, unit, words, says) in enumerate((
                ("y\n", 0, ["--user cat mailcert-renew.timer", "--user enable --now mailcert-renew.timer"], "renewed by themselves"),
                ("\n", 0, ["--user cat mailcert-renew.timer"], "Later: systemctl --user enable --now mailcert-renew.timer"),
                (None, 1, ["--user cat mailcert-renew.timer"], " renew --due --quiet"))):
            with Somebody(ca, number + 1) as person:
                programs, log = os.path.join(person.home, "bin"), os.path.join(person.home, "asked")
                os.mkdir(programs)
                for name, text in (("systemctl", 'echo "$*" >> %s; exit %d' % (log, unit)), ("crontab", "exit 1")):
                    with open(os.path.join(programs, name), "w") as file:
                        file.write("#!/bin/sh\n%s\n" % text)
                    os.chmod(file.name, 0o755)
                get = ["get", person.user, "--agree-tos", "--keyring", "files:" + person.out]
                person.run(*get, "--key", "p256", "--no-wait")
                person.run("hook", stdin=list(ca.mails().values())[-1])
                screens = []
                for key in ("p384", "rsa3072"):
                    screens.append(Terminal(person, *person.words(*get, "--key", key)[1:], PATH=programs + ":" + os.environ["PATH"]))
                    if answer is not None and key == "p384":
                        tap.ok(screens[-1].until(question), "a timer is offered", screens[-1].text)
                        screens[-1].type(answer)
                    tap.equal(screens[-1].end(), 0, "the certificate is there", screens[-1].text)
                tap.ok(says in screens[0].text, "%r: %s" % (answer, says), screens[0].text)
                with open(log) as file:
                    tap.equal(file.read().splitlines(), words, "systemctl was asked so much, and once")
                tap.ok(question not in screens[1].text and "crontab" not in screens[1].text, "nothing is offered the second time", screens[1].text)


def quiet_questions(ca):
    """--json and -q ask nothing, whoever sits there."""
    with Home() as home:
        prepare(home, ca)
        for option in ("--json", "-q"):
            screen = Terminal(home, option, *home.get, "--no-wait")
            status = screen.end()
            tap.ok(status == 64 and "[y/N]" not in screen.text, option + " asks nothing", (status, screen.text))


with Ca(None, "--terms", "self", wire=False) as authority:
    for part in (terms_without_terminal, terms_at_terminal, forgotten, terms_interrupted, german_answer, passphrases, binding, changed_terms, deactivation, timer, quiet_questions):
        try:
            part(authority)
        except (OSError, subprocess.SubprocessError, KeyError, TypeError, ValueError, IndexError) as error:
            tap.ok(False, part.__name__ + " came to its end", repr(error))
    tap.equal([v["fact"] for v in authority.violations()], ["B26"], "the CA saw no rule broken, but by the wrong HMAC key")
tap.end()
