#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Drives the test CA through what it is for and prints TAP; exit 1 if anything failed.

    /usr/bin/python3 tests/ca/selftest.py [PART-OF-A-NAME]

The cases are the functions test_* of selftest_flow, selftest_rules and selftest_mail; each gets a World.
"""

import json
import logging
import os
import subprocess
import sys
import tempfile
import time
import traceback

sys.dont_write_bytecode = True

import options as option_table
import selftest_flow
import selftest_mail
import selftest_rules
from selfclient import Client, Control, Key, Person, b64, csr, digest, read_mail

CA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "testca.py")
ADDRESS = "alice@example.test"


def start_ca(folder, *arguments):
    """A CA process that serves, and its ready.json."""
    process = subprocess.Popen([sys.executable, CA, "--dir", folder, "--die-with-stdin", *arguments],
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    if process.stdout.readline() != "ready\n":
        raise AssertionError("the CA did not start")
    with open(os.path.join(folder, "ready.json"), encoding="utf-8") as file:
        return process, json.load(file)


class World:
    """One CA, one person, and the steps that most cases share."""

    def __init__(self, folder):
        self.folder = folder
        self.person = Person(ADDRESS)
        self.keys = os.path.join(folder, "dkim.json")
        with open(self.keys, "w", encoding="utf-8") as file:
            json.dump({self.person.name: self.person.record, "s1._domainkey.other.test": self.person.record}, file)
        self.process, self.ready = start_ca(folder, "--dkim-keys", self.keys, "--odd-urls")
        self.control = Control(self.ready["control"])
        self.address = ADDRESS
        self.certificate_key = Key().private

    def reset(self):
        """Every option as it was, no fault, no memory of the last case."""
        start = {option.name: option.default for option in option_table.TABLE if not option.start_only}
        start.update({"dkim-keys": self.keys, "fail": ["none"], "poll-delay": 0.05})
        self.control.set(**start)
        self.control.forget()

    def client(self, **members):
        client = Client(self.ready)
        answer = client.register(**members)
        assert answer.status == 201, answer.json
        return client

    def challenge(self, client, authz_url):
        """Reads the authorization; its email challenge."""
        authz = client.post(authz_url).json
        return next(c for c in authz["challenges"] if c["type"] == "email-reply-00")

    def mail(self, number=1):
        """The challenge mail that goes out as the Nth since reset."""
        self.control.wait("mails-out", number)
        record = [m for m in self.control.state()["mails"] if m["kind"] == "mail-out"][number - 1]
        return read_mail(record["where"])

    def opened(self, client, trigger="authz", address=ADDRESS):
        """(order, challenge, mail): an order whose challenge mail is there."""
        order = client.order(address)
        assert order.status == 201, order.json
        challenge = self.challenge(client, order.json["authorizations"][0])
        if trigger == "post":
            answer = client.post(challenge["url"], {})
            assert answer.json["status"] == "processing", answer.json
        return order, challenge, self.mail()

    def value(self, client, challenge, mail, join="string"):
        token1 = mail["subject"].partition("ACME:")[2].strip()
        return digest(token1, challenge["token"], client.key.thumbprint, join)

    def answer(self, client, challenge, mail, join="string", **changes):
        """The judgement on a signed reply, given in by the control server."""
        reply = self.person.reply(mail, self.value(client, challenge, mail, join), **changes)
        return self.control.mail(self.person.sign(reply))

    def ready_order(self, client, address=ADDRESS):
        """An order that is ready, by the shortest way."""
        self.control.forget()
        order, challenge, mail = self.opened(client, address=address)
        verdict = self.answer(client, challenge, mail)
        assert verdict["ok"], verdict
        client.post(challenge["url"], {})
        client.until(order.url, "ready")
        return order

    def finalize(self, client, order, der=None):
        der = der or csr(self.certificate_key, [ADDRESS])
        return client.post(order.json["finalize"], {"csr": b64(der)})

    def violations(self):
        return [violation["fact"] for violation in self.control.state()["violations"]]

    def end(self):
        self.process.stdin.close()
        return self.process.wait(timeout=10)


def main():
    wanted = sys.argv[1] if len(sys.argv) > 1 else ""
    modules = (selftest_flow, selftest_rules, selftest_mail)
    cases = [(name[5:], case) for module in modules for name, case in vars(module).items() if name.startswith("test_")]
    cases = [(name, case) for name, case in cases if wanted in name]
    logging.disable(logging.CRITICAL)   # aiosmtpd talks about the failures that the cases bring about
    started, failed = time.monotonic(), 0
    with tempfile.TemporaryDirectory() as folder:
        world = World(folder)
        for number, (name, case) in enumerate(cases, 1):
            try:
                world.reset()
                case(world)
                bugs = world.control.state()["counters"].get("bugs", 0)
                assert bugs == 0, f"{bugs} bugs in the CA's log"
                print(f"ok {number} - {name}", flush=True)
            except Exception:           # a TAP harness reports every failure and goes on
                failed += 1
                print(f"not ok {number} - {name}")
                print("\n".join("# " + line for line in traceback.format_exc().splitlines()), flush=True)
        ended = world.end()
    print(f"{'ok' if ended == 0 else 'not ok'} {len(cases) + 1} - the CA ends when its standard input closes")
    print(f"1..{len(cases) + 1}")
    print(f"# {time.monotonic() - started:.1f} s")
    sys.exit(1 if failed or ended else 0)


if __name__ == "__main__":
    main()
