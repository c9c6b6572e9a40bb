# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a CA can do wrong, as data for test-rude-ca.py: rules of tests/ca/rude.py, faults of tests/ca/faults.py, and what a
person must find at the end."""

from typing import NamedTuple

PLAIN = 10  # requests of an enrollment to which nothing happens
NOWHERE = "https://127.0.0.1:1/x"  # nobody listens there
ON_THE_WAY = ("newAccount", "newOrder", "authorization", "finalize", "certificate")


class Case(NamedTuple):
    name: str
    rules: list = []
    fail: list = []
    state: str = "INSTALLED"
    status: int = 0
    says: str = ""  # a regular expression that the sentence or the step must have
    most: int = PLAIN  # requests
    replies: int = 1
    hours: tuple = (0, 10 ** 9)  # seconds that have passed by its own clock: least, most
    allowed: tuple = ()  # facts: what the CA may call a breach of them
    options: tuple = ()  # of the CA
    hurry: bool = True
    agreed: bool = False  # and "get --agree-tos" ends it


def rule(at, *do, first=1, count=None):
    return {"at": at, "do": do, "first": first, "count": count}


def once(at, *do, first=1, count=1):
    return rule(at, *do, first=first, count=count)


# The order ends in two hours, so that what lasts for ever is soon over; with an hour more once it is ready.
SOON = [rule("newOrder", "member", "expires", "HOURS"), rule("authorization", "member", "expires", "HOURS")]
NEVER = {"state": "ACCOUNT", "status": 75, "replies": 0}  # no order comes about: it is tried again, some time
OVER = {"state": "EXPIRED", "status": 69}


def everywhere(*do):
    """Once at each resource on the way."""
    return [once(at, *do) for at in ON_THE_WAY]


def raw_problem(status, kind):
    return '"%s", "error": {"type": "urn:ietf:params:acme:error:%s", "detail": "the test says so"}' % (status, kind)


def nonces():
    yield Case("badNonce, three times", fail=["badnonce:3"], most=13)
    yield Case("badNonce, thirty times", fail=["badnonce:30"], most=60, allowed=("B10",))
    yield Case("badNonce for ever", fail=["badnonce:1000000"], says="another nonce", most=80, allowed=("B10",), **NEVER)
    yield Case("badNonce for ever at finalize", SOON + [rule("finalize", "problem", 400, "badNonce")], says="minutes", most=550, **OVER)
    yield Case("badNonce for ever at the challenge", SOON + [rule("challenge", "problem", 400, "badNonce")], says="minutes", most=220, **OVER)
    yield Case("no nonce, five times", fail=["missing-nonce:5"], most=18)
    yield Case("no nonce for ever", fail=["missing-nonce:1000000"], says="no nonce", most=40, **NEVER)
    yield Case("a nonce that is none", fail=["bad-nonce-syntax:3"], most=16)


def patience():
    for status, kind, name, value, least, most in (
            (429, "rateLimited", "seconds", "40", 40, 200), (503, "serverInternal", "seconds", "40", 40, 200),
            (429, "rateLimited", "a date long past", "Sun, 06 Nov 1994 08:49:37 GMT", 1, 60),
            (503, "serverInternal", "a date to come", "Fri, 06 Nov 2065 08:49:37 GMT", 3600, 90000),
            (429, "rateLimited", "ten years", "315360000", 3600, 90000), (503, "serverInternal", "no number", "-5 soon", 1, 60)):
        yield Case("%d once at finalize, %s" % (status, name), SOON + [once("finalize", "problem", status, kind, {"Retry-After": value})],
                   most=16, hours=(least, most))
    yield Case("429 for ever at newOrder, at once", [rule("newOrder", "problem", 429, "rateLimited", {"Retry-After": "0"})],
               says="wait until", most=60, **NEVER)
    for status in (429, 503):
        yield Case("%d for ever at newOrder, a day" % status, [rule("newOrder", "problem", status, "x", {"Retry-After": "86400"})],
                   says="wait until", most=14, **NEVER)


def failures():
    yield Case("500 once everywhere", everywhere("problem", 500, "serverInternal"), most=20)
    yield Case("500 once at the directory", [once("directory", "problem", 500, "serverInternal")], most=12)
    # Whether the CA has counted it nobody knows: it is asked for ten minutes, and then another order has its own mail.
    yield Case("500 once at the challenge", [once("challenge", "problem", 500, "serverInternal")], most=40, replies=2)
    yield Case("500 for ever at the directory", [rule("directory", "problem", 500, "serverInternal")], says="later", most=30,
               state="NEW", status=75, replies=0)
    for at, replies in (("authorization", 0), ("finalize", 1), ("certificate", 1)):
        yield Case("500 for ever at %s" % at, SOON + [rule(at, "problem", 500, "serverInternal")], says="CA's side", most=200,
                   replies=replies, **OVER)
    yield Case("finalize answers 500 and then well", fail=["finalize-500-once"], most=13)
    yield Case("finalize answers 500 and has done it", fail=["lost-finalize"], most=13)


def connections():
    for verb in ("cut", "cut-header", "cut-body"):
        # curl itself asks once more where a connection that it had kept gives nothing at all: with the same nonce, and also for
        # what is done already
        allowed = ("B09", "B46") if verb == "cut" else ()
        yield Case(verb + " once everywhere", everywhere(verb), most=30, allowed=allowed)
        yield Case(verb + " once at the challenge", [once("challenge", verb)], most=16)
        yield Case(verb + " for ever at newOrder", [rule("newOrder", verb)], says="could not be reached", most=70,
                   allowed=allowed + ("B10",), **NEVER)
    yield Case("an octet now and then", [once("newOrder", "drip", 0.02)], most=14)
    yield Case("an octet and no more", [once("finalize", "drip", 3600)], most=14)
    yield Case("300 MB", [once("newOrder", "flood", 300)], most=12)
    yield Case("300 MB, as told before", [once("certificate", "flood-said", 300)], most=12)


def bodies():
    yield Case("500,000 brackets", everywhere("nested", 500000), most=20)
    yield Case("duplicate keys once", [once("newAccount", "double", "status", "revoked"), once("newOrder", "double", "status", "valid"),
                                       once("authorization", "double", "challenge.token", "AAAA"),
                                       once("finalize", "double", "certificate", NOWHERE)], most=16)
    yield Case("duplicate keys for ever", [rule("authorization", "double", "challenge.token", "AAAA")], says="does not understand",
               state="FAILED", status=69, replies=0, most=14)
    yield Case("wrong content types", [rule("any", "header", "Content-Type", "text/html")])
    yield Case("no content types", [rule("any", "header", "Content-Type", None)])
    yield Case("a proxy's page everywhere", everywhere("reply", 200, "<html>502</html>", {"Content-Type": "text/html"}), most=20)


VALUES = ("null", "true", "-7", "1e400", '""', '"\\u0000"', "[]", "{}", "[null]", '{"type":{},"value":[]}')
FIELDS = {"newAccount": ("status", "contact", "orders"),
          "newOrder": ("status", "expires", "identifiers", "identifiers.0.type", "identifiers.0.value", "identifiers.0",
                       "authorizations", "authorizations.0", "finalize"),
          "authorization": ("status", "expires", "identifier", "identifier.type", "identifier.value", "challenges", "challenge.url",
                            "challenge.status", "challenge.token", "challenge.from", "challenges.0", "challenge.type"),
          "challenge": ("status", "type", "url", "token", "from"),
          "finalize": ("status", "expires", "certificate", "identifiers", "authorizations", "finalize")}


def members():
    """Every field once of another type: one of each answer in one enrollment, so that all have had each kind of wrong value."""
    for number in range(max(map(len, FIELDS.values()))):
        rules = []
        for at, names in FIELDS.items():
            rules.append(once(at, "raw", names[number % len(names)], VALUES[number % len(VALUES)]))
        yield Case("of another type, %d: %s" % (number + 1, ", ".join("%s.%s" % (r["at"], r["do"][1]) for r in rules)), rules, most=24)
    for at, name, status in (("directory", "newNonce", 78), ("authorization", "status", 69), ("authorization", "challenge.type", 69)):
        yield Case("no %s of %s" % (name, at), [rule(at, "drop", name)], state="FAILED", status=status, replies=0, most=12,
                   says="not an ACME directory|does not understand|does not check addresses")
    for at, name in (("newAccount", "status"), ("newOrder", "authorizations")):
        yield Case("no %s of %s" % (name, at), [rule(at, "drop", name)], says="does not understand", most=40, **NEVER)


def urls():
    for number, value in enumerate(("http://127.0.0.1/x", "file:///etc/passwd", "https://u:p@127.0.0.1/x", "//127.0.0.1/x", "https://")):
        name = ("newNonce", "newAccount", "newOrder", "revokeCert", "newNonce")[number]
        yield Case("%s of the directory is %s" % (name, value), [rule("directory", "member", name, value)], says="not an ACME directory",
                   state="FAILED", status=78, replies=0, most=2)
        yield Case("URLs are %s once, everywhere" % value, [once("newAccount", "header", "Location", value),
                   once("newOrder", "member", "finalize", value), once("newOrder", "member", "authorizations.0", value, first=2),
                   once("newOrder", "header", "Location", value, first=3), once("authorization", "member", "challenge.url", value),
                   once("finalize", "member", "certificate", value)], most=24)
    for name in ("newNonce", "newAccount", "newOrder"):
        yield Case("%s of the directory is on another host" % name, [rule("directory", "member", name, NOWHERE)],
                   says="could not be reached", most=40, **NEVER)
    yield Case("the authorization is on another host", SOON + [rule("newOrder", "member", "authorizations.0", NOWHERE)],
               says="could not be reached.*ended", most=110, replies=0, **OVER)
    yield Case("finalize is on another host", SOON + [rule("newOrder", "member", "finalize", NOWHERE)], says="could not be reached.*ended",
               most=200, **OVER)
    yield Case("the challenge is on another host", [rule("authorization", "member", "challenge.url", NOWHERE)], says="came to nothing",
               state="FAILED", status=69, replies=3, most=140)
    yield Case("the account is on another host", [rule("newAccount", "header", "Location", NOWHERE)], says="a new account",
               state="FAILED", status=69, replies=0, most=10)


def redirects():
    for name, url in (("the same host", "BASE/directory"), ("another host", NOWHERE), ("http", "http://127.0.0.1:1/x"), ("itself", "BASE/acme/new-order")):
        yield Case("newOrder redirects to " + name, [rule("newOrder", "reply", 307, "", {"Location": url})], says="302|307", most=40, **NEVER)
    yield Case("all redirect once", everywhere("reply", 302, "", {"Location": "BASE/directory"}), most=20)
    yield Case("the directory redirects", [rule("directory", "reply", 301, "", {"Location": "BASE/directory"})], says="not an ACME directory",
               state="FAILED", status=78, replies=0, most=2)


def orders():
    pending = [rule("authorization", "member", "status", "pending", first=2), rule("challenge", "member", "status", "pending")]
    for error in (False, True):
        text = raw_problem("invalid", "caa") if error else '"invalid"'
        with_error, says = (", with an error", "the test says so") if error else ("", "order invalid")
        ended = {"state": "FAILED", "status": 69}
        yield Case("an order invalid at newOrder" + with_error, [rule("newOrder", "raw", "status", text)], says=says, most=4, replies=0, **ended)
        yield Case("an order invalid after the reply" + with_error, pending + [rule("order", "raw", "status", text)], says=says, most=14, **ended)
        yield Case("an order invalid at finalize" + with_error, [rule("finalize", "raw", "status", text)], says=says, most=10, **ended)
        yield Case("an order invalid while it is made" + with_error,
                   [rule("finalize", "member", "status", "processing"), rule("order", "raw", "status", text)], says=says, most=14, **ended)
    yield Case("an order for somebody else", [rule("newOrder", "member", "identifiers.0.value", "eve@example.test")], says="other addresses",
               most=40, **NEVER)


def authorizations():
    yield Case("an authorization already valid", [once("authorization", "grant", "valid")], replies=0, most=8)
    yield Case("an authorization pending for ever", SOON + [rule(["authorization", "challenge", "order"], "member", "status", "pending")],
               says="did not confirm", most=260, **OVER)
    yield Case("an authorization invalid while the order stays pending",
               [rule("challenge", "member", "status", "processing"), rule("authorization", "member", "status", "invalid", first=2)],
               says="did not accept the reply", state="FAILED", status=69, most=12)
    yield Case("a challenge invalid while its authorization stays pending", [rule("challenge", "raw", "status", raw_problem("invalid", "incorrectResponse"))],
               says="the test says so", state="FAILED", status=69)
    yield Case("a challenge processing with an error", [once("challenge", "raw", "status", raw_problem("processing", "connection")),
               once("authorization", "raw", "challenge.status", raw_problem("processing", "connection"), first=2, count=2),
               once("authorization", "member", "status", "pending", first=2, count=2)], most=16)
    yield Case("a CA that looks once, 2.5 s after the POST", options=("--wait", "once", "--once-delay", "2.5"), hurry=False, most=14)
    yield Case("and does not find it", [rule("challenge", "member", "status", "processing"), rule("authorization", "raw", "status",
               '"invalid"', first=2)], says="did not accept", state="FAILED", status=69, most=12)


def finalizing():
    yield Case("finalize processing for long", [rule("finalize", "member", "status", "processing"),
               once("order", "member", "status", "processing", count=20)], most=34)
    yield Case("finalize processing for ever", SOON + [rule(["finalize", "order"], "member", "status", "processing")],
               says="made no certificate", most=320, **OVER)
    yield Case("valid without a certificate", [rule("finalize", "drop", "certificate"), once("order", "drop", "certificate", count=2)], most=14)
    yield Case("not ready, three times", [once("finalize", "problem", 403, "orderNotReady", count=3)], most=18)


def chains():
    for fault, says in (("wrong-key", "another key"), ("wrong-address", "not asked for"), ("more-addresses", "not asked for"),
                        ("wrong-usage", "not for encryption"), ("expired", "expired")):
        yield Case("chain " + fault, fail=["chain-%s:1000000" % fault], says=says, state="FAILED", status=69)
    for fault in ("with-key", "with-text", "other-order", "empty"):
        yield Case("chain %s once" % fault, fail=["chain-%s:1" % fault], most=12)
        yield Case("chain %s for ever" % fault, fail=["chain-%s:1000000" % fault], says="does not understand", state="FAILED", status=69, most=16)
    yield Case("chain with-root", fail=["chain-with-root:1"])
    yield Case("chain no-intermediate", fail=["chain-no-intermediate:1"])


def accounts():
    terms = {"options": ("--terms", "self")}
    yield Case("terms changed before the order", fail=["terms-changed:1:newOrder"], most=12, **terms)
    yield Case("terms changed before finalize", fail=["terms-changed:1:finalize"], says="agree", state="FINALIZING", status=64, most=12,
               agreed=True, **terms)
    for name, at, replies in (("at newOrder", "newOrder", 0), ("after the reply", ["authorization", "order", "finalize"], 1)):
        yield Case("account deactivated " + name, [rule(at, "problem", 401, "unauthorized", first=2 - (replies == 0))],
                   says="account at test is closed", state="FAILED", status=69, replies=replies)


def cases():
    yield Case("nothing at all")
    for some in (nonces, patience, failures, connections, bodies, members, urls, redirects, orders, authorizations, finalizing, chains, accounts):
        yield from some()
