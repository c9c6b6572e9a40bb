# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Visits: below https://HOST:PORT/~ID/ the whole CA stands once more, with manners of its own (rude.py), so that one CA can
treat many people at the same time, each in another way. Their clocks are their own: Retry-After is not held against them.

POST /control/visit {"id": ID, "rules": [RULE...], "fail": [FAULT...]} opens one, or gives it other manners; GET /control/visit?id=ID counts its requests,
by what they ask for, and what was spoiled. Its URLs have the host and port of its own requests: a relay may stand before.
"""

import collections
import contextvars
import re

import rude

_here = contextvars.ContextVar("visit", default=None)

KINDS = tuple((re.compile(pattern + r"\Z"), kind) for pattern, kind in (
    (r"/directory", "directory"),
    (r"/acme/new-nonce", "nonce"),
    (r"/acme/new-account", "newAccount"),
    (r"/acme/acct/[^/]+", "account"),
    (r"/acme/new-order", "newOrder"),
    (r"/acme/order/[^/]+", "order"),
    (r"/acme/order/[^/]+/finalize", "finalize"),
    (r"/acme/authz/[^/]+", "authorization"),
    (r"/acme/chall/[^/]+", "challenge"),
    (r"/acme/cert/.+", "certificate"),
))


def here():
    """The visit that the request just now belongs to, or what it has set going; None = nobody's."""
    return _here.get()


def _kind_of(path):
    for pattern, kind in KINDS:
        if pattern.match(path):
            return kind
    return "other"


class Visit:
    def __init__(self, ident, log):
        self.id = ident
        self.faults = None              # faults.Faults, of this visit alone
        self.base = None                # https://HOST:PORT/~ID, once it has begun
        self.accounts = []              # state.Account
        self.asked = collections.Counter()
        self.kind = None                # what was asked for last
        self.urls = set()               # for random_answer
        self.done = []                  # by random_answer
        self._spoiled = collections.Counter()
        self._octets = 0
        self.taken = 0                  # of FAULTS
        self._rules = []
        self._log = log

    def behave(self, rules, faults):
        self._rules = [rude.Rule(**rule) for rule in rules]
        self.faults = faults

    def left(self, octets):
        """So many have left the hard way; counted, so that a test can wait for them."""
        self._octets += octets
        self._log.count("octets-left-in-" + self.id)

    def instead(self, request):
        """A response in place of the CA's own, which then does nothing; or None."""
        self.kind = _kind_of(request.path)
        self.asked.update((self.kind, "any"))
        request.due = [rule for rule in self._rules if rule.meets(self.kind)]
        for rule in request.due:
            if rule.is_instead:
                self._spoiled[rule.verb] += 1
                response = rule.instead(self)
                if response is not None:
                    return response
        return None

    def spoil(self, request, response):
        """The answer as it leaves."""
        for rule in request.due:
            if rule.spoil(self, response):
                self._spoiled[rule.verb] += 1

    def json(self):
        return {"id": self.id, "asked": dict(self.asked), "spoiled": dict(self._spoiled), "taken": self.taken, "octets": self._octets,
                "done": self.done}


class Visits:
    """All that were opened."""

    def __init__(self, log):
        self._log = log
        self._all = {}

    def open(self, ident, rules, faults):
        if not re.fullmatch(r"[A-Za-z0-9-]+", ident):
            raise ValueError(f"{ident!r} is no id")
        if ident not in self._all:
            self._all[ident] = Visit(ident, self._log)
        self._all[ident].behave(rules, faults)

    def json(self, ident):
        return self._all[ident].json()

    def enter(self, request):
        """The visit of this request, whose prefix is taken off; None where it has none."""
        match = re.match(r"/~([A-Za-z0-9-]+)(?=/)", request.target)
        visit = self._all.get(match.group(1)) if match else None
        if visit is not None:
            prefix = match.group()
            visit.base = "https://" + request.header("host") + prefix
            request.target = request.target[len(prefix):]
            request.path = request.path[len(prefix):]
        _here.set(visit)
        return visit
