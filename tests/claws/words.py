# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The languages of the screen."""

import gettext
import os
import subprocess

PO = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))), "po")


class Words:
    """What stands on the screen in LANGUAGES, the best first, for the English words of mailcert and of Claws Mail."""

    def __init__(self, languages, home):
        path = os.path.join(home, "locale")
        for language in languages:
            if os.path.exists(os.path.join(PO, language + ".po")):
                place = os.path.join(path, language, "LC_MESSAGES")
                os.makedirs(place)
                subprocess.run(["msgfmt", "-o", os.path.join(place, "mailcert.mo"), os.path.join(PO, language + ".po")], check=True)
        self.catalogs = [gettext.translation(*place, languages) for place in (("claws-mail", "/usr/share/locale"), ("mailcert", path)) if languages]
        self.known = [{self.bare(key): self.bare(value) for key, value in catalog._catalog.items() if isinstance(key, str)}
                      for catalog in self.catalogs]

    @staticmethod
    def bare(words):
        """Without the mark of the mnemonic."""
        return words.replace("_", "")

    def theirs(self, words):
        """Claws Mail's own."""
        return self.catalogs[0].gettext(words) if self.catalogs else words

    def all(self, words):
        """In either's translation."""
        return {known[words] for known in self.known if words in known} or {words}
