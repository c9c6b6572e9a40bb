# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A relay before a CA's port that cuts connections in the middle of the TLS handshake."""

import socket
import threading


class Relay:
    """The first CUTS connections get a part of the CA's first words; all others are passed on. Without a CA it is none."""

    def __init__(self, ca, cuts=0):
        self.directory, self.listener = None, None
        if ca is None:
            return
        self.cuts = cuts
        host, port = ca.ready["directory"].split("/")[2].split(":")
        self.target = (host, int(port))
        self.listener = socket.create_server((host, 0))
        self.directory = "https://%s:%d/directory" % (host, self.listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.listener:
            self.listener.shutdown(socket.SHUT_RDWR)
            self.listener.close()

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            server = socket.create_connection(self.target)
            cut, self.cuts = self.cuts > 0, self.cuts - 1
            threading.Thread(target=_carry, args=(client, server, False), daemon=True).start()
            threading.Thread(target=_carry, args=(server, client, cut), daemon=True).start()


def _carry(source, target, cut):
    try:
        while octets := source.recv(65536):
            if cut:
                target.sendall(octets[:50])
                break
            target.sendall(octets)
    except OSError:
        pass
    for end in (source, target):
        try:
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
