# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two gates that a test closes, so that Claws Mail can be killed right there: one before the mail server, one before gpgsm."""

import os
import re
import shutil
import socket
import threading

BEFORE_DOT, BEFORE_ANSWER = "before the dot", "before the answer"
DOT = b"\r\n.\r\n"


class MailGate:
    """Stands before a mail server that speaks SMTP without TLS, and lets everything through. Closed BEFORE_DOT, the last octets
    of a mail do not get to the server; closed BEFORE_ANSWER, the server has the mail, and its answer does not come back."""

    def __init__(self, server):
        self.server, self.closed = server, None
        self.reached = threading.Event()  # something stands before the closed gate
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.address = {"host": "127.0.0.1", "port": self.socket.getsockname()[1]}
        threading.Thread(target=self.accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()

    def close(self, where):
        self.reached.clear()
        self.closed = where

    def open(self):
        self.closed = None

    def accept(self):
        while True:
            try:
                client, _ = self.socket.accept()
            except OSError:  # the end
                return
            Passage(self, client)


class Passage:
    """One connection. What once stood before the closed gate does not get through any more."""

    def __init__(self, gate, client):
        self.gate, self.client, self.tail, self.ended, self.stopped = gate, client, b"", False, False
        self.server = socket.create_connection((gate.server["host"], gate.server["port"]))
        threading.Thread(target=self.pump, args=(client, self.server, self.pass_up), daemon=True).start()
        threading.Thread(target=self.pump, args=(self.server, client, self.pass_down), daemon=True).start()

    def pump(self, source, sink, may_pass):
        try:
            while octets := source.recv(65536):
                if may_pass(octets):
                    sink.sendall(octets)
        except OSError:  # whoever was killed
            pass
        for end in (source, sink):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:  # shut already
                pass

    def stop(self):
        self.stopped = True
        self.gate.reached.set()
        return False

    def pass_up(self, octets):
        self.tail = (self.tail + octets)[-len(DOT):]
        if self.tail == DOT:
            self.ended = True
            if self.gate.closed == BEFORE_DOT:
                return self.stop()
        return not self.stopped

    def pass_down(self, octets):
        if self.ended and self.gate.closed == BEFORE_ANSWER and re.match(rb"\d\d\d", octets):
            return self.stop()
        return not self.stopped


class GpgsmGate:
    """A gpgsm that stands first in the PATH of HOME's programs. While closed it waits, and does nothing when it is opened."""

    def __init__(self, home):
        self.folder, self.hold, self.bell, self.way = (os.path.join(home, name) for name in ("bin", "hold", "bell", "way"))
        os.makedirs(self.folder)
        os.mkfifo(self.way)
        path = os.path.join(self.folder, "gpgsm")
        with open(path, "w") as file:
            file.write('#!/bin/sh\nif [ -e %s ]; then : >%s; read line <%s; exit 2; fi\nexec %s "$@"\n'
                       % (self.hold, self.bell, self.way, shutil.which("gpgsm")))
        os.chmod(path, 0o755)

    def close(self):
        with open(self.hold, "w"):
            pass

    def reached(self):
        return os.path.exists(self.bell)

    def open(self):
        """Whoever stands before it goes away."""
        os.unlink(self.hold)
        with open(self.way, "w") as way:
            way.write("\n")
