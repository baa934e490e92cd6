#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""damcd as a process, without a kernel: configuration, HTTP, control socket, signals.

usage: daemon.py DAMCD DAMC
"""
import base64
import http.client
import json
import os
import re
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

DAMCD, DAMC = sys.argv[1:3] if len(sys.argv) > 2 else ("", "")

GOOD = """\
role: sg
insecure-lab: {{node: sg1}}
state: {dir}/state
control: {dir}/control
metrics: 127.0.0.1:{metrics}
log-level: debug
edges:
  - interface: lo
    pod: /pod/sg1/1
    listen: ["unix:{dir}/pod", "127.0.0.1:{port}"]
    grpc: ["unix:{dir}/grpc", "127.0.0.1:{grpc}"]
timers: {{drain: 200ms}}
"""

# What is wrong, and what is said of it.
BAD = [
    ("", "the file is empty"),
    ("role: [", ":2:1: did not find expected node content"),
    ("rolle: sg", ':1:1: no key "rolle"; there are: role, identity'),
    ("role: sg\nrole: sg", ':2:1: "role" comes twice'),
    ("role: xx", ":1:7: sg \\(gateway\\) or sr"),
    ("identity: /x", ':1:1: "role" is missing'),
    ("role: sg", ':1:1: either "identity"'),
    ("role: sg\nidentity: /x\ninsecure-lab: {node: a}", ':1:1: either "identity"'),
    ("role: sg\ninsecure-lab: {node: a}\nfabric:\n  - {cost: 3}", ':4:5: "interface" is missing'),
    ("role: sg\ninsecure-lab: {node: a}\nfabric:\n  - {interface: a, cost: 0}",
     ":4:26: a number from 1 to 16777215"),
    ("role: sg\ninsecure-lab: {node: a}\nfabric:\n  - {interface: abcdefghijklmnopq}",
     ":4:17: 1 to 15 bytes"),
    ("role: sg\ninsecure-lab: {node: a}\nfabric: [{interface: a}, {interface: a}]",
     'interface "a" comes twice'),
    ("role: sg\ninsecure-lab: {node: a}\nfabric: [{interface: a}]\nedges: [{interface: a, pod: /p}]",
     'interface "a" comes twice'),
    ("role: sg\ninsecure-lab: {node: a}\nedges: [{interface: a, pod: p}]", ':3:29: "p" is no name'),
    ("role: sr\ninsecure-lab: {node: a}\nedges: [{interface: a, pod: /p}]", "has no edges"),
    ("role: sg\ninsecure-lab: {node: a}\nedges: [{interface: a, pod: /p, listen: [x]}]",
     ":3:42: unix:PATH or ADDRESS:PORT"),
    ("role: sg\ninsecure-lab: {node: a}\nedges: [{interface: a, pod: /p, grpc: [x]}]",
     ":3:40: unix:PATH or ADDRESS:PORT"),
    ("role: sg\ninsecure-lab: {node: a}\ntimers: {hello: 5}", ":3:17: a time with ms, s, m or h"),
    ("role: sg\ninsecure-lab: {node: a}\ntimers: {hello: 1ms}", ":3:17: a time with"),
    ("role: sg\ninsecure-lab: {node: a}\nlog-level: loud", ":3:12: error, warning, info or debug"),
    ("role: sg\ninsecure-lab: {node: a}\nlog-format: xml", ":3:13: logfmt or json"),
    ("role: sg\ninsecure-lab: {node: a}\nspa: []", ":3:6: one at least"),
    ("role: sr\ninsecure-lab: {node: a}\nfabric: [{udp: sr2}]", ":3:16: an address of IPv4 or IPv6"),
    ("role: sr\ninsecure-lab: {node: a}\nfabric: [{udp: 'fe80::1'}]",
     ':3:10: a link-local address is one of an "interface"'),
    ("role: sr\ninsecure-lab: {node: a}\nfabric: [{udp: '::1', local: 10.0.0.1}]",
     ':3:10: "local" is no address of the same kind'),
    ("role: sr\ninsecure-lab: {node: a}\nfabric: [{interface: a, port: 4000}]",
     ':3:10: "local" and "port" are for one with "udp"'),
    ("role: sr\ninsecure-lab: {node: a}\nfabric: [{udp: 10.0.0.1, port: 0}]",
     ":3:32: a number from 1 to 65535"),
    ("role: sr\ninsecure-lab: {node: a}\nudp-port: 70000", ":3:11: a number from 1 to 65535"),
    ("role: sr\ninsecure-lab: {node: a}\nfabric: [{udp: 10.0.0.1}, {udp: 10.0.0.1, port: 3625}]",
     "a neighbour by UDP comes twice"),
    ("role: sg\ninsecure-lab: {node: a}\nfabric: [{udp: 10.0.0.1, interface: a}]\n"
     "edges: [{interface: a, pod: /p}]", 'interface "a" comes twice'),
    ("role: sg\ninsecure-lab: {node: a}\ntimers: {rotate: 1ms}", ":3:18: a time with"),
    ("- a", ":1:1: keys are expected here"),
]


def free_port():
    """A port that nobody has, for now."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def wait_for(what, seconds=20):
    """True as soon as it is."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if what():
            return True
        time.sleep(0.02)
    return False


class Daemon:
    """One that runs in a directory of its own."""

    def __init__(self, prepare=lambda directory, text: text, kernel=False):
        self.dir = tempfile.TemporaryDirectory()
        self.prepare, self.kernel = prepare, kernel
        self.port, self.metrics, self.grpc = free_port(), free_port(), free_port()
        self.path = self.dir.name + "/conf"
        self.notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.notify.bind(self.dir.name + "/notify")
        self.notify.settimeout(0.1)
        self.told = []
        self.write()
        self.begin()

    def begin(self):
        """Start it, and wait until it is ready."""
        env = dict(os.environ, NOTIFY_SOCKET=self.dir.name + "/notify", WATCHDOG_USEC="200000")
        if self.kernel:
            env["FAKE_KERNEL"] = self.dir.name + "/kernel"
        self.log = open(self.dir.name + "/log", "w", encoding="utf-8")
        self.process = subprocess.Popen([DAMCD, "--config", self.path], env=env, stderr=self.log)
        assert self.tells("READY=1"), self.said()

    def end(self, signum=signal.SIGTERM):
        """End it: its exit status."""
        self.process.send_signal(signum)
        status = self.process.wait(30)
        self.log.close()
        return status

    def write(self, change=lambda text: text):
        """Its configuration."""
        text = GOOD.format(dir=self.dir.name, port=self.port, metrics=self.metrics,
                           grpc=self.grpc)
        text = self.prepare(self.dir.name, text)
        with open(self.path, "w", encoding="utf-8") as file:
            file.write(change(text))

    def tells(self, state):
        """Whether the manager is told this, now or soon; once."""
        def come():
            try:
                while True:
                    self.told.append(self.notify.recv(100).decode())
            except (TimeoutError, socket.timeout):
                pass
            found = [one for one in self.told if one.startswith(state)]
            if found:
                self.told.remove(found[0])
            return found
        return wait_for(come)

    def stop(self, signum=signal.SIGTERM):
        """End it for good: its exit status."""
        status = self.end(signum)
        self.notify.close()
        return status

    def said(self):
        """Its log."""
        with open(self.dir.name + "/log", encoding="utf-8") as file:
            return file.read()

    def damc(self, *words):
        """What the command says of it: status, output."""
        env = dict(os.environ, DAMCD_CONTROL=self.dir.name + "/control")
        done = subprocess.run([DAMC, *words], env=env, capture_output=True, text=True, check=False,
                              timeout=30)
        return done.returncode, done.stdout + done.stderr


class UnixConnection(http.client.HTTPConnection):
    """HTTP over a unix socket."""

    def __init__(self, path):
        super().__init__("pod", timeout=20)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(20)
        self.sock.connect(self.path)


def ask(conn, method, path, body=None):
    """A request: status, JSON (None if there is none)."""
    if body is not None and not isinstance(body, (str, bytes)):
        body = json.dumps(body)
    conn.request(method, path, body)
    answer = conn.getresponse()
    data = answer.read()
    return answer.status, json.loads(data) if data else None


class Config(unittest.TestCase):
    """--check"""

    def test_bad(self):
        """Each mistake is told, with its place."""
        with tempfile.TemporaryDirectory() as directory:
            path = directory + "/conf"
            for text, why in BAD:
                with open(path, "w", encoding="utf-8") as file:
                    file.write(text)
                done = subprocess.run([DAMCD, "--check", path], capture_output=True, text=True,
                                      check=False)
                with self.subTest(text=text):
                    self.assertEqual(done.returncode, 1)
                    self.assertTrue(done.stderr.startswith(path))
                    self.assertRegex(done.stderr, why)

    def test_missing(self):
        """A file that is not there."""
        done = subprocess.run([DAMCD, "--check", "/nowhere"], capture_output=True, text=True,
                              check=False)
        self.assertEqual((done.returncode, done.stderr),
                         (1, "/nowhere: No such file or directory\n"))


class OneForAll(unittest.TestCase):
    """One daemon for all."""

    @classmethod
    def setUpClass(cls):
        cls.daemon = Daemon()

    @classmethod
    def tearDownClass(cls):
        assert cls.daemon.stop() == 0, cls.daemon.said()

    def conn(self):
        """A new connection."""
        conn = http.client.HTTPConnection("127.0.0.1", self.daemon.port, timeout=20)
        self.addCleanup(conn.close)
        return conn

    def names(self, conn=None):
        """Names that are registered, by themselves."""
        own = conn or self.conn()
        found = ask(own, "GET", "/v1/names")[1]["names"]
        if not conn:
            own.close()
        return {one["name"]: one for one in found if one["state"] == "registered"}


class Running(OneForAll):
    """What a pod can do."""

    def test_register(self):
        """All of a registration comes back."""
        conn = self.conn()
        body = {"name": "/r/4", "right": "member", "weight": 5, "lease": 60, "protocol": "tcp",
                "port": 80}
        status, answer = ask(conn, "POST", "/v1/names", body)
        self.assertEqual((status, answer), (201, dict(body, state="registered")))
        self.assertEqual(ask(conn, "GET", "/v1/names/r/4")[1], answer)
        self.assertEqual(ask(conn, "DELETE", "/v1/names/r/4"), (204, None))
        self.assertNotIn("/r/4", self.names(conn))

    def test_connection(self):
        """A lease is the connection, unless told."""
        conn = self.conn()
        self.assertEqual(ask(conn, "POST", "/v1/names", {"name": "/c/1"})[0], 201)
        self.assertEqual(self.names()["/c/1"]["lease"], "connection")
        conn.close()
        self.assertTrue(wait_for(lambda: "/c/1" not in self.names()))

    def test_lease(self):
        """A lease in seconds ends, unless it is renewed."""
        conn = self.conn()
        for name in "/l/1", "/l/2":
            ask(conn, "POST", "/v1/names", {"name": name, "lease": 5})
        conn.close()
        status, answer = ask(self.conn(), "POST", "/v1/renew",
                             {"names": ["/l/1", "/none", "x"], "lease": 600})
        self.assertEqual(status, 200)
        self.assertEqual(answer, {"renewed": 1, "failed": [
            {"name": "/none", "code": "not-registered"}, {"name": "x", "code": "bad-name"}]})
        self.assertTrue(wait_for(lambda: "/l/2" not in self.names()))
        self.assertIn("/l/1", self.names())

    def test_problems(self):
        """What is wrong is told, with what to do."""
        conn = self.conn()
        for method, path, body, status, code in [
                ("POST", "/v1/names", "x", 400, "bad-json"),
                ("POST", "/v1/names", "[]", 400, "bad-json"),
                ("POST", "/v1/names", '{"name": "/a", "name": "/b"}', 400, "bad-json"),
                ("POST", "/v1/names", {}, 400, "bad-request"),
                ("POST", "/v1/names", {"nam": "/a"}, 400, "bad-request"),
                ("POST", "/v1/names", {"name": 1}, 400, "bad-request"),
                ("POST", "/v1/names", {"name": "a"}, 400, "bad-name"),
                ("POST", "/v1/names", {"name": "/a" * 100}, 400, "bad-name"),
                ("POST", "/v1/names", {"name": "/a\0b"}, 400, "bad-json"),
                ("POST", "/v1/names", {"name": "/a", "right": "tree"}, 400, "bad-request"),
                ("POST", "/v1/names", {"name": "/a", "weight": 0}, 400, "bad-request"),
                ("POST", "/v1/names", {"name": "/a", "weight": 65536}, 400, "bad-request"),
                ("POST", "/v1/names", {"name": "/a", "lease": 4}, 400, "bad-request"),
                ("POST", "/v1/names", {"name": "/a", "lease": "long"}, 400, "bad-request"),
                ("POST", "/v1/names", {"name": "/a", "protocol": "x"}, 400, "bad-request"),
                ("POST", "/v1/names", {"name": "/a", "port": 65536}, 400, "bad-request"),
                ("POST", "/v1/names", {"name": "/damc/a"}, 403, "name-not-allowed"),
                ("POST", "/v1/names", {"name": "/a", "right": "member"}, 403, "name-not-allowed"),
                ("POST", "/v1/names", {"name": "/fake/refused/a"}, 409, "not-bound"),
                ("DELETE", "/v1/names/none", None, 404, "not-registered"),
                ("GET", "/v1/names/none", None, 404, "not-registered"),
                ("GET", "/v1/names//x", None, 400, "bad-name"),
                ("GET", "/v1/names?below=x", None, 400, "bad-name"),
                ("GET", "/v1/names?fabric=1&below=/damc", None, 200, None),
                ("GET", "/v1/names?fabric=1", None, 429, "too-often"),
                ("GET", "/", None, 404, "not-found"),
                ("PUT", "/v1/names", "{}", 405, "bad-method"),
                ("POST", "/v1/renew", {"names": 3}, 400, "bad-request"),
                ("POST", "/v1/renew", {"names": [], "lease": 1}, 400, "bad-request"),
                ("POST", "/v1/renew", {"names": ["/a"] * 10001}, 413, "too-many"),
        ]:
            with self.subTest(method=method, path=path, body=str(body)[:60]):
                got, answer = ask(conn, method, path, body)
                self.assertEqual((got, answer.get("code")), (status, code))
                if not code:
                    continue
                self.assertEqual(set(answer), {"code", "message", "do"})
                self.assertRegex(answer["message"], r"\.$")

    def test_too_large(self):
        """A body beyond the limit is not read."""
        conn = self.conn()
        try:
            conn.request("POST", "/v1/names", b"x" * (2 << 20))
            self.assertEqual(conn.getresponse().status, 413)
        except (BrokenPipeError, ConnectionResetError):
            pass
        self.assertEqual(ask(self.conn(), "GET", "/v1/names")[0], 200)

    def test_escapes(self):
        """A name in the path is written as anywhere."""
        conn = self.conn()
        self.assertEqual(ask(conn, "POST", "/v1/names", {"name": "/e/a%2Fb%20c"})[0], 201)
        self.assertEqual(ask(conn, "GET", "/v1/names/e/a%2Fb%20c")[1]["name"], "/e/a%2Fb%20c")
        self.assertEqual(ask(conn, "GET", "/v1/names?below=/e")[1]["names"][0]["name"],
                         "/e/a%2Fb%20c")

    def test_unix(self):
        """The unix socket is the same server."""
        conn = UnixConnection(self.daemon.dir.name + "/pod")
        self.assertEqual(ask(conn, "POST", "/v1/names", {"name": "/u/1"})[0], 201)
        self.assertIn("/u/1", self.names())
        conn.close()

    def test_watch(self):
        """What there is, then what changes."""
        conn, watch = self.conn(), self.conn()
        ask(conn, "POST", "/v1/names", {"name": "/w/1"})
        watch.request("GET", "/v1/names?watch=1&below=/w")
        answer = watch.getresponse()
        first = json.loads(answer.readline())
        self.assertEqual((first["name"], first["event"]), ("/w/1", "up"))
        self.assertEqual(answer.readline(), b"\n")
        ask(conn, "POST", "/v1/names", {"name": "/v/1"})
        ask(conn, "POST", "/v1/names", {"name": "/w/2"})
        ask(conn, "DELETE", "/v1/names/w/1")
        self.assertEqual(json.loads(answer.readline())["name"], "/w/2")
        last = json.loads(answer.readline())
        self.assertEqual((last["name"], last["event"], last["why"]), ("/w/1", "down", "ended"))

    def test_slow_watch(self):
        """Who watches and does not read is cut off, whoever else goes on."""
        conn, watch = self.conn(), UnixConnection(self.daemon.dir.name + "/pod")
        ask(watch, "POST", "/v1/names", {"name": "/slow/own"})
        watch.request("GET", "/v1/names?watch=1&below=/slow")
        answer = watch.getresponse()
        self.assertEqual(json.loads(answer.readline())["name"], "/slow/own")
        name = "/slow/" + "x" * 60 + "/" + "y" * 20
        for changes in range(6000):
            ask(conn, "POST", "/v1/names", {"name": name})
            ask(conn, "DELETE", "/v1/names" + name)
            if "/slow/own" not in self.names():
                break
        # 1 MiB, and what is in the socket: some 400 bytes each.
        self.assertGreater(changes, 2000)
        self.assertNotIn("/slow/own", self.names())
        with self.assertRaises((http.client.IncompleteRead, ConnectionResetError)):
            while answer.read(10000):
                pass

    def test_connections(self):
        """10,240 of one edge that have asked; one more is told so, and room comes back."""
        if resource.getrlimit(resource.RLIMIT_NOFILE)[0] < 11000:
            self.skipTest("fewer files than connections")
        path = self.daemon.dir.name + "/pod"
        bad = b'{"name": "/pod/none"}'
        post = b"POST /v1/names HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % len(bad) + bad
        socks = []
        for _ in range(10250):
            socks.append(socket.socket(socket.AF_UNIX))
            socks[-1].settimeout(20)
            socks[-1].connect(path)
            socks[-1].sendall(post)
            if b"HTTP/1.1 503" in socks[-1].recv(1000):
                break
        self.assertGreater(len(socks), 10000)
        conn = UnixConnection(path)
        status, answer = ask(conn, "POST", "/v1/names", {"name": "/c/1"})
        self.assertEqual((status, answer["code"]), (503, "too-many-connections"))
        status, answer = ask(conn, "GET", "/v1/names?watch=1")
        self.assertEqual((status, answer["code"]), (503, "too-many-connections"))
        for sock in socks:
            sock.close()
        self.assertTrue(wait_for(lambda: ask(conn, "POST", "/v1/names",
                                             {"name": "/c/1"})[0] == 201))

    def test_bad_http(self):
        """What is no HTTP harms nobody."""
        for data in b"\r\n\r\n", b"GET\r\n\r\n", b"\0" * 100, b"GET / HTTP/1.1\r\n" + b"a" * 20000:
            with socket.create_connection(("127.0.0.1", self.daemon.port), 20) as sock:
                sock.sendall(data)
        self.assertEqual(ask(self.conn(), "GET", "/v1/names")[0], 200)

    def test_metrics(self):
        """Prometheus text; health and readiness."""
        conn = http.client.HTTPConnection("127.0.0.1", self.daemon.metrics, timeout=20)
        conn.request("GET", "/metrics")
        text = conn.getresponse().read().decode()
        self.assertRegex(text, r"(?m)^# TYPE damcd_names gauge\ndamcd_names \d+$")
        self.assertRegex(text, r"(?m)^damcd_node_spf_runs_total \d+$")
        for line in text.splitlines():
            self.assertRegex(line, r"^(# TYPE \w+ (gauge|counter)|\w+ \d+)$")
        for path in "/healthz", "/readyz":
            conn.request("GET", path)
            answer = conn.getresponse()
            answer.read()
            self.assertEqual(answer.status, 200)

    def test_control(self):
        """The damc command shows what is there."""
        conn = self.conn()
        ask(conn, "POST", "/v1/names", {"name": "/k/1"})
        status, text = self.daemon.damc("router", "names")
        self.assertEqual(status, 0)
        self.assertIn("/k/1 name registered pod /pod/sg1/1 lease connection\n", text)
        for words in (["lsdb"], ["-d", "lsdb"], ["rib"], ["spf"], ["convergence"], ["router"],
                      ["router", "status"]):
            with self.subTest(words=words):
                self.assertEqual(self.daemon.damc(*words)[0], 0)
                status, text = self.daemon.damc("-j", *words)
                self.assertEqual(status, 0, text)
                self.assertIsInstance(json.loads(text), list)
        self.assertIn("certificate /damc/node/sg1", self.daemon.damc("-d", "lsdb")[1])
        self.assertEqual(self.daemon.damc("rib", "explain", "/none"),
                         (2, "damc: damcd: nothing in the RIB matches it\n"))
        self.assertEqual(self.daemon.damc("router", "resync")[0], 0)
        self.assertEqual(self.daemon.damc("router", "drain")[0], 0)
        self.assertEqual(self.daemon.damc("router", "drain", "off")[0], 0)

    def test_control_bad(self):
        """What is no request is told so."""
        for line, why in (b"x", "a JSON object is expected"), (b"{}", '"do" is none'), \
                (b'{"do": "explain"}', "no name"), (b'{"do": 3}', '"do" is none'):
            with socket.socket(socket.AF_UNIX) as sock:
                sock.settimeout(20)
                sock.connect(self.daemon.dir.name + "/control")
                sock.sendall(line + b"\n")
                self.assertRegex(json.loads(sock.makefile().readline())["error"], why)

    def test_watchdog(self):
        """Signs of life come in time."""
        self.assertTrue(self.daemon.tells("WATCHDOG=1"))
        self.assertTrue(self.daemon.tells("WATCHDOG=1"))


# What comes before a seed in a private key as openssl reads it (RFC 8410).
PKCS8 = bytes.fromhex("302e020100300506032b657004220420")


class Holder:
    """One who holds a key, and signs with nothing of ours."""

    def __init__(self, directory, number):
        self.seed, self.path = bytes([number] * 32), f"{directory}/key{number}"
        with open(self.path + ".der", "wb") as file:
            file.write(PKCS8 + self.seed)
        self.key = self.openssl("pkey", "-inform", "DER", "-in", self.path + ".der", "-pubout",
                                "-outform", "DER")[-32:].hex()

    @staticmethod
    def openssl(*words):
        """What it writes."""
        return subprocess.run(["openssl", *words], capture_output=True, check=True).stdout

    def sign(self, text):
        """What goes into "proof"."""
        with open(self.path + ".signed", "wb") as file:
            file.write(base64.b64decode(text))
        signature = self.openssl("pkeyutl", "-sign", "-rawin", "-keyform", "DER", "-inkey",
                                 self.path + ".der", "-in", self.path + ".signed")
        return {"signed": text, "signature": base64.b64encode(signature).decode()}


@unittest.skipUnless(shutil.which("openssl"), "no openssl")
class Keys(OneForAll):
    """Who has a key shows it, once for each registration."""

    def setUp(self):
        self.holder = Holder(self.daemon.dir.name, 1)
        self.thief = Holder(self.daemon.dir.name, 2)

    def offer(self, name, right="name", holder=None):
        """What there is to sign."""
        status, told = ask(self.conn(), "POST", "/v1/nonce",
                           {"name": name, "right": right, "key": (holder or self.holder).key})
        self.assertEqual(status, 200, told)
        self.assertEqual((told["gateway"], told["seconds"], told["lasts"]), ("sg1", 60, 86400))
        return told["sign"]

    def post(self, name, proof, **more):
        """A registration: status, answer."""
        return ask(self.conn(), "POST", "/v1/names",
                   {"name": name, "lease": 60, "proof": proof, **more})

    def test_registers(self):
        """With what was signed, once; it is renewed without."""
        proof = self.holder.sign(self.offer("/k/1"))
        status, told = self.post("/k/1", proof)
        self.assertEqual((status, told["state"]), (201, "registered"))
        self.assertGreater(told["proof-lasts"], 86000)
        status, told = self.post("/k/1", proof)
        self.assertEqual((status, told["code"]), (403, "bad-proof"))
        self.assertIn("nonce", told["message"])
        self.assertEqual(ask(self.conn(), "POST", "/v1/renew", {"names": ["/k/1"]})[1]["renewed"],
                         1)
        self.assertEqual(self.post("/k/1", self.holder.sign(self.offer("/k/1")))[0], 201)
        self.assertEqual(ask(self.conn(), "DELETE", "/v1/names/k/1")[0], 204)

    def test_proves_nothing_else(self):
        """Another's signature, another name, another right, nothing at all."""
        offer = self.offer("/k/2")
        for name, proof, more in (("/k/2", self.thief.sign(offer), {}),
                                  ("/k/3", self.holder.sign(offer), {}),
                                  ("/k/2", self.holder.sign(offer), {"right": "member"})):
            status, told = self.post(name, proof, **more)
            self.assertEqual((status, told["code"]), (403, "bad-proof"), told)
        self.assertEqual(self.post("/k/2", self.holder.sign(offer))[0], 201)
        good = self.holder.sign(offer)
        for proof in ("x", {}, {"signed": good["signed"]}, {"signed": "!", "signature": "!"},
                      {"signed": "", "signature": ""}, dict(good, signature=good["signed"]),
                      dict(good, signed=good["signed"] * 2), dict(good, more=1)):
            self.assertEqual(self.post("/k/2", proof)[0], 400, proof)

    def test_bad_nonces(self):
        """What is asked for has to be something that there can be."""
        key = self.holder.key
        for body, status in (({}, 400), ({"name": "/a"}, 400), ({"name": "/a", "key": "00"}, 400),
                             ({"name": "/a", "key": key + "00"}, 400),
                             ({"name": "/a", "key": "x" * 64}, 400),
                             ({"name": "/a", "key": key, "no": 1}, 400),
                             ({"name": "/", "key": key}, 403),
                             ({"name": "/a", "key": key, "right": "member"}, 403)):
            self.assertEqual(ask(self.conn(), "POST", "/v1/nonce", body)[0], status, body)
        self.assertEqual(ask(self.conn(), "GET", "/v1/nonce")[0], 405)

    @unittest.skipUnless(shutil.which("curl"), "no curl")
    def test_curl(self):
        """An unmodified client over the unix socket: as the pod, and with a key."""
        def curl(method, path, body=None):
            words = ["curl", "-s", "-X", method, "--unix-socket", self.daemon.dir.name + "/pod",
                     "http://pod" + path]
            if body:
                words += ["-H", "Content-Type: application/json", "-d", json.dumps(body)]
            out = subprocess.run(words, capture_output=True, check=True, timeout=20).stdout
            return json.loads(out) if out else None

        self.assertEqual(curl("POST", "/v1/names", {"name": "/c/1", "lease": 60})["state"],
                         "registered")
        sign = curl("POST", "/v1/nonce", {"name": "/c/2", "key": self.holder.key})["sign"]
        told = curl("POST", "/v1/names",
                    {"name": "/c/2", "lease": 60, "proof": self.holder.sign(sign)})
        self.assertIn("proof-lasts", told)
        self.assertEqual(curl("POST", "/v1/renew", {"names": ["/c/1", "/c/2"]})["renewed"], 2)
        for name in ("/c/1", "/c/2"):
            self.assertIsNone(curl("DELETE", "/v1/names" + name))
            self.assertNotIn(name, self.names())

    def test_command(self):
        """damc register keeps a name for as long as it runs."""
        path = self.daemon.dir.name + "/seed"
        with open(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w",
                  encoding="utf-8") as file:
            file.write(self.holder.seed.hex() + "\n")
        for at in ("unix:" + self.daemon.dir.name + "/pod", f"127.0.0.1:{self.daemon.port}"):
            with subprocess.Popen([DAMC, "register", "/k/cmd/1", "member", "weight", "3", "key",
                                   path, "at", at], stdout=subprocess.PIPE) as process:
                told = json.loads(process.stdout.readline())
                self.assertEqual((told["name"], told["weight"]), ("/k/cmd/1", 3))
                self.assertIn("proof-lasts", told)
                self.assertIn("/k/cmd/1", self.names())
                process.kill()
            self.assertTrue(wait_for(lambda: "/k/cmd/1" not in self.names()))
        status, told = self.daemon.damc("register", "/k/cmd", "lease", "60", "at", at)
        self.assertEqual((status, json.loads(told)["state"]), (0, "registered"))
        status, told = self.daemon.damc("register", "/damc/x", "at", at)
        self.assertEqual(status, 2)
        self.assertIn("No pod may register this name", told)
        status, told = self.daemon.damc("register", "/k/x", "key", "/nowhere", "at", at)
        self.assertEqual(status, 2)
        self.assertIn("/nowhere", told)
        status, told = self.daemon.damc("register", "/k/x", "at", "127.0.0.1:1")
        self.assertEqual(status, 2)


class Restarts(unittest.TestCase):
    """What holds a name over a daemon's end."""

    def test_command_comes_back(self):
        """damc register takes its name again when the daemon is back."""
        daemon = Daemon()
        at = "unix:" + daemon.dir.name + "/pod"
        with subprocess.Popen([DAMC, "register", "/k/1", "at", at], stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL) as process:
            self.assertEqual(json.loads(process.stdout.readline())["name"], "/k/1")
            self.assertEqual(daemon.end(), 0)
            daemon.begin()
            self.assertEqual(json.loads(process.stdout.readline())["state"], "registered")
            process.kill()
        self.assertEqual(daemon.stop(), 0)


    @unittest.skipUnless(shutil.which("openssl"), "no openssl")
    def test_key_comes_back(self):
        """What was registered with a key is its holder's after a restart, to its lease's end."""
        daemon = Daemon(kernel=True)
        conn = UnixConnection(daemon.dir.name + "/pod")
        holder = Holder(daemon.dir.name, 1)
        for name, lease in ("/k/1", 600), ("/k/2", 600), ("/k/3", "connection"):
            offer = ask(conn, "POST", "/v1/nonce", {"name": name, "key": holder.key})[1]["sign"]
            body = {"name": name, "lease": lease, "proof": holder.sign(offer)}
            self.assertEqual(ask(conn, "POST", "/v1/names", body)[0], 201)
        self.assertEqual(ask(conn, "POST", "/v1/names", {"name": "/p/1", "lease": 600})[0], 201)
        self.assertEqual(daemon.end(), 0, daemon.said())
        # What is written there counts as far as it is signed.
        path = daemon.dir.name + "/state/leases"
        with open(path, encoding="utf-8") as file:
            lines = [json.loads(line) for line in file]
        self.assertEqual({one["name"] for one in lines}, {"/k/1", "/k/2", "/p/1"})
        for one in lines:
            if one["name"] == "/k/2":
                signed = bytearray(base64.b64decode(one["binding"]))
                signed[-1] ^= 1
                one["binding"] = base64.b64encode(signed).decode()
        with open(path, "w", encoding="utf-8") as file:
            file.writelines(json.dumps(one) + "\n" for one in lines)
        daemon.begin()
        conn = UnixConnection(daemon.dir.name + "/pod")

        def names():
            found = ask(conn, "GET", "/v1/names")[1]["names"]
            return {one["name"]: one for one in found if one["state"] == "registered"}
        self.assertTrue(wait_for(lambda: len(names()) == 4))
        found = names()
        self.assertIn(found["/k/1"]["lease"], range(500, 601))
        self.assertGreater(found["/k/1"]["proof-lasts"], 86000)
        for name in "/k/2", "/k/3", "/p/1":
            self.assertNotIn("proof-lasts", found[name])
        self.assertIn(found["/k/3"]["lease"], range(1, 61))
        conn.close()
        self.assertEqual(daemon.stop(), 0, daemon.said())


def bound(daemon):
    """What the fake of a kernel has bound."""
    with open(daemon.dir.name + "/kernel", encoding="utf-8") as file:
        return sorted(line.split()[0] for line in file)


def closed(directory, text):
    """As if a rule had been there, and had ended, before the daemon began."""
    os.makedirs(directory + "/state", exist_ok=True)
    with open(directory + "/state/callees", "w", encoding="utf-8") as file:
        file.write("/closed\n")
    return text


class Calls(unittest.TestCase):
    """What once had a call rule stays closed."""

    def test_closed(self):
        """It is not told what is there, but why not; its own a pod sees all the same."""
        daemon = Daemon(closed)
        conn = UnixConnection(daemon.dir.name + "/pod")
        for path in "/v1/names/closed", "/v1/names/closed/none", "/v1/names?below=/closed":
            status, answer = ask(conn, "GET", path)
            self.assertEqual((status, answer["code"]), (403, "not-callable"), path)
            self.assertEqual(answer["message"], "This pod may not call the name: "
                             "its call rule has ended, or is not known.")
            self.assertIn("damc-spa rule", answer["do"])
        self.assertEqual(ask(conn, "GET", "/v1/names/open")[0], 404)
        self.assertEqual(ask(conn, "GET", "/v1/names")[1], {"names": []})
        self.assertEqual(ask(conn, "GET", "/v1/names?below=/closed&mine=1")[0], 200)
        self.assertEqual(ask(conn, "POST", "/v1/names", {"name": "/closed/1"})[0], 201)
        self.assertEqual(ask(conn, "GET", "/v1/names/closed/1")[0], 200)
        found = ask(conn, "GET", "/v1/names?below=/closed")[1]["names"]
        self.assertEqual([one["name"] for one in found], ["/closed/1"])
        status = json.loads(daemon.damc("-j", "router", "status")[1])[0]
        self.assertEqual(status["calls"], {"callees": 1, "rules-unkept": 0})
        conn.close()
        self.assertEqual(daemon.end(), 0, daemon.said())
        daemon.begin()
        conn = UnixConnection(daemon.dir.name + "/pod")
        self.assertEqual(ask(conn, "GET", "/v1/names/closed")[0], 403)
        conn.close()
        self.assertEqual(daemon.stop(), 0, daemon.said())

    @staticmethod
    def second_edge(directory, text):
        """Another pod, behind any interface there is: the kernel is a fake."""
        other = next(name for _, name in socket.if_nameindex() if name != "lo")
        return text.replace("timers:", f"  - {{interface: {other}, pod: /pod/sg1/2, "
                            f"listen: [\"unix:{directory}/pod2\"]}}\ntimers:")

    @unittest.skipUnless(len(socket.if_nameindex()) > 1, "one interface only")
    def test_others(self):
        """Of another pod's names it is told those that no rule closes; so are its watches."""
        daemon = Daemon(lambda directory, text: closed(directory,
                                                       self.second_edge(directory, text)))
        owner, other, watch = [UnixConnection(daemon.dir.name + path)
                               for path in ("/pod", "/pod2", "/pod2")]
        watch.request("GET", "/v1/names?watch=1")
        lines = watch.getresponse()
        self.assertEqual(lines.readline(), b"\n")
        for name in "/closed/1", "/open/1":
            self.assertEqual(ask(owner, "POST", "/v1/names", {"name": name, "lease": 60})[0], 201)

        def seen(conn):
            return sorted(one["name"] for one in ask(conn, "GET", "/v1/names")[1]["names"])
        self.assertEqual(seen(owner), ["/closed/1", "/open/1"])
        self.assertEqual(seen(other), ["/open/1"])
        self.assertEqual(ask(other, "GET", "/v1/names/closed/1")[1]["code"], "not-callable")
        self.assertEqual(ask(other, "GET", "/v1/names/open/1")[0], 200)
        self.assertEqual(json.loads(lines.readline())["name"], "/open/1")
        for conn in owner, other, watch:
            conn.close()
        self.assertEqual(daemon.stop(), 0, daemon.said())

    def test_unreadable(self):
        """A file that is none is told, and what can be read of it counts."""
        daemon = Daemon(lambda directory, text: closed(directory, text).replace("debug", "info"))
        self.assertEqual(daemon.end(), 0)
        with open(daemon.dir.name + "/state/callees", "a", encoding="utf-8") as file:
            file.write("no name\n")
        daemon.begin()
        self.assertIn("event=callees-not-read", daemon.said())
        conn = UnixConnection(daemon.dir.name + "/pod")
        self.assertEqual(ask(conn, "GET", "/v1/names/closed")[0], 403)
        conn.close()
        self.assertEqual(daemon.stop(), 0, daemon.said())


class Addresses(unittest.TestCase):
    """Paths of unix sockets."""

    def test_others(self):
        """A path that somebody else listens at, or that is no socket, is left to be."""
        other = socket.socket(socket.AF_UNIX)

        def taken(directory, text):
            other.bind(directory + "/pod")
            other.listen()
            with open(directory + "/grpc", "w", encoding="utf-8") as file:
                file.write("a file")
            return text
        daemon = Daemon(taken)
        self.assertEqual(daemon.end(), 0, daemon.said())
        self.assertIn(f"address=unix:{daemon.dir.name}/pod error=", daemon.said())
        self.assertIn(f"address=unix:{daemon.dir.name}/grpc protocol=grpc error=", daemon.said())
        with open(daemon.dir.name + "/grpc", encoding="utf-8") as file:
            self.assertEqual(file.read(), "a file")
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(daemon.dir.name + "/pod")
        other.close()
        daemon.notify.close()

    def test_left(self):
        """A path that a process left is taken over, and taken away in the end."""
        with socket.socket(socket.AF_UNIX) as dead:
            def left(directory, text):
                dead.bind(directory + "/pod")
                dead.close()
                return text
            daemon = Daemon(left)
        conn = UnixConnection(daemon.dir.name + "/pod")
        self.assertEqual(ask(conn, "GET", "/v1/names")[0], 200)
        conn.close()
        self.assertEqual(daemon.stop(), 0, daemon.said())
        self.assertFalse(os.path.exists(daemon.dir.name + "/pod"))


class Signals(unittest.TestCase):
    """A daemon for each."""

    def setUp(self):
        self.daemon = Daemon()

    def tearDown(self):
        if self.daemon.process.poll() is None:
            self.daemon.stop()

    def test_reload(self):
        """What is still configured keeps its connections; the rest changes."""
        conn = http.client.HTTPConnection("127.0.0.1", self.daemon.port, timeout=20)
        ask(conn, "POST", "/v1/names", {"name": "/s/1"})
        self.daemon.write(lambda text: text.replace("debug", "warning") +
                          "fabric: [{interface: none0, cost: 3}]\n")
        self.daemon.process.send_signal(signal.SIGHUP)
        self.assertTrue(self.daemon.tells("RELOADING=1\nMONOTONIC_USEC="))
        self.assertTrue(self.daemon.tells("READY=1"))
        self.assertIn("/s/1", str(ask(conn, "GET", "/v1/names")[1]))
        self.assertNotIn("event=needs-restart", self.daemon.said())

    def sent(self):
        """Packets that it sent to others, ever."""
        conn = http.client.HTTPConnection("127.0.0.1", self.daemon.metrics, timeout=20)
        conn.request("GET", "/metrics")
        text = conn.getresponse().read().decode()
        conn.close()
        return int(re.search(r"(?m)^damcd_wire_sent_total (\d+)$", text).group(1))

    def reload_timers(self, timers):
        """Its fabric is the loopback interface, which no pod is behind."""
        self.daemon.write(lambda text: re.sub(r"(?s)edges:.*", "", text) +
                          "fabric: [{interface: lo}]\ntimers: {" + timers + "}\n")
        self.assertEqual(self.daemon.damc("router", "reload")[0], 0)

    def test_reload_timers(self):
        """How often hellos are sent follows the file."""
        self.reload_timers("hello: 60s")
        before = self.sent()
        self.reload_timers("hello: 10ms, dead: 10, restart: 30s, rotate: 1s")
        self.assertTrue(wait_for(lambda: self.sent() > before + 50))
        self.assertTrue(wait_for(lambda: "event=key-rotated" in self.daemon.said()))
        self.reload_timers("hello: 60s")
        before = self.sent()
        time.sleep(0.5)
        self.assertLess(self.sent(), before + 10)

    def test_leases(self):
        """How long names are leased is written down."""
        conn = http.client.HTTPConnection("127.0.0.1", self.daemon.port, timeout=20)
        ask(conn, "POST", "/v1/names", {"name": "/p/1", "lease": 600})
        ask(conn, "POST", "/v1/names", {"name": "/p/2"})
        path = self.daemon.dir.name + "/state/leases"
        self.assertTrue(wait_for(lambda: os.path.exists(path)))
        with open(path, encoding="utf-8") as file:
            lines = [json.loads(line) for line in file]
        self.assertEqual([(one["name"], one["lease"]) for one in lines], [("/p/1", 600)])
        ask(conn, "DELETE", "/v1/names/p/1")
        self.assertEqual(self.daemon.stop(), 0)
        self.assertEqual(os.path.getsize(path), 0)

    def test_leases_not_written(self):
        """What could not be written is tried again, though nothing changes any more."""
        conn = http.client.HTTPConnection("127.0.0.1", self.daemon.port, timeout=20)
        path = self.daemon.dir.name + "/state/leases"
        os.mkdir(path + ".new")
        ask(conn, "POST", "/v1/names", {"name": "/p/1", "lease": 600})
        self.assertTrue(wait_for(lambda: "event=leases-not-written" in self.daemon.said()))
        os.rmdir(path + ".new")
        self.assertTrue(wait_for(lambda: os.path.exists(path) and os.path.getsize(path)))

    def test_reload_spas(self):
        """Other SPAs to ask are no reason to start anew."""
        self.daemon.write(lambda text: text + "spa: [/damc/spa/other]\n")
        self.assertEqual(self.daemon.damc("router", "reload")[0], 0)
        self.assertNotIn("event=needs-restart", self.daemon.said())
        self.daemon.write(lambda text: text + "spa: []\n")
        self.assertRegex(self.daemon.damc("router", "reload")[1], "one at least")

    def test_reload_bad(self):
        """A mistake is logged, and nothing changes."""
        self.daemon.write(lambda text: text + "nonsense: 1\n")
        self.daemon.process.send_signal(signal.SIGHUP)
        self.assertTrue(self.daemon.tells("READY=1"))
        self.assertRegex(self.daemon.said(), r'event=not-reloaded error=".*conf:\d+:1: no key "non')
        self.assertRegex(self.daemon.damc("router", "reload")[1], "no key")
        self.assertEqual(self.daemon.damc("router", "status")[0], 0)

    def test_reload_fixed(self):
        """What needs a restart is said to."""
        self.daemon.write(lambda text: text.replace("/state", "/other"))
        self.daemon.process.send_signal(signal.SIGHUP)
        self.assertTrue(self.daemon.tells("READY=1"))
        self.assertIn("event=needs-restart", self.daemon.said())

    def test_edge_removed(self):
        """An edge that is configured no more takes its names with it."""
        conn = http.client.HTTPConnection("127.0.0.1", self.daemon.port, timeout=20)
        ask(conn, "POST", "/v1/names", {"name": "/s/1", "lease": 600})
        self.daemon.write(lambda text: re.sub(r"(?s)edges:.*timers", "timers", text))
        self.assertEqual(self.daemon.damc("router", "reload")[0], 0)
        self.assertTrue(wait_for(lambda: self.daemon.damc("-j", "router", "names") == (0, "[]\n")))
        with self.assertRaises((http.client.HTTPException, OSError)):
            ask(conn, "GET", "/v1/names")

    def test_edge_listens_elsewhere(self):
        """Another address to listen at ends connections and what they hold, and no lease."""
        port = free_port()
        daemon = Daemon(kernel=True)
        self.addCleanup(daemon.process.kill)
        conn = http.client.HTTPConnection("127.0.0.1", daemon.port, timeout=20)
        for body in {"name": "/s/1", "lease": 600}, {"name": "/s/2"}, {"name": "/s/3", "lease": 9}:
            self.assertEqual(ask(conn, "POST", "/v1/names", body)[0], 201)
        self.assertEqual(ask(conn, "DELETE", "/v1/names/s/3")[0], 204)
        daemon.write(lambda text: text.replace(f'"127.0.0.1:{daemon.port}"', f'"127.0.0.1:{port}"')
                     .replace("debug", "info"))
        self.assertEqual(daemon.damc("router", "reload")[0], 0)
        other = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        found = [one for one in ask(other, "GET", "/v1/names")[1]["names"]
                 if one["state"] == "registered"]
        self.assertEqual([(one["name"], one["lease"] > 500) for one in found], [("/s/1", True)])
        self.assertNotRegex(daemon.said(), "event=unregistered name=/s/1 ")
        self.assertTrue(wait_for(lambda: bound(daemon) == ["/pod/sg1/1", "/s/1"]))
        other.close()
        self.assertEqual(daemon.stop(), 0, daemon.said())

    def test_edge_comes_back(self):
        """What ended with its edge has ended in the kernel, and does not come back with it."""
        daemon = Daemon(kernel=True)
        self.addCleanup(daemon.process.kill)
        conn = UnixConnection(daemon.dir.name + "/pod")
        for name in "/s/1", "/s/2":
            ask(conn, "POST", "/v1/names", {"name": name, "lease": 600})
        self.assertEqual(bound(daemon), ["/pod/sg1/1", "/s/1", "/s/2"])
        daemon.write(lambda text: re.sub(r"(?s)edges:.*timers", "timers", text))
        self.assertEqual(daemon.damc("router", "reload")[0], 0)
        self.assertTrue(wait_for(lambda: not bound(daemon)))
        daemon.write()
        self.assertEqual(daemon.damc("router", "reload")[0], 0)
        self.assertEqual(bound(daemon), ["/pod/sg1/1"])
        self.assertEqual(daemon.damc("-j", "router", "names"), (0, "[]\n"))
        self.assertEqual(daemon.stop(), 0, daemon.said())

    def test_leave(self):
        """Told to leave, it ends."""
        self.assertEqual(self.daemon.damc("router", "leave")[0], 0)
        self.assertEqual(self.daemon.process.wait(20), 0)

    def test_interrupt(self):
        """A signal ends it, and it says so."""
        self.assertEqual(self.daemon.stop(signal.SIGINT), 0)
        self.assertIn("event=stopping signal=2", self.daemon.said())

    def test_epoch(self):
        """Each start has a higher number."""
        with open(self.daemon.dir.name + "/state/epoch", encoding="utf-8") as file:
            self.assertEqual(file.read(), "1\n")


def main():
    """Run all, and add up as the others here do."""
    suite = unittest.defaultTestLoader.loadTestsFromModule(sys.modules["__main__"])
    result = unittest.TextTestRunner(sys.stdout, verbosity=2).run(suite)
    bad = len(result.failures) + len(result.errors)
    print(f"{result.testsRun - bad} passed, {bad} failed, {len(result.skipped)} skipped")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
