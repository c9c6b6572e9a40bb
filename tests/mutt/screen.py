# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""mutt or neomutt on a terminal of tmux, in the home of a person who has written one line into its configuration."""

import os
import re
import subprocess
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cli"))
from recipe import recipe  # noqa: E402
from stage import MAILCERT, TESTS, TIMEOUT, Person  # noqa: E402

PATIENCE = int(os.environ.get("MC_PATIENCE", "60"))  # seconds until something that must come counts as missing
EXEC = os.path.join(os.path.dirname(TESTS), "plugin", "mutt")


class MuttUser(Person):
    """mailcert is installed for her, and her mailcert.conf says nothing of mutt or of her account."""

    def __init__(self, sandbox, ca, client, gpgme=True, settings=(), **keys):
        super().__init__(sandbox, ca, **keys)
        self.client = client
        del self.keys["account " + self.user]
        self.config = os.path.join(self.home, ".config", "mailcert", "mailcert.conf")
        self.data = os.path.join(self.home, ".local", "share", "mailcert")
        self.gnupg = os.path.join(self.home, ".gnupg")
        self.settings = os.path.join(self.home, ".config", "mailcert", "mutt", "settings." + ("yes" if gpgme else "no"))
        for folder in (os.path.dirname(self.config), self.gnupg, os.path.join(self.home, "bin"), os.path.join(self.home, "exec", "account")):
            os.makedirs(folder, 0o700)
        self.write()
        build = os.path.dirname(MAILCERT)
        os.symlink(MAILCERT, os.path.join(self.home, "bin", "mailcert"))
        os.symlink(os.path.join(build, "mailcert-mutt"), os.path.join(self.home, "exec", "mailcert-mutt"))
        os.symlink(os.path.join(EXEC, "account", "mutt"), os.path.join(self.home, "exec", "account", "mutt"))
        with open(os.path.join(self.home, ".%src" % client), "w") as file:
            file.write(self.muttrc(gpgme) + "".join(line + "\n" for line in settings) + recipe("Setting up"))

    def muttrc(self, gpgme):
        """What she had before: her address, her mailbox, how she sends."""
        facts = self.sandbox.facts
        return """set from="Alice <%s>"
set realname="Alice" use_from=yes mbox_type=Maildir folder="%s" spoolfile="%s" record="%s/sent"
set smtp_url="%s" smtp_pass="`cat %s`"
set ssl_ca_certificates_file="%s" ssl_verify_host=no ssl_verify_dates=no
set abort_nosubject=no abort_unmodified=no sleep_time=0 wait_key=yes confirmappend=no crypt_use_gpgme=%s
set editor="/bin/true" sort=date-received help=no mail_check=1 timeout=1 crypt_verify_sig=no
set smime_timeout=300
""" % (self.user, facts["users"][self.user]["maildir"], facts["users"][self.user]["maildir"], self.home,
       facts["submissions"]["address_url"].replace("://", "://%s@" % self.user.replace("@", "%40")), facts["users"][self.user]["password_file"],
       facts["tls_ca"], "yes" if gpgme else "no")

    def environment(self, **more):
        environment = super().environment(TERM="screen", MAILCERT_EXEC_PATH=os.path.join(self.home, "exec"), **more)
        environment["PATH"] = os.path.join(self.home, "bin") + ":" + os.environ["PATH"]
        del environment["GNUPGHOME"]
        return environment

    def words(self, *words):
        return ["mailcert", *words]


class Screen:
    """The client, running; gone at the end of the with block."""

    def __init__(self, person, *words):
        self.person = person
        self.socket = os.path.join(person.home, "tmux")
        self.tmux("-f", "/dev/null", "new-session", "-d", "-x", "120", "-y", "40", person.client, *words)

    def tmux(self, *words):
        return subprocess.run(["tmux", "-S", self.socket, *words], env=self.person.environment(), cwd=self.person.home,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=TIMEOUT).stdout

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.tmux("kill-server")

    def text(self):
        return self.tmux("capture-pane", "-p")

    def until(self, pattern):
        """The screen as soon as PATTERN is on it; None where it never is."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            text = self.text()
            if re.search(pattern, text):
                return text
            time.sleep(0.05)  # a screen cannot be waited for
        return None

    def until_mail(self, pattern):
        """The same for mail that arrives: the client looks into its mailbox when it is told to. It goes by the folder's time, in whole
        seconds, and so overlooks a second mail within one."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            os.utime(os.path.join(self.person.sandbox.facts["users"][self.person.user]["maildir"], "new"))
            self.type("$")
            text = self.text()
            if re.search(pattern, text):
                return text
            time.sleep(0.2)  # as above
        return None

    def type(self, *keys):
        self.tmux("send-keys", *keys)

    def line(self, text):
        """TEXT as it is, and Enter."""
        self.tmux("send-keys", "-l", text)
        self.tmux("send-keys", "Enter")
