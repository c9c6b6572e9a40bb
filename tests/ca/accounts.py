# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""newAccount, account, keyChange, the list of orders (RFC 8555 7.1.2, 7.3)."""

import base64
import re

from jws import Jwk, Jws, check_binding, json_object
from problem import Problem, malformed, unauthorized
from state import Account

NEW_MEMBERS = {"contact", "termsOfServiceAgreed", "onlyReturnExisting", "externalAccountBinding"}


def _json(acme, account):
    value = {"status": account.status, "contact": account.contact, "orders": acme.url("acct", account.id, "orders")}
    if acme.options.terms:
        value["termsOfServiceAgreed"] = account.agreed
    if account.binding:
        value["externalAccountBinding"] = account.binding
    return value


def _contact(value):
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise malformed("contact is a list of URLs", "B22")
    for item in value:
        if not item.lower().startswith("mailto:"):
            raise Problem("unsupportedContact", f"contact {item!r}: only mailto: is taken")
        if not re.fullmatch(r"[^?,@\s<>]+@[^?,@\s<>]+", item[7:]):
            raise Problem("invalidContact", f"contact {item!r}: one address and no hfields", fact="B22")
    return value


def _flag(payload, name):
    value = payload.get(name, False)
    if not isinstance(value, bool):
        raise malformed(f"{name} is true or false", "RFC8555-7.3")
    return value


def _kids(acme):
    """The one external account of --eab KID:KEY; the key may be padded or standard base64 (T-27)."""
    kid, _, key = acme.options.eab.partition(":")
    key = key.rstrip("=").replace("+", "-").replace("/", "_")
    return {kid: base64.urlsafe_b64decode(key + "=" * (-len(key) % 4))}


def new_account(acme, call):
    payload = call.payload()
    odd = set(payload) - NEW_MEMBERS
    if odd:
        acme.log.note("unknown members in newAccount: " + " ".join(sorted(odd)))
    only_existing = _flag(payload, "onlyReturnExisting")
    agreed = _flag(payload, "termsOfServiceAgreed")
    existing = acme.state.account_of_key(call.jwk.thumbprint)
    if existing and existing.status != "valid":
        raise unauthorized(f"the account of this key is {existing.status}", status=401)
    if existing:
        return acme.json(_json(acme, existing), 200, [("Location", acme.url("acct", existing.id))])
    if only_existing:
        raise Problem("accountDoesNotExist", "this key has no account")
    if acme.options.terms and not agreed:
        raise Problem("userActionRequired", "the terms of service must be agreed to", 403, "B21",
                      [("Link", f'<{acme.terms_url()}>;rel="terms-of-service"')])
    if agreed and not acme.options.terms:
        acme.log.note("termsOfServiceAgreed though no terms are published", "B21")
    account = Account(acme.state.fresh_id(), call.jwk)
    account.contact = _contact(payload.get("contact", []))
    account.agreed = agreed
    account.agreed_terms = acme.state.terms_edition
    if acme.options.eab:
        if "externalAccountBinding" not in payload:
            raise Problem("externalAccountRequired", "an external account binding is required", 403, "B27")
        account.binding_kid = check_binding(payload["externalAccountBinding"], _kids(acme), call.url, call.jwk)
        account.binding = payload["externalAccountBinding"]
    elif "externalAccountBinding" in payload:
        acme.log.note("externalAccountBinding was not asked for and is not looked at", "B27")
    acme.state.accounts[account.id] = account
    acme.log.write("account", id=account.id, thumbprint=account.jwk.thumbprint, eab=account.binding_kid)
    acme.log.count("accounts")
    return acme.json(_json(acme, account), 201, [("Location", acme.url("acct", account.id))])


def check_terms(acme, account, step):
    """Changed terms stop the account until they are agreed to (B25)."""
    if acme.faults.take("terms-changed", step) is not None:
        acme.state.terms_edition += 1
    if acme.options.terms and account.agreed_terms != acme.state.terms_edition:
        raise Problem("userActionRequired", "the terms of service have changed", 403,
                      headers=[("Link", f'<{acme.terms_url()}>;rel="terms-of-service"')],
                      instance=acme.base + "/terms")


def account(acme, call, ident):
    if call.account.id != ident:
        raise unauthorized("this is another account")
    if not call.reading:
        _update(acme, call.account, call.payload())
    return acme.json(_json(acme, call.account))


def _update(acme, account, payload):
    odd = set(payload) - {"contact", "status", "termsOfServiceAgreed"}
    if odd:
        acme.log.note("unknown members in an account update: " + " ".join(sorted(odd)))
    if "status" in payload:
        if payload["status"] != "deactivated":
            raise malformed("an account's status can only be set to deactivated", "B29")
        account.status = "deactivated"
        acme.log.count("accounts-deactivated")
        for authz in acme.state.authzs.values():
            if authz.account is account and authz.status == "pending":
                authz.status = "deactivated"
        return
    if "contact" in payload:
        account.contact = _contact(payload["contact"])
    if _flag(payload, "termsOfServiceAgreed") and acme.options.terms_update == "ok":
        account.agreed = True
        account.agreed_terms = acme.state.terms_edition


def key_change(acme, call):
    """Outer JWS by the old key, inner by the new one (B28)."""
    account = call.account
    check_terms(acme, account, "keyChange")
    inner = Jws(call.payload(), "inner JWS")
    if set(inner.protected) != {"alg", "jwk", "url"}:
        raise malformed(f"the inner JWS header has exactly alg, jwk, url; got {sorted(inner.protected)}", "B28")
    if inner.protected["url"] != call.url:
        raise malformed("the inner url differs from the outer url", "B28")
    fresh = Jwk(inner.protected["jwk"])
    fresh.verify(inner.protected["alg"], inner.signature, inner.input)
    payload = json_object(inner.payload, "inner payload", "B28")
    if set(payload) != {"account", "oldKey"}:
        raise malformed("the inner payload has exactly account and oldKey", "B28")
    if payload["account"] != acme.url("acct", account.id):
        raise malformed("account is not the exact Location of this account", "B28")
    if Jwk(payload["oldKey"]).thumbprint != account.jwk.thumbprint:
        raise malformed("oldKey is not the account's key", "B28")
    other = acme.state.account_of_key(fresh.thumbprint)
    if other:
        raise Problem("malformed", "the new key belongs to an account already", 409,
                      headers=[("Location", acme.url("acct", other.id))])
    if any(c.status in ("pending", "processing") and c.mail_state != "none" and c.authz.account is account
           for c in acme.state.challenges.values()):
        acme.log.violation("account key rolled over while a challenge is open", "T-26")
    account.jwk = fresh
    acme.log.write("key-change", account=account.id, thumbprint=fresh.thumbprint)
    acme.log.count("key-changes")
    return acme.json(_json(acme, account))


def order_list(acme, call, ident, page):
    """Pages of --orders-page orders, newest last; invalid ones are left out (B40)."""
    if call.account.id != ident:
        raise unauthorized("this is another account")
    call.read_only()
    urls = [acme.url("order", order.id) for order in call.account.orders if order.status != "invalid"]
    size = acme.options.orders_page
    number = int(page or 0)
    if not size:
        return acme.json({"orders": urls})
    headers = []
    if (number + 1) * size < len(urls):
        headers.append(("Link", f'<{acme.url("acct", ident, "orders", str(number + 1))}>;rel="next"'))
    return acme.json({"orders": urls[number * size:(number + 1) * size]}, 200, headers)
