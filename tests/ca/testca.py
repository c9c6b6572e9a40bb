#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A test CA: ACME (RFC 8555) with the email-reply-00 challenge (RFC 8823), strict, and rude on demand.

    /usr/bin/python3 tests/ca/testca.py --dir DIR [options]

It judges the client. Whatever breaks a rule is refused and written to DIR/ca.log, one JSON object a line, as
{"kind": "violation", "violation": WHAT, "fact": ID}; ids are those of RFC-FACTS (B07, T-12) or name a document's
section. Other kinds: acme and control (a request: method, path, status, connection, ms, problem), mail-out, mail-in,
judgement (ok, why, fact, findings), valid, invalid, account, order, issued, revoked, key-change, note (allowed, but
worth a look), fault, bug (ours; a test should assert that there is none).

When it serves, it prints the line `ready` and has written DIR/ready.json:
  directory      URL to give to the client
  tls_root       PEM file that vouches for the HTTPS server
  root, intermediate, root_sha256, alternate_roots     the S/MIME side: PEM files, the root's fingerprint in hex
  smtp_in        HOST:PORT that takes replies (and lmtp_in with --lmtp-port)
  dkim_txt       {name: text} of the TXT records of the challenge's signatures
  control        URL of the control server: options at run time, state, waiting (see control.py)
  log            DIR/ca.log
Keys stay in DIR and are used again by the next start; accounts and orders are forgotten. It ends at SIGTERM or
SIGINT.

Where it runs
  --dir DIR                folder for keys, log, ready.json; mails are kept in DIR/mail-in
  --listen ADDRESS         where to listen (127.0.0.1)
  --port N, --control-port N, --smtp-port N, --lmtp-port N     0 = any free port; LMTP is off (-1) unless asked for
  --host NAME              name in the URLs (default: the address); it must lead to ADDRESS
  --tls good|wrong-name|expired|self-signed     the HTTPS certificate
  --odd-urls               URLs with %2d and ~ in them, which a client must not re-encode (B08)
  --die-with-stdin         end when standard input closes: a test that crashes leaves no CA behind

The challenge
  --trigger authz|post|order   its mail goes out at the first read of the authorization; at the first POST to the
                           challenge (which is then no "ready"); at newOrder
  --join string|bytes      how the token's parts are joined (T-02)
  --token1-bytes N, --token2-bytes N    octets of the parts (32, 16). 24 cannot tell string from bytes; 32, 20, 16 can
  --pad                    token-part1 keeps its '=' in the mail, and in the key authorization (T-03)
  --no-email               the CA knows no email-reply-00: only http-01 and dns-01 are offered
  --reuse-authz            a valid authorization of this account for this address is used again: no mail (T-09)
  --order-seconds S, --authz-seconds S    lifetimes (86400)
  --hold-order             newOrder does all that it does, but is not answered before this is taken back

Its mail
  --mail-out WHERE         smtp://HOST:PORT; lmtp://HOST:PORT; submission://USER:PASSWORD@HOST:PORT?cafile=PATH
                           (STARTTLS and AUTH; submissions:// = TLS from the start); dir:PATH (one file per mail,
                           CRLF, renamed into place). Default dir:DIR/mail-out
  --sender ADDRESS         From (acme@ca.test)
  --per-challenge-from     From has +RANDOM in it, another for each challenge
  --reply-to ADDRESS, --cc ADDRESS    add Reply-To, Cc
  --subject plain|fold|encoded|encoded-fold     form of the Subject (A33, A34)
  --body text|html|alternative                  kind of body (A43)
  --type-acme yes|no       `Auto-Submitted: auto-generated; type=acme`, or without the parameter (A36)
  --sign dkim-rsa|dkim-ed25519|smime|none|external   who signs; external = the mail server that it is handed to; smime: the
                           sender has a certificate below the root
  --protect hp|wrapped|none        how an S/MIME signature protects the header: RFC 9788, RFC 8551 3.1, not at all
  --sign-headers full|present      h= names all of A38 and A39, or of these only what the mail has
  --dkim-selector NAME, --dkim-domain DOMAIN    s= (acme) and d= (the From domain)
  --dkim-key FILE          PEM key to sign with, made if absent (default: kept in DIR)
  --dkim-bits N            size of an RSA key that it makes (1024: the least a verifier must take; quickly made)
  --mail-delay S           seconds before the mail goes out

The reply
  --judge strict|lax       strict: the sum of the harshest CAs: From octet for octet, To, `Re: ACME: TOKEN` on one
                           plain line, In-Reply-To and References, no List fields, CRLF, one 7bit text/plain, only the
                           block in the body, 43 characters on one line without padding. lax: token in Subject or
                           In-Reply-To, the block anywhere, padding, folds and encodings taken
  --judge-dkim present|oversign|any|none     a good signature with d= the From domain, whose h= has of A55's 12 names:
                           those that the mail has; all; at least From; none = DKIM is not looked at
  --dns IP@PORT            where to look up the reply's DKIM key
  --dkim-keys FILE         or a JSON object {name: text} in a file, read anew for each mail; may be given with --dns
  --wrong-reply invalid|ignore      a bad reply ends the challenge, or is dropped without a word
  --wait poll|hold|once    POST and good reply are both needed. poll: the POST answers at once and the status follows
                           --poll-delay S (0.2) after both are there; hold: the POST's answer waits for the verdict,
                           at most --hold-seconds S (10); once: the CA looks once, --once-delay S (2.5) after the
                           POST, and a reply that is not there by then was too late
  --reply-order any|required        required = --post-before-reply invalid
  --post-before-reply ok|invalid    invalid: a POST before a good reply has come ends it all
  --second-post ok|refuse|invalid   what a second POST to the challenge does
  --read-challenge ok|refuse        refuse: reading a challenge that is not pending is an error (A15 is logged always)
  --retry-after N          Retry-After on answers that say processing; asking earlier is a violation

Accounts
  --eab KID:KEY            external account binding is required, with this base64url key (HS256)
  --terms URL              terms of service; `self` = a page of its own
  --terms-update ok|ignore     an account's update agrees to changed terms, or does not (RFC 8555 7.3.2)

Orders and certificates
  --identifiers-max N      most addresses in one order (10)
  --profile A,B            profiles on offer, the first is the default; `signing` and `encryption` limit keyUsage
  --finalize valid|processing|N     at once; processing for --processing-seconds S (1); processing for N polls
  --validity SECONDS, --backdate SECONDS    lifetime (90 days) and how long ago it began (0)
  --keyusage asked|dual|sign|encrypt        the issued bits: those of the CSR (none there = dual), or fixed
  --crl-dp URL             CRL distribution point; `self` = /crl of the control server. None by default
  --alternates N           N other chains by Link rel="alternate", under roots of their own (DIR/root-2.pem ...)
  --orders-page N          the account's list of orders in pages of N
  --ari                    renewal information; its answer: --ari-window FROM:TO (seconds from now), --ari-url URL
  --clock-ahead SECONDS    its Date header tells a later hour; negative: an earlier one

Rudeness
  --fail NAME[:COUNT[:ARGUMENT]],...    may be repeated. COUNT empty = the default (most once, chain-* and reject
                           until taken back). At run time POST {"fail": ["..."]} adds, ["none"] takes all back. Names:
    rate:N:SECONDS|date|bare   429 with Retry-After in seconds, as a date, or without
    500:N:PATH html:N:PATH close:N:PATH huge:N:PATH deep:N:PATH    an error 500; a 502 in HTML; no answer; 16 MiB;
                               JSON 100000 deep; for requests whose path contains PATH
    badnonce  missing-nonce  bad-nonce-syntax     refuses a good nonce; gives none; gives one that is no base64url
    terms-changed              the account must agree again (B25); terms-changed:N:newOrder, finalize, ...: there
    reject::ADDRESS            newOrder refuses this address by a subproblem
    order-invalid              the order is invalid at its next read
    other-identifiers          the order shows another address (B41)
    extra-challenges           sso-01 and an unknown challenge stand beside email-reply-00
    finalize-500-once          finalize fails; nothing has happened
    lost-finalize              finalize fails, but the order is finalized
    chain-wrong-key  chain-wrong-address  chain-more-addresses  chain-wrong-usage  chain-expired
                               the certificate is not what was asked for
    chain-with-key  chain-with-text  chain-with-root  chain-no-intermediate  chain-other-order  chain-empty
                               the certificate is right, the file is odd
    mail-lost  mail-twice      the challenge mail vanishes; comes twice
    smtp-refuse:N:TEXT         the reply is refused with this SMTP answer (550 5.7.26 ...)
  Below /~ID/ the whole CA stands once more, with manners of its own: see visit.py and rude.py.
"""

import argparse
import asyncio
import json
import logging
import os
import signal
import ssl
import sys
import threading
import time

sys.dont_write_bytecode = True          # the source tree stays clean

from cryptography.hazmat.primitives import hashes

import options as option_table
from acme import Acme
from challenges import Challenges
from control import Control
from dkimcheck import Lookup
from dkimsign import Signer
from faults import Faults
from httpd import HttpServer
from log import Log
from pki import Pki
from postbox import Inbox, Postbox
from smimesign import SmimeSigner
from state import State


def parse_arguments(argv):
    parser = argparse.ArgumentParser(usage="testca.py --dir DIR [options]; --help explains them", add_help=False, allow_abbrev=False)
    parser.add_argument("--help", action="store_true")
    option_table.add_arguments(parser)
    namespace = parser.parse_args(argv)
    if namespace.help:
        print(__doc__)
        sys.exit(0)
    if not namespace.dir:
        sys.exit("testca: --dir is needed")
    try:
        return option_table.from_arguments(namespace)
    except ValueError as error:
        sys.exit(f"testca: {error}")


class _LogBridge(logging.Handler):
    """What the libraries have to say goes into our log, not to standard error."""

    def __init__(self, log):
        super().__init__(logging.WARNING)
        self._log = log

    def emit(self, record):
        self._log.write("library", name=record.name, message=record.getMessage())


class TestCa:
    """All parts put together."""

    def __init__(self, options):
        self.options = options
        os.makedirs(options.dir, mode=0o700, exist_ok=True)
        self.folder = os.path.abspath(options.dir)
        self.log = Log(os.path.join(self.folder, "ca.log"))
        logging.getLogger().addHandler(_LogBridge(self.log))
        self.pki = Pki(self.folder, time.time())
        self.pki.dkim = Signer(self.folder, options.dkim_key, options.dkim_bits)
        self.pki.smime = SmimeSigner(self.pki)
        self.state = State(options.odd_urls)
        self.faults = Faults(options.fail, self.log)
        self.acme = Acme(options, self.log, self.state, self.pki, self.faults)
        post = Postbox(options, os.path.join(self.folder, "mail-out"))
        lookup = Lookup(options)
        self.acme.challenges = Challenges(options, self.log, self.state, self.pki, self.faults, post, lookup)
        self.inbox = Inbox(self.faults, self._take)
        self._mails = 0

    def _take(self, raw, envelope):
        """A mail from SMTP: kept, then judged in the background."""
        folder = os.path.join(self.folder, "mail-in")
        os.makedirs(folder, exist_ok=True)
        self._mails += 1
        path = os.path.join(folder, f"{self._mails:04d}.eml")
        with open(path, "wb") as file:
            file.write(raw)
        self.acme.challenges.take(raw, {**envelope, "file": path})

    def _tls(self, host):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.set_alpn_protocols(["http/1.1"])
        names = dict.fromkeys([host, self.options.listen, "localhost", "127.0.0.1", "::1"])
        context.load_cert_chain(*self.pki.tls_files(list(names), self.options.tls))
        return context

    async def serve(self):
        """Runs until a signal, or until standard input closes."""
        options, loop = self.options, asyncio.get_running_loop()
        ended = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, ended.set)
        loop.set_exception_handler(self._loop_error)
        host = options.host or options.listen
        web = HttpServer(self.acme.answer, self.log, "acme")
        port = await web.start(options.listen, options.port, self._tls(host))
        self.acme.own_base = f"https://{'[' + host + ']' if ':' in host else host}:{port}"
        control = HttpServer(Control(options, self.log, self.acme).answer, self.log, "control")
        control_port = await control.start("127.0.0.1", options.control_port)
        self.acme.crl_url = f"http://127.0.0.1:{control_port}/crl"
        smtp, smtp_port = await self.inbox.listen(options.listen, options.smtp_port)
        ready = self._ready(control_port, smtp_port)
        if options.lmtp_port >= 0:
            _, lmtp_port = await self.inbox.listen_lmtp(options.listen, options.lmtp_port)
            ready["lmtp_in"] = f"{options.listen}:{lmtp_port}"
        self._announce(ready)
        if options.die_with_stdin:
            threading.Thread(target=_watch_stdin, args=(loop, ended), daemon=True).start()
        await ended.wait()
        for server in (web, control):
            server.stop()
        smtp.close()

    def _loop_error(self, loop, context):
        """Failed TLS handshakes and the like: of interest, but no reason to print a traceback."""
        self.log.note(str(context.get("message")), error=repr(context.get("exception")))

    def _ready(self, control_port, smtp_port):
        alternates = range(2, self.options.alternates + 2)
        for number in alternates:
            self.pki.cross(number)
        return {
            "directory": self.acme.base + "/directory",
            "tls_root": self.pki.path("tls-root"),
            "root": self.pki.path("root"),
            "root_sha256": self.pki.root.fingerprint(hashes.SHA256()).hex(),
            "intermediate": self.pki.path("intermediate"),
            "alternate_roots": [self.pki.path(f"root-{number}") for number in alternates],
            "smtp_in": f"{self.options.listen}:{smtp_port}",
            "dkim_txt": self.pki.dkim.records(self.options),
            "control": f"http://127.0.0.1:{control_port}/control",
            "log": os.path.join(self.folder, "ca.log"),
            "pid": os.getpid(),
        }

    def _announce(self, ready):
        path = os.path.join(self.folder, "ready.json")
        with open(path + ".part", "w", encoding="utf-8") as file:
            json.dump(ready, file, indent=1)
        os.rename(path + ".part", path)
        self.log.write("ready", **ready)
        print("ready", flush=True)


def _watch_stdin(loop, ended):
    while os.read(0, 4096):
        pass
    try:
        loop.call_soon_threadsafe(ended.set)
    except RuntimeError:
        pass                            # the loop has ended already


def main():
    options = parse_arguments(sys.argv[1:])
    try:
        ca = TestCa(options)
        asyncio.new_event_loop().run_until_complete(ca.serve())
    except (OSError, ValueError) as error:
        sys.exit(f"testca: {error}")
    os._exit(0)                         # a worker may hang in a relay or in DNS: nobody waits for it


if __name__ == "__main__":
    main()
