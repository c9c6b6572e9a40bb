# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The response value of RFC 8823 3 step 6, in both readings of how the token's parts are joined (A11, A12, T-02)."""

import base64
import hashlib

from jws import b64url_encode


def _octets(text):
    text = text.rstrip("=")
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def key_authorization(token1, token2, thumbprint, join):
    token = token1 + token2 if join == "string" else b64url_encode(_octets(token1) + _octets(token2))
    return token + "." + thumbprint


def _hash(text):
    return b64url_encode(hashlib.sha256(text.encode()).digest())


def digests(token1, token2, thumbprint, join):
    """The right value, and a map from wrong values to the mistake that leads to each."""
    right = _hash(key_authorization(token1, token2, thumbprint, join))
    other = "bytes" if join == "string" else "string"
    wrong = {
        _hash(key_authorization(token1.rstrip("="), token2, thumbprint, "string")):
            "padding of token-part1 taken off before joining (T-03)",
        _hash(token1 + "." + thumbprint): "token-part1 alone",
        _hash(token2 + "." + thumbprint): "token-part2 alone",
        _hash(key_authorization(token2, token1, thumbprint, "string")): "the parts in the wrong order",
        _hash(token1 + token2): "no thumbprint in the key authorization",
        # last, so that it wins where two mistakes give one value
        _hash(key_authorization(token1, token2, thumbprint, other)):
            f"the parts joined as {other}, not as {join} (T-02)",
    }
    wrong.pop(right, None)              # a 24-octet token-part1 reads the same either way
    return right, wrong
