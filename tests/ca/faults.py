# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rude behaviour on demand (--fail NAME[:COUNT[:ARGUMENT]]): one row of TABLE each, taken at the place that misbehaves.

A new one needs a row here and one faults.take(...) there; one that spoils a whole request needs only a row with a
function.
"""

import email.utils
import time
from typing import Callable, NamedTuple, Optional

from httpd import Response
from problem import Problem
from visit import here


def _rate(argument, request):
    """ARGUMENT: seconds, or 'date' for an HTTP-date two seconds away, or 'bare' for no Retry-After."""
    headers = []
    if argument == "date":
        headers = [("Retry-After", email.utils.formatdate(time.time() + 2, usegmt=True))]
    elif argument != "bare":
        headers = [("Retry-After", argument or "1")]
    return Problem("rateLimited", "too many requests, says the test", 429, headers=headers).response()


def _error(argument, request):
    return Problem("serverInternal", "an error that the test asked for", 500).response()


def _html(argument, request):
    return Response(502, b"<html><body>502 Bad Gateway</body></html>", "text/html")


def _close(argument, request):
    response = Response(500)
    response.drop = True
    return response


def _huge(argument, request):
    return Response(200, b'{"x":"' + b"x" * (16 << 20) + b'"}', "application/json")


def _deep(argument, request):
    return Response(200, b"[" * 100000 + b"]" * 100000, "application/json")


class Row(NamedTuple):
    count: Optional[int]            # how often, if the caller does not say; None = until taken back
    answer: Optional[Callable] = None     # answers in place of the server
    by_path: bool = False           # the argument is a part of the path


TABLE = {
    # whole requests
    "rate": Row(1, _rate),
    "500": Row(1, _error, True),
    "html": Row(1, _html, True),
    "close": Row(1, _close, True),
    "huge": Row(1, _huge, True),
    "deep": Row(1, _deep, True),
    # nonces
    "badnonce": Row(1),
    "missing-nonce": Row(1),
    "bad-nonce-syntax": Row(1),
    # accounts and orders
    "terms-changed": Row(1),
    "reject": Row(None),
    "refuse-revocation": Row(1),
    "order-invalid": Row(1),
    "finalize-500-once": Row(1),
    "lost-finalize": Row(1),
    "extra-challenges": Row(None),
    "other-identifiers": Row(1),
    # certificates
    "chain-wrong-key": Row(None),
    "chain-wrong-address": Row(None),
    "chain-more-addresses": Row(None),
    "chain-wrong-usage": Row(None),
    "chain-expired": Row(None),
    "chain-with-key": Row(None),
    "chain-with-text": Row(None),
    "chain-with-root": Row(None),
    "chain-no-intermediate": Row(None),
    "chain-other-order": Row(None),
    "chain-empty": Row(None),
    # mail
    "smtp-refuse": Row(1),
    "mail-lost": Row(1),
    "mail-twice": Row(1),
}


class _Fault:
    def __init__(self, spec):
        self.name, _, rest = spec.partition(":")
        row = TABLE.get(self.name)
        if row is None:
            raise ValueError(f"no such fault {self.name}; there are " + " ".join(TABLE))
        count, _, self.argument = rest.partition(":")
        self.left = int(count) if count else row.count


class Faults:
    """What is to go wrong; the list in options.fail, with counts."""

    def __init__(self, specs, log):
        self._log = log
        self._list = []
        self.add(specs)

    def add(self, specs):
        """'none' takes all back. All are checked before any is taken on."""
        fresh = [spec if spec == "none" else _Fault(spec) for spec in specs]
        for fault in fresh:
            if fault == "none":
                self._list = []
            else:
                self._list.append(fault)

    def all(self):
        return self._list

    def json(self):
        return [{"name": f.name, "left": f.left, "argument": f.argument} for f in self._list]

    def take(self, name, path=None):
        """The argument (a str) of an armed fault of this name, counted down; None if there is none."""
        visit = here()
        for fault in self._list + (visit.faults.all() if visit else []):
            if fault.name != name or fault.left == 0 or (path is not None and fault.argument not in path):
                continue
            if fault.left is not None:
                fault.left -= 1
            if visit:
                visit.taken += 1
            self._log.write("fault", name=name, argument=fault.argument, left=fault.left)
            return fault.argument
        return None

    def armed(self, name):
        """The arguments of all armed faults of this name; nothing is counted down."""
        visit = here()
        every = self._list + (visit.faults.all() if visit else [])
        return [fault.argument for fault in every if fault.name == name and fault.left != 0]

    def answer(self, request):
        """A response in place of the server's own, or None."""
        for name, row in TABLE.items():
            if row.answer is None:
                continue
            argument = self.take(name, request.path if row.by_path else None)
            if argument is not None:
                return row.answer(argument, request)
        return None
