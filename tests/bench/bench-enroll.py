#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One enrollment as a whole process, on the sandbox: requests, connections, CPU, memory, and the time from the server's
"* n EXISTS" to the 250 after DATA, as a ratio to a bare scripted SMTP session over the same path in the same run.

Key generation is left out by a P-256 key (0.1 ms). The times are read by a TLS-ending proxy in front of dovecot and postfix, which
both sides of the ratio go through."""

import os
import re
import selectors
import smtplib
import socket
import ssl
import statistics
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cli"))
from stage import Ca, Person, Sandbox  # noqa: E402

RUNS = int(os.environ.get("BENCH_RUNS", "7"))
USER = "alice@example.test"
CPU_BUDGET_MS, MEMORY_BUDGET_MIB = 60, 25


class Proxy:
    """Ends TLS on a port of its own, speaks TLS to the server behind, and notes when a line that matters passes."""

    def __init__(self, sandbox, service, pattern):
        self.facts, self.service, self.pattern = sandbox.facts, sandbox.facts[service], pattern
        self.seen = []
        pki = os.path.join(sandbox.dir, "pki")
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(os.path.join(pki, "server.pem"))
        self.behind = ssl.create_default_context(cafile=self.facts["tls_ca"])
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            client, _ = self.listener.accept()
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self.relay, args=(client, time.monotonic()), daemon=True).start()

    def relay(self, client, started):
        try:
            front = self.context.wrap_socket(client, server_side=True)
            back = self.behind.wrap_socket(socket.create_connection((self.service["host"], self.service["port"])),
                                           server_hostname=self.service["tls_name"])
        except OSError:
            return
        back.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        selector = selectors.DefaultSelector()
        selector.register(front, selectors.EVENT_READ, back)
        selector.register(back, selectors.EVENT_READ, front)
        state = {"data": False, "started": started}
        try:
            while True:
                for key, _ in selector.select():
                    source, target = key.fileobj, key.data
                    while True:
                        block = source.recv(65536)
                        if not block:
                            return
                        target.sendall(block)
                        self.pattern(self.seen, state, source is back, block, time.monotonic())
                        if not source.pending():
                            break
        except OSError:
            pass
        finally:
            front.close()
            back.close()


def exists(seen, state, from_server, block, now):
    if from_server and re.search(rb"^\* \d+ EXISTS", block, re.M):
        seen.append(now)


def accepted(seen, state, from_server, block, now):
    if from_server and block.startswith(b"354"):
        state["data"] = True
    elif from_server and state["data"] and block.startswith(b"250"):
        state["data"] = False
        seen.append((state["started"], now))


def one(sandbox, imap, smtp):
    sandbox.empty(USER)
    account = {"imap": "imaps://127.0.0.1:%d" % imap.port, "smtp": "smtps://127.0.0.1:%d" % smtp.port}
    with Ca(sandbox, "--wait", "hold") as ca, Person(sandbox, ca, account=account) as person:
        del imap.seen[:], smtp.seen[:]
        words = person.words("get", USER, "--agree-tos", "--wait", "60", "--key", "p256", "--keyring", "files:" + person.home + "/out")
        started = time.monotonic()
        child = subprocess.Popen(words, env=person.environment(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        _, code, usage = os.wait4(child.pid, 0)
        child.returncode = code
        wall = time.monotonic() - started
        if code != 0:
            sys.exit("bench: the enrollment ended with %d" % code)
        requests = [entry for entry in ca.log() if entry["kind"] == "acme"]
        _, sent = smtp.seen[-1]
        noticed = max(when for when in imap.seen if when < sent)
        return {"wall": wall * 1000, "cpu": (usage.ru_utime + usage.ru_stime) * 1000, "memory": usage.ru_maxrss / 1024,
                "requests": len(requests), "connections": len({entry["connection"] for entry in requests}),
                "answer": (sent - noticed) * 1000}


def bare(sandbox, smtp):
    """The same kind of session, by a script: connect, TLS, AUTH, one mail to the CA's domain."""
    del smtp.seen[:]
    context = ssl.create_default_context(cafile=sandbox.facts["tls_ca"])
    context.check_hostname = False
    client = smtplib.SMTP_SSL("127.0.0.1", smtp.port, context=context, local_hostname="client.example.test")
    client.login(USER, sandbox.facts["users"][USER]["password"])
    client.sendmail(USER, ["nobody@ca.test"], "From: %s\r\nTo: nobody@ca.test\r\nSubject: bench\r\n\r\nhello\r\n" % USER)
    client.quit()
    started, done = smtp.seen[-1]
    return (done - started) * 1000


def flavour():
    linked = subprocess.run(["ldd", os.environ.get("MAILCERT", "./mailcert")], capture_output=True, text=True).stdout
    return "GnuTLS" if "libcurl-gnutls" in linked else "OpenSSL"


def main():
    with Sandbox() as sandbox:
        imap, smtp = Proxy(sandbox, "imaps", exists), Proxy(sandbox, "submissions", accepted)
        one(sandbox, imap, smtp)  # warms caches of the servers
        runs, floor = [], []
        for _ in range(RUNS):
            runs.append(one(sandbox, imap, smtp))
            floor.append(bare(sandbox, smtp))
    middle = {key: statistics.median(run[key] for run in runs) for key in runs[0]}
    floor = statistics.median(floor)
    print("enrollment, whole process, median of %d (libcurl with %s)" % (RUNS, flavour()))
    print("  HTTPS requests        %d" % middle["requests"])
    print("  HTTPS connections     %d" % middle["connections"])
    print("  CPU without keygen    %.0f ms   (budget %d ms, ratio %.2f)" % (middle["cpu"], CPU_BUDGET_MS, middle["cpu"] / CPU_BUDGET_MS))
    print("  peak memory           %.1f MiB (budget %d MiB, ratio %.2f)" % (middle["memory"], MEMORY_BUDGET_MIB,
                                                                       middle["memory"] / MEMORY_BUDGET_MIB))
    print("  wall                  %.0f ms   (dovecot itself waits 500 ms before it announces a mail)" % middle["wall"])
    print("  EXISTS to 250         %.0f ms" % middle["answer"])
    print("  bare SMTP session     %.0f ms" % floor)
    print("  ratio                 %.2f" % (middle["answer"] / floor))


main()
