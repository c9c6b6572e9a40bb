# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lines that mailcert-mutt(7) tells people to paste: the tests paste them too."""

import os
import re

PAGE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "ui", "man", "mailcert-mutt.7")


def recipe(title):
    """The first example below the heading TITLE, as text."""
    with open(PAGE) as file:
        page = file.read()
    section = re.search(r'^\.S[SH] "?%s"?\n(.*?)(?=^\.S[SH] )' % re.escape(title), page, re.M | re.S).group(1)
    example = re.search(r"^\.EX\n(.*?)^\.EE", section, re.M | re.S).group(1)
    for escape, text in ((r"\-", "-"), (r"\(ti", "~"), (r"\(aq", "'"), (r"\(dq", '"'), (r"\(ga", "`"), (r"\(ha", "^"), (r"\&", ""), (r"\e", "\\")):
        example = example.replace(escape, text)
    return example
