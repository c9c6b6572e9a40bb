#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Differential test: libopendkim and dkimpy against mailcert, over the DKIM corpus and 10,000 seeded changes of it. TAP.

Every signature of every mail is put to all three; where they differ one row of differences.py must explain it. Keys, mails and
clock follow from MC_TEST_SEED (default 6376); MC_TEST_MUTANTS says how many changes. What nothing explains is kept beside this
test's log, with the zone that it was judged by. The corpus itself is judged by code in tests/unit/test-authenticity."""

import collections
import os
import random
import subprocess
import sys

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(os.path.dirname(HERE), "cli")]
from stage import Tap  # noqa: E402

BUILD = os.path.join(os.environ.get("MC_BUILD", "."), "tests", "oracle")
SEED = int(os.environ.get("MC_TEST_SEED", "6376"))
MUTANTS = int(os.environ.get("MC_TEST_MUTANTS", "10000"))
OPENDKIM = os.path.join(BUILD, "by-opendkim")
try:
    import dkim
    import seeded
    from mutations import Mutator
except ImportError as error:
    print("1..0 # SKIP %s" % error)
    sys.exit(0)
if not os.access(OPENDKIM, os.X_OK):
    print("1..0 # SKIP libopendkim was not there when this was configured")
    sys.exit(0)
from differences import ACCEPTED, DKIM_FIELD, PROVED, REFUSED, STEPS, Case  # noqa: E402

tap = Tap()


def batch(program, zone, mails):
    """A line of output for each mail."""
    done = subprocess.run([os.path.join(BUILD, program), zone, str(seeded.NOW)], check=True, stdout=subprocess.PIPE,
                          input=b"".join(b"%d\n" % len(mail) + mail for mail in mails))
    lines = done.stdout.decode("utf-8", "replace").split("\n")[:-1]
    if len(lines) != len(mails):
        raise RuntimeError("%s: %d lines for %d mails" % (program, len(lines), len(mails)))
    return lines


def by_dkimpy(mail, look_up):
    """A word for each signature, or one beginning with "unread"."""
    try:
        count = sum(name.lower() == b"dkim-signature" for name, _ in dkim.DKIM(mail).headers)
    except Exception as error:  # it raises whatever it stumbles over; all of that is a refusal
        return ["unread:%s" % type(error).__name__]
    said = []
    for index in range(count):
        try:
            good = dkim.DKIM(mail, minkey=1024).verify(index, look_up)
            said.append("pass" if good else "fail:")
        except Exception as error:
            said.append("fail:%s %s" % (type(error).__name__, error))
    return said


def make(seed, count):
    """The module make-mails, and [(name, mail)]."""
    module = seeded.make_mails(seed)
    mails = [(name, mail) for _, name, mail, _, _ in module.all_mails()]
    plain = [module.mail(), module.mail(("Reply-To", "replies@ca.test")), module.mail(("Sender", module.CA), ("Cc", "a@ca.test")),
             module.mail(("From", '"The CA" <%s>' % module.CA), ("References", "<a@b>\r\n <c@d>"))]
    mutator = Mutator(random.Random(seed), module.KEYS, seeded.NOW)
    signed = [mail for _, mail in mails if len(mail) < 8000]
    mails += [("mutant %d" % i, mutator.mutant(plain, signed)) for i in range(count)]
    return module, mails


class Comparison:
    def __init__(self, module, zone_file):
        self.module, self.zone_file = module, zone_file
        self.found = collections.Counter()
        self.seen = collections.Counter()
        self.unexplained = []
        self.doubtful = []  # accepted, and to be proved: (case, name of the mail, index)

    def signature(self, name, mail, defect, index, fields, ours, oracles):
        """One signature: OURS is [code, code alone, why] or None; ORACLES {name: word}."""
        code, why = (ours[1], ours[2]) if ours else ("unread", "not judged")
        field = fields[index] if index < len(fields) else None
        self.seen["signatures"] += 1
        if code == "authentic" and all(said == "pass" for said in oracles.values()):
            self.seen["good to all three"] += 1
        for oracle, said in oracles.items():
            if (code == "authentic") == (said == "pass"):
                continue
            case = Case(mail, defect, field, code, why, oracle, said, self.module.KEYS.zone, seeded.NOW)
            case.other = all(word == "pass" for who, word in oracles.items() if who != oracle)
            if code == "authentic":
                self.doubtful.append((case, name, index))
            else:
                self.settle(REFUSED, case, name)

    def settle(self, table, case, name):
        for row in table:
            if case.oracle in row[1].split() and row[3](case):
                self.found[row[0], case.oracle] += 1
                return
        self.unexplained.append((case, name))

    def written_otherwise(self, case):
        """(names of what was changed, the mail)."""
        names, mail = [], case.mail
        for name, _, change in STEPS:
            changed = change(mail)
            names += [name] if changed != mail else []
            mail = changed
        again = Case(mail, case.defect, case.field.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"), case.ours, case.why,
                     case.oracle, case.said, case.zone, case.now)
        for name, oracles, _, test, change in PROVED:
            if case.oracle in oracles.split() and test(again):
                changed = change(again)
                names += [name] if changed != again.mail else []
                again.mail = changed
        return names, again.mail

    def prove(self):
        """Asks the oracles again about all that they refuse and mailcert takes."""
        written = [self.written_otherwise(case) for case, _, _ in self.doubtful]
        opendkim = batch("by-opendkim", self.zone_file, [mail for _, mail in written])
        for (case, name, _), (names, mail), line in zip(self.doubtful, written, opendkim):
            words = line.split() if case.oracle == "opendkim" else by_dkimpy(mail, self.module.KEYS.look_up)
            fields = [match.group(1) for match in DKIM_FIELD.finditer(mail.partition(b"\r\n\r\n")[0] + b"\r\n")]
            wanted = case.field.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
            good = [word for word, field in zip(words, fields) if field == wanted]
            if names and good and set(good) == {"pass"}:
                for each in names:
                    self.found[each, case.oracle] += 1
            else:
                said = good[0] if good and names else case.said
                again = Case(mail, case.defect, wanted, case.ours, case.why, case.oracle, said, case.zone, case.now)
                self.settle(ACCEPTED if case.other or again.number(b"t") else (), again, name)


def compare(module, mails, zone_file):
    comparison = Comparison(module, zone_file)
    ours = batch("by-mailcert", zone_file, [mail for _, mail in mails])
    opendkim = batch("by-opendkim", zone_file, [mail for _, mail in mails])
    for (name, mail), line, words in zip(mails, ours, opendkim):
        verdict, defect, *signatures = line.split("\t")
        signatures = [signature.split("/", 2) for signature in signatures]
        said = {"opendkim": words.split(), "dkimpy": by_dkimpy(mail, module.KEYS.look_up)}
        crlf = mail if b"\r" in mail else mail.replace(b"\n", b"\r\n")
        fields = [match.group(1) for match in DKIM_FIELD.finditer(crlf.partition(b"\r\n\r\n")[0] + b"\r\n")]
        comparison.seen["mails"] += 1
        comparison.seen["verdict " + verdict] += 1
        if verdict == "authentic" and "authentic" not in [signature[0] for signature in signatures]:
            comparison.unexplained.append((Case(mail, defect, None, verdict, "authentic without a signature", "-", "", [], 0), name))
        for index in range(max(len(signatures), *(len(each) for each in said.values()))):
            comparison.signature(name, mail, defect, index, fields, signatures[index] if index < len(signatures) else None, {
                who: each[0] if each and each[0].startswith("unread") else each[index] if index < len(each) else "absent"
                for who, each in said.items()})
    comparison.prove()
    return comparison


def keep(number, case, name):
    path = os.path.join(BUILD, "unexplained-%d.eml" % number)
    with open(path, "wb") as file:
        file.write(case.mail)
    return "%s: %s: mailcert: %s (%s; %s), %s: %s; %r; kept as %s" % (
        name, "ACCEPTED" if case.ours == "authentic" else "refused", case.ours, case.why, case.defect, case.oracle, case.said,
        (case.field or b"")[:160], path)


def table(comparison):
    """What was found, row by row; the names of those that never were."""
    never = []
    rows = [("mailcert refuses, the oracle takes", [row[:3] for row in REFUSED]),
            ("mailcert takes, the oracle refuses: proved by writing the mail otherwise",
             [(name, "opendkim dkimpy", why) for name, why, _ in STEPS] + [row[:3] for row in PROVED]),
            ("mailcert takes, the oracle refuses: the other oracle agrees", [row[:3] for row in ACCEPTED])]
    for title, entries in rows:
        print("# %s\n#   %8s %8s" % (title, "opendkim", "dkimpy"))
        for name, oracles, why in entries:
            counts = [comparison.found[name, oracle] for oracle in ("opendkim", "dkimpy")]
            print("#   %8d %8d  %s: %s" % (*counts, name, why))
            never += [] if any(counts) else [name]
    return never


def main():
    for stale in os.listdir(BUILD):
        if stale.startswith("unexplained-"):
            os.unlink(os.path.join(BUILD, stale))
    zone_file = os.path.join(BUILD, "unexplained-zone.tsv")
    module, mails = make(SEED, MUTANTS)
    with open(zone_file, "w", encoding="utf-8") as zone:
        zone.writelines("%s\t%s\t%s\n" % line for line in module.KEYS.zone)
    comparison = compare(module, mails, zone_file)
    never = table(comparison)
    seen = comparison.seen
    print("# seed %d: %d mails, %d signatures, %d good to all three; %.0f s of CPU" % (
        SEED, seen["mails"], seen["signatures"], seen["good to all three"], sum(os.times()[:4])))
    print("# verdicts: " + ", ".join("%s %d" % (name[8:], n) for name, n in sorted(seen.items()) if name.startswith("verdict ")))
    for name in never:
        print("# never seen: " + name)
    if not comparison.unexplained:
        os.unlink(zone_file)
    told = [keep(i, case, name) for i, (case, name) in enumerate(comparison.unexplained[:40])]
    tap.equal(len(comparison.unexplained), 0, "every difference is explained", "\n".join(told))
    tap.ok(seen["good to all three"] * 8 > seen["mails"], "enough of the signatures are good to all three to mean something", seen)
    tap.ok(seen["verdict authentic"] * 20 > seen["mails"], "and enough of the mails are authentic", seen)
    tap.end()


if __name__ == "__main__":
    main()
