#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many processes on one store: they meet the same mails in the same instant, watch each other, stand still, and are killed while
they hold the lease. Whatever happens, each challenge gets one reply. (A thousand meetings on the bare store: tests/flow/test-race.)"""

import array
import fcntl
import os
import re
import signal
import subprocess
import sys
import termios

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from light import LightCa  # noqa: E402
from stage import TIMEOUT, Running, Tap  # noqa: E402
from stories import Story  # noqa: E402

HOOKS = 32
tap = Tap()


class Couple(Story):
    """Two addresses in one order: two mails."""

    extra = 1


class Crowd:
    """Hooks that have read their mails to the last octet and wait for its end."""

    def __init__(self, person, mails, *words):
        self.person, self.hooks = person, []
        self.alive, self.theirs = os.pipe()
        for number in range(HOOKS):
            detach = ("--detach",) if number % 4 == 3 else ()
            hook = subprocess.Popen(person.words("hook", *detach), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                    env=person.environment(), pass_fds=(self.theirs,))
            hook.stdin.write(mails[number % len(mails)])
            hook.stdin.flush()
            self.hooks.append(hook)
        os.close(self.theirs)
        left = array.array("i", [1])
        for hook in self.hooks:
            while left[0] != 0:
                fcntl.ioctl(hook.stdin, termios.FIONREAD, left)
            left[0] = 1

    def release(self):
        """All at once; returns how they ended, when also those in the background have."""
        for hook in self.hooks:
            hook.stdin.close()
        ends = [(hook.wait(TIMEOUT), hook.stderr.read()) for hook in self.hooks]
        os.read(self.alive, 1)
        os.close(self.alive)
        return [end for end in ends if end != (0, b"")]


def new_mails(story):
    mails = {name: mail for name, mail in story.ca.mails().items() if name not in story.taken}
    story.taken |= set(mails)
    return list(mails.values())


def ends_well(story, name, replies=1):
    """As it is: nobody has to do anything any more."""
    states = [entry["state"] for entry in story.status()]
    tap.equal((states, len(story.person.replies()), story.judge.flaws()), (["INSTALLED"], replies, ([], [], [])),
              name + ": installed, by one reply to each challenge")


def meet(ca):
    """The same mail in the hands of all of them; two mails; and a get that waits besides."""
    for number, (kind, waits) in enumerate(((Story, False), (Couple, False), (Couple, True))):
        with kind(ca, number) as story:
            name = "%d hooks with %d mail%s%s" % (HOOKS, kind.extra + 1, "s" if kind.extra else "", ", and get" if waits else "")
            story.get()
            mails = new_mails(story)
            get = Running(story.person, "renew", "--wait", "600") if waits else None
            crowd = Crowd(story.person, mails)
            tap.equal(crowd.release(), [], name + ": all of them end well")
            if get is not None:
                tap.equal(get.end().returncode, 0, name + ": it sees the end", get.stderr)
            ends_well(story, name, len(mails))


def await_lease(running, entry):
    """Until RUNNING holds the lease of this entry: the kernel tells of the locks behind each descriptor (proc(5), fdinfo)."""
    folder = "/proc/%d/fdinfo" % running.process.pid
    lock = re.compile(r"(?m)^lock:.*OFDLCK.*WRITE.* %d %d$" % (entry["id"], entry["id"]))
    while not any(lock.search(text) for text in infos(folder)):
        pass


def infos(folder):
    for name in os.listdir(folder):
        try:
            with open(os.path.join(folder, name)) as file:
                yield file.read()
        except FileNotFoundError:
            pass  # closed meanwhile


def killed(ca):
    """Who holds the lease stands still, and the mail comes: nobody answers in his place. He is killed: who watched him does, or
    whoever comes next. He goes on: he does."""
    for number, end in enumerate(("killed, and another watches", "killed, and nobody else is there", "goes on")):
        with Story(ca, 10 + number) as story:
            person = story.person
            story.get()
            mail = new_mails(story)[0]
            holder = Running(person, "renew", "--wait", "600", "--json")
            await_lease(holder, story.status()[-1])
            watcher = Running(person, "renew", "--wait", "600") if number == 0 else None
            holder.process.send_signal(signal.SIGSTOP)
            done = person.run("hook", stdin=mail)
            tap.equal((done.returncode, person.replies()), (0, []), end + ": while it stands still nobody answers", done.stderr)
            holder.process.send_signal(signal.SIGCONT if number == 2 else signal.SIGKILL)
            if watcher is not None:
                tap.equal(watcher.end().returncode, 0, end + ": the other answers", watcher.stderr)
            elif number == 1:
                done = story.renew()
                tap.equal(done.returncode, 0, end + ": the next one answers what was kept", done.stderr)
            tap.equal(holder.end().returncode, 0 if number == 2 else -signal.SIGKILL, end + ": its own end", holder.stderr)
            ends_well(story, end)


with LightCa() as light:
    for part in (meet, killed):
        if len(sys.argv) < 2 or part.__name__ in sys.argv[1:]:
            part(light)
tap.end()
