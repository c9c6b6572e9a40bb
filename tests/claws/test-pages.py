#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One person over some months: the offer, a renewal, the preferences, a key under a passphrase. Each window fits 360 pixels."""

import os
import re
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from desktop import MENU, Claws, Desktop  # noqa: E402
from stage import Ca, Sandbox, Tap  # noqa: E402

tap = Tap()
USER = "alice@example.test"
DAY = 24 * 3600


def fingerprint(claws):
    """Of the certificate that the account signs with."""
    found = re.search("smime=([A-Za-z0-9+/=]+)", claws.read("accountrc"))
    return found and found.group(1)


def fetched(claws, count):
    claws.ca.wait("mails-out", count)
    claws.fetch()


def reachable(claws, name):
    tap.equal(claws.untouchable(), [], name + ": each control has a name, and the keyboard reaches it")
    tap.equal(list(claws.clashes()), [], name + ": each letter stands for one thing")
    claws.desktop.shot(name)


def offered(claws, ca):
    """Nobody has asked: the offer comes by itself, and leads to a certificate."""
    claws.see("push button", "Don't ask again")
    claws.see("label", "Get a certificate so others can check that mail from alice@example.test is from you.")
    reachable(claws, "offer")
    claws.press("push button", "Get certificate")
    claws.press("check box", "I agree to the terms of test")
    reachable(claws, "request-360")
    ca.control(validity=20 * DAY, backdate=70 * DAY)
    claws.press("push button", "Get certificate")
    claws.see("label", "Asked test today")
    tap.ok(not any("will send a mail" in text for text in claws.texts()), "offer: what it waits for is said once", claws.texts())
    fetched(claws, 1)
    claws.desktop.until(lambda: fingerprint(claws), "the account to sign")
    tap.equal(claws.activations, 3, "offer: from the offer it is three activations")
    claws.see("label", "Certificate for alice@example.test is ready")
    reachable(claws, "ready")
    claws.press("push button", "Close")


def renewed(claws, ca):
    """More than two thirds of its life are over when Claws Mail starts the next time."""
    before = fingerprint(claws)
    ca.control(validity=90 * DAY, backdate=0)
    tap.equal(claws.end(), 0, "renewal: Claws Mail ends well")
    claws.start()
    fetched(claws, 2)
    claws.desktop.until(lambda: fingerprint(claws) != before, "the account to sign with the new one")
    tap.ok("default_sign=1" in claws.read("accountrc"), "renewal: by itself, and the account signs with the new one")
    claws.sandbox.empty("bob@example.test")
    path = os.path.join(claws.home, "signed.eml")
    with open(path, "wb") as file:
        file.write(claws.compose())
    done = subprocess.run(["openssl", "cms", "-verify", "-in", path, "-CAfile", ca.ready["root"], "-purpose", "smimesign", "-out",
                           "/dev/null", "-signer", path + ".pem"], capture_output=True, text=True)
    serial = subprocess.run(["openssl", "x509", "-in", path + ".pem", "-noout", "-serial"], capture_output=True, text=True).stdout
    newest = ca.state()["certificates"][-1]["serial"]
    tap.equal((done.returncode, serial.strip().split("=")[-1].lower().lstrip("0")), (0, str(newest).lower().lstrip("0")),
              "renewal: new mail is signed with it", done.stderr)


def preferences(claws):
    claws.preferences()
    claws.see("label", "Certificate for alice@example.test is ready")
    reachable(claws, "preferences")
    claws.press("push button", "Details")
    text = claws.see("text", "Details").get_text_iface()
    said = text.get_text(0, text.get_character_count())
    tap.ok(all(word in said for word in ("SHA-256: ", "Serial number: ", "Asked test for a certificate")), "details: facts and history",
           said)
    reachable(claws, "details")
    claws.press("push button", "Close")
    claws.press("check box", "Tell me when a certificate has come, or when I am needed")
    claws.press("check box", "Protect new keys with a passphrase")
    claws.press("push button", "OK")
    path = os.path.join(claws.home, ".config", "mailcert", "mailcert.conf")
    told = lambda: open(path).read()
    claws.desktop.until(lambda: "key-protection = passphrase\n" in told(), "the configuration to be written")
    tap.ok("# by hand\n" in told() and "notify = false\n" in told() and "auto-answer" not in told(),
           "preferences: only what was changed stands in the file, comments stay", told())


def passphrase(claws, ca):
    """The preferences count at once: the next key is kept under a passphrase."""
    before = fingerprint(claws)
    claws.preferences()
    claws.press("push button", "Renew now")
    claws.press("push button", "OK")
    claws.entry("Passphrase:")
    claws.press("push button", "Not now")
    claws.see("label", "The passphrase of your key is needed")
    tap.ok(fingerprint(claws) == before, "passphrase: without one the old certificate goes on signing")
    claws.press("push button", "Close")
    claws.press("menu item", MENU, shown=False)
    claws.type("Passphrase:", "sesame, open")
    claws.type("The same again:", "sesame, open!")
    node = claws.see("push button", "Go on")
    tap.ok(not node.get_state_set().contains(claws.desktop.atspi.StateType.SENSITIVE), "passphrase: two that differ are none")
    claws.type("The same again:", "sesame, open")
    reachable(claws, "passphrase")
    claws.press("push button", "Go on")
    fetched(claws, 3)
    claws.desktop.until(lambda: fingerprint(claws) != before, "the account to sign with the third one")
    tap.ok("sesame" not in claws.whole_log(), "passphrase: it is in no log")


def abroad(desktop, sandbox):
    """Claws Mail in a language that mailcert does not have, mailcert in the next one that the person reads."""
    with Ca(sandbox, "--wait", "hold", "--terms", "self") as ca, Claws(desktop, sandbox, ca, "mh", language="fr:de") as claws:
        try:
            claws.start()
            claws.press("menu item", MENU, shown=False)
            claws.see("push button", "Get certificate")
            reachable(claws, "request-de")
            claws.press("push button", "Cancel")
            rows = claws.preferences()
            tap.equal((rows.count(claws.words.theirs("Plugins")), rows.count("Plugins")), (1, 0),
                      "abroad: the page stands where Claws Mail's other plugins have theirs", rows)
            tap.equal(claws.untouchable(), [], "abroad: each control of it has a name, and the keyboard reaches it")
            claws.desktop.shot("preferences-de")
            claws.press("push button", "Cancel")
            claws.end()
        except (TimeoutError, OSError) as error:
            desktop.shot("trouble-abroad")
            tap.ok(False, "abroad: no trouble", "%s\n%s\n%s" % (error, claws.texts(), claws.told()))
        tap.ok(claws.widths() and max(claws.widths().values()) <= 360, "abroad: everything fits 360 pixels", claws.widths())


def main():
    with Desktop() as desktop, Sandbox() as sandbox:
        abroad(desktop, sandbox)
        sandbox.empty(USER)
        with Ca(sandbox, "--wait", "hold", "--terms", "self") as ca, Claws(desktop, sandbox, ca, "mh", keys="# by hand\n") as claws:
            try:
                claws.start()
                offered(claws, ca)
                renewed(claws, ca)
                preferences(claws)
                passphrase(claws, ca)
                tap.equal(claws.end(), 0, "Claws Mail ends well")
            except (TimeoutError, OSError) as error:
                desktop.shot("trouble-pages")
                tap.ok(False, "no trouble", "%s\n%s\n%s\n%s" % (error, claws.texts(), ca.log()[-3:], claws.told()))
            widths = claws.widths()
            tap.ok(len(widths) >= 5 and all(width <= 360 for width in widths.values()), "everything fits 360 pixels", widths)
            tap.equal(ca.violations(), [], "the CA saw no rule broken")
            tap.equal((ca.state()["counters"].get("mails-in"), len(ca.state()["certificates"])), (3, 3), "three replies, three certificates")
            print("# " + "; ".join(re.findall("longest (?:callback|call).*", claws.whole_log())))
    tap.end()


main()
