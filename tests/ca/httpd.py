# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A small HTTP/1.1 server for asyncio: keep-alive, Content-Length bodies, every connection and request counted."""

import asyncio
import email.utils
import http
import ssl
import time

LINE_MAX = 16384
BODY_MAX = 1 << 20


class Request:
    def __init__(self, method, target, headers, connection):
        self.method = method
        self.target = target
        self.path, _, self.query = target.partition("?")
        self.headers = headers          # (lower-case name, value), in order
        self.connection = connection    # its number, from 1
        self.body = b""
        self.note = {}                  # what the answering side wants in the log's line
        self.due = []                   # visit.py's rules for it

    def header(self, name):
        """The one value of a header field, None if absent, ValueError if it stands twice."""
        values = [value for key, value in self.headers if key == name]
        if len(values) > 1:
            raise ValueError(f"header field {name} stands {len(values)} times")
        return values[0] if values else None


class Response:
    def __init__(self, status, body=b"", content_type=None, headers=(), close=False):
        self.status = status
        self.body = body
        self.headers = list(headers)
        self.close = close              # close the connection after this answer
        self.drop = False               # close it instead of answering
        self.wire = None                # async wire(writer, response) writes it in place of us; the connection ends with it
        self.clock_ahead = 0            # seconds
        if content_type:
            self.headers.append(("Content-Type", content_type))

    def compose(self, head_only):
        reason = http.HTTPStatus(self.status).phrase
        lines = [f"HTTP/1.1 {self.status} {reason}", "Date: " + email.utils.formatdate(time.time() + self.clock_ahead, usegmt=True)]
        lines += [f"{name}: {value}" for name, value in self.headers]
        if self.status != 204:
            lines.append(f"Content-Length: {len(self.body)}")
        if self.close:
            lines.append("Connection: close")
        head = ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8")
        return head if head_only else head + self.body


class BadRequest(Exception):
    def __init__(self, status, why):
        super().__init__(why)
        self.status = status


async def _read_request(reader, writer, connection):
    """The next request, or None at the end of the connection."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError as error:
        if error.partial:
            raise BadRequest(400, "the connection ended within a request") from error
        return None
    except asyncio.LimitOverrunError as error:
        raise BadRequest(431, "header fields too large") from error
    first, *rest = head.decode("latin-1").split("\r\n")[:-2]
    words = first.split(" ")
    if len(words) != 3 or words[2] != "HTTP/1.1" or not words[1].startswith("/"):
        raise BadRequest(400, f"bad request line {first!r}")
    headers = []
    for line in rest:
        name, colon, value = line.partition(":")
        if not colon or not name or name != name.strip():
            raise BadRequest(400, f"bad header line {line!r}")
        headers.append((name.lower(), value.strip()))
    request = Request(words[0], words[1], headers, connection)
    fields = dict(headers)
    if "transfer-encoding" in fields:
        raise BadRequest(411, "only Content-Length bodies are taken")
    length = fields.get("content-length", "0")
    if not length.isdigit() or int(length) > BODY_MAX:
        raise BadRequest(413, f"Content-Length {length!r}")
    if fields.get("expect", "").lower() == "100-continue":
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    request.body = await reader.readexactly(int(length))
    return request


class HttpServer:
    """answer(request) -> Response runs for each request; NAME marks the log lines and counters."""

    def __init__(self, answer, log, name):
        self._answer = answer
        self._log = log
        self._name = name
        self._server = None
        self.connections = 0

    async def start(self, address, port, tls=None):
        """Listens; returns the port."""
        self._server = await asyncio.start_server(self._connection, address, port, ssl=tls, limit=LINE_MAX)
        return self._server.sockets[0].getsockname()[1]

    def stop(self):
        self._server.close()

    async def _connection(self, reader, writer):
        self.connections += 1
        number = self.connections
        self._log.count(self._name + "-connections")
        try:
            while await self._turn(reader, writer, number):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            pass                        # the peer went away: its business
        finally:
            writer.close()

    async def _turn(self, reader, writer, number):
        """One request and its answer; False ends the connection."""
        try:
            request = await _read_request(reader, writer, number)
        except BadRequest as error:
            self._log.violation(str(error), "RFC9112", connection=number)
            writer.write(Response(error.status, str(error).encode(), "text/plain", close=True).compose(False))
            await writer.drain()
            return False
        if request is None:
            return False
        started = time.monotonic()
        response = await self._answer(request)
        self._log.count(self._name + "-requests")
        self._log.write(self._name, method=request.method, path=request.target,
                        status=0 if response.drop else response.status, connection=number,
                        ms=round((time.monotonic() - started) * 1000, 1), **request.note)
        if response.drop:
            return False
        response.close = response.close or dict(request.headers).get("connection", "").lower() == "close"
        if response.wire is not None:
            await response.wire(writer, response)
            return False
        writer.write(response.compose(request.method == "HEAD"))
        await writer.drain()
        return not response.close
