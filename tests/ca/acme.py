# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ACME server: routes, nonces, the check of every JWS; the resources themselves are in accounts, orders,
challenges and certificates."""

import json
import re
import secrets
import time
import traceback

import accounts
import certificates
import orders
from httpd import Response
from jws import ALGORITHMS, Jwk, Jws, json_object
from problem import Problem, malformed, unauthorized
from visit import Visits, here

TERMS_PAGE = b"<html><body><h1>Terms of the test CA</h1><p>Edition %d.</p></body></html>"


class Nonces:
    def __init__(self, log):
        self._log = log
        self._fresh = {}
        self._used = set()
        self._wanted = {}               # (who, url) -> the nonce that a badNonce answer gave (B10)

    def new(self):
        nonce = secrets.token_urlsafe(16)
        self._fresh[nonce] = time.time()
        return nonce

    def wanted_next(self, who, url, nonce):
        self._wanted[who, url] = nonce

    def use(self, nonce, who, url):
        if not re.fullmatch(r"[A-Za-z0-9_-]+", nonce):
            raise malformed(f"nonce {nonce!r} is not base64url", "B09")
        wanted = self._wanted.pop((who, url), None)
        if wanted not in (None, nonce):
            self._log.violation("the retry after badNonce does not use the nonce of that answer", "B10", url=url)
        if nonce in self._used:
            raise Problem("badNonce", "this nonce was used before", fact="B09")
        if self._fresh.pop(nonce, None) is None:
            self._log.note("a nonce that this server never gave (it may have been restarted)", "B09", nonce=nonce)
            raise Problem("badNonce", "this nonce is unknown")
        self._used.add(nonce)


class Call:
    """One authenticated POST."""

    def __init__(self, request, jws, url):
        self.request = request
        self.jws = jws
        self.url = url
        self.account = None             # who signed (kid)
        self.jwk = None                 # the key itself where the header carries it

    @property
    def reading(self):
        return self.jws.payload == b""

    def read_only(self):
        """This resource takes POST-as-GET only."""
        if not self.reading:
            raise malformed('POST-as-GET is wanted here: payload exactly ""', "B07")

    def payload(self):
        if self.reading:
            raise malformed("a JSON object is wanted as payload, not POST-as-GET", "B07")
        return json_object(self.jws.payload, "payload", "RFC8555-7")


class Acme:
    """options, log, state, pki, faults and post (the challenges) are shared by all resources."""

    def __init__(self, options, log, state, pki, faults):
        self.options = options
        self.log = log
        self.state = state
        self.pki = pki
        self.faults = faults
        self.challenges = None          # set by testca: challenges.Challenges
        self.crl_url = ""               # set by testca as well
        self.visits = Visits(log)
        self.own_base = ""              # https://host:port, set once the port is known
        self._nonces = Nonces(log)
        self._last_retry = {}           # (account, url) -> when the next poll may come
        self._routes = [(re.compile(pattern + r"\Z"), *rest) for pattern, *rest in (
            # path, how the key is given, what answers
            (r"/acme/new-account", "jwk", accounts.new_account),
            (r"/acme/key-change", "kid", accounts.key_change),
            (r"/acme/acct/([^/]+)", "kid", accounts.account),
            (r"/acme/acct/([^/]+)/orders(?:/(\d+))?", "kid", accounts.order_list),
            (r"/acme/new-order", "kid", orders.new_order),
            (r"/acme/order/([^/]+)", "kid", orders.order),
            (r"/acme/order/([^/]+)/finalize", "kid", orders.finalize),
            (r"/acme/authz/([^/]+)", "kid", orders.authorization),
            (r"/acme/chall/([^/]+)", "kid", orders.challenge),
            (r"/acme/cert/([^/]+?)(?:/alt/(\d+))?", "kid", certificates.download),
            (r"/acme/revoke-cert", "either", certificates.revoke),
        )]

    @property
    def base(self):
        """What all URLs begin with."""
        visit = here()
        return visit.base if visit else self.own_base

    def url(self, *parts):
        return self.base + "/acme/" + "/".join(parts)

    async def answer(self, request):
        """One request, whatever it is; never raises."""
        problem = None
        visit = self.visits.enter(request)
        try:
            response = visit.instead(request) if visit else None
            if response is None:
                response = self.faults.answer(request)
            if response is None:
                response = await self._route(request)
            else:
                self._note_patience(None, self.base + request.target, response)
        except Problem as caught:
            problem = caught
            request.note["problem"] = caught.kind
            request.note["detail"] = caught.detail
            if caught.fact:
                self.log.violation(caught.detail, caught.fact, path=request.target, connection=request.connection)
            response = caught.response()
        except Exception:               # our own bug must show up in the log and in the test, and not stop the server
            self.log.write("bug", where=request.target, traceback=traceback.format_exc())
            self.log.count("bugs")
            response = Problem("serverInternal", "the test CA has a bug, see its log", 500).response()
        self._finish(request, response, problem)
        response.clock_ahead = self.options.clock_ahead
        if visit:
            visit.spoil(request, response)
        return response

    def _finish(self, request, response, problem):
        if request.path != "/directory":
            response.headers.append(("Link", f'<{self.base}/directory>;rel="index"'))
        response.headers.append(("Cache-Control", "no-store"))
        if request.method != "POST" and request.path != "/acme/new-nonce":
            return
        nonce = self._nonces.new()
        if self.faults.take("missing-nonce") is not None:
            return
        if self.faults.take("bad-nonce-syntax") is not None:
            response.headers.append(("Replay-Nonce", "not base64url!"))
            return
        response.headers.append(("Replay-Nonce", nonce))
        if problem and problem.kind == "badNonce":
            self._nonces.wanted_next(*problem.who, nonce)

    async def _route(self, request):
        self._check_user_agent(request)
        if request.method in ("GET", "HEAD"):
            return self._plain(request)
        if request.method != "POST":
            raise malformed(f"method {request.method} is not allowed", "B07", 405)
        for pattern, key, answer in self._routes:
            match = pattern.match(request.path)
            if match:
                call = self._authenticate(request, key)
                self._check_patience(call.account, call.url)
                response = answer(self, call, *match.groups())
                if not isinstance(response, Response):
                    response = await response
                self._note_patience(call.account, call.url, response)
                return response
        raise malformed("no such resource", status=404)

    def _check_user_agent(self, request):
        try:
            if not request.header("user-agent"):
                raise malformed("a request without User-Agent", "B01")
        except ValueError as error:
            raise malformed(str(error), "B01") from error
        if not request.header("accept-language"):
            self.log.count("without-accept-language")

    def _plain(self, request):
        """GET and HEAD: directory, newNonce, renewal information, the terms."""
        if request.path == "/directory":
            return Response(200, json.dumps(self._directory()).encode(), "application/json")
        if request.path == "/acme/new-nonce":
            return Response(200 if request.method == "HEAD" else 204)
        if request.path == "/terms":
            return Response(200, TERMS_PAGE % self.state.terms_edition, "text/html")
        renewal = re.fullmatch(r"/acme/renewal-info/(.+)", request.path)
        if renewal and self.options.ari:
            return certificates.renewal_info(self, renewal.group(1))
        if any(pattern.match(request.path) for pattern, _, _ in self._routes):
            raise malformed("plain GET on a resource that is read by POST-as-GET", "B07", 405)
        raise malformed("no such resource", status=404)

    def _directory(self):
        names = {"newNonce": "new-nonce", "newAccount": "new-account", "newOrder": "new-order",
                 "revokeCert": "revoke-cert", "keyChange": "key-change"}
        directory = {name: self.url(path) for name, path in names.items()}
        meta = {"website": self.base + "/terms", "caaIdentities": ["ca.test"]}
        if self.options.ari:
            directory["renewalInfo"] = self.url("renewal-info")
        if self.options.terms:
            meta["termsOfService"] = self.terms_url()
        if self.options.eab:
            meta["externalAccountRequired"] = True
        if self.options.profile:
            meta["profiles"] = {name: f"the test profile {name}" for name in self.options.profile}
        directory["meta"] = meta
        return directory

    def terms_url(self):
        return self.base + "/terms" if self.options.terms == "self" else self.options.terms

    def _authenticate(self, request, key):
        """The strict check of RFC 8555 6.2 to 6.5; KEY says whether jwk or kid is wanted."""
        try:
            content_type = request.header("content-type")
        except ValueError as error:
            raise malformed(str(error), "B06") from error
        if content_type != "application/jose+json":
            raise malformed(f"Content-Type {content_type!r}, application/jose+json is wanted", "B06", 415)
        jws = Jws(json_object(request.body, "request body"), "request")
        call = Call(request, jws, self.base + request.target)
        if jws.protected["alg"] not in ALGORITHMS:
            raise Problem("badSignatureAlgorithm", f"alg {jws.protected['alg']!r} is not taken", fact="B05",
                          algorithms=list(ALGORITHMS))
        if jws.text("url") != call.url:
            raise unauthorized(f"url {jws.protected['url']!r} in the JWS, but the request went to {call.url!r}", "B08")
        signer = self._signer(call, key)
        signer.verify(jws.protected["alg"], jws.signature, jws.input)
        self._use_nonce(jws.text("nonce"), signer.thumbprint, call.url)
        odd = set(jws.protected) - {"alg", "nonce", "url", "jwk", "kid"}
        if odd:
            self.log.note("unknown JWS header members " + " ".join(sorted(odd)), "B03")
        if call.account:
            request.note["account"] = call.account.id
            if call.account.status != "valid":
                raise unauthorized(f"the account is {call.account.status}", status=401)
        request.note["payload"] = "read" if call.reading else jws.payload.decode("utf-8", "replace")[:200]
        return call

    def _signer(self, call, key):
        """The key that must have signed; exactly one of jwk and kid stands in the header (B03, B04)."""
        header = call.jws.protected
        if ("jwk" in header) == ("kid" in header):
            raise malformed("the JWS header has exactly one of jwk and kid", "B03")
        if "jwk" in header:
            if key == "kid":
                raise malformed("jwk is for newAccount and revokeCert only, kid is wanted here", "B04")
            call.jwk = Jwk(header["jwk"])
            return call.jwk
        if key == "jwk":
            raise malformed("newAccount is signed with jwk, not kid", "B04")
        kid = call.jws.text("kid")
        prefix = self.url("acct") + "/"
        call.account = self.state.accounts.get(kid[len(prefix):]) if kid.startswith(prefix) else None
        if call.account is None:
            raise Problem("accountDoesNotExist", f"no account {kid!r}")
        return call.account.jwk

    def _use_nonce(self, nonce, who, url):
        try:
            self._nonces.use(nonce, who, url)
            if self.faults.take("badnonce") is not None:
                raise Problem("badNonce", "the test wants another nonce")
        except Problem as problem:
            problem.who = (who, url)
            raise

    def _check_patience(self, account, url):
        """Whoever was told Retry-After for this URL may not ask earlier (B12, B47, T-23). The clocks of visitors are their own."""
        if here():
            return
        for who in (account, None):
            at = self._last_retry.pop((who, url), None)
            if at is not None and time.monotonic() < at - 0.05:
                self.log.violation("asked again before Retry-After had passed", "B47" if who else "B12", url=url,
                                   early=round(at - time.monotonic(), 2))

    def _note_patience(self, account, url, response):
        seconds = dict(response.headers).get("Retry-After", "")
        if seconds.isdigit():
            self._last_retry[account, url] = time.monotonic() + int(seconds)

    # what the resources use

    def own(self, table, ident, account):
        """The object of this id, if it is this account's."""
        found = table.get(ident)
        if found is None:
            raise malformed("no such resource", status=404)
        if found.account is not account:
            raise unauthorized("this belongs to another account")
        return found

    def json(self, value, status=200, headers=()):
        return Response(status, json.dumps(value).encode(), "application/json", headers)
