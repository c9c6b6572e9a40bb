# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a rude CA does to its answers: the rules of a visit (visit.py), JSON objects

    {"at": "order" | ["order", "finalize"] | "any", "first": 1, "count": null, "do": [VERB, ARGUMENT...]}

FIRST and COUNT are of the requests AT such a resource, null = for ever. In a value BASE is the visit's own URL, HOURS a time
two hours from now.
Instead of the CA's own answer:
    problem STATUS TYPE [HEADERS]    a problem document
    reply STATUS TEXT [HEADERS]      anything else
    grant STATUS                     no answer: the authorizations become that before the CA answers itself
The CA's own answer, changed; nothing happens where it has no such member:
    member PATH VALUE      sets a member; a.0.b leads there, "challenge" is the first email-reply-00 one
    raw PATH TEXT          the same with JSON text as it stands
    drop PATH              leaves it out
    double PATH VALUE      the same name once more
    status N               another HTTP status
    body TEXT              other octets
    nested N               N brackets around it
    header NAME VALUE      null = none
    random SEED ODDS       whatever the dice say (random_answer.py)
How it leaves; the connection ends with it:
    cut                    not at all
    cut-header, cut-body   half of it
    drip SECONDS           one octet each so many seconds
    flood MEGABYTES        so much of one JSON string; flood-said: with its length told before
"""

import asyncio
import datetime
import json
import time

import random_answer
from httpd import Response
from problem import Problem

MARK = "\ue000"                         # stands for a value until it is JSON
PIECE = 1 << 16


def _own(visit, value):
    when = datetime.datetime.utcfromtimestamp(time.time() + 7200).strftime("%Y-%m-%dT%H:%M:%SZ")
    return json.loads(json.dumps(value).replace("BASE", visit.base).replace("HOURS", when))


# instead of the answer: (visit, arguments) -> Response or None

def _problem(visit, status, kind, headers=None):
    return Problem(kind, f"the test wants {status} here", status, headers=_own(visit, headers or {}).items()).response()


def _reply(visit, status, text, headers=None):
    return Response(status, _own(visit, text).encode(), None, _own(visit, headers or {}).items())


def _grant(visit, status):
    for account in visit.accounts:
        for order in account.orders:
            for authz in order.authorizations:
                authz.status = status


# the answer, changed: (visit, response, arguments) -> whether anything happened

def _parent(value, path):
    """What holds the member PATH, and its name there; LookupError, TypeError or ValueError where there is none."""
    names = path.split(".")
    for number, name in enumerate(names):
        if name == "challenge" and number < len(names) - 1:
            value = [one for one in value["challenges"] if one["type"] == "email-reply-00"][0]
            continue
        key = int(name) if isinstance(value, list) else name
        value[key]                      # it is there
        if number == len(names) - 1:
            return value, key
        value = value[key]
    raise KeyError(path)


def _change(response, path, change):
    try:
        value = json.loads(response.body)
        parent, key = _parent(value, path)
    except (ValueError, LookupError, TypeError):
        return False
    change(parent, key)
    response.body = json.dumps(value).encode()
    return True


def _member(visit, response, path, value):
    return _change(response, path, lambda parent, key: parent.__setitem__(key, _own(visit, value)))


def _raw(visit, response, path, text):
    done = _member(visit, response, path, MARK)
    response.body = response.body.replace(json.dumps(MARK).encode(), text.encode())
    return done


def _drop(visit, response, path):
    return _change(response, path, lambda parent, key: parent.__delitem__(key))


def _double(visit, response, path, value):
    kept = []

    def change(parent, key):
        kept.append(json.dumps(parent[key]))
        parent[key] = MARK
    if not _change(response, path, change):
        return False
    both = f'{kept[0]}, {json.dumps(path.split(".")[-1])}: {json.dumps(_own(visit, value))}'
    response.body = response.body.replace(json.dumps(MARK).encode(), both.encode())
    return True


def _status(visit, response, status):
    response.status = status
    return True


def _body(visit, response, text):
    response.body = text.encode("utf-8", "surrogateescape")
    return True


def _nested(visit, response, depth):
    response.body = b"[" * depth + response.body + b"]" * depth
    return True


def _header(visit, response, name, value):
    response.headers = [pair for pair in response.headers if pair[0].lower() != name.lower()]
    if value is not None:
        response.headers.append((name, _own(visit, value)))
    return True


# how it leaves

def _cut(visit, response):
    response.drop = True
    return True


def _half(response, begin):
    async def wire(writer, response):
        octets = response.compose(False)
        writer.write(octets[:begin + (len(octets) - begin) // 2])
        await writer.drain()
        writer.transport.abort()
    response.wire = wire
    return True


def _cut_header(visit, response):
    response.body = b""
    return _half(response, 0)


def _cut_body(visit, response):
    return _half(response, len(response.compose(True)))


def _drip(visit, response, seconds):
    async def wire(writer, response):
        writer.write(response.compose(True))
        for number in range(len(response.body)):
            writer.write(response.body[number:number + 1])
            await writer.drain()
            visit.left(1)
            await asyncio.sleep(seconds)
    response.body = response.body.ljust(PIECE)
    response.wire = wire
    return True


def _flood(visit, response, megabytes, said=False):
    async def wire(writer, response):
        length = "Content-Length: %d" % (megabytes << 20) if said else "Transfer-Encoding: chunked"
        writer.write(f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n{length}\r\n\r\n".encode())
        for number in range(megabytes << 4):
            piece = (b'{"x": "' if number == 0 else b"").ljust(PIECE, b"x")
            writer.write(piece if said else b"%x\r\n%s\r\n" % (PIECE, piece))
            await writer.drain()
            await asyncio.sleep(0)      # else nobody would hear that the other end is gone
            if writer.transport.is_closing():
                return
            visit.left(PIECE)
    response.wire = wire
    return True


def _flood_said(visit, response, megabytes):
    return _flood(visit, response, megabytes, True)


INSTEAD = {"problem": _problem, "reply": _reply, "grant": _grant}
CHANGE = {"member": _member, "raw": _raw, "drop": _drop, "double": _double, "status": _status, "body": _body, "nested": _nested,
          "header": _header, "random": random_answer.spoil, "cut": _cut, "cut-header": _cut_header, "cut-body": _cut_body,
          "drip": _drip, "flood": _flood, "flood-said": _flood_said}


class Rule:
    def __init__(self, at, do, first=1, count=None):
        self.at = {at} if isinstance(at, str) else set(at)
        self.first, self.count = first, count
        self.verb, *self.arguments = do
        self.is_instead = self.verb in INSTEAD
        self._met = 0
        if not self.is_instead and self.verb not in CHANGE:
            raise ValueError(f"no such verb {self.verb}")

    def meets(self, kind):
        """Whether it is this request's turn."""
        if not {kind, "any"} & self.at:
            return False
        self._met += 1
        return self._met >= self.first and (self.count is None or self._met < self.first + self.count)

    def instead(self, visit):
        return INSTEAD[self.verb](visit, *self.arguments)

    def spoil(self, visit, response):
        return not self.is_instead and CHANGE[self.verb](visit, response, *self.arguments)
