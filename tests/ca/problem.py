# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the CA answers when it refuses: RFC 8555 6.7 problem documents."""

import json

from httpd import Response

PREFIX = "urn:ietf:params:acme:error:"


class Problem(Exception):
    """A refusal. With a fact the client broke a rule, and the log gets a violation (see acme.py)."""

    def __init__(self, kind, detail, status=400, fact=None, headers=(), **members):
        super().__init__(detail)
        self.kind = kind
        self.detail = detail
        self.status = status
        self.fact = fact
        self.headers = list(headers)
        self.members = members

    def json(self):
        return {"type": PREFIX + self.kind, "detail": self.detail, "status": self.status, **self.members}

    def response(self):
        body = json.dumps(self.json()).encode()
        return Response(self.status, body, "application/problem+json", self.headers)


def malformed(detail, fact=None, status=400):
    return Problem("malformed", detail, status, fact)


def unauthorized(detail, fact=None, status=403):
    return Problem("unauthorized", detail, status, fact)
