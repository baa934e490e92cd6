#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""What an operator does with damcd: its record played again, a report of all, a configuration on
trial.

usage: ops.py DAMCD DAMC DAMC-SPA
"""
import base64
import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
import unittest

from daemon import DAMC, DAMCD, Daemon, free_port, main, wait_for

LAB = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../../tools/damcd/damc-lab")
DAMC_SPA = os.path.abspath(sys.argv[3]) if len(sys.argv) > 3 else ""

ROUTER = """\
role: sr
{who}
state: {dir}/state
control: {dir}/control
fabric:
  - interface: lo
timers: {{hello: 50ms}}
"""


class Router(Daemon):
    """One that says hello on lo, and hears nobody."""

    def __init__(self, who="insecure-lab: {node: sr1}"):
        self.who = who
        super().__init__()

    def write(self, change=lambda text: text):
        text = ROUTER.format(dir=self.dir.name, who=self.who)
        with open(self.path, "w", encoding="utf-8") as file:
            file.write(change(text))

    def record(self, name="record"):
        """Its bytes."""
        with open(f"{self.dir.name}/state/{name}", "rb") as file:
            return file.read()

    def inputs(self):
        """How many are in its record."""
        return json.loads(self.damc("-j", "router", "status")[1])[0]["record"]["inputs"]


def replay(path, *words):
    """What the command says of it, without a daemon: status, output."""
    done = subprocess.run([DAMC, *words[:1], "replay", path, *words[1:]], capture_output=True,
                          text=True, check=False, timeout=60)
    return done.returncode, done.stdout + done.stderr


class Record(unittest.TestCase):
    """The flight recorder and its replay."""

    def setUp(self):
        self.daemon = Router()
        self.path = self.daemon.dir.name + "/state/record"
        self.assertTrue(wait_for(lambda: self.daemon.inputs() > 10), self.daemon.said())

    def tearDown(self):
        if self.daemon.process.poll() is None:
            self.daemon.stop()

    def test_running(self):
        """It plays while the daemon goes on: hellos at least are equal."""
        status, text = replay(self.path)
        self.assertEqual(status, 0, text)
        inputs, outputs = re.fullmatch(r"(\d+) inputs replayed, (\d+) outputs equal\n",
                                       text).groups()
        self.assertGreater(int(inputs), 10)
        self.assertGreater(int(outputs), 5)

    def test_killed(self):
        """It outlasts a daemon that dies, and the next start."""
        inputs = self.daemon.inputs()
        self.daemon.stop(signal.SIGKILL)
        status, text = replay(self.path)
        self.assertEqual(status, 0, text)
        self.assertGreaterEqual(int(text.split()[0]), inputs)
        before = self.daemon.record()
        again = subprocess.Popen([DAMCD, "--config", self.daemon.path], stderr=subprocess.DEVNULL)
        try:
            self.assertTrue(wait_for(lambda: os.path.exists(self.path + ".old")))
            self.assertEqual(self.daemon.record("record.old"), before)
        finally:
            again.terminate()
            again.wait(20)

    def test_details(self):
        """What it was told, and what it did: for people and for programs."""
        status, text = replay(self.path, "-d")
        self.assertEqual(status, 0, text)
        self.assertRegex(text, r"(?m)^\+\d+\.\d{6} link ifindex \d+ up 1 cost 10$")
        self.assertRegex(text, r"(?m)^\tsend packet hello bytes \d+ ifindex \d+$")
        done = subprocess.run([DAMC, "-d", "-j", "replay", self.path], capture_output=True,
                              text=True, check=True, timeout=60)
        *inputs, outcome = json.loads(done.stdout)
        self.assertTrue(outcome["equal"])
        self.assertEqual(outcome["inputs"], len(inputs))
        self.assertIn("hello", [one["packet"] for told in inputs for one in told["does"]
                                if one["did"] == "send"])

    def test_until(self):
        """It may end before its end."""
        whole = int(replay(self.path)[1].split()[0])
        status, text = replay(self.path, "-s", "until", "0.2")
        self.assertEqual(status, 0, text)
        self.assertLess(int(text.split()[0]), whole)

    def test_different(self):
        """A record of something else is told from what the core does."""
        self.daemon.stop()
        record = bytearray(self.daemon.record())
        # The sum of one thing that was done, and a timer behind it.
        *_, last = re.finditer(rb"(?s)\x40(....)\x01\x06", record)
        record[last.start(1)] ^= 1
        with open(self.path, "wb") as file:
            file.write(record)
        status, text = replay(self.path)
        self.assertEqual(status, 2)
        self.assertRegex(text, r"^input \d+, \d+\.\d{6}s after the beginning: ")

    def test_none(self):
        """What is no record is told so."""
        with open(self.path + "x", "w", encoding="utf-8") as file:
            file.write("no record")
        self.assertEqual(replay(self.path + "x"), (2, "Error: no record: Invalid argument.\n"))
        self.assertEqual(replay(self.path + "y")[0], 1)

    def test_off(self):
        """None is kept where none is wanted."""
        self.daemon.stop()
        os.unlink(self.path)
        self.daemon.write(lambda text: text + "record: 0\n")
        again = subprocess.Popen([DAMCD, "--config", self.daemon.path], stderr=subprocess.DEVNULL)
        try:
            self.assertTrue(wait_for(lambda: self.daemon.damc("router", "status")[0] == 0))
            self.assertEqual(self.daemon.inputs(), 0)
            self.assertFalse(os.path.exists(self.path))
        finally:
            again.terminate()
            again.wait(20)


class Small(Daemon):
    """One whose record is soon full."""

    def write(self, change=lambda text: text):
        super().write(lambda text: change(text).replace("debug", "warning") + "record: 1\n")


class Full(unittest.TestCase):
    """A record that is full."""

    NAMES = 9500
    BELOW = "/f/" + 60 * "x"

    def register(self, path):
        """Many names: each is an input, with its grant."""
        requests = "".join(
            f"POST /v1/names HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n{body}"
            for body in (json.dumps({"name": f"{self.BELOW}/{i}", "lease": 600}) for i in range(self.NAMES)))
        with socket.socket(socket.AF_UNIX) as sock:
            sock.settimeout(60)
            sock.connect(path)
            sender = threading.Thread(target=sock.sendall, args=(requests.encode(),))
            sender.start()
            answers = b""
            while answers.count(b"HTTP/1.1 201") < self.NAMES:
                answers += sock.recv(1 << 20)
            sender.join()

    def test_tail(self):
        """Its beginning plays as before, and what is told since can be read."""
        small = Small()
        state = small.dir.name + "/state/"
        try:
            self.register(small.dir.name + "/pod")
            status = json.loads(small.damc("-j", "router", "status")[1])[0]
            self.assertFalse(status["record"]["ended"])
            self.assertIn("event=record-full", small.said())
            code, text = replay(state + "record")
            self.assertEqual(code, 0, text)
            self.assertRegex(text, r"^\d+ inputs replayed, \d+ outputs equal\n$")
            code, text = replay(state + "record.tail")
            self.assertEqual(code, 0, text)
            self.assertIn(f" name {self.BELOW}/{self.NAMES - 1}\n", text)
            self.assertRegex(text, r"\n\d+ inputs read: it begins in the middle")
            self.assertLessEqual(sum(os.stat(state + name).st_size for name in os.listdir(state)
                                     if name.startswith("record")), 1 << 20)
        finally:
            self.assertEqual(small.stop(), 0)


class Keys(unittest.TestCase):
    """With an identity, whose key is nobody else's business."""

    def test_not_told(self):
        """Neither the record nor a report has the node's key, in bytes or in digits."""
        with tempfile.TemporaryDirectory() as directory:
            def spa(*words):
                subprocess.run([DAMC_SPA, *words], cwd=directory, check=True,
                               stdout=subprocess.DEVNULL)

            spa("anchor", "new", "anchor", "test")
            spa("key", "new", "id")
            spa("enrol", "sr1", "role", "sr", "request", "id/request", "anchor", "anchor", "out",
                "cert")
            spa("join", "id", "cert")
            with open(directory + "/id/key", encoding="utf-8") as file:
                digits = re.search(r"[0-9a-f]{64}", file.read()).group()
            router = Router(f"identity: {directory}/id")
            try:
                self.assertTrue(wait_for(lambda: router.inputs() > 10), router.said())
                record = router.record()
                status, text = router.damc("bugreport", "-o", directory + "/tar")
                self.assertEqual(status, 0, text)
            finally:
                router.stop()
            with open(directory + "/tar", "rb") as file:
                report = file.read()
            self.assertIn(b"DAMCREC1", report)
            for bytes_ in record, report:
                self.assertNotIn(bytes.fromhex(digits)[:16], bytes_)
                self.assertNotIn(bytes.fromhex(digits)[16:], bytes_)
                self.assertNotIn(digits[:16].encode(), bytes_.lower())
                self.assertNotIn(digits[-16:].encode(), bytes_.lower())


class Certificates(unittest.TestCase):
    """A node's certificate is renewed while it runs."""

    def test_reload(self):
        """Of the same key it is taken up; a file that is none changes nothing; another key waits."""
        with tempfile.TemporaryDirectory() as directory:
            def spa(*words):
                done = subprocess.run([DAMC_SPA, "-j", *words], cwd=directory, check=True,
                                      stdout=subprocess.PIPE)
                return (json.loads(done.stdout or "[]") or [None])[0]

            def certify(name):
                row = spa("enrol", "sr1", "role", "sr", "request", name + "/request", "anchor",
                          "anchor", "out", "out")
                spa("join", name, "out")
                shutil.rmtree(directory + "/out")
                return row["serial"]
            spa("anchor", "new", "anchor", "lab")
            for name in "id", "other":
                spa("key", "new", name)
                certify(name)
            certify("id")
            router = Router(f"identity: {directory}/id")
            self.addCleanup(router.process.kill)
            serial = certify("id")
            self.assertEqual(router.damc("router", "reload")[0], 0)
            self.assertTrue(wait_for(lambda: f"event=certificate serial={serial}" in router.said()))
            self.assertIn(f" seq {serial}.", router.damc("lsdb")[1])
            for file in os.listdir(directory + "/other"):
                shutil.copy(f"{directory}/other/{file}", f"{directory}/id/{file}")
            self.assertEqual(router.damc("router", "reload")[0], 0)
            self.assertTrue(wait_for(lambda: "event=needs-restart" in router.said()))
            with open(directory + "/id/cert.damc", "wb") as file:
                file.write(b"x")
            self.assertEqual(router.damc("router", "reload")[0], 0)
            self.assertTrue(wait_for(lambda: "event=certificate-unread" in router.said()))
            self.assertEqual(router.stop(), 0, router.said())


class Grants(unittest.TestCase):
    """What an SPA gave to an earlier process."""

    def test_not_asked_again(self):
        """A grant that was kept is not asked for again, but renewed when it would have been."""
        with tempfile.TemporaryDirectory() as directory:
            def spa(*words):
                subprocess.run([DAMC_SPA, *words], cwd=directory, check=True,
                               stdout=subprocess.DEVNULL)
            spa("anchor", "new", "anchor", "lab")
            for node, *more in ("sg1",), ("spa", "subtree", "/"):
                spa("key", "new", node)
                spa("enrol", node, "role", node.strip("1"), "request", node + "/request",
                    "anchor", "anchor", "out", "out", *more)
                spa("join", node, "out")
                shutil.rmtree(directory + "/out")
            with open(directory + "/policy", "w", encoding="utf-8") as file:
                file.write("version: 1\ndomain: lab\nallow: []\n")
            spa("policy", "sign", "policy", "anchor", "anchor")
            with open(directory + "/spa.yaml", "w", encoding="utf-8") as file:
                file.write("identity: spa\nstate: spa.state\npolicy: policy\n")
            spa("-c", "spa.yaml", "grant", "add", "/s", "right", "name", "pod", "/pod/sg1/1",
                "gateway", "sg1", "out", "grant")
            with open(directory + "/grant", "rb") as file:
                grant = base64.b64encode(file.read()).decode()

            def prepare(to, text):
                os.mkdir(to + "/state")
                with open(to + "/state/leases", "w", encoding="utf-8") as file:
                    file.write(json.dumps({"name": "/s", "pod": "/pod/sg1/1", "right": 1,
                                           "grant": grant}) + "\n")
                return text.replace("insecure-lab: {node: sg1}", f"identity: {directory}/sg1")
            daemon = Daemon(prepare)
            self.addCleanup(daemon.process.kill)
            conn = http.client.HTTPConnection("127.0.0.1", daemon.metrics, timeout=20)
            conn.request("GET", "/metrics")
            text = conn.getresponse().read().decode()
            conn.close()
            for key, value in ("grants_kept", 1), ("class3_wants", 1), ("class3_asked_total", 0):
                self.assertIn(f"\ndamcd_{key} {value}\n", text)
            self.assertEqual(daemon.stop(), 0, daemon.said())
            # The next process is told when.
            with open(daemon.dir.name + "/state/leases", encoding="utf-8") as file:
                renew = json.loads(file.read())["renew"] / 1000 - time.time()
            self.assertTrue(11 * 3600 < renew < 12 * 3600 + 60, renew)


class Lab(unittest.TestCase):
    """damc-lab: one command, and nodes can start."""

    def lab(self, *words):
        """What it says: status, output."""
        env = dict(os.environ, DAMC_SPA=DAMC_SPA)
        done = subprocess.run([LAB, *words], env=env, capture_output=True, text=True, check=False,
                              timeout=60)
        return done.returncode, done.stdout + done.stderr

    def test_starts(self):
        """Each configuration is good, and a daemon runs by it."""
        with tempfile.TemporaryDirectory() as directory:
            top = directory + "/lab"
            status, text = self.lab(top, "sg1:sg:eth1,pod1=1", "sr1:sr,spa:lo")
            self.assertEqual((status, text), (0, f"damcd --config {top}/sg1/damcd.conf\n"
                                              f"damcd --config {top}/sr1/damcd.conf\n"
                                              f"damc-spa --config {top}/sr1/spa.yaml serve\n"))
            for node in "sg1", "sr1":
                subprocess.run([DAMCD, "--check", f"{top}/{node}/damcd.conf"], check=True)
            subprocess.run([DAMC_SPA, "policy", "check", top + "/policy.yaml"], check=True,
                           stdout=subprocess.DEVNULL)
            with open(top + "/sr1/damcd.conf", "r+", encoding="utf-8") as file:
                # Others may have the port on this host.
                text = re.sub("metrics: .*", "control: " + directory + "/control", file.read())
                file.seek(0)
                file.write(text)
                file.truncate()
            daemon_ = subprocess.Popen([DAMCD, "--config", top + "/sr1/damcd.conf"],
                                       stderr=subprocess.DEVNULL)
            try:
                self.assertTrue(wait_for(lambda: os.path.exists(top + "/sr1/state/record")))
                self.assertTrue(wait_for(lambda: not replay(top + "/sr1/state/record")[0]))
            finally:
                daemon_.terminate()
                self.assertEqual(daemon_.wait(20), 0)
            self.assertEqual(self.lab(top, "a:sr"), (1, f"damc-lab: {top} is there already\n"))

    def test_words(self):
        """What is wrong is told before anything is made."""
        with tempfile.TemporaryDirectory() as directory:
            for words in ([], ["x"], ["x", "sg1"], ["x", "sg1:boss"], ["x", "a/b:sr"], ["--x", "a:sr"]):
                with self.subTest(words=words):
                    status, text = self.lab(*[directory + "/x" if one == "x" else one
                                              for one in words])
                    self.assertEqual(status, 1)
                    self.assertTrue(text.startswith("usage: "))
            self.assertEqual(os.listdir(directory), [])


class Report(unittest.TestCase):
    """damc bugreport"""

    def setUp(self):
        self.daemon = Daemon()

    def tearDown(self):
        self.daemon.stop()

    def test_all(self):
        """All is in one file, what is missing among it."""
        path = self.daemon.dir.name + "/report.tar"
        status, text = self.daemon.damc("bugreport", "-o", path)
        self.assertEqual((status, text), (0, path + "\n"))
        self.assertEqual(os.stat(path).st_mode & 0o777, 0o600)
        with tarfile.open(path) as tar:
            parts = {one.name: tar.extractfile(one).read() for one in tar}
        for part in "status", "neighbours", "names", "lsdb", "rib", "spf", "convergence", "trial":
            self.assertIsInstance(json.loads(parts[f"damcd/{part}.json"]), list, part)
        self.assertEqual(json.loads(parts["damcd/status.json"])[0]["node"], "sg1")
        self.assertIn("body", json.loads(parts["damcd/lsdb.json"])[0])
        with open(self.daemon.path, "rb") as file:
            self.assertEqual(parts["damcd/damcd.conf"], file.read())
        self.assertTrue(parts["damcd/record"].startswith(b"DAMCREC1"))
        self.assertRegex(parts["versions.txt"].decode(), r"(?m)^kernel \S+")
        # There is no module here.
        self.assertIn(b"kernel/info.json: not to be had\n", parts["notes.txt"])
        self.assertIn("kernel/log.txt", parts)

    def test_exists(self):
        """A file that is there stays as it is."""
        path = self.daemon.dir.name + "/conf"
        status, text = self.daemon.damc("bugreport", "-o", path)
        self.assertEqual(status, 2)
        self.assertIn("File exists", text)
        self.assertEqual(self.daemon.damc("router", "reload")[0], 0)

    def test_dead(self):
        """Without a daemon there is the rest."""
        path = self.daemon.dir.name + "/report.tar"
        done = subprocess.run([DAMC, "bugreport", "-o", path], capture_output=True, check=False,
                              env=dict(os.environ, DAMCD_CONTROL="/nowhere"), timeout=60)
        self.assertEqual(done.returncode, 0)
        with tarfile.open(path) as tar:
            self.assertIn("versions.txt", tar.getnames())


@unittest.skipIf(os.geteuid(), "is not root, and cannot be another user")
class Stranger(unittest.TestCase):
    """Any user may take the daemon's address while it does not run."""

    def setUp(self):
        self.dir = tempfile.TemporaryDirectory()
        self.file = self.dir.name + "/file"
        self.address = f"damcd-stranger-{os.getpid()}"
        ready, told = os.pipe()
        self.pid = os.fork()
        if not self.pid:
            self.listen(told)
        os.close(told)
        self.assertEqual(os.read(ready, 1), b"y")
        os.close(ready)

    def listen(self, told):
        """In a child: answer the first that comes as a daemon with a trial does."""
        os.setuid(65534)
        server = socket.socket(socket.AF_UNIX)
        server.bind("\0" + self.address)
        server.listen()
        os.write(told, b"y")
        client = server.accept()[0]
        trial = {"file": self.file, "text": "a stranger's", "left": 1}
        try:
            client.recv(1000)
            client.sendall(json.dumps(trial).encode() + b'\n{"end": true}\n')
        finally:
            os._exit(0)

    def tearDown(self):
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        self.dir.cleanup()

    def test_confirmed(self):
        """What a stranger says is written to no file."""
        done = subprocess.run([DAMC, "apply", "--confirmed"], capture_output=True, check=False,
                              env=dict(os.environ, DAMCD_CONTROL="@" + self.address), timeout=60)
        self.assertEqual(done.returncode, 2)
        self.assertIn(b"neither root nor you", done.stderr)
        self.assertFalse(os.path.exists(self.file))


class Apply(unittest.TestCase):
    """A configuration on trial."""

    def setUp(self):
        self.daemon = Daemon()
        self.other = free_port()
        self.fresh = self.daemon.dir.name + "/fresh"
        with open(self.daemon.path, encoding="utf-8") as file:
            self.old = file.read()
        self.new = self.old.replace(f":{self.daemon.port}", f":{self.other}")
        self.put(self.new)

    def tearDown(self):
        if self.daemon.process.poll() is None:
            self.daemon.stop()

    def put(self, text):
        """The file to apply."""
        with open(self.fresh, "w", encoding="utf-8") as file:
            file.write(text)

    def file(self):
        """The daemon's own."""
        with open(self.daemon.path, encoding="utf-8") as file:
            return file.read()

    @staticmethod
    def listens(port):
        """Whether anybody does."""
        with socket.socket() as sock:
            return not sock.connect_ex(("127.0.0.1", port))

    def is_new(self):
        """Whether it listens where the new one says, and not where the old one does."""
        new, old = self.listens(self.other), self.listens(self.daemon.port)
        self.assertNotEqual(new, old)
        return new

    def apply(self, *words):
        """damc apply: status, output."""
        return self.daemon.damc("apply", *words)

    def test_reverts(self):
        """Nobody says that it may stay: it goes, and the file was never changed."""
        self.assertEqual(self.apply(self.fresh, "--confirm", "1"), (0, ""))
        self.assertTrue(self.is_new())
        self.assertEqual(self.file(), self.old)
        self.assertTrue(wait_for(lambda: not self.listens(self.other)))
        self.assertTrue(wait_for(lambda: self.listens(self.daemon.port)))
        self.assertFalse(self.is_new())
        self.assertIn('event=reverted why="not confirmed in time"', self.daemon.said())
        self.assertEqual(self.apply("--confirmed"), (2, "damc: damcd: nothing is on trial\n"))
        self.assertEqual(self.file(), self.old)

    def test_stays(self):
        """Somebody says it in time."""
        self.assertEqual(self.apply(self.fresh, "confirm", "600"), (0, ""))
        trial = json.loads(self.daemon.damc("-j", "apply", "show")[1])[0]
        self.assertEqual(trial["text"], self.new)
        self.assertIn(trial["left"], range(500, 601))
        self.assertEqual(self.apply("--confirmed"), (0, ""))
        self.assertTrue(self.is_new())
        self.assertEqual(self.file(), self.new)
        self.assertEqual(self.apply("show"), (0, ""))
        self.assertIn("event=confirmed", self.daemon.said())

    def test_at_once(self):
        """Without a trial it is the daemon's file at once."""
        self.assertEqual(self.apply(self.fresh), (0, ""))
        self.assertTrue(self.is_new())
        self.assertEqual(self.file(), self.new)
        self.assertEqual(self.apply("show"), (0, ""))

    def test_wrong(self):
        """A mistake is told with its place, and nothing changes."""
        self.put(self.new + "nonsense: 1\n")
        status, text = self.apply(self.fresh, "--confirm", "60")
        self.assertEqual(status, 2)
        line = self.new.count("\n") + 1
        self.assertIn(f'{self.fresh}:{line}:1: no key "nonsense"', text)
        self.assertFalse(self.is_new())
        self.assertEqual(self.apply("show"), (0, ""))

    def test_fixed(self):
        """What needs a restart cannot be tried."""
        self.put(self.new.replace("/state", "/other"))
        status, text = self.apply(self.fresh, "--confirm", "60")
        self.assertEqual(status, 2)
        self.assertIn("cannot change while it runs", text)
        self.assertFalse(self.is_new())

    def test_crash(self):
        """A daemon that dies meanwhile comes back with what was before."""
        self.assertEqual(self.apply(self.fresh, "--confirm", "600"), (0, ""))
        self.daemon.stop(signal.SIGKILL)
        again = subprocess.Popen([DAMCD, "--config", self.daemon.path], stderr=subprocess.DEVNULL)
        try:
            self.assertTrue(wait_for(lambda: self.daemon.damc("router", "status")[0] == 0))
            self.assertFalse(self.is_new())
            self.assertEqual(self.apply("show"), (0, ""))
        finally:
            again.terminate()
            again.wait(20)

    def test_twice(self):
        """Another one on trial: what comes back is what was before both."""
        self.assertEqual(self.apply(self.fresh, "--confirm", "600"), (0, ""))
        self.put(self.new + "# again\n")
        self.assertEqual(self.apply(self.fresh, "--confirm", "1"), (0, ""))
        self.assertTrue(self.is_new())
        self.assertTrue(wait_for(lambda: not self.is_new()))

    def test_reload(self):
        """The file read again ends it."""
        self.assertEqual(self.apply(self.fresh, "--confirm", "600"), (0, ""))
        self.assertEqual(self.daemon.damc("router", "reload")[0], 0)
        self.assertFalse(self.is_new())
        self.assertEqual(self.apply("show"), (0, ""))

    def test_changed(self):
        """Only what is on trial can be confirmed, not what somebody wrote meanwhile."""
        self.assertEqual(self.apply(self.fresh, "--confirm", "600"), (0, ""))
        with socket.socket(socket.AF_UNIX) as sock:
            sock.settimeout(20)
            sock.connect(self.daemon.dir.name + "/control")
            sock.sendall(b'{"do": "confirm"}\n')
            self.assertIn("says something else", json.loads(sock.makefile().readline())["error"])

    def test_words(self):
        """What is missing is asked for."""
        for words in ([], [self.fresh, "--confirm"], [self.fresh, "--confirm", "0"],
                      [self.fresh, "later"], ["--confirmed", "x"], ["/nowhere"]):
            with self.subTest(words=words):
                self.assertEqual(self.apply(*words)[0], 1)


if __name__ == "__main__":
    sys.exit(main())
