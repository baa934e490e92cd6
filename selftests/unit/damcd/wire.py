#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Several damcd that hear each other: neighbours by UDP, two nodes of one name, the log in JSON.

usage: wire.py DAMCD DAMC
"""
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

import daemon
from daemon import main, wait_for

DAMCD, DAMC = [os.path.abspath(path) for path in sys.argv[1:3]] if len(sys.argv) > 2 else ("", "")


class Node:
    """A router on the wire in @wire, its fabric a list of YAML mappings."""

    def __init__(self, wire, name, fabric, more=""):
        self.dir = tempfile.TemporaryDirectory()
        self.name, self.log = name, self.dir.name + "/log"
        self.write(fabric, more)
        env = dict(os.environ, DAMCD_WIRE=wire, DAMCD_TELLS=self.dir.name + "/tells")
        with open(self.log, "w", encoding="utf-8") as log:
            self.process = subprocess.Popen([DAMCD, "--config", self.dir.name + "/conf"], env=env,
                                            stderr=log)
        assert wait_for(lambda: "ready" in self.said()), self.said()

    def write(self, fabric, more=""):
        """Its configuration."""
        with open(self.dir.name + "/conf", "w", encoding="utf-8") as file:
            file.write(f"role: sr\ninsecure-lab: {{node: {self.name}}}\n"
                       f"state: {self.dir.name}/state\ncontrol: {self.dir.name}/control\n"
                       f"record: 0\ntimers: {{hello: 100ms}}\n"
                       f"fabric: [{', '.join(fabric)}]\n{more}\n")

    def reload(self, fabric, more=""):
        """By another configuration from now on."""
        self.write(fabric, more)
        assert self.damc("router", "reload")[0] == 0

    def damc(self, *words):
        """What the command says of it: status, output."""
        env = dict(os.environ, DAMCD_CONTROL=self.dir.name + "/control")
        done = subprocess.run([DAMC, *words], env=env, capture_output=True, text=True, check=False,
                              timeout=30)
        return done.returncode, done.stdout + done.stderr

    def json(self, *words):
        """The same in JSON."""
        return json.loads(self.damc("-j", *words)[1])

    def full(self):
        """The neighbours that it has, by name."""
        return {one["node"]: one for one in self.json("router", "show") if one["state"] == "full"}

    def tell(self, neighbour, told, now):
        """What the kernel told of liveness, and what it says when it is asked."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
            sock.sendto(f"{neighbour} {told} {now}".encode(), self.dir.name + "/tells")

    def said(self):
        """Its log."""
        with open(self.log, encoding="utf-8") as file:
            return file.read()

    def stop(self):
        """End it."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)


class Wire(unittest.TestCase):
    """A wire for each test."""

    def setUp(self):
        self.dir = tempfile.TemporaryDirectory()
        self.nodes = []

    def tearDown(self):
        for node in self.nodes:
            self.assertEqual(node.stop(), 0, node.said())

    def node(self, *args):
        """One more on it."""
        self.nodes.append(Node(self.dir.name, *args))
        return self.nodes[-1]

    def comes(self, what, *nodes):
        """It is so, after a while."""
        self.assertTrue(wait_for(what), [(node.said(), node.damc("router", "show")[1])
                                         for node in nodes or self.nodes])


class Udp(Wire):
    """Neighbours by UDP; the wire knows them by their port."""

    def test_found(self):
        """Each is what was configured, and is shown as such."""
        one = self.node("r1", ["{udp: 10.0.0.2, port: 4001, cost: 7}"])
        two = self.node("r2", ["{udp: 'fd00::1', port: 4001, local: 'fd00::2', interface: lo}"])
        self.comes(lambda: "r2" in one.full() and "r1" in two.full())
        self.assertEqual({key: one.full()["r2"].get(key) for key in
                          ("udp", "port", "cost", "dev", "local", "lladdr")},
                         {"udp": "10.0.0.2", "port": 4001, "cost": 7, "dev": None, "local": None,
                          "lladdr": None})
        self.assertRegex(two.damc("router", "show")[1],
                         r"^r1 full udp fd00::1 port 4001 local fd00::2 dev lo cost 10 for ")
        self.comes(lambda: "/damc/node/r2 via r2 udp 10.0.0.2 port 4001\n" in
                   one.damc("rib", "show")[1])
        self.assertRegex(one.said(), r"event=neighbour-up id=r2 link=\d+ udp=10.0.0.2 port=4001")

    def test_no_room(self):
        """One that the kernel has no room for at first comes later."""
        os.environ["FAKE_NEIGHS_LATE"] = "1"
        try:
            one = self.node("r1", ["{udp: 10.0.0.2, port: 4001}"])
        finally:
            del os.environ["FAKE_NEIGHS_LATE"]
        two = self.node("r2", ["{udp: 10.0.0.1, port: 4001}"])
        self.assertTrue(wait_for(lambda: "r2" in one.full() and "r1" in two.full(), 60), one.said())
        self.assertEqual(one.said().count("event=neighbour-refused"), 1)

    def test_at_run_time(self):
        """It goes, comes and costs what the file says; its number stays."""
        one = self.node("r1", ["{udp: 10.0.0.2, port: 4001}"])
        two = self.node("r2", ["{udp: 10.0.0.1, port: 4001}", "{udp: 10.0.0.3, port: 4002}"])
        self.comes(lambda: "r2" in one.full() and "r1" in two.full())
        link = one.full()["r2"]["link"]
        one.reload(["{udp: 10.0.0.9, port: 4009}", "{udp: 10.0.0.2, port: 4001, cost: 33}"])
        self.comes(lambda: one.full()["r2"]["cost"] == 33)
        self.assertEqual(one.full()["r2"]["link"], link)
        self.assertNotIn("event=neighbour-down", one.said())
        one.reload([])
        self.comes(lambda: not one.full() and not two.full())
        self.assertIn("event=link-gone udp=10.0.0.2 port=4001", one.said())
        one.reload(["{udp: 10.0.0.2, port: 4001}"])
        self.comes(lambda: "r2" in one.full() and "r1" in two.full())
        self.assertEqual(one.full()["r2"]["link"], link)

    def test_our_port(self):
        """Another port of ours ends all of them, and they come back."""
        one = self.node("r1", ["{udp: 10.0.0.2, port: 4001}"])
        two = self.node("r2", ["{udp: 10.0.0.1, port: 4001}"])
        self.comes(lambda: "r2" in one.full() and "r1" in two.full())
        one.reload(["{udp: 10.0.0.2, port: 4001}"], "udp-port: 4000")
        self.assertIn("event=link-gone", one.said())
        self.comes(lambda: "r2" in one.full() and "r1" in two.full())

    def test_stranger(self):
        """What comes from one that is not configured here says nothing."""
        one = self.node("r1", ["{udp: 10.0.0.2, port: 4001}"], "metrics: 127.0.0.1:"
                        + str(port := daemon.free_port()))
        self.node("r2", ["{udp: 10.0.0.1, port: 4002}"])

        def far():
            conn = daemon.http.client.HTTPConnection("127.0.0.1", port, timeout=20)
            conn.request("GET", "/metrics")
            text = conn.getresponse().read().decode()
            conn.close()
            return int(daemon.re.search(r"(?m)^damcd_wire_far_total (\d+)$", text).group(1))

        self.comes(lambda: far() > 3)
        self.assertEqual(one.json("router", "show"), [])


class Liveness(Wire):
    """What the kernel tells of neighbours."""

    def test_stale(self):
        """That one was down, told after it is up, is nothing."""
        one = self.node("r1", ["{udp: 10.0.0.2, port: 4001}"])
        self.node("r2", ["{udp: 10.0.0.1, port: 4001}"])
        self.comes(lambda: "r2" in one.full())
        one.tell(4001, 1, 1)
        self.comes(lambda: "event=neighbour-alive" in one.said())
        one.tell(4001, 0, 1)
        self.assertIn("r2", one.full())
        self.assertNotIn("event=neighbour-lost", one.said())
        one.tell(4001, 0, 0)
        self.comes(lambda: "event=neighbour-lost" in one.said())
        one.tell(4001, 0, 1)
        self.comes(lambda: one.said().count("event=neighbour-alive") == 2)


class Twins(Wire):
    """Two nodes of one name."""

    def test_on_a_link(self):
        """By hello: told as a warning, in the status, and no neighbour."""
        one = self.node("twin", ["{interface: lo}"])
        self.assertNotIn("duplicate", one.json("router", "status")[0])
        two = self.node("twin", ["{interface: lo}"])
        for node in (one, two):
            self.comes(lambda node=node: "level=warning event=duplicate-node-id heard=hello" in
                       node.said())
            self.assertEqual(node.json("router", "show"), [])
            for word in ("show", "status"):
                self.assertRegex(node.damc("router", word)[1],
                                 r"(?m)^duplicate node id, heard by hello \d+s ago$")

    def test_further_away(self):
        """By what is flooded: one falls silent, and stays so."""
        one = self.node("twin", ["{udp: 10.0.0.1, port: 4001}"])
        middle = self.node("m", ["{udp: 10.0.0.2, port: 4001}", "{udp: 10.0.0.3, port: 4002}"])
        self.comes(lambda: middle.full())
        # Certificates of a lab are as old as their process, in whole seconds.
        time.sleep(1.1)
        two = self.node("twin", ["{udp: 10.0.0.1, port: 4002}"])

        def silent():
            return [node for node in (one, two) if "duplicate-node-id heard=lsa" in node.said()]

        self.comes(silent)
        loser = silent()[0]
        twin = loser.json("router", "status")[0]["duplicate"]
        self.assertEqual(twin["heard"], "lsa")
        self.assertIn(twin["silent"], range(30, 61))
        self.assertRegex(loser.damc("router", "status")[1],
                         r"(?m)^duplicate node id, heard by lsa \d+s ago, silent for \d+s$")


class Json(Wire):
    """The log as JSON."""

    def test_lines(self):
        """Each line is an object; the format follows the file."""
        one = self.node("r1", ["{udp: 10.0.0.2, port: 4001}"], "log-format: json")
        self.node("r2", ["{udp: 10.0.0.1, port: 4001}"])
        self.comes(lambda: "r2" in one.full())
        lines = [json.loads(line) for line in one.said().splitlines()]
        up, = [line for line in lines if line["event"] == "neighbour-up"]
        self.assertEqual({key: up[key] for key in ("level", "id", "udp", "port")},
                         {"level": "info", "id": "r2", "udp": "10.0.0.2", "port": "4001"})
        self.assertRegex(up["time"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$")
        one.reload(["{udp: 10.0.0.2, port: 4001}"])
        self.assertRegex(one.said().splitlines()[-1], "^time=.* level=info event=reloaded file=")


if __name__ == "__main__":
    sys.exit(main())
