# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The control server of the test CA, plain HTTP on loopback:

GET  /control                 the options in force
POST /control                 {"option": value, ...}; "fail" adds faults, ["none"] takes all back
GET  /control/state           options, accounts, orders, authorizations, challenges, certificates, mails, counters,
                              violations, notes, faults, dkim_txt
GET  /control/wait?counter=NAME&min=N&timeout=S    answers when the counter is there; 408 after the time
POST /control/mail            a mail (message/rfc822) as if it had come by SMTP; answers with the judgement
POST /control/send?from=A&to=B[&sign=yes]          sends this mail, with the CA's own DKIM signature if asked
POST /control/resend          {"challenge": ID}: the same challenge mail once more
POST /control/visit           {"id": ID, "rules": [...], "fail": [...]}: a visit with manners of its own (visit.py)
GET  /control/visit?id=ID     what was asked for in it, and what was spoiled
POST /control/forget          zeroes counters, violations, notes and mails; accounts and orders stay
GET  /crl                     the CRL of --crl-dp self
"""

import json
import traceback
import urllib.parse

import certificates
from faults import Faults
from httpd import Response
from options import BY_NAME


class Control:
    def __init__(self, options, log, acme):
        self._options = options
        self._log = log
        self._acme = acme

    async def answer(self, request):
        """One request; mistakes of the test are answered with 400 and the reason."""
        try:
            return await self._route(request)
        except (ValueError, KeyError, TypeError) as error:
            return Response(400, f"{type(error).__name__}: {error}\n".encode(), "text/plain")
        except Exception:               # our own bug: seen in log, counter and answer
            self._log.write("bug", where=request.target, traceback=traceback.format_exc())
            self._log.count("bugs")
            return Response(500, traceback.format_exc().encode(), "text/plain")

    async def _route(self, request):
        query = dict(urllib.parse.parse_qsl(request.query))
        routes = {
            ("GET", "/control"): self._show,
            ("POST", "/control"): self._set,
            ("GET", "/control/state"): self._state,
            ("GET", "/control/wait"): self._wait,
            ("POST", "/control/mail"): self._mail,
            ("POST", "/control/send"): self._send,
            ("POST", "/control/resend"): self._resend,
            ("POST", "/control/visit"): self._open_visit,
            ("GET", "/control/visit"): self._visit,
            ("POST", "/control/forget"): self._forget,
            ("GET", "/crl"): self._crl,
        }
        answer = routes.get((request.method, request.path))
        if answer is None:
            return Response(404, b"see control.py\n", "text/plain")
        result = await answer(request.body, query)
        if isinstance(result, Response):
            return result
        return Response(200, json.dumps(result).encode(), "application/json")

    async def _show(self, body, query):
        return self._options.json()

    async def _set(self, body, query):
        values = json.loads(body)
        unknown = [name for name in values if name.replace("_", "-") not in BY_NAME]
        if unknown:
            raise ValueError("no such option: " + " ".join(unknown))
        for name, value in values.items():
            self._options.set(name, value)
            if name == "fail":
                self._acme.faults.add(self._options.fail)
        self._log.write("control", set=values)
        return self._options.json()

    async def _state(self, body, query):
        log = self._log
        return {**self._acme.state.json(), "options": self._options.json(), "counters": dict(log.counters),
                "violations": log.violations, "notes": log.notes, "faults": self._acme.faults.json(),
                "dkim_txt": self._acme.pki.dkim.records(self._options)}

    async def _wait(self, body, query):
        name, minimum = query["counter"], int(query.get("min", 1))
        there = await self._log.wait(name, minimum, float(query.get("timeout", 10)))
        answer = json.dumps({"counter": name, "value": self._log.counters[name]}).encode()
        return Response(200 if there else 408, answer, "application/json")

    async def _mail(self, body, query):
        envelope = {"from": query.get("from"), "to": [query.get("to")], "via": "control"}
        return await self._acme.challenges.reply(body, envelope)

    async def _send(self, body, query):
        if query.get("sign") == "yes":
            body = self._acme.pki.dkim.sign(body, self._options, query["from"])
        sent = await self._acme.challenges.send_raw(body, query["from"], [query["to"]])
        return {"sent": sent}

    async def _resend(self, body, query):
        self._acme.challenges.resend(json.loads(body)["challenge"])
        return {}

    async def _open_visit(self, body, query):
        wanted = json.loads(body)
        faults = Faults(wanted.get("fail", []), self._log)
        self._acme.visits.open(wanted["id"], wanted.get("rules", []), faults)
        return {}

    async def _visit(self, body, query):
        return self._acme.visits.json(query["id"])

    async def _forget(self, body, query):
        self._log.counters.clear()
        for kept in (self._log.violations, self._log.notes, self._acme.state.mails):
            kept.clear()
        return {}

    async def _crl(self, body, query):
        return Response(200, certificates.crl(self._acme), "application/pkix-crl")
