# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What must hold whatever has struck: in the store, at the CA, in what the carrier was given."""

import base64
import collections
import glob
import hashlib
import json
import os
import shutil
import sqlite3
import tempfile

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from light import MEMORY


def spki(public):
    return public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def thumbprint(public):
    """RFC 7638, of a P-256 key: that is what an account has."""
    numbers = public.public_numbers()
    text = lambda number: base64.urlsafe_b64encode(number.to_bytes(32, "big")).rstrip(b"=").decode()
    jwk = json.dumps({"crv": "P-256", "kty": "EC", "x": text(numbers.x), "y": text(numbers.y)}, separators=(",", ":"), sort_keys=True)
    return base64.urlsafe_b64encode(hashlib.sha256(jwk.encode()).digest()).rstrip(b"=").decode()


def public_of(der):
    return serialization.load_der_private_key(bytes(der), None).public_key()


class Store:
    """A copy of somebody's store as it lies there: looking at it changes nothing."""

    def __init__(self, person):
        self.flaws, self.accounts, self.keys, self.answered = [], set(), set(), set()
        path = os.path.join(person.data, "mailcert.db")
        if not os.path.exists(path) or not (os.path.getsize(path) or os.path.exists(path + "-wal")):
            return
        with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
            for name in glob.glob(path + "*"):
                if not name.endswith("-shm"):  # made anew from the -wal
                    shutil.copy(name, folder)
            connection = sqlite3.connect(os.path.join(folder, "mailcert.db"))
            try:
                self._read(connection)
            finally:
                connection.close()

    def _read(self, connection):
        verdict = connection.execute("PRAGMA integrity_check").fetchall()
        if verdict != [("ok",)]:
            self.flaws.append("the database is damaged: %s" % verdict[:3])
        if not connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'keys'").fetchall():
            return
        for row in connection.execute("SELECT key, new_key FROM accounts"):
            self.accounts |= {thumbprint(public_of(key)) for key in row if key is not None}
        self.keys = {spki(public_of(key)) for key, in connection.execute("SELECT pkcs8 FROM keys")}
        self.answered = {mark for mark, in connection.execute("SELECT mark FROM answered WHERE kind = 'message-id'")}


def keyring_keys(person):
    """Public keys of the private ones that lie in the keyring of files."""
    found = set()
    for folder, _, names in os.walk(person.out):
        for name in names:
            with open(os.path.join(folder, name), "rb") as file:
                octets = file.read()
            if b"PRIVATE KEY-----" in octets and b"-----END " in octets:
                found.add(spki(serialization.load_pem_private_key(octets, None).public_key()))
    return found


class Judge:
    """Follows one person's story; flaws() is asked as often as one likes."""

    def __init__(self, ca, person):
        self.ca, self.person = ca, person
        state = ca.state()
        self.accounts = {account["id"] for account in state["accounts"]}
        self.certificates = {certificate["id"] for certificate in state["certificates"]}
        self.challenges = {challenge["id"] for challenge in state["challenges"]}
        self.mails = set(ca.mails())
        self.broken = len(state["violations"])
        self.requests = state["counters"].get("acme-requests", 0)

    def of(self, state, name, before):
        return [thing for thing in state[name] if thing["id"] not in before]

    def used(self):
        """Requests to the CA since the beginning."""
        return self.ca.state()["counters"].get("acme-requests", 0) - self.requests

    def flaws(self):
        """(lost keys, double replies, other flaws), each a list of sentences."""
        person, state, store = self.person, self.ca.state(), Store(self.person)
        lost = ["the CA knows an account whose key is not in the store" for account in self.of(state, "accounts", self.accounts)
                if account["thumbprint"] not in store.accounts]
        keys = store.keys | keyring_keys(person)
        for certificate in self.of(state, "certificates", self.certificates):
            if bytes.fromhex(certificate["csr_key"]) not in keys:
                lost.append("a certificate was issued whose key is nowhere")
        given = collections.Counter(person.replies())
        double = ["%d replies were handed over for %s" % (count, mail) for mail, count in given.items() if count > 1]
        other = store.flaws + ["the CA saw a rule broken: %s" % entry for entry in state["violations"][self.broken:]]
        other += ["a reply to %s left that is not written down" % mail for mail in given if mail not in store.answered]
        for challenge in self.of(state, "challenges", self.challenges):
            if challenge["replies"] > 1:
                double.append("%d replies arrived for one challenge" % challenge["replies"])
            if challenge["posts"] > 1:
                other.append("%d POSTs to one challenge" % challenge["posts"])
        return lost, double, other
