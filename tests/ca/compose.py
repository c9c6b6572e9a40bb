# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Composes the challenge mail of RFC 8823 3.1, unsigned (A30 to A36, A43)."""

import base64
import email.utils
import secrets
from datetime import datetime, timezone

TEXT = """This is an automatic mail. It proves that you can read mail to this address.

A certificate for {address} was asked for. If that was you, your mail
program answers this mail by itself and there is nothing to do. If it was
not you, delete this mail.
"""

HTML = "<html><body><p>This mail is about a certificate for {address}. There is nothing to do.</p></body></html>\n"


def _q_word(text, charset):
    """An encoded-word in Q; '_' would mean a blank there, so it is escaped as well (RFC 2047 4.2)."""
    octets = "".join(char if char.isalnum() or char in "-:" else f"={ord(char):02X}" for char in text)
    return f"=?{charset}?Q?{octets}?="


def _b_word(text, charset):
    return f"=?{charset}?B?{base64.b64encode(text.encode()).decode()}?="


def subject(token1, style):
    """The Subject's raw value in one of the forms that A33 and A34 allow."""
    half = len(token1) // 2
    if style == "fold":
        return f"ACME:\r\n {token1[:half]}\r\n {token1[half:]}"
    if style == "encoded":
        return _q_word("ACME: " + token1, "UTF-8")
    if style == "encoded-fold":
        return _q_word("ACME: " + token1[:half], "us-ascii*en") + "\r\n " + _b_word(token1[half:], "utf-8")
    return "ACME: " + token1


def _entity(kind, address):
    """Header lines of the MIME entity, and its body."""
    if kind == "alternative":
        mark = "=_" + secrets.token_hex(12)
        body = ""
        for name in ("text", "html"):
            lines, part = _entity(name, address)
            body += f"--{mark}\n" + "\n".join(lines) + "\n\n" + part + "\n"
        head = [f'Content-Type: multipart/alternative; boundary="{mark}"', "Content-Transfer-Encoding: 8bit"]
        return head, body + f"--{mark}--\n"
    text, form = (TEXT, "plain") if kind == "text" else (HTML, "html")
    encoding = "7bit" if address.isascii() else "8bit"
    head = [f"Content-Type: text/{form}; charset=utf-8", f"Content-Transfer-Encoding: {encoding}"]
    return head, text.format(address=address)


def compose(options, challenge):
    """The mail's octets, CRLF; sets challenge.message_id."""
    address = challenge.authz.identifier
    domain = challenge.sender.rpartition("@")[2]
    challenge.message_id = f"<{secrets.token_hex(10)}.{secrets.token_hex(4)}@{domain}>"
    lines = ["From: " + challenge.sender, "To: " + address]
    if challenge.reply_to:
        lines.append("Reply-To: " + challenge.reply_to)
    if options.cc:
        lines.append("Cc: " + options.cc)
    lines += [
        "Subject: " + subject(challenge.token1, options.subject),
        "Date: " + email.utils.format_datetime(datetime.now(timezone.utc)),
        "Message-ID: " + challenge.message_id,
        "Auto-Submitted: auto-generated" + ("; type=acme" if options.type_acme == "yes" else ""),
        "MIME-Version: 1.0",
    ]
    entity, body = _entity(options.body, address)
    text = "\r\n".join(lines + entity) + "\r\n\r\n" + body.replace("\n", "\r\n")
    return text.encode("utf-8")
