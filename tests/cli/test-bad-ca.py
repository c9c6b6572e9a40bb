#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A CA that is not there, is none, cannot be trusted, wants more than it was given, or refuses: what get says."""

import base64
import http.server
import json
import os
import secrets
import socket
import ssl
import sys
import threading

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from stage import Ca, Person, Sandbox, Tap, told  # noqa: E402
from trouble import forgets, get, goes_on, refused  # noqa: E402

tap = Tap()


def closed_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def unreachable(sandbox):
    """Nobody there: a passing failure, which the person may end or wait for."""
    with Ca(sandbox) as ca:
        for name, url in (("a closed port", "https://127.0.0.1:%d/directory" % closed_port()),
                          ("a name that does not exist", "https://acme.no-such-name.invalid/directory")):
            with Person(sandbox, ca, ca_keys={"directory": url}) as person:
                refused(tap, get(person, wait=3), 75, name, "test could not be reached", problem="mailcert:network")
                tap.equal([e["state"] for e in person.status()], ["NEW"], name + ": nothing has left")
                forgets(tap, person, name)
        with Person(sandbox, ca, ca_keys={"directory": "https://127.0.0.1:%d/" % closed_port()}) as person:
            get(person, wait=1)
            person.keys["ca test"]["directory"] = ca.ready["directory"]
            person.write()
            goes_on(tap, person, ca, "a wrong URL that is corrected")
            tap.equal(len(person.status()), 1, "a wrong URL that is corrected: one record")


class Pages(http.server.BaseHTTPRequestHandler):
    """An HTTPS server that is no CA."""

    pages = {"/html": (200, "text/html", b"<html><title>Welcome</title>"),
             "/empty": (200, "application/json", b""),
             "/list": (200, "application/json", b"[]"),
             "/other": (200, "application/json", b'{"hello": "world"}'),
             "/plain-urls": (200, "application/json", b'{"newNonce":"http://127.0.0.1/n","newAccount":"http://127.0.0.1/a",'
                             b'"newOrder":"http://127.0.0.1/o"}'),
             "/forbidden": (403, "text/plain", b"no\x1b[31m\xff\r\nmailcert: all is well"),
             "/moved": (301, "text/html", b"elsewhere")}

    def do_GET(self):
        status, kind, body = self.pages.get(self.path, (404, "text/html", b"<h1>Not Found</h1>"))
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        if status == 301:
            self.send_header("Location", "https://127.0.0.1:%d/other" % self.server.server_port)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def not_a_directory(sandbox):
    with Ca(sandbox) as ca:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(os.path.join(ca.dir, "tls.pem"), os.path.join(ca.dir, "tls-key.pem"))
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Pages)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        for path in ("/html", "/empty", "/list", "/other", "/plain-urls", "/forbidden", "/moved", "/nothing"):
            url = "https://127.0.0.1:%d%s" % (server.server_port, path)
            with Person(sandbox, ca, ca_keys={"directory": url}) as person:
                refused(tap, get(person, wait=20), 78, "not a directory: " + path, "is not an ACME directory",
                        problem="mailcert:not-a-directory")
                forgets(tap, person, path)
        server.shutdown()
        server.server_close()
        for fault in ("huge:1:/directory", "deep:1:/directory"):
            ca.control(fail=[fault])
            with Person(sandbox, ca) as person:
                refused(tap, get(person, wait=20), 78, "not a directory: " + fault, "is not an ACME directory")
                goes_on(tap, person, ca, fault)
                sandbox.empty(person.user)


def names(sandbox):
    """A CA that cannot be meant."""
    with Ca(sandbox) as ca, Person(sandbox, ca) as person:
        plain = ca.ready["directory"].replace("https:", "http:")
        for word, says in ((plain, "https://"), ("ftp://ca.test/d", "https://"), ("tset", 'did you mean "test"'), ("", "CA"),
                           ("https://", "https://"), ("https://user:pw@127.0.0.1/", "https://")):
            refused(tap, get(person, "--ca", word), 64 if "//" in word else 78, "--ca %r" % word, says)
        tap.equal(person.status(), [], "none of them left a record")
        person.keys["ca test"]["directory"] = plain
        person.write()
        refused(tap, get(person), 78, "directory = http://", r"mailcert\.conf:\d+: \[ca test\] directory", "https://")
        person.keys["ca test"]["directory"] = ca.ready["directory"]
        person.keys["mailcert"]["default-ca"] = None
        person.write()
        refused(tap, get(person), 78, "no CA is chosen", "--ca", "default-ca")


def tls(sandbox):
    for how in ("wrong-name", "expired", "self-signed"):
        with Ca(sandbox, "--tls", how) as ca, Person(sandbox, ca) as person:
            refused(tap, get(person), 78, "TLS of the CA: " + how, "could not prove who it is", "ca-file",
                    problem="mailcert:tls")
            tap.equal(ca.state()["counters"].get("acme-requests", 0), 0, how + ": it was asked nothing")
            forgets(tap, person, how)
    with Ca(sandbox) as ca, Person(sandbox, ca, ca_keys={"ca-file": None}) as person:
        refused(tap, get(person), 78, "TLS of the CA: unknown root", "could not prove who it is", "ca-file")
        person.keys["ca test"]["ca-file"] = person.home + "/none.pem"
        person.write()
        refused(tap, get(person), 78, "ca-file that is not there", "none.pem")
        with open(person.home + "/junk.pem", "w") as file:
            file.write("junk\n")
        person.keys["ca test"]["ca-file"] = "junk.pem"
        person.write()
        refused(tap, get(person), 78, "ca-file that is none", "junk.pem")
        person.keys["ca test"]["ca-file"] = ca.ready["tls_root"]
        person.write()
        goes_on(tap, person, ca, "the right ca-file")


def no_email(sandbox):
    with Ca(sandbox, "--no-email") as ca, Person(sandbox, ca) as person:
        error = refused(tap, get(person), 69, "a CA without email-reply-00", "does not check addresses by mail",
                        person.user, problem="mailcert:no-email-reply")
        tap.ok("test" in error.get("message", ""), "names the CA")
        forgets(tap, person, "no email-reply-00")
    sandbox.empty("alice@example.test")


def terms(sandbox):
    with Ca(sandbox, "--terms", "self") as ca, Person(sandbox, ca) as person:
        url = json.loads(person.run("ca", "test", "--json").stdout)["ca"]["terms"]
        refused(tap, get(person, agree=False), 64, "terms not agreed to", "agree", "--agree-tos", url.replace("?", r"\?"),
                problem="mailcert:terms")
        tap.equal(ca.state()["accounts"], [], "no account was opened")
        tap.equal([e["state"] for e in person.status()], ["NEW"], "the request waits")
        refused(tap, person.run("renew", "--json"), 64, "renew asks for the same", "--agree-tos")
        goes_on(tap, person, ca, "get --agree-tos")
        plain = person.run("get", "bob@example.test", "--no-wait", "--agree-tos", "--key", "p256", "--keyring",
                           "files:" + person.home + "/out")
        tap.ok(url not in plain.stderr, "terms agreed to once are not asked for again", told(plain))
    with Ca(sandbox, "--terms", "self") as ca, Person(sandbox, ca) as person:
        sandbox.empty(person.user)
        url = json.loads(person.run("ca", "test", "--json").stdout)["ca"]["terms"]
        done = get(person)
        tap.equal(done.returncode, 0, "--agree-tos at once", told(done))
        tap.ok(url in done.stderr, "and says what was agreed to", told(done))


def binding(sandbox):
    key = secrets.token_bytes(32)
    url_safe = base64.urlsafe_b64encode(key).decode().rstrip("=")
    forms = {"two lines": "kid = kid-1\nhmac-key = %s\n" % url_safe,
             "JSON": json.dumps({"kid": "kid-1", "hmac-key": url_safe}),
             "padded standard base64": "kid=kid-1\r\n\r\nhmac-key=%s\r\n" % base64.b64encode(key).decode()}
    broken = {"empty": "", "no key": "kid = kid-1\n", "no kid": "hmac-key = %s\n" % url_safe, "no base64": "kid = k\nhmac-key = ###\n",
              "too short": "kid = k\nhmac-key = QUJD\n", "JSON in pieces": '{"kid": "k"', "octets": "\xff\xfe\0kid = k\n",
              "a line end in kid": json.dumps({"kid": "a\r\nb", "hmac-key": url_safe})}
    with Ca(sandbox, "--eab", "kid-1:" + url_safe) as ca:
        with Person(sandbox, ca) as person:
            refused(tap, get(person), 64, "EAB missing", "--eab FILE", problem="mailcert:eab")
            tap.equal(ca.state()["accounts"], [], "no account was opened")
            path = os.path.join(person.home, "eab")
            refused(tap, get(person, "--eab", path), 66, "EAB file that is not there", "eab")
            refused(tap, get(person, "--eab", person.home), 66, "EAB file that is a folder")
            for name, text in broken.items():
                with open(path, "w", encoding="latin-1") as file:
                    file.write(text)
                refused(tap, get(person, "--eab", path), 78, "EAB file: " + name, path, never=[url_safe])
        with Ca(sandbox, "--eab", "kid-1:" + url_safe) as strict, Person(sandbox, strict) as stranger:
            path = os.path.join(stranger.home, "eab")
            other = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode().rstrip("=")
            for name, kid, value in (("another key", "kid-1", other), ("another kid", "kid-2", url_safe)):
                with open(path, "w") as file:
                    file.write("kid = %s\nhmac-key = %s\n" % (kid, value))
                refused(tap, get(stranger, "--eab", path), 69, "EAB: " + name, "test refused", "HMAC key", never=[value])
            with open(path, "w") as file:
                file.write(forms["two lines"])
            tap.equal(get(stranger, "--eab", path).returncode, 0, "EAB: the right one after wrong ones")
        sandbox.run("ca-smtp", ca.ready["smtp_in"])
        for name, text in forms.items():
            sandbox.empty("alice@example.test")
            with Person(sandbox, ca) as person:
                path = os.path.join(person.home, "eab")
                with open(path, "w") as file:
                    file.write(text)
                if name == "JSON":
                    goes_on(tap, person, ca, "EAB: " + name, "--eab", path)
                else:
                    person.keys["ca test"]["eab-file"] = "eab"
                    person.write()
                    goes_on(tap, person, ca, "EAB by eab-file: " + name)


with Sandbox() as stage:
    for part in (unreachable, not_a_directory, names, tls, no_email, terms, binding):
        if len(sys.argv) < 2 or part.__name__ in sys.argv[1:]:
            stage.empty("alice@example.test")
            part(stage)
tap.end()
