# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The keeper: the one process that stays. It starts the servers and inherits whatever they leave behind
(PR_SET_CHILD_SUBREAPER), so that nothing survives it even where PID 1 does not reap."""

import ctypes
import os
import select
import signal
import socket
import subprocess
import sys
import time
import traceback

import pki
import world

START_SECONDS = 15
STOP_SECONDS = 1.0
WATCHED = {signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD}
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
LIBC = ctypes.CDLL(None, use_errno=True)


class StartFailed(Exception):
    """A server did not start; the message ends with its log."""


def prctl(option, value):
    if LIBC.prctl(option, value, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")


def process_row(pid):
    """(ppid, state, name, start time, session), or None."""
    try:
        with open("/proc/%d/stat" % pid) as file:
            text = file.read()
    except (FileNotFoundError, ProcessLookupError):
        return None
    name, rest = text[text.index("(") + 1:].rsplit(")", 1)
    fields = rest.split()
    return int(fields[1]), fields[0], name, int(fields[19]), int(fields[3])


def process_table():
    """{pid: row} of all processes."""
    rows = {int(entry): process_row(int(entry)) for entry in os.listdir("/proc") if entry.isdigit()}
    return {pid: row for pid, row in rows.items() if row is not None}


def descendants(root):
    table = process_table()
    found, front = [], [root]
    while front:
        front = [pid for pid, row in table.items() if row[0] in front]
        found += front
    return found


def start_time(pid):
    """Tells a process from a later one with the same number; 0 = gone or only a zombie."""
    row = process_row(pid)
    return 0 if row is None or row[1] == "Z" else row[3]


def wait_exit(pids, seconds):
    """Waits until each process has ended, reaped or not; false if the time is up."""
    deadline = time.monotonic() + seconds
    for pid in pids:
        try:
            fd = os.pidfd_open(pid)
        except ProcessLookupError:
            continue
        try:
            poll = select.poll()
            poll.register(fd, select.POLLIN)
            if not poll.poll(max(0, deadline - time.monotonic()) * 1000):
                return False
        finally:
            os.close(fd)
    return True


class Servers:
    """The four servers of one sandbox; lives in the keeper."""

    def __init__(self, folder):
        self.folder = folder
        self.pids = {}
        self.logs = {"postfix": "postfix/maillog", "dovecot": "dovecot/log", "knot": "dns/log",
                     "opendkim": "opendkim/log", "keymgr": "dns/log"}

    def path(self, name):
        return os.path.join(self.folder, name)

    def spawn(self, server, command, **more):
        def child():
            signal.pthread_sigmask(signal.SIG_UNBLOCK, WATCHED)

        environment = dict({"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C"}, **more)
        with open(self.path(self.logs[server]), "ab") as log:
            return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.folder,
                                    env=environment, preexec_fn=child)

    def failed(self, server, what):
        with open(self.path(self.logs[server]), errors="replace") as log:
            tail = "".join(log.readlines()[-25:])
        return StartFailed("%s %s; its log:\n%s" % (server, what, tail or "(empty)\n"))

    def wait_daemon(self, server, process, pid_file):
        """These put themselves into the background when they are ready."""
        if not wait_exit([process.pid], START_SECONDS):
            raise self.failed(server, "was not ready within %d s" % START_SECONDS)
        if process.wait() != 0:
            raise self.failed(server, "did not start (status %d)" % process.returncode)
        with open(self.path(pid_file)) as file:
            self.pids[server] = int(file.read())

    def wait_notified(self, server, process, notified):
        """Knot speaks systemd's readiness protocol."""
        poll = select.poll()
        exit_fd = os.pidfd_open(process.pid)
        poll.register(exit_fd, select.POLLIN)
        poll.register(notified, select.POLLIN)
        deadline = time.monotonic() + START_SECONDS
        while True:
            ready = [fd for fd, _ in poll.poll(max(0, deadline - time.monotonic()) * 1000)]
            if exit_fd in ready or not ready:
                raise self.failed(server, "ended" if ready else "was not ready within %d s" % START_SECONDS)
            if b"READY=1" in notified.recv(4096):
                break
        os.close(exit_fd)
        self.pids[server] = process.pid

    def wait_listening(self, server, process, socket_name):
        """opendkim says nothing when it listens, and in the background not even that it failed."""
        exit_fd = os.pidfd_open(process.pid)
        poll = select.poll()
        poll.register(exit_fd, select.POLLIN)
        deadline = time.monotonic() + START_SECONDS
        with socket.socket(socket.AF_UNIX) as probe:
            while probe.connect_ex(self.path(socket_name)) != 0:
                if poll.poll(1):
                    raise self.failed(server, "did not start (status %d)" % process.wait())
                if time.monotonic() > deadline:
                    raise self.failed(server, "was not ready within %d s" % START_SECONDS)
        os.close(exit_fd)
        self.pids[server] = process.pid

    def start(self, ports, dnssec):
        """Everything that can run beside the making of the RSA keys does."""
        keys = pki.RsaKeys(self.path("pki"))
        try:
            names = ["%s.%s" % (host, domain) for domain in world.DOMAINS for host in ("smtp", "imap", "mx")]
            pki.make_certificates(self.path("pki"), names + ["ca.test", "acme.ca.test", "localhost"],
                                  ("127.0.0.1",) + world.IMAP_ADDRESSES)
            world.write_mail_servers(self.folder, ports, dnssec)
            dovecot = self.spawn("dovecot", ["/usr/sbin/dovecot", "-c", self.path("dovecot/dovecot.conf")])
            postfix = self.spawn("postfix", ["/usr/lib/postfix/sbin/master", "-w", "-c", self.path("postfix/conf")])
            keys.wait()
        except BaseException:
            keys.stop()
            raise
        world.write_dns_and_dkim(self.folder, ports)
        opendkim = self.spawn("opendkim", ["/usr/sbin/opendkim", "-f", "-x", self.path("opendkim/opendkim.conf")])
        notify = self.path("dns/notify")
        if os.path.exists(notify):
            os.unlink(notify)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notified:
            notified.bind(notify)
            knot = self.spawn("knot", ["/usr/sbin/knotd", "-c", self.path("dns/knot.conf")], NOTIFY_SOCKET=notify)
            self.wait_notified("knot", knot, notified)
        if dnssec:
            self.write_anchors()
        self.wait_listening("opendkim", opendkim, "opendkim/sock")
        self.wait_daemon("dovecot", dovecot, "dovecot/run/master.pid")
        self.wait_daemon("postfix", postfix, "postfix/queue/pid/master.pid")

    def write_anchors(self):
        command = ["/usr/sbin/keymgr", "-c", self.path("dns/knot.conf"), "test.", "ds"]
        result = subprocess.run(command, capture_output=True, text=True)
        ds = [line.split() for line in result.stdout.splitlines() if line.split()[-2:-1] == ["2"]]
        if result.returncode != 0 or len(ds) != 1:
            raise StartFailed("keymgr gave no DS record: %s%s" % (result.stdout, result.stderr))
        for name, digest in (("anchor", ds[0][-1]), ("anchor-wrong", "00" * 32)):
            world.write(self.path("dns/" + name), "test. IN DS %s %s\n" % (" ".join(ds[0][2:-1]), digest))

    def stop(self, gently):
        if gently:
            table = process_table()
            # Dovecot's own end waits more than a second for its log process, when all else of it has gone.
            others = [pid for pid in descendants(os.getpid())
                      if pid in table and pid != self.pids.get("dovecot") and table[pid][2] != "log"]
            for server, pid in self.pids.items():
                # SIGTERM takes opendkim's libmilter up to 5 s.
                kill(pid, signal.SIGKILL if server == "opendkim" else signal.SIGTERM)
            if not wait_exit(others, STOP_SECONDS):
                print("SIGTERM was not enough:", [(pid, table[pid][2]) for pid in others if start_time(pid)])
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline:
            for pid in descendants(os.getpid()):
                kill(pid, signal.SIGKILL)
            if reap_all(0.1):
                return
        print("processes left:", descendants(os.getpid()))

    def reap(self):
        """A server that ends by itself is worth a line in the log."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            for server in [name for name, number in self.pids.items() if number == pid]:
                print("%s ended with status %d" % (server, os.waitstatus_to_exitcode(status)), flush=True)
                del self.pids[server]  # the number may soon be another's


def kill(pid, number):
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass  # it was quicker


def reap_all(seconds):
    """True when no child is left."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            pid, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return True
        if pid == 0 and signal.sigtimedwait({signal.SIGCHLD}, max(0, deadline - time.monotonic())) is None:
            return False


def become_keeper(folder, temporary):
    os.setsid()
    prctl(PR_SET_CHILD_SUBREAPER, 1)
    if temporary:
        prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    log = os.open(os.path.join(folder, "keeper.log"), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    null = os.open("/dev/null", os.O_RDONLY)
    for source, target in ((null, 0), (log, 1), (log, 2)):
        os.dup2(source, target)
    os.close(log)
    os.close(null)


def keep(folder, ports, description, dnssec, answer, temporary):
    """The life of the keeper; never returns. What goes wrong at the start is written to the pipe `answer`."""
    servers = Servers(folder)
    gently = False
    try:
        become_keeper(folder, temporary)
        servers.start(ports, dnssec)
        description["pids"] = dict(servers.pids, keeper=os.getpid())
        description["started"] = {name: start_time(pid) for name, pid in description["pids"].items()}
        world.save(description)
        os.write(answer, b"ok")
        os.close(answer)
        gently = True
        while signal.sigwait(WATCHED) == signal.SIGCHLD:
            servers.reap()
    except (StartFailed, world.Refused) as error:
        os.write(answer, str(error).encode())
    except BaseException:
        traceback.print_exc()
        os.write(answer, traceback.format_exc().encode())
    finally:
        try:
            servers.stop(gently)
            if temporary:
                world.remove(folder)
            sys.stdout.flush()
        except BaseException:
            traceback.print_exc()
        os._exit(0)


def launch(folder, dnssec, ca_smtp, temporary=False):
    """Starts a sandbox in the folder; returns when every server answers."""
    block = world.PortBlock()
    world.make_folders(folder)
    world.set_ca_smtp(folder, ca_smtp)
    description = dict(world.describe(folder, block.number, dnssec), ca_smtp=ca_smtp)
    result, answer = os.pipe()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, WATCHED)
    sys.stdout.flush()
    pid = os.fork()
    if pid == 0:
        os.close(result)
        keep(folder, block.number, description, dnssec, answer, temporary)
    signal.pthread_sigmask(signal.SIG_SETMASK, before)
    os.close(answer)
    try:
        with os.fdopen(result, "rb") as file:
            told = file.read().decode(errors="replace")
    except BaseException:
        kill(pid, signal.SIGTERM)
        os.waitpid(pid, 0)
        raise
    block.release()
    if told != "ok":
        os.waitpid(pid, 0)
        raise StartFailed(told or "the keeper died while it started; see %s/keeper.log" % folder)
    return pid


def running(description):
    """The servers and the keeper that are still there."""
    return [name for name, pid in description["pids"].items()
            if description["started"][name] and start_time(pid) == description["started"][name]]


def halt(description):
    """Stops a sandbox; returns when its last process has ended."""
    alive = running(description)
    pids = description["pids"]
    if "keeper" in alive:
        os.kill(pids["keeper"], signal.SIGTERM)
        if wait_exit([pids["keeper"]], 8):
            return
    # Without their keeper they are known by the sessions of those that still run; a master may fork until it is dead.
    rows = [process_row(pids[name]) for name in running(description)]
    sessions = {row[4] for row in rows if row is not None}
    deadline = time.monotonic() + 5
    while True:
        left = [pid for pid, row in process_table().items() if row[4] in sessions and row[1] != "Z"]
        if not left:
            return
        for pid in left:
            kill(pid, signal.SIGKILL)
        if not wait_exit(left, deadline - time.monotonic()):
            raise world.Refused("processes left: %s" % left)


def reload_postfix(description):
    """Returns when the processes that know the old routes have ended."""
    master = description["pids"]["postfix"]
    table = process_table()
    old = [pid for pid, row in table.items() if row[0] == master and row[2] in ("qmgr", "trivial-rewrite")]
    os.kill(master, signal.SIGHUP)
    if not wait_exit(old, 5):
        raise world.Refused("postfix did not take up the change within 5 s")
