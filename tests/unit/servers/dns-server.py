#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""dns-server.py DIR [at=IP]: answers TXT questions for test. as their first label says, by UDP and TCP on one port.

With at= on port 53 there, or it tells port 0 where that is not allowed."""

import socket
import struct
import sys
import threading

import common

HELD = []


def txt(*strings):
    return b"".join(bytes([len(s)]) + s for s in strings)


# first label -> (rcode, list of rdata)
ANSWERS = {
    "one": (0, [txt(b"v=DKIM1; p=abc")]),
    "long": (0, [txt(b"a" * 255, b"b" * 255, b"c")]),
    "two": (0, [txt(b"first"), txt(b"second")]),
    "huge": (0, [txt(*[bytes([65 + i]) * 200 for i in range(20)])]),
    "empty": (0, []),
    "none": (3, []),
    "broken": (2, []),
    "refused": (5, []),
    "bytes": (0, [txt(b"\x00\xff\"")]),
}


def question(packet):
    labels, at = [], 12
    while packet[at]:
        labels.append(packet[at + 1 : at + 1 + packet[at]].decode("latin-1"))
        at += packet[at] + 1
    return labels, packet[12 : at + 5]


def reply(packet, tcp):
    labels, asked = question(packet)
    if labels[0] == "silent":
        common.tell("held")
        return None
    rcode, data = ANSWERS.get(labels[0].lower(), (3, []))
    if asked[-4:-2] != b"\0\x10":
        data = []
    records = b"".join(b"\xc0\x0c" + struct.pack("!HHIH", 16, 1, 60, len(one)) + one for one in data)
    truncated = not tcp and len(records) > 1000
    common.tell("asked", ".".join(labels), "tcp" if tcp else "udp")
    flags = 0x8500 | (packet[2] & 1) << 8 | rcode | (0x0200 if truncated else 0)
    if truncated:
        data, records = [], b""
    return packet[:2] + struct.pack("!HHHHH", flags, 1, len(data), 0, 0) + asked + records


def serve_udp(udp):
    while True:
        packet, sender = udp.recvfrom(4096)
        answer = reply(packet, False)
        if answer:
            udp.sendto(answer, sender)


def serve_tcp(connection):
    while True:
        head = connection.recv(2, socket.MSG_WAITALL)
        if len(head) < 2:
            return
        answer = reply(connection.recv(struct.unpack("!H", head)[0], socket.MSG_WAITALL), True)
        connection.sendall(struct.pack("!H", len(answer)) + answer)


def bind():
    while True:
        tcp, udp = common.listen(), socket.socket(type=socket.SOCK_DGRAM)
        try:
            udp.bind(tcp.getsockname())
            return tcp, udp
        except OSError:
            HELD.append(tcp)  # the port is taken for UDP: another one


def bind_at(address):
    udp = socket.socket(type=socket.SOCK_DGRAM)
    try:
        udp.bind((address, 53))
    except OSError:
        return None, None
    return common.listen(), udp


def main():
    address = common.options(sys.argv)[1].get("at")
    tcp, udp = bind_at(address) if address else bind()
    if udp:
        common.accept_forever(tcp, serve_tcp)
        threading.Thread(target=serve_udp, args=(udp,), daemon=True).start()
    common.tell("port", "dns", udp.getsockname()[1] if udp else 0)
    common.tell("ready")
    common.obey({})


main()
