# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every failure owes a person: one sentence, the next step, the right exit status, the same in JSON, and a way on."""

import json
import os
import re

from stage import told

QUICK = ("--key", "p256")
SHOW = os.environ.get("MC_TEST_SHOW")  # prints each sentence: wording wants to be read by people
NAMES = {64: {"usage"}, 65: {"malformed", "refused"}, 66: {"no-input"}, 69: {"ca"}, 70: {"internal"}, 73: {"write"},
         75: {"later"}, 77: {"keyring"}, 78: {"config", "login", "tls"}}


def files(person):
    """A keyring that needs no program and is the person's own."""
    return ("--keyring", "files:" + os.path.join(person.home, "out"))


def get(person, *words, wait=30, agree=True, before=(), **keys):
    """get with --json, quick key, a keyring of files."""
    terms = ("--agree-tos",) if agree else ()
    return person.run(*before, "get", person.user, "--json", *QUICK, *files(person), *terms, "--wait", str(wait), *words,
                      **keys)


def flaws_of_text(text):
    """What is wrong with what was said on standard error; the sentence and the next step."""
    lines = text.splitlines()
    flaws = []
    if len(lines) not in (1, 2) or not lines[0].startswith("mailcert: "):
        return ["standard error is not one sentence and one step"], None, None
    sentence = lines[0][len("mailcert: "):]
    step = lines[1][len("Next: "):] if len(lines) == 2 and lines[1].startswith("Next: ") else None
    if len(lines) == 2 and step is None:
        flaws.append("the second line is no next step")
    if not re.search(r"[.?!]$|https://\S+$", sentence):
        flaws.append("the sentence does not end")
    if re.search(r"\.\.$|[.:,] *[.:]$|\w  +\w|\(null\)|%[sdu]|error occurred|RFC ?\d", re.sub('"[^"]*"', "X", sentence + " " + (step or ""))):
        flaws.append("the sentence is botched")
    if re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200e\u200f]", text):
        flaws.append("control characters were passed on")
    return flaws, sentence, step


def flaws_of_json(text, status, sentence, step):
    try:
        report = json.loads(text)
    except ValueError as error:
        return ["standard output is not JSON: %s" % error], {}
    error = report.get("error")
    if report.get("schema") != 1 or not isinstance(error, dict):
        return ["no schema 1 with an error"], {}
    flaws = []
    if set(error) != {"code", "message", "next", "problem"}:
        flaws.append("the error has the members %s" % sorted(error))
    if error.get("code") not in NAMES.get(status, {None}):
        flaws.append("code %s does not go with status %d" % (error.get("code"), status))
    if (error.get("message"), error.get("next")) != (sentence, step):
        flaws.append("JSON says something else than standard error")
    return flaws, error


def refused(tap, done, status, name, *says, never=(), problem=None, next_step=True):
    """DONE (of a command with --json) ended as a failure must; SAYS stand in the sentence or the step (regular
    expressions), NEVER stand nowhere. Returns the JSON error."""
    flaws, sentence, step = flaws_of_text(done.stderr)
    if done.returncode != status:
        flaws.append("status %d, wanted %d" % (done.returncode, status))
    more, error = flaws_of_json(done.stdout, done.returncode, sentence, step)
    flaws += more
    if next_step and step is None:
        flaws.append("no next step")
    for wanted in says:
        if not re.search(wanted, "%s\n%s" % (sentence, step)):
            flaws.append("nothing of %r is said" % wanted)
    for unwanted in never:
        if unwanted in done.stderr + done.stdout:
            flaws.append("%r is said" % unwanted)
    if problem is not None and (error.get("problem") or {}).get("type") != problem:
        flaws.append("the problem is %r, wanted %s" % (error.get("problem"), problem))
    if SHOW:
        print("# %s\n#   [%d] %s\n#   Next: %s" % (name, done.returncode, sentence, step))
    tap.ok(not flaws, name, "\n".join(flaws + [told(done)]))
    return error


def forgets(tap, person, name):
    """Nothing is left half-done: forget works and leaves no record."""
    done = person.run("forget", person.user, "--json")
    left = person.status() if done.returncode == 0 else None
    tap.ok(done.returncode in (0, 66) and not left, name + ": it can be forgotten", told(done))


def goes_on(tap, person, ca, name, *words):
    """After the cause is mended a plain get succeeds, with one reply."""
    before = ca.state()["counters"].get("mails-in", 0)
    done = get(person, *words)
    tap.equal(done.returncode, 0, name + ": a later get succeeds", told(done))
    state = ca.state()
    tap.equal(state["counters"].get("mails-in", 0) - before, 1, name + ": with one reply")
    tap.equal(ca.violations(), [], name + ": the CA saw no rule broken")
    states = [e["state"] for e in person.status()]
    tap.ok(states[-1:] == ["INSTALLED"] and set(states[:-1]) <= {"FAILED"}, name + ": nothing else stays open", states)


def ordered(ca):
    return len(ca.state()["orders"])
