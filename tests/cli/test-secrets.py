#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""No password, passphrase, key, token or digest is seen anywhere but in its own place: looked for, octet by octet."""

import base64
import glob
import os
import re
import secrets
import signal
import stat
import subprocess
import sys
import threading

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from stage import TIMEOUT, Ca, Person, Sandbox, Tap, told  # noqa: E402
from trouble import QUICK, files  # noqa: E402

tap = Tap()
WRAPPED = ("gpgsm", "gpgconf", "gpg-agent", "gpg-connect-agent", "openssl", "sendmail-of-hers", "password-of-hers")


class Watch:
    """Writes down arguments and environment of every program that is started by name, and what /proc shows meanwhile."""

    def __init__(self, person, secret):
        self.bin, self.record = os.path.join(person.home, "bin"), os.path.join(person.home, "record")
        self.seen, self.ended = set(), threading.Event()
        real = {"sendmail-of-hers": person.sandbox.facts["sendmail"] + ' -i -f %s "$@"' % person.user,
                "password-of-hers": "cat " + secret}
        os.mkdir(self.bin)
        for name in WRAPPED:
            path = os.path.join(self.bin, name)
            with open(path, "w") as file:
                file.write("#!/bin/sh\n{ echo \"== %s\"; printf '%%s\\n' \"$0\" \"$@\"; env; } >>%s\nexec %s\n" % (
                    name, self.record, real.get(name, '/usr/bin/%s "$@"' % name)))
            os.chmod(path, 0o755)

    def look(self):
        """Whatever runs and has to do with us: ours, and what ours started."""
        while not self.ended.is_set():
            for path in glob.glob("/proc/[0-9]*"):
                for name in ("cmdline", "environ"):
                    try:
                        with open(os.path.join(path, name), "rb") as file:
                            text = file.read()
                    except OSError:
                        continue
                    if os.fsencode(os.path.dirname(self.bin)) in text:
                        self.seen.add(text)

    def __enter__(self):
        self.thread = threading.Thread(target=self.look)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.thread.join()

    def texts(self):
        with open(self.record, "rb") as file:
            return {"a program's arguments or environment": file.read(), "/proc": b"\n".join(self.seen)}


def forms(secret):
    """As it is, and as somebody might have written it."""
    octets = secret if isinstance(secret, bytes) else secret.encode()
    coded = {base64.b64encode(octets).rstrip(b"="), base64.urlsafe_b64encode(octets).rstrip(b"="), octets.hex().encode(),
             octets.hex().upper().encode()}
    return {form for form in coded | {octets} if len(form) >= 6}


def found(texts, hidden):
    return ["%s: %s" % (place, name) for place, text in texts.items() for name, secret in hidden.items()
            if any(form in text for form in forms(secret))]


def of_the_ca(ca):
    """Both tokens of each challenge, and the digests of the replies."""
    hidden = {}
    for number, challenge in enumerate(c for c in ca.state()["challenges"] if c["type"] == "email-reply-00"):
        hidden["token-part1 %d" % number] = challenge["token1"]
        hidden["token-part2 %d" % number] = challenge["token2"]
    for number, path in enumerate(sorted(glob.glob(ca.dir + "/mail-in/*.eml"))):
        with open(path, "rb") as file:
            hidden["digest %d" % number] = re.search(rb"RESPONSE-----\r\n(.*)\r\n", file.read()).group(1)
    return hidden


def key_pieces(person, *words, passphrase=None):
    """The private exponent's or scalar's octets, as export gives the key."""
    path = os.path.join(person.home, "exported.pem")
    if os.path.exists(path):
        os.unlink(path)
    done = export(person, "--pem", path, *words, passphrase=passphrase)
    text = subprocess.run(["openssl", "pkey", "-in", path, "-noout", "-text", *(["-passin", "pass:" + passphrase] if passphrase else [])],
                          capture_output=True, text=True).stdout
    piece = re.search(r"(?:privateExponent|priv):\s*\n((?:    [0-9a-f:]+\n)+)", text)
    return done, bytes.fromhex(re.sub(r"[\s:]", "", piece.group(1)))[-24:] if piece else None


def export(person, *words, passphrase=None):
    command = person.words("export", person.user, *words)
    if passphrase is None:
        return subprocess.run(command, capture_output=True, env=person.environment(), stdin=subprocess.DEVNULL)
    ours, its = os.pipe()
    os.write(its, passphrase.encode() + b"\n")
    os.close(its)
    done = subprocess.run(command + ["--passphrase-fd", str(ours)], capture_output=True, env=person.environment(),
                          stdin=subprocess.DEVNULL, pass_fds=[ours])
    os.close(ours)
    return done


def modes(person, name):
    """Nothing that is secret can be read by others."""
    bad = []
    for folder, _, names in os.walk(person.home):
        for path in (os.path.join(folder, entry) for entry in names):
            if not stat.S_ISREG(os.lstat(path).st_mode) or folder.startswith((person.gnupg, person.home + "/bin")):
                continue
            with open(path, "rb") as file:
                secret = b"PRIVATE KEY" in file.read() or folder == person.data or folder.endswith("/mailcert")
            if secret and stat.S_IMODE(os.stat(path).st_mode) & 0o077:
                bad.append(path)
    tap.equal(bad, [], name + ": nothing secret is open to others")
    tap.equal(stat.S_IMODE(os.stat(person.data).st_mode), 0o700, name + ": the data folder is 0700")
    tap.equal(stat.S_IMODE(os.stat(person.data + "/mailcert.db").st_mode), 0o600, name + ": the database is 0600")


def database(person):
    """Every octet of it, with journal."""
    return b"".join(open(path, "rb").read() for path in glob.glob(person.data + "/*"))


def whole(sandbox):
    """An enrollment with everything that is secret: password, EAB, passphrase, gpgsm, a sendmail of hers; as loud as it goes."""
    mac = secrets.token_bytes(32)
    for passphrase, keyring in ((None, "gpgsm"), ("a passphrase, quite secret", "files")):
        sandbox.empty("alice@example.test")
        with Ca(sandbox, "--wait", "hold", "--eab", "kid-1:" + base64.urlsafe_b64encode(mac).decode().rstrip("=")) as ca, \
                Person(sandbox, ca) as person:
            name = "with %s, %s a passphrase" % (keyring, "with" if passphrase else "without")
            password = os.path.join(person.home, "password")
            with open(os.open(password, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
                file.write("alicepw\n")
            eab = os.path.join(person.home, "eab")
            with open(os.open(eab, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
                file.write("kid = kid-1\nhmac-key = %s\n" % base64.urlsafe_b64encode(mac).decode())
            watch = Watch(person, password)
            person.keys["account " + person.user].update({"smtp": None, "sendmail": "sendmail-of-hers",
                                                          "password-command": "password-of-hers"})
            person.write()
            words = ["get", person.user, "--agree-tos", "--wait", "60", "--eab", eab, "-v", "-v", "--trust-root", ca.ready["root_sha256"]]
            words += [*QUICK, *files(person)] if keyring == "files" else ["--keyring", "gpgsm"]
            environment = person.environment(PATH=watch.bin + ":" + os.environ["PATH"], G_MESSAGES_DEBUG="all")
            with watch:
                ours, its = os.pipe()
                os.write(its, (passphrase or "").encode() + b"\n")
                os.close(its)
                fd = ["--passphrase-fd", str(ours)] if passphrase else ["--no-passphrase"]
                done = subprocess.run(person.words(*words, *fd), stdin=subprocess.DEVNULL, capture_output=True, env=environment,
                                      pass_fds=[ours], timeout=TIMEOUT)
                os.close(ours)
                status = [subprocess.run(person.words("status", *more), stdin=subprocess.DEVNULL, capture_output=True, env=environment).stdout
                          for more in ((), ("-v", "-v"), ("--json",))]
            tap.equal(done.returncode, 0, name + ": it enrolls", told(done))
            wrong, piece = key_pieces(person, passphrase=passphrase)
            tap.equal(wrong.returncode, 0, name + ": the key can be exported", told(wrong))
            hidden = {"the password": "alicepw", "the EAB key": mac, "the private key": piece, **of_the_ca(ca)}
            if passphrase:
                hidden["the passphrase"] = passphrase
            tap.ok(len(hidden) >= 6 and all(hidden.values()), name + ": the test knows the secrets", hidden.keys())
            texts = {"stdout": done.stdout, "stderr": done.stderr, "status": b"".join(status), "the export's output": wrong.stdout + wrong.stderr,
                     **watch.texts()}
            with open(person.home + "/.local/share/mailcert/here", "rb") as file:
                texts["the note for mail filters"] = file.read()
            tap.equal(found(texts, hidden), [], name + ": no secret is told")
            tap.ok(b"== password-of-hers" in texts["a program's arguments or environment"] and b"== sendmail-of-hers" in
                   texts["a program's arguments or environment"] and len(watch.seen) > 1, name + ": the programs were watched")
            modes(person, name)
            kept = database(person)
            tap.equal(found({"the database": kept}, {key: value for key, value in hidden.items() if key in (
                "the password", "the EAB key", "the passphrase") or key.startswith(("token-part2", "digest")) or (
                    passphrase and key == "the private key")}), [], name + ": what has done its work is gone from the database")
            tap.ok(passphrase is not None or found({"": kept}, {"the private key": piece}), name + ": the test can find a key")
            if passphrase:
                with open(person.home + "/exported.pem") as file:
                    text = file.read()
                tap.ok("BEGIN ENCRYPTED PRIVATE KEY" in text, name + ": what is exported is protected")
                kept = [open(path, "rb").read() for path in glob.glob(person.home + "/out/**", recursive=True) if os.path.isfile(path)]
                tap.ok(any(b"BEGIN ENCRYPTED PRIVATE KEY" in text for text in kept) and not any(
                    b"BEGIN PRIVATE KEY" in text or found({"": text}, {"key": piece}) for text in kept), name + ": so is what is installed")
                done, _ = key_pieces(person, passphrase="a wrong one, alas")
                tap.equal(done.returncode, 77, name + ": a wrong passphrase is 77", told(done))
                tap.equal(found({"": done.stdout + done.stderr}, {"it": "a wrong one, alas"}), [], name + ": and is not repeated")
            done = person.run("forget", person.user)
            tap.equal(done.returncode, 0, name + ": it can be forgotten", told(done))
            tap.equal(found({"the database": database(person)}, {"the private key": piece}), [], name + ": a key that is forgotten is wiped")


def failures(sandbox):
    """Where things go wrong most is said."""
    with Ca(sandbox, "--wait", "hold", "--mail-delay", "1") as ca, Person(sandbox, ca) as person:
        running = subprocess.Popen(person.words("get", person.user, *QUICK, *files(person), "--agree-tos", "-v", "-v", "--wait", "60"),
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   env=person.environment(G_MESSAGES_DEBUG="all"))
        ca.wait("mails-in")
        running.send_signal(signal.SIGABRT)  # a crash, with whatever it leaves behind
        out, err = running.communicate(timeout=TIMEOUT)
        forged = subprocess.run(person.words("inspect", "-v", "--json"), input=b"Subject: Re: ACME: " + ca.state()["challenges"][0]["token1"].encode()
                                + b"\n\n", capture_output=True, env=person.environment()).stdout
        hidden = {"the password": "alicepw", **of_the_ca(ca)}
        texts = {"stdout": out, "stderr": err, "status": person.run("status", "-v", "-v", "--json").stdout.encode()}
        tap.equal(found(texts, hidden), [], "a crash: no secret is told")
        tap.ok(b"token_part1" in forged, "inspect alone shows token-part1, to who has the mail", forged)
        modes(person, "a crash")
        done = person.run("renew", "--wait", "60")
        tap.equal(done.returncode, 0, "a crash: renew ends it", told(done))


with Sandbox() as stage:
    for part in (whole, failures):
        if len(sys.argv) < 2 or part.__name__ in sys.argv[1:]:
            stage.empty("alice@example.test")
            part(stage)
tap.end()
