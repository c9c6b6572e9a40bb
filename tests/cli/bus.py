# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A session bus of our own, and somebody on it who shows notifications: each one is written down."""

import os
import queue
import shutil
import subprocess
import sys
import tempfile
import threading

CONFIG = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:path=%s</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy></busconfig>
"""
LISTENER = """
import sys
from gi.repository import Gio, GLib
XML = '<node><interface name="org.freedesktop.Notifications"><method name="Notify">' + ''.join(
    '<arg type="%s" direction="in"/>' % t for t in ("s", "u", "s", "s", "s", "as", "a{sv}", "i")) + \\
    '<arg type="u" direction="out"/></method></interface></node>'

def called(bus, sender, path, interface, method, parameters, invocation):
    words = parameters.unpack()
    print(repr((words[3], words[4])), flush=True)
    invocation.return_value(GLib.Variant("(u)", (1,)))

def ready(bus, name):
    print("ready", flush=True)

def connected(bus, name):
    bus.register_object("/org/freedesktop/Notifications", Gio.DBusNodeInfo.new_for_xml(XML).interfaces[0], called)

Gio.bus_own_name(Gio.BusType.SESSION, "org.freedesktop.Notifications", Gio.BusNameOwnerFlags.NONE, connected, ready, None)
GLib.MainLoop().run()
"""


def is_possible():
    if shutil.which("dbus-daemon") is None:
        return False
    return subprocess.run([sys.executable, "-c", "from gi.repository import Gio"], stdin=subprocess.DEVNULL, capture_output=True).returncode == 0


class Bus:
    """With a listener, unless told otherwise."""

    def __init__(self, listener=True):
        self.dir = tempfile.mkdtemp(prefix="mc-bus-", dir="/tmp")
        self.address = "unix:path=%s/bus" % self.dir
        self.shown = queue.Queue()
        with open(self.dir + "/conf", "w") as file:
            file.write(CONFIG % (self.dir + "/bus"))
        self.daemon = subprocess.Popen(["dbus-daemon", "--nofork", "--nosyslog", "--print-address", "--config-file", self.dir + "/conf"],
                                       stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.daemon.stdout.readline()
        self.listener = None
        if listener:
            self.listener = subprocess.Popen([sys.executable, "-c", LISTENER], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
                                             env={**os.environ, "DBUS_SESSION_BUS_ADDRESS": self.address})
            self.listener.stdout.readline()
            threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.listener.stdout:
            self.shown.put(line.strip())

    def taken(self):
        """What was shown since the last time. Whoever notifies has waited for the answer, which is given after it was written."""
        lines = []
        while True:
            try:
                lines.append(self.shown.get(timeout=0.2 if not lines else 0.05))
            except queue.Empty:
                return lines

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in (self.listener, self.daemon):
            if process is not None:
                process.terminate()
                process.wait(10)
        shutil.rmtree(self.dir, ignore_errors=True)
