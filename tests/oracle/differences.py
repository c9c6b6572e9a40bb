# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where mailcert, libopendkim and dkimpy differ about one DKIM signature, and why. What is not in these tables is a fault.

REFUSED: mailcert refuses what an oracle takes. Each row looks at mailcert's own reason and at the mail itself.
ACCEPTED: mailcert takes what an oracle refuses, which is the dangerous way round. Each row but the last few is proved, not only
described: the mail is written as the oracle wants it, in a way that changes nothing that is signed (STEPS), and asked about again."""

import base64
import re

MIXED = "some lines end in CRLF and some in LF"
DKIM_FIELD = re.compile(rb"(?im)^DKIM-Signature[ \t]*:(.*\r\n(?:[ \t].*\r\n)*)")


class Case:
    """One signature of one mail, and what each verifier says of it."""

    def __init__(self, mail, defect, field, ours, why, oracle, said, zone, now):
        self.mail, self.defect, self.field, self.ours, self.why = mail, defect, field, ours, why
        self.oracle, self.said, self.zone, self.now = oracle, said, zone, now
        self.tags = {}
        for tag in (field or b"").split(b";"):
            name, _, value = tag.partition(b"=")
            self.tags.setdefault(name.strip(), value.strip())

    def head(self):
        return re.split(rb"\r?\n\r?\n", self.mail, maxsplit=1)[0]

    def number(self, name):
        value = self.tags.get(name, b"")
        return int(value) if value.isdigit() else None

    def records(self):
        name = b"%s._domainkey.%s" % (self.tags.get(b"s", b""), self.tags.get(b"d", b""))
        return [text for zone_name, status, text in self.zone if zone_name == name.decode("utf-8", "replace").lower()]

    def record_says(self, pattern):
        return any(re.search(pattern, text) for text in self.records())


def odd_blanks(case):
    """VT, FF and NUL at the end of a field, or next to one of its ends."""
    return re.search(rb"[\x0b\x0c\x1c-\x1f\x85]", case.head()) is not None


def ends_within_line(mail):
    body = re.split(rb"\r?\n\r?\n", mail, maxsplit=1)[1:]
    return not mail.endswith(b"\n") or not body


REFUSED = (  # name, oracles, why, test
    ("rsa-sha1", "opendkim dkimpy", "RFC 8301 3.1: rsa-sha1 must not be verified; both still do",
     lambda c: c.ours == "dkim-weak" and c.tags.get(b"a") == b"rsa-sha1"),
    ("l=", "opendkim dkimpy", "RFC 6376 8.2: text can be added below a part of the body; a challenge has no need of it",
     lambda c: c.ours == "dkim-partial-body" and b"l" in c.tags),
    ("x= has just passed", "opendkim dkimpy", "libopendkim allows 300 s, dkimpy 10 h; x= is the signer's own word",
     lambda c: c.ours == "dkim-expired" and c.number(b"x") is not None and
     c.now - c.number(b"x") <= (300 if c.oracle == "opendkim" else 36000)),
    ("x= before t=", "dkimpy", "RFC 6376 3.5: x= must be greater than t=; dkimpy asks that only of one that has passed",
     lambda c: c.why.startswith("x= is missing or not") and (c.number(b"x") or 0) <= (c.number(b"t") or 0)),
    ("a= is not k=", "dkimpy", "RFC 6376 3.6.1: k= must go with a=; dkimpy does not look at a=",
     lambda c: c.ours == "dkim-key" and c.record_says("k=ed25519") == (c.tags.get(b"a") == b"rsa-sha256")),
    ("t=y", "opendkim dkimpy", "RFC 6376 3.6.1: a key for tests proves no more than no signature",
     lambda c: c.ours == "dkim-key" and c.record_says(r"t=y")),
    ("t=s", "dkimpy", "RFC 6376 3.6.1: i= must be of d= itself; dkimpy does not look",
     lambda c: c.ours == "dkim-fail" and c.record_says(r"t=s;") and
     c.tags.get(b"i", b"").lower().rpartition(b"@")[2] != c.tags[b"d"].lower()),
    ("h= of the key", "dkimpy", "RFC 6376 3.6.1: a key for SHA-1 only; dkimpy does not look",
     lambda c: c.ours == "dkim-key" and c.record_says(r"h=sha1;")),
    ("v= is not first in the key", "opendkim dkimpy", "RFC 6376 3.6.1: then it is no key record",
     lambda c: c.ours == "dkim-key" and c.record_says(r";\s*v=")),
    ("two key records", "opendkim dkimpy", "RFC 6376 3.6.2.2 leaves open which counts; the oracles are given the first",
     lambda c: c.ours == "dkim-key" and len([t for t in c.records() if "p=" in t]) > 1),
    ("a tag's value", "opendkim", "RFC 6376 3.5 and 3.2: libopendkim reads a= and c= in any case, skips what is no base64, q= that it "
     "does not know and blanks in d=",
     lambda c: re.match(r"(a|b|bh|c|d|q|l)= is missing or not", c.why) is not None),
    ("not space or tab", "opendkim dkimpy", "RFC 6376 2.8: white space is space and tab; both take VT and FF at the end of a field as "
     "such, and lose them", lambda c: c.ours == "dkim-fail" and odd_blanks(c)),
    ("the last line does not end", "dkimpy", "RFC 6376 3.4.4: the line end is added, then blanks before it go; dkimpy keeps them",
     lambda c: c.why == "the body has been changed" and ends_within_line(c.mail) and b"relaxed" in c.tags.get(b"c", b"")),
    ("a blank before the colon", "dkimpy", "RFC 5322 4.5: an obsolete field still is that field; dkimpy signs and verifies as if it were "
     "not there", lambda c: c.ours == "dkim-fail" and re.search(rb"(?m)^[!-9;-~]+[ \t]+:", c.head()) is not None),
    ("NUL in the header", "opendkim dkimpy", "what two parsers could read differently is malformed",
     lambda c: c.defect == "a NUL in the header section" and b"\0" in c.head()),
    ("lone CR", "opendkim dkimpy", "what two parsers could read differently is malformed",
     lambda c: c.defect == "a lone CR" and re.search(rb"\r(?!\n)", c.mail) is not None),
    ("LF among CRLF", "opendkim dkimpy", "what two parsers could read differently is malformed",
     lambda c: c.defect == MIXED and re.search(rb"(?<!\r)\n", c.mail) is not None and b"\r\n" in c.mail),
    ("no field, cut off, starts folded", "opendkim dkimpy", "what two parsers could read differently is malformed",
     lambda c: c.defect in ("a line of the header section is no field", "the header section is cut off within a line",
                            "the first line is a continuation")),
    ("too large, too long, too many", "opendkim dkimpy", "limits of DESIGN 3: no challenge needs them",
     lambda c: c.defect in ("larger than 256 KiB", "a field is too long", "too many fields")),
    ("the ninth signature", "opendkim dkimpy", "at most 8 are judged (DESIGN 3): it bounds the look-ups",
     lambda c: c.why == "not judged" and len(DKIM_FIELD.findall(c.mail.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))) > 8),
)


# --- the dangerous way round

def without_mbox_line(mail):
    return re.sub(rb"\A>?From [^\n]*\n", b"", mail)


def with_crlf(mail):
    return mail if b"\r" in mail else mail.replace(b"\n", b"\r\n")


def with_last_line_end(mail):
    return mail if mail.endswith(b"\n") else mail + b"\r\n"


def without_blank_before_colon(mail):
    head, blank, body = mail.partition(b"\r\n\r\n")
    return re.sub(rb"(?m)^([!-9;-~]+)[ \t]+:", rb"\1:", head) + blank + body


def without_semicolon_names(mail):
    head, blank, body = mail.partition(b"\r\n\r\n")
    return re.sub(rb"(?m)^[!-9;-~]*;[!-9;-~]*[ \t]*:.*\r\n(?:[ \t].*\r\n)*", b"", head + b"\r\n")[:-2] + blank + body


STEPS = (  # name, why, what it does to the mail
    ("mbox line", "a delivery agent's line, no part of the mail; dkimpy drops \"From \" alone, libopendkim neither", without_mbox_line),
    ("LF throughout", "maildirs, pipes and Claws files; a milter gets CRLF", with_crlf),
    ("no line end at the end", "RFC 6376 3.4.3, 3.4.4: it is added; libopendkim loses the last line, dkimpy its blanks",
     with_last_line_end),
    ("blank before the colon", "RFC 5322 4.5: obsolete, to be read; unsigned, or canonicalized away", without_blank_before_colon),
    ("semicolon in a name", "RFC 5322 2.2: a field's name may have one; libopendkim then reads no signature", without_semicolon_names),
)


def first_only(case):
    """The mail with no more From fields than the signature names: the lowest, which are those that it covers."""
    named = len(re.findall(rb"(?i)(?:^|:)\s*from\s*(?=:|$)", case.tags.get(b"h", b"")))
    found = list(re.finditer(rb"(?im)^From:.*\r\n(?:[ \t].*\r\n)*", case.head() + b"\r\n"))
    mail = case.mail
    for match in reversed(found[:max(0, len(found) - named)]):
        mail = mail[:match.start()] + mail[match.end():]
    return mail


def alone(case):
    """The mail with no DKIM-Signature but this one."""
    return DKIM_FIELD.sub(lambda match: match.group() if match.group(1) == case.field else b"", case.mail)


def first_from(case):
    match = re.search(rb"(?im)^From[ \t]*:(.*(?:\r?\n[ \t].*)*)", case.head())
    return match.group(1) if match else b""


def is_base64_but_for_padding(value):
    text = re.sub(rb"\s", b"", value).rstrip(b"=")
    return re.fullmatch(rb"[A-Za-z0-9+/]+", text) is not None and len(text) % 4 != 1


def is_bare_key(record):
    match = re.search(r"p=([A-Za-z0-9+/=]+)", record)
    der = base64.b64decode(match.group(1)) if match else b""
    return der[:2] == b"\x30\x82" and der[4:5] == b"\x02"


PROVED = (  # name, oracles, why, test, the mail as the oracle wants it
    ("two From fields", "opendkim dkimpy", "dkimpy asks for one more From than h= names, libopendkim for an address in the first; the "
     "verdict is duplicate-header",
     lambda c: len(re.findall(rb"(?im)^From[ \t]*:", c.head())) > 1, first_only),
    ("a broken signature beside", "opendkim", "RFC 6376 6.1: to be passed over; libopendkim then reads none of the mail's",
     lambda c: c.said.startswith("unread") and len(DKIM_FIELD.findall(c.mail)) > 1, alone),
)
ACCEPTED = (  # name, oracles, why, test: these cannot be written otherwise, for it is signed; the other oracle must agree
    ("q= is a list", "dkimpy", "RFC 6376 3.5: methods in a colon-separated list, unknown ones ignored; dkimpy knows one word",
     lambda c: c.said.startswith("fail:ValidationError q=") and b"dns/txt" in [w.strip() for w in c.tags[b"q"].split(b":")]),
    ("t= tomorrow", "opendkim dkimpy", "RFC 6376 3.5: may be refused; libopendkim allows 300 s, dkimpy 10 h, mailcert 24 h, for clocks "
     "and their zones are often wrong",
     lambda c: c.number(b"t") is not None and c.now + (300 if c.oracle == "opendkim" else 36000) <= c.number(b"t") <= c.now + 86400),
    ("t= in 1970", "opendkim", "libopendkim calls that the future",
     lambda c: c.said == "fail:4" and c.number(b"t") == 1),
    ("no address in the first From", "opendkim", "libopendkim then reads no signature; the verdict is missing-header, malformed or "
     "duplicate-header", lambda c: c.said == "unread:5" and b"@" not in first_from(c)),
    ("d= in U-labels", "opendkim", "RFC 8616 4: internationalized names may stand in d=, s= and i=; libopendkim then reads no signature",
     lambda c: c.said == "unread:5" and not c.tags[b"d"].isascii()),
    ("b= is not padded", "dkimpy", "RFC 6376 2.10: the grammar allows none, one or two \"=\"; the octets are the same",
     lambda c: c.said.startswith("fail:ValidationError b=") and is_base64_but_for_padding(c.tags[b"b"])),
    ("a bare RSAPublicKey", "opendkim", "RFC 6376 3.6.1 names that form; libopendkim reads SubjectPublicKeyInfo alone",
     lambda c: c.said == "fail:43" and any(is_bare_key(text) for text in c.records())),
)
