# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A stage for end-to-end tests: one sandbox of real mail servers, a test CA per case, a person with a config of her own.

MAILCERT names the program under test (default: the one in the build folder that the test runs in)."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import urllib.request

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
TESTS = os.path.dirname(HERE)
SANDBOX = os.path.join(TESTS, "sandbox", "sandbox")
TESTCA = os.path.join(TESTS, "ca", "testca.py")
MAILCERT = os.path.abspath(os.environ.get("MAILCERT", "./mailcert"))
TIMEOUT = 120  # seconds for one command: far above what any takes; a hang must end the test


class Tap:
    """Test Anything Protocol, as automake reads it."""

    def __init__(self):
        self.count = self.failed = 0

    def ok(self, good, name, detail=""):
        self.count += 1
        if not good:
            self.failed += 1
            for line in str(detail).splitlines()[-60:]:
                print("# " + line)
        print("%sok %d - %s" % ("" if good else "not ", self.count, name), flush=True)
        return good

    def equal(self, got, wanted, name, detail=""):
        return self.ok(got == wanted, name, "got %r, wanted %r\n%s" % (got, wanted, detail))

    def skip(self, name, reason):
        self.count += 1
        print("ok %d - %s # SKIP %s" % (self.count, name, reason), flush=True)

    def end(self):
        print("1..%d" % self.count)
        sys.exit(1 if self.failed else 0)


class Sandbox:
    """Up when made, down at the end of the with block."""

    def __init__(self, *options):
        self.dir = tempfile.mkdtemp(prefix="mc-e2e-", dir="/tmp")
        done = subprocess.run([SANDBOX, "up", *options, self.dir], stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if done.returncode == 77:
            print("1..0 # SKIP " + done.stderr.strip())
            sys.exit(0)
        if done.returncode != 0:
            raise RuntimeError("sandbox: " + done.stderr)
        with open(os.path.join(self.dir, "sandbox.json")) as file:
            self.facts = json.load(file)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        subprocess.run([SANDBOX, "down", self.dir], stdin=subprocess.DEVNULL, check=True)
        shutil.rmtree(self.dir, ignore_errors=True)

    def run(self, *words, stdin=None):
        return subprocess.run([SANDBOX, words[0], self.dir, *words[1:]], input=stdin, check=True, capture_output=True).stdout

    def empty(self, user):
        """Takes every mail out of a mailbox: the next case begins with none."""
        for folder, _, names in os.walk(self.facts["users"][user]["maildir"]):
            if os.path.basename(folder) in ("new", "cur"):
                for name in names:
                    os.unlink(os.path.join(folder, name))


class Ca:
    """A test CA whose mail goes out through the sandbox and whose replies come in through it."""

    def __init__(self, sandbox, *options, wire=True, environment=None):
        self.dir = tempfile.mkdtemp(prefix="mc-ca-", dir="/tmp")
        words = [TESTCA, "--dir", self.dir, "--die-with-stdin"]
        if wire:
            words += ["--mail-out", sandbox.facts["ca_mail_out"], "--sign", "external",
                      "--dns", sandbox.facts["dns"]]
        self.process = subprocess.Popen(words + list(options), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                        env={**os.environ, **(environment or {})})
        if self.process.stdout.readline().strip() != "ready":
            raise RuntimeError("the test CA did not start")
        with open(os.path.join(self.dir, "ready.json")) as file:
            self.ready = json.load(file)
        if wire:
            sandbox.run("ca-smtp", self.ready["smtp_in"])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(10)
        shutil.rmtree(self.dir, ignore_errors=True)

    def control(self, **options):
        request = urllib.request.Request(self.ready["control"], json.dumps(options).encode(),
                                         {"Content-Type": "application/json"})
        return urllib.request.urlopen(request).read()

    def get(self, path):
        base = self.ready["control"].rsplit("/control", 1)[0]
        return json.load(urllib.request.urlopen(base + "/control" + path, timeout=TIMEOUT))

    def state(self):
        return self.get("/state")

    def wait(self, counter, least=1, timeout=60):
        return self.get("/wait?counter=%s&min=%d&timeout=%d" % (counter, least, timeout))

    def log(self):
        with open(os.path.join(self.dir, "ca.log")) as file:
            return [json.loads(line) for line in file]

    def violations(self):
        return [entry for entry in self.log() if entry["kind"] in ("violation", "bug")]


class Person:
    """Somebody with a home, a config and a keyring of her own."""

    def __init__(self, sandbox, ca, user="alice@example.test", ca_keys=None, account=None, general=None):
        self.sandbox, self.ca, self.user = sandbox, ca, user
        self.home = tempfile.mkdtemp(prefix="mc-p-", dir="/tmp")
        self.gnupg = os.path.join(self.home, "g")
        self.data = os.path.join(self.home, "data")
        self.config = os.path.join(self.home, "mailcert.conf")
        os.mkdir(self.gnupg, 0o700)
        facts = sandbox.facts
        self.keys = {
            "mailcert": {"default-ca": "test", "resolver": facts["dns"], **(general or {})},
            "ca test": {"directory": ca.ready["directory"], "ca-file": ca.ready["tls_root"], "mail-roots": ca.ready["root"],
                        **(ca_keys or {})},
            "account " + user: {"imap": facts["imaps"]["address_url"], "smtp": facts["submissions"]["address_url"],
                                "user": user, "password-command": "cat " + facts["users"].get(user, {}).get("password_file", "/dev/null"),
                                "tls-ca-file": facts["tls_ca"], "tls-name": "imap.example.test"}}
        if facts.get("anchor"):
            self.keys["mailcert"]["dnssec-anchor"] = facts["anchor"]
        self.keys["account " + user].update(account or {})
        self.write()

    def write(self):
        with open(self.config, "w") as file:
            for group, keys in self.keys.items():
                file.write("[%s]\n" % group)
                for name, value in keys.items():
                    if value is not None:
                        file.write("%s = %s\n" % (name, value))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        subprocess.run(["gpgconf", "--kill", "all"], env=self.environment(), stdin=subprocess.DEVNULL)
        shutil.rmtree(self.home, ignore_errors=True)

    def environment(self, **more):
        environment = {"PATH": os.environ["PATH"], "HOME": self.home, "GNUPGHOME": self.gnupg, "LC_ALL": "C.UTF-8",
                       "LANGUAGE": "", "DBUS_SESSION_BUS_ADDRESS": "disabled:"}  # who runs tests at a desktop is not notified
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS", "LD_LIBRARY_PATH"):
            if name in os.environ:
                environment[name] = os.environ[name]
        environment.update(more)
        return environment

    def words(self, *words):
        return [MAILCERT, "--config", self.config, "--data-dir", self.data, *words]

    def run(self, *words, stdin=None, environment=None, timeout=TIMEOUT):
        return subprocess.run(self.words(*words), input=stdin, capture_output=True,
                              env=self.environment(**(environment or {})), timeout=timeout,
                              **({} if isinstance(stdin, bytes) else {"text": True}),
                              **({} if stdin is not None else {"stdin": subprocess.DEVNULL}))

    def json(self, *words, **keys):
        done = self.run("--json", *words, **keys)
        return json.loads(done.stdout)

    def get(self, *words, **keys):
        return self.run("get", self.user, "--agree-tos", "--trust-root", self.ca.ready["root_sha256"], "--wait", "60",
                        *words, **keys)

    def status(self):
        return self.json("status")["enrollments"]


class Running:
    """A command in the background, with MAIL on its standard input; the event that it is waited for comes from the CA."""

    def __init__(self, person, *words, mail=b""):
        with tempfile.TemporaryFile() as file:
            file.write(mail)
            file.seek(0)
            self.process = subprocess.Popen(person.words(*words), stdin=file, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                            env=person.environment())

    def end(self, number=None):
        if number is not None:
            self.process.send_signal(number)
        self.stdout, self.stderr = self.process.communicate(timeout=TIMEOUT)
        self.returncode = self.process.returncode
        return self


def told(done):
    """What a command said and how it ended, for the detail of a failed test."""
    text = lambda part: part.decode(errors="replace") if isinstance(part, bytes) else part
    return "exit %d\nstdout: %s\nstderr: %s" % (done.returncode, text(done.stdout), text(done.stderr))
