# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Seeded changes of mails for test-oracles.py: some before the mail is signed, some after."""

import functools
import re

import dkim
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, utils
from mail_signing import Signer

NAMES = ("From", "To", "Subject", "Message-ID", "Date", "Auto-Submitted", "Sender", "Reply-To", "Cc", "In-Reply-To",
         "References", "MIME-Version", "Content-Type", "Content-Transfer-Encoding", "List-Id", "X-Other")
CANONS = (b"simple", b"relaxed")
BLANKS = (b" ", b"  ", b"\t", b" \t ", b"\r\n ", b"\r\n\t", b" \r\n  ")
# What a tag may say instead: right, odd, wrong.
VALUES = {
    b"v": (b"1", b"2", b"", b"1.0"),
    b"a": (b"rsa-sha256", b"ed25519-sha256", b"rsa-sha1", b"RSA-SHA256", b"rsa-sha512", b""),
    b"c": (b"relaxed/relaxed", b"simple/simple", b"relaxed", b"simple", b"simple/relaxed", b"relaxed/simple", b"Relaxed", b"x"),
    b"d": (b"ca.test", b"CA.test", b"other.test", b"test", b"sub.ca.test", b"ca.test.", b""),
    b"s": (b"rsa", b"ed", b"RSA", b"missing", b"strict", b"testing", b"revoked", b"bare", b"rsa1024", b""),
    b"i": (b"@ca.test", b"acme@ca.test", b"@sub.ca.test", b"@other.test", b"@xca.test", b"x", b""),
    b"l": (b"0", b"1", b"57", b"99999", b"x", b"-1", b""),
    b"q": (b"dns/txt", b"dns", b"dns/txt:x", b"x:dns/txt", b"x", b""),
    b"t": (b"1", b"x", b"99999999999", b"", b"01763770000"),
    b"x": (b"1", b"99999999999", b"x", b"0", b""),
    b"z": (b"From:x|To:y", b"=3Bv=3D2", b""),
    b"n": (b"x", b"a b", b""),
    b"h": (b"from", b"to:subject", b"From:from:from", b"from:", b":from", b"from : to :\r\n subject", b""),
}


class FastKey:
    """dkimpy signs with RSA in Python alone: a signature by OpenSSL is the same octets."""

    def __init__(self, pem):
        self.key = serialization.load_pem_private_key(pem, None)

    def sign(self, digest):
        return self.key.sign(digest.digest(), padding.PKCS1v15(),
                             utils.Prehashed(hashes.SHA1() if digest.name == "sha1" else hashes.SHA256()))


dkim.RSASSA_PKCS1_v1_5_sign = lambda digest, key: key.sign(digest)
dkim.parse_pem_private_key = functools.lru_cache(None)(FastKey)


def parts(mail):
    """The fields, each with its line ends, and the rest."""
    head, blank, body = mail.partition(b"\r\n\r\n")
    fields = [field for field in re.split(rb"(?<=\r\n)(?![ \t])", head + b"\r\n") if field]
    return fields, blank[2:] + body


class Mutator:
    def __init__(self, random, keys, now):
        self.random, self.keys = random, keys
        near = [b"%d" % (now + offset) for offset in (-36001, -7200, -60, 60, 7200, 40000, 90000)]
        self.values = {**VALUES, b"t": VALUES[b"t"] + tuple(near), b"x": VALUES[b"x"] + tuple(near)}

    # --- before the signature

    def fields(self, mail):
        """Some field more, less, elsewhere or written otherwise."""
        fields, body = parts(mail)
        if not fields:
            return mail
        at = self.random.randrange(len(fields))
        do = self.random.choice(("copy", "drop", "swap", "case", "fold", "blank", "add", "end", "tail"))
        if do == "copy":
            fields.insert(self.random.randrange(len(fields) + 1), fields[at])
        elif do == "drop" and len(fields) > 1:
            del fields[at]
        elif do == "swap":
            other = self.random.randrange(len(fields))
            fields[at], fields[other] = fields[other], fields[at]
        elif do == "case":
            name, colon, value = fields[at].partition(b":")
            fields[at] = self.random.choice((name.upper(), name.lower(), name.swapcase())) + colon + value
        elif do == "fold":
            fields[at] = fields[at].replace(b" ", self.random.choice(BLANKS), self.random.choice((1, 2, -1)))
        elif do == "blank":
            name, colon, value = fields[at].partition(b":")
            fields[at] = name + self.random.choice((b"", b" ", b"\t")) + colon + self.random.choice((b"", *BLANKS)) + value
        elif do == "add":
            name = self.random.choice(NAMES)
            fields.insert(self.random.randrange(len(fields) + 1), name.encode() + b": " + self.random.choice(
                (b"", b"x", b"evil@other.test", "gr\u00fc\u00df@ca.test".encode(), b"a\r\n b", b"=?utf-8?Q?x?=")) + b"\r\n")
        elif do == "end":
            fields[at] = fields[at][:-2] + self.random.choice((b" ", b"\t", b"  \t", b"\r\n ", b" \r\n \t")) + b"\r\n"
        else:
            fields[at] = fields[at][:-2] + self.random.choice((b";", b":", b"\x0b", b"\x0c", b"\x7f", b"\xa0", b"\x00")) + b"\r\n"
        return b"".join(fields) + body

    def body(self, mail):
        head, blank, body = mail.partition(b"\r\n\r\n")
        body = self.random.choice((
            lambda: b"", lambda: body + b"\r\n" * self.random.randrange(1, 4), lambda: body + b" \r\n\t\r\n",
            lambda: body[:-2], lambda: body.replace(b" ", b" \t"), lambda: body.replace(b"\r\n", b" \r\n"),
            lambda: body + b"more", lambda: b"\r\n" + body, lambda: b" \t\r\n", lambda: b"\r\n\r\n", lambda: body + b" ",
            lambda: body + "Gr\u00fc\u00dfe\r\n".encode(), lambda: body + b"\0\r\n", lambda: b" " + body,
            lambda: b"\x0b \x0c\r\n"))()
        return head + blank + body

    def sign(self, mail):
        """A new signature over it as it stands, by tags of all kinds."""
        fields, _ = parts(mail)
        random = self.random
        names = [re.split(rb"[ \t:]", field)[0].decode("ascii", "replace") for field in fields]
        covered = [name for name in names if name.lower() != "dkim-signature"] + random.choices(NAMES, k=random.randrange(4))
        if random.random() < 0.2 and covered:
            del covered[random.randrange(len(covered))]
        if random.random() < 0.3:
            random.shuffle(covered)
        tags = {}
        for name in random.choices((b"l", b"q", b"t", b"x", b"z", b"n", b"i", b"c", b"h", b"d", b"v", b"a"),
                                   k=random.choice((0, 0, 0, 1, 1, 2))):
            tags[name] = random.choice(self.values[name])
        selector = random.choice(("ed", "rsa", "rsa1024", "rsa3072", "bare", "strict", "hashes", "rsa", "ed"))
        signer = Signer(mail, tags, minkey=512, signature_algorithm=(
            b"ed25519-sha256" if selector == "ed" else b"rsa-sha1" if random.random() < 0.05 else b"rsa-sha256"))
        header = signer.sign(selector.encode(), random.choice((b"ca.test",) * 8 + (b"other.test", b"CA.test")),
                             self.keys.private[selector],
                             canonicalize=(random.choice(CANONS), random.choice(CANONS)),
                             include_headers=["From", *covered])
        return header + mail

    # --- after it

    def flip(self, mail):
        at = self.random.randrange(len(mail))
        return mail[:at] + bytes([mail[at] ^ 1 << self.random.randrange(8)]) + mail[at + 1:]

    def octet(self, mail):
        at = self.random.randrange(len(mail))
        return mail[:at] + self.random.choice((b"", b"\r", b"\n", b"\r\n", b" ", b"\t", b"\0", b":", b";", b"\xff", b"=")) + mail[
            at + self.random.randrange(2):]

    def ends(self, mail):
        return self.random.choice((
            lambda: mail.replace(b"\r\n", b"\n"), lambda: mail.replace(b"\r\n", b"\n", self.random.randrange(1, 6)),
            lambda: mail.replace(b"\r\n", b"\r"), lambda: b"From acme@ca.test Sun Nov 22 01:51:00 2026\r\n" + mail,
            lambda: mail.rstrip(b"\r\n"), lambda: mail + b"\r\n\r\n"))()

    def tags(self, mail):
        """Something in a DKIM-Signature."""
        fields, body = parts(mail)
        places = [i for i, field in enumerate(fields) if field.lower().startswith(b"dkim-signature:")]
        if not places:
            return self.fields(mail)
        at = self.random.choice(places)
        name, _, value = fields[at].partition(b":")
        tags = value.rstrip(b"\r\n").split(b";")
        which = self.random.randrange(len(tags))
        tag, equals, text = tags[which].partition(b"=")
        do = self.random.choice(("value", "value", "drop", "twice", "move", "blank", "inside", "case", "new", "end", "empty"))
        if do == "value" and tag.strip() in self.values:
            tags[which] = tag + equals + self.random.choice(self.values[tag.strip()])
        elif do == "drop":
            del tags[which]
        elif do == "twice":
            tags.insert(self.random.randrange(len(tags) + 1), tags[which])
        elif do == "move":
            tags.insert(self.random.randrange(len(tags)), tags.pop(which))
        elif do == "blank":
            tags[which] = tag + self.random.choice(BLANKS) + equals + self.random.choice(BLANKS) + text
        elif do == "inside" and text:
            place = self.random.randrange(len(text))
            tags[which] = tag + equals + text[:place] + self.random.choice(BLANKS) + text[place:]
        elif do == "case":
            tags[which] = self.random.choice((tag.upper() + equals + text, tag + equals + text.swapcase()))
        elif do == "new":
            new = self.random.choice(list(self.values))
            tags.insert(self.random.randrange(len(tags) + 1), b" " + new + b"=" + self.random.choice(self.values[new]))
        elif do == "end":
            tags.append(self.random.choice((b"", b" ", b"\r\n\t", b";", b" x", b"=")))
        else:
            tags[which] = self.random.choice((b"", b" ", tag, tag + b"=", b"_x=1", b"1x=1", b"x y=1"))
        fields[at] = name + b":" + b";".join(tags) + b"\r\n"
        return b"".join(fields) + body

    # --- all of it

    def some(self, mail, changes, most):
        for _ in range(self.random.randrange(1, most + 1)):
            mail = self.random.choice(changes)(mail)
        return mail

    def mutant(self, plain, signed):
        """One of PLAIN, changed and then signed; or of SIGNED; and changed thereafter, or not."""
        after = (self.flip, self.octet, self.ends, self.tags, self.tags, self.fields, self.fields, self.body)
        if self.random.random() < 0.5:
            return self.some(self.random.choice(signed), after, 3)
        mail = self.some(self.random.choice(plain), (self.fields, self.fields, self.body), 3)
        try:
            mail = self.sign(mail)
        except (dkim.DKIMException, IndexError):  # a mail that dkimpy does not read; it stays unsigned
            pass
        return self.some(mail, after, 2) if self.random.random() < 0.4 else mail
