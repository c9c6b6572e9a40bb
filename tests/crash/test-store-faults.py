#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A store that others hold, that is damaged, too new or on a network's disk, and commits that others beat: one clear
sentence, nothing lost, and it goes on when the trouble is gone; and a hook in the background that cannot say that it has
kept the mail. (Full and forbidden disks: test-bad-disk.py; calls that
fail one by one: test-strike.py.)"""

import errno
import os
import random
import shutil
import sqlite3
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from light import KILL, MAIL, LightCa  # noqa: E402
from stage import Tap, told  # noqa: E402
from stories import Story  # noqa: E402
from trouble import flaws_of_text, refused  # noqa: E402

NFS, SMB, CIFS = 0x6969, 0xFE534D42, 0xFF534D42
PAGE = 4096
tap = Tap()


def database(story):
    return os.path.join(story.person.data, "mailcert.db")


def change(story, *statements):
    connection = sqlite3.connect(database(story))
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


def ends_well(story, name):
    good = story.recover()
    tap.ok(good and not sum(story.judge.flaws(), []), name + ": it ends well, nothing lost",
           "\n".join([str(story.standing()), *sum(story.judge.flaws(), []), *story.said]))


def awaiting(ca, number):
    """Somebody who waits for the CA's mail."""
    story = Story(ca, number)
    story.get()
    ca.mails()
    return story


def beaten(ca):
    """Half of all commits lose to another writer: the mail that was spooled is used all the same, once."""
    for seed in range(4):
        with awaiting(ca, 10 + seed) as story:
            change(story, "CREATE TRIGGER beaten BEFORE UPDATE ON enrollments WHEN random() % 2 = 0 BEGIN SELECT RAISE(IGNORE); END")
            done = story.note(story.hook())
            tap.equal(done.returncode, 0, "commits that lose: the hook takes the mail", told(done))
            story.note(story.renew())
            tap.ok(story.is_done(), "commits that lose: the spooled mail is used all the same", "\n".join(story.said))
            change(story, "DROP TRIGGER beaten")
            ends_well(story, "commits that lose")


def answered(ca):
    """The challenge was answered for another request just before: no loop, an end that says so."""
    with awaiting(ca, 20) as story:
        before = story.judge.used()
        change(story, "CREATE TRIGGER answered BEFORE INSERT ON answered BEGIN SELECT RAISE(IGNORE); END")
        done = story.note(story.hook())
        tap.equal(done.returncode, 0, "answered elsewhere: the hook takes the mail", told(done))
        entry = story.status()[-1]
        tap.ok(entry["state"] == "FAILED" and "answered for another request" in entry["sentence"], "answered elsewhere: it ends", entry)
        tap.equal(story.person.replies(), [], "answered elsewhere: nothing is sent")
        tap.ok(story.judge.used() - before < 8, "answered elsewhere: few requests", story.judge.used() - before)
        change(story, "DROP TRIGGER answered")
        ends_well(story, "answered elsewhere")


def locked(ca):
    """Another process holds it longer than the busy timeout."""
    with awaiting(ca, 30) as story:
        mail = next(mail for name, mail in ca.mails().items() if name not in story.taken)
        holder = sqlite3.connect(database(story), isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        done = story.person.run("hook", stdin=mail)
        tap.equal(done.returncode, 75, "locked: the filter keeps the mail", told(done))
        refused(tap, story.person.run("get", "other@example.test", "--agree-tos", "--no-wait", "--json"), 75, "locked: get", "busy")
        tap.equal(len(story.person.status()), 1, "locked: what is there can be read")
        holder.execute("ROLLBACK")
        holder.close()
        ends_well(story, "locked")


def newer(ca):
    with awaiting(ca, 40) as story:
        version = sqlite3.connect(database(story)).execute("PRAGMA user_version").fetchone()[0]
        change(story, "PRAGMA user_version = %d" % (version + 1))
        mail = next(mail for name, mail in ca.mails().items() if name not in story.taken)
        for words in (("renew", "--no-wait"), ("status",), ("get", story.person.user, "--no-wait")):
            refused(tap, story.person.run(*words, "--json"), 73, "from a newer mailcert: " + words[0], "newer mailcert")
        tap.equal(story.person.run("hook", stdin=mail).returncode, 75, "from a newer mailcert: the filter keeps the mail")
        change(story, "PRAGMA user_version = %d" % version)
        ends_well(story, "from a newer mailcert")


def damaged(ca):
    """Every page, flipped or missing: a sentence or an answer, never a crash, and the good file goes on."""
    with awaiting(ca, 50) as story:
        connection = sqlite3.connect(database(story))
        connection.execute("PRAGMA wal_checkpoint (TRUNCATE)")
        connection.close()
        with open(database(story), "rb") as file:
            whole = file.read()
        mail = next(mail for name, mail in ca.mails().items() if name not in story.taken)
        good = database(story) + ".good"
        shutil.copy(database(story), good)
        dice, flaws, seen = random.Random(7), [], set()
        for page in range(len(whole) // PAGE):
            for how in ("flipped", "cut off"):
                octets = bytearray(whole)
                if how == "cut off":
                    del octets[page * PAGE:]
                else:
                    for _ in range(40):
                        octets[page * PAGE + dice.randrange(PAGE)] ^= 0xff
                for name in ("mailcert.db-wal", "mailcert.db-shm"):
                    if os.path.exists(os.path.join(story.person.data, name)):
                        os.unlink(os.path.join(story.person.data, name))
                with open(database(story), "wb") as file:
                    file.write(octets)
                for words, ends in ((("status",), {0, 65, 73}), (("hook",), {0, 75})):
                    done = story.person.run(*words, stdin=mail if words == ("hook",) else None)
                    seen.add(done.returncode)
                    if done.returncode not in ends or "CRITICAL" in done.stderr or len(done.stderr.splitlines()) > 2:
                        flaws.append("page %d %s, %s: %s" % (page, how, words[0], told(done)))
        tap.ok(not flaws, "damaged: %d pages, flipped and cut off" % (len(whole) // PAGE), "\n".join(flaws))
        tap.ok(73 in seen and 75 in seen, "damaged: it was noticed", seen)


def network(ca):
    """WAL needs memory that all its processes share, which a network's disk does not give."""
    for number, (name, magic) in enumerate((("NFS", NFS), ("SMB", SMB), ("CIFS", CIFS))):
        story = Story(ca, 60 + number)
        with story:
            done = story.person.run("get", story.person.user, "--agree-tos", "--no-wait", "--json", strike={"magic": magic})
            refused(tap, done, 73, "on " + name, "network.*--data-dir")
            ends_well(story, "on %s and then not" % name)


def unheard(ca):
    """The process in the background cannot tell the one that waits, or dies before: the filter keeps the mail and is told why.
    Call 1 is the fork, call 2 the word that the mail is kept."""
    for number, (name, how) in enumerate((("fails", errno.ENOMEM), ("ends it", KILL))):
        with awaiting(ca, 70 + number) as story:
            name = "a word in the background that " + name
            mail = next(mail for name, mail in ca.mails().items() if name not in story.taken)
            done = story.person.run("hook", "--detach", stdin=mail, strike={"kinds": MAIL, "at": 2, "how": how})
            tap.equal(done.struck, 1, name + ": it was struck", told(done))
            flaws, sentence, _ = flaws_of_text(done.stderr)
            tap.ok(done.returncode == 75 and not flaws and "not known" in sentence, name + ": 75 and a sentence", told(done))
            ends_well(story, name)
            tap.equal(len(story.person.replies()), 1, name + ": one reply")


def main():
    with LightCa() as ca:
        for part in (beaten, answered, locked, newer, damaged, network, unheard):
            if len(sys.argv) < 2 or part.__name__ in sys.argv[1:]:
                part(ca)
    tap.end()


main()
