#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One table, four faces: what the parser takes, --help shows, the manual explains and the completions offer is the same."""

import os
import re
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from alone import Home, SOURCE, told  # noqa: E402
from stage import MAILCERT, Tap  # noqa: E402

tap = Tap()
MAN = os.path.join(SOURCE, "ui", "man")
COMPLETIONS = os.path.join(SOURCE, "ui", "data", "completions")


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def tables(text):
    """{verb: {option: (letter, value, words, many)}} with "-" for every verb, {verb: (operands, words)}."""
    options, verbs = {"-": {}}, {}
    for line in text.splitlines():
        cells = line.split("\t")
        if cells[0] == "verb":
            verbs[cells[1]] = tuple(cells[2:4])
            options[cells[1]] = {}
        else:
            options[cells[1]][cells[2]] = tuple(cells[3:7])
    return options, verbs


def shown(text):
    """{option: (letter, value)} of a --help."""
    found = re.findall(r"^  (?:-(\w), |    )--([\w-]+)(?: (\S+))?", text, re.M)
    return {name: (letter or "-", value or "-") for letter, name, value in found}


def explained(page):
    """{option: (letter, value)} of a manual page's .TP entries."""
    found = {}
    for line in re.findall(r"^\.TP\n(\.B.*\\-\\-.*)$", read(os.path.join(MAN, page)), re.M):
        words = re.sub(r"^\.\w+ ", "", line).replace("\\-", "-").replace('"', " ").split()
        letter = next((word[1:].rstrip(",") for word in words if re.match(r"-\w,?$", word)), "-")
        name = next(word[2:] for word in words if word.startswith("--"))
        value = words[words.index("--" + name) + 1] if words[-1] != "--" + name else "-"
        found[name] = (letter, value)
    return found


def faces(home, options, verbs):
    glob = {name: row[:2] for name, row in options["-"].items()}
    tap.equal(shown(home.run("--help").text), glob, "mailcert --help: the options of every command")
    tap.equal(explained("mailcert.1"), glob, "mailcert(1): the options of every command")
    for verb in verbs:
        own = {name: row[:2] for name, row in options[verb].items()}
        tap.equal(shown(home.run(verb, "--help").text), {**own, **glob}, verb + " --help")
        tap.equal(explained("mailcert-%s.1" % verb), own, "mailcert-%s(1)" % verb)
        tap.ok(re.search(r"^\.BR %s[ \"]" % verb, read(os.path.join(MAN, "mailcert.1")), re.M), "mailcert(1) names " + verb)
    pages = sorted(name for name in os.listdir(MAN) if re.match(r"mailcert-\w+\.1$", name))
    for page in pages:
        verb = page[len("mailcert-"):-len(".1")]
        tap.ok(verb in verbs or verb == "mutt", page + " is about a command that exists")


def sane(options, verbs):
    arity = {}
    for verb, rows in options.items():
        for name, (letter, value, words, _) in rows.items():
            arity.setdefault(name, set()).add(value != "-")
            tap.ok(verb == "-" or name not in options["-"], "--%s of %s hides none of every command" % (name, verb))
            tap.ok(value != "-" or words == "-", "--%s of %s offers words only for a value" % (name, verb))
            if "|" in value and value.islower():
                tap.equal(words, value.replace("|", " "), "--%s of %s completes to its values" % (name, verb))
    tap.equal([name for name, kinds in arity.items() if len(kinds) > 1], [], "an option has a value in every command or in none")
    for verb, (operands, words) in verbs.items():
        tap.ok((operands == "-") == (words == "-"), verb + " offers words for its operands")


def config_keys(home):
    page = read(os.path.join(MAN, "mailcert.conf.5")).replace("\\-", "-")
    group, told_keys = None, []
    for line in page.splitlines():
        section = re.match(r"\.SS \[(\w+)", line)
        key = re.match(r"\.BI ([\w-]+)= (\S+)", line)
        group = section.group(1) if section else group
        if key:
            told_keys.append((group, key.group(1), key.group(2)))
    keys = [tuple(line.split("\t")[:3]) for line in home.run("--config-keys").text.splitlines()]
    tap.equal(sorted(told_keys), sorted(keys), "mailcert.conf(5) has each key and its value")


def see_also():
    """A page that names another one is named by it; mailcert(1) names all."""
    named = {}
    for page in os.listdir(MAN):
        section = read(os.path.join(MAN, page)).split('.SH "SEE ALSO"\n')[1]
        named[page] = {"%s.%s" % (name.replace("\\-", "-"), number) for name, number in re.findall(r"(?m)^\.BR (\S+) \((\d)\)", section)}
    main = named.pop("mailcert.1")
    tap.equal(sorted(set(named) - main), [], "mailcert(1) names every page")
    tap.equal(sorted((page, other) for page in named for other in named[page] & set(named) if page not in named[other]), [],
              "pages that are named name back")


def manual():
    for page in sorted(os.listdir(MAN)):
        path = os.path.join(MAN, page)
        for words in (["mandoc", "-Tlint", path], ["man", "-l", "--warnings", "-Tutf8", path]):
            if shutil.which(words[0]) is None:
                tap.skip("%s %s" % (words[0], page), words[0] + " is not here")
                continue
            done = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            said = done.stderr if words[0] == "man" else done.stdout + done.stderr
            tap.ok(done.returncode == 0 and said == b"", "%s %s" % (words[0], page), said.decode())
        text = read(path)
        sections = re.findall(r'^\.SH "?([^"\n]+)', text, re.M)
        tap.equal(sections[:3], ["NAME", "SYNOPSIS", "EXAMPLES"], page + " begins with examples")


def complete(script, home, line):
    """What bash offers at the end of LINE."""
    probe = """source "$1"; shift
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMP_LINE="$*"; COMP_POINT=${#COMP_LINE}
_mailcert; printf '%s\\n' "${COMPREPLY[@]}" """
    done = subprocess.run(["bash", "--norc", "-c", probe, "-", script, *line], stdin=subprocess.DEVNULL, cwd=home.path,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          env=home.environment(PATH=os.path.dirname(MAILCERT) + ":" + os.environ["PATH"]))
    return sorted(done.stdout.split()) if done.stderr == "" else done.stderr


def completions(home, options, verbs, dump):
    def make(shell):
        return subprocess.run(["awk", "-f", os.path.join(COMPLETIONS, shell + ".awk")], input=dump.encode(),
                              stdout=subprocess.PIPE, check=True).stdout
    script = home.file("completion.bash", make("bash"))
    zsh = make("zsh").decode()
    glob = ["--" + name for name in options["-"]] + ["-" + row[0] for row in options["-"].values() if row[0] != "-"]
    home.file("challenge.eml")
    tap.equal(complete(script, home, ["mailcert", ""]), sorted(verbs), "bash offers the commands")
    tap.equal(complete(script, home, ["mailcert", "-"]), sorted(glob), "bash offers the options of every command")
    for verb in verbs:
        offered = complete(script, home, ["mailcert", "--json", verb, "-"])
        tap.equal(offered, sorted(glob + ["--" + name for name in options[verb]]), "bash offers the options of " + verb)
        block = re.search(r"^    %s\)\n(.*?) ;;" % verb, zsh, re.M | re.S).group(1)
        named = sorted(set(re.findall(r"'\*?(--?[\w-]+)", block)))
        tap.equal(named, sorted(glob + ["--" + name for name in options[verb]]), "zsh offers the options of " + verb)
    cases = {
        ("get", "--usage", "s"): ["separate", "sign"], ("get", "--usage", "=", "b"): ["both"], ("get", "--key", "="):
        ["p256", "p384", "rsa3072", "rsa4096"], ("get", "me@example.org", "--keyring", ""): ["files:", "gpgsm", "nss:", "smime-keys"],
        ("inspect", "c"): ["challenge.eml", "completion.bash"], ("--config", "c"): ["challenge.eml", "completion.bash"],
        ("--config", "=", "completion.bash", "inspect", "ch"): ["challenge.eml"], ("--data-dir", "get", "re"): ["renew", "reply", "revoke"],
        ("get", "--wait", ""): [],
    }
    for line, wanted in cases.items():
        tap.equal(complete(script, home, ["mailcert", *line]), wanted, "bash: mailcert " + " ".join(line))
    checker = shutil.which("shellcheck")
    if checker is None:
        tap.skip("shellcheck of the bash completion", "shellcheck is not here")
    else:
        done = subprocess.run([checker, "-s", "bash", script], stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True)
        tap.equal(done.stdout, "", "shellcheck of the bash completion")


with Home() as place:
    run = place.run("--options")
    OPTIONS, VERBS = tables(run.text)
    if tap.ok(run.returncode == 0 and len(VERBS) >= 10, "the tables can be read", told(run)):
        faces(place, OPTIONS, VERBS)
        sane(OPTIONS, VERBS)
        config_keys(place)
        manual()
        see_also()
        completions(place, OPTIONS, VERBS, run.text)
tap.end()
