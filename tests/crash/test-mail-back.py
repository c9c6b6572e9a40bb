#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mails that come back, come twice, come too early or too late, come together, or meet another clock, with the real program."""

import os
import re
import signal
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from light import LightCa  # noqa: E402
from stage import Running, Tap, told  # noqa: E402
from stories import Story  # noqa: E402

DAY = 86400
BOUNCES = os.path.join(os.environ["MC_TEST_DATA"], "bounces")
WORDS = "550 5.7.26 Unauthenticated mail from example.test is not accepted"
tap = Tap()


def bounce(name, message_id=None):
    with open(os.path.join(BOUNCES, name), "rb") as file:
        mail = file.read()
    return mail if message_id is None else mail.replace(b"<0123456789abcdef0123456789abcdef@example.test>", message_id)


def message_id(person):
    """Of the reply that the carrier was given."""
    with open(os.path.join(person.sink, "1"), "rb") as file:
        return re.search(rb"(?mi)^Message-ID: *(<[^>]*>)", file.read()).group(1)


def fresh(story):
    """The mails that have come and were not looked at."""
    mails = {name: mail for name, mail in story.ca.mails().items() if name not in story.taken}
    story.taken |= set(mails)
    return list(mails.values())


def begin(story, *words, mail=b""):
    """A command in the background."""
    story.person.page.set(clock=story.ca.clock)
    return Running(story.person, *words, mail=mail)


def get_waits(story):
    """A get in the background, whose mail has left."""
    person, ca = story.person, story.ca
    before = ca.state()["counters"].get("mails-out", 0)
    running = begin(story, "get", person.user, *"--agree-tos --key p256 --wait 172800 --keyring".split(), "files:" + person.out)
    ca.wait("mails-out", before + 1)
    return running


def until(story, what):
    """WHAT is true of the newest entry; told by other processes, so it is looked for again and again."""
    entry = story.status()[-1]
    while not what(entry):
        entry = story.status()[-1]
    return entry


def is_posted(entry):
    return entry["addresses"][0]["state"] == "POSTED"


def has_bounced(entry):
    return entry["error"] is not None and entry["error"]["problem"]["type"] == "mailcert:bounced"


def well(story, name, *, replies=1, entries=1):
    done = story.recover()
    tap.ok(done and not any(story.judge.flaws()), name + ": it ends well, nothing lost, nothing said twice",
           "\n".join(story.said) + "\n%s" % (story.judge.flaws(),))
    tap.equal((len(story.person.replies()), len(story.status())), (replies, entries), name + ": replies, orders")


def came_back(ca):
    """The carrier keeps the reply to itself, and what postfix would write comes by the hook: to the process that drives the
    order, through the spool; or the hook drives it itself."""
    for number, way in enumerate(("another process drives it", "nobody else is there")):
        with Story(ca, 10 + number) as story:
            person = story.person
            with open(person.carrier) as file:
                text = file.read()
            with open(person.carrier, "w") as file:
                file.write(text.split("with socket")[0])
            story.get()
            hook = begin(story, "hook", mail=fresh(story)[0])
            until(story, is_posted)
            if number == 1:
                hook.end(signal.SIGKILL)
            done = person.run("hook", "--json", stdin=bounce("of-another.eml"))
            tap.equal((done.returncode, done.stdout), (0, '{"schema":1,"spooled":false}\n'), way + ": a bounce of another mail is not kept", told(done))
            second = begin(story, "hook", "--json", mail=bounce("postfix.eml", message_id(person)))
            entry = until(story, has_bounced)
            said = " ".join(person.run("status").stdout.split())
            tap.ok(WORDS in said and "provider of this address" in said, way + ": status says why, and what to do", said)
            tap.ok(any(WORDS in (line["detail"] or "") for line in entry["history"]), way + ": the history has it", entry)
            tap.equal((len(person.replies()), entry["state"]), (1, "ORDERED"), way + ": nothing was sent again, nothing given up")
            for running in (second, hook)[:2 - number]:
                running.end(signal.SIGTERM)
            tap.equal(second.stdout, '{"schema":1,"spooled":true}\n', way + ": the hook kept it", second.stderr)
            tap.equal(story.judge.flaws(), ([], [], []), way + ": nothing lost, nothing said twice")


def two_at_once(ca):
    """Asked for, given up and asked for again; both mails are judged in one go: the second order's is answered."""
    with Story(ca, 20) as story:
        person = story.person
        person.keys["mailcert"]["auto-answer"] = "false"
        person.write()
        story.get()
        old = fresh(story)
        person.run("forget", person.user)
        ca.later(30)
        story.get()
        new = fresh(story)
        for mail in old + new:
            person.run("hook", stdin=mail)
        tap.equal((len(old), len(new), person.replies()), (1, 1, []), "two at once: they wait for a word")
        person.keys["mailcert"]["auto-answer"] = "true"
        person.write()
        story.renew()
        well(story, "two at once")


def again(ca):
    """The same challenge once more: while the order is open, when it is over, and from the CA under its old Message-ID."""
    with Story(ca, 30) as story:
        story.get()
        mail = fresh(story)[0]
        ends = [story.person.run("hook", stdin=mail).returncode for _ in range(3)]
        tap.equal(ends, [0, 0, 0], "again: the hook has nothing against it")
        well(story, "again")


def late(ca):
    """What an order that was given up left behind comes a quarter of an hour after the next one; and a mail that comes when its
    order is over."""
    with Story(ca, 40) as story:
        person = story.person
        story.get()
        old = fresh(story)[0]
        person.run("forget", person.user)
        ca.later(900)
        story.get()
        done = person.run("hook", stdin=old)
        tap.equal((done.returncode, person.replies(), story.status()[-1]["addresses"][0]["state"]), (0, [], "AWAIT_MAIL"),
                  "of an order that was given up: not answered", told(done))
        well(story, "of an order that was given up")
    with Story(ca, 41) as story:
        person = story.person
        story.get()
        old = fresh(story)[0]
        ca.later(DAY + 60)
        done = person.run("hook", stdin=old)
        entry = story.status()[-1]
        tap.equal((done.returncode, person.replies(), entry["state"]), (0, [], "EXPIRED"), "after the deadline: not answered", told(done))
        tap.ok(entry["next_step"], "after the deadline: the next step is said", entry)
        well(story, "after the deadline", entries=2)


def early(ca):
    """The mail is there before the CA has answered newOrder: kept by the hook, answered by whoever made the order."""
    with Story(ca, 50) as story:
        person = story.person
        ca.control(trigger="order", hold_order=True)
        get = get_waits(story)
        hook = begin(story, "hook", "--json", mail=fresh(story)[0])
        tap.equal(hook.process.stdout.readline(), '{"schema":1,"spooled":true}\n', "before the order's answer: kept")
        tap.equal((story.status()[-1]["state"], person.replies()), ("ACCOUNT", []), "before the order's answer: not answered yet")
        ca.control(trigger="authz", hold_order=False)
        tap.equal((get.end().returncode, hook.end().returncode), (0, 0), "before the order's answer: both see the end", get.stderr)
        well(story, "before the order's answer")


def clocks(ca):
    """Our clock alone is wrong: when it is ordered, and right when the mail comes; or it jumps while the program waits."""
    for number, by in enumerate((DAY, -DAY)):
        with Story(ca, 60 + number) as story:
            ca.clock += by
            story.get()
            ca.clock -= by
            well(story, "ordered under a clock that is off by %d" % by)
        with Story(ca, 62 + number) as story:
            story.get()
            ca.clock += by // 2
            story.renew()
            ca.clock -= by // 2
            well(story, "off by %d while it waits" % (by // 2))
        with Story(ca, 64 + number) as story:
            waiting = get_waits(story)
            for jump in (by // 2, 0):
                story.person.page.show_clock(ca.clock + jump)
            mail = fresh(story)[0]
            hook = begin(story, "hook", mail=mail)
            tap.equal((waiting.end().returncode, hook.end().returncode), (0, 0), "jumps by %d and back under a get that waits" % (by // 2),
                      waiting.stderr)
            well(story, "jumps by %d and back" % (by // 2))


with LightCa() as light:
    for part in (came_back, two_at_once, again, late, early, clocks):
        if len(sys.argv) < 2 or part.__name__ in sys.argv[1:]:
            part(light)
tap.end()
