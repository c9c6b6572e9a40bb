# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A machine between mailcert and a mail server of the sandbox: TLS on both sides, hears what the client says, and spoils it."""

import os
import re
import select
import socket
import ssl
import struct
import threading

from stage import TIMEOUT

CUT, PASS_AND_CUT, FREEZE = "cut", "pass and cut", "freeze"


class Relay:
    """Stands before SERVICE. RULES is a list of (regular expression, action): the first line of the client that matches
    the first rule uses it up. An action is octets to answer with in the server's place, CUT (nothing goes through),
    PASS_AND_CUT (the server gets the line, its answer is lost), or FREEZE (after the answer nothing comes through any
    more, and what the client says is answered by a reset: who was between has forgotten the connection)."""

    def __init__(self, sandbox, service, rules=()):
        entry = sandbox.facts[service]
        self.server = entry["host"], entry["port"]
        self.rules = [(re.compile(pattern, re.I), action) for pattern, action in rules]
        self.heard, self.connections, self.away = [], [], False
        self.news = threading.Condition()
        self.there = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.there.load_cert_chain(os.path.join(sandbox.dir, "pki", "server.pem"))
        self.beyond = ssl.create_default_context(cafile=sandbox.facts["tls_ca"])
        self.name = entry["tls_name"]
        self.listener = socket.create_server(("127.0.0.1", 0))
        scheme = entry["address_url"].split(":")[0]
        self.url = "%s://127.0.0.1:%d" % (scheme, self.listener.getsockname()[1])
        threading.Thread(target=self.listen, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.shutdown(socket.SHUT_RDWR)  # wakes its thread
        self.listener.close()
        self.cut()

    # --- what a test asks ---

    def said(self, pattern):
        """The client's lines that match, of all connections."""
        return [line for line in self.heard if re.search(pattern, line, re.I)]

    def wait(self, pattern, count=1):
        """Until so many lines have matched; FALSE after the time."""
        with self.news:
            return self.news.wait_for(lambda: len(self.said(pattern)) >= count, TIMEOUT)

    def cut(self):
        """Every connection, now."""
        for pair in self.connections:
            for side in pair:
                try:
                    socket.socket.shutdown(side, socket.SHUT_RDWR)
                except OSError:
                    pass  # it was cut already

    # --- its threads ---

    def listen(self):
        while True:
            try:
                client = self.listener.accept()[0]
            except OSError:
                return
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client):
        if self.away:
            client.close()
            return
        with client, socket.create_connection(self.server) as server:
            try:
                with self.there.wrap_socket(client, server_side=True) as inner, \
                        self.beyond.wrap_socket(server, server_hostname=self.name) as outer:
                    self.connections.append((inner, outer))
                    Pump(self, inner, outer).run()
            except OSError:
                pass  # one of the two has gone: both go


class Pump:
    """One connection."""

    def __init__(self, relay, client, server):
        self.relay, self.client, self.server = relay, client, server
        self.line, self.action, self.frozen = b"", None, False
        for side in (client, server):
            side.setblocking(False)

    def run(self):
        going = True
        while going:
            sides = [self.client] if self.frozen else [self.client, self.server]
            for side in [side for side in sides if side.pending()] or select.select(sides, [], [])[0]:
                try:
                    octets = side.recv(65536)
                except ssl.SSLWantReadError:
                    continue  # TLS's own business
                going = bool(octets) and (self.from_client(octets) if side is self.client else self.from_server(octets))
                if not going:
                    break

    @staticmethod
    def give(side, octets):
        while octets:
            try:
                octets = octets[side.send(octets):]
            except ssl.SSLWantWriteError:
                select.select([], [side], [])

    def from_server(self, octets):
        if self.action == PASS_AND_CUT:
            return False
        self.give(self.client, octets)
        self.frozen = self.action == FREEZE
        return True

    def from_client(self, octets):
        if self.frozen:
            self.client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            return False
        self.line += octets
        while b"\n" in self.line:
            line, _, self.line = self.line.partition(b"\n")
            if not self.take(line + b"\n"):
                return False
        return True

    def take(self, line):
        """One line of the client's, and what is done with it; FALSE = the connection ends."""
        relay, action = self.relay, None
        text = line.decode(errors="replace").rstrip("\r\n")
        with relay.news:
            if relay.rules and relay.rules[0][0].search(text):
                action = relay.rules.pop(0)[1]
        if isinstance(action, bytes):
            self.give(self.client, action)
        elif action != CUT:
            self.give(self.server, line)
        self.action = action
        with relay.news:
            relay.heard.append(text)
            relay.news.notify_all()
        return action != CUT
