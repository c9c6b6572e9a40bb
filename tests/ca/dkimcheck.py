# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Verifies the DKIM signature of a reply with dkimpy, and what dkimpy does not ask: d=, h=, l=, odd keys (A55, A56)."""

import json
import re

RFC8823_NAMES = ("from", "sender", "reply-to", "to", "cc", "subject", "date", "in-reply-to", "references", "message-id",
                 "content-type", "content-transfer-encoding")
MOST = 8


class Lookup:
    """TXT records: from --dkim-keys FILE (a JSON object, read anew each time) and then from --dns IP@PORT."""

    def __init__(self, options):
        self._options = options

    def txt(self, name):
        """The record's text; LookupError says why there is none."""
        name = name.rstrip(".").lower()
        if self._options.dkim_keys:
            with open(self._options.dkim_keys, encoding="utf-8") as file:
                records = {key.rstrip(".").lower(): value for key, value in json.load(file).items()}
            if name in records:
                return records[name]
        if self._options.dns:
            return self._ask(name)
        raise LookupError(f"no TXT record {name} (--dkim-keys, --dns)")

    def _ask(self, name):
        import dns.exception            # here: most runs have no DNS, and the import takes a while
        import dns.resolver
        resolver = dns.resolver.Resolver(configure=False)
        address, _, port = self._options.dns.partition("@")
        resolver.nameservers = [address]
        resolver.port = int(port or 53)
        resolver.lifetime = 5
        try:
            answer = resolver.resolve(name, "TXT", search=False)
        except dns.exception.DNSException as error:
            raise LookupError(f"TXT {name}: {type(error).__name__}") from error
        return b"".join(answer[0].strings).decode("utf-8", "replace")


def tags(text):
    """The tag list of a signature or key record; {} if malformed."""
    found = {}
    for part in text.split(";"):
        name, equals, value = part.partition("=")
        if part.strip() and (not equals or name.strip() in found):
            return {}
        if part.strip():
            found[name.strip()] = re.sub(r"\s+", "", value)
    return found


def _finding(check, why, fact="A55"):
    return {"check": check, "why": why, "fact": fact}


def _key_problem(record):
    key = tags(record)
    if "y" in key.get("t", "").split(":"):
        return "the key is in testing mode (t=y)"
    if not key.get("p"):
        return "the key is revoked (p=)"
    if "h" in key and "sha256" not in key["h"].split(":"):
        return f"the key is not for sha256 (h={key['h']})"
    return None


def _judge_one(mail, index, sig, domain, mode, lookup):
    """What is wrong with one signature; [] = a good one."""
    import dkim                         # here: a quarter of the CA's start otherwise
    if sig.get("d", "").lower() != domain:
        return [_finding("dkim-domain", f"d={sig.get('d')!r} is not the From domain {domain!r}", "A56")]
    if sig.get("a") not in ("rsa-sha256", "ed25519-sha256"):
        return [_finding("dkim-algorithm", f"a={sig.get('a')!r}", "RFC8301")]
    if "l" in sig:
        return [_finding("dkim-length", "l= leaves body octets unsigned")]
    problems = []

    def txt(name, timeout=5):
        try:
            record = lookup.txt(name.decode() if isinstance(name, bytes) else name)
        except (LookupError, OSError, ValueError) as error:
            problems.append(f"no key: {error}")
            return None
        why = _key_problem(record)
        if why:
            problems.append(why)
        return record.encode()

    try:
        good = dkim.DKIM(mail.raw).verify(idx=index, dnsfunc=txt)
    except Exception as error:          # dkimpy lets nacl, binascii, IndexError and its own errors through
        good = False
        problems.append(f"{type(error).__name__}: {error}")
    if not good or problems:
        return [_finding("dkim", "DKIM: " + ("; ".join(problems) or "the signature does not verify"))]
    return _headers(mail, sig, mode)


def _headers(mail, sig, mode):
    signed = [name.strip().lower() for name in sig.get("h", "").split(":")]
    if mode == "oversign":
        missing = [name for name in RFC8823_NAMES if name not in signed]
    elif mode == "present":
        missing = [name for name in RFC8823_NAMES if mail.raws(name) and name not in signed]
    else:
        missing = [] if "from" in signed else ["from"]
    return [_finding("dkim-headers", "h= lacks " + " ".join(missing))] if missing else []


def check_dkim(mail, identifier, mode, lookup):
    """Findings about the reply's signatures: [] if one of them is good. Blocks on DNS: for a worker thread."""
    domain = identifier.rpartition("@")[2].lower()
    if not domain.isascii():
        domain = domain.encode("idna").decode()
    values = [re.sub(rb"\r?\n", b"", value).decode("ascii", "replace") for value in mail.raws("dkim-signature")]
    signatures = [tags(value) for value in values]
    if not signatures:
        return [_finding("dkim", "the reply has no DKIM signature")]
    worst = []
    for index, sig in enumerate(signatures[:MOST]):
        findings = _judge_one(mail, index, sig, domain, mode, lookup)
        if not findings:
            return []
        worst.append(findings)
    return max(worst, key=lambda findings: findings[0]["check"] == "dkim-headers")
