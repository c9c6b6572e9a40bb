# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers spoiled by dice: any member of any answer dropped, doubled, of another type, huge, or another object's URL; header
fields, the status, octets, and the connection likewise. The same seed spoils the same way, as long as the same is asked."""

import json
import random

WORDS = ("pending", "ready", "processing", "valid", "invalid", "deactivated", "expired", "revoked", "email-reply-00", "http-01",
         "email", "dns")
VALUES = (None, True, False, 0, -7, 1.5, 1 << 62, "", "\0", "\u202e", "x", [], {}, [None], [[[]]], {"type": {}, "value": []},
          "http://127.0.0.1/x", "file:///etc/passwd", "//127.0.0.1/x", "https://127.0.0.1:1/x", "https://127.0.0.1\r\nX: y/",
          "9999-12-31T23:59:59Z", "2001-01-01T00:00:00Z", "acme@ca.test")
HEADERS = {"Location": (None, "", "/x", "http://127.0.0.1/x", "https://127.0.0.1:1/x"), "Replay-Nonce": (None, "", "not base64url!", "AAAA"),
           "Retry-After": ("0", "-1", "5", "100000000000", "soon", "Sun, 06 Nov 1994 08:49:37 GMT"),
           "Content-Type": (None, "text/html", "application/problem+json"), "Link": ('<https://127.0.0.1:1/x>;rel="alternate"', "<", "<>;;;,"),
           "Date": ("Sun, 06 Nov 1994 08:49:37 GMT", "x"), "Content-Encoding": ("gzip", "x")}
STATUS = (200, 201, 202, 204, 302, 304, 308, 400, 401, 403, 404, 405, 409, 418, 429, 500, 503)


def _places(value, found, parent=None, key=None):
    """Every member and element, as (what holds it, its key)."""
    if parent is not None:
        found.append((parent, key))
    if isinstance(value, (dict, list)):
        for name in value if isinstance(value, dict) else range(len(value)):
            _places(value[name], found, value, name)
    return found


def _urls(value):
    if isinstance(value, str):
        return {value} if value.startswith("https://") else set()
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return set().union(*map(_urls, parts))


def _spoil_member(visit, response, dice, value):
    parent, key = dice.choice(_places(value, []))
    way = dice.choice(("drop", "value", "value", "word", "word", "url", "url", "double", "huge", "deep"))
    old = parent[key]
    if way == "drop":
        del parent[key]
    elif way == "huge":
        parent[key] = dice.choice(("x" * 200000, [old] * 3000, {str(number): old for number in range(3000)}))
    elif way == "deep":
        for _ in range(dice.choice((10, 1000))):
            parent[key] = [parent[key]]
    else:
        choices = {"value": VALUES, "double": VALUES + WORDS, "word": WORDS, "url": sorted(visit.urls)}[way]
        parent[key] = dice.choice(choices)
    text = json.dumps(value)
    if way == "double" and isinstance(parent, dict):
        name = json.dumps(key) + ": "
        text = text.replace(name, name + json.dumps(old) + ", " + name, 1)
    response.body = text.encode()
    return f"{way} {key}: {str(parent[key])[:60] if way != 'drop' else ''}"


def _spoil_octets(response, dice):
    octets = bytearray(response.body)
    way = dice.choice(("cut", "flip", "empty", "twice", "lines", "text"))
    if way == "cut":
        del octets[dice.randrange(len(octets) + 1):]
    elif way == "flip" and octets:
        octets[dice.randrange(len(octets))] ^= 1 << dice.randrange(8)
    elif way == "empty":
        octets.clear()
    elif way == "twice":
        octets += octets
    elif way == "lines":
        lines = octets.splitlines(True)
        dice.shuffle(lines)
        octets = b"".join(lines)
    else:
        octets = b"text before\n" + octets
    response.body = bytes(octets)
    return f"octets {way}"


def _spoil_header(response, dice):
    name = dice.choice(sorted(HEADERS))
    value = dice.choice(HEADERS[name])
    response.headers = [pair for pair in response.headers if pair[0].lower() != name.lower()]
    if value is not None:
        response.headers.append((name, value))
    return f"{name}: {value}"


def spoil(visit, response, seed, odds):
    """Throws the dice for this answer; whether they were against it. What was done is in the visit's list."""
    dice = random.Random(f"{seed} {visit.asked['any']}")
    try:
        value = json.loads(response.body)
    except ValueError:
        value = None
    visit.urls |= _urls(value) | {text for name, text in response.headers if name == "Location"}
    if dice.random() >= odds:
        return False
    way = dice.choices(("member", "octets", "header", "status", "drop"), (70, 8, 12, 7, 3))[0]
    if way == "member" and _places(value, []):
        done = _spoil_member(visit, response, dice, value)
    elif way == "header":
        done = _spoil_header(response, dice)
    elif way == "status":
        response.status = dice.choice(STATUS)
        done = f"status {response.status}"
    elif way == "drop":
        response.drop = True
        done = "no answer"
    else:
        done = _spoil_octets(response, dice)
    visit.done.append(f"{visit.asked['any']} {visit.kind}: {done}")
    return True
