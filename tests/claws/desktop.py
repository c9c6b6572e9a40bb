# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A person who uses Claws Mail by what a screen reader sees."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(os.path.dirname(HERE), "cli")]
import stage  # noqa: E402
from screen import PLUGIN, Desktop, children  # noqa: E402
from words import Words  # noqa: E402

PROBE = os.path.join(os.path.dirname(PLUGIN), "probe.so")
WINDOWS = ("Preferences", "Get S/MIME certificate", "S/MIME certificate", "Certificate details", "Choose a passphrase for your new key.",
           "Your key is needed.", "Do you trust test?")
MENU = "Get S/MIME certificate…"


class Claws:
    """Claws Mail with a profile of its own and our plugin. KIND: how mail comes: imap, pop, mbox, mh."""

    def __init__(self, desktop, sandbox, ca, kind="imap", user="alice@example.test", plugins=(), trusted=True, keys="",
                 mails=0, smtp=None, language=""):
        self.desktop, self.sandbox, self.ca, self.kind, self.user = desktop, sandbox, ca, kind, user
        self.home = tempfile.mkdtemp(prefix="mc-claws-", dir="/tmp")
        self.gnupg = os.path.join(self.home, ".gnupg")
        self.profile = os.path.join(self.home, ".claws-mail")
        self.inbox = os.path.join(self.home, "Mail", "inbox")
        self.mbox = os.path.join(self.home, "mbox")
        self.smtp = smtp or sandbox.facts["submission_plain"]
        self.language, self.words = language, Words([word for word in language.split(":") if word], self.home)
        self.activations = 0
        self.typed = 0
        self.changed = 0  # the time that the inbox was given last
        self.process = None
        for folder in ("inbox", "sent", "draft", "queue", "trash"):
            os.makedirs(os.path.join(self.home, "Mail", folder))
        os.makedirs(self.gnupg, 0o700)
        os.makedirs(self.profile)
        os.makedirs(os.path.join(self.home, ".config", "mailcert"))
        for number in range(1, mails + 1):
            with open(os.path.join(self.inbox, str(number)), "w") as file:
                file.write("From: bob@example.test\nTo: %s\nSubject: old %d\nMessage-ID: <%d@example.test>\n\n" % (user, number, number))
        self.write_mailcert(keys)
        self.write_profile(plugins)
        if trusted:
            with open(os.path.join(self.gnupg, "trustlist.txt"), "w") as file:
                file.write(self.root_sha1() + " S relax\n")

    def root_sha1(self):
        done = subprocess.run(["openssl", "x509", "-in", self.ca.ready["root"], "-noout", "-fingerprint", "-sha1"],
                              check=True, capture_output=True, text=True)
        return done.stdout.strip().split("=")[1].replace(":", "")

    def write_mailcert(self, keys):
        with open(os.path.join(self.home, ".config", "mailcert", "mailcert.conf"), "w") as file:
            file.write("[mailcert]\ndefault-ca = test\nresolver = %s\n%s\n[ca test]\ndirectory = %s\nca-file = %s\nmail-roots = %s\n"
                       % (self.sandbox.facts["dns"], keys, self.ca.ready["directory"], self.ca.ready["tls_root"],
                          self.ca.ready["root"]))
            if self.sandbox.facts.get("anchor"):
                file.write("")

    def write_profile(self, plugins):
        facts = self.sandbox.facts
        password = facts["users"][self.user]["password"]
        smtp, imap = self.smtp, facts["imap_plain"]
        receive = {"imap": "protocol=1\nreceive_server=%s\nset_imapport=1\nimap_port=%d\nssl_imap=0\nimap_auth_method=0\n"
                           % (imap["host"], imap["port"]),
                   "mbox": "protocol=3\nlocal_mbox=%s\nlocal_inbox=#mh/Mailbox/inbox\n" % self.mbox,
                   "mh": "protocol=4\n"}
        if "pop3_plain" in facts:
            receive["pop"] = ("protocol=0\nreceive_server=%s\nset_popport=1\npop_port=%d\nssl_pop=0\ninbox=#mh/Mailbox/inbox\n"
                              % (facts["pop3_plain"]["host"], facts["pop3_plain"]["port"]))
        self.write("accountrc", "[Account: 1]\naccount_name=alice\nis_default=1\nname=Alice\naddress=%s\nuser_id=%s\n"
                   "password=%s\nreceive_at_get_all=1\nsmtp_server=%s\nset_smtpport=1\nsmtp_port=%d\nuse_smtp_auth=1\n"
                   "smtp_auth_method=0\nsmtp_user_id=%s\nsmtp_password=%s\nssl_smtp=0\ngen_msgid=1\nfilter_on_receive=1\n"
                   "filterhook_on_receive=1\nconfig_version=4\n%s\n"
                   % (self.user, self.user, password, smtp["host"], smtp["port"], self.user, password, receive[self.kind]))
        items = "".join('<folderitem type="%s" name="%s" path="%s" mtime="0"/>' % (kind, name, name) for kind, name in (
            ("inbox", "inbox"), ("outbox", "sent"), ("draft", "draft"), ("queue", "queue"), ("trash", "trash")))
        remote = '<folder type="imap" name="alice" account_id="1"><folderitem type="inbox" name="INBOX" path="INBOX"/></folder>'
        self.write("folderlist.xml", '<?xml version="1.0" encoding="UTF-8"?>\n<folderlist config_version="4"><folder type="mh" '
                   'name="Mailbox" path="Mail">%s</folder>%s</folderlist>\n' % (items, remote if self.kind == "imap" else ""))
        self.write("clawsrc", "[Common]\nconfig_version=4\nautochk_newmail=0\ncheck_on_startup=0\nclose_receive_dialog=1\n"
                   "no_receive_error_panel=1\nenable_aspell=0\nsave_message=1\nwarn_dnd=0\nautosave=0\n\n"
                   "[Plugins_Common]\n\n[Plugins_GTK3]\n%s%s\n" % ("".join(name + "\n" for name in plugins), PLUGIN))

    def write(self, name, text):
        with open(os.path.join(self.profile, name), "w") as file:
            file.write(text)

    def read(self, name):
        with open(os.path.join(self.profile, name)) as file:
            return file.read()

    def environment(self):
        environment = {"PATH": os.path.join(self.home, "bin") + ":" + os.environ["PATH"], "HOME": self.home, "LC_ALL": "C.UTF-8", "LANGUAGE": self.language,
                       "MAILCERT_LOCALE_PATH": os.path.join(self.home, "locale"),
                       "G_MESSAGES_DEBUG": "mailcert", "MAILCERT_PLUGIN": PLUGIN, "XDG_CONFIG_HOME": os.path.join(self.home, ".config")}
        environment.update(self.desktop.variables)
        return environment

    # --- the program ---

    def start(self):
        self.launch()
        self.desktop.until(lambda: self.find("menu item", MENU), "the menu entry")

    def launch(self, wrapper=(), **variables):
        self.log = open(os.path.join(self.home, "log"), "a")
        self.life = len(self.whole_log())
        self.process = subprocess.Popen([*wrapper, "claws-mail"], env={**self.environment(), **variables}, cwd=self.home,
                                        stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)

    def tell(self, *words):
        subprocess.run(["claws-mail", *words], env=self.environment(), stdin=subprocess.DEVNULL, capture_output=True,
                       check=True, timeout=stage.TIMEOUT)

    def reload(self):
        """The plugin goes and comes again, where PROBE is among the plugins."""
        self.process.send_signal(signal.SIGUSR1)
        self.desktop.until(lambda: "probe: loaded, fine" in self.told(), "the plugin to be loaded again")
        if "probe: unloaded, gone" not in self.told():
            raise TimeoutError("the plugin was not unloaded")

    def end(self):
        if self.process is not None and self.process.poll() is None:
            self.tell("--exit")
            code = self.process.wait(stage.TIMEOUT)
            self.process = None
            return code
        return None

    def kill(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()
        environment = {**self.environment(), "GNUPGHOME": self.gnupg}
        subprocess.run(["gpgconf", "--kill", "all"], env=environment, stdin=subprocess.DEVNULL)
        shutil.rmtree(self.home, ignore_errors=True)

    def whole_log(self):
        with open(os.path.join(self.home, "log"), errors="replace") as file:
            return file.read()

    def told(self):
        """Since it was started last."""
        return self.whole_log()[self.life:]

    def status(self):
        """Of the request: what the command line says of it."""
        done = subprocess.run([stage.MAILCERT, "status", "--json"], env=self.environment(), capture_output=True, check=True)
        return json.loads(done.stdout)["enrollments"][0]

    def reached(self, state):
        """The request has come to STATE, and perhaps beyond."""
        self.desktop.until(lambda: any(entry["state"] == state for entry in self.status()["history"]), state)

    # --- what is on the screen ---

    def application(self):
        for application in children(self.desktop.atspi.get_desktop(0)):
            if application.get_name() == "claws-mail" and self.process is not None \
                    and application.get_process_id() == self.process.pid:
                return application
        return None

    def walk(self, node, most=12):
        yield node
        if most > 0 and node.get_role_name() not in ("table", "tree table", "tree"):
            for child in children(node):
                yield from self.walk(child, most - 1)

    def showing(self, node):
        return node.get_state_set().contains(self.desktop.atspi.StateType.SHOWING)

    def find(self, role, name, shown=False):
        names = self.words.all(name)
        try:
            application = self.application()
            for node in self.walk(application) if application else ():
                said = node.get_name() or ""
                if node.get_role_name() == role and (said in names or role == "label" and said.startswith(name)) and \
                        (not shown or self.showing(node)):
                    return node
        except Exception as error:  # the tree changes while it is walked
            if "atspi_error" not in str(error) and "does not exist" not in str(error) and type(error).__name__ != "Error":
                raise
        return None

    def see(self, role, name):
        return self.desktop.until(lambda: self.find(role, name, True), "%s %r" % (role, name))

    def press(self, role, name, shown=True):
        """One activation by the person."""
        node = self.see(role, name) if shown else self.desktop.until(lambda: self.find(role, name), name)
        sensitive = self.desktop.atspi.StateType.SENSITIVE
        self.desktop.until(lambda: node.get_state_set().contains(sensitive), name + " to be usable")
        self.activations += 1
        node.do_action(0)

    def ask(self, terms=True, shot=None):
        """The menu entry, the terms, the button."""
        self.press("menu item", MENU, shown=False)
        if terms:
            self.press("check box", "I agree to the terms of test")
        if shot:
            self.desktop.shot(shot)
        self.press("push button", "Get certificate")

    def preferences(self):
        """Our page of the preferences. The rows of the tree that it was found in are returned."""
        self.press("menu item", "Preferences...", shown=False)
        table, row = self.desktop.until(self.page_row, "the page among the preferences")
        table.get_selection_iface().select_child(row)
        self.see("check box", "Answer a genuine check of the CA without asking")
        return [node.get_name() for node in children(table)]

    def page_row(self):
        application = self.application()
        for node in self.walk(application) if application else ():
            if node.get_role_name() == "tree table" and self.showing(node):
                for index, row in enumerate(children(node)):
                    if row.get_name() in self.words.all("S/MIME certificates"):
                        return node, index
        return None

    def entry(self, label):
        """The masked entry that this label names; its own name is empty."""
        def look():
            application = self.application()
            for node in self.walk(application) if application else ():
                if node.get_role_name() == "password text" and self.showing(node) and self.words.all(label) & set(self.labels(node)):
                    return node
            return None
        return self.desktop.until(look, "the entry %r" % label)

    def labels(self, node):
        relations, kind = node.get_relation_set(), self.desktop.atspi.RelationType.LABELLED_BY
        return [relation.get_target(index).get_name() for relation in relations if relation.get_relation_type() == kind
                for index in range(relation.get_n_targets())]

    def type(self, label, text):
        self.typed += 1
        node = self.entry(label)
        node.get_editable_text_iface().set_text_contents(text)

    def untouchable(self):
        """Controls on the screen, of ours and others', that a screen reader cannot name or a keyboard cannot reach."""
        roles, state = ("push button", "check box", "combo box", "password text", "text"), self.desktop.atspi.StateType
        return [(node.get_role_name(), node.get_name()) for window in self.windows() for node in self.walk(window)
                if node.get_role_name() in roles and self.showing(node)
                and (not (node.get_name() or self.labels(node))
                     # the button inside a combo box is what the keyboard reaches
                     or node.get_role_name() != "combo box" and not node.get_state_set().contains(state.FOCUSABLE))]

    def windows(self):
        """Ours, and the one that our page is in."""
        names = set().union(*(self.words.all(name) for name in WINDOWS))
        return [window for window in children(self.application()) if (window.get_name() or "") in names]

    def clashes(self):
        """Letters that stand for two things in one of our windows."""
        for window in self.windows():
            letters = [node.get_action_iface().get_key_binding(0).split(";")[0] for node in self.walk(window)
                       if self.showing(node) and node.get_action_iface() and node.get_action_iface().get_n_actions() > 0]
            yield from (letter for letter in sorted(set(letters)) if letter and letters.count(letter) > 1)

    def widths(self):
        """How narrow each of our windows and pages can be, as the plugin says."""
        return {name: int(width) for name, width in re.findall(r'"([^"]+)" can be (\d+) pixels wide', self.whole_log())}

    def texts(self):
        """All sentences that are on the screen."""
        application = self.application()
        return [node.get_name() for node in self.walk(application)
                if node.get_role_name() == "label" and self.showing(node)] if application else []

    # --- mail ---

    def maildir(self, user=None):
        top = self.sandbox.facts["users"][user or self.user]["maildir"]
        return [os.path.join(top, sub, name) for sub in ("new", "cur") if os.path.isdir(os.path.join(top, sub))
                for name in sorted(os.listdir(os.path.join(top, sub)))]

    def fetch(self):
        """The mail that has come to the mailbox reaches Claws Mail, in the way of KIND."""
        self.desktop.until(self.maildir, "mail in the mailbox")
        if self.kind == "mh":  # a folder that is open already is not read again; closing it writes into it
            self.tell("--select", "#mh/Mailbox/sent")
            self.see("label", "Sent")
        if self.kind in ("mbox", "mh"):
            for path in self.maildir():
                self.take(path)
        if self.kind == "mh":
            self.tell("--select", "#mh/Mailbox/inbox")
        else:
            self.tell("--receive-all")

    def take(self, path):
        with open(path, "rb") as file:
            mail = file.read().replace(b"\r\n", b"\n")
        os.unlink(path)
        if self.kind == "mbox":
            with open(self.mbox, "ab") as file:
                file.write(b"From a@b Sun Nov 22 02:00:00 2026\n" + mail + b"\n")
        else:
            numbers = [int(name) for name in os.listdir(self.inbox) if name.isdigit()]
            with open(os.path.join(self.inbox, str(max(numbers, default=0) + 1)), "wb") as file:
                file.write(mail)
            # Claws Mail overlooks what comes into a folder within the second in which it has read it.
            self.changed = max(time.time(), self.changed) + 2
            os.utime(self.inbox, (self.changed, self.changed))

    def compose(self, to="bob@example.test"):
        """A mail is written and sent with what the account says."""
        path = os.path.join(self.home, "draft")
        with open(path, "w") as file:
            file.write("To: %s\nSubject: signed?\n\nHello Bob.\n" % to)
        self.tell("--compose-from-file", path)
        before = len(self.maildir(to))
        self.press("menu item", "Send", shown=False)
        self.desktop.until(lambda: len(self.maildir(to)) > before, "the mail to " + to)
        with open(self.maildir(to)[-1], "rb") as file:
            return file.read()


__all__ = ["Claws", "Desktop", "MENU", "PLUGIN", "PROBE"]
