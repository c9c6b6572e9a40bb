# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A screen of its own: Xvfb, a session bus, and what a screen reader sees of it."""

import os
import shutil
import subprocess
import sys
import tempfile
import time

PLUGIN = os.path.abspath(os.environ.get("MAILCERT_PLUGIN", "./.libs/mailcert.so"))
SHOTS = os.environ.get("MAILCERT_SCREENSHOTS")
NEEDED = ("claws-mail", "Xvfb", "dbus-daemon", "import")


def check_host():
    """Without the plugin or the programs there is nothing to test."""
    missing = [name for name in NEEDED if shutil.which(name) is None]
    if not os.path.exists(PLUGIN):
        missing.append("the plugin (configured without Claws Mail)")
    if missing:
        print("1..0 # SKIP missing: " + ", ".join(missing))
        sys.exit(0)


class Desktop:
    """Up when made. AT-SPI is bound to the bus that it finds first: one Desktop in a process."""

    def __init__(self, width=1280, height=800):
        check_host()
        self.patience = 60  # seconds: far above what anything takes
        self.dir = tempfile.mkdtemp(prefix="mc-desktop-", dir="/tmp")
        reader, writer = os.pipe()
        self.screen = subprocess.Popen(["Xvfb", "-displayfd", str(writer), "-screen", "0", "%dx%dx24" % (width, height),
                                        "-nolisten", "tcp"], pass_fds=[writer], stdin=subprocess.DEVNULL,
                                       stderr=subprocess.DEVNULL)
        os.close(writer)
        with os.fdopen(reader) as pipe:
            display = ":" + pipe.readline().strip()
        self.variables = {"DISPLAY": display, "XDG_RUNTIME_DIR": self.dir, "NO_AT_BRIDGE": "0", "GDK_BACKEND": "x11"}
        self.bus = subprocess.Popen(["dbus-daemon", "--session", "--nofork", "--print-address=1"],
                                    env={**os.environ, **self.variables, "HOME": self.dir}, stdin=subprocess.DEVNULL,
                                    stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.variables["DBUS_SESSION_BUS_ADDRESS"] = self.bus.stdout.readline().strip()
        os.environ.update(self.variables)
        import gi
        gi.require_version("Atspi", "2.0")
        from gi.repository import Atspi, GLib
        self.atspi, self.context = Atspi, GLib.MainContext.default()
        Atspi.init()
        self.listener = Atspi.EventListener.new(lambda event: None)
        for name in ("object:children-changed", "object:state-changed", "object:text-changed", "window"):
            self.listener.register(name)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in (self.screen, self.bus):
            process.terminate()
            process.wait(10)
        shutil.rmtree(self.dir, ignore_errors=True)

    def until(self, found, what):
        """What FOUND gives as soon as it is true; looked at again whenever the screen changes, and for files now and then."""
        end = time.monotonic() + self.patience
        while True:
            result = found()
            if result:
                return result
            if time.monotonic() > end:
                raise TimeoutError("waited in vain for " + what)
            pause = time.monotonic() + 0.05
            while time.monotonic() < pause and not self.context.iteration(False):
                time.sleep(0.002)

    def shot(self, name):
        """A picture of the screen, where somebody wants them."""
        if SHOTS:
            os.makedirs(SHOTS, exist_ok=True)
            subprocess.run(["import", "-window", "root", os.path.join(SHOTS, name + ".png")], check=True)


def children(node):
    for index in range(node.get_child_count()):
        child = node.get_child_at_index(index)
        if child is not None:
            yield child
