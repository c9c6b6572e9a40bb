# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""mailcert at a terminal that a test types into."""

import os
import pty
import re
import select
import sys
import termios
import time

sys.dont_write_bytecode = True
from stage import MAILCERT  # noqa: E402

PATIENCE = 60  # seconds until something that must come counts as missing


class Terminal:
    """mailcert on a pseudo terminal."""

    def __init__(self, home, *words, **environment):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execve(MAILCERT, [MAILCERT, *words], home.environment(TERM="xterm", **environment))
        self.text = ""

    def until(self, wanted, pattern=None):
        """Reads until WANTED, or what PATTERN finds, has been shown; FALSE where it never is. NONE = until the end."""
        end = time.monotonic() + PATIENCE
        pattern = re.escape(wanted) if pattern is None and wanted is not None else pattern
        while pattern is None or re.search(pattern, self.text) is None:
            if time.monotonic() > end or not select.select([self.fd], [], [], max(0, end - time.monotonic()))[0]:
                return False
            try:
                piece = os.read(self.fd, 4096)
            except OSError:
                piece = b""
            if piece == b"":
                return pattern is None
            self.text += piece.decode(errors="replace")
        return True

    def echoes(self):
        return bool(termios.tcgetattr(self.fd)[3] & termios.ECHO)

    def until_silent(self):
        """Until the program has turned the echo off: only then a passphrase is typed."""
        end = time.monotonic() + PATIENCE
        while self.echoes() and time.monotonic() < end:
            select.select([self.fd], [], [], 0.01)
        return not self.echoes()

    def type(self, text):
        os.write(self.fd, text.encode())

    def end(self):
        self.until(None)
        status = os.waitpid(self.pid, 0)[1]
        os.close(self.fd)
        return os.WEXITSTATUS(status) if os.WIFEXITED(status) else -os.WTERMSIG(status)
