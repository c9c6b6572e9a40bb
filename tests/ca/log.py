# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The CA's log: JSON lines, counters that a test may wait for, and the list of protocol violations."""

import asyncio
import collections
import json
import time

from visit import here


class Log:
    def __init__(self, path):
        self._file = open(path, "a", encoding="utf-8")
        self._waiting = []
        self.counters = collections.Counter()
        self.violations = []
        self.notes = []

    def close(self):
        self._file.close()

    def write(self, kind, **fields):
        visit = here()
        line = {"t": round(time.time(), 3), "kind": kind}
        if visit:
            line["visit"] = visit.id
        line.update((name, value) for name, value in fields.items() if value is not None)
        self._file.write(json.dumps(line, ensure_ascii=False) + "\n")
        self._file.flush()
        return line

    def count(self, name):
        """One more of NAME; wakes whoever waits for it. Only on the loop's thread."""
        self.counters[name] += 1
        for waiting in list(self._waiting):
            waited_name, minimum, future = waiting
            if waited_name == name and self.counters[name] >= minimum:
                self._waiting.remove(waiting)
                if not future.done():
                    future.set_result(True)

    def violation(self, text, fact, **fields):
        """The client broke a rule: FACT is an id of RFC-FACTS, or a document's own section."""
        self.violations.append(self.write("violation", violation=text, fact=fact, **fields))
        self.count("violations")
        self.count("violations:" + fact)

    def note(self, text, fact=None, **fields):
        """Allowed, but worth a look."""
        self.notes.append(self.write("note", note=text, fact=fact, **fields))
        self.count("notes")

    async def wait(self, name, minimum, timeout):
        """True once the counter NAME is at least MINIMUM, False after TIMEOUT seconds."""
        if self.counters[name] >= minimum:
            return True
        future = asyncio.get_running_loop().create_future()
        waiting = (name, minimum, future)
        self._waiting.append(waiting)
        try:
            return await asyncio.wait_for(future, timeout)
        except asyncio.TimeoutError:
            if waiting in self._waiting:
                self._waiting.remove(waiting)
            return False
