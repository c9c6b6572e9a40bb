#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Verdicts per second on one core: ours, the least that any verifier must do (the floor), libopendkim and python3-dkim, all on one
2 KiB challenge with RSA-2048, the DNS answer at hand; and peek against a bare memchr pass. Every contestant has its turn in every
round, so that a ratio compares neighbours in time; what is printed is the median of the rounds' ratios and their middle half."""

import base64
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time

import dkim

PROGRAM = os.environ.get("VERDICT", "tests/bench/verdict")
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "200"))
TURNS = {"floor": 80, "dkim": 80, "judge": 80, "opendkim": 16, "peek": 10000, "memchr": 10000, "memchr-header": 10000, "dkimpy": 4}
SIGNED = ["From", "To", "Subject", "Message-ID", "Date", "Auto-Submitted", "Content-Type", "Content-Transfer-Encoding"]
RECEIVED = ("Received: from mx%d.ca.test (mx%d.ca.test [192.0.2.%d])\r\n\tby mail.example.test (Postfix) with ESMTPS id 4RkQ%05d\r\n"
            "\tfor <alice@example.test>; Sun, 22 Nov 2026 05:00:0%d +0000 (UTC)\r\n")
BODY = "This is a challenge  of a certification authority.\r\nYour mail program answers it.\r\n"


def openssl(*words, data=b""):
    return subprocess.run(["openssl", *words], input=data, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True).stdout


def write(folder, name, content):
    with open(os.path.join(folder, name), "wb") as file:
        file.write(content)


def make_challenge(folder, key):
    """The mail, and what its signature is about, made canonical (relaxed) by other code than ours."""
    received = "".join(RECEIVED % (i, i, i, i, i) for i in range(3))
    plain = ("From: acme+2i211oi1204310@ca.test\r\nTo: alice@example.test\r\n"
             "Subject: ACME: LgYemJLy3F1LDkiJrdIGbEzyFJyOyf6vBdyZ1TG3sME\r\nMessage-ID: <A2299BB.FF7788@ca.test>\r\n"
             "Date: Sun, 22 Nov 2026 05:00:00 +0000\r\nAuto-Submitted: auto-generated; type=acme\r\nMIME-Version: 1.0\r\n"
             "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 7bit\r\n\r\n").encode()
    body = (BODY * 20).encode()
    body = body[:2048 - len(plain) - len(received) - 620] + b"\r\n"
    options = {"canonicalize": (b"relaxed", b"relaxed"), "include_headers": [name.encode() for name in SIGNED]}
    field = dkim.sign(plain + body, b"s", b"ca.test", key, **options)
    mail = received.encode() + field + plain + body
    policy = dkim.CanonicalizationPolicy.from_c_value(b"relaxed/relaxed")
    headers, _ = dkim.rfc822_parse(field + plain + body)
    named = {name.lower(): (name, value) for name, value in headers}
    signature = named[b"dkim-signature"]
    tags = dict(re.findall(rb"(\w+)=([^;]+)", re.sub(rb"\s", b"", signature[1])))
    emptied = (signature[0], re.sub(rb"(;\s*b=)[^;]*", rb"\1", signature[1]))
    hashed = [named[name.lower()] for name in tags[b"h"].split(b":")] + [emptied]
    header = b"".join(b"%s:%s" % one for one in policy.canonicalize_headers(hashed)).rstrip(b"\r\n")
    for name, content in (("challenge.eml", mail), ("header", header), ("body", policy.canonicalize_body(body)),
                          ("signature", base64.b64decode(tags[b"b"]))):
        write(folder, name, content)
    return mail


def make_ordinary(folder):
    """Most mails end peek at their Subject; here nothing but the last line of the header does."""
    words = "".join(RECEIVED % (i, i, i, i, i) for i in range(4)) + "".join(
        "%s: some value of some length, as fields have\r\n" % name
        for name in ("Return-Path", "From", "To", "Message-ID", "Date", "MIME-Version", "Content-Type", "X-Mailer", "Subject"))
    write(folder, "ordinary.eml", (words + "\r\n" + BODY * 20).encode()[:2048])
    return 2048


def measure(child, record, mail):
    """One round: nanoseconds of CPU for one go of each."""
    result = {}
    for name, count in TURNS.items():
        if name == "dkimpy":
            start = time.process_time_ns()
            for _ in range(count):
                if not dkim.verify(mail, dnsfunc=lambda *_words, **_options: record):
                    sys.exit("bench: python3-dkim did not find the mail good")
            taken = time.process_time_ns() - start
        else:
            child.stdin.write("%s %d\n" % (name, count))
            child.stdin.flush()
            taken = int(child.stdout.readline())
        result[name] = taken / count
    return result


def ratio(rounds, upper, lower):
    values = sorted(one[upper] / one[lower] for one in rounds)
    quarter = len(values) // 4
    return "%.2f (%.2f-%.2f)" % (statistics.median(values), values[quarter], values[-1 - quarter])


def main():
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    with tempfile.TemporaryDirectory() as folder:
        key = openssl("genrsa", "-traditional", "2048")
        record = b"v=DKIM1; k=rsa; p=" + base64.b64encode(openssl("rsa", "-pubout", "-outform", "DER", data=key))
        modulus = openssl("rsa", "-noout", "-modulus", data=key).strip().split(b"=")[1]
        write(folder, "record", record)
        write(folder, "modulus", bytes.fromhex(modulus.decode()))
        mail = make_challenge(folder, key)
        ordinary = make_ordinary(folder)
        with subprocess.Popen([PROGRAM, folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
            measure(child, record, mail)  # warms caches
            rounds = [measure(child, record, mail) for _ in range(ROUNDS)]
            child.stdin.close()
    middle = {name: statistics.median(one[name] for one in rounds) for name in TURNS}
    print("verdict on a challenge of %d octets, one core, median (middle half) of %d rounds" % (len(mail), ROUNDS))
    for name, what in (("floor", "hashes, key from its numbers, verification"), ("dkim", "mail read, DKIM-Signature and key record judged"),
                       ("judge", "the whole verdict: DKIM, shape, addresses, state, list of checks"),
                       ("opendkim", "libopendkim"), ("dkimpy", "python3-dkim")):
        print("  %-10s %9.1f us  %8.0f a second   %s" % (name, middle[name] / 1e3, 1e9 / middle[name], what))
    for name in ("dkim", "judge"):
        print("  %-5s speed / floor        %-18s (target 0.8)" % (name, ratio(rounds, "floor", name)))
        print("  %-5s speed / libopendkim  %-18s (target 3)" % (name, ratio(rounds, "opendkim", name)))
        print("  %-5s speed / python3-dkim %s" % (name, ratio(rounds, "dkimpy", name)))
    print("peek into a mail of %d octets that only the last field gives away: %.0f ns" % (ordinary, middle["peek"]))
    print("  time / memchr pass over its lines        %-18s (target 1.5)" % ratio(rounds, "peek", "memchr"))
    print("  time / memchr pass over the header alone %s" % ratio(rounds, "peek", "memchr-header"))


main()
