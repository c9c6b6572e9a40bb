#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""House rules that a program can judge (DESIGN 1, 7, 8): arrows, purity, sizes, licences, layout. TAP."""

import os
import re
import shutil
import subprocess
import sys

TOP = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(__file__), "..", ".."))

# What each room may include besides itself and the C library (arrows run one way).
BASE = {"base"}
ROOMS = {
    "core/base": BASE,
    "core/pki": BASE | {"pki"},
    "core/acme": BASE | {"pki", "acme"},
    "core/mail": BASE | {"pki", "mail"},
    "core/flow": BASE | {"pki", "acme", "mail", "flow"},
    "core/store": BASE | {"pki", "acme", "mail", "flow", "store"},
    "core/net": BASE | {"pki", "acme", "mail", "net"},
    "core/keyring": BASE | {"pki", "acme", "mail", "keyring"},
    "core/runner": BASE | {"pki", "acme", "mail", "flow", "store", "net", "keyring", "runner", "mailcert.h"},
    "ui": BASE | {"pki", "acme", "mail", "flow", "store", "net", "keyring", "runner", "mailcert.h", "text.h", "text-parts.h", "text-finding.h", "notify.h",
           "cli"},
    "ui/gtk": BASE | {"pki", "acme", "mail", "store", "mailcert.h", "text.h", "notify.h"},
    "plugin/claws": BASE | {"mail", "mailcert.h", "text.h", "gtk"},
    "plugin/mutt": BASE | {"pki", "mail", "flow", "store", "net", "keyring", "runner", "mailcert.h", "text.h"},
}
PURE = ("core/base", "core/pki", "core/acme", "core/mail", "core/flow")
# Files, clock, environment, threads, sockets: a pure room has no business with them.
IMPURE = re.compile(r"(?<![.>\w])(g_file_\w+|g_get_(?:real|monotonic)_time|g_date_time_new_now\w*|time|clock_gettime|gettimeofday|getenv|"
                    r"g_getenv|g_get_(?:home|user\w*|tmp)_dir|fopen|open|openat|socket|connect|pthread_\w+|g_thread_\w+|g_async_queue_\w+|"
                    r"g_spawn_\w+|fork|system|popen|usleep|sleep|rand|random|g_random_\w+|BIO_new_file|printf|fprintf|"
                    r"g_print|g_printerr)\s*\(")
PURE_HEADERS = re.compile(r'#include <(sys/|unistd|fcntl|netdb|pthread|signal|gio/|curl|sqlite3|unbound|libetpan|time\.h|stdio)')
UNFINISHED = re.compile(r"\b(%s)\b" % "|".join(("TO" "DO", "FIX" "ME", "X" "XX")))  # in halves: this file is judged too
LONG_FILES = {  # path: reason
    "tests/data/make-mails.py": "one list of mails, a few lines for each",
    "tests/flow/test-flow-reply.c": "one case for each fate of the reply",
    "tests/unit/test-config.c": "tables of good and bad configurations",
    "tests/unit/test-keyring.c": "one case for each thing that a folder may already hold",
}
LONG_FUNCTIONS = {}  # path:function: reason
LINES, FUNCTION = 400, 60
JANSSON = {"core/base/json.c"}

bad = {}


def fault(rule, text):
    bad.setdefault(rule, []).append(text)


def tracked():
    done = subprocess.run(["git", "-C", TOP, "ls-files"], capture_output=True, text=True)
    if done.returncode == 0 and done.stdout:
        return [name for name in done.stdout.splitlines() if os.path.exists(os.path.join(TOP, name))]
    names = []
    for folder, folders, files in os.walk(TOP):
        folders[:] = [f for f in folders if not f.startswith((".git", "build-", "autom4te", "m4"))]
        names += [os.path.relpath(os.path.join(folder, f), TOP) for f in files]
    return names


def room_of(name):
    best = [room for room in ROOMS if name.startswith(room + "/")]
    return max(best, key=len) if best else None


def code_only(text):
    """Comments and strings blanked, lines kept."""
    return re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"', lambda m: re.sub(r"[^\n]", " ", m.group()), text, flags=re.S)


def check_c(name, text):
    room = room_of(name)
    if room is None:
        return
    for target in re.findall(r'^#include "([^"]+)"', text, re.M):
        head = target.split("/")[0]
        if os.path.exists(os.path.join(TOP, os.path.dirname(name), target)):
            continue  # a file of the same folder
        if head not in ROOMS[room] and target != "config.h":
            fault("arrows", "%s includes %s" % (name, target))
    if "<jansson.h>" in text and name not in JANSSON:
        fault("one door to jansson", name)
    if room in PURE:
        for number, line in enumerate(code_only(text).splitlines(), 1):
            found = IMPURE.search(line)
            if found:
                fault("purity", "%s:%d: %s" % (name, number, found.group(1)))
        if PURE_HEADERS.search(text):
            fault("purity", "%s: %s" % (name, PURE_HEADERS.search(text).group()))
    if re.search(r"^\s*goto\b", code_only(text), re.M):
        fault("no goto", name)


def check_functions(names):
    ctags = shutil.which("ctags-universal") or shutil.which("ctags")
    if ctags is None:
        return "ctags is missing"
    done = subprocess.run([ctags, "-x", "--c-kinds=f", "--fields=+e", "--_xformat=%{line} %{end} %N %F"] + names, cwd=TOP,
                          capture_output=True, text=True)
    if done.returncode != 0 or not done.stdout:
        return "ctags is not Universal Ctags"
    for line in done.stdout.splitlines():
        start, end, function, name = line.split(" ", 3)
        if int(end) - int(start) > FUNCTION and "%s:%s" % (name, function) not in LONG_FUNCTIONS:
            fault("short functions", "%s: %s has %d lines" % (name, function, int(end) - int(start)))
    return None


def check_layout(names):
    tool = shutil.which("clang-format")
    if tool is None:
        return "clang-format is missing"
    done = subprocess.run([tool, "--dry-run", "--Werror"] + names, cwd=TOP, capture_output=True, text=True)
    for name in sorted(set(re.findall(r"^(\S+?):\d+:\d+: error", done.stderr, re.M))):
        fault("layout", name)
    return None


def check_lists(names):
    """What is in the tree and in no list is not built, not run, or missing from the tarball."""
    lists = ""
    for name in ("Makefile.am", "core/local.mk", "ui/local.mk", "plugin/local.mk", "tests/local.mk"):
        with open(os.path.join(TOP, name)) as file:
            lists += file.read()
    words = set(re.split(r"[\s\\]+", lists))
    for name in names:
        if name.startswith(("core/", "ui/", "plugin/", "tests/")) and not name.endswith("local.mk") and name not in words:
            fault("complete lists", name)


def check_mutants(names):
    """Each folder with deliberate faults has a test of them, and the program that people install has none."""
    folders = {os.path.dirname(name) for name in names if name.startswith("core/") and name.endswith(".c") and
               "MC_MUTANT (" in read(name)}
    tested = set()
    for name in names:
        if name.startswith("tests/") and name.endswith(".c"):
            tested.update(re.findall(r'mutants_add_tests \("([^"]+)"', read(name)))
    for folder in sorted(folders ^ tested):
        fault("mutants", "%s has mutants without a test, or a test without mutants" % folder)
    build = os.environ.get("MC_BUILD")
    if build is None:
        return "no build to look at"
    with open(os.path.join(build, "Makefile")) as file:
        if "-DMC_MUTANTS" in file.read():
            return "a build for mutants"
    with open(os.path.join(build, "mailcert"), "rb") as file:
        program = file.read()
    if not program.startswith(b"\x7fELF"):
        fault("mutants", "mailcert is no program that could be looked at")
    for word in [b"mc_mutant"] + [name.encode() for folder in folders for name in mutants_of(names, folder)]:
        if re.search(b"\\0%s\\0" % word, program):
            fault("mutants", "the installed program has %s" % word.decode())
    return None


def mutants_of(names, folder):
    return [mutant for name in names if os.path.dirname(name) == folder for mutant in re.findall(r'MC_MUTANT \("([^"]+)"\)', read(name))]


def read(name):
    with open(os.path.join(TOP, name), encoding="utf-8", errors="replace") as file:
        return file.read()


def main():
    names = tracked()
    check_lists(names)
    sources = [name for name in names if name.endswith((".c", ".h"))]
    for name in names:
        path = os.path.join(TOP, name)
        if os.path.islink(path):
            continue
        with open(path, "rb") as file:
            raw = file.read()
        text = raw.decode("utf-8", "replace")
        licence_beside = name + ".license" in names
        if not licence_beside and not name.endswith((".license", "COPYING")) and "SPDX-License-Identifier" not in text \
                and name not in ("README", "NEWS", "po/LINGUAS", "po/POTFILES.in") and not name.startswith("tests/data/"):
            fault("licences", name)
        if name.endswith((".c", ".h", ".py")) or (b"python3" in raw[:40]):
            count = text.count("\n")
            if count > LINES and name not in LONG_FILES:
                fault("short files", "%s has %d lines" % (name, count))
        if name in sources:
            check_c(name, text)
        if UNFINISHED.search(text) and name.endswith((".c", ".h", ".py", ".am", ".ac", ".mk")):
            fault("nothing unfinished", name)
    skipped = {"short functions": check_functions(sources), "layout": check_layout(sources),
               "mutants": check_mutants(names)}
    rules = ["arrows", "purity", "one door to jansson", "no goto", "short functions", "short files", "licences", "layout",
             "nothing unfinished", "complete lists", "mutants"]
    print("1..%d" % len(rules))
    for number, rule in enumerate(rules, 1):
        for text in bad.get(rule, []):
            print("# %s: %s" % (rule, text))
        if skipped.get(rule):
            print("ok %d - %s # SKIP %s" % (number, rule, skipped[rule]))
        else:
            print("%sok %d - %s" % ("not " if rule in bad else "", number, rule))
    return 1 if bad else 0


sys.exit(main())
