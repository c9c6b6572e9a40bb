#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""https-server.py DIR: one port for each certificate; what is asked decides how it misbehaves."""

import json
import socket
import ssl
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import common

gate = threading.Condition()
opened = 0


def release():
    global opened
    with gate:
        opened += 1
        gate.notify_all()


def wait_for_release(event):
    with gate:
        common.tell(event)
        before = opened
        gate.wait_for(lambda: opened > before, 60)


class Asked(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def setup(self):
        self.request.do_handshake()
        super().setup()
        common.tell("connection")
        if self.request.getpeercert():
            common.tell("client-certificate")

    def log_message(self, *_):
        pass

    def answer(self, body, status=200, headers=()):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", len(body))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def begin(self, length):
        self.send_response(200)
        self.send_header("Content-Length", length)
        self.end_headers()
        self.wfile.flush()

    def hang_up(self):
        self.close_connection = True
        try:
            self.connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

    def ask(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        what = self.path.split("?")[0].strip("/")
        getattr(self, "do_" + what.replace("-", "_"), self.echo)(body)

    do_GET = do_POST = do_HEAD = ask

    def echo(self, body):
        seen = {
            "method": self.command,
            "path": self.path,
            "body": body.decode(),
            "headers": {name.lower(): value for name, value in self.headers.items()},
        }
        self.answer(
            json.dumps(seen).encode(),
            headers=[("Replay-Nonce", "n-1"), ("Link", "<https://a.test/>;rel=\"up\""), ("Link", "<https://b.test/>")],
        )

    def do_problem(self, _):
        self.answer(b"{}", 403, [("Content-Type", "application/problem+json")])

    def do_hold(self, _):
        wait_for_release("holding")
        self.answer(b"held")

    def do_stall(self, _):
        self.begin(100)
        self.wfile.write(b"begun")
        wait_for_release("stalled")

    def do_cut(self, _):
        self.begin(100)
        self.wfile.write(b"begun")
        self.hang_up()

    def do_then_close(self, _):
        self.answer(b"kept, it seems")
        self.hang_up()
        common.tell("closed")

    def do_gone(self, _):
        self.hang_up()

    def do_huge(self, _):
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        chunk = b"%x\r\n" % 65536 + b"x" * 65536 + b"\r\n"
        try:
            for _ in range(64):
                self.wfile.write(chunk)
        except OSError:
            common.tell("refused-more")
        self.hang_up()

    def do_huge_said(self, _):
        self.begin(10_000_000)
        self.hang_up()

    def do_full(self, _):
        self.answer(b"x" * 256 * 1024)

    def do_headers(self, _):
        self.answer(b"", headers=[("X-%d" % i, "y" * 1000) for i in range(80)])

    def do_redirect(self, _):
        self.answer(b"", 302, [("Location", "/elsewhere")])

    def redirect(self, where):
        self.answer(b"", 302, [("Location", where)])

    def do_redirect_host(self, _):
        self.redirect("http://localhost:%d/x" % self.server.server_address[1])

    def do_redirect_port(self, _):
        self.redirect("http://127.0.0.1:%d/x" % (self.server.server_address[1] - 1))

    def do_redirect_round(self, _):
        self.redirect("/redirect-round")

    def do_redirect_file(self, _):
        self.redirect("file:///etc/passwd")

    def do_redirect_user(self, _):
        self.redirect("http://a:b@127.0.0.1:%d/x" % self.server.server_address[1])

    def do_hints(self, _):
        self.wfile.write(b"HTTP/1.1 103 Early Hints\r\nX-Early: yes\r\n\r\n")
        self.answer(b"late", headers=[("X-Late", "yes")])

    def do_trailers(self, _):
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.write(b"2\r\nok\r\n0\r\nReplay-Nonce: from-a-trailer\r\n\r\n")

    def do_garbage(self, _):
        self.wfile.write(b"This is not HTTP\r\n\r\n")
        self.hang_up()

    def do_odd_headers(self, _):
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX Bad: 1\r\nX-Latin: caf\xe9\r\nX-Good:  two words \r\n\r\n")


class AskedInClear(Asked):
    def setup(self):
        BaseHTTPRequestHandler.setup(self)


def frame(kind, flags, stream, payload=b""):
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload


def serve_http2(connection, context):
    """As little HTTP/2 as an answer needs: 200, one header field, "two" (RFC 9113, RFC 7541)."""
    secure = context.wrap_socket(connection, server_side=True)
    common.tell("http2", secure.selected_alpn_protocol())
    stream = secure.makefile("rb")
    assert stream.read(24) == b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
    secure.sendall(frame(4, 0, 0))
    while True:
        head = stream.read(9)
        if len(head) < 9:
            return
        stream.read(int.from_bytes(head[:3], "big"))
        kind, flags, number = head[3], head[4], int.from_bytes(head[5:], "big")
        if kind == 4 and not flags & 1:
            secure.sendall(frame(4, 1, 0))
        if kind in (0, 1) and flags & 1:
            nonce = b"\x00\x0creplay-nonce\x03n-2"
            secure.sendall(frame(1, 4, number, b"\x88" + nonce) + frame(0, 1, number, b"two"))
            common.tell("stream", number)


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        pass


def main(folder):
    contexts = {name: common.context(folder, name) for name in ("good", "wrong", "expired", "unknown")}
    contexts["old"] = common.context(folder, "good", ssl.TLSVersion.TLSv1_1)
    for name, made in contexts.items():
        server = Server(("127.0.0.1", 0), Asked)
        server.socket = made.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        common.tell("port", name, server.server_address[1])
    clear = Server(("127.0.0.1", 0), AskedInClear)
    threading.Thread(target=clear.serve_forever, daemon=True).start()
    common.tell("port", "clear", clear.server_address[1])
    plain = common.listen()
    common.accept_forever(plain, lambda connection: connection.sendall(b"HTTP/1.1 400 This is not TLS\r\n\r\n"))
    common.tell("port", "plain", plain.getsockname()[1])
    context = common.context(folder, "good")
    context.set_alpn_protocols(["h2"])
    two = common.listen()
    common.accept_forever(two, lambda connection: serve_http2(connection, context))
    common.tell("port", "http2", two.getsockname()[1])
    common.tell("ready")
    common.obey({"release": release})


main(sys.argv[1])
