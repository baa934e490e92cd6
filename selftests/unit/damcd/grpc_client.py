#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""damcd and an unmodified gRPC client, Debian's python3-grpcio (so it is Debian's python, too).

usage: grpc_client.py DAMCD DAMC PROTO

What the client calls is generated from PROTO here, as a developer would.
"""
import base64
import os
import queue
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
PROTO = sys.argv[3] if len(sys.argv) > 3 else ""

try:
    import grpc
    from grpc_tools import protoc
except ImportError as error:
    print(f"skipped: {error} (try: apt-get install python3-grpcio python3-grpc-tools)")
    print("0 passed, 0 failed, 1 skipped")
    sys.exit(0)

GENERATED = tempfile.TemporaryDirectory()
protoc.main(["protoc", "-I" + os.path.dirname(PROTO), "--python_out=" + GENERATED.name,
             "--grpc_python_out=" + GENERATED.name, PROTO])
sys.path[:0] = [GENERATED.name, HERE]

import class1_pb2 as pb  # noqa: E402
import class1_pb2_grpc as stubs  # noqa: E402
from daemon import (DAMC, Calls, Daemon, Holder, UnixConnection, ask, closed,  # noqa: E402
                    wait_for)

# A process that holds a name, and lives until it is killed.
HOLDER = """
import sys
sys.path.insert(0, sys.argv[1])
import grpc, class1_pb2, class1_pb2_grpc
stub = class1_pb2_grpc.RegistryStub(grpc.insecure_channel(sys.argv[2]))
if sys.argv[3] == "stream":
    held = stub.Hold(class1_pb2.Registration(name=sys.argv[4]))
    next(held)
else:
    stub.Register(class1_pb2.Registration(name=sys.argv[4]))
print("held", flush=True)
sys.stdin.read()
"""


def all_of(method, requests):
    """Calls at the same time."""
    for call in [method.future(one, timeout=60) for one in requests]:
        call.result()


def enrolled(directory, text):
    """A configuration with an identity instead of a lab: registrations are asked for."""
    def spa(*words):
        subprocess.run([os.path.abspath(DAMC) + "-spa", *words], cwd=directory, check=True,
                       stdout=subprocess.DEVNULL)
    if not os.path.exists(directory + "/id"):
        spa("anchor", "new", "anchor", "lab")
        spa("key", "new", "id")
        spa("enrol", "sg1", "role", "sg", "request", "id/request", "anchor", "anchor", "out", "out")
        spa("join", "id", "out")
    return text.replace("insecure-lab: {node: sg1}", f"identity: {directory}/id").replace(
        "drain: 200ms", "spa: 1s")


class Stream:
    """Messages of a stream, each waited for with a limit."""

    def __init__(self, call):
        self.call, self.queue = call, queue.Queue()
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        """In a thread of its own."""
        try:
            for message in self.call:
                self.queue.put(message)
            self.queue.put(None)
        except grpc.RpcError as problem:
            self.queue.put(problem)

    def next(self):
        """The next one; the problem that it ended with, or None."""
        return self.queue.get(timeout=20)

    def end(self):
        """It is not wanted any more."""
        self.call.cancel()


class Client(unittest.TestCase):
    """One daemon for all."""

    @classmethod
    def setUpClass(cls):
        cls.daemon = Daemon()

    @classmethod
    def tearDownClass(cls):
        assert cls.daemon.stop() == 0, cls.daemon.said()

    def channel(self, target=None, options=()):
        """A new connection."""
        channel = grpc.insecure_channel(target or f"unix:{self.daemon.dir.name}/grpc",
                                        options=[("grpc.use_local_subchannel_pool", 1), *options])
        self.addCleanup(channel.close)
        return channel

    def stub(self, target=None, options=()):
        """What can be called."""
        return stubs.RegistryStub(self.channel(target, options))

    def registered(self):
        """Names that are, as HTTP has them."""
        conn = UnixConnection(self.daemon.dir.name + "/pod")
        found = ask(conn, "GET", "/v1/names")[1]["names"]
        conn.close()
        return {one["name"]: one for one in found if one["state"] == "registered"}

    def fails(self, code, word, call, *args):
        """A call that fails so."""
        with self.assertRaises(grpc.RpcError) as caught:
            call(*args, timeout=20)
        problem = caught.exception
        self.assertEqual(problem.code(), code, problem.details())
        self.assertEqual(dict(problem.trailing_metadata()).get("damc-code"), word)
        self.assertRegex(problem.details(), r"\.$")
        return problem

    def test_register(self):
        """All of a registration comes back; over TCP and over a unix socket."""
        for target in f"127.0.0.1:{self.daemon.grpc}", None:
            stub = self.stub(target)
            answer = stub.Register(pb.Registration(
                name="/r/4", right=pb.RIGHT_MEMBER, weight=5, lease_s=60,
                protocol=pb.PROTOCOL_TCP, port=80), timeout=20)
            self.assertEqual(answer, pb.Name(
                name="/r/4", right=pb.RIGHT_MEMBER, weight=5, own=True, lease_s=60,
                protocol=pb.PROTOCOL_TCP, port=80))
            self.assertEqual(self.registered()["/r/4"]["port"], 80)
            self.assertEqual(stub.Withdraw(pb.WithdrawRequest(name="/r/4"), timeout=20),
                             pb.WithdrawReply())
            self.assertNotIn("/r/4", self.registered())

    def test_renew(self):
        """Many names in one request; those that were not renewed lapse."""
        stub = self.stub()
        for name in "/l/1", "/l/2":
            stub.Register(pb.Registration(name=name, lease_s=5), timeout=20)
        answer = stub.Renew(pb.RenewRequest(names=["/l/1", "/none", "x"], lease_s=600), timeout=20)
        self.assertEqual((answer.renewed, [(one.name, one.code) for one in answer.failed]),
                         (1, [("/none", "not-registered"), ("x", "bad-name")]))
        self.assertTrue(wait_for(lambda: "/l/2" not in self.registered()))
        self.assertIn("/l/1", self.registered())

    def test_renew_many(self):
        """10,000, and not one more."""
        stub = self.stub()
        answer = stub.Renew(pb.RenewRequest(names=["/m/%d" % i for i in range(10000)]), timeout=20)
        self.assertEqual((answer.renewed, len(answer.failed)), (0, 10000))
        self.fails(grpc.StatusCode.RESOURCE_EXHAUSTED, "too-many", stub.Renew,
                   pb.RenewRequest(names=["/m"] * 10001))

    def test_connection(self):
        """Without seconds, Register's lease is the connection."""
        channel = self.channel()
        stubs.RegistryStub(channel).Register(pb.Registration(name="/c/1"), timeout=20)
        self.assertEqual(self.registered()["/c/1"]["lease"], "connection")
        channel.close()
        self.assertTrue(wait_for(lambda: "/c/1" not in self.registered()))

    def test_hold(self):
        """Hold's lease is the stream: the connection goes on."""
        stub = self.stub()
        held, other = [Stream(stub.Hold(pb.Registration(name=name))) for name in ("/h/1", "/h/2")]
        self.assertEqual(held.next(), pb.Change(name=pb.Name(name="/h/1", own=True)))
        other.next()
        held.end()
        self.assertTrue(wait_for(lambda: "/h/1" not in self.registered()))
        self.assertIn("/h/2", self.registered())

    def test_hold_ends(self):
        """A stream ends, with the reason, when its name does."""
        stub = self.stub()
        held = Stream(stub.Hold(pb.Registration(name="/h/3")))
        held.next()
        stub.Withdraw(pb.WithdrawRequest(name="/h/3"), timeout=20)
        problem = held.next()
        self.assertEqual(problem.code(), grpc.StatusCode.ABORTED)
        self.assertIn("The name ended: withdrawn by its pod.", problem.details())

    def test_hold_again(self):
        """The last stream holds the name; the end of the one before changes nothing."""
        stub = self.stub()
        first = Stream(stub.Hold(pb.Registration(name="/h/4")))
        first.next()
        second = Stream(stub.Hold(pb.Registration(name="/h/4")))
        self.assertEqual(second.next().name.name, "/h/4")
        self.assertEqual(first.next().code(), grpc.StatusCode.ABORTED)
        self.assertIn("/h/4", self.registered())
        second.end()
        self.assertTrue(wait_for(lambda: "/h/4" not in self.registered()))

    def test_killed(self):
        """The death of the process withdraws: its stream's names, its connection's, by either way."""
        tcp, unix = f"127.0.0.1:{self.daemon.grpc}", f"unix:{self.daemon.dir.name}/grpc"
        held = []
        for n, (target, way) in enumerate([(tcp, "stream"), (unix, "stream"), (tcp, "connection"),
                                           (unix, "connection")]):
            process = subprocess.Popen(
                [sys.executable, "-c", HOLDER, GENERATED.name, target, way, f"/k/{n}"],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            self.addCleanup(process.stdout.close)
            self.addCleanup(process.stdin.close)
            self.assertEqual(process.stdout.readline(), b"held\n")
            held.append(process)
        for n, process in enumerate(held):
            self.assertIn(f"/k/{n}", self.registered())
            process.send_signal(signal.SIGKILL)
            process.wait(20)
            self.assertTrue(wait_for(lambda n=n: f"/k/{n}" not in self.registered()))

    def test_list(self):
        """Names that there are, by filter."""
        stub = self.stub()
        for name in "/q/1", "/q/2", "/p/1":
            stub.Register(pb.Registration(name=name, lease_s=60), timeout=20)
        self.assertEqual(sorted(one.name for one in
                                stub.List(pb.ListRequest(below="/q"), timeout=20)),
                         ["/q/1", "/q/2"])
        names = {one.name: one for one in stub.List(pb.ListRequest(mine=True), timeout=20)}
        self.assertTrue(names["/p/1"].own)
        self.assertIn(names["/p/1"].lease_s, range(1, 61))

    def test_list_many(self):
        """More than fits in windows and buffers."""
        stub = self.stub()
        all_of(stub.Register, [pb.Registration(name=f"/many/{'x' * 60}/{i}", lease_s=600)
                               for i in range(5000)])
        self.assertEqual(len(list(stub.List(pb.ListRequest(below="/many"), timeout=60))), 5000)
        all_of(stub.Withdraw, [pb.WithdrawRequest(name=f"/many/{'x' * 60}/{i}")
                               for i in range(5000)])

    def test_slow_watch(self):
        """A watch that is not read ends, and says so; what it was sent before is there."""
        stub, names = self.stub(), [f"/slow/{'x' * 60}/{i}" for i in range(2000)]
        # One that does not read ahead by itself.
        watch = self.stub(options=[("grpc.http2.bdp_probe", 0),
                                   ("grpc.http2.lookahead_bytes", 65535)]).Watch(
            pb.WatchRequest(below="/slow"))
        self.assertEqual(next(watch).event, pb.Change.EVENT_READY)
        for _ in range(5):
            all_of(stub.Register, [pb.Registration(name=name, lease_s=600) for name in names])
            all_of(stub.Withdraw, [pb.WithdrawRequest(name=name) for name in names])
        came = 0
        with self.assertRaises(grpc.RpcError) as caught:
            for _ in watch:
                came += 1
        self.assertEqual(dict(caught.exception.trailing_metadata()).get("damc-code"), "too-slow")
        self.assertGreater(came, 5000)
        self.assertLess(came, 20000)

    def test_connections(self):
        """1,024 at a time: one more is closed, those that are there go on, and room comes back."""
        preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes([0, 0, 0, 4, 0, 0, 0, 0, 0])

        def connect():
            sock = socket.socket(socket.AF_UNIX)
            sock.settimeout(20)
            sock.connect(self.daemon.dir.name + "/grpc")
            try:
                sock.sendall(preface)
                return sock, bool(sock.recv(100))
            except (BrokenPipeError, ConnectionResetError):
                return sock, False
        stub = self.stub()
        stub.Renew(pb.RenewRequest(), timeout=20)
        socks = [connect() for _ in range(1040)]
        # Other tests' connections may not be gone yet.
        taken = sum(1 for _, answered in socks if answered)
        self.assertLess(taken, 1024)
        self.assertGreater(taken, 900)
        stub.Renew(pb.RenewRequest(), timeout=20)
        for sock, _ in socks:
            sock.close()

        def again():
            sock, answered = connect()
            sock.close()
            return answered
        self.assertTrue(wait_for(again))

    def test_watch(self):
        """What there is, then what changes, whichever way it was changed."""
        stub = self.stub()
        stub.Register(pb.Registration(name="/w/1"), timeout=20)
        watch = Stream(stub.Watch(pb.WatchRequest(below="/w")))
        self.assertEqual(watch.next(), pb.Change(name=pb.Name(name="/w/1", own=True)))
        self.assertEqual(watch.next(), pb.Change(event=pb.Change.EVENT_READY))
        stub.Register(pb.Registration(name="/v/1"), timeout=20)
        conn = UnixConnection(self.daemon.dir.name + "/pod")
        ask(conn, "POST", "/v1/names", {"name": "/w/2"})
        stub.Withdraw(pb.WithdrawRequest(name="/w/1"), timeout=20)
        self.assertEqual(watch.next().name.name, "/w/2")
        last = watch.next()
        self.assertEqual((last.event, last.name.name, last.why),
                         (pb.Change.EVENT_DOWN, "/w/1", "ended"))
        conn.close()
        self.assertEqual(watch.next().name.name, "/w/2")
        watch.end()

    def test_watches(self):
        """64 at a time, those of HTTP among them."""
        channels = [self.channel() for _ in range(2)]
        watches = [Stream(stubs.RegistryStub(channels[i % 2]).Watch(
            pb.WatchRequest(below="/none"))) for i in range(64)]
        for watch in watches:
            self.assertEqual(watch.next().event, pb.Change.EVENT_READY)
        problem = Stream(self.stub().Watch(pb.WatchRequest())).next()
        self.assertEqual(problem.code(), grpc.StatusCode.RESOURCE_EXHAUSTED)
        for watch in watches:
            watch.end()

        def again():
            watch = Stream(self.stub().Watch(pb.WatchRequest(below="/none")))
            first = watch.next()
            watch.end()
            return isinstance(first, pb.Change)
        self.assertTrue(wait_for(again))

    def test_problems(self):
        """What is wrong is told, with what to do."""
        stub, code = self.stub(), grpc.StatusCode
        bad = code.INVALID_ARGUMENT
        for status, word, fields in [
                (bad, "bad-name", {}),
                (bad, "bad-name", {"name": "a"}),
                (bad, "bad-name", {"name": "/a\0b"}),
                (bad, "bad-name", {"name": "/a" * 100}),
                (bad, "bad-request", {"name": "/a", "weight": 65536}),
                (bad, "bad-request", {"name": "/a", "port": 65536}),
                (bad, "bad-request", {"name": "/a", "lease_s": 4}),
                (bad, "bad-request", {"name": "/a", "lease_s": 86401}),
                (bad, "bad-request", {"name": "/a", "right": 2}),
                (bad, "bad-request", {"name": "/a", "protocol": 3}),
                (code.PERMISSION_DENIED, "name-not-allowed", {"name": "/damc/a"}),
                (code.FAILED_PRECONDITION, "not-bound", {"name": "/fake/refused/a"}),
        ]:
            with self.subTest(fields=fields):
                self.fails(status, word, stub.Register, pb.Registration(**fields))
        self.fails(bad, "bad-request", lambda *a, **k: list(stub.Hold(*a, **k)),
                   pb.Registration(name="/a", lease_s=5))
        self.fails(code.NOT_FOUND, "not-registered", stub.Withdraw, pb.WithdrawRequest(name="/no"))
        self.fails(bad, "bad-request", stub.Renew, pb.RenewRequest(lease_s=4))
        self.fails(bad, "bad-name", lambda *a, **k: list(stub.List(*a, **k)),
                   pb.ListRequest(below="x"))
        self.assertEqual(list(stub.List(pb.ListRequest(fabric=True, below="/damc"), timeout=20)), [])
        self.fails(code.RESOURCE_EXHAUSTED, "too-often", lambda *a, **k: list(stub.List(*a, **k)),
                   pb.ListRequest(fabric=True))
        self.fails(code.UNIMPLEMENTED, "not-found", self.channel().unary_unary(
            "/damc.class1.v1.Registry/Nothing"), b"")
        self.fails(bad, "bad-request", self.channel().unary_unary(
            "/damc.class1.v1.Registry/Register"), b"\x0a\xff")

    @unittest.skipUnless(shutil.which("openssl"), "no openssl")
    def test_key(self):
        """Who has a key shows it, once for each registration, by Register and by Hold."""
        stub, code = self.stub(), grpc.StatusCode
        holder, thief = [Holder(self.daemon.dir.name, n) for n in (11, 12)]

        def offer(name, right=pb.RIGHT_NAME):
            told = stub.Nonce(pb.NonceRequest(name=name, right=right,
                                              key=bytes.fromhex(holder.key)), timeout=20)
            self.assertEqual((told.gateway, told.seconds, told.lasts_s), ("sg1", 60, 86400))
            return told.sign

        def prove(sign, by=holder):
            proof = by.sign(base64.b64encode(sign).decode())
            return pb.Proof(signed=sign, signature=base64.b64decode(proof["signature"]))

        proof = prove(offer("/gk/1"))
        told = stub.Register(pb.Registration(name="/gk/1", lease_s=60, proof=proof), timeout=20)
        self.assertGreater(told.proof_lasts_s, 86000)
        self.assertIn("proof-lasts", self.registered()["/gk/1"])
        self.fails(code.PERMISSION_DENIED, "bad-proof", stub.Register,
                   pb.Registration(name="/gk/1", lease_s=60, proof=proof))
        held = Stream(stub.Hold(pb.Registration(name="/gk/2", proof=prove(offer("/gk/2")))))
        self.assertEqual(held.next().name.name, "/gk/2")
        held.end()
        self.assertEqual(stub.Renew(pb.RenewRequest(names=["/gk/1"]), timeout=20).renewed, 1)
        stub.Withdraw(pb.WithdrawRequest(name="/gk/1"), timeout=20)
        sign = offer("/gk/3")
        for fields in ({"name": "/gk/3", "proof": prove(sign, thief)},
                       {"name": "/gk/4", "proof": prove(sign)},
                       {"name": "/gk/3", "right": pb.RIGHT_MEMBER, "proof": prove(sign)}):
            self.fails(code.PERMISSION_DENIED, "bad-proof", stub.Register,
                       pb.Registration(lease_s=60, **fields))
        good = prove(sign)
        for proof in (pb.Proof(), pb.Proof(signed=sign), pb.Proof(signature=good.signature),
                      pb.Proof(signed=sign * 9, signature=good.signature),
                      pb.Proof(signed=sign, signature=good.signature + b"x")):
            self.fails(code.INVALID_ARGUMENT, "bad-request", stub.Register,
                       pb.Registration(name="/gk/3", lease_s=60, proof=proof))
        key = bytes.fromhex(holder.key)
        for fields, status, word in (
                ({"name": "/gk/3"}, code.INVALID_ARGUMENT, "bad-request"),
                ({"name": "/gk/3", "key": key + b"x"}, code.INVALID_ARGUMENT, "bad-request"),
                ({"name": "x", "key": key}, code.INVALID_ARGUMENT, "bad-name"),
                ({"name": "/gk/3", "key": key, "right": 7}, code.INVALID_ARGUMENT, "bad-request"),
                ({"name": "/", "key": key}, code.PERMISSION_DENIED, "bad-proof")):
            self.fails(status, word, stub.Nonce, pb.NonceRequest(**fields))
        self.assertEqual(stub.Register(pb.Registration(name="/gk/3", lease_s=60, proof=good),
                                       timeout=20).name, "/gk/3")

    def test_closed(self):
        """What had a call rule is not listed, and the answer says why."""
        daemon = Daemon(closed)
        stub = self.stub(f"unix:{daemon.dir.name}/grpc")
        problem = self.fails(grpc.StatusCode.PERMISSION_DENIED, "not-callable",
                             lambda *a, **k: list(stub.List(*a, **k)),
                             pb.ListRequest(below="/closed/x"))
        self.assertIn("its call rule has ended", problem.details())
        self.assertEqual(list(stub.List(pb.ListRequest(below="/open"), timeout=20)), [])
        stub.Register(pb.Registration(name="/closed/1", lease_s=60), timeout=20)
        self.assertEqual([one.name for one in
                          stub.List(pb.ListRequest(below="/closed"), timeout=20)], ["/closed/1"])
        watch = Stream(stub.Watch(pb.WatchRequest(below="/closed")))
        self.assertEqual(watch.next().name.name, "/closed/1")
        watch.end()
        self.assertEqual(daemon.stop(), 0, daemon.said())

    @unittest.skipUnless(len(socket.if_nameindex()) > 1, "one interface only")
    def test_others(self):
        """Of another pod's names it is told those that no rule closes; so are its watches."""
        daemon = Daemon(lambda directory, text: closed(
            directory, Calls.second_edge(directory, text).replace(
                "pod2\"]", f"pod2\"], grpc: [\"unix:{directory}/grpc2\"]")))
        owner, other = [self.stub(f"unix:{daemon.dir.name}/{path}") for path in ("grpc", "grpc2")]
        watch = Stream(other.Watch(pb.WatchRequest()))
        self.assertEqual(watch.next().event, pb.Change.EVENT_READY)
        for name in "/closed/1", "/open/1":
            owner.Register(pb.Registration(name=name, lease_s=60), timeout=20)

        def seen(stub):
            return sorted(one.name for one in stub.List(pb.ListRequest(), timeout=20))
        self.assertEqual(seen(owner), ["/closed/1", "/open/1"])
        self.assertEqual(seen(other), ["/open/1"])
        self.assertEqual(watch.next().name.name, "/open/1")
        watch.end()
        self.assertEqual(daemon.stop(), 0, daemon.said())

    def test_too_large(self):
        """A message of 1 MiB is read, one more byte is not."""
        call = self.channel().unary_unary("/damc.class1.v1.Registry/Register")
        self.fails(grpc.StatusCode.RESOURCE_EXHAUSTED, "too-large", call, b"\0" * ((1 << 20) + 1))
        self.fails(grpc.StatusCode.INVALID_ARGUMENT, "bad-request", call, b"\0" * (1 << 20))

    def test_compressed(self):
        """It is said what is not understood."""
        stub = self.stub()
        with self.assertRaises(grpc.RpcError) as caught:
            stub.Register(pb.Registration(name="/z/" + "z" * 60), timeout=20,
                          compression=grpc.Compression.Gzip)
        self.assertEqual(caught.exception.code(), grpc.StatusCode.UNIMPLEMENTED)

    def test_http1(self):
        """Who comes with HTTP/1 is told where he is."""
        conn = UnixConnection(self.daemon.dir.name + "/grpc")
        status, answer = ask(conn, "GET", "/v1/names")
        self.assertEqual((status, answer["code"]), (505, "no-grpc"))
        conn.close()

    def test_reload(self):
        """A reload without it ends its connections, and their names; with it, all is back."""
        daemon = Daemon()
        self.addCleanup(daemon.process.kill)
        channel = grpc.insecure_channel(f"unix:{daemon.dir.name}/grpc",
                                        options=[("grpc.use_local_subchannel_pool", 1)])
        held = Stream(stubs.RegistryStub(channel).Hold(pb.Registration(name="/x/1")))
        held.next()
        daemon.write(lambda text: "\n".join(line for line in text.split("\n")
                                            if "grpc:" not in line))
        daemon.process.send_signal(signal.SIGHUP)
        self.assertEqual(held.next().code(), grpc.StatusCode.UNAVAILABLE)
        self.assertFalse(os.path.exists(daemon.dir.name + "/grpc"))
        conn = UnixConnection(daemon.dir.name + "/pod")
        # As any name that was held, for the packets that are under way.
        self.assertEqual(ask(conn, "GET", "/v1/names/x/1")[1]["state"], "draining")
        conn.close()
        channel.close()
        self.assertEqual(daemon.stop(), 0, daemon.said())

    def test_asked(self):
        """Where an SPA has to be asked and none answers, that is the answer, later."""
        daemon = Daemon(enrolled)
        stub = self.stub(f"unix:{daemon.dir.name}/grpc")
        self.fails(grpc.StatusCode.UNAVAILABLE, "no-authority", stub.Register,
                   pb.Registration(name="/s/1", lease_s=60))
        # The last of those who wait for one name is who has it, or has not.
        first, last = [Stream(stub.Hold(pb.Registration(name="/s/2"))) for _ in range(2)]
        self.assertEqual(first.next().code(), grpc.StatusCode.ABORTED)
        self.assertEqual(last.next().code(), grpc.StatusCode.UNAVAILABLE)
        # Who waits no more is not told.
        for _ in range(20):
            stub.Hold(pb.Registration(name="/s/3")).cancel()
        self.assertEqual(daemon.stop(), 0, daemon.said())

    def test_stop(self):
        """The daemon's end withdraws nothing, and frees all there is."""
        daemon = Daemon()
        self.addCleanup(daemon.process.kill)
        channel = grpc.insecure_channel(f"unix:{daemon.dir.name}/grpc",
                                        options=[("grpc.use_local_subchannel_pool", 1)])
        stub = stubs.RegistryStub(channel)
        streams = [Stream(stub.Hold(pb.Registration(name="/x/1"))),
                   Stream(stub.Watch(pb.WatchRequest()))]
        for stream in streams:
            stream.next()
        self.assertEqual(daemon.stop(), 0, daemon.said())
        self.assertNotIn("event=unregistered", daemon.said())
        channel.close()


def main():
    """Run all, and add up as the others here do."""
    suite = unittest.defaultTestLoader.loadTestsFromTestCase(Client)
    result = unittest.TextTestRunner(sys.stdout, verbosity=2).run(suite)
    bad = len(result.failures) + len(result.errors)
    print(f"{result.testsRun - bad} passed, {bad} failed, {len(result.skipped)} skipped")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
