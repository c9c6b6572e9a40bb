# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judges the reply of RFC 8823 3.2 without its DKIM signature (dkimcheck does that).

strict is the sum of the harshest CAs known (CA-BEHAVIOUR 3.4); lax takes what RFC 8823 tells a server to take.
"""

import re
from typing import Dict, NamedTuple

BEGIN = b"-----BEGIN ACME RESPONSE-----"
END = b"-----END ACME RESPONSE-----"
EXACT_BODY = re.compile(re.escape(BEGIN) + rb"\r\n([A-Za-z0-9_-]{43})\r\n" + re.escape(END) + rb"\r\n(?:\r\n)*")
ANY_BLOCK = re.compile(re.escape(BEGIN) + rb"[ \t]*\r?\n(.*?)\r?\n[> \t]*" + re.escape(END), re.S)
ONCE = ("from", "to", "subject", "date", "message-id", "in-reply-to", "references", "mime-version", "content-type",
        "content-transfer-encoding")
NEEDED = ("from", "to", "subject", "date", "message-id")


class Expected(NamedTuple):
    identifier: str
    to: str
    token1: str
    message_id: str
    digest: str
    mistakes: Dict[str, str]            # wrong digests and what leads to each


def matches(mail, token1, message_id):
    """Whether this mail answers that challenge at all: by its Subject's token or In-Reply-To."""
    subject = re.sub(r"\s+", "", mail.decoded("subject"))
    return "ACME:" + token1.rstrip("=") in subject or bool(message_id) and message_id in mail.text("in-reply-to")


class _Findings(list):
    def check(self, good, check, why, fact):
        if not good:
            self.append({"check": check, "why": why, "fact": fact})
        return bool(good)


def same_address(given, wanted):
    """Local part octet for octet, domain without regard to case (T-10)."""
    given_local, _, given_domain = given.rpartition("@")
    local, _, domain = wanted.rpartition("@")
    return given_local == local and given_domain.lower() == domain.lower()


def judge(mail, expected, strict):
    """The list of what is wrong with this reply: dicts check, why, fact; empty = a good reply."""
    findings = _Findings()
    _shape(mail, findings, strict)
    _addresses(mail, findings, expected, strict)
    _thread(mail, findings, expected, strict)
    text = _body(mail, findings, strict)
    if text is not None:
        _value(text, findings, expected, strict)
    return list(findings)


def _shape(mail, findings, strict):
    findings.check(not re.search(rb"(?<!\r)\n|\r(?!\n)", mail.raw) or not strict, "crlf",
                   "bare LF or bare CR in the mail", "A53")
    findings.check(not mail.junk, "header", f"a header line that is no field: {mail.junk[:1]!r}", "RFC5322")
    for name in ONCE:
        findings.check(len(mail.raws(name)) <= 1, "header", f"{name} stands {len(mail.raws(name))} times",
                       "RFC5322-3.6")
    if strict:
        for name in NEEDED:
            findings.check(mail.raws(name), "header", f"no {name}", "RFC5322-3.6")
        findings.check(all(len(line) <= 998 for line in mail.raw.split(b"\r\n")), "line", "a line over 998 octets",
                       "RFC5322-2.1.1")
    lists = sorted({name for name, _ in mail.fields if name.startswith("list-")})
    findings.check(not lists, "list", "List fields: " + " ".join(lists), "A50")
    auto = mail.text("auto-submitted").split(";")[0].strip().lower()
    findings.check(auto in ("", "no", "auto-replied") or not strict, "auto-submitted",
                   f"Auto-Submitted is {auto!r}; auto-replied or nothing is wanted", "A57")


def _addresses(mail, findings, expected, strict):
    sender = mail.addresses("from")
    findings.check(len(sender) == 1, "from", f"From has {len(sender)} mailboxes, one is wanted", "A46")
    if len(sender) == 1:
        good = sender[0] == expected.identifier if strict else same_address(sender[0], expected.identifier)
        findings.check(good, "from", f"From is {sender[0]!r}, the identifier is {expected.identifier!r}", "A18")
    if strict:
        to = mail.addresses("to")
        findings.check(any(same_address(address, expected.to) for address in to), "to",
                       f"To is {to}, {expected.to!r} is wanted", "A47")


def _thread(mail, findings, expected, strict):
    subject = b" Re: ACME: " + expected.token1.encode()
    in_reply_to = mail.text("in-reply-to")
    if strict:
        raw = (mail.raws("subject") or [b""])[0]
        findings.check(b"\n" not in raw, "subject", "the Subject is folded", "T-11")
        findings.check(raw.isascii() and b"=?" not in raw, "subject", "the Subject is not plain ASCII", "T-11")
        findings.check(re.sub(rb"\r?\n", b"", raw).rstrip() == subject, "subject",
                       f"the Subject is {raw!r}, {subject!r} is wanted", "A45")
        findings.check(in_reply_to == expected.message_id, "in-reply-to",
                       f"In-Reply-To is {in_reply_to!r}, {expected.message_id!r} is wanted", "T-13")
        findings.check(expected.message_id in mail.text("references").split(), "references",
                       "References does not hold the challenge's Message-ID", "A49")
    else:
        decoded = re.sub(r"\s+", "", mail.decoded("subject"))
        findings.check("ACME:" + expected.token1.rstrip("=") in decoded or expected.message_id in in_reply_to, "match",
                       "neither the Subject's token nor In-Reply-To fits", "A45")


def _body(mail, findings, strict):
    """The octets of the text/plain part, None if there is no one to look at."""
    tree = mail.mime()
    kind = tree.get_content_type()
    findings.check(kind in ("text/plain", "multipart/alternative"), "type",
                   f"the reply is {kind}; text/plain or multipart/alternative is wanted", "A51")
    texts = [part for part in tree.walk() if part.get_content_type() == "text/plain"]
    if not findings.check(len(texts) == 1 if strict else texts, "type", f"{len(texts)} text/plain parts", "A51"):
        return None
    part = texts[0]
    encoding = str(part.get("content-transfer-encoding", "7bit")).strip().lower()
    if strict:
        findings.check(encoding == "7bit", "encoding", f"Content-Transfer-Encoding {encoding}, 7bit is wanted", "A54")
        findings.check(str(part.get_param("format", "")).lower() != "flowed", "type", "format=flowed", "T-12")
        charset = str(part.get_param("charset", "us-ascii")).lower()
        findings.check(charset in ("us-ascii", "utf-8"), "type", f"charset {charset}", "A51")
        findings.check(mail.body.isascii(), "encoding", "the body is not ASCII", "A54")
        if mail.raws("content-type"):
            findings.check(mail.text("mime-version") == "1.0", "header", "no MIME-Version: 1.0", "RFC2045-4")
    if kind == "text/plain" and encoding in ("7bit", "8bit", "binary"):
        return mail.body
    return part.get_payload(decode=True)


def _value(text, findings, expected, strict):
    """The block and the digest in it."""
    if strict:
        body = text if text.endswith(b"\r\n") else text + b"\r\n"
        match = EXACT_BODY.fullmatch(body)
        findings.check(match, "body", _why_not_exact(text), "T-12")
    else:
        match = None
    match = match or ANY_BLOCK.search(text)
    if not findings.check(match, "body", "no ACME RESPONSE block in the text", "A52"):
        return
    value = re.sub(r"[\s>]+", "", match.group(1).decode("ascii", "replace"))
    if "=" in value:
        findings.check(not strict, "padding", "the digest carries padding", "T-01")
        value = value.rstrip("=")
    why = expected.mistakes.get(value, "the digest is wrong")
    if value.count(".") == 1:
        why = "the bare key authorization instead of its hash (T-14)"
    findings.check(value == expected.digest, "digest", f"{why}: {value!r}, {expected.digest!r} is wanted", "A11")


def _why_not_exact(text):
    match = ANY_BLOCK.search(text)
    if not match:
        return "no ACME RESPONSE block in the text"
    if text[:match.start()].strip() or text[match.end():].strip():
        return "there is text around the block"
    if b"\n" in match.group(1).strip(b"\r\n"):
        return "the digest is not on one line"
    if b"=" in match.group(1):
        return "the digest carries padding"
    return "the body is not exactly the three lines of the block"
