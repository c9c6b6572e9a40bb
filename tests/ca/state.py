# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the CA remembers: accounts, orders, authorizations, challenges, certificates. Memory only; keys are in DIR."""

import asyncio
import datetime
import secrets
import time

from visit import here

OPEN = ("pending", "processing")


def rfc3339(seconds):
    return datetime.datetime.utcfromtimestamp(seconds).strftime("%Y-%m-%dT%H:%M:%SZ")


class Account:
    def __init__(self, ident, jwk):
        self.id = ident
        self.jwk = jwk
        self.status = "valid"
        self.contact = []
        self.agreed = False
        self.visit = here()             # visit.Visit, where it was opened in one
        if self.visit:
            self.visit.accounts.append(self)
        self.agreed_terms = 0           # the edition of the terms that was agreed to
        self.binding = None
        self.binding_kid = None
        self.orders = []


class Challenge:
    """An email-reply-00 challenge, or one of another kind that nobody can answer here."""

    def __init__(self, ident, kind, authz, token):
        self.id = ident
        self.type = kind
        self.authz = authz
        self.token = token              # token-part2
        self.sender = None              # the object's 'from'
        self.status = "pending"
        self.error = None
        self.validated = None
        self.token1 = None              # token-part1 as it stands in the mail
        self.message_id = None
        self.reply_to = None
        self.mail = None                # the bytes that went out
        self.mail_state = "none"        # none sending sent failed
        self.posts = 0
        self.replies = 0
        self.reply_ok = False
        self.findings = []
        self.decided = asyncio.Event()  # the reply has been judged, or the challenge is over

    @property
    def order(self):
        return self.authz.order


class Authorization:
    def __init__(self, ident, account, identifier, order, expires):
        self.id = ident
        self.account = account
        self.identifier = identifier
        self.order = order              # the order that it was made for
        self.expires = expires
        self.challenges = []
        self._status = "pending"
        self.orders = [order]

    @property
    def status(self):
        if self._status in ("pending", "valid") and time.time() > self.expires:
            self._status = "expired" if self._status == "valid" else "invalid"
        return self._status

    @status.setter
    def status(self, value):
        self._status = value


class Order:
    def __init__(self, ident, account, identifiers, expires):
        self.id = ident
        self.account = account
        self.identifiers = identifiers
        self.expires = expires
        self.authorizations = []
        self.profile = None
        self.replaces = None
        self.error = None
        self.certificate = None         # Certificate, shown once the status is valid
        self.finalized = False
        self.polls_left = 0
        self.ready_at = 0.0
        self.invalid = False

    @property
    def status(self):
        if self.invalid:
            return "invalid"
        if self.certificate and self.polls_left <= 0 and time.time() >= self.ready_at:
            return "valid"
        if self.finalized:
            return "processing"
        states = [authz.status for authz in self.authorizations]
        if any(state not in ("pending", "valid") for state in states) or time.time() > self.expires:
            return "invalid"
        return "ready" if all(state == "valid" for state in states) else "pending"


class Certificate:
    def __init__(self, ident, order, account, leaf, chains, key_spki):
        self.id = ident
        self.order = order
        self.account = account
        self.leaf = leaf
        self.chains = chains            # PEM text of each chain, the first is the default
        self.key_spki = key_spki
        self.asked_spki = None          # of the CSR: another one where a fault says so
        self.ari_id = None
        self.revoked = None             # the reason once it is
        self.replaced_by = None


class State:
    def __init__(self, odd_urls):
        self._odd = odd_urls
        self.accounts = {}
        self.orders = {}
        self.authzs = {}
        self.challenges = {}
        self.certificates = {}
        self.mails = []
        self.terms_edition = 1

    def fresh_id(self):
        """Odd ids hold what a careless client would re-encode (B08)."""
        ident = secrets.token_hex(6)
        return ident[:4] + "%2d~" + ident[4:] if self._odd else ident

    def account_of_key(self, thumbprint):
        for account in self.accounts.values():
            if account.jwk.thumbprint == thumbprint:
                return account
        return None

    def json(self):
        return {
            "accounts": [{"id": a.id, "status": a.status, "contact": a.contact, "agreed": a.agreed,
                          "thumbprint": a.jwk.thumbprint, "kty": a.jwk.members["kty"], "eab": a.binding_kid,
                          "visit": a.visit.id if a.visit else None}
                         for a in self.accounts.values()],
            "orders": [{"id": o.id, "status": o.status, "account": o.account.id, "identifiers": o.identifiers,
                        "authorizations": [a.id for a in o.authorizations], "profile": o.profile,
                        "replaces": o.replaces, "error": o.error,
                        "certificate": o.certificate.id if o.certificate else None}
                       for o in self.orders.values()],
            "authorizations": [{"id": a.id, "status": a.status, "identifier": a.identifier, "account": a.account.id,
                                "challenges": [c.id for c in a.challenges]} for a in self.authzs.values()],
            "challenges": [{"id": c.id, "type": c.type, "status": c.status, "authorization": c.authz.id,
                            "from": c.sender, "address": c.authz.identifier, "token1": c.token1, "token2": c.token,
                            "message_id": c.message_id, "reply_to": c.reply_to, "mail_state": c.mail_state,
                            "posts": c.posts, "replies": c.replies, "reply_ok": c.reply_ok, "error": c.error,
                            "findings": c.findings} for c in self.challenges.values()],
            "certificates": [{"id": c.id, "order": c.order.id, "serial": f"{c.leaf.serial_number:x}", "ari": c.ari_id,
                              "revoked": c.revoked, "replaced": c.replaced_by is not None, "pem": c.chains[0],
                              "csr_key": c.asked_spki.hex()}
                             for c in self.certificates.values()],
            "mails": self.mails,
        }
