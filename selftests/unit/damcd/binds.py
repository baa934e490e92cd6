#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Class 1 by bind(): damcd hears a pod's kernel, which is this test.

usage: binds.py DAMCD DAMC
"""
import http.client
import os
import random
import signal
import socket
import struct
import sys
import tempfile
import unittest

from daemon import Daemon, ask, main, wait_for

WANT, LEAVE, GRANTED, REFUSED, LATER, LEFT, AGAIN = range(1, 8)
VECTORS = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                       "../../../Documentation/vectors/bind.txt")


def wire(text):
    """A name's bytes."""
    parts = [part.encode() for part in text.split("/")[1:]]
    return b"".join(bytes([len(part)]) + part for part in parts)


def message(kind, name, ident=7, weight=0, reason=b""):
    """One to damcd."""
    return struct.pack(">BBBBHHQ", 1, kind, len(wire(name)), len(reason), weight, 0, ident) + \
        wire(name) + reason


class Binds(unittest.TestCase):
    """A pod behind lo, and its gateway."""

    def setUp(self):
        self.dir = tempfile.TemporaryDirectory()
        path = self.dir.name + "/bind"
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.sock.settimeout(20)
        self.sock.bind(path + ".pod")
        os.environ["DAMC_FAKE_BIND"] = path
        self.daemon = Daemon()
        self.path = path
        self.lo = socket.if_nametoindex("lo")

    def tearDown(self):
        del os.environ["DAMC_FAKE_BIND"]
        self.assertEqual(self.daemon.stop(), 0, self.daemon.said())
        self.sock.close()
        self.dir.cleanup()

    def send(self, packet, ifindex=None):
        """To damcd, as the kernel would bring it."""
        self.sock.sendto(struct.pack("=I", self.lo if ifindex is None else ifindex) + packet,
                         self.path)

    def hear(self):
        """What damcd says next: type, id, name, reason."""
        data = self.sock.recv(2048)
        version, kind, name, reason, _, _, ident = struct.unpack(">BBBBHHQ", data[4:20])
        self.assertEqual(version, 1)
        self.assertEqual(len(data), 20 + name + reason)
        return kind, ident, data[20:20 + name], data[20 + name:]

    def want(self, name, ident=7, weight=0):
        """Say so; the answer."""
        self.send(message(WANT, name, ident, weight))
        answer = self.hear()
        self.assertEqual(answer[1:3], (ident, wire(name)))
        return answer[0], answer[3]

    def names(self):
        """What is registered, by name."""
        conn = http.client.HTTPConnection("127.0.0.1", self.daemon.port, timeout=20)
        try:
            return {one["name"]: one for one in ask(conn, "GET", "/v1/names")[1]["names"]}
        finally:
            conn.close()

    def began(self):
        """It asks for all that is bound, first."""
        self.assertEqual(self.hear(), (AGAIN, 0, b"", b""))

    def test_life(self):
        """Wanted, granted, asked again, left."""
        self.began()
        self.assertEqual(self.want("/b/4"), (GRANTED, b""))
        self.assertEqual(self.want("/b/4", 8), (GRANTED, b""))
        self.assertEqual(self.want("/p/1", 9, 3), (GRANTED, b""))
        names = self.names()
        self.assertEqual(names["/b/4"]["right"], "name")
        self.assertEqual((names["/p/1"]["right"], names["/p/1"]["weight"]), ("member", 3))
        self.send(message(LEAVE, "/b/4"))
        self.assertEqual(self.hear()[:3], (LEFT, 7, wire("/b/4")))
        self.assertTrue(wait_for(lambda: "/b/4" not in self.names()))
        self.send(message(LEAVE, "/never"))
        self.assertEqual(self.hear()[0], LEFT)

    def test_refused(self):
        """What no pod may have, and what the kernel does not take."""
        self.began()
        kind, reason = self.want("/pod/x")
        self.assertEqual(kind, REFUSED)
        self.assertIn(b"the fabric's", reason)
        self.assertEqual(self.want("/fake/refused")[0], REFUSED)
        self.assertEqual(self.want("/p", 7, 1)[0], REFUSED)
        self.assertEqual(self.names(), {})

    def test_not_shortened(self):
        """A lease by HTTP that is longer stays; what ends by HTTP is asked for again."""
        self.began()
        conn = http.client.HTTPConnection("127.0.0.1", self.daemon.port, timeout=20)
        self.assertEqual(ask(conn, "POST", "/v1/names", {"name": "/b/4", "lease": 600})[0], 201)
        self.assertEqual(self.want("/b/4"), (GRANTED, b""))
        self.assertGreater(self.names()["/b/4"]["lease"], 500)
        self.assertEqual(ask(conn, "DELETE", "/v1/names/b/4")[0], 204)
        self.assertEqual(self.hear(), (AGAIN, 0, wire("/b/4"), b""))
        conn.close()

    def test_forged(self):
        """From no edge, of no form, in the gateway's own words: nothing happens."""
        self.began()
        random.seed(int(os.environ.get("SEED", "1")))
        with open(VECTORS, encoding="utf-8") as file:
            bad = [bytes.fromhex(line.split("\t")[1]) for line in file if line.startswith("bad")]
        self.send(message(WANT, "/b/4"), 0)
        self.send(message(WANT, "/b/4"), self.lo + 1000)
        for kind in (0, GRANTED, REFUSED, LATER, LEFT, AGAIN, 255):
            self.send(message(kind, "/b/4"))
        for packet in bad:
            self.send(packet)
        for _ in range(300):
            packet = bytearray(message(WANT, "/b/4"))
            packet[random.choice((0, 2, 3))] = random.randrange(256)
            if packet[0:1] + packet[2:4] != message(WANT, "/b/4")[0:1] + message(WANT, "/b/4")[2:4]:
                self.send(bytes(packet[:random.randrange(len(packet) + 1)]))
        self.assertEqual(self.want("/c/1"), (GRANTED, b""))
        self.assertEqual(list(self.names()), ["/c/1"])

    def test_restart(self):
        """What the daemon finds bound is there; all is asked for, and granted."""
        self.began()
        self.assertEqual(self.want("/b/4"), (GRANTED, b""))
        self.assertNotEqual(self.daemon.end(signal.SIGKILL), 0)
        self.daemon.begin()
        self.began()
        self.assertEqual(self.want("/b/4"), (GRANTED, b""))
        self.assertTrue(wait_for(lambda: "/b/4" in self.names()))


if __name__ == "__main__":
    sys.exit(main())
