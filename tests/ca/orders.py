# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""newOrder, order, finalize, authorization, challenge (RFC 8555 7.1.3 to 7.5, RFC 8823 3)."""

import asyncio
import re
import time

import certificates
from accounts import check_terms
from csr import check_csr
from jws import b64url, b64url_encode
from problem import Problem, malformed
from state import OPEN, Authorization, Challenge, Order, rfc3339

ADDRESS = re.compile(r"[^\s@<>()\[\],;:\\\"]+@[^\s@<>()\[\],;:\\\"_]+(\.[^\s@<>()\[\],;:\\\"_]+)*")
ORDER_MEMBERS = {"identifiers", "profile", "replaces", "notBefore", "notAfter"}


def _identifiers(acme, payload):
    given = payload.get("identifiers")
    if not isinstance(given, list) or not given:
        raise malformed("identifiers is a list and not empty", "A04")
    values = []
    for item in given:
        if not isinstance(item, dict) or set(item) != {"type", "value"} or not isinstance(item["value"], str):
            raise malformed("an identifier has exactly type and value", "A04")
        if item["type"] != "email":
            raise Problem("unsupportedIdentifier", f"identifier type {item['type']!r}: only email is taken (T-15)",
                          fact="T-15" if "@" in item["value"] else "A01")
        if "*" in item["value"]:
            raise Problem("rejectedIdentifier", "no * in an email identifier", fact="A02")
        if not ADDRESS.fullmatch(item["value"]):
            raise malformed(f"{item['value']!r} is not an address", "A01")
        values.append(item["value"])
    if len(set(values)) != len(values):
        raise malformed("an identifier stands twice", "A04")
    if len(values) > acme.options.identifiers_max:
        raise Problem("rejectedIdentifier", f"at most {acme.options.identifiers_max} identifiers in one order")
    return values


def _refusals(acme, values):
    """--fail reject::ADDRESS refuses this address, by a subproblem (B14)."""
    refused = [value for value in values if value in acme.faults.armed("reject")]
    if refused:
        kind = "urn:ietf:params:acme:error:rejectedIdentifier"
        subproblems = [{"type": kind, "detail": f"{value} is not welcome here",
                        "identifier": {"type": "email", "value": value}} for value in refused]
        raise Problem("rejectedIdentifier", "an identifier was refused", 403, subproblems=subproblems)


def _profile(acme, payload):
    profile = payload.get("profile")
    if profile is None:
        return acme.options.profile[0] if acme.options.profile else None
    if not acme.options.profile:
        raise Problem("invalidProfile", "this CA has no profiles", fact="D02")
    if profile not in acme.options.profile:
        raise Problem("invalidProfile", f"no profile {profile!r}", fact="D02")
    return profile


def _reusable(acme, account, value):
    for authz in acme.state.authzs.values():
        if authz.account is account and authz.identifier == value and authz.status == "valid":
            return authz
    return None


def _new_authorization(acme, order, value):
    state, options = acme.state, acme.options
    authz = Authorization(state.fresh_id(), order.account, value, order, time.time() + options.authz_seconds)
    extra = acme.faults.take("extra-challenges") is not None
    kinds = ["http-01", "dns-01"] if options.no_email else ["email-reply-00"]
    if extra:
        kinds = ["sso-01", "x-unknown-99"] + kinds
    for kind in kinds:
        octets = options.token2_bytes if kind == "email-reply-00" else 32
        challenge = Challenge(state.fresh_id(), kind, authz, b64url_encode(acme.pki.random(octets)))
        if kind == "email-reply-00":
            challenge.sender = acme.challenges.sender()
        authz.challenges.append(challenge)
        state.challenges[challenge.id] = challenge
    state.authzs[authz.id] = authz
    return authz


def new_order(acme, call):
    check_terms(acme, call.account, "newOrder")
    payload = call.payload()
    odd = set(payload) - ORDER_MEMBERS
    if odd:
        acme.log.note("unknown members in newOrder: " + " ".join(sorted(odd)))
    if "notBefore" in payload or "notAfter" in payload:
        raise malformed("notBefore and notAfter are not taken")
    values = _identifiers(acme, payload)
    _refusals(acme, values)
    order = Order(acme.state.fresh_id(), call.account, values, time.time() + acme.options.order_seconds)
    order.profile = _profile(acme, payload)
    if "replaces" in payload:
        order.replaces = certificates.check_replaces(acme, call.account, payload["replaces"], values)
    for value in values:
        reused = _reusable(acme, call.account, value) if acme.options.reuse_authz else None
        if reused:
            reused.orders.append(order)
            acme.log.count("authorizations-reused")
        order.authorizations.append(reused or _new_authorization(acme, order, value))
    acme.state.orders[order.id] = order
    call.account.orders.append(order)
    acme.log.write("order", id=order.id, identifiers=values, profile=order.profile, replaces=order.replaces)
    acme.log.count("orders")
    if acme.options.trigger == "order":
        for authz in order.authorizations:
            acme.challenges.open_mail(authz)
    response = acme.json(_order_json(acme, order), 201, [("Location", acme.url("order", order.id))])
    return _held(acme, response) if acme.options.hold_order else response


async def _held(acme, response):
    while acme.options.hold_order:
        await asyncio.sleep(0.02)
    return response


def _order_json(acme, order):
    status = order.status
    values = order.identifiers
    if acme.faults.take("other-identifiers") is not None:
        values = ["someone-else@example.test"]
    value = {"status": status, "expires": rfc3339(order.expires),
             "identifiers": [{"type": "email", "value": text} for text in reversed(values)],
             "authorizations": [acme.url("authz", authz.id) for authz in order.authorizations],
             "finalize": acme.url("order", order.id, "finalize")}
    if status == "valid":
        value["certificate"] = acme.url("cert", order.certificate.id)
    for name in ("profile", "replaces", "error"):
        if getattr(order, name):
            value[name] = getattr(order, name)
    return value


def _waiting(acme, busy):
    seconds = acme.options.retry_after
    return [("Retry-After", str(seconds))] if busy and seconds else []


def order(acme, call, ident):
    call.read_only()
    found = acme.own(acme.state.orders, ident, call.account)
    if found.status in ("pending", "ready") and acme.faults.take("order-invalid") is not None:
        found.invalid = True
        found.error = Problem("unauthorized", "the test wants this order to be invalid", 403).json()
    if found.finalized:
        found.polls_left -= 1
    return acme.json(_order_json(acme, found), 200, _waiting(acme, found.status == "processing"))


def finalize(acme, call, ident):
    found = acme.own(acme.state.orders, ident, call.account)
    payload = call.payload()
    if set(payload) != {"csr"}:
        raise malformed("finalize takes exactly csr", "B45")
    if found.status != "ready":
        raise Problem("orderNotReady", f"the order is {found.status}", 403, fact="B46")
    check_terms(acme, call.account, "finalize")
    if acme.faults.take("finalize-500-once") is not None:
        raise Problem("serverInternal", "the test wants finalize to fail", 500)
    request = check_csr(b64url(payload["csr"], "csr"), found.identifiers, found.profile,
                        [account.jwk.public for account in acme.state.accounts.values()])
    found.certificate = certificates.issue(acme, found, request)
    found.finalized = True
    mode = acme.options.finalize
    if mode == "processing":
        found.ready_at = time.time() + acme.options.processing_seconds
    elif mode != "valid":
        found.polls_left = int(mode)
    acme.log.count("finalized")
    if acme.faults.take("lost-finalize") is not None:
        raise Problem("serverInternal", "the certificate was made, but the answer is lost", 500)
    headers = [("Location", acme.url("order", ident))] + _waiting(acme, found.status == "processing")
    return acme.json(_order_json(acme, found), 200, headers)


def authorization(acme, call, ident):
    authz = acme.own(acme.state.authzs, ident, call.account)
    if not call.reading:
        if call.payload() != {"status": "deactivated"}:
            raise malformed('the only update of an authorization is {"status":"deactivated"}', "B52")
        if authz.status not in ("pending", "valid"):
            raise malformed(f"the authorization is {authz.status}")
        authz.status = "deactivated"
        acme.log.count("authorizations-deactivated")
        for one in authz.challenges:
            one.decided.set()
    elif acme.options.trigger == "authz":
        acme.challenges.open_mail(authz)
    busy = authz.status == "pending" and any(one.status == "processing" for one in authz.challenges)
    return acme.json(_authz_json(acme, authz), 200, _waiting(acme, busy))


def _authz_json(acme, authz):
    return {"status": authz.status, "identifier": {"type": "email", "value": authz.identifier},
            "expires": rfc3339(authz.expires), "challenges": [_challenge_json(acme, c) for c in authz.challenges]}


def _challenge_json(acme, one):
    value = {"type": one.type, "url": acme.url("chall", one.id), "status": one.status, "token": one.token}
    if one.type == "email-reply-00":
        value["from"] = one.sender
    if one.validated:
        value["validated"] = rfc3339(one.validated)
    if one.error:
        value["error"] = one.error
    return value


async def challenge(acme, call, ident):
    one = acme.state.challenges.get(ident)
    if one is None:
        raise malformed("no such resource", status=404)
    acme.own(acme.state.authzs, one.authz.id, call.account)
    if call.reading:
        acme.log.violation("the challenge URL is polled; poll the authorization", "A15", challenge=ident)
        if acme.options.read_challenge == "refuse" and one.status != "pending":
            raise malformed("this challenge is not pending (read the authorization)")
    else:
        if call.payload() != {}:
            raise malformed("email-reply-00 defines no response fields: the payload is {}", "A14")
        await _post(acme, one)
    headers = [("Link", f'<{acme.url("authz", one.authz.id)}>;rel="up"')]
    return acme.json(_challenge_json(acme, one), 200, headers + _waiting(acme, one.status == "processing"))


async def _post(acme, one):
    if one.type != "email-reply-00":
        acme.log.violation(f"POST to a challenge of type {one.type}", "A03", challenge=one.id)
        raise malformed("this challenge cannot be answered here")
    if one.authz.status != "pending" and one.status in OPEN:
        raise malformed(f"the authorization is {one.authz.status}")
    one.posts += 1
    if one.posts > 1:
        acme.log.note("the challenge was POSTed again", "B49", challenge=one.id)
        if acme.options.second_post == "refuse":
            raise malformed("this challenge was POSTed already")
        if acme.options.second_post == "invalid":
            acme.challenges.fail(one, "a second POST to this challenge", None)
    acme.challenges.posted(one)
    if acme.options.wait == "hold" and one.status in OPEN:
        try:
            await asyncio.wait_for(one.decided.wait(), acme.options.hold_seconds)
        except asyncio.TimeoutError:
            pass                        # then the answer says processing, and the client polls
