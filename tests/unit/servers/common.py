# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the scripted servers share: certificates, events on stdout, commands on stdin."""

import os
import socket
import ssl
import sys
import threading

_lock = threading.Lock()


def tell(*words):
    """One event for the test, which waits for it instead of sleeping."""
    with _lock:
        sys.stdout.write(" ".join(str(word) for word in words) + "\n")
        sys.stdout.flush()


def context(folder, name, maximum=None):
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(os.path.join(folder, name + ".pem"), os.path.join(folder, name + ".key"))
    if maximum is not None:
        made.set_ciphers("ALL:@SECLEVEL=0")
        made.minimum_version = ssl.TLSVersion.TLSv1
        made.maximum_version = maximum
    # Whether a client would give one away (RFC 8314 5.5).
    made.verify_mode = ssl.CERT_OPTIONAL
    made.load_verify_locations(os.path.join(folder, "ca.pem"))
    return made


def listen():
    made = socket.socket()
    made.bind(("127.0.0.1", 0))
    made.listen(64)
    return made


def accept_forever(listener, serve):
    def loop():
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=serve, args=(connection,), daemon=True).start()

    threading.Thread(target=loop, daemon=True).start()


def obey(commands):
    """Runs until stdin ends, which it does when the test has gone."""
    for line in sys.stdin:
        words = line.split()
        if words:
            if words[0] != "sync":  # which only wants its event, behind all others
                commands[words[0]](*words[1:])
            tell("obeyed", words[0])
    os._exit(0)


def options(argv):
    """["DIR", "tls=starttls", "idle"] -> ("DIR", {"tls": "starttls", "idle": ""})"""
    return argv[1], dict((word.split("=", 1) + [""])[:2] for word in argv[2:])


class Lines:
    """A connection that is read by lines and can change to TLS."""

    def __init__(self, connection):
        self.socket = connection
        self.buffer = b""
        self.tls = False

    def start_tls(self, with_context):
        self.socket = with_context.wrap_socket(self.socket, server_side=True)
        self.tls = True
        if self.socket.getpeercert():
            tell("client-certificate")

    def send(self, text):
        self.socket.sendall(text if isinstance(text, bytes) else text.encode())

    def line(self):
        while b"\n" not in self.buffer:
            more = self.socket.recv(65536)
            if not more:
                raise ConnectionError("gone")
            self.buffer += more
        one, self.buffer = self.buffer.split(b"\n", 1)
        return one.rstrip(b"\r")

    def cut(self):
        try:
            self.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.socket.close()
