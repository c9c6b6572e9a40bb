# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""make-mails.py with keys and a clock that follow from a seed: the same seed, the same mails to the last octet."""

import importlib.util
import os
import random
import sys
import time

sys.dont_write_bytecode = True
DATA = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "data")
sys.path.insert(0, DATA)
NOW = 1795312800  # 22 November 2026, 02:00 UTC; dkimpy, which would look at the clock itself, gets it too
time.time = lambda: float(NOW)

import nacl.signing  # noqa: E402
import mail_signing  # noqa: E402
from cryptography.hazmat.primitives import serialization  # noqa: E402
from cryptography.hazmat.primitives.asymmetric import rsa  # noqa: E402

SMALL = [n for n in range(3, 6000, 2) if all(n % d for d in range(3, int(n ** 0.5) + 1, 2))]


def _prime(source, bits):
    """Not for keeping secrets: a Fermat test is enough for keys that only sign test mails."""
    while True:
        start = source.getrandbits(bits) | 3 << (bits - 2) | 1
        remainders = [(start % p, p) for p in SMALL]
        for offset in range(0, 4000, 2):
            if all((r + offset) % p for r, p in remainders) and (start + offset) % 65537 != 1 and pow(
                    2, start + offset - 1, start + offset) == 1:
                return start + offset


def _rsa_pem(source, bits):
    p, q = _prime(source, bits // 2), _prime(source, bits // 2)
    d = pow(65537, -1, (p - 1) * (q - 1))
    numbers = rsa.RSAPrivateNumbers(max(p, q), min(p, q), d, d % (max(p, q) - 1), d % (min(p, q) - 1),
                                    pow(min(p, q), -1, max(p, q)), rsa.RSAPublicNumbers(65537, p * q))
    return numbers.private_key().private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL,
                                               serialization.NoEncryption())


def make_mails(seed):
    """The module make-mails.py, its keys made from SEED."""
    source = random.Random(seed)
    openssl = mail_signing.openssl
    mail_signing.openssl = lambda *words, data=b"": (
        _rsa_pem(source, int(words[-1])) if words[0] == "genrsa" else openssl(*words, data=data))
    nacl.signing.SigningKey.generate = lambda: nacl.signing.SigningKey(source.getrandbits(256).to_bytes(32, "big"))
    spec = importlib.util.spec_from_file_location("make_mails", os.path.join(DATA, "make-mails.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
