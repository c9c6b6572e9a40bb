#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""mailcert mutt setup, send and decrypt by themselves: what is learnt from a configuration, what is kept of it, and what is not."""

import os
import re
import shutil
import stat
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path[:0] = [os.path.dirname(os.path.abspath(__file__)),
                os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cli")]
from alone import Home, SOURCE, told  # noqa: E402
from stage import MAILCERT, Tap  # noqa: E402

tap = Tap()
SECRET = "hunter2-secret"
LINE = 'source "mailcert mutt rc|"\n'


def program(home, name, text):
    path = home.file("bin/" + name, "#!/bin/sh\n" + text)
    os.chmod(path, 0o755)
    return path


def install(home):
    """mailcert in $PATH, mailcert-mutt in its libexec."""
    for place, target in (("bin/mailcert", MAILCERT), ("exec/mailcert-mutt", os.path.join(os.path.dirname(MAILCERT), "mailcert-mutt")),
                          ("exec/account/mutt", os.path.join(SOURCE, "plugin/mutt/account/mutt"))):
        os.makedirs(os.path.dirname(os.path.join(home.path, place)), exist_ok=True)
        os.symlink(target, os.path.join(home.path, place))


def run(home, *words, **keys):
    return home.run(*words, environment={"PATH": os.path.join(home.path, "bin") + ":" + os.environ["PATH"],
                                         "MAILCERT_EXEC_PATH": os.path.join(home.path, "exec")}, **keys)


def everything(home):
    """What stands below .config/mailcert: {name: text}."""
    found = {}
    for folder, _, names in os.walk(os.path.join(home.path, ".config", "mailcert")):
        for name in names:
            with open(os.path.join(folder, name)) as file:
                found[os.path.relpath(os.path.join(folder, name), home.path)] = file.read()
    return found


def account(text, address="me@example.org"):
    part = re.search(r"^\[account %s\]\n((?:[^\[\n].*\n)*)" % re.escape(address), text, re.M)
    return dict(line.split(" = ", 1) for line in part.group(1).splitlines()) if part else None


CASES = {  # name: (configuration, what [account me@example.org] must have, what must be said)
    "sendmail": ('set sendmail="%(home)s/bin/post -oem  -oi"\n', {"sendmail": "%(home)s/bin/post -oem -oi"}, ""),
    "sendmail with a sender": ('set sendmail="%(home)s/bin/post" use_envelope_from=yes\n', {"sendmail": "%(home)s/bin/post -f me@example.org"}, ""),
    "no sendmail": ('set sendmail="/nowhere/sendmail"\n', {}, "no way to send"),
    "smtp_url wins": ('set sendmail="%(home)s/bin/post" smtp_url="smtp://me:' + SECRET + '@smtp.example.org/"\n',
                      {"sendmail": "%(self)s send%(option)s -F %(rc)s"}, ""),
    "IMAP with a command": ('set sendmail="%(home)s/bin/post" folder="imaps://mail.example.org:1993/" imap_user="it\\"s me"\nset imap_pass="`echo a b '
                            '%(home)s >>%(home)s/ran; echo ' + SECRET + '`"\n',
                            {"sendmail": "%(home)s/bin/post", "imap": "imaps://mail.example.org:1993", "user": 'it"s me',
                             "password-command": "echo a b %(home)s >>%(home)s/ran; echo " + SECRET}, ""),
    "IMAP with a password": ('set sendmail="%(home)s/bin/post" spoolfile="imaps://me@mail.example.org/INBOX" imap_pass="' + SECRET + '"\n',
                             {"sendmail": "%(home)s/bin/post"}, "password itself"),
    "IMAP with a password in its URL": ('set sendmail="%(home)s/bin/post" folder="imaps://me:' + SECRET + '@mail.example.org/"\n',
                                        {"sendmail": "%(home)s/bin/post"}, "asks for the IMAP password"),
    "IMAP where the login is an address": ('set sendmail="%(home)s/bin/post" folder="imaps://you%%40example.org@mail.example.org:993/"\nset imap_pass="`true`"\n',
                                           {"sendmail": "%(home)s/bin/post", "imap": "imaps://mail.example.org:993", "user": "you@example.org",
                                            "password-command": "true"}, ""),
    "IMAP where it is this one": ('set sendmail="%(home)s/bin/post" folder="imap://me%%40example.org:' + SECRET + '@mail.example.org/x@y" imap_pass="`true`"\n',
                                  {"sendmail": "%(home)s/bin/post", "imap": "imap://mail.example.org", "password-command": "true"}, ""),
    "IMAP with OAuth": ('set sendmail="%(home)s/bin/post" folder="imap://me@mail.example.org" imap_oauth_refresh_command="oauth \\"me\\" now"\n',
                        {"sendmail": "%(home)s/bin/post", "imap": "imap://mail.example.org", "user": "me", "oauth-command": 'oauth "me" now'}, ""),
    "IMAP through a tunnel": ('set sendmail="%(home)s/bin/post" folder="imap://me@mail.example.org" tunnel="ssh x" imap_pass="`true`"\n',
                              {"sendmail": "%(home)s/bin/post"}, ""),
    "classic": ('set sendmail="%(home)s/bin/post" crypt_use_gpgme=no\n', {"sendmail": "%(home)s/bin/post", "keyring": "smime-keys"}, ""),
    "a continued line, a comment and a sourced file": ('# set sendmail="no"\nset use_from \\\n  sendmail="%(home)s/bin/post"\nsource "%(home)s/more"\n',
                                                       {"sendmail": "%(home)s/bin/post"}, ""),
}


def learn(client):
    option = ["--neomutt"] if client == "neomutt" else []
    for name, (text, wanted, said) in CASES.items():
        if "command" in name:
            wanted = {key: value for key, value in wanted.items()}
        with Home() as home:
            install(home)
            program(home, "post", "cat >/dev/null\n")
            home.file("more", LINE)
            fill = {"home": home.path, "rc": os.path.join(home.path, ".%src" % client), "option": " --neomutt" if option else "",
                    "self": os.path.realpath(os.path.join(home.path, "exec", "mailcert-mutt"))}
            rc = home.file(".%src" % client, 'set from="Me <me@example.org>"\nalternates "^me@other\\\\.example$" ".*@many\\\\.example"\n' + text % fill)
            before = open(rc).read()
            shown = run(home, "mutt", "setup", *option)
            tap.equal((shown.returncode, everything(home)), (0, {}), "%s, %s: setup shows, and writes nothing" % (client, name), told(shown))
            done = run(home, "mutt", "setup", "--write", *option)
            kept = everything(home)
            conf = kept.get(".config/mailcert/mailcert.conf.d/%s.conf" % client, "")
            tap.equal(account(conf), {key: value % fill for key, value in wanted.items()}, "%s, %s: what is learnt" % (client, name), told(done) + conf)
            tap.ok(account(conf, "me@other.example") is not None and "many" not in conf, "%s, %s: other addresses" % (client, name), conf)
            tap.ok(said in done.said and (said or not done.said), "%s, %s: what is said" % (client, name), told(done))
            if "command" not in name:  # there it is the command's own word
                tap.ok(SECRET not in shown.text + shown.said + done.text + done.said + "".join(kept.values()),
                       "%s, %s: no password is shown or kept" % (client, name), told(shown))
            tap.equal(run(home, "status").returncode, 0, "%s, %s: mailcert takes it" % (client, name), conf)
            modes = {stat.S_IMODE(os.stat(os.path.join(home.path, path)).st_mode) for path in kept}
            done = run(home, "mutt", "setup", "--remove", *option)
            tap.equal((done.returncode, everything(home), modes, open(rc).read()), (0, {}, {0o600}, before),
                      "%s, %s: --remove takes it all away, and the person's file is as it was" % (client, name), told(done))


def consent(client):
    """get asks the mail program only where its configuration has the line; an account of mailcert.conf is left alone."""
    for name, line, address, wanted in (("without the line", "", "me@example.org", False), ("with it", LINE, "me@example.org", True),
                                        ("a comment", "#" + LINE, "me@example.org", False), ("somebody else's address", LINE, "you@example.org", False)):
        with Home() as home:
            install(home)
            program(home, "post", "cat >/dev/null\n")
            home.file(".%src" % client, 'set from=me@example.org sendmail="%s/bin/post"\n' % home.path + line)
            home.file(".config/mailcert/mailcert.conf", "[mailcert]\ndefault-ca = x\n[ca x]\ndirectory = https://127.0.0.1:1/\n")
            done = run(home, "get", address, "--no-wait", "--keyring", "files:" + home.path + "/out")
            there = os.path.exists(os.path.join(home.path, ".config/mailcert/mailcert.conf.d/%s.conf" % client))
            tap.equal(there, wanted, "%s, %s: get %s what the mail program knows" % (client, name, "notes" if wanted else "leaves alone"), told(done))
            done = subprocess.run([client, "-Q", "from"], capture_output=True, text=True, stdin=subprocess.DEVNULL,
                                  env=home.environment(PATH=home.path + "/bin:" + os.environ["PATH"], MAILCERT_EXEC_PATH=home.path + "/exec"))
            tap.ok(done.returncode == 0 and done.stderr == "", "%s, %s: the client starts without a complaint" % (client, name), told(done))


def one_of_them(client):
    """Both read ~/.muttrc; the one that is not installed is not asked, and nobody is told of it."""
    with Home() as home:
        install(home)
        program(home, "post", "cat >/dev/null\n")
        os.symlink(shutil.which(client), os.path.join(home.path, "bin", client))
        home.file(".muttrc", 'set from=me@example.org sendmail="%s/bin/post"\n' % home.path + LINE)
        home.file(".config/mailcert/mailcert.conf", "[mailcert]\ndefault-ca = x\n[ca x]\ndirectory = https://127.0.0.1:1/\n")
        done = home.run("get", "me@example.org", "--no-wait", "--keyring", "files:" + home.path + "/out",
                        environment={"PATH": os.path.join(home.path, "bin"), "MAILCERT_EXEC_PATH": os.path.join(home.path, "exec")})
        there = os.listdir(os.path.join(home.path, ".config/mailcert/mailcert.conf.d"))
        tap.equal((there, "mailcert mutt:" in done.said), ([client + ".conf"], False), "%s alone is there: it is asked" % client, told(done))


def sending():
    """What the client's end means: sent, surely not sent, or nobody knows; and what it was given."""
    mail = b"From: me@example.org\nTo: ca@ca.test\nSubject: Re: x\nMessage-ID: <1@x>\n\nbody\n"
    for client, option in (("mutt", []), ("neomutt", ["--neomutt"])):
        for name, script, status in (("sent", "exit 0", 0), ("refused", "echo 'SMTP session failed: 550 no'; exit 1", 69),
                                     ("later", "echo 'SMTP session failed: 451 later'; exit 1", 75), ("login", "echo 'SASL authentication failed.'; exit 1", 77),
                                     ("broken off", "echo 'SMTP session failed: read error'; exit 1", 76), ("a riddle", "exit 1", 76),
                                     ("killed", "kill -9 $$", 76)):
            with Home() as home:
                install(home)
                program(home, client, 'for last; do :; done; cp "$last" "$HOME/draft"; cat >"$HOME/input"\n%s\n' % script)
                done = run(home, "mutt", "send", *option, "--", "ca@ca.test", stdin=mail)
                tap.equal(done.returncode, status, "%s, %s: status %d" % (client, name, status), told(done))
                draft = b"".join(open(os.path.join(home.path, part), "rb").read() for part in ("draft", "input"))
                tap.equal(draft, mail, "%s, %s: draft and input together are the mail" % (client, name))
                done = run(home, "mutt", "send", *option, "--", "other@ca.test", stdin=mail)
                tap.equal(done.returncode, 64, "%s, %s: a recipient that the header does not name" % (client, name), told(done))


def words():
    for line in ([], ["nonsense"], ["setup", "--write", "--remove"], ["setup", "more"], ["setup", "--bogus"], ["rc", "more"]):
        with Home() as home:
            install(home)
            done = run(home, "mutt", *line)
            tap.ok(done.returncode == 64 and done.said.startswith("mailcert mutt: ") and everything(home) == {},
                   "mailcert mutt %s: wrong words" % " ".join(line), told(done))
    with Home() as home:
        install(home)
        done = run(home, "mutt", "setup", "--write", "-F", "missing")
        tap.ok(done.returncode == 78 and "/missing: " in done.said and everything(home) == {}, "no such configuration", told(done))


def neighbours():
    """Two clients, one folder of settings; groups of addresses are no addresses."""
    with Home() as home:
        install(home)
        home.file(".muttrc", "set from=me@example.org\nalternates -group you '^me2@example\\.org$'\n")
        done = [run(home, "mutt", "setup", "--write", *option) for option in ([], ["--neomutt"])] + [run(home, "mutt", "setup", "--remove")]
        kept = everything(home)
        conf = kept.get(".config/mailcert/mailcert.conf.d/neomutt.conf", "")
        tap.ok(account(conf) is not None and ".config/mailcert/mutt/settings.yes" in kept and ".config/mailcert/mailcert.conf.d/mutt.conf" not in kept,
               "--remove for mutt leaves what neomutt needs", (kept, [told(one) for one in done]))
        tap.equal(re.findall(r"^\[account (.*)\]", conf, re.M), ["me@example.org", "me2@example.org"], "alternates -group")


for part in (learn, consent, one_of_them):
    for which in ("mutt", "neomutt"):
        part(which)
sending()
words()
neighbours()
tap.end()
