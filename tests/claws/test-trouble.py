#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Forged mail, no network, a root that nobody knows, and Claws Mail killed at each step: one reply, one certificate, nothing lost."""

import ctypes
import functools
import os
import shutil
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import beat  # noqa: E402
from desktop import PROBE, Claws, Desktop  # noqa: E402
from gate import BEFORE_ANSWER, BEFORE_DOT, GpgsmGate, MailGate  # noqa: E402
from held import HeldCa, unsigned  # noqa: E402
from stage import Ca, Sandbox, Tap  # noqa: E402

tap = Tap()
USER = "alice@example.test"


def deliver(claws, mail):
    claws.sandbox.run("deliver", USER, stdin=mail)
    claws.fetch()


def ready(claws):
    claws.desktop.until(lambda: "default_sign=1" in claws.read("accountrc"), "the account to sign")


def again(claws):
    claws.kill()
    claws.start()


def whole(claws, name, replies=1):
    ready(claws)
    state = claws.ca.state()
    tap.equal((state["counters"].get("mails-in"), len(state["certificates"])), (replies, 1), name + ": one reply, one certificate")
    tap.equal(claws.ca.violations(), [], name + ": the CA saw no rule broken")
    tap.equal(os.listdir(os.path.join(claws.home, "Mail", "queue")) and
              [n for n in os.listdir(os.path.join(claws.home, "Mail", "queue")) if n.isdigit()], [], name + ": the queue is empty")


def story(name):
    """A story gets a CA and a Claws Mail of its own; what goes wrong in it is one failed test."""
    def wrap(function):
        @functools.wraps(function)
        def tell(desktop, sandbox, make=Ca, options=("--wait", "hold", "--terms", "self"), **keys):
            sandbox.empty(USER)
            with make(sandbox, *options) as ca, MailGate(sandbox.facts["submission_plain"]) as gate, \
                    Claws(desktop, sandbox, ca, keys.pop("kind", "mh"), smtp=gate.address, **keys) as claws:
                claws.gate = gate
                try:
                    claws.start()
                    function(claws, ca)
                except (TimeoutError, OSError) as error:
                    desktop.shot("trouble-" + name.replace(" ", "-"))
                    tap.ok(False, name + ": no trouble", "%s\n%s\n%s\n%s" % (error, claws.texts(), ca.log()[-3:], claws.told()))
        return tell
    return wrap


@story("forged")
def forged(claws, ca):
    claws.ask()
    mail = ca.challenge()
    deliver(claws, unsigned(mail).replace(b"Message-ID: <", b"Message-ID: <forged."))
    claws.desktop.until(lambda: "not answered: unsigned" in claws.told(), "the verdict")
    tap.equal(ca.state()["counters"].get("mails-in", 0), 0, "forged: it is not answered")
    claws.tell("--select", "#mh/Mailbox/inbox/1")
    claws.see("label", "This looks like a certificate check, but it carries no signature")
    claws.desktop.shot("notice-forged")
    tap.ok(claws.find("push button", "Show request", True) is None, "forged: its notice has no button")
    deliver(claws, mail)
    whole(claws, "forged, then genuine")
    claws.tell("--select", "#mh/Mailbox/inbox/2")
    claws.see("label", "This certificate check was answered already")
    claws.desktop.shot("notice-answered")


@story("offline")
def offline(claws, ca):
    claws.ask()
    ca.wait("mails-out")
    claws.tell("--offline")
    claws.fetch()
    claws.see("label", "The reply to test is being sent.")
    tap.equal(ca.state()["counters"].get("mails-in", 0), 0, "offline: nothing leaves")
    claws.tell("--online")
    whole(claws, "offline, then online")


@story("returned")
def returned(claws, ca):
    """The CA's mail server refuses the reply, and the provider's says so in a mail: it is told, and changes nothing."""
    ca.control(fail=["smtp-refuse:1:550 5.7.26 not from you"])
    claws.ask()
    ca.wait("mails-out")
    claws.fetch()
    claws.fetch()
    claws.see("label", "Your mail provider or the CA's refused the reply")
    tap.ok(any("in the preferences of its account in Claws Mail" in text for text in claws.texts()), "returned: where to mend it",
           claws.texts())
    claws.desktop.shot("returned")
    tap.ok(any("not from you" in text for text in claws.texts()), "returned: with the words of whoever refused it", claws.texts())
    tap.equal(ca.state()["counters"].get("mails-in", 0), 0, "returned: nothing is sent again")


@story("unknown root")
def unknown_root(claws, ca):
    claws.ask()
    ca.wait("mails-out")
    claws.fetch()
    claws.see("push button", "Trust this CA")
    claws.desktop.shot("root")
    tap.ok("default_sign=1" not in claws.read("accountrc"), "unknown root: the account does not sign before it is trusted")
    tap.ok(any(ca.ready["root_sha256"][:4].upper() in text for text in claws.texts()), "unknown root: its fingerprint is shown",
           claws.texts())
    claws.press("push button", "Trust this CA")
    whole(claws, "unknown root, then trusted")
    tap.equal(claws.activations, 4, "unknown root: one activation more")


@story("killed")
def killed(claws, ca):
    """Again and again: the order open; the server has the reply and has not said so; at the CA; finalizing; importing."""
    gpgsm = GpgsmGate(claws.home)
    ca.control(**{"poll-delay": 1, "finalize": "processing", "processing-seconds": 1})
    claws.ask()
    ca.wait("mails-out")
    again(claws)
    claws.gate.close(BEFORE_ANSWER)
    claws.fetch()
    claws.desktop.until(claws.gate.reached.is_set, "the end of the reply")
    tap.equal(claws.status()["addresses"][0]["state"], "SENDING", "killed: SENDING is written before the mail leaves")
    again(claws)
    claws.gate.open()
    claws.reached("POSTED")
    again(claws)
    claws.reached("FINALIZING")
    gpgsm.close()
    again(claws)
    claws.desktop.until(gpgsm.reached, "gpgsm to be asked")
    tap.equal(claws.status()["state"], "ISSUED", "killed: ISSUED is written before the import begins")
    claws.kill()
    gpgsm.open()
    claws.start()
    whole(claws, "killed")
    tap.equal(ca.state()["counters"].get("mails-out"), 1, "killed: one challenge")


@story("killed before the reply has left")
def killed_sending(claws, ca):
    """The server has not got all of the reply. Nobody here can know that: nothing is sent again, the CA is asked once, sees no
    reply, and a new order brings a new challenge (T-32)."""
    ca.control(**{"wait": "once", "once-delay": 1})
    claws.ask()
    ca.wait("mails-out")
    claws.gate.close(BEFORE_DOT)
    claws.fetch()
    claws.desktop.until(claws.gate.reached.is_set, "the end of the reply")
    again(claws)
    claws.gate.open()
    ca.wait("challenges-invalid")
    tap.equal(ca.state()["counters"].get("mails-in", 0), 0, "killed before the reply has left: it is not sent again")
    ca.wait("mails-out", 2)
    claws.fetch()
    whole(claws, "killed before the reply has left")


@story("killed with the mail there")
def killed_later(claws, ca):
    """The challenge came while Claws Mail was open, and it ended before it was looked at: found again at the start."""
    claws.ask()
    ca.wait("mails-out")
    claws.tell("--offline")
    claws.fetch()
    claws.see("label", "The reply to test is being sent.")
    claws.kill()
    claws.start()
    whole(claws, "killed while sending")


@story("killed, and Sent cannot be read")
def no_proof(claws, ca):
    """Nobody can say whether the reply left before the end: it is not sent again, the CA's word decides (DESIGN 2)."""
    claws.ask()
    ca.wait("mails-out")
    claws.tell("--offline")
    claws.fetch()
    claws.see("label", "The reply to test is being sent.")
    claws.kill()
    sent = os.path.join(claws.home, "Mail", "sent")
    shutil.rmtree(sent)
    open(sent, "w").close()
    claws.start()
    claws.tell("--online")
    replied = lambda: [entry["detail"] for entry in claws.status()["history"] if entry["state"] == "REPLIED"]
    claws.desktop.until(replied, "the doubt to be noted")
    tap.ok("claws" not in replied(), "killed, and Sent cannot be read: nothing is sent", replied())
    tap.equal(ca.state()["counters"].get("mails-in", 0), 0, "killed, and Sent cannot be read: no reply has come")


@story("ended with a reply that waits")
def ended(claws, ca):
    claws.ask()
    ca.wait("mails-out")
    claws.tell("--offline")
    claws.fetch()
    claws.see("label", "The reply to test is being sent.")
    tap.equal(claws.end(), 0, "ended with a reply that waits: Claws Mail ends well")
    claws.start()
    claws.tell("--online")  # it remembers that it was offline
    whole(claws, "ended with a reply that waits")


@story("reloaded")
def reloaded(claws, ca):
    """The plugin is unloaded and loaded again while an order is open."""
    claws.ask()
    ca.wait("mails-out")
    claws.reload()
    claws.fetch()
    whole(claws, "reloaded")


@story("reloaded with a reply that waits")
def reloaded_waiting(claws, ca):
    """The plugin is unloaded while the reply waits for the network, and loaded again before that is there."""
    claws.ask()
    ca.wait("mails-out")
    claws.tell("--offline")
    claws.fetch()
    claws.see("label", "The reply to test is being sent.")
    claws.reload()
    tap.equal(ca.state()["counters"].get("mails-in", 0), 0, "reloaded with a reply that waits: nothing has left")
    claws.tell("--online")
    whole(claws, "reloaded with a reply that waits")


@story("declined")
def declined(claws, ca):
    """The offer does not come while a mail is being written; and never again once that was asked for."""
    draft = os.path.join(claws.home, "draft")
    with open(draft, "w") as file:
        file.write("To: bob@example.test\nSubject: not yet sent\n\nHello Bob.\n")
    claws.tell("--compose-from-file", draft)
    claws.desktop.until(lambda: "no offer now" in claws.told(), "the offer to be put off")
    tap.ok(claws.find("push button", "Don't ask again") is None, "declined: no offer while a mail is being written")
    again(claws)
    claws.press("push button", "Don't ask again")
    claws.desktop.until(lambda: "mailcert-words=" in claws.read("accountrc"), "the wish to be kept")
    again(claws)
    claws.desktop.until(lambda: "nobody to make it to" in claws.told(), "the offer to be thought of")
    tap.ok(claws.find("push button", "Don't ask again") is None, "declined: it is not made again")
    tap.equal(ca.state()["counters"].get("acme-requests", 0), 0, "declined: no CA was asked")


def opened(folder):
    """A function that tells whether any file in FOLDER has been opened since, by whomever: the kernel says so."""
    libc = ctypes.CDLL(None, use_errno=True)
    notify = libc.inotify_init1(os.O_NONBLOCK)
    if libc.inotify_add_watch(notify, os.fsencode(folder), 0x20) < 0:  # IN_OPEN
        raise OSError(ctypes.get_errno(), "inotify")

    def tell():
        try:
            return os.read(notify, 65536)
        except BlockingIOError:
            return b""
    return tell


def threads(claws):
    tasks = "/proc/%d/task/" % claws.process.pid
    return [open(tasks + task + "/comm").read().strip() for task in os.listdir(tasks)]


def files(claws):
    folder = "/proc/%d/fd/" % claws.process.pid
    names = [os.readlink(folder + fd) for fd in os.listdir(folder) if os.path.exists(folder + fd)]
    return [name for name in names if "mailcert.db" in name or "mailcert.lock" in name]


@story("nothing open")
def nothing_open(claws, ca):
    """A full mailbox and no order: no folder is listed, no file is open, no thread of ours is there; neither before the first
    certificate nor after it."""
    unasked = b"From: bob@example.test\nTo: alice@example.test\nSubject: ACME: not asked for\nMessage-ID: <%d@example.test>\n\nHi\n"
    deliver(claws, unasked % 1)
    claws.see("label", "50001 new, 50001 unread, 50001 total")
    tap.ok("a folder is listed" not in claws.told(), "nothing open: no folder is listed")
    tap.ok("mailcert" not in threads(claws) and "claws-mail" in threads(claws), "nothing open: no thread of ours", threads(claws))
    tap.equal(files(claws), [], "nothing open: no file of ours")
    data = os.path.join(claws.home, ".local", "share", "mailcert")
    tap.ok(not os.path.exists(data), "nothing open: no database was made")
    claws.press("push button", "Not now")  # the offer has a button to get one, too
    claws.ask()
    ca.wait("mails-out")
    claws.fetch()
    whole(claws, "a full mailbox")
    for line in beat.told(claws.told())[0]:
        print("# a full mailbox: " + line)
    claws.desktop.until(lambda: "mailcert" not in threads(claws), "the runner to rest")
    listed, looked = claws.told().count("a folder is listed"), opened(data)
    deliver(claws, unasked % 2)
    claws.see("label", "Inbox")
    claws.desktop.until(lambda: any("50003 total" in text for text in claws.texts()), "the mail to be there")
    tap.equal(claws.told().count("a folder is listed") - listed, 0, "nothing open any more: no folder is listed")
    tap.equal((files(claws), looked()), ([], b""), "nothing open any more: no file of ours was open, or is")
    tap.ok("mailcert" not in threads(claws), "nothing open any more: no thread of ours", threads(claws))


STORIES = ((forged, {"make": HeldCa, "kind": "mbox"}), (offline, {}), (returned, {}), (unknown_root, {"trusted": False}),
           (killed, {"options": ("--terms", "self")}), (killed_sending, {}), (killed_later, {}), (no_proof, {}), (ended, {}), (reloaded, {"plugins": (PROBE,)}),
           (reloaded_waiting, {"plugins": (PROBE,)}), (declined, {}), (nothing_open, {"mails": 50000, "plugins": (PROBE,)}))


def main():
    """All stories, or those that are named."""
    with Desktop() as desktop, Sandbox() as sandbox:
        for tell, keys in STORIES:
            if len(sys.argv) < 2 or tell.__name__ in sys.argv[1:]:
                tell(desktop, sandbox, **keys)
    tap.end()


main()
