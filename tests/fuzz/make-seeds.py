#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""make-seeds.py MAILS DIR: writes DIR/NAME/* for each fuzzer fuzz-NAME that has more seeds than tests/data. MAILS has the folders
that make-mails.py ("dkim") and make-smime-mails.py ("smime") have made, or none where their tools are missing."""

import base64
import hashlib
import os
import shutil
import sys

FUZZ = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True  # not into the source tree
sys.path.insert(0, os.path.join(os.path.dirname(FUZZ), "data"))
LARGEST = 64 * 1024  # replay.c's limit, and libFuzzer is told the same


def write(folder, name, octets):
    os.makedirs(folder, exist_ok=True)
    if len(octets) <= LARGEST:
        with open(os.path.join(folder, name), "wb") as file:
            file.write(octets)


def read(path):
    with open(path, "rb") as file:
        return file.read()


def mails_of(folder):
    """The mails in FOLDER, by name."""
    if not os.path.isdir(folder):
        return {}
    return {name[:-4]: read(os.path.join(folder, name)) for name in sorted(os.listdir(folder)) if name.endswith(".eml")}


def records_of(folder):
    """The TXT records, by name."""
    with open(os.path.join(folder, "zone.tsv"), "rb") as zone:
        rows = [line.rstrip(b"\n").split(b"\t", 2) for line in zone]
    return {name: text for name, status, text in rows if status == b"found"}


def tags_of(value):
    pairs = (part.split(b"=", 1) for part in value.split(b";") if b"=" in part)
    return {name.strip(): b"".join(text.split()) for name, text in pairs}


def signature_of(mail):
    """The value of the first DKIM-Signature, folded as it is."""
    header = mail.replace(b"\r\n", b"\n").split(b"\n\n")[0]
    for field in header.replace(b"\n ", b" ").replace(b"\n\t", b" ").split(b"\n"):
        if field.lower().startswith(b"dkim-signature:"):
            return field[15:]
    return None


def make_dkim_mails(target, folder):
    """fuzz-peek and fuzz-message: a mail; after it, for the latter, the key record. fuzz-dkim: signature and record."""
    mails = mails_of(folder)
    records = records_of(folder) if mails else {}
    for name, mail in mails.items():
        signature = signature_of(mail)
        tags = tags_of(signature or b"")
        record = records.get(b"%s._domainkey.%s" % (tags.get(b"s", b""), tags.get(b"d", b"").lower()))
        write(os.path.join(target, "peek"), name, mail)
        write(os.path.join(target, "message"), name, mail + (b"" if record is None else b"\n" + record))
        if signature is not None and record is not None:
            write(os.path.join(target, "dkim"), name, signature + b"\n" + record)


def make_smime_mails(target, folder):
    """fuzz-smime: a mail and the certificates of mail-roots."""
    for name, mail in mails_of(folder).items():
        write(os.path.join(target, "smime"), name, mail + b"\n" + read(os.path.join(folder, "roots.pem")))


FORGED_AT = 1795312260  # fuzz-forge's NOW: its seeds are the same for ever
NEEDED = ["From", "To", "Subject", "Message-ID", "Date", "Auto-Submitted"]


def make_genuine_mails(target):
    """fuzz-forge: mails signed with the one key that it publishes; that and their values stand in fuzz-forge.c, too."""
    try:
        from mail_signing import Signer
    except ImportError:
        return
    key = base64.b64encode(hashlib.sha256(b"mailcert fuzz-forge").digest())
    kinds = [(canon, extent) for canon in ("simple/simple", "relaxed/relaxed") for extent in ("present", "oversigned", "twice")]
    for n in range(2 * len(kinds)):
        canon, extent = kinds[n // 2]
        reply_to = ["Reply-To"] if n % 2 == 1 else []
        text = ("From: acme+2i211oi1204310@ca.test\r\nTo: Alice@example.test\r\n"
                "Subject: ACME: LgYemJLy3F1LDkiJrdIGbEzyFJyOyf6vBdyZ1TG3sME\r\nMessage-ID: <%d@ca.test>\r\n"
                "Date: Sun, 22 Nov 2026 01:51:00 +0000\r\nAuto-Submitted: auto-generated; type=acme\r\n%s\r\n"
                "This is a challenge.\r\n" % (n, "Reply-To: replies+1@ca.test\r\n" if reply_to else "")).encode()
        names = NEEDED + reply_to if extent == "present" else 2 * NEEDED + [
            "Reply-To", "Sender", "Cc", "In-Reply-To", "References", "Content-Type", "Content-Transfer-Encoding"] + reply_to
        for _ in range(2 if extent == "twice" else 1):
            signer = Signer(text, {b"t": b"%d" % FORGED_AT}, signature_algorithm=b"ed25519-sha256", minkey=512)
            text = signer.sign(b"key", b"ca.test", key, canonicalize=tuple(canon.encode().split(b"/")),
                               include_headers=names) + text
        write(os.path.join(target, "forge"), str(n), text)


TEXTS = ["Sun, 22 Nov 2026 01:51:00 +0000 (UTC)", "22 Nov 2026 01:51 GMT", "Alice (me) <Alice@example.test>, \"B, C\" <b@c.test>",
         "undisclosed-recipients:;", "<@relay.test,@b.test:alice@example.test>", "\"a b\"@[127.0.0.1]", "alice@b\u00fccher.test",
         "=?UTF-8?Q?ACME:_LgYemJLy3F1=3D?= =?utf-8*en?B?QUNNRQ==?=", "=?iso-8859-1?q?x?=", "xn--bcher-kva.test", "B\u00fccher.Test",
         "<A2299BB.FF7788@ca.test>", "LgYemJLy3F1LDkiJrdIGbEzyFJyOyf6vBdyZ1TG3sME", "QUNNRQ==", "imaps://imap.example.org:993",
         "imap://[::1]/", "kid = kid-1\nhmac-key = zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W\n",
         '{"kid": "kid-1", "hmac-key": "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W"}']
TEXTS += ["\0\x09issuemailca.test; a=1", "\x80\x03tbsx", "\0\x0a\2mx\4test\0", "v=DMARC1; p=reject; adkim=s", "ca.test ; a=b; c=d",
          "mutt-key\ttrouble\tIt signs with another key.\tRead it again.\t/home/me/.muttrc\n"]
TALKS = ["S220 mail ESMTP\r\n250-mail\r\n250-SIZE 1000\r\n250-AUTH PLAIN XOAUTH2\r\n250 SMTPUTF8\r\n235 2.7.0 ok\r\n",
         "S550-5.7.1 no\r\n550 5.7.1 never\r\n", "S421\r\n", "S250-one\r\n251 two\r\n",
         "* OK [CAPABILITY IMAP4rev1 {9}] ready\r\n* LIST (\\Junk) \"/\" {4}\r\nJunk\r\na OK done\r\n",
         "* 1 FETCH (UID 5 BODY[] {12}\r\nSubject: x\r\n BODYSTRUCTURE (((\"TEXT\" \"PLAIN\"))))\r\n", "* SEARCH {4294967295}\r\n",
         "* 1 FETCH " + "(" * 65]


def make_values(target):
    for kind, values in (("text", TEXTS), ("server", TALKS)):
        for n, value in enumerate(values):
            write(os.path.join(target, kind), str(n), value.encode())


def main(mails, target):
    shutil.rmtree(target, ignore_errors=True)
    os.makedirs(os.path.join(target, "chain"))  # make-chain-seeds fills it
    make_dkim_mails(target, os.path.join(mails, "dkim"))
    make_smime_mails(target, os.path.join(mails, "smime"))
    make_genuine_mails(target)
    make_values(target)


if __name__ == "__main__":
    main(*sys.argv[1:])
