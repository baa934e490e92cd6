#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""What the damc command says in words of a daemon's answers; the daemon is this program.

usage: words.py DAMCD DAMC
"""
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import unittest

from daemon import DAMC, main

NAME = {"name": "/b/4", "set": 2, "local": False, "held": False, "nexthops": [], "candidates": []}
OFFER = {"node": "sg2", "used": False, "right": "name", "epoch": 1, "cost": 20,
         "why": "its router is farther"}


class Words(unittest.TestCase):
    """One question, one answer."""

    def setUp(self):
        self.dir = tempfile.TemporaryDirectory()
        self.address = self.dir.name + "/control"
        self.server = socket.socket(socket.AF_UNIX)
        self.server.bind(self.address)
        self.server.listen()
        self.server.settimeout(20)

    def tearDown(self):
        self.server.close()
        self.dir.cleanup()

    def answer(self, lines):
        """To the first that comes; the socket's file object holds what it asked."""
        client = self.server.accept()[0]
        with client, client.makefile("rwb") as stream:
            stream.readline()
            stream.write(b"".join(lines))

    def said(self, lines, *words):
        """Status and all output, if the daemon answers with these lines."""
        thread = threading.Thread(target=self.answer, args=(lines,))
        thread.start()
        done = subprocess.run([DAMC, *words], capture_output=True, text=True, check=False,
                              env=dict(os.environ, DAMCD_CONTROL=self.address), timeout=30)
        thread.join()
        return done.returncode, done.stdout + done.stderr

    def explained(self, **members):
        """The lines after the first of what rib explain says of /b/4."""
        lines = [json.dumps({**NAME, **members}).encode() + b"\n", b'{"end": true}\n']
        status, text = self.said(lines, "rib", "explain", "/b/4")
        self.assertEqual(status, 0, text)
        self.first, *rest = text.splitlines()
        return rest

    def test_held(self):
        """Of a name that is held it says that alone: there is no way to have a backup for."""
        rest = self.explained(held=True, unprotected="there is no way there",
                              **{"not-in-pool": "no node has it as a pool's instance"})
        self.assertEqual(self.first, "/b/4 held")
        self.assertEqual(rest, ["\trefused for 5 seconds from when it could not be reached any"
                                " more"])

    def test_pool(self):
        """Why a name is in no pool is said where somebody offers it to one."""
        why = {"not-in-pool": "it may be used as a name, too"}
        line = "\tnot in its pool because it may be used as a name, too"
        self.assertNotIn(line, self.explained(candidates=[OFFER], **why))
        self.assertIn(line, self.explained(candidates=[OFFER, {**OFFER, "right": "member",
                                                              "weight": 1}], **why))

    def test_bad(self):
        """A daemon may answer with anything."""
        for lines, why in ([b"x\n"], "something else than JSON"), ([b"[]\n"], "else than JSON"), \
                ([], "ends too early"), ([b'{"name": 3}\n'], "ends too early"), \
                ([b'{"error": "no"}\n'], "damcd: no"):
            with self.subTest(lines=lines):
                status, text = self.said(lines, "rib", "explain", "/b/4")
                self.assertEqual(status, 2)
                self.assertIn(why, text)


if __name__ == "__main__":
    sys.exit(main())
