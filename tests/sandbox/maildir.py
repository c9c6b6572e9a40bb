# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waits for mail in a Maildir, by inotify."""

import ctypes
import os
import select
import time

IN_MOVED_TO, IN_CREATE = 0x80, 0x100
LIBC = ctypes.CDLL(None, use_errno=True)


def mails(path):
    """The files of an inbox, oldest first."""
    found = []
    for name in ("new", "cur"):
        folder = os.path.join(path, name)
        found += [os.path.join(folder, mail) for mail in os.listdir(folder)]
    # The name begins with the second; M is the microsecond, P the process, in dovecot's names.
    return sorted(found, key=arrival)


def arrival(path):
    second, rest = os.path.basename(path).split(".", 2)[:2]
    micro = rest[1:].split("P", 1)[0]
    return int(second), int(micro) if micro.isdigit() else 0, path


def wait(path, count, seconds):
    """The mails of the inbox as soon as there are count of them, or what there is after so many seconds."""
    fd = LIBC.inotify_init1(os.O_CLOEXEC | os.O_NONBLOCK)
    if fd < 0:
        raise OSError(ctypes.get_errno(), "inotify_init1")
    try:
        for name in ("new", "cur"):
            if LIBC.inotify_add_watch(fd, os.path.join(path, name).encode(), IN_MOVED_TO | IN_CREATE) < 0:
                raise OSError(ctypes.get_errno(), "inotify_add_watch " + path)
        deadline = time.monotonic() + seconds
        while True:
            found = mails(path)
            left = deadline - time.monotonic()
            if len(found) >= count or left <= 0:
                return found
            if select.select([fd], [], [], left)[0]:
                os.read(fd, 65536)
    finally:
        os.close(fd)
