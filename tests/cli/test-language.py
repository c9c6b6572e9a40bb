#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every sentence can be translated, German is whole, and JSON stays as it is."""

import glob
import os
import re
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from alone import Home, SOURCE, told  # noqa: E402
from stage import Tap  # noqa: E402

tap = Tap()
PO = os.path.join(SOURCE, "po")


def lines(name):
    with open(os.path.join(PO, name), encoding="utf-8") as file:
        return [line.strip() for line in file if line.strip() and not line.startswith("#")]


def command(*words):
    return subprocess.run(words, cwd=SOURCE, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          env={**os.environ, "LC_ALL": "C.UTF-8", "LANGUAGE": ""})


def options_of_xgettext():
    with open(os.path.join(PO, "Makevars"), encoding="utf-8") as file:
        text = file.read().replace("\\\n", " ")
    return re.search(r"^XGETTEXT_OPTIONS = (.*)$", text, re.M).group(1).split()


def whole(home):
    """What xgettext finds today is translated, with the same format marks."""
    files = lines("POTFILES.in")
    spoken = []
    for path in glob.glob(os.path.join(SOURCE, "ui", "**", "*.c"), recursive=True):
        with open(path, encoding="utf-8") as file:
            if re.search(r'\b(_|N_|C_|NC_|ngettext|g_dngettext) \(', file.read()):
                spoken.append(os.path.relpath(path, SOURCE))
    tap.equal(sorted(set(spoken) - set(files)), [], "POTFILES.in names every file with sentences")
    tap.equal([name for name in files if not os.path.exists(os.path.join(SOURCE, name))], [], "and none that is gone")
    pot = os.path.join(home.path, "all.pot")
    done = command("xgettext", *options_of_xgettext(), "--package-name=mailcert", "-o", pot, *files)
    if not tap.ok(done.returncode == 0 and os.path.exists(pot), "xgettext reads them", done.stdout):
        return
    for language in lines("LINGUAS"):
        po = os.path.join(PO, language + ".po")
        mo = home.file("locale/%s/LC_MESSAGES/mailcert.mo" % language)
        done = command("msgfmt", "--check", "--statistics", "-o", mo, po)
        tap.ok(done.returncode == 0 and re.search(r"^\d+ translated messages?\.$", done.stdout, re.M), language + ": whole and without mistakes",
               done.stdout)
        done = command("msgcmp", po, pot)
        tap.equal(done.stdout, "", language + ": nothing new is left untranslated")


def german(home):
    language = {"LANGUAGE": "de", "MAILCERT_LOCALE_PATH": os.path.join(home.path, "locale")}
    mail = home.file("c.eml", "From: a@ca.example\nTo: b@example.org\nSubject: ACME: abcdefghijklmnopqrstuv\nMessage-ID: <1@ca.example>\n"
                     "Date: Sun, 22 Nov 2026 12:00:00 +0000\nAuto-Submitted: auto-generated\n\nx\n")
    cases = {
        (): (0, "Hier gibt es noch kein Zertifikat"),
        ("--help",): (0, "Holt S/MIME-Zertifikate für Ihre Mailadressen"),
        ("get", "--help"): (0, "höchstens so lange warten"),
        ("gte",): (64, "Einen Befehl „gte“ gibt es nicht; vielleicht ist „get“ gemeint."),
        ("status", "me@example.org"): (66, "Über me@example.org ist hier nichts bekannt."),
        ("inspect", mail): (65, "sie trägt keine Signatur, die ihren Absender beweist"),
        ("--config", "/no/such.conf", "ca"): (78, "Die Konfiguration muss berichtigt werden"),
        ("get", "me@example.org", "--ca", "https://127.0.0.1:1/d", "--no-wait"): (75, "war nicht zu erreichen"),
    }
    for words, (status, wanted) in cases.items():
        done = home.run(*words, environment=language)
        tap.ok(done.returncode == status and wanted in done.text + done.said, "German: mailcert " + " ".join(words), told(done))
        if "--help" in words:
            tap.ok(max(map(len, done.text.splitlines())) <= 80, "and no line is wider than a screen", done.text)
    done, report = home.json("gte", "--json", environment=language)
    tap.ok(report and report["error"]["message"].startswith("There is no command") and "There is no command" in done.said,
           "JSON is not translated", told(done))
    done, report = home.json("inspect", "--json", mail, environment=language)
    tap.ok(report and report["verdict"] == "unsigned", "nor are verdicts", told(done))
    done = home.run("gte", environment={**language, "LC_ALL": "C"})
    tap.ok("There is no command" in done.said, "the C locale speaks English", told(done))
    done = home.run("inspect", mail, environment={**language, "LC_ALL": None, "LC_CTYPE": "C", "LANG": "C.UTF-8"})
    tap.ok(done.said == "" and all(ord(letter) < 128 for letter in done.text), "a terminal that is not UTF-8 gets what it can show",
           told(done))


def clauses(home):
    """Why something went wrong is told by core in English; the sentence around it and the clause become one language."""
    po = home.file("clauses.po", 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n'
                   'msgid "no CA is called \\"%s\\"; did you mean \\"%s\\"?"\nmsgstr "nicht %1$s, %2$s vielleicht"\n\n'
                   'msgid "The configuration needs a correction: %s."\nmsgstr "Falsch: %s."\n')
    mo = home.file("other/de/LC_MESSAGES/mailcert.mo")
    done = command("msgfmt", "-o", mo, po)
    tap.equal(done.returncode, 0, "a catalogue of three sentences", done.stdout)
    config = home.file("c.conf", "[ca local]\ndirectory = https://127.0.0.1:1/d\n")
    done = home.run("--config", config, "ca", "lokal", environment={"LANGUAGE": "de", "MAILCERT_LOCALE_PATH": os.path.join(home.path, "other")})
    tap.ok(done.returncode == 78 and "Falsch: nicht lokal, local vielleicht." in done.said, "a clause of core inside a sentence", told(done))


with Home() as place:
    if any(shutil.which(name) is None for name in ("xgettext", "msgfmt", "msgcmp")):
        print("1..0 # SKIP gettext's tools are not here")
        sys.exit(0)
    whole(place)
    german(place)
    clauses(place)
tap.end()
