# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""mailcert by itself, in a home folder of its own: no mail servers, no CA. MAILCERT names the program."""

import json
import os
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
from stage import MAILCERT, TIMEOUT, told  # noqa: E402

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


class Home:
    """An empty home folder; gone at the end of the with block."""

    def __init__(self):
        self.path = tempfile.mkdtemp(prefix="mc-alone-")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.path, ignore_errors=True)

    def file(self, name, text=""):
        path = os.path.join(self.path, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(text if isinstance(text, bytes) else text.encode())
        return path

    def environment(self, **more):
        environment = {"PATH": os.environ["PATH"], "HOME": self.path, "LC_ALL": "C.UTF-8", "LANGUAGE": "",
                       "DBUS_SESSION_BUS_ADDRESS": "disabled:"}
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS", "LD_LIBRARY_PATH"):
            if name in os.environ:
                environment[name] = os.environ[name]
        environment.update(more)
        return {name: value for name, value in environment.items() if value is not None}

    def run(self, *words, stdin=b"", environment=None, **keys):
        done = subprocess.run([MAILCERT, *words], env=self.environment(**(environment or {})), timeout=TIMEOUT,
                              **{"input": stdin, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **keys})
        done.text = (done.stdout or b"").decode()
        done.said = (done.stderr or b"").decode()
        return done

    def json(self, *words, **keys):
        """The report, or None where what was printed is not exactly one JSON object in one line."""
        done = self.run(*words, **keys)
        try:
            report = json.loads(done.text)
        except ValueError:
            return done, None
        return done, report if done.text.count("\n") == 1 and isinstance(report, dict) else None


__all__ = ["Home", "MAILCERT", "SOURCE", "told"]
