# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A mail as octets: header fields in order with their raw values, and the body.

Hostile input gives odd values, never an exception.
"""

import email
import email.header
import email.utils
import re

FIELD = re.compile(rb"([!-9;-~]+)[ \t]*:(.*)", re.S)


class Message:
    def __init__(self, raw):
        self.raw = raw
        head, separator, self.body = raw.partition(b"\r\n\r\n")
        if not separator:
            head, separator, self.body = raw.partition(b"\n\n")
        self.fields = []                # (lower-case name, raw value with its folds)
        self.junk = []                  # header lines that are no field
        for line in re.split(rb"\r?\n(?![ \t])", head):
            match = FIELD.fullmatch(line)
            if match:
                self.fields.append((match.group(1).decode("ascii").lower(), match.group(2)))
            elif line:
                self.junk.append(line)

    def raws(self, name):
        """The raw values of every field of this name."""
        return [value for key, value in self.fields if key == name]

    def text(self, name):
        """The first field's value unfolded and trimmed, '' if absent."""
        for value in self.raws(name):
            return re.sub(rb"\r?\n", b"", value).decode("utf-8", "surrogateescape").strip()
        return ""

    def decoded(self, name):
        """The same with encoded-words decoded."""
        text = self.text(name).encode("utf-8", "replace").decode()
        try:
            return str(email.header.make_header(email.header.decode_header(text)))
        except (ValueError, LookupError):
            return text

    def addresses(self, name):
        """The addr-specs in all fields of this name."""
        values = [re.sub(rb"\r?\n", b"", value).decode("utf-8", "surrogateescape") for value in self.raws(name)]
        return [address for _, address in email.utils.getaddresses(values) if address]

    def mime(self):
        """The parsed MIME tree."""
        return email.message_from_bytes(self.raw)
