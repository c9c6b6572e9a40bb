#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""make-seeds.py MAILS DIR: writes DIR/NAME/* for each fuzzer fuzz-NAME that reads mails, in its own form. MAILS has the folders
that make-mails.py ("dkim") and make-smime-mails.py ("smime") have made, or none where their tools are missing."""

import os
import shutil
import sys

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


def main(mails, target):
    shutil.rmtree(target, ignore_errors=True)
    os.makedirs(os.path.join(target, "chain"))  # make-chain-seeds fills it
    make_dkim_mails(target, os.path.join(mails, "dkim"))
    make_smime_mails(target, os.path.join(mails, "smime"))


if __name__ == "__main__":
    main(*sys.argv[1:])
